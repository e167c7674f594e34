import os
from pathlib import Path

import pytest

from loadstream.project.config import find_configuration
from loadstream.project.errors import InputError


def write(text: str, place: str = "pyproject.toml") -> None:
    path = Path(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def refusal(paths=(".",)) -> str:
    with pytest.raises(InputError) as caught:
        find_configuration(paths)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_without_a_configuration_everything_is_default(tree):
    root = tree("a.py")
    configuration = find_configuration(["a.py"])
    assert configuration.root == root
    assert configuration.file is None
    assert configuration.exclude == ()
    assert configuration.checks == ()


def test_settings_are_read_from_the_nearest_pyproject(tree):
    root = tree("src/pkg/a.py")
    write('[tool.loadstream]\nexclude = ["vendor/"]\n')
    configuration = find_configuration(["src/pkg/a.py"])
    assert configuration.root == root
    assert configuration.file == root / "pyproject.toml"
    assert configuration.exclude == ("vendor/",)


def test_a_pyproject_without_our_table_is_passed_over(tree):
    root = tree("inner/a.py")
    write('[tool.loadstream]\nexclude = ["x"]\n')
    write('[project]\nname = "loadstream-user"\n', "inner/pyproject.toml")
    assert find_configuration(["inner"]).root == root


def test_a_nearer_table_wins_whole(tree):
    root = tree("inner/a.py")
    write('[tool.loadstream]\nexclude = ["x"]\n')
    write("[tool.loadstream]\n", "inner/pyproject.toml")
    configuration = find_configuration(["inner/a.py"])
    assert configuration.root == root / "inner"
    assert configuration.exclude == ()


def test_several_paths_take_the_configuration_of_their_common_folder(tree):
    root = tree("a/x.py", "b/y.py")
    write('[tool.loadstream]\nexclude = ["x"]\n')
    write('[tool.loadstream]\nexclude = ["y"]\n', "a/pyproject.toml")
    assert find_configuration(["a", "b/y.py"]).root == root


@pytest.mark.parametrize("path", ["gone/deep/x.py", "a.py/x.py", "n" * 300 + "/x.py"])
def test_a_path_that_is_not_there_takes_the_configuration_of_what_is(tree, path):
    root = tree("a.py")
    write('[tool.loadstream]\nexclude = ["x"]\n')
    assert find_configuration([path]).root == root


def test_a_folder_that_cannot_be_looked_into_is_no_end(tree, monkeypatch):
    root = tree("closed/a.py")
    stat = os.stat

    def refuse(path, **more):
        if "closed/" in os.fspath(path):
            raise PermissionError(13, "Permission denied", path)
        return stat(path, **more)

    monkeypatch.setattr(os, "stat", refuse)
    assert find_configuration(["closed/a.py"]).root == root


def test_the_root_is_the_repository_where_nothing_is_configured(tree):
    root = tree("deep/er/a.py", ".git/HEAD")
    assert find_configuration(["deep/er/a.py"]).root == root


def test_checks_are_kept_as_they_stand(tree):
    tree()
    write('[[tool.loadstream.checks]]\nname = "m"\nrun = "a.py"\n')
    assert find_configuration(["."]).checks == ({"name": "m", "run": "a.py"},)


def test_an_unknown_key_is_refused_with_the_nearest_known_one(tree):
    tree()
    write('[tool.loadstream]\nexlude = ["vendor/"]\n')
    message = refusal()
    assert message.startswith("pyproject.toml:2: ")
    assert '"exlude"' in message
    assert 'did you mean "exclude"?' in message


def test_an_unknown_key_that_is_near_to_nothing_lists_the_known_ones(tree):
    tree()
    write("[tool.loadstream]\nzzz = 1\n")
    assert "known: checks, exclude, force-exclude, ignore, include" in refusal()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('exclude = "vendor"', "exclude must be a list of strings, not a string"),
        ("exclude = [1]", "exclude must be a list of strings, not an integer"),
        ("exclude = true", "not a boolean"),
        ('exclude = ["!a"]', '"!a" is no pattern'),
        ('exclude = ["/"]', '"/" is no pattern'),
        ('include = "bin/tool"', "include must be a list of strings, not a string"),
        ('include = ["!bin"]', '"!bin" is no pattern'),
        ('force-exclude = "yes"', "force-exclude must be true or false, not a string"),
        ("select = 1", "select must be a list of strings, not an integer"),
        ('ignore = "LS101"', "ignore must be a list of strings, not a string"),
        ("per-file-ignores = []", "per-file-ignores must be a table of patterns"),
        ('per-file-ignores = {"!a" = []}', '"!a" is no pattern'),
        ('min-size = "1 parsec"', "is no size"),
        ("strict = 1", "strict must be true or false"),
        ("checks = 3", "checks must be a list of tables"),
        ("checks = [1]", "checks must be a list of tables"),
    ],
)
def test_a_wrong_type_or_value_names_file_line_and_key(tree, line, words):
    tree()
    write(f"[tool.loadstream]\n{line}\n")
    message = refusal()
    assert message.startswith("pyproject.toml:2: [tool.loadstream]")
    assert words in message


def test_broken_toml_is_told_with_its_place(tree):
    tree("sub/a.py")
    write("[tool.loadstream]\n\nexclude = ]\n")
    assert refusal(["sub"]).startswith("pyproject.toml:3:11: broken TOML: ")


def test_broken_toml_that_is_not_about_us_is_somebody_elses(tree):
    root = tree()
    write("[project\n")
    assert find_configuration(["."]).root == root


def test_text_that_is_not_utf8_is_told_with_its_line(tree):
    root = tree()
    (root / "pyproject.toml").write_bytes(b"[tool.loadstream]\n# caf\xe9\n")
    assert refusal().startswith("pyproject.toml:2: not UTF-8")


def test_a_list_names_the_line_of_its_own_entry(tree):
    tree()
    write('[tool.loadstream]\nexclude = [\n    "a",\n    "!b",  # no\n]\n')
    assert refusal().startswith('pyproject.toml:4: [tool.loadstream] exclude: "!b"')


def test_codes_for_files_are_read_as_they_stand(tree):
    tree()
    write(
        '[tool.loadstream]\nselect = ["LS1"]\nignore = ["LS108"]\n'
        '[tool.loadstream.per-file-ignores]\n"tests/*" = ["LS104", "count"]\n'
    )
    configuration = find_configuration(["."])
    assert (configuration.select, configuration.ignore) == (("LS1",), ("LS108",))
    assert configuration.per_file_ignores == {"tests/*": ("LS104", "count")}


def test_codes_for_files_must_be_a_list(tree):
    tree()
    write('[tool.loadstream.per-file-ignores]\n"tests/*" = "LS104"\n')
    assert refusal() == (
        "pyproject.toml:2: [tool.loadstream.per-file-ignores] tests/* must be a list of strings, "
        "not a string"
    )


def test_a_byte_order_mark_is_told(tree):
    root = tree()
    (root / "pyproject.toml").write_bytes(b"\xef\xbb\xbf[tool.loadstream]\n")
    assert refusal().startswith("pyproject.toml:1: begins with a byte order mark")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_text_of_two_bytes_is_told(tree, encoding):
    root = tree()
    (root / "pyproject.toml").write_bytes("[tool.loadstream]\n".encode(encoding))
    assert "UTF-16: save it as UTF-8" in refusal()


def test_a_key_that_stands_twice_is_told(tree):
    tree()
    write("[tool.loadstream]\nstrict = true\nstrict = false\n")
    assert "broken TOML: Cannot overwrite a value" in refusal()


def test_a_folder_of_that_name_is_told(tree):
    root = tree()
    (root / "pyproject.toml").mkdir()
    assert refusal() == "pyproject.toml: a folder, not a file: give it another name"


def test_a_file_that_cannot_be_read_is_told(tree, monkeypatch):
    tree()
    write("[tool.loadstream]\n")

    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert refusal() == "pyproject.toml: Permission denied"


def test_tool_loadstream_must_be_a_table(tree):
    tree()
    write("[tool]\nloadstream = 1\n")
    assert "must be a table" in refusal()

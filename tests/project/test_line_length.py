import pytest

from loadstream.project.config import find_configuration
from loadstream.project.line_length import find_line_length


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[tool.ruff]\nline-length = 100\n"),
        (
            "pyproject.toml",
            "[tool.ruff]\nline-length = 79\n[tool.ruff.format]\nline-length = 100\n",
        ),
        ("pyproject.toml", "[tool.black]\nline-length = 100\n"),
        ("ruff.toml", "line-length = 100\n"),
        (".ruff.toml", "[format]\nline-length = 100\n"),
        ("setup.cfg", "[flake8]\nmax-line-length = 100\n"),
        ("tox.ini", "[pycodestyle]\nmax_line_length = 100\n"),
        (".flake8", "[flake8]\nmax-line-length = 100\n"),
    ],
)
def test_the_line_length_is_what_the_formatter_or_the_linter_is_told(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert find_line_length(tmp_path) == 100


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[tool.ruff]\nline-length = '100'\n"),
        ("pyproject.toml", "[tool.ruff]\nline-length = true\n"),
        ("pyproject.toml", "[tool.ruff]\nline-length = 1\n"),
        ("pyproject.toml", "tool = 'ruff with line-length'\n"),
        ("pyproject.toml", "[tool.ruff\nline-length = 100\n"),
        ("pyproject.toml", "[tool.other]\nline-length = 100\n"),
        ("setup.cfg", "[flake8]\nmax-line-length = long\n"),
        ("setup.cfg", "max-line-length = 100\n"),
        ("setup.cfg", "[other]\nmax-line-length = 100\n"),
    ],
)
def test_what_is_no_line_length_is_passed_over_in_silence(tmp_path, name, text):
    (tmp_path / ".git").mkdir()
    (tmp_path / name).write_text(text)
    assert find_line_length(tmp_path) is None


def test_the_nearest_line_length_holds_up_to_the_repository(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.black]\nline-length = 70\n")
    inner = tmp_path / "repository" / "pkg" / "sub"
    inner.mkdir(parents=True)
    (tmp_path / "repository" / "ruff.toml").write_text("line-length = 100\n")
    (inner.parent / "pyproject.toml").write_text("[project]\nname = 'line-length'\n")
    assert find_line_length(inner) == 100
    (tmp_path / "repository" / "ruff.toml").unlink()
    assert find_line_length(inner) == 70
    (tmp_path / "repository" / ".git").mkdir()
    assert find_line_length(inner) is None


def test_the_configuration_has_the_line_length_with_or_without_a_table_of_ours(tmp_path):
    file = tmp_path / "pyproject.toml"
    file.write_text("[tool.ruff]\nline-length = 100\n")
    assert find_configuration([str(tmp_path)]).line_length == 100
    file.write_text("[tool.ruff]\nline-length = 100\n[tool.loadstream]\nexclude = ['x']\n")
    assert find_configuration([str(tmp_path)]).line_length == 100

"""`select`, `ignore` and `per-file-ignores` of pyproject.toml, in lint and in rewrite."""

from pathlib import Path

import pytest

HEAD = "from data import load_rows\n\n"
LIST = HEAD + "print([row for row in load_rows() if row['n'] > 3])\n"
PASS = HEAD + "for row in load_rows():\n    print(row)\n"


@pytest.fixture
def configured(project):
    """Two files with a site each, and these lines under `[tool.loadstream]`."""

    def make(lines: str) -> Path:
        root = project(a=LIST)
        (root / "tests").mkdir(exist_ok=True)
        (root / "tests/b.py").write_text(PASS)
        (root / "pyproject.toml").write_text(f"[tool.loadstream]\n{lines}\n")
        return root

    return make


def codes(run, *arguments: str) -> list[str]:
    """The file and the code of each finding."""
    lines = run("lint", "--format", "github", *arguments).out.splitlines()
    found = [line for line in lines if line.startswith("::")]
    return [f"{line.split('file=')[1].split(',')[0]} {line.split('LS')[1][:3]}" for line in found]


@pytest.mark.parametrize(
    ("lines", "arguments", "found"),
    [
        ("", [], ["a.py 101", "tests/b.py 104"]),
        ('select = ["LS101"]', [], ["a.py 101"]),
        ('select = ["filter-collect, count"]', [], ["a.py 101"]),
        ('ignore = ["LS101"]', [], ["tests/b.py 104"]),
        ('select = ["LS101"]', ["--select", "LS104"], ["tests/b.py 104"]),
        ('ignore = ["LS104"]', ["--select", "LS104"], ["tests/b.py 104"]),
        ('ignore = ["LS101"]', ["--ignore", "LS104"], []),
        ('select = ["LS1"]', ["--ignore", "LS104"], ["a.py 101"]),
        ('per-file-ignores = { "tests/*" = ["LS1"] }', [], ["a.py 101"]),
        ('per-file-ignores = { "tests/" = ["single-pass"] }', [], ["a.py 101"]),
        ('per-file-ignores = { "*.py" = ["LS101"], "b.py" = ["LS104"] }', [], []),
        ('per-file-ignores = { "tests" = ["LS104"] }', ["--select", "LS104"], []),
        ('per-file-ignores = { "tests" = ["LS104"] }', ["tests/b.py"], []),
        ('per-file-ignores = { "/b.py" = ["LS104"] }', [], ["a.py 101", "tests/b.py 104"]),
    ],
)
def test_codes_count_where_the_configuration_says_so(run, configured, lines, arguments, found):
    configured(lines)
    assert codes(run, *arguments) == found


def test_patterns_are_seen_from_the_configuration(run, configured, monkeypatch):
    root = configured('per-file-ignores = { "tests/*" = ["LS104"] }')
    monkeypatch.chdir(root / "tests")
    assert run("lint").status == 0
    assert run("lint", "-", "--stdin-filename", "c.py", stdin=PASS).status == 0
    assert run("lint", "-", "--stdin-filename", "../c.py", stdin=PASS).status == 1


def test_what_is_ignored_in_a_file_is_not_rewritten_there(run, configured):
    root = configured('per-file-ignores = { "tests/*" = ["LS104"] }')
    outcome = run("rewrite")
    assert outcome.status == 0
    assert "stream_rows" in (root / "a.py").read_text()
    assert (root / "tests/b.py").read_text() == PASS
    assert "LS104" not in outcome.out


def test_a_loader_whose_twin_is_ignored_gets_none(run, project):
    loader = (
        "import json\n\n\ndef load_users():\n    with open('u.json') as f:\n"
        "        return json.load(f)\n"
    )
    caller = "from lone import load_users\n\nprint(sum(u['n'] for u in load_users()))\n"
    root = project(lone=loader, script=caller)
    pyproject = root / "pyproject.toml"
    pyproject.write_text('[tool.loadstream]\nper-file-ignores = { "lone.py" = ["LS108"] }\n')
    assert run("rewrite").status == 0
    assert (root / "lone.py").read_text() == loader
    assert (root / "script.py").read_text() == caller
    pyproject.write_text("[tool.loadstream]\n")
    assert run("rewrite").status == 0
    assert "stream_users" in (root / "script.py").read_text()


@pytest.mark.parametrize("command", ["lint", "rewrite"])
@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ('select = ["LS1O4"]', ':2: [tool.loadstream] select: no code or rule is called "LS1O4"'),
        ('\nignore = [\n  "LS101",\n  "contu",\n]', ":5: [tool.loadstream] ignore: no code"),
        (
            'per-file-ignores = { "a.py" = ["LS999"] }',
            ':2: [tool.loadstream] per-file-ignores.a.py: no code or rule is called "LS999"',
        ),
        (
            'per-file-ignores = { "tests/*.py" = ["single-pas"] }',
            '"single-pas"; did you mean "single-pass"?',
        ),
    ],
)
def test_an_unknown_code_is_an_error_with_its_place(run, configured, command, lines, error):
    configured(lines)
    outcome = run(command)
    assert outcome.status == 2
    assert error in outcome.error
    assert outcome.error.startswith("pyproject.toml:")

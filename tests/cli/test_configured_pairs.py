"""Pairs of the configuration, from pyproject.toml to every command's outcome."""

import json

import pytest

from loadstream.cli.changed_sites import changed_sites
from loadstream.cli.settings import analysis_settings
from loadstream.project.config import find_configuration

REPO = """\
import json


def get_rows(source="enriched"):
    with open(source + ".json") as handle:
        return json.loads(handle.read(), object_hook=dict)


def all_rows(filter_func=None, enriched=False):
    with open(("enriched" if enriched else "raw") + ".json") as handle:
        yield from filter(filter_func or (lambda row: True), json.loads(handle.read()))
"""
SCRIPT = """\
from repo import get_rows

print([row for row in get_rows() if row > 2])
"""
PYPROJECT = """\
[tool.loadstream]
{}

[[tool.loadstream.pairs]]
load = "repo.get_rows"
stream = "repo.all_rows"
filter-parameter = "filter_func"
data = "enriched.json"
arguments = {{ source = {{ enriched = {{ enriched = true }}, raw = {{ enriched = false }} }} }}
"""


@pytest.fixture
def configured(project):
    def make(setting: str = "", old: str = "", new: str = ""):
        root = project(repo=REPO, script=SCRIPT)
        (root / "pyproject.toml").write_text(PYPROJECT.format(setting).replace(old, new))
        (root / "enriched.json").write_text("[1, 2, 3]")
        return root

    return make


def test_a_configured_pair_is_found_in_a_folder(run, configured):
    configured()
    result = run("lint", "--format", "json", "--select", "LS101")
    (finding,) = json.loads(result.out)["findings"]
    assert result.status == 1
    assert (finding["path"], finding["code"]) == ("script.py", "LS101")
    assert (finding["loader"], finding["stream"]) == ("repo.get_rows", "repo.all_rows")


def test_a_configured_pair_is_found_in_a_text(run, configured):
    configured()
    result = run("lint", "-", "--stdin-filename", "new.py", stdin=SCRIPT)
    assert "new.py:3:" in result.out


def test_a_configured_pair_is_rewritten(run, configured):
    root = configured()
    assert run("rewrite", "script.py").status == 0
    text = (root / "script.py").read_text()
    assert "from repo import all_rows" in text
    assert "enriched=True" in text
    assert run("rewrite", "--check", ".").status == 0


def test_a_file_with_only_a_configured_name_is_rewritten_in_a_folder(run, configured):
    root = configured()
    run("rewrite", ".")
    assert "all_rows(" in (root / "script.py").read_text()


def test_a_rewritten_pair_is_among_the_changed_sites(run, configured, git):
    root = configured()
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        git(*arguments)
    run("rewrite", "script.py")
    settings = analysis_settings(find_configuration(["."]))
    assert list(changed_sites(root, "HEAD", settings)) == ["script.py"]
    assert changed_sites(root, "HEAD") == {}


def test_small_data_is_kept_and_said_so(run, configured):
    configured('min-size = "1 kB"')
    result = run("lint", "--show-kept", "script.py")
    assert result.status == 0
    assert "enriched.json has 9 bytes, min-size is 1,000" in result.out
    assert "small-data" in result.out
    assert "min-size" in run("explain", "small-data").out


@pytest.mark.parametrize("command", [["lint"], ["rewrite", "--check"]])
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "repo.get_rows",
            "repo.get_row",
            'pyproject.toml:5: [[tool.loadstream.pairs]] load = "repo.get_row": no such function; '
            'did you mean "repo.get_rows"?',
        ),
        (
            '"filter_func"',
            '"filter_fun"',
            'pyproject.toml:7: [[tool.loadstream.pairs]] load = "repo.get_rows" filter-parameter = '
            '"filter_fun": repo.all_rows has no parameter of that name; did you mean '
            '"filter_func"?',
        ),
        (
            "stream =",
            "streem =",
            'pyproject.toml:6: [[tool.loadstream.pairs]] has no key "streem"; did you mean '
            '"stream"?',
        ),
    ],
)
def test_a_pair_that_is_none_ends_the_command(run, configured, command, old, new, message):
    configured("", old, new)
    result = run(*command, ".")
    assert result.status == 2
    assert result.error == message

"""Findings are taken from the cache as long as nothing that they follow from has changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from loadstream.analysis.settings import PairSetting, Settings
from loadstream.lint import cache, judge
from loadstream.lint.cache import Cache
from loadstream.lint.findings import LintResult
from loadstream.lint.run import lint_files
from loadstream.lint.selection import select
from loadstream.project.files import FoundFile

FILTER = "from data import load_rows\n\nprint([r for r in load_rows() if r['n'] > 3])\n"
PATCH = "import data\ndata.load_rows = lambda: []\n"


@pytest.fixture
def old(tmp_path):
    """Makes all files of the tree older than what may still be being written."""

    def age() -> None:
        for path in Path().rglob("*.py"):
            os.utime(path, (1_000_000_000, 1_000_000_000))

    return age


@pytest.fixture
def judged(monkeypatch) -> list[str]:
    """The files that are judged, not taken from the cache."""
    seen: list[str] = []
    original = judge._of_file

    def count(path, place, repository):
        seen.append(path.name)
        return original(path, place, repository)

    monkeypatch.setattr(judge, "_of_file", count)
    return seen


def lint(files: list[FoundFile], settings: Settings | None = None) -> LintResult:
    return lint_files(files, Path.cwd(), select((), ()), settings, cached=True)


def test_a_second_run_judges_nothing_and_finds_the_same(repository, judged):
    files = repository(script=FILTER, other="print(1)\n")
    first = lint(files)
    assert judged == ["script.py", "other.py"]
    assert lint(files) == first
    assert judged == ["script.py", "other.py"]
    assert [finding.code for finding in first.findings] == ["LS101"]
    assert first == lint_files(files, Path.cwd(), select((), ()))


def test_the_cache_tells_git_to_ignore_it(repository):
    lint(repository(script=FILTER))
    assert Path(".loadstream_cache/.gitignore").read_text() == "*\n"


@pytest.mark.parametrize("change", ["file itself", "other file", "new file", "file gone"])
def test_a_change_of_any_file_around_is_seen(repository, change):
    files = repository(script=FILTER)
    Path("gone.py").write_text(PATCH)
    before = [finding.code for finding in lint(files).findings]
    assert before == ["LS300"]
    Path("gone.py").write_text("import data\n")
    assert [finding.code for finding in lint(files).findings] == ["LS101"]
    if change == "file itself":
        Path("script.py").write_text(FILTER.replace("> 3", "> 4").replace("[r", "[r['x']", 1))
    elif change == "other file":
        Path("gone.py").write_text(PATCH)
    elif change == "new file":
        Path("new.py").write_text(PATCH)
    else:
        Path("gone.py").unlink()
        Path("data.py").unlink()
    fresh = lint_files(files, Path.cwd(), select((), ()))
    assert lint(files) == fresh


def test_a_file_of_the_same_size_and_time_that_is_young_is_read_again(repository, monkeypatch):
    # As where two writes fall into one tick of the clock: no time tells them apart.
    by_one_clock = lambda s: (s.st_size, s.st_mtime_ns, s.st_mtime_ns, s.st_ino)  # noqa: E731
    monkeypatch.setattr(cache, "_stamp", by_one_clock)
    files = repository(script=FILTER)
    lint(files)
    status = Path("script.py").stat()
    Path("script.py").write_text(FILTER.replace("load_rows()", "(1, 2, 3, )"))
    os.utime("script.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert lint(files).findings == ()


def test_what_was_young_is_not_read_once_more_when_it_is_older(repository, monkeypatch):
    files = repository(script=FILTER)
    lint(files)  # whose stamps may be those of a later write, too
    monkeypatch.setattr(cache, "_YOUNG_NS", 0)
    read: list[bytes] = []
    original = cache._digest
    monkeypatch.setattr(cache, "_digest", lambda content: read.append(content) or original(content))
    lint(files)
    assert read
    read.clear()
    lint(files)
    assert not read


def test_a_file_that_was_only_touched_is_judged_no_more(repository, judged, old):
    files = repository(script=FILTER)
    old()
    lint(files)
    os.utime("script.py", (1_100_000_000, 1_100_000_000))
    lint(files)
    assert judged == ["script.py"]


def test_what_is_selected_is_not_a_matter_of_the_cache(repository):
    files = repository(script=FILTER)
    lint(files)
    result = lint_files(files, Path.cwd(), select((), ("LS101",)), cached=True)
    assert result.findings == ()


def test_settings_of_their_own_have_findings_of_their_own(repository):
    pair = PairSetting("data.load_rows", "data.stream_rows")
    files = repository(script=FILTER)
    assert lint(files).findings
    strict = Settings(pairs=(pair,), strict=True)
    assert lint(files, strict) == lint_files(files, Path.cwd(), select((), ()), strict)


def test_findings_that_depend_on_the_size_of_data_are_not_kept(repository):
    settings = Settings(pairs=(PairSetting("a.b", "a.c"),), min_size=1)
    assert Cache.of(Path.cwd(), repository(), settings) is None


def test_findings_that_follow_from_a_file_outside_are_not_kept(
    repository, judged, tmp_path_factory
):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "__init__.py").write_text("")
    (outside / "store.py").write_text(
        Path("data.py").read_text() if Path("data.py").exists() else ""
    )
    files = repository(script=FILTER.replace("from data", "from linked.store"))
    (outside / "store.py").write_text(Path("data.py").read_text())
    Path("linked").symlink_to(outside)
    assert [finding.code for finding in lint(files).findings] == ["LS101"]
    (outside / "store.py").write_text("def load_rows(): return []\n")
    assert lint(files).findings == ()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"results": {"script.py": 3}}', b"\xff", b'{"tree": 1}']
)
def test_a_broken_cache_counts_as_none(repository, content):
    files = repository(script=FILTER)
    first = lint(files)
    (place,) = Path(".loadstream_cache").glob("lint-*.json")
    if content.startswith(b'{"results"'):
        stored = json.loads(place.read_bytes())
        content = json.dumps({**stored, "results": {"!script.py": [[1, 2]]}}).encode()
    place.write_bytes(content)
    assert lint(files) == first


def test_where_the_cache_cannot_be_written_the_findings_are_the_same(repository):
    files = repository(script=FILTER)
    Path(".loadstream_cache").write_text("a file\n")
    assert [finding.code for finding in lint(files).findings] == ["LS101"]


def test_a_file_that_cannot_be_read_is_told_each_time(repository):
    files = repository(script=FILTER)
    Path("script.py").unlink()
    for _ in range(2):
        (finding,) = lint(files).findings
        assert finding.code == "LS000"


def test_a_link_to_nothing_is_no_reason_to_do_without(repository, judged):
    files = repository(script=FILTER)
    Path("lost.py").symlink_to("nowhere.py")
    lint(files)
    lint(files)
    assert judged == ["script.py"]


def test_a_file_beside_the_tree_matters_to_itself_alone(repository, judged):
    files = repository(script=FILTER)
    Path(".hidden").mkdir()
    hidden = FoundFile(Path(".hidden/more.py"), named=True)
    hidden.path.write_text("import json\nrows = json.load(open('a'))\nprint(rows[0])\n")
    lint([*files, hidden])
    lint(files)
    lint([*files, hidden])
    assert judged == ["script.py", "more.py"]
    hidden.path.write_text("print(1)\n")
    assert [finding.path for finding in lint([*files, hidden]).findings] == ["script.py"]
    assert judged == ["script.py", "more.py", "more.py"]

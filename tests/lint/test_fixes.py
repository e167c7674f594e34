import pickle
import subprocess
from pathlib import Path

import pytest

from loadstream.lint import fixes as module
from loadstream.lint.fixes import Edit, find_fixes, place_of
from loadstream.lint.run import lint_files, lint_text
from loadstream.lint.selection import select

FILTER = "from data import load_rows\n\nprint([r for r in load_rows() if r['n'] > 3])\n"
EVERYTHING = select((), ())


def fixes(files, given=None):
    findings = lint_files(files, Path.cwd(), EVERYTHING).findings
    return findings, find_fixes(findings, Path.cwd(), None, given or {})


def test_a_finding_has_the_edits_that_mend_it(repository):
    [finding], found = fixes(repository(script=FILTER))
    assert all(isinstance(edit, Edit) for edit in found[place_of(finding)])
    new = module.with_edits(FILTER.split("\n"), found[place_of(finding)])
    assert new == (
        "from data import stream_rows\n\n"
        "print(list(stream_rows(filter_func=lambda r: r['n'] > 3)))\n"
    )


def test_two_findings_of_one_file_have_a_fix_each(repository):
    text = "from data import load_rows\n\nprint(len(load_rows()))\nprint(len(load_rows()))\n"
    findings, found = fixes(repository(script=text))
    assert [place_of(finding) in found for finding in findings] == [True, True]


def test_a_text_that_is_not_on_disk_is_what_is_mended(repository):
    repository()
    [finding] = lint_text(FILTER.encode(), Path("no.py"), Path.cwd(), EVERYTHING).findings
    found = find_fixes([finding], Path.cwd(), None, {"no.py": FILTER.encode()})
    assert place_of(finding) in found


def test_nothing_to_mend_starts_no_process(repository, monkeypatch):
    monkeypatch.setattr(subprocess, "run", None)
    _, found = fixes(repository(kept="from data import load_rows\nx = load_rows()[0]\n"))
    assert found == {}


def test_a_file_that_takes_the_process_down_takes_no_other_with_it(repository, monkeypatch):
    """As LibCST's native parser can: the child has answered for one file and half of the next."""
    [finding], _ = fixes(repository(a=FILTER))
    asked = []

    def run(_command, *, input, **_):
        names = [name for name, _, _ in pickle.loads(input)[2]]
        asked.append(names)
        answers = b""
        for name in names:
            answer = pickle.dumps((name, {(None, 1, 1, name): ()}))
            if name == "b.py":
                answers += answer[:-5]
                break
            answers += answer
        return subprocess.CompletedProcess([], -11, answers)

    monkeypatch.setattr(subprocess, "run", run)
    findings = [finding._replace(path=f"{name}.py") for name in "abc"]
    found = find_fixes(findings, Path.cwd(), None, {})
    assert asked == [["a.py", "b.py", "c.py"], ["c.py"]]
    assert {place[0] for place in found} == {"a.py", "c.py"}


def test_the_child_imports_nothing_from_the_folder_that_it_is_started_in(repository):
    files = repository(script=FILTER)
    for name in ("pickle", "ast", "libcst", "loadstream"):
        Path(f"{name}.py").write_text("raise SystemExit('imported')\n")
    [finding], found = fixes(files)
    assert place_of(finding) in found


def test_without_libcst_there_are_none(repository, monkeypatch):
    monkeypatch.setattr(module, "can_fix", lambda: False)
    _, found = fixes(repository(script=FILTER))
    assert found == {}


@pytest.mark.parametrize("data", [b"\xff", b"def f(:\n"])
def test_a_file_that_has_changed_since_is_without_fixes(repository, data):
    findings, _ = fixes(repository(script=FILTER))
    Path("script.py").write_bytes(data)
    assert find_fixes(findings, Path.cwd(), None, {}) == {}

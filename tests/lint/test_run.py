from pathlib import Path

import pytest

from loadstream.lint import judge
from loadstream.lint.run import lint_files, lint_text
from loadstream.lint.selection import select
from loadstream.project.errors import InternalError
from loadstream.project.files import FoundFile

EVERYTHING = select((), ())
FILTER = "from data import load_rows\n\nprint([r for r in load_rows() if r['n'] > 3])\n"
KEPT = "from data import load_rows\n\nrows = load_rows()\nprint(rows[0])\n"


def lint(files, selection=EVERYTHING):
    return lint_files(files, Path.cwd(), selection)


def test_a_load_that_can_stream_is_a_finding_with_its_place(repository):
    (finding,) = lint(repository(script=FILTER)).findings
    assert (finding.path, finding.line, finding.column) == ("script.py", 3, 19)
    assert (finding.end_line, finding.end_column) == (3, 30)
    assert (finding.code, finding.rule, finding.fix) == ("LS101", "filter-collect", "safe")
    assert (finding.loader, finding.stream) == ("data.load_rows", "data.stream_rows")
    assert finding.reasons == ()
    assert finding.message == (
        "`load_rows()` is loaded whole, then filtered: use `stream_rows(filter_func=…)`"
    )


def test_a_kept_load_is_a_finding_with_its_reasons(repository):
    (finding,) = lint(repository(script=KEPT)).findings
    assert (finding.code, finding.rule, finding.fix) == ("LS300", "kept-load", None)
    assert finding.reasons == ("random-access",)
    assert "(random-access)" in finding.message
    assert finding.message.endswith("loadstream explain random-access")


def test_columns_count_characters(repository):
    text = "from data import load_rows\n\nprint('äö😀', len(load_rows()))\n"
    (finding,) = lint(repository(script=text)).findings
    assert finding.column == text.splitlines()[2].index("load_rows") + 1


def test_findings_come_in_the_order_of_the_files_and_of_the_text(repository):
    two = "from data import load_rows\n\nprint(len(load_rows()))\nprint(len(load_rows()))\n"
    result = lint(repository(b=two, a=FILTER))
    assert [(f.path, f.line) for f in result.findings] == [("b.py", 3), ("b.py", 4), ("a.py", 3)]
    assert result.files == 2


def test_a_file_with_a_syntax_error_is_a_finding_and_the_others_go_on(repository):
    result = lint(repository(broken="def f(:\n", script=FILTER))
    broken, found = result.findings
    assert (broken.code, broken.path, broken.line, broken.column) == ("LS000", "broken.py", 1, 7)
    assert broken.loader is None
    assert found.code == "LS101"


def test_a_broken_file_that_holds_no_loader_is_not_parsed_unless_it_is_named(repository):
    assert lint(repository(named=False, broken="def f(:\n")).findings == ()
    assert lint(repository(named=True, broken="def f(:\n")).findings[0].code == "LS000"


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"# coding: latin-77\nload_x()\n", "latin-77"),
        (b"load_x('\xff')\n", "encoding"),
        (b"load_x('\x00')\n", "null"),
        (b"load_x(" + b"(" * 3000, ""),
    ],
)
def test_what_cannot_be_decoded_or_parsed_is_a_finding(repository, data, cause):
    repository()
    Path("odd.py").write_bytes(data)
    (finding,) = lint([FoundFile(Path("odd.py"), named=True)]).findings
    assert finding.code == "LS000"
    assert cause in finding.message.lower()
    assert "\n" not in finding.message


def test_a_file_that_is_gone_is_a_finding(repository):
    repository()
    (finding,) = lint([FoundFile(Path("gone.py"), named=False)]).findings
    assert finding.code == "LS000"
    assert "No such file" in finding.message


def test_an_empty_file_has_no_finding(repository):
    assert lint(repository(empty="")).findings == ()


def test_what_is_not_selected_is_not_found(repository):
    files = repository(script=FILTER, kept=KEPT)
    assert [f.code for f in lint(files, select(("LS104",), ())).findings] == ["LS300"]
    assert [f.code for f in lint(files, select((), ("LS300",))).findings] == ["LS101"]


def test_a_text_counts_as_the_file_that_it_is_said_to_be(repository):
    repository()
    result = lint_text(FILTER.encode(), Path("sub/../script.py"), Path.cwd(), EVERYTHING)
    assert [f.path for f in result.findings] == ["script.py"]


def test_a_mistake_of_ours_names_the_file_it_was_made_on(repository, monkeypatch):
    def fail(*_):
        raise KeyError("scope")

    monkeypatch.setattr(judge, "find_sites", fail)
    with pytest.raises(InternalError, match=r"^script\.py$"):
        lint(repository(script=FILTER))


def test_a_warning_of_the_parser_is_not_ours_to_show(repository, recwarn):
    lint(repository(script=FILTER + "print('\\d')\n"))
    assert not recwarn.list


def test_progress_is_told_after_each_file(repository):
    told = []
    files = repository(script=FILTER, kept=KEPT)
    lint_files(files, Path.cwd(), EVERYTHING, progress=lambda *counts: told.append(counts))
    assert told[-1] == (2, 2)

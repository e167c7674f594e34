from pathlib import Path

import pytest

from loadstream.lint.texts import Texts
from tests.notebooks import cell, notebook


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        "é = 1\nb\n".encode(),
        "\ufeffé = 1\nb\n".encode(),
        "é = 1\r\nb\r\n".encode(),
        "é = 1\rb\r".encode(),
    ],
)
def test_lines_are_those_that_findings_count(data):
    Path("a.py").write_bytes(data)
    assert list(Texts().lines("a.py")) == ["é = 1", "b", ""]


def test_a_coding_comment_is_obeyed_and_a_form_feed_ends_no_line():
    Path("a.py").write_bytes("# coding: latin-1\né\x0cx\n".encode("latin-1"))
    assert list(Texts().lines("a.py")) == ["# coding: latin-1", "é\x0cx", ""]


def test_a_notebook_has_lines_in_cells():
    Path("n.ipynb").write_bytes(notebook("a = 1", cell("# text", "markdown"), "b\nc"))
    texts = Texts()
    assert list(texts.lines("n.ipynb", 3)) == ["b", "c"]
    assert texts.lines("n.ipynb", 2) == texts.lines("n.ipynb") == ()


@pytest.mark.parametrize("data", [b"\xff\xfe", b"# coding: none\n", None])
def test_what_cannot_be_read_has_no_lines(data):
    if data is not None:
        Path("a.py").write_bytes(data)
    assert Texts().lines("a.py") == ()


def test_what_is_given_is_not_read_from_disk():
    Path("a.py").write_text("old")
    assert list(Texts({"a.py": b"new"}).lines("a.py")) == ["new"]


def test_a_file_is_read_once():
    Path("a.py").write_text("a")
    texts = Texts()
    texts.lines("a.py")
    Path("a.py").write_text("b")
    assert list(texts.lines("a.py")) == ["a"]


def test_the_lines_of_a_place(finding):
    texts = Texts({"a.py": b"a\nb\nc\nd"})
    assert list(texts.of_place(finding(line=2, end_line=3))) == ["b", "c"]
    assert texts.of_place(finding(line=4, end_line=5)) == ()

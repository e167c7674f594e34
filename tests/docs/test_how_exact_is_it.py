"""Every row of the page "How exact is it" is run: against `json.load`, and against the stream."""

from __future__ import annotations

import ast
import bz2
import datetime
import gzip
import io
import json
import lzma
import math
import os
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import pytest

import loadstream
from tests.outcomes import describe, identical

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-exact-is-it.md"
SAME = "the same"
FORMS = ("path", "text handle", "binary handle", "gzip", "seven bytes at a time")
VALUES = ("Document", "`json.load`", "Stream", "Note")
PROGRAMS = ("Document", "Old code", "gives", "Stream", "gives", "Note")
SOURCES = ("You pass", "Old code", "Stream", "Encoding")
SIZES = (16, 61, 131_072)


@dataclass(frozen=True)
class Row:
    columns: tuple[str, ...]
    cells: tuple[str, ...]
    line: int

    def __str__(self) -> str:
        return f"line {self.line}"


def tables() -> Iterator[Row]:
    """The rows of all tables. An unknown table is an error here: nobody would run it."""
    columns: tuple[str, ...] | None = None
    for number, line in enumerate(PAGE.read_text(encoding="utf-8").splitlines(), 1):
        if not line.lstrip().startswith("|"):
            columns = None
            continue
        cells = tuple(cell.strip() for cell in line.strip().strip("|").split(" | "))
        if columns is None:
            columns = cells
            assert columns in (VALUES, PROGRAMS, SOURCES), f"line {number}: no test runs this table"
        elif set(line) - set("|-"):
            assert len(cells) in (len(columns), len(columns) - 1), f"line {number}"
            yield Row(columns, cells, number)


ROWS = list(tables())
OF_VALUES = [row for row in ROWS if row.columns == VALUES]
OF_PROGRAMS = [row for row in ROWS if row.columns == PROGRAMS]
OF_SOURCES = [row for row in ROWS if row.columns == SOURCES]


def code(cell: str) -> str:
    assert cell.startswith("`"), cell
    assert cell.endswith("`"), cell
    return cell[1:-1]


def outcome(action: Callable[[], Any]) -> Any:
    try:
        return action()
    except Exception as error:
        return error


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Exception) or isinstance(b, Exception):
        return isinstance(a, Exception) and isinstance(b, Exception) and describe(a) == describe(b)
    return identical(a, b)


def is_as_written(got: Any, cell: str) -> bool:
    """Whether an outcome is what a cell says: a value, or `Class, char 3`, or `Class: text`."""
    text = code(cell)
    match = re.fullmatch(r"(\w+Error)(?:, (?:char|byte) (\d+)|: (.+))?", text)
    if match is None:
        wanted = eval(text, {"json": json, "inf": math.inf, "nan": math.nan, **TYPES})
        return identical(got, wanted)
    name, place, message = match.groups()
    if type(got).__name__ != name:
        return False
    if place is not None:
        return getattr(got, "pos", getattr(got, "start", None)) == int(place)
    return message is None or str(got) == message


@pytest.fixture(params=SIZES)
def window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("loadstream.runtime.window.SIZE", request.param)
    return int(request.param)


@pytest.fixture(params=["with jiter", "with the standard library alone"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if "alone" in request.param:
        monkeypatch.setitem(sys.modules, "jiter", None)
    return str(request.param)


class Slow(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        return super().read(size if size is None or size < 1 else min(size, 7))


@pytest.mark.parametrize("row", OF_VALUES, ids=str)
def test_a_document_streams_as_json_load_reads_it(
    row: Row, window: int, parser: str, tmp_path: Path
) -> None:
    document, loads, streams = row.cells[:3]
    raw = eval(code(document))
    path, packed = tmp_path / "document.json", tmp_path / "document.json.gz"
    path.write_bytes(raw)
    packed.write_bytes(gzip.compress(raw))
    for form in FORMS:
        with path.open(encoding="utf-8") as text, path.open("rb") as binary:
            of_text = form in ("path", "text handle")
            old = outcome(lambda: list(json.load(text if of_text else io.BytesIO(raw))))  # noqa: B023
            text.seek(0)
            sources = (path, text, binary, packed, Slow(raw))
            source: Any = dict(zip(FORMS, sources, strict=True))[form]
            new = outcome(lambda: list(loadstream.stream_json(source)))  # noqa: B023
        assert is_as_written(old, loads), (form, old)
        assert streams == SAME
        assert same(old, new), (form, old, new)


@dataclass
class Record:
    id: int
    ratio: float = 0.0


Record.__name__ = "Row"
TYPES = {"Row": Record, "date": datetime.date}


def world(raw: bytes, folder: Path, stack: ExitStack) -> dict[str, Any]:
    """The names that the code of a row may use. (`doc` comes with the code that wants it.)"""
    file = folder / "document.json"
    file.write_bytes(raw)
    archive = folder / "documents.zip"
    with zipfile.ZipFile(archive, "w") as writing:
        writing.writestr("document.json", raw)
    packed = {"packed": ".gz", "packed_bz2": ".bz2", "packed_xz": ".xz"}
    pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": partial(lzma.compress, preset=0)}
    paths = {name: folder / f"document.json{suffix}" for name, suffix in packed.items()}
    for path in paths.values():
        path.write_bytes(pack[path.suffix](raw))
    return {
        **{name: getattr(loadstream, name) for name in loadstream.__all__},
        **TYPES,
        **paths,
        "json": json,
        "gzip": gzip,
        "bz2": bz2,
        "lzma": lzma,
        "os": os,
        "fsspec": fsspec,
        "file": file,
        "url": file.as_uri(),
        "url_packed": paths["packed"].as_uri(),
        "text": stack.enter_context(file.open(encoding="utf-8")),
        "binary": stack.enter_context(file.open("rb")),
        "member": stack.enter_context(
            stack.enter_context(zipfile.ZipFile(archive)).open("document.json")
        ),
        "error_of": outcome,
    }


def run(program: str, names: dict[str, Any]) -> Any:
    """What the last expression of a program gives."""
    module = ast.parse(program)
    if any(isinstance(node, ast.Name) and node.id == "doc" for node in ast.walk(module)):
        names["doc"] = json.load(names["text"])
    last = module.body.pop()
    assert isinstance(last, ast.Expr)
    exec(compile(module, "row", "exec"), names)
    return eval(compile(ast.Expression(last.value), "row", "eval"), names)


@pytest.mark.parametrize("row", OF_PROGRAMS, ids=str)
def test_old_code_and_streaming_code_give_what_the_page_says(
    row: Row, window: int, parser: str, tmp_path: Path
) -> None:
    document, *sides = row.cells[:5]
    raw = eval(code(document))
    outcomes = []
    for program, gives in (sides[:2], sides[2:]):
        with ExitStack() as stack:
            names = world(raw, tmp_path, stack)
            got = outcome(lambda: run(code(program), names))  # noqa: B023
            names.clear()
        outcomes.append(got)
        if gives == SAME:
            assert same(*outcomes), outcomes
        else:
            assert is_as_written(got, gives), got


@pytest.mark.parametrize("row", OF_SOURCES, ids=str)
def test_each_kind_of_source_is_read_as_the_page_says(
    row: Row, window: int, parser: str, tmp_path: Path
) -> None:
    for raw in (
        '[1, "é€😀"]'.encode(),
        b"[1, x]",
        b'["\xff"]',
        b"\xef\xbb\xbf[1]",
        b'["\xed\xa0\x80"]',
    ):
        outcomes = []
        for cell in row.cells[1:3]:
            with ExitStack() as stack:
                names = world(raw, tmp_path, stack)
                lines = tmp_path / "document.jsonl"
                lines.write_bytes(raw)
                names["lines"] = lines
                outcomes.append(outcome(lambda: run(code(cell), names)))  # noqa: B023
                names.clear()
        assert same(*outcomes), outcomes


def test_every_line_of_a_table_is_a_row_that_is_run() -> None:
    lines = re.findall(r"^\s*\|.*", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    separators = [line for line in lines if not set(line) - set("|-")]
    run_here = len(OF_VALUES) + len(OF_PROGRAMS) + len(OF_SOURCES)
    assert run_here + 2 * len(separators) == len(lines)
    assert run_here > 100


def test_differences_are_in_the_section_of_differences() -> None:
    """Elsewhere a stream gives the same, or the same class of exception, as the old code."""
    text = PAGE.read_text(encoding="utf-8")
    start = text[: text.index("## Where a stream differs")].count("\n")
    for row in ROWS:
        if row.columns == PROGRAMS and row.line < start:
            assert row.cells[4] in (SAME, row.cells[2]), row
        if row.columns == PROGRAMS and row.line > start:
            assert row.cells[4] != SAME, row

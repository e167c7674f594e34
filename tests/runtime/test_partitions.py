"""Partitions: together they are `load()`, in order, and each refuses another file."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream import Dataset, NoIndexError, Partition, SourceChangedError
from loadstream.runtime.partitions import parse_size
from tests.runtime.test_access import arrays, keys, layouts, values, wrapped

ROWS = [{"id": n, "text": "ü" * (n % 50), "kind": "abc"[n % 3]} for n in range(700)]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch, small_chunks: None) -> None:
    monkeypatch.setattr("loadstream.runtime.index_pass.BLOCK", 1024)
    monkeypatch.setattr("loadstream.runtime.partitions.BLOCK", 1024)


@pytest.fixture
def dataset(document: Callable[..., Path]) -> Dataset:
    made = Dataset(document({"head": [1], "rows": ROWS, "tail": [[]]}), "$.rows")
    made.index()
    return made


@pytest.fixture
def lines(document: Callable[..., Path]) -> Dataset:
    text = "".join(json.dumps(row) + "\n" * (1 + row["id"] % 3) for row in ROWS)
    return Dataset(document(text, "rows.jsonl"))


def joined(partitions: list[Partition]) -> list[Any]:
    return [element for partition in partitions for element in partition.stream()]


@pytest.mark.parametrize("elements", [1, 2, 3, 7, 64, 699, 700, 701])
def test_by_elements_they_have_so_many_each(elements: int, dataset: Dataset) -> None:
    parts = dataset.partitions(elements=elements)
    assert joined(parts) == ROWS
    assert [len(part) for part in parts[:-1]] == [elements] * (len(parts) - 1)
    assert sum(map(len, parts)) == 700
    assert [part.first for part in parts] == [*range(0, 700, elements)]
    assert [part.load() for part in parts] == [
        ROWS[n : n + elements] for n in range(0, 700, elements)
    ]


@pytest.mark.parametrize("size", [1, 700, 3000, "5 kB", "8 KiB", 10**5, "1 GB"])
def test_by_bytes_they_have_no_more_unless_one_chunk_has(size: Any, dataset: Dataset) -> None:
    parts = dataset.partitions(bytes=size)
    assert joined(parts) == ROWS
    most = parse_size(size)
    sizes = [part.stop - part.start for part in parts]
    assert all(found <= max(most, 2100) for found in sizes)
    assert all(a + b > most for a, b in pairwise(sizes))
    assert [part.start for part in parts[1:]] == [part.stop for part in parts[:-1]]


@given(arrays, st.lists(keys, max_size=2), values, layouts, st.integers(1, 30), st.integers(1, 900))
def test_whatever_the_document_they_are_its_elements(
    judge: SimpleNamespace,
    array: list[Any],
    way: list[str | int],
    beside: Any,
    layout: dict[str, Any],
    elements: int,
    size: int,
) -> None:
    text = json.dumps(wrapped(array, tuple(way), beside), **layout)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("loadstream.runtime.window.SIZE", 64)
        patch.setattr("loadstream.runtime.index_pass.STEP", 30)
        path = Path(folder) / "d.json"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        dataset = Dataset(path, tuple(way))
        try:
            dataset.index()
        except ValueError:
            return
        for parts in (dataset.partitions(elements=elements), dataset.partitions(size)):
            assert judge.identical(joined(parts), array)
            assert sum(map(len, parts)) == len(array)


@pytest.mark.parametrize("size", [1, 2, 50, 51, 777, 10**4, 10**6])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n\n"])
def test_json_lines_are_parted_without_an_index(
    size: int, end: str, document: Callable[..., Path]
) -> None:
    text = end.join(json.dumps(row, ensure_ascii=False) for row in ROWS)
    dataset = Dataset(document(text, "rows.ndjson"))
    parts = dataset.partitions(size)
    assert joined(parts) == ROWS
    assert parts[0].count is None
    with pytest.raises(NoIndexError):
        len(parts[0])
    assert list(parts[0]) == parts[0].load()
    with pytest.raises(NoIndexError):
        dataset.partitions(elements=3)
    dataset.index()
    assert joined(dataset.partitions(size)) == joined(dataset.partitions(elements=3)) == ROWS
    assert len(dataset.partitions(elements=3)[0]) == 3


def test_an_error_in_json_lines_has_its_place_in_the_file(document: Callable[..., Path]) -> None:
    text = "\n".join(map(json.dumps, ROWS)).replace('"id": 600', '"id" 600')
    dataset = Dataset(document(text, "rows.jsonl"))
    with pytest.raises(json.JSONDecodeError) as expected:
        dataset.load()
    with pytest.raises(json.JSONDecodeError) as caught:
        joined(dataset.partitions(4000))
    assert str(caught.value) == str(expected.value)


@pytest.mark.parametrize("how", [{"elements": 40}, {"bytes": 4000}])
@pytest.mark.parametrize("large", [False, True])
def test_a_filter_keeps_what_it_keeps_of_a_stream(
    how: dict[str, int], large: bool, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        pytest.importorskip("msgspec")
        monkeypatch.setattr("loadstream.runtime.sieve._LARGE_IF_IMPORTED", 0)
        monkeypatch.setattr("loadstream.runtime.sieve._LARGE", 0)
    found = [
        row
        for part in dataset.partitions(**how)
        for row in part.stream(lambda row: row["kind"] == "c")
    ]
    assert found == [row for row in ROWS if row["kind"] == "c"]


def test_a_partition_is_small_and_read_in_another_process(dataset: Dataset, tmp_path: Path) -> None:
    part = dataset.partitions(bytes="10 kB")[3]
    packed = pickle.dumps(part)
    assert len(packed) < 1000
    assert pickle.loads(packed) == part
    assert repr(part).startswith("Section(source='/")
    script = "import pickle, sys; print(len(pickle.load(sys.stdin.buffer).load()))"
    done = subprocess.run(
        [sys.executable, "-c", script], input=packed, capture_output=True, check=True, cwd=tmp_path
    )
    assert int(done.stdout) == len(part)


def test_any_executor_can_read_them(dataset: Dataset) -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, context) as pool:
        found = pool.map(Partition.load, dataset.partitions(elements=90))
        assert [row for part in found for row in part] == ROWS


def test_its_path_holds_in_another_folder(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    other = Dataset("document.json", "$.rows")
    other.index()
    parts = other.partitions(elements=100)
    monkeypatch.chdir("/")
    assert joined(parts) == ROWS


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + " ",
        lambda text: text[:-5000],
        lambda text: text.replace('"id": 3,', '"id": 4,', 1),
        lambda text: text.replace('"id": 10, ', '"id":10 , ', 1),
        lambda text: " " * len(text),
    ],
    ids=["longer", "shorter", "another digit", "moved by a byte", "blank"],
)
def test_a_partition_of_a_changed_file_gives_no_element(
    change: Callable[[str], str], dataset: Dataset, lines: Dataset
) -> None:
    for data in (dataset, lines):
        path = Path(data.source)
        first = data.partitions(3000)[0]
        before = path.stat()
        path.write_text(change(path.read_text()))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        with pytest.raises(
            SourceChangedError, match=r"is not what it was .*: make partitions again"
        ):
            first.stream()


def test_a_copy_with_other_times_is_the_same_file_where_there_are_checksums(
    dataset: Dataset, lines: Dataset
) -> None:
    for data, known in ((dataset, True), (lines, False)):
        path = Path(data.source)
        parts = data.partitions(5000)
        shutil.copy(path, path.with_name("copy"))
        path.with_name("copy").replace(path)
        if known:
            assert joined(parts) == ROWS
        else:
            with pytest.raises(SourceChangedError):
                joined(parts)


@pytest.mark.parametrize("how", [{"elements": 40}, {"bytes": 4000}])
def test_bytes_that_are_not_those_of_the_index_are_noticed(
    how: dict[str, int], dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = dataset.partitions(**how)
    pread = os.pread
    for old, new in (
        (b"},", b"],"),
        (b"}, {", b",   "),
        (b', "text"', b'},{"tex"'),
        (b"\\u", b"\\x"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(os, "pread", lambda *a, o=old, n=new: pread(*a).replace(o, n))
            with pytest.raises(SourceChangedError):
                joined(parts)


def test_a_file_that_changes_while_it_is_read_is_noticed(dataset: Dataset) -> None:
    stream = dataset.partitions("1 GB")[0].stream()
    next(stream)
    with Path(dataset.source).open("a") as file:
        file.write(" ")
    with pytest.raises(SourceChangedError):
        list(stream)


def test_a_partition_that_is_not_there_says_which_file(dataset: Dataset) -> None:
    part = dataset.partitions(elements=5)[0]
    Path(dataset.source).unlink()
    with pytest.raises(FileNotFoundError, match=r"document\.json"):
        part.stream()


@dataclass
class Row:
    id: int


def test_elements_have_the_type_that_the_data_set_has(document: Callable[..., Path]) -> None:
    pytest.importorskip("msgspec")
    dataset = Dataset(document(ROWS), type=Row)
    dataset.index()
    for parts in (dataset.partitions(elements=9), dataset.partitions(5000)):
        assert joined(parts) == [Row(row["id"]) for row in ROWS]
        found = [row for part in parts for row in part.stream(lambda row: row.id > 690)]
        assert found == [Row(n) for n in range(691, 700)]


def test_of_nothing_there_are_none(document: Callable[..., Path]) -> None:
    dataset = Dataset(document([]))
    dataset.index()
    assert dataset.partitions(1) == dataset.partitions(elements=1) == []
    assert Dataset(document("", "empty.jsonl")).partitions(1) == []


def test_what_is_no_size_is_refused(dataset: Dataset) -> None:
    for wrong in ("128", "MB", "12 QB", "-1 MB", 0, -5, 1.5, "0 MB", "1.5 GB"):
        with pytest.raises(ValueError, match="is no size; write a number of bytes, or one such"):
            dataset.partitions(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least 1 element, not 0"):
        dataset.partitions(elements=0)
    for both in ({}, {"bytes": 5, "elements": 5}):
        with pytest.raises(ValueError, match="so many bytes or so many elements"):
            dataset.partitions(**both)


def test_without_an_index_there_are_none(document: Callable[..., Path]) -> None:
    with pytest.raises(NoIndexError, match=r"call index\(\) first"):
        Dataset(document([1])).partitions(1)

"""Elements by number are those of `load()`, and only what is needed is read."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream import (
    Dataset,
    ElementTypeError,
    NoIndexError,
    NotIndexableError,
    SourceChangedError,
)

ROWS = [{"id": n, "text": "ü" * (n % 50)} for n in range(2000)]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=9,
)
arrays = st.lists(values | st.text(min_size=300, max_size=400), max_size=25)
keys = st.text(max_size=3) | st.integers(0, 3)
layouts = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 2, "\t"]),
        "separators": st.sampled_from([None, (",", ":"), (" ,\r\n", " : ")]),
        "ensure_ascii": st.booleans(),
    }
)


def wrapped(array: list[Any], path: tuple[str | int, ...], beside: Any) -> Any:
    """A document with the array at the path, and something before and behind it."""
    document: Any = array
    for key in reversed(path):
        if isinstance(key, int):
            document = [*[beside] * key, document, beside]
        else:
            document = {key + "<": beside, key: document, key + ">": beside}
    return document


@given(arrays, st.lists(keys, max_size=3), values, layouts, st.data())
def test_every_element_and_slice_is_that_of_load(
    judge: SimpleNamespace,
    array: list[Any],
    way: list[str | int],
    beside: Any,
    layout: dict[str, Any],
    data: st.DataObject,
) -> None:
    text = json.dumps(wrapped(array, tuple(way), beside), **layout)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "d.json"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        patch.setattr("loadstream.runtime.window.SIZE", data.draw(st.sampled_from([16, 99, 5000])))
        patch.setattr(
            "loadstream.runtime.index_pass.STEP", data.draw(st.sampled_from([1, 50, 900]))
        )
        patch.setattr("loadstream.runtime.index_pass.BLOCK", data.draw(st.integers(1, 300)))
        patch.setattr("loadstream.runtime.sieve._LARGE_IF_IMPORTED", 0)
        dataset = Dataset(path, tuple(way))
        expected = judge.outcome(dataset.load)
        made = judge.outcome(dataset.index)
        if expected[0] == "error":
            assert judge.identical(made, expected)
            return
        assert len(dataset) == len(array) == len(Dataset(path, tuple(way)).index())
        for number in range(-len(array), len(array)):
            assert judge.identical(dataset[number], array[number])
        for beyond in (len(array), -len(array) - 1):
            with pytest.raises(IndexError):
                dataset[beyond]
        some = data.draw(st.slices(len(array)))
        assert judge.identical(dataset[some], array[some])
        start = data.draw(st.integers(-len(array) - 2, len(array) + 2))
        pages = list(dataset.pages(3, start=start))
        assert judge.identical([item for page in pages for item in page.items], array[start:])


@given(
    st.lists(values, max_size=25),
    st.lists(st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n \n"]), min_size=25, max_size=25),
    st.booleans(),
    st.sampled_from([16, 99, 5000]),
)
def test_every_element_of_json_lines_is_that_of_load(
    judge: SimpleNamespace, array: list[Any], ends: list[str], ends_open: bool, size: int
) -> None:
    text = "".join(json.dumps(value) + end for value, end in zip(array, ends, strict=False))
    if ends_open:
        text = text.rstrip("\r\n ")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "d.jsonl"
        path.write_bytes(text.encode())
        patch.setattr("loadstream.runtime.window.SIZE", size)
        patch.setattr("loadstream.runtime.index_pass.STEP", 40)
        dataset = Dataset(path)
        dataset.index()
        assert len(dataset) == len(array)
        assert judge.identical(dataset[:], array)
        assert judge.identical([dataset[number] for number in range(len(array))], array)
        assert judge.identical(dataset[::-3], array[::-3])
        rest = [item for page in dataset.pages(4, start=len(array) // 2) for item in page.items]
        assert judge.identical(rest, array[len(array) // 2 :])


@pytest.fixture
def dataset(document: Callable[..., Path], small_chunks: None) -> Dataset:
    made = Dataset(document({"head": [1], "rows": ROWS}), "$.rows")
    made.index()
    return made


def test_an_element_as_large_as_many_windows_is_one_chunk(
    document: Callable[..., Path], parser: str
) -> None:
    rows = [1, "x" * 400_000, {"a": ["y" * 300_000, 2]}, 3, ["\ud800", "z" * 200_000]]
    dataset = Dataset(document(rows))
    dataset.index()
    assert [dataset[number] for number in range(-5, 5)] == rows + rows


def test_only_the_chunk_of_an_element_is_read(
    dataset: Dataset, reads: list[tuple[int, int]]
) -> None:
    reads.clear()
    assert dataset[1500] == ROWS[1500]
    assert sum(size for size, _ in reads) < 3000
    assert dataset[1900:1903] == ROWS[1900:1903]
    assert sum(size for size, _ in reads) < 9000
    with dataset.pages(5, start=1000) as pages:
        assert next(pages).items == ROWS[1000:1005]
    assert sum(size for size, _ in reads) < 15_000


@pytest.mark.parametrize("number", [2000, -2001, 10**30])
def test_a_number_that_is_none_is_an_index_error(number: int, dataset: Dataset) -> None:
    with pytest.raises(IndexError, match=r"no element -?\d+: .*document.json has 2000"):
        dataset[number]


@pytest.mark.parametrize("key", ["1", 1.0, None, (1, 2)])
def test_what_is_no_number_is_refused_as_by_a_list(key: Any, dataset: Dataset) -> None:
    with pytest.raises(TypeError, match="an integer or a slice, not"):
        dataset[key]


def test_what_stands_for_an_integer_is_one(dataset: Dataset) -> None:
    class Third:
        def __index__(self) -> int:
            return 2

    assert dataset[Third()] == dataset[True + 1] == ROWS[2]
    assert dataset[Third() : 5] == ROWS[2:5]


def test_a_slice_with_a_step_of_nothing_is_refused_as_by_a_list(dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="slice step cannot be zero"):
        dataset[::0]


def test_a_sample_is_in_order_without_repeats_and_the_same_for_a_seed(dataset: Dataset) -> None:
    found = dataset.sample(100, seed=7)
    numbers = [row["id"] for row in found]
    assert numbers == sorted(set(numbers))
    assert found == dataset.sample(100, seed=7) == [ROWS[number] for number in numbers]
    assert found != dataset.sample(100, seed=8)
    assert dataset.sample(2000) == ROWS
    assert dataset.sample(0) == []


def test_a_sample_takes_each_element_as_often_as_any_other(document: Callable[..., Path]) -> None:
    dataset = Dataset(document([*"abcdefghij"]))
    dataset.index()
    seen = [letter for seed in range(1000) for letter in dataset.sample(3, seed)]
    assert all(220 < seen.count(letter) < 380 for letter in "abcdefghij")


@pytest.mark.parametrize("k", [-1, 2001])
def test_a_sample_of_more_than_there_is_is_refused(k: int, dataset: Dataset) -> None:
    with pytest.raises(ValueError, match=f"a sample of {k} cannot be taken from 2000 elements"):
        dataset.sample(k)


def test_pages_begin_at_a_number_and_go_on_after_a_cursor(dataset: Dataset) -> None:
    first = next(dataset.pages(10, start=-300))
    assert first.items == ROWS[1700:1710]
    assert next(dataset.pages(10, first.cursor)).items == ROWS[1710:1720]
    assert list(dataset.pages(10, start=2000)) == []
    with pytest.raises(ValueError, match="one of after= and start="):
        dataset.pages(10, first.cursor, start=3)


def test_iterating_a_data_set_streams_it_without_an_index(document: Callable[..., Path]) -> None:
    path = document([1, 2, 3])
    dataset = Dataset(path)
    assert [*dataset] == list(dataset) == [row for row in dataset] == [1, 2, 3]  # noqa: C416
    assert dataset, "a data set is true, and nothing is opened to tell"
    assert Dataset(path.with_name("absent.json"))
    assert 2 in dataset
    assert [*path.parent.iterdir()] == [path]


def test_iterating_works_where_no_index_can_be_made(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b"[1, 2]"))
    assert list(Dataset(path)) == [1, 2]


@pytest.mark.parametrize(
    "use",
    [len, lambda d: d[0], lambda d: d[:2], lambda d: d.sample(1), lambda d: d.pages(1, start=0)],
    ids=["len", "element", "slice", "sample", "pages"],
)
def test_without_an_index_one_line_says_how_to_get_one(
    use: Callable[[Dataset], Any], document: Callable[..., Path]
) -> None:
    path = document(ROWS)
    with pytest.raises(NoIndexError, match=r"document.json has no index .* call index\(\) first"):
        use(Dataset(path))
    Dataset(path).index()
    use(Dataset(path))


@pytest.mark.parametrize(
    ("change", "how"),
    [
        (lambda text: text.replace('"id": 7,', '"id":  7,'), "longer"),
        (lambda text: text.replace('"id": 7,', '"id": 8,'), "of the same length"),
        (lambda text: text[:9000], "truncated"),
        (lambda text: text, "rewritten"),
    ],
)
def test_a_file_that_is_changed_after_the_index_was_made_gives_no_element(
    change: Callable[[str], str], how: str, dataset: Dataset
) -> None:
    path = Path(dataset.source)
    before = path.stat()
    path.write_text(change(path.read_text()))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    for use in (lambda: dataset[1999], lambda: dataset[5:9], lambda: dataset.sample(2)):
        with pytest.raises(SourceChangedError, match=r"changed since .*call index\(\) again"):
            use()
    with pytest.raises(TypeError, match=r"changed since .*call index\(\) again"):
        len(dataset)


def test_a_new_index_is_right_for_the_changed_file(dataset: Dataset) -> None:
    Path(dataset.source).write_text(json.dumps({"rows": ROWS[5:]}))
    dataset.index()
    assert len(dataset) == 1995
    assert dataset[100] == ROWS[105]


def test_a_file_that_is_put_in_the_place_of_another_is_another(
    dataset: Dataset, tmp_path: Path
) -> None:
    path = Path(dataset.source)
    before = path.stat()
    other = tmp_path / "other.json"
    other.write_bytes(path.read_bytes())
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    with pytest.raises(SourceChangedError):
        dataset[0]


def test_a_file_that_is_changed_while_it_is_read_gives_no_element(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    pread = os.pread

    def change_then_read(descriptor: int, size: int, place: int) -> bytes:
        with Path(dataset.source).open("ab") as file:
            file.write(b" ")
        return pread(descriptor, size, place)

    monkeypatch.setattr(os, "pread", change_then_read)
    with pytest.raises(SourceChangedError):
        dataset[1000]


def test_bytes_that_are_not_those_of_the_index_give_no_element(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda *a: pread(*a).replace(b"},", b"],", 1))
    with pytest.raises(SourceChangedError):
        dataset[1000]
    monkeypatch.setattr(os, "pread", lambda *a: pread(*a).replace(b"}, {", b",   ", 1))
    with pytest.raises(SourceChangedError):
        dataset[1000]


@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="no limit to set")
def test_an_integer_that_python_no_longer_converts_is_what_load_says(
    document: Callable[..., Path], judge: SimpleNamespace
) -> None:
    for name, text in (("a.json", f"[1, {'9' * 3000}]"), ("a.jsonl", f"1\n{'9' * 3000}\n")):
        dataset = Dataset(document(text, name))
        dataset.index()
        before = sys.get_int_max_str_digits()
        try:
            sys.set_int_max_str_digits(2000)
            expected = judge.outcome(dataset.load)
            assert expected[1] is ValueError
            assert judge.outcome(lambda: dataset[1]) == expected  # noqa: B023
        finally:
            sys.set_int_max_str_digits(before)


def test_a_data_set_travels_with_its_index(dataset: Dataset) -> None:
    assert pickle.loads(pickle.dumps(dataset))[77] == ROWS[77]


@dataclass
class Row:
    id: int
    text: str


def test_elements_by_number_have_the_type_that_is_asked_for(
    document: Callable[..., Path], small_chunks: None
) -> None:
    pytest.importorskip("msgspec")
    dataset = Dataset(document([*ROWS, {"id": "x"}]), type=Row)
    dataset.index()
    assert dataset[700] == Row(**ROWS[700])
    assert dataset[1:900:300] == [Row(**row) for row in ROWS[1:900:300]]
    assert all(isinstance(row, Row) for row in dataset[:2000])
    with pytest.raises(ElementTypeError) as caught:
        dataset[-1]
    assert caught.value.index == 2000


def unindexable(folder: Path) -> Iterator[tuple[str, Dataset, str]]:
    (folder / "a.json.gz").write_bytes(gzip.compress(b"[1]"))
    yield "compressed", Dataset(folder / "a.json.gz"), "compressed.*decompress it into a file first"
    yield "a URL", Dataset("memory://a.json"), "is a URL.*copy it into a file first"
    (folder / "a.json").write_bytes(b'{"a": [{"b": [1]}], "s": "abc"}')
    utf_16 = Dataset(folder / "a.json", encoding="utf-16")
    yield "UTF-16", utf_16, "is read as utf-16; write it in UTF-8 first"
    yield "nested arrays", Dataset(folder / "a.json", "$.a[*].b"), "every element of an array"
    yield "an object", Dataset(folder / "a.json"), r"what is at \$ is no array"
    yield "a string", Dataset(folder / "a.json", "$.s"), r"what is at \$\['s'\] is no array"
    listed = Dataset([folder / "a.json", folder / "a.json.gz"], "$.a")
    yield "one of a list", listed, r"a\.json\.gz cannot be indexed: it is compressed"
    yield "a device", Dataset("/dev/null"), "is no plain file"


@pytest.mark.parametrize("number", range(8))
def test_what_cannot_be_indexed_says_why_in_one_line(number: int, tmp_path: Path) -> None:
    what, dataset, why = [*unindexable(tmp_path)][number]
    with pytest.raises(NotIndexableError, match=why) as caught:
        dataset.index()
    assert "\n" not in str(caught.value), what
    assert not [*tmp_path.glob("*.lsx*")]


def test_what_is_missing_or_wrong_is_what_a_stream_says(
    document: Callable[..., Path], judge: SimpleNamespace
) -> None:
    path = document({"a": [1], "b": 3})
    for dataset in (
        Dataset(path, "$.x"),
        Dataset(path, "$.b"),
        Dataset(path, ("a", 4)),
        Dataset(path.with_name("absent.json")),
        Dataset(document('[1, {"a": 2]', "broken.json")),
        Dataset(document(b'["\xff"]', "bytes.json")),
        Dataset(document("\ufeff[]", "mark.json")),
        Dataset(document('{"a": [1], "a": [2]}', "twice.json"), "$.a"),
        Dataset(document("[1]\n[2\n", "broken.jsonl")),
    ):
        assert judge.outcome(dataset.index) == judge.outcome(dataset.load)
    assert not [*path.parent.glob("*.lsx*")]

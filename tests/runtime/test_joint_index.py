"""Elements by number across files are those of `load()`, and only the files needed are opened."""

from __future__ import annotations

import json
import pickle
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream import (
    BadIndexError,
    Dataset,
    ElementTypeError,
    NoIndexError,
    NotIndexableError,
    SourceChangedError,
)
from loadstream.runtime import index_pass
from loadstream.runtime.files import File
from tests.runtime.test_access import keys, values, wrapped

pytestmark = pytest.mark.usefixtures("small_chunks")

ROWS = [{"n": n, "t": "ü" * (n % 50)} for n in range(1000)]
CUTS = [0, 300, 300, 301, 900, 1000]
NAMES = ["0.json", "1.json", "2.jsonl", "3.json", "4.jsonl"]


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """The rows in five files, one of them empty."""
    return written(tmp_path, [ROWS[a:b] for a, b in pairwise(CUTS)], NAMES)


@pytest.fixture
def dataset(parts: list[Path]) -> Dataset:
    made = Dataset(parts)
    made.index()
    return made


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the files that are opened."""
    names: list[str] = []
    begin = File.__init__

    def spy(file: File, path: Any) -> None:
        names.append(Path(path).name)
        begin(file, path)

    monkeypatch.setattr(File, "__init__", spy)
    return names  # type: ignore[return-value]


def written(folder: Path, contents: list[list[Any]], names: list[str]) -> list[Path]:
    files = []
    for name, rows in zip(names, contents, strict=False):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        files.append(folder / name)
        files[-1].write_text(lines if name.endswith("l") else json.dumps(rows))
    return files


@given(
    st.lists(st.lists(values, max_size=6), max_size=5),
    st.lists(keys, max_size=2),
    values,
    st.data(),
)
def test_whatever_the_files_all_is_that_of_the_list_of_their_elements(
    judge: SimpleNamespace,
    contents: list[list[Any]],
    way: list[str | int],
    beside: Any,
    data: st.DataObject,
) -> None:
    expected = [element for content in contents for element in content]
    count = len(expected)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("loadstream.runtime.window.SIZE", data.draw(st.sampled_from([16, 99, 5000])))
        patch.setattr(
            "loadstream.runtime.index_pass.STEP", data.draw(st.sampled_from([1, 50, 900]))
        )
        files = []
        for number, content in enumerate(contents):
            files.append(Path(folder, f"{number}.json"))
            if not way and data.draw(st.booleans()):
                files[-1] = files[-1].with_suffix(".jsonl")
                text = "".join(json.dumps(row) + "\n" for row in content)
            else:
                text = json.dumps(wrapped(content, tuple(way), beside))
            files[-1].write_text(text)
        dataset = Dataset(files, tuple(way))
        made = judge.outcome(dataset.index)
        loaded = judge.outcome(dataset.load)
        if loaded[0] == "error":
            assert judge.identical(made, loaded)
            return
        assert judge.identical(loaded[1], expected)
        assert len(dataset) == len(dataset.index()) == dataset.index().count == count
        for number in range(-count - 1, count + 1):
            found = judge.outcome(lambda n=number: dataset[n])
            assert judge.identical(found[1], judge.outcome(lambda n=number: expected[n])[1])
        some = data.draw(st.slices(count))
        assert judge.identical(dataset[some], expected[some])
        k, seed = data.draw(st.integers(0, count)), data.draw(st.integers(0, 9))
        whole = Path(folder, "whole.json")
        whole.write_text(json.dumps(expected))
        one = Dataset(whole)
        one.index()
        assert judge.identical(dataset.sample(k, seed), one.sample(k, seed))
        start = data.draw(st.integers(-count - 2, count + 2))
        pages = list(dataset.pages(3, start=start))
        assert judge.identical([page.items for page in pages], [*_in_threes(expected[start:])])
        if pages:
            rest = [item for page in dataset.pages(2, pages[0].cursor) for item in page.items]
            assert judge.identical(rest, expected[start:][3:])
        elements = data.draw(st.integers(1, count + 2))
        exact = dataset.partitions(elements=elements)
        assert [len(part) for part in exact] == [
            len(expected[n : n + elements]) for n in range(0, count, elements)
        ]
        assert [part.first for part in exact] == [*range(0, count, elements)]
        by_bytes = dataset.partitions(data.draw(st.integers(1, 2000)))
        assert [part.first for part in by_bytes] == [0, *accumulate(map(len, by_bytes))][:-1]
        assert sum(map(len, by_bytes)) == count
        for parts in (exact, by_bytes):
            assert judge.identical([row for part in parts for row in part], expected)


def _in_threes(elements: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(elements), 3):
        yield elements[start : start + 3]


def test_each_file_keeps_its_own_index_beside_it_and_none_is_made_twice(
    dataset: Dataset, parts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(parts[0].parent.iterdir()) == sorted(
        [*parts, *(part.with_name(part.name + ".lsx") for part in parts)]
    )
    monkeypatch.setattr("loadstream.runtime.access.make_index", None)
    again = Dataset(f"{parts[0].parent}/*")
    assert repr(again.index()) == "<JointIndex of 1000 elements in 5 files>"
    assert again[777] == Dataset(parts[3])[476] == ROWS[777]


def test_a_pattern_does_not_match_the_indexes_that_index_made(parts: list[Path]) -> None:
    everything = Dataset(f"{parts[0].parent}/*")
    everything.index()
    assert everything.load() == everything[:] == ROWS


def test_only_the_files_that_are_needed_are_opened(dataset: Dataset, opened: list[str]) -> None:
    assert len(dataset) == 1000
    assert opened == []
    assert dataset[300] == ROWS[300]
    assert dataset[-1] == ROWS[-1]
    assert opened == ["2.jsonl", "4.jsonl"]
    opened.clear()
    assert dataset[950:200:-50] == ROWS[950:200:-50]
    assert opened == ["4.jsonl", "3.json", "2.jsonl", "0.json"]
    opened.clear()
    with dataset.pages(5, start=901) as pages:
        assert next(pages).items == ROWS[901:906]
    assert opened == ["4.jsonl"]


def test_a_chunk_is_read_once(dataset: Dataset, reads: list[tuple[int, int]]) -> None:
    reads.clear()
    assert dataset[310:890:2] == ROWS[310:890:2]
    places = [place for _, place in reads]
    assert len(places) == len(set(places)) > 0


def test_files_that_appear_after_index_are_read_by_a_stream_and_have_no_number(
    parts: list[Path],
) -> None:
    dataset = Dataset(f"{parts[0].parent}/*.json")
    dataset.index()
    (parts[0].parent / "00.json").write_text('["new"]')
    assert dataset.load()[0] == "new" or dataset.load()[300] == "new"
    assert len(dataset) == 899
    assert dataset[300] == ROWS[301]
    assert [row for part in dataset.partitions(900) for row in part] == dataset[:]
    assert next(dataset.pages(2, start=300)).items == ROWS[301:303]
    assert len(dataset.index()) == len(dataset) == 900


def test_a_file_that_changed_is_named_where_it_is_needed(
    dataset: Dataset, parts: list[Path]
) -> None:
    parts[3].write_text("[1, 2]")
    assert dataset[5] == ROWS[5]
    assert dataset[950] == ROWS[950]
    for use in (
        lambda: dataset[500],
        lambda: dataset[:],
        lambda: dataset.sample(1000),
        lambda: [part.load() for part in dataset.partitions(elements=400)],
        lambda: [part.load() for part in dataset.partitions(5000)],
    ):
        with pytest.raises(SourceChangedError, match=r"3\.json (was changed|is not what it was)"):
            use()
    with pytest.raises(NoIndexError, match=r"3\.json was changed since"):
        len(dataset)
    assert len(dataset.index()) == 1000 - 599 + 2


def test_a_file_that_is_gone_is_named(dataset: Dataset, parts: list[Path]) -> None:
    parts[3].unlink()
    with pytest.raises(FileNotFoundError, match=r"3\.json"):
        dataset[500]
    with pytest.raises(NoIndexError, match=r"3\.json"):
        len(dataset)
    with pytest.raises(FileNotFoundError, match=r"3\.json"):
        dataset.index()


@pytest.mark.parametrize(
    ("last", "why"),
    [
        ("memory://b.json", r"memory://b\.json cannot be indexed: it is a URL"),
        ("b.json.gz", r"b\.json\.gz cannot be indexed: it is compressed"),
    ],
)
def test_one_that_cannot_be_indexed_is_named_before_any_is_read(
    last: str, why: str, parts: list[Path], opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[Any] = []
    monkeypatch.setattr("loadstream.runtime.access.make_index", passes.append)
    with pytest.raises(NotIndexableError, match=why) as caught:
        Dataset([*parts, last]).index()
    assert "\n" not in str(caught.value)
    assert passes == []
    assert not [*parts[0].parent.glob("*.lsx")]


def test_one_that_is_missing_is_named_before_any_is_read(parts: list[Path]) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        Dataset([*parts, parts[0].with_name("none.json")]).index()
    assert not [*parts[0].parent.glob("*.lsx")]


def test_what_is_wrong_in_a_file_is_said_with_its_name(parts: list[Path]) -> None:
    parts[3].write_text("[1, x]")
    with pytest.raises(json.JSONDecodeError, match=r"3\.json: Expecting value") as caught:
        Dataset(parts).index()
    assert caught.value.pos == 4
    parts[3].write_text('{"a": 1}')
    with pytest.raises(NotIndexableError) as refused:
        Dataset(parts).index()
    assert str(refused.value).count("3.json") == 1
    parts[3].write_text("[1]")
    parts[3].with_name("3.json.lsx").write_text("mine")
    with pytest.raises(BadIndexError, match=r"3\.json\.lsx is no index .*for one file alone"):
        Dataset(parts).index()
    assert parts[3].with_name("3.json.lsx").read_text() == "mine"


def test_a_place_is_for_one_file(parts: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="keeps its index beside it: leave out place="):
        Dataset(parts).index(tmp_path / "x.lsx")


@pytest.mark.parametrize(
    "use",
    [
        len,
        lambda d: d[0],
        lambda d: d.sample(1),
        lambda d: d.pages(1, start=0),
        lambda d: d.partitions(elements=1),
    ],
)
def test_without_an_index_one_line_says_how_to_get_one(
    use: Callable[[Dataset], Any], parts: list[Path]
) -> None:
    with pytest.raises(NoIndexError, match=r"several files .*: call index\(\) first") as caught:
        use(Dataset(parts))
    assert "\n" not in str(caught.value)
    assert list(Dataset(parts)) == ROWS


def test_what_is_no_element_is_refused_as_by_a_list(dataset: Dataset) -> None:
    with pytest.raises(IndexError, match="no element 1000: the data set of 5 files has 1000"):
        dataset[1000]
    with pytest.raises(TypeError, match="an integer or a slice, not str"):
        dataset["1"]  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="a sample of 1001 cannot be taken from 1000 elements"):
        dataset.sample(1001)
    with pytest.raises(ValueError, match="one of after= and start="):
        dataset.pages(10, "0", start=3)


def test_of_no_files_there_is_nothing(tmp_path: Path) -> None:
    dataset = Dataset([])
    assert len(dataset.index()) == len(dataset) == 0
    assert dataset[:] == dataset.sample(0) == list(dataset.pages(2, start=0)) == []
    assert dataset.partitions(1) == dataset.partitions(elements=1) == []
    with pytest.raises(IndexError, match="no element 0"):
        dataset[0]


def test_a_file_that_is_there_twice_has_its_elements_twice(parts: list[Path]) -> None:
    dataset = Dataset([parts[2], parts[1], parts[2]])
    dataset.index()
    assert dataset[:] == ROWS[300:301] * 2
    assert dataset[::-1] == ROWS[300:301] * 2


def test_it_travels_with_its_indexes(dataset: Dataset) -> None:
    assert pickle.loads(pickle.dumps(dataset))[777] == ROWS[777]


@dataclass
class Row:
    n: int


def test_elements_have_the_type_that_is_asked_for(parts: list[Path]) -> None:
    pytest.importorskip("msgspec")
    dataset = Dataset(parts, type=Row)
    dataset.index()
    assert dataset[250:950:100] == [Row(n) for n in range(250, 950, 100)]
    assert next(dataset.pages(2, start=299)).items == [Row(299), Row(300)]
    assert dataset.partitions(elements=350)[1].load() == [Row(n) for n in range(350, 700)]
    parts[4].write_text('{"n": 1}\n{"n": "x"}\n')
    dataset.index()
    for read in (lambda: dataset[-1], lambda: dataset.partitions(elements=902)[0].load()):
        with pytest.raises(ElementTypeError, match=r"4\.jsonl: element 1 is not a Row") as caught:
            read()
        assert caught.value.index == 1


def test_an_index_is_made_of_each_file_by_one_pass(
    parts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    make = index_pass.make_index

    def noted(source: Any, *rest: Any) -> Any:
        made.append(Path(source).name)
        return make(source, *rest)

    monkeypatch.setattr("loadstream.runtime.access.make_index", noted)
    Dataset(parts[3]).index()
    Dataset(parts).index()
    assert made == ["3.json", "0.json", "1.json", "2.jsonl", "4.jsonl"]

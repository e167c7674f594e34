"""Many files as one data set: their order, their pages, and which of them an error is in."""

from __future__ import annotations

import gc
import gzip
import io
import json
import os
import pickle
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream import Dataset, DuplicateKeyError, ElementTypeError, SourceChangedError, Url
from loadstream.runtime.files import File

ROWS = [{"n": n, "t": "ü" * (n % 7)} for n in range(1000)]
PARTS = [ROWS[:300], [], ROWS[300:301], ROWS[301:900], ROWS[900:]]


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """The rows in five files, one of them empty, of several kinds."""
    names = ["0.json", "1.json.gz", "2.jsonl", "3.json", "4.jsonl.gz"]
    files = []
    for name, rows in zip(names, PARTS, strict=True):
        text = json.dumps(rows)
        if "jsonl" in name:
            text = "".join(json.dumps(row) + "\n" for row in rows)
        raw = text.encode()
        (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
        files.append(tmp_path / name)
    return files


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str], list[Path]]:
    """Two files, of which the second has this content."""

    def write(content: str | bytes) -> list[Path]:
        raw = content.encode() if isinstance(content, str) else content
        (tmp_path / "a.json").write_text('{"rows": [{"n": 1}]}')
        (tmp_path / "b.json").write_bytes(raw)
        return [tmp_path / "a.json", tmp_path / "b.json"]

    return write


@pytest.mark.parametrize("size", [16, 5000, 131_072])
def test_elements_are_those_of_file_after_file(
    size: int, parts: list[Path], window: Callable[[int], None]
) -> None:
    window(size)
    assert Dataset(parts).load() == ROWS
    assert Dataset(tuple(map(str, parts))).load() == ROWS
    assert Dataset(parts[::-1]).load() == [row for part in PARTS[::-1] for row in part]
    assert list(Dataset(parts).stream(lambda row: row["n"] % 100 == 1)) == ROWS[1::100]
    assert list(Dataset(parts).stream(lambda row: row["t"] == "ü")) == ROWS[1::7]


def test_a_list_is_read_in_its_order_and_a_file_as_often_as_it_is_there(parts: list[Path]) -> None:
    assert Dataset([parts[2], parts[2], parts[1], parts[2]]).load() == ROWS[300:301] * 3
    assert Dataset([]).load() == []
    assert list(Dataset([]).pages(3)) == []


def test_a_pattern_matches_in_the_order_of_code_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [
        "a-10.json",
        "a-2.json",
        "a-é.json",
        "b.json",
        "B.json",
        "in/a-1.json",
        "😀.json",
        "x.txt",
    ]
    (tmp_path / "in").mkdir()
    (tmp_path / "folder.json").mkdir()
    for name in names:
        (tmp_path / name).write_text(json.dumps([name]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert Dataset("*.json").load() == ["B.json", *names[:2], "a-é.json", "b.json", "😀.json"]
    assert Dataset("a-[0-9].json").load() == ["a-2.json"]
    assert Dataset("**/a-?.json").load() == ["a-2.json", "a-é.json", "in/a-1.json"]
    assert Dataset(Path("a-*.json")).load() == names[:3]
    assert Dataset(["x.txt", "a-1*.json", "in/*"]).load() == ["x.txt", "a-10.json", "in/a-1.json"]


def test_a_pattern_is_matched_whenever_a_method_asks(tmp_path: Path) -> None:
    dataset = Dataset(f"{tmp_path}/*.json")
    for number in range(3):
        (tmp_path / f"{number}.json").write_text(f"[{number}]")
        assert dataset.load() == list(range(number + 1))


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "a[1].json").write_text("[1]")
    (tmp_path / "a1.json").write_text("[2]")
    assert Dataset(tmp_path / "a[1].json").load() == [1]
    assert Dataset([tmp_path / "a[1].json", tmp_path / "a[0-9].json"]).load() == [1, 2]


@pytest.mark.parametrize(
    "source", ["none-*.json", ["0.json", "none-*.json"], "memory://none/*.json"]
)
def test_a_pattern_without_a_match_is_an_error(
    source: Any, parts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = Dataset(source)
    monkeypatch.chdir(parts[0].parent)
    for read in (dataset.stream, lambda: dataset.pages(2)):
        with pytest.raises(
            FileNotFoundError, match=r"No file matches the pattern: '.*none.*\*\.json'"
        ):
            read()


def test_a_pattern_and_a_list_of_urls(tmp_path: Path) -> None:
    folder = f"memory://{tmp_path.name}-{os.getpid()}"
    for name in ("p-10.json", "p-2.json", "deep/p-3.json", "q.json"):
        with fsspec.open(f"{folder}/{name}", "wt") as file:
            json.dump([name], file)
    (tmp_path / "x.json").write_text("[7]")
    try:
        assert Dataset(f"{folder}/p-*.json").load() == ["p-10.json", "p-2.json"]
        assert Dataset(Url(f"{folder}/**/p-*.json")).load()[0] == "deep/p-3.json"
        mixed = [f"{folder}/q.json", tmp_path / "x.json", f"file://{tmp_path}/*.json"]
        assert Dataset(mixed).load() == ["q.json", 7, 7]
        with pytest.raises(FileNotFoundError, match=r"none\.json"):
            Dataset([f"{folder}/none.json"]).stream()
    finally:
        fsspec.filesystem("memory").store.clear()


def test_the_members_of_an_archive_by_a_pattern(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for name in ("in/b.json", "in/a.json", "c.json"):
            archive.writestr(name, json.dumps([name]))
    assert Dataset(f"zip://in/*.json::file://{tmp_path}/b.zip").load() == ["in/a.json", "in/b.json"]


def test_the_first_file_is_opened_at_the_call_and_the_others_at_their_turn(
    parts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    closed: list[str] = []
    begin, close = File.__init__, File.close

    def spy(file: File, path: Any) -> None:
        opened.append(Path(path).name)
        begin(file, path)

    def spy_close(file: File) -> None:
        closed.append(Path(file._watch._name).name)
        close(file)

    monkeypatch.setattr(File, "__init__", spy)
    monkeypatch.setattr(File, "close", spy_close)
    plain = [parts[0], parts[3], parts[2]]
    stream = Dataset(plain).stream()
    assert opened == ["0.json"]
    for _ in range(301):
        next(stream)
    assert opened == ["0.json", "3.json"]
    assert set(closed) == {"0.json"}
    stream.close()
    assert closed[-1] == "3.json"
    with pytest.raises(StopIteration):
        next(stream)


@pytest.mark.parametrize("read", ["stream", "pages"])
def test_what_is_open_is_closed_when_nobody_can_pull(read: str, parts: list[Path]) -> None:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("this system does not list open files")
    dataset = Dataset(parts)
    stream: Any = dataset.stream() if read == "stream" else dataset.pages(10)
    for _ in range(31):
        next(stream)

    def is_open() -> list[Path]:
        return [fd for fd in folder.iterdir() if Path(os.path.realpath(fd)) in parts]

    assert len(is_open()) == 1
    del stream
    gc.collect()
    assert is_open() == []


def test_a_first_file_that_is_missing_is_met_at_the_call_and_others_at_their_turn(
    parts: list[Path], tmp_path: Path
) -> None:
    missing = tmp_path / "none.json"
    for read in (Dataset([missing, *parts]).stream, lambda: Dataset([missing]).pages(3)):
        with pytest.raises(FileNotFoundError, match=r"none\.json"):
            read()
    stream = Dataset([parts[0], missing]).stream()
    assert [next(stream) for _ in PARTS[0]] == PARTS[0]
    with pytest.raises(FileNotFoundError) as caught:
        next(stream)
    assert caught.value.filename == str(missing)
    pages = Dataset([parts[0], missing]).pages(200)
    assert next(pages).items == ROWS[:200]
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        next(pages)


ERRORS: list[tuple[str | bytes, Any, type[Exception]]] = [
    ('{"rows": [1, x]}', "$.rows", json.JSONDecodeError),
    ('{"rows": []} 1', "$.rows", json.JSONDecodeError),
    ("", "$.rows", json.JSONDecodeError),
    ('{"other": []}', "$.rows", KeyError),
    ('{"rows": 1}', "$.rows", TypeError),
    ('{"rows": [1], "rows": []}', "$.rows", DuplicateKeyError),
    ('{"rows": [1, "ä"]}'.encode("latin-1"), "$.rows", UnicodeDecodeError),
    ("[" * 100_000, "$.rows", RecursionError),
]


@pytest.mark.parametrize("read", ["stream", "pages"])
@pytest.mark.parametrize(("content", "path", "kind"), ERRORS)
def test_an_error_says_which_file_it_is_in_and_is_what_it_is_without_that(
    content: str | bytes,
    path: str,
    kind: type[Exception],
    read: str,
    broken: Callable[[str | bytes], list[Path]],
) -> None:
    files = broken(content)
    with pytest.raises(kind) as alone:
        list(Dataset(files[1], path).stream())
    with pytest.raises(kind) as caught:
        list(Dataset(files, path).stream() if read == "stream" else Dataset(files, path).pages(5))
    assert type(caught.value) is type(alone.value)
    assert str(files[1]) in str(caught.value)
    assert str(files[1]) not in str(alone.value)
    for name in ("pos", "lineno", "colno", "start", "end", "object", "key"):
        assert getattr(caught.value, name, None) == getattr(alone.value, name, None)
    if kind is KeyError:
        assert caught.value.args == alone.value.args
    frozen = io.BytesIO()
    pickler = pickle.Pickler(frozen)
    pickler.dispatch_table = {}  # in which Dask's tblib puts what loses some messages
    pickler.dump(caught.value)
    thawed = pickle.loads(frozen.getvalue())
    assert type(thawed) is type(caught.value)
    assert str(thawed) == str(caught.value)


def test_an_index_that_is_missing_names_its_file(tmp_path: Path) -> None:
    for name, content in (("a", "[[1]]"), ("b", "[]")):
        (tmp_path / name).write_text(content)
    with pytest.raises(IndexError, match=r"b: list index out of range$"):
        Dataset([tmp_path / "a", tmp_path / "b"], "$[0]").load()
    (tmp_path / "a").write_text("{}")
    with pytest.raises(KeyError, match=r"0 in .*a"):
        Dataset([tmp_path / "a"], (0,)).load()


def test_a_broken_archive_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps(ROWS).encode())[:-20])
    (tmp_path / "b.json.gz").write_bytes(b"no archive")
    with pytest.raises(EOFError, match=r"a\.json\.gz: "):
        Dataset([tmp_path / "a.json.gz"]).load()
    with pytest.raises(gzip.BadGzipFile, match=r"b\.json\.gz: "):
        Dataset([tmp_path / "b.json.gz"]).load()


def test_an_error_of_the_filter_is_left_alone(parts: list[Path]) -> None:
    with pytest.raises(KeyError) as caught:
        list(Dataset(parts).stream(lambda row: row["absent"]))
    assert str(caught.value) == "'absent'"


@dataclass
class Row:
    n: int
    t: str


def test_types_and_the_file_of_an_element_that_is_of_another(
    parts: list[Path], broken: Callable[[str], list[Path]]
) -> None:
    typed = Dataset(parts, type=Row)
    assert typed.load() == [Row(**row) for row in ROWS]
    assert [row for page in typed.pages(7) for row in page.items] == typed.load()
    files = broken('{"rows": [{"n": 1}, {"n": 2}, {"n": "3"}]}')

    @dataclass
    class Number:
        n: int

    for read in (
        Dataset(files, "$.rows", type=Number).stream,
        lambda: Dataset(files, "$.rows", type=Number).pages(2),
    ):
        with pytest.raises(ElementTypeError, match=r"b\.json: element 2 is not a Number") as caught:
            list(read())
        assert caught.value.index == 2
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    with pytest.raises(TypeError):
        Dataset(parts, type="Row").stream()


@pytest.mark.parametrize("size", [1, 7, 299, 300, 301, 1000, 2000])
def test_pages_go_across_files_and_each_cursor_goes_on_behind_its_page(
    size: int, parts: list[Path], window: Callable[[int], None]
) -> None:
    window(2000)
    dataset = Dataset(parts)
    pages = list(dataset.pages(size))
    assert [row for page in pages for row in page.items] == ROWS
    assert {len(page.items) for page in pages[:-1]} <= {size}
    assert all(len(page.cursor) < 80 for page in pages)
    for number in {0, 1, 42 // size, 300 // size, len(pages) // 2, len(pages) - 1}:
        if number < len(pages):
            for again in (16, 131_072):
                window(again)
                rest = [
                    row for page in dataset.pages(size, pages[number].cursor) for row in page.items
                ]
                assert rest == ROWS[(number + 1) * size :]


def test_a_cursor_does_not_open_the_files_before_its_own(parts: list[Path]) -> None:
    dataset = Dataset(parts)
    cursor = next(dataset.pages(400)).cursor
    parts[0].write_text("not read any more")
    assert next(dataset.pages(100, cursor)).items == ROWS[400:500]


def test_a_cursor_is_refused_where_other_files_stand_before_its_place(tmp_path: Path) -> None:
    for name in ("b", "d"):
        (tmp_path / name).write_text("[1, 2, 3]")
    dataset = Dataset(f"{tmp_path}/[a-z]")
    cursors = [page.cursor for page in dataset.pages(2)]
    (tmp_path / "e").write_text("[4]")
    assert next(dataset.pages(9, cursors[1])).items == [2, 3, 4]
    (tmp_path / "a").write_text("[0]")
    with pytest.raises(ValueError, match="other files before"):
        dataset.pages(9, cursors[1])
    with pytest.raises(ValueError, match="other files before"):
        Dataset([tmp_path / "b"]).pages(9, cursors[1])
    alone = next(Dataset(tmp_path / "b").pages(1)).cursor
    for wrong in (alone, "", "x", "0.abc:1", 7, "-1.:1"):
        with pytest.raises(ValueError, match="cursor"):
            dataset.pages(2, wrong)
    with pytest.raises(ValueError, match="cursor"):
        Dataset(tmp_path / "b").pages(2, cursors[0])


def test_a_file_that_changes_is_named(tmp_path: Path, window: Callable[[int], None]) -> None:
    window(100)
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(ROWS))
    stream = Dataset(f"{tmp_path}/*.json").stream()
    for _ in range(1500):
        next(stream)
    os.utime(tmp_path / "b.json", ns=(0, 0))
    with pytest.raises(SourceChangedError, match=r"b\.json was changed"):
        list(stream)


def test_what_is_wrong_with_the_call_is_not_blamed_on_a_file(parts: list[Path]) -> None:
    with pytest.raises(ValueError, match=r"^path"):
        Dataset(parts, "rows").stream()
    with pytest.raises(LookupError, match=r"^unknown encoding"):
        Dataset(parts, encoding="klingon").stream()
    with pytest.raises(ValueError, match="at least 1"):
        Dataset(parts).pages(0)
    with parts[0].open() as file, pytest.raises(TypeError, match="stream_json"):
        Dataset([file]).stream()


def test_a_folder_is_no_list_of_files(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        Dataset(tmp_path).stream()


@given(
    counts=st.lists(st.integers(0, 7), max_size=6),
    kinds=st.lists(st.sampled_from(["json", "jsonl", "json.gz"]), min_size=6, max_size=6),
    size=st.integers(1, 9),
    window_size=st.sampled_from([16, 60, 131_072]),
)
def test_however_elements_are_spread_over_files_pages_and_streams_give_them_in_order(
    counts: list[int], kinds: list[str], size: int, window_size: int
) -> None:
    elements = iter(range(100))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("loadstream.runtime.window.SIZE", window_size)
        files = []
        for number, (count, kind) in enumerate(zip(counts, kinds, strict=False)):
            part = [{"n": n, "t": "x" * (n % 30)} for n in islice(elements, count)]
            text = json.dumps(part)
            if kind == "jsonl":
                text = "".join(f"{json.dumps(row)}\n\n" for row in part)
            raw = gzip.compress(text.encode()) if kind.endswith("gz") else text.encode()
            files.append(Path(folder, f"{number}.{kind}"))
            files[-1].write_bytes(raw)
        dataset = Dataset(files)
        expected = [{"n": n, "t": "x" * (n % 30)} for n in range(sum(counts))]
        assert dataset.load() == expected
        pages = list(dataset.pages(size))
        assert [row for page in pages for row in page.items] == expected
        for number, page in enumerate(pages, 1):
            rest = [row for page in dataset.pages(size, page.cursor) for row in page.items]
            assert rest == expected[number * size :]

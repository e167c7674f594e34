"""Partitions of what needs no pass: many files, URLs and what cannot be entered in the middle."""

from __future__ import annotations

import gzip
import json
import locale
import os
import pickle
import tempfile
import zipfile
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream import (
    Dataset,
    NoIndexError,
    NotIndexableError,
    Partition,
    SourceChangedError,
    Url,
)
from loadstream.runtime.files import File
from loadstream.runtime.remote import absolute

pytestmark = pytest.mark.usefixtures("small_chunks")

ROWS = [{"n": n, "t": "ü" * (n % 50)} for n in range(1000)]
CUTS = [0, 200, 200, 201, 500, 700, 800, 1000]
NAMES = ["0.json", "1.json", "2.jsonl.gz", "3.jsonl", "4.json.gz", "6.json", "7.json"]


@pytest.fixture
def parts(tmp_path: Path) -> list[Any]:
    """The rows in many kinds of files: two with an index, one in an archive, one of them empty."""
    found: list[Any] = []
    for name, (start, stop) in zip(NAMES, pairwise(CUTS), strict=True):
        rows = ROWS[start:stop]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        raw = (lines if "jsonl" in name else json.dumps(rows)).encode()
        found.append(tmp_path / name)
        found[-1].write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    for indexed in (found[0], found[1]):
        Dataset(indexed).index()
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(found[-1], "in.json")
    found[-1].unlink()
    found[-1] = f"zip://in.json::file://{tmp_path}/b.zip"
    return found


def joined(partitions: list[Partition]) -> list[Any]:
    return [element for partition in partitions for element in partition.stream()]


@pytest.mark.parametrize("size", [1, 700, 3000, "8 kB", "40 kB", "1 GB"])
def test_of_files_of_all_kinds_they_are_load_in_its_order(size: Any, parts: list[Any]) -> None:
    dataset = Dataset(parts)
    found = dataset.partitions(size)
    assert joined(found) == dataset.load() == ROWS
    assert joined(Dataset(parts[::-1]).partitions(size)) == Dataset(parts[::-1]).load()
    assert [row for part in found for row in part.stream(lambda row: row["n"] % 9 == 1)] == ROWS[
        1::9
    ]


def test_what_can_be_entered_is_cut_and_what_cannot_is_whole(parts: list[Any]) -> None:
    found = Dataset(parts).partitions("3 kB")
    kinds = [
        (Path(str(part.source)).name, type(part).__name__) for one in found for part in one.parts
    ]
    assert set(kinds) == {
        ("0.json", "Section"),
        ("2.jsonl.gz", "WholeFile"),
        ("3.jsonl", "Section"),
        ("4.json.gz", "WholeFile"),
        ("6.json", "WholeFile"),
        ("b.zip", "WholeFile"),
    }
    for name in ("2.jsonl.gz", "4.json.gz", "6.json", "b.zip"):
        assert kinds.count((name, "WholeFile")) == 1
    assert min(kinds.count(("0.json", "Section")), kinds.count(("3.jsonl", "Section"))) > 3


def test_small_files_are_put_together_up_to_the_size(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number:02}.json").write_text(f"[{number:02}, {number:03}]".replace("0", "1"))
    dataset = Dataset(f"{tmp_path}/*.json")
    assert [part.size for part in dataset.partitions(90)] == [90] * 10
    assert [part.size for part in dataset.partitions(99)] == [99] * 9 + [9]
    assert len(dataset.partitions(1)) == 100
    assert len(dataset.partitions("1 kB")) == 1
    (tmp_path / "50.json").write_text("[" + " " * 200 + "7]")
    sizes = [part.size for part in dataset.partitions(90)]
    assert sizes == [90] * 5 + [203] + [90] * 4 + [81]
    assert joined(dataset.partitions(90)) == dataset.load()


def test_a_url_whose_size_is_not_known_is_not_put_together_with_others(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text("[1]")
    mixed = Dataset([tmp_path / "a", f"file://{tmp_path}/b", tmp_path / "c"])
    assert [part.size for part in mixed.partitions("1 GB")] == [3, None, 3]


def test_no_file_is_opened_to_make_them_but_lines_that_are_cut(
    parts: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    begin = File.__init__

    def spy(file: File, path: Any) -> None:
        opened.append(Path(path).name)
        begin(file, path)

    monkeypatch.setattr(File, "__init__", spy)
    unindexed = Dataset(parts[2:])
    assert unindexed.partitions("1 GB")
    assert opened == []
    assert unindexed.partitions("3 kB")
    assert opened == ["3.jsonl"]


@pytest.mark.parametrize("size", [1, "1 GB"])
@pytest.mark.parametrize("name", ["a.json.gz", "a.jsonl.gz", "a.json", "url"])
def test_one_file_that_cannot_be_entered_is_one_partition(
    name: str, size: Any, tmp_path: Path
) -> None:
    path = tmp_path / name
    text = "\n".join(map(json.dumps, ROWS)) if "jsonl" in name else json.dumps({"rows": ROWS})
    raw = text.encode("utf-16" if name == "a.json" else "utf-8")
    path.write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    source = f"file://{path}" if name == "url" else path
    dataset = Dataset(
        source,
        "$" if "jsonl" in name else "$.rows",
        encoding="utf-16" if name == "a.json" else None,
    )
    (part,) = dataset.partitions(size)
    assert part.load() == dataset.load() == ROWS
    assert list(part.stream(lambda row: row["n"] > 990)) == ROWS[991:]
    assert (part.first, part.count) == (0, None)
    assert part.size == (None if name == "url" else path.stat().st_size)
    with pytest.raises(NoIndexError, match="length of a partition"):
        len(part)
    with pytest.raises(TypeError):
        dataset.partitions(elements=5)


def test_one_json_file_alone_needs_an_index_and_among_others_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(ROWS))
    with pytest.raises(NoIndexError, match=r"call index\(\) first"):
        Dataset(path).partitions(1)
    assert len(Dataset([path]).partitions(1)) == 1
    path.write_text('{"a": [{"b": [1]}, {"b": [2, 3]}]}')
    with pytest.raises(NotIndexableError, match="every element"):
        Dataset(path, "$.a[*].b").partitions(1)
    assert joined(Dataset([path, path], "$.a[*].b").partitions(1)) == [1, 2, 3] * 2


def test_a_damaged_or_outdated_index_beside_a_file_is_passed_over(parts: list[Any]) -> None:
    parts[0].with_name("0.json.lsx").write_bytes(b"loadstream index, but no more")
    parts[1].with_name("1.json.lsx").write_bytes(b"something else")
    assert joined(Dataset(parts).partitions(3000)) == ROWS
    Dataset(parts[5]).index()
    parts[5].write_text("[1, 2, 3]")
    assert joined(Dataset(parts[:6]).partitions(3000)) == [*ROWS[:700], 1, 2, 3]


def test_where_all_have_an_index_their_lengths_are_known(parts: list[Any]) -> None:
    found = Dataset([parts[0], parts[1], parts[0]]).partitions("1 GB")
    assert [len(part) for part in found] == [400]
    small = Dataset([parts[0], parts[1], parts[0]]).partitions(1500)
    firsts = [0, *accumulate(map(len, small))]
    assert [part.first for part in small] == firsts[:-1]
    assert firsts[-1] == 400
    assert [part.first for part in Dataset([parts[5], parts[0]]).partitions(1)][:2] == [0, None]
    with pytest.raises(NoIndexError):
        len(Dataset([parts[0], parts[5]]).partitions("1 GB")[0])


def test_they_are_small_and_know_their_files_in_another_folder(
    parts: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = Dataset([part.name for part in parts[:-1]]).partitions("10 kB")
    packed = [pickle.dumps(part) for part in found]
    assert max(map(len, packed)) < 1000
    monkeypatch.chdir("/")
    assert [pickle.loads(part) for part in packed] == found
    assert joined([pickle.loads(part) for part in packed]) == ROWS[:800]


def test_a_url_of_this_machine_holds_in_another_folder(
    parts: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    relative = ["file://6.json", "zip://in.json::b.zip", Url("zip://*.json::file://b.zip")]
    found = Dataset(relative).partitions(1)
    monkeypatch.chdir("/")
    assert joined(found) == ROWS[700:] + ROWS[800:]
    for url in ("memory://a.json", "zip://a.json::s3://b.zip", "file://~/a.json"):
        assert absolute(url) is url


def test_the_encoding_of_the_locale_is_that_of_where_they_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    path.write_bytes('["ü"]'.encode("latin-1"))
    monkeypatch.setattr(locale, "getpreferredencoding", lambda *_: "latin-1")
    found = Dataset(path, encoding="locale").partitions(1)
    monkeypatch.setattr(locale, "getpreferredencoding", lambda *_: "utf-8")
    assert joined(found) == ["ü"]


def test_a_url_travels_with_its_options_and_does_not_show_them(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("[1, 2]")
    url = Url(
        f"file://{tmp_path}/a",
        retries=2,
        timeout=7,
        read_ahead=0,
        storage_options={"auto_mkdir": False, "secret": "s3cr3t"},
    )
    for dataset in (Dataset(url), Dataset([url])):
        (part,) = pickle.loads(pickle.dumps(dataset.partitions(1)))
        assert "s3cr3t" not in repr(part)
        assert part.load() == [1, 2]
        (whole,) = getattr(part, "parts", [part])
        for name in Url.__slots__:
            assert getattr(whole.source, name) == getattr(url, name)


def test_urls_of_a_pattern(tmp_path: Path) -> None:
    folder = f"memory://{tmp_path.name}-{os.getpid()}"
    for number in range(3):
        with fsspec.open(f"{folder}/{number}.json", "wt") as file:
            json.dump(ROWS[number * 10 : number * 10 + 10], file)
    try:
        for pattern in (f"{folder}/*.json", Url(f"{folder}/*.json")):
            found = Dataset(pattern).partitions("1 MB")
            assert len(found) == 3
            assert joined(found) == ROWS[:30]
    finally:
        fsspec.filesystem("memory").store.clear()


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("size", [3000, "1 GB"])
def test_a_file_that_changed_since_gives_no_element_and_is_named(
    size: Any, number: int, parts: list[Any]
) -> None:
    found = Dataset(parts).partitions(size)
    before = parts[number].stat()
    parts[number].write_bytes(parts[number].read_bytes()[:-1] + b"X")
    os.utime(parts[number], ns=(before.st_atime_ns, before.st_mtime_ns))
    if number == 1:  # which has no element that could be given
        return
    with pytest.raises(SourceChangedError) as caught:
        joined(found)
    assert str(parts[number]) in str(caught.value)
    assert "make partitions again" in str(caught.value)


@pytest.mark.parametrize("number", [0, 2, 3, 5])
def test_a_file_that_is_gone_is_named(number: int, parts: list[Any]) -> None:
    dataset = Dataset(parts)
    found = dataset.partitions(3000)
    parts[number].unlink()
    with pytest.raises(FileNotFoundError, match=parts[number].name):
        joined(found)
    with pytest.raises(FileNotFoundError, match=parts[number].name):
        dataset.partitions(3000)


def test_a_whole_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(ROWS))
    stream = Dataset([path]).partitions(1)[0].stream()
    next(stream)
    path.write_text(json.dumps(ROWS[1:]))
    with pytest.raises(SourceChangedError, match=r"a\.json"):
        list(stream)


@pytest.mark.parametrize("size", [1, "1 GB"])
def test_an_error_is_that_of_load_and_says_which_file(size: Any, parts: list[Any]) -> None:
    parts[5].write_text('[1, {"a": x}]')
    for dataset in (Dataset(parts), Dataset(parts, "$[1].a")):
        with pytest.raises((ValueError, LookupError, TypeError)) as expected:
            dataset.load()
        with pytest.raises(type(expected.value)) as caught:
            joined(dataset.partitions(size))
        assert str(caught.value) == str(expected.value)
        assert caught.value.args == expected.value.args


def test_what_is_wrong_with_the_call_is_said_at_once(parts: list[Any], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^path"):
        Dataset(parts, "rows").partitions(1)
    with pytest.raises(ValueError, match=r"^path"):
        Dataset(f"file://{tmp_path}/a", "rows").partitions(1)
    with pytest.raises(NotIndexableError, match="cannot be parted: it is no plain file"):
        Dataset([*parts, tmp_path]).partitions(1)
    with pytest.raises(FileNotFoundError, match="No file matches"):
        Dataset(f"{tmp_path}/none-*").partitions(1)
    assert Dataset([]).partitions(1) == []


def test_it_shows_its_first_and_its_last_part_only(parts: list[Any]) -> None:
    (part,) = Dataset(parts[:6]).partitions("1 GB")
    assert "0.json" in repr(part)
    assert "6.json" in repr(part)
    assert "4.json" not in repr(part)
    assert repr(part).endswith(": 5 parts)")


@given(
    counts=st.lists(st.integers(0, 7), max_size=6),
    kinds=st.lists(
        st.sampled_from(["json", "jsonl", "json.gz", "indexed.json", "url"]),
        min_size=6,
        max_size=6,
    ),
    size=st.integers(1, 400),
)
def test_however_elements_are_spread_over_files_they_are_load_in_its_order(
    counts: list[int], kinds: list[str], size: int
) -> None:
    elements = iter(ROWS)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("loadstream.runtime.index_pass.STEP", 40)
        sources: list[Any] = []
        for number, (count, kind) in enumerate(zip(counts, kinds, strict=False)):
            rows = [next(elements) for _ in range(count)]
            lines = "".join(f"{json.dumps(row)}\n\n" for row in rows)
            raw = (lines if kind == "jsonl" else json.dumps(rows)).encode()
            path = Path(folder, f"{number}.{kind}")
            path.write_bytes(gzip.compress(raw) if kind.endswith("gz") else raw)
            if kind.startswith("indexed"):
                Dataset(path).index()
            sources.append(f"file://{path}" if kind == "url" else path)
        dataset = Dataset(sources)
        parts = dataset.partitions(size)
        assert joined(parts) == dataset.load() == ROWS[: sum(counts)]
        assert all(
            part.size <= size for part in parts if part.size is not None and len(part.parts) > 1
        )

"""URLs, opened by fsspec."""

from __future__ import annotations

import gc
import gzip
import json
import os
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fsspec
import pytest

from loadstream import Dataset, SourceChangedError, stream_json, stream_lines, stream_values
from loadstream.runtime.remote import Remote, is_url, name_in

ROWS = [{"n": n, "t": "ü€😀"} for n in range(3000)]
TEXT = json.dumps({"rows": ROWS}, ensure_ascii=False)
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


@pytest.fixture
def put(tmp_path: Path) -> Iterator[Callable[[str, bytes], str]]:
    """Writes into fsspec's memory and gives the URL."""
    folder = f"memory://{tmp_path.name}-{os.getpid()}"

    def write(name: str, content: bytes) -> str:
        with fsspec.open(f"{folder}/{name}", "wb") as file:
            file.write(content)
        return f"{folder}/{name}"

    yield write
    fsspec.filesystem("memory").store.clear()


@pytest.mark.parametrize("size", [100, 131_072])
def test_a_url_is_read_as_a_file_is(
    size: int, put: Callable[[str, bytes], str], window: Callable[[int], None]
) -> None:
    window(size)
    url = put("a.json", TEXT.encode())
    assert list(stream_json(url, "$.rows")) == ROWS
    assert list(stream_values(url)) == [ROWS]
    assert list(stream_json(url, "$.rows", filter_func=lambda row: row["n"] < 2)) == ROWS[:2]


def test_a_file_url(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(TEXT, encoding="utf-8")
    assert list(stream_json(f"file://{tmp_path}/a.json", "$.rows")) == ROWS


def test_a_file_behind_a_url_that_changes_is_an_error(
    tmp_path: Path, window: Callable[[int], None]
) -> None:
    window(100)
    path = tmp_path / "a.json"
    path.write_text(TEXT, encoding="utf-8")
    stream = stream_json(f"file://{path}", "$.rows")
    next(stream)
    os.utime(path, ns=(0, 0))
    with pytest.raises(SourceChangedError, match=r"a\.json"):
        list(stream)


@pytest.mark.parametrize("inner", ["a.json", "in/a.json.gz", "a.jsonl"])
def test_a_member_of_an_archive(inner: str, tmp_path: Path) -> None:
    raw = LINES.encode() if inner.endswith("l") else TEXT.encode()
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(inner, gzip.compress(raw) if inner.endswith("gz") else raw)
    path = "$" if inner.endswith("l") else "$.rows"
    for where in (f"file://{tmp_path}/b.zip", f"{tmp_path}/b.zip"):
        one = stream_json(f"zip://{inner}::{where}", path)
        other = stream_json(f"zip://{inner}::{where}", path)
        assert next(one) == next(other) == ROWS[0]
        one.close()
        assert list(other) == ROWS[1:]


def test_a_url_is_unpacked_by_its_name(put: Callable[[str, bytes], str]) -> None:
    url = put("a.json.gz", gzip.compress(TEXT.encode()))
    assert list(stream_json(url, "$.rows")) == ROWS
    url = put("wide.json.GZ", gzip.compress(TEXT.encode("utf-16")))
    assert list(stream_json(url, "$.rows")) == ROWS


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson.gz", "a.txt"])
def test_lines_by_the_name_of_a_url(name: str, put: Callable[[str, bytes], str]) -> None:
    raw = LINES.encode()
    url = put(name, gzip.compress(raw) if name.endswith("gz") else raw)
    stream = stream_lines if name.endswith("txt") else stream_json
    assert list(stream(url)) == ROWS
    if not name.endswith("txt"):
        assert [row for page in Dataset(url).pages(7) for row in page.items] == ROWS


def test_a_url_is_decoded_as_a_path_is(
    put: Callable[[str, bytes], str], document: Callable[..., Path], judge: SimpleNamespace
) -> None:
    assert list(stream_json(put("l.json", '["ü"]'.encode("latin-1")), encoding="latin-1")) == ["ü"]
    for number, raw in enumerate(
        (b"\xef\xbb\xbf[1]", '["ü"]'.encode("latin-1"), "[1]".encode("utf-16"), b"[1,\r\n x]", b"")
    ):
        path = document(raw)
        url = put(f"{number}.json", raw)
        expected = judge.outcome(lambda path=path: list(stream_json(path)))
        assert expected[0] == "error"
        assert judge.outcome(lambda url=url: list(stream_json(url))) == expected


def test_a_data_set_of_a_url(put: Callable[[str, bytes], str]) -> None:
    dataset = Dataset(put("a.json", TEXT.encode()), "$.rows")
    assert dataset.load() == ROWS
    cursor = next(dataset.pages(1000)).cursor
    rest = [row for page in dataset.pages(700, cursor) for row in page.items]
    assert rest == ROWS[1000:]


def test_a_url_is_opened_at_the_call_and_closed_by_the_stream(
    put: Callable[[str, bytes], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileNotFoundError):
        stream_json("memory://nothing/here.json")
    with pytest.raises(FileNotFoundError):
        stream_json(f"zip://a.json::file://{tmp_path}/none.zip")
    closed: list[Any] = []
    close = Remote.close

    def spy(remote: Remote) -> None:
        close(remote)
        closed.append(remote._handle)  # not the object itself: this is called by its __del__ too

    monkeypatch.setattr(Remote, "close", spy)
    url = put("a.json.gz", gzip.compress(TEXT.encode()))
    with stream_json(url, "$.rows") as stream:
        next(stream)
        assert closed == []
    assert len(closed) == 1
    assert closed[0].closed
    with pytest.raises(LookupError, match="klingon"):
        stream_json(url, encoding="klingon")


def test_no_file_of_an_archive_is_left_open(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.json", TEXT)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            with stream_json(f"zip://a.json::file://{tmp_path}/b.zip", "$.rows") as stream:
                next(stream)
        del stream
        gc.collect()
    folder = Path("/proc/self/fd")
    if folder.exists():
        assert not [fd for fd in folder.iterdir() if os.path.realpath(fd).endswith("b.zip")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("s3://bucket/a.json", True),
        ("zip://a.json::s3://b/c.zip", True),
        ("simplecache::https://host/a.json", True),
        ("c://folder/a.json", False),
        ("C:\\a.json", False),
        ("folder/s3://a.json", False),
        ("a::b.json", False),
        ("://a.json", False),
    ],
)
def test_what_is_a_url(source: str, expected: bool) -> None:
    assert is_url(source) is expected


def test_the_name_of_a_url() -> None:
    assert name_in("zip://in/a.json::s3://b/c.zip") == "in/a.json"
    assert name_in("simplecache::s3://b/a.jsonl.gz") == "b/a.jsonl.gz"
    assert name_in("https://host/a.jsonl?token=x.gz#y") == "host/a.jsonl"
    assert name_in("s3://b/what?.json") == "b/what?.json"


def test_a_file_that_looks_like_a_url_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "memory:").mkdir()
    (tmp_path / "memory:" / "a.json").write_text("[1, 2]")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    assert list(stream_json("memory://a.json")) == [1, 2]


def test_without_fsspec_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    for url in ("s3://bucket/a.json", "s3://bucket/a.jsonl", "s3://bucket/a.json.gz"):
        with pytest.raises(ImportError, match=r"pip install 'loadstream\[remote\]'$") as caught:
            stream_json(url)
        assert "\n" not in str(caught.value)


def test_fsspec_is_imported_only_for_a_url(document: Callable[..., Any]) -> None:
    program = (
        "import sys, loadstream as l; print(len(l.Dataset(sys.argv[1]).load()));"
        "print('fsspec' in sys.modules, 'loadstream.runtime.remote' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(document(ROWS))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["3000", "False", "False"]

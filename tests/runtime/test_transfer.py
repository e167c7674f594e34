"""Stores that are read range by range, and what is decided the same way for all of them."""

from __future__ import annotations

import io
import pickle
import random
import ssl
import sys
import time
import zipfile
from collections.abc import Iterator
from itertools import chain, repeat
from types import SimpleNamespace
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.spec import AbstractBufferedFile

from loadstream import Dataset, SourceChangedError, Url, stream_json
from loadstream.runtime import remote, transfer
from loadstream.runtime.ahead import Ahead
from loadstream.runtime.ranges import Chain
from loadstream.runtime.retrying import passes, status_of
from tests.runtime.storage import BIG, BIG_ROWS, ROWS, TEXT

pytestmark = pytest.mark.usefixtures("short_pauses")


@pytest.fixture
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects of the tests are read in many ranges."""
    monkeypatch.setattr(remote, "_BLOCK", 8192)


class Flaky(MemoryFileSystem):
    """Any other store: it breaks off, gives less than was asked for, and keeps a log."""

    protocol = "flaky"
    chance = random.Random(7)
    broken = 0.4
    asked: ClassVar[list[tuple[int, int]]] = []

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("flaky:").strip("/")

    def _open(self, path: str, mode: str = "rb", **how: Any) -> Any:
        if mode == "rb":
            return FlakyFile(self, path, mode, **{**how, "block_size": 8192})
        return super()._open(path, mode, **how)


class FlakyFile(AbstractBufferedFile):
    def _fetch_range(self, start: int, end: int) -> Any:
        self.fs.asked.append((start, end))
        chance = self.fs.chance.random()
        content = self.fs.cat_file(self.path)
        if chance < self.fs.broken / 2:
            raise ConnectionResetError("by the store")
        return content[start : end - (chance < self.fs.broken)]


@pytest.fixture
def flaky() -> Iterator[type[Flaky]]:
    fsspec.register_implementation("flaky", Flaky, clobber=True)
    Flaky.asked.clear()
    Flaky.broken, Flaky.chance = 0.4, random.Random(7)
    yield Flaky
    Flaky.store.clear()


@pytest.mark.parametrize("read_ahead", [0, 30_000])
def test_ranges_that_break_or_are_short_lose_and_repeat_nothing(
    read_ahead: int, flaky: type[Flaky], small_ranges: None
) -> None:
    fsspec.filesystem("flaky").pipe_file("/a.json", TEXT)
    url = Url("flaky://a.json", read_ahead=read_ahead, retries=30)
    assert list(stream_json(url, "$.rows")) == ROWS
    starts = [start for start, _ in flaky.asked]
    assert starts == sorted(starts)
    assert len(set(starts)) < len(starts)


def test_a_member_of_an_archive_that_breaks_off_is_opened_again_and_passed_over(
    flaky: type[Flaky], monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.json", BIG)
    fs = fsspec.filesystem("flaky")
    fs.pipe_file("/b.zip", packed.getvalue())
    again: list[int] = []
    read = Chain.read

    def spy(member: Chain, place: int) -> bytes:
        if member._file is None:
            again.append(place)
        return read(member, place)

    monkeypatch.setattr(Chain, "read", spy)
    fetches = chain([1.0] * 6, [0.0], repeat(1.0))  # the seventh breaks off
    monkeypatch.setattr(flaky, "chance", SimpleNamespace(random=fetches.__next__))
    url = Url("zip://a.json::flaky://b.zip", read_ahead=0)
    assert list(stream_json(url, "$.rows")) == BIG_ROWS
    assert any(again), "it went on in the middle"
    stream = stream_json(url, "$.rows")
    fs.pipe_file("/b.zip", packed.getvalue())
    with pytest.raises(SourceChangedError, match=r"^zip://a\.json::flaky://b\.zip was changed"):
        list(stream)


def test_an_end_before_the_size_that_was_announced_is_no_end() -> None:
    class Early:
        size = 10
        answers: ClassVar[list[bytes]] = [b"12345", b"", b"", b"6789", b"", b"0", b"", b"more"]
        places: ClassVar[list[int]] = []

        def open(self) -> None:
            pass

        drop = interrupt = open

        def read(self, place: int) -> bytes:
            self.places.append(place)
            return self.answers.pop(0)

    early = Early()
    moved = transfer.Transfer(Url("s3://bucket/a.json", retries=2), early)
    assert [moved.read() for _ in range(5)] == [b"12345", b"6789", b"0", b"", b""]
    assert early.places == [0, 5, 5, 5, 9, 9, 10]
    early.answers[:] = [b"x" * 11]
    with pytest.raises(SourceChangedError, match="more than the 10 bytes"):
        transfer.Transfer(Url("s3://bucket/a.json", retries=2), early).read()
    early.answers[:] = [b""] * 3
    with pytest.raises(ConnectionError, match="broke off at byte 0 of 10, also after 2 retries"):
        transfer.Transfer(Url("s3://bucket/a.json", retries=2), early).read()


def test_ranges_are_of_one_object_or_an_error(flaky: type[Flaky], small_ranges: None) -> None:
    flaky.broken = 0
    fs = fsspec.filesystem("flaky")
    for change in ("replaced", "gone"):
        fs.pipe_file("/a.json", TEXT)
        stream = stream_json(Url("flaky://a.json", read_ahead=0), "$.rows")
        next(stream)
        if change == "gone":
            fs.rm("/a.json")
        else:
            fs.pipe_file("/a.json", TEXT)
        with pytest.raises(SourceChangedError, match=r"^flaky://a\.json was changed"):
            list(stream)


def test_ranges_of_nothing_of_a_folder_and_of_what_is_missing(flaky: type[Flaky]) -> None:
    fs = fsspec.filesystem("flaky")
    fs.pipe_file("/in/a.jsonl", b"")
    assert list(stream_json("flaky://in/a.jsonl")) == []
    with pytest.raises(IsADirectoryError, match="flaky://in: "):
        stream_json("flaky://in")
    with pytest.raises(FileNotFoundError, match="'flaky://none'"):
        stream_json("flaky://none")


def test_a_url_in_memory_that_is_replaced_or_read_twice_at_once() -> None:
    fs = fsspec.filesystem("memory")
    url = "memory://storage/a.json"
    try:
        fs.pipe_file("storage/a.json", TEXT)
        both = zip(stream_json(url, "$.rows"), stream_json(url, "$.rows"), strict=True)
        assert list(both) == list(zip(ROWS, ROWS, strict=True))
        stream = stream_json(Url(url, read_ahead=4), "$.rows")
        next(stream)
        fs.pipe_file("storage/a.json", TEXT.replace(b"1", b"2"))
        with pytest.raises(SourceChangedError, match=r"^memory://storage/a\.json was changed"):
            list(stream)
    finally:
        fs.store.clear()


def test_a_url_says_how_it_is_read_and_keeps_its_secrets() -> None:
    url = Url("s3://bucket/a.json", retries=1, storage_options={"secret": "hush"})
    assert "hush" not in repr(url)
    assert repr(Dataset(url)) == "Dataset(Url('s3://bucket/a.json'), '$')"
    thawed = pickle.loads(pickle.dumps(url))
    assert (thawed.url, thawed.retries, thawed.storage_options) == (url.url, 1, {"secret": "hush"})
    for wrong in ({"retries": -1}, {"timeout": 0}, {"read_ahead": -1}):
        with pytest.raises(ValueError):
            Url("s3://bucket/a.json", **wrong)
    with pytest.raises(ValueError, match="is not a URL"):
        Url("data/a.json")


def test_without_the_library_of_a_scheme_one_line_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    core = fsspec.core

    def absent(*_: Any, **__: Any) -> None:
        raise ImportError("Install s3fs to access S3\nand more")

    monkeypatch.setattr(core, "get_filesystem_class", absent)
    monkeypatch.setattr(core, "filesystem", absent)
    for source in ("s3://bucket/a.json", Url("s3://bucket/b.json"), "zip://a::s3://bucket/b.zip"):
        with pytest.raises(ImportError, match=r"s3fs .*: pip install 'loadstream\[remote\]'$") as e:
            stream_json(source)
        assert "\n" not in str(e.value)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ImportError, match=r"pip install 'loadstream\[remote\]'$"):
        Dataset("s3://bucket/*.json").stream()


class _StatusError(Exception):
    def __init__(self, status: int) -> None:
        self.status = status


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (OSError(16, "Please reduce your request rate"), True),
        (_StatusError(503), True),
        (_StatusError(429), True),
        (_StatusError(404), False),
        (_StatusError(501), False),
        (PermissionError("Forbidden"), False),
        (FileNotFoundError("a"), False),
        (OSError(22, "Bad Request"), False),
        (ssl.SSLCertVerificationError("self-signed"), False),
        (ValueError("no JSON"), False),
        (KeyError("a"), False),
    ],
)
def test_which_errors_pass(error: Exception, expected: bool) -> None:
    assert passes(error) is expected
    outer = OSError(5, "wrapped")
    outer.__cause__ = error
    assert passes(outer) is expected


def test_the_status_of_an_error_of_botocore() -> None:
    error = Exception()
    error.response = {"ResponseMetadata": {"HTTPStatusCode": 502}}  # type: ignore[attr-defined]
    assert status_of(error) == 502
    assert passes(error)


def test_read_ahead_takes_no_more_than_its_bound() -> None:
    class Endless:
        url = "s3://bucket/endless"
        given = 0

        def read(self) -> bytes:
            self.given += 1
            return b"x" * 1000

        def stop(self) -> None:
            pass

        close = stop

    endless = Endless()
    ahead = Ahead(endless, 10_000)  # type: ignore[arg-type]
    for asked in range(1, 50):
        assert ahead.read(1000) == b"x" * 1000
        assert endless.given <= asked + 10 + 1
    time.sleep(0.05)
    assert endless.given <= 49 + 10 + 1
    ahead.close()
    assert ahead.read(1000) == b""

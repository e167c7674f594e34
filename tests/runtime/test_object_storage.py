"""Objects over a network: S3 (moto's server on loopback) and HTTP, with connections that break.

What must hold whatever happens: the elements are those of the objects, each once and in order, or
there is an error that says which object it is in.
"""

from __future__ import annotations

import asyncio
import gc
import gzip
import io
import json
import pickle
import random
import ssl
import sys
import threading
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
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
from loadstream.runtime.retrying import passes, status_of
from loadstream.runtime.transports import Chain
from tests.runtime.storage import SLOW_DOWN, Proxy, Shelf, cuts, web_server

asyncio_sleep = asyncio.sleep
ROWS = [{"n": n, "t": "ü€😀" * 6} for n in range(1500)]
TEXT = json.dumps({"rows": ROWS}, ensure_ascii=False).encode()
BIG_ROWS = ROWS * 8
BIG = json.dumps({"rows": BIG_ROWS}, ensure_ascii=False).encode()
NAMES = [f"part-{number:03}.json" for number in range(200)]
SMALL = [{"n": n, "t": "word " * 8} for n in range(20)]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_SHORTEST", 0.001)
    monkeypatch.setattr(transfer, "_LONGEST", 0.01)
    try:
        import s3fs.core
    except ImportError:
        return
    # s3fs pauses behind a failure, also where it was told not to try again.
    quick = SimpleNamespace(**{**vars(asyncio), "sleep": lambda _: asyncio_sleep(0)})
    monkeypatch.setattr(s3fs.core, "asyncio", quick)


@pytest.fixture(scope="module")
def server() -> Iterator[SimpleNamespace]:
    """A server of S3 with one bucket: its port, and a client to put objects with."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    moto = pytest.importorskip("moto.server", reason="moto[server] is not installed")
    import logging

    import boto3

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    port = running.get_host_and_port()[1]
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="bucket")
    yield SimpleNamespace(port=port, client=client)
    client.close()
    running.stop()


@pytest.fixture
def proxy(server: SimpleNamespace) -> Iterator[Proxy]:
    proxy = Proxy("127.0.0.1", server.port)
    yield proxy
    proxy.close()


@pytest.fixture
def s3(proxy: Proxy) -> Callable[..., Url]:
    """A URL of the bucket, through the proxy."""

    def url(name: str, scheme: str = "s3://", **how: Any) -> Url:
        options = {
            "endpoint_url": f"http://127.0.0.1:{proxy.port}",
            "key": how.pop("key", "key"),
            "secret": "secret",
        }
        chained = "::" in scheme
        how.setdefault("timeout", 10)
        return Url(
            f"{scheme}bucket/{name}",
            storage_options={"s3": options} if chained else options,
            **how,
        )

    return url


@pytest.fixture
def put(server: SimpleNamespace) -> Iterator[Callable[[str, bytes], None]]:
    names = []

    def write(name: str, content: bytes) -> None:
        server.client.put_object(Bucket="bucket", Key=name, Body=content)
        names.append(name)

    yield write
    for name in names:
        server.client.delete_object(Bucket="bucket", Key=name)


@pytest.fixture
def web() -> Iterator[tuple[str, Shelf]]:
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    with web_server() as (address, shelf):
        shelf.headers["ETag"] = '"1"'
        yield address, shelf


@pytest.fixture
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects of the tests are read in many ranges."""
    monkeypatch.setattr(remote, "_BLOCK", 8192)


def take_all(stream: Iterator[Any], given: list[Any]) -> None:
    """Like `given.extend(stream)`, which would keep nothing of what came before an error."""
    for row in stream:
        given.append(row)  # noqa: PERF402


# S3


def test_two_hundred_objects_whose_connections_are_cut_lose_and_repeat_nothing(
    server: SimpleNamespace, proxy: Proxy, s3: Callable[..., Url]
) -> None:
    for number, name in enumerate(NAMES):
        body = json.dumps({"rows": [{**row, "file": number} for row in SMALL]})
        server.client.put_object(Bucket="bucket", Key=f"many/{name}", Body=body)
    expected = [{**row, "file": number} for number in range(len(NAMES)) for row in SMALL]
    proxy.fate = cuts(seed=20, share=0.3, most=len(body))
    assert Dataset(s3("many/part-*.json", retries=10), "$.rows").load() == expected
    assert len(proxy.heads) > 230, "some requests were made again"


@pytest.mark.parametrize(("seed", "read_ahead"), [(0, 0), (1, 20_000), (2, 8_000_000)])
def test_an_object_whose_connections_are_cut_again_and_again(
    seed: int,
    read_ahead: int,
    proxy: Proxy,
    s3: Callable[..., Url],
    put: Callable[[str, bytes], None],
) -> None:
    put("a.json", BIG)
    proxy.fate = cuts(seed, share=0.7, most=900_000)
    url = s3("a.json", read_ahead=read_ahead, retries=20)
    assert list(stream_json(url, "$.rows")) == BIG_ROWS
    assert [row for page in Dataset(url, "$.rows").pages(3000) for row in page.items] == BIG_ROWS


def test_a_connection_that_is_cut_goes_on_behind_what_was_given(
    proxy: Proxy, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("a.json", BIG)
    proxy.fate = lambda number, _: 300_000 if number < 4 else None
    assert list(stream_json(s3("a.json", read_ahead=0), "$.rows")) == BIG_ROWS
    starts = [int(head.split(b"bytes=")[1].split(b"-")[0]) for head in proxy.heads[1:]]
    assert len(starts) == 3
    assert starts == sorted(set(starts))
    assert starts[0] > 0


def test_what_is_compressed_is_read_through_cuts(
    proxy: Proxy, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("a.json.gz", gzip.compress(BIG, 0))
    proxy.fate = cuts(1, share=0.6, most=900_000)
    assert list(stream_json(s3("a.json.gz", retries=20), "$.rows")) == BIG_ROWS


def test_a_member_of_an_archive_in_a_bucket_is_read_through_cuts(
    proxy: Proxy, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/a.json", TEXT)
        archive.writestr("in/b.json", TEXT)
        archive.writestr("c.json", b"[]")
    put("b.zip", packed.getvalue())
    url = s3("b.zip", "zip://in/*.json::s3://")
    assert Dataset(url, "$.rows").load() == ROWS + ROWS
    proxy.fate = cuts(3, share=0.1, most=2000)
    assert list(stream_json(s3("b.zip", "zip://in/a.json::s3://"), "$.rows")) == ROWS


def test_a_server_that_is_busy_is_asked_again_and_not_for_ever(
    proxy: Proxy, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("a.json", BIG)
    proxy.fate = lambda number, _: {1: 400_000, 2: SLOW_DOWN, 3: 0, 4: SLOW_DOWN}.get(number)
    assert list(stream_json(s3("a.json"), "$.rows")) == BIG_ROWS
    proxy.heads.clear()
    proxy.fate = lambda *_: SLOW_DOWN
    with pytest.raises(ConnectionError, match=r"s3://bucket/a\.json: .* after 2 retries"):
        stream_json(s3("a.json", retries=2), "$.rows")
    assert len(proxy.heads) == 3


def test_a_connection_that_stalls_is_given_up_and_made_again(
    proxy: Proxy, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("a.json", BIG)
    proxy.fate = lambda number, _: -400_000 if number == 1 else None
    assert list(stream_json(s3("a.json", timeout=0.3), "$.rows")) == BIG_ROWS


def test_a_connection_that_always_breaks_is_an_error_at_its_place(
    proxy: Proxy, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("a.json", BIG)
    proxy.fate = lambda number, _: 700_000 if number == 1 else 0
    stream = stream_json(s3("a.json", retries=2), "$.rows")
    given: list[Any] = []
    with pytest.raises(ConnectionError) as caught:
        take_all(stream, given)
    message = str(caught.value)
    assert message.startswith("s3://bucket/a.json: broke off at byte ")
    assert f" of {len(BIG)}, also after 2 retries: " in message
    assert 0 < len(given) < len(BIG_ROWS)
    assert given == BIG_ROWS[: len(given)]
    assert str(pickle.loads(pickle.dumps(caught.value))) == message


@pytest.mark.parametrize("what", ["replaced", "of another length", "deleted"])
def test_an_object_that_is_another_after_a_cut_is_an_error(
    what: str,
    server: SimpleNamespace,
    proxy: Proxy,
    s3: Callable[..., Url],
    put: Callable[[str, bytes], None],
    window: Callable[[int], None],
) -> None:
    window(1000)
    put("a.json", BIG)
    proxy.fate = lambda number, _: 700_000 if number == 1 else None
    stream = stream_json(s3("a.json", read_ahead=0), "$.rows")
    given = [next(stream)]
    if what == "deleted":
        server.client.delete_object(Bucket="bucket", Key="a.json")
    else:
        put("a.json", BIG[::-1] if what == "replaced" else BIG + b" ")
    with pytest.raises(SourceChangedError, match=r"^s3://bucket/a\.json was changed"):
        take_all(stream, given)
    assert given == BIG_ROWS[: len(given)]


def test_an_object_that_is_replaced_is_read_as_it_was_where_nothing_breaks(
    s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("a.json", TEXT)
    stream = stream_json(s3("a.json", read_ahead=0), "$.rows")
    first = next(stream)
    put("a.json", b"{}")
    assert [first, *stream] == ROWS


def test_what_a_second_try_cannot_mend_is_tried_once(
    server: SimpleNamespace, proxy: Proxy, s3: Callable[..., Url]
) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        stream_json(s3("none.json"))
    assert caught.value.filename == "s3://bucket/none.json"
    assert len(proxy.heads) == 1
    nowhere = Url("s3://nowhere/a.json", storage_options=s3("").storage_options)
    with pytest.raises(FileNotFoundError, match=r"s3://nowhere/a\.json"):
        stream_json(nowhere)
    with pytest.raises(FileNotFoundError, match="No file matches the pattern: 's3://nowhere/"):
        Dataset(nowhere.at("s3://nowhere/*.json")).stream()
    denied = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    proxy.fate = lambda *_: denied
    proxy.heads.clear()
    with pytest.raises(PermissionError, match=r"^s3://bucket/a\.json: .*Forbidden"):
        stream_json(s3("a.json"))
    assert len(proxy.heads) == 1


def test_credentials_that_are_wrong_are_an_error(
    server: SimpleNamespace, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    import requests

    put("a.json", TEXT)
    control = f"http://127.0.0.1:{server.port}/moto-api/reset-auth"
    requests.post(control, data="0", timeout=10)
    try:
        with pytest.raises(PermissionError, match=r"^s3://bucket/a\.json: "):
            stream_json(s3("a.json", key="wrong"))
        with pytest.raises(PermissionError):
            Dataset(s3("*.json", key="wrong")).stream()
    finally:
        requests.post(control, data="1000000", timeout=10)


def test_an_object_of_nothing_is_what_a_file_of_nothing_is(
    s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("empty.json", b"")
    put("empty.jsonl", b"")
    with pytest.raises(json.JSONDecodeError, match=r"char 0"):
        list(stream_json(s3("empty.json")))
    assert list(stream_json(s3("empty.jsonl"))) == []


def test_objects_that_were_put_since_the_last_look_are_seen(
    s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("new/a.json", b"[1]")
    put("new/folder/x.json", b"[9]")
    dataset = Dataset(s3("new/*.json"))
    assert dataset.load() == [1]
    put("new/a.json", b"[3]")
    put("new/b.json", b"[2]")
    assert dataset.load() == [3, 2]


def test_an_error_names_the_object_and_the_elements_before_it_come(
    s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("wrong/a.json", b"[1, 2]")
    put("wrong/b.json", b"[3, x]")
    stream = Dataset(s3("wrong/*.json")).stream()
    assert [next(stream), next(stream), next(stream)] == [1, 2, 3]
    with pytest.raises(json.JSONDecodeError, match=r"^s3://bucket/wrong/b\.json: Expecting value"):
        next(stream)


def test_a_stream_that_is_closed_leaves_no_thread(
    proxy: Proxy, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("a.json", BIG)

    def threads() -> list[str]:
        return [one.name for one in threading.enumerate() if one.name.startswith("loadstream")]

    def wait_until_none() -> None:
        for _ in range(1000):
            if not threads():
                return
            time.sleep(0.01)
        raise AssertionError(threads())

    stream = stream_json(s3("a.json", read_ahead=16_384), "$.rows")
    assert threads() == []
    next(stream)
    assert threads() == ["loadstream reads s3://bucket/a.json"]
    stream.close()
    wait_until_none()
    stream = stream_json(s3("a.json", read_ahead=16_384), "$.rows")
    next(stream)
    del stream
    gc.collect()
    wait_until_none()
    list(stream_json(s3("a.json", read_ahead=16_384), "$.rows"))
    wait_until_none()
    next(stream_json(s3("a.json", read_ahead=0), "$.rows"))
    assert threads() == []
    proxy.fate = lambda *_: -400_000
    stream = stream_json(s3("a.json", timeout=60), "$.rows")
    next(stream)
    time.sleep(0.1)
    stream.close()
    wait_until_none()


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


# HTTP


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("read_ahead", [0, 8_000_000])
def test_an_answer_that_is_cut_goes_on_with_ranges_and_without(
    ranges: bool, read_ahead: int, web: tuple[str, Shelf]
) -> None:
    address, shelf = web
    shelf.content["/a.json"] = BIG
    shelf.ranges = ranges
    shelf.cut = lambda number: 300_000 * (1 if ranges else number) if number < 4 else None
    url = Url(f"{address}/a.json", read_ahead=read_ahead)
    assert list(stream_json(url, "$.rows")) == BIG_ROWS
    assert [command for command, _ in shelf.seen] == ["GET"] * 4
    assert shelf.seen[0][1] is None
    starts = [int(wanted[6:-1]) for _, wanted in shelf.seen[1:] if wanted]
    assert starts == sorted(set(starts))
    assert len(starts) == 3


def test_an_answer_that_is_sound_is_asked_for_once(web: tuple[str, Shelf]) -> None:
    address, shelf = web
    shelf.content["/a.json"] = TEXT
    assert list(stream_json(f"{address}/a.json?token=1", "$.rows")) == ROWS
    assert shelf.seen == [("GET", None)]
    shelf.content["/a.jsonl"] = b"1\n2\n"
    assert Dataset([f"{address}/a.jsonl", f"{address}/a.jsonl#x"]).load() == [1, 2, 1, 2]


def test_memory_is_flat_over_a_large_object(web: tuple[str, Shelf]) -> None:
    address, shelf = web
    shelf.content["/large.json"] = json.dumps([{"text": "x" * 1000}] * 30_000).encode()
    url = Url(f"{address}/large.json", read_ahead=1_000_000)
    next(stream_json(url))  # imports are no part of it
    tracemalloc.start()
    try:
        assert sum(1 for _ in stream_json(url)) == 30_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("change", ["ETag", "shorter", "gone", "longer"])
def test_a_document_that_is_another_after_a_cut_is_an_error(
    change: str, ranges: bool, web: tuple[str, Shelf]
) -> None:
    address, shelf = web
    shelf.content["/a.json"] = TEXT
    shelf.ranges = ranges

    def cut(number: int) -> int | None:
        if number > 1:
            return None
        if change == "ETag":
            shelf.headers["ETag"] = '"2"'
        elif change == "gone":
            del shelf.content["/a.json"]
        else:
            shelf.content["/a.json"] = TEXT[:100] if change == "shorter" else TEXT + b" "
        return 50_000

    shelf.cut = cut
    with pytest.raises(SourceChangedError, match=r"^http://.*/a\.json was changed"):
        list(stream_json(f"{address}/a.json", "$.rows"))


def test_a_server_that_packs_what_it_sends_is_understood(web: tuple[str, Shelf]) -> None:
    address, shelf = web
    shelf.content["/a.json"] = gzip.compress(BIG, 0)
    shelf.headers["Content-Encoding"] = "gzip"
    shelf.cut = lambda number: 600_000 if number == 1 else None
    assert list(stream_json(f"{address}/a.json", "$.rows")) == BIG_ROWS
    assert shelf.seen == [("GET", None)] * 2


def test_without_a_validator_a_second_answer_is_not_trusted(web: tuple[str, Shelf]) -> None:
    address, shelf = web
    shelf.content["/a.json"] = TEXT
    shelf.headers.clear()
    assert list(stream_json(f"{address}/a.json", "$.rows")) == ROWS
    shelf.cut = lambda _: 50_000
    with pytest.raises(
        OSError, match=r"^http://.*/a\.json: broke off at byte \d+, .* neither ETag"
    ):
        list(stream_json(f"{address}/a.json", "$.rows"))
    assert len(shelf.seen) == 2


def test_the_status_of_an_answer_decides(web: tuple[str, Shelf]) -> None:
    address, shelf = web
    shelf.content["/a.json"] = TEXT
    for status, kind, tries in (
        (401, PermissionError, 1),
        (403, PermissionError, 1),
        (404, FileNotFoundError, 1),
        (410, FileNotFoundError, 1),
        (400, Exception, 1),
        (500, ConnectionError, 3),
        (503, ConnectionError, 3),
    ):
        shelf.status = status
        shelf.seen.clear()
        with pytest.raises(kind, match=f"{address}/a.json"):
            stream_json(Url(f"{address}/a.json", retries=2))
        assert len(shelf.seen) == tries, status


def test_what_is_announced_must_come(web: tuple[str, Shelf]) -> None:
    address, shelf = web
    shelf.content["/a.jsonl"] = b"1\n" * 100
    shelf.cut = lambda _: 50  # lines that are whole: without the length nothing is missing
    shelf.ranges = False
    with pytest.raises(ConnectionError, match=r"/a\.jsonl: broke off at byte \d+ of 200"):
        list(stream_json(Url(f"{address}/a.jsonl", retries=1)))


def test_a_server_that_is_not_there_is_an_error() -> None:
    pytest.importorskip("aiohttp")
    with pytest.raises(
        ConnectionError, match=r"^http://127\.0\.0\.1:1/a\.json: broke off at byte 0"
    ):
        stream_json(Url("http://127.0.0.1:1/a.json", retries=1))


# Stores that are read range by range


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


# Everything else


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

"""Documents of web servers whose answers end too early, change, or are refused."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from loadstream import Dataset, SourceChangedError, Url, stream_json
from tests.runtime.storage import BIG, BIG_ROWS, ROWS, TEXT, Shelf, web_server

pytestmark = pytest.mark.usefixtures("short_pauses")


@pytest.fixture
def web() -> Iterator[tuple[str, Shelf]]:
    pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    with web_server() as (address, shelf):
        shelf.headers["ETag"] = '"1"'
        yield address, shelf


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


def test_what_a_server_cannot_show_for_the_moment_is_not_taken_for_a_pattern(
    web: tuple[str, Shelf],
) -> None:
    address, shelf = web
    shelf.content["/a[1].json"] = shelf.content["/a%5B1%5D.json"] = b"[1]"
    assert Dataset(f"{address}/a[1].json").load() == [1]
    shelf.status = 503
    with pytest.raises(ConnectionError, match=r"a\[1\]\.json: could not be looked up"):
        Dataset(Url(f"{address}/a[1].json", retries=1)).load()


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

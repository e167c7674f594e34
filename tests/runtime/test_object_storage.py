"""Objects of S3 (moto's server, on loopback) over connections that break.

What must hold whatever happens: the elements are those of the objects, each once and in order, or
there is an error that says which object it is in.
"""

from __future__ import annotations

import gc
import gzip
import io
import json
import logging
import multiprocessing
import pickle
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from loadstream import Dataset, Partition, SourceChangedError, Url, stream_json
from tests.runtime.storage import BIG, BIG_ROWS, ROWS, SLOW_DOWN, TEXT, Proxy, cuts

pytestmark = pytest.mark.usefixtures("short_pauses")


NAMES = [f"part-{number:03}.json" for number in range(200)]
SMALL = [{"n": n, "t": "word " * 8} for n in range(20)]


@pytest.fixture(scope="module")
def server() -> Iterator[SimpleNamespace]:
    """A server of S3 with one bucket: its port, and a client to put objects with."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    moto = pytest.importorskip("moto.server", reason="moto[server] is not installed")
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


def take_all(stream: Iterator[Any], given: list[Any]) -> None:
    """Like `given.extend(stream)`, which would keep nothing of what came before an error."""
    for row in stream:
        given.append(row)  # noqa: PERF402


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


def test_partitions_of_objects_are_read_by_other_processes_over_connections_that_are_cut(
    put: Callable[[str, bytes], None], proxy: Proxy, s3: Callable[..., Url]
) -> None:
    for number in range(8):
        body = json.dumps({"rows": [{**row, "file": number} for row in ROWS]}).encode()
        put(f"parts/{number}.json.gz", gzip.compress(body))
    dataset = Dataset(s3("parts/*.json.gz", retries=9), "$.rows")
    parts = dataset.partitions("1 MB")
    assert [len(part.parts) for part in parts] == [1] * 8
    proxy.fate = cuts(seed=5, share=0.3, most=4000)
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = [row for rows in pool.map(Partition.load, parts) for row in rows]
    assert found == [{**row, "file": number} for number in range(8) for row in ROWS]
    assert sum(b"GET /bucket/parts/" in head for head in proxy.heads) > 8, "some were cut"


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


@pytest.mark.parametrize("fate", [0, SLOW_DOWN])
def test_a_pattern_is_looked_up_again_where_that_fails_for_the_moment(
    fate: int | bytes, proxy: Proxy, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("look/a.json", b"[1]")
    put("look/b.json", b"[2]")
    proxy.fate = lambda number, _: fate if number <= 3 else None
    assert Dataset(s3("look/*.json")).load() == [1, 2]
    proxy.fate = lambda *_: fate
    with pytest.raises(ConnectionError) as caught:
        Dataset(s3("look/*.json", retries=1)).load()
    message = str(caught.value)
    assert message.startswith(
        "s3://bucket/look/*.json: could not be looked up, also after 1 retries: "
    )


@pytest.mark.parametrize("fate", [0, SLOW_DOWN])
def test_an_object_that_cannot_be_seen_for_the_moment_is_not_taken_for_a_pattern(
    fate: int | bytes, proxy: Proxy, s3: Callable[..., Url], put: Callable[[str, bytes], None]
) -> None:
    put("like/a[1].json", b"[1]")
    put("like/a1.json", b"[2]")
    proxy.fate = lambda number, _: fate if number <= 3 else None
    assert Dataset(s3("like/a[1].json")).load() == [1]


def test_a_pattern_in_a_place_that_may_not_be_seen_is_an_error(
    proxy: Proxy, s3: Callable[..., Url]
) -> None:
    forbidden = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    proxy.fate = lambda *_: forbidden
    with pytest.raises(PermissionError, match=r"s3://bucket/\*\.json"):
        Dataset(s3("*.json")).load()
    proxy.fate = lambda *_: None
    with pytest.raises(FileNotFoundError, match=r"No file matches.*s3://bucket/none/\*\.json"):
        Dataset(s3("none/*.json")).load()


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

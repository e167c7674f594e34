"""Where documents come from, and in which encoding."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loadstream import SourceChangedError, stream_json

ROWS = [{"n": n, "t": "ü€😀"} for n in range(3000)]
RAW = json.dumps({"rows": ROWS}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.json", bytes),
        ("a.JSON.GZ", gzip.compress),
        ("a.json.gz", gzip.compress),
        ("a.json.bz2", bz2.compress),
        ("a.json.xz", lzma.compress),
        ("a.lzma", lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE)),
    ],
)
def test_a_file_is_unpacked_by_its_name(
    name: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(pack(RAW))
    assert list(stream_json(path, "$.rows")) == ROWS
    assert list(stream_json(str(path), "$.rows")) == ROWS


def test_zstandard_is_read(tmp_path: Path, window: Callable[[int], None]) -> None:
    zstd = pytest.importorskip(
        "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    )
    window(1000)
    path = tmp_path / "a.json.zst"
    path.write_bytes(zstd.compress(RAW[:5000]) + zstd.compress(RAW[5000:]))
    assert list(stream_json(path, "$.rows")) == ROWS
    path.write_bytes(zstd.compress(RAW)[:-50])
    with pytest.raises(EOFError):
        list(stream_json(path, "$.rows"))


def test_zstandard_without_a_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("compression.zstd", "backports.zstd", "pyzstd", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    path = tmp_path / "a.json.zst"
    path.write_bytes(b"")
    with pytest.raises(
        ModuleNotFoundError, match=r"a\.json\.zst.*pip install 'loadstream\[zstd\]'"
    ):
        stream_json(path)


def test_a_broken_archive_outranks_an_error_of_its_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b"[1, x" + os.urandom(500_000).hex().encode())[:-2000])
    with pytest.raises(EOFError):
        list(stream_json(path))


def test_an_archive_that_changes_is_an_error(tmp_path: Path, window: Any) -> None:
    window(1000)
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(RAW))
    stream = stream_json(path, "$.rows")
    next(stream)
    os.utime(path, ns=(0, 0))
    with pytest.raises(SourceChangedError, match=r"a\.json\.gz"):
        list(stream)


def test_a_zip_member_is_a_handle(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/side.json", RAW)
    with zipfile.ZipFile(path) as archive, archive.open("in/side.json") as member:
        assert list(stream_json(member, "$.rows")) == ROWS


def test_elements_of_a_pipe_arrive_before_it_ends() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as handle, os.fdopen(writing, "wb", buffering=0) as out:
        out.write(b'[{"n": 1}, {"n": 2}, ')
        stream = stream_json(handle)
        assert next(stream) == {"n": 1}
        out.write(b'{"n": 3}]')
        out.close()
        assert list(stream) == [{"n": 2}, {"n": 3}]


def test_a_named_pipe_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(RAW,))
    writer.start()
    assert list(stream_json(path, "$.rows")) == ROWS
    writer.join()


@pytest.mark.parametrize("size", [3, 100, 131_072])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
def test_a_binary_handle_is_decoded_as_json_loads_decodes_bytes(
    encoding: str, size: int, window: Callable[[int], None]
) -> None:
    window(size)
    raw = '[1, "ü€😀", {"k": [2]}]'.encode(encoding)
    assert list(stream_json(io.BytesIO(raw))) == json.loads(raw)


@pytest.mark.parametrize(
    "raw", [b"", b"5", b"[]", b" ", b"\xef\xbb\xbf", b"\xef\xbb\xbf[]", b"\0["]
)
def test_the_shortest_binary_documents(raw: bytes, judge: SimpleNamespace) -> None:
    expected = judge.outcome(lambda: list(iter(json.load(io.BytesIO(raw)))))
    assert judge.outcome(lambda: list(stream_json(io.BytesIO(raw)))) == expected


def test_a_byte_order_mark_is_an_error_for_text_as_in_json(
    document: Callable[..., Path], judge: SimpleNamespace
) -> None:
    path = document(b"\xef\xbb\xbf[1]")

    def load() -> Any:
        with path.open(encoding="utf-8") as handle:
            return json.load(handle)

    expected = judge.outcome(load)
    assert "BOM" in expected[2]
    assert judge.outcome(lambda: list(stream_json(path))) == expected
    assert list(stream_json(path, encoding="utf-8-sig")) == [1]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252", "utf-8-sig", "shift_jis"])
def test_a_path_is_read_in_the_encoding_that_is_given(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    rows = [{"n": n, "t": "über" if encoding != "shift_jis" else "日本"} for n in range(500)]
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding=encoding)
    assert list(stream_json(path, encoding=encoding)) == rows
    packed = tmp_path / "a.json.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(stream_json(packed, encoding=encoding)) == rows


@pytest.mark.parametrize("size", [7, 131_072])
def test_an_undecodable_byte_is_placed_as_when_all_is_decoded_at_once(
    size: int, tmp_path: Path, window: Callable[[int], None], judge: SimpleNamespace
) -> None:
    window(size)
    path = tmp_path / "a.json"
    path.write_bytes(b'["' + b"a" * 20_000 + "ü".encode() + b'\xe2\x82", 1]')
    expected = judge.outcome(lambda: path.read_text(encoding="utf-8"))
    assert judge.outcome(lambda: list(stream_json(path))) == expected
    with path.open(encoding="utf-8") as handle:
        assert judge.outcome(lambda: list(stream_json(handle))) == expected
    path.write_bytes('["aäb", 1]'.encode("utf-16")[:-1])
    expected = judge.outcome(lambda: path.read_text(encoding="utf-16"))
    assert judge.outcome(lambda: list(stream_json(path, encoding="utf-16"))) == expected


def test_what_is_no_source_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="path or an open file, not list"):
        stream_json([1, 2])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"json\.loads"):
        stream_json(b"[1, 2]")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="open handle has its own"):
        stream_json(io.StringIO("[]"), encoding="utf-8")
    path = tmp_path / "a.json"
    path.write_text("[]")
    with pytest.raises(LookupError, match="unknown encoding"):
        stream_json(path, encoding="klingon")


def test_a_handle_that_does_not_wait_is_refused_by_name() -> None:
    class Impatient(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def read(self, _: int = -1) -> None:
            return None

    with pytest.raises(BlockingIOError, match="make it blocking"):
        list(stream_json(Impatient()))

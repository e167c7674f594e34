"""Where an error is said to be: as `json.load` of the whole text says, wherever that is."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loadstream import stream_json
from loadstream.runtime.window import misplaced

ROWS = ",\r\n".join(f'{{"id": {n}, "täg": "ü{n}"}}' for n in range(400))

BROKEN = {
    "in the first element": f'{{"a": 1,\r\n"rows": [x{ROWS}]}}',
    "in the last element": f'{{"a": 1,\r\n"rows": [{ROWS}, {{"id" 5}}]}}',
    "between elements": f'{{"a": 1,\r\n"rows": [{ROWS} {ROWS}]}}',
    "a comma too many": f'{{"a": 1,\r\n"rows": [{ROWS},\r\n]}}',
    "in the header": f'{{"a": [1,, 2],\r\n"rows": [{ROWS}]}}',
    "in a large header": f'{{"a": [{ROWS}, nul],\r\n"rows": [{ROWS}]}}',
    "deep in a large header": f'{{"a": {{"b": [{ROWS}, {{"c": [1, 2}}]}},\r\n"rows": [{ROWS}]}}',
    "behind the array": f'{{"rows": [{ROWS}],\r\n "z": tru}}',
    "in a large trailer": f'{{"rows": [{ROWS}],\r\n "z": [{ROWS} {{}}]}}',
    "behind the document": f'{{"rows": [{ROWS}]}}\r\n\r\n x',
    "the end is missing": f'{{"rows": [{ROWS}',
    "an open string": f'{{"rows": [{ROWS}, "abc',
    "a control character": f'{{"rows": [{ROWS}, "ab\tc"]}}',
    "too many digits": f'{{"rows": [{ROWS}, {"1" * 5000}]}}',
    "the key is missing, and garbage follows": f'{{"other": [{ROWS}]}} garbage',
}


@pytest.mark.parametrize("size", [16, 1000, 131_072])
@pytest.mark.parametrize("what", BROKEN)
def test_the_error_is_that_of_json_load(
    what: str,
    size: int,
    parser: str,
    document: Callable[..., Path],
    window: Callable[[int], None],
    judge: SimpleNamespace,
) -> None:
    window(size)
    path = document(BROKEN[what])

    def load() -> Any:
        with path.open(encoding="utf-8") as handle:
            return json.load(handle)["rows"]

    expected = judge.outcome(load)
    assert expected[0] == "error"
    assert judge.outcome(lambda: list(stream_json(path, "$.rows"))) == expected

    raw = path.read_bytes()
    expected = judge.outcome(lambda: json.load(io.BytesIO(raw)))
    assert judge.outcome(lambda: list(stream_json(io.BytesIO(raw), "$.rows"))) == expected


@pytest.mark.parametrize("size", [16, 131_072])
def test_a_byte_that_cannot_be_decoded_outranks_an_earlier_error(
    size: int,
    document: Callable[..., Path],
    window: Callable[[int], None],
    judge: SimpleNamespace,
) -> None:
    window(size)
    path = document(f"[1, x, {ROWS}".encode() + b"\xff" + b" " * 300)
    expected = judge.outcome(lambda: path.read_text(encoding="utf-8"))
    assert expected[1] is UnicodeDecodeError
    assert judge.outcome(lambda: list(stream_json(path))) == expected


def test_the_document_of_an_error_is_given_where_it_is_in_memory(
    document: Callable[..., Path],
) -> None:
    path = document("[1,\r\n x]")
    with pytest.raises(json.JSONDecodeError) as caught:
        list(stream_json(path))
    assert caught.value.doc == "[1,\n x]"
    assert caught.value.doc[caught.value.pos] == "x"


def test_a_decoding_error_has_its_position_in_the_file_wherever_that_is() -> None:
    error = UnicodeDecodeError("utf-8", b"ab\xff", 2, 3, "invalid start byte")
    near = misplaced(error, b"ab\xff", 1000)
    assert "byte 0xff in position 1002" in str(near)
    far = misplaced(error, b"ab\xff", 5_000_000_000)
    assert type(far) is UnicodeDecodeError
    assert (far.start, far.end, far.reason) == (5_000_000_002, 5_000_000_003, error.reason)
    assert "position 5000000002" in str(far)
    assert far.object == b"ab\xff"


@pytest.mark.parametrize("name", ["text.json", "packed.json.gz", "other.json"])
def test_the_position_is_right_behind_what_a_message_can_hold(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loadstream.runtime.window._AFFORDABLE", 1000)
    path, raw = tmp_path / name, b"[" + b"1, " * 300_000 + b'"\xff"]'
    encoding = "shift-jis" if name == "other.json" else None
    path.write_bytes(gzip.compress(raw) if "gz" in name else raw)
    errors = []
    for read in (
        lambda: raw.decode(encoding or "utf-8"),
        lambda: list(stream_json(path, encoding=encoding)),
    ):
        with pytest.raises(UnicodeDecodeError) as caught:
            read()
        errors.append(caught.value)
    old, new = errors
    assert (old.start, old.end, old.reason) == (new.start, new.end, new.reason)
    assert old.encoding == new.encoding
    assert f"position {old.start}" in str(new)

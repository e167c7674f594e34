"""Random documents, damaged or not, against `json.load`: values, classes, messages, positions.

`LOADSTREAM_HYPOTHESIS=long` runs 25,000 examples of each of the eight tests (200,000 in all).
"""

from __future__ import annotations

import io
import json
import math
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import ijson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream import stream_items, stream_json, stream_lines, stream_values

TELLING = [
    "",
    "a",
    "id",
    'x"y',
    "\\",
    "é",
    "€",
    "😀",
    "\ud800",
    "}, {",
    '"},{"',
    "],[",
    "\n",
    "\x7f",
]
EDGES = [0, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**400, 1.5, -0.0, 1e308, 5e-324, 0.1]
NOT_FINITE = [math.nan, math.inf, -math.inf]

strings = st.sampled_from(TELLING) | st.text(st.characters(exclude_categories=[]), max_size=6)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(EDGES)
    | st.sampled_from(NOT_FINITE)
    | strings
)


def containers(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    records = st.lists(strings, min_size=1, max_size=3, unique=True).flatmap(
        lambda keys: st.lists(
            st.tuples(*[children] * len(keys)).map(
                lambda values: dict(zip(keys, values, strict=True))
            ),
            max_size=8,
        )
    )
    return st.lists(children, max_size=6) | st.dictionaries(strings, children, max_size=4) | records


values = st.recursive(scalars, containers, max_leaves=25)
layouts = st.sampled_from(
    [
        {},
        {"indent": 2},
        {"indent": "\t", "ensure_ascii": False},
        {"separators": (",", ":")},
        {"separators": (" , ", " : "), "ensure_ascii": False},
    ]
)
window_sizes = st.sampled_from([1, 2, 3, 5, 7, 16, 33, 64, 250, 1024, 131_072])
damages = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 5),
        st.sampled_from(
            b'|,|"|]|}|[|{|:|.|-|e|NaN|\\|\\ud800| |\r\n|\xff|\0|\xed\xa0\x80|\xef\xbb\xbf'.split(
                b"|"
            )
        ),
    ),
    max_size=2,
)


def encode(value: Any, layout: dict[str, Any]) -> bytes:
    return json.dumps(value, **layout).encode("utf-8", "surrogatepass")


def damage(raw: bytes, wounds: list[tuple[float, int, bytes]]) -> bytes:
    for place, gone, inserted in wounds:
        at = int(place * (len(raw) + 1))
        raw = raw[:at] + inserted + raw[at + gone :]
    return raw


def paths(value: Any, turns: list[int]) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    for turn in turns:
        if not isinstance(value, (list, dict)) or not value:
            break
        step = [*value][turn % len(value)] if isinstance(value, dict) else turn % len(value)
        steps.append(step)
        value = value[step]
    return tuple(steps)


def compare(judge: SimpleNamespace, expected: Any, got: Any) -> None:
    old, new = judge.outcome(expected), judge.outcome(got)
    if new[:2] == ("error", pytest.importorskip("loadstream").DuplicateKeyError):
        return  # said by name, where json.load keeps the last value
    assert judge.identical(old, new), (old, new)


@given(value=values, layout=layouts, size=window_sizes)
def test_sound_documents(value: Any, layout: Any, size: int, judge: SimpleNamespace) -> None:
    raw = encode(value, layout)
    with patch("loadstream.runtime.window.SIZE", size):
        compare(
            judge,
            lambda: list(iter(json.load(io.BytesIO(raw)))),
            lambda: list(stream_json(io.BytesIO(raw))),
        )


@given(value=values, layout=layouts, size=window_sizes, wounds=damages)
def test_damaged_documents(
    value: Any, layout: Any, size: int, wounds: Any, judge: SimpleNamespace
) -> None:
    raw = damage(encode(value, layout), wounds)
    with patch("loadstream.runtime.window.SIZE", size):
        compare(
            judge,
            lambda: list(iter(json.load(io.BytesIO(raw)))),
            lambda: list(stream_json(io.BytesIO(raw))),
        )


@given(
    value=values,
    layout=layouts,
    size=window_sizes,
    wounds=damages,
    turns=st.lists(st.integers(0, 9), max_size=4),
    extra=st.sampled_from([(), (), (), ("missing",), (0,), (7,)]),
)
def test_paths_into_documents(
    value: Any,
    layout: Any,
    size: int,
    wounds: Any,
    turns: list[int],
    extra: Any,
    judge: SimpleNamespace,
) -> None:
    path = (*paths(value, turns), *extra)
    raw = damage(encode(value, layout), wounds)

    def load() -> list[Any]:
        part = json.load(io.BytesIO(raw))
        for step in path:
            part = part[step]
        return list(iter(part))

    with patch("loadstream.runtime.window.SIZE", size):
        compare(judge, load, lambda: list(stream_json(io.BytesIO(raw), path)))


@given(
    value=values,
    layout=layouts,
    size=window_sizes,
    wounds=damages,
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_text_files_with_any_line_ends(
    value: Any,
    layout: Any,
    size: int,
    wounds: Any,
    newline: str,
    judge: SimpleNamespace,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    raw = damage(encode(value, layout), wounds).replace(b"\n", newline.encode())
    path = tmp_path_factory.getbasetemp() / "text.json"
    path.write_bytes(raw)

    def load() -> list[Any]:
        with path.open(encoding="utf-8") as handle:
            return list(iter(json.load(handle)))

    with patch("loadstream.runtime.window.SIZE", size):
        compare(judge, load, lambda: list(stream_json(path)))


@given(
    value=values,
    size=window_sizes,
    encoding=st.sampled_from(["utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-32-be"]),
    cut=st.integers(0, 3),
)
def test_the_encodings_that_json_detects(
    value: Any, size: int, encoding: str, cut: int, judge: SimpleNamespace
) -> None:
    text = json.dumps(value, ensure_ascii=False)
    raw = text.encode(encoding, "surrogatepass")
    raw = raw[: len(raw) - cut]
    with patch("loadstream.runtime.window.SIZE", size):
        compare(
            judge,
            lambda: list(iter(json.load(io.BytesIO(raw)))),
            lambda: list(stream_json(io.BytesIO(raw))),
        )


@given(value=values, layout=layouts, size=window_sizes, wounds=damages)
def test_items_and_values(
    value: Any, layout: Any, size: int, wounds: Any, judge: SimpleNamespace
) -> None:
    raw = damage(encode(value, layout), wounds)
    with patch("loadstream.runtime.window.SIZE", size):
        compare(
            judge,
            lambda: list(json.load(io.BytesIO(raw)).items()),
            lambda: list(stream_items(io.BytesIO(raw))),
        )
        compare(
            judge,
            lambda: list(json.load(io.BytesIO(raw)).values()),
            lambda: list(stream_values(io.BytesIO(raw))),
        )


@given(documents=st.lists(values, max_size=12), size=window_sizes, wounds=damages)
def test_lines(documents: list[Any], size: int, wounds: Any, judge: SimpleNamespace) -> None:
    raw = damage(b"".join(encode(value, {}) + b"\n" for value in documents), wounds)

    def load() -> list[Any]:
        text = raw.decode("utf-8", "surrogatepass")
        return [json.loads(line) for line in text.split("\n") if line.strip(" \t\r")]

    if raw[:3] == b"\xef\xbb\xbf" or b"\x00" in raw[:4]:
        return  # a byte order mark and UTF-16 are a matter of the whole file
    with patch("loadstream.runtime.window.SIZE", size):
        old = judge.outcome(load)
        new = judge.outcome(lambda: list(stream_lines(io.BytesIO(raw))))
    if old[0] == "error" and old[1] is UnicodeDecodeError:
        # Lines are read as they come: one that is wrong may be met before an undecodable byte.
        assert new[0] == "error"
        assert new[1] in (UnicodeDecodeError, json.JSONDecodeError)
    elif old[0] == "error":
        assert old[:2] == new[:2]
    else:
        assert judge.identical(old, new)


# ijson is exact on these: no float, no integer beyond 64 bits, no lone surrogate.
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6),
    lambda children: (
        st.lists(children, max_size=5) | st.dictionaries(st.text(max_size=4), children, max_size=4)
    ),
    max_leaves=20,
)


@given(rows=st.lists(plain, max_size=10), layout=layouts, size=window_sizes)
def test_ijson_gives_the_same(
    rows: list[Any], layout: Any, size: int, judge: SimpleNamespace
) -> None:
    raw = encode({"head": {"n": [1]}, "rows": rows, "tail": None}, layout)
    with patch("loadstream.runtime.window.SIZE", size):
        ours = list(stream_json(io.BytesIO(raw), "$.rows"))
    assert judge.identical(list(ijson.items(io.BytesIO(raw), "rows.item")), ours)

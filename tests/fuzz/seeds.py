"""The documents that are mutated: JSONTestSuite, session logs in any layout, and nasty ones."""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT.parent / "shared" / "json-test-suite" / "test_parsing"
GENERATOR = ROOT / "fixtures" / "session_logs" / "generate_data.py"

_LARGEST = 40_000
_LAYOUTS: tuple[dict[str, Any], ...] = (
    {"separators": (",", ":")},
    {"ensure_ascii": False},
    {"indent": 2},
    {"indent": "\t", "ensure_ascii": False},
)

NASTY = (
    b'{"a": {"a": {"a": [1, [2, [3]], {"a": [{}]}]}}, "b": [], "c": {}, "d": ""}',
    b"[0, -0, -0.0, 1e400, -1e400, 1E-400, 5e-324, 0.1, 1.7976931348623159e308, NaN, -Infinity]",
    b"[9007199254740993, 18446744073709551616, -9223372036854775809, " + b"9" * 450 + b"]",
    b"[" + b"1" * 4299 + b", " + b"2" * 4301 + b", 3]",
    rb'["\ud83d\ude00", "\ud83d", "\ude00\ud83d", "\u0000", "\\\"", "\/\b\f\n\r\t", "\u00e9"]',
    '{"é": ["ü€😀", {"\u2028": "\x7f"}], "😀": {"€": [[], [[]], [[[]]]]}}'.encode(),
    rb'{"rows": [{"t": "}, {\"id\": 1}"}, {"t": "],["}, {"t": "\\"}], "rows2": ["\"},{\""]}',
    b'{"k": [1, 2, 3], "x": 1, "k": [4, 5], "\\u006b": [6]}',
    b'{"rows": [{"a": 1, "a": 2}, {"a": 3}], "other": {"a": 1, "b": 2, "a": 3}}',
    b'[\r\n  {"a": 1},\r\n  {"a": 2},\r\n\r\n  {"a": [\r\n    3\r\n  ]}\r\n]\r\n',
    b"[" * 90 + b'{"deep": ' * 90 + b"[1, 2]" + b"}" * 90 + b"]" * 90,
    b"[" * 3000 + b"1" + b"]" * 3000,
    b'{"rows": [1, {"a": 2}, [3], ' + b"[" * 3000 + b"]" * 3000 + b"]}",
    b'{"head": '
    + b'{"x": [' * 60
    + b"]}" * 60
    + b', "rows": [[1], [2], [3]], "tail": {"n": null}}',
    b'["' + b"long string without end? " * 200 + b'", {"k": "' + b"x" * 3000 + b'"}, 1]',
    b"[" + b"1," * 2000 + b"1]",
    b"[" + b"[],{}," * 700 + b'""]',
    b'"a string at the top \\ud83d\\ude00"',
    b" \t\r\n12345 \n",
    b"true",
    b"",
)


@lru_cache(1)
def documents() -> tuple[bytes, ...]:
    """All of them, the same ones in the same order each time."""
    found = [*NASTY, *_session_logs()]
    for path in sorted(SUITE.glob("*.json")):
        raw = path.read_bytes()
        if len(raw) <= _LARGEST:
            found += [raw, b'{"head": [1], "rows": [' + raw + b', {}], "tail": ' + raw + b"}"]
    some = [raw for raw in found if raw.isascii()][:12] + list(NASTY[5:6])
    for number, raw in enumerate(some):
        text = raw.decode()
        encoding = ("utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-le")[number % 5]
        found.append(text.encode(encoding))
    return tuple(found)


def lines_of(dice: Random) -> bytes:
    """JSON Lines: some elements and small documents, one a line, in any encoding."""
    lines = dice.choices(_lines(), k=dice.choice((1, 3, 9, 40)))
    feed = dice.choice(("\n", "\n", "\r\n", "\n\n", "\n \t\n", "\r"))
    text = feed.join(lines) + dice.choice(("", feed))
    return text.encode(dice.choice(("utf-8",) * 9 + ("utf-8-sig", "utf-16", "utf-32-le")))


@lru_cache(1)
def _lines() -> tuple[str, ...]:
    values = [value for raw in _session_logs() for value in _elements(raw)]
    found = [json.dumps(value, ensure_ascii=number % 2 > 0) for number, value in enumerate(values)]
    small = [raw.decode() for raw in documents() if raw.isascii() and b"\n" not in raw]
    return (*found, *(text for text in small if len(text) < 200), *(["1", "[]", '"a b"'] * 9))


def _elements(raw: bytes) -> list[Any]:
    value = json.loads(raw)
    return value if isinstance(value, list) else [*value.values(), *value["sessions"]]


def _session_logs() -> list[bytes]:
    spec = importlib.util.spec_from_file_location("generate_data", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sessions = [dict(session) for session in islice(module.iterate_sessions(), 40)]
    found = []
    for number, layout in enumerate(_LAYOUTS):
        for count in (1, 4, 9):
            some = [_cut(session) for session in sessions[number : number + count]]
            document = {"generated": module.GENERATED, "sessions": some, "session_count": count}
            text = json.dumps(document, **layout)
            found.append(text.encode())
        found.append(text.replace("\n", "\r\n").encode())
        rows = [row for session in some for row in session.get("delegations") or ()]
        found.append(json.dumps(rows, **layout).encode())
    return found


def _cut(session: dict[str, Any]) -> dict[str, Any]:
    return {key: value[:2] if isinstance(value, list) else value for key, value in session.items()}

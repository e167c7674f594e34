"""Makes the documents that the runtime benchmarks read. Each is deterministic.

The sessions are those of the sample repository: prompts, nested tool calls, a few odd characters.
The others are there to be hard in one way each: many small numbers, tiny elements, one huge one.
"""

from __future__ import annotations

import importlib.util
import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from loadstream.bench.approaches import Source

ROOT = Path(__file__).resolve().parent.parent
GENERATOR = ROOT / "fixtures" / "session_logs" / "generate_data.py"
MB = 1024**2


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of document: how it is written for a given share (0–1) of its full size."""

    name: str
    what: str
    write: Callable[[Path, float], Source]


def compact_sessions(file: Path, share: float) -> Source:
    """Sessions on one line, everything but ASCII escaped."""
    _write(file, _scaled_sessions(share), separators=(",", ":"))
    return Source(str(file), "$.sessions", _MARATHONS)


def indented_sessions(file: Path, share: float) -> Source:
    """The same sessions as people store them: indented, in UTF-8."""
    _write(file, _scaled_sessions(share), indent=2, ensure_ascii=False)
    return Source(str(file), "$.sessions", _MARATHONS)


def dense_records(file: Path, share: float) -> Source:
    """Records of short keys and small values: the most tokens for each byte; 1 in 20 is wanted."""
    dice = random.Random(3)
    records = [
        {
            "id": i,
            "kind": "abcdefghijklmnopqrst"[dice.randrange(20)],
            "a": dice.randrange(100),
            "b": round(dice.random(), 3),
            "c": dice.random() < 0.5,
            "d": None,
            "p": [dice.randrange(9), dice.randrange(9), dice.randrange(9)],
            "q": {"x": dice.randrange(9), "y": dice.randrange(9)},
        }
        for i in range(max(1, int(200_000 * share)))
    ]
    _write(file, {"records": records}, separators=(",", ":"))
    return Source(str(file), "$.records", 'lambda e: e.get("kind") == "c"')


def tiny_integers(file: Path, share: float) -> Source:
    """Two million integers in an array."""
    dice = random.Random(4)
    _write(file, [dice.randrange(10**6) for _ in range(int(2_000_000 * share))])
    return Source(str(file))


def tiny_strings(file: Path, share: float) -> Source:
    """A million short strings in an array."""
    dice = random.Random(5)
    _write(file, [f"item {dice.randrange(10**6)}" for _ in range(int(1_000_000 * share))])
    return Source(str(file))


def tiny_objects(file: Path, share: float) -> Source:
    """Half a million objects of two keys in an array."""
    dice = random.Random(6)
    objects = [{"id": i, "n": dice.randrange(1000)} for i in range(int(500_000 * share))]
    _write(file, objects)
    return Source(str(file))


def one_huge_element(file: Path, share: float) -> Source:
    """An array of one element, of 79 MB."""
    blocks = max(1, int(79 * share * MB / len(json.dumps(sessions()))))
    _write(file, [{"all": list(sessions()) * blocks}])
    return Source(str(file))


def small_file(file: Path) -> Source:
    """One session, the one whose file is next to 100 KB."""
    session = min(sessions(), key=lambda session: abs(len(json.dumps(session)) - 100 * 1024))
    _write(file, {"sessions": [session]}, separators=(",", ":"))
    return Source(str(file), "$.sessions")


def grown_sessions(file: Path, size: int) -> Source:
    """Sessions repeated until the file has `size` bytes; one session is in memory at a time."""
    parts = [json.dumps(session, separators=(",", ":")).encode() for session in sessions()]
    written = 0
    with file.open("wb") as handle:
        handle.write(b'{"sessions":[')
        while written < size:
            for part in parts:
                handle.write(b"," + part if written else part)
                written += len(part) + 1
                if written >= size:
                    break
        handle.write(b"]}")
    return Source(str(file), "$.sessions", flatten="delegations")


def grown_records(file: Path, size: int) -> Source:
    """Records of short keys and small values repeated until the file has `size` bytes."""
    inner = file.with_suffix(".inner")
    dense_records(inner, 0.05)
    part = inner.read_bytes().removeprefix(b'{"records":[').removesuffix(b"]}")
    inner.unlink()
    with file.open("wb") as handle:
        handle.write(b'{"records":[' + part)
        while handle.tell() < size:
            handle.write(b"," + part)
        handle.write(b"]}")
    return Source(str(file), "$.records")


def grown_element(file: Path, size: int) -> Source:
    """An array of one element of `size` bytes."""
    inner = file.with_suffix(".inner")
    grown_sessions(inner, size)
    with file.open("wb") as handle, inner.open("rb") as source:
        handle.write(b"[")
        while block := source.read(MB):
            handle.write(block)
        handle.write(b"]")
    inner.unlink()
    return Source(str(file))


DOCUMENTS = (
    Document("compact", "sessions on one line, ASCII", compact_sessions),
    Document("indented", "sessions, indented, UTF-8", indented_sessions),
    Document("dense", "many small values, filter keeps 1 in 20", dense_records),
    Document("integers", "2 million integers", tiny_integers),
    Document("strings", "1 million strings", tiny_strings),
    Document("objects", "500,000 objects of two keys", tiny_objects),
    Document("huge", "one element of 79 MB", one_huge_element),
)
_MARATHONS = 'lambda s: len(s.get("delegations", [])) > 20'


@cache
def sessions() -> tuple[dict[str, Any], ...]:
    """The 85 sessions of the sample repository's generator."""
    spec = importlib.util.spec_from_file_location("generate_data", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return tuple(module.iterate_sessions())


def _scaled_sessions(share: float) -> dict[str, Any]:
    # Full size is 2.5 times the sample: a file of about 20 MB.
    wanted: Iterable[dict[str, Any]] = (sessions() * 3)[: max(2, int(212 * share))]
    return {"generated": "2026-01-05", "sessions": list(wanted), "session_count": 0}


def _write(file: Path, value: Any, **options: Any) -> None:
    file.write_text(json.dumps(value, **options), encoding="utf-8")

"""When elements are sifted: not in small files, not where it does not pay, and in silence."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from loadstream import stream_json
from loadstream.runtime import sieve as sieve_module
from loadstream.runtime.sieve import Sieve

pytest.importorskip("msgspec")

SMALL = b'[{"k": "w"}]'


class Clock:
    """Time passes only by what is done: `probed` and `parsed` say how long each takes."""

    def __init__(self, probed: float, parsed: float) -> None:
        self.now = 0.0
        self.probed = probed
        self.parsed = parsed
        self.done: list[str] = []

    def __call__(self) -> float:
        return self.now

    def parse(self, array: bytes) -> Any:
        self.now += self.parsed
        self.done.append("parsed")
        return json.loads(array)

    def sift(self, *_: object) -> list[Any]:
        self.now += self.probed
        self.done.append("probed")
        return []

    def work(self, sieve: Sieve, windows: int) -> list[str]:
        """What was done for so many windows more."""
        self.done = []
        for _ in range(windows):
            assert sieve.sift(SMALL, self.parse) is not None
        return self.done


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, float], tuple[Clock, Sieve]]:
    def make(probed: float, parsed: float) -> tuple[Clock, Sieve]:
        clock = Clock(probed, parsed)
        monkeypatch.setattr(sieve_module, "perf_counter", clock)
        monkeypatch.setattr(sieve_module, "_LARGE_IF_IMPORTED", 5 * len(SMALL))
        monkeypatch.setattr("loadstream.runtime.probe.Probe.sift", clock.sift)
        return clock, Sieve(lambda e: e["k"] == "v")

    return make


def test_the_first_windows_are_parsed_whole(timed: Any) -> None:
    clock, sieve = timed(1, 3)
    assert clock.work(sieve, 5) == ["parsed"] * 5
    assert clock.work(sieve, 1) == ["probed"]


def test_what_is_faster_goes_on(timed: Any) -> None:
    for probed, parsed, often in ((1, 3, "probed"), (3, 1, "parsed")):
        clock, sieve = timed(probed, parsed)
        clock.work(sieve, 5)
        done = clock.work(sieve, 320)
        assert done[:2] == ["probed", "parsed"]
        assert 300 <= done.count(often) <= 312, "the other way is tried now and then"


def test_a_file_that_changes_its_nature_is_read_the_other_way(timed: Any) -> None:
    clock, sieve = timed(1, 3)
    clock.work(sieve, 100)
    clock.probed = 9
    assert clock.work(sieve, 100).count("parsed") > 80
    clock.probed = 1
    clock.work(sieve, 100)
    assert clock.work(sieve, 100).count("probed") > 80


def test_one_slow_moment_does_not_decide(timed: Any) -> None:
    clock, sieve = timed(1, 3)
    clock.work(sieve, 50)
    clock.probed = 1000
    clock.work(sieve, 1)
    clock.probed = 1
    assert clock.work(sieve, 10) == ["probed"] * 10


def test_a_filter_that_demands_nothing_is_not_timed(timed: Any) -> None:
    clock, _ = timed(1, 3)
    sieve = Sieve(lambda e: e["k"] != "v")
    assert clock.work(sieve, 50) == ["parsed"] * 50


def test_an_array_without_elements_proves_nothing(timed: Any) -> None:
    clock, sieve = timed(3, 1)
    assert sieve.sift(b"[ ]", clock.parse) is None
    clock.work(sieve, 10)
    assert sieve.sift(b"[ ]", clock.parse) is None


@pytest.fixture
def from_the_start(monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr(sieve_module, "_LARGE_IF_IMPORTED", -1)
    monkeypatch.setattr(sieve_module, "_LARGE", -1)
    return json.dumps([{"n": n, "k": "vwxyz"[n % 5]} for n in range(20_000)]).encode()


def test_without_msgspec_all_is_parsed(
    from_the_start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "msgspec", None)
    kept = list(stream_json(io.BytesIO(from_the_start), filter_func=lambda e: e["k"] == "v"))
    assert kept == [{"n": n, "k": "v"} for n in range(0, 20_000, 5)]


def test_without_jiter_what_is_left_is_parsed_by_the_standard_library(
    from_the_start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jiter", None)
    kept = list(stream_json(io.BytesIO(from_the_start), filter_func=lambda e: e["k"] == "v"))
    assert kept == [{"n": n, "k": "v"} for n in range(0, 20_000, 5)]


def test_a_key_that_cannot_be_looked_for_is_left_to_the_filter(from_the_start: bytes) -> None:
    kept = stream_json(io.BytesIO(from_the_start), filter_func=lambda e: e.get("\ud800") == "v")
    assert list(kept) == []


@pytest.mark.parametrize(
    ("megabytes", "condition", "imported"),
    [(8, 'e["k"] == "v"', False), (20, 'e["k"] != "v"', False), (20, 'e["k"] == "v"', True)],
)
def test_msgspec_is_imported_for_large_files_and_demanding_filters_only(
    megabytes: int, condition: str, imported: bool
) -> None:
    program = f"""
import io, sys
from loadstream import stream_json
row = b'{{"k": "w", "text": "' + b"x" * 1000 + b'"}}'
text = b"[" + b",".join([row] * ({megabytes} * 1024**2 // len(row))) + b"]"
for _ in stream_json(io.BytesIO(text), filter_func=lambda e: {condition}): pass
print("msgspec" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(imported)

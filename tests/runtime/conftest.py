"""How the tests compare a stream with `json.load`: values by type, errors by class and place."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from loadstream.runtime import retrying
from tests.outcomes import describe, identical

settings.register_profile(
    "ci", max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("ci"), max_examples=25_000)
settings.load_profile(os.environ.get("LOADSTREAM_HYPOTHESIS", "ci"))

SUITE = Path(__file__).parents[3] / "shared" / "json-test-suite" / "test_parsing"


def outcome(action: Callable[[], Any]) -> tuple[Any, ...]:
    """What an action returns, or all that its exception says of where and what."""
    try:
        return ("value", action())
    except Exception as error:
        return ("error", *describe(error))


@pytest.fixture(scope="session")
def judge() -> SimpleNamespace:
    return SimpleNamespace(identical=identical, outcome=outcome)


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets how many bytes a stream reads at a time."""

    def set_size(size: int) -> None:
        monkeypatch.setattr("loadstream.runtime.window.SIZE", size)

    return set_size


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch, window: Callable[[int], None]) -> None:
    """An index of a small file has many chunks, each of which is some windows."""
    window(1000)
    monkeypatch.setattr("loadstream.runtime.index_pass.STEP", 500)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """How many bytes are read from files from now on, and where."""
    found: list[tuple[int, int]] = []
    pread = os.pread

    def spy(descriptor: int, size: int, place: int) -> bytes:
        found.append((size, place))
        return pread(descriptor, size, place)

    monkeypatch.setattr(os, "pread", spy)
    return found


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    monkeypatch.setattr(retrying, "_SHORTEST", 0.001)
    monkeypatch.setattr(retrying, "_LONGEST", 0.01)
    try:
        import s3fs.core
    except ImportError:
        return
    # s3fs pauses behind a failure, also where it was told not to try again.
    at_once = asyncio.sleep
    quick = SimpleNamespace(**{**vars(asyncio), "sleep": lambda _: at_once(0)})
    monkeypatch.setattr(s3fs.core, "asyncio", quick)


@pytest.fixture(params=["with jiter", "with the standard library alone"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test twice: as installed, and with the fast parser missing."""
    name: str = request.param
    if "alone" in name:
        monkeypatch.setitem(sys.modules, "jiter", None)
    return name


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., Path]:
    """Writes bytes, text or a value as JSON into a file and gives its path."""

    def write(content: Any, name: str = "document.json", **options: Any) -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_bytes(content.encode("utf-8"))
        else:
            path.write_text(json.dumps(content, **options), encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def suite() -> list[Path]:
    """The documents of JSONTestSuite; the test is skipped where they are not at hand."""
    documents = sorted(SUITE.glob("*.json"))
    if not documents:
        pytest.skip("the JSON test suite is not beside this checkout (../shared/json-test-suite)")
    return documents

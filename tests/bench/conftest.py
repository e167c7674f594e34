from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadstream.bench.model import (
    BenchResults,
    BenchSample,
    Measured,
    SizeResults,
    Skipped,
)

MB = 1024**2


@pytest.fixture
def events_file(tmp_path: Path) -> Path:
    """3,000 events under a key; one in ten is an error."""
    file = tmp_path / "events.json"
    events = [
        {"id": i, "level": "error" if i % 10 == 0 else "info", "tags": ["é", i]}
        for i in range(3_000)
    ]
    file.write_text(json.dumps({"made": 1, "log": {"events": events}, "end": [2]}), "utf-8")
    return file


def measured(slug: str, records: int, growth_mb: float, seconds: tuple[float, ...]) -> Measured:
    samples = tuple(
        BenchSample(i, took, 10 * MB, int((10 + growth_mb) * MB))
        for i, took in enumerate(seconds, 1)
    )
    return Measured(slug, f"title of {slug}", records, samples, int(growth_mb * MB))


@pytest.fixture
def results() -> BenchResults:
    """Two sizes, three approaches, one of them skipped."""
    return BenchResults(
        data="a|b.json",
        path="$.events",
        record="event",
        filter_text="lambda e: e",
        filter_seconds=0.08,
        reference="json.load",
        reading="VmHWM",
        sizes=(
            SizeResults(
                1,
                8 * MB,
                (
                    measured("json.load", 100, 20, (0.1, 0.2, 0.1)),
                    measured("loadstream", 100, 2, (0.05, 0.2, 0.05)),
                    Skipped("orjson", "title of orjson", "not installed"),
                ),
            ),
            SizeResults(
                5,
                40 * MB,
                (
                    measured("json.load", 500, 100, (0.5,)),
                    measured("loadstream", 500, 2, (0.25,)),
                ),
            ),
        ),
        fits=(),
        notes=("a note",),
        machine={"processor": "one"},
    )

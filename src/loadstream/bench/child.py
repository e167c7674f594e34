"""One measured run in a fresh interpreter: `python -m loadstream.bench.child JOB`.

JOB is JSON: what to do (`measure`, `trace`, `filter`, `time-filter`, `scale`) and with what.
The answer is one line of JSON on stdout. Only processes.py starts this.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from itertools import islice

from loadstream.bench.approaches import (
    Source,
    UnavailableError,
    compile_filter,
    load_records,
    prepare,
    stream_records,
)
from loadstream.machine.memory import forget_peak, peak_bytes, resident_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LOOKED_AT = 2_000


def main() -> None:
    """Do the job of the command line and print its answer, or why there is none."""
    job = json.loads(sys.argv[1])
    _limit_memory(job["memory_limit"])
    source = Source(**job["source"])
    try:
        answer = _JOBS[job["do"]](source, job)
    except UnavailableError as error:
        answer = {"unavailable": str(error)}
    except MemoryError:
        answer = {"unavailable": "it needs more memory than the ceiling allows"}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))


def _measure(source: Source, job: dict[str, Any]) -> dict[str, Any]:
    work = prepare(job["approach"], source)
    gc.collect()
    forget_peak()
    baseline = resident_bytes()
    started = time.perf_counter()
    records = work()
    seconds = time.perf_counter() - started
    peak, reading = peak_bytes()
    return {
        "records": records,
        "seconds": seconds,
        "baseline": baseline,
        "peak": peak,
        "reading": reading,
    }


def _trace(source: Source, job: dict[str, Any]) -> dict[str, Any]:
    import tracemalloc

    work = prepare(job["approach"], source)
    gc.collect()
    tracemalloc.start()
    work()
    return {"traced": tracemalloc.get_traced_memory()[1]}


def _filter(source: Source, _: dict[str, Any]) -> dict[str, Any]:
    """Check the filter on the first records, or choose one from them; count what it keeps."""
    from loadstream.bench.filters import choose_filter

    records = list(islice(stream_records(source), _LOOKED_AT))
    text = source.filter_source or choose_filter(records)
    if not text:
        return {"filter": "", "kept": 0, "seen": len(records)}
    try:
        predicate = compile_filter(text)
        kept = sum(1 for record in records if predicate(record))
    except UnavailableError as error:
        return {"refused": str(error)}
    except Exception as error:
        return {"refused": f"the filter {text!r} raised {type(error).__name__}: {error}"}
    return {"filter": text, "kept": kept, "seen": len(records)}


def _time_filter(source: Source, _: dict[str, Any]) -> dict[str, Any]:
    """What the filter alone costs: called on every record, all of them in memory already."""
    predicate = compile_filter(source.filter_source)
    records = list(load_records(source))
    started = time.perf_counter()
    for record in records:
        predicate(record)
    return {"seconds": time.perf_counter() - started, "records": len(records)}


def _scale(source: Source, job: dict[str, Any]) -> dict[str, Any]:
    from loadstream.bench.copies import write_scaled

    write_scaled(source, job["out"], job["times"])
    return {}


def _limit_memory(limit: int) -> None:
    """Let a load that is too large fail by itself instead of taking the machine with it."""
    try:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    except (ImportError, OSError, ValueError):
        return


_JOBS = {
    "measure": _measure,
    "trace": _trace,
    "filter": _filter,
    "time-filter": _time_filter,
    "scale": _scale,
}

if __name__ == "__main__":
    main()

"""Writes a verification's report files: `report.json`, `.md`, `.html` and `.xml` (JUnit)."""

from __future__ import annotations

import json
import statistics
from importlib import import_module
from pathlib import Path
from typing import Any

from loadstream.verify.budgets import control_of
from loadstream.verify.model import (
    CheckResult,
    Counterexample,
    Growth,
    GrowthPoint,
    GrowthSide,
    LinesRun,
    Measurements,
    Mutants,
    Report,
    Sample,
    SiteChange,
    VerifyError,
)

VERSION = 1
_FORMS = {
    "report.md": "report_markdown",
    "report.html": "report_html",
    "report.xml": "report_junit",
}


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain JSON values: everything that is in it, every raw sample included."""
    return {
        "version": VERSION,
        "verdict": report.verdict.value,
        "base": report.base,
        "head": report.head,
        "self_test": report.self_test,
        "notes": list(report.notes),
        "seconds": round(report.seconds, 3),
        "machine": dict(report.machine),
        "checks": [_check(check) for check in report.checks],
        "changed_lines": [_lines(lines) for lines in report.lines],
        "unreached_sites": [_site(site) for site in report.unreached_sites],
    }


def write_report(report: Report, directory: Path) -> tuple[Path, ...]:
    """Write all forms into `directory` (made if missing); return the paths written.

    Raises `VerifyError` where the folder cannot be written.
    """
    texts = {"report.json": json.dumps(to_json(report), indent=2) + "\n"}
    for name, module in _FORMS.items():
        texts[name] = import_module(f"loadstream.verify.{module}").render(report)
    written = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            path = directory / name
            part = directory / f".{name}.part"
            part.write_text(text, encoding="utf-8")
            part.replace(path)
            written.append(path)
    except OSError as error:
        raise VerifyError(
            f"cannot write the report to {directory}: {error.strerror or error}"
        ) from None
    return tuple(written)


def _check(check: CheckResult) -> dict[str, Any]:
    measurements = {}
    if check.old is not None and check.new is not None:
        measurements = {"old": _measurements(check.old), "new": _measurements(check.new)}
        if check.control is not None:
            measurements["control"] = _control(check.old, check.control)
    return {
        "name": check.name,
        "verdict": check.verdict.value,
        "explanation": check.explanation,
        "files": list(check.files),
        "cases": {entry.name: entry.count for entry in check.cases},
        "raised": check.raised,
        "counterexample": _counterexample(check.counterexample),
        "measurements": measurements,
        "over_budget": list(check.over_budget),
        "advice": list(check.advice),
        "budget_unmeasured": check.budget_unmeasured,
        "growth": None if check.growth is None else _growth(check.growth),
        "sites": [_site(site) for site in check.sites],
        "changed_lines": [_lines(lines) for lines in check.lines],
        "mutants": _mutants(check.mutants),
    }


def _site(site: SiteChange) -> dict[str, Any]:
    return {
        "path": site.path,
        "line": site.line,
        "code": site.code,
        "rule": site.rule,
        "diff": site.diff,
        "new_lines": list(site.new_lines),
    }


def _lines(lines: LinesRun) -> dict[str, Any]:
    """`changed` are the lines of the new file that differ, `ran` and `never_ran` add up to them."""
    return {
        "path": lines.path,
        "changed": list(lines.changed),
        "ran": list(lines.ran),
        "never_ran": list(lines.missed),
    }


def _mutants(tried: Mutants | None) -> dict[str, Any] | None:
    """None where no mutants were asked for; `survived` is a part of `results`, for short."""
    if tried is None:
        return None
    return {
        "killed": tried.killed,
        "survived": [{"label": m.at, "diff": m.diff} for m in tried.survived],
        "could_not_run": tried.could_not_run,
        "results": [
            {
                "path": mutant.path,
                "line": mutant.line,
                "operator": mutant.operator,
                "label": mutant.label,
                "outcome": mutant.outcome,
                "why": mutant.why,
            }
            for mutant in tried.results
        ],
    }


def _counterexample(found: Counterexample | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "case": found.case,
        "data_files": list(found.data_files),
        "input": found.preview,
        "replay": found.replay,
        "differences": [
            {"place": entry.place, "old": entry.old, "new": entry.new}
            for entry in found.differences
        ],
    }


def _measurements(taken: Measurements) -> dict[str, Any]:
    growths = [sample.growth_bytes for sample in taken.samples]
    times = [sample.seconds for sample in taken.samples]
    return {
        "peak_memory_bytes": int(statistics.median(s.peak_memory_bytes for s in taken.samples)),
        "growth_bytes": int(statistics.median(growths)),
        "growth_bytes_min": min(growths),
        "growth_bytes_max": max(growths),
        "seconds": statistics.median(times),
        "seconds_min": min(times),
        "seconds_max": max(times),
        "traced_peak_bytes": taken.traced_peak_bytes,
        "reading": taken.reading,
        "samples": [_sample(sample) for sample in taken.samples],
    }


def _control(old: Measurements, again: Measurements) -> dict[str, Any]:
    """Old once more: its figures, and what old differs from itself by."""
    found = control_of(old, again)
    return {
        **_measurements(again),
        "memory_ratio": found.memory,
        "time_ratio": found.time,
        "noisy": found.noisy,
    }


def _growth(growth: Growth) -> dict[str, Any]:
    return {
        "data_files": list(growth.data_files),
        "ceiling_bytes": growth.ceiling_bytes,
        "notes": list(growth.notes),
        "old": _growth_side(growth.old),
        "new": _growth_side(growth.new),
    }


def _growth_side(side: GrowthSide) -> dict[str, Any]:
    fit = None
    if side.fit is not None:
        fit = {
            "bytes_per_record": side.fit.bytes_per_record,
            "fixed_bytes": side.fit.fixed_bytes,
            "seconds_per_record": side.fit.seconds_per_record,
            "fixed_seconds": side.fit.fixed_seconds,
        }
    return {"fit": fit, "points": [_growth_point(point) for point in side.points]}


def _growth_point(point: GrowthPoint) -> dict[str, Any]:
    taken = point.samples
    return {
        "scale": point.scale,
        "records": point.records,
        "data_bytes": point.data_bytes,
        "growth_bytes": int(statistics.median(s.growth_bytes for s in taken)) if taken else None,
        "seconds": statistics.median(sample.seconds for sample in taken) if taken else None,
        "skipped": point.skipped or None,
        "samples": [_sample(sample) for sample in taken],
    }


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "peak_memory_bytes": sample.peak_memory_bytes,
        "baseline_memory_bytes": sample.baseline_memory_bytes,
        "seconds": sample.seconds,
        "reading": sample.reading,
        "timeline": [[round(moment, 4), size] for moment, size in sample.timeline],
    }

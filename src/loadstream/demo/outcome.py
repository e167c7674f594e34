"""The tables at the end of the demo, from the report of `verify` and the findings of `lint`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from loadstream.charts.units import bytes_text, ratio_text


def site_table(report: dict[str, Any]) -> str:
    """Each rewritten site with its rule, peak memory before and after, and verdict.

    Memory is that of the script which holds the site, over what the process needed to start.
    """
    rows = []
    for check in report["checks"]:
        for site in check["sites"]:
            place = f"{site['path']}:{site['line']}"
            rows.append((place, site["code"], _memory(check["measurements"]), check["verdict"]))
    return _table(("site", "rule", "peak memory, old → new", "verdict"), rows)


def kept_table(findings: Sequence[dict[str, Any]]) -> str:
    """Each site that stays as it is, with its reasons; empty if there is none.

    `findings` are those of the rewritten tree.
    """
    rows = [
        (f"{finding['path']}:{finding['line']}", _why(finding))
        for finding in findings
        if finding["fix"] is None
    ]
    return _table(("site", "kept for"), rows) if rows else ""


def _why(finding: dict[str, Any]) -> str:
    if finding["code"] == "LS300":
        return ", ".join(finding["reasons"])
    return f"{finding['rule']} ({finding['code']}), to mend by hand"


def unverified(findings: Sequence[dict[str, Any]], report: dict[str, Any]) -> list[str]:
    """The sites that were to be rewritten and of which no check of the report says `equal`."""
    equal = {
        (site["path"], site["line"])
        for check in report["checks"]
        if check["verdict"] == "equal"
        for site in check["sites"]
    }
    return [
        f"{finding['path']}:{finding['line']}"
        for finding in findings
        if finding["fix"] == "safe" and (finding["path"], finding["line"]) not in equal
    ]


def _memory(measurements: dict[str, Any]) -> str:
    old, new = (_peak(measurements.get(side)) for side in ("old", "new"))
    if old is None or new is None:
        return "not measured"
    ratio = f" ({ratio_text(new / old)})" if old else ""
    return f"{bytes_text(old)} → {bytes_text(new)}{ratio}"


def _peak(side: dict[str, Any] | None) -> float | None:
    return None if side is None else side["growth_bytes"]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    every = [head, *rows]
    widths = [max(len(row[i]) for row in every) for i in range(len(head))]
    ruled = [head, ["─" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in ruled
    )

"""How the benchmark scripts print: aligned tables, the machine, and raw samples as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loadstream.machine.description import describe_machine


def print_table(title: str, rows: list[tuple[str, ...]]) -> None:
    """A title and rows, headings first; the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    print(f"\n{title}")
    for row in rows:
        cells = [
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  " + "  ".join(cells).rstrip(), flush=True)


def print_machine() -> None:
    """What it was measured on."""
    print()
    for key, value in describe_machine().items():
        print(f"{key}: {value}")


def save(file: Path | None, results: dict[str, Any]) -> None:
    """Write all raw samples to `file`, if one was asked for."""
    if file is not None:
        text = json.dumps({"machine": describe_machine(), **results}, indent=1)
        file.write_text(text + "\n", encoding="utf-8")
        print(f"\nall samples: {file}")

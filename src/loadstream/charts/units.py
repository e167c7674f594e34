"""How figures are written in every report and table: bytes, seconds, ratios, counts.

1 KB is 1,024 bytes and 1 MB is 1,048,576, as in `/proc` and in most memory tools.
"""

from __future__ import annotations

_STEPS = (("KB", 1024), ("MB", 1024**2), ("GB", 1024**3))


def bytes_text(count: float) -> str:
    """`1.4 MB`: one decimal, in the largest unit that keeps the figure at 1 or more."""
    if abs(count) < 1024:
        return f"{count / 1024:.1f} KB" if count else "0 KB"
    unit, size = next(
        (step for step in reversed(_STEPS) if abs(count) >= step[1] - step[1] // 2048), _STEPS[0]
    )
    return f"{count / size:,.1f} {unit}"


def seconds_text(seconds: float) -> str:
    """`27 µs`, `4.2 ms`, `129 ms`, `1.53 s`, `2 min 05 s`."""
    if 0 < seconds < 0.0000995:
        return f"{seconds * 1_000_000:.0f} µs"
    if seconds < 0.00995:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 99.5:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def ratio_text(ratio: float) -> str:
    """`0.001×`, `0.07×`, `1.92×`, `14.5×`, `120×`: new as a multiple of old."""
    if 0 < ratio < 0.00995:
        return f"{ratio:.3f}×" if ratio >= 0.0005 else "under 0.001×"
    if ratio < 9.995:
        return f"{ratio:.2f}×"
    if ratio < 99.95:
        return f"{ratio:.1f}×"
    return f"{ratio:,.0f}×"


def count_text(count: int, noun: str, plural: str | None = None) -> str:
    """`1 case`, `1,204 cases`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"

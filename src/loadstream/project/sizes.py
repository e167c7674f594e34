"""Sizes as people write them: `"1 MB"` is a million bytes, `"1 MiB"` is 1,048,576."""

from __future__ import annotations

import re

from loadstream.project.setting import Setting

_UNITS = {"B": 1} | {
    f"{prefix}{suffix}": base**power
    for power, prefix in enumerate("kMGT", start=1)
    for suffix, base in (("B", 1000), ("iB", 1024))
}
_BY_FOLDED = {unit.casefold(): size for unit, size in _UNITS.items()}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")


def size(setting: Setting) -> int:
    """The bytes of a size, rounded down. Raises InputError where it is none, with an example."""
    if not isinstance(setting.value, str):
        raise setting.wrong('a size with its unit, such as "1 MB"')
    match = _SIZE.fullmatch(setting.value)
    unit = _BY_FOLDED.get(match[2].casefold()) if match else None
    if match is None or unit is None:
        raise setting.refused(
            "is no size: write a number and a unit (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB), "
            'such as "1 MB"'
        )
    whole, _, part = match[1].partition(".")
    rounded: int = int(whole + part) * unit // 10 ** len(part)
    return rounded


def size_text(count: int) -> str:
    """A number of bytes as people write it: `7.8 MB`, `12 kB`, `0 B`."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 9.95 and unit != "B" else f"{value:.0f} {unit}"

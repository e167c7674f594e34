"""A failing case, made as small as it goes while the same thing is wrong with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.fuzz.cases import NO_DEFAULT, Case


def smallest(case: Case, fails: Callable[[Case], bool], seconds: float = 20.0) -> Case:
    """Try simpler cases as long as one of them still fails, or until the time is up."""
    end = time.monotonic() + seconds
    going = True
    while going:
        going = False
        for simpler in _simpler(case):
            if time.monotonic() > end:
                return case
            if fails(simpler):
                case, going = simpler, True
                break
    return case


def _simpler(case: Case) -> Iterator[Case]:
    if case.page:
        yield replace(case, page=0)
    if case.type:
        yield replace(case, type="")
        yield replace(case, type="Any")
    if case.source != "binary handle" and not case.page:
        yield replace(case, source="binary handle")
        if case.is_text and case.source != "path":
            yield replace(case, source="path")
    if not case.fast:
        yield replace(case, fast=True)
    if case.default is not NO_DEFAULT:
        yield replace(case, default=NO_DEFAULT)
    if case.form not in ("iter", "lines"):
        yield replace(case, form="iter")
    if case.path:
        yield replace(case, path=case.path[:-1])
    length = len(case.raw)
    size = max(length // 2, 1)
    while length:
        for start in range(0, length, size):
            yield replace(case, raw=case.raw[:start] + case.raw[start + size :])
        if size == 1:
            break
        size //= 2
    for at in range(min(length, 200)):
        if case.raw[at : at + 1] not in b'0123456789 \n[]{},:"':
            yield replace(case, raw=case.raw[:at] + b"0" + case.raw[at + 1 :])

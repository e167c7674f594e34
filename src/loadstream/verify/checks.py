"""What can be run on both sides: a script or a callable, with its data, limits and budget.

The configuration's `[[tool.loadstream.checks]]` tables become `Check` values here; without
configuration selection.py makes them from what the change touches.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from loadstream.verify.ignoring import is_glob
from loadstream.verify.model import VerifyError


@dataclass(frozen=True, slots=True)
class Script:
    """A script by its path relative to the root (with `/`), and its arguments.

    `module` is set where it only runs as `python -m module`. With `pytest` as its module, its tests
    are what is compared.
    """

    path: str
    args: tuple[str, ...] = ()
    module: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A callable by its module and qualified name, with arguments that JSON can express.

    `path` is the module's file relative to the root, where it is known.
    """

    module: str
    function: str
    args: tuple[object, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    path: str | None = None


Target: TypeAlias = Script | Call


@dataclass(frozen=True, slots=True)
class Budget:
    """The new side's share of the old side's cost: 0.5 is half. None: no budget."""

    peak_memory: float | None = None
    time: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to run on both sides.

    `data` are globs of files that generated data replace (besides those that the old side is
    seen to read). `timeout` is in seconds for one run of one side, None: the default of the
    verification. `ignore` are regular expressions for output that may differ, and globs of files
    that may. `files` are the changed files that it covers.
    """

    name: str
    target: Target
    data: tuple[str, ...] = ()
    timeout: float | None = None
    budget: Budget = Budget()
    ignore: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


_KEYS = ("name", "run", "call", "pytest", "args", "kwargs", "data", "timeout", "budget", "ignore")


def check_from_config(table: Mapping[str, object]) -> Check:
    """The check that one `[[tool.loadstream.checks]]` table describes.

    Raises `VerifyError` where it names nothing to run, two things, or a key or value that means
    nothing.
    """
    label = f"check {table['name']!r}" if "name" in table else "a check"
    for key in table:
        if key not in _KEYS:
            raise VerifyError(f"{label}: unknown key {key!r}; known are {', '.join(_KEYS)}")
    forms = [key for key in ("run", "call", "pytest") if key in table]
    if len(forms) != 1:
        found = "names nothing to run" if not forms else f"has both {forms[0]} and {forms[1]}"
        raise VerifyError(f"{label} {found}: give one of run, call or pytest")
    text = table[forms[0]]
    if not isinstance(text, str) or not text.strip():
        raise VerifyError(f"{label}: {forms[0]} must be a text such as 'script.py --option'")
    target = _target(label, forms[0], text, table)
    timeout = table.get("timeout")
    if timeout is not None and (
        isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or timeout <= 0
    ):
        raise VerifyError(f"{label}: timeout must be a number of seconds above 0")
    ignore = _texts(label, "ignore", table)
    for expression in ignore:
        _check_expression(label, expression)
    name = table.get("name", text)
    if not isinstance(name, str):
        raise VerifyError(f"{label}: name must be a text")
    return Check(
        name=name,
        target=target,
        data=_texts(label, "data", table),
        timeout=float(timeout) if isinstance(timeout, (int, float)) else None,
        budget=_budget(label, table.get("budget", {})),
        ignore=ignore,
    )


def _target(label: str, form: str, text: str, table: Mapping[str, object]) -> Target:
    args = table.get("args", [])
    kwargs = table.get("kwargs", {})
    if form != "call":
        if "args" in table or "kwargs" in table:
            raise VerifyError(f"{label}: args and kwargs belong to call; write them into {form}")
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise VerifyError(f"{label}: {form}: {error}") from None
        if form == "pytest":
            return Script(path="", args=tuple(words), module="pytest")
        if words[0] in ("python", "python3"):
            words = words[1:]
        if words[:1] == ["-m"] and len(words) > 1:
            return Script(path="", args=tuple(words[2:]), module=words[1])
        if not words or words[0].startswith("-"):
            raise VerifyError(f"{label}: run must name a script: 'script.py --option'")
        return Script(path=words[0], args=tuple(words[1:]))
    module, colon, function = text.partition(":")
    if not (colon and module and function):
        raise VerifyError(f"{label}: call must be 'package.module:function', not {text!r}")
    if not isinstance(args, list) or not isinstance(kwargs, Mapping):
        raise VerifyError(f"{label}: args must be a list and kwargs a table")
    _demand_json(label, args, "args")
    _demand_json(label, kwargs, "kwargs")
    return Call(module=module, function=function, args=tuple(args), kwargs=dict(kwargs))


def _demand_json(label: str, value: object, key: str) -> None:
    """Raise `VerifyError` for a TOML date or time, which no JSON file could have held."""
    if isinstance(value, Mapping):
        for item in value.values():
            _demand_json(label, item, key)
    elif isinstance(value, list):
        for item in value:
            _demand_json(label, item, key)
    elif not isinstance(value, (str, int, float)):
        raise VerifyError(
            f"{label}: {key}: {value} is a {type(value).__name__}: give a text, number or boolean, "
            "and let the function make of it what it needs"
        )


def _check_expression(label: str, expression: str) -> None:
    if is_glob(expression):
        return
    try:
        re.compile(expression)
    except re.error as error:
        raise VerifyError(
            f"{label}: ignore: {expression!r} is not a regular expression: {error}"
        ) from None


def _texts(label: str, key: str, table: Mapping[str, object]) -> tuple[str, ...]:
    value = table.get(key, [])
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise VerifyError(f"{label}: {key} must be a list of texts")
    return tuple(value)


def _budget(label: str, table: object) -> Budget:
    if not isinstance(table, Mapping):
        raise VerifyError(f'{label}: budget must be a table such as {{ peak-memory = "0.5x" }}')
    for key in table:
        if key not in ("peak-memory", "time"):
            raise VerifyError(f"{label}: budget: unknown key {key!r}; known are peak-memory, time")
    return Budget(
        peak_memory=_ratio(label, "peak-memory", table.get("peak-memory")),
        time=_ratio(label, "time", table.get("time")),
    )


def _ratio(label: str, key: str, value: object) -> float | None:
    if value is None:
        return None
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*x?\s*", str(value))
    if match is None or float(match[1]) <= 0:
        raise VerifyError(f'{label}: budget: {key} must be a multiple such as "0.5x"')
    return float(match[1])

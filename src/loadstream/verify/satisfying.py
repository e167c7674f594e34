"""Elements that meet all terms of a condition, and elements that stand just beside one term."""

from __future__ import annotations

import itertools
import math
import operator as operators
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from loadstream.verify.conditions import Condition, Measure, Term

Homes: TypeAlias = "Mapping[str, tuple[str, ...]]"
_LONGEST = 200_000


def satisfied(element: Any, condition: Condition, homes: Homes) -> Any:
    """A copy of `element` for which every term holds, as far as that can be told.

    `homes` says by which keys one gets to the record that has a key.
    """
    for term in condition:
        element = _set(element, term, _wanted(term), _home(term, condition, homes))
    return element


def beside(element: Any, condition: Condition, homes: Homes) -> Iterator[Any]:
    """`element` with all terms met but for one, which takes each value around its constant."""
    kept = satisfied(element, condition, homes)
    for term in condition:
        home = _home(term, condition, homes)
        for value in _around(term):
            yield _set(kept, term, value, home)
            if term.measure.kind == "sum":
                yield _set(kept, term, value, home, split=True)


def missing(element: Any, condition: Condition, homes: Homes) -> Iterator[Any]:
    """`element` with all terms met but for one, which is just missed."""
    kept = satisfied(element, condition, homes)
    for term in condition:
        home = _home(term, condition, homes)
        yield from (_set(kept, term, value, home) for value in _around(term) if _fails(term, value))


def _fails(term: Term, value: Any) -> bool:
    """Whether the term does not hold for this value, as far as that can be told."""
    if term.operator in ("has", "lacks"):
        return (value is _MISSING) is (term.operator == "has")
    if value is _MISSING or term.operator in ("true", "false"):
        return bool(value is True) is (term.operator == "false")
    if term.operator in ("in", "not in"):
        return (value in term.values) is (term.operator == "not in")
    constant = term.values[0]
    if term.operator in ("==", "!=") or (_is_number(value) and _is_number(constant)):
        return not _TESTS[term.operator](value, constant)
    return False


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _home(term: Term, condition: Condition, homes: Homes) -> tuple[str, ...]:
    """Where the term's keys are; for a key that the data has not, where its neighbours are."""
    names = [term.measure.within, *term.measure.keys]
    names += [key for other in condition for key in other.measure.keys]
    return next((homes[name] for name in names if name in homes), ())


class _Missing:
    """Stands for a key that is not there."""


_MISSING = _Missing()
_AS_IS = object()
_OTHER = object()
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operators.gt, ">=": operators.ge, "<": operators.lt,
    "<=": operators.le, "==": operators.eq, "!=": operators.ne,
}  # fmt: skip


def _wanted(term: Term) -> Any:
    """A value for which the term holds: the nearest to its constant."""
    if term.operator in ("has", "true"):
        return _AS_IS if term.operator == "has" else True
    if term.operator in ("not in", "!="):
        return _OTHER
    if term.operator == "lacks":
        return _MISSING
    if term.operator == "false":
        return False
    if term.operator == "in":
        return next((value for value in term.values if value), term.values[0])
    test, constant = _TESTS[term.operator], term.values[0]
    kind = (int, float) if isinstance(constant, (int, float)) else type(constant)
    alike = (value for value in _around(term) if isinstance(value, kind) and constant is not None)
    return next((value for value in alike if test(value, constant)), constant)


def _around(term: Term) -> list[Any]:
    """Values on both sides of every constant of a term, its own among them."""
    if term.operator in ("has", "lacks"):
        return [_MISSING, None, True]
    if term.operator in ("true", "false"):
        return [True, False, None, _MISSING]
    found: list[Any] = []
    for value in term.values[:6]:
        if isinstance(value, bool) or value is None:
            found += [value, not value]
        elif isinstance(value, (int, float)):
            found += [value, value + 1, value - 1]
            if isinstance(value, float) and math.isfinite(value):
                found += [math.nextafter(value, math.inf), math.nextafter(value, -math.inf)]
        elif isinstance(value, str):
            found += [value, value + "~", value[:-1], value.swapcase()]
    return list({repr(value): value for value in found}.values())


def _set(
    element: Any, term: Term, value: Any, home: tuple[str, ...], *, split: bool = False
) -> Any:
    if value is _AS_IS:
        return element
    return at_home(element, home, lambda record: _with(record, term, value, split))


def at_home(element: Any, home: tuple[str, ...], change: Callable[[Any], Any]) -> Any:
    """A copy with the record at `home` changed; of a list its first and its last element."""
    if isinstance(element, list):
        if not element:
            return element
        first, last = at_home(element[0], home, change), at_home(element[-1], home, change)
        return [first, *element[1:-1], last] if len(element) > 1 else [first]
    if not isinstance(element, dict):
        return change(element) if not home else element
    if not home:
        return change(element)
    inner = element.get(home[0])
    return element if inner is None else {**element, home[0]: at_home(inner, home[1:], change)}


def _with(record: Any, term: Term, value: Any, split: bool) -> Any:
    """The record with what the term measures set to `value`."""
    measure = term.measure
    if not isinstance(record, dict):
        return record
    key = measure.keys[0]
    if value is _MISSING:
        return {name: item for name, item in record.items() if name != key}
    if value is _OTHER:
        current = record.get(key)
        other = next((v for v in _around(term) if v not in term.values), None)
        at_constant = measure.kind == "value" and current in term.values and other is not None
        return {**record, key: other} if at_constant else record
    if measure.kind == "value":
        if value is True and record.get(key) and term.operator in ("true", "false", "has"):
            return record
        if term.operator == "true" and value is True and not isinstance(record.get(key), bool):
            return {**record, key: record.get(key) or "x"}
        if isinstance(record.get(key), float) and type(value) is int:
            value = float(value)
        return {**record, key: value}
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value > _LONGEST:
        return record
    if measure.kind == "sum":
        part = min(value, 1) if split else 0
        rest: dict[str, Any] = dict.fromkeys(measure.keys[1:], 0)
        rest[measure.keys[-1]] = part
        return {**record, **rest, key: value - part}
    return {**record, **_sized(record, measure, value)}


def _sized(record: dict[str, Any], measure: Measure, value: int | float) -> dict[str, Any]:
    key = measure.keys[0]
    size = max(0, int(value))
    current = record.get(measure.within or key)
    if measure.kind == "length":
        if isinstance(current, list):
            items = list(itertools.islice(itertools.cycle(current or [{}]), size))
            return {key: items}
        if isinstance(current, dict):
            names = [*current, *(f"k{n}" for n in range(size))][:size]
            return {key: {name: current.get(name, 0) for name in names}}
        return {key: "x" * size}
    if measure.kind == "items":
        return {key: [value - 1, 1]}
    if measure.kind == "lengths":
        return {key: ["x" * max(0, size - 1), "x" * min(1, size)]}
    first = current[0] if isinstance(current, list) and current else {}
    if not isinstance(first, dict):
        return {}
    nothing = dict.fromkeys(measure.keys, 0)
    return {measure.within: [{**first, **nothing, key: value}, {**first, **nothing}]}

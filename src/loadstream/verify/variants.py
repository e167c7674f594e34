"""Inputs made from the shape of the real data and from the constants of the code.

A `Case` replaces data files by generated documents. The classes are: boundary (values at, just
below and just above what the code compares with, so that filters keep some and reject some),
empty, one, few, missing-key, null, wrong-type, duplicates, unicode, numbers, reordered.
Everything is drawn from a fixed seed: the same input gives the same cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from loadstream.verify.cases import Case, Document
from loadstream.verify.conditions import Condition
from loadstream.verify.constants import Constants
from loadstream.verify.variant_documents import Maker, resized, told
from loadstream.verify.variant_values import (
    with_null,
    with_numbers,
    with_other_type,
    with_unicode,
    without,
)


def generate(samples: Mapping[str, Document], constants: Constants, limit: int) -> tuple[Case, ...]:
    """At most `limit` cases for the data files `samples`, the most telling first."""
    makers = {path: Maker(document, constants) for path, document in samples.items()}
    makers = {path: maker for path, maker in makers.items() if maker.has_collection} or makers
    cases: list[Case] = []
    seen: set[str] = set()
    for kind, detail, make in _plan(makers, constants):
        documents = {path: make(maker) for path, maker in makers.items()}
        mark = repr(documents)
        if mark not in seen:
            seen.add(mark)
            cases.append(Case(kind, detail, documents))
        if len(cases) >= limit:
            break
    return tuple(cases)


Make = Callable[["Maker"], Document]


def _plan(makers: Mapping[str, Maker], constants: Constants) -> Iterator[tuple[str, str, Make]]:
    yield "boundary", "values around every constant", lambda m: m.boundary()
    yield "empty", "no element", lambda m: m.with_elements([])
    yield "one", "one element", lambda m: m.with_elements(m.elements[:1])
    yield "few", "three elements", lambda m: m.with_elements(m.elements[:3])
    yield "missing-key", "each key missing once", lambda m: m.each_key(without, m.optional_keys)
    # Small ones early: a difference that they show is shrunk soonest.
    conditions = told(makers, constants)
    for condition in conditions[:2]:
        yield "boundary", "elements that are kept, at both ends", _kept(condition)
    yield "boundary", "the largest values last", lambda m: m.extremes()
    yield "boundary", "a few values around constants (1)", _drawn(1)
    yield "null", "each value null once", lambda m: m.each_key(with_null)
    yield "wrong-type", "each value of another type once", lambda m: m.each_key(with_other_type)
    yield "duplicates", "every element twice", lambda m: m.duplicates()
    yield "unicode", "texts beyond ASCII", lambda m: m.mapped(with_unicode)
    yield "numbers", "very large and very small numbers", lambda m: m.mapped(with_numbers)
    yield "reordered", "the elements backwards", lambda m: m.with_elements(m.elements[::-1])
    yield "boundary", "the largest values first", lambda m: m.extremes(-1)
    if conditions:
        yield (
            "boundary",
            "elements just missed, then one that is kept",
            lambda m: m.first(conditions[0]),
        )
    keys = list(dict.fromkeys(key for maker in makers.values() for key in maker.relevant_keys))
    # A key that a filter reads is missed by the filter already.
    filtered = {key for condition in conditions for term in condition for key in term.measure.keys}
    required = [key for key in keys if key in constants.required]
    required.sort(key=lambda key: key in filtered)
    for key in required[:2]:
        yield "missing-key", f"{key} missing", _single(without, key)
    yield "boundary", "a few values around constants (2)", _drawn(2)
    yield "missing-key", "the document's own keys missing", lambda m: m.without_collection()
    yield "wrong-type", "another type at the top", lambda m: m.other_collection()
    for key in keys[:6]:
        yield "missing-key", f"{key} missing", _single(without, key)
    for length in _collection_lengths(constants):
        yield "boundary", f"{length} elements", _sized(length)
    for key in keys[:6]:
        yield "null", f"{key} null", _single(with_null, key)
    for key in keys[:6]:
        yield "wrong-type", f"{key} of another type", _single(with_other_type, key)


def _kept(condition: Condition) -> Make:
    return lambda maker: maker.kept(condition)


def _drawn(seed: int) -> Make:
    return lambda maker: maker.drawn(seed, 8)


def _sized(length: int) -> Make:
    return lambda maker: maker.with_elements(resized(maker.elements, length))


def _single(change: Callable[[dict[str, Any], str], None], key: str) -> Make:
    return lambda maker: maker.one_key(change, key)


def _collection_lengths(constants: Constants) -> list[int]:
    found = [n for n in constants.lengths.get("", ()) if 2 <= n <= 200][:2]
    return [n + step for n in found for step in (0, 1, -1)]

"""The parsers that are given complete pieces of JSON: a fast one, and the standard library's.

A fast parser may serve here only if it is never laxer than `json` and never returns another value
than `json` would. It may refuse more (lone surrogates, deep nesting): then the standard library
decides. jiter qualifies, and its import takes half a millisecond, so that even a small file can
afford it. msgspec qualifies too; but over windows of this size it is not faster (0.25 to 1.9 of
`json.load` where jiter took 0.29 to 0.88), and importing it costs 14 ms and 4 MB.
orjson, ujson, rapidjson, pysimdjson and ijson's floats do not qualify: each reads some number,
some surrogate or some duplicate key differently, or accepts what `json` rejects.
"""

from __future__ import annotations

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_JITER_DIGITS = 4300
"""jiter refuses integers with more digits than this, as Python does unless told otherwise."""


def array_parser() -> Callable[[bytes], Any]:
    """A function from the bytes of an array to its list; whatever it raises means "ask again"."""
    limit = getattr(sys, "get_int_max_str_digits", lambda: _JITER_DIGITS)()
    if 0 < limit < _JITER_DIGITS:
        return _standard
    try:
        from jiter import from_json
    except ImportError:
        return _standard

    def parse(document: bytes) -> Any:
        # Records repeat their strings, bare strings seldom do: there jiter's cache of values costs
        # twice what it saves (0.59 of json.load without it, 1.06 with it). Keys stay cached.
        if document[1:65].lstrip()[:1] == b'"':
            return from_json(document, cache_mode="keys")
        return from_json(document)

    return parse


def object_parser() -> Callable[[bytes], Any]:
    """A function from the bytes of an object to its dict, which refuses objects that repeat a key.

    (At any depth: it cannot tell. The caller then looks at the members one by one.)
    """
    if array_parser() is _standard:
        return _standard_without_repeats
    from jiter import from_json

    def without_repeats(document: bytes) -> Any:
        return from_json(document, catch_duplicate_keys=True)

    return without_repeats


def _standard(document: bytes) -> Any:
    return json.loads(document.decode("utf-8"))


def _standard_without_repeats(document: bytes) -> Any:
    return json.loads(document.decode("utf-8"), object_pairs_hook=_unrepeated)


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is repeated")
    return members

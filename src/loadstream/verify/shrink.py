"""Makes an input on which both sides differ small: fewer elements, fewer keys, smaller values.

Greedy delta debugging over JSON documents. What still differs is asked of the caller, several
candidates at a time, so that they can be run side by side; a deadline bounds the whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Documents: TypeAlias = "dict[str, Any]"
StillDiffers: TypeAlias = "Callable[[Sequence[Documents]], list[bool]]"
_Location: TypeAlias = "tuple[str | int, ...]"


def shrink(
    documents: Mapping[str, Any],
    still_differs: StillDiffers,
    *,
    seconds: float,
    width: int,
    keep_texts: frozenset[str] = frozenset(),
) -> Documents:
    """The smallest documents found within `seconds` for which `still_differs` holds.

    `width` candidates are asked about at a time. `keep_texts` are texts that stay as they are
    where a shorter one would do: the constants of the code are easier to read.
    """
    deadline = time.monotonic() + seconds
    current = dict(documents)
    improved = True
    while improved and time.monotonic() < deadline:
        improved = False
        for simplify in (_fewer_elements, _bare_elements, _fewer_keys, _smaller_values):
            current, progress = _pass(current, simplify, still_differs, deadline, width, keep_texts)
            improved = improved or progress
    return current


_Simplify: TypeAlias = "Callable[[Documents, frozenset[str]], Iterator[Documents]]"


def _pass(
    current: Documents,
    simplify: _Simplify,
    still_differs: StillDiffers,
    deadline: float,
    width: int,
    keep_texts: frozenset[str],
) -> tuple[Documents, bool]:
    """Take the first simplification that still differs, again and again, until none is left."""
    progress = False
    tried: set[str] = set()
    while time.monotonic() < deadline:
        batch: list[Documents] = []
        found = None
        for candidate in simplify(current, keep_texts):
            mark = repr(candidate)
            if mark in tried:
                continue
            tried.add(mark)
            batch.append(candidate)
            if len(batch) == width:
                found = _first(batch, still_differs)
                batch = []
                if found is not None or time.monotonic() >= deadline:
                    break
        if found is None and batch and time.monotonic() < deadline:
            found = _first(batch, still_differs)
        if found is None:
            return current, progress
        current, progress = found, True
    return current, progress


def _first(batch: list[Documents], still_differs: StillDiffers) -> Documents | None:
    answers = still_differs(batch)
    return next((item for item, yes in zip(batch, answers, strict=True) if yes), None)


def _fewer_elements(documents: Documents, _keep: frozenset[str]) -> Iterator[Documents]:
    places = [
        (path, location, value)
        for path, document in documents.items()
        for location, value in _containers(document)
        if isinstance(value, list) and value
    ]
    places.sort(key=lambda place: (len(place[1]), -len(place[2])))
    for path, location, value in places:
        # Outer arrays first; deep ones only once the outer ones are short.
        size = len(value)
        chunk = size
        while chunk >= 1:
            for start in range(0, size, chunk):
                shorter = value[:start] + value[start + chunk :]
                yield {**documents, path: _replaced(documents[path], location, shorter)}
            chunk //= 2


def _bare_elements(documents: Documents, _keep: frozenset[str]) -> Iterator[Documents]:
    """All elements of an array emptied at once, or half of them: their number is what counts."""
    for path, document in documents.items():
        for location, value in _containers(document):
            full = [index for index, item in enumerate(value) if item not in _BARE]
            if isinstance(value, list) and len(full) > 1:
                for chosen in (full, full[: len(full) // 2], full[len(full) // 2 :]):
                    bare = [
                        _bare(item) if index in set(chosen) else item
                        for index, item in enumerate(value)
                    ]
                    yield {**documents, path: _replaced(document, location, bare)}


_BARE: tuple[Any, ...] = ({}, [], "", 0, None)


def _bare(item: Any) -> Any:
    if isinstance(item, (dict, list, str)):
        return type(item)()
    return 0 if isinstance(item, (int, float)) and not isinstance(item, bool) else item


def _fewer_keys(documents: Documents, _keep: frozenset[str]) -> Iterator[Documents]:
    for path, document in documents.items():
        for location, value in _containers(document):
            if isinstance(value, dict):
                if len(value) > 3:
                    for half in (list(value)[: len(value) // 2], list(value)[len(value) // 2 :]):
                        rest = {key: value[key] for key in half}
                        yield {**documents, path: _replaced(document, location, rest)}
                for key in value:
                    rest = {name: item for name, item in value.items() if name != key}
                    yield {**documents, path: _replaced(document, location, rest)}


def _smaller_values(documents: Documents, keep: frozenset[str]) -> Iterator[Documents]:
    for path, document in documents.items():
        for location, value in _containers(document):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            for key, item in items:
                for smaller in _smaller(item, keep):
                    yield {
                        **documents,
                        path: _replaced(document, (*location, key), smaller),
                    }


def _smaller(value: Any, keep: frozenset[str]) -> list[Any]:
    if isinstance(value, str):
        if value in keep or not value:
            return []
        return ["", value[: len(value) // 2]] if len(value) > 1 else [""]
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int) and value not in (0, 1):
        return [0, 1]
    if isinstance(value, float) and value not in (0.0, 1.0, 0.5):
        return [0.0, 1.0, 0.5]
    if isinstance(value, dict) and value:
        return [{}]
    return []


def _containers(document: Any) -> Iterator[tuple[_Location, Any]]:
    """Every list and object with its location, outer ones first."""
    pending: list[tuple[_Location, Any]] = [((), document)]
    for location, value in pending:
        if isinstance(value, dict):
            yield location, value
            pending.extend(((*location, key), item) for key, item in value.items())
        elif isinstance(value, list):
            yield location, value
            pending.extend(((*location, index), item) for index, item in enumerate(value))


def _replaced(document: Any, location: _Location, content: Any) -> Any:
    """A copy of `document`, sharing all that is unchanged, with `content` at `location`."""
    if not location:
        return content
    copied = document.copy()
    copied[location[0]] = _replaced(document[location[0]], location[1:], content)
    return copied

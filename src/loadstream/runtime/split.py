"""Several filters over one pass: what each of them lets through, in lists of their own."""

from __future__ import annotations

from loadstream.runtime.stream import Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    T = TypeVar("T")


def split(elements: Iterable[T], *predicates: Callable[[T], object]) -> tuple[list[T], ...]:
    """Read `elements` once; give, for each predicate, the list of those for which it is true.

        marathons, errors = split(stream_sessions(), is_marathon, is_error)

    Each predicate is called once for each element, in the order in which they are given, before the
    next element is read. The lists are in the order of the elements; one that several predicates
    want is in several lists, and is the same object there; one that none wants is dropped. So
    memory follows what is kept, not the file.

    An exception, of a predicate or of the file, arrives unchanged, and no list is given then; if
    `elements` is a `Stream`, it is closed.
    """
    lists: tuple[list[T], ...] = tuple([] for _ in predicates)
    chosen = [(predicate, kept.append) for predicate, kept in zip(predicates, lists, strict=True)]
    try:
        for element in elements:
            for predicate, keep in chosen:
                if predicate(element):
                    keep(element)
    except BaseException:
        if isinstance(elements, Stream):
            elements.close()
        raise
    return lists

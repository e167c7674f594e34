"""Which part of a document is wanted: from `$.sessions[*].delegations` to steps.

A step is a key (`str`), an index (`int`) or `EACH`, which stands for every element. The accepted
queries are the part of RFC 9535 that names one place, or one place in every element:
`$`, `.name`, `['name']`, `["name"]`, `[0]` and `[*]`.
"""

from __future__ import annotations

from enum import Enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

ACCEPTED = "accepted are $, .name, ['name'], [0] and [*], or a tuple of keys"


class Each(Enum):
    """The step `[*]`: every element of the array that stands here, one after the other."""

    EACH = "[*]"


EACH = Each.EACH

if TYPE_CHECKING:
    Step: TypeAlias = str | int | Each


class Route:
    """A parsed path: `outer` leads to what is streamed, `inner` goes on inside each element.

    `$.sessions[*].delegations` streams the elements at `outer == ("sessions",)`, and in each of
    them takes `inner == ("delegations",)`; every value found there is iterated. A path without
    `[*]` has no `inner` part (None). A last `[*]` says what iteration does anyway and is dropped.
    """

    __slots__ = ("inner", "outer")

    def __init__(self, steps: tuple[Step, ...]) -> None:
        if steps and steps[-1] is EACH:
            steps = steps[:-1]
        self.outer: tuple[str | int, ...] = steps  # type: ignore[assignment]
        self.inner: tuple[Step, ...] | None = None
        if EACH in steps:
            first = steps.index(EACH)
            self.outer = steps[:first]  # type: ignore[assignment]
            self.inner = steps[first + 1 :]

    @property
    def stays(self) -> bool:
        """Whether it leads nowhere: the document itself is streamed."""
        return not self.outer and self.inner is None


def parse_path(path: str | Iterable[str | int]) -> Route:
    """The steps of a query such as `$.a['b c'][0][*].d`, or of a tuple of keys and indexes.

    Raises `ValueError` that names the part which is not understood, and what is accepted.
    """
    if isinstance(path, str):
        root, *names = path.split(".")
        if root == "$" and all(map(str.isidentifier, names)):
            return Route(tuple(names))
        from loadstream.runtime.queries import steps_of_query

        return Route(tuple(steps_of_query(path)))
    if isinstance(path, tuple):
        for step in path:
            if isinstance(step, bool) or not isinstance(step, (str, int)):
                raise ValueError(
                    f"path {path!r}: {step!r} is neither a key nor an index; {ACCEPTED}"
                )
            if isinstance(step, int) and step < 0:
                from loadstream.runtime.queries import negative

                raise ValueError(negative(path, step))
        return Route(path)
    raise ValueError(f"path {path!r} is a {type(path).__name__}; {ACCEPTED}")

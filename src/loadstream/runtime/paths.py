"""Which part of a document is wanted: from `$.sessions[*].delegations` to steps.

A step is a key (`str`), an index (`int`) or `EACH`, which stands for every element. The accepted
queries are the part of RFC 9535 that names one place, or one place in every element:
`$`, `.name`, `['name']`, `["name"]`, `[0]` and `[*]`.
"""

from __future__ import annotations

import re
from enum import Enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import TypeAlias

ACCEPTED = "accepted are $, .name, ['name'], [0] and [*], or a tuple of keys"


class Each(Enum):
    """The step `[*]`: every element of the array that stands here, one after the other."""

    EACH = "[*]"


EACH = Each.EACH

if TYPE_CHECKING:
    Step: TypeAlias = str | int | Each

_STEP = re.compile(
    r"""\.(?P<name>[^\W\d]\w*)
      | \[\s*(?:
            '(?P<single>(?:[^'\\]|\\.)*)'
          | "(?P<double>(?:[^"\\]|\\.)*)"
          | (?P<index>0|[1-9][0-9]*)
          | (?P<each>\*)
        )\s*\]""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u(?P<hex>[0-9A-Fa-f]{4})|(?P<char>.))", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


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


def parse_path(path: str | Iterable[str | int]) -> Route:
    """The steps of a query such as `$.a['b c'][0][*].d`, or of a tuple of keys and indexes.

    Raises `ValueError` that names the part which is not understood, and what is accepted.
    """
    if isinstance(path, str):
        return Route(tuple(_steps_of_query(path)))
    if isinstance(path, tuple):
        for step in path:
            if isinstance(step, bool) or not isinstance(step, (str, int)) or (step != step):
                raise ValueError(
                    f"path {path!r}: {step!r} is neither a key nor an index; {ACCEPTED}"
                )
            if isinstance(step, int) and step < 0:
                raise ValueError(_negative(repr(path), str(step)))
        return Route(path)
    raise ValueError(f"path {path!r} is a {type(path).__name__}; {ACCEPTED}")


def _steps_of_query(path: str) -> Iterable[Step]:
    if not path.startswith("$"):
        raise ValueError(f"path {path!r} does not begin with $; {ACCEPTED}")
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError(_not_understood(path, at))
        kind, text = match.lastgroup, match.group(match.lastgroup or 0)
        if kind == "name":
            yield text
        elif kind == "index":
            yield int(text)
        elif kind == "each":
            yield EACH
        else:
            yield _unescape(text, path)
        at = match.end()


def _not_understood(path: str, at: int) -> str:
    rest = path[at:]
    if re.match(r"\[\s*-\d+\s*\]", rest):
        return _negative(repr(path), rest)
    if rest.startswith(".."):
        return f"path {path!r}: `..` would search the whole document; {ACCEPTED}"
    if rest.startswith("[") and ":" in rest.split("]")[0]:
        return f"path {path!r}: slices are not streamed (use itertools.islice); {ACCEPTED}"
    if rest.startswith("[?"):
        return f"path {path!r}: a filter belongs into filter_func; {ACCEPTED}"
    return f"path {path!r}: {rest!r} (from character {at}) is not understood; {ACCEPTED}"


def _negative(path: str, part: str) -> str:
    return f"path {path}: {part} counts from the end, which needs the whole array; {ACCEPTED}"


def _unescape(text: str, path: str) -> str:
    def character(match: re.Match[str]) -> str:
        if match["hex"]:
            return chr(int(match["hex"], 16))
        char = match["char"]
        if char in "'\"\\/":
            return str(char)
        if char not in _ESCAPED:
            raise ValueError(f"path {path!r}: the escape \\{char} is not understood; {ACCEPTED}")
        return _ESCAPED[char]

    plain = _ESCAPE.sub(character, text)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")

"""The grammar of queries, and what is said of those that are not understood."""

from __future__ import annotations

import re

from loadstream.runtime.paths import ACCEPTED, EACH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from loadstream.runtime.paths import Step

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


def steps_of_query(path: str) -> Iterator[Step]:
    """The steps of a query. Raises `ValueError` for what is not understood."""
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
        return negative(path, rest)
    if rest.startswith(".."):
        return f"path {path!r}: `..` would search the whole document; {ACCEPTED}"
    if rest.startswith("[") and ":" in rest.split("]")[0]:
        return f"path {path!r}: slices are not streamed (use itertools.islice); {ACCEPTED}"
    if rest.startswith("[?"):
        return f"path {path!r}: a filter belongs into filter_func; {ACCEPTED}"
    return f"path {path!r}: {rest!r} (from character {at}) is not understood; {ACCEPTED}"


def negative(path: object, part: object) -> str:
    """What is said of an index that is counted from the end."""
    return f"path {path!r}: {part} counts from the end, which needs the whole array; {ACCEPTED}"


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

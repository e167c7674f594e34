"""The edit that keeps a load as it is: a comment on a line of its own, above its statement."""

from __future__ import annotations

import io
import re
import tokenize

from loadstream.analysis.spans import Position, Span
from loadstream.rewrite.fixes import Edit

_LAYOUT = frozenset(
    (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING)
)


def keep(text: str, line: int, code: str) -> Edit | None:
    """A `# loadstream: keep[…]` for what stands in `line`; None where the text has no tokens."""
    first = _logical_line(text, line)
    if first is None:
        return None
    lines = re.split(r"\r\n?|\n", text)
    margin = re.match(r"[ \t\f]*", lines[first - 1])
    newline = re.search(r"\r\n?|\n", text)
    comment = f"{margin[0] if margin else ''}# loadstream: keep[{code}]"
    place = Position(first, 0)
    return Edit(Span(place, place), comment + (newline[0] if newline else "\n"))


def _logical_line(text: str, line: int) -> int | None:
    """Where the logical line begins that `line` is a part of."""
    first = None
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.NEWLINE:
                if first is not None and first <= line <= token.start[0]:
                    return first
                first = None
            elif first is None and token.type not in _LAYOUT:
                first = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        return None
    return None

"""Comments that keep a load as it is: `# loadstream: keep`, `# loadstream: keep[LS102] reason`.

A comment is about one logical line: the one that it stands in or at the end of, or, where it has a
line of its own, the next one directly below. A compound statement's logical line is its head, so
a comment on a `for` line says nothing about the loop's body; a comment on a decorator, or above it,
is about the head of what is decorated too. Only files that hold the marker are
read for comments.

The line that opens a load's file, `with open(path) as f:`, counts as the load's own.
"""

from __future__ import annotations

import difflib
import io
import re
import tokenize
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.source import SourceError, SourceFile
from loadstream.analysis.spans import Position, Span

if TYPE_CHECKING:
    from loadstream.analysis.sites import Site


MARKER = "loadstream:"
_COMMENT = re.compile(r"#\s*loadstream:\s*(?P<said>.*)", re.DOTALL)
_KEEP = re.compile(r"keep(?![\w-])\s*(?:\[(?P<codes>[^\]]*)\])?\s*(?P<words>.*)", re.DOTALL)
_LAYOUT = frozenset(
    (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)
)


class Suppression(NamedTuple):
    """A comment that keeps what stands in `lines` (the first and the last, from 1).

    `codes` are the ones that it names; none named means all. `words` is what follows: a person's
    reason.
    """

    span: Span
    lines: tuple[int, int]
    codes: frozenset[str]
    words: str

    def covers(self, line: int, code: str) -> bool:
        """Tell whether a plan or report of `code` at `line` is kept by this comment."""
        first, last = self.lines
        return first <= line <= last and (not self.codes or code in self.codes)

    def refusal(self) -> Refusal:
        """The reason that the comment gives a site."""
        said = f": {self.words}" if self.words else ""
        fact = f"the comment at line {self.span.start.line} says so{said}"
        return Refusal(Reason.SUPPRESSED, fact, self.span)


class Misspelt(NamedTuple):
    """A comment that begins as a suppression does and is none; `fact` says what is wrong."""

    span: Span
    fact: str


Comment: TypeAlias = Suppression | Misspelt


def find_comments(source: SourceFile, codes: Collection[str]) -> tuple[Comment, ...]:
    """Every comment of the file that speaks to loadstream, in the order of the text.

    `codes` are those that a comment can name. Raises SourceError where the text has no tokens that
    could be read, though it was parsed.
    """
    if MARKER not in source.text:
        return ()
    found: list[Comment] = []
    for comment, lines in _placed(source.text):
        match = _COMMENT.search(comment.string)
        if match is not None:
            line, column = comment.start
            start = Position(line, column + match.start())
            span = Span(start, Position(line, column + len(comment.string.rstrip())))
            found.append(_read(match["said"].rstrip(), span, lines, codes))
    return tuple(found)


def kept(
    sites: Sequence[Site], comments: Sequence[Comment], opened: Mapping[Span, int]
) -> tuple[list[Site], set[Comment]]:
    """`sites` as the comments leave them, and the comments that kept something.

    `opened` gives the line of the `with open(…)` or `f = open(…)` of those loads that have one: a
    comment there is about the load too.
    A load that would have been rewritten, or whose use would have been reported, is kept instead;
    a report about a place that is no load goes.
    """
    left: list[Site] = []
    used: set[Comment] = set()
    for site in sites:
        plan = site.plan
        over = [
            comment
            for comment in comments
            if plan is not None
            and isinstance(comment, Suppression)
            and any(
                comment.covers(line, part.code)
                for part in plan.each
                for line in (site.span.start.line, opened.get(site.span, 0))
            )
        ]
        if plan is None or not over:
            left.append(site)
            continue
        used.update(over)
        if plan.anchor != site.span:
            refusals = (over[0].refusal(),)
            left.append(site._replace(plan=None, refusals=refusals))
    return left, used


def _placed(text: str) -> Iterator[tuple[tokenize.TokenInfo, tuple[int, int]]]:
    """Each comment that holds the marker, with the lines that it is about.

    Where a comment is about nothing (a blank line or the end of the file follows), these are its
    own line alone.
    """
    inside: list[tokenize.TokenInfo] = []  # comments of the logical line that is being read
    above: list[tokenize.TokenInfo] = []  # comments on lines of their own, directly above it
    first = 0  # where the logical line begins, 0 between two of them
    starts, decorates = True, False
    for token in _tokens(text):
        if token.type == tokenize.COMMENT:
            speaks = MARKER in token.string
            if first:
                inside += [token] if speaks else []
            else:
                above += [token] if speaks else []
        elif token.type == tokenize.NEWLINE:
            starts = True
            if not decorates:
                yield from ((comment, (first, token.start[0])) for comment in (*above, *inside))
                inside, above, first = [], [], 0
        elif token.type == tokenize.NL and not first and not token.line.strip():
            yield from ((comment, (comment.start[0],) * 2) for comment in above)
            above = []
        elif token.type not in _LAYOUT and starts:
            first = first or token.start[0]
            starts, decorates = False, token.string == "@"
    yield from ((comment, (comment.start[0],) * 2) for comment in above)


def logical_lines(text: str) -> Iterator[tuple[int, int]]:
    """The first and the last line of each logical line, decorators with what they decorate.

    Raises SourceError where the text has no tokens that could be read.
    """
    first, starts, decorates = 0, True, False
    for token in _tokens(text):
        if token.type == tokenize.NEWLINE:
            starts = True
            if not decorates:
                yield first, token.start[0]
                first = 0
        elif token.type != tokenize.COMMENT and token.type not in _LAYOUT and starts:
            first = first or token.start[0]
            starts, decorates = False, token.string == "@"


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        yield from tokenize.generate_tokens(lines.readline)
    except (tokenize.TokenError, SyntaxError) as error:
        raise SourceError(f"its comments cannot be read: {error}") from error


def _read(said: str, span: Span, lines: tuple[int, int], codes: Collection[str]) -> Comment:
    """What a comment says behind the marker."""
    match = _KEEP.match(said)
    if match is None:
        word = said.split(maxsplit=1)[0] if said else ""
        word = word.partition("[")[0]
        return Misspelt(span, f"`{MARKER} {word}` means nothing{_nearest(word, ['keep'])}")
    words = re.split(r"\s#\s", match["words"])[0].strip(" :-–—")
    if match["codes"] is None:
        if match["words"].startswith("["):
            return Misspelt(span, "the bracket behind `keep` is not closed")
        return Suppression(span, lines, frozenset(), words)
    named = [code.strip() for code in match["codes"].split(",")]
    for code in named:
        if code not in codes:
            hint = _nearest(code.upper(), codes) if code else "; write `keep` alone for all codes"
            return Misspelt(span, f"`keep[{code}]` names no code that a comment can keep{hint}")
    return Suppression(span, lines, frozenset(named), words)


def _nearest(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f'; did you mean "{close[0]}"?' if close else ""

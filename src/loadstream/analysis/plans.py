"""Plans: what the analysis decided for one load site, in the terms that a codemod needs.

A plan names places by `Span`; the codemod finds the nodes at these places and builds the new
code out of their own parts. It decides nothing: every question of safety and of names is
answered here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from loadstream.analysis.spans import Span


class Safety(Enum):
    """Whether a rewrite keeps everything observable, or needs the user's consent."""

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class StreamCall:
    """The streamer call that takes the place of a load.

    `call` is the call whose arguments are carried over: `load_x(...)`, or the `stream_x(...)`
    that is there already (LS201, LS202). `callee` is the new callee as source text
    (`stream_sessions`, `repository.stream_sessions`). `keywords` has one entry for each argument
    of `call`: the keyword under which it is passed on, or None where it stays as it is written.
    `filter_parameter` is the streamer's parameter for the predicate, None if it has none.
    """

    call: Span
    callee: str
    keywords: tuple[str | None, ...] = ()
    filter_parameter: str | None = None


@dataclass(frozen=True, slots=True)
class ImportChange:
    """The streamer's name beside the loader's in one `from m import load_x` statement.

    `statement` is that import. `add` is the name to import (None: it is there already). `remove`
    is the loader's bound name; it goes only when no reference to it is left in the edited file
    (None: it must stay whatever happens, because other files may take it from here).
    """

    statement: Span
    add: str | None
    remove: str | None


@dataclass(frozen=True, slots=True)
class Predicate:
    """The moved condition as a function of one element.

    `parameter` is the loop target's name. `name` is a free name for a `def` (`is_p3_marathon`);
    `before` is the statement, in the same scope, in front of which that `def` can stand. Both are
    None where only a lambda fits. Where both are given the codemod takes a lambda if it fits the
    line and the condition has no comment, and the `def` otherwise.
    """

    parameter: str
    name: str | None
    before: Span | None


@dataclass(frozen=True, slots=True)
class FilterCollect:
    """LS101 (LS201): `anchor` is a comprehension; its first clause iterates `source`.

    The first `moved` conditions of that clause move into the predicate. `wrap` is `"list"` or
    `"set"` when the comprehension then only repeats its elements and becomes `list(stream)`; it
    is the empty string for a generator that only repeats, which becomes the stream itself; it is
    None when the comprehension stays and iterates the stream.
    """

    moved: int
    predicate: Predicate | None
    wrap: str | None


@dataclass(frozen=True, slots=True)
class FilterLoop:
    """LS102 (LS202): `anchor` is a `for` statement over `source`.

    Its first `guards` statements are `if c: continue`; they go, and `not c` moves (a leading
    `not` is dropped instead of doubled). If `unwrap`, the one statement that is then left is an
    `if c:` without `else`; its condition moves too and its body becomes the loop's.
    """

    guards: int
    unwrap: bool
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class AccumulateLoop:
    """LS103: `anchor` is a `for` statement that only appends its element to `accumulator`.

    The statements of the body before the append (local assignments, nested `if`s, `continue`
    guards) become the body of the predicate, `return` in place of `append`. `initial` is the
    statement `accumulator = []`, which goes; the loop becomes `accumulator = list(stream(…))`.
    """

    accumulator: str
    initial: Span
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class SinglePass:
    """LS104 and the loop form of LS105: `source` becomes the stream; nothing else changes."""


@dataclass(frozen=True, slots=True)
class FindFirst:
    """LS105: `anchor` is `next(generator)` or `next(generator, default)` over `source`.

    Its first `moved` conditions move into the predicate; `bare` when the generator then only
    repeats its elements, so that the stream itself is handed to `next`.
    """

    moved: int
    predicate: Predicate | None
    bare: bool


@dataclass(frozen=True, slots=True)
class Count:
    """LS106: `anchor` is `len(source)` or `len([… for s in source if c])`.

    It becomes `sum(1 for _ in stream)`; all `moved` conditions move into the predicate.
    """

    moved: int
    predicate: Predicate | None


@dataclass(frozen=True, slots=True)
class ReportOnly:
    """LS203: a finding without an edit."""


Shape: TypeAlias = (
    FilterCollect | FilterLoop | AccumulateLoop | SinglePass | FindFirst | Count | ReportOnly
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One accepted rewrite.

    `source` is the expression that is replaced by the stream call where it stands inside
    `anchor`: the load itself, or the variable that holds it. `binding` is the assignment
    `sessions = load_sessions()` that goes because nothing else reads it (None when the load stands
    in place). `anchor` encloses `source`.
    """

    code: str
    safety: Safety
    stream: StreamCall
    source: Span
    anchor: Span
    binding: Span | None
    imports: ImportChange | None
    shape: Shape

"""Plans: what the analysis decided for one load site, in the terms that a codemod needs.

A plan names places by `Span`; the codemod finds the nodes at these places and builds the new
code out of their own parts. It decides nothing: every question of safety and of names is
answered here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple, TypeAlias

from loadstream.analysis.spans import Span


class Safety(Enum):
    """Whether a rewrite keeps everything observable, or needs the user's consent."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class StreamCall(NamedTuple):
    """The streamer call that takes the place of a load.

    `call` is the call whose arguments are carried over: `load_x(...)`, or the `stream_x(...)`
    that is there already (LS201, LS202). `callee` is the new callee as source text
    (`stream_sessions`, `repository.stream_sessions`). `keywords` has one entry for each argument
    of `call`: the keyword under which it is passed on, or None where it stays as it is written.
    Where `arguments` is given, these are the new call's arguments as source text, each with its
    keyword if it has one (`f`, `"$.items"`, `default=[]`), and those of `call` are dropped.
    `filter_parameter` is the streamer's parameter for the predicate, None if it has none.
    """

    call: Span
    callee: str
    keywords: tuple[str | None, ...] = ()
    filter_parameter: str | None = None
    arguments: tuple[str, ...] | None = None


class ImportChange(NamedTuple):
    """The streamer's name beside the loader's in one `from m import load_x` statement.

    `statement` is that import. `add` is the name to import (None: it is there already). `remove`
    is the loader's bound name; it goes only when no reference to it is left in the edited file
    (None: it must stay whatever happens, because other files may take it from here).
    """

    statement: Span
    add: str | None
    remove: str | None


class RuntimeImport(NamedTuple):
    """A function of loadstream's runtime that the new call needs, imported where json was.

    `statement` is the import that `json` (or its `load`) came from; the new import stands in the
    same run of imports, no earlier line than the run's first. `add` is the name to import from
    `loadstream` (None: it is imported already); where `beside` is given, the name comes into that
    `from loadstream import …` statement. `remove` is the name bound by `statement` (`json`,
    `load`); it goes only when no reference to it is left (None: it must stay).
    """

    statement: Span
    add: str | None
    beside: Span | None
    remove: str | None


class NewImport(NamedTuple):
    """The import `text` comes into the run of imports that `statement` is in, where it belongs."""

    statement: Span
    text: str


class MovedWith(NamedTuple):
    """`statement`, a `with open(…) as f:` of which nothing else is left, comes around `around`.

    All that its body holds goes with the plan's `bindings`. `around` is the statement of the pass.
    """

    statement: Span
    around: Span


class IntoWith(NamedTuple):
    """`around`, the statement of the pass, comes to the end of `statement`, a `with` before it.

    It follows it directly. What else stands in the `with` stays there.
    """

    statement: Span
    around: Span


class NewWith(NamedTuple):
    """A `with {item} as {name}:` comes around the statement `around`, the pass's own.

    `item` is source text. `removed` are simple statements that go: `f = open(…)`, `f.close()`.
    """

    item: str
    name: str
    removed: tuple[Span, ...]
    around: Span


Placement: TypeAlias = MovedWith | IntoWith | NewWith


class Predicate(NamedTuple):
    """The moved condition as a function of one element.

    `parameter` is the loop target's name. `name` is a free name for a `def` (`is_p3_marathon`);
    `before` is the statement, in the same scope, in front of which that `def` can stand. Both are
    None where only a lambda fits. Where both are given the codemod takes a lambda if it fits the
    line and the condition has no comment, and the `def` otherwise.
    """

    parameter: str
    name: str | None
    before: Span | None


class FilterCollect(NamedTuple):
    """LS101 (LS201): `anchor` is a comprehension; its first clause iterates `source`.

    The first `moved` conditions of that clause move into the predicate. `wrap` is `"list"` or
    `"set"` when the comprehension then only repeats its elements and becomes `list(stream)`; it
    is the empty string for a generator that only repeats, which becomes the stream itself; it is
    None when the comprehension stays and iterates the stream.
    """

    moved: int
    predicate: Predicate | None
    wrap: str | None


class FilterLoop(NamedTuple):
    """LS102 (LS202): `anchor` is a `for` statement over `source`.

    Its first `guards` statements are `if c: continue`; they go, and `not c` moves (a leading
    `not` is dropped instead of doubled). If `unwrap`, the one statement that is then left is an
    `if c:` without `else`; its condition moves too and its body becomes the loop's.
    """

    guards: int
    unwrap: bool
    predicate: Predicate


class AccumulateLoop(NamedTuple):
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


class FindFirst(NamedTuple):
    """LS105: `anchor` is `next(generator)` or `next(generator, default)` over `source`.

    Its first `moved` conditions move into the predicate; `bare` when the generator then only
    repeats its elements, so that the stream itself is handed to `next`.
    """

    moved: int
    predicate: Predicate | None
    bare: bool


class Count(NamedTuple):
    """LS106: `anchor` is `len(source)` or `len([… for s in source if c])`.

    It becomes `sum(1 for _ in stream)`; all `moved` conditions move into the predicate.
    """

    moved: int
    predicate: Predicate | None


class FirstOf(NamedTuple):
    """LS105, unsafe: `anchor` is `[s for s in source if c][0]`; it becomes `next(…)`.

    Its first `moved` conditions move into the predicate; `bare` when the comprehension then only
    repeats its elements, so that the stream itself is handed to `next` (`iterator`: as it is;
    otherwise through `iter()`).
    """

    moved: int
    predicate: Predicate | None
    bare: bool
    iterator: bool


class ItemsLoop(NamedTuple):
    """LS107: `anchor` is `for k in source:`, every other use of the object being `source[k]`.

    The loop becomes `for k, {value} in stream`; each place in `reads` becomes `{value}`.
    """

    value: str
    reads: tuple[Span, ...]


class CountedLoop(NamedTuple):
    """LS104: `anchor` is a `for` statement over `source`, which then counts what goes by.

    `{counter} = 0` comes before it, and the loop becomes `for {counter}, … in enumerate(…,
    start=1)`; each place in `reads`, behind the loop, becomes `{counter}`.
    """

    counter: str
    reads: tuple[Span, ...]


class KeysComprehension(NamedTuple):
    """LS107: `anchor` is a comprehension whose first clause is `for k in source`, k one name.

    That clause becomes `for k, {value} in stream`.
    """

    value: str


class Keys(NamedTuple):
    """LS107: `anchor` is `source`, which gives the keys: `(key for key, {value} in stream)`.

    `bare` where it is all that a call is given, so that it needs no parentheses of its own.
    """

    value: str
    bare: bool


class Caller(NamedTuple):
    """A call that would stream if its loader had a twin: the file, and the line from 1.

    In a notebook the line is one of the cell of the number `cell`.
    """

    path: Path
    line: int
    cell: int | None = None

    @property
    def place(self) -> str:
        """The place within the file, as it is shown."""
        return f"{self.line}" if self.cell is None else f"cell {self.cell}:{self.line}"


class SplitFilter(NamedTuple):
    """One of the filters of a `Split`: `statement` is `{target} = …`, `comprehension` its value."""

    statement: Span
    comprehension: Span
    target: str
    predicate: Predicate


class Split(NamedTuple):
    """LS109: `anchor` is the assignment of the last of `filters`, which follow each other.

    Or of the first, where other statements stand between them, which then come behind the pass.
    It becomes `a, b = split(stream, …)`, with a predicate for each filter, made of all of its
    conditions; the other assignments go. `imports` says how `split` is imported.
    """

    filters: tuple[SplitFilter, ...]
    imports: RuntimeImport


class StreamTwin(NamedTuple):
    """LS108: the function `text` comes behind `anchor`, a loader's `def`, which stays as it is.

    `text` is a whole `def`, its lines ended by line feeds. `callers` are why it is worth it. Such
    a plan is carried out by itself, before the file is analysed for any other.
    """

    text: str
    callers: tuple[Caller, ...]


class Deprecation(NamedTuple):
    """LS108, on request: `anchor`, a loader's `def`, is marked deprecated.

    By the decorator `@{callee}({message})`, or, if `in_body`, by the statement
    `{callee}({message}, DeprecationWarning, stacklevel=2)` at the head of its body. Such a plan is
    carried out behind the twins, before the file is analysed for any other.
    """

    callee: str
    message: str
    in_body: bool


class ReportOnly(NamedTuple):
    """LS203, LS205, LS901: a finding without an edit.

    `fact` is what was found, in words; it is empty where the code says all.
    """

    fact: str = ""


Shape: TypeAlias = (
    FilterCollect
    | FilterLoop
    | AccumulateLoop
    | SinglePass
    | FindFirst
    | FirstOf
    | Count
    | ItemsLoop
    | CountedLoop
    | KeysComprehension
    | Keys
    | Split
    | StreamTwin
    | Deprecation
    | ReportOnly
)


class Plan(NamedTuple):
    """One accepted rewrite.

    `source` is the expression that is replaced by the stream call where it stands inside
    `anchor`: the load itself, a part of it (`json.load(f)["items"]`), or the variable that holds
    either. `bindings` are the assignments, such as `sessions = load_sessions()`, that go because
    nothing else reads them (empty when the load stands in place). `anchor` encloses `source`.
    `placement` is given where the file has to be opened around the pass. `guard` is an `if`
    statement that goes: the pass, its whole body, takes its place. `branches` are the plans
    of the passes in other branches, with the same bindings: all are carried out, or none. They have
    no branches themselves; `safety` is that of all together.
    """

    code: str
    safety: Safety
    stream: StreamCall
    source: Span
    anchor: Span
    bindings: tuple[Span, ...]
    imports: ImportChange | RuntimeImport | NewImport | None
    shape: Shape
    placement: Placement | None = None
    guard: Span | None = None
    branches: tuple[Plan, ...] = ()

    @property
    def each(self) -> tuple[Plan, ...]:
        """This plan and those of the other branches."""
        return (self, *self.branches)


def spans_of(value: object) -> Iterator[Span]:
    """All places that a plan, or a part of one, names."""
    if isinstance(value, Span):
        yield value
    elif isinstance(value, tuple):  # as all parts of a plan are
        for item in value:
            yield from spans_of(item)


def report_of(code: str, place: Span, fact: str, stream: StreamCall | None = None) -> Plan:
    """A finding about `place`, without an edit; `stream` is the call that it has to do with."""
    call = StreamCall(place, "") if stream is None else stream
    return Plan(code, Safety.UNSAFE, call, place, place, (), None, ReportOnly(fact))

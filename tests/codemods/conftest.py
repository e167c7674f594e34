"""Plans for marked-down programs, made without the analysis: what the codemods are tested with.

`plan(text, kind…)` finds the one call of `load_x` (or the `stream_x` to be filtered), the
variable that holds it, the place where that is read, and the anchor that the shape asks for.
`json_plan(text, kind…)` is told these places by their text, for loads by `json`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent

import pytest

from loadstream.analysis.plans import (
    AccumulateLoop,
    Count,
    FilterCollect,
    FilterLoop,
    FindFirst,
    FirstOf,
    ImportChange,
    IntoWith,
    ItemsLoop,
    MovedWith,
    NewWith,
    Placement,
    Plan,
    Predicate,
    RuntimeImport,
    Safety,
    Shape,
    SinglePass,
    StreamCall,
)
from loadstream.analysis.spans import Lines, Span
from loadstream_codemods.apply import apply

ANCHORS: dict[str, tuple[type[ast.AST], ...]] = {
    "collect": (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
    "loop": (ast.For,),
    "accumulate": (ast.For,),
    "next": (ast.Call,),
    "count": (ast.Call,),
}


@dataclass(frozen=True)
class Program:
    """A text with its tree, and the questions that a planner asks of it."""

    text: str
    tree: ast.Module
    lines: Lines

    @classmethod
    def of(cls, text: str) -> Program:
        return cls(text, ast.parse(text), Lines(text))

    def load(self, loader: str) -> ast.Call:
        [call] = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(loader)
        ]
        return call

    def parents(self, node: ast.AST) -> list[ast.AST]:
        """From the innermost outwards."""
        above = {child: up for up in ast.walk(self.tree) for child in ast.iter_child_nodes(up)}
        found = []
        while node in above:
            node = above[node]
            found.append(node)
        return found

    def binding(self, call: ast.Call) -> tuple[ast.stmt, ast.expr] | None:
        """The assignment of the load to a variable, and the one place that reads it."""
        for parent in self.parents(call):
            if isinstance(parent, (ast.Assign, ast.AnnAssign)):
                target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
                collected = ast.unparse(parent.value or call)
                if collected not in (ast.unparse(call), f"list({ast.unparse(call)})"):
                    return None
                reads = [
                    node
                    for node in ast.walk(self.tree)
                    if isinstance(node, ast.Name)
                    and isinstance(target, ast.Name)
                    and node.id == target.id
                    and isinstance(node.ctx, ast.Load)
                ]
                return (parent, reads[0]) if len(reads) == 1 else None
        return None

    def statement(self, start: str) -> ast.stmt:
        """The first statement whose text begins with `start`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt) and self.lines.text(self.lines.span(node)).startswith(
                start
            ):
                return node
        raise LookupError(start)

    def statement_span(self, start: str, nth: int = 0) -> Span:
        """The place of the `nth` statement whose text begins with `start`."""
        places = [self.lines.span(n) for n in ast.walk(self.tree) if isinstance(n, ast.stmt)]
        return [s for s in sorted(places) if self.lines.text(s).startswith(start)][nth]

    def expression(self, text: str, nth: int = -1) -> ast.expr:
        """The `nth` expression that reads `text`, in the order of the text."""
        found = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.expr) and self.lines.text(self.lines.span(node)) == text
        ]
        return sorted(found, key=lambda node: self.lines.span(node))[nth]


def plan(
    text: str,
    kind: str,
    *,
    loader: str = "load_x",
    streamer: str | None = None,
    keywords: tuple[str | None, ...] = (),
    moved: int = 0,
    parameter: str = "s",
    name: str | None = None,
    before: str | None = None,
    wrap: str | None = None,
    guards: int = 0,
    unwrap: bool = False,
    accumulator: str = "kept",
    bare: bool = True,
    add: str | None = "",
    remove: str | None = "",
    import_from: str = "from m import",
) -> Plan:
    """The plan of the one site of `loader` in `text`. An empty `add`/`remove` means the usual."""
    program = Program.of(text)
    call = program.load(loader)
    name_of_streamer = streamer or loader.replace("load_", "stream_")
    callee = ast.unparse(call.func).removesuffix(loader) + name_of_streamer
    bound = program.binding(call)
    source: ast.expr = bound[1] if bound else call
    if bound is None:
        for parent in program.parents(call):
            if ast.unparse(parent) == f"list({ast.unparse(call)})":
                assert isinstance(parent, ast.expr)
                source = parent
    anchor: ast.AST = source
    for parent in program.parents(source):
        if isinstance(parent, ANCHORS.get(kind, ())):
            anchor = parent
            break
    assert isinstance(anchor, (ast.expr, ast.stmt))
    if kind == "loop" or kind == "accumulate":
        default_before: ast.stmt = anchor  # type: ignore[assignment]
    else:
        default_before = next(p for p in program.parents(anchor) if isinstance(p, ast.stmt))
    predicate = Predicate(
        parameter,
        name,
        None
        if name is None
        else program.lines.span(program.statement(before) if before else default_before),
    )
    shapes: dict[str, Callable[[], Shape]] = {
        "collect": lambda: FilterCollect(moved, predicate if moved else None, wrap),
        "loop": lambda: FilterLoop(guards, unwrap, predicate),
        "accumulate": lambda: AccumulateLoop(
            accumulator, program.lines.span(program.statement(accumulator)), predicate
        ),
        "next": lambda: FindFirst(moved, predicate if moved else None, bare),
        "count": lambda: Count(moved, predicate if moved else None),
        "pass": SinglePass,
    }
    imports = None
    try:
        statement = program.statement(import_from)
    except LookupError:
        pass
    else:
        imports = ImportChange(
            program.lines.span(statement),
            name_of_streamer if add == "" else add,
            loader if remove == "" else remove,
        )
    return Plan(
        code="LS101",
        safety=Safety.SAFE,
        stream=StreamCall(program.lines.span(call), callee, keywords, "filter_func"),
        source=program.lines.span(source),
        anchor=program.lines.span(anchor),
        bindings=(program.lines.span(bound[0]),) if bound else (),
        imports=imports,
        shape=shapes[kind](),
    )


def rewritten(text: str, kind: str, **details: object) -> str:
    """`text` with its one site rewritten; both without common indentation."""
    text = dedent(text).lstrip("\n")
    new = apply(text, [plan(text, kind, **details)])  # type: ignore[arg-type]
    ast.parse(new)
    return new


def json_plan(
    text: str,
    kind: str = "pass",
    *,
    source: str = "data",
    nth: int = -1,
    call: str = "json.load(f)",
    arguments: tuple[str, ...] = ("f",),
    callee: str = "stream_json",
    bindings: tuple[str, ...] = ("data = ",),
    statement: str | None = "import json",
    add: str | None = "",
    beside: str | None = None,
    remove: str | None = "json",
    moved_with: str | None = "with ",
    into_with: str | None = None,
    new_with: tuple[str, str, tuple[str, ...]] | None = None,
    around: tuple[str, int] | None = None,
    moved: int = 0,
    parameter: str = "s",
    name: str | None = None,
    before: str | None = None,
    wrap: str | None = None,
    guards: int = 0,
    unwrap: bool = False,
    bare: bool = True,
    iterator: bool = True,
    value: str = "value",
    reads: str | None = None,
) -> Plan:
    """The plan of a plain load; an empty `add` means the callee, `around` is a statement."""
    program = Program.of(text)
    lines = program.lines
    source_node = program.expression(source, nth)
    anchors = {**ANCHORS, "items": (ast.For,), "first": (ast.Subscript,)}
    above = [source_node, *program.parents(source_node)]
    anchor = next((p for p in above if isinstance(p, anchors.get(kind, ()))), source_node)
    assert isinstance(anchor, (ast.expr, ast.stmt))
    holder = next(p for p in [anchor, *program.parents(anchor)] if isinstance(p, ast.stmt))
    put_before = lines.span(holder) if before is None else program.statement_span(before)
    predicate = Predicate(parameter, name, None if name is None else put_before)
    given = predicate if moved else None
    shapes: dict[str, Callable[[], Shape]] = {
        "collect": lambda: FilterCollect(moved, given, wrap),
        "loop": lambda: FilterLoop(guards, unwrap, predicate),
        "accumulate": lambda: AccumulateLoop("kept", program.statement_span("kept = "), predicate),
        "next": lambda: FindFirst(moved, given, bare),
        "first": lambda: FirstOf(moved, given, bare, iterator),
        "count": lambda: Count(moved, given),
        "pass": SinglePass,
        "items": lambda: ItemsLoop(value, _reads(program, anchor, reads)),
    }
    placement: Placement | None = None
    inside = lines.span(holder) if around is None else program.statement_span(*around)
    if new_with is not None:
        item, bound, removed = new_with
        placement = NewWith(item, bound, tuple(map(program.statement_span, removed)), inside)
    elif into_with is not None:
        placement = IntoWith(program.statement_span(into_with), inside)
    elif moved_with is not None:
        placement = MovedWith(program.statement_span(moved_with), inside)
    imports = None
    if statement is not None:
        imports = RuntimeImport(
            program.statement_span(statement),
            callee if add == "" else add,
            None if beside is None else program.statement_span(beside),
            remove,
        )
    return Plan(
        code="LS104",
        safety=Safety.SAFE,
        stream=StreamCall(
            lines.span(program.expression(call, 0)), callee, (), "filter_func", arguments
        ),
        source=lines.span(source_node),
        anchor=lines.span(anchor),
        bindings=tuple(map(program.statement_span, bindings)),
        imports=imports,
        shape=shapes[kind](),
        placement=placement,
    )


def _reads(program: Program, anchor: ast.AST, text: str | None) -> tuple[Span, ...]:
    spans = [program.lines.span(n) for n in ast.walk(anchor) if isinstance(n, ast.Subscript)]
    return tuple(s for s in spans if program.lines.text(s) == text)


@pytest.fixture(name="json_plan")
def _json_plan() -> Callable[..., Plan]:
    return json_plan


@pytest.fixture
def check_json() -> Callable[..., None]:
    """Compare the rewriting of a text with a plain load with another."""

    def compare(old: str, new: str, kind: str = "pass", **details: object) -> None:
        old, new = dedent(old).lstrip("\n"), dedent(new).lstrip("\n")
        got = apply(old, [json_plan(old, kind, **details)])  # type: ignore[arg-type]
        ast.parse(got)
        assert got == new

    return compare


@pytest.fixture(name="plan")
def _plan() -> Callable[..., Plan]:
    return plan


@pytest.fixture(name="rewritten")
def _rewritten() -> Callable[..., str]:
    return rewritten


@pytest.fixture
def check() -> Callable[..., None]:
    """Compare the rewriting of one text with another."""

    def compare(old: str, new: str, kind: str, **details: object) -> None:
        assert rewritten(old, kind, **details) == dedent(new).lstrip("\n")

    return compare

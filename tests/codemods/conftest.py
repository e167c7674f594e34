"""Plans for marked-down programs, made without the analysis: what the codemods are tested with.

`planned(text, shape…)` finds the one call of `load_x` (or the `stream_x` to be filtered), the
variable that holds it, the place where that is read, and the anchor that the shape asks for.
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
    ImportChange,
    Plan,
    Predicate,
    Safety,
    Shape,
    SinglePass,
    StreamCall,
)
from loadstream.analysis.spans import Lines
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

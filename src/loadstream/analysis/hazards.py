"""Every hazard: a fact about a use that makes a rewrite of it wrong, one small function each.

`of_use` looks at what concerns every pattern: where the load stands, where the pass stands, and
what happens between them. `of_condition` looks at a condition that is to become a predicate.
`of_loop_names` looks at names that a loop leaves behind.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loadstream.analysis.effects import unknowns, writes_named_source
from loadstream.analysis.handlers import handlers, unequal_handlers
from loadstream.analysis.loads import Kind
from loadstream.analysis.modules import Module
from loadstream.analysis.plans import Safety
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import Access, Scope
from loadstream.analysis.uses import LoopPass, Use

_OWN_FRAME = frozenset("locals globals vars dir eval exec".split())


@dataclass(frozen=True, slots=True)
class Caveat:
    """What a rewrite of this use is: safe, or unsafe for the reasons given."""

    safety: Safety
    refusals: tuple[Refusal, ...]


def of_use(use: Use) -> tuple[Refusal, ...]:
    """What speaks against any rewrite of this use."""
    found = [
        *_handler_scope(use),
        *_writes_source(use),
    ]
    if use.binding is not None:
        found += [
            *_arguments_change(use),
            *_effects_between(use),
            *_own_frame(use.scope, use.module),
        ]
    return tuple(found)


def caveat(use: Use) -> Caveat:
    """Whether a handler around the pass would see a broken file half-way (unsafe)."""
    handler = next(handlers(use.source, use.module), None)
    if handler is None or use.load.kind is not Kind.LOADED or not _has_effects(use):
        return Caveat(Safety.SAFE, ())
    span = use.span(handler)
    fact = f"the handler of line {span.start.line} would run with part of the loop done"
    return Caveat(Safety.UNSAFE, (Refusal(Reason.PARTIAL_EFFECTS, fact, span),))


def _has_effects(use: Use) -> bool:
    """Whether the pass does something before its end that a handler's code could see."""
    if isinstance(use.how, LoopPass):
        return True
    if any(isinstance(node, ast.NamedExpr) for node in ast.walk(use.anchor)):
        return True
    definition = use.load.definition
    unknown = unknowns([use.anchor], use.module, use.repository, definition)
    return any(node is not use.load.call for node in unknown)


def _handler_scope(use: Use) -> tuple[Refusal, ...]:
    """Handlers of the load and of the pass must be the same ones."""
    if use.binding is None:
        return ()
    return unequal_handlers(use.binding, use.source, use.module)


def _between(use: Use) -> list[ast.AST]:
    """Everything that may run after the binding and before the pass begins."""
    assert use.binding is not None
    scopes = use.module.scopes
    between: list[ast.AST] = []
    inner: ast.AST = use.source
    while inner is not use.anchor:  # what is evaluated before the value, in enumerate() or zip()
        outer = scopes.parents[inner]
        if isinstance(outer, ast.Call) and outer is not use.anchor:
            between += _children_between(outer, None, inner)
        inner = outer
    to_pass = [use.anchor, *scopes.ancestors(use.anchor)]
    to_load = [use.binding, *scopes.ancestors(use.binding)]
    common = next(node for node in to_load if node in to_pass)
    after_load, before_pass = to_load.index(common), to_pass.index(common)
    for inner, outer in itertools.pairwise(to_load[:after_load]):
        between += _children_between(outer, inner, None)
    between += _children_between(common, to_load[after_load - 1], to_pass[before_pass - 1])
    for inner, outer in itertools.pairwise(to_pass[:before_pass]):
        between += _children_between(outer, None, inner)
    return between


def _children_between(
    outer: ast.AST, after: ast.AST | None, before: ast.AST | None
) -> list[ast.AST]:
    """The children of `outer` behind `after`, if given, and before `before`, if given."""
    children = list(ast.iter_child_nodes(outer))
    begin = 0 if after is None else children.index(after) + 1
    end = len(children) if before is None else children.index(before)
    return children[begin:end]


def _effects_between(use: Use) -> Iterator[Refusal]:
    """The data must be, when the pass begins, what it was at the load."""
    nodes = _between(use)
    unknown = next(unknowns(nodes, use.module, use.repository, use.load.definition), None)
    if unknown is not None:
        span = use.span(unknown)
        text = ast.unparse(unknown.func) + "()" if isinstance(unknown, ast.Call) else "a suspension"
        fact = f"{text} at line {span.start.line} runs between the load and the pass"
        yield Refusal(Reason.EFFECTS_BETWEEN, fact, span)


def _arguments_change(use: Use) -> Iterator[Refusal]:
    """The loader's arguments must mean the same at the place of the pass."""
    assert use.binding is not None
    scopes = use.module.scopes
    rebound = {
        reference.name
        for node in _between(use)
        for child in ast.walk(node)
        if child in scopes.scope_of
        for reference in scopes.scope_of[child].references
        if reference.node is child and reference.access is not Access.READ
    }
    call = use.load.call
    for argument in [*call.args, *(keyword.value for keyword in call.keywords)]:
        if not _is_stable(argument, rebound):
            span = use.span(argument)
            fact = f"the argument `{ast.unparse(argument)}` may be another at the pass"
            yield Refusal(Reason.ARGUMENTS_CHANGE, fact, span)


def _is_stable(argument: ast.expr, rebound: set[str]) -> bool:
    """Whether an argument is a constant, or made of names that are not in `rebound`."""
    if isinstance(argument, ast.Constant):
        return True
    if isinstance(argument, ast.Name):
        return argument.id not in rebound
    return isinstance(argument, ast.Attribute) and _is_stable(argument.value, rebound)


def _writes_source(use: Use) -> Iterator[Refusal]:
    """The pass must not write the data that it reads."""
    call = writes_named_source([use.anchor], use.load.definition)
    if call is not None:
        span = use.span(call)
        fact = f"{ast.unparse(call.func)}() at line {span.start.line} writes what is read"
        yield Refusal(Reason.WRITES_SOURCE, fact, span)


def _own_frame(scope: Scope, module: Module) -> Iterator[Refusal]:
    """Code that looks at its own names would see a variable go, or a name become a cell."""
    function = scope.function()
    if function.is_class:
        yield Refusal(Reason.FRAME, "the code stands directly in a class body")
        return
    for inner in function.walk():
        same_frame = inner.function() is function
        for reference in inner.references:
            node = reference.node
            if (
                isinstance(node, ast.Name)
                and _looks_at_names(node, module, same_frame)
                and reference.access is Access.READ
                and inner.home(node.id).is_module
            ):
                span = module.source.lines.span(node)
                fact = f"{node.id} at line {span.start.line} looks at the names here"
                yield Refusal(Reason.FRAME, fact, span)
                return


def _looks_at_names(node: ast.Name, module: Module, same_frame: bool) -> bool:
    if node.id in ("globals", "eval", "exec"):
        return True
    if node.id not in ("locals", "vars", "dir") or not same_frame:
        return False
    parent = module.scopes.parents[node]
    return not (isinstance(parent, ast.Call) and parent.func is node and parent.args)


def of_condition(
    conditions: Iterable[ast.expr | ast.stmt], target: ast.expr, use: Use
) -> tuple[Refusal, ...]:
    """What speaks against moving `conditions` on `target` into a predicate of one parameter.

    For a named predicate `conditions` are the statements that become its body; names that they
    bind are then the predicate's own.
    """
    if not isinstance(target, ast.Name):
        fact = f"the target `{ast.unparse(target)}` is not one name"
        return (Refusal(Reason.TARGET_SHAPE, fact, use.span(target)),)
    found: list[Refusal] = []
    if isinstance(use.how, LoopPass):
        found += _own_frame(use.scope, use.module)
    conditions = list(conditions)
    own = {target.id} | {
        node.id
        for condition in conditions
        for node in ast.walk(condition)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for condition in conditions:
        for node in ast.walk(condition):
            refusal = _node_hazard(node, use)
            if refusal is not None:
                found.append(refusal)
        found += _late_binding(condition, own, use)
    return tuple(dict.fromkeys(found))


def _node_hazard(node: ast.AST, use: Use) -> Refusal | None:
    """A construct that means something else inside a function of its own."""
    if isinstance(node, ast.NamedExpr):
        return Refusal(Reason.WALRUS, "the condition assigns with :=", use.span(node))
    if isinstance(node, ast.Await):
        return Refusal(Reason.AWAIT, "the condition awaits", use.span(node))
    if isinstance(node, ast.Yield | ast.YieldFrom):
        return Refusal(Reason.YIELD, "the condition yields", use.span(node))
    if isinstance(node, ast.comprehension) and node.is_async:
        return Refusal(Reason.AWAIT, "the condition reads asynchronously", use.span(node.iter))
    if isinstance(node, ast.Name):
        if node.id in _OWN_FRAME | {"super", "__class__"}:
            return Refusal(Reason.FRAME, f"the condition uses {node.id}", use.span(node))
        if node.id in ("next", "StopIteration", "StopAsyncIteration"):
            return Refusal(Reason.STOP_ITERATION, f"the condition uses {node.id}", use.span(node))
    if isinstance(node, ast.Attribute) and node.attr in ("_getframe", "currentframe", "__next__"):
        return Refusal(Reason.FRAME, f"the condition uses {node.attr}", use.span(node))
    return None


def _late_binding(condition: ast.AST, own: set[str], use: Use) -> Iterator[Refusal]:
    """Local names that a condition reads must be bound before the pass begins."""
    scopes = use.module.scopes
    function = use.scope.function()
    if function.is_module:
        return
    first_line = use.span(use.anchor).start.line
    for node in ast.walk(condition):
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        scope = scopes.scope_of[node]
        home = scope.home(node.id)
        if node.id in own or home is not function:
            continue
        bindings = scopes.bindings(home, node.id)
        if not any(
            isinstance(b.node, ast.arg) or getattr(b.node, "lineno", 0) < first_line
            for b in bindings
        ):
            fact = f"`{node.id}` is bound only in or after the loop"
            yield Refusal(Reason.LATE_BINDING, fact, use.span(node))


def of_loop_names(names: Iterable[str], loop: ast.For, use: Use) -> tuple[Refusal, ...]:
    """What reads `names`, which the loop binds, outside of the loop or from another scope."""
    scopes = use.module.scopes
    home_scope = use.scope
    found: list[Refusal] = []
    inside = set(ast.walk(loop))
    for name in dict.fromkeys(names):
        home = home_scope.home(name)
        if home is not home_scope.function():
            fact = f"`{name}` is declared global or nonlocal"
            found.append(Refusal(Reason.TARGET_LIVE, fact, use.span(loop.target)))
            continue
        for reference in scopes.references(home, name):
            node = reference.node
            elsewhere = node not in inside or reference.scope.function() is not home
            if reference.access is not Access.BIND and elsewhere and isinstance(node, ast.expr):
                line = use.span(node).start.line
                if node in inside or not _bound_again_before(node, name, loop, use):
                    fact = f"`{name}` is read outside of the loop at line {line}"
                    found.append(Refusal(Reason.TARGET_LIVE, fact, use.span(node)))
        if home.is_module and use.repository.importers_mention(use.module.path, name):
            fact = f"another file may import `{name}`"
            found.append(Refusal(Reason.TARGET_LIVE, fact, use.span(loop.target)))
    return tuple(found)


def _bound_again_before(read: ast.expr, name: str, loop: ast.For, use: Use) -> bool:
    """Whether `read` stands in another for statement or comprehension that binds `name` first."""
    inner: ast.AST = read
    for outer in use.module.scopes.ancestors(read):
        if isinstance(outer, ast.For) and outer is not loop:
            targets = {n.id for n in ast.walk(outer.target) if isinstance(n, ast.Name)}
            if name in targets and inner in outer.body:
                return True
        inner = outer
    return False

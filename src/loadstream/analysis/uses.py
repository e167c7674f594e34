"""How a loaded value is used: the facts about one load that patterns and hazards look at.

A load is used in place (`for s in load_x():`) or through one variable (`rows = load_x()`). Where
the only use is one pass over the elements, the result is a `Use`; otherwise it is every reason
that was seen against it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeAlias

from loadstream.analysis.handlers import unequal_handlers
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Module, Repository
from loadstream.analysis.plans import Placement
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    Access,
    Comprehension,
    Reference,
    Scope,
)
from loadstream.analysis.spans import Span

# Built-in functions that read their first argument once, from start to end, and keep no hold of it.
REDUCTIONS = frozenset("sum min max any all set frozenset sorted dict Counter".split())
# Those that hand its elements on, one by one: what consumes them decides.
LAZY = frozenset("enumerate zip map filter iter".split())


@dataclass(frozen=True, slots=True)
class LoopPass:
    """A `for` statement over the value. `wrapped`: through enumerate, zip, map or filter."""

    node: ast.For
    wrapped: bool


@dataclass(frozen=True, slots=True)
class ComprehensionPass:
    """A comprehension whose first clause iterates the value.

    `around` is the call that consumes a generator at once (`sum(… for …)`, `next(… for …)`,
    `len([…])`), or None where nothing of the kind is around.
    """

    node: Comprehension
    wrapped: bool
    around: ast.Call | None


@dataclass(frozen=True, slots=True)
class ReductionPass:
    """A call that consumes the value itself: `sum(rows)`, `max(rows, key=…)`, `len(rows)`."""

    node: ast.Call
    name: str
    wrapped: bool


Pass: TypeAlias = LoopPass | ComprehensionPass | ReductionPass


@dataclass(frozen=True, slots=True)
class Use:
    """One load that is used in one pass.

    `source` is the expression that the pass reads: the load, or the variable that holds it, in
    which case `bindings` are the assignments from the load on. `scope` is the scope that the
    pass's text stands in. `placement` is given where the file has to be opened around the pass.
    """

    load: Load
    how: Pass
    source: ast.expr
    bindings: tuple[ast.Assign | ast.AnnAssign, ...]
    scope: Scope
    module: Module
    repository: Repository
    placement: Placement | None = None

    @property
    def binding(self) -> ast.Assign | ast.AnnAssign | None:
        """The assignment of the load itself, None where it is used in place."""
        return self.bindings[0] if self.bindings else None

    @property
    def anchor(self) -> ast.For | ast.expr:
        """The loop, comprehension or call that makes the pass."""
        return self.how.node

    def span(self, node: ast.expr | ast.stmt) -> Span:
        """The place of a node of this file."""
        return self.module.source.lines.span(node)


def find_use(load: Load, module: Module, repository: Repository) -> Use | tuple[Refusal, ...]:
    """The one pass that uses `load`, or all that speaks against there being one."""
    scopes = module.scopes
    parent = scopes.parents[load.expression]
    variable = _variable(load.expression, parent)
    if variable is None:
        found = _consumer(load.expression, module)
        if isinstance(found, Refusal):
            return (found,)
        scope = scopes.scope_of[load.expression]
        return Use(load, found, load.expression, (), scope, module, repository)
    assert isinstance(parent, ast.Assign | ast.AnnAssign)
    return _through_variable(load, variable, parent, module, repository)


def _variable(expression: ast.expr, parent: ast.AST) -> ast.Name | None:
    """The plain name that a statement assigns `expression` to."""
    if isinstance(parent, ast.Assign) and parent.value is expression and len(parent.targets) == 1:
        target = parent.targets[0]
        return target if isinstance(target, ast.Name) else None
    if isinstance(parent, ast.AnnAssign) and parent.value is expression:
        return parent.target if isinstance(parent.target, ast.Name) else None
    return None


def _through_variable(
    load: Load,
    variable: ast.Name,
    binding: ast.Assign | ast.AnnAssign,
    module: Module,
    repository: Repository,
) -> Use | tuple[Refusal, ...]:
    scopes, lines = module.scopes, module.source.lines
    name = variable.id
    home = scopes.scope_of[variable].home(name)
    refusals: list[Refusal] = []
    if home.is_class:
        refusals.append(Refusal(Reason.ESCAPES, f"`{name}` is an attribute of a class"))
    if home.is_module and scopes.scope_of[variable] is not home:
        refusals.append(Refusal(Reason.ESCAPES, f"`{name}` is a global set in a function"))
    if home.is_module and repository.importers_mention(module.path, name):
        refusals.append(Refusal(Reason.ESCAPES, f"another file imports `{name}`"))
    references = scopes.references(home, name)
    for other in references:
        if other.access is not Access.READ and other.node is not variable:
            verb = "deleted" if other.access is Access.DELETE else "bound again"
            refusals.append(_refuse(Reason.REBOUND, f"`{name}` is {verb}", other.node, module))
    passes: list[tuple[ast.expr, Pass]] = []
    for reference in sorted(_reads(references), key=_place):
        node = reference.node
        assert isinstance(node, ast.Name)
        if reference.scope.function() is not scopes.scope_of[variable].function():
            fact = f"`{name}` is read in a nested function"
            refusals.append(_refuse(Reason.CLOSURE, fact, node, module))
            continue
        consumer = _consumer(node, module)
        if isinstance(consumer, Refusal):
            refusals.append(consumer)
            continue
        counted = isinstance(consumer, ReductionPass) and consumer.name == "len"
        if counted and len(_reads(references)) > 1:
            fact = f"len() of `{name}` is taken"
            refusals.append(_refuse(Reason.NEEDS_LIST, fact, node, module))
            continue
        if passes:
            fact = f"`{name}` is read again"
            refusals.append(_refuse(Reason.MULTI_PASS, fact, node, module))
        elif looped := _enclosing_loop(node, binding, module):
            fact = f"`{name}` is traversed in the loop"
            refusals.append(_refuse(Reason.IN_LOOP, fact, looped, module))
        passes.append((node, consumer))
    if not references or (not passes and not refusals):
        refusals.append(Refusal(Reason.UNUSED, f"`{name}` is not read", lines.span(variable)))
    if refusals:
        for reference in _reads(references):
            refusals += unequal_handlers(binding, reference.node, module)
        return tuple(refusals)
    source, how = passes[0]
    return Use(load, how, source, (binding,), scopes.scope_of[source], module, repository)


def _reads(references: list[Reference]) -> list[Reference]:
    return [r for r in references if r.access is Access.READ]


def _place(reference: Reference) -> tuple[int, int]:
    node = reference.node
    return (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def _refuse(reason: Reason, fact: str, node: ast.AST, module: Module) -> Refusal:
    if not isinstance(node, ast.expr | ast.stmt | ast.arg | ast.alias):
        node = module.scopes.statement(node)
    span = module.source.lines.span(node)
    return Refusal(reason, f"{fact} at line {span.start.line}", span)


def _consumer(source: ast.expr, module: Module) -> Pass | Refusal:
    """What reads the elements of `source`, or why that is not one pass."""
    scopes = module.scopes
    node, parent, wrapped = source, scopes.parents[source], False
    while (
        isinstance(parent, ast.Call)
        and node in parent.args
        and (name := _builtin_name(parent, module)) in LAZY
    ):
        if name == "iter" and len(parent.args) != 1:
            break
        node, parent, wrapped = parent, scopes.parents[parent], wrapped or name != "iter"
    if isinstance(parent, ast.For) and parent.iter is node:
        return LoopPass(parent, wrapped)
    if isinstance(parent, ast.comprehension) and parent.iter is node:
        return _comprehension(node, parent, wrapped, module)
    if isinstance(parent, ast.Call) and node in parent.args:
        name = _builtin_name(parent, module)
        if parent.args.index(node) == 0 and _reduces(name, parent, node is source):
            return ReductionPass(parent, name, wrapped)
    if wrapped:
        return _refuse(Reason.ESCAPES, "an iterator over it is kept or passed on", node, module)
    return _misuse(node, parent, module)


def _reduces(name: str, call: ast.Call, bare: bool) -> bool:
    """Whether the builtin reads its first argument once. `bare`: the argument is the value itself.

    dict() and Counter() treat a mapping unlike an iterable of its keys, so they need a wrapper
    (`dict(zip(rows, …))`) that shows that there are only elements.
    """
    if name in ("dict", "Counter"):
        return not bare
    if name == "len":
        return bare
    return name in REDUCTIONS and (name not in ("min", "max") or len(call.args) == 1)


def _comprehension(
    node: ast.expr, clause: ast.comprehension, wrapped: bool, module: Module
) -> Pass | Refusal:
    scopes = module.scopes
    comprehension = scopes.parents[clause]
    assert isinstance(comprehension, COMPREHENSIONS)
    if comprehension.generators[0] is not clause:
        fact = "it is traversed for each element of another"
        return _refuse(Reason.IN_LOOP, fact, node, module)
    if clause.is_async:
        return _refuse(Reason.AWAIT, "it is read by async for", node, module)
    parent = scopes.parents[comprehension]
    around = None
    if isinstance(parent, ast.Call) and parent.args and parent.args[0] is comprehension:
        name = _builtin_name(parent, module)
        if name in REDUCTIONS | {"len", "next", "list", "tuple"} or _is_join(parent):
            around = parent
    if isinstance(comprehension, ast.GeneratorExp) and around is None:
        consumed = isinstance(parent, ast.For) and parent.iter is comprehension
        if not consumed:
            fact = "a generator over it is kept or passed on"
            return _refuse(Reason.ESCAPES, fact, comprehension, module)
    return ComprehensionPass(comprehension, wrapped, around)


def _builtin_name(call: ast.Call, module: Module) -> str:
    """The name of the builtin (or `collections.Counter`) that is called, else the empty string."""
    callee = call.func
    if isinstance(callee, ast.Attribute):
        return "Counter" if ast.unparse(callee) == "collections.Counter" else ""
    if not isinstance(callee, ast.Name):
        return ""
    home = module.scopes.scope_of[callee].home(callee.id)
    bindings = [b for b in module.scopes.references(home, callee.id) if b.access is not Access.READ]
    if not bindings:
        return callee.id if callee.id != "Counter" else ""
    if callee.id == "Counter" and len(bindings) == 1:
        alias = bindings[0].node
        statement = module.scopes.parents[alias]
        if isinstance(statement, ast.ImportFrom) and statement.module == "collections":
            return "Counter"
    return ""


def _is_join(call: ast.Call) -> bool:
    callee = call.func
    return (
        isinstance(callee, ast.Attribute)
        and callee.attr == "join"
        and isinstance(callee.value, ast.Constant)
        and isinstance(callee.value.value, str)
    )


def _misuse(node: ast.expr, parent: ast.AST, module: Module) -> Refusal:
    """The reason why this use is not one pass, in the words of what it is."""
    name = f"`{node.id}`" if isinstance(node, ast.Name) else "the loaded value"

    def refuse(reason: Reason, fact: str) -> Refusal:
        return _refuse(reason, f"{name} {fact}", node, module)

    if isinstance(parent, ast.Subscript) and parent.value is node:
        if isinstance(parent.slice, ast.Slice):
            return refuse(Reason.NEEDS_LIST, "is sliced")
        return refuse(Reason.RANDOM_ACCESS, "is taken apart by index or key")
    if isinstance(parent, ast.Attribute):
        return refuse(Reason.NEEDS_LIST, f"has its .{parent.attr} used")
    if isinstance(parent, ast.Compare):
        return refuse(Reason.NEEDS_LIST, "is compared or searched with `in`")
    if isinstance(parent, ast.If | ast.While | ast.IfExp | ast.BoolOp | ast.UnaryOp | ast.Assert):
        return refuse(Reason.NEEDS_LIST, "is tested for truth")
    if isinstance(parent, ast.Return):
        return refuse(Reason.ESCAPES, "is returned")
    if isinstance(parent, ast.Yield | ast.YieldFrom):
        return refuse(Reason.ESCAPES, "is yielded")
    if isinstance(parent, ast.Call | ast.keyword):
        call = parent if isinstance(parent, ast.Call) else module.scopes.parents[parent]
        called = ast.unparse(call.func) if isinstance(call, ast.Call) else "a class"
        if called in ("len", "reversed", "list", "tuple", "isinstance", "type"):
            return refuse(Reason.NEEDS_LIST, f"is passed to {called}()")
        return refuse(Reason.ESCAPES, f"is passed to {called}()")
    if isinstance(parent, ast.Expr):
        return refuse(Reason.UNUSED, "is not used")
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.Dict | ast.List):
        return refuse(Reason.ESCAPES, "is stored")
    return refuse(Reason.ESCAPES, "is used in an expression")


def _enclosing_loop(node: ast.AST, binding: ast.stmt, module: Module) -> ast.stmt | ast.expr | None:
    """The loop that runs `node` again and again while `binding` runs once, if there is one."""
    around_binding = set(module.scopes.ancestors(binding))
    inner: ast.AST = node
    for outer in module.scopes.ancestors(node):
        if outer in around_binding:
            break
        if isinstance(outer, ast.While):
            return outer
        if (
            isinstance(outer, ast.For | ast.AsyncFor | ast.comprehension)
            and inner is not outer.iter
        ):
            return outer if isinstance(outer, ast.stmt) else outer.iter
        if isinstance(outer, COMPREHENSIONS) and inner is not outer.generators[0]:
            return outer
        if isinstance(outer, FUNCTIONS):
            break
        inner = outer
    return None


def consumed_twice(load: Load, module: Module) -> ast.Name | None:
    """For a stream kept in a variable: the second read that would find it empty (LS203)."""
    if load.kind is not Kind.STREAMED:
        return None
    variable = _variable(load.expression, module.scopes.parents[load.expression])
    if variable is None:
        return None
    home = module.scopes.scope_of[variable].home(variable.id)
    references = module.scopes.references(home, variable.id)
    if any(r.access is not Access.READ and r.node is not variable for r in references):
        return None
    passes = []
    for reference in sorted(_reads(references), key=_place):
        node = reference.node
        assert isinstance(node, ast.Name)
        consumer = _consumer(node, module)
        if not isinstance(consumer, Refusal):
            passes.append((node, _exhausts(consumer)))
        elif _is_collected(node, module):
            passes.append((node, True))
    if len(passes) < 2 or not passes[0][1]:
        return None
    first, second = passes[0][0], passes[1][0]
    return None if _exclusive(first, second, module) else second


def _is_collected(node: ast.Name, module: Module) -> bool:
    """Whether a stream is read to its end by list() or tuple()."""
    parent = module.scopes.parents[node]
    collects = isinstance(parent, ast.Call) and _builtin_name(parent, module) in ("list", "tuple")
    return collects and isinstance(parent, ast.Call) and parent.args == [node]


def _exhausts(how: Pass) -> bool:
    """Whether a pass surely reads to the end, so that a second one finds nothing."""
    if isinstance(how, LoopPass):
        leaves = (ast.Break, ast.Return)
        return not any(isinstance(node, leaves) for node in ast.walk(how.node))
    if isinstance(how, ReductionPass):
        return how.name not in ("any", "all")
    if how.around is None or not isinstance(how.around.func, ast.Name):
        return not isinstance(how.node, ast.GeneratorExp)
    return how.around.func.id not in ("any", "all", "next")


def _exclusive(first: ast.AST, second: ast.AST, module: Module) -> bool:
    """Whether two nodes stand in different branches of one statement."""
    around = {first, *module.scopes.ancestors(first)}
    inner: ast.AST = second
    for outer in module.scopes.ancestors(second):
        if outer in around:
            return isinstance(outer, ast.If | ast.Try | ast.Match | ast.IfExp)
        inner = outer
    return inner is second

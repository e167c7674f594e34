"""Passes: what reads the elements of an expression once, from start to end."""

from __future__ import annotations

import ast
from typing import NamedTuple, TypeAlias

from loadstream.analysis.key_loops import KeyLoop
from loadstream.analysis.modules import Module
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import COMPREHENSIONS, Comprehension
from loadstream.analysis.trees import walk

# Built-in functions that read their first argument once, from start to end, and keep no hold of it.
REDUCTIONS = frozenset("sum min max any all set frozenset sorted dict Counter".split())
# Those that hand its elements on, one by one: what consumes them decides.
LAZY = frozenset("enumerate zip map filter iter".split())
# Progress bars of tqdm and rich: they hand the elements on as they are.
PROGRESS_BARS = frozenset({"tqdm", "tqdm_notebook", "trange", "track"})

_OF_CONTAINERS = frozenset(
    "append clear copy count extend get index insert items keys pop remove reverse setdefault sort "
    "update values".split()
)
_NEED_ALL = frozenset("len reversed list tuple isinstance type".split()) | REDUCTIONS | LAZY
_SHORT = 40  # characters of an expression that a fact repeats


class LoopPass(NamedTuple):
    """A `for` statement over the value. `wrapped`: through enumerate, zip, map or filter.

    `items` is given where the loop walks over the keys of an object and looks up their values.
    """

    node: ast.For
    wrapped: bool
    items: KeyLoop | None = None


class ComprehensionPass(NamedTuple):
    """A comprehension whose first clause iterates the value.

    `around` is the call that consumes a generator at once (`sum(… for …)`, `next(… for …)`,
    `len([…])`), or None where nothing of the kind is around.
    """

    node: Comprehension
    wrapped: bool
    around: ast.Call | None


class ReductionPass(NamedTuple):
    """A call that consumes the value itself: `sum(rows)`, `max(rows, key=…)`, `len(rows)`."""

    node: ast.Call
    name: str
    wrapped: bool


class CallPass(NamedTuple):
    """A call of a function of the repository that reads the value once (pass_down.py)."""

    node: ast.Call


Pass: TypeAlias = LoopPass | ComprehensionPass | ReductionPass | CallPass


def consumer_of(source: ast.expr, module: Module) -> Pass | Refusal:
    """What reads the elements of `source`, or why that is not one pass."""
    scopes = module.scopes
    node, parent, wrapped = source, scopes.parents[source], False
    while (
        isinstance(parent, ast.Call)
        and node in parent.args
        and ((name := builtin_name(parent, module)) in LAZY or is_bar(parent, node, module))
    ):
        if name == "iter" and len(parent.args) != 1:
            break
        node, parent, wrapped = parent, scopes.parents[parent], wrapped or name != "iter"
    if isinstance(parent, ast.For) and parent.iter is node:
        return LoopPass(parent, wrapped)
    if isinstance(parent, ast.comprehension) and parent.iter is node:
        return _comprehension(node, parent, wrapped, module)
    if isinstance(parent, ast.Call) and node in parent.args:
        name = builtin_name(parent, module)
        if parent.args.index(node) == 0 and _reduces(name, parent, node is source):
            return ReductionPass(parent, name, wrapped)
    if wrapped:
        return refuse_at(Reason.ESCAPES, "an iterator over it is kept or passed on", node, module)
    return _misuse(node, parent, module)


def may_stop_early(how: Pass) -> bool:
    """Whether a pass may end before it has seen the last element."""
    if isinstance(how, LoopPass):
        leaves = (ast.Break, ast.Return)
        return any(isinstance(node, leaves) for node in walk(how.node))
    if isinstance(how, ReductionPass):
        return how.name in ("any", "all")
    if isinstance(how, CallPass):
        return True
    if how.around is None or not isinstance(how.around.func, ast.Name):
        return isinstance(how.node, ast.GeneratorExp)
    return how.around.func.id in ("any", "all", "next")


def is_bar(call: ast.Call, node: ast.expr, module: Module) -> bool:
    """Whether a call is a progress bar around its first argument, `node`."""
    callee = call.func
    name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
    if name not in PROGRESS_BARS or call.args[0] is not node:
        return False
    root: ast.expr = callee
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name):
        return False
    home = module.scopes.scope_of[root].home(root.id)
    binders = module.scopes.changes(home, root.id)
    return bool(binders) and all(
        _package(binder.node, module) in ("tqdm", "rich") for binder in binders
    )


def _package(alias: ast.AST, module: Module) -> str:
    """The top package that an imported name comes from; empty for other bindings."""
    statement = module.scopes.parents.get(alias)
    if not isinstance(alias, ast.alias):
        return ""
    dotted = statement.module or "" if isinstance(statement, ast.ImportFrom) else alias.name
    return dotted.partition(".")[0]


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
        again = isinstance(node, ast.Name)
        fact = f"it is {'traversed' if again else 'loaded'} for each element of another"
        return refuse_at(Reason.IN_LOOP if again else Reason.NESTED, fact, node, module)
    if clause.is_async:
        return refuse_at(Reason.AWAIT, "it is read by async for", node, module)
    parent = scopes.parents[comprehension]
    around = None
    if isinstance(parent, ast.Call) and parent.args and parent.args[0] is comprehension:
        name = builtin_name(parent, module)
        has_length = name == "len" and not isinstance(comprehension, ast.GeneratorExp)
        if has_length or name in REDUCTIONS | {"next", "list", "tuple"} or _is_join(parent):
            around = parent
    if isinstance(comprehension, ast.GeneratorExp) and around is None:
        consumed = isinstance(parent, ast.For) and parent.iter is comprehension
        if not consumed:
            fact = "a generator over it is kept or passed on"
            return refuse_at(Reason.ESCAPES, fact, comprehension, module)
    return ComprehensionPass(comprehension, wrapped, around)


def builtin_name(call: ast.Call, module: Module) -> str:
    """The name of the builtin (or `collections.Counter`) that is called, else the empty string."""
    callee = call.func
    if isinstance(callee, ast.Attribute):
        return "Counter" if ast.unparse(callee) == "collections.Counter" else ""
    if not isinstance(callee, ast.Name):
        return ""
    home = module.scopes.scope_of[callee].home(callee.id)
    bindings = module.scopes.changes(home, callee.id)
    if not bindings:
        return callee.id if callee.id != "Counter" else ""
    if callee.id == "Counter" and len(bindings) == 1:
        alias = bindings[0].node
        statement = module.scopes.parents[alias]
        if isinstance(statement, ast.ImportFrom) and statement.module == "collections":
            return "Counter"
    return ""


def outlives(node: ast.Lambda | ast.GeneratorExp, module: Module) -> bool:
    """Whether a lambda or generator may be kept: it is not used up by what stands around it."""
    inner: ast.AST = node
    for outer in module.scopes.ancestors(node):
        if isinstance(outer, ast.Compare):  # `x in (… for …)`
            return outer.left is inner or not isinstance(outer.ops[0], ast.In | ast.NotIn)
        if isinstance(outer, ast.Call):
            if outer.func is inner:
                return inner is not node
            name = builtin_name(outer, module)
            if name not in LAZY:
                return not (name in REDUCTIONS or name in ("list", "tuple") or _is_join(outer))
        elif not isinstance(outer, ast.keyword):
            return True
        inner = outer
    return True


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
    named = isinstance(node, ast.Name | ast.Subscript) and len(text := ast.unparse(node)) <= _SHORT
    name = f"`{text}`" if named else "the loaded value"

    def refuse(reason: Reason, fact: str) -> Refusal:
        return refuse_at(reason, f"{name} {fact}", node, module)

    if isinstance(parent, ast.Subscript) and parent.value is node:
        if not isinstance(parent.ctx, ast.Load):
            return refuse(Reason.NEEDS_LIST, "is changed in place")
        if isinstance(parent.slice, ast.Slice):
            return refuse(Reason.NEEDS_LIST, "is sliced")
        if _is_key_of_sorted(parent.slice, node, module):
            return refuse(Reason.SORTED_KEYS, "is taken apart by its sorted keys")
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
        if called.endswith(".extend") and isinstance(call, ast.Call) and call.args == [node]:
            return refuse(Reason.KEEPS_EVERYTHING, f"is added as a whole by {called}()")
        return refuse(Reason.ESCAPES, f"is passed to {called}()")
    if isinstance(parent, ast.AugAssign):
        return refuse(
            Reason.KEEPS_EVERYTHING, f"is added as a whole to {ast.unparse(parent.target)}"
        )
    if isinstance(parent, ast.Expr):
        return refuse(Reason.UNUSED, "is not used")
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.Dict | ast.List):
        return refuse(Reason.ESCAPES, "is stored")
    return refuse(Reason.ESCAPES, "is used in an expression")


def _is_key_of_sorted(key: ast.expr, value: ast.expr, module: Module) -> bool:
    """Whether `key` is the target of a loop over `sorted(value)` around it."""
    for outer in module.scopes.ancestors(key):
        clauses = outer.generators if isinstance(outer, COMPREHENSIONS) else [outer]
        for clause in clauses:
            if not isinstance(clause, ast.For | ast.comprehension):
                continue
            source = clause.iter
            sorts = isinstance(source, ast.Call) and builtin_name(source, module) == "sorted"
            if (
                sorts
                and isinstance(source, ast.Call)
                and ast.dump(clause.target).replace("Store()", "Load()") == ast.dump(key)
                and ast.unparse(source.args[0] if source.args else key)
                in (ast.unparse(value), f"{ast.unparse(value)}.keys()")
            ):
                return True
    return False


def takes_as_it_is(node: ast.expr, module: Module) -> bool:
    """Whether what `node` gives is passed on, compared, tested or asked, and not traversed."""
    parent = module.scopes.parents[node]
    if isinstance(parent, ast.Attribute):
        return parent.attr not in _OF_CONTAINERS
    if isinstance(parent, ast.Call):
        return builtin_name(parent, module) not in _NEED_ALL
    return not isinstance(parent, ast.Subscript | ast.Expr | ast.BoolOp | ast.IfExp)


def refuse_at(reason: Reason, fact: str, node: ast.AST, module: Module) -> Refusal:
    """The refusal with the place of `node` in its words."""
    if not isinstance(node, ast.expr | ast.stmt | ast.arg | ast.alias):
        node = module.scopes.statement(node)
    span = module.source.lines.span(node)
    return Refusal(reason, f"{fact} at line {span.start.line}", span)

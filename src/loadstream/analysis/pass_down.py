"""Passes one call down: `build(load_x())`, where `build` reads that parameter once.

What the value is passed to is looked into when it is a function of the repository and can be
nothing else. One call is followed, not more; the function itself stays as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.callees import resolve
from loadstream.analysis.certainty import comes_to
from loadstream.analysis.data_files import called, opening_mode, opens_elsewhere, run_by
from loadstream.analysis.effects import unknowns
from loadstream.analysis.handlers import handlers
from loadstream.analysis.inert import first_stir
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.parts import WHOLE, Part
from loadstream.analysis.passes import (
    PROGRESS_BARS,
    CallPass,
    ComprehensionPass,
    LoopPass,
    ReductionPass,
    consumer_of,
    refuse_at,
)
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import COMPREHENSIONS, Access
from loadstream.analysis.trees import children, walk

_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension, *COMPREHENSIONS)
_OWN_NAMES = frozenset("locals vars dir globals eval exec id".split())
# What a parameter may be said to be for a stream to fit it.
_ITERABLES = frozenset("Iterable Iterator Any object".split())


def pass_down(
    node: ast.expr, part: Part, load: Load, module: Module, repository: Repository
) -> CallPass | Refusal | None:
    """The pass that a call makes over its argument `node`, or why it makes none that is known.

    None where `node` is not passed to a function of the repository.
    """
    parent = module.scopes.parents[node]
    call = module.scopes.parents[parent] if isinstance(parent, ast.keyword) else parent
    if load.kind is not Kind.LOADED or not isinstance(call, ast.Call) or node is call.func:
        return None
    callee = resolve(call.func, module, repository)
    if callee is None or callee.definition.owner is not None:
        return None
    function = callee.definition
    name = function.name
    parameter = _parameter(node, call, function)
    if parameter is None:
        return None

    def refuse(cause: str) -> Refusal:
        return refuse_at(Reason.ESCAPES, f"it is passed to {name}(), {cause},", node, module)

    here = call.func.id if isinstance(call.func, ast.Name) else name
    for path, replaced in ((module.path, here), (function.module.path, name)):
        if repository.patches(path, replaced):
            fact = f"another file replaces {path.stem}.{replaced}, as a test does"
            return Refusal(Reason.PATCHED, fact, module.source.lines.span(call))
    cause = _kind(function) or _says_list(parameter)
    if cause is not None:
        return refuse(cause)
    read = _only_read(parameter, function)
    if isinstance(read, str):
        return refuse(read)
    cause = _no_pass(read, function, repository)
    if cause is not None:
        return refuse(cause)
    others = [*call.args, *(keyword.value for keyword in call.keywords)]
    beside = [other for other in others if other is not node]
    later = [other for other in beside if _place(other) > _place(node)]
    if any(True for _ in unknowns(beside, module, repository, load.data)) or (
        part != WHOLE and first_stir(later, module)
    ):
        return refuse("whose other arguments may do something to the data, or be seen")
    if part != WHOLE and not comes_to(function.function.body, [read]):
        return refuse("which may not read it, so that a missing key would go unnoticed")
    if _does_more(read, function, part, load, repository):
        return refuse("which may do something to the data, or be seen, before it reads it")
    return CallPass(call)


def _parameter(node: ast.expr, call: ast.Call, function: Definition) -> ast.arg | None:
    """The parameter that `node` fills."""
    arguments = function.function.args
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    positional = [*arguments.posonlyargs, *arguments.args]
    if node in call.args:
        index = call.args.index(node)
        return positional[index] if index < len(positional) else None
    names = {argument.arg: argument for argument in (*arguments.args, *arguments.kwonlyargs)}
    given = next((keyword.arg for keyword in call.keywords if keyword.value is node), None)
    return None if given is None else names.get(given)


def _kind(function: Definition) -> str | None:
    """Why a call of `function` is not simply its body run once, with the names that it shows."""
    node = function.function
    if node.decorator_list:
        return "which is decorated"
    if isinstance(node, ast.AsyncFunctionDef):
        return "which is asynchronous"
    for inner in walk(node):
        if isinstance(inner, ast.Yield | ast.YieldFrom):
            return "which may read it at any time"
        if isinstance(inner, ast.Global):
            return "which sets globals"
        if isinstance(inner, ast.Name) and inner.id in _OWN_NAMES:
            return f"which uses {inner.id}"
    return None


def _says_list(parameter: ast.arg) -> str | None:
    """An annotation that a stream would belie."""
    annotation = parameter.annotation
    if annotation is None:
        return None
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    said = outer.attr if isinstance(outer, ast.Attribute) else getattr(outer, "id", "")
    if said in _ITERABLES:
        return None
    return f"which says that it takes `{ast.unparse(annotation)}`"


def _only_read(parameter: ast.arg, function: Definition) -> ast.Name | str:
    """The one place that reads the parameter, or why there is none."""
    scopes = function.module.scopes
    home = scopes.scope_of[parameter]
    references = [
        reference
        for reference in scopes.references(home, parameter.arg)
        if reference.node is not parameter
    ]
    if any(reference.access is not Access.READ for reference in references):
        return f"which binds {parameter.arg} again"
    if not references:
        return "which does not read it"
    if len(references) > 1:
        return "which reads it more than once"
    [reference] = references
    if reference.scope.function() is not home or not isinstance(reference.node, ast.Name):
        return "which reads it in a nested function"
    return reference.node


def _no_pass(read: ast.Name, function: Definition, repository: Repository) -> str | None:
    """Why the read is not one pass that certainly runs as the function's own code does."""
    module = function.module
    how = consumer_of(read, module)
    if not isinstance(how, LoopPass | ComprehensionPass | ReductionPass):
        return "which does more with it than read it in one pass"
    if isinstance(how, ReductionPass) and how.name == "len":
        return "which asks for its length"
    inner: ast.AST = read
    for outer in module.scopes.ancestors(read):
        if outer is function.function:
            break
        if isinstance(outer, ast.Call) and called(outer) in PROGRESS_BARS:
            return "which shows its progress by its length"
        is_own = outer is how.node or getattr(outer, "iter", None) is inner
        if isinstance(outer, _LOOPS) and not is_own:
            return "which reads it in a loop"
        inner = outer
    if next(handlers(how.node, module, repository), None) is not None:
        return "which handles errors around reading it"
    return None


def _does_more(
    read: ast.Name, function: Definition, part: Part, load: Load, repository: Repository
) -> bool:
    """Whether the function may change the data, or lets a missing key be missed too late."""
    module = function.module
    before = list(_before(read, function))
    if any(True for _ in unknowns(before, module, repository, None)):
        return True
    if part != WHOLE and first_stir(before, module):
        return True
    return any(
        _writes(node, load) for node in run_by(function.function.body) if isinstance(node, ast.Call)
    )


def _place(node: ast.expr) -> tuple[int, int]:
    return (node.lineno, node.col_offset)


def _before(read: ast.Name, function: Definition) -> Iterator[ast.AST]:
    """What the function runs before it reads: all that stands above, and the tests around."""
    scopes = function.module.scopes
    inner: ast.AST = read
    for outer in scopes.ancestors(read):
        if outer is function.function:
            yield from function.function.body[: function.function.body.index(inner)]  # type: ignore[arg-type]
            return
        if not isinstance(outer, ast.For) and not isinstance(outer, _LOOPS):
            nodes = children(outer)
            yield from nodes[: nodes.index(inner)]
        inner = outer


def _writes(call: ast.Call, load: Load) -> bool:
    """Whether a call opens a file for writing that may be the one that is read."""
    if called(call) != "open":
        return False  # hazards.py looks at what else writes
    mode = opening_mode(call)
    writing = mode is None or bool(set(mode) & set("wax+"))
    return writing and not opens_elsewhere(call, load.data)

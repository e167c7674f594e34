"""Every hazard: a fact about a use that makes a rewrite of it wrong, one small function each.

`of_use` looks at what concerns every pattern: where the load stands, where the pass stands, and
what happens between them. What makes a rewrite unsafe is in caveats.py, what concerns conditions
that move in conditions.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.between import code_between, evaluated_after, opened_at
from loadstream.analysis.certainty import is_certain
from loadstream.analysis.data_files import called, run_by
from loadstream.analysis.effects import is_seen, markers, unknowns
from loadstream.analysis.handlers import unequal_handlers
from loadstream.analysis.inert import first_stir
from loadstream.analysis.loader_state import change_in_pass, state_change
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.moved_arguments import arguments_change
from loadstream.analysis.openings import Assigned, WithBlock
from loadstream.analysis.parts import WHOLE
from loadstream.analysis.plain_loaders import Body, body_of
from loadstream.analysis.reads import Binding
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import Access, Scope
from loadstream.analysis.source_writes import writes_its_source
from loadstream.analysis.trees import children, walk
from loadstream.analysis.uses import Use

_FRAMES = frozenset("_getframe currentframe f_locals f_globals".split())


def of_use(use: Use) -> tuple[Refusal, ...]:
    """What speaks against any rewrite of this use."""
    return (*of_pass(use), *_later_key_error(use))


def of_pass(use: Use) -> tuple[Refusal, ...]:
    """The same, whatever comes first: a missing key, or what runs before the pass."""
    found = [
        *_handler_scope(use),
        *writes_its_source(use),
        *_identity(use),
        *_across_cells(use),
        *_state_changes_in_pass(use),
    ]
    start = opened_at(use)
    if start is not None:
        between = code_between(start, use)
        found += [
            *arguments_change(use, between),
            *_state_changes(use, between),
            *_effects_between(use, between),
            *_mixed_output(use, between),
            *_blocks_between(start, use),
            *_handle_between(use, between),
        ]
    found += _effects_between(use, evaluated_after(use))
    if use.bindings:
        found += own_frame(use.scope, use.module)
    return tuple(found)


def of_every_way(use: Use) -> Iterator[Refusal]:
    """A key that is missing is missed at once: no way through the code may go without a pass."""
    passes: list[ast.AST] = [each.guard or each.anchor for each in use.each]
    for each in use.each:
        beside = _asked_before(each)
        if beside is not None and not _has_elements(beside):
            wrong = "value that is no list" if each.part == WHOLE else "missing key"
            fact = f"a {wrong} would go unnoticed where what is beside it has no element"
            yield Refusal(Reason.MAYBE_UNREAD, fact, use.span(beside))
        first = next((b for b in each.bindings if _takes_a_part(b, each)), None)
        if first is not None and not is_certain(first, passes, use.module):
            fact = "a missing key would go unnoticed where the pass does not run"
            yield Refusal(Reason.MAYBE_UNREAD, fact, use.span(first))


def _asked_before(use: Use) -> ast.expr | None:
    """What `zip` or `map` asks for an element before it asks the value, if anything."""
    inner: ast.AST = use.source
    while inner is not use.anchor:
        outer = use.module.scopes.parents[inner]
        if isinstance(outer, ast.Call) and inner in outer.args:
            others = outer.args[called(outer) == "map" :] if called(outer) in ("zip", "map") else []
            if inner in others[1:]:
                return others[0]
        inner = outer
    return None


def _has_elements(beside: ast.expr) -> bool:
    """Whether an expression certainly gives an element: `[1, 2]`, `count()`, `range(3)`."""
    match beside:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return any(not isinstance(element, ast.Starred) for element in elements)
        case ast.Constant(value=str() as text):
            return bool(text)
        case ast.Call(args=[ast.Constant(value=int() as stop)]) if called(beside) == "range":
            return stop > 0
        case ast.Call():
            return called(beside) in ("count", "repeat") and len(beside.args) < 2
    return False


def _handler_scope(use: Use) -> tuple[Refusal, ...]:
    """Handlers of the load and of the pass must be the same ones."""
    if use.binding is None:
        return ()
    return unequal_handlers(use.binding, use.source, use.module, use.repository)


def _handle_between(use: Use, between: list[ast.AST]) -> Iterator[Refusal]:
    """A handle that is opened later must not be named before that."""
    opening = use.load.opening
    if use.placement is None or not isinstance(opening, WithBlock | Assigned):
        return
    for child in _outside_of_blocks(between, opening.name.id):
        if isinstance(child, ast.Name) and child.id == opening.name.id:
            span = use.span(child)
            fact = f"the name `{child.id}` is used for something else at line {span.start.line}"
            yield Refusal(Reason.HANDLE_SHARED, fact, span)
            return


def _outside_of_blocks(nodes: list[ast.AST], handle: str) -> Iterator[ast.AST]:
    """Everything under `nodes` but with blocks that bind the name `handle` for themselves."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.With):
            targets = [item.optional_vars for item in node.items]
            if any(isinstance(t, ast.Name) and t.id == handle for t in targets):
                continue
        yield node
        pending.extend(children(node))


def _across_cells(use: Use) -> Iterator[Refusal]:
    """The cells of a notebook run one by one, again, and in any order."""
    notebook = use.module.source.notebook
    if notebook is None:
        return
    opening = use.load.opening
    opened = [opening.statement] if isinstance(opening, WithBlock | Assigned) else []
    nodes = [use.load.call, *opened, *use.bindings]
    place = use.span(use.source)
    if not notebook.same_cell([place, *(use.span(node) for node in nodes)]):
        fact = f"the pass at line {place.start.line} is in another cell than load or opening"
        yield Refusal(Reason.NOTEBOOK_GLOBAL, fact, place)


def _blocks_between(start: ast.stmt, use: Use) -> Iterator[Refusal]:
    """With blocks that hold one of the two, the load and the pass, and not the other.

    Such a block may hold a lock, change the folder or the environment: what a stream reads when it
    is pulled outside of it may be something else. Files that are opened change nothing.
    """
    around_load = list(use.module.scopes.ancestors(start))
    around_pass = list(use.module.scopes.ancestors(use.anchor))
    for one, other in ((around_load, around_pass), (around_pass, around_load)):
        for block in one:
            if (
                isinstance(block, ast.With | ast.AsyncWith)
                and block is not start
                and block not in other
                and not all(_opens(item.context_expr) for item in block.items)
            ):
                fact = f"the with block of line {block.lineno} holds only one of load and pass"
                yield Refusal(Reason.EFFECTS_BETWEEN, fact, use.span(block))


def _opens(context: ast.expr) -> bool:
    """Whether a context manager is a file or does nothing."""
    return isinstance(context, ast.Call) and called(context) in ("open", "nullcontext")


def _effects_between(use: Use, between: list[ast.AST]) -> Iterator[Refusal]:
    """The data must be, when the pass begins, what it was at the load."""
    unknown = next(unknowns(between, use.module, use.repository, use.load.data), None)
    if unknown is not None:
        span = use.span(unknown)
        text = ast.unparse(unknown.func) + "()" if isinstance(unknown, ast.Call) else "a suspension"
        fact = f"{text} at line {span.start.line} runs between the load and the pass"
        yield Refusal(Reason.EFFECTS_BETWEEN, fact, span)


def _state_changes(use: Use, between: list[ast.AST]) -> Iterator[Refusal]:
    """The global names that a loader reads must mean the same at the place of the pass."""
    loader = use.load.data
    if not isinstance(loader, Definition):
        return
    change = state_change(loader, between, use.module, use.repository)
    if change is not None:
        span = use.span(use.module.scopes.statement(change))
        fact = f"line {span.start.line} changes what {loader.name} reads"
        yield Refusal(Reason.ARGUMENTS_CHANGE, fact, span)


def _mixed_output(use: Use, between: list[ast.AST]) -> Iterator[Refusal]:
    """What a loader prints must not come after what is printed behind it."""
    loader = use.load.data
    if not isinstance(loader, Definition) or "prints" not in markers(loader, use.repository):
        return
    for node in run_by(between):
        if isinstance(node, ast.Call) and is_seen(node, use.module, use.repository):
            span = use.span(node)
            fact = f"{loader.name} prints, and so does line {span.start.line} after it"
            yield Refusal(Reason.LOADER_EFFECTS, fact, span)
            return


def _state_changes_in_pass(use: Use) -> Iterator[Refusal]:
    """The global names that a streamer reads between two elements must mean the same."""
    loader = use.load.data
    if not isinstance(loader, Definition):
        return
    change = change_in_pass(loader, use.anchor, use.load.call, use.module, use.repository)
    if change is not None:
        span = use.span(use.module.scopes.statement(change))
        fact = f"line {span.start.line} changes what the stream reads while it runs"
        yield Refusal(Reason.ARGUMENTS_CHANGE, fact, span)


def _later_key_error(use: Use) -> Iterator[Refusal]:
    """A key that is missing, in a sound file, is missed at once; nothing may happen before."""
    first = next((b for b in use.bindings if _takes_a_part(b, use)), None)
    between = [] if first is None else code_between(first, use)
    if use.part != WHOLE:
        between += evaluated_after(use)
    stir = first_stir(between, use.module)
    if stir is not None:
        span = use.span(stir)
        fact = f"line {span.start.line} runs before the stream can miss a key"
        yield Refusal(Reason.EFFECTS_BETWEEN, fact, span)


def _takes_a_part(binding: Binding, use: Use) -> bool:
    """Whether the value of an assignment is more than the load or a name: `data["rows"]`.

    Or a load by a loader that returns no more than a part itself.
    """
    value = binding.value
    if value is use.load.expression:
        loader = use.load.data
        body = body_of(loader, use.repository) if isinstance(loader, Definition) else None
        return isinstance(body, Body) and body.part != WHOLE
    return not isinstance(value, ast.Name)


def _identity(use: Use) -> Iterator[Refusal]:
    """Elements of a list all live at once; of a stream, ids come again."""
    for node in walk(use.anchor):
        if isinstance(node, ast.Name) and node.id == "id" and isinstance(node.ctx, ast.Load):
            scopes = use.module.scopes
            if not scopes.bindings(scopes.scope_of[node].home("id"), "id"):
                span = use.span(node)
                fact = f"id() at line {span.start.line} tells elements apart"
                yield Refusal(Reason.IDENTITY, fact, span)
                return


def own_frame(scope: Scope, module: Module) -> Iterator[Refusal]:
    """Code that looks at its own names would see a variable go, or a name become a cell."""
    function = scope.function()
    if function.is_class:
        span = (
            module.source.lines.span(function.node) if isinstance(function.node, ast.stmt) else None
        )
        yield Refusal(Reason.FRAME, "the code stands directly in the class body", span)
        return
    for node in walk(function.node):
        if isinstance(node, ast.Attribute) and node.attr in _FRAMES:
            span = module.source.lines.span(node)
            fact = f"{node.attr} at line {span.start.line} looks at the names here"
            yield Refusal(Reason.FRAME, fact, span)
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
    if node.id in ("globals", "eval", "exec", "__annotations__"):
        return True
    if node.id not in ("locals", "vars", "dir") or not same_frame:
        return False
    parent = module.scopes.parents[node]
    return not (isinstance(parent, ast.Call) and parent.func is node and parent.args)

"""Openings: where a file handle comes from that a plain load reads, and who else holds it.

A plain load can be streamed only where its handle is certainly a file that nothing else reads:
the one of a `with open(…) as f:` around it, of `f = open(…)` in the same block, of an `open(…)`
in place, or standard input.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from loadstream.analysis.data_files import PATH_MANAGERS, mode_position, opening_mode
from loadstream.analysis.modules import Module
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.rebinding import owned_reads
from loadstream.analysis.scopes import COMPREHENSIONS, FUNCTIONS, Access, Reference
from loadstream.analysis.trees import walk

_STANDARD_INPUT = frozenset({"sys.stdin", "sys.stdin.buffer"})
_STDLIB_OPEN = {("io", "open"), ("codecs", "open"), ("builtins", "open")}
_NO_FILES = frozenset({"os.open", "webbrowser.open", "Image.open"})


class WithBlock(NamedTuple):
    """`with {opening} as {name}:` around the load."""

    statement: ast.With
    opening: ast.expr
    name: ast.Name


class Assigned(NamedTuple):
    """`{name} = {opening}` before the load in its block; `close` is the statement `f.close()`."""

    statement: ast.Assign
    opening: ast.expr
    name: ast.Name
    close: ast.Expr | None


class InPlace(NamedTuple):
    """`json.load(open(…))`: the handle is made where it is read, and closed when it is dropped."""

    opening: ast.expr


class WholeText(NamedTuple):
    """`json.loads(path.read_text(…))`: opened and closed in one; `opening` is `path.open(…)`."""

    call: ast.Call
    opening: str


class Given(NamedTuple):
    """A handle that is simply there: `sys.stdin`."""

    handle: ast.expr


Opening: TypeAlias = WithBlock | Assigned | InPlace | WholeText | Given


def path_of(opening: Opening) -> ast.expr | None:
    """The expression for the path that is opened, where there is one."""
    match opening:
        case WithBlock(opening=call) | Assigned(opening=call) | InPlace(opening=call):
            return _opened_path(call)
        case WholeText(call=ast.Call(func=ast.Attribute(value=owner))):
            return owner
    return None


def _opened_path(call: ast.expr) -> ast.expr | None:
    if not isinstance(call, ast.Call):
        return None
    if isinstance(call.func, ast.Attribute) and mode_position(call) == 0:
        return call.func.value
    if call.args:
        return call.args[0]
    return next((k.value for k in call.keywords if k.arg in ("file", "filename")), None)


def find_opening(handle: ast.expr, load: ast.Call, module: Module) -> Opening | Refusal:
    """What `handle`, which `load` reads to its end, was opened by; or why that is not known."""
    if _is_opening(handle, module):
        return InPlace(handle)
    if isinstance(handle, ast.Attribute) and ast.unparse(handle) in _STANDARD_INPUT:
        return _standard_input(handle, load, module)
    if not isinstance(handle, ast.Name):
        return _unresolved(f"`{ast.unparse(handle)}` is not known to be a file", handle, module)
    block = _with_block(handle, load, module)
    if block is not None:
        return _doubt_of_block(block, handle, module) or block
    return _assigned(handle, load, module)


def _standard_input(handle: ast.Attribute, load: ast.Call, module: Module) -> Given | Refusal:
    if not _is_module_sys(handle, module):
        return _unresolved("`sys` is not known to be the module of that name", handle, module)
    if _is_repeated(load, module) or _may_run_twice(load, module):
        fact = "standard input may be read again"
        return Refusal(Reason.HANDLE_SHARED, fact, module.source.lines.span(handle))
    readers = re.findall(r"\bstdin\b|\binput[\s\\]*\(|\bfileinput\b", module.source.text)
    if len(readers) == 1:
        return Given(handle)
    span = module.source.lines.span(handle)
    fact = f"standard input, which line {span.start.line} reads, is used elsewhere too"
    return Refusal(Reason.HANDLE_SHARED, fact, span)


def _may_run_twice(node: ast.AST, module: Module) -> bool:
    """Whether the function around `node` is called, by its name, more than once or in a loop."""
    for outer in module.scopes.ancestors(node):
        if isinstance(outer, FUNCTIONS):
            calls = module.calls.get(outer.name, [])
            return len(calls) > 1 or any(_is_repeated(call, module) for call in calls)
    return False


def _is_repeated(node: ast.AST, module: Module) -> bool:
    """Whether a loop or a comprehension around `node`, in its function, runs it again."""
    inner = node
    for outer in module.scopes.ancestors(node):
        match outer:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                return False
            case ast.For(iter=first) | ast.AsyncFor(iter=first):
                if inner is not first:
                    return True
            case ast.comprehension(iter=first):
                if inner is not first:
                    return True
            case ast.While():
                return True
            case _ if isinstance(outer, COMPREHENSIONS) and inner is not outer.generators[0]:
                return True
        inner = outer
    return False


def _is_module_sys(handle: ast.Attribute, module: Module) -> bool:
    root: ast.expr = handle
    while isinstance(root, ast.Attribute):
        root = root.value
    bindings = _bindings(root, module) if isinstance(root, ast.Name) else []
    return bool(bindings) and all(
        isinstance(b.node, ast.alias) and b.node.name == "sys" for b in bindings
    )


def find_text_opening(text: ast.expr, load: ast.Call, module: Module) -> Opening | Refusal | None:
    """The opening behind the text that `json.loads` parses; None where it is no file's text."""
    if not isinstance(text, ast.Call) or not isinstance(text.func, ast.Attribute):
        return None
    owner, method = text.func.value, text.func.attr
    if method == "read" and not text.args and not text.keywords:
        if isinstance(owner, ast.Name | ast.Attribute) or _is_opening(owner, module):
            return find_opening(owner, load, module)
        return None
    if method == "read_bytes" and not text.args and not text.keywords:
        return WholeText(text, f'{_text(owner, module)}.open("rb")')
    if method == "read_text" and all(k.arg in ("encoding", "errors") for k in text.keywords):
        # Path.read_text(encoding, errors); Path.open(mode, buffering, encoding, errors).
        names = [*("encoding", "errors")[: len(text.args)], *(k.arg for k in text.keywords)]
        values = [*text.args, *(k.value for k in text.keywords)]
        if len(names) != len(values) or any(isinstance(v, ast.Starred) for v in values):
            return None
        given = ", ".join(
            f"{name}={_text(value, module)}" for name, value in zip(names, values, strict=True)
        )
        return WholeText(text, f"{_text(owner, module)}.open({given})")
    return None


def is_read(arguments: Sequence[ast.expr]) -> bool:
    """Whether the one argument calls `read`, `read_text` or `read_bytes` of something."""
    text = arguments[0] if len(arguments) == 1 else None
    return (
        isinstance(text, ast.Call)
        and isinstance(text.func, ast.Attribute)
        and text.func.attr in ("read", "read_text", "read_bytes")
    )


def _text(node: ast.expr, module: Module) -> str:
    text = module.source.lines.text(module.source.lines.span(node))
    loose = isinstance(
        node, ast.BinOp | ast.BoolOp | ast.IfExp | ast.Await | ast.Lambda | ast.UnaryOp
    )
    return f"({text})" if loose else text


def _is_opening(node: ast.expr, module: Module) -> bool:
    """Whether `node` opens a file for reading: `open(…)`, `gzip.open(…)`, `path.open(…)`."""
    if not isinstance(node, ast.Call) or any(k.arg is None for k in node.keywords):
        return False
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        return False
    callee = node.func
    if isinstance(callee, ast.Name):
        if callee.id != "open" or not _is_stdlib_open(callee, module):
            return False
    else:
        is_open = isinstance(callee, ast.Attribute) and callee.attr == "open"
        if not is_open or ast.unparse(callee) in _NO_FILES:
            return False
        assert isinstance(callee, ast.Attribute)
        owner = callee.value
        if isinstance(owner, ast.Name) and owner.id in PATH_MANAGERS:
            bindings = _bindings(owner, module)
            if not bindings or not all(isinstance(b.node, ast.alias) for b in bindings):
                return False
    mode = opening_mode(node)
    return mode is not None and not set(mode) & set("wax+")


def _is_stdlib_open(callee: ast.Name, module: Module) -> bool:
    """Whether the name `open` is the builtin, or `from io import open` and the like."""
    bindings = _bindings(callee, module)
    if len(bindings) != 1:
        return not bindings
    alias = bindings[0].node
    statement = module.scopes.parents.get(alias)
    return (
        isinstance(alias, ast.alias)
        and isinstance(statement, ast.ImportFrom)
        and not statement.level
        and (statement.module, alias.name) in _STDLIB_OPEN
    )


def _bindings(name: ast.Name, module: Module) -> list[Reference]:
    home = module.scopes.scope_of[name].home(name.id)
    return module.scopes.changes(home, name.id)


def _with_block(handle: ast.Name, load: ast.Call, module: Module) -> WithBlock | None:
    """The innermost `with … as handle:` around the load, in its function."""
    inner: ast.AST = load
    for outer in module.scopes.ancestors(load):
        if isinstance(outer, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            return None
        if isinstance(outer, ast.With) and inner in outer.body:
            for item in outer.items:
                target = item.optional_vars
                if isinstance(target, ast.Name) and target.id == handle.id:
                    return WithBlock(outer, item.context_expr, target)
        inner = outer
    return None


def _doubt_of_block(block: WithBlock, handle: ast.Name, module: Module) -> Refusal | None:
    """Why the load is not the only one to use the block's handle, or the handle no file."""
    if not _is_opening(block.opening, module):
        fact = f"`{ast.unparse(block.opening)}` is not known to open a file for reading"
        return _unresolved(fact, block.opening, module)
    scopes = module.scopes
    home = scopes.scope_of[handle].home(handle.id)
    inside = set(walk(block.statement))
    own = _named_as_the_handle(handle, module)
    for reference in scopes.references(home, handle.id):
        node = reference.node
        if node is handle or node is block.name:
            continue
        if node in own:
            continue
        if node in inside or _may_be_the_same(reference, module):
            return _shared(handle, node, module)
    return None


def _named_as_the_handle(handle: ast.Name, module: Module) -> set[ast.AST]:
    """Where the value takes the handle's own name, `f = json.load(f)`: the places that mean it."""
    statement = module.scopes.statement(handle)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return set()
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or target.id != handle.id:
        return set()
    return {target, *(reference.node for reference in owned_reads(target, module))}


def _may_be_the_same(reference: Reference, module: Module) -> bool:
    """Whether a reference outside of a with block could read the handle that the block bound.

    Not where it binds the name to another one, or stands behind such a binding.
    """
    scopes = module.scopes
    if reference.access is not Access.READ:
        binder = scopes.parents.get(reference.node)
        return not isinstance(binder, ast.withitem | ast.Assign)
    inner: ast.AST = reference.node
    for outer in scopes.ancestors(reference.node):
        if isinstance(outer, FUNCTIONS):
            break
        if isinstance(outer, ast.With) and inner in outer.body:
            targets = [item.optional_vars for item in outer.items]
            if any(isinstance(t, ast.Name) and t.id == reference.name for t in targets):
                return False
        inner = outer
    return not _assigned_before(reference, module)


def _assigned_before(reference: Reference, module: Module) -> bool:
    statement = module.scopes.statement(reference.node)
    block = module.scopes.block(statement)
    if statement not in block:
        return False
    return any(
        isinstance(earlier, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == reference.name for t in earlier.targets)
        for earlier in block[: block.index(statement)]
    )


def _assigned(handle: ast.Name, load: ast.Call, module: Module) -> Opening | Refusal:
    """The `f = open(…)` in the block of the load, with only that load and a close() for it."""
    scopes = module.scopes
    block = scopes.block(scopes.statement(load))
    home = scopes.scope_of[handle].home(handle.id)
    references = scopes.references(home, handle.id)
    binders = [r for r in references if r.access is not Access.READ]
    if len(binders) != 1 or home is not scopes.scope_of[handle].function():
        fact = f"it cannot be told which file `{handle.id}` is"
        return _unresolved(fact, handle, module)
    statement = scopes.parents[binders[0].node]
    if (
        not isinstance(statement, ast.Assign)
        or len(statement.targets) != 1
        or not isinstance(statement.targets[0], ast.Name)
        or not _is_opening(statement.value, module)
        or statement not in block
    ):
        fact = f"`{handle.id}` is not known to be a file that is opened beside the load"
        return _unresolved(fact, handle, module)
    close: ast.Expr | None = None
    for reference in references:
        node = reference.node
        if node is handle or reference.access is not Access.READ:
            continue
        closing = _closing(node, module)
        if closing is None or close is not None or closing not in block:
            return _shared(handle, node, module)
        close = closing
    return Assigned(statement, statement.value, statement.targets[0], close)


def _closing(node: ast.AST, module: Module) -> ast.Expr | None:
    """The statement `f.close()` that a read of `f` stands in."""
    scopes = module.scopes
    attribute = scopes.parents[node]
    if not isinstance(attribute, ast.Attribute) or attribute.attr != "close":
        return None
    call = scopes.parents[attribute]
    statement = scopes.parents[call]
    plain = isinstance(call, ast.Call) and not call.args and not call.keywords
    return statement if plain and isinstance(statement, ast.Expr) else None


def _unresolved(fact: str, node: ast.expr, module: Module) -> Refusal:
    return Refusal(Reason.UNRESOLVED, fact, module.source.lines.span(node))


def _shared(handle: ast.Name, node: ast.AST, module: Module) -> Refusal:
    if not isinstance(node, ast.expr):
        node = module.scopes.statement(node)
    span = module.source.lines.span(node)
    fact = f"the file `{handle.id}` is used for something else at line {span.start.line}"
    return Refusal(Reason.HANDLE_SHARED, fact, span)

"""Whether code that runs beside a plain load may write, move or delete the file that is read.

Paths are compared as far as the text tells: through names that are bound once, into functions of
the repository that are called, by the last part of what is written down.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import NamedTuple

from loadstream.analysis.data_files import (
    FILE_CHANGES,
    PlainFile,
    called,
    mode_position,
    opening_mode,
    run_by,
)
from loadstream.analysis.implicit_calls import run_implicitly
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.possible_calls import functions_behind, functions_given
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import Access, Function
from loadstream.analysis.trees import walk

_DEEPEST = 3  # calls of repository functions, and names behind names, that are followed


class Same(Enum):
    """Whether two expressions name the same file."""

    NO = auto()
    MAYBE = auto()
    YES = auto()


class Write(NamedTuple):
    """What writes, in the module it stands in; `at` is its place in the text looked at."""

    at: ast.expr
    same: Same


def writes(
    nodes: Iterable[ast.AST], data: PlainFile, module: Module, repository: Repository
) -> Iterator[Write]:
    """What `nodes` write that is or may be the file of `data`, read in the same module."""
    for node in run_by(nodes):
        found = [_written(node, module, repository, _DEEPEST)] if isinstance(node, ast.Call) else []
        at = node.items[0].context_expr if isinstance(node, ast.With | ast.AsyncWith) else node
        if not isinstance(at, ast.expr):
            continue
        alone = ast.Call(at, [], [])
        found += [
            _written_by(definition, alone, repository, _DEEPEST)
            for definition in run_implicitly(node, module, repository)
        ]
        for written in itertools.chain.from_iterable(found):
            same = _compare(written, data.path, module)
            if same is not Same.NO:
                yield Write(at, same)


def _written(
    call: ast.Call, module: Module, repository: Repository, depth: int
) -> Iterator[ast.expr]:
    """The paths that a call writes, in terms of the caller where they are parameters."""
    name = called(call)
    if name == "open":
        mode = opening_mode(call)
        if mode is None or set(mode) & set("wax+"):
            path = _opened(call)
            if path is not None:
                yield path
        return
    if name == "replace" and len(call.args) > 1 and not _is_of_os(call.func):
        return  # str.replace; that of a path takes its target alone
    if name in FILE_CHANGES:
        if name not in ("write_text", "write_bytes"):  # whose argument is the text
            yield from call.args
        if isinstance(call.func, ast.Attribute) and not _is_module(call.func.value, module):
            yield call.func.value
        return
    if depth == 0:
        return
    for node in _lambda_body(call.func, module):
        if isinstance(node, ast.Call):
            yield from _written(node, module, repository, depth - 1)
    for definition in functions_behind(call.func, module, repository):
        yield from _written_by(definition, call, repository, depth)
    handed_over = ast.Call(call.func, [], [])
    for definition in functions_given(call, module, repository):
        yield from _written_by(definition, handed_over, repository, depth)


def _lambda_body(callee: ast.expr, module: Module) -> Iterator[ast.AST]:
    """Everything in the lambdas that a name is bound to."""
    if not isinstance(callee, ast.Name) or callee not in module.scopes.scope_of:
        return
    scopes = module.scopes
    for binding in scopes.bindings(scopes.scope_of[callee].home(callee.id), callee.id):
        binder = scopes.parents.get(binding.node)
        if isinstance(binder, ast.Assign) and isinstance(binder.value, ast.Lambda):
            yield from walk(binder.value.body)


def _written_by(
    definition: Definition, call: ast.Call, repository: Repository, depth: int
) -> Iterator[ast.expr]:
    """The paths that a function of the repository writes when `call` calls it."""

    def find() -> tuple[ast.expr, ...]:
        return tuple(
            path
            for node in run_by(definition.function.body)
            if isinstance(node, ast.Call)
            for path in _written(node, definition.module, repository, depth - 1)
        )

    # By the node: a file may be parsed twice, and what is found are nodes of one of the trees.
    own = repository.answer(("written by", definition.function, depth), find)
    for path in own:
        yield _for_caller(path, definition.function, call, definition.module)


def _is_module(owner: ast.expr, module: Module) -> bool:
    """Whether a name is bound by `import` alone: `os` in `os.remove(path)`."""
    if not isinstance(owner, ast.Name):
        return False
    home = module.scopes.scope_of[owner].home(owner.id)
    bindings = [b.node for b in module.scopes.bindings(home, owner.id)]
    return bool(bindings) and all(
        isinstance(node, ast.alias) and isinstance(module.scopes.parents[node], ast.Import)
        for node in bindings
    )


def _is_of_os(callee: ast.expr) -> bool:
    return isinstance(callee, ast.Name) or ast.unparse(callee).startswith("os.")


def _opened(call: ast.Call) -> ast.expr | None:
    if isinstance(call.func, ast.Attribute) and mode_position(call) == 0:
        return call.func.value
    if call.args:
        return call.args[0]
    return next((k.value for k in call.keywords if k.arg in ("file", "filename")), None)


def _for_caller(path: ast.expr, function: Function, call: ast.Call, module: Module) -> ast.expr:
    """`path` as the caller would write it: its own argument for a parameter."""
    if not isinstance(path, ast.Name):
        return stands_for(path, module)
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    for keyword in call.keywords:
        if keyword.arg == path.id:
            return keyword.value
    if path.id in names and names.index(path.id) < len(call.args):
        return call.args[names.index(path.id)]
    return stands_for(path, module)


def _compare(written: ast.expr, read: ast.expr | None, module: Module) -> Same:
    if read is None:
        return Same.NO  # standard input
    if ast.dump(written) == ast.dump(read):
        return Same.YES
    written, read = _bare(written, module), _bare(read, module)
    if ast.dump(written) == ast.dump(read):
        return Same.YES
    one, other = _ending(written, module), _ending(read, module)
    if not one.endswith(other) and not other.endswith(one):
        return Same.NO
    if isinstance(written, ast.Constant) and isinstance(read, ast.Constant):
        return Same.YES
    known = one if len(one) > len(other) else other
    return Same.MAYBE if not known or _is_data_name(known) else Same.NO


def _bare(path: ast.expr, module: Module) -> ast.expr:
    """What a path stands for, without the `Path(…)` or `str(…)` around it."""
    path = stands_for(path, module)
    if isinstance(path, ast.Call) and called(path) in ("Path", "PurePath", "str"):
        return _bare(path.args[0], module) if len(path.args) == 1 else path
    return path


def _is_data_name(ending: str) -> bool:
    """Whether a path that ends so could be that of a document, given from outside."""
    return ending.endswith(".json") or "." not in ending


def stands_for(path: ast.expr, module: Module) -> ast.expr:
    """What a name that is bound once stands for."""
    for _ in range(_DEEPEST):
        if not isinstance(path, ast.Name) or path not in module.scopes.scope_of:
            return path
        home = module.scopes.scope_of[path].home(path.id)
        references = module.scopes.references(home, path.id)
        binders = [r for r in references if r.access is not Access.READ]
        if len(binders) == 1 and isinstance(binders[0].node, ast.arg):
            return _default(binders[0].node, module) or path
        statement = module.scopes.parents.get(binders[0].node) if len(binders) == 1 else None
        if not isinstance(statement, ast.Assign) or binders[0].node not in statement.targets:
            return path
        path = statement.value
    return path


def _default(parameter: ast.arg, module: Module) -> ast.expr | None:
    """The default of a parameter, where it is written down as a string."""
    arguments = module.scopes.parents[parameter]
    assert isinstance(arguments, ast.arguments)
    positional = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(
            positional[len(positional) - len(arguments.defaults) :], arguments.defaults, strict=True
        ),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    default = next((value for name, value in pairs if name is parameter), None)
    return default if isinstance(default, ast.Constant) and isinstance(default.value, str) else None


def _ending(path: ast.expr, module: Module) -> str:
    """How a path ends, as far as that is written down, in lower case.

    `data/x.json` ends in `/x.json`, and so does `folder / "x.json"`; `f"{stem}.json"` in `.json`.
    """
    path = stands_for(path, module)
    match path:
        case ast.Constant(value=str() as text):
            return "/" + re.split(r"[/\\]", text.lower())[-1]
        case ast.BinOp(op=ast.Div(), right=right):
            return _ending(right, module)
        case ast.BinOp(op=ast.Add(), right=right):
            return _ending(right, module).removeprefix("/")
        case ast.JoinedStr(values=[*_, ast.Constant(value=str() as text)]):
            head, slash, last = text.lower().rpartition("/")
            return slash + last if slash else head + last
        case ast.Call(args=[*_, last]) if called(path) in ("Path", "PurePath", "str", "join"):
            return _ending(last, module)
    return ""

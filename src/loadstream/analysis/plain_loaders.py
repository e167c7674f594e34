"""Plain loaders: functions and methods whose whole body is one plain load, a part of it returned.

The body is read statement by statement; anything that is not opening, loading, taking a part or
returning means that the function does more.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from loadstream.analysis.attributes import is_of_class, is_static
from loadstream.analysis.classes import own_member
from loadstream.analysis.deprecation import decorators, mark_in_body
from loadstream.analysis.effects import is_seen, markers, unknowns
from loadstream.analysis.loader_names import streamer_names, twin_names
from loadstream.analysis.loads import Load
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.openings import Assigned, WithBlock
from loadstream.analysis.parts import WHOLE, Part, View, climb
from loadstream.analysis.plain import NAMES, json_function, plain_load
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.trees import walk


class Body(NamedTuple):
    """What a loader's body comes to: local assignments, then one part of one load, returned."""

    load: Load
    part: Part
    prologue: tuple[ast.stmt, ...]


def body_of(loader: Definition, repository: Repository) -> Body | Refusal | None:
    """The one load that the loader returns (a part of); None where it does anything else."""
    module = loader.module
    load = _only_load(loader, repository)
    if load is None or markers(loader, repository) & {"prints", "writes", "keeps state"}:
        return None
    closing = load.opening.close if isinstance(load.opening, Assigned) else None
    mark = mark_in_body(loader)
    runs = [loader.function.args, *(s for s in loader.function.body if s not in (closing, mark))]
    if any(node is not load.call for node in unknowns(runs, module, repository, None)):
        return None
    defaults = [node for node in walk(loader.function.args) if isinstance(node, ast.Call)]
    if any(is_seen(call, module, repository) for call in defaults):
        return None  # it would happen twice
    patched = [r for r in load.refusals if r.reason is Reason.PATCHED]
    taken = [r for r in load.refusals if r.reason is Reason.UNRESOLVED and load.opening is not None]
    if len(patched) + len(taken) != len(load.refusals):
        return None
    if load.refusals:
        return no_twin(loader, load.refusals[0].fact)
    statements = [s for s in _linear(loader.function, load) if s is not mark]
    if not statements or not isinstance(statements[-1], ast.Return):
        return None
    return _read(statements, load, module)


def no_twin(loader: Definition, cause: str) -> Refusal:
    """The refusal of a twin for `loader`."""
    span = loader.module.source.lines.span(loader.function)
    return Refusal(Reason.NO_STREAM, f"{loader.name} has no streaming twin: {cause}", span)


def is_simple(loader: Definition, repository: Repository) -> bool:
    """Whether a function is one of the module or of a class there, with nothing around it."""
    function, owner = loader.function, loader.owner
    if (
        not isinstance(function, ast.FunctionDef)
        or not twin_names(loader.name)
        or getattr(function, "type_params", [])
    ):
        return False
    if owner is None:
        return not decorators(loader)
    return (
        len(decorators(loader)) == (is_static(function) or is_of_class(function))
        and own_member(owner, loader.name) == loader
        and repository.class_definition(loader.module, owner.name) == owner
    )


def is_plain_loader(loader: Definition, repository: Repository) -> bool:
    """Whether a function, whatever it is called, is a loader by its body."""
    if loader.name not in plain_names(repository):
        return False
    return repository.answer(
        ("plain loader", loader.module, loader.qualified_name),
        lambda: is_simple(loader, repository) and body_of(loader, repository) is not None,
    )


def plain_names(repository: Repository) -> frozenset[str]:
    """The names of all functions and methods of the repository that may be plain loaders."""

    def names_in(module: Module | None) -> tuple[str, ...]:
        return () if module is None else tuple(_plain_names_in(module, repository))

    def find() -> frozenset[str]:
        return frozenset(
            name
            for path, words in repository.words.items()
            if words.returns
            for name in repository.answer_of_file(path, "plain names", names_in)
        )

    return repository.answer(("plain names",), find)


def _plain_names_in(module: Module, repository: Repository) -> Iterator[str]:
    for function, count in around_loads(module, repository).items():
        if count == 1 and _ends_by_return(function):
            yield function.name


def around_loads(module: Module, repository: Repository) -> dict[ast.FunctionDef, int]:
    """The functions and methods of a file that call json, with how often they do."""

    def find() -> dict[ast.FunctionDef, int]:
        called = NAMES | module.json_names
        calls = [call for name in called for call in module.calls.get(name, ())]
        loads = [call for call in calls if json_function(call.func, module, repository)]
        around = Counter(outer for load in loads for outer in module.scopes.ancestors(load))
        return {
            function: around[function]
            for node in (module.source.tree.body if loads else ())
            for function in (node.body if isinstance(node, ast.ClassDef) else [node])
            if isinstance(function, ast.FunctionDef) and around[function]
        }

    return repository.answer(("around loads", module), find)


def _ends_by_return(function: ast.FunctionDef) -> bool:
    """Whether a function can be a plain loader, as far as its name and last statement tell."""
    last = function.body[-1]
    while isinstance(last, ast.With):
        last = last.body[-1]
    returns = isinstance(last, ast.Return) and last.value is not None
    return returns and bool(twin_names(function.name))


def plain_names_for(streamer_name: str, repository: Repository) -> tuple[str, ...]:
    """The names of those plain loaders whose streamer may be called `streamer_name`."""

    def find() -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name in sorted(plain_names(repository)):
            for twin in () if streamer_names(name) else dict.fromkeys(twin_names(name)):
                found[twin] = (*found.get(twin, ()), name)
        return found

    return repository.answer(("plain names by streamer",), find).get(streamer_name, ())


def _only_load(loader: Definition, repository: Repository) -> Load | None:
    loads = [
        load
        for node in walk(loader.function)
        if isinstance(node, ast.Call)
        for load in plain_load(node, loader.module, repository)
    ]
    return loads[0] if len(loads) == 1 and loads[0].opening is not None else None


def _linear(function: ast.AST, load: Load) -> Iterator[ast.stmt]:
    """The statements of the body in the order in which they run, the with block's among them."""
    assert isinstance(function, ast.FunctionDef)
    body = function.body
    if ast.get_docstring(function, clean=False) is not None:
        body = body[1:]
    opening = load.opening
    block = opening.statement if isinstance(opening, WithBlock) else None
    for statement in body:
        if block is not None and statement is block and len(block.items) == 1:
            yield from block.body
        else:
            yield statement


def _read(statements: list[ast.stmt], load: Load, module: Module) -> Body | None:
    """Follow the loaded value through local names to the `return`."""
    known: dict[str, Part] = {}
    prologue: list[ast.stmt] = []
    opening = load.opening
    opened = False
    for statement in statements[:-1]:
        if isinstance(opening, Assigned) and statement is opening.close:
            continue
        if isinstance(opening, Assigned) and statement is opening.statement:
            opened = True
            continue
        target, part = _named_part(statement, known, load, module)
        if part is not None:
            known[target] = part
            opened = True
        elif opened or _inside(statement, opening) or not _prepares(statement, load):
            return None
        else:
            prologue.append(statement)
    last = statements[-1]
    assert isinstance(last, ast.Return)
    part = None if last.value is None else _part(last.value, known, load, module)
    if part is None or part.view is not View.ELEMENTS:
        return None
    if any(not isinstance(key, str) for key in part.keys):
        return None  # a wrong index is an IndexError, which few handlers of a load expect
    return Body(load, part, tuple(prologue))


def _named_part(
    statement: ast.stmt, known: dict[str, Part], load: Load, module: Module
) -> tuple[str, Part | None]:
    """The name and the part of the document that it is given, if that is what a statement does."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return name, _part(value, known, load, module)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return name, _part(value, known, load, module)
    return "", None


def _prepares(statement: ast.stmt, load: Load) -> bool:
    """Whether a statement only gives values to local names.

    `path = path or HERE`, `folder, name = os.path.split(path)`, `if path is None: path = HERE`.
    What it raises, if it does, is raised where the file would be missed. No check is among them:
    an `assert` is meant for the place of the call.
    """
    if any(node is load.call for node in walk(statement)):
        return False
    match statement:
        case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name(), value=ast.expr()):
            return True
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Call() | ast.Tuple()):
            return all(isinstance(name, ast.Name) for name in names)
        case ast.If(body=body, orelse=orelse):
            return all(_prepares(one, load) for one in (*body, *orelse))
    return False


def _inside(statement: ast.stmt, opening: object) -> bool:
    return isinstance(opening, WithBlock) and statement in opening.statement.body


def _part(value: ast.expr, known: dict[str, Part], load: Load, module: Module) -> Part | None:
    """The part of the document that an expression is; None where it is anything else."""
    for node in walk(value):
        if node is load.call:
            start = WHOLE
        elif isinstance(node, ast.Name) and node.id in known:
            start = known[node.id]
        else:
            continue
        assert isinstance(node, ast.expr)
        climbed, part = climb(node, start, module)
        return part if climbed is value else None
    return None

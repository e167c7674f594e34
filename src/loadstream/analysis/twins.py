"""Twins: the streamer that could stand beside a loader whose body is nothing but a plain load.

    def load_rows(path):                      def stream_rows(path, *, filter_func=None):
        with open(path) as f:                     with open(path) as f:
            return json.load(f)["rows"]               yield from stream_json(f, "$.rows", …)

`find_twin` reads the loader, statement by statement; anything that is not opening, loading,
taking a part or returning means that the function does more, and has no twin.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loadstream.analysis.effects import markers, unknowns
from loadstream.analysis.loads import Load
from loadstream.analysis.modules import Definition, Module, Repository
from loadstream.analysis.openings import Assigned, Given, InPlace, WholeText, WithBlock
from loadstream.analysis.pairs import find_pair, streamer_names
from loadstream.analysis.parts import WHOLE, Part, View, climb
from loadstream.analysis.plain import plain_load
from loadstream.analysis.plans import RuntimeImport
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import all_arguments
from loadstream.analysis.suppressions import Comment, Suppression
from loadstream.analysis.twin_text import Header, header_of, text_of

_RUNTIME = frozenset({"stream_json", "stream_items", "stream_values", "stream_lines"})
_HANDLES = ("f", "file", "handle", "source")


@dataclass(frozen=True, slots=True)
class Twin:
    """A streamer that is not there yet: its name, its `def` as text, the import that it needs."""

    loader: Definition
    name: str
    text: str
    imports: RuntimeImport


@dataclass(frozen=True, slots=True)
class _Body:
    """What a loader's body comes to: local assignments, then one part of one load, returned."""

    load: Load
    part: Part
    prologue: tuple[ast.stmt, ...]


def find_twin(loader: Definition, repository: Repository) -> Twin | Refusal | None:
    """The twin of `loader`; why it cannot stand there; None where the question does not arise."""
    if not is_plain_function(loader) or find_pair(loader, repository) is not None:
        return None
    body = _body(loader, repository)
    if body is None:
        return None
    if isinstance(body, Refusal):
        return body
    name = _name(loader, repository)
    if isinstance(name, Refusal):
        return name
    header = header_of(loader)
    if isinstance(header, str):
        return _refusal(loader, header)
    imports = body.load.imports
    if not isinstance(imports, RuntimeImport) or not _imported_at_top(imports, loader.module):
        return _refusal(loader, "json is imported inside a function")
    text = _text(name, header, body, loader)
    return Twin(loader, name, text, replace(imports, remove=None))


def without_streamer(loader: Definition, repository: Repository) -> str:
    """In words: that `loader` has no streamer, and whether it can be given one."""
    twin = find_twin(loader, repository)
    if isinstance(twin, Refusal):
        return twin.fact
    names = streamer_names(loader.name)
    fact = f"{loader.name} has no {names[0] if names else 'streamer'} beside it"
    if twin is None:
        return fact
    try:
        place = loader.module.real_path.relative_to(repository.root).as_posix()
    except ValueError:
        place = loader.module.path.name
    return f"{place} has no {twin.name}, which LS108 can add, for the {loader.name}()"


def twins_of(module: Module, repository: Repository) -> Iterator[Twin]:
    """The twins that the loaders of a file could have."""
    if module.scopes.star_imports:
        return
    for node in module.source.tree.body:
        if isinstance(node, ast.FunctionDef) and streamer_names(node.name):
            loader = repository.definition(module, node.name)
            twin = None if loader is None else find_twin(loader, repository)
            if isinstance(twin, Twin) and twin.loader.function is node:
                yield twin


def on_loaders(comments: Sequence[Comment], module: Module, repository: Repository) -> set[Comment]:
    """The comments that keep a loader of the file from getting a twin."""
    if not comments:
        return set()
    lines = [twin.loader.function.lineno for twin in twins_of(module, repository)]
    return {
        comment
        for comment in comments
        if isinstance(comment, Suppression) and any(comment.covers(line, "LS108") for line in lines)
    }


def is_plain_function(loader: Definition) -> bool:
    """Whether a function is one of the module, called as loaders are, with nothing around it."""
    function = loader.function
    return (
        loader.owner is None
        and isinstance(function, ast.FunctionDef)
        and bool(streamer_names(loader.name))
        and not function.decorator_list
        and not getattr(function, "type_params", [])
    )


def _refusal(loader: Definition, cause: str) -> Refusal:
    span = loader.module.source.lines.span(loader.function)
    return Refusal(Reason.NO_STREAM, f"{loader.name} has no streaming twin: {cause}", span)


def _name(loader: Definition, repository: Repository) -> str | Refusal:
    """The first name by convention that is free in the module, and for those who import it all."""
    module = loader.module
    name = next(name for name in streamer_names(loader.name) if name not in _RUNTIME)
    scopes = module.scopes
    if any(name in scope.bound or name in scope.global_names for scope in scopes.module.walk()):
        return _refusal(loader, f"the name {name} is already used in its file")
    if scopes.star_imports:
        return _refusal(loader, "its file imports * from another, so that no name is known free")
    if _star_taken(name, module, repository):
        return _refusal(loader, f"a file that imports * has another {name}")
    return name


def _star_taken(name: str, module: Module, repository: Repository) -> bool:
    """Whether a file that may import everything from `module` uses `name` for its own."""
    return any(
        path != module.path and b"import *" in text and name.encode() in text
        for path, text in repository.texts
    )


def _body(loader: Definition, repository: Repository) -> _Body | Refusal | None:
    """The one load that the loader returns (a part of); None where it does anything else."""
    module = loader.module
    load = _only_load(loader, repository)
    if load is None or markers(loader, repository) & {"prints", "writes", "keeps state"}:
        return None
    closing = load.opening.close if isinstance(load.opening, Assigned) else None
    runs = [loader.function.args, *(s for s in loader.function.body if s is not closing)]
    if any(node is not load.call for node in unknowns(runs, module, repository, None)):
        return None
    patched = [r for r in load.refusals if r.reason is Reason.PATCHED]
    taken = [r for r in load.refusals if r.reason is Reason.UNRESOLVED and load.opening is not None]
    if len(patched) + len(taken) != len(load.refusals):
        return None
    if load.refusals:
        return _refusal(loader, load.refusals[0].fact)
    statements = list(_linear(loader.function, load))
    if not statements or not isinstance(statements[-1], ast.Return):
        return None
    return _read(statements, load, module)


def _only_load(loader: Definition, repository: Repository) -> Load | None:
    loads = [
        load
        for node in ast.walk(loader.function)
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


def _read(statements: list[ast.stmt], load: Load, module: Module) -> _Body | None:
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
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            return None
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        target = targets[0]
        if len(targets) != 1 or not isinstance(target, ast.Name):
            return None
        part = _part(statement.value, known, load, module)
        if part is not None:
            known[target.id] = part
            opened = True
        elif opened or _inside(statement, opening):
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
    return _Body(load, part, tuple(prologue))


def _inside(statement: ast.stmt, opening: object) -> bool:
    return isinstance(opening, WithBlock) and statement in opening.statement.body


def _part(value: ast.expr, known: dict[str, Part], load: Load, module: Module) -> Part | None:
    """The part of the document that an expression is; None where it is anything else."""
    for node in ast.walk(value):
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


def _imported_at_top(imports: RuntimeImport, module: Module) -> bool:
    """Whether the import of json is the module's, so that the runtime's can be beside it."""
    return any(
        module.source.lines.span(node) == imports.statement
        and module.scopes.scope_of[node].is_module
        for node in ast.walk(module.source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def _text(name: str, header: Header, body: _Body, loader: Definition) -> str:
    lines = loader.module.source.lines
    prologue = tuple(lines.text(lines.span(statement)) for statement in body.prologue)
    opening = body.load.opening
    handle = _free_handle(loader)
    match opening:
        case WithBlock(opening=call, name=bound) | Assigned(opening=call, name=bound):
            opened, handle = lines.text(lines.span(call)), bound.id
        case InPlace(opening=call):
            opened = lines.text(lines.span(call))
        case WholeText(opening=text):
            opened = text
        case _:
            assert isinstance(opening, Given)
            opened, handle = "", lines.text(lines.span(opening.handle))
    arguments = (handle, *body.part.arguments(), "filter_func=filter_func")
    return text_of(name, loader.name, header, prologue, opened, arguments)


def _free_handle(loader: Definition) -> str:
    """A name for the open file that the loader does not use for anything else."""
    taken = {node.id for node in ast.walk(loader.function) if isinstance(node, ast.Name)}
    taken |= {argument.arg for argument in all_arguments(loader.function.args)}
    return next(name for name in (*_HANDLES, "opened_file") if name not in taken)

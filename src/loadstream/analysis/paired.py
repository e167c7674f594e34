"""Loads through a pair: `load_x()` with a `stream_x()` beside it, and calls of that streamer.

A call is followed to the function that it calls through imports, aliases and re-exports. What
cannot be followed is not a load. A loader without a streaming twin is a load that is kept.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.callees import Callee, bindings_seen, resolve
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Definition, Module, Repository
from loadstream.analysis.pairs import (
    Pair,
    doubts,
    find_pair,
    gives_iterator,
    is_loader,
    loader_names,
    map_arguments,
    streamer_names,
)
from loadstream.analysis.plans import ImportChange, StreamCall
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.scopes import FUNCTIONS, Scope


def paired_load(call: ast.Call, module: Module, repository: Repository) -> Iterator[Load]:
    """The load that `call` is, if it calls a loader of the repository."""
    callee = resolve(call.func, module, repository)
    if callee is None or not is_loader(callee.definition):
        return
    loader = callee.definition
    dotted = f"{repository.dotted_name(loader.module.path)}.{loader.name}"
    pair = find_pair(loader, repository)
    if pair is None:
        fact = f"{loader.name} has no {streamer_names(loader.name)[0]} beside it"
        refusal = Refusal(Reason.NO_STREAM, fact, module.source.lines.span(call))
        yield Load(Kind.LOADED, call, call, dotted, None, loader, False, None, None, (refusal,))
        return
    streamer = f"{repository.dotted_name(pair.streamer.module.path)}.{pair.streamer.name}"
    refusals = [*doubts(pair, repository), *_recursion(call, pair, module, repository)]
    stream: StreamCall | None = None
    imports: ImportChange | None = None
    called = call.func.id if isinstance(call.func, ast.Name) else loader.name
    for path, name in ((module.path, called), (loader.module.path, loader.name)):
        if repository.patches(path, name):
            fact = f"another file replaces {path.stem}.{name}, as a test does"
            refusals.append(Refusal(Reason.PATCHED, fact, module.source.lines.span(call)))
            break
    way = _way_to_streamer(call, callee, pair, module, repository)
    if isinstance(way, Refusal):
        refusals.append(way)
    else:
        text, imports = way
        mapped = map_arguments(call, text, pair, module.source.lines)
        if isinstance(mapped, StreamCall):
            stream = mapped
        else:
            refusals.extend(mapped)
    iterator = gives_iterator(pair.streamer, repository)
    yield Load(
        Kind.LOADED,
        call,
        call,
        dotted,
        streamer,
        loader,
        iterator,
        stream,
        imports,
        tuple(refusals),
    )


def _way_to_streamer(
    call: ast.Call, callee: Callee, pair: Pair, module: Module, repository: Repository
) -> tuple[str, ImportChange | None] | Refusal:
    """How the streamer is called from where the loader is: its text, and the import it needs."""
    lines = module.source.lines
    span = lines.span(call)
    name = pair.streamer.name
    if isinstance(call.func, ast.Attribute):
        reached = _defined(callee.origin, name, repository)
        if reached is None or reached.function is not pair.streamer.function:
            return Refusal(Reason.UNRESOLVED, f"{name} is not reachable beside the loader", span)
        return f"{lines.text(lines.span(call.func.value))}.{name}", None
    scope = module.scopes.scope_of[call]
    taken = bindings_seen(name, scope)
    if callee.statement is None or callee.alias is None:
        if taken != [module.scopes.module]:
            return Refusal(Reason.UNRESOLVED, f"the name {name} is bound again here", span)
        runs_at_import = scope.function().is_module
        if runs_at_import and pair.streamer.function.lineno > call.lineno:
            return Refusal(Reason.UNRESOLVED, f"{name} is defined after this line", span)
        return name, None
    assert isinstance(call.func, ast.Name)
    reached = _defined(callee.origin, name, repository)
    if reached is None or reached.function is not pair.streamer.function:
        where = "." * callee.statement.level + (callee.statement.module or "")
        return Refusal(Reason.UNRESOLVED, f"{name} cannot be imported from {where}", span)
    bound = call.func.id
    remove = None if _is_shared(bound, callee.statement, module, repository) else bound
    statement = lines.span(callee.statement)
    if not taken:
        return name, ImportChange(statement, name, remove)
    home = scope.home(name)
    known = _resolve_name(name, home, module, repository)
    if taken == [home] and known is not None and known.function is pair.streamer.function:
        bindings = module.scopes.bindings(home, name)
        if all(_line(b.node, module) <= call.lineno for b in bindings) or not home.is_module:
            return name, ImportChange(statement, None, remove)
    return Refusal(Reason.UNRESOLVED, f"the name {name} is already used here", span)


def _defined(origin: Module | None, name: str, repository: Repository) -> Definition | None:
    return None if origin is None else repository.definition(origin, name)


def _line(node: ast.AST, module: Module) -> int:
    return module.scopes.statement(node).lineno


def _resolve_name(
    name: str, home: Scope, module: Module, repository: Repository
) -> Definition | None:
    bindings = module.scopes.bindings(home, name)
    if len(bindings) != 1 or not isinstance(bindings[0].node, ast.alias):
        return None
    alias = bindings[0].node
    statement = module.scopes.parents[alias]
    if not isinstance(statement, ast.ImportFrom):
        return None
    origin = repository.imported_module(statement, module.path)
    return None if origin is None else repository.definition(origin, alias.name)


def _is_shared(
    bound: str, statement: ast.ImportFrom, module: Module, repository: Repository
) -> bool:
    """Whether other files may take the imported loader from this module."""
    if module.scopes.scope_of[statement] is not module.scopes.module:
        return False
    return module.path.name == "__init__.py" or repository.importers_mention(module.path, bound)


def _recursion(
    call: ast.Call, pair: Pair, module: Module, repository: Repository
) -> Iterator[Refusal]:
    """A streamer that is itself built on its loader must not be made to call itself."""
    span = module.source.lines.span(call)
    around = [n for n in module.scopes.ancestors(call) if isinstance(n, FUNCTIONS)]
    home = pair.streamer.module
    fact = f"{pair.streamer.name} is built on this load"
    if module.path == home.path:
        reached = _reached_from(pair.streamer, repository)
        if any(function in reached for function in around):
            yield Refusal(Reason.SELF_REFERENCE, fact, span)
    elif module.path in _imports_of(home, repository):
        yield Refusal(Reason.SELF_REFERENCE, f"{home.path.name} imports this file", span)


def _reached_from(definition: Definition, repository: Repository) -> set[ast.AST]:
    """The functions of the same module that `definition` names, itself and theirs included."""
    reached: set[ast.AST] = set()
    pending = [definition]
    while pending:
        current = pending.pop()
        if current.function in reached:
            continue
        reached.add(current.function)
        for node in ast.walk(current.function):
            if isinstance(node, ast.Name):
                callee = repository.definition(current.module, node.id)
                if callee is not None:
                    pending.append(callee)
    return reached


def _imports_of(module: Module, repository: Repository) -> set[object]:
    """The files of the repository that `module` imports, directly."""
    paths: set[object] = set()
    for node in ast.walk(module.source.tree):
        if isinstance(node, ast.ImportFrom):
            paths.add(repository.find(node.module or "", node.level, module.path))
            for alias in node.names:
                dotted = f"{node.module}.{alias.name}" if node.module else alias.name
                paths.add(repository.find(dotted, node.level, module.path))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                paths.add(repository.find(alias.name, 0, module.path))
    paths.discard(None)
    return paths


def paired_stream(call: ast.Call, module: Module, repository: Repository) -> Iterator[Load]:
    """A stream call, for the patterns that mend how streams are used."""
    callee = resolve(call.func, module, repository)
    if callee is None or not isinstance(callee.definition.function, ast.FunctionDef):
        return
    streamer = callee.definition
    for name in loader_names(streamer.name):
        loader = repository.definition(streamer.module, name)
        pair = None if loader is None else find_pair(loader, repository)
        if pair is None or pair.streamer.function is not streamer.function:
            continue
        stream = _unfiltered(call, pair, module)
        expression, kind = call, Kind.STREAMED
        parent = module.scopes.parents[call]
        if _is_list_of(parent, call, module):
            assert isinstance(parent, ast.Call)
            expression, kind = parent, Kind.COLLECTED
        dotted = f"{repository.dotted_name(streamer.module.path)}.{streamer.name}"
        iterator = gives_iterator(streamer, repository)
        yield Load(kind, expression, call, dotted, dotted, pair.loader, iterator, stream, None, ())


def _is_list_of(parent: ast.AST, call: ast.Call, module: Module) -> bool:
    return (
        isinstance(parent, ast.Call)
        and isinstance(parent.func, ast.Name)
        and parent.func.id == "list"
        and not bindings_seen("list", module.scopes.scope_of[parent])
        and parent.args == [call]
        and not parent.keywords
    )


def _unfiltered(call: ast.Call, pair: Pair, module: Module) -> StreamCall | None:
    """The same call, to be given a filter; None where it has one or may have one."""
    unpacked = any(isinstance(a, ast.Starred) for a in call.args)
    unpacked = unpacked or any(k.arg is None for k in call.keywords)
    parameter = pair.filter_parameter
    if unpacked or parameter is None or any(k.arg == parameter for k in call.keywords):
        return None
    signature = pair.streamer.function.args
    positional = [a.arg for a in (*signature.posonlyargs, *signature.args)][: len(call.args)]
    if parameter in positional or len(call.args) > len(positional):
        return None
    lines = module.source.lines
    keywords = (None,) * (len(call.args) + len(call.keywords))
    return StreamCall(lines.span(call), lines.text(lines.span(call.func)), keywords, parameter)

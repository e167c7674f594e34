"""How a streamer is called from where its loader is called: its text, and the import it needs."""

from __future__ import annotations

import ast

from loadstream.analysis.callees import Callee, bindings_seen
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.plans import ImportChange
from loadstream.analysis.reach import is_bound_at
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS, Scope

Way = tuple[str, ImportChange | None]


def way_to_streamer(
    call: ast.Call, callee: Callee, streamer: Definition, module: Module, repository: Repository
) -> Way | Refusal:
    """The streamer beside a function that `call` calls."""
    lines = module.source.lines
    span = lines.span(call)
    name = streamer.name
    if streamer.owner is not None:
        fact = f"{streamer.qualified_name} is a method, the loader is not"
        return Refusal(Reason.UNRESOLVED, fact, span)
    if isinstance(call.func, ast.Attribute):
        if _defined(callee.origin, name, repository) == streamer:
            return f"{lines.text(lines.span(call.func.value))}.{name}", None
        if name_in_reach(streamer, call, module, repository) is not None:
            return name, None
        return Refusal(Reason.UNRESOLVED, f"{name} is not reachable beside the loader", span)
    if callee.statement is None or callee.alias is None:
        return _way_in_same_file(streamer, call, module, repository)
    assert isinstance(call.func, ast.Name)
    bound = call.func.id
    remove = None if _is_shared(bound, callee.statement, module, repository) else bound
    statement = lines.span(callee.statement)
    if name_in_reach(streamer, call, module, repository) is not None:
        return name, ImportChange(statement, None, remove)
    if _defined(callee.origin, name, repository) != streamer:
        where = "." * callee.statement.level + (callee.statement.module or "")
        return Refusal(Reason.UNRESOLVED, f"{name} cannot be imported from {where}", span)
    home = module.scopes.scope_of[callee.statement]
    is_free = not bindings_seen(name, module.scopes.scope_of[call])
    if is_free and not module.scopes.references(home, name):
        return name, ImportChange(statement, name, remove)
    return Refusal(Reason.UNRESOLVED, f"the name {name} is already used here", span)


def _way_in_same_file(
    streamer: Definition, call: ast.Call, module: Module, repository: Repository
) -> Way | Refusal:
    """The streamer beside a loader that is defined in the file where it is called."""
    span = module.source.lines.span(call)
    name = streamer.name
    scope = module.scopes.scope_of[call]
    if streamer.module.real_path != module.real_path:
        if name_in_reach(streamer, call, module, repository) is not None:
            return name, None
        fact = f"{name} stands in another file, and is not imported here"
        return Refusal(Reason.UNRESOLVED, fact, span)
    if bindings_seen(name, scope) != [module.scopes.module]:
        return Refusal(Reason.UNRESOLVED, f"the name {name} is bound again here", span)
    if not is_bound_at(name, module.scopes.module, call, module):
        return Refusal(Reason.UNRESOLVED, f"{name} may not be defined yet at this line", span)
    return name, None


def name_in_reach(
    streamer: Definition, call: ast.Call, module: Module, repository: Repository
) -> str | None:
    """The streamer's name, if it is bound where `call` stands, once, to the streamer, before."""
    scope = module.scopes.scope_of[call]
    home = scope.home(streamer.name)
    if bindings_seen(streamer.name, scope) != [home]:
        return None
    if _resolve_name(streamer.name, home, module, repository) != streamer:
        return None
    return streamer.name if is_bound_at(streamer.name, home, call, module) else None


def _defined(origin: Module | None, name: str, repository: Repository) -> Definition | None:
    return None if origin is None else repository.definition(origin, name)


def _resolve_name(
    name: str, home: Scope, module: Module, repository: Repository
) -> Definition | None:
    bindings = module.scopes.bindings(home, name)
    if len(bindings) != 1:
        return None
    node = bindings[0].node
    if isinstance(node, FUNCTIONS) and home.is_module:
        return repository.definition(module, name)
    if not isinstance(node, ast.alias):
        return None
    statement = module.scopes.parents[node]
    if not isinstance(statement, ast.ImportFrom):
        return None
    origin = repository.imported_module(statement, module.path)
    return None if origin is None else repository.definition(origin, node.name)


def _is_shared(
    bound: str, statement: ast.ImportFrom, module: Module, repository: Repository
) -> bool:
    """Whether others may take the imported loader from this module: files, or a prompt."""
    if module.scopes.scope_of[statement] is not module.scopes.module:
        return False
    if module.source.notebook is not None:
        return True
    return module.path.name == "__init__.py" or repository.importers_mention(module.path, bound)

"""Plain loads: `json.load(handle)`, and `json.loads` of a file's whole text."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from loadstream.analysis.callees import bindings_seen
from loadstream.analysis.data_files import PlainFile, called
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Module
from loadstream.analysis.notebook_imports import import_for
from loadstream.analysis.openings import (
    Given,
    InPlace,
    Opening,
    WholeText,
    find_opening,
    find_text_opening,
    is_read,
    path_of,
)
from loadstream.analysis.parts import Part, View
from loadstream.analysis.plans import RuntimeImport, StreamCall
from loadstream.analysis.reach import is_bound_at
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import Scope
from loadstream.analysis.spans import Span

NAMES = frozenset({"load", "loads"})  # what a plain load is called, unless it was renamed
FRESH_HANDLE = "file"


def plain_load(call: ast.Call, module: Module, repository: Repository) -> Iterator[Load]:
    """The load that `call` is, if it parses the whole of a file with the stdlib's json."""
    if is_other_loads(call):
        return
    imported = json_function(call.func, module, repository)
    if imported is None:
        return
    alias, name = imported
    span = module.source.lines.span(call)
    refusals: list[Refusal] = []
    opening: Opening | Refusal | None = None
    if len(call.args) == 1 and not isinstance(call.args[0], ast.Starred):
        find = find_opening if name == "load" else find_text_opening
        opening = find(call.args[0], call, module)
    elif name == "loads":
        return
    if name == "loads" and opening is None:
        return
    if call.keywords or len(call.args) != 1:
        fact = "json.load is given more than the file"
        refusals.append(Refusal(Reason.JSON_HOOKS, fact, span))
    if isinstance(opening, Refusal):
        refusals.append(opening)
        opening = None
    for other in ("json", f"json.{name}", "open"):
        if repository.patches(module.path, other):
            fact = f"another file replaces {module.path.stem}.{other}, as a test does"
            refusals.append(Refusal(Reason.PATCHED, fact, span))
            break
    if repository.replaces_json(module.source):
        refusals.append(Refusal(Reason.PATCHED, "a file replaces a function of json", span))
    if isinstance(opening, WholeText) and repository.replaces_reader(
        called(opening.call), module.source
    ):
        fact = f"a file replaces {called(opening.call)}(), as a test does"
        refusals.append(Refusal(Reason.PATCHED, fact, span))
    way = _way_to_runtime(View.ELEMENTS, call, alias, module, repository)
    if isinstance(way, Refusal):
        refusals.append(way)
    stream: StreamCall | None = None
    imports: RuntimeImport | None = None
    if opening is not None and not isinstance(way, Refusal):
        stream, imports = _stream_call(call, opening, Part(), module), way
    data = PlainFile(None if opening is None else path_of(opening))
    yield Load(
        Kind.LOADED,
        call,
        call,
        f"json.{name}",
        "loadstream.stream_json",
        data,
        True,
        stream,
        imports,
        tuple(refusals),
        opening,
    )


def is_other_loads(call: ast.Call) -> bool:
    """Whether this is a `json.loads` of something that no file gives, as its words tell alone."""
    is_loads = isinstance(call.func, ast.Attribute) and call.func.attr == "loads"
    return is_loads and not is_read(call.args)


def stream_of_part(
    load: Load, part: Part, module: Module, repository: Repository
) -> tuple[StreamCall, RuntimeImport] | Refusal:
    """The call of the runtime, and its import, that give `part` of what the plain `load` loads."""
    assert load.opening is not None
    imported = json_function(load.call.func, module, repository)
    assert imported is not None
    way = _way_to_runtime(part.view, load.call, imported[0], module, repository)
    if isinstance(way, Refusal):
        return way
    return _stream_call(load.call, load.opening, part, module), way


def _stream_call(call: ast.Call, opening: Opening, part: Part, module: Module) -> StreamCall:
    lines = module.source.lines
    match opening:
        case InPlace(opening=node) | Given(handle=node):
            source = lines.text(lines.span(node))
        case WholeText():
            source = FRESH_HANDLE
        case _:
            source = opening.name.id
    arguments = (source, *part.arguments())
    return StreamCall(lines.span(call), part.view.function, (), "filter_func", arguments)


def json_function(
    callee: ast.expr, module: Module, repository: Repository
) -> tuple[ast.alias, str] | None:
    """The import that `json.load`, or an imported `load`, comes from, and which function it is."""
    is_method = isinstance(callee, ast.Attribute)
    root = callee.value if isinstance(callee, ast.Attribute) else callee
    if not isinstance(root, ast.Name) or root.id not in module.json_names:
        return None
    if isinstance(callee, ast.Attribute) and callee.attr not in NAMES:
        return None
    scopes = module.scopes
    home = scopes.scope_of[root].home(root.id)
    bindings = scopes.changes(home, root.id)
    if not bindings or not all(isinstance(b.node, ast.alias) for b in bindings):
        return None
    aliases = [b.node for b in bindings if isinstance(b.node, ast.alias)]
    alias = aliases[0] if len(aliases) == 1 else import_for(root, aliases, module)
    if alias is None:
        return None
    statement = scopes.parents[alias]
    if repository.find("json", 0, module.path) is not None:
        return None
    if is_method and isinstance(statement, ast.Import) and alias.name == "json":
        assert isinstance(callee, ast.Attribute)
        return alias, callee.attr
    if (
        not is_method
        and isinstance(statement, ast.ImportFrom)
        and statement.module == "json"
        and not statement.level
        and alias.name in NAMES
    ):
        return alias, alias.name
    return None


def _way_to_runtime(
    view: View, call: ast.Call, alias: ast.alias, module: Module, repository: Repository
) -> RuntimeImport | Refusal:
    """How the runtime's function comes to be known where json is."""
    statement = module.scopes.parents[alias]
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    bound = alias.asname or alias.name
    at_prompt = module.source.notebook is not None and module.scopes.scope_of[statement].is_module
    stays = at_prompt or repository.takes_from(module.path, bound)  # the old name may be read
    return runtime_import(view.function, call, statement, None if stays else bound, module)


def runtime_import(
    name: str,
    node: ast.expr,
    statement: ast.Import | ast.ImportFrom,
    remove: str | None,
    module: Module,
) -> RuntimeImport | Refusal:
    """How the runtime's `name` comes to be known at `node`, by an import beside `statement`."""
    lines, scopes = module.source.lines, module.scopes
    place = lines.span(statement)
    taken = bindings_seen(name, scopes.scope_of[node])
    home = scopes.scope_of[statement]
    notebook = module.source.notebook
    if not taken and not scopes.references(home, name):
        found = _runtime_import(home, node)
        beside = None if found is None else lines.span(found)
        if notebook is not None and beside and not notebook.same_cell([place, beside]):
            beside = None
        return RuntimeImport(place, name, beside, remove)
    if (
        len(taken) == 1
        and (imports := _runtime_imports(name, taken[0], module))
        and (notebook is not None or is_bound_at(name, taken[0], node, module))
    ):
        here = notebook is None or any(notebook.same_cell([place, span]) for span in imports)
        is_needed = not here and home.is_module
        return RuntimeImport(place, name if is_needed else None, None, remove)
    return Refusal(Reason.UNRESOLVED, f"the name {name} is already used here", lines.span(node))


def _runtime_import(home: Scope, node: ast.expr) -> ast.ImportFrom | None:
    """A `from loadstream import …` at the top of the same scope, above `node`."""
    body = getattr(home.node, "body", [])
    for statement in body if isinstance(body, list) else []:
        if isinstance(statement, ast.ImportFrom) and statement.module == "loadstream":
            return statement if statement.lineno < node.lineno else None
    return None


def _runtime_imports(name: str, home: Scope, module: Module) -> list[Span]:
    """The imports that bind `name` from the runtime; none where something else binds it, too."""
    bindings = module.scopes.bindings(home, name)
    found = []
    for node in (binding.node for binding in bindings):
        statement = module.scopes.parents.get(node)
        if (
            isinstance(node, ast.alias)
            and isinstance(statement, ast.ImportFrom)
            and statement.module == "loadstream"
            and not statement.level
            and node.name == name
        ):
            found.append(module.source.lines.span(statement))
    in_cells = module.source.notebook is not None
    return found if len(found) == len(bindings) and (in_cells or len(found) == 1) else []

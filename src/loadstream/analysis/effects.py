"""What a piece of code may do to the world, as far as its text tells.

Two questions are asked. May this code run between a load and its pass without touching the data?
(`unknowns`: everything must be known to be harmless.) And: does a loader do something that
its streamer does not? (`markers`: signs such as printing, sorting or handling errors.)
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator

from loadstream.analysis.callees import resolve
from loadstream.analysis.data_files import (
    DataFile,
    called,
    opening_mode,
    opens_elsewhere,
    run_by,
)
from loadstream.analysis.deprecation import decorators, mark_in_body
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.possible_calls import functions_behind, functions_given
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import walk

# Calls of these change no file and run no code that could (callbacks are looked at on their own).
_HARMLESS_BUILTINS = frozenset(
    "abs all any ascii bin bool bytearray bytes chr complex dict divmod enumerate filter float "
    "format frozenset getattr hasattr hash hex id int isinstance issubclass iter len list "
    "map max min next oct ord pow print range repr reversed round set slice sorted str sum tuple "
    "type zip".split()
)
_HARMLESS_NAMES = frozenset(
    "ArgumentParser Counter OrderedDict Path PurePath defaultdict deque namedtuple Decimal "
    "Fraction date datetime timedelta perf_counter monotonic getLogger".split()
)
_HARMLESS_METHODS = frozenset(
    "abspath add add_argument add_argument_group append arange basename basicConfig capitalize "
    "casefold clear commonprefix compile count critical date debug decode defaultdict deque "
    "difference dirname elements encode endswith error exception exists expanduser extend find "
    "findall finditer format fromisoformat fromtimestamp fullmatch get getenv getLogger getmtime "
    "getsize glob iglob index info insert intersection is_dir is_file isalpha isdigit isdir "
    "isfile islink isoformat isoweekday items join joinpath keys listdir ljust log lower lstrip "
    "makedirs match mkdir monotonic most_common normpath now ones parse_args parse_known_args "
    "partition perf_counter process_time read read_bytes read_text realpath relative_to resolve "
    "rfind rjust rpartition rsplit rstrip search seed setdefault setLevel split splitext "
    "splitlines startswith strftime strip strptime sub time timestamp title today total_seconds "
    "union update upper values warn warning weekday with_suffix writeheader writer writerow "
    "writerows zeros ArgumentParser Counter DictWriter OrderedDict Path".split()
)
_LOGGING = frozenset("debug info warning warn error critical exception log".split())
_SEEN_CALLS = frozenset(
    "print mkdir makedirs write writelines writeheader writerow writerows next".split()
)
_CHANGING = frozenset("add append clear extend insert setdefault update".split())
_READERS = frozenset(
    "json.load json.loads json.dumps loadstream.stream_json loadstream.stream_items "
    "loadstream.stream_values loadstream.stream_lines".split()
)
WARNS = "warns that it is deprecated"
SEEN = frozenset({"prints", "writes", "keeps state", WARNS})  # the signs of what others notice
_DEEPEST = 6  # calls of repository functions that are followed


def unknowns(
    nodes: Iterable[ast.AST],
    module: Module,
    repository: Repository,
    data: DataFile | None,
    depth: int = _DEEPEST,
) -> Iterator[ast.expr]:
    """The expressions under `nodes` that are not known to leave the data alone.

    Calls of functions of the repository are followed `depth` deep.
    """
    for node in run_by(nodes):
        suspends = isinstance(node, ast.Await | ast.Yield | ast.YieldFrom)
        if suspends or (
            isinstance(node, ast.Call) and not _harmless(node, module, repository, data, depth)
        ):
            assert isinstance(node, ast.expr)
            yield node


def _harmless(
    call: ast.Call, module: Module, repository: Repository, data: DataFile | None, depth: int
) -> bool:
    if not _is_harmless_by_name(call, module, data):
        found = resolve(call.func, module, repository)
        return found is not None and _runs_harmless(found.definition, repository, data, depth)
    if any(_is_unknown_callback(one, module) for one in _callbacks(call)):
        return False
    own = [*functions_given(call, module, repository)]
    if isinstance(call.func, ast.Attribute):
        own += functions_behind(call.func, module, repository)
    return all(_runs_harmless(function, repository, data, depth) for function in own)


def _callbacks(call: ast.Call) -> list[ast.expr]:
    """What a builtin is given to be called: `map(f, rows)`, `sorted(rows, key=f)`."""
    keys = [keyword.value for keyword in call.keywords if keyword.arg == "key"]
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return [*keys, *(call.args[:1] if name in ("map", "filter") else [])]


def _is_unknown_callback(callback: ast.expr, module: Module) -> bool:
    """Whether a callback is a parameter, or another name that stands for anything."""
    if not isinstance(callback, ast.Name):
        return False
    bindings = module.scopes.bindings(
        module.scopes.scope_of[callback].home(callback.id), callback.id
    )
    at_top = (*FUNCTIONS, ast.alias)
    return any(not isinstance(b.node, at_top) or not b.scope.is_module for b in bindings)


def _runs_harmless(
    function: Definition, repository: Repository, data: DataFile | None, depth: int
) -> bool:
    """Whether a function of the repository may be called without a change to the data."""
    body = function.function.body
    if depth == 0 or decorators(function):
        return False
    if any(isinstance(node, ast.Global) for node in run_by(body)):
        return False
    return not any(unknowns(body, function.module, repository, data, depth - 1))


def _is_harmless_by_name(call: ast.Call, module: Module, data: DataFile | None) -> bool:
    """Whether a call is harmless if what it calls is what its name says."""
    callee = call.func
    if isinstance(callee, ast.Attribute):
        if callee.attr == "open":
            return opens_elsewhere(call, data)
        if _imported(callee.value, module) == "json":
            return callee.attr in ("load", "loads", "dumps")
        return callee.attr in _HARMLESS_METHODS or _writes_elsewhere(callee, module)
    if not isinstance(callee, ast.Name):
        return False
    name = callee.id
    if not module.scopes.bindings(module.scopes.scope_of[callee].home(name), name):
        if name == "open":
            return opens_elsewhere(call, data)
        return name in _HARMLESS_BUILTINS or _is_exception(name)
    if _imported(callee, module) in _READERS:
        return True
    if not module.scopes.scope_of[callee].home(name).is_module:
        return False
    binding = module.only_binding(name)
    return binding is not None and isinstance(binding.node, ast.alias) and name in _HARMLESS_NAMES


def _writes_elsewhere(callee: ast.Attribute, module: Module) -> bool:
    """Whether a method writes to a file that with blocks opened, which is looked at there."""
    handle = callee.value
    if callee.attr not in ("write", "writelines", "flush") or not isinstance(handle, ast.Name):
        return False
    home = module.scopes.scope_of[handle].home(handle.id)
    bindings = module.scopes.changes(home, handle.id)
    return bool(bindings) and all(_is_opened(r.node, module) for r in bindings)


def _is_opened(target: ast.AST, module: Module) -> bool:
    """Whether `target` stands in `with open(…) as target:`."""
    item = module.scopes.parents.get(target)
    context = item.context_expr if isinstance(item, ast.withitem) else None
    return isinstance(context, ast.Call) and called(context) == "open"


def _imported(name: ast.expr, module: Module) -> str:
    """What a name that one import binds stands for, such as `json` or `json.load`."""
    if not isinstance(name, ast.Name):
        return ""
    home = module.scopes.scope_of[name].home(name.id)
    binders = module.scopes.changes(home, name.id)
    alias = binders[0].node if len(binders) == 1 else None
    if not isinstance(alias, ast.alias):
        return ""
    statement = module.scopes.parents[alias]
    if isinstance(statement, ast.ImportFrom):
        return "" if statement.level else f"{statement.module}.{alias.name}"
    return alias.name


def _is_exception(name: str) -> bool:
    """Whether a builtin is an exception, which is made to be raised."""
    builtin = getattr(builtins, name, None)
    return isinstance(builtin, type) and issubclass(builtin, BaseException)


def changes(call: ast.Call) -> bool:
    """Whether a harmless call changes something in place: `seen.add(…)`."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in _CHANGING


def is_seen(call: ast.Call, module: Module, repository: Repository) -> bool:
    """Whether a harmless call does something that a user could see: prints, logs, makes files."""
    callee = call.func
    name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
    if name in _LOGGING | _SEEN_CALLS:
        return True
    own = (
        *functions_behind(callee, module, repository),
        *functions_given(call, module, repository),
    )
    return bool(own)


def markers(definition: Definition, repository: Repository) -> frozenset[str]:
    """Signs of what a loader or streamer does besides reading, its helpers included.

    `prints`, `sorts`, `handles errors`, `checks for the file`, `writes`, `keeps state`,
    `is decorated as a cache`, `warns that it is deprecated` (and does not print for that).
    """
    found: set[str] = set()
    _collect_markers(definition, repository, found, set(), _DEEPEST, gives_result=True)
    return frozenset(found)


def _collect_markers(
    definition: Definition,
    repository: Repository,
    found: set[str],
    seen: set[ast.AST],
    depth: int,
    gives_result: bool,
) -> None:
    """Collect the signs of a function; `gives_result`: what it returns is what the loader does."""
    if definition.function in seen or depth == 0:
        return
    seen.add(definition.function)
    mark = mark_in_body(definition) if depth == _DEEPEST else None
    if mark is not None:
        found.add(WARNS)
    for decorator in decorators(definition):
        if "cache" in ast.unparse(decorator) or "memo" in ast.unparse(decorator):
            found.add("is decorated as a cache")
    handed_on: set[ast.AST] = set()
    for node in walk(definition.function):
        if gives_result and isinstance(node, ast.Return) and node.value is not None:
            handed_on.update(_origins(node.value, definition.module))
    for node in walk(definition.function):
        if isinstance(node, ast.Global):
            found.add("keeps state")
        elif isinstance(node, ast.Try) and node.handlers:
            found.add("handles errors")
        elif isinstance(node, ast.Name) and node in handed_on:
            found.add("keeps state")
        elif isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            if _is_state(node, definition):
                found.add("keeps state")
        elif isinstance(node, ast.Call):
            if mark is None or definition.module.scopes.statement(node) is not mark:
                _mark_call(node, found)
            if changes(node) and _is_state(node.func, definition):
                found.add("keeps state")
            if isinstance(node.func, ast.Name):
                callee = repository.definition(definition.module, node.func.id)
                if callee is not None:
                    is_result = node in handed_on
                    _collect_markers(callee, repository, found, seen, depth - 1, is_result)


def _mark_call(call: ast.Call, found: set[str]) -> None:
    callee = call.func
    name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
    if name == "print" or (name in _LOGGING and isinstance(callee, ast.Attribute)):
        found.add("prints")
    elif name in ("sort", "sorted", "reverse", "reversed"):
        found.add("sorts")
    elif name in ("exists", "is_file", "isfile"):
        found.add("checks for the file")
    elif name in ("write", "write_text", "write_bytes", "dump", "unlink", "rename") or (
        name == "open" and set(opening_mode(call) or "w") & set("wax+")
    ):
        found.add("writes")
    elif name == "suppress":
        found.add("handles errors")


def _is_state(target: ast.expr, definition: Definition) -> bool:
    """Whether what a function changes in place outlives the call: the module's, or a default."""
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    if not isinstance(target, ast.Name):
        return False
    scopes = definition.module.scopes
    home = scopes.scope_of[target].home(target.id)
    return home.is_module or any(
        isinstance(binding.node, ast.arg) and _has_container(binding.node, definition)
        for binding in scopes.bindings(home, target.id)
    )


def _has_container(parameter: ast.arg, definition: Definition) -> bool:
    """Whether a parameter's default is an object that every call shares: `cache={}`."""
    arguments = definition.function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    count = len(arguments.defaults)
    pairs = [
        *zip(positional[len(positional) - count :], arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    default = next((value for name, value in pairs if name is parameter), None)
    return default is not None and not isinstance(default, ast.Constant)


def _origins(value: ast.expr, module: Module, depth: int = _DEEPEST) -> Iterator[ast.AST]:
    """Where a returned object comes from: names that outlive the call, and calls that give it.

    It may be taken out of them. A local name is what any assignment gives it.
    """
    while isinstance(value, ast.Subscript | ast.Attribute):
        value = value.value
    if isinstance(value, ast.BoolOp | ast.IfExp):
        parts = value.values if isinstance(value, ast.BoolOp) else [value.body, value.orelse]
        for part in parts:
            yield from _origins(part, module, depth)
    elif isinstance(value, ast.Call):
        callee = value.func
        if isinstance(callee, ast.Attribute) and callee.attr in ("get", "setdefault"):
            yield from _origins(callee.value, module, depth)
        else:
            yield value
    elif isinstance(value, ast.Name) and depth:
        home = module.scopes.scope_of[value].home(value.id)
        if value.id == "self" or home.is_module:
            yield value
            return
        for binding in module.scopes.bindings(home, value.id):
            binder = module.scopes.parents.get(binding.node)
            if isinstance(binder, ast.Assign | ast.AnnAssign | ast.NamedExpr) and binder.value:
                yield from _origins(binder.value, module, depth - 1)

"""What a piece of code may do to the world, as far as its text tells.

Two questions are asked. May this code run between a load and its pass without touching the data?
(`unknowns`: everything must be known to be harmless.) And: does a loader do something that
its streamer does not? (`markers`: signs such as printing, sorting or handling errors.)
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator

from loadstream.analysis.modules import Definition, Module, Repository
from loadstream.analysis.scopes import FUNCTIONS

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
    "add add_argument add_argument_group append basicConfig capitalize casefold clear compile "
    "count critical date debug decode difference elements encode endswith error exception "
    "exists extend find findall finditer format fromisoformat fromtimestamp fullmatch get "
    "getLogger index info insert intersection is_dir is_file isalpha isdigit isoformat isoweekday "
    "items join joinpath keys ljust log lower lstrip match monotonic most_common now "
    "parse_args partition perf_counter process_time relative_to resolve rfind rjust rpartition "
    "rsplit rstrip search setdefault setLevel split splitlines startswith strftime strip strptime "
    "sub time timestamp title today total_seconds union update upper values warn warning weekday "
    "with_suffix writeheader writerow writerows writer DictWriter ArgumentParser Counter "
    "OrderedDict defaultdict deque Path".split()
)
_LOGGING = frozenset("debug info warning warn error critical exception log".split())
_DEEPEST = 6  # calls of repository functions that are followed


def unknowns(
    nodes: Iterable[ast.AST],
    module: Module,
    repository: Repository,
    loader: Definition | None,
    depth: int = _DEEPEST,
) -> Iterator[ast.expr]:
    """The expressions under `nodes` that are not known to leave the loader's data alone.

    Calls of functions of the repository are followed `depth` deep.
    """
    for node in _run_by(nodes):
        suspends = isinstance(node, ast.Await | ast.Yield | ast.YieldFrom)
        if suspends or (
            isinstance(node, ast.Call) and not _harmless(node, module, repository, loader, depth)
        ):
            assert isinstance(node, ast.expr)
            yield node


def _run_by(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Everything under `nodes` that runs when they run: bodies of nested functions do not."""
    pending = list(nodes)
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, FUNCTIONS):
            pending.extend([*node.decorator_list, *node.args.defaults])
        else:
            pending.extend(ast.iter_child_nodes(node))


def _harmless(
    call: ast.Call, module: Module, repository: Repository, loader: Definition | None, depth: int
) -> bool:
    callee = call.func
    if isinstance(callee, ast.Attribute):
        if callee.attr == "open":
            return _opens_elsewhere(call, loader)
        return callee.attr in _HARMLESS_METHODS
    if not isinstance(callee, ast.Name):
        return False
    name = callee.id
    scope = module.scopes.scope_of[callee]
    home = scope.home(name)
    if not module.scopes.bindings(home, name):
        if name == "open":
            return _opens_elsewhere(call, loader)
        return name in _HARMLESS_BUILTINS and hasattr(builtins, name)
    if not home.is_module:
        return False
    definition = repository.definition(module, name)
    if definition is not None:
        if depth == 0 or definition.function.decorator_list:
            return False
        body = definition.function.body
        return not any(unknowns(body, definition.module, repository, loader, depth - 1))
    binding = module.only_binding(name)
    return binding is not None and isinstance(binding.node, ast.alias) and name in _HARMLESS_NAMES


def opening_mode(call: ast.Call) -> str | None:
    """The mode of an `open(…)` or `path.open(…)`; None where it is computed."""
    position = 0 if isinstance(call.func, ast.Attribute) else 1
    mode: ast.expr | None = call.args[position] if len(call.args) > position else None
    for keyword in call.keywords:
        if keyword.arg == "mode":
            mode = keyword.value
        elif keyword.arg is None:
            return None
    if mode is None:
        return "r"
    return mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else None


def _opens_elsewhere(call: ast.Call, loader: Definition | None) -> bool:
    """Whether an open() only reads, or writes a file that the loader's module does not name."""
    mode = opening_mode(call)
    if mode is not None and not set(mode) & set("wax+"):
        return True
    if isinstance(call.func, ast.Attribute) or not call.args or loader is None:
        return False
    path = call.args[0]
    if not isinstance(path, ast.Constant) or not isinstance(path.value, str):
        return False
    base = re.split(r"[/\\]", path.value)[-1]
    return bool(base) and base not in loader.module.source.text


def writes_named_source(nodes: Iterable[ast.AST], loader: Definition) -> ast.Call | None:
    """A call under `nodes` that plainly writes the loader's data: `save_x` beside `load_x`, or an
    open() for writing of a file that the loader's module names.
    """
    noun = loader.name.partition("_")[2]
    writers = {f"{verb}_{noun}" for verb in ("save", "write", "dump", "store", "update")}
    for node in _run_by(nodes):
        if not isinstance(node, ast.Call):
            continue
        callee = node.func
        name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
        if name in writers:
            return node
        if name != "open":
            continue
        mode = opening_mode(node)
        path = node.args[0] if node.args else None
        if (
            mode is not None
            and set(mode) & set("wax+")
            and isinstance(path, ast.Constant)
            and not _opens_elsewhere(node, loader)
        ):
            return node
    return None


def markers(definition: Definition, repository: Repository) -> frozenset[str]:
    """Signs of what a loader or streamer does besides reading, its helpers included.

    `prints`, `sorts`, `handles errors`, `checks for the file`, `writes`, `keeps state`,
    `is decorated as a cache`.
    """
    found: set[str] = set()
    _collect_markers(definition, repository, found, set(), _DEEPEST)
    return frozenset(found)


def _collect_markers(
    definition: Definition,
    repository: Repository,
    found: set[str],
    seen: set[ast.AST],
    depth: int,
) -> None:
    if definition.function in seen or depth == 0:
        return
    seen.add(definition.function)
    for decorator in definition.function.decorator_list:
        if "cache" in ast.unparse(decorator) or "memo" in ast.unparse(decorator):
            found.add("is decorated as a cache")
    for node in ast.walk(definition.function):
        if isinstance(node, ast.Global):
            found.add("keeps state")
        elif isinstance(node, ast.Try) and node.handlers:
            found.add("handles errors")
        elif isinstance(node, ast.Return) and node.value is not None:
            if _returns_state(node.value, definition.module):
                found.add("keeps state")
        elif isinstance(node, ast.Call):
            _mark_call(node, found)
            if isinstance(node.func, ast.Name):
                callee = repository.definition(definition.module, node.func.id)
                if callee is not None:
                    _collect_markers(callee, repository, found, seen, depth - 1)


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


def _returns_state(value: ast.expr, module: Module) -> bool:
    """Whether a returned expression is, or is taken out of, something that outlives the call."""
    while isinstance(value, ast.Subscript | ast.Attribute):
        value = value.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return value.func.attr in ("get", "setdefault") and _returns_state(value.func.value, module)
    if not isinstance(value, ast.Name):
        return False
    return value.id == "self" or module.scopes.scope_of[value].home(value.id).is_module

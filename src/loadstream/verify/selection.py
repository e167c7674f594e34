"""Says what a change touches, without running anything: scripts, callables, and what is left over.

Both versions are read with `ast`. A script counts when it changed or when it imports, however
indirectly, a module that did; a callable when its own code differs and it needs no arguments.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from loadstream.verify.callables import changed_callables, last_name
from loadstream.verify.changed_lines import ChangedFile, changed_files
from loadstream.verify.checks import Call, Check, Script
from loadstream.verify.trees import walk

_NEVER_RUN = frozenset(("setup.py", "conftest.py", "noxfile.py"))
_NEVER_SCRIPTS = _NEVER_RUN | {"__init__.py"}


@dataclass(frozen=True, slots=True)
class Selection:
    """The checks that the change calls for, and in `notes` what changed but is not run, and why.

    `required` are the changed files with an old version that the checks must have run.
    """

    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """The Python files of one side, parsed; a file that does not parse is left out."""

    root: Path
    trees: Mapping[str, ast.Module]
    sources: Mapping[str, str]

    def importers_of(self, changed: Iterable[str]) -> set[str]:
        """Every file that imports one of `changed`, directly or not, and `changed` itself."""
        reverse: dict[str, set[str]] = {}
        for path, tree in self.trees.items():
            for imported in self._imports(path, tree):
                reverse.setdefault(imported, set()).add(path)
        found = set(changed)
        pending = list(found)
        while pending:
            for importer in reverse.get(pending.pop(), ()):
                if importer not in found:
                    found.add(importer)
                    pending.append(importer)
        return found

    def imported_by(self, path: str) -> tuple[str, ...]:
        """`path` and every file of the tree that it imports, nearest first."""
        found = [path]
        for current in found:
            tree = self.trees.get(current)
            if tree is not None:
                found.extend(f for f in self._imports(current, tree) if f not in found)
        return tuple(dict.fromkeys(found))

    def _imports(self, path: str, tree: ast.Module) -> list[str]:
        names: list[str] = []
        package = PurePosixPath(path).parent
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.extend(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                prefix = node.module or ""
                if node.level:
                    base = package
                    for _ in range(node.level - 1):
                        base = base.parent
                    dotted = ".".join(part for part in base.parts if part != ".")
                    prefix = f"{dotted}.{prefix}".strip(".")
                names.append(prefix)
                names.extend(f"{prefix}.{alias.name}".strip(".") for alias in node.names)
        roots = [PurePosixPath("."), PurePosixPath("src"), *([package] if package.parts else [])]
        found: list[str] = []
        for name in dict.fromkeys(names):
            parts = name.split(".")
            for root in roots:
                # Importing a.b.c runs a/__init__.py and a/b/__init__.py as well.
                for count in range(1, len(parts) + 1):
                    place = root.joinpath(*parts[:count])
                    files = (f"{place}.py", f"{place}/__init__.py")
                    found.extend(f for f in files if f in self.trees and f != path)
        return found


def read_code(root: Path) -> Code:
    """Parse every Python file of the tree at `root`."""
    trees: dict[str, ast.Module] = {}
    sources: dict[str, str] = {}
    for path in walk(root):
        if path.endswith(".py"):
            parsed = parse_file(root / path)
            if parsed is not None:
                trees[path], sources[path] = parsed
    return Code(root, trees, sources)


def parse_file(path: Path) -> tuple[ast.Module, str] | None:
    """The tree and the text of a file, None where it is not readable Python."""
    try:
        data = path.read_bytes()
        return ast.parse(data), data.decode("utf-8", "replace")
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def select(old: Code, new: Code, changed: Iterable[str], prefix: str = "") -> Selection:
    """The checks for the files `changed`; only scripts below the folder `prefix` are taken."""
    python = [path for path in changed if path.endswith(".py")]
    notes = [
        f"{path} is a notebook: it is not run; run its cells before and after by hand"
        for path in changed
        if path.endswith(".ipynb") and path.startswith(prefix)
    ]
    differing = []
    for path in python:
        if path not in new.trees and path in old.trees:
            place = new.root / path
            why = "it does not parse" if place.exists() else "it was deleted"
            notes.append(f"{path} is not run: {why}")
        elif (path in old.trees and not _same_code(old.trees[path], new.trees[path])) or (
            path not in old.trees and path in new.trees
        ):
            differing.append(path)
    touched = new.importers_of(differing)
    checks: list[Check] = []
    covered: set[str] = set()
    for path in sorted(touched):
        if path not in old.trees or path not in new.trees or not path.startswith(prefix):
            continue
        files = [file for file in new.imported_by(path) if file in differing]
        if _is_test(path):
            continue
        if is_script(path, new) and is_script(path, old):
            checks.append(Check(path, script_target(path, new.trees[path]), files=tuple(files)))
            covered.update(files)
        elif path in differing:
            for function in changed_callables(old.trees[path], new.trees[path]):
                module = module_name(path, new.root)
                name = f"{path}:{function}"
                target = Call(module, function, path=path)
                checks.append(Check(name, target, files=tuple(files)))
                covered.update(files)
    for path in differing:
        if path in covered or not path.startswith(prefix):
            continue
        if path not in old.trees and (old.root / path).exists():
            notes.append(f"{path} is not run: its old version does not parse")
        elif path not in old.trees:
            notes.append(f"{path} is new: there is no old version to compare it with")
        elif _is_test(path):
            notes.append(f"{path} is a test: it is not run")
        else:
            notes.append(
                f"{path} is not run: no script uses it and no changed function "
                "can be called with nothing; name one in [[tool.loadstream.checks]]"
            )
    required = [
        path
        for path in differing
        if path in old.trees
        and path.startswith(prefix)
        and not _is_test(path)
        and PurePosixPath(path).name not in _NEVER_RUN
    ]
    return Selection(tuple(checks), tuple(notes), tuple(required))


def differences(old: Code, new: Code, changed: Iterable[str]) -> dict[str, ChangedFile]:
    """What differs in each of the Python files `changed`, function by function."""
    return changed_files(changed, (old.trees, old.sources), (new.trees, new.sources))


def _same_code(old: ast.Module, new: ast.Module) -> bool:
    return ast.dump(old) == ast.dump(new)


def _is_test(path: str) -> bool:
    place = PurePosixPath(path)
    return (
        place.name.startswith("test_")
        or place.stem.endswith("_test")
        or place.name == "conftest.py"
        or any(part in ("tests", "test") for part in place.parts[:-1])
    )


def is_script(path: str, code: Code) -> bool:
    """True for a file with a main guard, or with work at its top level that nobody imports."""
    if PurePosixPath(path).name in _NEVER_SCRIPTS or _is_test(path):
        return False
    tree = code.trees[path]
    if any(_is_main_guard(node) for node in tree.body):
        return True
    if any(_is_plain_work(node) for node in tree.body):
        return True
    if not any(_calls(node) for node in tree.body):
        return False
    return len(code.importers_of([path])) == 1


def _is_main_guard(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If) or not isinstance(node.test, ast.Compare):
        return False
    names = [node.test.left, *node.test.comparators]
    return any(isinstance(name, ast.Name) and name.id == "__name__" for name in names)


def _is_plain_work(node: ast.stmt) -> bool:
    """A call to print, or a loop that calls something: no library does this when imported."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        return isinstance(function, ast.Name) and function.id in ("print", "main")
    return isinstance(node, (ast.For, ast.While)) and _calls(node, ("print", "append", "write"))


def _calls(node: ast.stmt, names: tuple[str, ...] = ()) -> bool:
    """True where executing `node` calls something (one of `names`) that is not a definition."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return False
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            called = last_name(inner.func)
            if names and called not in names:
                continue
            if names or called not in _HARMLESS:
                return True
    return False


_HARMLESS = frozenset(
    (
        "Path getLogger compile namedtuple TypeVar NewType cast field partial lru_cache "
        "basicConfig filterwarnings resolve joinpath dirname abspath join insert append extend "
        "getenv get frozenset set dict"
    ).split()
)


def reads_arguments(tree: ast.Module) -> bool:
    """Whether a script looks at its command line, by itself or with a usual library."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "argv":
            return True
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            if any(name.split(".")[0] in _PARSERS for name in names):
                return True
    return False


_PARSERS = frozenset(("argparse", "argv", "click", "docopt", "fire", "getopt", "optparse", "typer"))


def script_target(path: str, tree: ast.Module, args: tuple[str, ...] = ()) -> Script:
    """How the script at `path` is run: by its path, or as a module where it imports relatively."""
    relative = any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree))
    module = None
    if relative:
        parts = PurePosixPath(path).with_suffix("").parts
        module = ".".join(parts[1:] if parts[0] == "src" else parts)
    return Script(path, args, module)


def module_name(path: str, root: Path) -> str:
    """The dotted name under which a file of the tree is imported."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    if parts[0] == "src" and not (root / "src" / "__init__.py").exists():
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    if all(part.isidentifier() for part in parts):
        return ".".join(parts)
    return parts[-1]


def import_path(path: str) -> tuple[str, ...]:
    """Folders, relative to the tree, from which the code at `path` imports."""
    folder = str(PurePosixPath(path).parent)
    return tuple(dict.fromkeys(("", "src", "" if folder == "." else folder)))


def compared_variables(old: ast.Module, new: ast.Module) -> tuple[str, ...]:
    """Names that both versions of a script bind at their top level, outside of any loop.

    These are the results of a script that prints nothing. A loop's own names are left out: which
    element was seen last is nothing that anybody reads.
    """
    names = _bound_names(old) & _bound_names(new)
    return tuple(sorted(name for name in names if not hasattr(builtins, name)))


def _bound_names(tree: ast.Module) -> set[str]:
    bound: set[str] = set()
    loops: set[str] = set()
    pending: list[tuple[ast.stmt, bool]] = [(node, False) for node in tree.body]
    while pending:
        node, in_loop = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        looping = in_loop or isinstance(node, (ast.For, ast.While))
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For)):
            targets = [node.target]
        found = {
            inner.id
            for target in targets
            for inner in ast.walk(target)
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
        }
        # A running total is assigned in the loop and before it: that is a result.
        (loops if looping and not isinstance(node, ast.AugAssign) else bound).update(found)
        for field in ("body", "orelse", "finalbody"):
            pending.extend((child, looping) for child in getattr(node, field, ()))
        for handler in getattr(node, "handlers", ()):
            pending.extend((child, looping) for child in handler.body)
    return {name for name in bound - loops if not name.startswith("_")}

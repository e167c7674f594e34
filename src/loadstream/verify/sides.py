"""Fills a workspace with both sides and says how a check is run on each.

For revisions the old side is the base's files with the data that git does not know, the new side
is the working tree. For two callables each side is a copy of the tree that its file is in.
"""

from __future__ import annotations

import ast
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from loadstream.verify import git
from loadstream.verify.callables import binds, callables, callables_beside, needs_arguments
from loadstream.verify.changed_lines import ChangedFile
from loadstream.verify.checks import Call, Check, Script, Target
from loadstream.verify.model import VerifyError
from loadstream.verify.predicates import Predicate, find_predicates
from loadstream.verify.runner import Run
from loadstream.verify.selection import (
    Code,
    compared_variables,
    differences,
    import_path,
    module_name,
    parse_file,
    script_target,
)
from loadstream.verify.trees import place_content, walk
from loadstream.verify.workspace import LARGE, Workspace

_DATA = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".gz", ".bz2", ".xz", ".zst", ".zip")
_MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Pair:
    """A check with how it is run on each side, and the parsed code that it is made of."""

    check: Check
    runs: Mapping[str, Run]
    trees: tuple[ast.Module, ...]


def watching(pair: Pair, lines: Mapping[str, tuple[int, ...]]) -> Pair:
    """The same, with these lines of the new side noted when they run, by file."""
    new = replace(pair.runs["new"], lines=tuple(lines.items()))
    return replace(pair, runs={**pair.runs, "new": new})


def fill_from_revision(
    workspace: Workspace, revision: git.Revision, changed: tuple[str, ...]
) -> tuple[str, ...]:
    """Make both sides of `revision` against its working tree; returns notes for the report."""
    root = revision.root
    present = list(walk(root))
    workspace.add("new", root, present)
    git.write_base(revision, workspace.masters["old"])
    then, now = git.tracked_paths(revision)
    differing = set(changed)
    # Data is often not in git: both sides read the same. New code is part of the change. Large
    # files that are tracked and unchanged are the same too, and then need no second copy.
    shared = [
        path
        for path in present
        if (path not in then and path not in now and path not in differing)
        or (path in differing and path.endswith(_DATA))
        or (path in differing and path not in now and not path.endswith(".py"))
        or (path in then and path not in differing and _is_large(root / path))
    ]
    workspace.add("old", root, shared)
    workspace.add_folders(root)
    replaced = sorted(path for path in shared if path in then and path in differing)
    return tuple(
        f"{path} differs from {revision.name}: both sides read the working tree's"
        for path in replaced
    )


def fill_with_contents(workspace: Workspace, root: Path, contents: Mapping[str, bytes]) -> None:
    """Make both sides from the working tree at `root`, the new one with `contents` in place.

    `contents` are the new bytes of files that are there, by path. Raises `VerifyError` where one
    is not.
    """
    present = list(walk(root))
    for side in workspace.masters:
        workspace.add(side, root, present)
    workspace.add_folders(root)
    for path, data in contents.items():
        place = workspace.masters["new"] / path
        try:
            status = place.stat()
        except OSError:
            raise VerifyError(f"there is no file {path} in {root} any more") from None
        place_content(place, data, status.st_mtime_ns)
        place.chmod(status.st_mode)


def _is_large(path: Path) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size >= LARGE


def pair_of(
    check: Check, root: Path, directory: str, interpreter: str, old: Code, new: Code
) -> Pair:
    """How `check` is run on both sides of the repository at `root`, from the folder `directory`.

    Raises `VerifyError` where a side does not have what the check names.
    """
    targets = {
        "old": resolve(check, old, directory, "the base"),
        "new": resolve(check, new, directory, "the working tree"),
    }
    path = _path_of(targets["new"])
    variables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    if isinstance(targets["new"], Script) and path in old.trees and path in new.trees:
        variables = compared_variables(old.trees[path], new.trees[path])
        functions = callables_beside(old.trees[path], new.trees[path])
    runs = {
        side: Run(
            target=target,
            directory=directory,
            original=root,
            interpreter=interpreter,
            import_path=import_path(_path_of(target)),
            variables=variables,
            functions=functions,
            predicates=_predicates(new, path) if side == "new" else (),
        )
        for side, target in targets.items()
    }
    return Pair(check, runs, _trees(old, _path_of(targets["old"])) + _trees(new, path))


def _predicates(code: Code, path: str) -> tuple[Predicate, ...]:
    return find_predicates(
        {file: code.trees[file] for file in code.imported_by(path) if file in code.trees}
    )


def _trees(code: Code, path: str) -> tuple[ast.Module, ...]:
    return tuple(code.trees[file] for file in code.imported_by(path) if file in code.trees)


def _path_of(target: Target) -> str:
    return target.path or ""


def resolve(check: Check, code: Code, directory: str, where: str) -> Target:
    """The check's target with its file known, as it is on one side."""
    target = check.target
    if isinstance(target, Script):
        if target.module is not None and not target.path:
            return target
        for path in (target.path, str(PurePosixPath(directory) / target.path)):
            if path in code.trees:
                return script_target(path, code.trees[path], target.args)
        if (code.root / target.path).exists():
            raise VerifyError(f"check {check.name!r}: {target.path} does not parse in {where}")
        raise VerifyError(f"check {check.name!r}: there is no script {target.path} in {where}")
    file = target.path or _module_file(target.module, code)
    if file is None or file not in code.trees:
        raise VerifyError(f"check {check.name!r}: there is no module {target.module} in {where}")
    if not binds(code.trees[file], target.function):
        raise VerifyError(
            f"check {check.name!r}: there is no function {target.function} in {file} in {where}"
        )
    return Call(target.module, target.function, target.args, target.kwargs, file)


def _module_file(module: str, code: Code) -> str | None:
    place = PurePosixPath(*module.split("."))
    for root in (PurePosixPath("."), PurePosixPath("src")):
        for file in (f"{root / place}.py", f"{root / place}/__init__.py"):
            if file in code.trees:
                return file
    return None


# two callables


@dataclass(frozen=True, slots=True)
class Named:
    """One side of a comparison as it was given: its tree, its file in it, what is run of it.

    `function` is a function or `Class.method`, None for a script, which has `args`.
    """

    text: str
    root: Path
    path: str
    function: str | None
    args: tuple[str, ...] = ()


def find_named(text: str, here: Path) -> Named:
    """What `path.py:function`, `pkg.module:function` or `path.py --option` names from `here`.

    Raises `VerifyError` for a missing file or function, or one that needs arguments.
    """
    name, colon, function = text.rpartition(":")
    args: tuple[str, ...] = ()
    if not colon or not all(part.isidentifier() for part in function.split(".")):
        name, function = text, ""
        if not (here / name).is_file():
            name, args = _words(text)
    file = _file_named(name, here, is_function=bool(function))
    parsed = parse_file(file)
    if parsed is None:
        raise VerifyError(f"{name} does not parse: mend it first")
    if function:
        _demand_callable(function, parsed[0], name)
    root = _root_of(file, here.resolve())
    return Named(text, root, file.relative_to(root).as_posix(), function or None, args)


def _words(text: str) -> tuple[str, tuple[str, ...]]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise VerifyError(f"{text}: {error}") from None
    return (words[0], tuple(words[1:])) if words else (text, ())


def _file_named(name: str, here: Path, *, is_function: bool) -> Path:
    """The file at the path `name`, or that of the module `name` below the folder or its `src`."""
    places = [here / name]
    if is_function and all(part.isidentifier() for part in name.split(".")):
        for root in (here, here / "src"):
            module = root.joinpath(*name.split("."))
            places += [module.with_name(f"{module.name}.py"), module / "__init__.py"]
    for place in places:
        if place.is_file():
            return place.resolve()
    raise VerifyError(
        f"there is no file {name}: give path.py:function, module:function or a script"
    )


def _demand_callable(function: str, tree: ast.Module, name: str) -> None:
    owner, _, method = function.rpartition(".")
    body = tree.body
    for part in owner.split(".") if owner else ():
        inside = [n for n in body if isinstance(n, ast.ClassDef) and n.name == part]
        body = inside[-1].body if inside else []
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [n for n in body if isinstance(n, kinds) and n.name == method]
    if not found:
        where = f"in the class {owner} of" if owner else "at the top level of"
        raise VerifyError(f"there is no function {method} {where} {name}")
    if function in callables(tree):
        return
    if owner and not needs_arguments(found[-1], given=1):
        raise VerifyError(
            f"{owner} in {name} cannot be made without arguments: compare a function that makes it"
        )
    if needs_arguments(found[-1]):
        raise VerifyError(
            f"{function} in {name} needs arguments: compare functions that need none, "
            "or give args in [[tool.loadstream.checks]]"
        )


def _root_of(file: Path, here: Path) -> Path:
    for folder in file.parents:
        if any((folder / marker).exists() for marker in _MARKERS):
            return folder
    at_home = here in (Path.home(), Path(here.anchor))
    return here if file.is_relative_to(here) and not at_home else file.parent


def named_target(named: Named, code: Code) -> Target:
    """How the named script or function is run."""
    if named.function is None:
        return script_target(named.path, code.trees[named.path], named.args)
    return Call(module_name(named.path, named.root), named.function, path=named.path)


def named_differences(
    sides: Mapping[str, Named], codes: Mapping[str, Code]
) -> dict[str, ChangedFile]:
    """What the two scripts, or the two functions, do not have in common, by the new side's file.

    Where the trees differ too, what differs in the files that both import by one name counts.
    """
    old, new = sides["old"], sides["new"]
    renamed = Code(
        codes["old"].root,
        {**codes["old"].trees, new.path: codes["old"].trees[old.path]},
        {**codes["old"].sources, new.path: codes["old"].sources[old.path]},
    )
    imported = codes["new"].imported_by(new.path) if old.root != new.root else (new.path,)
    found = differences(renamed, codes["new"], [p for p in imported if p in renamed.trees])
    if new.function is not None and new.path in found:
        # The rest of the file is not what is compared.
        units = tuple(u for u in found[new.path].units if u.name == new.function)
        found[new.path] = replace(found[new.path], units=units)
    return {path: file for path, file in found.items() if file.units}


def pair_of_named(
    check: Check, sides: Mapping[str, Named], codes: Mapping[str, Code], here: Path, python: str
) -> Pair:
    """How two named callables are run, each in its own tree, both from the user's folder."""
    variables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    if sides["new"].function is None:
        old, new = (codes[side].trees[sides[side].path] for side in ("old", "new"))
        variables = compared_variables(old, new)
        functions = callables_beside(old, new)
    runs = {}
    trees: tuple[ast.Module, ...] = ()
    for side, named in sides.items():
        inside = here.is_relative_to(named.root)
        runs[side] = Run(
            target=named_target(named, codes[side]),
            directory=here.relative_to(named.root).as_posix() if inside else ".",
            original=named.root,
            interpreter=python,
            import_path=import_path(named.path),
            variables=variables,
            functions=functions,
            predicates=_predicates(codes[side], named.path) if side == "new" else (),
        )
        trees += _trees(codes[side], named.path)
    return Pair(check, runs, trees)

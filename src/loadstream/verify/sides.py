"""Fills a workspace with both sides and says how a check is run on each.

For revisions the old side is the base's files with the data that git does not know, the new side
is the working tree. For two callables each side is a copy of the tree that its file is in.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from loadstream.verify import git
from loadstream.verify.checks import Call, Check, Script, Target
from loadstream.verify.model import VerifyError
from loadstream.verify.predicates import Predicate, find_predicates
from loadstream.verify.runner import Run
from loadstream.verify.selection import (
    Code,
    compared_variables,
    functions_beside,
    import_path,
    module_name,
    needs_arguments,
    parse_file,
    script_target,
)
from loadstream.verify.trees import walk
from loadstream.verify.workspace import LARGE, Workspace

_DATA = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".gz", ".bz2", ".xz", ".zst", ".zip")
_MARKERS = (".git", "pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True, slots=True)
class Pair:
    """A check with how it is run on each side, and the parsed code that it is made of."""

    check: Check
    runs: Mapping[str, Run]
    trees: tuple[ast.Module, ...]


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
        functions = functions_beside(old.trees[path], new.trees[path])
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
    """One side of a comparison as it was given: its tree, its file in it, its function if any."""

    text: str
    root: Path
    path: str
    function: str | None


def find_named(text: str, here: Path) -> Named:
    """What `path.py:function` or `path.py` names, seen from the folder `here`.

    Raises `VerifyError` for a missing file or function, or one that needs arguments.
    """
    name, colon, function = text.rpartition(":")
    if not colon or not function.isidentifier():
        name, function = text, ""
    file = (here / name).resolve()
    if not file.is_file():
        raise VerifyError(f"there is no file {name}: give path.py:function or a script")
    parsed = parse_file(file)
    if parsed is None:
        raise VerifyError(f"{name} does not parse: mend it first")
    if function:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        found = [n for n in parsed[0].body if isinstance(n, kinds) and n.name == function]
        if not found:
            raise VerifyError(f"there is no function {function} at the top level of {name}")
        if needs_arguments(found[-1]):
            raise VerifyError(
                f"{function} in {name} needs arguments: compare functions that need none, "
                "or give args in [[tool.loadstream.checks]]"
            )
    root = _root_of(file, here.resolve())
    return Named(text, root, file.relative_to(root).as_posix(), function or None)


def _root_of(file: Path, here: Path) -> Path:
    for folder in file.parents:
        if any((folder / marker).exists() for marker in _MARKERS):
            return folder
    at_home = here in (Path.home(), Path(here.anchor))
    return here if file.is_relative_to(here) and not at_home else file.parent


def named_target(named: Named, code: Code) -> Target:
    """How the named script or function is run."""
    if named.function is None:
        return script_target(named.path, code.trees[named.path])
    return Call(module_name(named.path, named.root), named.function, path=named.path)


def pair_of_named(
    check: Check, sides: Mapping[str, Named], codes: Mapping[str, Code], here: Path, python: str
) -> Pair:
    """How two named callables are run, each in its own tree, both from the user's folder."""
    variables: tuple[str, ...] = ()
    if sides["new"].function is None:
        variables = compared_variables(
            *(codes[side].trees[sides[side].path] for side in ("old", "new"))
        )
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
            predicates=_predicates(codes[side], named.path) if side == "new" else (),
        )
        trees += _trees(codes[side], named.path)
    return Pair(check, runs, trees)

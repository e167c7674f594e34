"""What is asked of checks before anything is run: a mistake in one is a line, not a report.

Names are told apart, data globs match something, the interpreter is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

from loadstream.machine.cores import available_cores
from loadstream.machine.description import free_memory
from loadstream.verify import samples
from loadstream.verify.checks import Check, Script
from loadstream.verify.model import CheckResult, Verdict, VerifyError
from loadstream.verify.selection import Code, reads_arguments
from loadstream.verify.sides import Pair
from loadstream.verify.trees import walk

MAX_DATA_FILES = 6
_MEMORY_OF_A_RUN = 1 << 30
_OLDEST = (3, 10)
_VERSION = "import sys; print(*sys.version_info[:2])"


def find_interpreter(given: str) -> str:
    """The path of the interpreter that runs both sides: this one where `given` is empty.

    Raises `VerifyError` where there is none, or one that is too old.
    """
    if not given:
        return sys.executable
    found = shutil.which(given)
    if found is None:
        raise VerifyError(f"there is no Python interpreter {given}: give the path of one")
    if os.sep in found:
        found = os.path.abspath(found)  # noqa: PTH100  (a link into a venv must stay one)
    try:
        said = subprocess.run(
            [found, "-c", _VERSION],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            stdin=subprocess.DEVNULL,
        ).stdout.split()
        version = tuple(map(int, said))
    except (OSError, ValueError, subprocess.SubprocessError):
        version = ()
    if len(version) != 2:
        raise VerifyError(f"{given} is no Python interpreter: give the path of one")
    if version < _OLDEST:
        shown, oldest = (".".join(map(str, one)) for one in (version, _OLDEST))
        raise VerifyError(f"{given} is Python {shown}: verify runs code with {oldest} or later")
    return found


def default_jobs() -> int:
    """As many runs side by side as there are cores, as long as each can have 1 GB of memory."""
    return max(1, min(available_cores(), free_memory() // _MEMORY_OF_A_RUN))


def demand_names(checks: Iterable[Check]) -> None:
    """Raise `VerifyError` where two checks have one name."""
    seen = set()
    for check in checks:
        if check.name in seen:
            raise VerifyError(f"two checks are called {check.name!r}: give each its own name")
        seen.add(check.name)


def demand_data(checks: Iterable[Check], root: Path, directory: str) -> tuple[str, ...]:
    """What is worth knowing of the data that checks name, before they are run.

    Raises `VerifyError` where a glob matches no file of the tree at `root`.
    """
    notes: list[str] = []
    files = tuple(walk(root)) if any(check.data for check in checks) else ()
    for check in checks:
        for glob in check.data:
            if not any(matches(path, glob, directory) for path in files):
                raise VerifyError(
                    f"check {check.name!r}: data: no file matches {glob!r}: "
                    "globs are relative to the folder that verify runs in"
                )
        notes += _about(check, named(check.data, files, directory), root)
    return tuple(notes)


def named(globs: Sequence[str], files: Iterable[str], directory: str) -> list[str]:
    """The files that one of `globs` matches."""
    return [path for path in files if any(matches(path, glob, directory) for glob in globs)]


def matches(path: str, glob: str, directory: str) -> bool:
    """Whether a glob, as seen from the top of the tree or from `directory`, matches a file."""
    return fnmatch(path, glob) or (
        directory != "." and fnmatch(path, f"{directory}/{glob.removeprefix('./')}")
    )


def _about(check: Check, paths: Sequence[str], root: Path) -> Iterator[str]:
    usable = [path for path in paths if samples.looks_like_json(root / path)]
    others = [path for path in paths if path not in usable]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        yield (
            f"check {check.name!r}: {others[0]}{more}: not JSON, so no data is made from it: "
            "the check sees the file as it is"
        )
    if len(usable) > MAX_DATA_FILES:
        yield (
            f"check {check.name!r}: data names {len(usable)} files: "
            f"made-up data replaces {MAX_DATA_FILES} of them, the first by name or use"
        )


def with_files(pair: Pair, changed: Iterable[str], new: Code) -> Pair:
    """The same, with the changed files that its script or module imports as those it covers."""
    path = pair.runs["new"].target.path
    if pair.check.files and pair.check.files != (path,):
        return pair
    imported = new.imported_by(path) if path else ()
    files = tuple(file for file in imported if file in set(changed))
    return replace(pair, check=replace(pair.check, files=files or pair.check.files))


def argument_notes(
    results: Iterable[CheckResult], never_ran: Container[str], pairs: Iterable[Pair], new: Code
) -> tuple[str, ...]:
    """How to run a script with arguments, where it reads some and could not be told without.

    `never_ran` are the files of which some changed lines never ran.
    """
    open_ones = {
        result.name
        for result in results
        if result.verdict is Verdict.INCONCLUSIVE or result.name in never_ran
    }
    notes = []
    for pair in pairs:
        target = pair.runs["new"].target
        if not isinstance(target, Script) or target.args or pair.check.name not in open_ones:
            continue
        tree = new.trees.get(target.path)
        if tree is not None and reads_arguments(tree):
            notes.append(
                f"{target.path} reads arguments and was run without: to give it some, write "
                f'[[tool.loadstream.checks]] run = "{target.path} ARGUMENTS" into pyproject.toml'
            )
    return tuple(notes)


def not_covered(
    pairs: Iterable[Pair], changed: Iterable[str], reached: Iterable[str]
) -> tuple[str, ...]:
    """A note on the changed files that none of the named checks covers or has `reached`."""
    covered = {file for pair in pairs for file in pair.check.files}.union(reached)
    others = sorted(set(changed) - covered)
    if not others:
        return ()
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    what = "differ" if len(others) > 1 else "differs"
    return (f"{others[0]}{more} {what} too: no check that was named covers it",)

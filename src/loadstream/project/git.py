"""The little that is asked of git, always about the repository that a folder lies in.

git's own environment (set in hooks and by some editors) is taken away first, so that the answer
is about the folder and not about the repository that happens to run us.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from loadstream.project.errors import InputError

_LOCAL = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
)


class GitError(InputError):
    """git is not there, or said no."""


def environment() -> dict[str, str]:
    """The environment for a git that looks at its folder only."""
    return {name: value for name, value in os.environ.items() if name not in _LOCAL}


def git(folder: Path, *arguments: str) -> bytes:
    """What `git -C folder …` prints. Raises GitError with git's own first line of complaint."""
    return _done(folder, *arguments).stdout


def _done(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            check=False,
            env={**environment(), "LC_ALL": "C"},  # its complaints are looked into
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError as error:
        raise GitError("git was not found: install git, or put it on the PATH") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise GitError(f"git {arguments[0]}: {said[0].removeprefix('fatal: ')}")
    return done


def inside_repository(folder: Path) -> bool:
    """Tell, without starting git, whether `folder` lies in a working tree."""
    return any(_has(parent, ".git") for parent in (folder, *folder.parents))


def _has(folder: Path, name: str) -> bool:
    """Whether there is such a name; not so in a folder that cannot be looked into."""
    return os.path.exists(folder / name)  # noqa: PTH110  (Path.exists raises for that)


def has_submodules(folder: Path) -> bool:
    """Tell, without starting git, whether the repository of `folder` may hold submodules."""
    for parent in (folder, *folder.parents):
        if _has(parent, ".git"):
            return _has(parent, ".gitmodules")
    return False


@dataclass(frozen=True, slots=True)
class Listing:
    """What git lists of a folder, with `/`: the files, and the folders that it could not open."""

    names: tuple[str, ...]
    unread: tuple[str, ...]


def files_of_folder(folder: Path) -> Listing:
    """Tracked files and new ones that are not ignored, relative to `folder`.

    A repository of its own inside of it is listed as a folder, its name with a `/` at the end, or
    as a submodule, without. Raises GitError where git cannot say (no git, no repository, one that
    git refuses to open).
    """
    done = _done(folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = tuple(os.fsdecode(name) for name in done.stdout.split(b"\0") if name)
    unread = re.findall(rb"could not open directory '(.*?)/?':", done.stderr)
    return Listing(names, tuple(os.fsdecode(name) for name in unread))


def files_changed_since(folder: Path, revision: str) -> list[Path]:
    """Absolute paths of what differs from `revision` in the working tree, new files included.

    Deleted files are left out. Raises GitError for an unknown revision or outside a repository.
    """
    top = top_folder(folder)
    revision_of(folder, revision)
    changed = git(top, "diff", "--name-only", "-z", "--diff-filter=d", revision, "--")
    new = git(top, "ls-files", "-z", "--others", "--exclude-standard")
    names = {os.fsdecode(name) for name in (changed + new).split(b"\0") if name}
    return [top / name for name in sorted(names)]


def top_folder(folder: Path) -> Path:
    """The top of the working tree that `folder` lies in. Raises GitError outside of one."""
    try:
        return Path(os.fsdecode(git(folder, "rev-parse", "--show-toplevel").rstrip(b"\n")))
    except GitError as error:
        if "not a git repository" in str(error):
            raise GitError(f"{folder} is not in a git repository: run git init first") from error
        raise


def revision_of(folder: Path, revision: str) -> str:
    """The commit that `revision` names. Raises GitError for one that git does not know."""
    try:
        found = git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except GitError as error:
        raise GitError(
            f'git knows no revision "{revision}" here: name a commit, a branch or a tag'
        ) from error
    return found.decode().strip()


def text_at(folder: Path, revision: str, path: str) -> bytes | None:
    """The bytes that `path` (from the top folder) had at `revision`; None if it was not there."""
    try:
        return git(folder, "show", f"{revision}:{path}")
    except GitError:
        return None

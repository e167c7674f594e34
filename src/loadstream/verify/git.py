"""What git knows: the base revision, what differs from it, and which files belong to which side.

Everything is asked of the `git` command; nothing here changes the repository (a temporary index
is used to write the base's files, so filters and line endings are those of a checkout).
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from loadstream.verify.model import VerifyError


@dataclass(frozen=True, slots=True)
class Revision:
    """A repository with one of its revisions: `root` is its top folder, `name` as it was asked."""

    root: Path
    name: str
    commit: str

    @property
    def label(self) -> str:
        """`HEAD (561f4fe)`."""
        short = self.commit[:7]
        return short if self.name.startswith(short) else f"{self.name} ({short})"


def find_revision(folder: Path, base: str) -> Revision:
    """The revision `base` of the repository that holds `folder`.

    Raises `VerifyError`: no git, not a repository, no commit yet, unknown revision.
    """
    if not folder.is_dir():
        raise VerifyError(f"{folder} is not a folder: give the repository to verify")
    top = _git(folder, "rev-parse", "--show-toplevel")
    if top.returncode:
        raise VerifyError(
            f"{folder} is not in a git repository: verify needs the old version from git; "
            "compare two files with loadstream compare OLD NEW"
        )
    root = Path(os.fsdecode(top.stdout).rstrip("\n")).resolve()
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}"
    )
    if commit.returncode:
        if _git(root, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
            raise VerifyError(f"{root} has no commit yet: commit the old version first")
        raise VerifyError(f"unknown revision {base!r} in {root}: give a commit, tag or branch")
    return Revision(root, base, commit.stdout.decode().strip())


def changed_paths(revision: Revision) -> tuple[str, ...]:
    """Every path that differs between the revision and the working tree, untracked included.

    Raises `VerifyError` where a submodule differs: its files are not compared.
    """
    raw = _lines(revision.root, "diff", "--raw", "-z", "--no-renames", revision.commit, "--")
    changed = set()
    for header, path in zip(raw[::2], raw[1::2], strict=True):
        if "160000" in header.split(" ", 2)[0] + header.split(" ", 2)[1]:
            raise VerifyError(
                f"the submodule {path} differs from {revision.name}: commit or reset it, "
                "and verify it from within"
            )
        changed.add(path)
    changed.update(_lines(revision.root, "ls-files", "-z", "--others", "--exclude-standard"))
    return tuple(sorted(changed))


def tracked_paths(revision: Revision) -> tuple[set[str], set[str]]:
    """The paths that the revision tracks, and those that the index tracks now."""
    then = set(_lines(revision.root, "ls-tree", "-r", "-z", "--name-only", revision.commit))
    return then, set(_lines(revision.root, "ls-files", "-z"))


def write_base(revision: Revision, folder: Path) -> None:
    """Write the files of the revision into `folder`."""
    index = folder.parent / "base-index"
    for arguments in (
        ("read-tree", revision.commit),
        ("checkout-index", "--all", "--quiet", f"--prefix={folder}{os.sep}"),
    ):
        done = _git(revision.root, *arguments, index=index)
        if done.returncode:
            cause = os.fsdecode(done.stderr).strip().splitlines() or ["git failed"]
            raise VerifyError(f"cannot write {revision.label} to a folder: {cause[-1]}")
    index.unlink(missing_ok=True)


def _lines(root: Path, *arguments: str) -> list[str]:
    done = _git(root, *arguments)
    if done.returncode:
        cause = os.fsdecode(done.stderr).strip().splitlines() or ["no message"]
        raise VerifyError(f"git {arguments[0]} failed in {root}: {cause[-1]}")
    return [line for line in os.fsdecode(done.stdout).split("\0") if line]


def _git(
    folder: Path, *arguments: str, index: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    if index is not None:
        environment["GIT_INDEX_FILE"] = str(index)
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            check=False,
        )
    except FileNotFoundError:
        raise VerifyError("git is not installed: verify needs it for the old version") from None

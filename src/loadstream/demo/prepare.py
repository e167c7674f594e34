"""A working copy of the sample repository: copied, given data, and committed to git."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from loadstream.demo.sample import sample_repository
from loadstream.project.errors import InputError
from loadstream.project.git import environment, git
from loadstream.project.shown import shown

_NOT_COPIED = shutil.ignore_patterns("__pycache__", "data", ".git", ".loadstream_cache")


def new_folder(wanted: Path | None) -> Path:
    """The folder to work in: `wanted`, made if missing, or a new temporary one.

    Raises InputError where `wanted` has something in it, or cannot be made.
    """
    if wanted is None:
        return Path(tempfile.mkdtemp(prefix="loadstream-demo-")).resolve()
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        if any(wanted.iterdir()):
            raise InputError(f"{shown(wanted)} is not empty: name a folder that is new")
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(f"{shown(wanted)} is a file: name a folder that is new") from error
    except OSError as error:
        raise InputError(f"{shown(wanted)}: {error.strerror}") from error
    return wanted.resolve()


def copy_sample(folder: Path) -> int:
    """Copy the sample repository into `folder`; the number of Python files in it."""
    shutil.copytree(sample_repository(), folder, dirs_exist_ok=True, ignore=_NOT_COPIED)
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)  # an installation may be read-only
    return sum(1 for _ in folder.rglob("*.py"))


def commit_all(folder: Path) -> None:
    """Make `folder` a git repository with one commit, whatever git's configuration is here.

    Raises InputError where git is missing or fails.
    """
    isolated = {**environment(), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ("-c", "user.name=loadstream demo", "-c", "user.email=demo@example.invalid")
    for arguments in (
        ("-c", "init.defaultBranch=main", "init", "--quiet", "--template="),
        ("add", "--all"),
        (*who, "commit", "--quiet", "--no-verify", "--message", "Scripts that load everything"),
    ):
        try:
            done = subprocess.run(
                ["git", *arguments], cwd=folder, env=isolated, capture_output=True, check=False
            )
        except FileNotFoundError as error:
            raise InputError("the demo needs git: install it, or put it on the PATH") from error
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
            raise InputError(f"git could not commit the sample repository: {said[0]}")


def changed_files(folder: Path) -> list[str]:
    """What `git diff --name-only` says in `folder`."""
    return git(folder, "diff", "--name-only").decode().split()

"""The verification from end to end: what is run, on which inputs, and what it showed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from loadstream.verify.checks import Check
from loadstream.verify.model import Report, SiteChange


def verify_revisions(
    root: Path,
    *,
    base: str = "HEAD",
    checks: Sequence[Check] = (),
    timeout: float = 60.0,
    pairs: int = 3,
    traced: bool = True,
    max_cases: int = 20,
    jobs: int = 2,
    interpreter: str | None = None,
    sites: Mapping[str, tuple[SiteChange, ...]] | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Run what changed between `base` and the working tree of `root` on both sides, and compare.

    Without `checks`, every script and every callable without required arguments that the change
    touches is run. `timeout` is for one run of one side, in seconds; `pairs` is the number of
    measured pairs (0: nothing is measured), `traced` adds the tracemalloc pass; `max_cases`
    bounds the inputs of one check, the real data included; `jobs` is how many cases run side by
    side. `sites` are the rewritten places by path, attached to the checks that run that file.
    `progress` is called with one line before each check.

    Raises `VerifyError`: not a repository, unknown revision, nothing changed, nothing to run.
    """
    raise NotImplementedError


def compare_callables(
    old: str,
    new: str,
    *,
    data: Sequence[str] = (),
    timeout: float = 60.0,
    pairs: int = 3,
    traced: bool = True,
    max_cases: int = 20,
    jobs: int = 2,
    interpreter: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Compare two functions (`path.py:function`) or two scripts (`path.py`), as above.

    Raises `VerifyError` for a missing file or function, or one that needs arguments.
    """
    raise NotImplementedError


def replay(file: Path, *, root: Path | None = None, timeout: float = 60.0) -> Report:
    """Run one stored counterexample again.

    `root` is the repository (default: the one that the file is stored in, else the working
    directory). Raises `VerifyError` where `file` is no counterexample.
    """
    raise NotImplementedError

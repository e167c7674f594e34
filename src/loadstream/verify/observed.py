"""What one run of one side showed, as plain values: compare.py works on nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loadstream.verify.tested import Tests

KEPT_OUTPUT = 1 << 20
FOLDER = "folder"
UNREADABLE = "unreadable"
PASSED_OVER = ["passed over"]  # a variable that is there and is not looked into: an iterator


@dataclass(frozen=True, slots=True)
class Output:
    """One stream of output: its first `KEPT_OUTPUT` bytes, its length, a digest of all of it."""

    head: bytes
    size: int
    digest: str

    @property
    def complete(self) -> bool:
        """True where `head` is all that was written."""
        return len(self.head) == self.size


@dataclass(frozen=True, slots=True)
class Measured:
    """What the child read of itself, in bytes and seconds, and what the parent saw meanwhile."""

    seconds: float
    baseline: int
    peak: int
    traced: int | None
    reading: str
    timeline: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that a run left written (`content`, None where it is too large to hold) or deleted.

    `digest` is of the whole content, empty for a deleted file. A folder has a `/` at the end of its
    path and no content. `mode` are the permissions that the run gave it, None where they are as
    they were before.
    """

    path: str
    size: int
    digest: str
    content: bytes | None
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that one run showed.

    `code` is the exit code (negative: killed by that signal), None where it did not end within
    its limits, and `stopped` says which. `complete` is False where the process was gone before it
    could write down what it held. `raised` is (class, message) of an uncaught exception.
    `returned`, `arguments` and `variables` are nodes of encode.py; `returned` is None where
    nothing was returned (a script, an exception, an early exit). `opened` are the files of the
    tree that were opened for reading, `outside` those beyond it that were written, `refused`
    those of the user's own tree that were to be written. `filtered` says of each filter how many
    elements it kept and rejected in a run that raised nothing; None where it was not counted.
    `reached` are the changed lines that ran (reached.py); None where they were not watched.
    `left` says how the processes were started that outlived the run, `started` that it started
    any.
    `tests` is what became of the user's tests, where they are what was run.
    """

    code: int | None
    stopped: str
    complete: bool
    stdout: Output
    stderr: Output
    raised: tuple[str, str] | None
    returned: tuple[Any] | None
    arguments: Any
    variables: Mapping[str, Any]
    written: tuple[FileChange, ...]
    opened: tuple[str, ...]
    outside: tuple[str, ...]
    refused: tuple[str, ...]
    filtered: Mapping[str, tuple[int, int]] | None
    escaped: tuple[str, ...]
    measured: Measured | None
    seconds: float
    reached: frozenset[tuple[str, str, int, int]] | None = None
    left: tuple[str, ...] = ()
    started: bool = False
    tests: Tests | None = None

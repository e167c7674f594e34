"""Why an accepted plan could not be turned into an edit after all."""

from __future__ import annotations

from loadstream.analysis.plans import Plan


class CannotApplyError(Exception):
    """The text at the plan's places is not what the plan says. Nothing was changed.

    `plan` is the one that failed, None where the fault shows in the whole file only.
    """

    def __init__(self, cause: str, plan: Plan | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.plan = plan


class CommentLostError(CannotApplyError):
    """A comment would have had no place in the new code."""


class UnreadableError(CannotApplyError):
    """LibCST cannot read this file, though Python can. `line` and `column` count from 1."""

    def __init__(self, cause: str, line: int = 1, column: int = 1) -> None:
        super().__init__(cause)
        self.line = line
        self.column = column

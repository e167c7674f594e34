"""LS901 unused-suppression: a comment that keeps nothing.

What it does
    Reports a `# loadstream: keep` comment that suppresses nothing, and one that is misspelt: an
    unknown word, or a code that does not exist.

Why
    A comment that keeps nothing is read as a warning about a load that is not there, and hides
    the next one that is. A misspelt one does not do what its author believes.

Before
    # loadstream: keep the report needs the list twice
    for session in stream_sessions():
        analyze(session)

After
    for session in stream_sessions():
        analyze(session)

Safety
    Nothing is edited: delete or mend the comment by hand. A comment is about the statement that
    it stands in or at the end of, or directly above, and of a compound statement about its head
    only, decorators with it; the line that opens a load's file counts as the load's own. A comment
    is in use while something there would be rewritten or reported without it; a load that is kept
    for other reasons needs none. `loadstream lint --add-keep` writes one for each finding.
    `keep[LS102]` is about that code only; several are divided by commas, and whatever follows is
    for people to read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from loadstream.analysis.cases import Case, Keep, Report
from loadstream.analysis.plans import Plan, report_of
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.suppressions import Comment, Misspelt, Suppression
from loadstream.analysis.uses import Use

if TYPE_CHECKING:
    from loadstream.analysis.sites import Site

CODE = "LS901"
NAME = "unused-suppression"

CASES: tuple[Case, ...] = (
    Report("print(1)  # loadstream: keep"),
    Report("rows = load_x()  # loadstream: keep it is read twice\nprint(rows[0], rows[1])"),
    Report("print(rows := load_x())  # loadstream: kepp"),
    Keep("print(sum(load_x()))  # loadstream: keep", ""),
    Keep("# loadstream: keep[LS101, LS104] measured\nprint(sum(load_x()))", ""),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """None: a comment is no use of a load; see `report`."""
    del use
    return None


def report(
    comments: Sequence[Comment], used: Collection[Comment], sites: Sequence[Site]
) -> Iterator[Plan]:
    """A finding for each of `comments` that is not `used`; `sites` are those of the file."""
    for comment in comments:
        if isinstance(comment, Misspelt):
            yield report_of(CODE, comment.span, comment.fact)
        elif comment not in used and not _may_await_twin(comment, sites):
            fact = f"the comment keeps nothing: {_why(comment, sites)}"
            yield report_of(CODE, comment.span, fact)


def _may_await_twin(comment: Suppression, sites: Sequence[Site]) -> bool:
    """Whether the comment is about a load that lacks a stream only: it may get one (LS108)."""
    first, last = comment.lines
    return any(
        first <= site.span.start.line <= last
        and {refusal.reason for refusal in site.refusals} == {Reason.NO_STREAM}
        for site in sites
    )


def _why(comment: Suppression, sites: Sequence[Site]) -> str:
    first, last = comment.lines
    here = [site for site in sites if first <= site.span.start.line <= last]
    if planned := [site.plan.code for site in here if site.plan is not None]:
        return f"what is found here is {', '.join(dict.fromkeys(planned))}"
    if reasons := dict.fromkeys(r.reason.value for site in here for r in site.refusals):
        return f"the load is kept anyway ({', '.join(reasons)})"
    return "no load or stream that it could be about stands in its statement"

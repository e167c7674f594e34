"""Every code that a finding can have and every reason for a kept load, with their pages.

The pages of the patterns are their modules' docstrings; the two codes that are no pattern
(LS000, LS300) have theirs here.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import lru_cache

from loadstream.analysis.patterns import PATTERNS
from loadstream.analysis.reasons import Reason


@dataclass(frozen=True, slots=True)
class Rule:
    """One code: its name in words with hyphens, what it finds in one line, and its whole page."""

    code: str
    name: str
    summary: str
    page: str


_UNREADABLE_PAGE = """LS000 unreadable-file: a file that cannot be read or is no valid Python.

What it does
    Reports the place where reading or parsing stopped. The other files are still looked at.

Why
    What cannot be parsed cannot be judged, and a run that passes it over in silence would look
    like one that found nothing.

What to do
    Mend the file, or leave it out: name it in `exclude` under [tool.loadstream] in
    pyproject.toml. A file in a folder is parsed only if a loader's name or a JSON load occurs in
    it; a file that is named on the command line always is.
"""

_KEPT_PAGE = """LS300 kept-load: a load that stays as it is, with every reason for it.

What it does
    `loadstream lint --show-kept` lists the loads that no pattern can take, and what stands in
    the way of each. It never changes the exit code.

Why
    A load that is kept for a good reason is a result, not a failure. Where the reason can be
    removed, such as a second pass over the same list, one can do that by hand and run again.

What to do
    `loadstream explain REASON` has a page for each reason.
"""


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule, ordered by code."""
    pages = [inspect.cleandoc(module.__doc__ or "") for module in PATTERNS]
    found = [_rule(page) for page in (*pages, _UNREADABLE_PAGE, _KEPT_PAGE)]
    return tuple(sorted(found, key=lambda rule: rule.code))


def _rule(page: str) -> Rule:
    head, _, summary = page.partition("\n")[0].partition(":")
    code, _, name = head.partition(" ")
    return Rule(code, name.strip(), summary.strip(), page.strip())


def reasons() -> tuple[Reason, ...]:
    """Every reason for which a load can be kept, in the order of their definition."""
    return tuple(Reason)

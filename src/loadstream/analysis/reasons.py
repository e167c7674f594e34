"""Every reason for which a load is kept: its slug, which is stable, and its page.

The slugs are a contract: they stand in reports, in JSON output and in people's notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from loadstream.analysis.spans import Span


class Reason(Enum):
    """A fact that refuses a pattern. The value is the slug; `page` says what it means."""

    page: str

    def __new__(cls, slug: str, page: str) -> Reason:
        """Make a member whose value is the slug and whose page is the text after it."""
        member = object.__new__(cls)
        member._value_ = slug
        member.page = page
        return member

    MULTI_PASS = (
        "multi-pass",
        "The loaded value is read more than once. A stream can be read once; a second pass would\n"
        "find it empty. Read the data twice with two calls, or collect it once with list().",
    )
    # … the rest of the design's list, each with its page


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason, where it was seen, and the fact in words: "sessions is read again at line 40"."""

    reason: Reason
    fact: str
    span: Span | None = None

"""The codes that a finding can have, with their names; their pages are in catalogue.py.

They stand here once more, because a run that finds nothing does without the modules of the
patterns. A test holds both together.
"""

from __future__ import annotations

UNREADABLE = "LS000"
KEPT = "LS300"

NAMES = {
    UNREADABLE: "unreadable-file",
    "LS101": "filter-collect",
    "LS102": "filter-loop",
    "LS103": "accumulate-loop",
    "LS104": "single-pass",
    "LS105": "find-first",
    "LS106": "count",
    "LS107": "items",
    "LS108": "stream-twin",
    "LS109": "split-filters",
    "LS201": "collect-then-filter",
    "LS202": "filter-after-stream",
    "LS203": "consumed-stream",
    "LS204": "needless-collect",
    "LS205": "costly-first",
    KEPT: "kept-load",
    "LS901": "unused-suppression",
}

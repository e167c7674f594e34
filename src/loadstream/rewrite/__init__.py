"""From sites to changed files: compute every edit first, then write each file atomically.

    results = tuple(rewrite(files, root=root, codes=None, unsafe=False))   # nothing is written
    print(unified_diff(result)) for the changed ones
    outcomes = write(results, root=root)

LibCST is imported only when a file has an accepted plan.
"""

from loadstream.rewrite.diff import unified_diff
from loadstream.rewrite.driver import rewrite
from loadstream.rewrite.results import (
    BackupError,
    Changed,
    Failed,
    FileResult,
    NotWritten,
    RewriteUnavailableError,
    Unchanged,
    WriteResult,
    Written,
)
from loadstream.rewrite.write import write

__all__ = [
    "BackupError",
    "Changed",
    "Failed",
    "FileResult",
    "NotWritten",
    "RewriteUnavailableError",
    "Unchanged",
    "WriteResult",
    "Written",
    "rewrite",
    "unified_diff",
    "write",
]

"""What the user gave cannot be used: the one kind of error that ends a command with one line."""

from __future__ import annotations

from collections.abc import Iterable


class InputError(Exception):
    """A path, an option or a setting that cannot be used.

    The message is one line: what, where, and the way on. The command line prints it after
    `error: ` and exits with 2.
    """


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a name that nobody knows: `; did you mean "exclude"?`, or nothing."""
    import difflib

    known = list(known)
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.5)
    return f'; did you mean "{by_folded[close[0]]}"?' if close else ""


class InternalError(Exception):
    """A mistake of loadstream's own, met while it worked on a file; the cause is chained.

    The message is the file, for the report of the bug.
    """

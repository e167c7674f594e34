"""Notices what is written in the user's own tree while its copies are run.

The audit hook refuses what Python code writes there. A program of another kind that a check
starts is not held back, so the stamps of the user's files are compared before and after.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from loadstream.verify.model import CheckResult, Verdict, VerifyError
from loadstream.verify.trees import Stamp, stamp_of, walk

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Original:
    """The user's tree as it was before the first run."""

    root: Path
    _stamps: dict[str, Stamp]

    @classmethod
    def of(cls, root: Path) -> Original:
        """Take the stamps of all files of the tree at `root` that are copied for the sides."""
        return cls(root, _stamps_of(root))

    def changed(self) -> tuple[str, ...]:
        """Files that are new, gone or written since."""
        now = _stamps_of(self.root)
        return tuple(
            sorted(
                path
                for path in {*self._stamps, *now}
                if path not in now
                or path not in self._stamps
                or self._stamps[path].shows_a_write(now[path])
            )
        )


def _stamps_of(root: Path) -> dict[str, Stamp]:
    stamps: dict[str, Stamp] = {}
    # A tree that has become too large to walk, or a folder that is gone just now.
    with suppress(VerifyError, OSError):
        for path in walk(root):
            with suppress(OSError):
                stamps[path] = stamp_of(root / path)
    return stamps


def written_while_run(
    changed: tuple[str, ...], results: list[CheckResult]
) -> tuple[list[CheckResult], tuple[str, ...]]:
    """The results and a note, given what was written in the user's own tree meanwhile.

    Nothing that starts other programs counts as equal then: it may be what wrote there.
    """
    if not changed:
        return results, ()
    more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
    what = f"{', '.join(changed[:_SHOWN])}{more}"
    why = (
        f"the working tree itself was written meanwhile ({what}), and this starts other programs, "
        "which verify cannot hold back from that: look at these files, and run it again"
    )
    judged = [
        replace(result, verdict=Verdict.NOT_COMPARABLE, explanation=why)
        if result.verdict is Verdict.EQUAL and result.starts_programs
        else result
        for result in results
    ]
    note = (
        f"while the checks ran, the working tree itself was written: {what}. A program that a "
        "check starts may have done so, or you"
    )
    return judged, (note,)

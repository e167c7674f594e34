"""Compares two observed runs: everything that a caller, a terminal or a folder could notice.

`compare` gives the first differences, each with its place, and the places where nothing can be
said because a value has no equality. Values arrive as the typed nodes of encode.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadstream.verify import tested
from loadstream.verify.compare_output import errors, files, outputs
from loadstream.verify.compare_values import DIFFERS, Opaque, nodes, shorten, show
from loadstream.verify.ignoring import Ignore
from loadstream.verify.model import Difference
from loadstream.verify.observed import PASSED_OVER, Observed

MAX_DIFFERENCES = 12
_FEW_LINES = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """`differences` are the first ones, worst aspects first; `opaque` are places without equality.

    Equal means both are empty.
    """

    differences: tuple[Difference, ...]
    opaque: tuple[Difference, ...]

    @property
    def aspects(self) -> frozenset[str]:
        """What differs, roughly: `stdout`, `exception`, `result`, `file`, …"""
        return frozenset(_aspect(difference.place) for difference in self.differences)


def compare(
    old: Observed,
    new: Observed,
    *,
    ignore: Sequence[str] = (),
    unstable: frozenset[str] = frozenset(),
) -> Comparison:
    """Compare two runs on the same input.

    `ignore` is that of the check: what may differ in output, messages and files.
    `unstable` are kinds of places at which old disagreed with itself (`unstable_places`): they are
    left out.
    """
    differences: list[Difference] = []
    opaque: list[Difference] = []
    for difference in _observed(old, new, Ignore(ignore)):
        if is_unstable(difference, unstable):
            continue
        if isinstance(difference, Opaque):
            opaque.append(Difference(difference.place, difference.old, difference.new))
        elif len(differences) < MAX_DIFFERENCES:
            differences.append(difference)
        else:
            break
    return Comparison(tuple(differences), tuple(opaque[:MAX_DIFFERENCES]))


def unstable_places(first: Observed, second: Observed, ignore: Sequence[str]) -> frozenset[str]:
    """The kinds of places at which two runs of the same code on the same input disagree.

    All elements of a list are one such place, and so are all lines of an output: what differs by
    chance may differ elsewhere the next time. Only a few lines that differ in their numbers alone,
    such as times, are each a place of its own.
    """
    found = [f for f in _observed(first, second, Ignore(ignore)) if not isinstance(f, Opaque)]
    lines = [f for f in found if _is_line(f)]
    few = len(lines) <= _FEW_LINES and all(_number(f.old) == _number(f.new) for f in lines)
    return frozenset(f.place if few and _is_line(f) else general(f) for f in found)


def is_unstable(difference: Difference, unstable: frozenset[str]) -> bool:
    """Whether a difference stands at one of the places that `unstable_places` gave."""
    return difference.place in unstable or general(difference) in unstable


def _is_line(difference: Difference) -> bool:
    return re.match(r"std(out|err) line \d", difference.place) is not None


def _number(line: str) -> str:
    """A line without the values of its numbers."""
    return re.sub(r"[0-9a-f]*\d[0-9a-f]*|\b[0-9a-f]{4,}\b", "#", line)


def general(difference: Difference) -> str:
    """The kind of place that a difference stands at."""
    place = difference.place
    if place.startswith(("stdout", "stderr")):
        return place[:6]
    if place.startswith(("file ", "folder ")):
        return re.sub(r"[0-9a-f]{6,}|\d+", "#", re.sub(r" (line|byte) [\w ]+$", "", place))
    if "no such key" in (difference.old, difference.new):
        place = re.sub(r"\[[^\[\]]*\]$", "[?]", place)
    lengths = re.sub(r"^len\((.*)\)$", r"\1[*]", place)
    return re.sub(r"\[\d+\]", "[*]", lengths)


def _observed(old: Observed, new: Observed, ignore: Ignore) -> Iterator[Difference]:
    if old.tests is not None and new.tests is not None:
        yield from tested.differences(old.tests, new.tests, ignore)
        return
    if _raised(old, ignore) != _raised(new, ignore):
        yield from _exceptions(old, new)
    if old.code != new.code:
        yield Difference("exit code", _ending(old), _ending(new))
    elif old.complete != new.complete:
        yield Difference("end of the run", _end(old), _end(new))
    elif not old.complete and (old.code is None or old.code < 0 or not old.stdout.size):
        yield Opaque("what the run held at its end", _end(old), _end(new))
    if (old.returned is None) != (new.returned is None):
        if old.raised is None and new.raised is None and old.code == new.code:
            yield Difference("result", _returned(old), _returned(new))
    elif old.returned is not None and new.returned is not None:
        yield from nodes("result", old.returned[0], new.returned[0])
    if old.arguments is not None and new.arguments is not None:
        yield from nodes("arguments after the call", old.arguments, new.arguments)
    yield from outputs("stdout", old.stdout, new.stdout, ignore)
    yield from errors(old, new, ignore)
    yield from files(old.written, new.written, ignore)
    yield from _variables(old, new)
    if bool(old.left) != bool(new.left):
        yield Difference("processes left behind", _left(old), _left(new))


def _left(side: Observed) -> str:
    return f"{len(side.left)} ({shorten(side.left[0])})" if side.left else "none"


def _variables(old: Observed, new: Observed) -> Iterator[Difference]:
    whole = all(side.complete and side.raised is None for side in (old, new))
    before, after = old.variables, new.variables
    for name in {**before, **after}:
        place = f"result of {name}" if name.endswith("()") else f"variable {name}"
        if name in before and name in after:
            if PASSED_OVER not in (before[name], after[name]):
                found = nodes(place, before[name], after[name])
                yield from found if name.endswith("()") else filter(_tells, found)
        elif whole:
            sides = [show(side[name]) if name in side else "not there" for side in (before, after)]
            yield Difference(place, *sides)


def _tells(difference: Difference) -> bool:
    """Whether a difference in a variable of a script means something.

    A script is not called for its variables: a parser, an open file, or an object that shows the
    same state on both sides, speaks neither for it nor against it.
    """
    return not isinstance(difference, Opaque) or DIFFERS in difference.old


def _raised(side: Observed, ignore: Ignore) -> tuple[str, str] | None:
    return None if side.raised is None else (side.raised[0], ignore.text(side.raised[1]))


def _end(side: Observed) -> str:
    return "ran to its end" if side.complete else "left without its results, as by os._exit()"


def _exceptions(old: Observed, new: Observed) -> Iterator[Difference]:
    def words(side: Observed) -> str:
        return "no exception" if side.raised is None else f"{side.raised[0]}: {side.raised[1]}"

    yield Difference("exception", shorten(words(old)), shorten(words(new)))


def _ending(side: Observed) -> str:
    if side.code is None:
        return side.stopped
    return f"killed by signal {-side.code}" if side.code < 0 else str(side.code)


def _returned(side: Observed) -> str:
    return "nothing" if side.returned is None else show(side.returned[0])


def _aspect(place: str) -> str:
    kinds = "exception,exit code,stdout,stderr,file,folder,arguments,variable"
    for name in kinds.split(","):
        if place.startswith(name):
            return name
    return "result"

"""Compares what was written: output, errors, and the files of the tree."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Sequence

from loadstream.verify.compare_values import SHOWN, Opaque, shorten
from loadstream.verify.ignoring import Ignore
from loadstream.verify.model import Difference
from loadstream.verify.observed import FOLDER, UNREADABLE, FileChange, Observed, Output


def outputs(name: str, old: Output, new: Output, ignore: Ignore) -> Iterator[Difference]:
    """The differences of an output, line by line; `name` is `stdout` or `stderr`."""
    if old.digest == new.digest:
        return
    before, after = (_text(side.head, ignore) for side in (old, new))
    found = False
    for difference in _lines(name, before, after):
        found = True
        yield difference
    if not found and not (old.complete and new.complete):
        yield _beyond(name, old, new, ignore)


def _beyond(name: str, old: Output, new: Output, ignore: Ignore) -> Difference:
    """A difference behind what is kept of an output: of its bytes, as no text is there."""
    place = f"{name} beyond its first {len(old.head):,} bytes"
    first, second = (f"{side.size:,} bytes, sha256 {side.digest[:12]}" for side in (old, new))
    if ignore.in_text:  # which may be all that differs
        return Opaque(place, f"{first}, and ignore cannot be applied there", second)
    return Difference(place, first, second)


def _lines(name: str, old: str, new: str) -> Iterator[Difference]:
    if old == new:
        return
    before, after = old.splitlines(), new.splitlines()
    if before == after:
        yield Difference(f"{name} line ends", repr(old[-20:]), repr(new[-20:]))
    for index in range(max(len(before), len(after))):
        first = before[index] if index < len(before) else None
        second = after[index] if index < len(after) else None
        if first != second:
            sides = (
                "no such line" if line is None else _around(line, first, second)
                for line in (first, second)
            )
            yield Difference(f"{name} line {index + 1}", *sides)


def _around(line: str, first: str | None, second: str | None) -> str:
    """The part of a long line at which the two sides part."""
    if len(line) <= SHOWN or first is None or second is None:
        return shorten(repr(line))
    start = next(
        (i for i, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]),
        min(len(first), len(second)),
    )
    start = max(0, start - 40)
    return f"{'… ' if start else ''}{line[start : start + SHOWN]!r}"


def _text(data: bytes, ignore: Ignore) -> str:
    return ignore.text(data.decode("utf-8", "backslashreplace"))


def errors(old: Observed, new: Observed, ignore: Ignore) -> Iterator[Difference]:
    """The differences of stderr: of a traceback only its last lines count."""
    if old.stderr.digest == new.stderr.digest:
        return
    before, after = (without_tracebacks(_text(s.stderr.head, ignore)) for s in (old, new))
    if before != after:
        yield from _lines("stderr", before, after)
    elif not (old.stderr.complete and new.stderr.complete):
        yield _beyond("stderr", old.stderr, new.stderr, ignore)


_FRAME = re.compile(r'  File ".*", line \d+|  \[Previous line repeated \d+ more times\]')
_WARNING = re.compile(r"^(\S[^\n]*?):\d+: (\w*Warning: )", re.MULTILINE)


def without_tracebacks(text: str) -> str:
    """`text` with every traceback reduced to its class and message, and warnings without lines."""
    kept: list[str] = []
    inside = frame = False
    for line in text.splitlines(keepends=True):
        if line.startswith("Traceback (most recent call last):"):
            inside, frame = True, False
            kept.append("Traceback …\n")
            continue
        if inside and _FRAME.match(line):
            frame = True
            continue
        if inside and frame and line.startswith("    "):  # the source, and marks below it
            continue
        inside = False
        kept.append(line)
    lines = "".join(kept)
    # A warning is shown with its source line, indented, below.
    lines = re.sub(r"(?m)^(\S[^\n]*:\d+: \w*Warning: [^\n]*\n)  [^\n]*\n", r"\1", lines)
    return _WARNING.sub(r"\1: \2", lines)


def files(
    old: Sequence[FileChange], new: Sequence[FileChange], ignore: Ignore
) -> Iterator[Difference]:
    """The differences of the files and folders that the runs wrote or deleted."""
    before = {change.path: change for change in old}
    after = {change.path: change for change in new}
    # Files before folders: what a file holds says more than that its folder is there.
    for path in sorted({*before, *after}, key=lambda path: (path.endswith("/"), path)):
        if ignore.file(path):
            continue
        first, second = before.get(path), after.get(path)
        place = f"folder {path[:-1]}" if path.endswith("/") else f"file {path}"
        if first is None or second is None:
            yield Difference(place, _change(first), _change(second))
        elif UNREADABLE in (first.digest, second.digest):
            yield Opaque(place, _change(first), _change(second))
        elif first.digest != second.digest:
            if (
                not first.digest
                or not second.digest
                or first.content is None
                or second.content is None
            ):
                yield Difference(place, _change(first), _change(second))
            else:
                yield from _contents(place, first.content, second.content, ignore)
        if first is not None and second is not None and first.mode != second.mode:
            yield Difference(f"{place} mode", _mode(first), _mode(second))


def _contents(place: str, old: bytes, new: bytes, ignore: Ignore) -> Iterator[Difference]:
    try:
        old.decode("utf-8")
        new.decode("utf-8")
    except UnicodeDecodeError:
        start = next(
            (i for i, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]),
            min(len(old), len(new)),
        )
        yield Difference(
            f"{place} byte {start}", repr(old[start : start + 20]), repr(new[start : start + 20])
        )
        return
    yield from _lines(place, _text(old, ignore), _text(new, ignore))


def _change(change: FileChange | None) -> str:
    if change is None:
        return "not written"
    if not change.digest:
        return "deleted"
    if change.digest == FOLDER:
        return "made or changed"
    if change.digest == UNREADABLE:
        return "written, and cannot be read"
    if change.digest.startswith(("link ", "special ")):
        return change.digest
    return f"written, {change.size:,} bytes"


def _mode(change: FileChange) -> str:
    if not change.digest:
        return "deleted"
    return "as it was" if change.mode is None else stat.filemode(change.mode)[1:]

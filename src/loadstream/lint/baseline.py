"""A baseline: the findings of an old code base that are not reported, so that new ones are.

The file is one JSON object a line, sorted: what two branches add or remove merges line by line,
and a line that a merge has left twice counts once. Paths are relative to the file's own folder.
Lines of source are not numbered in it: see fingerprints.py.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loadstream.lint.codes import KEPT
from loadstream.lint.findings import Finding
from loadstream.lint.fingerprints import fingerprint
from loadstream.lint.texts import Texts
from loadstream.project.errors import InputError
from loadstream.project.shown import shown

_VERSION = 1
_MARK = "loadstream-baseline"
_WAY_ON = "mend it, or delete it and write it anew with --write-baseline"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Findings of one code and fingerprint in the file at `path` (from the baseline's folder)."""

    path: str
    code: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """How often each entry may be found before it is reported."""

    file: Path
    counts: Mapping[Entry, int] = field(default_factory=dict)

    def entry(self, finding: Finding, texts: Texts) -> Entry:
        """The entry that stands, or would stand, for a finding."""
        return Entry(self.relative(finding.path), finding.code, fingerprint(finding, texts))

    def relative(self, path: str) -> str:
        """A path of a finding as entries have it."""
        folder = self.file.absolute().parent
        try:
            return os.path.relpath(path, folder).replace(os.sep, "/")
        except ValueError:  # another drive
            return path

    def exists(self, entry: Entry) -> bool:
        """Tell whether the file of an entry is there."""
        return (self.file.parent / entry.path).exists()


@dataclass(frozen=True, slots=True)
class Sorted:
    """Findings as a baseline divides them, in their order, and the entries that match none.

    `gone` counts each such entry as often as it stands there for nothing.
    """

    new: tuple[Finding, ...]
    known: int
    gone: int


def read(file: Path) -> Baseline:
    """The baseline in `file`. Raises InputError, with the line, where it is none."""
    try:
        data = file.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"{shown(file)}: no such baseline: --write-baseline beside --baseline writes one"
        ) from error
    except OSError as error:
        raise InputError(f"{shown(file)}: {error.strerror}") from error
    return Baseline(file, _counts(data, shown(file)))


def sort(
    findings: Sequence[Finding],
    baseline: Baseline,
    texts: Texts,
    looked_at: Callable[[Entry], bool],
) -> Sorted:
    """Divide `findings`; entries that were not `looked_at` are not gone, whatever was found.

    Of several findings with one entry the first ones are known. Kept loads are never in a
    baseline, since they are no fault.
    """
    left = Counter(dict(baseline.counts))
    new = []
    for finding in findings:
        entry = None if finding.code == KEPT else baseline.entry(finding, texts)
        if entry is not None and left[entry] > 0:
            left[entry] -= 1
        else:
            new.append(finding)
    gone = sum(count for entry, count in left.items() if count > 0 and looked_at(entry))
    return Sorted(tuple(new), len(findings) - len(new), gone)


def scope(
    baseline: Baseline, paths: Iterable[str], codes: Collection[str]
) -> Callable[[Entry], bool]:
    """Tell of an entry whether a run over `paths` and `codes` would have found it.

    What is about a file that is not there any more would have been.
    """
    there = {baseline.relative(path) for path in paths}
    return lambda entry: entry.code in codes and (entry.path in there or not baseline.exists(entry))


def updated(
    findings: Iterable[Finding],
    baseline: Baseline,
    texts: Texts,
    looked_at: Callable[[Entry], bool],
) -> Baseline:
    """`baseline` with `findings` for all of its entries that were `looked_at`."""
    kept = {entry: count for entry, count in baseline.counts.items() if not looked_at(entry)}
    found = Counter(baseline.entry(finding, texts) for finding in findings if finding.code != KEPT)
    return Baseline(baseline.file, {**kept, **found})


def write(baseline: Baseline) -> None:
    """Write a baseline to its file, whole or not at all. Raises InputError."""
    lines = [json.dumps({_MARK: _VERSION})]
    for entry, count in sorted(baseline.counts.items()):
        fields = {
            "path": entry.path,
            "code": entry.code,
            "fingerprint": entry.fingerprint,
            "count": count,
        }
        lines.append(json.dumps(fields))
    target = Path(os.path.realpath(baseline.file))
    try:
        _replace(target, "".join(f"{line}\n" for line in lines).encode())
    except OSError as error:
        raise InputError(f"{shown(baseline.file)}: not written: {error.strerror}") from error


def _replace(target: Path, data: bytes) -> None:
    # A name that `rewrite` sweeps, should this process be killed here.
    temporary = target.with_name(f".loadstream-{secrets.token_hex(8)}.tmp")
    try:
        temporary.write_bytes(data)
        with contextlib.suppress(FileNotFoundError):
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _counts(data: bytes, place: str) -> dict[Entry, int]:
    lines = data.split(b"\n")
    if _parsed(lines[0], f"{place}:1") != {_MARK: _VERSION}:
        raise InputError(f"{place}:1: no baseline that this loadstream can read; {_WAY_ON}")
    counts: dict[Entry, int] = {}
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            entry, count = _entry(_parsed(line, f"{place}:{number}"), f"{place}:{number}")
            counts[entry] = max(count, counts.get(entry, 0))
    return counts


def _parsed(line: bytes, place: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place}: not a line of a baseline; {_WAY_ON}") from error


def _entry(fields: object, place: str) -> tuple[Entry, int]:
    match fields:
        case {
            "path": str(path),
            "code": str(code),
            "fingerprint": str(digits),
            "count": int(count),
        } if count > 0:
            return Entry(path, code, digits), count
    raise InputError(f"{place}: not a line of a baseline; {_WAY_ON}")

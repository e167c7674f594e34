"""Findings kept from one run to the next, in `.loadstream_cache` under the root.

The findings of a file follow from its text and from all other Python files around it: a call
streams only where nobody replaces what it calls. So they hold as long as no content there has
changed; that is told from sizes and times, and where these differ from the content. Two runs may
share the folder: a file of it is replaced as a whole, and one that cannot be read counts as none.
"""

from __future__ import annotations

import json
import os
import sys
import time
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loadstream import __version__
from loadstream.analysis.tree_files import source_files
from loadstream.lint.findings import Finding, Judged
from loadstream.machine.cache_folder import CACHE_FOLDER, make_self_ignoring, write_whole
from loadstream.project.files import FoundFile

if TYPE_CHECKING:
    from loadstream.analysis.settings import Settings

_FORMAT = 1
# A file may change once more within the same tick of the clock: what is so young is read again.
_YOUNG_NS = 2_000_000_000

_Stamp = list[int]


@dataclass(slots=True)
class Cache:
    """The findings that are known for the tree as it is: `of` reads them, `write` keeps them.

    `files` are those of the tree, on which all findings depend; `others` were looked at besides, as
    those of a hidden folder, and matter to themselves: `changed` are the ones that are not known.
    `is_stored` tells that all this is what the file holds.
    """

    place: Path
    key: str
    files: dict[str, list[Any]]
    others: dict[str, list[Any]]
    changed: frozenset[str]
    results: dict[str, list[list[Any]]]
    is_stored: bool

    @classmethod
    def of(cls, root: Path, files: Sequence[FoundFile], settings: Settings | None) -> Cache | None:
        """The cache of a tree; None where findings depend on more than the files of the tree."""
        if settings is not None and settings.min_size is not None and settings.pairs:
            return None  # on the sizes of data
        root = root.resolve()
        key = _key(root, settings)
        place = root / CACHE_FOLDER / f"lint-{zlib.crc32(key.encode()):08x}.json"
        stored = _read(place, key)
        before: dict[str, list[Any]] = stored.get("files", {})
        others: dict[str, list[Any]] = stored.get("others", {})
        try:
            now = _entries(_tree(root), before)
            beside = _entries(_beside(files, now), others)
        except OSError:
            return None  # something is being changed just now, or cannot be read
        is_same = before.keys() == now.keys() and not _differing(now, before)
        changed = frozenset(_differing(beside, others))
        results = stored.get("results", {}) if is_same else {}
        is_stored = is_same and now == before and beside.items() <= others.items()
        return cls(place, key, now, {**others, **beside}, changed, results, is_stored)

    def findings(self, files: Iterable[FoundFile]) -> dict[Path, tuple[Finding, ...]]:
        """The findings of those of `files` for which they are known."""
        try:
            return {
                file.path: tuple(_finding(row) for row in rows)
                for file in files
                if _absolute(file) not in self.changed
                and (rows := self.results.get(_name(file.path, named=file.named))) is not None
            }
        except (TypeError, ValueError, AttributeError):  # somebody else has written into it
            self.results = {}
            return {}

    def add(self, judged: Judged) -> None:
        """Take in new findings."""
        for path, findings in judged.findings.items():
            rows = [_row(one) for one in findings]
            self.results[_name(path, named=False)] = rows
            if path in judged.parsed:
                self.results[_name(path, named=True)] = rows
        self.is_stored = False

    def write(self) -> None:
        """Keep what is not kept yet. Where that cannot be written nothing is."""
        if self.is_stored:
            return
        content = {
            "key": self.key,
            "files": self.files,
            "others": self.others,
            "results": self.results,
        }
        with suppress(OSError):
            make_self_ignoring(self.place.parent)
            write_whole(self.place, json.dumps(content, separators=(",", ":")).encode())


def _key(root: Path, settings: Settings | None) -> str:
    """What the findings depend on besides the files: us, our settings, and where we stand."""
    analysis = Path(__file__).parent.parent / "analysis"
    places = (analysis, analysis / "patterns", Path(__file__).parent)
    files = (entry for place in places for entry in os.scandir(place) if entry.is_file())
    stamps = [entry.stat().st_mtime_ns for entry in files]
    parts = (
        _FORMAT,
        __version__,
        sys.version,
        max(stamps),
        settings,
        os.path.relpath(root),
    )
    return repr(parts)


def _tree(root: Path) -> Iterator[tuple[str, _Stamp]]:
    """Every file of the tree, with what tells that it was not written."""
    for entry in source_files(root):
        # A link to nothing, to itself or to a folder is what matters, not what it leads to.
        follow = entry.is_symlink() and os.path.isfile(entry.path)  # noqa: PTH113
        yield entry.path, _stamp(entry.stat(follow_symlinks=follow))


def _beside(files: Iterable[FoundFile], tree: Collection[str]) -> Iterator[tuple[str, _Stamp]]:
    for file in files:
        path = _absolute(file)
        if path not in tree:
            yield path, _stamp(os.stat(path))  # noqa: PTH116


def _absolute(file: FoundFile) -> str:
    return os.path.abspath(file.path)  # noqa: PTH100


def _stamp(status: os.stat_result) -> _Stamp:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _differing(now: Mapping[str, list[Any]], before: Mapping[str, list[Any]]) -> list[str]:
    return [
        path for path, entry in now.items() if path not in before or before[path][1] != entry[1]
    ]


def _entries(
    stamps: Iterable[tuple[str, _Stamp]], before: Mapping[str, list[Any]]
) -> dict[str, list[Any]]:
    """By path the stamp, where it can be trusted, and the digest of the content."""
    entries: dict[str, list[Any]] = {}
    for path, stamp in stamps:
        known = before.get(path)
        if known is None or known[0] != stamp:
            known = _entry(path, stamp)
        entries[path] = known
    return entries


def _entry(path: str, stamp: _Stamp) -> list[Any]:
    if not os.path.isfile(path):  # noqa: PTH113
        content = os.readlink(path).encode(errors="surrogateescape")  # noqa: PTH115
    else:
        with open(path, "rb", buffering=0) as handle:  # noqa: PTH123
            content = handle.read()
    young = max(stamp[1], stamp[2]) > time.time_ns() - _YOUNG_NS
    return [None if young else stamp, _digest(content)]


def _digest(content: bytes) -> str:
    import hashlib  # which takes a while, and is not needed where nothing has changed

    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _name(path: Path, *, named: bool) -> str:
    # A file that is named is parsed whatever it holds.
    return f"{'!' if named else ''}{path}"


def _row(finding: Finding) -> list[Any]:
    return list(finding)


def _finding(row: list[Any]) -> Finding:
    finding = Finding(*row)
    return finding._replace(reasons=tuple(finding.reasons))


def _read(place: Path, key: str) -> dict[str, Any]:
    try:
        content = json.loads(place.read_bytes())
        return content if content["key"] == key else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}

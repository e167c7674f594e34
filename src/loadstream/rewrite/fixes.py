"""One file's sites, each as the edits that it alone would make: for editors, and for reports.

    sites → the text that the driver makes of each by itself → where that differs → edits

Nothing is decided here: applying the edits of one fix gives what `rewrite` would have made of that
site alone. Two fixes of one file can touch the same import, so several are not to be applied
together: `rewrite_text` carries out all of them at once, and `edits_of` its result are its edits.
"""

from __future__ import annotations

import bisect
import difflib
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from loadstream.analysis.notebook_text import read_notebook
from loadstream.analysis.notebooks import SUFFIX, source_of
from loadstream.analysis.plans import StreamTwin
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site, find_sites, in_cells
from loadstream.analysis.source import SourceError, SourceFile, decode
from loadstream.analysis.spans import Position, Span
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.rewrite.driver import is_wanted, with_site
from loadstream.rewrite.results import Changed
from loadstream.rewrite.twinning import with_twin

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` in place of what stands at `span`; in a notebook, within the cell of number `cell`."""

    span: Span
    text: str
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """One site and all that its rewrite changes in its file, in the order of the text.

    No two edits touch each other. In a notebook the site's place is within its cell.
    """

    site: Site
    edits: tuple[Edit, ...]


def fixes_of(
    path: Path, data: bytes, repository: Repository, *, unsafe: bool = False
) -> tuple[Fix, ...]:
    """The fixes of the file of bytes `data`, which counts as the one at `path`.

    Those that need consent only if `unsafe`. A call that could stream only with a twin in another
    file has none; the twin is the fix of its loader (LS108). Raises SourceError where the file
    cannot be read or parsed, RewriteUnavailableError where there is a site and LibCST is missing.
    """
    source = source_of(data, path)
    sites = [*find_sites(source, repository), *find_twin_sites(source, repository)]
    wanted = [site for site in sites if is_wanted(site, unsafe=unsafe)]
    width = repository.settings.line_width
    fixes = (fix_of(site, source, data, width) for site in sorted(wanted, key=_place))
    return tuple(fix for fix in fixes if fix is not None)


def fix_of(site: Site, source: SourceFile, data: bytes, width: int) -> Fix | None:
    """The fix of a site of `source` that has a plan; None where the edit cannot be made after all.

    `data` is the file as it is read, `width` the longest that a new line should be.
    Raises RewriteUnavailableError where LibCST is missing.
    """
    is_twin = site.plan is not None and isinstance(site.plan.shape, StreamTwin)
    try:
        new = (with_twin if is_twin else with_site)(source, data, site, width)
        edits = () if new is None else tuple(_of_source(source, new))
    except SourceError:
        return None
    [placed] = in_cells([site], source)
    return Fix(placed, edits) if edits else None


def _of_source(source: SourceFile, new: str) -> Iterator[Edit]:
    if source.notebook is None:
        yield from edits_to(new, source.text)
        return
    texts = source.notebook.text_of_cells(new)
    for cell in source.notebook.file.cells:
        for edit in edits_to(texts[cell.number], cell.text):
            yield replace(edit, cell=cell.number)


def edits_of(result: Changed) -> tuple[Edit, ...]:
    """All that a rewrite changes in its file, as edits of the old text."""
    if result.path.suffix != SUFFIX:
        return tuple(edits_to(decode(result.new), decode(result.old)))
    old, new = (read_notebook(data).cells for data in (result.old, result.new))
    return tuple(
        replace(edit, cell=before.number)
        for before, after in zip(old, new, strict=True)
        for edit in edits_to(after.text, before.text)
    )


def edits_to(new: str, old: str) -> Iterator[Edit]:
    """What makes `new` out of `old`: few and small edits, in order, of whole words."""
    before, after = _LINE.findall(old), _LINE.findall(new)
    starts = list(itertools.accumulate(map(len, before), initial=0))
    for kind, first, last, begin, end in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if kind != "equal":
            removed, added = "".join(before[first:last]), "".join(after[begin:end])
            head, tail = _shared(removed, added)
            start, stop = starts[first] + head, starts[last] - tail
            span = Span(_position(start, starts, before), _position(stop, starts, before))
            yield Edit(span, added[head : len(added) - tail])


def with_edits(text: str, edits: Iterable[Edit]) -> str:
    """`text` with `edits` made in it; they must not overlap."""
    starts = list(itertools.accumulate(map(len, _LINE.findall(text)), initial=0))
    pieces, behind = [], 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        start, end = (starts[at.line - 1] + at.column for at in (edit.span.start, edit.span.end))
        pieces += [text[behind:start], edit.text]
        behind = end
    return "".join([*pieces, text[behind:]])


def _shared(one: str, other: str) -> tuple[int, int]:
    """How many characters are the same at both beginnings and at both ends.

    Neither part ends within a word or a line end that is two characters long.
    """
    shortest = min(len(one), len(other))
    head = next((i for i in range(shortest) if one[i] != other[i]), shortest)
    while head and (_is_within(one, head) or _is_within(other, head)):
        head -= 1
    most = shortest - head
    tail = next((i for i in range(most) if one[-1 - i] != other[-1 - i]), most)
    while tail and any(_is_within(text, len(text) - tail) for text in (one, other)):
        tail -= 1
    return head, tail


def _is_within(text: str, place: int) -> bool:
    around = text[place - 1 : place + 1] if place else ""
    return around == "\r\n" or re.fullmatch(r"\w\w", around) is not None


def _position(offset: int, starts: list[int], lines: list[str]) -> Position:
    """The place of an offset; the end of a text that ends with a line end is on the line below."""
    line = min(bisect.bisect_right(starts, offset), max(len(lines), 1))
    if offset == starts[-1] and lines and lines[-1][-1] in "\r\n":
        return Position(len(lines) + 1, 0)
    return Position(line, offset - starts[line - 1])


def _place(site: Site) -> Position:
    return site.span.start

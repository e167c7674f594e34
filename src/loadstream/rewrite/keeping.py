"""`# loadstream: keep[CODE]` for all that lint reports: files in, files out, nothing written.

    bytes → sites → the logical line of each → its comment → the same tree, nothing reported → bytes

A comment goes to the end of its logical line, where it breaks neither a continuation nor a string;
into a comment that keeps something else there already; or, where the line would get too long, into
a line of its own above.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path

from loadstream.analysis.notebooks import code_of, source_of
from loadstream.analysis.overlay import Overlay
from loadstream.analysis.patterns import unused_suppression
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.analysis.sites import Site, comments_of, find_sites, in_cells
from loadstream.analysis.source import SourceError, SourceFile
from loadstream.analysis.suppressions import MARKER, Comment, Suppression, logical_lines
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.analysis.worth_parsing import is_worth_parsing
from loadstream.rewrite.encoding import encoded
from loadstream.rewrite.results import Changed, Failed, FileResult, Unchanged

_NEWLINE = re.compile(r"(\r\n|\r|\n)")
_CODES = re.compile(r"(#\s*loadstream:\s*keep\s*\[[^\]]*?)(\s*\])")


def keep(
    files: Sequence[Path],
    *,
    root: Path,
    codes: Callable[[Path], Collection[str]],
    named: Collection[Path] = (),
    settings: Settings | None = None,
) -> Iterator[FileResult]:
    """What each of `files` would be with a comment for all that is reported in it.

    `codes` says which codes count in a file. The `applied` sites of a changed file are kept by the
    new text; the `kept` ones of any file are those that no comment can keep: comments that keep
    nothing themselves, above all.
    """
    repository = Repository(root, settings)
    for path in files:
        yield _result(path, repository, codes(path), path in named)


def _result(
    path: Path, repository: Repository, codes: Collection[str], is_named: bool
) -> FileResult:
    try:
        data = path.read_bytes()
        if not is_named and not is_worth_parsing(code_of(data, path), repository):
            return Unchanged(path, ())
        source = source_of(data, path)
        try:
            return _of_source(source, data, repository, codes)
        except SourceError as error:
            raise error if source.notebook is None else source.notebook.error(error) from error
    except OSError as error:
        return Failed(path, 1, 1, error.strerror or str(error))
    except SourceError as error:
        return Failed(path, error.line, error.column, error.cause, error.cell)
    except RecursionError:
        return Failed(path, 1, 1, "nested too deeply to be analysed")


def _of_source(
    source: SourceFile, data: bytes, repository: Repository, codes: Collection[str]
) -> FileResult:
    reported = _reported(source, repository, codes)
    wanted = [site for site in reported if _code(site) != unused_suppression.CODE]
    others = [site for site in reported if _code(site) == unused_suppression.CODE]
    if not wanted:
        return Unchanged(source.path, in_cells(others, source))
    width = repository.settings.line_width
    text = with_comments(
        source.text,
        [(site.span.start.line, _code(site)) for site in wanted],
        comments_of(source),
        width,
    )
    new = encoded(text, source.text, data) if source.notebook is None else _cells(source, text)
    changed = source_of(new, source.path)
    if ast.dump(changed.tree) != ast.dump(source.tree):
        raise SourceError("comments would change what it does, so it is left: please report this")
    overlay = Overlay(repository, {source.path: changed})
    left = in_cells(_reported(changed, overlay, codes), changed)
    return Changed(source.path, data, new, in_cells(wanted, source), left)


def _cells(source: SourceFile, text: str) -> bytes:
    assert source.notebook is not None
    return source.notebook.encoded(text)


def _reported(
    source: SourceFile, repository: Repository, codes: Collection[str]
) -> tuple[Site, ...]:
    """The sites that lint would report, in the order of the text."""
    sites = [*find_sites(source, repository), *find_twin_sites(source, repository)]
    found = (site for site in sites if site.plan is not None and site.plan.code in codes)
    return tuple(sorted(found, key=lambda site: site.span))


def _code(site: Site) -> str:
    assert site.plan is not None
    return site.plan.code


def with_comments(
    text: str, wanted: Iterable[tuple[int, str]], comments: Sequence[Comment], width: int
) -> str:
    """`text` with a comment for each line and code of `wanted`; all other bytes as they were.

    `comments` are those that the text has; lines get no longer than `width` if that can be helped.
    """
    statements = list(logical_lines(text))
    codes: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for line, code in wanted:
        for first, last in statements:
            if first <= line <= last:
                codes[first, last].add(code)
    parts = _NEWLINE.split(text)  # lines and newlines in turn
    newline = parts[1] if len(parts) > 1 else "\n"
    for (first, last), found in sorted(codes.items(), reverse=True):
        there = _comment_about(first, last, comments)
        said = ", ".join(sorted(found))
        if there is not None:
            _add_codes(parts, there, said)
        else:
            _add_comment(parts, first, last, f"# {MARKER} keep[{said}]", width, newline)
    return "".join(parts)


def _comment_about(first: int, last: int, comments: Iterable[Comment]) -> Suppression | None:
    """The comment with codes that is about a logical line already."""
    for comment in comments:
        if isinstance(comment, Suppression) and comment.codes and comment.lines == (first, last):
            return comment
    return None


def _add_codes(parts: list[str], comment: Suppression, codes: str) -> None:
    index = 2 * (comment.span.start.line - 1)
    column = comment.span.start.column
    before, said = parts[index][:column], parts[index][column:]
    parts[index] = before + _CODES.sub(rf"\1, {codes}\2", said, count=1)


def _add_comment(
    parts: list[str], first: int, last: int, comment: str, width: int, newline: str
) -> None:
    end, start = 2 * (last - 1), 2 * (first - 1)
    line = parts[end]
    gap = "" if line.endswith("  ") else " " if line.endswith(" ") else "  "
    longer = f"{line}{gap}{comment}"
    if MARKER in line or len(longer) > width >= len(line):
        indent = re.match(r"[ \t\f]*", parts[start])
        parts[start:start] = [f"{indent[0] if indent else ''}{comment}", newline]
    else:
        parts[end] = longer

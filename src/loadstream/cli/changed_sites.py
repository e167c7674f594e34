"""Which load sites a change has rewritten: what ties a check of `verify` to rules and lines.

The old version of each changed file is analysed as `rewrite` saw it; a site counts as rewritten
where its lines have changed and the new text has there what its plan makes of the old one. Another
edit of the same lines is no rewrite of ours.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from loadstream.analysis.overlay import Overlay
from loadstream.analysis.plans import Plan, ReportOnly, StreamTwin
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import SourceError, SourceFile, decode, parse
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.lint.codes import NAMES
from loadstream.project import git
from loadstream.verify.changed_lines import Statement, headers, new_lines
from loadstream.verify.model import SiteChange


def changed_sites(
    root: Path, base: str, settings: Settings | None = None
) -> dict[str, tuple[SiteChange, ...]]:
    """The rewritten sites of each file that differs from `base`, by its path from the root.

    Raises GitError outside a repository and for an unknown revision.
    """
    sources = dict(_old_sources(root, base))
    now = Repository(root, settings)
    before = Overlay(now, sources)
    found: dict[str, tuple[SiteChange, ...]] = {}
    for path, source in sources.items():
        name = path.relative_to(root.resolve()).as_posix()
        with contextlib.suppress(SourceError, SyntaxError, OSError):
            if sites := tuple(_of_file(name, source, now, before)):
                found[name] = sites
    return found


def _old_sources(root: Path, base: str) -> Iterator[tuple[Path, SourceFile]]:
    """The Python files under `root` that differ from `base`, as they were there."""
    top = git.top_folder(root)
    for path in git.files_changed_since(root, base):
        if path.is_relative_to(root.resolve()) and path.suffix == ".py":
            old = git.text_at(top, base, path.relative_to(top).as_posix())
            with contextlib.suppress(SourceError):
                if old is not None:
                    yield path, parse(decode(old), path)


def _of_file(
    name: str, source: SourceFile, now: Repository, before: Repository
) -> Iterator[SiteChange]:
    """The changed sites of `source`, among them the loaders that were given a twin.

    Calls are judged with the other files as they are `now`, with the twins in them; whether a
    loader needed a twin, with all files as they were `before`, its callers among them.
    """
    text = decode(source.path.read_bytes())
    hunks = tuple(_hunks(source.text, text))
    sites = [*find_sites(source, now), *find_twin_sites(source, before)]
    for site in sorted(sites, key=lambda site: site.span):
        if site.plan is None or isinstance(site.plan.shape, ReportOnly):
            continue
        touched = [hunk for hunk in hunks if _touches(hunk, site.plan)]
        lines = _became(source.text, site.plan, text, now.settings.line_width) if touched else ()
        if lines:
            line, code = site.span.start.line, site.plan.code
            diff = "\n".join(hunk.text for hunk in touched)
            yield SiteChange(name, line, code, NAMES[code], diff, lines)


def _became(old: str, plan: Plan, new: str, width: int) -> tuple[int, ...]:
    """The lines of `new` that hold what `plan` makes of `old`; none where it holds something else.

    The names that are imported for it are left to the imports; formatting does not count.
    """
    from loadstream_codemods.apply import apply
    from loadstream_codemods.errors import CannotApplyError
    from loadstream_codemods.stream_twin import add_twins

    carry_out = add_twins if isinstance(plan.shape, StreamTwin) else apply
    try:
        expected = carry_out(old, [plan], width)
    except CannotApplyError:
        return ()
    wanted = _changed_statements(old, expected)
    there = _changed_statements(old, new)
    found = []
    for statement, code in wanted:
        like = [other for other, text in there if text == code]
        if not like:
            return ()
        found.append(min(like, key=lambda other: abs(other.first - statement.first)))
    working = [statement for statement in found if not statement.defines] or found
    return tuple(sorted({n for s in working for n in range(s.first, s.last + 1)}))


def _changed_statements(old: str, new: str) -> list[tuple[Statement, str]]:
    lines = new_lines(old, new)
    return [
        (statement, code)
        for statement, code in headers(ast.parse(new))
        if not code.startswith("Import")
        and not lines.isdisjoint(range(statement.first, statement.last + 1))
    ]


@dataclass(frozen=True, slots=True)
class _Hunk:
    """One run of changed lines with their context; the lines that changed, counted from 1."""

    changed: tuple[range, ...]
    text: str


def _hunks(old: str, new: str) -> Iterator[_Hunk]:
    a, b = old.splitlines(), new.splitlines()
    for group in difflib.SequenceMatcher(None, a, b, autojunk=False).get_grouped_opcodes(2):
        lines = [f"@@ line {group[0][1] + 1} @@"]
        changed = []
        for tag, a_start, a_end, b_start, b_end in group:
            if tag == "equal":
                lines += [f" {line}" for line in a[a_start:a_end]]
                continue
            changed.append(range(a_start + 1, max(a_end, a_start + 1) + 1))
            lines += [f"-{line}" for line in a[a_start:a_end]]
            lines += [f"+{line}" for line in b[b_start:b_end]]
        yield _Hunk(tuple(changed), "\n".join(lines))


def _touches(hunk: _Hunk, plan: Plan) -> bool:
    if isinstance(plan.shape, StreamTwin):  # it changes no line of the loader that it is about
        return f"\n+def {plan.stream.callee}(" in hunk.text
    spans = [
        span
        for part in plan.each
        for span in (part.anchor, part.source, part.stream.call, *part.bindings)
    ]
    return any(
        span.start.line < lines.stop and lines.start <= span.end.line
        for span in spans
        for lines in hunk.changed
    )

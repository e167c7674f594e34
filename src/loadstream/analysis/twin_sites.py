"""LS108 sites: the loaders of a file that need a streaming twin, because callers could stream.

Whether a call could is not guessed at: the repository is looked at as it would be with the twins
in it (overlay.py), and every call that is planned there counts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from loadstream.analysis.callees import resolve
from loadstream.analysis.modules import Module
from loadstream.analysis.overlay import Overlay
from loadstream.analysis.patterns import stream_twin
from loadstream.analysis.plain_loaders import plain_names
from loadstream.analysis.plans import Caller, ReportOnly, Safety
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site, comments_of, find_sites
from loadstream.analysis.source import SourceError, SourceFile, failures_of_one_file, parse
from loadstream.analysis.spans import Lines
from loadstream.analysis.suppressions import kept
from loadstream.analysis.twins import Twin, twins_of
from loadstream.analysis.worth_parsing import is_worth_parsing

_LOADER = re.compile(rb"[\r\n][ \t]*def\s")


def may_need_twins(data: bytes) -> bool:
    """Tell from the bytes alone whether a file is worth parsing for its loaders."""
    return b"json" in data and b"load" in data and _LOADER.search(data) is not None


def find_twin_sites(source: SourceFile, repository: Repository) -> tuple[Site, ...]:
    """A site for each loader of `source` whose twin would let a caller stream.

    The plans are carried out before all others of the file. Raises SourceError where the file is
    nested too deeply to be followed, or where the analysis itself fails.
    """
    if source.notebook is not None:  # nobody imports from one
        return ()
    if not may_need_twins(source.text.encode(errors="replace")):
        return ()
    with failures_of_one_file():
        return _found(source, repository)


def _found(source: SourceFile, repository: Repository) -> tuple[Site, ...]:
    plain_names(repository)  # for which this file may be read already
    module = repository.module_of(source)
    twins = tuple(twins_of(module, repository))
    if not twins:
        return ()
    insertions = [_Insertion(twin, module.source.lines) for twin in twins]
    try:
        changed = parse(_with_twins(source.text, insertions), source.path)
    except SourceError:
        return ()
    overlay = Overlay(repository, {source.path: changed})
    calls = list(_calls(twins, changed, overlay))
    found = []
    for twin in twins:
        name = f"{repository.dotted_name(module.path)}.{twin.qualified_name}"
        own = [
            (_in_old_lines(caller, module, insertions), site)
            for caller, site in calls
            if site.stream == name
        ]
        if own:
            is_safe = any(site.plan and site.plan.safety is Safety.SAFE for _, site in own)
            safety = Safety.SAFE if is_safe else Safety.UNSAFE
            plan = stream_twin.plan_of(twin, tuple(caller for caller, _ in own), safety)
            dotted = f"{repository.dotted_name(module.path)}.{twin.loader.qualified_name}"
            unsafe = () if is_safe else tuple(_what_makes_unsafe(own))
            found.append(Site(plan.stream.call, dotted, name, plan, unsafe))
    left, _ = kept(found, comments_of(source), {})
    return tuple(left)


def _what_makes_unsafe(calls: Sequence[tuple[Caller, Site]]) -> Iterator[Refusal]:
    """What makes each of the calls unsafe to move, with the call's place."""
    for caller, site in calls:
        for refusal in site.refusals:
            place = f"{caller.path.name}:{caller.place}"
            yield Refusal(refusal.reason, f"the call at {place} is unsafe to move")


class _Insertion(NamedTuple):
    """A twin's lines behind the last line of its loader, counted from 1."""

    twin: Twin
    lines: Lines

    @property
    def behind(self) -> int:
        """The line of the old text behind which the twin stands."""
        return self.twin.loader.function.end_lineno or 1

    @property
    def text(self) -> tuple[str, ...]:
        """The lines that come in."""
        return ("", "", *self.twin.text.removesuffix("\n").split("\n"))


def _with_twins(text: str, insertions: Sequence[_Insertion]) -> str:
    """The text with the twins in it, and their imports in lines that are there already."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    imports = {insertion.twin.imports for insertion in insertions}
    for one in sorted(imports, key=lambda one: one.statement.end, reverse=True):
        if one.add is not None:
            row, column = one.statement.end.line - 1, one.statement.end.column
            before, after = lines[row][:column], lines[row][column:]
            lines[row] = f"{before}; from loadstream import {one.add}{after}"
    for insertion in sorted(insertions, key=lambda one: one.behind, reverse=True):
        lines[insertion.behind : insertion.behind] = insertion.text
    return "\n".join(lines)


def _calls(
    twins: Sequence[Twin], changed: SourceFile, overlay: Overlay
) -> Iterator[tuple[Caller, Site]]:
    """The calls of the repository that would become calls of a streamer, and of which."""
    words = "|".join(re.escape(twin.loader.name) for twin in twins)
    mentions = re.compile(rf"\b(?:{words})\s*(?:\(|as\b)".encode()).search
    seen_own = False
    own = changed.path.resolve()
    holding = {
        path: data
        for twin in twins
        for path, data in overlay.mentions.with_word(twin.loader.name).items()
    }
    for path, data in sorted(holding.items()):
        is_own = overlay.real(path) == own
        seen_own = seen_own or is_own
        if mentions(data) and is_worth_parsing(data, overlay):
            module = overlay.module(path)
            if module is not None and (is_own or _may_call(twins, module, overlay)):
                yield from _planned(module.source, overlay)
    if not seen_own:
        yield from _planned(changed, overlay)


def _may_call(twins: Sequence[Twin], module: Module, overlay: Overlay) -> bool:
    """Whether a file calls one of the loaders, or a method that is called like one.

    Many files may have a loader of the same name, each for itself.
    """
    for twin in twins:
        name = twin.loader.name
        others = (a.asname for a in module.every(ast.alias) if a.name == name and a.asname)
        calls = [call for one in {name, *others} for call in module.calls.get(one, ())]
        if twin.loader.owner is not None:
            if calls:
                return True
            continue
        found = (resolve(call.func, module, overlay) for call in calls)
        if any(callee is not None and callee.definition == twin.loader for callee in found):
            return True
    return False


def _planned(source: SourceFile, repository: Repository) -> Iterator[tuple[Caller, Site]]:
    try:
        sites = find_sites(source, repository)
    except SourceError:
        return
    for site in sites:
        if site.plan is not None and not isinstance(site.plan.shape, ReportOnly):
            line, cell = site.span.start.line, None
            if source.notebook is not None:
                place = source.notebook.place(site.span.start)
                line, cell = place.position.line, place.cell
            yield Caller(source.path, line, cell), site


def _in_old_lines(caller: Caller, module: Module, insertions: Sequence[_Insertion]) -> Caller:
    """The caller at its line before any twin stood above it."""
    if caller.path.resolve() != module.real_path:
        return caller
    line = caller.line
    for insertion in sorted(insertions, key=lambda one: one.behind):
        if line > insertion.behind:
            line -= len(insertion.text)
    return Caller(module.path, line)

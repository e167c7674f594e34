"""A load site and what becomes of it: the result of the analysis, for lint and for rewrite."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import NamedTuple

from loadstream.analysis import hazards
from loadstream.analysis.calls import find_loads
from loadstream.analysis.caveats import caveat, strictness
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Module
from loadstream.analysis.notebook_plans import of_notebook
from loadstream.analysis.openings import Assigned, WithBlock
from loadstream.analysis.patterns import (
    PATTERNS,
    consumed_stream,
    costly_first,
    single_pass,
    split_filters,
    unused_suppression,
)
from loadstream.analysis.plain_loaders import plain_names
from loadstream.analysis.plans import (
    AccumulateLoop,
    Count,
    CountedLoop,
    FilterCollect,
    FilterLoop,
    FindFirst,
    FirstOf,
    ItemsLoop,
    Plan,
    Predicate,
    ReportOnly,
    Safety,
    Shape,
    Split,
    SplitFilter,
)
from loadstream.analysis.reasons import Reason, Refusal, too_large
from loadstream.analysis.repository import Repository
from loadstream.analysis.source import SourceFile, failures_of_one_file
from loadstream.analysis.spans import Span
from loadstream.analysis.suppressions import Comment, find_comments, kept
from loadstream.analysis.taken_names import Taken
from loadstream.analysis.taking_turns import read_again
from loadstream.analysis.twins import on_loaders
from loadstream.analysis.uses import Use, find_use


class Site(NamedTuple):
    """One load call (or misused stream) and its verdict.

    `span` is the call; for a report about something else (a condition, a comment) it is that one's
    place. `loader` and `stream` are qualified names (`common.repo.load_x`); `stream` is None where
    there is no twin, both are None for a comment. `plan` is the accepted rewrite; where it is None
    the site is kept and `refusals` says why, all that fail and never none. Beside an unsafe plan
    `refusals` says what makes it unsafe. In a notebook `cell` is the number of the cell, once the
    places of the site are those within it (`in_cells`); the plan's are those in the whole text.
    """

    span: Span
    loader: str | None
    stream: str | None
    plan: Plan | None
    refusals: tuple[Refusal, ...] = ()
    cell: int | None = None


def in_cells(sites: Iterable[Site], source: SourceFile) -> tuple[Site, ...]:
    """The sites of a file, with places within their cells where it is a notebook."""
    notebook = source.notebook
    if notebook is None:
        return tuple(sites)
    placed = []
    for site in sites:
        cell = notebook.place(site.span.start).cell
        refusals = tuple(notebook.refusal(refusal, cell) for refusal in site.refusals)
        span = notebook.span(site.span)
        placed.append(site._replace(span=span, refusals=refusals, cell=cell))
    return tuple(placed)


def find_sites(source: SourceFile, repository: Repository) -> tuple[Site, ...]:
    """Every load site of `source`, in the order of the text.

    Loaders are resolved inside `repository`; files that are read to that end and cannot be parsed
    count as unknown. Raises SourceError where the file is nested too deeply to be followed, or
    where the analysis itself fails: one file must not end the run over all the others.
    """
    with failures_of_one_file():
        plain_names(repository)  # for which this file may be read already
        module = repository.module_of(source)
        loads = tuple(find_loads(module, repository))
        judged = (_judge(load, module, repository) for load in loads)
        sites = [site for site in judged if site is not None]
        sites += [
            Site(found.plan.anchor, found.loader, found.streamer, found.plan)
            for found in costly_first.report(loads, module)
        ]
        sites = _under_comments(sites, loads, module, repository)
    return _with_names_of_their_own(sites, module)


def _under_comments(
    sites: list[Site], loads: Iterable[Load], module: Module, repository: Repository
) -> list[Site]:
    """The sites as the comments in the file leave them, and the comments that keep nothing."""
    comments = comments_of(module.source)
    opened = {
        module.source.lines.span(load.call): load.opening.statement.lineno
        for load in loads
        if comments and isinstance(load.opening, WithBlock | Assigned)
    }
    left, used = kept(sites, comments, opened)
    used |= on_loaders(comments, module, repository)
    for plan in unused_suppression.report(comments, used, sites):
        left.append(Site(plan.anchor, None, None, plan))
    return sorted(left, key=lambda site: site.span.start)


def comments_of(source: SourceFile) -> tuple[Comment, ...]:
    """The comments of a file that keep something as it is."""
    codes = [pattern.CODE for pattern in PATTERNS if pattern is not unused_suppression]
    return find_comments(source, codes)


def _judge(load: Load, module: Module, repository: Repository) -> Site | None:
    """The site of a load; for a stream call only where there is something to mend."""
    found = find_use(load, module, repository)
    if isinstance(found, Use):
        refusals = [*load.refusals, *_of_uses(found)]
    else:
        refusals = [*load.refusals, *found]
    if load.kind is not Kind.LOADED:
        return _judge_stream(load, found, refusals, module)
    span = module.source.lines.span(load.call)
    if not _is_placed(load.call, module):
        fact = "its place in the text is not known, as inside an f-string of several lines"
        refusals.append(Refusal(Reason.NOT_EDITABLE, fact, span))
    if isinstance(found, Use) and not refusals and module.source.is_too_large:
        refusals.append(too_large(span))
    if isinstance(found, Use) and not refusals:
        plan, refusals = _plan_of(found)
        if plan is not None:
            return Site(span, load.loader, load.streamer, plan, _caveats(found))
    if isinstance(found, Use):
        refusals = [*read_again(found), *refusals]
    if not refusals:
        refusals = [Refusal(Reason.ESCAPES, "the value is used in a way that is not known", span)]
    return Site(span, load.loader, load.streamer, None, _placed(refusals, span))


def _is_placed(call: ast.Call, module: Module) -> bool:
    """Whether the text at the call's place is the call: before 3.12, f-strings misplace nodes."""
    try:
        text = module.source.lines.text(module.source.lines.span(call))
        return ast.dump(ast.parse(f"({text})", mode="eval").body) == ast.dump(call)
    except (SyntaxError, ValueError, IndexError):
        return False


def _judge_stream(
    load: Load, found: Use | tuple[Refusal, ...], refusals: list[Refusal], module: Module
) -> Site | None:
    span = module.source.lines.span(load.call)
    plan = consumed_stream.report(load, module)
    usable = isinstance(found, Use) and not refusals and load.stream is not None
    if plan is None and usable and _is_placed(load.call, module):
        assert isinstance(found, Use)
        plan, _ = _plan_of(found)
    if plan is None:
        return None
    unsafe: tuple[Refusal, ...] = ()
    if isinstance(found, Use) and not isinstance(plan.shape, ReportOnly):
        unsafe = _caveats(found)
    return Site(span, load.loader, load.streamer, plan, unsafe)


def _of_uses(found: Use) -> list[Refusal]:
    """What speaks against a rewrite of the use in any branch."""
    of_each = [r for use in found.each for r in (*hazards.of_use(use), *strictness(use))]
    of_later = [r for use in found.beside for r in (*hazards.of_pass(use), *strictness(use))]
    return [*of_each, *of_later, *hazards.of_every_way(found)]


def _caveats(found: Use) -> tuple[Refusal, ...]:
    """What makes the plan unsafe, in any branch."""
    return tuple(dict.fromkeys(r for use in found.each for r in caveat(use).refusals))


def _plan_of(found: Use) -> tuple[Plan | None, list[Refusal]]:
    """The plan for a use, in all branches if there are several, or why there is none."""
    plans: list[Plan] = []
    refusals: list[Refusal] = []
    for use in found.each:
        plan, refused = _first_plan(use)
        refusals += refused
        if plan is not None:
            plans.append(plan)
    if len(plans) < len(found.each):
        return None, refusals
    first, *others = plans
    if not others:
        return first, []
    if any(isinstance(plan.shape, ReportOnly) for plan in plans):
        return None, []
    unsafe = any(plan.safety is Safety.UNSAFE for plan in plans)
    safety = Safety.UNSAFE if unsafe else Safety.SAFE
    return first._replace(safety=safety, branches=tuple(others)), []


def _first_plan(use: Use) -> tuple[Plan | None, list[Refusal]]:
    refusals: list[Refusal] = []
    patterns = PATTERNS
    if use.lengths:  # a loop that has to count must see every element: nothing may be filtered out
        patterns = (single_pass,)
    elif use.beside:
        patterns = (split_filters,)
    for pattern in patterns:
        outcome: Plan | tuple[Refusal, ...] | None = pattern.plan(use)
        if isinstance(outcome, Plan):
            outcome = of_notebook(outcome, use) or outcome
        if isinstance(outcome, Plan):
            return outcome, []
        if outcome is not None:
            refusals.extend(outcome)
    return None, refusals


def _placed(refusals: list[Refusal], call: Span) -> tuple[Refusal, ...]:
    """Each refusal once; at the call what has no place of its own in this file."""
    placed = (r if r.span else r._replace(span=call) for r in refusals)
    return tuple(dict.fromkeys(placed))


def _with_names_of_their_own(sites: list[Site], module: Module) -> tuple[Site, ...]:
    """The same sites, no two of which give what they bring in the same name.

    Predicates in different functions may have the same: each is read right below its `def`.
    """
    if not any(site.plan for site in sites):
        return tuple(sites)
    taken = Taken(module)
    result = []
    for site in sites:
        if site.plan is not None:
            plan = _with_name_of_its_own(site.plan, taken)
            branches = tuple(_with_name_of_its_own(b, taken) for b in site.plan.branches)
            plan = plan._replace(branches=branches)
            site = site._replace(plan=plan)
        result.append(site)
    return tuple(result)


def _with_name_of_its_own(plan: Plan, taken: Taken) -> Plan:
    match plan.shape:
        case CountedLoop(counter=counter):
            shape: Shape = plan.shape._replace(counter=taken.fresh(counter))
        case ItemsLoop(value=value, reads=reads) if reads:
            shape = plan.shape._replace(value=taken.fresh(value))
        case (
            FilterCollect(predicate=Predicate(name=str(name)) as predicate)
            | FilterLoop(predicate=Predicate(name=str(name)) as predicate)
            | AccumulateLoop(predicate=Predicate(name=str(name)) as predicate)
            | FindFirst(predicate=Predicate(name=str(name)) as predicate)
            | FirstOf(predicate=Predicate(name=str(name)) as predicate)
            | Count(predicate=Predicate(name=str(name)) as predicate)
        ):
            renamed = predicate._replace(name=taken.fresh(name, predicate.before))
            shape = plan.shape._replace(predicate=renamed)
        case Split(filters=filters):
            shape = plan.shape._replace(filters=tuple(_named(one, taken) for one in filters))
        case _:
            return plan
    return plan._replace(shape=shape)


def _named(one: SplitFilter, taken: Taken) -> SplitFilter:
    predicate = one.predicate
    if predicate.name is None:
        return one
    name = taken.fresh(predicate.name, predicate.before)
    return one._replace(predicate=predicate._replace(name=name))

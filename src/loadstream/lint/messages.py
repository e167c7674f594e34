"""The words of a finding: the fact about the place, and the way on."""

from __future__ import annotations

from collections.abc import Sequence

from loadstream.analysis.plans import (
    AccumulateLoop,
    Caller,
    Count,
    CountedLoop,
    Deprecation,
    FilterCollect,
    FilterLoop,
    FindFirst,
    Plan,
    ReportOnly,
    Safety,
    SinglePass,
    Split,
    StreamTwin,
)
from loadstream.analysis.sites import Site
from loadstream.lint.codes import KEPT, NAMES
from loadstream.lint.findings import Finding
from loadstream.project.shown import shown

_NAMED_CALLERS = 3


def finding_of_site(path: str, site: Site) -> Finding:
    """The finding about `site` in the file shown as `path`."""
    code = site.plan.code if site.plan else KEPT
    return Finding(
        path=path,
        line=site.span.start.line,
        column=site.span.start.column + 1,
        end_line=site.span.end.line,
        end_column=site.span.end.column + 1,
        code=code,
        rule=NAMES[code],
        message=_planned(site, site.plan) if site.plan else _kept(site),
        loader=site.loader,
        stream=site.stream,
        fix=_fix(site.plan),
        reasons=tuple(dict.fromkeys(refusal.reason.value for refusal in site.refusals)),
        cell=site.cell,
    )


def _fix(plan: Plan | None) -> str | None:
    if plan is None or isinstance(plan.shape, ReportOnly):
        return None
    return plan.safety.value


def _planned(site: Site, plan: Plan) -> str:
    if isinstance(plan.shape, StreamTwin):
        return _without_twin(site, plan.stream.callee, plan.shape.callers)
    if isinstance(plan.shape, Deprecation):
        return f"`{_short(site.loader)}()` is to be deprecated: `{plan.stream.callee}()` streams it"
    if isinstance(plan.shape, ReportOnly) and plan.shape.fact:
        return plan.shape.fact
    parameter = plan.stream.filter_parameter
    stream = f"{plan.stream.callee}()"
    filtered = f"{plan.stream.callee}({parameter}=…)" if parameter else stream
    words = _words_about_streams if plan.code.startswith("LS2") else _words_about_loads
    branches = f" (in each of {len(plan.each)} branches)" if plan.branches else ""
    unsafe = "; ".join(f"{refusal.words} ({refusal.reason.value})" for refusal in site.refusals)
    caveat = f"; unsafe: {unsafe}" if unsafe and plan.safety is Safety.UNSAFE else ""
    return f"`{_short(site.loader)}()` {words(plan, stream, filtered)}{branches}{caveat}"


def _without_twin(site: Site, twin: str, callers: Sequence[Caller]) -> str:
    places = [f"{shown(caller.path)}:{caller.place}" for caller in callers]
    listed = ", ".join(places[:_NAMED_CALLERS]) + (", …" if len(places) > _NAMED_CALLERS else "")
    calls = f"{len(places)} call{'' if len(places) == 1 else 's'}"
    return (
        f"`{_short(site.loader)}()` has no streaming twin: {calls} could stream with "
        f"`{twin}()` beside it ({listed})"
    )


def _words_about_loads(plan: Plan, stream: str, filtered: str) -> str:
    match plan.shape:
        case FilterCollect(moved=moved) if moved:
            return f"is loaded whole, then filtered: use `{filtered}`"
        case FilterLoop():
            return f"is loaded whole, then filtered in the loop: use `{filtered}`"
        case AccumulateLoop():
            return f"is loaded whole to pick some of it: use `list({filtered})`"
        case FindFirst():
            return f"is loaded whole to find one element: `{stream}` stops reading there"
        case SinglePass() if plan.code == "LS105":
            return f"is loaded whole to find one element: `{stream}` stops reading there"
        case Count():
            return f"is loaded whole to be counted: count `{stream}` as it goes by"
        case Split(filters=filters):
            return f"is loaded whole for {len(filters)} filters: `split({stream}, …)` fills all"
        case CountedLoop():
            return f"is loaded whole for one pass and its length: count `{stream}` in the loop"
        case _:
            return f"is loaded whole for one pass: use `{stream}`"


def _words_about_streams(plan: Plan, stream: str, filtered: str) -> str:
    match plan.shape:
        case FilterCollect() | AccumulateLoop():
            return f"is collected whole, then filtered: use `{filtered}`"
        case FilterLoop():
            return f"is filtered in the loop: use `{filtered}`"
        case ReportOnly():
            return "is read again after it was consumed: collect it once, or stream it twice"
        case Count():
            return f"is collected whole to be counted: count `{stream}` as it goes by"
        case _:
            return f"is collected whole for one pass: iterate `{stream}`"


def _kept(site: Site) -> str:
    reasons = list(dict.fromkeys(refusal.reason.value for refusal in site.refusals))
    facts = "; ".join(f"{refusal.words} ({refusal.reason.value})" for refusal in site.refusals)
    return f"kept `{_short(site.loader)}()`: {facts}. loadstream explain {reasons[0]}"


def _short(qualified: str | None) -> str:
    if qualified is None or qualified.startswith("json."):
        return qualified or ""
    return qualified.rpartition(".")[2]

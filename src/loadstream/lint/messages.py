"""The words of a finding: the fact about the place, and the way on."""

from __future__ import annotations

from loadstream.analysis.plans import (
    AccumulateLoop,
    Count,
    FilterCollect,
    FilterLoop,
    FindFirst,
    Plan,
    ReportOnly,
    Shape,
    SinglePass,
)
from loadstream.analysis.sites import Site
from loadstream.lint.catalogue import KEPT, UNREADABLE, rule_names
from loadstream.lint.findings import Finding


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
        rule=rule_names()[code],
        message=_planned(site, site.plan) if site.plan else _kept(site),
        loader=site.loader,
        stream=site.stream,
        fix=_fix(site.plan),
        reasons=tuple(dict.fromkeys(refusal.reason.value for refusal in site.refusals)),
    )


def unreadable(path: str, cause: str, line: int, column: int) -> Finding:
    """The finding about a file that could not be read or parsed."""
    return Finding(
        path=path,
        line=line,
        column=column,
        end_line=line,
        end_column=column,
        code=UNREADABLE,
        rule=rule_names()[UNREADABLE],
        message=f"cannot be read as Python: {cause}",
        loader=None,
        stream=None,
        fix=None,
        reasons=(),
    )


def _fix(plan: Plan | None) -> str | None:
    if plan is None or isinstance(plan.shape, ReportOnly):
        return None
    return plan.safety.value


def _planned(site: Site, plan: Plan) -> str:
    parameter = plan.stream.filter_parameter
    filtered = f"`{plan.stream.callee}({parameter}=…)`" if parameter else f"`{plan.stream.callee}`"
    fact, way = _words(plan.shape, plan.code, f"`{plan.stream.callee}(…)`", filtered)
    return f"`{_short(site.loader)}` {fact}: {way}"


def _words(shape: Shape, code: str, stream: str, filtered: str) -> tuple[str, str]:
    """What is done with the load, and what to do instead."""
    match shape:
        case FilterCollect(moved=0):
            return "loads everything for one pass", f"iterate {stream}"
        case FilterCollect():
            return "loads everything, then filters", f"filter while streaming, {filtered}"
        case FilterLoop():
            return "loads everything, then filters in the loop", f"loop over {filtered}"
        case AccumulateLoop():
            return "loads everything to collect what matches", f"collect from {filtered}"
        case FindFirst():
            return "loads everything to find one", f"stop reading at the match, {stream}"
        case SinglePass() if code == "LS105":
            return "loads everything to find one", f"stop reading at the match, {stream}"
        case SinglePass():
            return "loads everything for one pass", f"iterate {stream}"
        case Count():
            return "loads everything to count it", f"count while streaming, {stream}"
        case ReportOnly():
            return "is a stream that is read again", "a stream can be read once: collect it first"


def _kept(site: Site) -> str:
    reasons = list(dict.fromkeys(refusal.reason.value for refusal in site.refusals))
    facts = "; ".join(f"{refusal.fact} ({refusal.reason.value})" for refusal in site.refusals)
    return f"kept `{_short(site.loader)}`: {facts}. loadstream explain {reasons[0]}"


def _short(qualified: str) -> str:
    return qualified.rpartition(".")[2]

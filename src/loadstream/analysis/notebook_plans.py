"""What a plan must not do in a notebook, whose cells run one by one, again, and in any order."""

from __future__ import annotations

from collections.abc import Iterator

from loadstream.analysis.plans import AccumulateLoop, FilterLoop, Plan, spans_of
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.spans import Span
from loadstream.analysis.uses import Use


def of_notebook(plan: Plan, use: Use) -> tuple[Refusal, ...]:
    """Why `plan` is none for the notebook that its use stands in, if that is so."""
    notebook = use.module.source.notebook
    if notebook is None:
        return ()
    if not notebook.same_cell(_edited(plan)):
        fact = f"the rewrite would reach over cells from line {plan.anchor.start.line}"
        return (Refusal(Reason.NOTEBOOK_GLOBAL, fact, plan.anchor),)
    if isinstance(plan.shape, FilterLoop | AccumulateLoop) and use.scope.function().is_module:
        fact = f"the loop of line {plan.anchor.start.line} would leave other values in its names"
        return (Refusal(Reason.NOTEBOOK_GLOBAL, fact, plan.anchor),)
    return ()


def _edited(plan: Plan) -> Iterator[Span]:
    """The places that the edit touches, but those of imports."""
    for name, value in plan._asdict().items():
        if name not in ("imports", "branches"):
            yield from spans_of(value)

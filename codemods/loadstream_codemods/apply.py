"""Plans to text: the one function that the rewrite driver calls, and the table of all edits."""

from __future__ import annotations

from collections.abc import Sequence

from loadstream.analysis.plans import Plan
from loadstream.analysis.settings import LINE_WIDTH
from loadstream_codemods import (
    accumulate_loop,
    count,
    counted_loop,
    filter_collect,
    filter_loop,
    find_first,
    items,
    split_filters,
)
from loadstream_codemods.engine import Edits, transform

# `find_first` and `items` bring the edit of `single_pass` with them: some forms have that shape.
EDITS: Edits = {
    **filter_collect.EDITS,
    **filter_loop.EDITS,
    **accumulate_loop.EDITS,
    **find_first.EDITS,
    **count.EDITS,
    **counted_loop.EDITS,
    **items.EDITS,
    **split_filters.EDITS,
}


def apply(text: str, plans: Sequence[Plan], width: int = LINE_WIDTH) -> str:
    """`text` with all of `plans` carried out; what they do not touch stays character for character.

    New lines are at most `width` long, if that can be.
    Raises CannotApplyError (CommentLostError among them), with the plan that could not be
    carried out.
    """
    return transform(text, plans, EDITS, width)

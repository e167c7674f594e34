"""LS104 single-pass: the stream stands where the loaded list stood; nothing else changes.

for s in load_x():                    for s in stream_x():
    work(s)                               work(s)
"""

from __future__ import annotations

import libcst as cst

from loadstream.analysis import plans
from loadstream_codemods import counted_loop
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.task import Task


def edit(anchor: cst.CSTNode, task: Task) -> cst.CSTNode:
    """The stream call itself: the anchor of this shape is the source."""
    if anchor is not task.placeholder:
        raise AssertionError("a single pass is edited at its source")
    return task.plain_call()


EDITS: Edits = {plans.SinglePass: edit, **counted_loop.EDITS}


class SinglePass(PatternCommand):
    """LS104 alone."""

    DESCRIPTION = "Stream what is read in one pass instead of loading it whole."
    CODE = "LS104"
    EDITS = EDITS

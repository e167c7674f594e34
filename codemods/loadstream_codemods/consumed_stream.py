"""LS203 consumed-stream: a stream that is read twice is reported; no edit is made.

Collecting it once would change what the program did so far: its second pass saw nothing, or
raised. Which of the two passes is meant is for a person to say.
"""

from __future__ import annotations

from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits

EDITS: Edits = {}


class ConsumedStream(PatternCommand):
    """LS203 alone, so that every rule has its command; it leaves each file as it is."""

    DESCRIPTION = "Changes nothing: loadstream lint reports streams that are read twice."
    CODE = "LS203"
    EDITS = EDITS

"""A load: one call that loads (or streams), and what a rewrite of it would call instead."""

from __future__ import annotations

import ast
from enum import Enum
from typing import NamedTuple

from loadstream.analysis.data_files import DataFile
from loadstream.analysis.openings import Opening
from loadstream.analysis.plans import ImportChange, RuntimeImport, StreamCall
from loadstream.analysis.reasons import Refusal


class Kind(Enum):
    """What the call gives to the code around it."""

    LOADED = "load_x()"
    COLLECTED = "list(stream_x())"
    STREAMED = "stream_x()"


class Load(NamedTuple):
    """One call that loads (or streams), with what a rewrite of it would call instead.

    `expression` is what the code around it uses: the call, or the `list(…)` around it. `iterator`:
    whether next() can be asked of the streamer's result. `stream` and `imports` are None, and
    `refusals` is not empty, where the call must stay as it is. `data` is what is read; `opening`
    is given for a plain load of a file, whose `stream` is that of the whole document.
    """

    kind: Kind
    expression: ast.Call
    call: ast.Call
    loader: str
    streamer: str | None
    data: DataFile
    iterator: bool
    stream: StreamCall | None
    imports: ImportChange | RuntimeImport | None
    refusals: tuple[Refusal, ...]
    opening: Opening | None = None

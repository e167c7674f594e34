"""What a repository's configuration tells the analysis, as plain values.

Read from pyproject.toml elsewhere: the analysis neither knows that file nor looks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

LINE_WIDTH = 88  # of the repository's lines, where it does not say

# A loader's parameter either has another name in the streamer (a string), or each constant that
# it is given, as text, stands for keywords of the streamer.
ArgumentMap = Mapping[str, str | Mapping[str, Mapping[str, object]]]


@dataclass(frozen=True)
class PairSetting:
    """One configured pair, by dotted names: `pkg.module.load_x`, `pkg.module.Class.load_x`.

    `filter_parameter` is None where the streamer's is to be found by its name. `data` is a path or
    glob, relative to the configuration's folder. `arguments` tells how the loader's arguments
    become the streamer's, where they are not the same.
    """

    load: str
    stream: str
    filter_parameter: str | None = None
    data: str | None = None
    arguments: ArgumentMap = field(default_factory=dict)


class Settings(NamedTuple):
    """What the user has decided for a repository.

    `folder` is what `data` is relative to (None: the repository's root). A pair whose data is
    known and smaller than `min_size` bytes is kept. `strict` refuses what would only crash later
    than before. `python` is the oldest version that the code must run on (None: not known).
    No line of new code is longer than `line_width` if it can be helped.
    """

    pairs: tuple[PairSetting, ...] = ()
    folder: Path | None = None
    min_size: int | None = None
    strict: bool = False
    python: tuple[int, int] | None = None
    line_width: int = LINE_WIDTH

    @property
    def names(self) -> tuple[str, ...]:
        """The last names of all configured loaders and streamers, as calls spell them."""
        dotted = (name for pair in self.pairs for name in (pair.load, pair.stream))
        return tuple(dict.fromkeys(name.rpartition(".")[2] for name in dotted))

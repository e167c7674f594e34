"""Text with places to fill: the few lines with which random programs are put together.

A place is `<name>`. Where it is all that a line holds, what comes there may have many lines, each
indented as the place was, or none.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

_PLACE = re.compile(r"<([a-z_]+)>")
_LINE = re.compile(r"^([ \t]*)<([a-z_]+)>$", re.MULTILINE)

Fillers = Mapping[str, Callable[[], str]]
T = TypeVar("T")


def fill(template: str, fillers: Fillers) -> str:
    """`template` with every place filled, also those in what was filled in."""
    text = template
    while _PLACE.search(text):
        text = _LINE.sub(lambda found: _block(found, fillers), text)
        text = _PLACE.sub(lambda found: fillers[found[1]](), text, count=1)
    return "\n".join(line for line in text.split("\n") if line.strip())


def _block(found: re.Match[str], fillers: Fillers) -> str:
    lines = fillers[found[2]]().split("\n")
    return "\n".join(found[1] + line if line else "" for line in lines)


def weighted(rng: random.Random, table: Sequence[tuple[float, T]]) -> T:
    """One entry of a table of weights and entries."""
    weights = [weight for weight, _ in table]
    return rng.choices([entry for _, entry in table], weights)[0]


def indent(text: str, prefix: str = "    ") -> str:
    """The lines of `text`, further in."""
    return "\n".join(prefix + line if line else "" for line in text.split("\n"))

"""Names that look like those of a loader and its streamer. Looking so proves nothing."""

from __future__ import annotations

import re

from loadstream.analysis.loader_names import noun_of

_BEFORE = re.compile(r"(?:stream|iter|iterate|each|scan|lazy|yield)_(?:over_|load_|read_|get_)?")
_BEHIND = re.compile(r"_(?:stream|streamed|streaming|iter|iterator|lazy|lazily|generator|gen)$")


def may_stream(name: str, loader: str) -> bool:
    """Whether a function called `name`, as `rows_stream`, may stream what `loader` loads."""
    bare = name.lstrip("_")
    if match := _BEFORE.match(bare):
        stem = bare[match.end() :]
    elif match := _BEHIND.search(bare):
        stem = bare[: match.start()]
    else:
        return False
    noun = noun_of(loader)
    return bool(noun) and noun in (stem, noun_of(stem), stem.removesuffix("s"), f"{stem}s")

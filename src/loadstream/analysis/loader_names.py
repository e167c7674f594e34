"""Names of loaders, and where their streamers stand.

`load_x` with a `stream_x`, `iter_x` or `iter_load_x` beside it is a pair by convention. Any other
name says nothing by itself: such a function is a loader only where its body is a plain load, and
`twin_names` are those under which its streamer may stand.
"""

from __future__ import annotations

import re

FILTER_PARAMETERS = ("filter_func", "predicate", "filter_fn", "condition", "where")
VERBS = ("load", "get", "read", "fetch", "parse", "open")

_SPLIT = re.compile(rf"(?P<verb>{'|'.join(VERBS)})(?:_(?P<noun>\w+)|(?P<camel>[A-Z]\w*))?")
_STREAMER = re.compile(r"(?:stream|iter)(?![a-z])")
_EAGER = "_eager"


def streamer_names(loader_name: str) -> tuple[str, ...]:
    """The names by convention of a loader's streamer, best first; empty for other names."""
    prefix, _, noun = loader_name.lstrip("_").partition("_")
    if prefix != "load" or not noun:
        return ()
    lead = _lead(loader_name)
    return (f"{lead}stream_{noun}", f"{lead}iter_{noun}", f"{lead}iter_load_{noun}")


def loader_names(streamer_name: str) -> tuple[str, ...]:
    """The name of the loader beside a streamer of that name; empty for other names."""
    for prefix in ("stream_", "iter_load_", "iter_"):
        if streamer_name.startswith(prefix) and len(streamer_name) > len(prefix):
            return (f"load_{streamer_name.removeprefix(prefix)}",)
    return ()


def twin_names(loader_name: str) -> tuple[str, ...]:
    """The names under which the streamer of a plain loader may stand, best first.

    `stream_rows` for `load_rows`, `get_rows` and `load_rows_eager` (there also `load_rows_lazy`),
    `streamRows` for `readRows`, `stream` for `load`, `stream_questions` for `questions`. Empty for
    what is called as a streamer is, and for Python's own names.
    """
    lead, bare = _lead(loader_name), loader_name.lstrip("_")
    if not bare or bare.endswith("__") or _STREAMER.match(bare):
        return ()
    if bare.endswith(_EAGER) and bare != _EAGER.lstrip("_"):
        stem = bare.removesuffix(_EAGER)
        lazy = f"{lead}{stem}_lazy"
        return (*twin_names(lead + stem), lazy, *streamer_names(loader_name))
    if by_convention := streamer_names(loader_name):
        return by_convention
    parts = _SPLIT.fullmatch(bare)
    if parts is None:
        return (f"{lead}stream_{bare}", f"{lead}iter_{bare}")
    if parts["noun"]:
        return (f"{lead}stream_{parts['noun']}", f"{lead}iter_{parts['noun']}")
    if parts["camel"]:
        return (f"{lead}stream{parts['camel']}", f"{lead}iter{parts['camel']}")
    return (f"{lead}stream",)


def noun_of(loader_name: str) -> str:
    """What a loader loads, by its name; empty where the name is a verb alone."""
    parts = _SPLIT.fullmatch(loader_name.lstrip("_"))
    if parts is None:
        return loader_name.lstrip("_")
    return parts["noun"] or parts["camel"] or ""


def _lead(name: str) -> str:
    return "_" * (len(name) - len(name.lstrip("_")))

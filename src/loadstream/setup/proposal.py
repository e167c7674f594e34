"""The `[tool.loadstream]` block that suits a repository, as values and as text.

Nothing in it may make a rewrite wrong: a pair that only looks like one is proposed in a comment.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from loadstream.project.config import Configuration
from loadstream.project.sizes import size_text
from loadstream.setup.survey import Loader, Survey

SMALL = 1_000_000
_SMALL_TEXT = "1 MB"
_FOREIGN = frozenset(
    "vendor vendored _vendor third_party thirdparty third-party generated _generated".split()
)
_BUILT = frozenset({"build", "dist"})  # by this tree's own tools, at its top
_GENERATED = ("*_pb2.py", "*_pb2_grpc.py")


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """A pair to be configured, with the files that it reads."""

    load: str
    stream: str
    data: str | None
    size: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could be configured: `small` are pairs whose data is, `maybe` those to ask about."""

    exclude: tuple[str, ...]
    small: tuple[ProposedPair, ...]
    maybe: tuple[ProposedPair, ...]

    def __bool__(self) -> bool:
        """Whether anything in it would be in force."""
        return bool(self.exclude or self.small)


def propose(found: Survey, files: Iterable[Path], configuration: Configuration) -> Proposal:
    """What the configuration does not say yet."""
    known = {pair.load for pair in configuration.pairs}
    loaders = [one for one in found.loaders if one.name not in known and _can_be_named(one)]
    names = sorted(_below(path, configuration.root) for path in files)
    return Proposal(
        tuple(_exclude(names)),
        tuple(
            _pair(one, one.stream)
            for one in loaders
            if one.stream and one.certain and one.movable and _is_small(one)
        ),
        tuple(_pair(one, one.lookalike) for one in loaders if one.lookalike),
    )


def _below(path: Path, root: Path) -> PurePosixPath:
    try:
        return PurePosixPath(path.resolve().relative_to(root.resolve()).as_posix())
    except ValueError:
        return PurePosixPath(path.name)


def _exclude(names: Sequence[PurePosixPath]) -> Iterator[str]:
    """Patterns for what others wrote, of those folders and names that are there."""
    folders = {part for name in names for part in name.parts[:-1] if part in _FOREIGN}
    yield from (f"{folder}/" for folder in sorted(folders))
    tops = {name.parts[0] for name in names if len(name.parts) > 1}
    yield from (f"/{folder}/" for folder in sorted(tops & _BUILT))
    yield from (one for one in _GENERATED if any(name.match(one) for name in names))


def _can_be_named(loader: Loader) -> bool:
    """Whether the configuration can speak of it: not so in `my-script.py`."""
    parts = loader.name.split(".")
    return len(parts) > 1 and all(part.isidentifier() for part in parts)


def _is_small(loader: Loader) -> bool:
    return _data(loader) is not None and loader.data[0].size < SMALL


def _data(loader: Loader) -> str | None:
    """The one file that it reads, if it is known and its name is text."""
    only = loader.data[0].path if len(loader.data) == 1 else ""
    return only if only.isprintable() and not glob.has_magic(only) and only else None


def _pair(loader: Loader, stream: str | None) -> ProposedPair:
    assert stream is not None
    return ProposedPair(loader.name, stream, _data(loader), sum(one.size for one in loader.data))


def block(proposal: Proposal, configuration: Configuration) -> str:
    """The lines of the block, without a heading where there is one in the configuration."""
    lines = [] if configuration.file else ["[tool.loadstream]"]
    if not proposal and not configuration.file:
        lines += [
            "# Nothing has to be set: loaders are found by their names (load_x beside stream_x)",
            "# and by their bodies.",
            '# exclude = ["vendor/"]   # what is not yours to change',
            '# min-size = "1 MB"       # a pair whose `data` is smaller is left as it is',
        ]
    if proposal.exclude:
        patterns = ", ".join(map(_quoted, (*configuration.exclude, *proposal.exclude)))
        lines.append(f"exclude = [{patterns}]  # vendored or generated: not ours to change")
    if proposal.small and configuration.min_size is None:
        lines.append(f'min-size = "{_SMALL_TEXT}"  # below that, streaming saves next to nothing')
    for pair in proposal.small:
        lines += ["", *_table(pair, f"# {size_text(pair.size)} now")]
    for pair in proposal.maybe:
        lines += ["", "# If these two give the same elements, take away the marks:"]
        lines += [f"# {line}" for line in _table(pair, "")]
    return "\n".join(lines).strip("\n") + "\n" if lines else ""


def difference(written: str, configuration: Configuration) -> list[str]:
    """The lines of a block as what changes in the configuration that there is."""
    lines = [f"+ {line}".rstrip() for line in written.splitlines()]
    if configuration.exclude and written.startswith("exclude = "):
        before = ", ".join(map(_quoted, configuration.exclude))
        lines.insert(0, f"- exclude = [{before}]")
    return lines


def _table(pair: ProposedPair, about_data: str) -> list[str]:
    lines = [
        "[[tool.loadstream.pairs]]",
        f"load = {_quoted(pair.load)}",
        f"stream = {_quoted(pair.stream)}",
    ]
    if pair.data:
        lines.append(f"data = {_quoted(pair.data)}  {about_data}".rstrip())
    return lines


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

"""What `loadstream init` says of a repository: its loaders, its data, where to go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from loadstream.project.sizes import size_text
from loadstream.setup.data import DataFile
from loadstream.setup.survey import Loader, Survey

_SHOWN = 12


def render(found: Survey, root: str) -> str:
    """The survey as text, for somebody who sees the tool for the first time."""
    lines = [f"{root}: {_count(found.files, 'Python file')}, {_count(found.calls, 'JSON load')}"]
    if found.unreadable:
        lines.append(
            f"{_count(found.unreadable, 'file')} could not be read: loadstream lint says why"
        )
    lines += ["", *_loaders(found), "", *_data(found)]
    return "\n".join(lines)


def what_next(found: Survey) -> str:
    """The commands that follow."""
    if not found.calls:
        return (
            "Next: loadstream demo shows on a sample repository what loadstream does where there "
            "are loads."
        )
    rows = [
        ("loadstream lint", f"the {found.movable} of {found.calls} loads that could stream"),
        ("loadstream lint --show-kept", "the others, each with its reason"),
        ("loadstream rewrite --diff", "what would change; nothing is written"),
    ]
    if not found.movable:
        rows = rows[1:2]
    return "\n".join(["Next:", *_table(rows)])


def _loaders(found: Survey) -> Iterator[str]:
    rows = [("calls", "could stream", "loader", "")]
    shown = [one for one in found.loaders if one.calls or one.stream or one.lookalike][:_SHOWN]
    rows += [(str(one.calls), str(one.movable), one.name, _streams_with(one)) for one in shown]
    calls, movable = found.in_place
    if calls:
        rows.append((str(calls), str(movable), "json.load and json.loads in place", ""))
    if len(rows) == 1:
        yield "No loader was found, and no JSON load: there is nothing to move."
        return
    yield "Loaders"
    yield from _table(rows)
    if left := len(found.loaders) - len(shown):
        yield f"  and {left} more with fewer calls"


def _streams_with(loader: Loader) -> str:
    if loader.stream:
        by = ", by the configuration" if loader.by == "the configuration" else ""
        return f"streams with {loader.stream.rpartition('.')[2]}(){by}"
    if loader.twin:
        return f"rewrite can add {loader.twin.rpartition('.')[2]}() beside it (LS108)"
    if loader.lookalike:
        return f"{loader.lookalike.rpartition('.')[2]}() may stream the same: not known"
    return "has no stream"


def _data(found: Survey) -> Iterator[str]:
    if not found.data:
        yield "No data files (.json, .jsonl, packed or not) lie in the tree."
        return
    readers: dict[DataFile, list[str]] = {}
    for loader in found.loaders:
        for file in loader.data:
            readers.setdefault(file, []).append(f"{loader.name.rpartition('.')[2]}()")
    first = sorted(found.data, key=lambda file: (file not in readers, -file.size, file.path))
    shown = sorted(first[:_SHOWN], key=lambda file: (-file.size, file.path))
    total = sum(file.size for file in found.data)
    yield f"Data files ({len(found.data)}, together {size_text(total)})"
    rows = [
        (
            size_text(file.size),
            file.path,
            f"read by {', '.join(readers[file])}" if file in readers else "",
        )
        for file in shown
    ]
    yield from _table(rows)
    if left := len(found.data) - len(shown):
        yield f"  and {left} smaller ones"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as columns; figures and sizes, which come first, to the right."""
    rows = [[_printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if row[0][:1].isdigit() and _is_figure(cell) else cell.ljust(width)
            for cell, width in zip(row, widths, strict=True)
        ]
        yield f"  {'  '.join(cells)}".rstrip()


def _printable(cell: str) -> str:
    return cell.replace("\n", "\\n").encode(errors="backslashreplace").decode()


def _is_figure(cell: str) -> bool:
    return cell.split(" ")[0].replace(".", "").isdigit()

"""A finding as the protocol's diagnostic."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from loadstream.analysis.spans import Position, Span
from loadstream.lint.catalogue import KEPT, UNREADABLE
from loadstream.lint.findings import Finding
from loadstream.lsp.documents import Part
from loadstream.lsp.examination import Examined, Found

SOURCE = "loadstream"
_UNUSED_SUPPRESSION = "LS901"


def diagnostics_of(examined: Examined, show_kept: bool) -> dict[str, list[types.Diagnostic]]:
    """The diagnostics of each part of a document, by its URI; kept loads only if `show_kept`."""
    shown: dict[str, list[types.Diagnostic]] = {
        part.uri: [] for part in examined.document.parts.values()
    }
    for one, part in placed(examined):
        if show_kept or one.finding.code != KEPT:
            shown[part.uri].append(_diagnostic(one.finding, part))
    return shown


def placed(examined: Examined) -> Iterator[tuple[Found, Part]]:
    """What was found, each with the part that it stands in.

    A fault of a whole notebook is shown in its first cell.
    """
    parts = examined.document.parts
    for one in examined.found:
        part = parts.get(one.finding.cell) or next(iter(parts.values()), None)
        if part is not None:
            yield one, part


def range_of(finding: Finding, part: Part) -> types.Range:
    """Where the finding is, in the client's columns; a fault is shown up to the line's end."""
    start = Position(finding.line, finding.column - 1)
    end = Position(finding.end_line, finding.end_column - 1)
    if start == end:
        line = part.lines[min(start.line, len(part.lines)) - 1]
        end = Position(start.line, max(len(line), start.column))
    return part.range(Span(start, end))


def _diagnostic(finding: Finding, part: Part) -> types.Diagnostic:
    is_unused = finding.code == _UNUSED_SUPPRESSION
    return types.Diagnostic(
        range=range_of(finding, part),
        message=finding.message,
        severity=_severity(finding),
        code=finding.code,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if is_unused else None,
    )


def _severity(finding: Finding) -> types.DiagnosticSeverity:
    if finding.code == UNREADABLE:
        return types.DiagnosticSeverity.Error
    if finding.code == KEPT:
        return types.DiagnosticSeverity.Hint
    if finding.fix == "safe" or finding.code == _UNUSED_SUPPRESSION:
        return types.DiagnosticSeverity.Warning
    return types.DiagnosticSeverity.Information

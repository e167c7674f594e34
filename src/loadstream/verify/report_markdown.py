"""The report as Markdown, short enough for a comment on a pull request."""

from __future__ import annotations

from loadstream.verify.model import Report


def render(report: Report) -> str:
    """The whole report as GitHub-flavoured Markdown; long parts are folded in `<details>`."""
    raise NotImplementedError

"""`loadstream explain`: the page of a rule or of a reason, or a list of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from loadstream.cli import options

if TYPE_CHECKING:
    from loadstream.analysis.reasons import Reason


@click.command("explain")
@click.argument(
    "topic", required=False, metavar="[CODE|RULE|REASON]", shell_complete=options.complete_topic
)
def command(topic: str | None) -> int:
    """Say what a code, a rule or a reason means: LS101, filter-collect, multi-pass.

    Without one, lists all of them.
    """
    click.echo(_everything() if topic is None else _page(topic))
    return 0


def _everything() -> str:
    from loadstream.lint.catalogue import reasons, rules

    lines = ["Rules", *_table((rule.code, rule.name, rule.summary) for rule in rules())]
    lines += ["", "Reasons to keep a load"]
    lines += _table((reason.value, _first_sentence(reason.page)) for reason in reasons())
    return "\n".join([*lines, "", "loadstream explain NAME shows the page of one."])


def _page(topic: str) -> str:
    from loadstream.lint.catalogue import reasons, rules
    from loadstream.project.errors import InputError, nearest

    for rule in rules():
        if topic.casefold() in (rule.code.casefold(), rule.name):
            return rule.page
    for reason in reasons():
        if topic.casefold() == reason.value:
            return _reason_page(reason)
    known = [name for rule in rules() for name in (rule.code, rule.name)]
    known += [reason.value for reason in reasons()]
    hint = nearest(topic, known)
    raise InputError(f'there is no code, rule or reason "{topic}"{hint} (loadstream explain)')


def _reason_page(reason: Reason) -> str:
    return f"{reason.value}: why a load is kept\n\n{reason.page}"


def _first_sentence(page: str) -> str:
    """The sentence that a page begins with, in one line."""
    text = " ".join(page.split())
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]


def _table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows as aligned columns; the last one is folded to the width of the terminal."""
    import shutil
    import textwrap

    rows = list(rows)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    margin = 2 + sum(width + 2 for width in widths)
    room = max(40, min(shutil.get_terminal_size((100, 24)).columns, 120) - margin)
    lines = []
    for row in rows:
        head = "  " + "".join(
            f"{cell:<{width}}  " for cell, width in zip(row, widths, strict=False)
        )
        folded = textwrap.wrap(row[-1], room) or [""]
        lines.append(head + folded[0])
        lines += [" " * margin + part for part in folded[1:]]
    return lines

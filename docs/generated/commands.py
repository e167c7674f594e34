"""The reference of the command line, from click's own commands."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from generated.prose import fence, markdown
from loadstream.cli.group import loadstream

_HEAD = """\
# Command line

`python -m loadstream` is the same as `loadstream`. Errors are one line on stderr,
`error: …`, with the way on, and exit status 2.
"""


def page() -> str:
    """The whole page."""
    context = click.Context(loadstream, info_name="loadstream", **loadstream.context_settings)
    names = loadstream.list_commands(context)
    commands = ((name, loadstream.get_command(context, name)) for name in names)
    parts = [
        "\n".join(_command(context, name, command))
        for name, command in commands
        if command is not None and not command.hidden
    ]
    return "\n".join([_HEAD, *parts])


def _command(parent: click.Context, name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent)
    yield f"## loadstream {name}\n"
    yield fence("text", " ".join([context.command_path, *command.collect_usage_pieces(context)]))
    for part in re.split(r"\n\s*\n", inspect.cleandoc(command.help or "")):
        as_it_stands = part.startswith("\b\n")
        yield fence("text", part[2:]) if as_it_stands else markdown(part)
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and record[1]:  # an argument has its words in the text above
            names, text = record
            yield f"`{names}`\n:   {markdown(text)}"

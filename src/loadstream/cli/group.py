"""The top command: knows the names of the others and imports one when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from loadstream import __version__
from loadstream.cli.guard import exit_status
from loadstream.project.errors import nearest

_COMMANDS = (
    "demo",
    "init",
    "lint",
    "rewrite",
    "explain",
    "verify",
    "compare",
    "bench",
    "lsp",
    "completion",
)


class CommandLine(click.Group):
    """A group whose commands are modules of this package, each imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order in which a newcomer meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """The command called `name`; None if there is none."""
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"loadstream.cli.{name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` begins with. Raises click.UsageError for an unknown one."""
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            hint = nearest(args[0], _COMMANDS) or "; loadstream --help lists them"
            raise click.UsageError(f'there is no command "{args[0]}"{hint}', ctx)
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002  (we always end the process ourselves)
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run a command line and exit: 0 and 1 mean what the command says, 2 an error."""
        raise SystemExit(
            exit_status(
                lambda: super(CommandLine, self).main(
                    args,
                    prog_name,
                    complete_var,
                    standalone_mode=False,
                    windows_expand_args=windows_expand_args,
                    **extra,
                )
            )
        )


@click.group(
    cls=CommandLine,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="loadstream", message="%(prog)s %(version)s")
def loadstream() -> None:
    """Move Python code from loading whole JSON files to streaming them, safely.

    Start with `loadstream demo`, or with `loadstream init` in your own repository.
    """

"""`loadstream compare`: two functions or two scripts, old against new."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadstream.cli import options

if TYPE_CHECKING:
    from loadstream.verify import Settings


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option(
    "--data",
    multiple=True,
    metavar="GLOB",
    help="Files that made-up data replaces, besides those that are seen to be read.",
)
@options.verification
def command(
    old: str,
    new: str,
    data: tuple[str, ...],
    report_folder: Path | None,
    output_format: str,
    settings: Settings,
) -> int:
    """Compare two functions or two scripts by running both.

    OLD and NEW are path.py:function, package.module:function or path.py:Class.method, or scripts
    with their arguments, as in "report.py --year 2024".

    Exits with 0 if they are equal, with 1 if they differ, with 2 if that could not be told.
    """
    from loadstream.cli.progress import progress
    from loadstream.cli.verification import finish, verify_errors
    from loadstream.verify import compare_callables

    with verify_errors():
        with progress() as step:
            settings = replace(settings, progress=step)
            report = compare_callables(old, new, settings, data=data)
        return finish(report, report_folder, output_format)

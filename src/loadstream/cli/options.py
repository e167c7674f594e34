"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Function = TypeVar("_Function", bound=Callable[..., Any])


def paths(function: _Function) -> _Function:
    """`[PATHS]`: files and folders, the working directory if none is given."""
    return click.argument("paths", nargs=-1, type=click.Path(path_type=str))(function)


def codes(function: _Function) -> _Function:
    """`--select` and `--ignore`."""
    function = click.option(
        "--ignore",
        multiple=True,
        metavar="CODES",
        help="Leave these out: codes, their beginnings (LS1), or names, divided by commas.",
    )(function)
    return click.option(
        "--select",
        multiple=True,
        metavar="CODES",
        help="Only these: codes, their beginnings (LS1), or names, divided by commas.",
    )(function)


def verification(function: _Function) -> _Function:
    """What `verify` and `compare` have in common."""
    for option in reversed(_VERIFICATION):
        function = option(function)
    return function


_VERIFICATION = (
    click.option(
        "--report",
        "report_folder",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Write report.html, report.md and report.json there.",
    ),
    click.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How the report is printed.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="For one run of one side.",
    ),
    click.option(
        "--runs",
        type=click.IntRange(min=0),
        default=3,
        show_default=True,
        help="Measured runs of each side; 0 measures nothing.",
    ),
    click.option(
        "--tracemalloc/--no-tracemalloc",
        default=True,
        show_default=True,
        help="Also count with tracemalloc, in a process of its own.",
    ),
    click.option(
        "--cases",
        type=click.IntRange(min=1),
        default=20,
        show_default=True,
        help="Inputs for one check at most, the real data included.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        default=2,
        show_default=True,
        help="How many inputs are run at the same time; measuring is one by one.",
    ),
    click.option(
        "--mutants",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Break the new code of each equal check in N small ways and count what is noticed.",
    ),
)

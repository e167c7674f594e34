"""Options that several commands share."""

from __future__ import annotations

import re
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


def _bytes(_context: click.Context, _option: click.Parameter, given: str | None) -> int | None:
    """A number of bytes: `2G`, `500 MB`, `1.5GiB`."""
    if given is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?B)?", given.strip(), re.IGNORECASE)
    size = int(float(match[1]) * 1024 ** " KMGT".index(match[2].upper() or " ")) if match else 0
    if not size:
        raise click.BadParameter(f"{given!r} is not a size: give it as 500M or 4G")
    return size


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
        "--memory",
        callback=_bytes,
        metavar="SIZE",
        help="Memory that one run may take with all its processes, as 500M or 4G.  "
        "[default: its share of what is free]",
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
)

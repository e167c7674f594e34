"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
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

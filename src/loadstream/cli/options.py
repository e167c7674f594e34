"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_Function = TypeVar("_Function", bound=Callable[..., Any])


def paths(function: _Function) -> _Function:
    """`[PATHS]`: files and folders, the working directory if none is given.

    Each is looked at when its turn comes, so that one of no use does not end the run.
    """
    return click.argument("paths", nargs=-1, type=click.Path(path_type=str, readable=False))(
        function
    )


def complete_code(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The codes and rule names that the last entry of a list can become."""
    from click.shell_completion import CompletionItem

    from loadstream.lint.catalogue import rules

    before, comma, last = incomplete.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{name}", help=rule.summary)
        for rule in rules()
        for name in (rule.code, rule.name)
        if name.startswith(last if name == rule.name else last.upper())
        and (last or name == rule.code)
    ]


def complete_topic(
    context: click.Context, option: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """What `explain` has a page of: codes, rules, reasons."""
    from click.shell_completion import CompletionItem

    from loadstream.lint.catalogue import reasons

    slugs = [reason.value for reason in reasons() if reason.value.startswith(incomplete)]
    return [*complete_code(context, option, incomplete), *map(CompletionItem, slugs)]


def codes(function: _Function) -> _Function:
    """`--select` and `--ignore`."""
    function = click.option(
        "--ignore",
        multiple=True,
        shell_complete=complete_code,
        metavar="CODES",
        help="Leave these out: codes, their beginnings (LS1), or names, divided by commas.",
    )(function)
    return click.option(
        "--select",
        multiple=True,
        shell_complete=complete_code,
        metavar="CODES",
        help="Only these: codes, their beginnings (LS1), or names, divided by commas.",
    )(function)


def force_exclude(function: _Function) -> _Function:
    """`--force-exclude`."""
    return click.option(
        "--force-exclude",
        is_flag=True,
        help="Let `exclude` hold for files that are named, too, as pre-commit names them.",
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
    """What `verify` and `compare` have in common: the report, and `settings` from all the rest."""

    @wraps(function)
    def with_settings(**given: Any) -> int:
        from dataclasses import fields

        from loadstream.verify import Settings

        said = {field.name: given.pop(field.name, None) for field in fields(Settings)}
        said = {name: value for name, value in said.items() if value is not None}
        status: int = function(settings=Settings(**said), **given)
        return status

    decorated: Any = with_settings
    for option in reversed(_VERIFICATION):
        decorated = option(decorated)
    return cast("_Function", decorated)


def scales(text: str) -> tuple[int, ...]:
    """The multiples in `1,5,10x`, sorted. Raises UsageError."""
    try:
        found = sorted({int(part.strip().removesuffix("x")) for part in text.split(",")})
    except ValueError:
        found = [0]
    if found[0] < 1:
        raise click.UsageError(f'--scales: "{text}" is no list of multiples such as 1,5,10,100')
    return tuple(found)


def _megabytes(_context: click.Context, _option: click.Parameter, given: int | None) -> int | None:
    """Bytes."""
    return given << 20 if given else None


def _scales(_context: click.Context, _option: click.Parameter, text: str | None) -> tuple[int, ...]:
    return scales(text) if text else ()


_VERIFICATION = (
    click.option(
        "--report",
        "report_folder",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Write report.html, report.md, report.json and report.xml (JUnit) there.",
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
        "pairs",
        type=click.IntRange(min=0),
        default=3,
        show_default=True,
        help="Measured runs of each side; 0 measures nothing.",
    ),
    click.option(
        "--tracemalloc/--no-tracemalloc",
        "traced",
        default=True,
        show_default=True,
        help="Also count with tracemalloc, in a process of its own.",
    ),
    click.option(
        "--cases",
        "max_cases",
        type=click.IntRange(min=1),
        default=20,
        show_default=True,
        help="Inputs for one check at most, the real data included.",
    ),
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        default=None,
        show_default="the cores that can be used",
        help="How many inputs are run at the same time; measuring is one by one.",
    ),
    click.option(
        "--python",
        "interpreter",
        default=None,
        metavar="PATH",
        show_default="the one that runs loadstream",
        help="The interpreter of both sides, such as that of a virtual environment.",
    ),
    click.option(
        "--scales",
        callback=_scales,
        metavar="N,N",
        help="Also measure with the data so many times over: 1,5,10,100.",
    ),
    click.option(
        "--memory-ceiling",
        callback=_megabytes,
        type=click.IntRange(min=1),
        metavar="MB",
        help="Skip scales that are expected to need more (default: half of what is free).",
    ),
    click.option(
        "--mutants",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Break the new code of each equal check in N small ways and count what is noticed.",
    ),
)

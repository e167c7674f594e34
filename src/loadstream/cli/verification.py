"""What `verify` and `compare` share: their errors, and what is done with a finished report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadstream.cli.verify_output import render, status
from loadstream.project.errors import InputError
from loadstream.project.shown import shown
from loadstream.verify import (
    Check,
    Report,
    VerifyError,
    check_from_config,
    to_json,
    write_report,
)

if TYPE_CHECKING:
    from loadstream.project.config import Configuration


@contextmanager
def verify_errors() -> Iterator[None]:
    """Turn what the verifier refuses into the one line of a command."""
    try:
        yield
    except VerifyError as error:
        raise InputError(str(error)) from error


def configured_checks(configuration: Configuration) -> list[Check]:
    """The checks of [[tool.loadstream.checks]]. Raises InputError for one that means nothing."""
    try:
        return [check_from_config(table) for table in configuration.checks]
    except VerifyError as error:
        assert configuration.file is not None
        raise InputError(f"{shown(configuration.file)}: [tool.loadstream] {error}") from error


def finish(report: Report, folder: Path | None, output_format: str) -> int:
    """Print `report`, write its files into `folder` if there is one, and give the exit status."""
    if output_format == "json":
        click.echo(json.dumps(to_json(report), indent=2))
    else:
        click.echo(render(report), nl=False)
    if folder is not None:
        for path in write_report(report, folder):
            click.echo(f"wrote {shown(path)}", err=output_format == "json")
    return status(report)

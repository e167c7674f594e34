"""`loadstream lint --add-keep`: comments in place of findings, written as `rewrite` writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from loadstream.cli.guard import FAILED, tell

if TYPE_CHECKING:
    from loadstream.lint.selection import Selection
    from loadstream.project.config import Configuration
    from loadstream.project.files import Found
    from loadstream.rewrite import FileResult


def add_keep(found: Found, configuration: Configuration, selection: Selection) -> int:
    """Write the comments, say what was done, and give the status of the command.

    1 where something is left that no comment can keep, 2 where a file could not be processed.
    """
    from loadstream.cli.rewrite_output import failures
    from loadstream.cli.settings import analysis_settings
    from loadstream.rewrite import Changed, Failed, NotWritten, write
    from loadstream.rewrite.keeping import keep

    results = tuple(
        keep(
            [file.path for file in found.files],
            root=configuration.root,
            codes=selection.of_file,
            named=[file.path for file in found.files if file.named],
            settings=analysis_settings(configuration),
        )
    )
    outcomes = write(results, root=configuration.root)
    unwritten = {one.path: one.cause for one in outcomes if isinstance(one, NotWritten)}
    for line in failures(results, unwritten):
        tell(line)
    left = list(_left(results))
    for line in left:
        click.echo(line)
    done = [
        result for result in results if isinstance(result, Changed) and result.path not in unwritten
    ]
    if unwritten and not done:
        click.echo("Nothing was kept.")
    else:
        click.echo(_summary(sum(len(result.applied) for result in done), len(done), len(left)))
    if unwritten or any(isinstance(result, Failed) for result in results):
        return FAILED
    return 1 if left else 0


def _left(results: Sequence[FileResult]) -> Iterator[str]:
    """The findings that are left, as lint words them."""
    from loadstream.lint.messages import finding_of_site
    from loadstream.project.shown import shown
    from loadstream.rewrite import Failed

    for result in results:
        if not isinstance(result, Failed):
            for site in result.kept:
                finding = finding_of_site(shown(result.path), site)
                yield f"{finding.place}: {finding.code} {finding.message}"


def _summary(findings: int, files: int, left: int) -> str:
    if not findings:
        said = "Nothing to keep"
    else:
        of = f"{findings} finding{'' if findings == 1 else 's'}"
        said = f"Kept {of} by comments in {files} file{'' if files == 1 else 's'}"
    return f"{said}; {left} left that no comment keeps." if left else f"{said}."

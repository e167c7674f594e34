"""`loadstream lint`: report what could stream, and what is kept and why."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadstream.cli import options
from loadstream.cli.guard import FAILED

if TYPE_CHECKING:
    from loadstream.lint.findings import LintResult
    from loadstream.lint.selection import Selection
    from loadstream.project.config import Configuration
    from loadstream.project.files import Found

_STDIN = "-"


@click.command("lint")
@options.paths
@options.codes
@options.force_exclude
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are written.",
)
@click.option("--show-kept", is_flag=True, help="Also list the loads that stay, with reasons.")
@click.option("--statistics", is_flag=True, help="Count by code and reason instead of listing.")
@click.option(
    "--add-keep",
    is_flag=True,
    help="Write `# loadstream: keep[CODE]` at each finding instead of reporting it.",
)
@click.option(
    "--changed",
    is_flag=False,
    flag_value="HEAD",
    metavar="[REV]",
    help="Only files that differ from a git revision (HEAD), new ones included.",
)
@click.option(
    "--stdin-filename",
    metavar="PATH",
    help="What a text on stdin (PATHS is -) counts as, so that its imports can be followed.",
)
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    force_exclude: bool,
    output_format: str,
    show_kept: bool,
    statistics: bool,
    add_keep: bool,
    changed: str | None,
    stdin_filename: str | None,
) -> int:
    """Report loads that could stream, in files and folders (default: here).

    Exits with 0 if there is nothing to report, with 1 if there is, with 2 if it could not run.
    Nothing is changed, except by --add-keep: `loadstream rewrite` does that.
    """
    from loadstream.cli.settings import files_of
    from loadstream.lint.catalogue import KEPT
    from loadstream.lint.selection import select as select_codes
    from loadstream.project.config import find_configuration

    if statistics and output_format != "text":
        raise click.UsageError("--statistics is text only: leave out --format")
    is_text = _STDIN in paths
    if add_keep and (is_text or statistics or output_format != "text"):
        raise click.UsageError("--add-keep edits files: leave out -, --format and --statistics")
    if is_text and (len(paths) > 1 or changed is not None):
        raise click.UsageError("- (stdin) stands alone: give no other path and no --changed")
    if stdin_filename is not None and not is_text:
        raise click.UsageError("--stdin-filename needs - in place of PATHS")
    place = stdin_filename or "stdin.py"
    configuration = find_configuration([place] if is_text else paths)
    selection = select_codes(select, ignore, configuration)
    problems: tuple[str, ...] = ()
    if is_text:
        result = _lint_stdin(Path(place), configuration, selection)
    else:
        found = files_of(paths, configuration, force_exclude, changed)
        if add_keep:
            from loadstream.cli.add_keep import add_keep as keep_findings

            status = keep_findings(found, configuration, selection)
            return FAILED if found.problems else status
        result, problems = _lint_files(found, configuration, selection), found.problems
    if statistics:
        from loadstream.lint.formats.text import statistics as render_statistics

        click.echo(render_statistics(result), nl=False)
    else:
        shown = tuple(f for f in result.findings if show_kept or f.code != KEPT)
        renderer = importlib.import_module(f"loadstream.lint.formats.{output_format}")
        click.echo(renderer.render(result, shown), nl=False)
    if problems:
        return FAILED
    return 1 if result.reported else 0


def _lint_files(found: Found, configuration: Configuration, selection: Selection) -> LintResult:
    from loadstream.cli.settings import analysis_settings
    from loadstream.lint.run import lint_files

    settings = analysis_settings(configuration)
    return lint_files(found.files, configuration.root, selection, settings)


def _lint_stdin(place: Path, configuration: Configuration, selection: Selection) -> LintResult:
    from loadstream.cli.settings import analysis_settings
    from loadstream.lint.run import lint_text

    settings = analysis_settings(configuration)
    data = sys.stdin.buffer.read()
    return lint_text(data, place, configuration.root, selection, settings)

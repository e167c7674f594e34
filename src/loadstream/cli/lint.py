"""`loadstream lint`: report what could stream, and what is kept and why."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadstream.cli import options
from loadstream.cli.guard import warn

if TYPE_CHECKING:
    from loadstream.lint.findings import LintResult
    from loadstream.lint.selection import Selection
    from loadstream.project.config import Configuration
    from loadstream.project.files import Found

_STDIN = "-"


@click.command("lint")
@options.paths
@options.codes
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "github", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are written.",
)
@click.option("--show-kept", is_flag=True, help="Also list the loads that stay, with reasons.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    show_default="the cores that can be used",
    help="How many processes may share the work.",
)
@click.option("--no-cache", is_flag=True, help="Neither read nor write .loadstream_cache.")
@click.option("--statistics", is_flag=True, help="Count by code and reason instead of listing.")
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
    output_format: str,
    show_kept: bool,
    jobs: int | None,
    no_cache: bool,
    statistics: bool,
    changed: str | None,
    stdin_filename: str | None,
) -> int:
    """Report loads that could stream, in files and folders (default: here).

    Exits with 0 if there is nothing to report, with 1 if there is, with 2 if it could not run.
    Nothing is changed: `loadstream rewrite` does that.
    """
    from loadstream.lint.codes import KEPT
    from loadstream.lint.selection import select as select_codes

    selection = select_codes(select, ignore)
    if statistics and output_format != "text":
        raise click.UsageError("--statistics is text only: leave out --format")
    if _STDIN in paths:
        result = _lint_stdin(paths, stdin_filename, changed, selection)
    else:
        if stdin_filename is not None:
            raise click.UsageError("--stdin-filename needs - in place of PATHS")
        result = _lint_paths(paths or (".",), changed, selection, jobs, cached=not no_cache)
    if statistics:
        from loadstream.lint.formats.text import statistics as render_statistics

        click.echo(render_statistics(result), nl=False)
    else:
        shown = tuple(f for f in result.findings if show_kept or f.code != KEPT)
        renderer = importlib.import_module(f"loadstream.lint.formats.{output_format}")
        click.echo(renderer.render(result, shown), nl=False)
    return 1 if result.reported else 0


def _lint_paths(
    paths: tuple[str, ...],
    changed: str | None,
    selection: Selection,
    jobs: int | None,
    *,
    cached: bool,
) -> LintResult:
    from loadstream.cli.settings import analysis_settings
    from loadstream.lint.run import lint_files
    from loadstream.machine.cores import available_cores
    from loadstream.project.config import find_configuration

    configuration = find_configuration(paths)
    settings = analysis_settings(configuration)
    found = _find(paths, configuration, changed)
    for folder in found.empty_folders:
        warn(f"no Python files under {folder}")
    return lint_files(
        found.files,
        configuration.root,
        selection,
        settings,
        jobs=jobs or available_cores(),
        cached=cached,
    )


def _find(paths: tuple[str, ...], configuration: Configuration, changed: str | None) -> Found:
    from loadstream.project.files import find_changed, find_files

    if changed is None:
        return find_files(paths, configuration)
    from loadstream.project.git import GitError, files_changed_since

    try:
        return find_changed(paths, configuration, files_changed_since(Path.cwd(), changed))
    except GitError as error:
        if Path(changed).exists():  # `--changed src`: the path was taken for the revision
            raise GitError(f"{error}; for a path write --changed=HEAD {changed}") from error
        raise


def _lint_stdin(
    paths: tuple[str, ...], filename: str | None, changed: str | None, selection: Selection
) -> LintResult:
    from loadstream.cli.settings import analysis_settings
    from loadstream.lint.run import lint_text
    from loadstream.project.config import find_configuration

    if len(paths) > 1 or changed is not None:
        raise click.UsageError("- (stdin) stands alone: give no other path and no --changed")
    place = filename or "stdin.py"
    configuration = find_configuration([place])
    settings = analysis_settings(configuration)
    data = sys.stdin.buffer.read()
    return lint_text(data, Path(place), configuration.root, selection, settings)

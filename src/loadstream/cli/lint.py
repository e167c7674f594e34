"""`loadstream lint`: report what could stream, and what is kept and why."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadstream.cli import lint_output, options

if TYPE_CHECKING:
    from loadstream.lint.selection import Selection
    from loadstream.project.config import Configuration
    from loadstream.project.files import Found

_STDIN = "-"


@click.command("lint")
@options.paths
@options.codes
@lint_output.output
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
    output: lint_output.Output,
    changed: str | None,
    stdin_filename: str | None,
) -> int:
    """Report loads that could stream, in files and folders (default: here).

    Exits with 0 if there is nothing to report, with 1 if there is, with 2 if it could not run.
    No source is changed: `loadstream rewrite` does that.
    """
    from loadstream.lint.selection import select as select_codes

    started = time.monotonic()
    selection = select_codes(select, ignore)
    output.check()
    baseline = output.baseline()
    if _STDIN in paths:
        linted = _lint_stdin(paths, stdin_filename, changed, selection)
    else:
        if stdin_filename is not None:
            raise click.UsageError("--stdin-filename needs - in place of PATHS")
        linted = _lint_paths(paths or (".",), changed, selection, output)
    return lint_output.tell(linted, output, baseline, started)


def _lint_paths(
    paths: tuple[str, ...],
    changed: str | None,
    selection: Selection,
    output: lint_output.Output,
) -> lint_output.Linted:
    from loadstream.cli.settings import analysis_settings
    from loadstream.lint.run import lint_files
    from loadstream.project.config import find_configuration

    configuration = find_configuration(paths)
    settings = analysis_settings(configuration)
    found = _find(paths, configuration, changed)
    for folder in found.empty_folders:
        output.warn(f"no Python files under {folder}")
    with output.progress() as progress:
        result = lint_files(found.files, configuration.root, selection, settings, progress=progress)
    return lint_output.Linted(result, found.files, configuration, settings, selection)


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
) -> lint_output.Linted:
    from loadstream.cli.settings import analysis_settings
    from loadstream.lint.run import lint_text
    from loadstream.project.config import find_configuration
    from loadstream.project.files import FoundFile
    from loadstream.project.shown import shown

    if len(paths) > 1 or changed is not None:
        raise click.UsageError("- (stdin) stands alone: give no other path and no --changed")
    place = filename or "stdin.py"
    configuration = find_configuration([place])
    settings = analysis_settings(configuration)
    data = sys.stdin.buffer.read()
    result = lint_text(data, Path(place), configuration.root, selection, settings)
    files = (FoundFile(Path(place), named=True),)
    given = {shown(place): data}
    return lint_output.Linted(result, files, configuration, settings, selection, given)

"""`loadstream lint`: report what could stream, and what is kept and why."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadstream.cli import lint_output, options
from loadstream.cli.cluster import cluster_at, executor
from loadstream.cli.guard import FAILED

if TYPE_CHECKING:
    from loadstream.lint.selection import Selection
    from loadstream.project.config import Configuration
    from loadstream.project.files import Found

_STDIN = "-"


@click.command("lint")
@options.paths
@options.codes
@options.force_exclude
@lint_output.output
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    show_default="the cores that can be used",
    help="How many processes may share the work.",
)
@executor
@click.option("--no-cache", is_flag=True, help="Neither read nor write .loadstream_cache.")
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
    output: lint_output.Output,
    jobs: int | None,
    executor: str | None,
    no_cache: bool,
    add_keep: bool,
    changed: str | None,
    stdin_filename: str | None,
) -> int:
    """Report loads that could stream, in files and folders (default: here).

    Exits with 0 if there is nothing to report, with 1 if there is, with 2 if it could not run.
    No source is changed, except by --add-keep: `loadstream rewrite` does that.
    """
    from loadstream.cli.settings import files_of
    from loadstream.lint.selection import select as select_codes
    from loadstream.project.config import find_configuration

    started = time.monotonic()
    output.check()
    is_text = _STDIN in paths
    if add_keep and (is_text or not output.is_plain):
        raise click.UsageError(
            "--add-keep edits files: leave out -, --format, --statistics and --baseline"
        )
    if is_text and (len(paths) > 1 or changed is not None):
        raise click.UsageError("- (stdin) stands alone: give no other path and no --changed")
    if stdin_filename is not None and not is_text:
        raise click.UsageError("--stdin-filename needs - in place of PATHS")
    place = stdin_filename or "stdin.py"
    configuration = find_configuration([place] if is_text else paths)
    selection = select_codes(select, ignore, configuration)
    baseline = output.baseline()
    if is_text:
        linted = _lint_stdin(Path(place), configuration, selection)
        return lint_output.tell(linted, output, baseline, started)
    found = files_of(paths, configuration, force_exclude, changed, output.warn)
    if add_keep:
        from loadstream.cli.add_keep import add_keep as keep_findings

        status = keep_findings(found, configuration, selection)
    else:
        linted = _lint_files(
            found, configuration, selection, output, jobs, executor, cached=not no_cache
        )
        status = lint_output.tell(linted, output, baseline, started)
    return FAILED if found.problems else status


def _lint_files(
    found: Found,
    configuration: Configuration,
    selection: Selection,
    output: lint_output.Output,
    jobs: int | None,
    address: str | None,
    *,
    cached: bool,
) -> lint_output.Linted:
    from loadstream.cli.settings import analysis_settings
    from loadstream.lint.run import lint_files
    from loadstream.machine.cores import available_cores

    settings = analysis_settings(configuration)
    with cluster_at(address) as cluster, output.progress() as progress:
        result = lint_files(
            found.files,
            configuration.root,
            selection,
            settings,
            jobs=jobs or available_cores(),
            cached=cached,
            progress=progress,
            cluster=cluster,
        )
    return lint_output.Linted(result, found.files, configuration, settings, selection)


def _lint_stdin(
    place: Path, configuration: Configuration, selection: Selection
) -> lint_output.Linted:
    from loadstream.cli.settings import analysis_settings
    from loadstream.lint.run import lint_text
    from loadstream.project.files import FoundFile
    from loadstream.project.shown import shown

    settings = analysis_settings(configuration)
    data = sys.stdin.buffer.read()
    result = lint_text(data, place, configuration.root, selection, settings)
    files = (FoundFile(place, named=True),)
    given = {shown(place): data}
    return lint_output.Linted(result, files, configuration, settings, selection, given)

"""`loadstream rewrite`: apply what `lint` marks as fixable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadstream.cli import options
from loadstream.cli.cluster import cluster_at, executor
from loadstream.cli.guard import FAILED, tell, warn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loadstream.lint.selection import Selection
    from loadstream.project.config import Configuration
    from loadstream.project.files import FoundFile
    from loadstream.rewrite import FileResult


@click.command("rewrite")
@options.paths
@options.codes
@options.force_exclude
@click.option("--diff", is_flag=True, help="Print what would change, write nothing.")
@click.option("--check", is_flag=True, help="Say which files would change, write nothing.")
@click.option("--unsafe", is_flag=True, help="Also apply rewrites that need your consent.")
@click.option(
    "--deprecate",
    is_flag=True,
    help="Also mark loaders deprecated that have a streamer beside them (part of LS108).",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Run old and new first, and write only the files that come out equal.",
)
@click.option(
    "--backup",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Keep the old content of every file that is written, in a folder of its own.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    show_default="as many as make sense",
    help="How many processes share the work at most.",
)
@executor
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the outcome is written.",
)
def command(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    force_exclude: bool,
    diff: bool,
    check: bool,
    unsafe: bool,
    deprecate: bool,
    verify: bool,
    backup: Path | None,
    jobs: int | None,
    executor: str | None,
    output_format: str,
) -> int:
    """Move loads to streams, in files and folders (default: here), where that is safe.

    Exits with 0 when all could be done, with 1 if --diff or --check find something to change,
    with 2 if a file could not be processed or written; the other files are written all the same.
    With --verify your scripts are run, each side in a copy; exits with 1 if any differs.
    """
    from loadstream.cli.settings import files_of
    from loadstream.lint.selection import select as select_codes
    from loadstream.project.config import find_configuration

    if diff and output_format == "json":
        raise click.UsageError("--diff is text only: leave out --format json, or take --check")
    if backup is not None and (diff or check):
        raise click.UsageError("--backup keeps what is written: leave out --diff and --check")
    configuration = find_configuration(paths)
    selection = select_codes(select, ignore, configuration)
    if deprecate and "LS108" not in selection:
        raise click.UsageError("--deprecate is part of LS108, which is not among the codes")
    found = files_of(paths, configuration, force_exclude)
    results = _rewritten(found.files, configuration, selection, unsafe, deprecate, jobs, executor)
    differs = False
    if verify:
        from loadstream.cli.rewrite_verified import verified
        from loadstream.verify import Verdict

        results, judged = verified(results, configuration)
        differs = any(one.verdict is Verdict.DIFFERENT for one in judged.values())
    keep_files = diff or check
    unwritten = {} if keep_files else _write(results, configuration.root, backup)
    if output_format == "json":
        from loadstream.cli.rewrite_output import json_document

        click.echo(json_document(results, selection, unwritten), nl=False)
    else:
        _tell_text(results, selection, unwritten, diff=diff, check=check)
    status = _status(results, unwritten, keep_files)
    if found.problems:
        return FAILED
    return 1 if differs and status == 0 else status


def _rewritten(
    files: Sequence[FoundFile],
    configuration: Configuration,
    selection: Selection,
    unsafe: bool,
    deprecate: bool,
    jobs: int | None,
    address: str | None,
) -> tuple[FileResult, ...]:

    from loadstream.cli.settings import analysis_settings
    from loadstream.project.errors import InputError
    from loadstream.project.python import least_python
    from loadstream.rewrite import RewriteUnavailableError, rewrite

    settings = analysis_settings(configuration)
    if deprecate:
        settings = settings._replace(python=least_python(configuration.root))
    try:
        with cluster_at(address) as cluster:
            return _watched(
                len(files),
                rewrite(
                    [file.path for file in files],
                    root=configuration.root,
                    codes=selection.of_file,
                    unsafe=unsafe,
                    named=[file.path for file in files if file.named],
                    settings=settings,
                    deprecate=deprecate,
                    jobs=jobs,
                    cluster=cluster,
                ),
            )
    except RewriteUnavailableError as error:
        raise InputError(str(error)) from error


def _watched(total: int, results: Iterator[FileResult]) -> tuple[FileResult, ...]:
    """All of `results`, of which there will be `total`, with progress on a terminal."""
    from loadstream.cli.progress import progress

    done: list[FileResult] = []
    with progress() as step:
        for result in results:
            done.append(result)
            step(f"rewrite: {len(done):,} of {total:,} files")
    return tuple(done)


def _write(results: Sequence[FileResult], root: Path, backup: Path | None) -> dict[Path, str]:
    """Write what changed; the files that could not be written, and why."""
    from loadstream.cli.uncommitted import uncommitted
    from loadstream.project.errors import InputError
    from loadstream.rewrite import BackupError, Changed, NotWritten, write

    if said := uncommitted([one.path for one in results if isinstance(one, Changed)], root):
        warn(said)
    try:
        outcomes = write(results, root=root, backup=backup)
    except BackupError as error:
        raise InputError(str(error)) from error
    return {one.path: one.cause for one in outcomes if isinstance(one, NotWritten)}


def _tell_text(
    results: Sequence[FileResult],
    selection: Selection,
    unwritten: dict[Path, str],
    *,
    diff: bool,
    check: bool,
) -> None:
    from loadstream.cli.rewrite_output import Tense, docstring_notes, failures, file_lines, summary
    from loadstream.rewrite import Changed, unified_diff

    tense = Tense.WOULD if diff or check else Tense.DID
    if diff:
        for result in results:
            if isinstance(result, Changed):
                click.echo(unified_diff(result), nl=False)
    if check or not diff:
        for line in [
            *file_lines(results, unwritten, tense),
            *docstring_notes(results, unwritten),
        ]:
            click.echo(line)
    for line in failures(results, unwritten):
        tell(line)
    for line in summary(results, selection, unwritten, tense):
        click.echo(line, err=diff)  # a diff on stdout is nothing but a diff


def _status(results: Sequence[FileResult], unwritten: dict[Path, str], keep_files: bool) -> int:
    from loadstream.rewrite import Changed, Failed

    if unwritten or any(isinstance(result, Failed) for result in results):
        return FAILED
    return 1 if keep_files and any(isinstance(result, Changed) for result in results) else 0

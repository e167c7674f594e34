"""`loadstream init`: what is in the repository, and the configuration for it."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadstream.cli.guard import FAILED

if TYPE_CHECKING:
    from loadstream.project.config import Configuration
    from loadstream.project.files import Found


@click.command("init")
@click.option("--yes", is_flag=True, help="Write the proposed configuration without asking.")
def command(yes: bool) -> int:
    """Look through the repository and propose its configuration.

    Shows the loaders that are found, how often they are called and what streams in their place,
    and the data files with their sizes. The proposed [tool.loadstream] goes into pyproject.toml if
    you say so: on a terminal you are asked, elsewhere it is only shown, unless --yes is given.
    """
    from loadstream.cli.settings import files_of
    from loadstream.project.config import FILE_NAME, find_configuration

    configuration = find_configuration(())
    file = configuration.file or configuration.root / FILE_NAME
    content = _content(file)
    found = files_of((str(configuration.root),), configuration)
    text, next_steps = _look_through(found, configuration)
    if configuration.file is not None:
        from loadstream.project.shown import shown
        from loadstream.setup.proposal import difference

        what = "this could be changed by hand:" if text else "it needs nothing else."
        click.echo(f"{shown(file)} has [tool.loadstream] already; {what}\n")
        for line in [*difference(text, configuration), ""] if text else []:
            click.echo(f"  {line}".rstrip())
    else:
        _propose(file, content, text, yes)
    click.echo(next_steps)
    return FAILED if found.problems else 0


def _content(file: Path) -> bytes | None:
    """What is in the file; None where there is none. Raises InputError where it is of no use."""
    from loadstream.project.config import document_in
    from loadstream.project.errors import InputError
    from loadstream.project.shown import shown

    try:
        content = file.read_bytes()
    except FileNotFoundError:
        if file.is_symlink():
            raise InputError(f"{shown(file)}: a link to nothing: mend or remove it") from None
        return None
    except IsADirectoryError as error:
        raise InputError(f"{shown(file)}: a folder, not a file: give it another name") from error
    except OSError as error:
        raise InputError(f"{shown(file)}: {error.strerror}") from error
    document_in(file, content)
    return content


def _look_through(found: Found, configuration: Configuration) -> tuple[str, str]:
    """Print what is in the repository; the block that follows from it, and what to do next."""
    from loadstream.analysis.repository import Repository
    from loadstream.cli.progress import progress
    from loadstream.cli.settings import analysis_settings
    from loadstream.setup.data import data_files
    from loadstream.setup.proposal import block, propose
    from loadstream.setup.report import render, what_next
    from loadstream.setup.survey import survey

    paths = [file.path for file in found.files]
    repository = Repository(configuration.root, analysis_settings(configuration))
    with progress() as step:
        seen = survey(paths, repository, data_files(configuration.root), step)
    name = configuration.root.name or str(configuration.root)
    click.echo(render(seen, name) + "\n")
    return block(propose(seen, paths, configuration), configuration), what_next(seen)


def _propose(file: Path, content: bytes | None, text: str, yes: bool) -> None:
    """Show the block, and write it where that is wanted."""
    from loadstream.project.shown import shown
    from loadstream.setup.pyproject import with_block

    new = with_block(file, content or b"", text)
    why = "which would be new" if content is None else "which has no [tool.loadstream]"
    click.echo(f"Proposed for {shown(file)}, {why}:\n")
    click.echo("".join(f"  {line}".rstrip() + "\n" for line in text.splitlines()))
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not yes and not on_terminal:
        click.echo("Nothing was written: loadstream init --yes writes it.\n")
    elif not yes and not click.confirm("Write it?"):
        click.echo("Nothing was written.\n")
    else:
        _write(file, content, new)
        click.echo(f"Wrote {shown(file)}.\n")


def _write(file: Path, content: bytes | None, new: bytes) -> None:
    """Put the new content in place, whole or not at all. Raises InputError where that failed."""
    from loadstream.project.errors import InputError
    from loadstream.project.shown import shown
    from loadstream.rewrite import Changed, NotWritten, write

    if content is None:
        try:
            _create(file, new)
        except OSError as error:
            raise InputError(f"{shown(file)}: not written: {error.strerror}") from error
        return
    for outcome in write([Changed(file, content, new, (), ())], root=file.parent):
        if isinstance(outcome, NotWritten):
            raise InputError(f"{shown(file)}: not written: {outcome.cause}")


def _create(file: Path, content: bytes) -> None:
    """A new file, which nobody sees half written. The name is one that `rewrite` sweeps."""
    temporary = file.with_name(f".loadstream-{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if file.exists():
            raise FileExistsError(17, "it was made in the meantime: run again")
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)

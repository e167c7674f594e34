"""`loadstream demo`: the whole job on a sample repository."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("demo")
@click.argument("folder", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
def command(folder: Path | None) -> int:
    """Show the whole job on a sample repository: lint, rewrite, verify, bench, report.

    The repository is made in DIR, which must be new or empty (default: a temporary folder). Takes
    about half a minute. Exits with 0 if every step came out as promised.
    """
    import importlib.util

    from loadstream.demo.story import tell_story
    from loadstream.project.errors import InputError

    if importlib.util.find_spec("libcst") is None:
        raise InputError('the demo rewrites code: pip install "loadstream[rewrite]"')
    return 0 if tell_story(folder, click.echo) else 1

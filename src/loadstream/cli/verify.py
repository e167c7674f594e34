"""`loadstream verify`: run the old and the new version, compare everything, measure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loadstream.cli import options
from loadstream.cli.cluster import cluster_at, executor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadstream.project.config import Configuration
    from loadstream.verify import Check, Settings
    from loadstream.verify.model import SiteChange


@click.command("verify")
@click.argument("scripts", nargs=-1, type=click.Path(path_type=str))
@click.option(
    "--base",
    default="HEAD",
    show_default=True,
    metavar="REV",
    help="The git revision that holds the old version; the new one is the working tree.",
)
@click.option("--check", "names", multiple=True, metavar="NAME", help="Only the checks so named.")
@click.option(
    "--replay",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Run one stored counterexample again, and nothing else.",
)
@click.option(
    "--save-test",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="With --replay: also keep the counterexample as a new pytest file.",
)
@executor
@options.verification
def command(
    scripts: tuple[str, ...],
    base: str,
    names: tuple[str, ...],
    replay: Path | None,
    save_test: Path | None,
    executor: str | None,
    report_folder: Path | None,
    output_format: str,
    settings: Settings,
) -> int:
    """Compare the working tree with a git revision by running both.

    Runs SCRIPTS, or else the configured checks, or else every script and every function without
    arguments that the change touches: on the real data and on data made from its shape. Exits
    with 0 if all is equal, with 1 for a difference or a memory budget that was exceeded, with 2
    if that could not be told.
    """
    from loadstream.cli.progress import progress
    from loadstream.cli.verification import finish, verify_errors
    from loadstream.project.config import find_configuration
    from loadstream.project.errors import InputError
    from loadstream.project.shown import shown
    from loadstream.verify import replay as replay_counterexample
    from loadstream.verify import verify_revisions

    if replay is not None and executor is not None:
        raise InputError("--replay runs one input here: leave out --executor")
    if save_test is not None and replay is None:
        raise InputError("--save-test needs --replay FILE: the counterexample that is kept")
    with verify_errors():
        if replay is not None:
            if save_test is not None:
                from loadstream.verify.saved_test import save_test as write_test

                write_test(replay, save_test)
                click.echo(f"wrote {shown(save_test)}", err=output_format == "json")
            report = replay_counterexample(replay, settings)
        else:
            configuration = find_configuration(())
            checks = _checks(configuration, names, scripts)
            with cluster_at(executor) as cluster, progress() as step:
                sites, unknown = _sites(configuration, base, step)
                report = verify_revisions(
                    configuration.root,
                    replace(settings, progress=step, cluster=cluster),
                    base=base,
                    checks=checks,
                    sites=sites,
                )
            where = (f"the checks were run, and measured, by the workers at {executor}",)
            notes = (*report.notes, *unknown, *(where if executor else ()))
            report = replace(report, notes=notes)
        return finish(report, report_folder, output_format)


def _sites(
    configuration: Configuration, base: str, progress: Callable[[str], None]
) -> tuple[dict[str, tuple[SiteChange, ...]], tuple[str, ...]]:
    """The rewritten places, and a note where they cannot be told: the verdicts do without them."""
    from loadstream.cli.changed_sites import changed_sites
    from loadstream.cli.settings import analysis_settings
    from loadstream.project.errors import InputError

    settings = analysis_settings(configuration)
    progress("looking for rewritten sites")
    try:
        return changed_sites(configuration.root, base, settings), ()
    except InputError:
        raise
    except Exception as error:
        # Whatever went wrong in the analysis, old and new can be run and compared all the same.
        cause = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return {}, (f"the rewritten sites are not named: the analysis failed ({cause})",)


def _checks(
    configuration: Configuration, names: Sequence[str], scripts: Sequence[str]
) -> list[Check]:
    """What to run: the named scripts and configured checks; empty where the verifier is to look."""
    from loadstream.cli.verification import configured_checks
    from loadstream.project.errors import InputError, nearest

    named = [_script(configuration.root, script) for script in dict.fromkeys(scripts)]
    if scripts and not names:
        return named
    checks = configured_checks(configuration)
    known = [check.name for check in checks]
    for name in names:
        if name not in known:
            hint = nearest(name, known) or "; --check picks from [[tool.loadstream.checks]]"
            raise InputError(f'no check is called "{name}"{hint}')
    return named + [check for check in checks if not names or check.name in names]


def _script(root: Path, given: str) -> Check:
    from loadstream.project.errors import InputError
    from loadstream.verify import Check, Script

    path = Path(given)
    if not path.is_file():
        raise InputError(f"{given}: no such script")
    if not path.resolve().is_relative_to(root.resolve()):
        raise InputError(f"{given}: not in the repository at {root}")
    name = path.resolve().relative_to(root.resolve()).as_posix()
    return Check(name, Script(name), files=(name,))

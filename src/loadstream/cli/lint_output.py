"""What `lint` says, and how: its options for output, and the report in the format asked for."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import click

from loadstream.cli import colour
from loadstream.cli.guard import warn
from loadstream.cli.progress import progress

if TYPE_CHECKING:
    from loadstream.analysis.settings import Settings
    from loadstream.lint.baseline import Baseline
    from loadstream.lint.findings import Finding, LintResult
    from loadstream.lint.fixes import Fixes
    from loadstream.lint.selection import Selection
    from loadstream.lint.statistics import Statistics
    from loadstream.lint.texts import Texts
    from loadstream.project.config import Configuration
    from loadstream.project.files import FoundFile

_Function = TypeVar("_Function", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--format",
        "output_format",
        type=click.Choice(["text", "concise", "json", "github", "sarif", "junit"]),
        default="text",
        show_default=True,
        help="How findings are written; concise is text without the source.",
    ),
    click.option("--show-kept", is_flag=True, help="Also list the loads that stay, with reasons."),
    click.option(
        "--show-fixes", is_flag=True, help="Also show what `loadstream rewrite` would change."
    ),
    click.option(
        "--statistics",
        is_flag=True,
        help="Count by code and reason instead of listing (in json: beside the list).",
    ),
    click.option(
        "--baseline",
        "baseline_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Do not report the findings that are recorded in FILE.",
    ),
    click.option(
        "--write-baseline",
        is_flag=True,
        help="Record what is found in the file of --baseline, and drop what is gone.",
    ),
    click.option(
        "--color",
        "colours",
        type=click.Choice(colour.CHOICES),
        default="auto",
        show_default=True,
        help="Colours in text; auto: on a terminal, unless NO_COLOR is set.",
    ),
    click.option("--quiet", "-q", is_flag=True, help="Say nothing: only the exit status counts."),
    click.option(
        "--verbose", "-v", is_flag=True, help="Say on stderr what is judged, what is not, and why."
    ),
)


class Linted(NamedTuple):
    """What `lint` has looked at, and what it found. `given` are the files that came on stdin."""

    result: LintResult
    files: Sequence[FoundFile]
    configuration: Configuration
    settings: Settings
    selection: Selection
    given: Mapping[str, bytes] = MappingProxyType({})


class Output(NamedTuple):
    """The options for output, as the command line has them."""

    output_format: str
    show_kept: bool
    show_fixes: bool
    statistics: bool
    baseline_file: Path | None
    write_baseline: bool
    colours: str
    quiet: bool
    verbose: bool

    def check(self) -> None:
        """Refuse options that do not go together, before any work. Raises UsageError."""
        if self.statistics and self.output_format not in ("text", "json"):
            raise click.UsageError("--statistics is for --format text and json")
        if self.show_fixes and self.output_format != "text":
            raise click.UsageError("--show-fixes is for --format text (sarif always has the fixes)")
        if self.write_baseline and self.baseline_file is None:
            raise click.UsageError("--write-baseline needs --baseline FILE to write to")
        if self.quiet and self.verbose:
            raise click.UsageError("--quiet and --verbose contradict each other")

    @property
    def is_plain(self) -> bool:
        """Whether nothing was asked for but findings as text."""
        return self.output_format == "text" and not self.statistics and self.baseline_file is None

    def baseline(self) -> Baseline | None:
        """The baseline that was asked for. Raises InputError where it cannot be read."""
        if self.baseline_file is None:
            return None
        from loadstream.lint.baseline import Baseline, read

        if self.write_baseline and not self.baseline_file.exists():
            return Baseline(self.baseline_file)
        return read(self.baseline_file)

    def warn(self, message: str) -> None:
        """A warning, unless nothing is to be said."""
        if not self.quiet:
            warn(message)

    @contextmanager
    def progress(self) -> Iterator[Callable[[int, int], None] | None]:
        """What is told how many files are judged and how many there are to judge."""
        if self.quiet or not sys.stderr.isatty():
            yield None
            return
        with progress() as step:
            yield lambda done, total: step(f"lint: {done:,} of {total:,} files")


def output(function: _Function) -> _Function:
    """The options for output, given to a command as `output`."""

    @wraps(function)
    def with_output(**given: Any) -> int:
        said = {name: given.pop(name) for name in Output._fields}
        status: int = function(output=Output(**said), **given)
        return status

    decorated: Any = with_output
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return cast("_Function", decorated)


def tell(linted: Linted, how: Output, baseline: Baseline | None, started: float) -> int:
    """Write the report of a run, and its baseline if asked for; the exit status of the command."""
    from loadstream.lint.texts import Texts

    texts = Texts(linted.given)
    result, known = linted.result, 0
    if baseline is not None:
        result, known = _beside(linted, baseline, texts, how)
    if not how.quiet:
        click.echo(_report(linted, result, known, texts, how), nl=False, color=True)
    if how.verbose:
        for line in _details(linted, time.monotonic() - started):
            click.echo(line, err=True)
    return 1 if result.reported else 0


def _beside(
    linted: Linted, baseline: Baseline, texts: Texts, how: Output
) -> tuple[LintResult, int]:
    """What is found beside the baseline, and how much is in it; it is written first if asked."""
    from loadstream.lint.baseline import scope, sort, updated, write
    from loadstream.lint.codes import KEPT
    from loadstream.project.shown import shown

    paths = [shown(file.path) for file in linted.files]
    looked_at = scope(baseline, paths, linted.selection.codes)
    findings = linted.result.findings
    before = sort(findings, baseline, texts, looked_at)
    if how.write_baseline:
        baseline = updated(findings, baseline, texts, looked_at)
        write(baseline)
        if not how.quiet:
            recorded = sum(baseline.counts.values())
            new = sum(finding.code != KEPT for finding in before.new)
            counts = f"{recorded:,} findings, {new:,} of them new; {before.gone:,} were gone"
            click.echo(f"wrote {shown(baseline.file)}: {counts}", err=True)
    elif before.gone:
        how.warn(
            f"{shown(baseline.file)}: {before.gone:,} of its findings are gone: "
            "--write-baseline takes them out"
        )
    after = sort(findings, baseline, texts, looked_at)
    return linted.result._replace(findings=after.new), after.known


def _report(linted: Linted, result: LintResult, known: int, texts: Texts, how: Output) -> str:
    from loadstream.lint.codes import KEPT
    from loadstream.lint.paint import coloured, plain
    from loadstream.lint.report import Report

    shown = tuple(f for f in result.findings if how.show_kept or f.code != KEPT)
    wanted = colour.wants_colour(how.colours, sys.stdout)
    report = Report(
        result,
        shown,
        texts,
        _fixes(shown, linted, how),
        known,
        _statistics(result, linted) if how.statistics else None,
        coloured if wanted else plain,
    )
    renderer = importlib.import_module(f"loadstream.lint.formats.{how.output_format}")
    text: str = renderer.render(report)
    return text


def _fixes(shown: Sequence[Finding], linted: Linted, how: Output) -> Fixes:
    if how.output_format != "sarif" and not how.show_fixes:
        return {}
    from loadstream.lint.fixes import can_fix, find_fixes

    if how.show_fixes and not can_fix():
        how.warn("fixes are LibCST's, which is missing: pip install 'loadstream[rewrite]'")
    return find_fixes(shown, linted.configuration.root, linted.settings, linted.given)


def _statistics(result: LintResult, linted: Linted) -> Statistics:
    from loadstream.analysis.repository import Repository
    from loadstream.lint.looks import looks
    from loadstream.lint.statistics import statistics_of
    from loadstream.lint.streams import count_streams

    repository = Repository(linted.configuration.root, linted.settings)
    seen = looks(linted.files, linted.given, repository)
    parsed = ((look.data, look.file.path) for look in seen if look.data is not None)
    return statistics_of(result, count_streams(parsed, repository))


def _details(linted: Linted, seconds: float) -> Iterator[str]:
    """Which configuration holds, what became of each file, and how long it took."""
    from loadstream.analysis.repository import Repository
    from loadstream.lint.looks import looks
    from loadstream.project.shown import shown

    configuration = linted.configuration
    held = "defaults" if configuration.file is None else shown(configuration.file)
    yield f"configuration: {held}; imports are followed inside {configuration.root}"
    judged = 0
    repository = Repository(configuration.root, linted.settings)
    for look in looks(linted.files, linted.given, repository):
        judged += look.data is not None
        yield f"{look.place}: " + (f"passed over: {look.cause}" if look.cause else "judged")
    yield f"{judged:,} of {len(linted.files):,} files judged in {seconds:.2f} s"

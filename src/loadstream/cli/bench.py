"""`loadstream bench`: what streaming costs and saves, measured on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from loadstream.cli import options

_SCALES = "1,5,10,100"


@click.command("bench")
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Your own JSON file (default: the sessions of the sample repository).",
)
@click.option(
    "--path",
    default="$",
    show_default=True,
    metavar="QUERY",
    help="Where the array is in --data: $, $.events, $.sessions[*].delegations.",
)
@click.option(
    "--filter",
    "filter_source",
    metavar="EXPRESSION",
    help='The filter of the filtered stream: \'lambda e: e["level"] == "error"\'.',
)
@click.option(
    "--scales", default=_SCALES, show_default=True, metavar="N,N", help="Multiples of the data."
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Samples of each approach at the first scale.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=600.0,
    show_default=True,
    metavar="SECONDS",
    help="For one run of one approach.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    show_default="working directory",
    metavar="DIR",
    help="Where streaming_benchmark_results.json and the Markdown report go.",
)
def command(
    data: Path | None,
    path: str,
    filter_source: str | None,
    scales: str,
    runs: int,
    timeout: float,
    out: Path,
) -> int:
    """Measure loading against streaming: memory, time, and their growth with the data.

    Each approach runs in a fresh interpreter. The figures are those of this machine.
    """
    from loadstream.bench import BenchError, render_text, run_bench
    from loadstream.cli.progress import progress
    from loadstream.demo.sample import sample_repository
    from loadstream.project.errors import InputError

    if data is None and path != "$":
        raise click.UsageError("--path says where the array is in your file: give --data too")
    try:
        with progress() as step:
            results = run_bench(
                data=data,
                path=path,
                filter_source=filter_source,
                sample_repository=sample_repository() if data is None else None,
                scales=options.scales(scales),
                rounds=runs,
                timeout=timeout,
                out=out,
                progress=step,
            )
    except BenchError as error:
        raise InputError(str(error)) from error
    click.echo(render_text(results))
    return 0

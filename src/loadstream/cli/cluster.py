"""`--executor`: the cluster that a command hands its work to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from loadstream.machine.clusters import Cluster

_Command = TypeVar("_Command", bound=Callable[..., Any])


def executor(command: _Command) -> _Command:
    """The option, as the parameter `executor` of a command."""
    return click.option(
        "--executor",
        metavar="ADDRESS",
        help="Have the work done by the cluster at dask://HOST:PORT (needs loadstream[dask]).",
    )(command)


@contextmanager
def cluster_at(address: str | None) -> Iterator[Cluster | None]:
    """The cluster at an address; None without one. Raises InputError where it cannot be used."""
    if address is None:
        yield None
        return
    from loadstream.machine.clusters import ClusterError, open_cluster
    from loadstream.project.errors import InputError

    try:
        with open_cluster(address) as cluster:
            yield cluster
    except ClusterError as error:
        raise InputError(str(error)) from error

"""Work on other machines: by Dask, or by anything that is a `concurrent.futures.Executor`.

What all parts of the work need is shared once; the parts go out in portions and come back by value,
in their order, whatever the workers do. Only the process that hands out the work writes anything.
"""

from __future__ import annotations

import importlib
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from loadstream import __version__

if TYPE_CHECKING:
    from concurrent.futures import Executor

Part = TypeVar("Part")
Result = TypeVar("Result")

SCHEME = "dask://"
_PORTIONS = 4  # for each worker, so that none waits long for the last one
_LOOK = 1.0  # seconds of waiting for a result, then it is asked whether any can come
_PATIENCE = 15.0  # seconds for a scheduler to answer, and for a worker to be there


class ClusterError(Exception):
    """A cluster that cannot be used, or is gone. The message is one line, with the way out."""


class Cluster(Protocol):
    """Where work can be done."""

    @property
    def workers(self) -> int:
        """How many parts can be worked on at once."""

    def share(self, value: Any) -> Any:
        """What stands for `value` in `submit`, so that it does not travel with each portion."""

    def submit(self, function: Callable[..., Any], *given: Any) -> Any:
        """A future of `function(*given)`, which a worker finds by its name."""

    def check(self) -> None:
        """Raise `ConnectionError` where nothing will come any more."""


def spread_over(
    cluster: Cluster,
    function: Callable[[Any, Sequence[Part]], list[Result]],
    shared: Any,
    parts: Sequence[Part],
) -> Iterator[Result]:
    """What `function(shared, …)` gives for `parts`, in their order. Raises what it raises."""
    size = max(1, -(-len(parts) // (_PORTIONS * max(1, cluster.workers))))
    handle = cluster.share(shared)
    portions = [parts[at : at + size] for at in range(0, len(parts), size)]
    futures = [cluster.submit(function, handle, portion) for portion in portions]
    try:
        for future in futures:
            yield from _result(future, cluster)
    finally:
        for future in futures:
            future.cancel()


def _result(future: Any, cluster: Cluster) -> Any:
    """What a future gives. One that has been lost would never end: so it is looked after."""
    from concurrent.futures import TimeoutError as NotYetError

    while True:
        try:
            return future.result(timeout=_LOOK)
        except NotYetError:  # noqa: PERF203 (it is waited for)
            if future.done():  # the work itself has raised it
                raise
            cluster.check()


class Pool:
    """Any `Executor`, such as a `ProcessPoolExecutor`. Everything travels with each portion."""

    def __init__(self, executor: Executor, workers: int) -> None:
        self._executor = executor
        self.workers = workers

    def share(self, value: Any) -> Any:
        """The value itself."""
        return value

    def submit(self, function: Callable[..., Any], *given: Any) -> Any:
        """The executor's future."""
        return self._executor.submit(function, *given)

    def check(self) -> None:
        """An executor tells of it by its futures."""


@contextmanager
def open_cluster(address: str) -> Iterator[Cluster]:
    """The cluster at `dask://HOST:PORT`, for as long as it is needed.

    Raises ClusterError for any other address, where no scheduler or worker answers, where the
    workers have another Python or loadstream, and where the cluster is lost on the way.
    """
    place = address.removeprefix(SCHEME)
    if place == address or not place.rpartition(":")[2].isdigit():
        raise ClusterError(f"{address}: no cluster: an address is {SCHEME}HOST:PORT")
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise ClusterError(
            f'{address} needs Dask: pip install "loadstream[dask]", here and on the workers'
        ) from None
    _silence()
    try:
        client = distributed.Client(f"tcp://{place}", timeout=_PATIENCE, set_as_default=False)
    except OSError as error:
        raise ClusterError(
            f"{address}: no scheduler answers there ({_short(error)}): start one with "
            "`dask scheduler`, or leave out --executor"
        ) from None
    try:
        _check_workers(client, address)
        yield _Dask(client, place)
    except _lost(distributed) as error:
        raise ClusterError(
            f"{address}: the cluster is gone ({_short(error)}), and nothing was written: run again "
            "when it is back, or leave out --executor"
        ) from error
    finally:
        with suppress(Exception, *_lost(distributed)):  # of what is gone this may fail, too
            client.close(timeout=1)


class _Dask:
    """A Dask cluster, by its executor."""

    def __init__(self, client: Any, place: str) -> None:
        self._client = client
        host, _, port = place.rpartition(":")
        self._place = (host.strip("[]"), int(port))
        self._executor = client.get_executor(pure=False)

    @property
    def workers(self) -> int:
        """The threads of all workers that are there now."""
        return sum(self._client.nthreads().values())

    def share(self, value: Any) -> Any:
        """The value on every worker."""
        return self._client.scatter(value, broadcast=True, hash=False)

    def submit(self, function: Callable[..., Any], *given: Any) -> Any:
        """The executor's future."""
        return self._executor.submit(function, *given)

    def check(self) -> None:
        """Whether the scheduler still answers: Dask does not always cancel what is lost with it."""
        if self._client.status != "running":
            raise ConnectionError(f"the connection is {self._client.status}")
        try:
            socket.create_connection(self._place, timeout=_PATIENCE).close()
        except OSError as error:
            raise ConnectionError(f"no scheduler answers there any more: {error}") from None


def _silence() -> None:
    """Keep Dask from telling in many lines what is told in one, or what is mended."""
    import logging

    for name in [*logging.root.manager.loggerDict, "asyncio"]:
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def versions() -> tuple[str, str]:
    """What has to be the same everywhere: Python's version without its last part, and ours."""
    return "{}.{}".format(*sys.version_info), __version__


def _check_workers(client: Any, address: str) -> None:
    import asyncio

    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except (TimeoutError, asyncio.TimeoutError):  # which are two before Python 3.11
        raise ClusterError(
            f"{address}: the scheduler has no workers: start some with `dask worker`"
        ) from None
    here = versions()
    try:
        found = client.run(versions)
    except (ImportError, AttributeError) as error:
        raise ClusterError(
            f"{address}: the workers cannot import loadstream ({_short(error)}): install "
            f"loadstream {here[1]} there"
        ) from None
    for worker, there in sorted(found.items()):
        for name, ours, theirs in zip(("Python", "loadstream"), here, there, strict=True):
            if ours != theirs:
                raise ClusterError(
                    f"{address}: worker {worker} has {name} {theirs}, here it is {ours}: "
                    "the results could differ; have the same everywhere"
                )


def _lost(distributed: Any) -> tuple[type[BaseException], ...]:
    """What is raised where a cluster is lost."""
    import asyncio
    from concurrent.futures import CancelledError

    return (
        asyncio.CancelledError,
        asyncio.TimeoutError,
        CancelledError,
        distributed.CancelledError if hasattr(distributed, "CancelledError") else CancelledError,
        distributed.comm.CommClosedError,
        distributed.KilledWorker,
        TimeoutError,
        ConnectionError,
    )


def _short(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__

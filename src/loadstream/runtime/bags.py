"""A data set as a Dask bag: one task for each partition, and the filter runs where the task does.

Flow: partitions → **bag** → whatever Dask computes with it. Dask is imported by this file alone,
and so only where somebody asks for a bag. What goes to a worker is packed here, and unpacked
there once the versions on both sides were compared: another version might not read it.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from loadstream import __version__
from loadstream.runtime.errors import WorkerVersionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadstream.runtime.dataset import Dataset

_HERE = (__version__, "{}.{}".format(*sys.version_info))


def bag_of(
    dataset: Dataset[Any], filter_func: Callable[[Any], object] | None, size: str | int
) -> Any:
    """The bag of a data set. See `Dataset.to_dask_bag`."""
    try:
        import cloudpickle  # type: ignore[import-untyped, unused-ignore]
        from dask import bag
    except ImportError:
        raise ModuleNotFoundError(
            "to_dask_bag() needs Dask, which is not installed: pip install 'loadstream[dask]'"
        ) from None
    try:
        keeps = cloudpickle.dumps(filter_func)
    except Exception as error:
        raise TypeError(
            f"filter_func cannot be sent to a worker: {error}; a filter that needs such a thing "
            "must make it itself"
        ) from None
    packed = [cloudpickle.dumps(part) for part in dataset.partitions(size)]
    sent: Any = bag.from_sequence(packed, npartitions=max(1, len(packed)))  # type: ignore[no-untyped-call, unused-ignore]
    return sent.map_partitions(read_partitions, keeps, _HERE)


def read_partitions(partitions: list[bytes], keeps: bytes, there: tuple[str, str]) -> list[Any]:
    """The elements that are kept. It runs in a worker."""
    if there != _HERE:
        raise WorkerVersionError(
            f"a worker has loadstream {_HERE[0]} on Python {_HERE[1]}, and this bag was made by "
            f"loadstream {there[0]} on Python {there[1]}: install the same on both sides"
        )
    import pickle

    found: list[Any] = []
    for partition in partitions:
        found += pickle.loads(partition).stream(pickle.loads(keeps))
    return found

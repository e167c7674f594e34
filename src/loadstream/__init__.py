"""loadstream: move Python code from loading whole JSON files to streaming them, safely.

Migrated code imports the streaming runtime from here; everything else is the command line.
A name is imported when it is first asked for, so that `import loadstream` costs nothing.
"""

__version__ = "0.1.0"

__all__ = [
    "BadIndexError",
    "Dataset",
    "DuplicateKeyError",
    "ElementTypeError",
    "Index",
    "IndexNotWrittenError",
    "JointIndex",
    "NoIndexError",
    "NotIndexableError",
    "Page",
    "Partition",
    "SourceChangedError",
    "Stream",
    "StreamConsumedError",
    "Url",
    "WorkerVersionError",
    "split",
    "stream_items",
    "stream_json",
    "stream_lines",
    "stream_values",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from loadstream.runtime.dataset import Dataset, Page
    from loadstream.runtime.errors import (
        BadIndexError,
        DuplicateKeyError,
        ElementTypeError,
        IndexNotWrittenError,
        NoIndexError,
        NotIndexableError,
        SourceChangedError,
        StreamConsumedError,
        WorkerVersionError,
    )
    from loadstream.runtime.functions import (
        stream_items,
        stream_json,
        stream_lines,
        stream_values,
    )
    from loadstream.runtime.index import Index
    from loadstream.runtime.joint_index import JointIndex
    from loadstream.runtime.partition import Partition
    from loadstream.runtime.remote import Url
    from loadstream.runtime.split import split
    from loadstream.runtime.stream import Stream

_HOME = {
    "BadIndexError": "errors",
    "Dataset": "dataset",
    "DuplicateKeyError": "errors",
    "ElementTypeError": "errors",
    "Index": "index",
    "IndexNotWrittenError": "errors",
    "JointIndex": "joint_index",
    "NoIndexError": "errors",
    "NotIndexableError": "errors",
    "Page": "dataset",
    "Partition": "partition",
    "SourceChangedError": "errors",
    "Stream": "stream",
    "StreamConsumedError": "errors",
    "Url": "remote",
    "WorkerVersionError": "errors",
    "split": "split",
    "stream_items": "functions",
    "stream_json": "functions",
    "stream_lines": "functions",
    "stream_values": "functions",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module in `loadstream.runtime`, once."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"loadstream.runtime.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

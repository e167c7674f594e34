"""numpy's and pandas' objects as nodes, by what their own equality looks at.

Loaded by encode.py by its path. Imports neither: an object of theirs is there only if the code
under test has imported them. Their public interface is used, never what they keep privately.

An array is its elements, as plain values and in its shape, with its dtype; a frame is its columns
in their order, each such an array, with its index. NaN equals NaN, as in `assert_frame_equal`, and
so do two elements that a mask hides. A RangeIndex is the Index that it stands for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def array_node(encoder: Any, value: Any, cls: type, name: str) -> Any:
    """The node of an object of numpy's or pandas', None where it is of neither."""
    for module, kinds in (("numpy", _NUMPY), ("pandas", _PANDAS)):
        library = sys.modules.get(module)
        for path, node in kinds if library is not None else ():
            kind = library
            for part in path.split("."):
                kind = getattr(kind, part, None)
            if isinstance(kind, type) and issubclass(cls, kind):
                return node(encoder, value, name)
    return None


def _array(encoder: Any, value: Any, name: str) -> Any:
    numpy = sys.modules["numpy"]
    encoder.expect(value.size)
    # A subclass may make other things of its elements: they are read as those of a plain array.
    state = [["dtype", _dtype(value.dtype)], ["shape", encoder.encode(tuple(value.shape))]]
    return ["object", name, _elements(encoder, numpy.asarray(value)), *state, *_own(encoder, value)]


def _masked(encoder: Any, value: Any, name: str) -> Any:
    numpy = sys.modules["numpy"]
    if value is numpy.ma.masked:
        return ["ref", name, "numpy.ma.masked"]
    encoder.expect(value.size)
    hidden = numpy.ma.getmaskarray(value)
    # What lies below the mask is nothing that the array holds.
    shown = value.filled(numpy.zeros((), value.dtype)[()])
    return [
        "object",
        name,
        _elements(encoder, numpy.asarray(shown)),
        ["dtype", _dtype(value.dtype)],
        ["shape", encoder.encode(tuple(value.shape))],
        ["mask", _elements(encoder, hidden)],
        ["fill_value", encoder.encode(value.fill_value)],
        *_own(encoder, value),
    ]


def _elements(encoder: Any, array: Any) -> Any:
    kind = array.dtype.kind
    if array.dtype.names is not None:
        node: list[Any] = ["dict"]
        for field in array.dtype.names:
            node += [field, _elements(encoder, array[field])]
        return node
    if kind == "M":
        # Python's own dates end at microseconds and at the year 9999.
        array = sys.modules["numpy"].datetime_as_string(array)
    elif kind == "m":
        array = array.astype("int64")
    return encoder.encode(array.tolist())


def _scalar(encoder: Any, value: Any, name: str) -> Any:
    kind = value.dtype.kind
    if kind in "mMV":
        array = sys.modules["numpy"].asarray(value)
        return ["object", name, _elements(encoder, array), ["dtype", _dtype(value.dtype)]]
    item = value.item()
    # A long double has no Python type: it is its own item.
    plain = ["value", name, repr(value)] if type(item) is type(value) else encoder.encode(item)
    return ["object", name, plain]


def _dtype(dtype: Any) -> str:
    return repr(dtype) if getattr(dtype, "names", None) is not None else str(dtype)


def _dtype_object(_encoder: Any, value: Any, name: str) -> Any:
    return ["value", name, _dtype(value)]


def _own(encoder: Any, value: Any) -> list[Any]:
    """The attributes of a subclass of the user's."""
    inside = type(value).__module__.partition(".")[0] in ("numpy", "pandas")
    return [] if inside else encoder.state(value, type(value))


def _frame(encoder: Any, value: Any, name: str) -> Any:
    encoder.expect(value.size)
    columns = [_column(encoder, value.iloc[:, place]) for place in range(value.shape[1])]
    if value.columns.is_unique:
        body = ["dict"]
        for label, column in zip(value.columns, columns, strict=True):
            body += [encoder.encode(label), column]
    else:
        body = ["list", *columns]
    return [
        "object",
        name,
        body,
        ["columns", _labels(encoder, value.columns)],
        ["index", _labels(encoder, value.index)],
        *_metadata(encoder, value),
    ]


def _series(encoder: Any, value: Any, name: str) -> Any:
    encoder.expect(value.size)
    return [
        "object",
        name,
        _listed(encoder, value),
        ["dtype", _pandas_dtype(encoder, value.dtype)],
        ["index", _labels(encoder, value.index)],
        ["name", encoder.encode(value.name)],
        *_metadata(encoder, value),
    ]


def _index(encoder: Any, value: Any, _name: str) -> Any:
    return _labels(encoder, value)


def _labels(encoder: Any, index: Any) -> Any:
    encoder.expect(index.size)
    kinds = getattr(index, "dtypes", None)  # of a MultiIndex, a dtype for each level
    dtypes = [index.dtype] if kinds is None else list(kinds)
    return [
        "object",
        "pandas.Index",
        _listed(encoder, index),
        ["dtype", ["list", *(_pandas_dtype(encoder, dtype) for dtype in dtypes)]],
        ["names", encoder.encode(list(index.names))],
        ["freq", encoder.encode(getattr(index, "freqstr", None))],
    ]


def _extension_array(encoder: Any, value: Any, name: str) -> Any:
    encoder.expect(value.size)
    return ["object", name, _listed(encoder, value), ["dtype", _pandas_dtype(encoder, value.dtype)]]


def _column(encoder: Any, column: Any) -> Any:
    dtype = _pandas_dtype(encoder, column.dtype)
    return ["object", "column", _listed(encoder, column), ["dtype", dtype]]


def _listed(encoder: Any, values: Any) -> Any:
    return encoder.encode(list(values.tolist()))


def _pandas_dtype(encoder: Any, dtype: Any) -> Any:
    if hasattr(dtype, "categories") and hasattr(dtype, "ordered"):
        categories = None if dtype.categories is None else _labels(encoder, dtype.categories)
        return ["object", "category", None, ["categories", categories], ["ordered", dtype.ordered]]
    return _dtype(dtype) if hasattr(dtype, "byteorder") else repr(dtype)


def _pandas_dtype_object(encoder: Any, value: Any, name: str) -> Any:
    return ["object", name, _pandas_dtype(encoder, value)]


def _metadata(encoder: Any, value: Any) -> list[Any]:
    """What a frame may carry along: `attrs`, and what a subclass says that it adds."""
    attached = {"attrs": value.attrs} if value.attrs else {}
    if type(value).__module__.partition(".")[0] != "pandas":
        added = [each for each in type(value)._metadata if each not in ("name", "_name")]
        attached.update({each: getattr(value, each, None) for each in added})
    return [[each, encoder.encode(found)] for each, found in sorted(attached.items())]


def _text(_encoder: Any, value: Any, name: str) -> Any:
    # A Timestamp of seconds and one of nanoseconds show alike.
    unit = [["unit", str(value.unit)]] if hasattr(value, "unit") else []
    return ["object", name, ["value", name, repr(value)], *unit]


_Node = Callable[[Any, Any, str], Any]
_NUMPY: tuple[tuple[str, _Node], ...] = (
    ("ma.MaskedArray", _masked),
    ("ndarray", _array),
    ("generic", _scalar),
    ("dtype", _dtype_object),
)
_PANDAS: tuple[tuple[str, _Node], ...] = (
    ("DataFrame", _frame),
    ("Series", _series),
    ("Index", _index),
    ("Timestamp", _text),
    ("Timedelta", _text),
    ("Period", _text),
    ("Interval", _text),
    ("api.typing.NAType", _text),
    ("api.typing.NaTType", _text),
    ("api.extensions.ExtensionArray", _extension_array),
    ("api.extensions.ExtensionDtype", _pandas_dtype_object),
)

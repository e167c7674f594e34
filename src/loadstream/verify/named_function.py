"""Finds the function that `path.py:function` or `package.module:function` names, by importing."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any


def find_function(named: Callable[..., Any] | str) -> Callable[..., Any]:
    """The callable itself, or the one that the text names.

    A path is seen from the working directory; the file is imported under a name of its own, so
    that two files of one name can be compared, with its folder first among those to import from.
    Raises `ValueError` where there is no such thing.
    """
    if callable(named):
        return named
    if not isinstance(named, str):
        raise TypeError(f"old and new must be callables or texts, not {type(named).__name__}")
    place, colon, name = named.rpartition(":")
    if not colon or not place or not name:
        raise ValueError(
            f"{named!r} names no function: give 'path.py:function' or 'module:function'"
        )
    module = _from_file(Path(place)) if place.endswith(".py") else _from_name(place)
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if not callable(found):
        raise ValueError(f"there is no function {name} in {place}")
    return found  # type: ignore[no-any-return]


def _from_name(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise ValueError(f"there is no module {name}: give its name or path.py:function") from None


def _from_file(file: Path) -> ModuleType:
    place = file.resolve()
    if not place.is_file():
        raise ValueError(f"there is no file {file} in {Path.cwd()}")
    name = f"_loadstream_{place.stem}_{sha256(str(place).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Registered, because dataclasses and pickle look their module up there.
    sys.modules[name] = module
    sys.path.insert(0, str(place.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(place.parent))
    return module

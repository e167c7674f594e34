"""How long a line may be in a repository: what its formatter or its linter is told.

Only a wish for the layout of new code, so whatever cannot be read is passed over in silence:
these files are not ours.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

_LEAST, _MOST = 20, 320  # what Ruff takes; anything outside is no wish for a layout


def find_line_length(start: Path) -> int | None:
    """The line length that holds in the folder `start`: the nearest that is set, None if none is.

    In one folder ruff.toml comes before pyproject.toml, as Ruff has it, and these before what
    only a linter reads.
    """
    for folder in (start, *start.parents):
        for name, lengths in _FILES.items():
            try:
                text = (folder / name).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            for length in lengths(text):
                if type(length) is int and _LEAST <= length <= _MOST:
                    return length
        if os.path.exists(folder / ".git"):  # noqa: PTH110  (Path.exists raises where it may not)
            return None
    return None


def _of_ruff(text: str) -> Iterator[object]:
    document = _toml(text)
    yield _at(document, "format", "line-length")
    yield document.get("line-length")


def _of_pyproject(text: str) -> Iterator[object]:
    document = _toml(text)
    yield _at(document, "tool", "ruff", "format", "line-length")
    yield _at(document, "tool", "ruff", "line-length")
    yield _at(document, "tool", "black", "line-length")


def _of_ini(text: str) -> Iterator[object]:
    if "max-line-length" not in text and "max_line_length" not in text:
        return
    import configparser  # seldom needed

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for section in ("flake8", "pycodestyle"):
        for key in ("max-line-length", "max_line_length"):
            value = parser.get(section, key, fallback="").strip()
            if value.isascii() and value.isdigit():
                yield int(value)


def _toml(text: str) -> Mapping[str, object]:
    if "line-length" not in text:  # spares the import of a TOML parser
        return {}
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        document: dict[str, object] = toml.loads(text)
    except toml.TOMLDecodeError:
        return {}
    return document


def _at(document: Mapping[str, object], *keys: str) -> object:
    value: object = document
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


_FILES: Mapping[str, Callable[[str], Iterator[object]]] = {
    ".ruff.toml": _of_ruff,
    "ruff.toml": _of_ruff,
    "pyproject.toml": _of_pyproject,
    "setup.cfg": _of_ini,
    "tox.ini": _of_ini,
    ".flake8": _of_ini,
}

"""Says of an error which file it is in, and leaves it what it is.

The class stays, and so does everything that programs read from an error: positions, `args` of an
`OSError`, the key of a `KeyError`. What changes is the message. (Notes would be shown by tracebacks
alone, and not by Python 3.10.)
"""

from __future__ import annotations

from json import JSONDecodeError


class _KeyIn(str):
    """A key that is missing, equal to what it is, and shown with the file that it is missing in."""

    __slots__ = ("file",)

    file: str

    def __repr__(self) -> str:
        return f"{str(self)!r} in {self.file}"

    def __reduce__(self) -> tuple[object, ...]:
        return _key_in, (str(self), self.file)


def _key_in(key: str, file: str) -> _KeyIn:
    named = _KeyIn(key)
    named.file = file
    return named


def name_file(error: Exception, file: str) -> None:
    """Put the file into the message of an error, unless it is there already."""
    said = str(error)
    if said.startswith((f"{file}:", f"{file} ")) or (isinstance(error, OSError) and file in said):
        return
    args = error.args
    if isinstance(error, JSONDecodeError):
        error.msg = f"{file}: {error.msg}"  # this and not `args` is what a pickle holds
        error.args = (f"{file}: {args[0]}",)
    elif isinstance(error, UnicodeDecodeError):
        error.reason = f"{error.reason}, in {file}"
        error.args = (*args[:4], error.reason)
    elif isinstance(error, KeyError):
        key = args[0] if args else ""
        error.args = (_key_in(key, file) if isinstance(key, str) else f"{key!r} in {file}",)
    elif isinstance(error, OSError) and error.errno is not None:
        if error.filename is None:
            error.filename = file
    elif len(args) <= 1:
        error.args = (": ".join([file, *map(str, args)]),)

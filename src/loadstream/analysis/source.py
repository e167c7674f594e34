"""One Python file as the analysis sees it: its text, its tree, its scopes."""

from __future__ import annotations

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from loadstream.analysis.spans import Lines

if TYPE_CHECKING:
    from loadstream.analysis.notebooks import Notebook

_MOST_NODES = 200_000  # of a syntax tree: about 20,000 lines of ordinary code


class SourceError(Exception):
    """A file that cannot be read or parsed: one line of cause, and the place if there is one.

    `line` is from 1, `column` from 1 in characters; both are 1 when the cause has no place. In a
    notebook they count within the cell of the number `cell`, if one is to blame.
    """

    def __init__(self, cause: str, line: int = 1, column: int = 1, cell: int | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.line = line
        self.column = column
        self.cell = cell


@contextmanager
def failures_of_one_file() -> Iterator[None]:
    """A SourceError for whatever goes wrong: one file must not end the run over the others."""
    try:
        yield
    except SourceError:
        raise
    except RecursionError as error:
        raise SourceError("nested too deeply to be analysed") from error
    except Exception as error:
        cause = f"the analysis failed with {type(error).__name__}: {error}; please report it"
        raise SourceError(cause) from error


@dataclass(frozen=True)
class SourceFile:
    """A parsed file. `path` is where it came from; `text` has its newlines untranslated.

    The text of a notebook is that of its code cells, one after the other; `notebook` knows them.
    """

    path: Path
    text: str
    tree: ast.Module
    notebook: Notebook | None = None

    @cached_property
    def lines(self) -> Lines:
        """The text by lines, for spans."""
        return Lines(self.text)

    @cached_property
    def is_too_large(self) -> bool:
        """Whether LibCST, which needs about half a millisecond a node, would work for minutes."""
        if len(self.text) < _MOST_NODES:
            return False
        return next(islice(ast.walk(self.tree), _MOST_NODES, None), None) is not None


def decode(data: bytes) -> str:
    """The text of a source file, by its BOM or coding cookie, newlines untouched.

    Raises SourceError where the bytes do not decode.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, LookupError) as error:
        # Also what detect_encoding() says of a first line whose bytes are not UTF-8.
        cause = f"{error}; a source file is UTF-8 unless its first lines name another encoding"
        raise SourceError(cause) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(f"not {error.encoding} text: {error.reason}", line) from error


def parse(text: str, path: Path) -> SourceFile:
    """Parse `text`, which came from `path`. Raises SourceError where it is no valid Python."""
    return SourceFile(path, text, tree_of(text, str(path)))


def tree_of(text: str, name: str = "<text>") -> ast.Module:
    """The syntax tree of `text`. Raises SourceError where it is no valid Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes and the like are not ours to report
            return ast.parse(text, name)
    except SyntaxError as error:
        raise SourceError(error.msg, error.lineno or 1, error.offset or 1) from error
    except ValueError as error:  # NUL bytes
        raise SourceError(str(error)) from error
    except (RecursionError, MemoryError) as error:
        raise SourceError("nested too deeply to be parsed") from error

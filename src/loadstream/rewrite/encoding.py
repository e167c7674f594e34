"""New text back to bytes, in the file's own encoding."""

from __future__ import annotations

import io
import tokenize

from loadstream.analysis.source import SourceError


def encoded(new: str, old: str, data: bytes) -> bytes:
    """`new` in the encoding of `data`, of which `old` is the text.

    Raises SourceError where that is not reversible.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    try:
        if old.encode(encoding) == data:
            return new.encode(encoding)
    except UnicodeEncodeError:
        pass
    raise SourceError(f"its {encoding} bytes cannot be written back as they were")

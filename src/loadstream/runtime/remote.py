"""URLs: what fsspec opens. It is imported by this file alone, and so only for a URL.

Flow: **source** → window → elements → stream. A URL is read from its start to its end, once, and
decoded as a path of that name is.
"""

from __future__ import annotations

import os
import re

from loadstream.runtime.handles import Handle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_URL = re.compile(r"(?:[a-z][a-z0-9+.-]+::)*[a-z][a-z0-9+.-]+://", re.IGNORECASE)
"""A scheme has two letters or more: `c://` is a drive of Windows. Schemes can be chained."""


def is_url(source: str) -> bool:
    """Whether a string is a URL, and not the path of a file that happens to look like one."""
    return _URL.match(source) is not None and not os.path.exists(source)  # noqa: PTH110


def name_in(url: str) -> str:
    """The part that names the document: `a.json` of `zip://a.json::s3://bucket/b.zip`."""
    place = next(part for part in url.split("::") if "://" in part)
    if place.lower().startswith(("http://", "https://")):
        place = re.split("[?#]", place, maxsplit=1)[0]
    return place.partition("://")[2]


class Remote(Handle):
    """What a URL names, opened here. With `kind`, decompressed."""

    def __init__(self, url: str, kind: str | None) -> None:
        self._opened: list[Any] = []
        unpack = None
        if kind is not None:
            from loadstream.runtime.packed import unpacker

            unpack = unpacker(kind, url)
        try:
            import fsspec  # type: ignore[import-untyped, unused-ignore]
        except ImportError:
            raise ModuleNotFoundError(
                f"{url}: a URL needs fsspec, which is not installed: "
                "pip install 'loadstream[remote]'"
            ) from None
        document = fsspec.open(url, "rb")
        if not document.fs.cachable and hasattr(document.fs, "close"):
            self._opened.append(document.fs.close)  # an archive, opened for this URL alone
        self._opened.append(document.close)
        file = document.open()
        self._opened.append(file.close)
        if unpack is not None:
            file = unpack(file)
            self._opened.append(file.close)
        super().__init__(file)

    def close(self) -> None:
        """Close it, as often as one likes."""
        while self._opened:
            self._opened.pop()()

    def __del__(self) -> None:
        self.close()

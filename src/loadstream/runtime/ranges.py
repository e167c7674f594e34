"""Objects that are read range by range, or through a chain: what S3 and HTTP are not.

Flow: **ranges** → transfer → ahead → source → …. A transport of `transfer`, as those of `answers`.
Nothing is given that has not been found to be of the object that was opened.
"""

from __future__ import annotations

from loadstream.runtime.errors import SourceChangedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeAlias

    from loadstream.runtime.remote import Url

    Identity: TypeAlias = tuple[object, ...]

_TELLING = (
    *("size", "ETag", "etag", "VersionId", "generation", "md5Hash", "content_md5", "Content-MD5"),
    *("LastModified", "last_modified", "Last-Modified", "updated", "mtime", "created"),
)
"""What file systems say of an object that differs when it has been written again."""

_SMALLEST = 1024
_PIECE = 256 * 1024


def _identity(about: dict[str, Any]) -> Identity:
    return tuple(about.get(name) for name in _TELLING)


class Ranges:
    """What can be read from any byte on (Google, Azure, SFTP, …), in ranges of up to `block`.

    After each failure ranges are a quarter as long, so that where every connection breaks, some
    still bring what they are to bring. After each range it is asked whether the object is the same.
    """

    def __init__(self, fs: Any, path: str, block: int) -> None:
        self._fs = fs
        self._path = path
        self._block = self._step = self._asked = block
        self._file: Any = None
        self._known: Identity = ()
        self.size: int | None = None

    def open(self) -> None:
        """Learn what the object is. No bytes are asked for."""
        about = self._about()
        if about.get("type") == "directory":
            raise IsADirectoryError(self._path)
        self._known = _identity(about)
        self.size = about.get("size")
        try:
            # Each range is asked for once, and nothing is kept of it there.
            options = {"cache_type": "none", "block_size": self._block}
            self._file = self._fs.open(self._path, "rb", **options)
        except TypeError:  # a store that has no such options
            self._file = self._fs.open(self._path, "rb")

    def read(self, place: int) -> bytes:
        """One range."""
        wanted = self._step if self.size is None else min(self._step, self.size - place)
        self._asked = wanted
        try:
            self._file.seek(place)
            piece: bytes = self._file.read(wanted) if wanted else b""
            about = self._about()
        except FileNotFoundError as error:
            raise SourceChangedError("it is no longer there") from error
        if _identity(about) != self._known:
            raise SourceChangedError("another object has its name now")
        if self.size is not None and len(piece) < wanted:
            raise ConnectionError(f"{len(piece)} of the {wanted} bytes that were asked for came")
        self._step = min(2 * self._step, self._block)
        return piece

    def _about(self) -> dict[str, Any]:
        self._fs.invalidate_cache(self._path)
        found: dict[str, Any] = self._fs.info(self._path)
        return found

    def interrupt(self) -> None:
        """A range comes whole, and soon."""

    def drop(self) -> None:
        """There is no connection that lasts; ask for less next time."""
        self._step = max(self._asked // 4, _SMALLEST)


class Chain:
    """What lies in something else, as `zip://a.json::s3://bucket/b.zip` does.

    It cannot be entered in the middle: where it breaks off it is opened again, and what is known is
    passed over. It is checked that the outermost object is the one that was opened.
    """

    def __init__(self, url: Url, fsspec: Any) -> None:
        self._url = url.url
        self._options = url.storage_options
        self._fsspec = fsspec
        self._file: Any = None
        self._opened: list[Any] = []
        self._place = 0
        self._known: Identity | None = None
        self.size: int | None = None

    def open(self) -> None:
        """Open everything from the outermost object to the one that is wanted."""
        self._check()
        document = self._fsspec.open(self._url, "rb", **self._options)
        if not document.fs.cachable and hasattr(document.fs, "close"):
            self._opened.append(document.fs.close)
        self._opened.append(document.close)
        self._file = document.open()
        self._opened.append(self._file.close)
        self._place = 0
        self.size = document.fs.info(document.path).get("size")

    def read(self, place: int) -> bytes:
        """Some bytes from this place on."""
        if self._file is None:
            self.open()
        while self._place < place and (piece := self._next(place - self._place)):
            pass
        piece = self._next(_PIECE)
        if not piece:
            self._check()
        return piece

    def _next(self, most: int) -> bytes:
        piece: bytes = self._file.read(min(_PIECE, most))
        self._place += len(piece)
        return piece

    def _check(self) -> None:
        outermost = self._url.rsplit("::", 1)[-1]
        options = self._options.get(outermost.partition("://")[0], {})
        fs, path = self._fsspec.core.url_to_fs(outermost, **options)
        fs.invalidate_cache(path)
        known = _identity(fs.info(path))
        if self._known is not None and known != self._known:
            raise SourceChangedError("another object has its name now")
        self._known = known

    def interrupt(self) -> None:
        """What is read by another thread is not closed under its hands."""

    def drop(self) -> None:
        """Close all of it."""
        self._file = None
        while self._opened:
            self._opened.pop()()

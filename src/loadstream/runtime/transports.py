"""How the bytes of an object are asked for: range by range, as one answer, or through a chain.

Flow: **transports** → transfer → ahead → source → …. Each can go on at any byte after `drop`, and
raises `SourceChangedError` where what is there now is not what was opened. Nothing is given that
has not been found to be of the object that was opened.
"""

from __future__ import annotations

import re

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
    """What can be read from any byte on (S3, Google, Azure, SFTP, …), in ranges of up to `block`.

    After each failure ranges are a quarter as long, so that where every connection breaks, some
    still bring what they are to bring. Where the store does not itself refuse to serve another
    object (S3 does: If-Match), it is asked about the object after each range.
    """

    def __init__(self, fs: Any, path: str, block: int) -> None:
        self._fs = fs
        self._path = path
        self._block = self._step = self._asked = block
        self._file: Any = None
        self._known: Identity = ()
        self._is_pinned = False
        self.size: int | None = None

    def open(self) -> None:
        """Learn what the object is. No bytes are asked for."""
        self._fs.invalidate_cache(self._path)
        options: dict[str, Any] = {}
        if self._fs.protocol != "memory":
            options = {"cache_type": "none", "block_size": self._block}
        self._file = self._fs.open(self._path, "rb", **options)
        about = getattr(self._file, "details", None) or self._fs.info(self._path)
        if about.get("type") == "directory":
            raise IsADirectoryError(self._path)
        self._known = _identity(about)
        self.size = about.get("size")
        asked = (getattr(self._file, name, None) or {} for name in ("read_kw", "req_kw"))
        self._is_pinned = any("IfMatch" in one for one in asked)

    def read(self, place: int) -> bytes:
        """One range."""
        wanted = self._step if self.size is None else min(self._step, self.size - place)
        self._asked = wanted
        try:
            self._file.seek(place)
            piece: bytes = self._file.read(wanted) if wanted else b""
        except FileNotFoundError as error:
            raise SourceChangedError("it is no longer there") from error
        except OSError as error:
            if type(error).__name__ == "FileExpired":
                raise SourceChangedError("another object has its name now") from error
            raise
        if not self._is_pinned:
            self._check()
        if self.size is not None and len(piece) < wanted:
            raise ConnectionError(f"{len(piece)} of the {wanted} bytes that were asked for came")
        self._step = min(2 * self._step, self._block)
        return piece

    def _check(self) -> None:
        self._fs.invalidate_cache(self._path)
        try:
            about = self._fs.info(self._path)
        except FileNotFoundError as error:
            raise SourceChangedError("it is no longer there") from error
        if _identity(about) != self._known:
            raise SourceChangedError("another object has its name now")

    def drop(self) -> None:
        """There is no connection that lasts; ask for less next time."""
        self._step = max(self._asked // 4, _SMALLEST)


class Response:
    """What HTTP gives in one answer, read as it comes. It goes on with a request for the rest.

    A server that does not know ranges sends everything again, and what is known is passed over. A
    server that says neither ETag nor Last-Modified is asked once: nothing tells that a second
    answer is the same.
    """

    def __init__(self, fs: Any, url: str, timeout: float) -> None:
        self._fs = fs
        self._url = url
        self._timeout = timeout
        self._answer: Any = None
        self._validators: Identity | None = None
        self._is_plain = True
        self.size: int | None = None

    def open(self) -> None:
        """Send the request and read the head of the answer."""
        self._ask(0)

    def read(self, place: int) -> bytes:
        """What has come."""
        if self._answer is None:
            self._ask(place)
        piece: bytes = self._do(self._answer.content.read, _PIECE)
        return piece

    def drop(self) -> None:
        """Close the connection."""
        answer, self._answer = self._answer, None
        if answer is not None and not self._fs.loop.is_closed():
            self._fs.loop.call_soon_threadsafe(answer.close)

    def _do(self, function: Any, *arguments: Any, **named: Any) -> Any:
        from fsspec.asyn import sync  # type: ignore[import-untyped, unused-ignore]

        return sync(self._fs.loop, function, *arguments, timeout=self._timeout, **named)

    def _ask(self, place: int) -> None:
        if self._validators is not None and not any(self._validators):
            raise OSError(
                f"broke off at byte {place}, and its server says neither ETag nor Last-Modified, "
                "by which the rest of it could be known: stream it again from the start"
            )
        session = self._do(self._fs.set_session)
        # As long as it takes: how long nothing may come is counted in `_do`.
        options = {"timeout": type(session.timeout)(total=None), **self._fs.kwargs}
        headers = {**options.pop("headers", {}), "Accept-Encoding": "identity"}
        if place and self._is_plain:
            headers["Range"] = f"bytes={place}-"
        url = self._fs.encode_url(self._url)
        answer = self._answer = self._do(session.get, url, headers=headers, **options)
        if place and answer.status in (404, 410):
            raise SourceChangedError("it is no longer there")
        if place and answer.status == 416:
            raise SourceChangedError("it has become shorter")
        if answer.status in (401, 403):
            raise PermissionError(f"{answer.status} {answer.reason}")
        if answer.status in (404, 410):
            raise FileNotFoundError(self._url)
        answer.raise_for_status()
        begins = self._learn(answer, place)
        while begins < place:
            piece = self._do(answer.content.read, min(_PIECE, place - begins))
            if not piece:
                raise SourceChangedError("it has become shorter")
            begins += len(piece)

    def _learn(self, answer: Any, place: int) -> int:
        """Keep what the head of the first answer says, compare others. Gives where it begins."""
        headers = answer.headers
        begins, size = 0, None
        is_plain = headers.get("Content-Encoding", "identity") in ("", "identity")
        if answer.status == 206:
            match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("Content-Range", ""))
            if match is None or int(match[1]) != place:
                raise OSError(f"asked for byte {place}, got {headers.get('Content-Range')!r}")
            begins, size = place, None if match[2] == "*" else int(match[2])
        elif is_plain and "Content-Length" in headers:
            size = int(headers["Content-Length"])
        validators = (headers.get("ETag"), headers.get("Last-Modified"))
        if self._validators is None:
            self._validators, self.size, self._is_plain = validators, size, is_plain
        elif validators != self._validators or (size is not None and size != self.size):
            raise SourceChangedError("another object has its address now")
        return begins


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

    def drop(self) -> None:
        """Close all of it."""
        self._file = None
        while self._opened:
            self._opened.pop()()

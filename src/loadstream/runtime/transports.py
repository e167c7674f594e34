"""How the bytes of an object are asked for: as one answer, range by range, or through a chain.

Flow: **transports** → transfer → ahead → source → …. Each can go on at any byte after `drop`, and
raises `SourceChangedError` where what is there now is not what was opened. Nothing is given that
has not been found to be of the object that was opened.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial

from loadstream.runtime.errors import SourceChangedError
from loadstream.runtime.retrying import status_of

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


class Answer:
    """What comes in one answer, read as it comes. It goes on with a request for the rest.

    One answer is of one object, whatever is written meanwhile; a later one is compared with it.
    """

    def __init__(self, fs: Any, path: str, timeout: float) -> None:
        self._fs = fs
        self._path = path
        self._timeout = timeout
        self._body: Any = None
        self._is_known = False
        self.size: int | None = None

    def open(self) -> None:
        """Send the request and read the head of the answer."""
        self._ask(0)

    def read(self, place: int) -> bytes:
        """What has come."""
        if self._body is None:
            if self._is_known and place == self.size:
                return b""
            self._ask(place)
        return self._next(_PIECE)

    def _next(self, most: int) -> bytes:
        piece: bytes = self._do(self._some, most)
        return piece

    async def _some(self, most: int) -> bytes:
        """What has come, also when the connection broke since: aiohttp would raise that first."""
        try:
            piece: bytes = await self._body.read(most)
        except Exception:
            content = getattr(getattr(self._body, "raw_stream", self._body), "content", self._body)
            left = getattr(content, "_read_nowait", None)
            piece = left(most) if left is not None else b""
            if not piece:
                raise
        return piece

    def interrupt(self) -> None:
        """From another thread: what waits for bytes shall fail."""
        self.drop()

    def drop(self) -> None:
        """Close the connection."""
        body, self._body = self._body, None
        if body is None:
            return
        with suppress(RuntimeError):  # a loop that is closed, or that of the process before a fork
            self._fs.loop.call_soon_threadsafe(self._closing(body))

    def _do(self, function: Any, *arguments: Any) -> Any:
        """Run it on fsspec's loop, and for no longer than the time for which nothing may come."""
        from fsspec.asyn import sync  # type: ignore[import-untyped, unused-ignore]

        return sync(self._fs.loop, function, *arguments, timeout=self._timeout)

    def _ask(self, place: int) -> None:
        raise NotImplementedError

    def _closing(self, body: Any) -> Any:
        return body.close


class S3(Answer):
    """An object of S3. The server is told to serve the rest of this object and of no other."""

    _etag: str | None = None

    def _ask(self, place: int) -> None:
        bucket, key, version = self._fs.split_path(self._path)
        request = {"Bucket": bucket, "Key": key, **getattr(self._fs, "req_kw", {})}
        if version:
            request["VersionId"] = version
        if place:
            request["Range"] = f"bytes={place}-"
        if self._etag:
            request["IfMatch"] = self._etag
        try:
            get = partial(self._fs._call_s3, "get_object", self._fs.kwargs, **request)
            answer = self._do(get)
        except OSError as error:
            if not self._is_known:
                raise
            if isinstance(error, FileNotFoundError):
                raise SourceChangedError("it is no longer there") from error
            if error.__cause__ is not None and status_of(error.__cause__) in (412, 416):
                raise SourceChangedError("another object has its name now") from error
            raise
        self._body = answer["Body"]
        if not self._is_known:
            self._is_known = True
            self._etag, self.size = answer.get("ETag"), answer["ContentLength"]
        elif answer["ContentLength"] != (self.size or 0) - place:
            raise SourceChangedError("it has another length now")


class Http(Answer):
    """What HTTP gives.

    A server that does not know ranges sends everything again, and what is known is passed over. A
    server that says neither ETag nor Last-Modified is asked once: nothing tells that a second
    answer is the same.
    """

    _validators: tuple[str | None, ...] = ()
    _is_plain = True

    def _ask(self, place: int) -> None:
        if self._is_known and not any(self._validators):
            raise OSError(
                f"broke off at byte {place}, and its server says neither ETag nor Last-Modified, "
                "by which the rest of it could be known: stream it again from the start"
            )
        answer = self._do(self._request, place)
        self._body = answer.content
        if self._is_known and answer.status in (404, 410):
            raise SourceChangedError("it is no longer there")
        if place and answer.status == 416:
            raise SourceChangedError("it has become shorter")
        if answer.status in (401, 403):
            raise PermissionError(f"{answer.status} {answer.reason}")
        if answer.status in (404, 410):
            raise FileNotFoundError(self._path)
        answer.raise_for_status()
        begins = self._learn(answer, place)
        while begins < place:
            piece = self._next(min(_PIECE, place - begins))
            if not piece:
                raise SourceChangedError("it has become shorter")
            begins += len(piece)

    async def _request(self, place: int) -> Any:
        session = await self._fs.set_session()
        # As long as it takes: how long nothing may come is counted in `_do`.
        options = {"timeout": type(session.timeout)(total=None), **self._fs.kwargs}
        headers = {**options.pop("headers", {}), "Accept-Encoding": "identity"}
        if place and self._is_plain:
            headers["Range"] = f"bytes={place}-"
        self._answer = await session.get(
            self._fs.encode_url(self._path), headers=headers, **options
        )
        return self._answer

    def _closing(self, _: Any) -> Any:
        return self._answer.close

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
        if not self._is_known:
            self._is_known = True
            self._validators, self.size, self._is_plain = validators, size, is_plain
        elif validators != self._validators or (size is not None and size != self.size):
            raise SourceChangedError("another object has its address now")
        return begins


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

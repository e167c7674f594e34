"""Objects that come in one answer, read as it comes: S3 and HTTP.

Flow: **answers** → transfer → ahead → source → …. A transport of `transfer`: it can go on at any
byte after `drop`, and raises `SourceChangedError` where what is there now is not what was opened.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import partial

from loadstream.runtime.errors import SourceChangedError
from loadstream.runtime.retrying import status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PIECE = 256 * 1024


class Answer(ABC):
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

    @abstractmethod
    def _ask(self, place: int) -> None:
        """Send a request for what comes from this place on. Raises as `Transport.open` does."""

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

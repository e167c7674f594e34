"""Doing again what fails for the moment on a network, and which errors are of that kind.

They are known by class, status and number. The libraries that fsspec stands on are not imported for
that: a class is known by its name.
"""

from __future__ import annotations

import errno
import os
from random import random
from threading import Event

from loadstream.runtime.errors import SourceChangedError
from loadstream.runtime.naming import name_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    T = TypeVar("T")

_SHORTEST, _LONGEST = 0.1, 5.0
"""Seconds between two tries, at first and at last."""

_PASSING = {408, 425, 429, 500, 502, 503, 504}
"""What HTTP says of itself: too slow, too early, too many, and the server's own troubles."""

_BROKEN = {
    "ClientConnectionError",  # aiohttp: reset, refused, disconnected
    "ClientPayloadError",  # aiohttp: the body ended too early
    "ConnectionClosedError",  # botocore
    "HTTPClientError",  # botocore
    "IncompleteRead",  # http.client, urllib3
    "IncompleteReadError",  # asyncio, botocore
    "ReadTimeoutError",  # botocore
    "ResponseParserError",  # botocore: half an answer
    "ResponseStreamingError",  # botocore
    "ServiceResponseError",  # azure
    "TimeoutError",  # asyncio's and concurrent.futures' own, before Python 3.11
    "ConnectionError",  # requests, botocore
    "ChunkedEncodingError",  # requests
}

_NUMBERS = {
    getattr(errno, name)
    for name in (
        *("EBUSY", "EAGAIN", "EPIPE", "ECONNRESET", "ECONNABORTED", "ECONNREFUSED", "ETIMEDOUT"),
        *("EHOSTUNREACH", "ENETUNREACH", "ENETRESET", "ENETDOWN", "EREMOTEIO"),
    )
    if hasattr(errno, name)
}

_FINAL = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)

_REFUSED = {
    "ClientConnectorCertificateError",  # aiohttp
    "SSLCertVerificationError",  # ssl
}
"""Classes that inherit from one of the others, and do not pass."""


def persist(
    action: Callable[[], T],
    url: str,
    retries: int,
    failed: Callable[[], str],
    drop: Callable[[], None] = lambda: None,
    stopped: Event | None = None,
) -> T:
    """Do it, and again after a pause if it fails for the moment, `retries` times.

    `failed` says what has failed in the end, `drop` is called after each failure, and `stopped` is
    set by whoever wants no more. Raises `FileNotFoundError`, `SourceChangedError`, and otherwise an
    `OSError` of the action or in the place of what libraries raise, with the URL.
    """
    pause = _SHORTEST
    stopped = stopped or Event()
    for left in range(retries, -1, -1):
        try:
            return action()
        except SourceChangedError as error:
            raise SourceChangedError(
                f"{url} was changed while it was being read: {error}; stream it again from the "
                "start"
            ) from error.__cause__
        except Exception as error:
            drop()
            if isinstance(error, FileNotFoundError):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), url) from error
            if not passes(error) or stopped.is_set():
                if isinstance(error, (OSError, ImportError, MemoryError)):
                    name_file(error, url)
                    raise
                # Of all classes that libraries have, one that is expected of what is opened.
                raise OSError(f"{url}: {_said(error)}") from error
            if not left:
                message = f"{url}: {failed()}, also after {retries} retries: {_said(error)}"
                raise ConnectionError(message) from error
        stopped.wait(pause * (1 + random()) / 2)  # many workers do not try in step
        pause = min(2 * pause, _LONGEST)
    raise AssertionError("the last failure is raised")


def _said(error: Exception) -> str:
    return ": ".join(filter(None, [type(error).__name__, *str(error).splitlines()[:1]]))


def passes(error: BaseException) -> bool:
    """Whether what failed with this error may succeed when it is done again."""
    for one in _causes(error):
        names = {kind.__name__ for kind in type(one).__mro__}
        if isinstance(one, _FINAL) or _REFUSED & names:
            return False
        status = status_of(one)
        if status is not None:
            return status in _PASSING
        if isinstance(one, (ConnectionError, TimeoutError)) or _BROKEN & names:
            return True
        if isinstance(one, OSError) and one.errno in _NUMBERS:
            return True
    return False


def status_of(error: BaseException) -> int | None:
    """The status of HTTP that an error of aiohttp, botocore, gcsfs or azure tells."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        found = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        return found if isinstance(found, int) else None
    for name in ("status", "status_code", "code"):
        found = getattr(error, name, None)
        if isinstance(found, int) and found >= 300:
            return found
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and what it was raised for, the last first.

    What was being handled counts: a library may stumble while it looks at an error.
    """
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)

"""URLs: what fsspec opens, and how it is to be read.

Flow: **source** → window → elements → stream. A URL is read from its start to its end, once, and
decoded as a path of that name is. What comes over a network is fetched by `transfer`, and read
ahead by `ahead`; files and archives of this system are opened as files.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from loadstream.runtime.handles import Handle
from loadstream.runtime.retrying import passes, persist

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    from loadstream.runtime.transfer import Transfer

    T = TypeVar("T")

_URL = re.compile(r"(?:[a-z][a-z0-9+.-]+::)*[a-z][a-z0-9+.-]+://", re.IGNORECASE)
"""A scheme has two letters or more: `c://` is a drive of Windows. Schemes can be chained."""

_HERE = ("", "file", "local")
_IN_MEMORY = "memory"
_ANSWERS = {"s3": "S3", "s3a": "S3", "http": "Http", "https": "Http"}
_MB = 1024 * 1024
_BLOCK = 2 * _MB
_EXTRA = "pip install 'loadstream[remote]'"


class Url:
    """A URL, and how it is read: wherever a URL stands as a string, this can stand.

    `retries` is how often in a row a connection that breaks, stalls for `timeout` seconds or is
    refused for the moment (503) is tried again, after pauses that double from 0.1 to 5 seconds.
    `read_ahead` is how many bytes may wait in memory, read by a thread while the program works on
    what came before; 0 for no thread. `storage_options` go to fsspec: `key`, `endpoint_url`, ….
    A pattern and a chain (`zip://a.json::s3://bucket/b.zip`) are URLs, too.
    """

    __slots__ = ("read_ahead", "retries", "storage_options", "timeout", "url")

    def __init__(
        self,
        url: str,
        *,
        retries: int = 5,
        timeout: float = 60.0,
        read_ahead: int = 8 * _MB,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        if not _URL.match(url):
            raise ValueError(f"{url!r} is not a URL; it begins with a scheme, such as s3://")
        if retries < 0 or read_ahead < 0 or timeout <= 0:
            raise ValueError("retries and read_ahead are 0 or more, timeout is more than 0")
        self.url = url
        self.retries = retries
        self.timeout = timeout
        self.read_ahead = read_ahead
        self.storage_options = dict(storage_options or {})

    def __fspath__(self) -> str:
        return self.url

    def __repr__(self) -> str:
        """Without the options: they may hold a secret."""
        return f"Url({self.url!r})"

    def at(self, url: str) -> Url:
        """Another URL that is read as this one is."""
        return Url(
            url,
            retries=self.retries,
            timeout=self.timeout,
            read_ahead=self.read_ahead,
            storage_options=self.storage_options,
        )


def is_url(source: str) -> bool:
    """Whether a string is a URL, and not the path of a file that happens to look like one."""
    return _URL.match(source) is not None and not os.path.exists(source)  # noqa: PTH110


def name_in(url: str) -> str:
    """The part that names the document: `a.json` of `zip://a.json::s3://bucket/b.zip`."""
    place = _document_of(url)
    if place.lower().startswith(("http://", "https://")):
        place = re.split("[?#]", place, maxsplit=1)[0]
    return place.partition("://")[2]


def absolute(source: str | os.PathLike[str]) -> str | os.PathLike[str]:
    """The same URL for a process in another folder."""
    url = _url(source)
    inner, chained, outermost = url.url.rpartition("::")
    scheme, separator, path = outermost.rpartition("://")
    if scheme.lower() not in _HERE or path.startswith("~"):
        return source
    found = f"{inner}{chained}{scheme}{separator}{os.path.abspath(path)}"  # noqa: PTH100
    return url.at(found) if isinstance(source, Url) else found


def exists(source: str | os.PathLike[str]) -> bool:
    """Whether there is an object of just this name. Raises as `persist` does."""
    return _looked_up(_url(source), _is_there)


def matches(pattern: str | os.PathLike[str]) -> list[str | os.PathLike[str]]:
    """The URLs that a pattern stands for, in the order of their code points.

    Raises as `persist` does.
    """
    url = _url(pattern)
    urls = _looked_up(url, partial(_matches, url.url))
    return [url.at(one) if isinstance(pattern, Url) else one for one in urls]


def _looked_up(url: Url, look: Callable[[Any, str], T]) -> T:
    return persist(
        lambda: look(*_opened(url)), url.url, url.retries, lambda: "could not be looked up"
    )


def _is_there(fs: Any, path: str) -> bool:
    fs.invalidate_cache()
    try:
        fs.info(path)
    except FileNotFoundError as error:
        if error.__cause__ is not None and passes(error.__cause__):
            raise error.__cause__ from None  # what HTTP could not ask it calls missing
        return False
    return True


def _matches(url: str, fs: Any, path: str) -> list[str]:
    fs.invalidate_cache()  # what is there now, and not when somebody looked last
    place = _document_of(url)
    scheme, _, wanted = place.partition("://")
    found = []
    for name, about in fs.glob(path, detail=True).items():
        if about["type"] != "directory":
            inner = name if wanted.startswith("/") else name.lstrip("/")
            found.append(name if "://" in name else f"{scheme}://{inner}")
    return [url.replace(place, one, 1) for one in sorted(found)]


class Remote(Handle):
    """What a URL names, opened here. With `kind`, decompressed."""

    def __init__(self, source: str | os.PathLike[str], kind: str | None) -> None:
        self._opened: list[Any] = []
        url = _url(source)
        unpack = None
        if kind is not None:
            from loadstream.runtime.packed import unpacker

            unpack = unpacker(kind, url.url)
        if _is_here(url.url):
            with _libraries(url):
                file = self._open_here(url)
        else:
            file = self._fetch(url)
        if unpack is not None:
            file = unpack(file)
            self._opened.append(file.close)
        super().__init__(file)

    def _open_here(self, url: Url) -> Any:
        document = _fsspec(url.url).open(url.url, "rb", **url.storage_options)
        if not document.fs.cachable and hasattr(document.fs, "close"):
            self._opened.append(document.fs.close)  # an archive, opened for this URL alone
        self._opened.append(document.close)
        file = document.open()
        self._opened.append(file.close)
        return file

    def _fetch(self, url: Url) -> Any:
        from loadstream.runtime.ahead import Ahead, Straight

        with _libraries(url):
            transfer = _transfer(url)
        memory = _scheme(url.url) == _IN_MEMORY
        if url.read_ahead and not memory:
            file: Ahead | Straight = Ahead(transfer, url.read_ahead)
        else:
            file = Straight(transfer)
        self._opened.append(file.close)
        return file

    def close(self) -> None:
        """Close it, as often as one likes."""
        while self._opened:
            self._opened.pop()()

    def __del__(self) -> None:
        self.close()


def _transfer(url: Url) -> Transfer:
    from loadstream.runtime import answers, ranges
    from loadstream.runtime.transfer import Transfer

    if "::" in url.url:
        return Transfer(url, ranges.Chain(url, _fsspec(url.url)))
    fs, path = _opened(url)
    kind = _ANSWERS.get(_scheme(url.url))
    if kind is not None:
        return Transfer(url, getattr(answers, kind)(fs, path, url.timeout))
    block = min(_BLOCK, max(_BLOCK // 32, url.read_ahead // 4)) if url.read_ahead else _BLOCK
    return Transfer(url, ranges.Ranges(fs, path, block))


def _opened(url: Url) -> tuple[Any, str]:
    """The file system of a URL, and the path there."""
    fsspec = _fsspec(url.url)
    options = url.storage_options
    if "::" in url.url or _ANSWERS.get(_scheme(url.url)) != "S3":
        with _libraries(url):
            fs, path = fsspec.core.url_to_fs(url.url, **options)
        return fs, str(path)
    # botocore and s3fs try again, too, each five times: trying is counted in one place, here.
    configured = fsspec.config.conf.get("s3", {}).get("config_kwargs", {})
    config = {
        "retries": {"max_attempts": 0},
        "read_timeout": url.timeout,
        "connect_timeout": url.timeout,
        **configured,
        **options.get("config_kwargs", {}),
    }
    with _libraries(url):
        fs, path = fsspec.core.url_to_fs(url.url, **{**options, "config_kwargs": config})
    fs.retries = 1
    return fs, str(path)


@contextmanager
def _libraries(url: Url) -> Iterator[None]:
    """What is said where fsspec lacks the library of a scheme."""
    try:
        yield
    except ImportError as error:
        if _EXTRA in str(error):
            raise
        said = str(error).splitlines()[0]
        raise ModuleNotFoundError(
            f"{url.url}: {said}; what s3:// and https:// need comes with: {_EXTRA}"
        ) from None


def _fsspec(url: str) -> Any:
    try:
        import fsspec  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise ModuleNotFoundError(
            f"{url}: a URL needs fsspec, which is not installed: {_EXTRA}"
        ) from None
    return fsspec


def _url(source: str | os.PathLike[str]) -> Url:
    return source if isinstance(source, Url) else Url(os.fspath(source))


def _document_of(url: str) -> str:
    return next(part for part in url.split("::") if "://" in part)


def _scheme(url: str) -> str:
    """The scheme of what the bytes come from; of a path, none."""
    scheme, separator, _ = url.rsplit("::", 1)[-1].partition("://")
    return scheme.lower() if separator else ""


def _is_here(url: str) -> bool:
    """Whether all of it is on this machine: nothing can break off, and a file is watched."""
    return _scheme(url) in _HERE or ("::" in url and _scheme(url) == _IN_MEMORY)

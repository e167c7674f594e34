"""What a consumer holds: an iterator that closes its file and says when it is spent.

Flow: source → window → elements → **stream**. Elements arrive here in batches (lists); iteration
over them runs in C (`itertools.chain`), so that a small element costs nanoseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from loadstream.runtime.errors import StreamConsumedError

# Not from `typing`: importing that takes longer than streaming a small file.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TypeVar

    T_co = TypeVar("T_co", covariant=True)


class Feed(Iterator["Iterable[T_co]"]):
    """Batches of elements, and the one place that knows whether they have ended.

    The iterator that a `for` loop holds refers to this object, not to the `Stream`: so the file is
    open for as long as somebody can still pull, and closed as soon as nobody can.
    """

    def __init__(self, batches: Iterator[Iterable[T_co]], close: Callable[[], None]) -> None:
        self._batches = batches
        self._close = close
        self._current: Iterable[T_co] = ()
        self.ending = ""

    def __iter__(self) -> Iterator[Iterable[T_co]]:
        return self

    def __next__(self) -> Iterable[T_co]:
        if self.ending:
            raise StopIteration
        try:
            self._current = next(self._batches)
        except StopIteration:
            self.end("was read to its end")
            raise
        except BaseException as error:
            self.end(f"ended with {type(error).__name__}")
            raise
        return self._current

    def end(self, how: str) -> None:
        """Close the source; `how` completes the sentence "this stream …"."""
        if not self.ending:
            self.ending = how
            self._current = ()
            self._close()

    def stop(self) -> None:
        """Close the source, and give nothing of the current batch either."""
        if isinstance(self._current, list):
            self._current.clear()
        self.end("was closed")

    def __del__(self) -> None:
        self._close()


class Stream(Iterator["T_co"]):
    """One pass over the elements at a path of a document, in bounded memory.

    An iterator and a context manager. Its file was opened when it was made, and is closed when the
    elements are exhausted, when an error ends them, on `close()`, at the end of a `with` block, or
    when nothing refers to the stream any more.

    `iter(stream)` raises `StreamConsumedError` once it is spent or closed; a second loop over a
    spent stream is a mistake that would otherwise pass in silence.
    """

    __slots__ = ("__weakref__", "_elements", "_feed")

    def __init__(
        self, feed: Feed[T_co], filter_func: Callable[[T_co], object] | None = None
    ) -> None:
        self._feed = feed
        self._elements: Iterator[T_co] = chain.from_iterable(feed)
        if filter_func is not None:
            self._elements = _kept(feed, self._elements, filter_func)

    def __iter__(self) -> Iterator[T_co]:
        if self._feed.ending:
            raise StreamConsumedError(
                f"this stream {self._feed.ending}, and a stream is one pass: call the function "
                "that made it again, or collect the elements once with list(…) and iterate that"
            )
        return self._elements

    def __next__(self) -> T_co:
        return next(self._elements)

    def close(self) -> None:
        """Close the file now. What was yielded stays; nothing more comes. Safe to call twice."""
        self._feed.stop()

    def __enter__(self) -> Stream[T_co]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _kept(
    feed: Feed[T_co], elements: Iterator[T_co], filter_func: Callable[[T_co], object]
) -> Iterator[T_co]:
    # A generator and not the built-in `filter`: a StopIteration out of `filter_func` would end
    # that one in silence, as if the file had ended. Here it becomes a RuntimeError (PEP 479).
    try:
        for element in elements:
            if filter_func(element):
                yield element
    except Exception as error:
        feed.end(f"ended with {type(error).__name__}")
        raise

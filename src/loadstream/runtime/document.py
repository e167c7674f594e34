"""From the whole document to the part that is wanted, and on to its end.

Flow: source → window → elements (**document**) → stream. `json.load` checks the whole document
before it gives anything; so what stands before and behind the wanted part is read and checked too,
in bounded memory, unless the consumer stops early. An error of the path (a missing key) therefore
waits until the document has proved to be well formed.
"""

from __future__ import annotations

import codecs
from enum import Enum
from functools import partial

from loadstream.runtime.cuts import ElementEnd
from loadstream.runtime.elements import Elements
from loadstream.runtime.errors import DuplicateKeyError
from loadstream.runtime.faults import NUMBER, fault, fault_like, scan
from loadstream.runtime.members import Members
from loadstream.runtime.paths import EACH, Each
from loadstream.runtime.skim import open_container, skim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from typing import Any

    from loadstream.runtime.paths import Route, Step
    from loadstream.runtime.sieve import Sieve
    from loadstream.runtime.window import Window

ABSENT: Any = object()
"""Stands for a `default` that was not given."""


class Form(Enum):
    """In which form the wanted part is iterated."""

    ELEMENTS = "iter"
    ITEMS = "items"
    VALUES = "values"


class Reading:
    """One pass over a document: descend, stream, unwind, and only then what the path lacks."""

    def __init__(
        self,
        window: Window,
        route: Route,
        form: Form = Form.ELEMENTS,
        default: Any = ABSENT,
        sieve: Sieve | None = None,
    ) -> None:
        self._window = window
        self._form = form
        self._default = default
        self._sieve = sieve
        self._outer = route.outer
        self._inner: tuple[Step, ...] = () if route.inner is None else (EACH, *route.inner)
        self._around: list[Elements | Members] = []
        self.stopped = 0  # the byte behind the wanted array, once it has been read

    def batches(self, resume: int | None = None) -> Iterator[Iterable[Any]]:
        """Batches of what is wanted, then the check of the rest. Raises what `json.load` raises.

        With `resume`, a place that an earlier pass over the same file had, from there on.
        """
        try:
            yield from self._batches(resume)
        except (DuplicateKeyError, UnicodeDecodeError):
            raise
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            self._window.read_out()
            raise

    @property
    def place(self) -> int | None:
        """The byte where the last batch began, if a later pass can begin there; else None."""
        container = self._around[-1] if self._around else None
        if not isinstance(container, Elements) or self._inner or not self._window.reads_again:
            return None
        return container.began

    def _batches(self, resume: int | None) -> Iterator[Iterable[Any]]:
        left: Callable[[], Iterator[Iterable[Any]]] | None = None
        if resume is None:
            self._begin()
            left = self._descend()
        else:
            self._jump(resume)
        if left is None:
            left = yield from self._stream(self._around[-1])
            self.stopped = self._window.offset
        while self._around:
            skim(self._around[-1], len(self._around))
            self._around.pop()
            if self._around:
                self._around[-1].resume()
        self._end()
        if left is not None:
            yield from left()

    def _begin(self) -> None:
        window = self._window
        while window.unparsed < len(codecs.BOM_UTF8) and not window.ended:
            window.refill()
        if window.rejects_byte_order_mark and window.raw.startswith(codecs.BOM_UTF8):
            fault_like(window, "\ufeff")

    def _end(self) -> None:
        """Behind the value of the document there may be white space only."""
        if self._window.skip_space():
            fault_like(self._window, "0 0")

    def _descend(self) -> Callable[[], Iterator[Iterable[Any]]] | None:
        """Go to what is wanted. If it cannot be streamed: what is to be done after the check."""
        steps = self._outer
        for place, step in enumerate((*steps, None)):
            rest = (*steps[place:], *self._inner)
            container = self._open()
            if container is None:
                value = self._scalar()
                return lambda: self._walk(value, rest)
            self._around.append(container)
            if step is None:
                return None
            if not _seek(container, step, place + 1):
                empty: Any = [] if isinstance(container, Elements) else {}
                return lambda: self._walk(empty, rest)
        raise AssertionError("the last step is None")

    def _jump(self, place: int) -> None:
        """Go where an element of the wanted array begins, known from an earlier pass."""
        window = self._window
        window.jump(place)
        for step in self._outer:
            self._around.append(
                Members(window, step) if isinstance(step, str) else Elements(window)
            )
        wanted = Elements(window)
        for container in self._around:
            container.passed_already()
        wanted.passed_already()
        self._around.append(wanted)

    def _open(self) -> Elements | Members | None:
        window = self._window
        if window.skip_space() and window.raw[window.at] in b"[{":
            return open_container(window, window.at)
        return None

    def _scalar(self) -> Any:
        """A string, number or word, whole."""
        window = self._window
        if window.raw[window.at : window.at + 1] == b'"' and not window.ended:
            string = ElementEnd(b'"')
            if string.feed(window.raw[window.at + 1 :]) < 0:
                window.read_until(string.feed)
        while True:
            text = window.text()
            try:
                value, end = scan(text, 0)
            except (StopIteration, ValueError):
                fault(window, text, "")
            else:
                if window.ended or isinstance(value, str) or text[end:].strip(NUMBER):
                    window.advance(text, end)
                    if self._around:
                        self._around[-1].resume()
                    return value
            window.grow()

    def _stream(
        self, container: Elements | Members
    ) -> Generator[Iterable[Any], None, Callable[[], Iterator[Iterable[Any]]] | None]:
        """Give what is wanted in batches; what the path lacks is to be raised after the check."""
        if self._form is Form.ELEMENTS or self._inner:
            if isinstance(container, Members):
                batches: Iterable[Iterable[Any]] = _keys(container)
            else:
                if not self._inner:
                    container.sieve = self._sieve
                batches = container.batches()
        elif isinstance(container, Members):
            batches = _members(container)
            if self._form is Form.VALUES:
                batches = ([value for _, value in batch] for batch in batches)
        else:
            return lambda: self._walk([], ())
        if not self._inner:
            yield from batches
            return None
        for batch in batches:
            try:
                yield from self._walk(batch, self._inner)
            except (LookupError, TypeError, AttributeError) as error:  # noqa: PERF203
                return partial(_raise, error)
        return None

    def _walk(self, value: Any, steps: tuple[Step, ...]) -> Iterator[Iterable[Any]]:
        """Follow the path inside a value that is in memory, as the code that it stands for does."""
        for place, step in enumerate(steps):
            if isinstance(step, Each):
                for element in value:
                    yield from self._walk(element, steps[place + 1 :])
                return
            if self._default is not ABSENT and place == len(steps) - 1 and isinstance(step, str):
                value = value.get(step, self._default)
            else:
                value = value[step]
        if self._form is Form.ELEMENTS:
            yield iter(value)
        else:
            yield value.items() if self._form is Form.ITEMS else value.values()


def _raise(error: Exception) -> Iterator[Iterable[Any]]:
    raise error


def _seek(container: Elements | Members, step: str | int, depth: int) -> bool:
    """Go before the value of this key or index; false if the container has none such."""
    if isinstance(container, Members):
        if isinstance(step, str):
            container.wanted = step
    elif isinstance(step, int):
        container.wanted = step
    skim(container, depth)
    return not container.closed


def _keys(members: Members) -> Iterator[list[str]]:
    """The keys as a dict has them: each once, where it stood first."""
    seen: set[str] = set()
    for batch in members.batches():
        keys = [key for key, _ in batch if not (key in seen or seen.add(key))]  # type: ignore[func-returns-value]
        if keys:
            yield keys


def _members(members: Members) -> Iterator[list[tuple[str, Any]]]:
    """The pairs. Raises `DuplicateKeyError` where a dict would have kept the last value."""
    seen: set[str] = set()
    members.tell_repeats()
    for batch in members.batches():
        for key, _ in batch:
            if key in seen:
                raise DuplicateKeyError(key)
            seen.add(key)
        yield [*batch]

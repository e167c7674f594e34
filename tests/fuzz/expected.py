"""What a case should give: `json.load` and plain iteration, and what stands before an error.

`json.load` itself gives nothing of a document that is wrong. What a stream may have given by then
is found here with a reader that is as simple as can be: the whole text in memory, one element
after the other by the standard library's scanner.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from loadstream import DuplicateKeyError
from tests.fuzz.cases import EACH, NO_DEFAULT, Case, Outcome, collect
from tests.fuzz.expected_lines import read_lines
from tests.fuzz.types import converted
from tests.outcomes import describe, identical

_DECODER = json.JSONDecoder()
_SPACE = " \t\n\r"


@dataclass(frozen=True, slots=True)
class Expected:
    """How it ends, and the elements before that.

    `maybe` may be given too: it is whole, but what follows it is wrong, and an element that is
    larger than the window is given before that is read. Where `decoding` fails, how far a stream
    has come by then depends on the window, and so it does in a batch that repeats a key:
    then any beginning of the elements is right.
    """

    endings: tuple[tuple[Any, ...], ...]
    elements: list[Any]
    maybe: list[Any] = field(default_factory=list)
    any_beginning: bool = False

    def difference(self, got: Outcome) -> str:
        """In a few words what is wrong with an outcome; empty if nothing is."""
        if got.ending not in self.endings:
            names = [ending[0].__name__ if ending else "no error" for ending in self.endings]
            name = got.ending[0].__name__ if got.ending else "no error"
            return f"{' or '.join(names)} became {name}" if name not in names else f"other {name}"
        if identical(got.elements, self.elements):
            return ""
        most = [*self.elements, *self.maybe]
        if identical(got.elements, most):
            return ""
        beginning = identical(got.elements, most[: len(got.elements)])
        if beginning and self.any_beginning:
            return ""
        name = got.ending[0].__name__ if got.ending else "no error"
        if beginning:
            return f"fewer elements before {name}"
        return f"other elements before {name}"


def expected(case: Case) -> Expected:
    """What the stream of a case should come to."""
    if case.form == "lines":
        undecodable = _undecodable(case)
        values, endings = read_lines(case, text_of(case), undecodable)
        plain = Expected(endings, values, any_beginning=undecodable is not None)
    else:
        plain = _of_a_document(case)
    if case.page and plain.endings != ((),):
        # What was read of a page when something is wrong behind it is not given, nor converted.
        plain = replace(plain, any_beginning=True)
    found = converted(plain, case.type) if case.type else plain
    return replace(found, any_beginning=True) if case.page and found.endings != ((),) else found


def _undecodable(case: Case) -> UnicodeDecodeError | None:
    """What reading all of it raises, if that."""
    try:
        if case.is_text:
            case.raw.decode("utf-8")
        else:
            json.loads(case.raw)
    except UnicodeDecodeError as error:
        return error
    except (ValueError, RecursionError):
        pass
    return None


def _of_a_document(case: Case) -> Expected:
    reader = _Reader(case, text_of(case))
    try:
        if case.is_text:
            value = json.load(io.TextIOWrapper(io.BytesIO(case.raw), encoding="utf-8"))
        else:
            value = json.load(io.BytesIO(case.raw))
    except UnicodeDecodeError as error:
        reader.read()
        endings = [describe(error), *map(describe, reader.repeats)]
        return Expected(tuple(endings), reader.given, reader.maybe, any_beginning=True)
    except (ValueError, RecursionError) as error:
        reader.read()
        if reader.repeated is not None:
            return reader.up_to_the_repeated_key()
        endings = [describe(error), *map(describe, reader.repeats)]
        return Expected(tuple(endings), reader.given, reader.maybe)
    reader.read()
    if reader.repeated is not None:
        return reader.up_to_the_repeated_key()
    outcome = collect(walk(value, _trimmed(case.path), case))
    return Expected((outcome.ending,), outcome.elements)


def walk(value: Any, steps: tuple[Any, ...], case: Case) -> Iterator[Any]:
    """Iterate what is at the path of a value in memory, as somebody writes it by hand."""
    for place, step in enumerate(steps):
        if step is EACH:
            for element in value:
                yield from walk(element, steps[place + 1 :], case)
            return
        if case.default is not NO_DEFAULT and place == len(steps) - 1 and isinstance(step, str):
            value = value.get(step, case.default)
        else:
            value = value[step]
    if case.form == "items":
        yield from value.items()
    elif case.form == "values":
        yield from value.values()
    else:
        yield from value


def _trimmed(path: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without a last `[*]`, which says what iteration does anyway."""
    return path[:-1] if path[-1:] == (EACH,) else path


def text_of(case: Case) -> str:
    """The text of a document, up to a byte that cannot be decoded."""
    raw, encoding, errors = case.raw, "utf-8", "strict"
    if not case.is_text:
        encoding, errors = json.detect_encoding(raw), "surrogatepass"
        if encoding == "utf-8-sig":
            raw, encoding = raw[3:], "utf-8"
    try:
        return raw.decode(encoding, errors)
    except UnicodeDecodeError as error:
        return raw[: error.start].decode(encoding, errors)


class _WrongError(Exception):
    """The text is no JSON from here on."""


class _Reader:
    """Reads a text from its start to its first error and notes what is given on the way."""

    def __init__(self, case: Case, text: str) -> None:
        self.given: list[Any] = []
        self.maybe: list[Any] = []
        self.repeated: DuplicateKeyError | None = None
        self.repeats: list[DuplicateKeyError] = []  # that one, or one that may be met instead
        self._case = case
        self._text = text
        steps = _trimmed(case.path)
        self._nested = EACH in steps
        first = steps.index(EACH) if self._nested else len(steps)
        self._outer, self._inner = steps[:first], steps[first + 1 :]
        self._ended = False  # the path led nowhere inside an element; the rest is only checked

    def read(self) -> None:
        try:
            self._descend(0, self._outer)
        except (_WrongError, DuplicateKeyError) as error:
            if isinstance(error, DuplicateKeyError):
                self.repeated = error
                self.repeats.append(error)

    def up_to_the_repeated_key(self) -> Expected:
        assert self.repeated is not None
        any_beginning = self._case.form != "iter"
        return Expected((describe(self.repeated),), self.given, self.maybe, any_beginning)

    def _descend(self, at: int, steps: tuple[Any, ...]) -> int:
        at = self._space(at)
        if self._text[at : at + 1] not in ("[", "{"):
            return self._scan(at)[1]
        marks = (",", "}") if self._text[at] == "{" else (",", "]")
        wanted = steps[0] if steps else None
        met = False
        seen = set()
        for number, (key, place, done) in enumerate(self._members(at)):
            name = number if key is None else key
            if steps and name == wanted and type(name) is type(wanted):
                if met and place < len(self._text):
                    raise DuplicateKeyError(name)
                met = True
                done.append(self._descend(place, steps[1:]))
                continue
            value, end = self._scan(place)
            done.append(end)
            if steps:
                continue
            if key is not None and key in seen:
                tells = not self._nested and self._case.form != "iter"
                if tells and isinstance(value, (list, dict, str)):
                    self.repeats.append(DuplicateKeyError(key))
                self._follow(end, marks)
                if tells:
                    raise DuplicateKeyError(key)
                continue
            seen.add(key)
            given = self._give(key, value)
            try:
                self._follow(end, marks)
            except _WrongError:
                if isinstance(value, (list, dict, str)):
                    self.maybe += given
                raise
            self.given += given
        return self._end

    def _members(self, at: int) -> Iterator[tuple[str | None, int, list[int]]]:
        """Key (None in an array), place of the value, and a list for where that ends."""
        is_object = self._text[at] == "{"
        closing = "}" if is_object else "]"
        at = self._space(at + 1)
        if self._text[at : at + 1] == closing:
            self._end = at + 1
            return
        while True:
            key = None
            if is_object:
                if self._text[at : at + 1] != '"':
                    raise _WrongError
                key, at = self._scan(at)
                at = self._space(at)
                if self._text[at : at + 1] != ":":
                    raise _WrongError
                at = self._space(at + 1)
            done: list[int] = []
            yield key, at, done
            at = self._space(done[0])
            mark = self._text[at : at + 1]
            if mark == closing:
                self._end = at + 1
                return
            if mark != ",":
                raise _WrongError
            at = self._space(at + 1)

    def _follow(self, end: int, marks: tuple[str, str]) -> None:
        end = self._space(end)
        if self._text[end : end + 1] not in marks:
            raise _WrongError

    def _give(self, key: str | None, value: Any) -> list[Any]:
        if self._ended:
            return []
        element: Any = value if key is None else key
        if self._nested:
            outcome = collect(walk(element, self._inner, self._case))
            self._ended = outcome.ending != ()
            return outcome.elements
        if self._case.form == "iter":
            return [element]
        if key is None:
            return []
        return [(key, value) if self._case.form == "items" else value]

    def _scan(self, at: int) -> tuple[Any, int]:
        try:
            value, end = _DECODER.scan_once(self._text, at)
        except (StopIteration, ValueError, RecursionError):
            raise _WrongError from None
        return value, end

    def _space(self, at: int) -> int:
        while self._text[at : at + 1] in _SPACE and at < len(self._text):
            at += 1
        return at

"""Typed elements: objects as dataclasses and the like, arrays as NamedTuples, and what these hold.

Flow: source → window → elements → **typed** → stream. What comes here has been parsed already, as
exactly as without a type; msgspec only puts it into another form, many elements at a time. It is
imported by this file alone, and so only where somebody asks for a type.
"""

from __future__ import annotations

import re
from itertools import islice

from loadstream.runtime.errors import ElementTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_AT_ONCE = 1024

_MESSAGE = re.compile(r"(?P<cause>.*?)(?: - at (?P<place>.*))?", re.DOTALL)
"""What msgspec says: ``Expected `int`, got `str` - at `$[0].duration` ``."""


class Conversion:
    """Converts elements to one type, strictly: nothing is coerced but what JSON cannot say.

    (An integer may stand for a float; a string for a date, a UUID, an enum or bytes in base64; a
    key for an integer.) Fields that the type does not name are dropped, as msgspec does.
    """

    def __init__(self, type: Any) -> None:
        """Raises `TypeError` for what is no type, `ModuleNotFoundError` without msgspec."""
        try:
            import msgspec
        except ImportError:
            raise ModuleNotFoundError(
                "type= needs msgspec, which is not installed: pip install 'loadstream[typed]'"
            ) from None
        self._type = type
        self._convert = msgspec.convert
        # SystemError: how msgspec 0.19 reports an integer that no float can hold.
        self._unfit = (msgspec.ValidationError, UnicodeError, SystemError)
        self._list([])

    def batches(self, batches: Iterable[Iterable[Any]], first: int = 0) -> Iterator[list[Any]]:
        """The elements of all batches, converted. Those before a wrong one come first.

        `first` is the number of the first element.
        """
        for batch in batches:
            elements = iter(batch)
            while piece := list(islice(elements, _AT_ONCE)):
                try:
                    converted = self._list(piece)
                except Exception:
                    yield from self._one_by_one(piece, first)
                else:
                    yield converted
                first += len(piece)

    def numbered(self, elements: Iterable[tuple[int, Any]]) -> Iterator[Any]:
        """Elements that come with their numbers, converted."""
        for number, element in elements:
            for converted in self._one_by_one([element], number):
                yield from converted

    def all(self, elements: list[Any], first: int) -> list[Any]:
        """All of them converted, of which the first has the index `first`; or an error."""
        return [element for some in self._one_by_one(elements, first) for element in some]

    def _list(self, elements: list[Any]) -> list[Any]:
        # str_keys: the keys of JSON are strings, whatever they stand for.
        converted: list[Any] = self._convert(elements, list[self._type], str_keys=True)  # type: ignore[name-defined]
        return converted

    def _one_by_one(self, elements: list[Any], first: int) -> Iterator[list[Any]]:
        for index, element in enumerate(elements, first):
            try:
                converted = self._list([element])
            except self._unfit as error:
                raise self._error(index, error) from None
            yield converted

    def _error(self, index: int, error: Exception) -> ElementTypeError:
        match = _MESSAGE.fullmatch(str(error.__cause__ or error))
        assert match is not None
        place = (match["place"] or "$[0]").replace("`", "").replace("$[0]", "$", 1)
        return ElementTypeError(index, _name(self._type), place, match["cause"])


def _name(type: Any) -> str:
    if hasattr(type, "__origin__"):  # list[int], whose name is "list"
        return str(type)
    return getattr(type, "__name__", None) or str(type)

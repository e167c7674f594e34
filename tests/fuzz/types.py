"""The types that elements are converted to, and what that should give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
from typing_extensions import TypedDict

from loadstream.runtime.errors import ElementTypeError
from tests.outcomes import describe

if TYPE_CHECKING:
    from tests.fuzz.expected import Expected


@dataclass
class Row:
    """Some names that occur in the documents."""

    a: int | list[Any] | None = None
    id: int = 0
    t: str = ""


class Session(TypedDict, total=False):
    """As the session logs have it, in part."""

    session_id: str
    delegations: list[dict[str, Any]]


TYPES: dict[str, Any] = {
    "Any": Any,
    "int": int,
    "float": float,
    "str": str,
    "list": list[Any],
    "dict": dict[str, Any],
    "a union": int | float | str | list[Any] | dict[str, Any] | None,
    "Row": Row,
    "Session": Session,
}


def converted(plain: Expected, type_name: str) -> Expected:
    """What is expected with `type=`, where without it `plain` is.

    Each element is converted alone. Elements before the first that does not fit are given, and that
    is what the stream ends with, whatever else is wrong behind it.
    """
    elements, wrong = _prefix(plain.elements, type_name, 0)
    if wrong is not None:
        endings = (*plain.endings, describe(wrong)) if plain.any_beginning else (describe(wrong),)
        return replace(plain, endings=endings, elements=elements, maybe=[])
    maybe, wrong = _prefix(plain.maybe, type_name, len(elements))
    endings = plain.endings if wrong is None else (*plain.endings, describe(wrong))
    return replace(plain, endings=endings, elements=elements, maybe=maybe)


def _prefix(
    elements: list[Any], type_name: str, first: int
) -> tuple[list[Any], ElementTypeError | None]:
    done: list[Any] = []
    wanted: Any = list[TYPES[type_name]]  # type: ignore[valid-type]
    for index, element in enumerate(elements, first):
        try:
            done += msgspec.convert([element], wanted, str_keys=True)
        except (msgspec.ValidationError, UnicodeError, SystemError) as error:  # noqa: PERF203
            cause = str(error.__cause__ or error).partition(" - at ")[0]
            return done, ElementTypeError(index, "", "", cause)
    return done, None

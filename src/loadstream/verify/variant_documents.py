"""Documents made from the shape of one data file: what variants.py asks for, class by class."""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loadstream.verify.cases import Document
from loadstream.verify.conditions import Condition
from loadstream.verify.constants import Constants
from loadstream.verify.satisfying import at_home, beside, missing, satisfied
from loadstream.verify.variant_values import alike, changed_inside, numbers_around, texts_around

_BOUNDARY_VALUES = 20_000


def _within(elements: Sequence[Any], values: int) -> list[Any]:
    """The first elements that together hold about `values` scalar values: a case must be quick."""
    kept: list[Any] = []
    for element in elements:
        values -= _weight(element)
        if values < 0 and kept:
            break
        kept.append(element)
    return kept


def _weight(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_weight, value.values()))
    return 1 + sum(map(_weight, value)) if isinstance(value, list) else 1


def told(makers: Mapping[str, Maker], constants: Constants) -> list[Condition]:
    """The conditions that are about the data, those that a reader would name first."""
    return [
        condition
        for condition in constants.conditions
        if any(
            key in maker.homes
            for maker in makers.values()
            for term in condition
            for key in term.measure.keys
        )
    ]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the elements of a document are: the keys to a list, or to an object of records."""

    keys: tuple[str, ...]
    is_map: bool


class Maker:
    """Makes documents of one file's shape."""

    def __init__(self, document: Document, constants: Constants) -> None:
        self.document = document
        self.constants = constants
        self.place = _find_collection(document, constants.keys)
        found = _at(document, self.place.keys) if self.place is not None else [document]
        self.elements: list[Any] = list(found.values()) if isinstance(found, dict) else list(found)
        self._values: dict[str, list[Any]] = {}
        self.homes: dict[str, tuple[str, ...]] = {}
        self._gather(self.elements)
        self._keys = frozenset(constants.keys)

    @property
    def has_collection(self) -> bool:
        """Whether the document holds an array or object of elements."""
        return self.place is not None

    @property
    def relevant_keys(self) -> list[str]:
        """Keys of elements that the code reads, in its order; all of them if it reads none."""
        read = [key for key in self.constants.keys if key in self._values]
        return read or list(self._values)[:8]

    @property
    def optional_keys(self) -> list[str]:
        """Those that the code has a default for, if any: no other stops it before it sees them."""
        return [key for key in self.relevant_keys if key not in self.constants.required]

    def with_elements(self, elements: Sequence[Any]) -> Document:
        """The document with these elements in the place of its own."""
        if self.place is None:
            return elements[0] if elements else {}
        content: Any = list(elements)
        if self.place.is_map:
            names = list(_at(self.document, self.place.keys))
            names += [f"k{index}" for index in range(len(names), len(content))]
            content = dict(zip(names, content, strict=False))
        return _put(self.document, self.place.keys, content)

    def boundary(self) -> Document:
        """What is just beside each condition, each candidate value of each key, random ones."""
        made = list(self.elements[:2])
        for element in map(_few_inside, self.elements[:1]):
            for condition in self._conditions:
                made.extend(beside(element, condition, self.homes))
        made = _within(made, _BOUNDARY_VALUES)
        for element in self.elements[:2]:
            made.extend(_within(list(self._one_at_a_time(element)), _BOUNDARY_VALUES // 2))
        rng = random.Random(20)
        if self.elements:
            drawn = [self._vary(rng.choice(self.elements), rng) for _ in range(96)]
            made.extend(_within(drawn, _BOUNDARY_VALUES))
        return self.with_elements(made)

    def kept(self, condition: Condition) -> Document:
        """Elements that a filter with this condition keeps first and last, others between."""
        few = [_few_inside(element) for element in self.elements[:4]]
        ends = [satisfied(element, condition, self.homes) for element in (few[:1] + few[-1:])]
        return self.with_elements([*ends[:1], *few, *ends[1:]])

    def first(self, condition: Condition) -> Document:
        """Elements that a filter with this condition just misses, then the one that it keeps."""
        few = [_few_inside(element) for element in self.elements[1:2] or self.elements[:1]]
        made = [made for element in few for made in missing(element, condition, self.homes)]
        return self.with_elements(
            [*made, *(satisfied(element, condition, self.homes) for element in few)]
        )

    def _like_kept(self, element: Any) -> Any:
        """The element as a filter would keep it, where the code has one."""
        conditions = self._conditions
        return satisfied(element, conditions[0], self.homes) if conditions else element

    def extremes(self, step: int = 1) -> Document:
        """A few elements in between one of the smallest values and one of the largest."""
        few = [_few_inside(element) for element in self.elements[:5]]
        if not few:
            return self.with_elements([])
        rich = _few_inside(max(self.elements[:24], key=_weight))
        # Of the records inside of an element only the outermost, so that it is the only one.
        first, last = (0, -1) if step > 0 else (-1, 0)
        least = self._all_numbers(rich, lambda values: min(values) - 1, first)
        most = self._all_numbers(rich, lambda values: 2 * max(values) + 1, last)
        return self.with_elements([least, *few[1:-1], most][::step])

    def _all_numbers(
        self, value: Any, choose: Callable[[list[Any]], Any], at: int, key: str = ""
    ) -> Any:
        if isinstance(value, dict):
            return {name: self._all_numbers(item, choose, at, name) for name, item in value.items()}
        if isinstance(value, list):
            made = list(value)
            made[at:] = [self._all_numbers(item, choose, at, key) for item in made[at:][:1]] + (
                made[1:] if at == 0 else []
            )
            return made
        known = [v for v in self._values.get(key, ()) if type(v) in (int, float)]
        if type(value) in (int, float) or (value is None and known):
            return type(known[0])(choose(known)) if known else value
        return value

    def drawn(self, seed: int, count: int) -> Document:
        """The document with `count` elements that vary the real ones, drawn from `seed`."""
        rng = random.Random(seed)
        if not self.elements:
            return self.with_elements([])
        made = [self._vary(rng.choice(self.elements), rng) for _ in range(count)]
        return self.with_elements(made)

    def each_key(
        self, change: Callable[[dict[str, Any], str], None], keys: Sequence[str] = ()
    ) -> Document:
        """The document with a change made at each key in turn, an element for each."""
        made: list[Any] = [self.elements[0]] if self.elements else []
        for element in (*self.elements[:1], *map(self._like_kept, self.elements[1:2])):
            made.extend(
                self._changed(element, key, change) for key in (keys or self.relevant_keys)[:12]
            )
        return self.with_elements(made + self.elements[-1:])

    def one_key(self, change: Callable[[dict[str, Any], str], None], key: str) -> Document:
        """A small document with a change at one key, between elements that are as they were."""
        kept = [self._like_kept(element) for element in self.elements[1:2] or self.elements[:1]]
        middle = [self._changed(element, key, change) for element in kept]
        return self.with_elements(self.elements[:1] + middle + self.elements[2:4])

    def duplicates(self) -> Document:
        """The document with its first elements twice, and once more."""
        few = self.elements[:6]
        return self.with_elements([e for element in few for e in (element, element)] + few)

    def mapped(self, change: Callable[[Any, Iterator[int]], Any]) -> Document:
        """The document with a change made at every scalar of its first elements."""
        counter = itertools.count()
        made = [changed_inside(element, change, counter) for element in self.elements[:12]]
        # Every other one so that a filter still keeps it.
        made[1::2] = map(self._like_kept, made[1::2])
        return self.with_elements(made)

    def _changed(
        self, element: Any, key: str, change: Callable[[dict[str, Any], str], None]
    ) -> Any:
        """A copy of `element` with `key` changed: in a list, that of the first and the last."""

        def changed(record: Any) -> Any:
            if not isinstance(record, dict) or key not in record:
                return record
            made = dict(record)
            change(made, key)
            return made

        made = at_home(element, self.homes.get(key, ()), changed)
        return _changed(element, key, change) if made == element else made

    def without_collection(self) -> Document:
        """The document without what holds its elements."""
        if self.place is None or not self.place.keys:
            return {}
        *above, last = self.place.keys
        rest = {k: item for k, item in _at(self.document, above).items() if k != last}
        return _put(self.document, above, rest)

    def other_collection(self) -> Document:
        """The document with something else where its elements were."""
        if self.place is None:
            return [self.document]
        other: Any = [] if self.place.is_map else {"0": self.elements[0] if self.elements else 1}
        return _put(self.document, self.place.keys, other)

    @property
    def _conditions(self) -> list[Condition]:
        return told({"": self}, self.constants)

    def _gather(self, value: Any, home: tuple[str, ...] = ()) -> None:
        """Remember which values stand under which key, at any depth, and where it was met first."""
        if isinstance(value, dict):
            for key, item in value.items():
                known = self._values.setdefault(key, [])
                if len(known) < 16:
                    known.append(item)
                if key not in self.homes or len(home) < len(self.homes[key]):
                    self.homes[key] = home
                self._gather(item, (*home, key))
        elif isinstance(value, list):
            for item in value[: None if not home else 16]:
                self._gather(item, home)

    def _candidates(self, key: str, value: Any) -> list[Any]:
        """Values to try in place of `value` under `key`: of the same kind, around constants."""
        constants = self.constants
        if isinstance(value, bool):
            return [not value, value]
        if isinstance(value, str):
            near = constants.texts.get(key) or alike(value, constants.texts.get("", ()))
            near = near or tuple(itertools.chain(*constants.texts.values()))[:8]
            found = [text for constant in near for text in texts_around(constant, value)]
            if constants.lengths.get(key):
                found += [
                    "x" * (n + s) for n in constants.lengths[key] for s in (-1, 0, 1) if n + s >= 0
                ]
            return list(dict.fromkeys([*found, value, ""]))
        if isinstance(value, (int, float)):
            chosen = constants.numbers.get(key) or constants.numbers.get("", ())
            numbers = [n for c in chosen for n in numbers_around(c, value)]
            return list({repr(n): n for n in [*numbers, value, 0]}.values())
        return []

    def _lengths(self, key: str, value: list[Any]) -> list[int]:
        lengths = self.constants.lengths
        chosen = lengths.get(key) or lengths.get("", ())
        sizes = [n + step for n in chosen for step in (-1, 0, 1, 2) if 0 <= n + step <= 120]
        return list(dict.fromkeys([*sizes, len(value), 0, 1]))[:24]

    def _one_at_a_time(self, element: Any) -> Iterator[Any]:
        if not isinstance(element, dict):
            yield from self._candidates("", element)
            return
        for key, value in element.items():
            if self._keys and key not in self._keys:
                continue
            if isinstance(value, list):
                for size in self._lengths(key, value):
                    yield {**element, key: resized(value, size)}
                for inner in value[:1]:
                    if isinstance(inner, dict):
                        # Few beside it: there is room for more such elements then.
                        for changed in self._one_at_a_time(inner):
                            yield {**element, key: [changed, *value[1:2]]}
            elif isinstance(value, dict):
                for changed in self._one_at_a_time(value):
                    yield {**element, key: changed}
            else:
                for candidate in self._candidates(key, value):
                    yield {**element, key: candidate}

    def _vary(self, value: Any, rng: random.Random, key: str = "") -> Any:
        """A random combination: keys that the code reads take candidates, others stay."""
        if isinstance(value, dict):
            return {
                name: self._vary(rng.choice([item, *self._kin(name, item)]), rng, name)
                if not self._keys or name in self._keys
                else item
                for name, item in value.items()
            }
        if isinstance(value, list):
            items = resized(value, rng.choice(self._lengths(key, value)))
            return [self._vary(item, rng) if i < 3 else item for i, item in enumerate(items)]
        candidates = self._candidates(key, value)
        return rng.choice(candidates) if candidates else value

    def _kin(self, key: str, value: Any) -> list[Any]:
        """Other values that the data has under the same key, of the same type."""
        if isinstance(value, (dict, list)):
            return []
        return [other for other in self._values.get(key, ()) if type(other) is type(value)][:6]


def _few_inside(element: Any) -> Any:
    """The element with at most three records in each of its lists."""
    if isinstance(element, dict):
        return {key: _few_inside(item) for key, item in element.items()}
    if isinstance(element, list):
        return [_few_inside(item) for item in element[:3]]
    return element


def _find_collection(document: Document, read: Sequence[str]) -> _Place | None:
    if isinstance(document, list):
        return _Place((), False)
    if not isinstance(document, dict):
        return None
    found: list[tuple[int, int, tuple[str, ...]]] = []
    pending: list[tuple[tuple[str, ...], dict[str, Any]]] = [((), document)]
    while pending:
        keys, value = pending.pop()
        for key, item in value.items():
            if isinstance(item, list):
                # A list of records that the code names comes before a longer list of numbers.
                weight = 2 * (key in read) + any(isinstance(i, dict) for i in item)
                found.append((weight, len(item), (*keys, key)))
            elif isinstance(item, dict) and len(keys) < 2 and not _is_records(value):
                pending.append(((*keys, key), item))
    if _is_records(document):
        return _Place((), True)
    if found:
        return _Place(max(found, key=lambda entry: entry[:2])[2], False)
    for key, item in document.items():
        if isinstance(item, dict) and _is_records(item):
            return _Place((key,), True)
    return None


def _is_records(value: dict[str, Any]) -> bool:
    """True for an object that is a collection: several records of one shape under their names."""
    items = list(value.values())
    if len(items) < 2:
        return False
    if all(isinstance(item, dict) for item in items):
        common = set(items[0]).intersection(*items[1:])
        return bool(common)
    return len(items) > 20 and len({type(item) for item in items}) == 1


def _at(document: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        document = document[key]
    return document


def _put(document: Any, keys: Sequence[str], content: Any) -> Any:
    """A copy of `document`, sharing what is unchanged, with `content` at `keys`."""
    if not keys:
        return content
    return {**document, keys[0]: _put(document[keys[0]], keys[1:], content)}


def resized(items: list[Any], size: int) -> list[Any]:
    """`size` items: the given ones, repeated or cut."""
    if not items:
        return [{} for _ in range(min(size, 3))]
    return list(itertools.islice(itertools.cycle(items), size))


def _changed(element: Any, key: str, change: Callable[[dict[str, Any], str], None]) -> Any:
    """A copy of `element` with the first occurrence of `key` changed, at whatever depth."""
    made = copy.deepcopy(element)
    pending = [made]
    while pending:
        value = pending.pop(0)
        if isinstance(value, dict):
            if key in value:
                change(value, key)
                return made
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value[:4])
    return made

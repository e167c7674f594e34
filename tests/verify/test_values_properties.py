"""Any value at all: the same twice is no difference, and any one change in it has its place."""

from __future__ import annotations

import copy
import json
from collections import OrderedDict, deque
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadstream.verify.compare_values import Opaque, nodes
from loadstream.verify.encode import Encoder

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Point:
    x: Any
    y: Any


class Rows(list):  # type: ignore[type-arg]
    pass


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.decimals(allow_nan=True),
    st.dates(),
    st.frozensets(st.integers(), max_size=3),
)
KEYS = st.one_of(st.text(max_size=3), st.integers(), st.booleans(), st.none())


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    many = st.lists(inner, max_size=3)
    return st.one_of(
        many,
        many.map(tuple),
        many.map(Rows),
        many.map(deque),
        st.dictionaries(KEYS, inner, max_size=3),
        st.dictionaries(KEYS, inner, max_size=3).map(OrderedDict),
        st.builds(Point, inner, inner),
        st.builds(lambda a: SimpleNamespace(a=a), inner),
    )


VALUES = st.recursive(PLAIN, containers, max_leaves=12)


def encoded(value: Any) -> Any:
    """As it reaches the parent."""
    return json.loads(json.dumps(Encoder().encode(value)))


def parts(value: Any, place: str = "r") -> list[tuple[str, Any, Any]]:
    """Every place of the value, with what it holds and a function that puts something else there.

    The function gives a whole new value.
    """
    found: list[tuple[str, Any, Any]] = [(place, value, lambda new: new)]

    def below(where: str, item: Any, put: Any) -> None:
        for inner, held, change in parts(item, where):
            found.append((inner, held, lambda new, change=change, put=put: put(change(new))))

    if isinstance(value, (list, tuple, deque)):
        for index, item in enumerate(value):

            def put(new: Any, index: int = index) -> Any:
                items = list(value)
                items[index] = new
                return items if type(value) is list else type(value)(items)

            below(f"{place}[{index}]", item, put)
    elif isinstance(value, dict):
        for key, item in value.items():

            def put_key(new: Any, key: Any = key) -> Any:
                changed = copy.copy(value)
                changed[key] = new
                return changed

            literal = json.dumps(key, ensure_ascii=False) if isinstance(key, str) else repr(key)
            below(f"{place}[{literal}]", item, put_key)
    elif isinstance(value, (Point, SimpleNamespace)):
        for name, item in vars(value).items():

            def put_name(new: Any, name: str = name) -> Any:
                changed = copy.copy(value)
                setattr(changed, name, new)
                return changed

            below(f"{place}.{name}", item, put_name)
    return found


@UNHURRIED
@given(VALUES)
def test_a_value_and_its_copy_have_one_node_and_no_difference(value: Any) -> None:
    first, second = encoded(value), encoded(copy.deepcopy(value))
    assert first == second
    assert list(nodes("r", first, second)) == []


@UNHURRIED
@given(VALUES, st.data())
def test_any_one_change_is_a_difference_at_its_place(value: Any, data: st.DataObject) -> None:
    place, held, put = data.draw(st.sampled_from(parts(value)))
    new = data.draw(
        st.sampled_from([None, True, 1, 1.0, -0.0, 0.0, "", Decimal(1), [], (), {}, [held], b""])
    )
    if json.dumps(encoded(new)) == json.dumps(encoded(held)):
        return
    found = list(nodes("r", encoded(value), encoded(put(new))))
    assert found
    assert not any(isinstance(each, Opaque) for each in found)
    # At the place or, where both are containers, at what they hold.
    assert all(
        each.place.removeprefix("len(").removeprefix("order of the keys of ").startswith(place)
        for each in found
    ) or any(mark in place for mark in "\n\r\\")


@UNHURRIED
@given(st.lists(VALUES, min_size=2, max_size=4), st.data())
def test_another_order_is_a_difference_if_the_elements_differ(
    values: list[Any], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(values))
    first, second = encoded(values), encoded(list(order))
    same = json.dumps(first) == json.dumps(second)
    assert (not list(nodes("r", first, second))) is same


@UNHURRIED
@given(VALUES, VALUES)
def test_no_difference_means_one_node_and_the_other_way_round(old: Any, new: Any) -> None:
    first, second = encoded(old), encoded(new)
    found = list(nodes("r", first, second))
    assert (not found) is (json.dumps(first) == json.dumps(second))
    backwards = list(nodes("r", second, first))
    assert len(found) == len(backwards)


@UNHURRIED
@given(st.lists(PLAIN, max_size=4), st.lists(PLAIN, max_size=4))
def test_iterators_are_compared_as_their_elements_are(old: list[Any], new: list[Any]) -> None:
    drained = list(nodes("r", encoded(iter(old)), encoded(n for n in new)))
    listed = list(nodes("r", encoded(old), encoded(new)))
    assert [each.place for each in drained] == [each.place for each in listed]

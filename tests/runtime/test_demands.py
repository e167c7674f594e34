"""What a filter certainly demands, and that nothing is believed of it that does not hold."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream.runtime.demands import demands_of

LEVEL = "error"


def compiled(source: str) -> Callable[[Any], object]:
    """The filter that a text is: a lambda, or the body of a function of `e`."""
    names: dict[str, Any] = {"limit": 3, "LEVEL": LEVEL}
    if source.startswith("lambda"):
        return eval(source, names)  # type: ignore[no-any-return]
    exec(f"def predicate(e):\n {source}", names)
    return names["predicate"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("source", "demands"),
    [
        ('lambda e: e["k"] == "v"', [("k", {"v"}, True)]),
        ('lambda e: e.get("k") == "v"', [("k", {"v"}, False)]),
        ('lambda e: "v" == e["k"]', [("k", {"v"}, True)]),
        ('lambda e: "v" == e.get("k")', [("k", {"v"}, False)]),
        ('lambda e: e.get("k", "") == "v"', [("k", {"v"}, False)]),
        ('lambda e: e.get("k", "v") == "v"', [("k", {"v"}, True)]),
        ('lambda e: e.get("k") == None', [("k", {None}, True)]),
        ('lambda e: e["k"] in ("v", "w")', [("k", {"v", "w"}, True)]),
        ('lambda e: e["k"] in ["v", "w"]', [("k", {"v", "w"}, True)]),
        ('lambda e: e.get("k") in {"v", "w"}', [("k", {"v", "w"}, False)]),
        ('lambda e: e["k"] == -1.5', [("k", {-1.5}, True)]),
        ('lambda e, /: e["k"] == 500', [("k", {500}, True)]),
        ('lambda e=None: e["k"] == 500', [("k", {500}, True)]),
        ('lambda e: e["k"] == "v" and e["n"] > limit', [("k", {"v"}, True)]),
        ('lambda e: e["k"] == "v" and (e["n"] or e["m"])', [("k", {"v"}, True)]),
        ('lambda e: e["k"] == "v" and any(e["id"] == x for x in e["ids"])', [("k", {"v"}, True)]),
        ('lambda e: e["k"] == "v" and [x for x in e["ids"] if x]', [("k", {"v"}, True)]),
        ('lambda e: e["k"] == "v" and (n := e["n"]) > 1 and n < 9', [("k", {"v"}, True)]),
        (
            'lambda e: e["k"] == "v" and e.get("j") == "w" and e["n"]',
            [("k", {"v"}, True), ("j", {"w"}, False)],
        ),
        (
            'lambda e: e["k"] == "v" and e["j"] == 5 and e["i"] == True',
            [("k", {"v"}, True), ("j", {5}, True), ("i", {True}, True)],
        ),
        ('return e["k"] == "v"', [("k", {"v"}, True)]),
        ('"A docstring."\n return e["k"] == "v" and len(e["n"]) > 3', [("k", {"v"}, True)]),
        ('if e["k"] == "v":\n  return e["n"] > 3\n return False', [("k", {"v"}, True)]),
        (
            'if e["k"] == "v" and e["j"] == "w":\n  return 1',
            [("k", {"v"}, True), ("j", {"w"}, True)],
        ),
        ('if e["k"] != "v":\n  return False\n return e["n"] > 3', [("k", {"v"}, True)]),
        ('if e["k"] != "v":\n  return\n n = e["n"]\n return n', [("k", {"v"}, True)]),
        (
            'if e["k"] != "v":\n  return False\n if e["j"] not in ("x", "y"):\n  return False\n'
            " return True",
            [("k", {"v"}, True), ("j", {"x", "y"}, True)],
        ),
        (
            'lambda e: e["k"] == "v" and (' + " + ".join(f'e["n{i}"]' for i in range(300)) + ")",
            [("k", {"v"}, True)],
        ),
    ],
)
def test_comparisons_with_constants_that_come_first_are_demands(
    source: str, demands: list[tuple[str, set[Any], bool]]
) -> None:
    found = demands_of(compiled(source))
    assert [(key, set(values), without) for key, values, without in found] == demands


def test_a_closure_does_not_hide_what_comes_before_it() -> None:
    wanted = {1}

    def keep(e: Any) -> bool:
        return e["k"] == "v" and e["n"] in wanted

    assert [demand.key for demand in demands_of(keep)] == ["k"]
    assert [d.key for d in demands_of(lambda e: e["k"] == "v" and e["n"] in wanted)] == ["k"]


@pytest.mark.parametrize(
    "source",
    [
        'lambda e: e["k"] != "v"',
        'lambda e: e["k"] == LEVEL',
        'lambda e: e[LEVEL] == "v"',
        'lambda e: LEVEL["k"] == "v"',
        'lambda e: e["k"] == "v" or e["j"]',
        'lambda e: e["k"] == "v" and e["j"] or e["n"]',
        'lambda e: not e["k"] == "v"',
        'lambda e: not (e["k"] == "v" and e["j"])',
        'lambda e: (e["k"] == "v" and e["j"]) == False',
        'lambda e: (e["k"] == "v" and e["j"]) is False',
        'lambda e: [e["k"] == "v"]',
        'lambda e: 1 if e["k"] == "v" else 2',
        'lambda e: 0 if e["k"] == "v" else e["j"]',
        'lambda e: e["k"] == "v" == e["j"]',
        'lambda e: e["k"].lower() == "v"',
        'lambda e: e["k"]["j"] == "v"',
        'lambda e: e["k"] > "v"',
        'lambda e: "v" in e["k"]',
        'lambda e: e.pop("k") == "v"',
        'lambda e: e.setdefault("k", "w") == "v"',
        'lambda e: e.k == "v"',
        'lambda e: e["k", "j"] == "v"',
        'lambda e: print(e) or e["k"] == "v"',
        'lambda e: e["n"] > 3 and e["k"] == "v"',
        'lambda e: bool(e["k"] == "v")',
        'lambda e: e["k"] == b"v"',
        'lambda e: e["k"] == ...',
        'lambda e: e["k"] in ()',
        'lambda e: e["k"] in ("v", ("w",))',
        'lambda e: e["k"] == 10**30',
        'lambda *e: e["k"] == "v"',
        'lambda **e: e["k"] == "v"',
        'lambda e, x=1: e["k"] == "v"',
        'lambda e, *, x=1: e["k"] == "v"',
        "lambda: True",
        'yield e["k"] == "v"',
        'if e["k"] == "v":\n  return e["n"]\n return True',
        'if e["k"] == "v":\n  return True\n elif e["j"]:\n  return True\n return False',
        'if e["k"] == "v":\n  return False\n return True',
        'if e["k"] == "v":\n  pass\n return e["n"]',
        'if e["k"] != "v":\n  return True\n return False',
        'if e["k"] != "v":\n  e["n"] = 1\n return False',
        'if e["k"] == "v":\n  return True\n print(e)\n return False',
        'e = {"k": 1}\n return e["k"] == "v"',
        'while e["k"] == "v":\n  return True\n else:\n  return True',
    ],
)
def test_anything_else_demands_nothing(source: str) -> None:
    assert demands_of(compiled(source)) == ()


def test_what_is_no_plain_function_demands_nothing() -> None:
    class Predicate:
        def __call__(self, e: Any) -> bool:
            return e["k"] == "v"  # type: ignore[no-any-return]

        def method(self, e: Any) -> bool:
            return e["k"] == "v"  # type: ignore[no-any-return]

    async def coroutine(e: Any) -> bool:
        return e["k"] == "v"  # type: ignore[no-any-return]

    for predicate in (Predicate(), Predicate().method, coroutine, bool, str.isdigit, len):
        assert demands_of(predicate) == ()


@pytest.mark.parametrize("key", ["__rest__", "{rest}", "'", '"', "\\", "\n", "é", "\ud800", ""])
def test_any_key_is_spelled_right_or_not_found(key: str) -> None:
    for source in (f"lambda e: e[{key!r}] == 'v'", f"lambda e: e[{key!r}] == 'v' or e['j']"):
        found = demands_of(compiled(source))
        assert found == (((key, ("v",), True),) if "or" not in source and key != "{rest}" else ())


class MetError(Exception):
    """The unknown part of a filter has been reached."""


class Rest:
    """What is unknown: any contact with it is an event."""

    def __bool__(self) -> bool:
        raise MetError

    def __eq__(self, other: object) -> bool:
        raise MetError

    __hash__ = None  # type: ignore[assignment]


COMPARISONS = [
    'e["k"] == "v"',
    'e.get("k") == "v"',
    'e["j"] == 1',
    'e.get("j", 0) == 1',
    'e.get("j") in ("v", 1)',
    'e["k"] != "v"',
    '"v" == e["j"]',
    'not e["k"] == "v"',
    "REST",
]
conditions = st.recursive(
    st.sampled_from(COMPARISONS),
    lambda inner: (
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join)
        | inner.map("({})".format)
        | inner.map("not ({})".format)
        | st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})")
    ),
    max_leaves=5,
)
bodies = (
    conditions.map("return {}".format)
    | st.tuples(conditions, conditions).map(lambda t: f"if {t[0]}:\n  return {t[1]}\n return False")
    | st.tuples(conditions, conditions).map(lambda t: f"if {t[0]}:\n  return False\n return {t[1]}")
    | st.tuples(conditions, conditions, conditions).map(
        lambda t: f"if {t[0]}:\n  return None\n if {t[1]}:\n  return False\n return {t[2]}"
    )
    | st.tuples(conditions, conditions).map(lambda t: f"if {t[0]}:\n  return {t[1]}")
    | st.tuples(conditions, conditions).map(
        lambda t: f"try:\n  return {t[0]}\n except KeyError:\n  return {t[1]}"
    )
)
VALUES: list[Any] = ["v", 1, "w", None, True, "absent"]
ELEMENTS = [
    {key: value for key, value in (("k", k), ("j", j)) if value != "absent"}
    for k, j in itertools.product(VALUES, VALUES)
]


def rejects(demands: Any, element: dict[str, Any]) -> bool:
    for key, values, without in demands:
        if key not in element:
            return not without
        if element[key] not in values:
            return True
    return False


@given(body=bodies)
def test_a_filter_is_false_and_touches_nothing_where_its_demands_are_not_met(body: str) -> None:
    names: dict[str, Any] = {"REST": Rest()}
    exec(f"def predicate(e):\n {body}", names)
    predicate = names["predicate"]
    demands = demands_of(predicate)
    for element in ELEMENTS:
        if rejects(demands, element):
            assert not predicate(dict(element)), (demands, element)

"""Every class of generated data is made, whatever the place of the elements."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from typing import Any

import pytest

from loadstream.verify.cases import Case
from loadstream.verify.constants import Constants, find_constants
from loadstream.verify.variants import generate

CLASSES = {
    "boundary", "empty", "one", "few", "missing-key", "null", "wrong-type",
    "duplicates", "unicode", "numbers", "reordered",
}  # fmt: skip
ROWS = [
    {"id": f"r{n}", "cost": n / 2, "n": n, "period": ("P3", "P4")[n % 2], "tags": ["a"] * n}
    for n in range(8)
]
PLACES: dict[str, tuple[Any, Callable[[Any], list[Any]]]] = {
    "a root list": (ROWS, lambda d: d),
    "under a key": ({"version": 3, "rows": ROWS}, lambda d: d["rows"]),
    "two keys down": ({"v": 1, "data": {"rows": ROWS}}, lambda d: d["data"]["rows"]),
    "an object of records": ({row["id"]: row for row in ROWS}, lambda d: list(d.values())),
}


def cases(document: Any, source: str = "", limit: int = 60) -> tuple[Case, ...]:
    found = find_constants([ast.parse(source)]) if source else Constants()
    return generate({"data.json": document}, found, limit)


def elements(document: Any, at: Callable[[Any], list[Any]], source: str, kind: str) -> list[Any]:
    """The elements of the first case of this class."""
    found = next(case for case in cases(document, source) if case.kind == kind)
    return at(found.documents["data.json"])


@pytest.mark.parametrize("place", PLACES)
def test_every_class_is_made(place: str) -> None:
    document, _ = PLACES[place]
    made = cases(document, "r['period'] == 'P4'")
    assert {case.kind for case in made} == CLASSES


@pytest.mark.parametrize("place", PLACES)
def test_the_classes_are_what_they_are_called(place: str) -> None:
    document, at = PLACES[place]
    source = "r['period'] == 'P4' and r['cost'] > 1 and len(r['tags']) > 3"

    def made(kind: str) -> list[Any]:
        return elements(document, at, source, kind)

    assert made("empty") == []
    assert made("one") == ROWS[:1]
    assert made("few") == ROWS[:3]
    assert made("reordered") == ROWS[::-1]
    assert made("duplicates")[:2] == [ROWS[0], ROWS[0]]
    assert any("cost" not in row for row in made("missing-key"))
    assert any(row.get("cost", 0) is None for row in made("null"))
    assert any(isinstance(row["cost"], str) for row in made("wrong-type"))
    assert any(not json.dumps(row, ensure_ascii=False).isascii() for row in made("unicode"))
    assert any(abs(row["n"]) > 2**53 for row in made("numbers"))


@pytest.mark.parametrize("place", PLACES)
def test_a_boundary_has_the_constant_and_what_is_just_beside_it(place: str) -> None:
    document, at = PLACES[place]
    source = "r['n'] > 77 and len(r['tags']) >= 20 and r['period'] == 'Q7'"
    rows = elements(document, at, source, "boundary")
    assert {76, 77, 78} <= {row["n"] for row in rows}
    assert {19, 20, 21} <= {len(row["tags"]) for row in rows}
    assert {"Q6", "Q7", "Q8"} <= {row["period"] for row in rows}


def test_a_boundary_of_floats_has_their_nearest_neighbours() -> None:
    rows = elements(ROWS, lambda d: d, "r['cost'] > 1.5", "boundary")
    found = {row["cost"] for row in rows}
    assert {1.4999999999999998, 1.5, 1.5000000000000002} <= found


def test_a_long_text_is_made_where_the_code_measures_it() -> None:
    rows = elements(ROWS, lambda d: d, "len(r['id']) > 2500", "boundary")
    assert {2499, 2500, 2501} <= {len(row["id"]) for row in rows}


def test_the_same_input_gives_the_same_cases_and_none_twice() -> None:
    first, second = (cases(ROWS, "r['n'] > 3") for _ in range(2))
    assert first == second
    marks = [repr(case.documents) for case in first]
    assert len(marks) == len(set(marks))


def test_the_limit_is_kept_and_the_most_telling_come_first() -> None:
    made = cases(ROWS, "r['n'] > 3", limit=3)
    assert [case.kind for case in made] == ["boundary", "empty", "one"]


def test_the_users_sample_stays_as_it_was() -> None:
    before = json.dumps(ROWS)
    cases(ROWS, "r['n'] > 3")
    assert json.dumps(ROWS) == before


@pytest.mark.parametrize("document", [[], {}, {"rows": []}, [1, 2.5], ["a"], [[1], [2]], 7, None])
def test_odd_documents_give_cases_and_no_failure(document: Any) -> None:
    for case in cases(document, "x['n'] > 3"):
        json.dumps(case.documents["data.json"])


BOTH = "x = [r for r in y if r['period'] == 'Q7' and len(r['tags']) > 20 and r['n'] != 5]"


def of(detail: str, document: Any, source: str = BOTH) -> Any:
    made = cases(document, source)
    return next(case for case in made if case.detail == detail).documents["data.json"]


def is_kept(row: dict[str, Any]) -> bool:
    return row["period"] == "Q7" and len(row["tags"]) > 20 and row["n"] != 5


@pytest.mark.parametrize("place", PLACES)
def test_an_element_that_the_filter_keeps_stands_first_and_last(place: str) -> None:
    document, at = PLACES[place]
    rows = at(of("elements that are kept, at both ends", document))
    assert is_kept(rows[0])
    assert is_kept(rows[-1])
    assert not all(map(is_kept, rows))


def test_all_terms_but_one_hold_where_one_is_just_missed() -> None:
    rows = of("elements just missed, then one that is kept", ROWS)
    assert [is_kept(row) for row in rows] == [False] * (len(rows) - 1) + [True]
    assert {19, 20} & {len(r["tags"]) for r in rows if r["period"] == "Q7" and r["n"] != 5}


def test_the_boundary_has_each_term_at_its_constant_while_the_others_hold() -> None:
    rows = elements(ROWS, lambda d: d, BOTH, "boundary")
    assert {len(r["tags"]) for r in rows if r["period"] == "Q7" and r["n"] != 5} >= {19, 20, 21}


def test_the_extremes_stand_last_and_first() -> None:
    last = of("the largest values last", ROWS)
    assert last[-1]["n"] == max(row["n"] for row in last) > max(row["n"] for row in ROWS)
    assert last[0]["n"] == min(row["n"] for row in last) < min(row["n"] for row in ROWS)
    first = of("the largest values first", ROWS)
    assert [row["n"] for row in first] == [row["n"] for row in last[::-1]]


def test_of_records_inside_only_the_outermost_is_extreme() -> None:
    rows = [{"calls": [{"n": 10 * i + j} for j in range(3)]} for i in range(4)]
    for detail, at in (("the largest values last", -1), ("the largest values first", 0)):
        found = [call["n"] for row in of(detail, rows) for call in row["calls"]]
        assert found.count(max(found)) == 1
        assert found[at] == max(found) > 32
        assert found[-1 - at] == min(found) < 0


def test_a_sum_that_another_file_makes_is_met_exactly() -> None:
    rows = [{"a": n, "b": 7 * n, "ok": n % 2 == 0} for n in range(6)]
    source = (
        "def both(d):\n    return (d.get('a') or 0) + (d.get('b') or 0)\n"
        "def f():\n    for d in rows():\n        if not d['ok']:\n            continue\n"
        "        if both(d) >= 55_000:\n            yield d\n"
    )
    made = elements(rows, lambda d: d, source, "boundary")
    assert {d["a"] + d["b"] for d in made if d.get("ok")} >= {54_999, 55_000, 55_001}


def test_a_required_key_is_missing_in_an_element_that_the_filter_keeps() -> None:
    rows = of("id missing", ROWS, BOTH + "\nprint(x[0]['id'])")
    (bare,) = [row for row in rows if "id" not in row]
    assert is_kept(bare)


def test_twenty_cases_have_every_class() -> None:
    assert {case.kind for case in cases(ROWS, BOTH, limit=19)} == CLASSES

"""Shrinking ends, keeps what was asked for, and leaves little beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from loadstream.verify.shrink import Documents, shrink

ROWS = [{"id": f"row {n}", "n": n, "inner": {"text": "long text " * 3}} for n in range(40)]


def shrunk(
    document: Any, differs: Callable[[Any], bool], seconds: float = 60.0, **options: Any
) -> Any:
    def asked(batch: Sequence[Documents]) -> list[bool]:
        return [differs(documents["d"]) for documents in batch]

    return shrink({"d": document}, asked, seconds=seconds, width=2, **options)["d"]


def test_one_telling_element_is_left_with_its_telling_key() -> None:
    found = shrunk(ROWS, lambda rows: any(row.get("n") == 17 for row in rows))
    assert found == [{"n": 17}]


def test_the_surroundings_of_the_elements_go_too() -> None:
    document = {"version": 3, "meta": {"a": [1, 2]}, "rows": ROWS}
    found = shrunk(document, lambda d: len(d.get("rows", [])) >= 2)
    assert set(found) == {"rows"}
    assert len(found["rows"]) == 2
    assert all(row == {} for row in found["rows"])


def test_a_number_that_counts_stays_and_others_become_plain() -> None:
    found = shrunk([{"n": 23, "m": 9}], lambda d: bool(d) and d[0].get("n", 0) > 20 and "m" in d[0])
    assert found == [{"n": 23, "m": 0}]


def test_texts_of_the_code_stay_and_others_get_short() -> None:
    def differs(rows: Any) -> bool:
        return bool(rows) and "id" in rows[0] and "inner" in rows[0]

    rows = [{"id": "row 0", "inner": "long text"}]
    assert shrunk(rows, differs, keep_texts=frozenset({"row 0"})) == [{"id": "row 0", "inner": ""}]


def test_what_cannot_be_smaller_stays_as_it_is() -> None:
    assert shrunk([{"n": 1}], lambda rows: rows == [{"n": 1}]) == [{"n": 1}]


def test_everything_that_is_kept_was_shown_to_differ() -> None:
    asked: list[Any] = []

    def differs(rows: Any) -> bool:
        answer = sum(row.get("n", 0) for row in rows) % 7 == 3
        if answer:
            asked.append(rows)
        return answer

    start = ROWS[:3]
    assert differs(start)
    assert shrunk(start, differs) in asked


def test_the_input_is_not_changed_and_a_deadline_ends_the_work() -> None:
    before = repr(ROWS)
    assert shrunk(ROWS, lambda rows: bool(rows), seconds=0.0) == ROWS
    shrunk(ROWS, lambda rows: bool(rows))
    assert repr(ROWS) == before

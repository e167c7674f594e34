"""Several filters over one pass: order, identity, errors, and what becomes of the file."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loadstream import StreamConsumedError, split, stream_json

ROWS = [{"n": n, "text": "x" * 40} for n in range(5000)]


@pytest.fixture
def rows(document: Callable[..., Path]) -> Path:
    return document(ROWS)


def test_each_list_is_what_its_filter_alone_would_give(rows: Path) -> None:
    even, small, none, every = split(
        stream_json(rows),
        lambda row: row["n"] % 2 == 0,
        lambda row: row["n"] < 10,
        lambda _: False,
        lambda row: row["text"],  # tested for its truth
    )
    assert even == ROWS[::2]
    assert small == ROWS[:10]
    assert none == []
    assert every == ROWS


def test_predicates_take_turns_once_per_element_in_their_order() -> None:
    calls: list[tuple[str, int]] = []

    def say(name: str) -> Callable[[int], object]:
        return lambda number: calls.append((name, number))

    assert split(iter([1, 2]), say("a"), say("b"), say("c")) == ([], [], [])
    assert calls == [(name, number) for number in (1, 2) for name in "abc"]


def test_nothing_is_read_ahead_of_the_predicates() -> None:
    seen: list[str] = []

    def numbers() -> Iterator[int]:
        for number in range(2):
            seen.append(f"read {number}")
            yield number

    split(numbers(), lambda number: seen.append(f"ask {number}"))
    assert seen == ["read 0", "ask 0", "read 1", "ask 1"]


def test_an_element_that_two_filters_want_is_one_object_in_both_lists(rows: Path) -> None:
    first, second = split(stream_json(rows), lambda _: True, lambda row: row["n"] > 0)
    assert all(one is other for one, other in zip(first[1:], second, strict=True))
    first[1]["n"] = "changed"
    assert second[0]["n"] == "changed"


def test_any_iterable_will_do_and_without_predicates_there_are_no_lists() -> None:
    numbers = iter(range(3))
    assert split((1, 2, 3), lambda number: number > 1) == ([2, 3],)
    assert split(numbers) == ()
    assert next(numbers, None) is None, "it is read to its end all the same"


def test_an_exception_of_a_predicate_arrives_unchanged_and_closes_the_stream(rows: Path) -> None:
    error = LookupError("mine")
    stream = stream_json(rows)

    def fail(row: Any) -> bool:
        if row["n"] == 3:
            raise error
        return True

    with pytest.raises(LookupError) as caught:
        split(stream, lambda _: True, fail)
    assert caught.value is error
    assert next(stream, None) is None
    with pytest.raises(StreamConsumedError, match="was closed"):
        iter(stream)


def test_an_interrupt_closes_the_stream_too(rows: Path) -> None:
    stream = stream_json(rows)

    def interrupted(_: Any) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        split(stream, interrupted)
    assert next(stream, None) is None


def test_a_broken_file_raises_its_own_error(document: Callable[..., Path]) -> None:
    path = document([1, 2])
    path.write_text("[1, 2,", encoding="utf-8")
    with pytest.raises(ValueError, match="Expecting value"):
        split(stream_json(path), lambda _: True)


def test_a_stream_that_is_spent_says_so(rows: Path) -> None:
    stream = stream_json(rows)
    split(stream, lambda _: True)
    with pytest.raises(StreamConsumedError, match="was read to its end"):
        split(stream, lambda _: True)


def test_memory_follows_what_is_kept(document: Callable[..., Path]) -> None:
    path = document([{"n": n, "text": "word " * 40} for n in range(30_000)])
    tracemalloc.start()
    try:
        first, last = split(
            stream_json(path), lambda row: row["n"] < 10, lambda row: row["n"] > 29_990
        )
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (len(first), len(last)) == (10, 9)
    assert path.stat().st_size > 6_000_000
    assert peak < 4_000_000

"""Where bytes may be cut: the guesses themselves, against a slow scan."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from loadstream.runtime.cuts import ElementEnd, Separator, last_boundary

texts = st.text(st.sampled_from('a"\\{}[], é'), max_size=8)
values = st.recursive(
    st.integers() | texts,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(texts, children, max_size=3),
    max_leaves=15,
)


@given(elements=st.lists(values, min_size=1, max_size=5), cut=st.floats(0, 1))
def test_the_last_boundary_is_the_last_comma_between_elements(
    elements: list[object], cut: float
) -> None:
    pieces = [json.dumps(element, ensure_ascii=False).encode() for element in elements]
    raw = b", ".join(pieces)
    raw = raw[: int(cut * len(raw))]
    commas, place = [-1], 0
    for piece in pieces[:-1]:
        place += len(piece)
        if place < len(raw):
            commas.append(place)
        place += 2
    assert last_boundary(raw, 0) == commas[-1]
    assert last_boundary(b"xx" + raw, 2) == (commas[-1] + 2 if commas[-1] >= 0 else -1)


def test_there_is_no_last_boundary_where_more_closes_than_opens() -> None:
    assert last_boundary(b'1, {"a": 2}], "b": 3', 0) is None


@given(value=values, steps=st.lists(st.integers(1, 9), min_size=1))
def test_an_element_ends_where_its_brackets_close_however_it_arrives(
    value: object, steps: list[int]
) -> None:
    raw = json.dumps(value, ensure_ascii=False).encode()
    if raw[:1] not in (b"[", b"{", b'"'):
        raw = b"[" + raw + b"]"
    behind = raw + b', {"a": ["\\"", 1]}]'
    end, place, number = ElementEnd(raw[:1]), 1, 0
    while True:
        piece = behind[place : place + steps[number % len(steps)]]
        found = end.feed(piece)
        if found >= 0:
            break
        place += len(piece)
        number += 1
        assert piece
    assert place + found == len(raw)


def test_deep_nesting_does_not_slow_the_search_for_an_end() -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    assert ElementEnd(b"[").feed(deep[1:] + b",") == len(deep) - 1


def test_a_separator_is_learned_with_the_key_that_follows_it() -> None:
    separator = Separator()
    raw = b'{"id": 1, "x": [{"y": 2}, {"y": 3}]}, {"id": 2, "x": []}, {"id": 3'
    separator.learn(raw, raw.index(b', {"id": 2'))
    assert separator.find(raw, 0) == raw.index(b', {"id": 3')
    assert separator.find(raw, raw.index(b', {"id": 3') + 1) == -1


def test_guessing_rests_after_repeated_misses_and_comes_back() -> None:
    separator = Separator()
    assert not separator.rests()
    for _ in range(3):
        separator.miss()
    rests = 0
    while separator.rests():
        rests += 1
    assert 1 < rests <= 64

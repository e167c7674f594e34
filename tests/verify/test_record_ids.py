"""Ids are found by their name and by being distinct, and stay distinct and of their form."""

from __future__ import annotations

import pytest

from loadstream.verify.record_ids import distinct, find_ids, id_pattern, number_of


@pytest.mark.parametrize(
    ("sample", "ids"),
    [
        ([{"id": 1, "n": 1}, {"id": 2, "n": 2}], ("id",)),
        ([{"id": 1}, {"id": 1}], ()),
        ([{"sessionId": "a", "paid": 1}, {"sessionId": "b", "paid": 2}], ("sessionId",)),
        ([{"id": True}, {"id": False}], ()),
        ([{"id": None}, {"id": 1}], ()),
        # another key that refers to one of them
        ([{"id": "a"}, {"id": "b", "parent_id": "a"}], ("id", "parent_id")),
        ([{"id": "a"}, {"id": "b", "name": "a"}], ("id",)),
        # each list by itself; lists within records are parts, not records
        ({"s": [{"id": 1}, {"id": 2}], "u": [{"id": 1}, {"id": 2}]}, ("id",)),
        ([{"id": 1, "d": [{"agent_id": 1}, {"agent_id": 2}]}, {"id": 2}], ("id",)),
        ({"a": {"id": "a", "x": 1}, "b": {"id": "b", "x": 1}}, ("id",)),
        ([1, 2], ()),
        ({}, ()),
    ],
)
def test_ids_are_keys_whose_values_tell_records_apart(sample, ids):
    assert find_ids(sample) == ids


@pytest.mark.parametrize(
    ("value", "other"),
    [
        (b"7", b"2007"),
        (b"-7", b"-2007"),
        (b'"s7"', b'"s2007"'),
        (b'"s0007"', b'"s2007"'),
        (b'"s00007"', b'"s02007"'),
        (b'"branch"', b'"branch-2"'),
        (b'"caf\\u00e9"', b'"caf\\u00e9-2"'),
        (b'"a\\u0031"', b'"a\\u0031-2"'),
        (b'""', b'"-2"'),
        (
            b'"3f2504e0-4f89-11d3-9a0c-0305e82c3301"',
            b'"3f2504e2-4f89-11d3-9a0c-0305e82c3301"',
        ),
        (b'"3F2504E04F8911D3"', b'"3F2504E24F8911D3"'),
    ],
)
def test_an_id_becomes_another_one_of_the_same_form(value, other):
    assert distinct(value, 2, 1000) == other


def test_ids_stay_distinct_over_all_repetitions():
    ids = [b"%d" % n for n in range(50)] + [b'"s%d"' % n for n in range(50)]
    made = [distinct(value, turn, 100) if turn else value for value in ids for turn in range(20)]
    assert len(set(made)) == len(made)


def test_the_number_of_an_id_is_the_one_that_it_ends_in():
    assert number_of(b"41") == 41
    assert number_of(b'"s-0041"') == 41
    assert number_of(b'"branch"') == 0
    assert number_of(b'"3f2504e0-4f89-11d3-9a0c-0305e82c3301"') == 0


def test_a_text_that_looks_like_a_key_is_none():
    pattern = id_pattern(("id",))
    assert pattern is not None
    text = rb'{"text": "\"id\": 5", "id" : "a\"b", "xid": 3, "n": {"id": 1.5}}'
    assert [match[2] for match in pattern.finditer(text)] == [rb'"a\"b"']
    assert id_pattern(()) is None

"""The fast search finds what the plain one finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream.analysis.literals import plain_finder
from loadstream.machine.search import fast_finder

_BYTES = st.binary(max_size=9).map(lambda data: data.replace(b"\xfe", b""))  # see _FILLING
_LITERALS = st.lists(_BYTES.filter(len), min_size=1, max_size=7, unique=True)
_FEW_BYTES = st.lists(st.sampled_from([b"a", b"a", b"b", b"b", b"_", b"_", b"\x00", b"\xfe"]))


@given(_LITERALS, st.lists(_BYTES))
def test_in_a_text_made_of_the_literals(literals, between):
    text = b"".join(part for pair in zip(between, literals * 9, strict=False) for part in pair)
    assert fast_finder(literals)(text) == plain_finder(literals)(text)


@given(
    st.lists(st.text("ab_", min_size=1, max_size=4).map(str.encode), min_size=1, max_size=6),
    _FEW_BYTES.map(b"".join),
)
def test_where_literals_overlap_each_other_and_themselves(literals, text):
    assert fast_finder(literals)(text) == plain_finder(literals)(text)


@pytest.mark.parametrize("search", [fast_finder, plain_finder])
def test_of_two_that_begin_together_the_first_is_told(search):
    assert search([b"load_x", b"load_"])(b"load_x load_y") == [(0, 0, 6), (1, 7, 12)]
    assert search([b"load_", b"load_x"])(b"load_x load_y") == [(0, 0, 5), (0, 7, 12)]

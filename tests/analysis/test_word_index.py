"""Which texts may hold a word."""

from __future__ import annotations

from loadstream.analysis.word_index import WordIndex


def test_every_text_that_holds_the_word_is_told_in_order():
    index = WordIndex([b"rows = 1", b"no", b"x.rows()", b"'rows'", b"\xc3\xa9rows"])
    assert {0, 2, 3, 4} <= set(index.numbers(b"rows"))
    assert sorted(index.numbers(b"rows")) == list(index.numbers(b"rows"))


def test_few_texts_are_told_that_do_not_hold_the_word():
    texts = [b" ".join(b"word_%d_%d" % (n, word) for word in range(100)) for n in range(500)]
    index = WordIndex(texts)
    told = sum(len(index.numbers(b"word_%d_7" % n)) for n in range(0, 500, 10))
    assert told < 50 * 60  # of 500 each


def test_a_name_is_looked_up_by_its_rarest_part():
    index = WordIndex([b"my-script.py", *[b"my own"] * 50])
    assert 0 in index.numbers(b"my-script")
    assert len(index.numbers(b"my-script")) < 10


def test_any_text_may_hold_what_has_no_word():
    assert WordIndex([b"a"]).numbers("数".encode()) is None
    assert WordIndex([b"a"]).numbers(b"-") is None


def test_no_text_holds_a_word_of_none():
    assert list(WordIndex([]).numbers(b"rows")) == []

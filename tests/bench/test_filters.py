from loadstream.bench.approaches import compile_filter
from loadstream.bench.filters import choose_filter


def kept(records):
    predicate = compile_filter(choose_filter(records))
    return sum(1 for record in records if predicate(record))


def test_the_value_that_keeps_about_a_tenth_is_chosen():
    records = [{"id": i, "kind": "rare" if i % 10 == 0 else "common"} for i in range(200)]
    assert choose_filter(records) == "lambda e: e.get('kind') == 'rare'"
    assert kept(records) == 20


def test_values_that_look_alike_are_told_apart_by_type():
    records = [{"flag": True}] + [{"flag": 1}] * 9
    assert 0 < kept(records) <= 10


def test_numbers_are_split_at_their_median():
    assert kept([5, 1, 4, 2, 3]) == 2


def test_quotes_and_backslashes_in_values_survive():
    value = "a\"b\\c'd"
    records = [{"k": value}] + [{"k": "other"}] * 9
    assert kept(records) == 1


def test_data_without_anything_to_select_gets_no_filter():
    assert choose_filter([]) == ""
    assert choose_filter([{"a": 1}, {"a": 1}]) == ""
    assert choose_filter([7, 7]) == ""
    assert choose_filter([[1], [2]]) == ""

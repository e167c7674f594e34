"""What the code compares its data with is read from the source, by the key it belongs to."""

from __future__ import annotations

import ast

from loadstream.verify.constants import Constants, find_constants


def constants(source: str, *arguments: str) -> Constants:
    return find_constants([ast.parse(source)], arguments)


def test_numbers_belong_to_the_key_that_they_are_compared_with() -> None:
    assert constants("x['cost'] > 1.5 and x['n'] == -3").numbers == {"cost": (1.5,), "n": (-3,)}


def test_lengths_belong_to_the_key_whose_value_is_measured() -> None:
    assert constants("len(s.get('delegations', [])) > 20").lengths == {"delegations": (20,)}
    assert constants("len(d.get('prompt') or '') > 2500").lengths == {"prompt": (2500,)}


def test_texts_are_found_in_comparisons_memberships_and_methods() -> None:
    found = constants("s['p'] == 'P4' or s['q'] in ('a', 'b') or s['r'].startswith('x')").texts
    assert found == {"p": ("P4",), "q": ("a", "b"), "r": ("x",)}


def test_names_stand_for_what_was_assigned_to_them() -> None:
    found = constants("LIMIT = 20\nrows = s['rows']\nif len(rows) > LIMIT: pass")
    assert found.lengths["rows"] == (20,)


def test_keys_come_in_the_order_in_which_they_are_read() -> None:
    assert constants("a = s['b']; c = s.get('a'); 'z' in s").keys == ("b", "a", "z")


def test_a_main_guard_is_no_constant() -> None:
    assert constants("if __name__ == '__main__': pass") == Constants()


def test_arguments_of_a_script_count_as_compared_with() -> None:
    found = constants("", "P4", "20")
    assert found.texts[""] == ("P4", "20")
    assert found.numbers[""] == (20,)


def test_defaults_of_parameters_and_tables_of_lookups_count() -> None:
    assert constants("def f(least=20): pass").numbers[""] == (20,)
    assert constants("NAMES = {'dev': 1, 'ops': 2}").texts[""] == ("dev", "ops")

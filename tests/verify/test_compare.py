"""Differences are found, each at its place; what is no difference is not."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from loadstream.verify.compare import MAX_DIFFERENCES, compare, unstable_places
from loadstream.verify.compare_output import without_tracebacks
from loadstream.verify.compare_values import nodes
from loadstream.verify.encode import Encoder
from loadstream.verify.observed import FileChange, Observed, Output


def output(text: str = "") -> Output:
    data = text.encode()
    return Output(data, len(data), hashlib.sha256(data).hexdigest())


def written(path: str, text: str) -> FileChange:
    data = text.encode()
    return FileChange(path, len(data), hashlib.sha256(data).hexdigest(), data)


def seen(*, out: str = "", err: str = "", value: Any = None, **other: Any) -> Observed:
    fields: dict[str, Any] = {
        "code": 0,
        "stopped": "",
        "complete": True,
        "stdout": output(out),
        "stderr": output(err),
        "raised": None,
        "returned": (Encoder().encode(value),),
        "arguments": None,
        "variables": {},
        "written": (),
        "opened": (),
        "outside": (),
        "refused": (),
        "filtered": None,
        "escaped": (),
        "measured": None,
        "seconds": 0.1,
    }
    return Observed(**{**fields, **other})


def places(old: Observed, new: Observed, **options: Any) -> list[str]:
    return [difference.place for difference in compare(old, new, **options).differences]


def first(old: Any, new: Any) -> tuple[str, str, str]:
    found = next(iter(nodes("result", Encoder().encode(old), Encoder().encode(new))))
    return found.place, found.old, found.new


@dataclass
class Point:
    x: Any


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (1, True, ("result", "1 (int)", "True (bool)")),
        (1, 1.0, ("result", "1 (int)", "1.0 (float)")),
        (0.0, -0.0, ("result", "0.0 (float)", "-0.0 (float)")),
        ([{"n": 12}], [{"n": Decimal(12)}], ('result[0]["n"]', "12 (int)", "Decimal('12')")),
        ([1, 2], [1, 3], ("result[1]", "2 (int)", "3 (int)")),
        ([1, 2], [1], ("len(result)", "2", "1")),
        ({"a": [0, {"b": 1}]}, {"a": [0, {"b": 2}]}, ('result["a"][1]["b"]', "1 (int)", "2 (int)")),
        ({"a": 1}, {}, ('result["a"]', "1 (int)", "no such key")),
        ({}, {"a": 1}, ('result["a"]', "no such key", "1 (int)")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1},
         ("order of the keys of result", '"a" at 0', '"b" at 0')),
        ({1, 2}, {1}, ("result", "has 2 (int)", "has not")),
        (Point(1), Point(2), ("result.x", "1 (int)", "2 (int)")),
    ],
)  # fmt: skip
def test_the_first_difference_has_its_path_and_both_values_with_their_types(
    old: Any, new: Any, expected: tuple[str, str, str]
) -> None:
    place, before, after = first(old, new)
    assert (place, before) == expected[:2]
    assert after.startswith(expected[2])


@pytest.mark.parametrize("value", [float("nan"), [float("nan")], {"a": (1, None)}, Point([1])])
def test_the_same_value_is_no_difference_and_nan_equals_nan(value: Any) -> None:
    assert not places(seen(value=value), seen(value=value))


def test_lists_that_hold_themselves_are_compared_and_end() -> None:
    old: list[Any] = [1]
    old.append(old)
    new: list[Any] = [2]
    new.append(new)
    assert not places(seen(value=old), seen(value=old))
    assert places(seen(value=old), seen(value=new)) == ["result[0]"]


def test_a_value_without_equality_is_neither_equal_nor_different() -> None:
    found = compare(seen(value=[object()]), seen(value=[object()]))
    assert not found.differences
    assert [entry.place for entry in found.opaque] == ["result[0]"]


class Store:
    """As many programs have one in a variable: equal to itself alone."""

    def __init__(self, path: str, held: object = None) -> None:
        self.path = path
        self.held = held


def test_objects_that_are_equal_to_themselves_alone_are_never_equal_and_say_what_they_hold() -> (
    None
):
    same = compare(seen(value=[Store("a.json")]), seen(value=[Store("a.json")]))
    assert not same.differences
    assert [entry.place for entry in same.opaque] == ["result[0]"]
    assert same.opaque[0].old.endswith("compares by identity only, with the same state")

    other = compare(seen(value=[Store("a.json")]), seen(value=[Store("b.json")]))
    assert not other.differences
    assert other.opaque[0].new.endswith("compares by identity only, and differs at .path")


def test_in_a_set_or_as_a_key_they_are_not_equal_either() -> None:
    def found(old: Any, new: Any) -> tuple[list[str], list[str]]:
        comparison = compare(seen(value=old), seen(value=new))
        sides = (comparison.differences, comparison.opaque)
        return tuple([each.place for each in side] for side in sides)  # type: ignore[return-value]

    one = Store("a")
    assert found({one}, {Store("a")}) == ([], ["result"])
    assert found({one}, {Store("b")}) == ([], ["result"])
    assert found({one, 1}, {Store("a"), 2}) == (["result", "result"], ["result"])
    assert found({(1, one)}, {(1, Store("a"))}) == ([], ["result"])
    assert found({one: 1}, {Store("a"): 1}) == ([], ["key 0 of result"])
    assert found({one: 1}, {Store("a"): 2}) == (["result[key 0]"], ["key 0 of result"])
    assert found({one: 1}, {"a": 1}) == (["key 0 of result"], [])
    assert found({one: 1}, {Store("a"): 1, 2: 3})[0] == ["len(result)"]


def made(code: str, expression: str) -> Any:
    """A value of a module of one side: old and new differ in code but not in names."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(code, "m.py", "exec"), names)
    return eval(expression, names)


BY_CODE = """
def twice(x):
    return {twice}

class P:
    def __init__(self, x):
        self.x = {held}
    def __eq__(self, other):
        return {asked}
    @property
    def value(self):
        return {value}
    def untouched(self):
        return {other}
"""
USUAL = {
    "twice": "x * 2",
    "held": "x",
    "asked": "[self.value] == [other.value]",
    "value": "twice(self.x)",
    "other": "1",
}


@pytest.mark.parametrize(
    ("change", "differences", "opaque"),
    [
        ({}, [], []),
        ({"other": "2"}, [], []),
        ({"held": "x + 1"}, ["result.x"], []),
        ({"value": "3"}, [], ["result.__eq__"]),
        ({"twice": "x + x"}, [], ["result.__eq__"]),
        ({"asked": "(self.value,) == (other.value,)"}, [], ["result.__eq__"]),
    ],
)
def test_an_equality_written_by_hand_is_its_state_and_the_code_that_it_asks(
    change: dict[str, str], differences: list[str], opaque: list[str]
) -> None:
    old, new = (made(BY_CODE.format(**{**USUAL, **c}), "P(1)") for c in ({}, change))
    found = compare(seen(value=old), seen(value=new))
    assert [each.place for each in found.differences] == differences
    assert [each.place for each in found.opaque] == opaque


def test_a_list_that_reads_its_elements_by_code_of_its_own_comes_with_that_code() -> None:
    text = "class Rows(list):\n    def __iter__(self):\n        return iter([{}])\n"
    same, old, new = (made(text.format(each), "Rows([1])") for each in (1, 1, 2))
    assert not compare(seen(value=same), seen(value=old)).opaque
    found = compare(seen(value=old), seen(value=new))
    assert (found.differences, [each.place for each in found.opaque]) == ((), ["result.__eq__"])


def test_an_equality_that_dataclasses_wrote_needs_no_code() -> None:
    text = "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    {}\n"
    old, new = (made(text.format(more), "P(1)") for more in ("", "def load(self): pass"))
    found = compare(seen(value=old), seen(value=new))
    assert (found.differences, found.opaque) == ((), ())


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (ValueError(1), ValueError("1"), "result.args[0]"),
        (ValueError("a"), ValueError("b"), "result"),
        (iter([1, 2]), iter([1, 3]), "result[1]"),
        (iter([1]), [1], "result"),
        (iter([1]), iter([1, 2]), "len(result)"),
    ],
)
def test_iterators_and_exceptions_differ_at_their_parts(old: Any, new: Any, expected: str) -> None:
    assert first(old, new)[0] == expected


def test_the_end_of_an_iterator_is_compared() -> None:
    def numbers(end: Any) -> Any:
        yield 1
        if isinstance(end, Exception):
            raise end
        return end

    assert first(numbers(5), numbers(6)) == ("result (end)", "5 (int)", "6 (int)")
    assert first(numbers(1), numbers(True))[0] == "result (end)"
    assert first(numbers(None), numbers(6))[1:] == ("None", "return 6 (returned)")
    assert first(numbers(KeyError(1)), numbers(KeyError(2)))[0] == "result (end)"
    assert first(numbers(None), numbers(KeyError(2)))[0] == "result (end)"
    assert not places(seen(value=numbers(None)), seen(value=iter([1])))


def test_only_the_first_differences_are_kept() -> None:
    found = places(seen(value=list(range(99))), seen(value=list(range(1, 100))))
    assert len(found) == MAX_DIFFERENCES
    assert found[0] == "result[0]"


def test_each_aspect_of_a_run_is_compared() -> None:
    assert places(seen(out="a\nb\n"), seen(out="a\nc\n")) == ["stdout line 2"]
    assert places(seen(out="a\n"), seen(out="a\r\n")) == ["stdout line ends"]
    assert places(seen(err="a\n"), seen(err="b\n")) == ["stderr line 1"]
    assert places(seen(), seen(code=3)) == ["exit code"]
    assert places(seen(raised=("A", "x")), seen(raised=("A", "y"))) == ["exception"]
    assert places(seen(arguments=["list", 1]), seen(arguments=["list", 2])) == [
        "arguments after the call[0]"
    ]
    assert places(seen(variables={"v": 1}), seen(variables={"v": 2})) == ["variable v"]
    assert places(seen(written=(written("a", "x"),)), seen()) == ["file a"]
    assert places(seen(written=(written("a", "x"),)), seen(written=(written("a", "y"),))) == [
        "file a line 1"
    ]


def test_output_beyond_what_is_kept_is_compared_by_its_digest() -> None:
    old, new = (Output(b"same", 10, digest) for digest in ("1" * 64, "2" * 64))
    (place,) = places(seen(stdout=old), seen(stdout=new))
    assert place.startswith("stdout beyond its first 4 bytes")


def test_what_the_check_ignores_may_differ() -> None:
    old, new = seen(out="took 3 ms\nx\n"), seen(out="took 4 ms\nx\n")
    assert not places(old, new, ignore=[r"took \d+ ms"])
    assert places(old, seen(out="took 4 ms\ny\n"), ignore=[r"took \d+ ms"]) == ["stdout line 2"]


def test_a_place_at_which_old_disagrees_with_itself_is_left_out() -> None:
    old, new = seen(out="1\nb\n"), seen(out="2\nc\n")
    assert places(old, new, unstable=frozenset({"stdout line 1"})) == ["stdout line 2"]
    assert not places(old, new, unstable=frozenset({"stdout"}))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (seen(out="at 12:00\nx\n"), seen(out="at 12:01\nx\n"), {"stdout line 1"}),
        (seen(out="True\nx\n"), seen(out="False\nx\n"), {"stdout"}),
        (seen(out="1\n2\n3\n4\n"), seen(out="5\n6\n7\n8\n"), {"stdout"}),
        (seen(value=[1, 2]), seen(value=[1, 3]), {"result[*]"}),
        (seen(value=[1]), seen(value=[]), {"result[*]"}),
        (seen(value={"t": 1, "n": 1}), seen(value={"t": 2, "n": 1}), {'result["t"]'}),
        (seen(value={"a7": 1}), seen(value={"b3": 1}), {"result[?]"}),
        (
            seen(written=(written("out-17.json", "1"),)),
            seen(written=(written("out-18.json", "1"),)),
            {"file out-#.json"},
        ),
    ],
)
def test_where_old_disagrees_with_itself_is_told_by_the_kind_of_place(
    one: Observed, other: Observed, expected: set[str]
) -> None:
    unstable = unstable_places(one, other, ())
    assert unstable == expected
    assert not places(one, other, unstable=unstable)


def test_a_variable_that_one_side_only_has_is_a_difference() -> None:
    nodes_of = Encoder().encode
    old = seen(variables={"a": nodes_of(1), "b": nodes_of(1), "rows": ["passed over"]})
    new = seen(variables={"a": nodes_of(1), "c": nodes_of(1), "rows": nodes_of([1])})
    assert places(old, new) == ["variable b", "variable c"]
    assert not places(old, seen(variables={}, raised=("E", "")), unstable=frozenset({"exception"}))


class Holder:
    def __init__(self, rows: Any) -> None:
        self.rows = rows


def test_a_variable_without_equality_speaks_only_where_its_state_differs() -> None:
    def held(value: Any) -> Observed:
        return seen(variables={"a": Encoder().encode(value), "b": Encoder().encode(object())})

    same = compare(held(Holder([1])), held(Holder([1])))
    assert not same.differences
    assert not same.opaque
    other = compare(held(Holder([1])), held(Holder([2])))
    assert [one.place for one in other.opaque] == ["variable a"]


def test_a_run_that_leaves_without_its_results_is_not_one_that_ends() -> None:
    found = places(seen(), seen(complete=False, returned=None))
    assert found == ["end of the run", "result"]
    both = [seen(complete=False, returned=None) for _ in range(2)]
    assert [one.place for one in compare(*both).opaque] == ["what the run held at its end"]
    said = [seen(complete=False, returned=None, out="x\n") for _ in range(2)]
    assert not compare(*said).opaque


def test_what_is_beyond_the_kept_output_cannot_be_told_where_something_is_ignored() -> None:
    old, new = (Output(b"x", 9, digest) for digest in ("1", "2"))
    found = compare(seen(stdout=old), seen(stdout=new), ignore=["y"])
    assert not found.differences
    assert found.opaque[0].place.startswith("stdout beyond")


def test_ignored_files_and_messages_may_differ() -> None:
    old = seen(written=(written("log/a.txt", "1"),), raised=("E", "after 3 ms"))
    new = seen(written=(written("log/a.txt", "2"),), raised=("E", "after 4 ms"))
    assert not places(old, new, ignore=["log/*", r"\d+ ms"])
    assert places(old, new, ignore=["logs/*"]) == ["exception", "file log/a.txt line 1"]


def test_lines_behind_a_traceback_count() -> None:
    text = (
        'Traceback (most recent call last):\n  File "a.py", line {}, in f\n    x()\n    ^^^\nE: 1\n'
    )
    assert without_tracebacks(text.format(1)) == without_tracebacks(text.format(7))
    shown = "Traceback (most recent call last):\n  kept\n    {}\n"
    assert without_tracebacks(shown.format(1)) != without_tracebacks(shown.format(2))


def test_a_traceback_is_its_class_and_message() -> None:
    text = (
        "before\nTraceback (most recent call last):\n"
        '  File "a.py", line {}, in f\n    x = [s for s in load()]\n        ^^^^\n'
        "ValueError: bad\nafter\n"
    )
    assert without_tracebacks(text.format(3)) == without_tracebacks(text.format(99))
    assert "ValueError: bad" in without_tracebacks(text)
    assert not places(seen(err=text.format(3)), seen(err=text.format(4)))
    assert places(seen(err=text), seen(err=text.replace("bad", "worse")))


def test_a_warning_is_its_text_and_not_its_line() -> None:
    old = "<tree>/a.py:3: UserWarning: old\n  warn('old')\nx\n"
    new = "<tree>/a.py:9: UserWarning: old\n  warn( 'old' )\nx\n"
    assert without_tracebacks(old) == without_tracebacks(new)
    assert places(seen(err=old), seen(err=new.replace("UserWarning: old", "UserWarning: new")))

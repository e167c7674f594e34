"""Values become nodes that keep every difference that Python's equality would lose."""

from __future__ import annotations

import argparse
import array
import datetime
import enum
import functools
import io
import json
import re
import sys
import threading
import types
import uuid
import weakref
from collections import ChainMap, Counter, OrderedDict, UserDict, defaultdict, deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import attrs
import msgspec
import pytest

from loadstream import stream_json
from loadstream.verify import encode as module
from loadstream.verify.encode import Encoder


def encode(value: Any, *replacements: tuple[str, str]) -> Any:
    return Encoder(replacements).encode(value)


@dataclass
class Point:
    x: int
    y: float = 0.0


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a: int) -> None:
        self.a = a

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slotted) and other.a == self.a

    __hash__ = None  # type: ignore[assignment]


class Plain:
    def __init__(self) -> None:
        self.a = 1


class Colour(enum.Enum):
    RED = 1


class Mode(enum.Flag):
    READ = 1
    WRITE = 2


class Pair(NamedTuple):
    a: int
    b: int


@attrs.define
class Attributes:
    x: int


class Struct(msgspec.Struct):
    x: int
    y: str = ""


class Alone(msgspec.Struct, eq=False):
    x: int


@dataclass
class Nothing:
    pass


@dataclass(eq=False)
class Lonely:
    x: int = 1


class Ratio(float):
    pass


class Rows(list):  # type: ignore[type-arg]
    pass


class Cached:
    def __init__(self, rows: list[int]) -> None:
        self.rows = rows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cached) and other.rows == self.rows

    __hash__ = None  # type: ignore[assignment]

    @functools.cached_property
    def total(self) -> int:
        return sum(self.rows)


class Itself:
    def __init__(self) -> None:
        self.x = 1

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # type: ignore[assignment]


class Column:
    """Its `==` makes an expression, as of a query."""

    def __init__(self) -> None:
        self.name = "x"

    def __eq__(self, other: object) -> Any:
        return ["equal", self, other]

    __hash__ = None  # type: ignore[assignment]


class Zone(datetime.tzinfo):
    pass


class FailedError(Exception):
    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


def caused(cause: BaseException) -> BaseException:
    error = ValueError("x")
    error.__cause__ = cause
    return error


def returning(value: Any) -> Iterator[int]:
    yield 1
    return value


async def unawaited() -> AsyncIterator[int]:
    yield 1


def failing(error: Exception) -> Iterator[int]:
    yield 1
    raise error


ALIKE_IN_PYTHON = [
    (1, True),
    (1, 1.0),
    (1, Decimal(1)),
    (1.0, Decimal(1)),
    (0.0, -0.0),
    ([1], (1,)),
    ({1}, {True}),
    ({1}, frozenset({1})),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({1: "a"}, {1.0: "a"}),
    (Decimal("1.0"), Decimal("1.00")),
    (b"a", bytearray(b"a")),
    ("1", 1),
    (2**70, float(2**70)),
    (Ratio(0.0), Ratio(-0.0)),
    (Ratio(1.0), 1.0),
    (0.0j, -0.0j),
    (range(0), range(2, 2)),
    (Counter("ab"), Counter("ba")),
    (Counter("a"), {"a": 1}),
    (OrderedDict(a=1), {"a": 1}),
    (defaultdict(int), defaultdict(list)),
    (defaultdict(int), {}),
    (Pair(1, 2), (1, 2)),
    (deque([1]), deque([1], maxlen=5)),
    (array.array("i", [1]), array.array("l", [1])),
    (memoryview(b"a"), b"a"),
    (types.MappingProxyType({"a": 1}), {"a": 1}),
    ({"a": 1}.keys(), {"a"}),
    (Fraction(1), 1),
    (re.compile("a"), re.compile("a", re.IGNORECASE)),
    (datetime.datetime(2020, 1, 1, fold=0), datetime.datetime(2020, 1, 1, fold=1)),
    ([1, 2], iter([1, 2])),
    (Struct(1), Struct(1, "x")),
]
DIFFERENT = [
    (Mode.READ | Mode.WRITE, Mode.READ),
    (Mode.READ | Mode.WRITE, Mode(0)),
    (ValueError(1), ValueError("1")),
    (ValueError("1"), TypeError("1")),
    (FailedError("x", 1), FailedError("x", 2)),
    (OSError(2, "x"), OSError(3, "x")),
    (caused(KeyError(1)), caused(KeyError(2))),
    (caused(KeyError(1)), ValueError("x")),
    (deque([1, 2]), deque([2, 1])),
    (array.array("d", [1.0]), array.array("d", [2.0])),
    (memoryview(b"ab"), memoryview(b"ac")),
    (types.MappingProxyType({"a": 1}), types.MappingProxyType({"a": 2})),
    (types.SimpleNamespace(a=1), types.SimpleNamespace(a=2)),
    (argparse.Namespace(a=1), argparse.Namespace(a=2)),
    (UserDict(a=1), UserDict(a=2)),
    (ChainMap({"a": 1}), ChainMap({"a": 2})),
    (Attributes(1), Attributes(2)),
    (Struct(1), Struct(2)),
    (Cached([1]), Cached([2])),
    (b"a", b"b"),
    (bytearray(b"a"), bytearray(b"b")),
    (uuid.UUID(int=1), uuid.UUID(int=2)),
    (list[int], list[str]),
    ("".join, 1),
]


@pytest.mark.parametrize(("first", "second"), [*ALIKE_IN_PYTHON, *DIFFERENT])
def test_what_differs_in_type_sign_or_order_has_another_node(first: Any, second: Any) -> None:
    # As text, because 1 and True are equal nodes in Python too.
    assert json.dumps(encode(first)) != json.dumps(encode(second))


@pytest.mark.parametrize(
    "make",
    [
        lambda: float("nan"),
        lambda: [1, {"a": (None, "x")}],
        lambda: Point(1),
        lambda: Slotted(3),
        lambda: Colour.RED,
        lambda: datetime.date(2020, 1, 2),
        lambda: 2**70,
        lambda: ValueError("x"),
        lambda: len,
        lambda: Path("a/b"),
        lambda: (n for n in range(3)),
        lambda: {}.keys(),
        lambda: Mode.READ | Mode.WRITE,
        lambda: FailedError("x", 2),
        lambda: caused(KeyError([1])),
        lambda: Pair(1, 2),
        lambda: Attributes(1),
        lambda: Struct(1),
        lambda: Nothing(),
        lambda: Cached([1]),
        lambda: Ratio("nan"),
        lambda: deque([1, {"a": 2}]),
        lambda: array.array("d", [1.5]),
        lambda: types.MappingProxyType({"a": 1}),
        lambda: types.SimpleNamespace(),
        lambda: argparse.Namespace(a=[1]),
        lambda: UserDict(a=1),
        lambda: defaultdict(list, a=[1]),
        lambda: defaultdict(lambda: [0, 0], a=[1]),
        lambda: OrderedDict(a=1),
        lambda: range(3),
        lambda: memoryview(b"abc"),
        lambda: re.compile("a+", re.IGNORECASE),
        lambda: datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc),
        lambda: Fraction(1, 3),
        lambda: list[int],
        lambda: returning(5),
        lambda: failing(KeyError("k")),
        lambda: {1: {2, frozenset({3})}},
    ],
)
def test_the_same_value_made_twice_has_the_same_node(make: Any) -> None:
    first = encode(make())
    assert first == encode(make())
    assert json.loads(json.dumps(first)) == first
    assert "opaque" not in json.dumps(first)


def test_the_order_in_which_a_set_was_filled_is_nothing() -> None:
    assert encode({"a", "b", "c"}) == encode({"c", "b", "a"})


def test_a_dataclass_is_its_fields_and_a_slotted_object_its_slots() -> None:
    assert encode(Point(1))[3:] == [["x", 1], ["y", ["float", "0.0"]]]
    assert encode(Point(1)) != encode(Point(2))
    assert encode(Slotted(1)) != encode(Slotted(2))


def test_a_list_that_holds_itself_ends() -> None:
    value: list[Any] = [1]
    value.append(value)
    assert encode(value) == ["list", 1, ["again", 1]]
    other: dict[str, Any] = {"inner": {}}
    other["inner"]["outer"] = other
    assert encode(other) == ["dict", "inner", ["dict", "outer", ["again", 2]]]


def test_the_same_list_held_twice_is_no_cycle() -> None:
    inner = [1]
    assert encode([inner, inner]) == ["list", ["list", 1], ["list", 1]]


def test_nesting_without_an_end_is_not_compared_any_deeper() -> None:
    value: list[Any] = []
    for _ in range(module.MAX_DEPTH + 5):
        value = [value]
    node = encode(value)
    while node[0] == "list":
        node = node[1]
    assert node[0] == "opaque"


@pytest.mark.parametrize(
    "value",
    [
        object(),
        threading.Lock(),
        Plain(),
        lambda: 1,
        Lonely(),
        Alone(1),
        Itself(),
        Column(),
        weakref.ref(Plain),
        functools.partial(len, [1]),
        [].append,
        io.StringIO("a"),
        io.BytesIO(b"a"),
        mock.MagicMock(),
        re.match("a", "a"),
        unawaited(),
    ],
)
def test_what_compares_by_identity_only_is_opaque(value: Any) -> None:
    assert encode(value)[0] == "opaque"


def test_an_iterator_is_drained_and_its_exception_is_a_part_of_it() -> None:
    assert encode(iter([1, 2])) == ["iterator", None, 1, 2]
    error = ["exception", "KeyError", "'k'"]
    assert encode(failing(KeyError("k"))) == ["iterator", error, 1]


def test_what_a_generator_returns_is_its_end() -> None:
    assert encode(returning(5)) == ["iterator", ["returned", 5], 1]
    assert encode(returning(None)) == encode(iter([1]))


def test_a_file_that_is_read_is_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("1\n2\n", encoding="utf-8")
    with path.open(encoding="utf-8") as handle:
        assert encode(handle) == ["iterator", None, "1\n", "2\n"]
    with path.open("r+", encoding="utf-8") as handle:
        assert encode(handle)[0] == "opaque"


def test_a_stream_is_drained_as_the_generator_that_it_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"n": 1}, {"n": 2}]', encoding="utf-8")
    stream = stream_json(path)
    assert encode(stream) == encode(n for n in [{"n": 1}, {"n": 2}])
    assert encode(stream)[1][1].endswith("StreamConsumedError")


def test_an_iterator_in_an_iterator_is_drained_before_the_next_one() -> None:
    assert encode(iter([iter([1]), iter([2])])) == [
        "iterator",
        None,
        ["iterator", None, 1],
        ["iterator", None, 2],
    ]


def test_an_enum_is_its_class_its_name_and_its_value() -> None:
    one, two = (enum.Enum("Kind", {"A": value}, module="m") for value in (1, 2))
    assert encode(one.A) != encode(two.A)
    assert encode(one.A) == ["object", "m.Kind", None, ["name", "A"], ["value", 1]]
    assert ["value", 3] in encode(Mode.READ | Mode.WRITE)


def test_an_attribute_that_only_caches_is_no_state() -> None:
    first, second = Cached([1, 2]), Cached([1, 2])
    assert first.total == 3
    assert encode(first) == encode(second)


def test_a_time_zone_of_the_users_is_compared_as_the_object_that_it_is() -> None:
    assert "opaque" in json.dumps(encode(datetime.datetime(2020, 1, 1, tzinfo=Zone())))


def test_a_default_factory_made_at_run_time_is_its_code() -> None:
    one: Any = defaultdict(lambda: 1)
    same: Any = defaultdict(lambda: 1)
    other: Any = defaultdict(lambda: 2)
    assert encode(one) == encode(same)
    assert encode(one) != encode(other)
    nested = [defaultdict(functools.partial(defaultdict, kind)) for kind in (int, int, list)]
    assert encode(nested[0]) == encode(nested[1]) != encode(nested[2])
    assert "opaque" not in json.dumps(encode(nested[0]))
    kept = 1
    closed: Any = defaultdict(lambda: kept)
    assert "opaque" in json.dumps(encode(closed))


def test_deep_objects_can_be_written_down_and_read_again() -> None:
    makers: list[Any] = [
        Point,
        ValueError,
        lambda value: Rows([value]),
        lambda value: types.SimpleNamespace(a=value),
    ]
    for make in makers:
        value: Any = 0
        for _ in range(module.MAX_DEPTH + 5):
            value = make(value)
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(10_000)
        try:
            node = encode(value)
        finally:
            sys.setrecursionlimit(limit)
        assert json.loads(json.dumps(node)) == node
        assert "nested deeper" in json.dumps(node)


def test_a_subclass_is_its_base_and_its_name() -> None:
    assert encode(Rows([1])) != encode([1])
    assert encode(Rows([1])) == encode(Rows([1]))
    assert encode(Rows([1])) != encode(Rows([2]))


def test_the_sides_own_folder_is_no_difference() -> None:
    assert encode("in /x/slot0/tree/a", ("/x/slot0/tree", "<tree>")) == "in <tree>/a"
    assert encode(Path("/x/tree/a"), ("/x/tree", "<tree>")) == encode(
        Path("/y/tree/a"), ("/y/tree", "<tree>")
    )


def test_numpy_is_not_imported_for_the_users_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert encode([1, Point(2)])[0] == "list"


def test_a_value_of_too_many_nodes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NODES", 10)
    with pytest.raises(module.TooLargeError):
        encode(list(range(20)))


def test_an_endless_iterator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(item: Any) -> Iterator[Any]:
        while True:
            yield item

    monkeypatch.setattr(module, "MAX_NODES", 1000)
    with pytest.raises(module.TooLargeError, match="more than 1,000 values"):
        encode({"a": endless(1)})
    monkeypatch.setattr(module, "MAX_TEXT", 1000)
    for item in ("x" * 300, b"x" * 300, 1 << 4000):
        with pytest.raises(module.TooLargeError, match="more than 1,000 characters"):
            encode(endless(item))


def test_a_list_that_every_level_holds_twice_is_refused_and_not_walked_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_NODES", 10_000)
    value: list[Any] = []
    for _ in range(100):
        value = [value, value]
    with pytest.raises(module.TooLargeError):
        encode(value)

import re
from pathlib import Path

import pytest

from loadstream.project.config import find_configuration
from loadstream.project.errors import InputError
from loadstream.project.pairs import PairTable

PAIR = 'load = "m.load_x"\nstream = "m.stream_x"\n'


@pytest.fixture
def read(tree):
    """The configuration of a `[[tool.loadstream.pairs]]` table with these lines."""
    tree()

    def run(lines: str):
        Path("pyproject.toml").write_text(f"[[tool.loadstream.pairs]]\n{lines}", encoding="utf-8")
        return find_configuration(["."])

    return run


def test_a_pair_is_two_dotted_names(read):
    assert read(PAIR).pairs == (PairTable("m.load_x", "m.stream_x"),)


def test_a_pair_may_say_more(read):
    (pair,) = read(
        PAIR
        + 'filter-parameter = "keep"\ndata = "data/*.json"\n'
        + "arguments = { source = { enriched = { enriched = true }, raw = { n = 1 } }, "
        + 'path = "file" }\n'
    ).pairs
    assert pair.filter_parameter == "keep"
    assert pair.data == "data/*.json"
    assert pair.arguments == {
        "source": {"enriched": {"enriched": True}, "raw": {"n": 1}},
        "path": "file",
    }


def test_size_and_strictness_are_settings_too(read):
    configuration = read(PAIR + '[tool.loadstream]\nmin-size = "2 MB"\nstrict = true\n')
    assert (configuration.min_size, configuration.strict) == (2_000_000, True)


def test_by_default_nothing_is_small_and_nothing_strict(read):
    configuration = read(PAIR)
    assert (configuration.min_size, configuration.strict) == (None, False)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('load = "m.load_x"\n', 'load = "m.load_x" needs stream too, such as stream = "module'),
        ('stream = "m.stream_x"\n', 'stream = "m.stream_x" needs load too'),
        ("", "needs load too"),
        (PAIR + 'streem = "m.x"\n', 'has no key "streem"; did you mean "stream"?'),
        (PAIR + "zzz = 1\n", "known: load, stream, filter-parameter, data, arguments"),
        (PAIR.replace('"m.load_x"', '"load_x"'), 'load: "load_x" is no dotted name'),
        (PAIR.replace('"m.load_x"', '"m:load_x"'), 'load: "m:load_x" is no dotted name'),
        (PAIR.replace('"m.load_x"', "3"), "load must be a string, not an integer"),
        (PAIR + "filter-parameter = true\n", "filter-parameter must be a string, not a boolean"),
        (PAIR + 'filter-parameter = "a b"\n', '"a b" is no name of a parameter'),
        (PAIR + 'data = ""\n', "is no path"),
        (PAIR + 'data = ["a"]\n', "data must be a string, not a list"),
        (PAIR + "arguments = 3\n", "arguments must be a table: arguments = { source"),
        (PAIR + "arguments = { a = 1 }\n", "arguments.a must be a name or a table"),
        (PAIR + "arguments = { a = { b = 1 } }\n", "arguments.a.b must be a table"),
        (PAIR + "arguments = { a = { b = { c = [1] } } }\n", "arguments.a.b.c must be a string,"),
        (PAIR + "arguments = { a = { b = { c = nan } } }\n", "arguments.a.b.c must be a string,"),
        (PAIR + 'arguments = { a = { b = { "c d" = 1 } } }\n', '"c d" is no name'),
        (PAIR + "[[tool.loadstream.pairs]]\n" + PAIR, 'load = "m.load_x" stands twice'),
    ],
)
def test_what_is_no_pair_is_refused_with_the_place_and_the_way_on(read, lines, words):
    with pytest.raises(InputError) as caught:
        read(lines)
    message = str(caught.value)
    assert re.match(r"pyproject\.toml(:\d+)?: \[\[tool\.loadstream\.pairs\]\]", message)
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pairs = 3", "pairs must be a list of tables, [[tool.loadstream.pairs]]"),
        ("strict = 1", "strict must be true or false, not an integer"),
        ('min-size = "big"', 'min-size: "big" is no size'),
        ("strickt = true", 'did you mean "strict"?'),
        ("min_size = 3", 'did you mean "min-size"?'),
    ],
)
def test_other_settings_are_checked_as_well(tree, line, words):
    tree()
    Path("pyproject.toml").write_text(f"[tool.loadstream]\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        find_configuration(["."])
    assert words in str(caught.value)

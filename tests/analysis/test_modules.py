"""One parsed file, and what is defined at its top."""

from __future__ import annotations

import ast
from pathlib import Path

from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.source import parse


def module(text):
    return Module(parse(text, Path("a.py")))


def test_calls_are_known_by_the_last_part_of_what_is_called():
    found = module("load()\na.b.load()\n(lambda: 0)()\n").calls
    assert {name: len(calls) for name, calls in found.items()} == {"load": 2, "": 1}


def test_a_call_is_known_by_what_it_is_handed_too():
    found = module("map(load, paths, key=m.size)\n").calls_with
    assert found.keys() == {"map", "load", "paths", "size"}


def test_names_of_json_are_those_that_any_import_gives():
    found = module("import json as j\nfrom json import load, loads as parse\nimport os\n")
    assert found.json_names == {"j", "load", "parse"}


def test_a_name_that_is_bound_twice_has_no_only_binding():
    found = module("a = 1\nb = 1\nb = 2\n")
    assert found.only_binding("a") is not None
    assert found.only_binding("b") is None
    assert found.only_binding("c") is None


def test_a_function_is_the_same_in_a_file_that_was_parsed_twice():
    first, again = module("def load(): ...\n"), module("def load(): ...\n")
    one, other = (Definition(each, each.every(ast.FunctionDef)[0]) for each in (first, again))
    assert one == other
    assert len({one, other}) == 1

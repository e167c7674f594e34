"""What a predicate is called: after what it picks, in the singular."""

from __future__ import annotations

import pytest

from loadstream.analysis.predicates import name_from


@pytest.mark.parametrize(
    ("collection", "name"),
    [
        ("p3_marathons", "is_p3_marathon"),
        ("matching_entries", "is_matching_entry"),
        ("boxes", "is_box"),
        ("young_children", "is_young_child"),
        ("movies", "is_movie"),
        ("caches", "is_cache"),
        ("status", "is_status"),
        ("results", "is_wanted_s"),
        ("data", "is_wanted_s"),
        ("matches", "is_wanted_s"),
    ],
)
def test_a_collection_gives_its_predicate_a_name(collection, name):
    assert name_from(collection, "s") == name


@pytest.mark.parametrize(
    ("loop", "name"),
    [
        ("rows = load_x()\nfor r in rows:", "is_wanted_row"),
        ("rows = load_x()\nfor record in rows:", "is_wanted_record"),
        ("xs = load_x()\nfor s in xs:", "is_wanted_s"),
        ("data = load_x()\nfor d in data:", "is_wanted_d"),
        ("results = load_x()\nfor r in results:", "is_wanted_r"),
        ("import json\ndoc = json.load(open('a'))\nfor r in doc['my entries']:", "is_wanted_r"),
        ("import json\ndoc = json.load(open('a'))\nfor e in doc['entries']:", "is_wanted_entry"),
        ("import json\ndoc = json.load(open('a'))\nfor a in doc.get('acts', []):", "is_wanted_act"),
    ],
)
def test_an_element_that_its_loop_gives_no_name_has_that_of_the_collection(analyse, loop, name):
    target = loop.rpartition("for ")[2].split()[0]
    [site] = analyse(f"{loop}\n    if {target}['a']:\n        print({target})")
    assert site.plan.shape.predicate.name == name


IN_FUNCTION = """
def {}():
    for row in load_x():
        if row["a"]:
            print(row)
    for row in load_x():
        if row["b"]:
            print(row)
"""


def test_predicates_have_names_of_their_own_within_a_function_only(analyse):
    sites = analyse(IN_FUNCTION.format("f") + IN_FUNCTION.format("g"))
    names = [site.plan.shape.predicate.name for site in sites if site.plan]
    assert names == ["is_wanted_row", "is_wanted_row_2"] * 2


def test_a_predicate_is_called_nothing_that_the_file_knows(analyse):
    sites = analyse("def is_wanted_row(): ...\n" + IN_FUNCTION.format("f"))
    names = [site.plan.shape.predicate.name for site in sites if site.plan]
    assert names == ["is_wanted_row_2", "is_wanted_row_3"]

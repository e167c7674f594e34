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

import gzip
import json

import pytest

from loadstream.bench.approaches import (
    APPROACHES,
    Source,
    UnavailableError,
    compile_filter,
    prepare,
    records_of,
)

SLUGS = [
    a.slug for a in APPROACHES if a.slug not in ("loadstream-filtered", "loadstream-flattened")
]


def count(slug, source):
    try:
        work = prepare(slug, source)
    except UnavailableError as error:
        pytest.skip(str(error))
    return work()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_approach_visits_every_record(events_file, slug):
    assert count(slug, Source(str(events_file), "$.log.events")) == 3_000


@pytest.mark.parametrize("slug", SLUGS)
def test_every_approach_follows_a_path_through_each_record(events_file, slug):
    assert count(slug, Source(str(events_file), "$.log.events[*].tags")) == 6_000


@pytest.mark.parametrize("slug", SLUGS)
def test_every_approach_reads_compressed_files(tmp_path, slug):
    file = tmp_path / "data.json.gz"
    file.write_bytes(gzip.compress(json.dumps([1, 2, 3]).encode()))
    assert count(slug, Source(str(file))) == 3


def test_a_filter_is_applied_while_streaming(events_file):
    source = Source(str(events_file), "$.log.events", "lambda e: e['level'] == 'error'")
    assert prepare("loadstream-filtered", source)() == 300


def test_flattening_yields_the_elements_of_each_record(events_file, tmp_path):
    file = tmp_path / "nested.json"
    file.write_text('[{"n": 1, "parts": [{"a": 1}, {"a": 2}]}, {"n": 2}, {"n": 3, "parts": []}]')
    assert prepare("loadstream-flattened", Source(str(file), flatten="parts"))() == 2


@pytest.mark.parametrize("slug", ["loadstream-filtered", "loadstream-flattened"])
def test_what_the_data_does_not_offer_is_unavailable(events_file, slug):
    with pytest.raises(UnavailableError):
        prepare(slug, Source(str(events_file), "$.log.events"))


def test_records_are_found_in_arrays_in_arrays():
    document = {"a": [[{"b": [1, 2]}], [{"b": [3]}, {"b": []}]]}
    assert list(records_of(document, "$.a[*][*].b")) == [1, 2, 3]
    assert list(records_of(document, "$.a[1][0].b")) == [3]
    assert list(records_of({"x": 1, "y": 2}, "$")) == ["x", "y"]


@pytest.mark.parametrize("text", ["e[", "3", "undefined_name"])
def test_a_filter_that_is_none_is_refused_with_its_text(text):
    with pytest.raises(UnavailableError, match="filter"):
        compile_filter(text)

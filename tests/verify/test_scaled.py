"""Data several times over: the same records, spelled and shaped as they were, with other ids."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from loadstream.verify import samples, scaled
from loadstream.verify.scaled import read_layout, step_beyond, write_scaled


def scale(tmp_path: Path, text: str | bytes, times: int = 3, name: str = "d.json") -> Any:
    """What `text` becomes, `times` times over, parsed."""
    original, target = tmp_path / name, tmp_path / "scaled" / name
    target.parent.mkdir(exist_ok=True)
    with samples.create_bytes(original) as handle:
        handle.write(text.encode() if isinstance(text, str) else text)
    layout = read_layout(original)
    assert layout is not None
    assert write_scaled(layout, target, times, step_beyond(layout.highest)) == target.stat().st_size
    return samples.read(target)


def test_records_are_repeated_and_what_is_around_them_is_not(tmp_path):
    text = '{"version": 3, "sessions": [{"id": 1, "n": [1, 2]}, {"id": 2, "n": []}], "end": [0]}'
    assert scale(tmp_path, text, 2) == {
        "version": 3,
        "sessions": [
            {"id": 1, "n": [1, 2]},
            {"id": 2, "n": []},
            {"id": 11, "n": [1, 2]},
            {"id": 12, "n": []},
        ],
        "end": [0],
    }


def test_once_over_is_the_file_as_it_was_to_the_byte(tmp_path):
    text = b'\xef\xbb\xbf[ {"id": 1.50,\n\t"x": "\\u00e9 \xc3\xa9"} ,\n  {"id": 2E+1} ]\n'
    (tmp_path / "scaled").mkdir()
    scale(tmp_path, text, 1)
    assert (tmp_path / "scaled" / "d.json").read_bytes() == text


def test_spelling_stays_in_every_repetition(tmp_path):
    scale(tmp_path, '[ {"n": 1.50, "x": "\\u00e9"} ,\n {"n": 2E+1} ]\n', 2)
    text = (tmp_path / "scaled" / "d.json").read_text()
    assert text.count("1.50") == text.count("\\u00e9") == text.count("2E+1") == 2
    assert text.endswith(" ]\n")


def test_what_refers_to_a_record_refers_to_the_one_of_the_same_repetition(tmp_path):
    made = scale(tmp_path, '[{"id": "s1"}, {"id": "s2", "parent_id": "s1", "seen": "s1"}]')
    assert [record["id"] for record in made] == ["s1", "s2", "s11", "s12", "s21", "s22"]
    assert [r["parent_id"] for r in made if "parent_id" in r] == ["s1", "s11", "s21"]


def test_an_object_of_records_gets_new_names(tmp_path):
    made = scale(tmp_path, json.dumps({f"s{n}": {"id": f"s{n}", "d": [n]} for n in range(100)}))
    assert len(made) == 300
    assert all(record["id"] == name for name, record in made.items())
    assert made["s299"]["d"] == [99]


@pytest.mark.parametrize("name", ["d.jsonl", "d.ndjson.gz"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_lines_are_repeated_as_lines(tmp_path, name, end):
    made = scale(tmp_path, '{"id": 8}\n\n{"id": 9}' + end, 2, name)
    assert made == [{"id": 8}, {"id": 9}, {"id": 18}, {"id": 19}]


def test_compressed_data_stays_compressed(tmp_path):
    made = scale(tmp_path, json.dumps([{"id": n} for n in range(500)]), 4, "d.json.gz")
    assert len({record["id"] for record in made}) == 2000
    assert (tmp_path / "scaled" / "d.json.gz").read_bytes()[:2] == b"\x1f\x8b"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('{"a": {"b": [1, 2, 3]}, "c": [1]}', ("a", "b")),
        ('{"tags": ["x"], "rows": [{"tags": [1, 2, 3, 4, 5, 6]}]}', ("rows",)),
        ('{"few": {"x": 1}, "by_id": {"a": {"v": [1]}, "b": {"v": [2]}}}', ("by_id",)),
    ],
)
def test_it_is_the_largest_collection_that_is_repeated(tmp_path, text, keys):
    before, after = json.loads(text), scale(tmp_path, text)
    for key in keys:
        before, after = before[key], after[key]
    assert len(after) == 3 * len(before)


@pytest.mark.parametrize("text", ["[]", "{}", '"x"', '{"a": 1, "b": {"c": 2}}'])
def test_where_there_are_no_records_nothing_is_repeated(tmp_path, text):
    path = tmp_path / "d.json"
    path.write_text(text)
    assert read_layout(path) is None


@pytest.mark.parametrize("text", ["[1, 2", '{"a": [1]', '[{"a": "b]}]'])
def test_what_is_no_json_is_refused(tmp_path, text):
    path = tmp_path / "d.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"line 1|d\.json"):
        read_layout(path)


@pytest.mark.parametrize("block", [1, 2, 7, 64])
def test_it_does_not_matter_where_blocks_end(tmp_path, monkeypatch, block):
    records = [
        {"id": f"s{n}", "text": 'a "quoted" [x] {y} \\', "d": [{"n": [n, [n]]}, {}]}
        for n in range(12)
    ]
    monkeypatch.setattr(scaled, "_BLOCK", block)
    made = scale(tmp_path, json.dumps({"v": [0], "s": records}), 3)
    assert made["v"] == [0]
    assert made["s"][:12] == records
    assert [record["d"] for record in made["s"]] == [record["d"] for record in records] * 3
    assert len({record["id"] for record in made["s"]}) == 36


def test_large_data_is_never_held(tmp_path):
    record = {"id": 0, "text": "x" * 2000, "d": [{"n": 1}] * 10}
    path, target = tmp_path / "d.json", tmp_path / "e.json"
    path.write_text(json.dumps([{**record, "id": n} for n in range(4000)]))
    tracemalloc.start()
    try:
        layout = read_layout(path)
        assert layout is not None
        write_scaled(layout, target, 3, 10_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert target.stat().st_size > 24_000_000
    assert peak < 5_000_000

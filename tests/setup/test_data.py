from pathlib import Path

import pytest

from loadstream.setup.data import DataFile, data_files


def test_data_files_are_found_by_their_names_the_biggest_first(tmp_path):
    for name, size in {
        "a.json": 1,
        "deep/b.jsonl": 5,
        "deep/c.ndjson.gz": 9,
        "d.JSON.xz": 3,
        "notes.txt": 50,
        "package.json": 50,
        "tsconfig.base.json": 50,
        ".hidden/e.json": 50,
        "node_modules/f.json": 50,
        "env/lib/g.json": 50,
        "env/pyvenv.cfg": 1,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b" " * size)
    assert data_files(tmp_path) == (
        DataFile("deep/c.ndjson.gz", 9),
        DataFile("deep/b.jsonl", 5),
        DataFile("d.JSON.xz", 3),
        DataFile("a.json", 1),
    )


def test_links_are_no_way_round(tmp_path):
    (tmp_path / "a.json").write_text("1")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling.json").symlink_to(tmp_path / "gone.json")
    assert data_files(tmp_path) == (DataFile("a.json", 1),)


def test_no_data_file_is_opened(tmp_path, monkeypatch):
    (tmp_path / "a.json").write_text("1")

    def refuse(*_arguments: object, **_more: object) -> None:
        pytest.fail("it was opened")

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    assert len(data_files(tmp_path)) == 1

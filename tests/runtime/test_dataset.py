"""Data sets and their pages."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loadstream import Dataset, Page

ROWS = [{"id": n, "text": "x" * (n % 50)} for n in range(2000)]
DOC = {"head": {"z": 1}, "list": [{"q": 1}, {"rows": ROWS, "t": 1}], "tail": 2}
PATH = ("list", 1, "rows")


@pytest.fixture
def dataset(document: Callable[..., Path]) -> Dataset:
    return Dataset(document(DOC), PATH)


def test_load_and_stream_give_the_same(dataset: Dataset) -> None:
    assert dataset.load() == ROWS
    assert list(dataset.stream()) == ROWS
    assert list(dataset.stream(lambda row: row["id"] < 3)) == ROWS[:3]
    assert repr(dataset).startswith("Dataset(")


@pytest.mark.parametrize("size", [1, 7, 500, 2000, 3000])
@pytest.mark.parametrize("window_size", [16, 5000, 131_072])
def test_pages_are_full_but_the_last_and_in_order(
    size: int, window_size: int, dataset: Dataset, window: Callable[[int], None]
) -> None:
    window(window_size)
    pages = list(dataset.pages(size))
    assert [row for page in pages for row in page.items] == ROWS
    assert {len(page.items) for page in pages[:-1]} <= {size}
    assert all(isinstance(page, Page) and isinstance(page.cursor, str) for page in pages)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.json.gz"])
@pytest.mark.parametrize("size", [1, 7, 500])
def test_a_cursor_goes_on_behind_its_page_with_any_window(
    name: str, size: int, tmp_path: Path, window: Callable[[int], None]
) -> None:
    path = tmp_path / name
    if name.endswith("l"):
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    elif name.endswith("gz"):
        path.write_bytes(gzip.compress(json.dumps(DOC).encode()))
    else:
        path.write_text(json.dumps(DOC))
    dataset = Dataset(path, "$" if name.endswith("l") else PATH)
    cursors = [page.cursor for page in dataset.pages(size)]
    for number in sorted({0, 1, len(cursors) // 2, len(cursors) - 1} & set(range(len(cursors)))):
        for window_size in (16, 1000, 131_072):
            window(window_size)
            rest = [row for page in dataset.pages(size, cursors[number]) for row in page.items]
            assert rest == ROWS[(number + 1) * size :]


def test_a_cursor_reads_from_its_place_and_not_from_the_start(
    dataset: Dataset, window: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    window(1000)
    cursors = [page.cursor for page in dataset.pages(100)]
    places: list[int] = []
    pread = os.pread

    def spy(descriptor: int, size: int, place: int) -> bytes:
        places.append(place)
        return pread(descriptor, size, place)

    monkeypatch.setattr(os, "pread", spy)
    next(dataset.pages(100, cursors[15]))
    assert min(places) > Path(dataset.source).stat().st_size // 2


def test_a_cursor_of_a_file_that_was_written_since_counts_elements(dataset: Dataset) -> None:
    cursor = next(dataset.pages(10)).cursor
    path = Path(dataset.source)
    path.write_text(json.dumps(DOC, indent=2))
    assert next(dataset.pages(10, cursor)).items == ROWS[10:20]


@pytest.mark.parametrize("path", ["$", (), "$[*]"])
def test_pages_of_json_lines_are_those_of_their_stream(
    path: str | tuple[str, ...], document: Callable[..., Path]
) -> None:
    dataset = Dataset(document("[1]\n{}\n3\n", "a.jsonl"), path)
    assert (
        [row for page in dataset.pages(2) for row in page.items] == dataset.load() == [[1], {}, 3]
    )


def test_pages_go_on_after_a_kill(document: Callable[..., Path], tmp_path: Path) -> None:
    path = document(ROWS)
    progress = tmp_path / "progress"
    script = (
        "import os, sys; from loadstream import Dataset\n"
        "for number, page in enumerate(Dataset(sys.argv[1]).pages(150)):\n"
        "    open(sys.argv[2], 'w').write(page.cursor)\n"
        "    if number == 4: os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(path), str(progress)], check=False)
    assert killed.returncode != 0
    rest = [row for page in Dataset(path).pages(150, progress.read_text()) for row in page.items]
    assert rest == ROWS[750:]


def test_an_error_behind_a_cursor_has_its_position_in_the_whole_file(
    document: Callable[..., Path], window: Callable[[int], None]
) -> None:
    window(500)
    text = json.dumps(ROWS, indent=1).replace('"id": 1500', '"id" 1500')
    path = document(text)
    cursor = next(Dataset(path).pages(1000)).cursor
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(text)
    with pytest.raises(json.JSONDecodeError) as caught:
        list(Dataset(path).pages(1000, cursor))
    assert str(caught.value) == str(expected.value)


def test_pages_close_their_file(dataset: Dataset) -> None:
    with dataset.pages(10) as pages:
        next(pages)
    assert list(dataset.pages(10, after=next(dataset.pages(10)).cursor))


@pytest.mark.parametrize("path", ["$", "$.list[1].rows[*].text", "$.head"])
def test_pages_of_what_is_no_plain_array(path: str, dataset: Dataset) -> None:
    other = Dataset(dataset.source, path)
    everything = other.load()
    pages = list(other.pages(3))
    assert [item for page in pages for item in page.items] == everything
    rest = [item for page in other.pages(3, pages[0].cursor) for item in page.items]
    assert rest == everything[3:]


@pytest.mark.parametrize("cursor", ["", "x", "1:2", "1:2:3:4:zz", 7])
def test_what_is_no_cursor_is_refused(cursor: Any, dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        dataset.pages(10, cursor)


def test_a_page_holds_one_element_or_more(dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        dataset.pages(0)

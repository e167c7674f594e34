"""The file that keeps an index: right or not used, never torn, and in nobody's way."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from loadstream import BadIndexError, Dataset, Index, IndexNotWrittenError, NoIndexError
from loadstream.runtime import index_file, index_pass

ROWS = [{"id": n, "text": "x" * (n % 50)} for n in range(600)]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch, window: Callable[[int], None]) -> None:
    window(1000)
    monkeypatch.setattr("loadstream.runtime.index_pass.STEP", 2000)


@pytest.fixture
def data(document: Callable[..., Path]) -> Path:
    return document({"a": ROWS, "b": ROWS[5:], "b.c": [1]})


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The passes that are made to make an index."""
    done: list[Any] = []
    make = index_pass.make_index

    def noted(source: Any, *rest: Any) -> Index:
        done.append(source)
        return make(source, *rest)

    monkeypatch.setattr("loadstream.runtime.access.make_index", noted)
    return done


def kept_beside(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.*"))


def test_an_index_is_kept_beside_the_data_and_read_again(data: Path, passes: list[Any]) -> None:
    made = Dataset(data, "$.a").index()
    assert [str(path) for path in kept_beside(data)] == [made.place]
    assert repr(made).startswith("<Index of 600 elements in ")
    again = Dataset(data, "$.a").index()
    assert len(passes) == 1
    assert again.places == made.places
    assert (again.count, again.stop, len(again)) == (made.count, made.stop, 600)
    assert Dataset(data, "$.a")[-1] == ROWS[-1]


def test_the_paths_of_one_file_have_an_index_each(
    data: Path, document: Callable[..., Path]
) -> None:
    paths: list[Any] = ["$.a", "$.b", "$['b.c']", ("b.c",)]
    places = [Dataset(data, path).index().place for path in paths]
    assert len(set(places)) == 3
    assert places[2] == places[3]
    assert [len(Dataset(data, path)) for path in paths] == [600, 595, 1, 1]
    root = document([1], "root.json")
    assert Dataset(root).index().place == f"{root}.lsx"
    lines = document("1\n", "root.jsonl")
    assert Dataset(lines).index().place == f"{lines}.lsx"


def test_an_index_can_be_kept_elsewhere(data: Path, tmp_path: Path, passes: list[Any]) -> None:
    place = tmp_path / "elsewhere.lsx"
    dataset = Dataset(data, "$.a")
    assert dataset.index(place).place == str(place)
    assert dataset[7] == ROWS[7]
    assert kept_beside(data) == []
    Dataset(data, "$.a").index(str(place))
    assert len(passes) == 1
    with pytest.raises(NoIndexError):
        len(Dataset(data, "$.a"))


@pytest.mark.parametrize("how", ["copied", "copied with its times", "touched", "renamed", "linked"])
def test_the_same_bytes_are_known_again_without_a_pass(
    how: str, data: Path, tmp_path: Path, passes: list[Any]
) -> None:
    place = Path(Dataset(data, "$.a").index().place)
    (tmp_path / "sub").mkdir()
    target = tmp_path / "sub" / data.name
    if how == "touched":
        os.utime(data, (1, 1))
        target = data
    elif how == "renamed":
        data.rename(target)
    elif how == "linked":
        os.link(data, target)
    else:
        (shutil.copy if how == "copied" else shutil.copy2)(data, target)
    if target != data:
        shutil.copy(place, target.parent / place.name)
    dataset = Dataset(target, "$.a")
    assert len(dataset.index()) == 600
    assert dataset[::7] == ROWS[::7]
    assert len(passes) == 1


@pytest.mark.parametrize("place", [None, "elsewhere.lsx"])
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + " ",
        lambda text: text.replace('"id": 3,', '"id": 4,', 1),
        lambda text: text.replace('"id": 10, "text": ', '"id":10 , "text" :', 1),
        lambda text: text.replace("{}", "[]").replace('"x"', '"y"', 1),
    ],
    ids=["longer", "another digit", "moved by a byte", "another letter"],
)
def test_changed_data_get_a_new_index_beside_them_and_one_line_for_one_elsewhere(
    change: Callable[[str], str],
    place: str | None,
    data: Path,
    tmp_path: Path,
    passes: list[Any],
) -> None:
    where = None if place is None else tmp_path / place
    Dataset(data, "$.a").index(where)
    before = data.stat()
    data.write_text(change(data.read_text()))
    os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
    dataset = Dataset(data, "$.a")
    if where is None:
        dataset.index()
        assert dataset[:] == dataset.load()
        assert len(passes) == 2
    else:
        with pytest.raises(BadIndexError, match=r"made for another file, or .*; delete it and"):
            dataset.index(where)


def spoiled(content: bytes) -> list[tuple[str, bytes]]:
    dice = random.Random(5)
    cuts = sorted({0, 1, 15, 16, 17, 100, len(content) - 1, *dice.sample(range(len(content)), 40)})
    found = [(f"cut at {cut}", content[:cut]) for cut in cuts]
    for at in sorted({*range(16, 110), *dice.sample(range(16, len(content)), 60)}):
        other = content[at] ^ (1 << dice.randrange(8))
        found.append((f"garbled at {at}", content[:at] + bytes([other]) + content[at + 1 :]))
    return [*found, ("longer", content + b"\0"), ("twice", content * 2)]


def test_a_truncated_or_garbled_index_is_made_again_beside_the_data(data: Path) -> None:
    place = Path(Dataset(data, "$.a").index().place)
    content = place.read_bytes()
    whole = index_file.decode(content)
    for what, bad in spoiled(content):
        place.write_bytes(bad)
        with pytest.raises(NoIndexError):
            len(Dataset(data, "$.a"))
        dataset = Dataset(data, "$.a")
        dataset.index()
        assert index_file.decode(place.read_bytes()).places == whole.places, what
        assert dataset[500:510] == ROWS[500:510], what


def test_a_truncated_or_garbled_index_elsewhere_is_one_line(data: Path, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere.lsx"
    Dataset(data, "$.a").index(place)
    content = place.read_bytes()
    for what, bad in spoiled(content):
        place.write_bytes(bad)
        with pytest.raises(BadIndexError) as caught:
            Dataset(data, "$.a").index(place)
        assert f"{place} is truncated; delete it" in str(caught.value) or (
            "cut" not in what
            and any(word in str(caught.value) for word in ("damaged", "another version", "trunc"))
        ), what
        assert place.read_bytes() == bad


def test_an_index_of_another_path_file_or_version_is_one_line(data: Path, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere.lsx"
    Dataset(data, "$.b").index(place)
    with pytest.raises(BadIndexError, match=r"elsewhere.lsx is the index of another path; delete"):
        Dataset(data, "$.a").index(place)
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"b": ROWS}))
    with pytest.raises(BadIndexError, match=r"elsewhere.lsx was made for another file"):
        Dataset(other, "$.b").index(place)
    content = place.read_bytes()
    place.write_bytes(content[:16] + b"\xff" + content[17:])
    with pytest.raises(BadIndexError, match="was made by another version of loadstream; delete"):
        Dataset(data, "$.b").index(place)


def test_what_is_not_ours_is_never_written_over(data: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    beside = Path(Dataset(data, "$.a").index().place)
    for path, place in ((mine, mine), (beside, None), (data, data)):
        if path != data:
            path.write_bytes(b"my own bytes")
        before = path.read_bytes()
        with pytest.raises(BadIndexError, match="is no index of loadstream; give another place"):
            Dataset(data, "$.a").index(place)
        assert path.read_bytes() == before
    assert list(Dataset(data, "$.a")) == ROWS


def test_a_place_that_cannot_be_written_is_one_line_before_the_pass(
    data: Path, tmp_path: Path, passes: list[Any]
) -> None:
    with pytest.raises(IndexNotWrittenError, match=r"absent/x.lsx \(No such.*give another place"):
        Dataset(data, "$.a").index(tmp_path / "absent" / "x.lsx")
    with pytest.raises(BadIndexError, match=r"cannot be read \(Not a directory\); give another"):
        Dataset(data, "$.a").index(data / "x.lsx")
    with pytest.raises(BadIndexError, match=r"cannot be read \(Is a directory\); give another"):
        Dataset(data, "$.a").index(tmp_path)
    assert passes == []
    assert kept_beside(data) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes where it likes")
def test_a_folder_that_is_read_only_is_one_line_too(data: Path) -> None:
    data.parent.chmod(0o500)
    try:
        with pytest.raises(IndexNotWrittenError, match=r"Permission denied\); give another place"):
            Dataset(data, "$.a").index()
    finally:
        data.parent.chmod(0o700)


def test_a_folder_that_refuses_is_one_line_too(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", refuse)
    with pytest.raises(IndexNotWrittenError, match=r"Permission denied\); give another place"):
        Dataset(data, "$.a").index()
    assert kept_beside(data) == []


def test_an_interrupt_while_it_is_written_leaves_what_was_there(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(Dataset(data, "$.a").index().place)
    before = place.read_bytes()
    data.write_text(data.read_text() + "\n")

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Dataset(data, "$.a").index()
    assert place.read_bytes() == before
    assert kept_beside(data) == [place]


def test_a_kill_leaves_no_torn_index(data: Path) -> None:
    script = (
        "import sys; from loadstream.runtime import index_file\n"
        "content = open(sys.argv[1], 'rb').read()\n"
        "print('ready', flush=True)\n"
        "while True: index_file.write(sys.argv[1], content)\n"
    )
    place = Dataset(data, "$.a").index().place
    for turn in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", script, place], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.003 * turn)
            writer.send_signal(signal.SIGKILL)
        assert index_file.decode(Path(place).read_bytes()).count == 600


def test_many_may_make_the_same_index_at_once(data: Path) -> None:
    def make(_: int) -> list[Any]:
        dataset = Dataset(data, "$.a")
        dataset.index()
        return dataset[100:600:50]

    with ThreadPoolExecutor(8) as pool:
        assert all(found == ROWS[100:600:50] for found in pool.map(make, range(40)))
    assert len(kept_beside(data)) == 1


def test_a_file_that_was_written_just_now_is_compared_once_more(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def compare(*arguments: Any) -> bool:
        compared.append(1)
        return index_pass.same_content(*arguments)

    monkeypatch.setattr("loadstream.runtime.access.same_content", compare)
    Dataset(data, "$.a").index()
    assert len(Dataset(data, "$.a")) == 600
    assert len(compared) == 1, "it might have been written again within a tick of the clock"
    monkeypatch.setattr(index_pass, "_UNSETTLED", 0)
    assert len(Dataset(data, "$.a")) == 600
    assert len(compared) == 2
    assert len(Dataset(data, "$.a")) == 600
    assert len(compared) == 2, "by now it is known by its times"


def test_an_index_is_small(document: Callable[..., Path]) -> None:
    path = document(ROWS * 60)
    index_pass_step = 64 * 1024
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loadstream.runtime.window.SIZE", 128 * 1024)
        patch.setattr("loadstream.runtime.index_pass.STEP", index_pass_step)
        place = Path(Dataset(path).index().place)
    assert place.stat().st_size < path.stat().st_size / 1000

"""The pass that makes an index accepts what `json.load` accepts, in flat memory."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream import Dataset, SourceChangedError
from loadstream.runtime import index_pass
from loadstream.runtime.index_pass import Checksums, same_content
from loadstream.runtime.paths import parse_path
from loadstream.runtime.sources import open_source

MB = 1024 * 1024
PIECES = st.sampled_from(
    [
        *'[]{},:"\\ \n',
        "[]",
        "{}",
        "null",
        "tru",
        "1",
        "-",
        "01",
        "1e5",
        "9" * 20,
        "NaN",
        '"a"',
        '"\\ud800"',
        '"\\x"',
        '"\x01"',
        '"ü"',
        "\ufeff",
        "//",
        "'a'",
        "9" * 4301,
        '{"a":1}',
        "1.,",
    ]
)


@pytest.fixture
def counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("msgspec")
    monkeypatch.setattr("loadstream.runtime.sieve._LARGE_IF_IMPORTED", 0)
    monkeypatch.setattr("loadstream.runtime.sieve._LARGE", 0)


def told_by_json(document: bytes) -> int | None:
    """How many elements an array of one or more has; None for all else."""
    try:
        value = json.loads(document.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return len(value) or None if isinstance(value, list) else None


@given(st.lists(PIECES, max_size=12))
def test_what_is_counted_is_what_json_finds(pieces: list[str]) -> None:
    pytest.importorskip("msgspec")
    document = f"[{''.join(pieces)}]".encode()
    counted = index_pass._Count().sift(document, lambda _: None)
    if counted is not None:
        assert len(counted) == told_by_json(document)


def test_no_document_of_the_suite_is_counted_that_json_rejects(suite: list[Path]) -> None:
    pytest.importorskip("msgspec")
    counter, counted = index_pass._Count(), 0
    for path in suite:
        raw = path.read_bytes()
        for document in (raw, b"[" + raw + b"]", b'[1,{"a":' + raw + b"}]", b"[[" + raw + b"],2]"):
            found = counter.sift(document, lambda _: None)
            counted += found is not None
            assert found is None or len(found) == told_by_json(document), path.name
    assert counted > 200


@pytest.mark.parametrize("size", [16, 131_072])
def test_every_document_of_the_suite_is_indexed_as_it_is_loaded(
    size: int,
    suite: list[Path],
    tmp_path: Path,
    window: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    counts_at_once: None,
    judge: SimpleNamespace,
) -> None:
    window(size)
    monkeypatch.setattr(index_pass, "STEP", 1)
    indexed = 0
    for number, path in enumerate(suite):
        raw = path.read_bytes()
        for name, at, document in (
            ("root", "$", raw),
            ("element", "$", b"[[1],\r\n" + raw + b',"a"]'),
            ("key", "$.k", b'{"x": [1, {"y": 2}], "k": ' + raw + b', "z": [1, 2]}'),
            ("before", "$[1].z", b'[{"a":' + raw + b'}, {"z": [1, {"q": 2}]},"a"]'),
        ):
            file = tmp_path / f"{number}-{name}.json"
            file.write_bytes(document)
            dataset = Dataset(file, at)
            loaded = judge.outcome(dataset.load)
            made = judge.outcome(dataset.index)
            if made[0] == "value":
                indexed += 1
                assert judge.identical(("value", dataset[:]), loaded), file.name
                singly = [dataset[number] for number in range(len(dataset))]
                assert judge.identical(singly, loaded[1]), file.name
            elif "cannot be indexed" not in str(made):
                assert judge.identical(made, loaded), file.name
            file.unlink()
    assert indexed > 400


def test_a_break_anywhere_is_what_a_stream_says_of_it(
    document: Callable[..., Path],
    window: Callable[[int], None],
    counts_at_once: None,
    judge: SimpleNamespace,
) -> None:
    window(150)
    rows = [{"id": n, "tags": ["a", {"b": "ü"}]} for n in range(12)]
    text = json.dumps({"head": [1], "rows": rows, "tail": {"x": 1}}, ensure_ascii=False).encode()
    for at in range(0, len(text), 3):
        for other in (b"", b"x", b",", b"]", b'"', b"\xff", b"\\"):
            path = document(text[:at] + other + text[at + 1 :])
            dataset = Dataset(path, "$.rows")
            loaded = judge.outcome(dataset.load)
            made = judge.outcome(partial(index_pass.make_index, path, parse_path("$.rows"), None))
            if loaded[0] == "value":
                assert len(made[1]) == len(loaded[1])
            else:
                assert judge.identical(made, loaded)


def test_without_msgspec_it_parses(
    document: Callable[..., Path], counts_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "msgspec", None)
    dataset = Dataset(document([{"a": n} for n in range(50_000)]))
    assert len(dataset.index()) == 50_000


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_its_memory_is_flat(name: str, document: Callable[..., Path]) -> None:
    rows = [{"id": n, "text": "word " * 20, "tags": [n, {"x": n}]} for n in range(30_000)]
    if name.endswith("l"):
        path = document("\n".join(map(json.dumps, rows * 2)), name)
    else:
        path = document(rows * 2, name)
    assert path.stat().st_size > 6 * MB
    Dataset(document([1], "small.json")).index()
    tracemalloc.start()
    try:
        Dataset(path).index()
        assert tracemalloc.get_traced_memory()[1] < 3 * MB
    finally:
        tracemalloc.stop()


def test_a_file_that_grows_meanwhile_gets_no_index(
    document: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = document([1, 2, 3])
    see = Checksums.see

    def see_and_write(self: Checksums, piece: bytes) -> None:
        see(self, piece)
        with path.open("ab") as file:
            file.write(b" ")

    monkeypatch.setattr(Checksums, "see", see_and_write)
    with pytest.raises(SourceChangedError):
        Dataset(path).index()
    assert [*path.parent.glob("*.lsx*")] == []


@given(st.binary(max_size=200), st.lists(st.integers(1, 40)), st.integers(1, 50))
def test_checksums_are_of_blocks_however_the_bytes_come(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, sizes: list[int], block: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_pass, "BLOCK", block)
        checksums, rest = Checksums(), content
        for size in sizes:
            checksums.see(rest[:size])
            rest = rest[size:]
        checksums.see(rest)
        path = tmp_path_factory.getbasetemp() / "checked"
        path.write_bytes(content)
        opened = open_source(path, None)
        assert same_content(opened, checksums.all())
        assert len(checksums.all()) == -(-len(content) // block)
        for at in range(0, len(content), 7):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            other = open_source(path, None)
            assert not same_content(other, checksums.all())
            other.close()
        opened.close()

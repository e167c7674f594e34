"""Every document of JSONTestSuite, in every form, with windows from 16 bytes to 1 MiB."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loadstream import stream_json

EMBEDDINGS: dict[str, tuple[Any, Callable[[bytes], bytes], Callable[[Any], Any]]] = {
    "whole": ("$", lambda raw: raw, lambda value: value),
    "under a key": (
        "$.k",
        lambda raw: b'{"x": [1, {"y": 2}], "k": ' + raw + b', "z": {"q": [1, 2]}}',
        lambda value: value["k"],
    ),
    "as an element": ("$", lambda raw: b"[[1],\r\n" + raw + b',"a"]', lambda value: value),
    "before and behind": (
        "$[1].z",
        lambda raw: b'[{"a":' + raw + b'}, {"z":' + raw + b'},"a",' + raw + b"]",
        lambda value: value[1]["z"],
    ),
}


DEEPEST = "n_structure_open_array_object.json"
"""Of 100,000 levels, the only one in which Python 3.14, too, nests arrays and objects too deep."""


def as_path(raw: bytes, folder: Path) -> Path:
    path = folder / "document.json"
    path.write_bytes(raw)
    return path


@contextmanager
def path_form(raw: bytes, folder: Path) -> Iterator[Any]:
    yield as_path(raw, folder)


@contextmanager
def gzip_form(raw: bytes, folder: Path) -> Iterator[Any]:
    path = folder / "document.json.gz"
    path.write_bytes(gzip.compress(raw, 1))
    yield path


@contextmanager
def text_form(raw: bytes, folder: Path) -> Iterator[Any]:
    with as_path(raw, folder).open(encoding="utf-8") as handle:
        yield handle


@contextmanager
def binary_form(raw: bytes, folder: Path) -> Iterator[Any]:
    with as_path(raw, folder).open("rb") as handle:
        yield handle


@contextmanager
def memory_form(raw: bytes, folder: Path) -> Iterator[Any]:
    yield io.BytesIO(raw)


@contextmanager
def pipe_form(raw: bytes, folder: Path) -> Iterator[Any]:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as out:
            out.write(raw)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(reading, "rb") as handle:
        yield handle
        handle.read()
    writer.join()


FORMS = {
    "path": (path_form, True),
    "text handle": (text_form, True),
    "binary handle": (binary_form, False),
    "bytes in memory": (memory_form, False),
    "gzip": (gzip_form, False),
    "pipe": (pipe_form, False),
}


@pytest.mark.parametrize("size", [16, 64, 1000, 131_072, 1_048_576])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("embedding", EMBEDDINGS)
def test_all_documents_give_the_values_and_errors_of_json_load(
    embedding: str,
    form: str,
    size: int,
    suite: list[Path],
    judge: SimpleNamespace,
    window: Callable[[int], None],
    tmp_path: Path,
) -> None:
    window(size)
    query, embed, part = EMBEDDINGS[embedding]
    opened, is_text = FORMS[form]
    assert len(suite) == 318
    for path in suite:
        raw = embed(path.read_bytes())

        def load(raw: bytes = raw) -> list[Any]:
            handle: Any = io.BytesIO(raw)
            if is_text:
                handle = io.TextIOWrapper(handle, encoding="utf-8")
            return list(iter(part(json.load(handle))))

        def stream(raw: bytes = raw) -> list[Any]:
            with opened(raw, tmp_path) as source, stream_json(source, query) as elements:
                return list(elements)

        expected, got = judge.outcome(load), judge.outcome(stream)
        if path.name == DEEPEST and sys.version_info >= (3, 14):  # see docs/how-exact-is-it.md
            expected, got = expected[:1], got[:1]
        assert judge.identical(expected, got), (path.name, expected[:3], got[:3])


def test_all_documents_agree_without_the_fast_parser(
    suite: list[Path],
    judge: SimpleNamespace,
    window: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jiter", None)
    for size in (16, 131_072):
        window(size)
        for path in suite:
            raw = b"[0, " + path.read_bytes() + b", 1]"
            expected = judge.outcome(lambda raw=raw: json.load(io.BytesIO(raw)))
            got = judge.outcome(lambda raw=raw: list(stream_json(io.BytesIO(raw))))
            assert judge.identical(expected, got), path.name

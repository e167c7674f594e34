"""What streaming costs: memory, work in proportion to the file, and what it imports."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loadstream import stream_items, stream_json, stream_lines
from loadstream.runtime import container, cuts, window

MB = 1024 * 1024
ROWS = [{"id": n, "text": "word " * 20, "tags": [n, {"x": n}]} for n in range(30_000)]


def traced_peak(action: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("layout", [{}, {"indent": 2}])
def test_memory_is_a_few_windows_wherever_the_array_stands(
    layout: dict[str, Any], parser: str, document: Callable[..., Path]
) -> None:
    path = document({"before": ROWS, "deep": {"er": [ROWS]}, "rows": ROWS, "z": ROWS}, **layout)
    assert path.stat().st_size > 15 * MB
    assert traced_peak(lambda: sum(1 for _ in stream_json(path, "$.rows"))) < 4 * MB
    assert traced_peak(lambda: sum(1 for _ in stream_json(path, "$.deep.er[0]"))) < 4 * MB


def test_memory_of_values_of_an_object_is_bounded_too(document: Callable[..., Path]) -> None:
    path = document({f"key {n}": row for n, row in enumerate(ROWS)})
    keys = sum(map(sys.getsizeof, (f"key {n}" for n in range(len(ROWS)))))
    assert traced_peak(lambda: sum(1 for _ in stream_items(path))) < 6 * MB + keys


def test_one_large_element_costs_a_small_multiple_of_its_bytes(
    document: Callable[..., Path],
) -> None:
    path = document(["x" * 20 * MB, 1])
    assert traced_peak(lambda: [len(str(element)) for element in stream_json(path)]) < 70 * MB


def work(monkeypatch: pytest.MonkeyPatch, action: Callable[[], Any]) -> int:
    """How many bytes are looked at: parsed, decoded, copied, searched for cuts and brackets."""
    done = 0

    def counted(function: Callable[..., Any], size: Callable[..., int]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            nonlocal done
            done += size(*arguments)
            return function(*arguments)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(
            container.Container,
            "_parsed",
            counted(container.Container._parsed, lambda _, b: len(b)),
        )
        patch.setattr(
            window.Window, "text", counted(window.Window.text, lambda self: self.unparsed)
        )
        patch.setattr(
            container,
            "last_boundary",
            counted(container.last_boundary, lambda raw, at: len(raw) - at),
        )
        patch.setattr(
            cuts.Separator,
            "find",
            counted(cuts.Separator.find, lambda _, raw, at: len(raw) - at),
        )
        patch.setattr(
            cuts.ElementEnd, "feed", counted(cuts.ElementEnd.feed, lambda _, piece: len(piece))
        )
        patch.setattr(
            window.Window, "_read", counted(window.Window._read, lambda self, _: self.unparsed)
        )
        action()
    return done


BROKEN = {
    "an element without an end": lambda n: '[{"a": [1, 2}, ' + ", ".join(['{"a": [1]}'] * n),
    "a missing bracket": lambda n: '[{"a": 1, ' + ", ".join(['{"a": [1]}'] * n) + "]",
    "an open string": lambda n: '["a", "b, ' + "x" * 10 * n,
    "a comma too many": lambda n: "[" + ", ".join(['{"a": [1]}'] * n) + ", ]",
    "a word": lambda n: "[" + ", ".join(['{"a": [1]}'] * n) + ", x" + ', {"a": 1}' * n + "]",
    "commas only": lambda n: "[1" + "," * 10 * n,
    "brackets only": lambda n: "[" + "{}" * 5 * n,
    "closing brackets": lambda n: "[1, " + "]" * 10 * n,
    "a long number": lambda n: "[1, " + "1" * 10 * n,
    "quotes": lambda n: '["a", ' + '"' * 10 * n,
    "nested alike": lambda n: "[" + ", ".join(['{"a": [{"a": 1}, {"a": x}]}'] * n) + "]",
    "a garbage header": lambda n: '{"h": [' + ", ".join(['{"a": [1]}'] * n) + '} , "rows": []}',
}


@pytest.mark.parametrize("path", ["$", "$.rows"])
@pytest.mark.parametrize("what", BROKEN)
def test_work_on_a_broken_document_is_in_proportion_to_its_size(
    what: str, path: str, document: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for count in (25_000, 100_000):
        file = document(BROKEN[what](count))

        def read(file: Path = file) -> None:
            with pytest.raises((ValueError, RecursionError, TypeError, KeyError)):
                list(stream_json(file, path))

        costs.append(work(monkeypatch, read) / file.stat().st_size)
    assert costs[1] < 20, "each byte is looked at a few times at most"


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([{"a": [{"a": [{"a": n}]}]} for n in range(30_000)], id="nested alike"),
        pytest.param([{f"k{n}": n} for n in range(30_000)], id="other keys everywhere"),
        pytest.param([[n, [n, "a, b"], {}][n % 3] for n in range(90_000)], id="of all kinds"),
        pytest.param(["\ud800"] * 60_000, id="refused by the fast parser"),
        pytest.param([[0] * (n % 4 * 60_000) for n in range(16)], id="some large"),
    ],
)
def test_work_on_a_sound_document_is_in_proportion_to_its_size(
    rows: list[Any],
    parser: str,
    document: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = document(rows)
    result: list[Any] = []
    cost = work(monkeypatch, lambda: result.extend(stream_json(path)))
    assert result == rows
    assert cost / path.stat().st_size < 6


def nested(depth: int, width: int) -> Any:
    return [{"a": nested(depth - 1, width), "t": "x, y"} for _ in range(width)] if depth else 1


ELEMENT = nested(4, 9)
IN_PIECES: dict[str, tuple[Any, str]] = {
    "an element": ([ELEMENT], "$"),
    "elements among small ones": ([{"k": 1}, ELEMENT, {"k": 2}, {"k": 3}, ELEMENT], "$"),
    "elements of other kinds": ([1, ELEMENT, "a", [ELEMENT], {}, None, ELEMENT], "$"),
    "a string": (["a", "b" * 120_000, "c"], "$"),
    "a member": ({"a": 1, "k": ELEMENT, "z": 2}, "$"),
    "nested arrays": ([{"k": ELEMENT}, {"k": [ELEMENT, 1]}], "$[*].k"),
    "what stands around": ({"a": [1, ELEMENT], "k": [1, 2], "z": ELEMENT}, "$.k"),
    "a string that is the document": ("b" * 120_000, "$"),
    "large elements": ([{"k": 1}, [ELEMENT] * 4, {"k": 2}], "$"),
    "refused by the fast parser": (["\ud800", [ELEMENT, "\ud800"], {"k": 1}], "$"),
}


class InPieces(io.BytesIO):
    """A handle that gives a few bytes at a time, as slow pipes do."""

    def __init__(self, raw: bytes, most: int) -> None:
        super().__init__(raw)
        self._most = most

    def read(self, _: int | None = -1) -> bytes:
        return super().read(self._most)


@pytest.mark.parametrize("most", [10, 100, 2000])
@pytest.mark.parametrize("what", IN_PIECES)
def test_work_does_not_grow_where_the_source_gives_a_few_bytes_at_a_time(
    what: str, most: int, parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, path = IN_PIECES[what]
    raw = json.dumps(value).encode()
    assert len(raw) > 100_000
    result: list[Any] = []
    cost = work(monkeypatch, lambda: result.extend(stream_json(InPieces(raw, most), path)))
    assert result == list(stream_json(io.BytesIO(raw), path))
    assert cost / len(raw) < 12


@pytest.mark.parametrize("most", [10, 100, 2000])
def test_work_on_a_long_line_does_not_grow_with_the_number_of_pieces(
    most: int, parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = json.dumps(ELEMENT).encode() + b"\n1\n" + json.dumps(ELEMENT).encode()
    result: list[Any] = []
    cost = work(monkeypatch, lambda: result.extend(stream_lines(InPieces(raw, most))))
    assert result == [ELEMENT, 1, ELEMENT]
    assert cost / len(raw) < 12


def imported(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_package_imports_nothing_of_it() -> None:
    loaded = imported("import loadstream")
    assert {name for name in loaded if name.startswith("loadstream.")} == set()
    assert not {"json", "typing", "jiter", "msgspec"} & loaded


def test_a_small_file_is_streamed_without_a_heavy_import(document: Callable[..., Path]) -> None:
    path = document({"rows": [{"a": 1}] * 100})
    code = f"from loadstream import stream_json; list(stream_json({str(path)!r}, '$.rows'))"
    heavy = {"typing", "dataclasses", "inspect", "pathlib", "msgspec", "ijson", "click", "gzip"}
    before = imported("import json")
    assert not heavy & (imported(code) - before)


def test_everything_works_in_a_process_without_jiter(document: Callable[..., Path]) -> None:
    path = document({"rows": ROWS[:2000]})
    code = (
        "sys.modules['jiter'] = sys.modules['msgspec'] = None; import json\n"
        "from loadstream import stream_json, stream_items, stream_lines, Dataset\n"
        f"rows = json.load(open({str(path)!r}, encoding='utf-8'))['rows']\n"
        f"assert list(stream_json({str(path)!r}, '$.rows')) == rows\n"
        f"assert list(stream_items({str(path)!r})) == [('rows', rows)]\n"
        f"assert [x for p in Dataset({str(path)!r}, '$.rows').pages(9) for x in p.items] == rows\n"
    )
    imported(code)


def test_the_public_names_are_there() -> None:
    import loadstream

    for name in loadstream.__all__:
        assert getattr(loadstream, name) is not None
        assert name in dir(loadstream)
    with pytest.raises(AttributeError, match="no attribute 'absent'"):
        _ = loadstream.absent
    assert json.dumps(loadstream.__version__)

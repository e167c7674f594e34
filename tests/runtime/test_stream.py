"""The contract of a stream: when it opens, when it closes, and what it says afterwards."""

from __future__ import annotations

import gc
import io
import os
import pickle
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loadstream import (
    DuplicateKeyError,
    SourceChangedError,
    Stream,
    StreamConsumedError,
    stream_json,
)

ROWS = [{"n": n, "text": "x" * 40} for n in range(5000)]


@pytest.fixture
def rows(document: Callable[..., Path]) -> Path:
    return document(ROWS)


@pytest.fixture
def descriptors() -> Callable[[Path], int]:
    """How many descriptors of this process are open on a file."""
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("needs /proc")

    def count(path: Path) -> int:
        return sum(
            1 for link in folder.iterdir() if link.is_symlink() and link.resolve() == path.resolve()
        )

    return count


def test_a_missing_file_is_an_error_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"absent\.json"):
        stream_json(tmp_path / "absent.json")
    with pytest.raises(IsADirectoryError):
        stream_json(tmp_path)


def test_the_file_is_open_from_the_call_to_the_last_element(
    rows: Path, descriptors: Callable[[Path], int]
) -> None:
    stream = stream_json(rows)
    assert descriptors(rows) == 1
    assert sum(1 for _ in stream) == 5000
    assert descriptors(rows) == 0


def test_every_way_to_stop_closes_the_file_without_a_warning(
    rows: Path, document: Callable[..., Path], descriptors: Callable[[Path], int]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in stream_json(rows):
            break
        assert descriptors(rows) == 0

        with stream_json(rows) as stream:
            next(stream)
            assert descriptors(rows) == 1
        assert descriptors(rows) == 0

        stream = stream_json(rows)
        stream.close()
        stream.close()
        assert descriptors(rows) == 0

        stream_json(rows)  # never pulled
        gc.collect()
        assert descriptors(rows) == 0

        broken = document("[1, 2", "broken.json")
        stream = stream_json(broken)
        with pytest.raises(ValueError, match="delimiter"):
            list(stream)
        assert descriptors(broken) == 0

        stream = stream_json(rows, filter_func=lambda row: row["absent"])
        with pytest.raises(KeyError):
            list(stream)
        assert descriptors(rows) == 0


def test_a_loop_keeps_the_file_open_when_only_the_loop_refers_to_it(rows: Path) -> None:
    pulled = iter(stream_json(rows))
    gc.collect()
    assert [*pulled] == ROWS


def test_a_second_loop_over_a_spent_stream_says_what_to_do(rows: Path) -> None:
    stream = stream_json(rows)
    assert len(list(stream)) == 5000
    with pytest.raises(StreamConsumedError, match=r"read to its end.*call the function.*list\("):
        iter(stream)
    assert next(stream, None) is None


def test_a_second_loop_over_a_half_read_stream_goes_on(rows: Path) -> None:
    stream = stream_json(rows)
    for row in stream:
        if row["n"] == 10:
            break
    assert next(iter(stream))["n"] == 11


def test_a_closed_stream_gives_nothing_more_and_says_so(rows: Path) -> None:
    stream = stream_json(rows)
    seen = []
    for row in stream:
        seen.append(row)
        stream.close()
    assert seen == ROWS[:1]
    with pytest.raises(StreamConsumedError, match="was closed"):
        list(stream)


def test_a_stream_that_ended_with_an_error_says_so(document: Callable[..., Path]) -> None:
    stream = stream_json(document("[1, x]"))
    with pytest.raises(ValueError, match="Expecting value"):
        list(stream)
    with pytest.raises(StreamConsumedError, match="ended with JSONDecodeError"):
        iter(stream)


def test_elements_before_a_break_are_given_before_its_error(document: Callable[..., Path]) -> None:
    stream = stream_json(document("[1, 2, x]"))
    assert next(stream) == 1
    assert next(stream) == 2
    with pytest.raises(ValueError, match="Expecting value"):
        next(stream)


def test_filter_func_is_tested_for_truth_once_per_element_in_order(rows: Path) -> None:
    seen: list[int] = []

    def keep(row: Any) -> object:
        seen.append(row["n"])
        return "yes" if row["n"] % 2 else []

    stream = stream_json(rows, filter_func=keep)
    assert next(stream) == ROWS[1]
    assert seen == [0, 1], "nothing is tested ahead of what is pulled"
    assert list(stream) == ROWS[3::2]
    assert seen == [*range(5000)]


def test_an_exception_of_filter_func_arrives_unchanged(rows: Path) -> None:
    error = LookupError("mine")

    def fail(row: Any) -> bool:
        if row["n"] == 3:
            raise error
        return True

    stream = stream_json(rows, filter_func=fail)
    assert [next(stream)["n"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LookupError) as caught:
        next(stream)
    assert caught.value is error
    with pytest.raises(StreamConsumedError, match="ended with LookupError"):
        iter(stream)


def test_stop_iteration_out_of_filter_func_does_not_end_the_stream_in_silence(rows: Path) -> None:
    def stop(_: Any) -> bool:
        raise StopIteration

    with pytest.raises(RuntimeError) as caught:
        list(stream_json(rows, filter_func=stop))
    assert isinstance(caught.value.__cause__, StopIteration)


@pytest.mark.parametrize("change", ["truncated", "extended", "rewritten"])
def test_a_file_that_changes_under_the_stream_is_an_error(rows: Path, change: str) -> None:
    stream = stream_json(rows)
    first = next(stream)
    status = rows.stat()
    content = rows.read_bytes()
    rows.write_bytes(
        {
            "truncated": content[:200_000],
            "extended": content + b" ",
            "rewritten": content.replace(b"x", b"y"),
        }[change]
    )
    os.utime(rows, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    with pytest.raises(SourceChangedError, match=r"document\.json was changed while") as caught:
        list(stream)
    assert isinstance(caught.value, OSError)
    assert first == ROWS[0]


def test_a_file_that_is_replaced_is_read_to_its_end_as_it_was(rows: Path) -> None:
    stream = stream_json(rows)
    next(stream)
    other = rows.with_name("other.json")
    other.write_text("[]")
    other.replace(rows)
    assert len(list(stream)) == 4999


def test_a_handle_is_read_from_where_it_stands_and_left_open(rows: Path) -> None:
    text = io.StringIO('junk [1, 2, "ü"]')
    text.read(5)
    assert list(stream_json(text)) == [1, 2, "ü"]
    assert not text.closed
    binary = io.BytesIO("junk [1, 2]".encode("utf-16"))
    binary.seek(2 + 10)
    assert list(stream_json(binary)) == [1, 2]
    with rows.open("rb") as handle:
        with stream_json(handle) as stream:
            next(stream)
        assert not handle.closed


def test_two_threads_hold_two_streams(rows: Path) -> None:
    results: list[list[Any]] = []
    threads = [
        threading.Thread(target=lambda: results.append(list(stream_json(rows)))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [ROWS] * 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_does_not_move_the_place_in_the_file(rows: Path) -> None:
    stream = stream_json(rows)
    first = next(stream)
    child = os.fork()
    if child == 0:
        os._exit(0 if [first, *stream] == ROWS else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert [first, *stream] == ROWS


def test_an_element_that_the_consumer_drops_is_freed_with_its_window(tmp_path: Path) -> None:
    stream = stream_json(io.BytesIO(b"[[1], [2]]"))
    kept = next(stream)
    assert kept == [1]
    assert gc.get_referrers(kept).count(ROWS) == 0
    stream.close()
    assert next(stream, None) is None


def test_a_stream_is_an_iterator_and_names_its_element_type(rows: Path) -> None:
    stream = stream_json(rows)
    assert isinstance(stream, Stream)
    assert isinstance(stream, Iterator)
    assert Stream[int]
    stream.close()


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(DuplicateKeyError("k")))
    assert error.key == "k"
    assert "'k' occurs twice" in str(error)

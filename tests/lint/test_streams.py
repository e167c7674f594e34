from pathlib import Path

import pytest

from loadstream.analysis.repository import Repository
from loadstream.lint.streams import count_streams


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("from data import stream_rows\nfor r in stream_rows():\n    print(r)\n", 1),
        ("from data import stream_rows\nx = list(stream_rows())\n", 1),
        ("from loadstream import stream_json as s\ns('a')\ns('b')\n", 2),
        ("import loadstream\nloadstream.stream_items('a')\n", 1),
        ("from other import stream_json\nstream_json('a')\n", 0),
        ("from data import load_rows\nload_rows()\n", 0),
        ("from data import stream_rows\nstream_rows(\n", 0),
    ],
)
def test_calls_of_streamers_are_counted(repository, text, count):
    files = repository(script=text)
    read = [(file.path.read_bytes(), file.path) for file in files]
    assert count_streams(read, Repository(Path.cwd())) == count

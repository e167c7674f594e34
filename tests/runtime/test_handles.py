"""Handles that are no files of the system: mocks, and objects that can only be read whole."""

from __future__ import annotations

import os
from unittest import mock

import pytest

from loadstream import stream_json


def test_a_mock_is_no_pipe_whatever_its_descriptor_may_be_taken_for():
    reading, writing = os.pipe()
    try:
        with mock.mock_open(read_data="[1, 2, 3]")("x.json") as file:
            file.fileno.return_value.__index__.return_value = reading
            assert list(stream_json(file)) == [1, 2, 3]
    finally:
        os.close(reading)
        os.close(writing)


class Whole:
    def __init__(self, content):
        self.content = content

    def read(self):
        return self.content


class Broken:
    def read(self, *_size):
        raise TypeError("not today")


@pytest.mark.parametrize("data", ["[1, 2, 3]", b"[1, 2, 3]"], ids=["text", "bytes"])
def test_a_mock_of_open_is_read_like_a_file(data):
    with mock.mock_open(read_data=data)("x.json") as file:
        assert list(stream_json(file)) == [1, 2, 3]


@pytest.mark.parametrize(
    "content", ['["\\u00e9", "é\\r"]', b'["\xc3\xa9", 1]'], ids=["text", "bytes"]
)
def test_an_object_whose_read_takes_no_size_is_read_at_once(content):
    import json

    assert list(stream_json(Whole(content))) == json.loads(content)


def test_an_error_of_the_object_itself_is_raised():
    with pytest.raises(TypeError, match="not today"):
        list(stream_json(Broken()))

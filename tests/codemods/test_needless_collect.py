"""LS204: the stream stands where the list stood; the rest of the text lives on."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("for s in list(stream_x()):\n    f(s)\n", "for s in stream_x():\n    f(s)\n"),
        (
            "xs = list(stream_x(True, n=3))\nfor s in xs:  # all\n    f(s)\n",
            "for s in stream_x(True, n=3):  # all\n    f(s)\n",
        ),
        ("n = max(  list( stream_x( ) ), key=f)\n", "n = max(  stream_x( ), key=f)\n"),
        ("n = sum(s.n for s in list(stream_x()))\n", "n = sum(s.n for s in stream_x())\n"),
        ("for s in (list(stream_x())):\n    f(s)\n", "for s in (stream_x()):\n    f(s)\n"),
    ],
)
def test_the_list_goes_and_the_call_stays_as_it_is_written(check, old, new):
    keywords = (None,) * 2 if "True" in old else ()
    check(old, new, "pass", loader="stream_x", streamer="stream_x", keywords=keywords)


def test_its_length_is_counted(check):
    check(
        "n = len(list(stream_x()))  # how many\n",
        "n = sum(1 for _ in stream_x())  # how many\n",
        "count",
        loader="stream_x",
        streamer="stream_x",
    )

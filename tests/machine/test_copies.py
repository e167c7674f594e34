"""Copies of this process send back what they find, or it is found here."""

from __future__ import annotations

import os
import sys

import pytest

from loadstream.machine import copies
from loadstream.machine.copies import Ahead, Copy

forks = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are not copied")


@forks
def test_what_is_found_ahead_is_found_by_another_process():
    assert Ahead(os.getpid).result() != os.getpid()


@forks
def test_a_copy_that_dies_or_cannot_send_is_no_obstacle():
    here = os.getpid()
    assert Ahead(lambda: os.getpid() == here or os._exit(3)).result() is True
    held = Ahead(lambda: (os.getpid(), lambda: 1)).result()  # a lambda cannot be sent
    assert held[0] == here


def test_where_there_can_be_no_copy_it_is_found_here(monkeypatch):
    monkeypatch.setattr(copies, "CAN_COPY", False)
    assert Ahead(os.getpid).result() == os.getpid()


@forks
def test_where_there_are_too_many_processes_it_is_found_here(monkeypatch):
    def refuse():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    before = os.listdir("/proc/self/fd")  # noqa: PTH208 (that of iterdir would be one more)
    assert Ahead(os.getpid).result() == os.getpid()
    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208


@forks
def test_messages_come_one_by_one_and_then_the_end():
    def run(send):
        for number in range(3):
            send((number, "x" * 100_000))

    copy = Copy.start(run)
    assert [copy.receive()[0][0] for _ in range(3)] == [0, 1, 2]
    assert copy.receive() is None
    copy.stop()


@forks
def test_a_copy_is_stopped_in_the_middle():
    copy = Copy.start(lambda send: send(sys.stdin.read()) if os.read(os.pipe()[0], 1) else None)
    copy.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(copy.process, 0)

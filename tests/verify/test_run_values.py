"""What functions give back, compared between two processes: the verdict of each kind of value."""

from __future__ import annotations

from typing import Any

from loadstream.verify.model import Verdict

TOOL = """
import enum
from collections import deque


class Store:
    def __init__(self):
        self.path = "a"


class Kind(enum.Enum):
    A = {value}


class Asked:
    def __init__(self):
        self.x = 1

    def __eq__(self, other):
        return self.value() == other.value()

    def value(self):
        return {value}


def store():
    {touched}
    return Store()


def kind():
    {touched}
    return Kind.A


def asked():
    {touched}
    return Asked()


def numbers():
    {touched}
    yield 1
    return {value}


def error():
    {touched}
    return ValueError({value})


def kept():
    {touched}
    return deque([1, {{"a": 2}}], 5)


def streamed():
    {touched}
    return {iterator}


def endless():
    {touched}
    while True:
        yield 1
"""


def test_each_kind_of_value_has_its_verdict(repository: Any) -> None:
    repository.write(tool_py=TOOL.format(value=1, touched="", iterator="(n for n in [1, 2])"))
    repository.commit()
    repository.write(tool_py=TOOL.format(value=2, touched="pass", iterator="iter([1, 2])"))
    report = repository.verify(timeout=60.0)
    found = {check.name.removeprefix("tool.py:"): check for check in report.checks}
    found = {name: check for name, check in found.items() if "." not in name}  # no methods
    assert {name: check.verdict for name, check in found.items()} == {
        "store": Verdict.NOT_COMPARABLE,
        "kind": Verdict.DIFFERENT,
        "asked": Verdict.NOT_COMPARABLE,
        "numbers": Verdict.DIFFERENT,
        "error": Verdict.DIFFERENT,
        "kept": Verdict.EQUAL,
        "streamed": Verdict.EQUAL,
        "endless": Verdict.NOT_COMPARABLE,
    }
    assert "compares by identity only, with the same state" in found["store"].explanation
    assert "more than 5,000,000 values" in found["endless"].explanation
    assert found["kind"].counterexample.differences[0].place == "result.value"
    assert found["numbers"].counterexample.differences[0].place == "result (end)"
    assert found["error"].counterexample.differences[0].place == "result"

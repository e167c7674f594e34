"""Programs that behave badly have their verdict within their limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loadstream.verify import Verdict

Changed = Callable[[str, str], Any]

READS = "from common import load_sessions\nprint(len(load_sessions()))\n"


def test_memory_without_end_meets_the_ceiling(changed: Changed) -> None:
    eats = READS + "held = []\nwhile True: held.append(bytes(8_000_000))\n"
    result = changed(READS, eats).result(max_cases=2, memory=400 << 20)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "new used more than 400 MB of memory" in result.explanation


PRINTS = READS + "import sys\nfor n in range(60): sys.stdout.write('x' * 999_999 + '\\n')\n"


def test_much_output_is_compared_to_its_last_byte(changed: Changed) -> None:
    different = changed(PRINTS + "print(1)\n", PRINTS + "print(2)\n").result(max_cases=2)
    assert different.verdict is Verdict.DIFFERENT
    assert different.counterexample.differences[0].place.startswith("stdout beyond")


def test_much_output_that_is_the_same_is_equal(changed: Changed) -> None:
    same = changed(PRINTS + "print(1)\n", PRINTS + "print(0 + 1)\n").result(max_cases=2)
    assert same.verdict is Verdict.EQUAL, same.explanation


def test_a_result_that_cannot_be_taken_elsewhere_has_no_equality(changed: Changed) -> None:
    gives = "import threading\nfrom common import load_sessions\n\n\ndef kept():\n    {}\n"
    old = gives.format("return [load_sessions(), threading.Lock()]")
    new = gives.format("rows = load_sessions()\n    return [rows, threading.Lock()]")
    result = changed(old, new).result(max_cases=2)
    assert result.verdict is Verdict.NOT_COMPARABLE
    assert "result[1] has no equality" in result.explanation

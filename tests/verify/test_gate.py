"""Many at once, or one alone."""

from __future__ import annotations

import random
import threading

from loadstream.verify.gate import Gate


def test_who_is_alone_is_alone_and_everybody_comes_through() -> None:
    gate = Gate()
    inside: list[str] = []
    wrong: list[list[str]] = []

    def pass_through(kind: str, number: int) -> None:
        chance = random.Random(number)
        for _ in range(40):
            with gate.alone() if kind == "alone" else gate.among_others():
                inside.append(kind)
                for _ in range(chance.randrange(300)):
                    now = list(inside)
                    if "alone" in now and len(now) > 1:
                        wrong.append(now)
                inside.remove(kind)

    threads = [
        threading.Thread(target=pass_through, args=(("alone", "other", "other")[n % 3], n))
        for n in range(9)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


def test_others_are_let_in_together() -> None:
    gate = Gate()
    both = threading.Barrier(2)

    def enter() -> None:
        with gate.among_others():
            both.wait(60)

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not both.broken

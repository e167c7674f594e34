"""What became of the user's own tests on both sides, compared test by test.

Written down in the child by child_pytest.py. What pytest prints is not looked at: it has times,
source lines and line numbers in it, which differ where nothing does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from loadstream.verify.checks import Script, Target
from loadstream.verify.compare_values import shorten
from loadstream.verify.ignoring import Ignore
from loadstream.verify.model import Difference

_ORDINARY = (0, 1, 5)  # all passed, some failed, none collected
_CODES = {2: "interrupted", 3: "internal error", 4: "wrong usage", 5: "no tests"}
_SHOWN = 300


def is_tests(target: Target) -> bool:
    """True for a check that runs pytest."""
    return isinstance(target, Script) and target.module == "pytest"


@dataclass(frozen=True, slots=True)
class Tests:
    """One run of pytest.

    `outcomes` has (outcome, cause) of each test by its name, `collection` why something could not
    be collected, `files` the digests of the test files. `code` is pytest's exit code, `problem`
    says why it could not run at all.
    """

    outcomes: Mapping[str, tuple[str, str]]
    collection: Mapping[str, str]
    files: Mapping[str, str]
    code: int
    problem: str

    @property
    def counts(self) -> Counter[str]:
        """How many tests had each outcome."""
        return Counter(outcome for outcome, _ in self.outcomes.values())


def read_tests(result: Mapping[str, Any], target: Target) -> Tests | None:
    """The tests in the child's result; None where it was to run something else."""
    if not is_tests(target):
        return None
    found = result.get("tests")
    if found is None:
        why = "pytest did not come to its end, as after os._exit()"
        if result.get("raised"):
            why = f"pytest raised {': '.join(result['raised'])}"
        return Tests({}, {}, {}, -1, why)
    return Tests(
        outcomes={name: (outcome, why) for name, (outcome, why) in found["outcomes"].items()},
        collection=found["collection"],
        files=found["files"],
        code=found["code"],
        problem=found["problem"],
    )


def differences(old: Tests, new: Tests, ignore: Ignore) -> Iterator[Difference]:
    """The tests that came out otherwise.

    A test that only new has is none where its file was changed: then it is one more (`added`). A
    test that is gone is a difference always: fewer tests pass for a change that does less.
    """
    found = False
    for name in sorted({*old.collection, *new.collection}):
        before, after = (_collection(side, name, ignore) for side in (old, new))
        if before != after:
            found = True
            yield Difference(f"collection of {name}", _short(before), _short(after))
    if found:  # and so pytest has run nothing on one side
        return
    passed_over = set(added(old, new))
    for name in sorted({*old.outcomes, *new.outcomes} - passed_over):
        before, after = (_outcome(side, name, ignore) for side in (old, new))
        if before != after:
            found = True
            yield Difference(f"test {name}", _short(before), _short(after))
    if not found and (
        old.problem != new.problem or (old.code != new.code and {old.code, new.code} - {*_ORDINARY})
    ):
        yield Difference("end of pytest", _ending(old), _ending(new))


def added(old: Tests, new: Tests) -> tuple[str, ...]:
    """Tests that only new has because their file was changed or is new."""
    changed = _changed(old, new)
    names = sorted(new.outcomes.keys() - old.outcomes.keys())
    return tuple(name for name in names if name.partition("::")[0] in changed)


def advice(old: Tests, new: Tests) -> tuple[str, ...]:
    """What was not compared, in words."""
    names = added(old, new)
    if not names:
        return ()
    more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
    return (f"{names[0]} is only in the working tree{more}: not compared",)


def nothing_shown(old: Tests, new: Tests, stderr: str) -> str:
    """Why agreement of the tests would mean nothing, empty where some passed on both sides."""
    if old.problem:
        return old.problem
    if old.collection:
        name, why = min(old.collection.items())
        return f"tests cannot be collected, alike on both sides: {name}: {shorten(why)}"
    if old.code not in _ORDINARY:
        said = [line for line in stderr.splitlines() if line.startswith("ERROR")]
        words = f": {shorten(said[-1].removeprefix('ERROR:').strip())}" if said else ""
        return f"pytest ended alike on both sides, {_ending(old)}{words}"
    if not old.outcomes and not new.outcomes:
        return "no test was run: pytest collected none"
    shared = old.outcomes.keys() & new.outcomes.keys()
    if not shared:
        return "no test is on both sides: the test files were changed"
    if not any(old.outcomes[name][0] in ("passed", "xpassed") for name in shared):
        counts = Counter(old.outcomes[name][0] for name in shared)
        return f"no test passed: {_listed(counts)}, alike on both sides"
    return ""


def agreement(old: Tests, new: Tests) -> str:
    """`12 passed, 1 failed alike`."""
    shared = old.outcomes.keys() & new.outcomes.keys()
    return f"{_listed(Counter(old.outcomes[name][0] for name in shared))} alike on both sides"


def _listed(counts: Mapping[str, int]) -> str:
    order = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
    return ", ".join(f"{counts[kind]} {kind}" for kind in order if counts.get(kind))


def _changed(old: Tests, new: Tests) -> set[str]:
    files = {*old.files, *new.files}
    return {file for file in files if old.files.get(file) != new.files.get(file)}


def _collection(side: Tests, name: str, ignore: Ignore) -> str:
    return f"error: {ignore.text(side.collection[name])}" if name in side.collection else "no error"


def _outcome(side: Tests, name: str, ignore: Ignore) -> str:
    if name not in side.outcomes:
        return "not collected"
    outcome, why = side.outcomes[name]
    return f"{outcome}: {ignore.text(why)}" if why else outcome


def _short(text: str) -> str:
    return shorten(text, _SHOWN)


def _ending(side: Tests) -> str:
    return side.problem or _CODES.get(side.code, f"exit code {side.code}")

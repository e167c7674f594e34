"""`assert_same(old, new, cases)`: two functions agree on every case, or the smallest that fails.

In this process, with the encoding and the comparison of the whole verification: results by their
types, exceptions, output, changed arguments. Old runs again after new: where it disagrees with
itself nothing can be said, and that fails too.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from loadstream.verify.compare import Comparison, compare, unstable_places
from loadstream.verify.compare_values import shorten
from loadstream.verify.encode import MAX_NODES, Encoder, TooLargeError, class_name
from loadstream.verify.named_function import find_function
from loadstream.verify.observed import Observed, Output
from loadstream.verify.shrink import shrink

Function: TypeAlias = "Callable[..., Any] | str"
_SHRINK_SECONDS = 3.0
_SHOWN = 1000
_DIFFERENCES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class _Case:
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def __str__(self) -> str:
        words = [repr(value) for value in self.args]
        words += [f"{name}={value!r}" for name, value in self.kwargs.items()]
        return f"({', '.join(words)})"


@dataclass(frozen=True, slots=True)
class _Judged:
    """One case with what both sides did, where they differ and where old differs from itself."""

    case: _Case
    old: Observed
    new: Observed
    comparison: Comparison
    unstable: frozenset[str]

    @property
    def fault(self) -> str:
        """Why this case fails the assertion, empty where it does not."""
        if self.comparison.differences:
            return "old and new differ"
        if self.unstable:
            return (
                f"old disagrees with itself at {', '.join(sorted(self.unstable)[:3])}: "
                "nothing can be said about new"
            )
        if self.comparison.opaque:
            return f"{self.comparison.opaque[0].place} has no equality"
        return ""


def assert_same(
    old: Function, new: Function, cases: Iterable[Any], *, ignore: Sequence[str] = ()
) -> None:
    """Assert that `old` and `new` do the same for each of `cases`.

    Both are callables, or texts `path.py:function` or `package.module:function`. A case is a tuple
    of arguments or a dict of keyword arguments; each side gets copies. `cases` may also be a
    strategy of hypothesis that makes such cases. `ignore` are regular expressions for what may
    differ in output and messages.

    Raises `AssertionError`: the sides differ, a value has no equality, old disagrees with itself,
    or the cases show nothing (there are none, all raise, nothing is returned or printed).
    """
    first, second = find_function(old), find_function(new)
    judged: list[_Judged] = []

    def check(case: _Case) -> _Judged:
        found = _judge(first, second, case, ignore)
        judged.append(found)
        return found

    if hasattr(cases, "example") and type(cases).__module__.startswith("hypothesis"):
        _from_strategy(cases, check)
    else:
        given = [_as_case(case, number) for number, case in enumerate(cases, 1)]
        for case in given:
            check(case)
        failed = [found for found in judged if found.fault]
        if failed:
            # A difference before what could not be told; a small case before a large one.
            worst = min(failed, key=lambda f: (not f.comparison.differences, len(str(f.case))))
            smaller = _smaller(worst, lambda case: _judge(first, second, case, ignore))
            number = next(n for n, one in enumerate(given, 1) if one is worst.case)
            raise AssertionError(_message(worst, smaller, f"case {number} of {len(given)}"))
    _refuse_nothing(judged)


def _from_strategy(cases: Any, check: Callable[[_Case], _Judged]) -> None:
    """Hypothesis makes the cases and finds the smallest that fails."""
    import importlib

    hypothesis: Any = importlib.import_module("hypothesis")

    def agree(case: Any) -> None:
        found = check(_as_case(case, 1))
        if found.fault:
            raise AssertionError(_message(found, found, "an example of the strategy"))

    hypothesis.given(cases)(agree)()


def _as_case(case: Any, number: int) -> _Case:
    if isinstance(case, tuple):
        return _Case(case, {})
    if isinstance(case, Mapping) and all(isinstance(name, str) for name in case):
        return _Case((), dict(case))
    raise TypeError(
        f"case {number} is of type {type(case).__name__}: give a tuple of arguments, "
        "(x,) for a single one, or a dict of keyword arguments"
    )


def _refuse_nothing(judged: Sequence[_Judged]) -> None:
    if not judged:
        raise AssertionError("there are no cases: nothing was compared")
    raised = [found.old.raised for found in judged if found.old.raised is not None]
    if len(raised) == len(judged):
        raise AssertionError(
            f"every case raised, alike on both sides, so no result was compared: "
            f"{': '.join(raised[0])}"
        )
    if not raised and not any(_shows_anything(found) for found in judged):
        raise AssertionError(
            "no case showed anything: both sides return None, print nothing and leave their "
            "arguments as they are"
        )


def _shows_anything(found: _Judged) -> bool:
    old = found.old
    if old.returned not in (None, (None,)) or old.stdout.size or old.stderr.size:
        return True
    return bool(old.arguments != _encoded([list(found.case.args), dict(found.case.kwargs)]))


# one case


def _judge(
    old: Callable[..., Any], new: Callable[..., Any], case: _Case, ignore: Sequence[str]
) -> _Judged:
    first, second, again = (_observe(function, case) for function in (old, new, old))
    unstable = unstable_places(first, again, ignore)
    comparison = compare(first, second, ignore=ignore, unstable=unstable)
    return _Judged(case, first, second, comparison, unstable)


def _observe(function: Callable[..., Any], case: _Case) -> Observed:
    args, kwargs = _copied(case)
    out, err = io.StringIO(), io.StringIO()
    raised = returned = None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            result = function(*args, **kwargs)
            if isinstance(result, types.CoroutineType):
                import asyncio  # which few need and which takes its time

                result = asyncio.run(result)
            returned = (_encoded(result),)
        except (Exception, SystemExit) as error:
            node = Encoder().exception(error)
            raised = (str(node[1]), str(node[2]))
    return Observed(
        code=0,
        stopped="",
        complete=True,
        stdout=_output(out.getvalue()),
        stderr=_output(err.getvalue()),
        raised=raised,
        returned=returned,
        arguments=_encoded([args, kwargs]),
        variables={},
        written=(),
        opened=(),
        outside=(),
        refused=(),
        filtered=None,
        escaped=(),
        measured=None,
        seconds=0.0,
    )


def _copied(case: _Case) -> tuple[list[Any], dict[str, Any]]:
    try:
        # Together, so that two arguments that are one object stay one.
        args, kwargs = copy.deepcopy((list(case.args), dict(case.kwargs)))
    except Exception as error:
        raise TypeError(
            f"the arguments {shorten(str(case))} cannot be copied for each side: {error}"
        ) from error
    return args, kwargs


def _encoded(value: Any) -> Any:
    try:
        return Encoder().encode(value)
    except TooLargeError:
        return ["opaque", class_name(type(value)), f"more than {MAX_NODES:,} values"]
    except RecursionError:
        return ["opaque", class_name(type(value)), "nested too deep to be read"]


def _output(text: str) -> Output:
    data = text.encode("utf-8", "surrogatepass")
    return Output(data, len(data), hashlib.sha256(data).hexdigest())


# the smallest case, and the words for it


def _smaller(found: _Judged, judge: Callable[[_Case], _Judged]) -> _Judged:
    """The same difference on a smaller case, where its arguments are plain documents."""
    if not found.comparison.differences:
        return found
    names: list[int | str] = [*range(len(found.case.args)), *found.case.kwargs]
    values = [*found.case.args, *found.case.kwargs.values()]
    documents = {
        str(position): value for position, value in enumerate(values) if _is_document(value)
    }
    aspects = found.comparison.aspects

    def case_of(changed: Mapping[str, Any]) -> _Case:
        filled = [changed.get(str(position), value) for position, value in enumerate(values)]
        count = len(found.case.args)
        kwargs = {str(name): value for name, value in zip(names, filled, strict=True)}
        return _Case(tuple(filled[:count]), dict([*kwargs.items()][count:]))

    def still_differs(batch: Sequence[Mapping[str, Any]]) -> list[bool]:
        answers = [judge(case_of(changed)) for changed in batch]
        return [
            bool(one.comparison.differences) and one.comparison.aspects <= aspects
            for one in answers
        ]

    changed = shrink(documents, still_differs, seconds=_SHRINK_SECONDS, width=1)
    if changed == documents:
        return found
    again = judge(case_of(changed))
    return again if again.comparison.differences else found


def _is_document(value: Any) -> bool:
    """Whether a value is a list or dict of plain values, which can be made smaller."""
    pending, containers = [value], (list, dict)
    if type(value) not in containers:
        return False
    for item in pending:
        if type(item) is dict:
            if not all(type(key) is str for key in item):
                return False
            pending.extend(item.values())
        elif type(item) is list:
            pending.extend(item)
        elif item is not None and type(item) not in (str, int, float, bool):
            return False
        if len(pending) > 100_000:
            return False
    return True


def _message(given: _Judged, smaller: _Judged, where: str) -> str:
    lines = [f"{given.fault} ({where})"]
    if smaller is not given:
        lines[0] += ", made smaller"
    lines.append(f"  arguments: {shorten(str(smaller.case), _SHOWN)}")
    found = smaller.comparison.differences or smaller.comparison.opaque
    for difference in found[:_DIFFERENCES_SHOWN]:
        lines.append(f"  {difference.place}")
        lines.append(f"    old: {difference.old}")
        lines.append(f"    new: {difference.new}")
    if len(found) > _DIFFERENCES_SHOWN:
        lines.append(f"  … and {len(found) - _DIFFERENCES_SHOWN} more")
    return "\n".join(lines)

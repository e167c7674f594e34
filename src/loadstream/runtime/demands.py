"""What a filter certainly demands of an element, found in its code and proved.

Flow: source → window → elements (sieve ← **demands**) → stream. The filter
`lambda e: e.get("level") == "error" and e["ms"] > cutoff` is false, and does nothing else, for
every object whose `level` is something else. `demands_of` finds such conditions in a function,
whether its source is at hand or not.

How it is proved. From the constants that the function loads, a source text is guessed: one of a few
shapes, whose first conditions compare a key with constants, and which then goes on with something
unknown. The guess is compiled by the same Python, and its instructions are compared with those of
the function:

- from the first one up to the unknown part, they must be the same, with the same arguments;
- a jump inside that stretch must lead to the same place of it;
- a jump out of it must lead to the same instructions up to a return.

Then the function does what the guess does as long as it has not come to the unknown part; and when
a condition of the guess does not hold, it never does. No meaning of any instruction is assumed, so
this holds in every version of Python: where a compiler does something unforeseen, no guess fits,
and the filter demands nothing. What a global or a closure holds is not certain, and is no constant.

Who could tell that such a function has not been called? Only a debugger or a profiler.
"""

from __future__ import annotations

import dis
from types import CodeType, FunctionType
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    Scalar: TypeAlias = str | int | float | bool | None
    Shape: TypeAlias = "Callable[[str, list[_Condition]], list[str]]"

_LARGEST = 2**53

_NOT_PLAIN = 0x04 | 0x08 | 0x20 | 0x80 | 0x100 | 0x200
"""Code that takes *args or **kwargs, or is that of a generator or coroutine."""

_REST = "__rest__"

_NONE_SUCH: Any = object()


class Demand(NamedTuple):
    """The filter is false for an object unless `key` has one of `values`.

    `without` tells whether an object that lacks the key may still get through, or raise.
    """

    key: str
    values: tuple[Scalar, ...]
    without: bool


def demands_of(filter_func: Callable[[Any], object]) -> tuple[Demand, ...]:
    """The demands that a filter tests before all else, in its order; empty if there are none.

    It is false for an object that does not meet the first, or meets the first and not the second,
    and so on; and that has no effect.
    """
    if type(filter_func) is not FunctionType:
        return ()
    code = filter_func.__code__
    if code.co_argcount != 1 or code.co_kwonlyargcount or code.co_flags & _NOT_PLAIN:
        return ()
    actual = _Steps(code)
    for shape in _SHAPES:
        if proved := _proved(shape, code, actual):
            return proved
    return ()


class _Condition(NamedTuple):
    """A demand, and how a function may have written it; `loads` constants have been passed then."""

    demand: Demand
    met: str
    not_met: str
    loads: int


def _proved(shape: Shape, code: CodeType, actual: _Steps) -> tuple[Demand, ...]:
    """The longest run of demands for which the function has this shape."""
    element, constants = code.co_varnames[0], actual.constants()
    run: list[_Condition] = []
    longer = True
    while longer:
        longer = False
        loaded = run[-1].loads if run else 0
        for condition in _conditions(element, constants, loaded):
            guesses = shape(element, [*run, condition])
            if any(_same(guess, actual) for guess in _compiled(guesses, code)):
                run.append(condition)
                longer = True
                break
    return tuple(condition.demand for condition in run)


def _conditions(element: str, constants: list[Any], loaded: int) -> Iterator[_Condition]:
    """The conditions that could have loaded the constants from there on."""
    for start in (loaded, loaded + 1):  # between two demands there may be a `return False`
        first, second, third = (*constants[start : start + 3], *[_NONE_SUCH] * 3)[:3]
        if type(first) is str:
            raising, giving = f"{element}[{first!r}]", f"{element}.get({first!r})"
            yield from _comparisons(first, raising, _NONE_SUCH, second, start + 2)
            yield from _comparisons(first, giving, None, second, start + 2)
            if _is_scalar(second):
                giving = f"{element}.get({first!r}, {second!r})"
                yield from _comparisons(first, giving, second, third, start + 3)
        if type(second) is str and _is_scalar(first):
            raising, giving = f"{element}[{second!r}]", f"{element}.get({second!r})"
            for subject, missing in ((raising, _NONE_SUCH), (giving, None)):
                demand = Demand(second, (first,), missing in (_NONE_SUCH, first))
                met, not_met = f"{first!r} == {subject}", f"{first!r} != {subject}"
                yield _Condition(demand, met, not_met, start + 2)


def _comparisons(
    key: str, subject: str, missing: Any, value: Any, loads: int
) -> Iterator[_Condition]:
    """The condition that compares a key's value with a constant, whatever that is."""
    if _is_scalar(value):
        demand = Demand(key, (value,), missing in (_NONE_SUCH, value))
        yield _Condition(demand, f"{subject} == {value!r}", f"{subject} != {value!r}", loads)
    elif type(value) in (tuple, frozenset) and value and all(map(_is_scalar, value)):
        demand = Demand(key, tuple(value), missing is _NONE_SUCH or missing in value)
        some = repr(value) if type(value) is tuple else f"{{{', '.join(map(repr, value))}}}"
        yield _Condition(demand, f"{subject} in {some}", f"{subject} not in {some}", loads)


def _is_scalar(value: Any) -> bool:
    """Whether this is a constant that a value of JSON can equal, and that its `repr` spells."""
    if type(value) in (int, float):
        return bool(abs(value) <= _LARGEST)
    return value is None or type(value) in (str, bool)


def _conjunction(element: str, run: list[_Condition]) -> list[str]:
    """`a and b and …`, and that alone."""
    met = " and ".join(condition.met for condition in run)
    return [f"return lambda {element}: {met} and {{rest}}", f"return lambda {element}: {met}"]


def _block(element: str, run: list[_Condition]) -> list[str]:
    """`if a and b: …`, and nothing behind it but a return."""
    met = " and ".join(condition.met for condition in run)
    return [
        f"def guess({element}):\n  if {met}:\n   {{rest}}\n  return {false}" for false in _FALSE
    ]


def _guards(element: str, run: list[_Condition]) -> list[str]:
    """`if not a: return False`, and so on."""
    return [
        f"def guess({element}):\n"
        + "".join(f"  if {condition.not_met}:\n   return {false}\n" for condition in run)
        + "  return {rest}"
        for false in _FALSE
    ]


_FALSE = ("False", "None")

_SHAPES: tuple[Shape, ...] = (_conjunction, _block, _guards)


def _compiled(guesses: list[str], code: CodeType) -> Iterator[_Steps]:
    """The instructions of the guesses that compile, with the closure that the function has."""
    element = code.co_varnames[0]
    rest = ", ".join((_REST, *code.co_freevars))
    if element in code.co_cellvars:
        rest += f", lambda: {element}"
    for guess in guesses:
        inner = guess.replace("{rest}", f"({rest})")
        source = f"def around({', '.join(code.co_freevars)}):\n {inner}"
        try:
            around = _code_in(compile(source, "<guess>", "exec", dont_inherit=True))
        except (SyntaxError, ValueError):  # an argument with no name, a constant with a surrogate
            continue
        yield _Steps(_code_in(around))


def _code_in(code: CodeType) -> CodeType:
    return next(constant for constant in code.co_consts if isinstance(constant, CodeType))


class _Steps:
    """The instructions of a function, and which of them stands at an offset."""

    def __init__(self, code: CodeType) -> None:
        self.all: list[dis.Instruction] = []
        self._index: dict[int, int] = {}
        for step in dis.get_instructions(code):
            self._index[step.offset] = len(self.all)  # a jump may lead to an EXTENDED_ARG
            if step.opname not in ("EXTENDED_ARG", "CACHE"):
                self.all.append(step)

    def constants(self) -> list[Any]:
        """What is loaded, in this order."""
        return [step.argval for step in self.all if step.opname in _LOADS]

    def known(self) -> int:
        """How many instructions stand before the unknown rest."""
        for index, step in enumerate(self.all):
            if step.opname == "LOAD_GLOBAL" and step.argval == _REST:
                return index
        return len(self.all)

    def target(self, jump: dis.Instruction) -> int:
        """The index of the instruction to which a jump leads."""
        return self._index[jump.argval]

    def to_return(self, start: int) -> list[tuple[Any, ...]] | None:
        """The instructions from one up to the next return; None if there is a jump before it."""
        found = []
        for step in self.all[start:]:
            if step.opcode in _JUMPS:
                return None
            found.append(_meaning(step))
            if step.opname.startswith("RETURN_"):
                return found
        return None


_LOADS = ("LOAD_CONST", "LOAD_SMALL_INT")

_JUMPS = frozenset((*dis.hasjrel, *dis.hasjabs))


def _same(guess: _Steps, actual: _Steps) -> bool:
    """Whether the function does what the guess does, up to the unknown rest of the guess."""
    known = guess.known()
    if known > len(actual.all):
        return False
    for guessed, found in zip(guess.all[:known], actual.all, strict=False):
        if guessed.opcode != found.opcode:
            return False
        if guessed.opcode not in _JUMPS:
            if _meaning(guessed) != _meaning(found):
                return False
            continue
        target, to = guess.target(guessed), actual.target(found)
        if target <= known or to <= known:
            if target != to:
                return False
            continue
        ending = guess.to_return(target)
        if ending is None or ending != actual.to_return(to):
            return False
    return True


def _meaning(step: dis.Instruction) -> tuple[Any, ...]:
    """What two instructions have in common if they do the same; not for jumps."""
    if step.opname in _LOADS and isinstance(step.argval, frozenset):
        return step.opcode, frozenset((type(value), value) for value in step.argval)
    return step.opcode, step.argrepr, repr(step.argval)

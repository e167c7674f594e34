"""The same program in other clothes is rewritten to the same.

`python -m tests.differential.formatting --programs 4000` prints each divergence as it is found.
A generated program and its dressed twin (`dressing`) are both rewritten. The new texts must be the
same to Python, but for the choice between a lambda and a `def`, which depends on how long a line
is; what only one of them may refuse is a plan that has no place for a comment, or none to stand.
Nothing that the plans do not concern may change, and old and new must agree when they run.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import random
import re
import sys
import tempfile
import tokenize
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from loadstream.analysis.plans import (
    AccumulateLoop,
    FilterLoop,
    ImportChange,
    Plan,
    RuntimeImport,
    Split,
)
from loadstream.analysis.spans import Span
from loadstream_codemods.apply import apply
from loadstream_codemods.errors import CannotApplyError
from tests.differential import documents, programs
from tests.differential.dressing import Dress, comments_of, draw, dressed, varied
from tests.differential.harness import Workshop
from tests.differential.model import Divergence, Program
from tests.differential.same import canonical

FAMILIES: tuple[Callable[[random.Random], Program], ...] = (programs.generate, documents.generate)


class Fitting:
    """Rewrites programs dressed and plain, and compares; counts what only one of them refuses."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self.rewritten = 0
        self.refused: Counter[str] = Counter()

    def divergence(self, program: Program, dress: Dress) -> Divergence | None:
        """None where the dressed program becomes what the plain one does."""
        plain = self._workshop.rewrite(program.text)
        in_clothes = Program(dressed(program.text, dress), program.documents)

        def parted(kind: str, note: str, new: str = "") -> Divergence:
            return Divergence(kind, in_clothes, new, None, None, None, note)

        try:
            twin = self._workshop.rewrite(in_clothes.text)
            new, refused = _applied(twin.text, twin.plans)
        except Exception as error:
            return parted("the rewrite fails", f"{type(error).__name__}: {error}")
        if list(map(_outline, plain.plans)) != list(map(_outline, twin.plans)):
            # What stands on one line cannot always be told apart: then less is rewritten.
            self.refused["other plans"] += 1
            return self._workshop.divergence(in_clothes)
        self.refused.update(refused.values())
        self.rewritten += new != in_clothes.text
        left = [plan for index, plan in enumerate(plain.plans) if index not in refused]
        expected, plainly_refused = _applied(plain.text, left)
        if plainly_refused:
            return None
        if canonical(new, twin.text) != canonical(expected, plain.text):
            return parted("rewritten otherwise", f"than\n{expected}", new)
        done = [plan for index, plan in enumerate(twin.plans) if index not in refused]
        if fault := _fault(twin.text, new, done):
            kind, note = fault
            return parted(kind, note, new)
        return self._workshop.divergence(in_clothes)


def _outline(plan: Plan) -> tuple[object, ...]:
    """What of a plan does not depend on where things stand."""
    return plan.code, plan.safety, type(plan.shape), len(plan.bindings), len(plan.branches)


def _applied(text: str, plans: Sequence[Plan]) -> tuple[str, dict[int, str]]:
    """The new text, and by their index the plans that could not be carried out, with the cause."""
    remaining = dict(enumerate(plans))
    refused: dict[int, str] = {}
    while remaining:
        try:
            return apply(text, list(remaining.values())), refused
        except CannotApplyError as error:  # noqa: PERF203 (that is the loop's purpose)
            culprit = next((i for i, p in remaining.items() if p == error.plan), max(remaining))
            refused[culprit] = re.sub(r"'[^']*'|\d+", "…", f"{type(error).__name__}: {error.cause}")
            del remaining[culprit]
    return text, refused


def _fault(old: str, new: str, plans: Sequence[Plan]) -> tuple[str, str] | None:
    """What is wrong with the text itself, in a few fixed words, and where."""
    try:
        ast.parse(new)
    except SyntaxError as error:
        return "no Python", str(error)
    lost = Counter(comments_of(old)) - Counter(comments_of(new))
    doubled = Counter(comments_of(new)) - Counter(comments_of(old))
    if lost or (doubled and not any(plan.branches for plan in plans)):
        return "other comments", f"{lost} {doubled}"
    if not _line_ends(new) <= _line_ends(old):
        return "other line ends", ""
    if odd := _indents(new) - _indents(old) - {""}:
        units = [one for one in _indents(old) if one]
        if units and any(one.replace(min(units, key=len), "") for one in odd):
            return "other indentation", repr(odd)
    if touched := _touched(old, new, plans):
        return "untouched code is changed", touched
    return None


def _line_ends(text: str) -> set[str]:
    return set(re.findall(r"\r\n|\r|\n", text))


def _indents(text: str) -> set[str]:
    lines = iter(re.sub(r"\r\n?", "\n", text).splitlines(keepends=True))
    return {
        token.string
        for token in tokenize.generate_tokens(lambda: next(lines, ""))
        if token.type == tokenize.INDENT
    }


def _touched(old: str, new: str, plans: Sequence[Plan]) -> str:
    """The first changed line that belongs to no edited statement; an empty string is none."""
    before, after = (re.split(r"\r\n|\r|\n", text) for text in (old, new))
    concerned = _concerned(old, plans)
    for tag, first, last, start, end in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        for number in range(first + 1, last + 1):
            line = before[number - 1]
            is_moved = after.count(line) >= before.count(line)
            if number not in concerned and line.strip() and not is_moved:
                return f"line {number}: {line!r} → {after[start:end]}"
    return ""


def _concerned(text: str, plans: Sequence[Plan]) -> set[int]:
    """The lines of the statements that the plans name; of a block, what belongs to its head."""
    tree = ast.parse(text)
    lines: set[int] = set()
    for node in ast.walk(tree):  # a run of imports may be sorted again
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            assert node.end_lineno is not None
            lines |= set(range(node.lineno, node.end_lineno + 1))
    for plan in plans:
        for part in plan.each:
            whole = isinstance(part.shape, (FilterLoop, AccumulateLoop))
            whole = whole or bool(part.placement or part.guard)
            lines |= _lines_of(part.source) | _lines_of(part.stream.call)
            for span in _spans(part):
                for node in ast.walk(tree):
                    if isinstance(node, ast.stmt):
                        lines |= _lines_at(node, span, whole=bool(whole))
    for node in ast.walk(tree):  # a semicolon goes with the statement behind it
        if isinstance(node, ast.stmt) and not hasattr(node, "body"):
            assert node.end_lineno is not None
            if {node.lineno, node.end_lineno} & lines:
                lines |= set(range(node.lineno, node.end_lineno + 1))
    # The comments and blank lines above and below move with a statement.
    texts = re.split(r"\r\n|\r|\n", text)
    for number in sorted(lines):
        for step in (-1, 1):
            near = number + step
            while 0 < near <= len(texts) and texts[near - 1].strip()[:1] in ("", "#"):
                lines.add(near)
                near += step
    return lines


def _lines_of(span: Span) -> set[int]:
    return set(range(span.start.line, span.end.line + 1))


def _spans(plan: Plan) -> Iterator[Span]:
    yield from (plan.source, plan.stream.call, plan.anchor, *plan.bindings)
    yield from getattr(plan.shape, "reads", ())
    if isinstance(plan.shape, AccumulateLoop):
        yield plan.shape.initial
    if isinstance(plan.shape, Split):
        yield from (one.statement for one in plan.shape.filters)
        yield plan.shape.imports.statement
    if isinstance(plan.imports, (ImportChange, RuntimeImport)):
        yield plan.imports.statement
    if plan.guard is not None:
        yield plan.guard
    if plan.placement is not None:
        yield plan.placement.around
        yield from getattr(plan.placement, "removed", ())
        if hasattr(plan.placement, "statement"):
            yield plan.placement.statement


def _lines_at(node: ast.stmt, span: Span, *, whole: bool) -> set[int]:
    assert node.end_lineno is not None
    first = span.start.line
    if not node.lineno <= first <= node.end_lineno:
        return set()
    body = getattr(node, "body", None)
    if body is None:
        return set(range(node.lineno, node.end_lineno + 1))
    head = set(range(node.lineno, max(body[0].lineno, node.lineno + 1)))
    if first in head:
        return set(range(node.lineno, node.end_lineno + 1)) if whole else head
    return set()


def smaller(
    found: Divergence, dress: Dress, again: Callable[[Dress], Divergence | None]
) -> tuple[Divergence, Dress]:
    """The same divergence with as few kinds of noise as show it."""
    for kind in sorted(dress.kinds):
        less = again(dress.without(kind))
        if less is not None and less.kind == found.kind:
            found, dress = less, dress.without(kind)
    return found, dress


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", type=int, default=4000)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--stop-after", type=int, default=20, help="divergences")
    options = parser.parse_args()
    divergences = 0
    quick = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=quick) as folder:
        fitting = Fitting(Workshop(Path(folder)))
        for seed in range(options.first_seed, options.first_seed + options.programs):
            found = divergence_of(seed, fitting)
            if found is not None:
                divergences += 1
                print(f"===== seed {seed}: {found}\n", flush=True)
            if divergences >= options.stop_after:
                break
    for cause, count in fitting.refused.most_common():
        print(f"{count} refused: {cause}")
    print(f"{divergences} divergences; {fitting.rewritten} of {options.programs} rewritten")
    sys.exit(divergences > 0)


def divergence_of(seed: int, fitting: Fitting) -> Divergence | None:
    """What the program and the dress of a seed come to, in as few kinds of noise as show it."""
    rng = random.Random(seed)
    program = rng.choice(FAMILIES)(rng)
    program = Program(varied(program.text, rng), program.documents)
    dress = draw(rng)
    found = fitting.divergence(program, dress)
    if found is None:
        return None
    found, dress = smaller(found, dress, lambda less: fitting.divergence(program, less))
    note = f"{found.note}\n{sorted(dress.kinds)}"
    return Divergence(
        found.kind, found.program, found.new, found.document, found.before, found.after, note
    )


if __name__ == "__main__":
    main()

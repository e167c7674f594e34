"""Chooses which faults are put into the new code of a check, and makes the files that have them.

Only code that the check can reach by name is broken. Changed lines come first, then changed
functions, then the rest of the changed file that is run; among these the choice is spread over
operators, files and lines, and is the same each time.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from loadstream.verify.mutant_operators import Edit, Source, edits, is_guard


@dataclass(frozen=True, slots=True)
class Mutant:
    """One file with one fault: the operator, what was done in words, the text of the whole file.

    `broken` says why it cannot be run, where it does not even compile.
    """

    path: str
    line: int
    operator: str
    label: str
    source: str
    broken: str = ""

    def diff(self, original: str) -> str:
        """The fault as a unified diff of the new file."""
        before, after = (text.splitlines() for text in (original, self.source))
        names = (f"{self.path} (new)", f"{self.path} (mutant)")
        return "\n".join(difflib.unified_diff(before, after, *names, n=2, lineterm="")) + "\n"


@dataclass(frozen=True, slots=True)
class TargetFile:
    """A file of the new side, and what stood there before (None: the file is new).

    `whole` is False where only functions that changed are broken.
    """

    path: str
    text: str
    before: str | None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class _Candidate:
    rank: int
    path: str
    edit: Edit
    mark: str


def mutants(
    files: Sequence[TargetFile],
    code: Mapping[str, ast.Module],
    start: Iterable[str],
    script: str,
    count: int,
    floats: frozenset[str] | None = None,
) -> tuple[Mutant, ...]:
    """At most `count` mutants of `files`, the most telling first.

    `code` is all code that can run, by path; `start` are the names of the functions that the
    check itself calls, `script` the file whose main guard is true, if any;
    `floats` are the keys below which the data has floats, where that is known.
    """
    names = _reached(code, start, script)
    sources: dict[str, Source] = {}
    candidates: list[_Candidate] = []
    for file in files:
        try:
            sources[file.path] = source = Source(file.text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        candidates.extend(
            candidate
            for candidate in _candidates(file, source, names)
            if not _is_idle(candidate.edit, floats)
        )
    chosen: list[Mutant] = []
    for candidate in _spread(candidates):
        made = _made(candidate, sources[candidate.path])
        if made is not None:
            chosen.append(made)
        if len(chosen) >= count:
            break
    return tuple(chosen)


def _candidates(file: TargetFile, source: Source, names: set[str]) -> Iterator[_Candidate]:
    changed_lines = _changed_lines(file)
    regions = list(_regions(source.tree))
    known = _dumps(file.before)
    for edit in edits(source):
        region = next((r for r in regions if r.first <= edit.line <= r.last), None)
        if region is not None and region.name not in names and not region.name.startswith("__"):
            continue
        rank = 2
        differs = region is not None and known.get(region.qualified) != ast.dump(region.node)
        if edit.line in changed_lines:
            rank = 0
        elif differs:
            rank = 1
        if rank == 2 and not file.whole:
            continue
        mark = hashlib.sha1(
            f"{file.path}:{edit.line}:{edit.begin}:{edit.label}".encode(), usedforsecurity=False
        ).hexdigest()
        yield _Candidate(rank, file.path, edit, mark)


def _is_idle(edit: Edit, floats: frozenset[str] | None) -> bool:
    """Whether no float of the data can be changed by a fault that makes decimals of floats."""
    known = floats is not None and edit.operator == "decimal" and edit.reads is not None
    return known and not (floats or frozenset()) & (edit.reads or frozenset())


def _spread(candidates: list[_Candidate]) -> Iterator[_Candidate]:
    """All candidates, each time one of the kinds and places that were taken least so far."""
    taken: Counter[object] = Counter()
    left = list(candidates)

    def order(candidate: _Candidate) -> tuple[object, ...]:
        edit = candidate.edit
        return (
            candidate.rank,
            taken[edit.operator],
            taken[candidate.path, edit.line],
            taken[candidate.path],
            candidate.mark,
        )

    while left:
        best = min(left, key=order)
        left.remove(best)
        taken.update((best.edit.operator, (best.path, best.edit.line), best.path))
        yield best


def _made(candidate: _Candidate, source: Source) -> Mutant | None:
    """The mutant of an edit; None where it is the same program in other words."""
    edit = candidate.edit
    text = source.applied(edit)
    broken = ""
    try:
        if ast.dump(ast.parse(text)) == ast.dump(source.tree):
            return None
        compile(text, candidate.path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        broken = f"it does not compile: {error}"
    return Mutant(candidate.path, edit.line, edit.operator, edit.label, text, broken)


def _changed_lines(file: TargetFile) -> set[int]:
    """The numbers of lines of the new file that the old one does not have there."""
    if file.before is None:
        return set()
    before, after = file.before.splitlines(), file.text.splitlines()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return {
        number + 1
        for kind, _, _, begin, end in matcher.get_opcodes()
        if kind != "equal"
        for number in range(begin, end)
    }


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class _Region:
    """A function or method at the outermost level, by its lines."""

    name: str
    qualified: str
    first: int
    last: int
    node: ast.AST


def _regions(tree: ast.Module) -> Iterator[_Region]:
    for node in tree.body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for function in inside:
            if isinstance(function, _FUNCTIONS):
                last = function.end_lineno or function.lineno
                name = function.name
                yield _Region(name, prefix + name, function.lineno, last, function)


def _dumps(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    try:
        return {region.qualified: ast.dump(region.node) for region in _regions(ast.parse(text))}
    except (SyntaxError, ValueError, RecursionError):
        return {}


def _reached(code: Mapping[str, ast.Module], start: Iterable[str], script: str) -> set[str]:
    """The names that running the check can come by, through whatever function has that name."""
    bodies: dict[str, list[ast.AST]] = {}
    found: set[str] = set()
    pending: list[ast.AST] = []
    for path, tree in code.items():
        regions = list(_regions(tree))
        for region in regions:
            bodies.setdefault(region.name, []).append(region.node)
        # What stands outside of functions runs when the file is imported.
        inside = {id(region.node) for region in regions}
        for node in tree.body:
            if path != script and isinstance(node, ast.If) and is_guard(node.test):
                continue
            parts = node.body if isinstance(node, ast.ClassDef) else [node]
            pending.extend(part for part in parts if id(part) not in inside)
    for name in start:
        found.add(name)
        pending.extend(bodies.get(name, ()))
    while pending:
        for inner in ast.walk(pending.pop()):
            name = ""
            if isinstance(inner, ast.Name):
                name = inner.id
            elif isinstance(inner, ast.Attribute):
                name = inner.attr
            if name and name not in found:
                found.add(name)
                pending.extend(bodies.get(name, ()))
    return found

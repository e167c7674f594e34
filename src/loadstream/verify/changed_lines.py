"""Which statements of the new side differ from the old side, function by function.

A change that nothing has run says nothing about old and new, whatever the checks found. What
counts as changed is read from both texts with `ast`: in each function whose own code differs (and
in the module outside of its functions) the statements on lines that differ. Comments, blank
lines, docstrings and formatting are no change.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

MODULE = ""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINING = (*_FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement by its lines, without those of its body if it has one.

    `defines` marks what only gives something its name: an import, a `def` or a `class`.
    """

    first: int
    last: int
    defines: bool = False


@dataclass(frozen=True, slots=True)
class Unit:
    """A function that changed, by its qualified name; the module itself is named `MODULE`.

    `line` is the line that its code object begins at (that of its first decorator), `body` the
    lines of its body, `statements` what changed in it. `added` says that it is new, and that the
    old text had no use for its name: nothing that old did can depend on it.
    """

    name: str
    line: int
    body: range
    statements: tuple[Statement, ...]
    added: bool = False

    @property
    def telling(self) -> tuple[Statement, ...]:
        """The statements one of which must have run: that a name is imported shows nothing."""
        return tuple(s for s in self.statements if not s.defines) or self.statements


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """What changed in one file; `functions` are all of its functions, changed or not."""

    path: str
    units: tuple[Unit, ...]
    functions: tuple[tuple[str, int, range], ...]

    @property
    def lines(self) -> tuple[int, ...]:
        """Every line of a statement that changed."""
        return tuple(
            sorted(
                {
                    line
                    for unit in self.units
                    for statement in unit.statements
                    for line in range(statement.first, statement.last + 1)
                }
            )
        )

    def owner(self, code: str, begins: int) -> str:
        """The function that a code object belongs to, by its name and its first line.

        A lambda, a comprehension or the body of a class belongs to the function around it.
        """
        if code == "<module>":
            return MODULE
        inner = [f for f in self.functions if f[1] == begins and f[0].rpartition(".")[2] == code]
        if inner:
            return inner[-1][0]
        around = [f for f in self.functions if begins in f[2]]
        return min(around, key=lambda f: len(f[2]))[0] if around else MODULE


def changed_file(
    path: str, old: str | None, new: str, trees: tuple[ast.Module | None, ast.Module]
) -> ChangedFile:
    """What changed from `old` (None: there was no such file) to `new`, with both texts parsed."""
    before, after = trees
    lines = new_lines(old, new)
    known = {} if before is None else {name: _shape(node) for name, node in _units(before)}
    words = frozenset(re.findall(r"\w+", old or ""))
    units: list[Unit] = []
    functions: list[tuple[str, int, range]] = []
    for name, node in _units(after):
        body = _body_lines(node)
        if isinstance(node, _FUNCTIONS):
            functions.append((name, _begins(node), body))
        if known.get(name) == _shape(node):
            continue
        statements = tuple(_changed_statements(node, lines))
        if not statements:
            # Only something that is gone: that the function runs at all is what can be seen.
            statements = tuple(_all_statements(node))[:1]
        if statements:
            # Its outermost name is what the old text would have reached it by.
            added = name != MODULE and name not in known and name.split(".")[0] not in words
            begins = _begins(node) if isinstance(node, _FUNCTIONS) else 1
            units.append(Unit(name, begins, body, statements, added or before is None))
    return ChangedFile(path, tuple(units), tuple(functions))


def changed_files(
    paths: Iterable[str],
    old: tuple[Mapping[str, ast.Module], Mapping[str, str]],
    new: tuple[Mapping[str, ast.Module], Mapping[str, str]],
) -> dict[str, ChangedFile]:
    """What changed in each of `paths` that parses on the new side, where anything did."""
    found = {}
    for path in paths:
        if path in new[0]:
            trees = (old[0].get(path), new[0][path])
            file = changed_file(path, old[1].get(path), new[1][path], trees)
            if file.units:
                found[path] = file
    return found


def headers(tree: ast.Module) -> Iterator[tuple[Statement, str]]:
    """Every statement of a file, without its body, and its code whatever its formatting."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        pending.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.stmt) and not _is_nothing(node):
            own = next(_in_statement(node))
            name = node.name if isinstance(node, (*_FUNCTIONS, ast.ClassDef)) else ""
            code = " ".join([type(node).__name__, name, *map(ast.dump, _parts(node)[0])])
            yield own, code


def new_lines(old: str | None, new: str) -> frozenset[int]:
    """The lines of `new`, from 1, that differ from `old`, without comments and blank ones."""
    a, b = (old or "").splitlines(), new.splitlines()
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return frozenset(
        line + 1
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag != "equal"
        for line in range(start, end)
        if b[line].strip() and not b[line].lstrip().startswith("#")
    )


def _units(tree: ast.Module) -> Iterator[tuple[str, ast.Module | _Function]]:
    """The module and each of its functions, with qualified names; a name that comes again, #2."""
    yield MODULE, tree
    seen: dict[str, int] = {}
    pending: list[tuple[str, ast.AST]] = [(MODULE, tree)]
    while pending:
        prefix, node = pending.pop(0)
        for child in ast.iter_child_nodes(node):
            name = prefix
            if isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
                name = f"{prefix}.{child.name}".lstrip(".")
            if isinstance(child, _FUNCTIONS):
                seen[name] = seen.get(name, 0) + 1
                if seen[name] > 1:
                    name = f"{name.removesuffix(child.name)}#{seen[name]}.{child.name}"
                yield name, child
            pending.append((name, child))


def _begins(node: _Function) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _body_lines(node: ast.Module | _Function) -> range:
    if not node.body:
        return range(0)
    return range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1)


def _shape(node: ast.Module | _Function) -> str:
    """The code that belongs to a unit itself: what nested functions do is theirs."""
    return "\n".join(_own(node.body))


def _own(body: list[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if _is_nothing(statement):
            continue
        header, blocks = _parts(statement)
        yield " ".join([type(statement).__name__, *map(ast.dump, header)])
        if isinstance(statement, _FUNCTIONS):
            yield statement.name
            continue
        if isinstance(statement, ast.ClassDef):
            yield statement.name
        for block in blocks:
            yield "{"
            yield from _own(block)
            yield "}"


def _parts(node: ast.AST) -> tuple[list[ast.AST], list[list[ast.stmt]]]:
    """What stands in a statement's header, and its blocks."""
    header: list[ast.AST] = []
    blocks: list[list[ast.stmt]] = []
    for _, value in ast.iter_fields(node):
        values = value if isinstance(value, list) else [value]
        if values and isinstance(values[0], ast.stmt):
            blocks.append(values)
        elif values and isinstance(values[0], (ast.excepthandler, ast.match_case)):
            for part in values:
                inner, bodies = _parts(part)
                header.extend(inner)
                blocks.extend(bodies)
        else:
            header.extend(item for item in values if isinstance(item, ast.AST))
            header.extend(
                ast.Constant(item)
                for item in values
                if isinstance(item, (str, int)) and not isinstance(node, _FUNCTIONS)
            )
    return header, blocks


def _is_nothing(statement: ast.stmt) -> bool:
    """A docstring or another constant that stands alone: it does nothing."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _changed_statements(node: ast.Module | _Function, lines: frozenset[int]) -> Iterator[Statement]:
    for statement in _all_statements(node):
        if any(line in lines for line in range(statement.first, statement.last + 1)):
            yield statement


def _all_statements(node: ast.Module | _Function) -> Iterator[Statement]:
    """What the interpreter can be seen to run of a unit's own body, in order."""
    yield from _in_blocks([node.body])


def _in_blocks(blocks: list[list[ast.stmt]]) -> Iterator[Statement]:
    for block in blocks:
        for statement in block:
            if _is_nothing(statement) or isinstance(statement, (ast.Global, ast.Nonlocal)):
                continue
            if isinstance(statement, ast.AnnAssign) and statement.value is None:
                continue
            yield from _in_statement(statement)


def _in_statement(statement: ast.stmt) -> Iterator[Statement]:
    first = statement.lineno
    if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
        first = min([first, *(decorator.lineno for decorator in statement.decorator_list)])
    blocks: list[list[ast.stmt]] = []
    alternatives: list[tuple[int, list[ast.stmt]]] = []
    for _, value in ast.iter_fields(statement):
        if not isinstance(value, list) or not value:
            continue
        if isinstance(value[0], ast.stmt):
            blocks.append(value)
        elif isinstance(value[0], ast.excepthandler):
            alternatives += [(handler.lineno, handler.body) for handler in value]
        elif isinstance(value[0], ast.match_case):
            alternatives += [(case.pattern.lineno, case.body) for case in value]
    begins = [block[0].lineno for block in blocks] + [line for line, _ in alternatives]
    last = statement.end_lineno or first
    if begins:
        last = max(first, min(last, min(begins) - 1))
    yield Statement(first, last, isinstance(statement, _DEFINING))
    if isinstance(statement, _FUNCTIONS):
        return
    yield from _in_blocks(blocks)
    for line, body in alternatives:
        yield Statement(line, max(line, body[0].lineno - 1))
        yield from _in_blocks([body])

"""The part of a text that LibCST has to see: functions and classes without a site are left out.

LibCST needs some hundred times as long for a line as `ast` does. So a function or class at the top
level that no plan names, and in which no name is read that an import may lose, is given to it as a
stub of the same kind, name and lines, and comes back into the new text character for character:

    def histogram(values):            def histogram():
        rows = []                         \"\"\"loadstream 3
        …                     →
        return rows                   \"\"\"

Its places are those of the whole text. What it does not tell of the rest, the text's style, is
counted here.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from loadstream.analysis.plans import ImportChange, Plan, RuntimeImport, spans_of
from loadstream.analysis.source import SourceError, tree_of
from loadstream_codemods.errors import CannotApplyError

_LEAST_LINES = 3
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+\Z")
_STRING = re.compile(r"""[a-zA-Z]*(['"])""")
# Whoever uses these may read any name; what is in `__all__` is read by others.
_REFLECTION = {"eval", "exec", "globals", "__all__"}


@dataclass(frozen=True, slots=True)
class Shortened:
    """`text` is to be edited in place of `whole`; `left_out` are stubs and what they stand for.

    `quotes` counts the short strings that are left out and could have either quote, by their quote.
    """

    whole: str
    text: str
    left_out: tuple[tuple[str, str], ...] = ()
    quotes: Counter[str] | None = None

    def restored(self, new: str) -> str:
        """The edited text with all that was left out. Raises CannotApplyError if a stub is gone."""
        pieces, rest = [], new
        for stub, original in self.left_out:
            before, found, rest = rest.partition(stub)
            if not found or stub in rest or (before and before[-1] not in "\r\n"):
                raise CannotApplyError("what was left out has no place")
            pieces += [before, original]
        return "".join([*pieces, rest])


def shortened(whole: str, plans: Sequence[Plan]) -> Shortened:
    """`whole` without what does not concern `plans`."""
    try:
        tree = tree_of(whole)
    except SourceError:
        return Shortened(whole, whole)
    lines = _LINE.findall(whole)
    touched = [(span.start.line, span.end.line) for span in set(spans_of(tuple(plans)))]
    concerned = _concerned(whole, plans)
    left_out: list[tuple[str, str]] = []
    quotes: Counter[str] = Counter()
    for node in _candidates(tree, lines):
        first, last = node.lineno, node.end_lineno or node.lineno
        original = "".join(lines[first - 1 : last])
        if any(a <= last and first <= b for a, b in touched) or concerned(original):
            continue
        found = _quotes(original)
        if found is None:
            continue
        stub = _stub(node, lines[first - 1 : last], len(left_out))
        if stub in whole:
            continue
        quotes += found
        left_out.append((stub, original))
        lines[first - 1] = stub
        lines[first:last] = [""] * (last - first)
    return Shortened(whole, "".join(lines), tuple(left_out), quotes)


_Block = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _candidates(tree: ast.Module, lines: Sequence[str]) -> Iterator[_Block]:
    """Functions and classes of some lines at the top level.

    One that an indented comment follows stays: LibCST counts the comment as a part of it.
    """
    for node, following in zip(tree.body, [*tree.body[1:], None], strict=True):
        if not isinstance(node, _Block):
            continue
        last = node.end_lineno or node.lineno
        end = len(lines) if following is None else _start(following) - 1
        if (
            last - node.lineno + 1 >= _LEAST_LINES
            and not lines[_start(node.body[0]) - 1][: node.body[0].col_offset].strip()
            and not any(line.strip() and line[:1].isspace() for line in lines[last:end])
        ):
            yield node


def _start(node: ast.stmt) -> int:
    decorators: Sequence[ast.expr] = getattr(node, "decorator_list", ())
    return min([node.lineno, *(one.lineno for one in decorators)])


def _concerned(whole: str, plans: Sequence[Plan]) -> Callable[[str], object]:
    """What finds in a text whatever an import that is to lose a name might be kept for.

    That is what `References` finds, or more. `json` behind a dot, as in a file's name, is not the
    module, unless something can read any name.
    """
    loaders: set[str | None] = set()
    decoders: set[str | None] = set()
    for plan in plans:
        for part in plan.each:
            if isinstance(part.imports, ImportChange):
                loaders.add(part.imports.remove)
            elif isinstance(part.imports, RuntimeImport):
                decoders.add(part.imports.remove)
    if re.search(_any_of(_REFLECTION), whole):
        loaders |= decoders
        decoders = set()
    patterns = [_any_of(loaders | _REFLECTION)]
    if names := _any_of(decoders):
        patterns.append(rf"(?<!\.){names}|{names}\.|>>>")
    return re.compile("|".join(patterns)).search


def _any_of(names: Iterable[str | None]) -> str:
    known = sorted(re.escape(name) for name in names if name is not None)
    return rf"\b(?:{'|'.join(known)})\b" if known else ""


def _stub(node: _Block, lines: Sequence[str], number: int) -> str:
    keyword = {"FunctionDef": "def", "AsyncFunctionDef": "async def", "ClassDef": "class"}
    brackets = "" if isinstance(node, ast.ClassDef) else "()"
    first, second, *rest = (line[len(line.rstrip("\r\n")) :] for line in lines)
    body = lines[_start(node.body[0]) - node.lineno]
    indent = body[: len(body) - len(body.lstrip())]
    head = f"{keyword[type(node).__name__]} {node.name}{brackets}:{first}"
    return f'{head}{indent}"""loadstream {number}{second}{"".join(rest[:-1])}"""{rest[-1]}'


def _quotes(text: str) -> Counter[str] | None:
    """How many short strings are written with each quote; None where that cannot be told."""
    quotes: Counter[str] = Counter()
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        for token in tokenize.generate_tokens(lines.readline):
            if token.type == tokenize.STRING and (quote := _either(token.string)):
                quotes[quote] += 1
    except (tokenize.TokenError, SyntaxError):
        return None
    return quotes


def _either(string: str) -> str:
    """The quote of a string that could have the other one as well; empty for other strings."""
    match = _STRING.match(string)
    if match is None or "f" in match[0].lower() or string[match.start(1) :][:3] == match[1] * 3:
        return ""
    inner = string[match.end() : -1]
    return "" if {"'", '"'} & set(inner) else match[1]

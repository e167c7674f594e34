"""The same program in other clothes: formatting that means nothing to Python.

    for s in rows:            for s in(rows
        if s["a"]:      →         ): # c1
            n += 1            \tif s['a']: n += 1; print(n)  # c2
        print(n)

`dressed` draws a few kinds of noise; each draws for itself, so that one can be left out and the
others stay as they are. Programs to be dressed have no comments and no brackets over lines.
"""

from __future__ import annotations

import ast
import io
import keyword
import random
import re
import tokenize
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

KINDS = (
    "parentheses",
    "commas",
    "quotes",
    "indentation",
    "comments",
    "own lines",
    "brackets",
    "broken brackets",
    "backslashes",
    "spaces",
    "semicolons",
    "suites",
    "blank lines",
    "form feeds",
    "cookie",
    "line ends",
    "last line",
)
_COMPOUND = frozenset(
    "if elif else for while with try except finally def class async @ match case".split()
)
_UNITS = ("\t", " ", "  ", "   ", "        ")
_PLAIN_STRING = re.compile(r"""(["'])([^"'\\]*)\1""")


@dataclass(frozen=True, slots=True)
class Dress:
    """Kinds of noise, and the seed that they draw with."""

    seed: int
    kinds: frozenset[str]

    def without(self, kind: str) -> Dress:
        """The same with one kind less."""
        return Dress(self.seed, self.kinds - {kind})

    def rng(self, kind: str) -> random.Random:
        """What a kind draws with: never true to its name where it is not among the kinds."""
        return random.Random(f"{self.seed} {kind}") if kind in self.kinds else _Never()


class _Never(random.Random):
    """Draws no noise."""

    def random(self) -> float:
        return 1.0

    def getrandbits(self, _: int) -> int:
        return 0


def draw(rng: random.Random) -> Dress:
    """Some kinds of noise: often all but a few, often a few only."""
    share = rng.choice([0.15, 0.4, 0.8])
    kinds = frozenset(kind for kind in KINDS if rng.random() < share)
    return Dress(rng.randrange(1 << 30), kinds or frozenset({rng.choice(KINDS)}))


def varied(text: str, rng: random.Random) -> str:
    """`text` with what is not noise, but no other program either.

    A docstring, an annotation of a variable, an import from the future, names that are not ASCII.
    """
    for change in (_renamed, _annotated, _from_future, _documented):
        new = change(text, rng) if rng.random() < 0.2 else text
        if new != text and _compiles(new):
            text = new
    return text


def dressed(text: str, dress: Dress) -> str:
    """`text` in other clothes; the same tree to Python."""
    new = _with_commas(_in_parentheses(text, dress.rng("parentheses")), dress.rng("commas"))
    new = _Tailor(dress).text(new)
    new = _around(new, dress)
    assert ast.dump(ast.parse(new)) == ast.dump(ast.parse(text)), new
    return new


def _compiles(text: str) -> bool:
    try:
        compile(text, "program.py", "exec")
    except SyntaxError:
        return False
    return True


def _renamed(text: str, rng: random.Random) -> str:
    old, new = rng.choice([("rows", "zeilen_ä"), ("s", "ş"), ("item", "élément"), ("data", "dät")])
    if new == "dät" and "import data" in text:
        return text
    return re.sub(rf"(?<![\w'\".]){old}(?![\w'\"]| import)", new, text)


def _annotated(text: str, _: random.Random) -> str:
    note = r"\g<1>\g<2>: object = \g<3>"
    return re.sub(r"(?m)^( *)(rows|data|doc|payload|items|records) = (.*)$", note, text, count=1)


def _from_future(text: str, _: random.Random) -> str:
    return text if "__future__" in text else "from __future__ import annotations\n" + text


def _documented(text: str, _: random.Random) -> str:
    return f'"""Größe: what it does."""\n{text}'


def _positions(text: str) -> Iterator[tuple[ast.AST, int, int]]:
    """Every expression that can stand in parentheses, and where in the text it does."""
    starts = [0]
    lines = text.split("\n")
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)

    def at(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    def visit(node: ast.AST) -> Iterator[tuple[ast.AST, int, int]]:
        if isinstance(node, ast.JoinedStr):
            return
        if isinstance(node, ast.expr) and not isinstance(node, (ast.Starred, ast.Slice)):
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            yield node, at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)
        for child in ast.iter_child_nodes(node):
            yield from visit(child)

    yield from visit(ast.parse(text))


def _same(new: str, old: str) -> bool:
    try:
        return ast.dump(ast.parse(new)) == ast.dump(ast.parse(old))
    except SyntaxError:
        return False


def _in_parentheses(text: str, rng: random.Random) -> str:
    for _ in range(6):
        if rng.random() >= 0.7:
            continue
        _node, start, end = rng.choice(list(_positions(text)))
        new = f"{text[:start]}({text[start:end]}){text[end:]}"
        text = new if _same(new, text) else text
    return text


def _with_commas(text: str, rng: random.Random) -> str:
    for _ in range(4):
        if rng.random() >= 0.7:
            continue
        kinds = (ast.Call, ast.List, ast.Set, ast.Dict)
        ends = [end for node, _, end in _positions(text) if isinstance(node, kinds)]
        end = rng.choice(ends or [len(text)])
        new = f"{text[: end - 1]},{text[end - 1 :]}"
        text = new if _same(new, text) else text
    return text


@dataclass(slots=True)
class _Line:
    """One logical line: its depth in blocks, and its tokens with the spaces before them."""

    depth: int
    parts: list[tuple[str, tokenize.TokenInfo]] = field(default_factory=list)

    @property
    def is_header(self) -> bool:
        first, last = self.parts[0][1].string, self.parts[-1][1].string
        return last == ":" or (first in _COMPOUND and (first != "match" or last == ":"))


def _lines(text: str) -> list[_Line]:
    found: list[_Line] = []
    depth, end, fresh = 0, (1, 0), True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.INDENT:
            depth += 1
        elif token.type == tokenize.DEDENT:
            depth -= 1
        elif token.type == tokenize.NEWLINE:
            fresh = True
        elif token.type not in (tokenize.NL, tokenize.ENDMARKER):
            if fresh:
                found.append(_Line(depth))
            is_near = not fresh and end[0] == token.start[0]
            space = token.line[end[1] : token.start[1]] if is_near else ""
            found[-1].parts.append((space if is_near or fresh else " ", token))
            fresh = False
        end = token.end
    return found


class _Tailor:
    """Writes the lines of a program again, with noise between their tokens."""

    def __init__(self, dress: Dress) -> None:
        self._dress = dress
        self._rng = {kind: dress.rng(kind) for kind in KINDS}
        self._comments = 0
        units = self._rng["indentation"]
        self._unit = units.choice(_UNITS) if units.random() < 1 else "    "

    def text(self, text: str) -> str:
        lines = _lines(text)
        result: list[str] = []
        index = 0
        while index < len(lines):
            line = lines[index]
            result += self._above(line)
            written = self._unit * line.depth + self._line(line)
            index += 1
            if line.is_header:
                end = self._suite(lines, index)
                if end is not None:
                    written += " " + "; ".join(self._line(one) for one in lines[index:end])
                    index = end
            else:
                while (
                    index < len(lines)
                    and lines[index].depth == line.depth
                    and not lines[index].is_header
                    and self._rng["semicolons"].random() < 0.3
                ):
                    written += "; " + self._line(lines[index])
                    index += 1
                if self._rng["semicolons"].random() < 0.1:
                    written += ";"
            if self._rng["comments"].random() < 0.4:
                written += self._rng["comments"].choice(["  ", " ", ""]) + self._comment()
            elif self._rng["spaces"].random() < 0.2:
                written += "  "
            result.append(written)
        return "\n".join(result) + "\n"

    def _suite(self, lines: list[_Line], start: int) -> int | None:
        """The end of the header's block, if that is to stand behind its colon."""
        if lines[start - 1].parts[-1][1].string != ":" or self._rng["suites"].random() > 0.5:
            return None
        end = start
        while end < len(lines) and lines[end].depth > lines[start - 1].depth:
            if lines[end].is_header:
                return None
            end += 1
        return end

    def _comment(self) -> str:
        self._comments += 1
        words = self._rng["comments"].choice(["", "", " noqa: E501", " = 'größer'", ": [({"])
        return f"# c{self._comments}{words}"

    def _above(self, line: _Line) -> list[str]:
        result = []
        for _ in range(3):
            if self._rng["own lines"].random() < 0.15:
                depth = self._rng["own lines"].choice([line.depth] * 4 + [0, line.depth + 1])
                result.append(self._unit * depth + self._comment())
            if self._rng["blank lines"].random() < 0.15:
                result.append(self._rng["blank lines"].choice(["", "", "  "]))
        if self._rng["form feeds"].random() < 0.05:
            result.append("\f")
        return result

    def _line(self, line: _Line) -> str:
        result, brackets, in_string = "", 0, 0
        for index, (space, token) in enumerate(line.parts):
            before = line.parts[index - 1][1] if index else None
            if token.string in ")]}" and token.type == tokenize.OP and not in_string:
                brackets -= 1
            if before is not None and not in_string:
                inside = brackets > 0 or (token.string in ")]}" and token.type == tokenize.OP)
                space = self._space(space, before, token, inside)
            result += space + (token.string if in_string else self._token(token))
            name = tokenize.tok_name[token.type]
            in_string += (name == "FSTRING_START") - (name == "FSTRING_END")
            if token.string in "([{" and token.type == tokenize.OP and not in_string:
                brackets += 1
        return result

    def _token(self, token: tokenize.TokenInfo) -> str:
        if token.type == tokenize.STRING and self._rng["quotes"].random() < 0.6:
            found = _PLAIN_STRING.fullmatch(token.string)
            if found is not None:
                quote = "'" if found[1] == '"' else '"'
                return f"{quote}{found[2]}{quote}"
        return token.string

    def _space(
        self, space: str, before: tokenize.TokenInfo, token: tokenize.TokenInfo, inside: bool
    ) -> str:
        margin = self._unit * self._rng["brackets"].choice([0, 1, 1, 2, 3])
        if inside and self._rng["brackets"].random() < 0.12:
            return "\n" * self._rng["brackets"].choice([1, 1, 1, 2]) + margin
        if inside and self._rng["broken brackets"].random() < 0.06:
            more = self._rng["broken brackets"].random() < 0.4
            return f"  {self._comment()}\n{margin}" + more * f"{self._comment()}\n{margin}"
        if self._rng["backslashes"].random() < 0.05:
            return " \\\n" + margin
        if self._rng["spaces"].random() < 0.1:
            return space + self._rng["spaces"].choice([" ", "  ", "\t"])
        tight = {before.string[-1:], token.string[:1]} & set("()[]{}'\"=+<>-,")
        is_word = keyword.iskeyword(before.string) or keyword.iskeyword(token.string)
        if space == " " and tight and (is_word or token.type == tokenize.OP):
            both = before.string[-1:] + token.string[:1]
            safe = not re.fullmatch(r"\w['\"]|[-+*/<>=!:]{2}", both)
            if safe and self._rng["spaces"].random() < 0.1:
                return ""
        return space


def _around(text: str, dress: Dress) -> str:
    """The first line, the last, and how lines end."""
    if dress.rng("cookie").random() < 1:
        text = f"# -*- coding: utf-8 -*-\n{text}"
    last = dress.rng("last line")
    if last.random() < 1:
        end = last.choice(["", "\n\n\n", "\n# the end", "\n    # the end\n\n", "\n  \n"])
        text = text.rstrip("\n") + end
    ends = dress.rng("line ends")
    if ends.random() < 1:
        text = text.replace("\n", ends.choice(["\r\n", "\r\n", "\r"]))
    return text


def comments_of(text: str) -> Collection[str]:
    """The comments of a text, each as often as it stands there."""
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    tokens = tokenize.generate_tokens(lines.readline)
    return sorted(token.string for token in tokens if token.type == tokenize.COMMENT)

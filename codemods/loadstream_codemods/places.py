"""From the spans of a plan to the nodes of a LibCST module.

`ast`, which the plans come from, counts the parentheses of a generator or tuple as a part of it
and LibCST does not; `Places` evens that out. It needs LibCST's positions and no other metadata.
"""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from loadstream.analysis.spans import Lines, Position, Span
from loadstream_codemods.errors import CannotApplyError

# A line that ends in two brackets, one in the other: `kept = list(stream_x(`.
_HUGS = re.compile(r"[(\[{][^()\[\]{}#'\"]*[(\[{][ \t]*(?:#.*)?$")


class Places:
    """The nodes of `module`, which was parsed from the text of `lines`, by their spans.

    `quotes` counts strings that `lines` have and `module` has not, by their quote.
    """

    def __init__(
        self, module: cst.Module, lines: Lines, quotes: Mapping[str, int] | None = None
    ) -> None:
        self._lines = lines
        self._module = module
        self._ranges: Mapping[cst.CSTNode, CodeRange] = MetadataWrapper(
            module, unsafe_skip_copy=True
        ).resolve(PositionProvider)
        self._expressions: dict[Span, cst.BaseExpression] = {}
        self._sole_generators: dict[Position, cst.GeneratorExp] = {}
        self._calls_of_sole: dict[cst.BaseExpression, cst.Call] = {}
        self._small: dict[Position, cst.BaseSmallStatement] = {}
        self._statements: dict[Position, cst.BaseStatement] = {}
        self._quotes: Counter[str] = Counter(quotes)
        for node in self._ranges:
            self._enter(node)

    def _enter(self, node: cst.CSTNode) -> None:
        match node:
            case cst.GeneratorExp() | cst.Tuple():
                self._expressions[self.span(node)] = node
                if node.lpar:
                    inner = Span(self.span(node.lpar[-1]).start, self.span(node.rpar[0]).end)
                    self._expressions[inner] = node
            case cst.BaseExpression():
                self._expressions[self.span(node)] = node
                if isinstance(node, cst.SimpleString) and _could_have_either_quote(node):
                    self._quotes[node.quote] += 1
                if isinstance(node, cst.Call) and (given := _sole_argument(node)):
                    self._calls_of_sole[given] = node
                    if isinstance(given, cst.GeneratorExp) and not given.lpar:
                        self._sole_generators[self.span(node).end] = given
            case cst.BaseSmallStatement():
                self._small[self.span(node).start] = node
            case cst.SimpleStatementLine():
                # A small statement further on in the line leads to the line as well.
                for small in node.body:
                    self._statements[self.span(small).start] = node
            case cst.BaseCompoundStatement():
                self._statements[self.span(node).start] = node

    @property
    def quote(self) -> str:
        """The quote that most strings of the module are written with; double where it is even."""
        return "'" if self._quotes["'"] > self._quotes['"'] else '"'

    @cached_property
    def hugs(self) -> bool:
        """Tell whether brackets that are broken over lines stand close together somewhere."""
        return any(map(_HUGS.search, self._lines))

    @property
    def newline(self) -> str:
        """How most lines of the module end."""
        return self._module.default_newline

    def span(self, node: cst.CSTNode) -> Span:
        """Where `node` stands, without its own parentheses."""
        place = self._ranges[node]
        return Span(
            Position(place.start.line, place.start.column),
            Position(place.end.line, place.end.column),
        )

    def expression(self, span: Span) -> cst.BaseExpression:
        """The expression at `span`. Raises CannotApplyError where there is none."""
        node = self._expressions.get(span)
        if node is None and self._opens_with_parenthesis(span):
            node = self._sole_generators.get(span.end)
        if node is None or not self._reads_as(node, span):
            raise CannotApplyError(f"no expression at line {span.start.line}")
        return node

    def around(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """The call to which `node` is all that is given, without parentheses; otherwise `node`."""
        return node if node.lpar else self._calls_of_sole.get(node, node)

    def small_statement(self, span: Span) -> cst.BaseSmallStatement:
        """The simple statement that starts `span`. Raises CannotApplyError."""
        node = self._small.get(span.start)
        if node is None:
            raise CannotApplyError(f"no simple statement at line {span.start.line}")
        return node

    def statement(self, span: Span) -> cst.BaseStatement:
        """The statement, or line of statements, that holds the start of `span`.

        Raises CannotApplyError.
        """
        node = self._statements.get(span.start)
        if node is None:
            raise CannotApplyError(f"no statement at line {span.start.line}")
        return node

    def line(self, number: int) -> str:
        """The text of one line, counted from 1."""
        return self._lines.text(Span(Position(number, 0), Position(number, sys.maxsize)))

    def behind(self, node: cst.CSTNode) -> str:
        """The rest of the line behind `node`."""
        end = self._ranges[node].end
        return self.line(end.line)[end.column :]

    def _opens_with_parenthesis(self, span: Span) -> bool:
        return self._lines.text(span).startswith("(")

    def _reads_as(self, node: cst.CSTNode, span: Span) -> bool:
        """Guard against the places of f-string parts, which old versions of `ast` got wrong."""
        code, text = self._module.code_for_node(node), self._lines.text(span)
        bare = "".join(text.split()).removeprefix("(").removesuffix(")")
        return bare in "".join(code.split())


def _could_have_either_quote(string: cst.SimpleString) -> bool:
    return len(string.quote) == 1 and not {"'", '"'} & set(string.raw_value)


def _sole_argument(call: cst.Call) -> cst.BaseExpression | None:
    match call.args:
        case [cst.Arg(value=argument, keyword=None, star="")]:
            return argument
    return None


def comments(*nodes: cst.CSTNode) -> list[str]:
    """The comments inside `nodes`, in the order of the text."""
    return [comment for node in nodes for comment in _comments(node)]


def _comments(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Comment):
        yield node.value
    for child in node.children:
        yield from _comments(child)


def comments_of_text(text: str) -> list[str]:
    """The comments of a whole module, much faster than from its nodes."""
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        tokens = list(tokenize.generate_tokens(lines.readline))
    except (tokenize.TokenError, SyntaxError):
        return comments(cst.parse_module(text))
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def without(all_of: list[str], some: list[str]) -> list[str]:
    """`all_of` less one occurrence of each of `some`, order kept."""
    left = list(some)
    kept = []
    for item in all_of:
        if item in left:
            left.remove(item)
        else:
            kept.append(item)
    return kept

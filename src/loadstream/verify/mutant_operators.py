"""The ways of breaking Python code a little, each as an edit of the file's text.

An edit replaces a span of one expression or statement by something that has as many lines; all
other bytes stay as they are. Whether a fault is worth a run is for mutants.py to say.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes `begin` to `end` of a file become `text`: `operator` is the kind, `label` the words.

    `reads` are the keys that are read of each element concerned, None where more is done with it.
    """

    operator: str
    label: str
    line: int
    begin: int
    end: int
    text: str
    reads: frozenset[str] | None = None


class Source:
    """A file's text with its tree, and where in its bytes every node stands."""

    def __init__(self, text: str) -> None:
        self.data = text.encode("utf-8")
        self.tree = ast.parse(text)
        # Keys of records that the code makes itself: these are never missing.
        self.made = {
            key.value
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Dict)
            for key in node.keys
            if isinstance(key, ast.Constant)
        }
        # Who takes what a comprehension yields, where that is a reduction.
        self.consumers: dict[ast.AST, str] = {}
        self._starts = [0]
        for line in self.data.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def begin(self, node: ast.expr | ast.stmt) -> int:
        """The place of its first byte."""
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt) -> int:
        """The place behind its last byte."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, begin: int, end: int) -> str:
        """What stands between two places."""
        return self.data[begin:end].decode("utf-8")

    def of(self, node: ast.expr | ast.stmt) -> str:
        """A node as it is written."""
        return self.text(self.begin(node), self.end(node))

    def line(self, node: ast.stmt) -> str:
        """What stands on the first line of a statement before it begins."""
        return self.text(self._starts[node.lineno - 1], self.begin(node))

    def after(self, node: ast.stmt) -> str:
        """What stands on the last line of a statement behind it."""
        assert node.end_lineno is not None
        return self.text(self.end(node), self._starts[node.end_lineno])

    def reads(self, target: ast.expr | None) -> frozenset[str] | None:
        """The keys that are read of a loop's variable; None where it is used in other ways too."""
        if not isinstance(target, ast.Name):
            return None
        uses = keys = 0
        found: set[str] = set()
        for node in ast.walk(self.tree):
            uses += (
                isinstance(node, ast.Name)
                and node.id == target.id
                and isinstance(node.ctx, ast.Load)
            )
            read, key = _read_key(node)
            if isinstance(read, ast.Name) and read.id == target.id:
                keys += 1
                found.add(key)
        return frozenset(found) if uses == keys else None

    def applied(self, edit: Edit) -> str:
        """The whole file with the edit done."""
        changed = self.data[: edit.begin] + edit.text.encode("utf-8") + self.data[edit.end :]
        return changed.decode("utf-8")


def edits(source: Source) -> Iterator[Edit]:
    """Every edit that any operator has for this file, main guards excepted, in no order."""
    for node in _nodes(source.tree):
        for operator in _OPERATORS:
            yield from operator(source, node)


def _nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """All nodes but main guards' tests, annotations, and what is inside of a formatted string.

    Before Python 3.12 the places of nodes inside of f-strings are wrong.
    """
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.JoinedStr):
            continue
        yield node
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list"):
                continue
            found = value if isinstance(value, list) else [value]
            pending.extend(
                child for child in found if isinstance(child, ast.AST) and not is_guard(child)
            )


def is_guard(node: ast.AST) -> bool:
    """Whether this is the test of a main guard."""
    return (
        isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Name)
        and node.left.id == "__name__"
    )


_COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Gt: (r">", (">=", "<=")),
    ast.GtE: (r">=", (">", "<")),
    ast.Lt: (r"<", ("<=", ">=")),
    ast.LtE: (r"<=", ("<", ">")),
    ast.Eq: (r"==", ("!=",)),
    ast.NotEq: (r"!=", ("==",)),
    ast.In: (r"in", ("not in",)),
    ast.NotIn: (r"not\s+in", ("in",)),
    ast.Is: (r"is", ("is not",)),
    ast.IsNot: (r"is\s+not", ("is",)),
}


def comparisons(source: Source, node: ast.AST) -> Iterator[Edit]:
    """`>` to `>=` and to `<=`, `==` to `!=`, `in` to `not in`."""
    if not isinstance(node, ast.Compare):
        return
    left = node.left
    for kind, right in zip(node.ops, node.comparators, strict=True):
        was, become = _COMPARISONS[type(kind)]
        begin, end = source.end(left), source.begin(right)
        found = list(re.finditer(rf"(?<![\w=<>!]){was}(?![\w=])", source.text(begin, end)))
        left = right
        if len(found) != 1 or not found[0].group().isascii():
            continue
        start = begin + len(source.text(begin, end)[: found[0].start()].encode("utf-8"))
        word = found[0].group()
        for other in become:
            label = f"{' '.join(word.split())} turned into {other}"
            text = other + "\n" * word.count("\n")
            yield Edit("comparison", label, right.lineno, start, start + len(word), text)


def constants(source: Source, node: ast.AST) -> Iterator[Edit]:
    """A number that is compared with, or that a name or a default stands for, one up and down."""
    places: list[ast.expr | None] = []
    if isinstance(node, ast.Compare):
        places = [node.left, *node.comparators]
    elif isinstance(node, ast.Assign):
        places = [node.value]
    elif isinstance(node, ast.arguments):
        places = [*node.defaults, *node.kw_defaults]
    elif isinstance(node, ast.Slice):
        places = [node.lower, node.upper]
    for place in places:
        if not isinstance(place, ast.Constant) or isinstance(place.value, bool):
            continue
        if isinstance(place.value, (int, float)):
            for step in (1, -1):
                value = place.value + step
                label = f"{source.of(place)} turned into {value}"
                yield _instead(source, "constant", label, place, str(value))


def conjunctions(source: Source, node: ast.AST) -> Iterator[Edit]:
    """`and` for `or` and back, and each of their terms dropped."""
    if not isinstance(node, ast.BoolOp):
        return
    was, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for left, right in zip(node.values, node.values[1:], strict=False):
        begin, end = source.end(left), source.begin(right)
        found = list(re.finditer(rf"\b{was}\b", source.text(begin, end)))
        if len(found) == 1:
            start = begin + len(source.text(begin, end)[: found[0].start()].encode("utf-8"))
            label = f"{was} turned into {other}"
            yield Edit("and-or", label, right.lineno, start, start + len(was), other)
    if was == "or" and _is_default(node.values[-1]):
        label = f"the default {_short(source.of(node.values[-1]))} lost"
        first = source.of(node.values[0])
        yield _instead(source, "lookup", label, node, f"({first})")
        return
    neutral = "True" if was == "and" else "False"
    for value in node.values:
        label = f"the condition {_short(source.of(value))} dropped"
        yield _instead(source, "condition", label, value, neutral)


def _is_default(node: ast.expr) -> bool:
    """Whether this stands for a missing value, as in `x.get("k") or 0`."""
    return isinstance(node, (ast.Constant, ast.List, ast.Dict, ast.Tuple, ast.Set))


def conditions(source: Source, node: ast.AST) -> Iterator[Edit]:
    """A whole condition dropped: of an `if`, of a comprehension, of a filter."""
    tests: list[ast.expr] = []
    if isinstance(node, (ast.If, ast.IfExp)):
        tests = [node.test]
    elif isinstance(node, ast.comprehension):
        tests = node.ifs
    elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Lambda):
        tests = [node.value.body] if node.arg == "filter_func" else []
    for test in tests:
        if not is_guard(test) and not isinstance(test, (ast.BoolOp, ast.Constant)):
            label = f"the condition {_short(source.of(test))} dropped"
            yield _instead(source, "condition", label, test, "True")
    for test in tests:
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            label = f"{_short(source.of(test))} turned round"
            yield _instead(source, "condition", label, test, f"({source.of(test.operand)})")


def lookups(source: Source, node: ast.AST) -> Iterator[Edit]:
    """`x["k"]` to `x.get("k")`, and `x.get("k", …)` to `x["k"]`."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        if _is_text(node.slice) and _text(node.slice) not in source.made:
            key = source.of(node.slice)
            label = f"{_short(source.of(node))} turned into .get({key})"
            begin, end = source.end(node.value), source.end(node)
            head = source.text(begin, source.begin(node.slice))
            if head.strip() == "[":
                text = f".get({key})"
                yield Edit("lookup", label, node.lineno, begin, end, text)
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and node.args
        and _is_text(node.args[0])
        and not node.keywords
    ):
        key = source.of(node.args[0])
        begin, end = source.end(node.func.value), source.end(node)
        lines = source.text(begin, end).count("\n")
        label = f"{_short(source.of(node))} turned into [{key}]"
        yield Edit("lookup", label, node.lineno, begin, end, f"[{key}" + "\n" * lines + "]")


def lists(source: Source, node: ast.AST) -> Iterator[Edit]:
    """`list(x)` to `(x)`."""
    if isinstance(node, ast.Call) and _name(node.func) == "list" and len(node.args) == 1:
        label = f"list() dropped from {_short(source.of(node))}"
        yield Edit("list", label, node.lineno, source.begin(node.func), source.end(node.func), "")


_ORDERED = ("list", "tuple", "enumerate", "next", "dict", "sorted", "max", "min", "Counter")
_COUNTED = ("len", "sum")
_SETS = ("set", "frozenset", "any", "all")
_LOADS = re.compile(r"_?(load|stream|iter|read)", re.IGNORECASE)


def elements(source: Source, node: ast.AST) -> Iterator[Edit]:
    """What is iterated loses its last or its first element, repeats one, or is turned round."""
    iterated: ast.expr | None = None
    consumer = "for"
    if isinstance(node, (ast.For, ast.comprehension)):
        iterated = node.iter
        consumer = source.consumers.get(node, consumer)
        if isinstance(node, ast.comprehension) and node.is_async:
            return
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        consumer = node.func.id
        most = 2 if consumer in ("next", "enumerate", "sum") else 1
        if consumer in (*_ORDERED, *_COUNTED, *_SETS) and len(node.args) <= most:
            iterated = node.args[0]
            if consumer in ("max", "min") and not any(k.arg == "key" for k in node.keywords):
                consumer = "any"  # which of two equal ones comes first does not show
            if isinstance(iterated, (ast.GeneratorExp, ast.ListComp)):
                # What this does with the order holds for what is iterated inside.
                source.consumers[iterated.generators[0]] = consumer
    elif isinstance(node, (ast.SetComp, ast.DictComp)):
        # The same element once more changes nothing.
        source.consumers[node.generators[0]] = "set" if isinstance(node, ast.SetComp) else "next"
    if iterated is None or isinstance(iterated, (ast.GeneratorExp, ast.Starred, ast.Constant)):
        return
    given = f"[*({source.of(iterated)})]"
    kinds = [("last", "{}[:-1]", "the last element lost")]
    kinds += [("first", "{}[1:]", "the first element lost")]
    if consumer not in (*_SETS, "max", "min", "next") and not _ends_early(node):
        kinds += [("repeat", "(lambda v: v + v[-1:])({})", "the last element repeated")]
    if consumer not in (*_SETS, *_COUNTED):
        kinds += [("reverse", "{}[::-1]", "the order turned round")]
    if isinstance(iterated, ast.Call) and _LOADS.match(_name(iterated.func)):
        kinds += [("decimal", _AS_DECIMALS, "Decimal for float")]
    for operator, form, words in kinds:
        text = form.format(given)
        if consumer == "next" and isinstance(node, ast.Call):
            text = f"iter({text})"
        label = f"{words} of {_short(source.of(iterated))}"
        reads = source.reads(getattr(node, "target", None)) if operator == "decimal" else None
        yield replace(_instead(source, operator, label, iterated, text), reads=reads)


def _ends_early(node: ast.AST) -> bool:
    """Whether a loop ends at some element: what comes after the last one is not seen then."""
    inside = ast.walk(node) if isinstance(node, ast.For) else ()
    return any(isinstance(inner, (ast.Return, ast.Break)) for inner in inside)


# What a parser gives that reads numbers as decimals.
_AS_DECIMALS = (
    "(lambda j, d: j.loads(j.dumps({}), parse_float=d.Decimal))"
    '(__import__("json"), __import__("decimal"))'
)


def exceptions(source: Source, node: ast.AST) -> Iterator[Edit]:
    """A `raise` dropped; a missing key swallowed by a statement in a function or a loop."""
    if isinstance(node, ast.Raise):
        yield _instead(source, "exception", "a raise dropped", node, "pass")
    if not isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)):
        return
    if node.value is None or source.line(node).strip() or ";" in source.after(node):
        return
    looked_up = any(
        isinstance(inner, ast.Subscript)
        and _is_text(inner.slice)
        and _text(inner.slice) not in source.made
        for inner in _inside(node.value)
    )
    if looked_up and source.line(node):
        text = f'with __import__("contextlib").suppress(Exception): {source.of(node)}'
        label = f"an exception of {_short(source.of(node))} swallowed"
        yield Edit("exception", label, node.lineno, source.begin(node), source.end(node), text)


def _inside(node: ast.expr) -> Iterator[ast.AST]:
    """The nodes that are evaluated where `node` is, not in a function that it makes."""
    pending: list[ast.AST] = [node]
    for inner in pending:
        yield inner
        if not isinstance(inner, ast.Lambda):
            pending.extend(ast.iter_child_nodes(inner))


_Operator = Callable[[Source, ast.AST], Iterator[Edit]]
_OPERATORS: tuple[_Operator, ...] = (
    comparisons,
    constants,
    conjunctions,
    conditions,
    lookups,
    lists,
    elements,
    exceptions,
)


def _instead(
    source: Source, operator: str, label: str, node: ast.expr | ast.stmt, text: str
) -> Edit:
    """An edit of a whole node; the lines that its text took stay taken."""
    missing = source.of(node).count("\n") - text.count("\n")
    if missing > 0 and isinstance(node, ast.expr):
        text = f"({text}" + "\n" * missing + ")"
    elif missing > 0:
        text += "\n" * missing
    return Edit(operator, label, node.lineno, source.begin(node), source.end(node), text)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _read_key(node: ast.AST) -> tuple[ast.expr | None, str]:
    """What is read in `x["k"]` and in `x.get("k")`, and the key."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        return (node.value, str(_text(node.slice))) if _is_text(node.slice) else (None, "")
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and node.args
        and _is_text(node.args[0])
    ):
        return node.func.value, str(_text(node.args[0]))
    return None, ""


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _text(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 48 else f"{flat[:46]} …"

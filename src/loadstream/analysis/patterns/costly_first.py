"""LS205 costly-first: a condition calls a function before it compares what is at hand.

What it does
    Reports a conjunction over the elements of a load or stream in which a call comes before a
    plain comparison: in a comprehension, in the conditions at the head of a loop, and in the
    predicate that a streamer is given.

Why
    The conditions are evaluated for every element of the file, from the left, until one fails. A
    comparison costs nanoseconds. Put first, it spares the call for each element that it rejects.

Before
    marathons = list(stream_sessions(
        filter_func=lambda s: classify_period(s) == "P4" and len(s["delegations"]) > 20
    ))

After
    marathons = list(stream_sessions(
        filter_func=lambda s: len(s["delegations"]) > 20 and classify_period(s) == "P4"
    ))

Safety
    Never edited. The call may be what makes the comparison possible (`has_size(s) and
    s["size"] > 3`), it may raise, and it may count or print what it is called for: whether the
    two can change places is for a person to say. Cheap, and so never reported, are the likes of
    `len`, `isinstance`, `str`, `int`, `.get`, `.startswith`, `.lower` and `.strip`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from loadstream.analysis.cases import Case, Keep, Report
from loadstream.analysis.loads import Kind, Load
from loadstream.analysis.modules import Module
from loadstream.analysis.plans import Plan, StreamCall, report_of
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.scopes import Access
from loadstream.analysis.spans import Span
from loadstream.analysis.trees import children, walk
from loadstream.analysis.uses import Use

CODE = "LS205"
NAME = "costly-first"

_CHEAP_FUNCTIONS = frozenset(
    "abs bool callable float getattr hasattr id int isinstance issubclass len ord repr round str "
    "type".split()
)
_CHEAP_METHODS = frozenset(
    "casefold endswith get isalnum isalpha isascii isdecimal isdigit islower isnumeric isspace "
    "isupper items keys lower lstrip rstrip startswith strip upper values".split()
)
# What hands on the elements of its arguments, so that a loop over it is one over them.
_HANDING_ON = frozenset("enumerate filter iter list map reversed sorted tqdm tuple zip".split())
_DEEPEST = 3  # variables that are followed, one assigned from the other

CASES: tuple[Case, ...] = (
    Report(
        "print(list(stream_x(filter_func=lambda s: sorted(s['c']) == [1, 2] and s['a'] > 1)))",
    ),
    Report(
        "rows = load_x()\nprint(len(rows))\n"
        "print([s for s in rows if sum(s['c']) > 1 if s['a'] > 1])",
    ),
    Report(
        "rows = load_x()\nprint(rows[0])\nfor s in rows:\n    if not sum(s['c']) or s['a'] <= 1:\n"
        "        continue\n    print(s)",
    ),
    Keep("print(list(stream_x(filter_func=lambda s: s['a'] > 1 and sum(s['c']) > 2)))", ""),
    Keep("print(list(stream_x(filter_func=lambda s: len(s['c']) > 1 and s['a'] > 1)))", ""),
    Keep("print(list(stream_x(filter_func=lambda s: sum(s['c']) > 1 or s['a'] > 1)))", ""),
)


class Term(NamedTuple):
    """One part of a conjunction: `node` must be true, or false where `wanted` says so."""

    node: ast.expr
    wanted: bool


class _Source(NamedTuple):
    """A call that loads or streams, and the expression that the code around it uses."""

    call: ast.Call
    expression: ast.expr
    loader: str
    streamer: str | None
    streams: bool


class Finding(NamedTuple):
    """A costly part before a cheap one; `loader` and `streamer` as in the load."""

    loader: str
    streamer: str | None
    plan: Plan


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """None: how a condition is ordered has nothing to do with what can stream; see `report`."""
    del use
    return None


def report(loads: Iterable[Load], module: Module) -> Iterator[Finding]:
    """A finding for each conjunction over the elements of a load or stream that begins dear."""
    seen: set[ast.expr] = set()
    for source in (*_sources(loads), *_runtime_streams(module)):
        for conditions in _conjunctions(source, module):
            terms = [term for condition in conditions for term in _terms(condition)]
            pair = _costly_before_cheap(terms, module)
            if pair is None or pair[0] in seen or not all(_is_placed(n, module) for n in pair):
                continue
            seen.add(pair[0])
            yield Finding(source.loader, source.streamer, _report(pair, source.call, module))


def _sources(loads: Iterable[Load]) -> Iterator[_Source]:
    for load in loads:
        streams = load.kind is not Kind.LOADED
        yield _Source(load.call, load.expression, load.loader, load.streamer, streams)


def _runtime_streams(module: Module) -> Iterator[_Source]:
    """The calls of loadstream's own runtime, which are no loads of a pair."""
    if "loadstream" not in module.source.text:
        return
    nodes = list(walk(module.source.tree))
    bound = {
        alias.asname or alias.name
        for statement in nodes
        if isinstance(statement, ast.Import | ast.ImportFrom)
        for alias in statement.names
        if "loadstream" in (alias.name, getattr(statement, "module", None))
    }
    for call in nodes if bound else ():
        if not isinstance(call, ast.Call) or not _root(call.func) & bound:
            continue
        if name := _runtime_function(call.func, module):
            yield _Source(call, call, f"loadstream.{name}", f"loadstream.{name}", True)


def _root(callee: ast.expr) -> set[str]:
    """The first name of `stream_json` or `loadstream.stream_json`, if it is a name."""
    root = callee.value if isinstance(callee, ast.Attribute) else callee
    return {root.id} if isinstance(root, ast.Name) else set()


def _runtime_function(callee: ast.expr, module: Module) -> str:
    """The name of the runtime's function that is called, empty if it is none."""
    root = callee.value if isinstance(callee, ast.Attribute) else callee
    if not isinstance(root, ast.Name):
        return ""
    match _binding_nodes(root, module):
        case [ast.alias(name=imported) as alias]:
            statement = module.scopes.parents[alias]
        case _:
            return ""
    if isinstance(callee, ast.Attribute):
        is_module = isinstance(statement, ast.Import) and imported == "loadstream"
        return callee.attr if is_module and callee.attr.startswith("stream_") else ""
    is_from = isinstance(statement, ast.ImportFrom) and statement.module == "loadstream"
    return imported if is_from and imported.startswith("stream_") else ""


def _is_placed(node: ast.expr, module: Module) -> bool:
    """Whether the text at the node's place is the node: before 3.12, f-strings misplace them."""
    return sys.version_info >= (3, 12) or not any(
        isinstance(around, ast.JoinedStr) for around in module.scopes.ancestors(node)
    )


def _report(pair: tuple[ast.expr, ast.Call, ast.expr], loading: ast.Call, module: Module) -> Plan:
    costly, call, cheap = pair
    lines = module.source.lines
    verb = "compared" if isinstance(cheap, ast.Compare) else "looked at"
    dear, plain = _words(call, module), _words(cheap, module)
    fact = f"`{dear}` is called before the cheaper `{plain}` is {verb}"
    place = lines.span(costly)
    if module.scopes.statement(costly) is module.scopes.statement(cheap):
        place = Span(place.start, max(place.end, lines.span(cheap).end))
    stream = StreamCall(lines.span(loading), ast.unparse(loading.func))
    return report_of(CODE, place, fact, stream)


def _words(node: ast.expr, module: Module) -> str:
    """The text of an expression in one line, its middle left out where it is long."""
    text = " ".join(module.source.lines.text(module.source.lines.span(node)).split())
    return text if len(text) <= 50 else f"{text[:30]}…{text[-15:]}"


def _costly_before_cheap(
    terms: Sequence[ast.expr], module: Module
) -> tuple[ast.expr, ast.Call, ast.expr] | None:
    """The first term with a costly call that a plain comparison follows, with that comparison."""
    calls = [next(_costly_calls(term, module), None) for term in terms]
    for index, (costly, call) in enumerate(zip(terms, calls, strict=True)):
        if call is None:
            continue
        named: set[str] = set()
        for earlier, cheap, other in zip(
            terms[index:], terms[index + 1 :], calls[index + 1 :], strict=False
        ):
            named |= {n.target.id for n in walk(earlier) if isinstance(n, ast.NamedExpr)}
            if other is None and _is_plain(cheap) and not _reads(cheap, named):
                return costly, call, cheap
    return None


def _is_plain(term: ast.expr) -> bool:
    """Whether a term without a costly call is a comparison, or just looks at a value."""
    return isinstance(term, ast.Compare | ast.Subscript | ast.Attribute) and not any(
        isinstance(node, ast.Await | ast.NamedExpr | ast.comprehension) for node in walk(term)
    )


def _reads(term: ast.expr, names: set[str]) -> bool:
    return any(isinstance(node, ast.Name) and node.id in names for node in walk(term))


def _costly_calls(node: ast.AST, module: Module) -> Iterator[ast.Call]:
    """The calls in `node` that are made with it and not known to be cheap, outermost first."""
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, ast.Call) and not _is_cheap(node, module):
        yield node
    for child in children(node):
        yield from _costly_calls(child, module)


def _is_cheap(call: ast.Call, module: Module) -> bool:
    callee = call.func
    if isinstance(callee, ast.Name):
        return callee.id in _CHEAP_FUNCTIONS and not _binding_nodes(callee, module)
    if not isinstance(callee, ast.Attribute) or callee.attr not in _CHEAP_METHODS:
        return False
    owner = callee.value
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    # `requests.get(url)` is no method of an element.
    return not isinstance(owner, ast.Name) or not any(
        isinstance(node, ast.alias) for node in _binding_nodes(owner, module)
    )


def _binding_nodes(name: ast.Name, module: Module) -> list[ast.AST]:
    """Whatever binds `name` as it is meant where it stands."""
    home = module.scopes.scope_of[name].home(name.id)
    return [reference.node for reference in module.scopes.bindings(home, name.id)]


def _terms(term: Term) -> Iterator[ast.expr]:
    """The parts of one condition that all have to hold, from the left."""
    node = term.node
    joins = ast.And if term.wanted else ast.Or
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from _terms(Term(node.operand, not term.wanted))
    elif isinstance(node, ast.BoolOp) and isinstance(node.op, joins):
        for value in node.values:
            yield from _terms(Term(value, term.wanted))
    else:
        yield node


def _conjunctions(source: _Source, module: Module) -> Iterator[list[Term]]:
    """The conditions that each element of `source` goes through, one list for each pass over it.

    What the streamer is given to filter with comes first: it is evaluated before the pass's own.
    """
    filters: list[list[Term]] = []
    if source.streams:
        given = [*source.call.args, *(keyword.value for keyword in source.call.keywords)]
        filters = [terms for argument in given if (terms := _of_predicate(argument, module))]
    yield from filters
    before = [term for terms in filters for term in terms]
    for over in _passes(source.expression, module, _DEEPEST):
        if isinstance(over, ast.comprehension):
            yield [*before, *(Term(condition, True) for condition in over.ifs)]
        else:
            yield [*before, *_at_head(over.body)]


def _of_predicate(argument: ast.expr, module: Module) -> list[Term]:
    """The conditions of a lambda, or of the one `def` that a name in this file stands for."""
    if isinstance(argument, ast.Lambda):
        return [Term(argument.body, True)]
    if isinstance(argument, ast.Name):
        match _binding_nodes(argument, module):
            case [ast.FunctionDef(body=body)]:
                return list(_at_head(body))
    return []


def _at_head(body: Sequence[ast.stmt]) -> Iterator[Term]:
    """The conditions at the head of a loop's body or a predicate's, as far as they all must hold.

    These are guards (`if c: continue`, `if c: return False`), the `if` after them, and what stands
    at the head of that one if nothing follows it.
    """
    for statement in body:
        if isinstance(statement, ast.Return) and statement.value is not None:
            yield Term(statement.value, True)
            return
        if isinstance(statement, ast.If):
            if len(statement.body) == 1 and _rejects(statement.body[0]) and not statement.orelse:
                yield Term(statement.test, False)
                continue
            yield Term(statement.test, True)
            rest = body[body.index(statement) + 1 :]
            if not statement.orelse and all(_rejects(other) for other in rest):
                yield from _at_head(statement.body)
            return
        if not _is_step(statement):
            return


def _rejects(statement: ast.stmt) -> bool:
    """Whether a statement is `continue` or `return False`."""
    if isinstance(statement, ast.Return):
        value = statement.value
        return value is None or (isinstance(value, ast.Constant) and not value.value)
    return isinstance(statement, ast.Continue)


def _is_step(statement: ast.stmt) -> bool:
    """Whether a statement only names something, without a call: nothing there is dear."""
    plain = isinstance(statement, ast.Assign | ast.AnnAssign) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )
    return plain and not any(isinstance(node, ast.Call) for node in walk(statement))


def _passes(
    source: ast.expr, module: Module, depth: int
) -> Iterator[ast.For | ast.AsyncFor | ast.comprehension]:
    """The loops and comprehension clauses over `source` or a part of it, through variables."""
    scopes = module.scopes
    node: ast.AST = source
    parent = scopes.parents[node]
    while _hands_on(parent, node):
        node, parent = parent, scopes.parents[parent]
    if isinstance(parent, ast.For | ast.AsyncFor | ast.comprehension) and parent.iter is node:
        yield parent
        return
    target: ast.expr | None = None
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = parent.targets[0]
    elif isinstance(parent, ast.AnnAssign):
        target = parent.target
    if not isinstance(target, ast.Name) or depth == 0:
        return
    references = scopes.references(scopes.scope_of[target].home(target.id), target.id)
    if any(r.access is not Access.READ and r.node is not target for r in references):
        return
    for reference in references:
        if reference.access is Access.READ and isinstance(reference.node, ast.Name):
            yield from _passes(reference.node, module, depth - 1)


def _hands_on(parent: ast.AST, node: ast.AST) -> bool:
    """Whether `parent` gives the elements of `node`, or of a part of it, to what is around it."""
    if isinstance(parent, ast.Subscript | ast.Attribute):
        return parent.value is node
    if not isinstance(parent, ast.Call):
        return False
    callee = parent.func
    if callee is node:  # `doc.get("rows", [])`, `doc.items()`
        return isinstance(callee, ast.Attribute) and callee.attr in ("get", "items", "values")
    return node in parent.args and isinstance(callee, ast.Name) and callee.id in _HANDING_ON

"""LS109 split-filters: several filters over one load become one pass that fills all their lists.

What it does
    List comprehensions that follow each other, and each keep some elements of the same loaded
    value, or of its `values()`, become one call of `loadstream.split`: it streams the data once,
    asks each condition about each element, and gives a list for each.

Why
    The load is there only to be read several times. One pass over a stream does it too, and keeps
    no more than what the lists hold together.

Before
    sessions = load_sessions()
    marathons = [s for s in sessions if s["kind"] == "marathon"]
    errors = [s for s in sessions if s["kind"] == "error"]

After
    marathons, errors = split(
        stream_sessions(),
        lambda s: s["kind"] == "marathon",
        lambda s: s["kind"] == "error",
    )

Safety
    The filters now take turns at each element. That is safe where all of them only look at
    elements of JSON, and the later ones raise nothing that the first has not raised before: the
    same key, say, compared with other literals, perhaps behind the same question whether it is
    there. Otherwise the rewrite is unsafe: if two filters
    raise at different elements, another exception comes first. Between the filters may stand what
    only prints earlier lists, their lengths and literals, or keeps them in a name that no filter
    knows, if all of it is safe; it then comes behind the pass. Kept as `multi-pass` is what has
    anything else between the filters or reads the value once more, and, whatever is asked for: a
    filter that reads a list of another (`self-reference`), that calls what prints, remembers or is
    not known (`effects-between`), or, if it is not safe or something is between, one with a handler
    around it (`partial-effects`). `split` is imported from loadstream, which is then needed.
"""

from __future__ import annotations

import ast

from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.loads import Kind
from loadstream.analysis.passes import ComprehensionPass
from loadstream.analysis.plain import runtime_import
from loadstream.analysis.plans import (
    IntoWith,
    MovedWith,
    NewWith,
    Placement,
    Plan,
    RuntimeImport,
    Split,
    SplitFilter,
)
from loadstream.analysis.predicates import make_plan, make_predicate, movable, name_for
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.spans import Span
from loadstream.analysis.splits import assigned, target_of
from loadstream.analysis.taking_turns import against_turns
from loadstream.analysis.turns_between import statements_between
from loadstream.analysis.uses import Use

CODE = "LS109"
NAME = "split-filters"
FUNCTION = "split"

CASES: tuple[Case, ...] = (
    Rewrite(
        "rows = load_x()\nlow = [s for s in rows if s['a'] == 1]\n"
        "high = [r for r in rows if r['a'] == 5]\nprint(low, high)",
        "low, high = split(stream_x(), lambda s: s['a'] == 1, lambda r: r['a'] == 5)\n"
        "print(low, high)",
    ),
    Rewrite(
        "rows = load_x()\nlow = [s for s in rows if s['a'] < 2]\n"
        "odd = [s for s in rows if s['b']]\nprint(low, odd)",
        "low, odd = split(stream_x(), lambda s: s['a'] < 2, lambda s: s['b'])\nprint(low, odd)",
        unsafe=True,
    ),
    Keep(
        "rows = load_x()\nlow = [s for s in rows if s['a'] < 2]\n"
        "others = [s for s in rows if s not in low]\nprint(low, others)",
        "self-reference",
    ),
    Keep(
        "seen = set()\nrows = load_x()\nnew = [s for s in rows if not seen.add(s['a'])]\n"
        "old = [s for s in rows if s['a'] in seen]\nprint(new, old)",
        "effects-between",
    ),
    Keep(
        "rows = load_x()\ntry:\n    low = [s for s in rows if s['a'] < 2]\n"
        "    odd = [s for s in rows if s['b']]\nexcept KeyError as error:\n    print(error)",
        "multi-pass",
    ),
    Keep(
        "def main():\n    try:\n        rows = load_x()\n"
        "        low = [s for s in rows if s['a'] < 2]\n"
        "        odd = [s for s in rows if s['b']]\n        print(low, odd)\n"
        "    except KeyError as error:\n        print(error)\nmain()",
        "partial-effects",
    ),
    Rewrite(
        "rows = load_x()\nlow = [s for s in rows if s['a'] < 2]\nprint(f'{len(low)} are low')\n"
        "high = [s for s in rows if s['a'] > 5]\nprint(high)",
        "low, high = split(stream_x(), lambda s: s['a'] < 2, lambda s: s['a'] > 5)\n"
        "print(f'{len(low)} are low')\nprint(high)",
    ),
    Keep(
        "rows = load_x()\nlow = [s for s in rows if s['a'] < 2]\nprint('between')\n"
        "odd = [s for s in rows if s['b']]\nprint(low, odd)",
        "effects-between",
    ),
    Keep(
        "rows = load_x()\nlow = [s for s in rows if s['a'] < 2]\nlow.sort(key=str)\n"
        "high = [s for s in rows if s['a'] > 5]\nprint(low, high)",
        "multi-pass",
    ),
    Keep(
        "rows = load_x()\nlow = [s for s in rows if s['a'] < 2]\nids = [s['a'] for s in rows]\n"
        "print(low, ids)",
        "multi-pass",
    ),
    Keep(
        "rows = load_x()\nlow = [s for s in rows if (n := s['a'])]\n"
        "odd = [s for s in rows if s['b']]\nprint(low, odd)",
        "walrus",
    ),
)


def plan(use: Use) -> Plan | tuple[Refusal, ...] | None:
    """The plan for filters in a row; None where the use is another one."""
    if not use.beside or use.load.kind is not Kind.LOADED:
        return None
    refusals = [*against_turns(use)]
    for each in use.in_a_row:
        refusals += _unmovable(each)
    imports = _import(use)
    if isinstance(imports, Refusal):
        refusals.append(imports)
    if refusals or isinstance(imports, Refusal):
        return tuple(dict.fromkeys(refusals))
    filters = [_filter(each) for each in use.in_a_row]
    index = 0 if statements_between(use) else -1
    at, place = use.in_a_row[index], filters[index]
    before = place.predicate.before
    filters = [one._replace(predicate=one.predicate._replace(before=before)) for one in filters]
    made = make_plan(CODE, use, Split(tuple(filters), imports))
    placement = _placed(use.placement, filters[0].statement, place.statement)
    return made._replace(source=use.span(at.source), anchor=place.statement, placement=placement)


def _unmovable(use: Use) -> tuple[Refusal, ...]:
    """What stops a condition of one filter from becoming a part of its predicate."""
    assert isinstance(use.how, ComprehensionPass)
    clause = use.how.node.generators[0]
    return movable(clause.ifs, clause.target, use)[1]


def _filter(use: Use) -> SplitFilter:
    assert isinstance(use.how, ComprehensionPass)
    statement = assigned(use.how, use.module)
    assert statement is not None
    target = use.how.node.generators[0].target
    predicate = make_predicate(target, use, name_for(use, target))
    spans = use.span(statement), use.span(use.how.node)
    return SplitFilter(*spans, target_of(statement).id, predicate)


def _placed(placement: Placement | None, first: Span, place: Span) -> Placement | None:
    """The same placement around the filter where all that is left of them will stand."""
    match placement:
        case MovedWith() | IntoWith() | NewWith() if placement.around == first:
            return placement._replace(around=place)
    return placement


def _import(use: Use) -> RuntimeImport | Refusal:
    """How `split` comes to be known: beside the loader's import, or any at the top of the file."""
    module, known = use.module, use.load.imports
    imports: list[ast.Import | ast.ImportFrom]
    imports = [*module.every(ast.Import), *module.every(ast.ImportFrom)]
    if known is not None:
        beside = [one for one in imports if module.source.lines.span(one) == known.statement]
    else:
        statement = use.module.scopes.statement(use.source)
        around = {statement, *module.scopes.ancestors(statement)}
        top = module.source.tree.body
        above = top[: next(index for index, one in enumerate(top) if one in around)]
        beside = [one for one in imports if one in above and not _is_future(one)]
    if not beside or module.scopes.star_imports or _is_taken_with_star(use):
        fact = f"`{FUNCTION}` cannot be imported here"
        return Refusal(Reason.UNRESOLVED, fact, use.span(use.source))
    return runtime_import(FUNCTION, use.source, beside[0], None, module)


def _is_future(statement: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _is_taken_with_star(use: Use) -> bool:
    """Whether a file that knows a `split` imports everything from a file such as this one."""
    repository = use.repository
    for path, text in repository.mentions.with_word(FUNCTION).items():
        other = repository.module(path) if b"import *" in text else None
        for statement in () if other is None else other.every(ast.ImportFrom):
            if any(alias.name == "*" for alias in statement.names):
                origin = repository.imported_module(statement, path)
                if origin is not None and origin.real_path == use.module.real_path:
                    return True
    return False

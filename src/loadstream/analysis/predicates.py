"""What the patterns have in common: which conditions can move, and the predicate they make."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from loadstream.analysis.caveats import caveat
from loadstream.analysis.conditions import of_condition
from loadstream.analysis.plans import Plan, Predicate, Safety, Shape, StreamCall
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.scopes import COMPREHENSIONS, FUNCTIONS
from loadstream.analysis.uses import Use

_VAGUE = frozenset(
    "result output out found filtered item row record element value data match kept hit selected "
    "list acc accumulator tmp temp x data res ret new rest".split()
)
_SAYS_NOTHING = frozenset("result output content value document file".split())
_SHORT = 2  # letters; a name of no more says nothing of an element
_IRREGULAR = {"children": "child", "people": "person", "movies": "movie", "series": "series"}
_IRREGULAR |= {"caches": "cache", "indices": "index", "vertices": "vertex", "axes": "axis"}


def make_plan(code: str, use: Use, shape: Shape, anchor: ast.expr | None = None) -> Plan:
    """The plan for `use` in the given shape; unsafe where a handler around the pass makes it so.

    `anchor` is the expression that is rewritten with the pass, where that is more than it.
    """
    stream = use.load.stream
    assert isinstance(stream, StreamCall)
    imports = use.load.imports
    safety: Safety = caveat(use).safety
    bindings = tuple(use.span(binding) for binding in use.bindings)
    source, changed = use.span(use.source), use.span(anchor or use.anchor)
    guard = None if use.guard is None else use.span(use.guard)
    place = use.placement
    return Plan(code, safety, stream, source, changed, bindings, imports, shape, place, guard)


def can_filter(use: Use) -> bool:
    """Whether the streamer takes a predicate at all."""
    return use.load.stream is not None and use.load.stream.filter_parameter is not None


def movable(
    conditions: Sequence[ast.expr], target: ast.expr, use: Use
) -> tuple[int, tuple[Refusal, ...]]:
    """How many of the leading `conditions` can move, and what stops the next one."""
    for index, condition in enumerate(conditions):
        refusals = of_condition([condition], target, use)
        if refusals:
            return index, refusals
    return len(conditions), ()


def make_predicate(target: ast.expr, use: Use, wish: str) -> Predicate:
    """The predicate on `target`: a `def` where one can stand, or a lambda.

    `wish` becomes a free name when the plans of the whole file are known.
    """
    assert isinstance(target, ast.Name)
    statement = use.module.scopes.statement(use.anchor)
    scope = use.module.scopes.scope_of[statement]
    if use.scope is not scope or scope.is_class or _is_elif(statement, use):
        return Predicate(target.id, None, None)
    return Predicate(target.id, wish, use.span(statement))


def free_name(wish: str, use: Use) -> str:
    """`wish`, or `wish_2`, …: the first that no scope of the file knows."""
    taken = {r.name for scope in use.module.scopes.module.walk() for r in scope.references}
    return next(name for name in _numbered(wish) if name not in taken)


def _numbered(wish: str) -> Iterator[str]:
    yield wish
    number = 2
    while True:
        yield f"{wish}_{number}"
        number += 1


def name_for(use: Use, target: ast.expr) -> str:
    """A predicate's name, from the data: `p3_marathons = …` gives `is_p3_marathon`.

    Where the result is returned, the function's name says what it is; where nothing does, or only
    a word such as `results`, the element's own name has to serve.
    """
    element = noun_for(use, target)
    parent = use.module.scopes.parents.get(use.anchor)
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        return name_from(parent.targets[0].id, element)
    function = use.scope.function().node
    if isinstance(parent, ast.Return) and isinstance(function, FUNCTIONS):
        noun = re.sub(r"^_*(?:get|find|list|collect|select)_", "", function.name)
        if singular(noun) != noun:
            return name_from(noun, element)
    return f"is_wanted_{element}"


def noun_for(use: Use, target: ast.expr) -> str:
    """What an element is: the loop's name for it, or, for one such as `r`, what it is one of."""
    assert isinstance(target, ast.Name)
    if len(target.id) > _SHORT:
        return target.id
    of = _collection(use.source)
    noun = singular(of)
    if noun == of.strip("_").lower() or noun in _SAYS_NOTHING or len(noun) <= _SHORT:
        return target.id
    return noun if noun.isidentifier() and noun.isascii() else target.id


def _collection(source: ast.expr) -> str:
    """The last name in `source`: of `rows`, `data["rows"]`, `data.get("rows")`, `load_rows()`."""
    match source:
        case ast.Name(id=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            return key
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(key)), *_]):
            return key
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            _, _, noun = name.strip("_").partition("_")  # `load_rows`, `read_rows`
            return noun
    return ""


def name_from(collection: str, element: str) -> str:
    """The name for a predicate that picks what goes into `collection`."""
    if singular(collection) in _VAGUE or singular(collection) == element:
        return f"is_wanted_{element}"
    return f"is_{singular(collection)}"


def singular(name: str) -> str:
    """`p3_marathons` → `p3_marathon`, `matching_entries` → `matching_entry`."""
    name = name.strip("_").lower()
    head, stroke, last = name.rpartition("_")
    if last in _IRREGULAR:
        return head + stroke + _IRREGULAR[last]
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2:
        return name[:-1]
    return name


def _is_elif(statement: ast.stmt, use: Use) -> bool:
    parent = use.module.scopes.parents.get(statement)
    if not isinstance(statement, ast.If) or not isinstance(parent, ast.If):
        return False
    text = use.module.source.lines.text(use.span(statement))
    return statement in parent.orelse and text.startswith("elif")


def repeats(node: ast.expr, target: ast.expr) -> bool:
    """Whether `node` is nothing but the loop's `target`."""
    return isinstance(node, ast.Name) and isinstance(target, ast.Name) and node.id == target.id


def is_builtin(name: str, use: Use) -> bool:
    """Whether `name`, written at the place of the pass, means the builtin."""
    scopes = use.module.scopes
    return not scopes.bindings(use.scope.home(name), name) and not any(
        name in scope.bound and isinstance(scope.node, COMPREHENSIONS) for scope in [use.scope]
    )

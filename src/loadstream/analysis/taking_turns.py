"""Filters that take turns (LS109): what speaks against one pass for all, or makes it unsafe.

Each filter went through all elements before the next one began. In one pass all of them look at
an element before the next is read. So the pass is refused where a filter sees what another does,
and unsafe where another exception may come first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from loadstream.analysis.callers import handled_call
from loadstream.analysis.data_files import called
from loadstream.analysis.effects import SEEN, changes, markers, unknowns
from loadstream.analysis.handlers import every_handler
from loadstream.analysis.implicit_calls import run_implicitly
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.passes import ComprehensionPass, refuse_at
from loadstream.analysis.plain_loaders import Body, body_of
from loadstream.analysis.possible_calls import functions_behind, functions_given
from loadstream.analysis.pure_conditions import Conditions, are_pure, raises_only_with
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import FUNCTIONS, Access
from loadstream.analysis.splits import target_of
from loadstream.analysis.trees import walk
from loadstream.analysis.turns_between import (
    against_between,
    filter_statements,
    finally_around,
)
from loadstream.analysis.uses import Use

# Harmless calls that give something else each time.
_STATEFUL = frozenset({"next", "read", "readline"})
_SEEN = frozenset(
    "print debug info warning warn error critical exception log mkdir makedirs write writelines "
    "writeheader writerow writerows basicConfig setLevel seed".split()
)
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.DictComp, ast.SetComp)
_CONTAINERS = frozenset(
    "Counter OrderedDict defaultdict dict frozenset list set sorted tuple".split()
)
_DEEPEST = 6  # calls of repository functions that are followed


def read_again(use: Use) -> Iterator[Refusal]:
    """That the value is read by each of the filters, one after the other."""
    for later in use.beside:
        fact = f"`{ast.unparse(later.source)}` is read again"
        yield refuse_at(Reason.MULTI_PASS, fact, later.source, use.module)


def against_turns(use: Use) -> Iterator[Refusal]:
    """What speaks against one pass for the filters of `use`."""
    yield from _reads_result(use)
    yield from _effects(use)
    yield from _shared_iterator(use)
    ends_the_same = _ends_the_same(use)
    yield from against_between(use, ends_the_same=ends_the_same)
    if not ends_the_same:
        yield from _handled(use)
        yield from _outliving(use)


def other_exception(use: Use) -> Iterator[Refusal]:
    """That another exception may come first, where the filters take turns."""
    if use.beside and not _ends_the_same(use):
        last = use.beside[-1].source
        lines = (use.span(use.source).start.line, use.span(last).start.line)
        fact = f"the filters of lines {lines[0]} to {lines[1]} take turns: if two raise, another"
        yield Refusal(Reason.MULTI_PASS, f"{fact} exception comes first", use.span(last))


def conditions_of(use: Use) -> Conditions:
    """The conditions of a filter."""
    assert isinstance(use.how, ComprehensionPass)
    clause = use.how.node.generators[0]
    assert isinstance(clause.target, ast.Name)
    return Conditions(clause.target.id, clause.ifs, use.module)


def _ends_the_same(use: Use) -> bool:
    """Whether all filters certainly do nothing but look, and the first raises before any other.

    Then the first exception is the same one, at the same element, and no list is assigned before.
    """
    loader = use.load.data
    body = body_of(loader, use.repository) if isinstance(loader, Definition) else None
    if use.load.opening is None and not isinstance(body, Body):
        return False  # the elements may be anything
    first, *others = (conditions_of(each) for each in use.in_a_row)
    if not all(are_pure(each) for each in (first, *others)):
        return False
    return all(raises_only_with(other, first) for other in others)


def _reads_result(use: Use) -> Iterator[Refusal]:
    """A condition must not see one of the lists, directly or through a function."""
    scopes = use.module.scopes
    for target in _targets(use):
        home = scopes.scope_of[target].home(target.id)
        here = use.scope.function()
        for reference in scopes.references(home, target.id):
            node = reference.node
            if isinstance(node, ast.expr) and reference.access is Access.READ:
                if any(node in walk(test) for test in _tests(use)):
                    fact = f"`{target.id}` is read by a filter beside it"
                    yield refuse_at(Reason.SELF_REFERENCE, fact, node, use.module)
                    return
                if reference.scope.function() is not here and _call_own(use):
                    fact = f"`{target.id}` is read in a function that a filter may call"
                    yield refuse_at(Reason.SELF_REFERENCE, fact, node, use.module)
                    return
        mentioned = use.repository.importers_mention(use.module.path, target.id)
        if home.is_module and mentioned and _call_own(use):
            fact = f"another file may read `{target.id}` while the filters run"
            yield refuse_at(Reason.SELF_REFERENCE, fact, target, use.module)
            return


def _targets(use: Use) -> list[ast.Name]:
    return [target_of(statement) for statement in filter_statements(use)]


def _tests(use: Use) -> list[ast.expr]:
    return [test for each in use.in_a_row for test in conditions_of(each).tests]


def _call_own(use: Use) -> bool:
    """Whether the filters may run code that is written down somewhere else."""
    return not all(are_pure(conditions_of(each)) for each in use.in_a_row)


def _effects(use: Use) -> Iterator[Refusal]:
    """What one filter does must not be seen by another, nor by anybody in another order."""
    for node in (node for test in _tests(use) for node in walk(test)):
        found = _effect(node, use)
        if found is not None:
            yield refuse_at(Reason.EFFECTS_BETWEEN, f"a filter {found}", node, use.module)
            return


def _effect(node: ast.AST, use: Use) -> str | None:
    """What a part of a condition may do that others see; None where it certainly does nothing."""
    module, repository = use.module, use.repository
    if isinstance(node, ast.Call):
        name = f"{ast.unparse(node.func)}()"
        if any(one is node for one in unknowns([node], module, repository, use.load.data)):
            return f"calls {name}, which is not known to do nothing"
        if changes(node) or _runs_state([node], module, repository, _DEEPEST):
            return f"calls {name}, which does something or is different each time"
    elif isinstance(node, ast.Attribute) and _runs_state([node], module, repository, _DEEPEST):
        return f"reads .{node.attr}, a property which does something"
    return None


def _runs_state(
    nodes: Iterable[ast.AST], module: Module, repository: Repository, depth: int
) -> bool:
    """Whether `nodes` themselves, without what is below them, run what keeps or shows a state."""
    for node in nodes:
        own = [*run_implicitly(node, module, repository)]
        if isinstance(node, ast.Call):
            if called(node) in _STATEFUL | _SEEN:
                return True
            own += functions_behind(node.func, module, repository)
            own += functions_given(node, module, repository)
        if any(_keeps_state(function, repository, depth) for function in own):
            return True
    return False


def _keeps_state(function: Definition, repository: Repository, depth: int) -> bool:
    """Whether a function, or one that it calls, does something that outlives the call."""
    if depth == 0 or markers(function, repository) & SEEN:
        return True
    inside = [node for statement in function.function.body for node in walk(statement)]
    if any(isinstance(node, (ast.Global, ast.Nonlocal, *FUNCTIONS)) for node in inside):
        return True
    if any(_changes_other(node, function.module) for node in inside):
        return True
    return _runs_state(inside, function.module, repository, depth - 1)


def _changes_other(node: ast.AST, module: Module) -> bool:
    """Whether something is changed in place that a function has not made itself."""
    match node:
        case ast.Attribute() | ast.Subscript() if not isinstance(node.ctx, ast.Load):
            changed: ast.expr = node.value
        case ast.Call(func=ast.Attribute(value=owner)) if changes(node):
            changed = owner
        case _:
            return False
    while isinstance(changed, ast.Attribute | ast.Subscript):
        changed = changed.value
    if not isinstance(changed, ast.Name):
        return True
    scopes = module.scopes
    bound = scopes.changes(scopes.scope_of[changed].home(changed.id), changed.id)
    return not bound or not all(_is_made(scopes.parents.get(one.node)) for one in bound)


def _shared_iterator(use: Use) -> Iterator[Refusal]:
    """What is gone through by two filters may be an iterator, which the first uses up."""
    seen: dict[str, Use] = {}
    for each in use.in_a_row:
        for node in _gone_through(each):
            key = ast.dump(node)
            if seen.setdefault(key, each) is not each:
                fact = f"two filters go through `{ast.unparse(node)}`, which may be an iterator"
                yield refuse_at(Reason.EFFECTS_BETWEEN, fact, node, use.module)
                return


def _gone_through(use: Use) -> Iterator[ast.expr]:
    """What the conditions of one filter search, iterate or hand over, and is not of the element."""
    target = conditions_of(use).target
    for node in (node for test in conditions_of(use).tests for node in walk(test)):
        found: list[ast.expr] = []
        match node:
            case ast.Compare(ops=ops, comparators=others):
                pairs = zip(ops, others, strict=True)
                found = [other for op, other in pairs if isinstance(op, ast.In | ast.NotIn)]
            case ast.comprehension(iter=source) | ast.Starred(value=source):
                found = [source]
            case ast.Call(args=args, keywords=keywords):
                found = [*args, *(keyword.value for keyword in keywords)]
                found = [one for one in found if not _is_definition(one, use)]
        for one in found:
            names = {name.id for name in walk(one) if isinstance(name, ast.Name)}
            is_place = isinstance(one, ast.Name | ast.Attribute | ast.Subscript)
            if is_place and target not in names and not _is_container(one, use):
                yield one


def _is_definition(node: ast.expr, use: Use) -> bool:
    """Whether a name is that of a builtin, a function, a class or an import."""
    if not isinstance(node, ast.Name):
        return False
    scopes = use.module.scopes
    bound = scopes.changes(scopes.scope_of[node].home(node.id), node.id)
    return all(isinstance(one.node, (*FUNCTIONS, ast.ClassDef, ast.alias)) for one in bound)


def _is_container(node: ast.expr, use: Use) -> bool:
    """Whether a name certainly stands for no iterator."""
    if not isinstance(node, ast.Name):
        return False
    scopes = use.module.scopes
    bound = scopes.changes(scopes.scope_of[node].home(node.id), node.id)
    return bool(bound) and all(_is_made(scopes.parents.get(one.node)) for one in bound)


def _is_made(binder: ast.AST | None) -> bool:
    """Whether a statement binds its name to a literal, or a list, dict or set that it makes."""
    value = binder.value if isinstance(binder, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Call):
        return called(value) in _CONTAINERS
    return isinstance(value, (*_DISPLAYS, ast.Constant))


def _handled(use: Use) -> Iterator[Refusal]:
    """Whoever goes on behind an exception would see which one it was, or a list that is missing."""
    around = [*every_handler(use.source, use.module, use.repository), *finally_around(use)]
    for handler in around[:1]:
        line = use.span(handler).start.line
        fact = f"the try or with of line {line} would see another exception, or no list"
        yield Refusal(Reason.PARTIAL_EFFECTS, fact, use.span(handler))
    outside = None if around else handled_call(use.anchor, use.module, use.repository)
    if outside is not None:
        fact = f"the handler of line {outside.handler.lineno}, around a call of {outside.name}(),"
        if outside.module.real_path != use.module.real_path:
            fact = fact.replace(",", f" of {outside.module.path.name},", 1)
        fact += " may see another exception"
        yield Refusal(Reason.PARTIAL_EFFECTS, fact, use.span(use.anchor))


def _outliving(use: Use) -> Iterator[Refusal]:
    """A list that others hold by its name would be missing to them when a later filter raises."""
    scopes = use.module.scopes
    here = use.scope.function()
    for target in _targets(use):
        home = scopes.scope_of[target].home(target.id)
        others = (r.scope.function() for r in scopes.references(home, target.id))
        if home is not here or (not home.is_module and any(one is not here for one in others)):
            fact = f"`{target.id}` outlives the function, and a later filter may raise"
            yield refuse_at(Reason.PARTIAL_EFFECTS, fact, target, use.module)
            return

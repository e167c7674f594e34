"""Code that neither raises nor does anything that could be seen.

A key that is missing in a sound file ends the old program where the key is taken, and the new one
where the stream begins. Nothing but such code may stand between the two, or it would run once more
than before, or raise in the place of the KeyError.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from loadstream.analysis.data_files import called
from loadstream.analysis.modules import Module
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.trees import children

_STATEMENTS = (ast.Assign, ast.AnnAssign, ast.Expr, ast.If, ast.Pass, ast.Global, ast.Nonlocal)
_EXPRESSIONS = (
    ast.Constant,
    ast.Name,
    ast.Attribute,
    ast.Tuple,
    ast.List,
    ast.Dict,
    ast.Set,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.IfExp,
    ast.BoolOp,
    ast.keyword,
)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)
_EMPTY = frozenset("dict frozenset list set tuple".split())  # builtins that are called with nothing
_QUESTIONS = frozenset("bool hasattr isinstance len".split())
_MAKERS = frozenset(
    "Counter OrderedDict Path PurePath attrgetter defaultdict deque getLogger itemgetter".split()
)
_FILLED = frozenset("Counter OrderedDict defaultdict deque".split())  # from what they are given
_CLOCKS = frozenset("monotonic now perf_counter process_time time utcnow".split())


def first_stir(nodes: Iterable[ast.AST], module: Module) -> ast.expr | ast.stmt | None:
    """The first piece of code under `nodes` that may raise or be seen; None where there is none."""
    return next((stir for node in nodes for stir in _stirs(node, module)), None)


def _stirs(node: ast.AST, module: Module) -> Iterator[ast.expr | ast.stmt]:
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, FUNCTIONS):
        if node.decorator_list:
            yield node
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                yield from _stirs(default, module)
        return
    if isinstance(node, ast.AnnAssign):
        if node.value is not None:
            yield from _stirs(node.value, module)
        return
    if isinstance(node, ast.expr | ast.stmt) and not _is_inert(node, module):
        yield node
        return
    # What is called is known by then.
    parts = [*node.args, *node.keywords] if isinstance(node, ast.Call) else children(node)
    for child in parts:
        yield from _stirs(child, module)


def _is_inert(node: ast.expr | ast.stmt, module: Module) -> bool:
    """Whether `node` does nothing beyond what its parts do."""
    match node:
        case ast.Assign(targets=targets):
            return all(isinstance(target, ast.Name) for target in targets)
        case ast.UnaryOp(op=op):
            return isinstance(op, ast.Not) or isinstance(node.operand, ast.Constant)
        case ast.Compare(left=left, ops=ops, comparators=others):
            is_numbers = all(map(_is_number, (left, *others)))
            return is_numbers or all(isinstance(op, _COMPARISONS) for op in ops)
        case ast.BinOp(left=ast.Constant(value=int() | float()), right=ast.Constant(value=by)):
            is_number = isinstance(by, int | float)
            return is_number and (by != 0 or isinstance(node.op, ast.Add | ast.Sub | ast.Mult))
        case ast.BinOp(op=ast.Div(), right=ast.Constant(value=str()) | ast.JoinedStr()):
            return True  # a path
        case ast.Call():
            return _makes_only(node, module)
        case ast.Dict(keys=keys):
            return None not in keys
        case ast.Attribute(attr=name):
            return not _is_property(name, module)
    return isinstance(node, (*_STATEMENTS, *_EXPRESSIONS))


def _is_property(name: str, module: Module) -> bool:
    """Whether taking the attribute may run code of this file."""
    return re.search(rf"^\s+@.+\s+def {re.escape(name)}\b", module.source.text, re.M) is not None


def _is_number(node: ast.expr) -> bool:
    """Whether an expression is certainly a number: `3`, `len(argv)`."""
    if isinstance(node, ast.Call):
        return called(node) == "len"
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _makes_only(call: ast.Call, module: Module) -> bool:
    """Whether a call makes a new object, or reads a clock."""
    if called(call) in _FILLED and not all(map(_is_maker_or_lambda, call.args)):
        return False
    if isinstance(call.func, ast.Attribute):
        name = call.func.attr
        is_own = re.search(rf"\bdef {re.escape(name)}\b", module.source.text)
        return name in _MAKERS | _CLOCKS and not is_own
    if not isinstance(call.func, ast.Name):
        return False
    name = call.func.id
    home = module.scopes.scope_of[call.func].home(name)
    binders = module.scopes.changes(home, name)
    if not binders:
        is_empty = name in _EMPTY and not call.args and not call.keywords
        return is_empty or name in _QUESTIONS
    imported = len(binders) == 1 and isinstance(binders[0].node, ast.alias)
    return imported and name in _MAKERS | _CLOCKS


def _is_maker_or_lambda(argument: ast.expr) -> bool:
    """What `defaultdict` is given to be called; anything else might be no iterable."""
    if isinstance(argument, ast.Lambda | ast.List | ast.Dict | ast.Tuple | ast.Set):
        return True
    return isinstance(argument, ast.Name) and argument.id in _EMPTY | {"int", "float", "str"}

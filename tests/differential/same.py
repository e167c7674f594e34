"""Whether two new texts are the same to Python, be a predicate a lambda or a `def`."""

from __future__ import annotations

import ast

_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def canonical(text: str, old: str) -> str:
    """The tree of `text`, with every new predicate in its place as a lambda where it can be one."""
    known = {n.name for n in ast.walk(ast.parse(old)) if isinstance(n, ast.FunctionDef)}
    tree = ast.parse(text)
    predicates = {
        node.name: (node.args, condition)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name not in known
        if (condition := _condition(node.body)) is not None
    }
    tree = _WithoutUnused(tree).visit(_InPlace(predicates).visit(tree))
    tree.body.sort(key=_import_first)
    return ast.dump(tree)


class _WithoutUnused(ast.NodeTransformer):
    """Takes out imports of names that are not read: a comment at their line may hold them."""

    def __init__(self, tree: ast.AST) -> None:
        self._read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    def _left(self, node: ast.Import | ast.ImportFrom) -> ast.AST | None:
        names = [one for one in node.names if (one.asname or one.name) in self._read]
        return type(node)(**{**vars(node), "names": names}) if names else None

    def visit_Import(self, node: ast.Import) -> ast.AST | None:
        return self._left(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return self._left(node) if node.module != "__future__" else node


def _import_first(statement: ast.stmt) -> str:
    """Imports in one order, in front: where among them a new one stands is a matter of layout."""
    is_import = isinstance(statement, (ast.Import, ast.ImportFrom))
    return ast.dump(statement) if is_import else "~"


class _InPlace(ast.NodeTransformer):
    def __init__(self, predicates: dict[str, tuple[ast.arguments, ast.expr]]) -> None:
        self._predicates = predicates

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        match node.body[0]:
            case ast.Expr(value=ast.Constant(value=str() as text) as docstring):
                docstring.value = " ".join(text.split())
        return None if node.name in self._predicates else self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        found = self._predicates.get(node.id)
        return node if found is None else self.visit(ast.Lambda(*found))

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self.generic_visit(node)
        return ast.Lambda(node.args, _joined(_terms(node.body)))


def _condition(body: list[ast.stmt]) -> ast.expr | None:
    """The body of a function as one expression, None where it has other steps."""
    match body:
        case [ast.Return(value=ast.expr() as value)]:
            return value
        case [ast.If(test=test, body=[ast.Return(value=ast.Constant(value=False))], orelse=[]), *_]:
            rest = _condition(body[1:])
            return None if rest is None else _joined([_negated(test), rest])
        case [
            ast.If(test=test, body=inner, orelse=[]),
            ast.Return(value=ast.Constant(value=False)),
        ]:
            rest = _condition(inner)
            if rest is None:
                rest = _condition([*inner, body[1]])
            return None if rest is None else _joined([test, rest])
    return None


def _terms(test: ast.expr) -> list[ast.expr]:
    """What must be true, `and` by `and`; a `True` at the end says nothing."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        found = [term for value in test.values for term in _terms(value)]
        is_true = isinstance(found[-1], ast.Constant) and found[-1].value is True
        return found[:-1] if is_true and len(found) > 1 else found
    return [test]


def _joined(terms: list[ast.expr]) -> ast.expr:
    return terms[0] if len(terms) == 1 else ast.BoolOp(ast.And(), terms)


def _negated(test: ast.expr) -> ast.expr:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner
        case ast.Compare(ops=[op]) if type(op) in _OPPOSITES:
            return ast.Compare(test.left, [_OPPOSITES[type(op)]()], test.comparators)
    return ast.UnaryOp(ast.Not(), test)

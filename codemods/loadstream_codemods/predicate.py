"""Conditions become a function of one element: a lambda, or the body of a `def`.

Conditions keep their own text; parentheses come only where precedence asks for them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

import libcst as cst

from loadstream_codemods.whitespace import code_of, comment_line, new_line, shifted

_SPACE = cst.SimpleWhitespace(" ")
_EXACT_OPPOSITES: dict[type[cst.BaseCompOp], Callable[[], cst.BaseCompOp]] = {
    # The language defines these as each other's negation; `<` and `>=` it does not.
    cst.In: cst.NotIn,
    cst.NotIn: cst.In,
    cst.Is: cst.IsNot,
    cst.IsNot: cst.Is,
}


def negated(test: cst.BaseExpression) -> cst.BaseExpression:
    """The test that is true exactly when `test` is not."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner, lpar=[]):
            return inner
        case cst.Comparison(
            comparisons=[cst.ComparisonTarget(operator=operator) as target], lpar=[]
        ) if type(operator) in _EXACT_OPPOSITES:
            opposite = _EXACT_OPPOSITES[type(operator)]().with_changes(
                whitespace_before=operator.whitespace_before,  # type: ignore[attr-defined]
                whitespace_after=operator.whitespace_after,  # type: ignore[attr-defined]
            )
            return test.with_changes(comparisons=[target.with_changes(operator=opposite)])
    if (
        isinstance(test, (cst.BooleanOperation, cst.IfExp, cst.Lambda, cst.NamedExpr))
        and not test.lpar
    ):
        test = _parenthesized(test)
    return cst.UnaryOperation(operator=cst.Not(whitespace_after=_SPACE), expression=test)


def joined(
    terms: Sequence[cst.BaseExpression], before_and: cst.BaseParenthesizableWhitespace = _SPACE
) -> cst.BaseExpression:
    """`a and b and c`, evaluated in this order; `before_and` separates the terms."""
    if len(terms) == 1:
        return _unparenthesized(terms[0])
    whole, *rest = (_operand(term) for term in terms)
    for term in rest:
        whole = cst.BooleanOperation(
            left=whole,
            operator=cst.And(whitespace_before=before_and, whitespace_after=_SPACE),
            right=term,
        )
    return whole


def _operand(term: cst.BaseExpression) -> cst.BaseExpression:
    match term:
        case cst.BooleanOperation(operator=cst.And()):
            return term
        case cst.BooleanOperation() | cst.IfExp() | cst.Lambda() | cst.NamedExpr() if not term.lpar:
            return _parenthesized(term)
    return term


def _parenthesized(term: cst.BaseExpression) -> cst.BaseExpression:
    return term.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _unparenthesized(term: cst.BaseExpression) -> cst.BaseExpression:
    """Without parentheses that do nothing; those that hold a line break or a tuple stay."""
    if isinstance(term, (cst.Tuple, cst.GeneratorExp, cst.NamedExpr, cst.Yield)):
        return term
    bare = term.with_changes(lpar=[], rpar=[])
    if term.lpar and "\n" not in cst.Module([]).code_for_node(term).replace("\r", "\n"):
        return bare
    return term


def as_lambda(parameter: str, condition: cst.BaseExpression) -> cst.Lambda:
    """`lambda parameter: condition`."""
    return cst.Lambda(
        params=cst.Parameters(params=[cst.Param(cst.Name(parameter))]), body=condition
    )


def as_broken_lambda(
    parameter: str, terms: Sequence[cst.BaseExpression], module: cst.Module, margin: str
) -> cst.Lambda:
    """`lambda parameter: (…)` with the terms on lines of their own; it ends at `margin`."""
    line_break = new_line(margin + module.default_indent)
    whole = joined(terms) if len(terms) == 1 else joined(terms, line_break)
    if len(terms) == 1:
        whole = _one_operand_a_line(whole, line_break)
    return as_lambda(
        parameter,
        whole.with_changes(
            lpar=[cst.LeftParen(whitespace_after=line_break), *whole.lpar],
            rpar=[*whole.rpar, cst.RightParen(whitespace_before=new_line(margin))],
        ),
    )


def as_def(name: str, parameter: str, body: cst.IndentedBlock) -> cst.FunctionDef:
    """`def name(parameter):` over `body`."""
    return cst.FunctionDef(
        name=cst.Name(name),
        params=cst.Parameters(params=[cst.Param(cst.Name(parameter))]),
        body=body,
    )


def return_of_all(
    terms: Sequence[cst.BaseExpression], comments: Sequence[str], module: cst.Module, room: int
) -> cst.IndentedBlock:
    """A body of `comments` and `return a and b`, with `room` columns for each line."""
    whole = joined(terms)
    indent = module.default_indent
    too_long = len("return ") + len(code_of(whole, module)) > room
    broken = "\n" in code_of(whole, module)
    if len(terms) > 1 and (too_long or broken):
        whole = joined([shifted(term, module, indent * 2) for term in terms], new_line(indent))
    elif too_long and not broken:
        whole = _one_operand_a_line(whole, new_line(indent))
    line = returned(whole, module)
    return cst.IndentedBlock(
        body=[line.with_changes(leading_lines=[comment_line(comment) for comment in comments])]
    )


def _one_operand_a_line(
    whole: cst.BaseExpression, line_break: cst.ParenthesizedWhitespace
) -> cst.BaseExpression:
    """`whole` broken before each `and` (or each `or`) of its outermost chain."""
    if not isinstance(whole, cst.BooleanOperation) or whole.lpar:
        return whole
    left = whole.left
    if isinstance(left, cst.BooleanOperation) and type(left.operator) is type(whole.operator):
        left = _one_operand_a_line(left, line_break)
    operator = whole.operator.with_changes(whitespace_before=line_break)
    return whole.with_changes(left=left, operator=operator)


def returned(value: cst.BaseExpression, module: cst.Module) -> cst.SimpleStatementLine:
    """`return value`, in parentheses where its line breaks need some."""
    if not _stands_alone(value, module):
        indent = module.default_indent
        value = shifted(value, module, indent).with_changes(
            lpar=[cst.LeftParen(whitespace_after=new_line(indent))],
            rpar=[cst.RightParen(whitespace_before=new_line(""))],
        )
    elif "\n" in code_of(value, module):
        value = shifted(value, module, module.default_indent)
    return cst.SimpleStatementLine(body=[cst.Return(value=value, whitespace_after_return=_SPACE)])


def _stands_alone(value: cst.BaseExpression, module: cst.Module) -> bool:
    try:
        tree = ast.parse(f"_ = {code_of(value, module)}")
    except SyntaxError:
        return False
    return len(tree.body) == 1  # `row` and, on the next line, `["a"]` are two

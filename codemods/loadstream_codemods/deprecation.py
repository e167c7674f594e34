"""LS108 on request: a loader is marked deprecated, by a decorator or by a statement.

@deprecated("use stream_rows()")          def load_rows(path):
def load_rows(path):                          warnings.warn(
    …                                             "…", DeprecationWarning, stacklevel=2
                                              )
                                              …

The plans of this shape are carried out by themselves, in a text that has all its twins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import libcst as cst

from loadstream.analysis import plans as shapes
from loadstream.analysis.plans import ImportChange, NewImport, Plan
from loadstream.analysis.settings import LINE_WIDTH
from loadstream.analysis.spans import Lines
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.imports import AnyImport, ImportNote, with_imports
from loadstream_codemods.nesting import on_large_stack
from loadstream_codemods.parsing import parsed, with_newline
from loadstream_codemods.places import Places
from loadstream_codemods.standard_import import with_standard_import
from loadstream_codemods.stream_call import in_quote
from loadstream_codemods.stream_twin import import_at, loader_of

_Marks: TypeAlias = Mapping[cst.CSTNode, Plan]


@on_large_stack
def add_marks(text: str, plans: Sequence[Plan], width: int = LINE_WIDTH) -> str:
    """`text` with the loaders of `plans` marked deprecated, and the imports that this needs.

    Raises CannotApplyError where the text is not what a plan says, UnreadableError where LibCST
    cannot read it.
    """
    module, tail = parsed(text)
    places = Places(module, Lines(text))
    marks: dict[cst.CSTNode, Plan] = {}
    notes: dict[AnyImport, ImportNote] = {}
    new: dict[str, cst.SimpleStatementLine] = {}
    for plan in plans:
        marks[loader_of(plan, module, places)] = plan
        match plan.imports:
            case ImportChange(statement=statement, add=str(add)):
                notes[import_at(statement, places, plan)] = ImportNote(names=((add, None),))
            case NewImport(statement=statement, text=said):
                beside = places.statement(statement)
                if not isinstance(beside, cst.SimpleStatementLine) or beside not in module.body:
                    raise CannotApplyError("the statement is no import", plan)
                new[said] = beside
    marked = _with_marks(module, marks, places.quote, width)
    for said, beside in sorted(new.items(), key=lambda one: one[0]):
        marked = with_standard_import(marked, beside, said)
    try:
        return with_imports(marked, list(notes.items()), width).code + tail
    except cst.CSTValidationError as error:
        raise CannotApplyError(f"the new code would be no Python: {error}") from error


def _with_marks(module: cst.Module, marks: _Marks, quote: str, width: int) -> cst.Module:
    body: list[cst.CSTNode] = []
    for statement in module.body:
        if isinstance(statement, cst.ClassDef):
            inner = [
                _marked(one, marks, module, quote, width, depth=1) for one in statement.body.body
            ]
            if any(one is not old for one, old in zip(inner, statement.body.body, strict=True)):
                changed = statement.body.with_changes(body=inner)
                statement = statement.with_changes(body=changed)
        body.append(_marked(statement, marks, module, quote, width, depth=0))
    return module.with_changes(body=body)


def _marked(
    loader: cst.CSTNode, marks: _Marks, module: cst.Module, quote: str, width: int, *, depth: int
) -> cst.CSTNode:
    if loader not in marks:
        return loader
    assert isinstance(loader, cst.FunctionDef)
    plan = marks[loader]
    shape = plan.shape
    assert isinstance(shape, shapes.Deprecation)
    message = in_quote(shape.message, quote)
    if not shape.in_body:
        call = cst.parse_expression(f"{shape.callee}({message})", module.config_for_parsing)
        return loader.with_changes(decorators=[*loader.decorators, cst.Decorator(call)])
    step = module.default_indent
    if isinstance(loader.body, cst.IndentedBlock) and loader.body.indent is not None:
        step = loader.body.indent
    indent = step + module.default_indent * depth
    text = _statement(shape.callee, message, width - len(indent.expandtabs()), step)
    warning = cst.parse_statement(
        with_newline(text, module.default_newline), module.config_for_parsing
    )
    return loader.with_changes(body=_with_head(loader.body, warning, plan))


def _statement(callee: str, message: str, room: int, step: str) -> str:
    """The statement that warns, on one line, or broken as formatters do."""
    rest = ("DeprecationWarning", "stacklevel=2")
    arguments = ", ".join((message, *rest))
    if len(f"{callee}({arguments})") <= room:
        return f"{callee}({arguments})\n"
    if len(f"{step}{arguments}") <= room:
        return f"{callee}(\n{step}{arguments}\n)\n"
    lines = "".join(f"{step}{one},\n" for one in (message, *rest))
    return f"{callee}(\n{lines})\n"


def _with_head(suite: cst.BaseSuite, warning: cst.BaseStatement, plan: Plan) -> cst.IndentedBlock:
    """The body of a function with the statement behind its docstring."""
    if not isinstance(suite, cst.IndentedBlock):
        raise CannotApplyError("its body stands in the line of its def", plan)
    first = suite.body[0]
    at = int(isinstance(first, cst.SimpleStatementLine) and _is_text(first.body[0]))
    if at and isinstance(first, cst.SimpleStatementLine) and len(first.body) > 1:
        raise CannotApplyError("something else stands in the line of its docstring", plan)
    return suite.with_changes(body=[*suite.body[:at], warning, *suite.body[at:]])


def _is_text(statement: cst.BaseSmallStatement) -> bool:
    return isinstance(statement, cst.Expr) and isinstance(
        statement.value, (cst.SimpleString, cst.ConcatenatedString)
    )

"""LS108 stream-twin: a new function behind the loader that it streams for.

def load_rows(path):                      def load_rows(path):
    …                                         …


                                          def stream_rows(path, *, filter_func=None):
                                              …

The plans of this shape are carried out before all others of a file: what the calls can become is
seen only in a text that has the twins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, TypeAlias

import libcst as cst

from loadstream.analysis import plans as shapes
from loadstream.analysis.plans import Plan, RuntimeImport
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import LINE_WIDTH
from loadstream.analysis.sites import Site
from loadstream.analysis.source import SourceFile
from loadstream.analysis.spans import Lines, Span
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream_codemods.command import PatternCommand
from loadstream_codemods.engine import Edits
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.imports import AnyImport, ImportNote, with_imports
from loadstream_codemods.nesting import on_large_stack
from loadstream_codemods.parsing import parsed
from loadstream_codemods.places import Places
from loadstream_codemods.stream_call import in_quote
from loadstream_codemods.whitespace import blanks_before

_Statement: TypeAlias = (
    cst.SimpleStatementLine | cst.BaseCompoundStatement | cst.BaseStatement | cst.BaseSmallStatement
)


@on_large_stack
def add_twins(text: str, plans: Sequence[Plan], width: int = LINE_WIDTH) -> str:
    """`text` with the twins of `plans`, each behind its loader, and the imports that they need.

    Raises CannotApplyError where the text is not what a plan says, UnreadableError where LibCST
    cannot read it.
    """
    module, tail = parsed(text)
    places = Places(module, Lines(text))
    twins: dict[cst.CSTNode, Plan] = {}
    notes: dict[AnyImport, ImportNote] = {}
    for plan in plans:
        twins[loader_of(plan, module, places)] = plan
        for statement, note in _asked(plan, places):
            notes[statement] = notes.get(statement, ImportNote()).with_more(note)
    new = _with_twins(module, twins, places.quote)
    try:
        changed = with_imports(new, list(notes.items()), width)
    except cst.CSTValidationError as error:
        raise CannotApplyError(f"the new code would be no Python: {error}") from error
    return changed.code + tail


def loader_of(plan: Plan, module: cst.Module, places: Places) -> cst.FunctionDef:
    """The loader that `plan` is about. Raises CannotApplyError."""
    loader = places.statement(plan.anchor)
    bodies = [module.body, *(one.body.body for one in module.body if isinstance(one, cst.ClassDef))]
    if not isinstance(loader, cst.FunctionDef) or not any(loader in body for body in bodies):
        raise CannotApplyError("the loader is no function of the module or of a class", plan)
    return loader


def _with_twins(module: cst.Module, twins: Mapping[cst.CSTNode, Plan], quote: str) -> cst.Module:
    body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement] = []
    for statement in module.body:
        if isinstance(statement, cst.ClassDef) and isinstance(statement.body, cst.IndentedBlock):
            methods = list(_beside_twins(statement.body.body, twins, 1, module, quote))
            statement = statement.with_changes(body=statement.body.with_changes(body=methods))
        body.append(statement)
    return module.with_changes(body=list(_beside_twins(body, twins, 2, module, quote)))


def _beside_twins(
    body: Sequence[_Statement],
    twins: Mapping[cst.CSTNode, Plan],
    usual: int,
    module: cst.Module,
    quote: str,
) -> Iterator[_Statement]:
    """The statements of a body, each loader with its twin behind it.

    As many blank lines stand between them as above the loader; `usual` where that is the first.
    """
    for statement in body:
        yield statement
        if statement in twins:
            assert isinstance(statement, cst.FunctionDef)
            blanks = blanks_before(statement.leading_lines)
            lines = usual if statement is body[0] else min(max(blanks, 1), 2)
            twin = _twin(twins[statement], module).visit(_Requoted(quote))
            assert isinstance(twin, cst.FunctionDef)
            yield twin.with_changes(leading_lines=[cst.EmptyLine(indent=False)] * lines)


def _twin(plan: Plan, module: cst.Module) -> cst.FunctionDef:
    """The new function, as it would stand at the margin."""
    assert isinstance(plan.shape, shapes.StreamTwin)
    text = plan.shape.text
    around = "class _:\n" if text[:1].isspace() else ""
    text = (around + text).replace("\n", module.default_newline)
    try:
        [twin] = cst.parse_module(text, module.config_for_parsing).body
    except (cst.ParserSyntaxError, ValueError) as error:
        raise CannotApplyError("the twin would be no Python", plan) from error
    if isinstance(twin, cst.ClassDef):
        [method] = twin.body.body
        assert isinstance(method, cst.FunctionDef)
        return method
    assert isinstance(twin, cst.FunctionDef)
    return twin


class _Requoted(cst.CSTTransformer):
    """Writes the path of the streamed part, the one string of ours, in the module's quotes."""

    def __init__(self, quote: str) -> None:
        super().__init__()
        self._quote = quote

    def leave_SimpleString(  # noqa: N802
        self, _: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        if not updated_node.value.startswith('"$'):
            return updated_node
        return updated_node.with_changes(value=in_quote(updated_node.value, self._quote))


def _asked(plan: Plan, places: Places) -> Sequence[tuple[AnyImport, ImportNote]]:
    change = plan.imports
    if not isinstance(change, RuntimeImport) or change.add is None:
        return ()
    if change.beside is not None:
        return [(import_at(change.beside, places, plan), ImportNote(names=((change.add, None),)))]
    note = ImportNote(runtime=frozenset({change.add}))
    return [(import_at(change.statement, places, plan), note)]


def import_at(span: Span, places: Places, plan: Plan) -> AnyImport:
    """The import that starts `span`. Raises CannotApplyError."""
    statement = places.small_statement(span)
    if not isinstance(statement, (cst.Import, cst.ImportFrom)):
        raise CannotApplyError("the statement is no import", plan)
    return statement


class StreamTwin(PatternCommand):
    """LS108 alone."""

    DESCRIPTION = "Add a streaming twin to each loader whose callers could stream."
    CODE = "LS108"
    EDITS: ClassVar[Edits] = {}

    def sites(self, source: SourceFile, repository: Repository) -> Sequence[Site]:
        """The loaders of `source` that need a twin."""
        return find_twin_sites(source, repository)

    def edited(self, text: str, plans: Sequence[Plan]) -> str:
        """`text` with the twins of `plans`."""
        return add_twins(text, plans) if plans else text

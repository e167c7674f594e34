"""The one walk over a module that makes all edits of a file.

Sites can be nested, so every edit works on the node as the edits inside it left it: on the way
out of a source its place is held by a name nobody uses, on the way out of the anchor the pattern's
edit puts the stream call there, and on the way out of a block statements go and functions come.
Imports come last, when it is known which names the new text still reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import libcst as cst

from loadstream.analysis.plans import (
    AccumulateLoop,
    FilterLoop,
    Plan,
    ReportOnly,
    Shape,
    SinglePass,
)
from loadstream.analysis.spans import Lines
from loadstream_codemods.errors import CannotApplyError, CommentLostError, UnreadableError
from loadstream_codemods.imports import ImportNote, with_imports
from loadstream_codemods.places import Places, comments, without
from loadstream_codemods.statements import rebuilt, rebuilt_suite
from loadstream_codemods.task import Edit, Setting, Task

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")

Edits = Mapping[type[Shape], Edit]


def transform(text: str, plans: Sequence[Plan], edits: Edits) -> str:
    """`text` with `plans` carried out, each by the edit for its shape.

    Plans without an edit (a report) change nothing. Raises CannotApplyError where the text is not
    what a plan says, UnreadableError where LibCST cannot read it.
    """
    plans = [plan for plan in plans if not isinstance(plan.shape, ReportOnly)]
    if not plans:
        return text
    module, tail = parsed(text)
    new = _transformed(module, text, plans, edits)
    lost = without(comments(module), comments(new))
    if lost:
        raise CommentLostError(f"the comment {lost[0]!r} has no place")
    return new.code + tail


def parsed(text: str) -> tuple[cst.Module, str]:
    """The module of `text`, and the blank lines and comments at its end that it leaves out.

    LibCST drops a blank line at the end of a file if one with spaces comes after it, and a last
    line feed that is a lone carriage return, so such an end stays outside. Raises UnreadableError
    where LibCST cannot read what `ast` can.
    """
    for head in (text, _without_end(text)):
        module = _module(head)
        code = module.code
        if head == code or (head.startswith(code) and not head[len(code) :].strip()):
            return module, text[len(code) :]
    raise UnreadableError("LibCST does not give this file back as it is")


def _without_end(text: str) -> str:
    lines = _LINE.findall(text)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return "".join(lines)


def _module(text: str) -> cst.Module:
    try:
        return cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        cause = f"LibCST cannot parse this file: {error.message}"
        raise UnreadableError(cause, error.editor_line, error.editor_column) from error
    except (cst.CSTValidationError, RecursionError) as error:
        raise UnreadableError(f"LibCST cannot parse this file: {error}") from error


def _transformed(module: cst.Module, text: str, plans: Sequence[Plan], edits: Edits) -> cst.Module:
    places = Places(module, Lines(text))
    tasks = [_task(number, plan, module, places) for number, plan in enumerate(plans)]
    walk = _Walk(module, places, tasks, edits)
    new = module.visit(walk)
    assert isinstance(new, cst.Module)
    if leftover := [task for task in tasks if task not in walk.done]:
        raise CannotApplyError("the site could not be reached", leftover[0].plan)
    return with_imports(new, walk.import_notes())


def _task(number: int, plan: Plan, module: cst.Module, places: Places) -> Task:
    try:
        call = places.expression(plan.stream.call)
        if not isinstance(call, cst.Call):
            raise CannotApplyError("the load is no call")
        source = places.expression(plan.source)
        removed: dict[cst.BaseSmallStatement, cst.CSTNode | None] = {}
        bare = call.with_changes(lpar=[], rpar=[])
        for binding in plan.bindings:
            removed[places.small_statement(binding)] = bare
        if isinstance(plan.shape, AccumulateLoop):
            removed[places.small_statement(plan.shape.initial)] = None
        return Task(
            plan=plan,
            module=module,
            call=call,
            source=source,
            anchor=_anchor(plan, source, places),
            placeholder=cst.Name(f"_loadstream_source_{number}"),
            removed=removed,
            before=_before(plan, places),
            arguments=call,
            setting=Setting("", "", "", ""),
        )
    except CannotApplyError as error:
        raise CannotApplyError(error.cause, plan) from error


def _anchor(plan: Plan, source: cst.BaseExpression, places: Places) -> cst.CSTNode:
    match plan.shape:
        case SinglePass():
            return source
        case FilterLoop() | AccumulateLoop():
            return places.statement(plan.anchor)
    return places.expression(plan.anchor)


def _before(plan: Plan, places: Places) -> cst.BaseStatement | None:
    """The statement that a `def` can stand before, None where it must be a lambda.

    A statement behind a colon on one line has no room before it.
    """
    predicate = getattr(plan.shape, "predicate", None)
    if predicate is None or predicate.before is None:
        return None
    try:
        return places.statement(predicate.before)
    except CannotApplyError:
        return None


class _Walk(cst.CSTTransformer):
    """Carries out the tasks on the way out of their nodes."""

    def __init__(
        self, module: cst.Module, places: Places, tasks: Sequence[Task], edits: Edits
    ) -> None:
        super().__init__()
        self.done: list[Task] = []
        self._module = module
        self._places = places
        self._tasks = tasks
        self._edits = edits
        self._indents: list[str] = []
        self._format_depth = 0
        self._calls = {task.call: task for task in tasks}
        self._sources = {task.source: task for task in tasks}
        self._anchors: dict[cst.CSTNode, list[Task]] = {}
        for task in tasks:
            self._anchors.setdefault(task.anchor, []).append(task)
        self._removed = {
            statement: kept for task in tasks for statement, kept in task.removed.items()
        }
        self._definitions: dict[cst.BaseStatement, list[cst.FunctionDef]] = {}
        self._imports = {
            places.small_statement(task.plan.imports.statement)
            for task in tasks
            if task.plan.imports is not None
        }
        self._imports_now: dict[cst.CSTNode, cst.ImportFrom] = {}

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Keep track of what the node stands in."""
        if isinstance(node, cst.IndentedBlock):
            self._indents.append(
                self._module.default_indent if node.indent is None else node.indent
            )
        elif isinstance(node, cst.FormattedString):
            self._format_depth += 1
        return True

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        """Do what is to be done at the node, from the inside outwards."""
        new = updated_node
        match original_node:
            case cst.Call() if original_node in self._calls:
                assert isinstance(new, cst.Call)
                self._calls[original_node].arguments = new
            case cst.ImportFrom() if original_node in self._imports:
                assert isinstance(new, cst.ImportFrom)
                self._imports_now[original_node] = new
            case cst.BaseSmallStatement() if original_node in self._removed:
                assert isinstance(new, cst.BaseSmallStatement)
                self._remember_initial(original_node, new)
            case cst.IndentedBlock():
                assert isinstance(new, cst.IndentedBlock)
                self._indents.pop()
                new = rebuilt(original_node, new, self._removed, self._definitions)
            case cst.Module():
                assert isinstance(new, cst.Module)
                new = rebuilt(original_node, new, self._removed, self._definitions)
            case cst.SimpleStatementSuite():
                assert isinstance(new, cst.SimpleStatementSuite)
                new = rebuilt_suite(original_node, new, self._removed)
            case cst.FormattedString():
                self._format_depth -= 1
        if isinstance(original_node, cst.BaseExpression) and original_node in self._sources:
            task = self._sources[original_node]
            new = task.placeholder
        for task in self._anchors.get(original_node, ()):
            new = self._edited(task, new)
        return new

    def _edited(self, task: Task, anchor: cst.CSTNode) -> cst.CSTNode:
        edit = self._edits.get(type(task.plan.shape))
        if edit is None:
            raise CannotApplyError("no edit for this shape", task.plan)
        self._set(task)
        try:
            new = edit(anchor, task)
        except CannotApplyError as error:
            raise type(error)(error.cause, task.plan) from error
        if task.definition is not None:
            assert task.before is not None
            self._definitions.setdefault(task.before, []).append(task.definition)
        self.done.append(task)
        return new

    def _set(self, task: Task) -> None:
        is_loop = isinstance(task.plan.shape, (FilterLoop, AccumulateLoop))
        span = task.plan.source if is_loop else task.plan.anchor
        block = "".join(self._indents)
        line = self._places.line(span.start.line)
        margin = line[: len(line) - len(line.lstrip())]
        task.setting = Setting(
            prefix=line[: span.start.column],
            suffix=self._places.line(span.end.line)[span.end.column :].split("#")[0].rstrip(),
            block=block,
            extra=margin.removeprefix(block),
            breakable=self._format_depth == 0,
        )

    def _remember_initial(
        self, original: cst.BaseSmallStatement, now: cst.BaseSmallStatement
    ) -> None:
        for task in self._tasks:
            if original in task.removed and task.removed[original] is None:
                task.initial_now = now

    def import_notes(self) -> list[ImportNote]:
        """What the plans ask of each import statement, by its node in the new module."""
        notes = []
        for statement, now in self._imports_now.items():
            tasks = [
                task
                for task in self._tasks
                if task.plan.imports is not None
                and self._places.small_statement(task.plan.imports.statement) is statement
            ]
            notes.append(
                ImportNote(
                    now,
                    tuple(
                        (task.plan.imports, _loader(task)) for task in tasks if task.plan.imports
                    ),
                )
            )
        return notes


def _loader(task: Task) -> str | None:
    """The bound name of the loader, where it is called by a plain name."""
    return task.call.func.value if isinstance(task.call.func, cst.Name) else None

"""The one walk over a module that makes all edits of a file.

Sites can be nested, so every edit works on the node as the edits inside it left it: on the way
out of a source its place is held by a name nobody uses, on the way out of the anchor the pattern's
edit puts the stream call there, and on the way out of a block statements go, functions come and
files are opened around what reads them. Imports come last, when it is known which names the new
text still reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

import libcst as cst

from loadstream.analysis.plans import CountedLoop, Plan, ReportOnly, Shape, SinglePass, spans_of
from loadstream.analysis.settings import LINE_WIDTH
from loadstream.analysis.spans import Lines
from loadstream_codemods.errors import CannotApplyError, CommentLostError, UnreadableError
from loadstream_codemods.imports import with_imports
from loadstream_codemods.located import LOOPS, tasks_of
from loadstream_codemods.nesting import on_large_stack
from loadstream_codemods.notes import Notes
from loadstream_codemods.parsing import parsed
from loadstream_codemods.placement import by_statement
from loadstream_codemods.places import Places, comments_of_text, without
from loadstream_codemods.shortened import Shortened, shortened
from loadstream_codemods.statements import Changes, rebuilt, rebuilt_suite
from loadstream_codemods.stream_call import in_style, inside_quotes
from loadstream_codemods.task import Edit, Setting, Task
from loadstream_codemods.unbound import check_names

Edits = Mapping[type[Shape], Edit]


@on_large_stack
def transform(text: str, plans: Sequence[Plan], edits: Edits, width: int = LINE_WIDTH) -> str:
    """`text` with `plans` and their branches carried out, each by the edit for its shape.

    New lines are at most `width` long, if that can be. Plans without an edit (a report) change
    nothing. Raises CannotApplyError where the text is not what a plan says, UnreadableError where
    LibCST cannot read it.
    """
    plans = [plan for plan in plans if not isinstance(plan.shape, ReportOnly)]
    if not plans:
        return text
    short = shortened(text, plans)
    if short.left_out:
        with suppress(CannotApplyError):  # the whole text tells more of what is wrong
            return _carried_out(short, plans, edits, width)
    return _carried_out(Shortened(text, text), plans, edits, width)


def _carried_out(short: Shortened, plans: Sequence[Plan], edits: Edits, width: int) -> str:
    module, tail = parsed(short.text)
    try:
        return _new_text(module, short, tail, plans, edits, width)
    except UnreadableError:
        raise
    except CannotApplyError as error:
        if error.plan is None and len(plans) == 1:
            raise
        culprits = (
            plan
            for plan in plans
            if (
                _fails_alone(module, short, tail, plan, edits, width)
                if error.plan is None
                else error.plan in plan.each
            )
        )
        raise type(error)(error.cause, next(culprits, None)) from error


def _new_text(
    module: cst.Module, short: Shortened, tail: str, plans: Sequence[Plan], edits: Edits, width: int
) -> str:
    try:
        new = short.restored(_transformed(module, short, plans, edits, width).code + tail)
    except cst.CSTValidationError as error:  # such as `in(xs)` without its parentheses
        raise CannotApplyError(f"the new code would be no Python: {error}") from error
    if lost := without(comments_of_text(short.whole), comments_of_text(new)):
        raise CommentLostError(f"the comment {lost[0]!r} has no place")
    check_names(short.whole, new)
    return new


def _fails_alone(
    module: cst.Module, short: Shortened, tail: str, plan: Plan, edits: Edits, width: int
) -> bool:
    try:
        _new_text(module, short, tail, [plan], edits, width)
    except CannotApplyError:
        return True
    return False


def _transformed(
    module: cst.Module, short: Shortened, plans: Sequence[Plan], edits: Edits, width: int
) -> cst.Module:
    places = Places(module, Lines(short.whole), short.quotes)
    tasks = tasks_of([part for plan in plans for part in plan.each], module, places)
    walk = _Walk(module, places, tasks, edits, width)
    new = module.visit(walk)
    assert isinstance(new, cst.Module)
    walk.check()
    return with_imports(new, walk.notes.of_module(), width)


class _Walk(cst.CSTTransformer):
    """Carries out the tasks on the way out of their nodes."""

    def __init__(
        self,
        module: cst.Module,
        places: Places,
        tasks: Sequence[Task],
        edits: Edits,
        width: int,
    ) -> None:
        super().__init__()
        self._width = width
        self.notes = Notes(tasks, places)
        self._done: set[cst.CSTNode] = set()
        self._module = module
        self._places = places
        self._tasks = tasks
        self._edits = edits
        self._indents: list[str] = []
        self._deeper: list[str] = []
        self._quotes: list[str] = []
        self._statements: list[cst.BaseStatement] = []
        self._readers: dict[cst.BaseSmallStatement, Sequence[cst.BaseStatement]] = {}
        self._shown_depth = 0
        self._calls: dict[cst.CSTNode, list[Task]] = {}
        self._anchors: dict[cst.CSTNode, list[Task]] = {}
        for task in tasks:
            self._calls.setdefault(task.call, []).append(task)
            self._anchors.setdefault(task.anchor, []).append(task)
        self._sources = {task.source: task for task in tasks}
        self._parts = {part: task for task in tasks for part in task.parts}
        self._initials = {task.initial: task for task in tasks if task.initial is not None}
        self._reads = {read: task for task in tasks for read in task.reads}
        self._openings = by_statement([task.opening for task in tasks if task.opening])
        self._definitions: dict[cst.BaseStatement, list[cst.FunctionDef]] = {}
        # Functions without one of these places are not walked through.
        self._concerned = [span.start for task in tasks for span in spans_of(task.plan)]
        self._changes = Changes(
            removed={s: kept for task in tasks for s, kept in task.removed.items()},
            definitions=self._definitions,
            readers=self._readers,
            moved={one.goes for one in self._openings.values() if one.goes is not None},
            wrapped={
                around: partial(one.wrapped, module) for around, one in self._openings.items()
            },
            guards={task.guard for task in tasks if task.guard is not None},
            counters={
                task.anchor: task.plan.shape.counter
                for task in tasks
                if isinstance(task.plan.shape, CountedLoop)
                and isinstance(task.anchor, cst.BaseStatement)
            },
        )

    def check(self) -> None:
        """Raise CannotApplyError where something of a plan has not been carried out."""
        for task in self._tasks:
            if task.placeholder not in self._done:
                raise CannotApplyError("the site could not be reached", task.plan)
            if not task.reads <= self._done:
                raise CannotApplyError("a value that is read has no place", task.plan)
            if task.opening is not None and not task.opening.placed:
                raise CannotApplyError("the file cannot be opened around the pass", task.plan)

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Keep track of what the node stands in."""
        if isinstance(node, cst.BaseStatement):
            self._statements.append(node)
        if isinstance(node, cst.BaseExpression) and node in self._sources:
            readers = tuple(self._statements)
            self._readers.update(dict.fromkeys(self._sources[node].removed, readers))
        match node:
            case cst.FunctionDef(body=cst.IndentedBlock() as body):
                self._changes.functions.add(body)
        match node:
            case cst.FunctionDef(decorators=[]):
                place = self._places.span(node)
                return any(place.start <= at <= place.end for at in self._concerned)
            case cst.IndentedBlock():
                default = self._module.default_indent
                self._indents.append(default if node.indent is None else node.indent)
            case cst.FormattedString():
                self._quotes.append(node.end)
            case cst.FormattedStringExpression() if node.equal is not None:
                self._shown_depth += 1
            case cst.BaseStatement() if node in self._openings:
                self._deeper.append(self._openings[node].indent(self._module))
        return True

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        """Do what is to be done at the node, from the inside outwards."""
        new = updated_node
        if isinstance(original_node, cst.BaseStatement):
            self._statements.pop()
        self.notes.remember(original_node, new)
        for task in self._calls.get(original_node, ()):
            assert isinstance(new, cst.Call)
            task.arguments = new
        match original_node:
            case cst.BaseSmallStatement() if original_node in self._initials:
                assert isinstance(new, cst.BaseSmallStatement)
                self._initials[original_node].initial_now = new
            case cst.IndentedBlock():
                assert isinstance(new, cst.IndentedBlock)
                self._indents.pop()
                new = rebuilt(original_node, new, self._changes)
            case cst.Module():
                assert isinstance(new, cst.Module)
                new = rebuilt(original_node, new, self._changes)
            case cst.SimpleStatementSuite():
                assert isinstance(new, cst.SimpleStatementSuite)
                new = rebuilt_suite(original_node, new, self._changes.removed)
            case cst.With():
                self._remember_header(original_node, new)
            case cst.FormattedString():
                self._quotes.pop()
            case cst.FormattedStringExpression() if original_node.equal is not None:
                self._shown_depth -= 1
        if isinstance(original_node, cst.BaseExpression):
            new = self._replaced(original_node, new)
        if original_node in self._parts:
            self._set_part(self._parts[original_node], original_node, new)
        for task in self._anchors.get(original_node, ()):
            new = self._edited(task, new)
        if isinstance(original_node, cst.BaseStatement) and original_node in self._openings:
            self._deeper.pop()
        return new

    def _replaced(self, original: cst.BaseExpression, now: cst.CSTNode) -> cst.CSTNode:
        """What holds the place of a source, or of a value that is read."""
        if original in self._sources:
            task = self._sources[original]
            if task.plan.stream.arguments is not None and not original.deep_equals(now):
                raise CannotApplyError("another site stands inside the load", task.plan)
            self._check_is_not_shown(task)
            return task.placeholder
        if original in self._reads:
            task = self._reads[original]
            self._check_is_not_shown(task)
            self._done.add(original)
            return task.value_in_place_of(original, self._places.behind(original))
        return now

    def _set_part(self, task: Task, part: cst.CSTNode, now: cst.CSTNode) -> None:
        """Keep what a filter is by now; behind its anchor it has been taken over as it was."""
        if task.placeholder in self._done and not part.deep_equals(now):
            raise CannotApplyError("another site stands inside a filter", task.plan)
        task.parts[part] = now

    def _check_is_not_shown(self, task: Task) -> None:
        if self._shown_depth:
            raise CannotApplyError("an f-string with = shows the source text", task.plan)

    def _edited(self, task: Task, anchor: cst.CSTNode) -> cst.CSTNode:
        edit = self._edits.get(type(task.plan.shape))
        if edit is None:
            raise CannotApplyError("no edit for this shape", task.plan)
        self._set(task)
        try:
            task.stream = inside_quotes(
                in_style(task.plan.stream, self._places.quote, self._places.newline),
                self._quotes,
            )
            new = edit(anchor, task)
        except CannotApplyError as error:
            raise type(error)(error.cause, task.plan) from error
        if task.definitions:
            assert task.before is not None
            self._definitions.setdefault(task.before, []).extend(task.definitions)
        self._done.add(task.placeholder)
        return new

    def _set(self, task: Task) -> None:
        at_source = isinstance(task.plan.shape, (*LOOPS, SinglePass))
        span = task.plan.source if at_source else task.plan.anchor
        if isinstance(task.anchor, cst.Call):  # around what is given to it, it may be
            span = self._places.span(task.anchor)
        block, deeper = "".join(self._indents), "".join(self._deeper)
        line = self._places.line(span.start.line)
        last = span.end.line
        task.setting = Setting(
            prefix=deeper + line[: span.start.column],
            suffix=self._places.line(span.end.line)[span.end.column :].split("#")[0].rstrip(),
            block=block + deeper,
            extra=self._margin(span.start.line).removeprefix(block),
            definition=block if task.before in self._openings else block + deeper,
            longest=max(len(self._places.line(n)) for n in range(span.start.line, last + 1)),
            breakable=not self._quotes,
            hugs=self._places.hugs,
            at_source=self._margin(task.plan.source.start.line).removeprefix(block),
            width=self._width,
            in_loop=self._is_in_loop(task.before),
        )

    def _is_in_loop(self, statement: cst.BaseStatement | None) -> bool:
        """Tell whether a loop of the same function is around `statement`."""
        for around in reversed(self._statements):
            if isinstance(around, cst.FunctionDef | cst.ClassDef):
                return False
            if isinstance(around, cst.For | cst.While) and around is not statement:
                return True
        return False

    def _margin(self, number: int) -> str:
        line = self._places.line(number)
        return line[: len(line) - len(line.lstrip())]

    def _remember_header(self, original: cst.With, now: cst.CSTNode) -> None:
        assert isinstance(now, cst.With)
        for one in self._openings.values():
            if one.goes is original:
                one.header = now

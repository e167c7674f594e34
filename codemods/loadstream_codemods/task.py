"""One plan on its way into the text, and the layouts in which its stream call can be set.

A pattern's `edit` is given the anchor as it stands by then (nested sites inside it are already
rewritten) and its `Task`; `Task.fit` takes the first layout that fits the line:

    list(stream_x(filter_func=lambda s: …))         on one line
    list(stream_x(                                   broken inside the call
        filter_func=lambda s: …
    ))
    list(stream_x(                                   one argument a line, if there are more
        path,
        filter_func=lambda s: …,
    ))
    list(stream_x(filter_func=is_marathon))          with a `def is_marathon(s)` put before
    list(stream_x(                                   or, where that would be within a loop
        filter_func=lambda s: (
            …
            and …
        )
    ))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import libcst as cst

from loadstream.analysis.plans import CountedLoop, ItemsLoop, Plan, Predicate, StreamCall
from loadstream.analysis.settings import LINE_WIDTH
from loadstream_codemods.errors import CannotApplyError, CommentLostError
from loadstream_codemods.placement import Opening
from loadstream_codemods.places import comments, without
from loadstream_codemods.predicate import (
    as_broken_lambda,
    as_def,
    as_lambda,
    joined,
    return_of_all,
)
from loadstream_codemods.statements import Removed
from loadstream_codemods.stream_call import IN_LINE, Hugging, Layout, Together, stream_call
from loadstream_codemods.whitespace import code_of, new_line

_WORTH_A_LINE = 20  # characters of arguments; a line break around fewer looks odd

Build = Callable[[cst.Call], cst.BaseExpression]
Edit = Callable[[cst.CSTNode, "Task"], cst.CSTNode]


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds the expression that is replaced.

    `prefix` and `suffix` are the text before and behind it on its lines, `block` the indentation
    of its block, `extra` what its first line is indented beyond that. `definition` is the
    indentation of a `def` that is put before. `longest` is the length of the longest of these
    lines till now. Where `breakable` is false (an f-string), no line may be broken. `hugs` where
    the file puts brackets of several lines close together, and `at_source` is what the source's own
    line is indented beyond the block. No line is to be longer than `width`.
    `in_loop` where a `def` would be made anew each time that a loop comes round.
    """

    prefix: str
    suffix: str
    block: str
    extra: str
    definition: str
    longest: int = 0
    breakable: bool = True
    hugs: bool = False
    at_source: str = ""
    width: int = LINE_WIDTH
    in_loop: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """The moved conditions, `terms`, as a predicate.

    `body` gives the body of the `def`, if that is to be another one than `return` of all terms;
    it is the only form where `terms` is empty.
    """

    predicate: Predicate
    terms: tuple[cst.BaseExpression, ...]
    body: Callable[[], cst.IndentedBlock] | None = None


@dataclass(slots=True)
class Task:
    """A plan with the nodes of the original module at its places.

    `arguments` (the call as it stands by then), `stream`, `initial_now` and `setting` are filled
    in while the module is rewritten; so are `parts`, the filters of a split, each as it was parsed
    with what it is by then. `definitions` are the `def`s that the edit asks for.
    """

    plan: Plan
    module: cst.Module
    call: cst.Call
    source: cst.BaseExpression
    anchor: cst.CSTNode
    placeholder: cst.Name
    removed: Removed
    reads: frozenset[cst.BaseExpression]
    opening: Opening | None
    guard: cst.BaseStatement | None
    before: cst.BaseStatement | None
    arguments: cst.Call
    stream: StreamCall
    setting: Setting
    initial: cst.BaseSmallStatement | None
    initial_now: cst.BaseSmallStatement | None = None
    parts: dict[cst.CSTNode, cst.CSTNode] = field(default_factory=dict)
    definitions: list[cst.FunctionDef] = field(default_factory=list)

    def plain_call(self) -> cst.Call:
        """The stream call without a predicate, in the place of the source."""
        # `(load_x())` keeps its parentheses: they may hold line breaks and comments.
        own = self.source
        new = self.fit(lambda call: call.with_changes(lpar=own.lpar, rpar=own.rpar), None, [])
        assert isinstance(new, cst.Call)
        return new

    def in_place(self, call: cst.Call, within: cst.BaseExpression) -> cst.BaseExpression:
        """`within`, with `call` where the source stood. Raises CannotApplyError if it did not."""
        if not _holds(within, self.placeholder):
            raise CannotApplyError("the source is not where the plan says")
        new = within.deep_replace(self.placeholder, call)
        assert isinstance(new, cst.BaseExpression)
        return new

    def value_in_place_of(self, read: cst.BaseExpression, behind: str) -> cst.Name:
        """The loop's value or count in the place of `read`, which the text `behind` follows."""
        shape = self.plan.shape
        assert isinstance(shape, ItemsLoop | CountedLoop)
        given = shape.value if isinstance(shape, ItemsLoop) else shape.counter
        name = cst.Name(given, lpar=read.lpar, rpar=read.rpar)
        if not read.lpar and (behind[:1].isalnum() or behind[:1] == "_"):  # `doc[k]if x else y`
            return name.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return name

    def fit(
        self,
        build: Build,
        filter_: Filter | None,
        discarded: Sequence[cst.CSTNode],
        setting: Setting | None = None,
        roomy: Sequence[Build] = (),
    ) -> cst.BaseExpression:
        """The expression that `build` makes of the stream call, in the first layout that fits.

        `roomy` make the same in more lines each, as far as it can be so made, and are tried before
        the call is broken.
        `discarded` are the old nodes that the new ones take the place of: their comments go to the
        `def`, or into the call. Raises CannotApplyError, CommentLostError.
        """
        where = self.setting if setting is None else setting
        layouts = self._layouts(build, where, roomy)
        if filter_ is None:
            return self._fit_bare(layouts, discarded, where)
        left_over = self._left_over(build, filter_, discarded)
        nameable = filter_.predicate.name is not None and self.before is not None
        if filter_.terms:
            value = as_lambda(filter_.predicate.parameter, joined(filter_.terms))
            on_one_line = not left_over and "\n" not in code_of(value, self.module)
            for make, layout in layouts if on_one_line else ():
                new = make(self._call(value, layout))
                if fits(new, self.module, where):
                    return new
            if nameable and on_one_line and where.in_loop:
                make, layout = layouts[-1]
                if isinstance(layout, Hugging):
                    return make(self._call(self._broken_lambda(filter_, layout), layout))
            if not nameable:
                last = self._hugging(where, left_over) if where.breakable else IN_LINE
                return build(self._call(value, last))
        elif not nameable:
            raise CannotApplyError("the predicate has no name", self.plan)
        self.definitions.append(self.define(filter_, left_over))
        name = cst.Name(filter_.predicate.name or "")
        for make, layout in layouts:
            new = make(self._call(name, layout))
            if fits(new, self.module, where):
                return new
        return build(self._call(name, IN_LINE))

    def _broken_lambda(self, filter_: Filter, layout: Hugging) -> cst.Lambda:
        name, terms = filter_.predicate.parameter, filter_.terms
        return as_broken_lambda(name, terms, self.module, layout.inner)

    def _layouts(
        self, build: Build, where: Setting, roomy: Sequence[Build]
    ) -> list[tuple[Build, Layout]]:
        """What can be tried, the first that fits being taken."""
        if not where.breakable:
            return [(build, IN_LINE)]
        outer, inner = where.extra, where.extra + self.module.default_indent
        builds = [build, *roomy]
        if roomy:
            outer, inner = inner, inner + self.module.default_indent
        return [
            *((one, IN_LINE) for one in builds),
            (builds[-1], Together(inner, outer)),
            (builds[-1], Hugging(inner, outer)),
        ]

    def _fit_bare(
        self,
        layouts: Sequence[tuple[Build, Layout]],
        discarded: Sequence[cst.CSTNode],
        where: Setting,
    ) -> cst.BaseExpression:
        """A call that can be no shorter than it is stays in line, as does one broken already."""
        build, _ = layouts[0]
        new = build(self._call(None, IN_LINE))
        left_over = without([*comments(*discarded), *self._around_source()], comments(new))
        if left_over:
            if not where.breakable:
                raise CommentLostError("a comment has no place", self.plan)
            return build(self._call(None, self._hugging(where, left_over)))
        room = max(where.width, where.longest)
        if "\n" in code_of(new, self.module) or _width(new, self.module, where) <= room:
            return new
        call = self._call(None, IN_LINE)
        given = sum(len(code_of(argument, self.module)) for argument in call.args)
        others = [
            make(self._call(None, layout))
            for make, layout in layouts[1:]
            if layout is IN_LINE or given >= _WORTH_A_LINE
        ]
        widths = {_width(other, self.module, where): other for other in reversed([new, *others])}
        return next((o for o in others if fits(o, self.module, where)), widths[min(widths)])

    def _around_source(self) -> list[str]:
        """The comments in and around what is replaced that the new call does not carry."""
        carried = comments(stream_call(self.call, self.stream, None))
        if self.opening is not None and self.opening.goes is None:
            carried += comments(*self.opening.header.items)
        return without(comments(self.source), carried)

    def _left_over(
        self, build: Build, filter_: Filter, discarded: Sequence[cst.CSTNode]
    ) -> list[str]:
        """The comments that neither the rebuilt expression nor the predicate's own text holds."""
        if filter_.body is not None:
            return self._around_source()
        new = build(self._call(None, IN_LINE))
        held = comments(new, *filter_.terms)
        return without([*comments(*discarded), *self._around_source()], held)

    def _hugging(self, where: Setting, left_over: Sequence[str]) -> Hugging:
        return Hugging(
            inner=where.extra + self.module.default_indent,
            outer=where.extra,
            comments=tuple(left_over),
        )

    def _call(self, value: cst.BaseExpression | None, layout: Layout) -> cst.Call:
        return stream_call(self.arguments, self.stream, value, layout)

    def define(self, filter_: Filter, left_over: Sequence[str]) -> cst.FunctionDef:
        """The predicate of `filter_` as a `def`, with the comments that are left over."""
        predicate = filter_.predicate
        if filter_.body is not None:
            body = filter_.body()
        else:
            depth = len(self.setting.definition) + len(self.module.default_indent)
            room = self.setting.width - depth
            body = return_of_all(filter_.terms, left_over, self.module, room)
        assert predicate.name is not None
        return as_def(predicate.name, predicate.parameter, body)


def in_own_lines(
    build: Build, old: cst.BaseExpression, where: Setting, task: Task
) -> Sequence[Build]:
    """How to set what a call is given on lines of its own: all on one, or each on its own.

    None where `old`, in whose place the call comes, is broken over lines already, or the file does
    otherwise.
    """
    outer, inner = where.extra, where.extra + task.module.default_indent

    def called(call: cst.Call) -> cst.Call:
        new = build(call)
        assert isinstance(new, cst.Call)
        return new

    def on_one(call: cst.Call) -> cst.Call:
        new = called(call)
        *earlier, last = new.args
        last = last.with_changes(whitespace_after_arg=new_line(outer))
        return new.with_changes(whitespace_before_args=new_line(inner), args=[*earlier, last])

    def on_each(call: cst.Call) -> cst.Call:
        new = called(call)
        *earlier, last = new.args
        comma = cst.Comma(whitespace_after=new_line(inner))
        return new.with_changes(
            whitespace_before_args=new_line(inner),
            args=[
                *(argument.with_changes(comma=comma) for argument in earlier),
                last.with_changes(comma=cst.Comma(whitespace_after=new_line(outer))),
            ],
        )

    if where.hugs or "\n" in code_of(old, task.module):
        return ()
    has_more = isinstance(old, cst.Call) and len(old.args) > 1
    return (on_one, on_each) if has_more else (on_one,)


def fits(node: cst.BaseExpression, module: cst.Module, where: Setting) -> bool:
    """Tell whether every line of `node` at its place stays within the line width."""
    return _width(node, module, where) <= where.width


def _width(node: cst.BaseExpression, module: cst.Module, where: Setting) -> int:
    """The length of the longest line of `node` at its place."""
    first, *rest = code_of(node, module).split("\n")
    lines = [where.prefix + first, *(where.block + line for line in rest)]
    lines[-1] += where.suffix
    return max(map(len, lines))


def _holds(node: cst.CSTNode, wanted: cst.CSTNode) -> bool:
    return node is wanted or any(_holds(child, wanted) for child in node.children)

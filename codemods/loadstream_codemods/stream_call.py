"""The streamer call, built out of the old call: its own arguments, their spacing and comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import libcst as cst

from loadstream.analysis.plans import StreamCall
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.parsing import with_newline
from loadstream_codemods.whitespace import new_line

_PLAIN_STRING = re.compile(r"""(["'])[^"'\\]*\1""")


@dataclass(frozen=True, slots=True)
class Together:
    """All arguments on one line, `inner` deeper than the block, the bracket closed at `outer`."""

    inner: str
    outer: str


@dataclass(frozen=True, slots=True)
class Hugging:
    """One argument a line, each `inner` deeper than the block, the bracket closed at `outer`.

    `comments` stand before the predicate.
    """

    inner: str
    outer: str
    comments: tuple[str, ...] = ()


class InLine:
    """The call's own layout, whatever it is."""


IN_LINE = InLine()
Layout: TypeAlias = InLine | Together | Hugging


def stream_call(
    old: cst.Call,
    stream: StreamCall,
    predicate: cst.BaseExpression | None,
    layout: Layout = IN_LINE,
) -> cst.Call:
    """The call of the streamer with its arguments and, last, the predicate.

    The arguments are those of `old`, unless `stream` has some of its own. Raises CannotApplyError
    where the streamer has no parameter for the predicate.
    """
    if stream.arguments is not None:
        old = given_arguments(stream.arguments)
    arguments = _by_keyword(old.args, stream.keywords if stream.arguments is None else ())
    if predicate is not None:
        arguments.append(_filter_argument(arguments, stream, predicate))
    call = old.with_changes(func=cst.parse_expression(stream.callee), lpar=[], rpar=[])
    if _is_broken(old):
        if isinstance(layout, Hugging) and layout.comments:
            raise CannotApplyError("comments on both sides of the load")
        return _in_own_lines(call, arguments, appended=predicate is not None)
    match layout:
        case Hugging():
            return _hugging(call, arguments, layout)
        case Together() if arguments:
            *earlier, last = _separated(arguments)
            last = last.with_changes(whitespace_after_arg=new_line(layout.outer))
            return call.with_changes(
                args=[*earlier, last], whitespace_before_args=new_line(layout.inner)
            )
    return call.with_changes(args=_separated(arguments))


def in_style(stream: StreamCall, quote: str, newline: str) -> StreamCall:
    """`stream` as the module would write it: its line ends, and its `quote` for strings of ours.

    The source is the user's own text.
    """
    stream = stream._replace(callee=with_newline(stream.callee, newline))
    if not stream.arguments:
        return stream
    source, *ours = (with_newline(text, newline) for text in stream.arguments)
    return stream._replace(arguments=(source, *(in_quote(text, quote) for text in ours)))


def in_quote(text: str, quote: str) -> str:
    """`text`, a string or an argument that holds one, with `quote` where it can be."""
    if "\\" in text or quote in text:
        return text
    return text.translate(str.maketrans("'\"", quote * 2))


def inside_quotes(stream: StreamCall, quotes: Sequence[str]) -> StreamCall:
    """`stream` as it can be written inside f-strings that end with `quotes`.

    Before Python 3.12 neither their quotes nor a backslash can stand there. Raises
    CannotApplyError.
    """
    if stream.arguments is None or not quotes:
        return stream
    return stream._replace(arguments=tuple(_requoted(text, quotes) for text in stream.arguments))


def _requoted(text: str, quotes: Sequence[str]) -> str:
    taken = {quote[0] for quote in quotes}
    forms = [text]
    if _PLAIN_STRING.fullmatch(text):
        forms += [f"{quote}{text[1:-1]}{quote}" for quote in ("'", '"')]
    for form in forms:
        if "\\" not in form and not any(quote in form for quote in taken):
            return form
    raise CannotApplyError("the stream's arguments cannot stand inside the f-string")


def given_arguments(texts: Sequence[str]) -> cst.Call:
    """A call with the arguments that `texts` say. Raises CannotApplyError."""
    try:
        call = cst.parse_expression(f"_({', '.join(texts)})")
    except cst.ParserSyntaxError as error:
        raise CannotApplyError("the stream's arguments are no Python") from error
    assert isinstance(call, cst.Call)
    return call


def _by_keyword(args: Sequence[cst.Arg], keywords: Sequence[str | None]) -> list[cst.Arg]:
    named = [*keywords, *(None for _ in range(len(args) - len(keywords)))]
    return [
        argument
        if keyword is None
        else argument.with_changes(keyword=cst.Name(keyword), equal=_equal(argument))
        for argument, keyword in zip(args, named, strict=True)
    ]


def _equal(argument: cst.Arg) -> cst.AssignEqual:
    if isinstance(argument.equal, cst.AssignEqual):
        return argument.equal
    return cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


def _filter_argument(
    arguments: Sequence[cst.Arg], stream: StreamCall, predicate: cst.BaseExpression
) -> cst.Arg:
    parameter = stream.filter_parameter
    if parameter is None:
        raise CannotApplyError(f"{stream.callee} takes no predicate")
    if any(argument.keyword and argument.keyword.value == parameter for argument in arguments):
        raise CannotApplyError(f"{stream.callee} is given a predicate already")
    return cst.Arg(
        value=predicate,
        keyword=cst.Name(parameter),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )


def _is_broken(call: cst.Call) -> bool:
    """Tell whether somebody has set the arguments on lines of their own."""
    return isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace)


def _separated(arguments: Sequence[cst.Arg]) -> list[cst.Arg]:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return [
        argument
        if last or isinstance(argument.comma, cst.Comma)
        else argument.with_changes(comma=comma)
        for last, argument in _with_last(arguments)
    ]


def _with_last(arguments: Sequence[cst.Arg]) -> list[tuple[bool, cst.Arg]]:
    return [(index == len(arguments) - 1, item) for index, item in enumerate(arguments)]


def _in_own_lines(call: cst.Call, arguments: list[cst.Arg], *, appended: bool) -> cst.Call:
    if not appended:
        return call.with_changes(args=arguments)
    opening = call.whitespace_before_args
    assert isinstance(opening, cst.ParenthesizedWhitespace)
    margin = opening.last_line
    *earlier, new = arguments
    if not earlier:  # only a line break or a comment between the brackets
        return call.with_changes(
            whitespace_before_args=new_line(margin.value + "    ", _lines_of(opening)),
            args=[new.with_changes(whitespace_after_arg=new_line(margin.value))],
        )
    last = earlier[-1]
    has_comma = isinstance(last.comma, cst.Comma)
    closing = (
        last.comma.whitespace_after
        if isinstance(last.comma, cst.Comma)
        else last.whitespace_after_arg
    )
    if isinstance(closing, cst.ParenthesizedWhitespace):
        to_next: cst.BaseParenthesizableWhitespace = closing.with_changes(last_line=margin)
        end: cst.BaseParenthesizableWhitespace = new_line(closing.last_line.value)
    else:
        to_next, end = new_line(margin.value), closing
    earlier[-1] = last.with_changes(
        comma=cst.Comma(whitespace_after=to_next),
        whitespace_after_arg=cst.SimpleWhitespace(""),
    )
    if has_comma:
        new = new.with_changes(comma=cst.Comma(whitespace_after=end))
    else:
        new = new.with_changes(whitespace_after_arg=end)
    return call.with_changes(args=[*earlier, new])


def _lines_of(whitespace: cst.ParenthesizedWhitespace) -> list[str]:
    found = [whitespace.first_line.comment, *(line.comment for line in whitespace.empty_lines)]
    return [comment.value for comment in found if comment is not None]


def _hugging(call: cst.Call, arguments: Sequence[cst.Arg], layout: Hugging) -> cst.Call:
    if not arguments:
        return call.with_changes(
            args=[],
            whitespace_before_args=cst.ParenthesizedWhitespace(
                empty_lines=new_line(layout.inner, layout.comments).empty_lines,
                indent=True,
                last_line=cst.SimpleWhitespace(layout.outer),
            ),
        )
    *earlier, last = arguments
    broken = [
        argument.with_changes(
            comma=cst.Comma(
                whitespace_after=new_line(
                    layout.inner, layout.comments if index == len(earlier) - 1 else ()
                )
            ),
            whitespace_after_arg=cst.SimpleWhitespace(""),
        )
        for index, argument in enumerate(earlier)
    ]
    end = new_line(layout.outer)
    if earlier:
        last = last.with_changes(
            comma=cst.Comma(whitespace_after=end), whitespace_after_arg=cst.SimpleWhitespace("")
        )
    else:  # a comma would be the end of a generator without parentheses
        last = last.with_changes(comma=cst.MaybeSentinel.DEFAULT, whitespace_after_arg=end)
    return call.with_changes(
        args=[*broken, last],
        whitespace_before_args=new_line(layout.inner, () if earlier else layout.comments),
    )

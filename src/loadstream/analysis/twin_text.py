"""The text of a twin: the loader's own header with a predicate added, its opening, one `yield`."""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from typing import NamedTuple

from loadstream.analysis.deprecation import decorators
from loadstream.analysis.loader_names import FILTER_PARAMETERS
from loadstream.analysis.loads import Load
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.openings import Assigned, Given, InPlace, WholeText, WithBlock
from loadstream.analysis.plain_loaders import Body, body_of, is_simple
from loadstream.analysis.plans import RuntimeImport
from loadstream.analysis.repository import Repository
from loadstream.analysis.scopes import all_arguments
from loadstream.analysis.settings import LINE_WIDTH
from loadstream.analysis.spans import Lines, Position, Span
from loadstream.analysis.trees import walk

_FILTER = "filter_func"
_HANDLES = ("f", "file", "handle", "source")
# The annotations of what a loader returns, with the place of the type that iterating them gives.
_ITERABLE = frozenset("list List Sequence Iterable Collection".split())


def filter_clash(loader: Definition) -> str:
    """In words, the parameter of the loader that a predicate would be confused with, if any."""
    names = {argument.arg for argument in all_arguments(loader.function.args)}
    clash = sorted(names & set(FILTER_PARAMETERS))
    if not clash and any(getattr(n, "id", "") == _FILTER for n in walk(loader.function)):
        return f"it has another {_FILTER}"
    return f"its parameter {clash[0]} would be taken for a predicate" if clash else ""


def twin_text(name: str, loader: Definition, body: Body, width: int = LINE_WIDTH) -> str:
    """The `def` of the twin called `name`, indented as the loader is, ended by a line feed.

    A line longer than `width` is broken.
    """
    lines = loader.module.source.lines
    prologue = tuple(lines.text(lines.span(statement)) for statement in body.prologue)
    opening = body.load.opening
    handle = _free_handle(loader)
    match opening:
        case WithBlock(opening=call, name=bound) | Assigned(opening=call, name=bound):
            opened, handle = lines.text(lines.span(call)), bound.id
        case InPlace(opening=call):
            opened = lines.text(lines.span(call))
        case WholeText(opening=text):
            opened = text
        case _:
            assert isinstance(opening, Given)
            opened, handle = "", lines.text(lines.span(opening.handle))
    arguments = (handle, *body.part.arguments(), "filter_func=filter_func")
    header = _header_of(loader)
    return _text_of(name, loader.name, header, prologue, opened, arguments, width)


def is_twin(streamer: Definition, loader: Definition, repository: Repository) -> bool:
    """Whether `streamer` is certainly the twin of `loader`: what LS108 writes for it.

    Its docstring and its annotations may be others.
    """
    if not is_simple(loader, repository) or filter_clash(loader):
        return False
    body = body_of(loader, repository)
    if not isinstance(body, Body) or not isinstance(streamer.function, ast.FunctionDef):
        return False
    if not _is_runtime(body.load):
        return False
    text = twin_text(streamer.name, loader, body)
    around = "class _:\n" if text[:1].isspace() else ""
    try:
        [written] = ast.parse(around + text).body
    except SyntaxError:  # a statement of several lines, indented by a form feed
        return False
    if isinstance(written, ast.ClassDef):
        [written] = written.body
    assert isinstance(written, ast.FunctionDef)
    return _essence(written) == _essence(streamer.function)


def _is_runtime(load: Load) -> bool:
    """Whether the runtime's function is imported already where the load stands."""
    imports = load.imports
    return isinstance(imports, RuntimeImport) and imports.add is None


def _essence(function: ast.FunctionDef) -> list[str]:
    """What a function is, without its name, docstring and annotations."""
    arguments = copy.deepcopy(function.args)
    for argument in all_arguments(arguments):
        argument.annotation = None
    documented = ast.get_docstring(function, clean=False) is not None
    body = function.body[1:] if documented else function.body
    return [ast.dump(node) for node in (*function.decorator_list, arguments, *body)]


class _Header(NamedTuple):
    """The twin's parameters and return annotation (with its arrow) as text, and its indentation.

    `margin` is that of the `def`, `indent` what its body has more. `decorator` is the line above,
    empty where there is none.
    """

    parameters: tuple[str, ...]
    returns: str
    margin: str
    indent: str
    decorator: str


def _header_of(loader: Definition) -> _Header:
    arguments = loader.function.args
    margin, indent = _indents(loader)
    around = decorators(loader)
    decorator = f"@{_source(around[0], loader.module)}" if around else ""
    parameters = _parameters(arguments, loader.module)
    return _Header(parameters, _returns(loader), margin, indent, decorator)


def _parameters(arguments: ast.arguments, module: Module) -> tuple[str, ...]:
    """The loader's parameters with `filter_func=None` after the last that can be named."""
    positional = [*arguments.posonlyargs, *arguments.args]
    padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    found = []
    for number, (argument, default) in enumerate(
        zip(positional, [*padding, *arguments.defaults], strict=True), 1
    ):
        found.append(_parameter(argument, default, module))
        if number == len(arguments.posonlyargs):
            found.append("/")
    if arguments.vararg is not None:
        found.append("*" + _parameter(arguments.vararg, None, module))
    else:
        found.append("*")
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(_parameter(argument, default, module))
    found.append(f"{_FILTER}=None")
    if arguments.kwarg is not None:
        found.append("**" + _parameter(arguments.kwarg, None, module))
    return tuple(found)


def _parameter(argument: ast.arg, default: ast.expr | None, module: Module) -> str:
    lines = module.source.lines
    annotation = argument.annotation
    text = argument.arg if annotation is None else f"{argument.arg}: {_source(annotation, module)}"
    if default is None:
        return text
    value = lines.text(lines.span(default))
    return f"{text}={value}" if annotation is None else f"{text} = {value}"


def _source(node: ast.expr, module: Module) -> str:
    return module.source.lines.text(module.source.lines.span(node))


def _returns(loader: Definition) -> str:
    """` -> Iterator[…]`, where the loader says what is in its list and Iterator is at hand."""
    returns, module = loader.function.returns, loader.module
    if not isinstance(returns, ast.Subscript):
        return ""
    outer = returns.value
    name = outer.attr if isinstance(outer, ast.Attribute) else getattr(outer, "id", "")
    if name not in _ITERABLE:
        return ""
    element = _source(returns.slice, module)
    if isinstance(outer, ast.Attribute):
        root = _source(outer.value, module)
        return f" -> {root}.Iterator[{element}]" if root in ("typing", "t") else ""
    binding = module.only_binding("Iterator")
    alias = None if binding is None else binding.node
    if not isinstance(alias, ast.alias) or alias.lineno > loader.function.lineno:
        return ""
    statement = module.scopes.parents[alias]
    is_known = isinstance(statement, ast.ImportFrom) and statement.module in (
        "typing",
        "collections.abc",
    )
    return f" -> Iterator[{element}]" if is_known and alias.name == "Iterator" else ""


def _indents(loader: Definition) -> tuple[str, str]:
    """The indentation of the loader's `def`, and how much more its body has."""
    lines, function = loader.module.source.lines, loader.function
    margin = _before(function, lines)
    inner = _before(function.body[0], lines)
    deeper = inner.removeprefix(margin)
    is_known = not inner.strip() and inner.startswith(margin) and deeper
    return margin, deeper if is_known else "    "


def _before(statement: ast.stmt, lines: Lines) -> str:
    """What stands in the line before a statement."""
    start = lines.span(statement).start
    return lines.text(Span(Position(start.line, 0), start))


def _text_of(
    name: str,
    loader: str,
    header: _Header,
    prologue: Sequence[str],
    opened: str,
    arguments: Sequence[str],
    width: int,
) -> str:
    """The whole `def`, indented as the loader is, its lines ended by line feeds.

    `prologue` are statements of the loader; `opened` is the expression that opens the file, empty
    where `arguments[0]`, what stream_json reads from, is open already.
    """
    margin, step = header.margin, header.indent
    one = margin + step
    lines = [
        *([margin + header.decorator] if header.decorator else []),
        *_broken(
            f"{margin}def {name}(", header.parameters, f"){header.returns}:", margin, step, width
        ),
        f'{one}"""Stream what `{loader}` returns, one element at a time.',
        "",
        f"{one}Yields:",
        f"{one}{step}Each element, in order, for which `{_FILTER}` is true (None: each); memory",
        f"{one}{step}holds one of them at a time.",
        f'{one}"""',
        *(f"{one}{statement}" for statement in prologue),
    ]
    depth = one
    if opened:
        lines.append(f"{one}with {opened} as {arguments[0]}:")
        depth += step
    lines += _broken(f"{depth}yield from stream_json(", arguments, ")", depth, step, width)
    return "\n".join(lines) + "\n"


def _broken(
    start: str, items: Sequence[str], end: str, depth: str, one: str, width: int
) -> list[str]:
    """`start`, `items` and `end` on one line, or one item a line where that would be too long."""
    line = start + ", ".join(items) + end
    if len(line) <= width or any("\n" in item for item in items):
        return [line]
    return [start, *(f"{depth}{one}{item}," for item in items), f"{depth}{end}"]


def _free_handle(loader: Definition) -> str:
    """A name for the open file that the loader does not use for anything else."""
    taken = {node.id for node in walk(loader.function) if isinstance(node, ast.Name)}
    taken |= {argument.arg for argument in all_arguments(loader.function.args)}
    return next(name for name in (*_HANDLES, "opened_file") if name not in taken)

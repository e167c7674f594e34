"""How deeply a text is nested, and a stack on which LibCST can read it.

LibCST's parser recurses in native code: where its stack ends, so does the process. At worst it was
seen to use 26 KB for a level (a block in a block; expressions take up to 9 KB), so with no more
than `_DEEPEST` levels, and the 200 brackets that Python allows in one another, `_STACK` is some
eight times what is needed. Whatever is deeper could not be written by LibCST anyway, which recurses
in Python for that.
"""

from __future__ import annotations

import ast
import io
import threading
import tokenize
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from loadstream.analysis.source import SourceError, tree_of
from loadstream_codemods.errors import UnreadableError

Given = ParamSpec("Given")
Result = TypeVar("Result")

_DEEPEST = 1_000
_STACK = 64 << 20
_CAUSE = "LibCST cannot edit this file: it is nested too deeply, so divide its longest expression"
_stack_size = threading.Lock()


def check_depth(text: str) -> None:
    """Raise UnreadableError where LibCST might nest its nodes deeper than the stack allows."""
    try:
        is_too_deep = _tree_is_too_deep(tree_of(text)) or _strings_are_too_many(text)
    except SourceError as error:
        raise UnreadableError(error.cause, error.line, error.column) from error
    except (tokenize.TokenError, SyntaxError):  # where there is much to count
        is_too_deep = True
    if is_too_deep:
        raise UnreadableError(_CAUSE)


def on_large_stack(work: Callable[Given, Result]) -> Callable[Given, Result]:
    """`work`, done in a thread with a stack of known size, whoever calls it.

    UnreadableError is raised where the stack that Python has for itself is too small.
    """

    @wraps(work)
    def done(*given: Given.args, **named: Given.kwargs) -> Result:
        results: list[Result] = []
        errors: list[BaseException] = []

        def run() -> None:
            try:
                results.append(work(*given, **named))
            except BaseException as error:
                errors.append(error)

        thread = threading.Thread(target=run, name="libcst", daemon=True)
        with _stack_size:
            before = threading.stack_size(_STACK)
            try:
                thread.start()
            finally:
                threading.stack_size(before)
        thread.join()
        if errors and isinstance(errors[0], RecursionError):
            raise UnreadableError(_CAUSE) from errors[0]
        if errors:
            raise errors[0]
        return results[0]

    return done


def _tree_is_too_deep(tree: ast.Module) -> bool:
    level: list[tuple[ast.AST, int]] = [(tree, 0)]
    while level:
        node, depth = level.pop()
        depth += _levels(node)
        if depth > _DEEPEST:
            return True
        level += [(child, depth) for child in ast.iter_child_nodes(node)]
    return False


def _levels(node: ast.AST) -> int:
    """How many nodes LibCST puts into one another for `node`, where `ast` may have them in a row.

    Strings in a row are left to `_strings_are_too_many`: `ast` has one node for them.
    """
    match node:
        case ast.BoolOp():
            return len(node.values)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            return 1 + len(node.generators)
        case ast.alias():
            return 1 + node.name.count(".")
        case ast.ImportFrom():
            return 1 + (node.module or "").count(".")
    return 1


def _strings_are_too_many(text: str) -> bool:
    """Whether more strings stand in a row (`"a" "b"`, one string to Python) than may be nested."""
    if _quotes(text) <= 2 * _DEEPEST:
        return False
    run = within = 0
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    for token in tokenize.generate_tokens(lines.readline):
        kind = tokenize.tok_name[token.type]
        if kind == "STRING":  # before 3.12, an f-string with all that it holds
            prefix = token.string.partition("'")[0].partition('"')[0]
            run += _quotes(token.string) // 2 if "f" in prefix.lower() else 1
        elif kind in {"FSTRING_START", "TSTRING_START"}:
            run += 1
        elif kind not in {"NL", "COMMENT"} and not kind.startswith(("FSTRING", "TSTRING")):
            run = run if within else 0
        within += kind.endswith("STRING_START")
        within -= kind.endswith("STRING_END")
        if run > _DEEPEST:
            return True
    return False


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')

"""The names that a module still refers to, so that an import can be seen to be unused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import libcst as cst

_REFLECTION = {"eval", "exec", "globals"}
_OF_JSON = "|".join(sorted(name for name in dir(json) if name[0] != "_"))


class References:
    """The names that `module` reads, and those that its strings may stand for."""

    def __init__(self, module: cst.Module) -> None:
        found = _Gatherer()
        module.visit(found)
        self._names = found.names
        self._shared = found.shared
        self._strings = found.strings

    def of_loader(self, name: str, function: cst.FunctionDef | None) -> bool:
        """Tell whether `name`, imported in `function` or in the module, is used, or may be.

        A string counts that is a dotted name or holds a quoted annotation.
        """
        return self._is_read(name, function) or any(
            name in _names_of_string(string) for string in self._strings
        )

    def of_decoder(self, name: str, function: cst.FunctionDef | None) -> bool:
        """The same for `json` and its like: file names and formats are called so as well.

        A string counts that holds it as a quoted annotation, a dotted name or a doctest would.
        """
        if _REFLECTION & self._names[None]:
            return self.of_loader(name, function)
        pattern = re.compile(
            rf"(?<![/\\-])\b{re.escape(name)}\.({_OF_JSON})\b|>>>.*\b{re.escape(name)}\b"
        )
        return self._is_read(name, function) or any(map(pattern.search, self._strings))

    def _is_read(self, name: str, function: cst.FunctionDef | None) -> bool:
        scope = None if name in self._shared else function
        return name in self._names[scope]


class _Gatherer(cst.CSTVisitor):
    """Gathers names for the module and for each function: a function's own import is used there."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[cst.FunctionDef | None, set[str]] = {None: set()}
        self.shared: set[str] = set()
        self.strings: list[str] = []
        self._inside: list[cst.FunctionDef] = []

    def _add(self, name: str) -> None:
        for scope in (None, *self._inside):
            self.names[scope].add(name)

    def _add_all(self, text: str) -> None:
        for name in re.findall(r"\w+", text):
            self._add(name)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:  # noqa: N802
        self.names[node] = set()
        self._inside.append(node)

    def leave_FunctionDef(self, _: cst.FunctionDef) -> None:  # noqa: N802
        self._inside.pop()

    def visit_Global(self, node: cst.Global) -> None:  # noqa: N802
        self.shared.update(item.name.value for item in node.names)

    def visit_Assign(self, node: cst.Assign) -> None:  # noqa: N802
        if any(_is_all(target.target) for target in node.targets):
            self._add_strings(node.value)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:  # noqa: N802
        if _is_all(node.target):
            self._add_strings(node.value)

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:  # noqa: N802
        if _is_all(node.target) and node.value is not None:
            self._add_strings(node.value)

    def _add_strings(self, value: cst.CSTNode) -> None:
        value.visit(_Strings(self.names[None].add))

    def visit_Annotation(self, node: cst.Annotation) -> None:  # noqa: N802
        node.visit(_Strings(self._add_all))

    def visit_Name(self, node: cst.Name) -> None:  # noqa: N802
        self._add(node.value)

    def visit_SimpleString(self, node: cst.SimpleString) -> None:  # noqa: N802
        self.strings.append(node.raw_value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:  # noqa: N802
        node.value.visit(self)  # what follows the dot is no name of this module
        return False

    def visit_Arg(self, node: cst.Arg) -> bool:  # noqa: N802
        node.value.visit(self)
        return False

    def visit_ImportFrom(self, _: cst.ImportFrom) -> bool:  # noqa: N802
        return False

    def visit_Import(self, _: cst.Import) -> bool:  # noqa: N802
        return False


class _Strings(cst.CSTVisitor):
    """Hands over the text of each plain string."""

    def __init__(self, take: Callable[[str], object]) -> None:
        super().__init__()
        self._take = take

    def visit_SimpleString(self, node: cst.SimpleString) -> None:  # noqa: N802
        self._take(node.raw_value)


def _is_all(target: cst.BaseExpression) -> bool:
    return isinstance(target, cst.Name) and target.value == "__all__"


def _names_of_string(text: str) -> set[str]:
    if re.fullmatch(r"[\w.]+", text):
        return {text.rpartition(".")[2]}
    return set(re.findall(r"\w+", text)) if "[" in text else set()  # a quoted annotation

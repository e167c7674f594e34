"""Who binds and who reads a name: the scopes of one file, by Python's own rules.

`symtable` knows the same facts but does not say which syntax node a symbol stands at, which is
what every later step asks. The tests hold this module against `symtable` on real code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from loadstream.analysis.trees import children

Comprehension: TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode: TypeAlias = ast.Module | Function | ast.Lambda | ast.ClassDef | Comprehension

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Access(Enum):
    """What a reference does with its name."""

    READ = "read"
    BIND = "bind"
    DELETE = "delete"


@dataclass(frozen=True, eq=False, slots=True)
class Reference:
    """One place where `name` is read, bound or deleted, and the scope that the text stands in.

    `node` is the Name, or the statement, alias, argument or handler that binds the name.
    """

    name: str
    access: Access
    node: ast.AST
    scope: Scope


@dataclass(eq=False, slots=True)
class Scope:
    """One scope: its syntax node, its parent, and the references that stand in its text."""

    node: ScopeNode
    parent: Scope | None
    references: list[Reference] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)
    global_names: set[str] = field(default_factory=set)
    nonlocal_names: set[str] = field(default_factory=set)
    children: list[Scope] = field(default_factory=list)

    @property
    def is_class(self) -> bool:
        """Whether this is a class body, whose names nested scopes do not see."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_module(self) -> bool:
        """Whether this is the module's own scope."""
        return self.parent is None

    def home(self, name: str) -> Scope:
        """The scope that `name`, standing here, belongs to; the module's for unbound names."""
        scope: Scope = self
        while scope.parent is not None:
            if name in scope.global_names:
                break
            visible = scope is self or not scope.is_class
            if visible and name in scope.bound and name not in scope.nonlocal_names:
                return scope
            scope = scope.parent
        while scope.parent is not None:
            scope = scope.parent
        return scope

    def function(self) -> Scope:
        """The nearest scope that is not a comprehension: whose frame the code runs in."""
        scope = self
        while isinstance(scope.node, COMPREHENSIONS) and scope.parent is not None:
            scope = scope.parent
        return scope

    def walk(self) -> Iterator[Scope]:
        """This scope and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


class Scopes:
    """All scopes of a module, the parent of every node, and references by where they belong.

    `scope_of` a node is the one that it stands in, `made_by` a node the one inside of it.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope(tree, None)
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scope_of: dict[ast.AST, Scope] = {}
        self.made_by: dict[ast.AST, Scope] = {}
        self.stars: list[ast.alias] = []  # of `from m import *`, as long as their names are unknown
        self.brought: dict[str, str] = {}
        self.hidden_names = False  # whether any name may be bound by what is no Python
        _Builder(self).build(tree)
        self._by_home: dict[tuple[Scope, str], list[Reference]] = {}
        self._changes: dict[tuple[Scope, str], list[Reference]] = {}
        for scope in self.module.walk():
            self.made_by[scope.node] = scope
            for reference in scope.references:
                key = (scope.home(reference.name), reference.name)
                self._by_home.setdefault(key, []).append(reference)
                if reference.access is not Access.READ:
                    self._changes.setdefault(key, []).append(reference)

    @property
    def star_imports(self) -> bool:
        """Whether there are names that an `import *` brings, and that are not known."""
        return self.hidden_names or bool(self.stars)

    def bring_in(self, star: ast.alias, names: Mapping[str, str]) -> None:
        """Let `star` bind `names` at module level, and nothing else.

        With each goes the module that it is said to be, where that is known.
        """
        self.brought.update(names)
        for name in names:
            reference = Reference(name, Access.BIND, star, self.module)
            self.module.references.append(reference)
            self.module.bound.add(name)
            self._by_home.setdefault((self.module, name), []).append(reference)
            self._changes.setdefault((self.module, name), []).append(reference)
        self.stars.remove(star)

    def references(self, home: Scope, name: str) -> list[Reference]:
        """Every reference in the file to the `name` that belongs to `home`, in no set order."""
        return self._by_home.get((home, name), [])

    def bindings(self, home: Scope, name: str) -> list[Reference]:
        """Those references that bind it."""
        return [r for r in self.changes(home, name) if r.access is Access.BIND]

    def changes(self, home: Scope, name: str) -> list[Reference]:
        """Those references that bind or delete it."""
        return self._changes.get((home, name), [])

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around `node`, from its parent up to the module."""
        parent = self.parents.get(node)
        while parent is not None:
            yield parent
            parent = self.parents.get(parent)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that `node` is or stands in."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The list of statements that holds `statement`."""
        parent = self.parents[statement]
        for field_ in ("body", "orelse", "finalbody"):
            block = getattr(parent, field_, None)
            if isinstance(block, list) and statement in block:
                return block
        return [statement]


class _Builder:
    """Walks the tree once, in each scope by its own rules."""

    def __init__(self, scopes: Scopes) -> None:
        self._scopes = scopes

    def build(self, tree: ast.Module) -> None:
        self._children(tree, self._scopes.module)

    def _children(self, node: ast.AST, scope: Scope) -> None:
        for child in children(node):
            self._visit(child, node, scope)

    def _each(self, nodes: list[ast.AST], parent: ast.AST, scope: Scope) -> None:
        for node in nodes:
            self._visit(node, parent, scope)

    def _refer(self, name: str, access: Access, node: ast.AST, scope: Scope) -> None:
        scope.references.append(Reference(name, access, node, scope))
        if access is not Access.READ:
            scope.bound.add(name)

    def _open(self, node: ScopeNode, parent: Scope) -> Scope:
        scope = Scope(node, parent)
        parent.children.append(scope)
        return scope

    def _visit(self, node: ast.AST, parent: ast.AST, scope: Scope) -> None:
        self._scopes.parents[node] = parent
        self._scopes.scope_of[node] = scope
        kind = node.__class__
        if kind is ast.Name:
            self._name(node, parent, scope)
        elif (visit := _VISITS.get(kind)) is not None:
            visit(self, node, scope)
        else:
            if (field_ := _NAMING.get(kind.__name__)) and (name := getattr(node, field_, None)):
                self._refer(name, Access.BIND, node, scope)
            for child in children(node):
                self._visit(child, node, scope)

    def _outer_names(self, node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
        names = scope.global_names if isinstance(node, ast.Global) else scope.nonlocal_names
        names.update(node.names)

    def _named_expression(self, node: ast.NamedExpr, scope: Scope) -> None:
        home = scope.function()
        self._scopes.parents[node.target] = node
        self._scopes.scope_of[node.target] = scope
        self._refer(node.target.id, Access.BIND, node.target, home)
        self._visit(node.value, node, scope)

    def _name(self, node: Any, parent: ast.AST, scope: Scope) -> None:
        if isinstance(node.ctx, ast.Load):
            self._refer(node.id, Access.READ, node, scope)
        elif isinstance(node.ctx, ast.Del):
            self._refer(node.id, Access.DELETE, node, scope)
        else:
            if isinstance(parent, ast.AugAssign):
                self._refer(node.id, Access.READ, node, scope)
            self._refer(node.id, Access.BIND, node, scope)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            self._scopes.parents[alias] = node
            self._scopes.scope_of[alias] = scope
            if alias.name == "*":
                self._scopes.stars.append(alias)
                continue
            bound = alias.asname or alias.name
            if isinstance(node, ast.Import) and alias.asname is None:
                bound = alias.name.partition(".")[0]
            self._refer(bound, Access.BIND, alias, scope)

    def _function(self, node: Function, scope: Scope) -> None:
        self._refer(node.name, Access.BIND, node, scope)
        self._each([*node.decorator_list], node, scope)
        if node.returns is not None:
            self._visit(node.returns, node, scope)
        inner = self._open(node, scope)
        self._each([*getattr(node, "type_params", [])], node, inner)
        self._arguments(node.args, node, scope, inner)
        self._each([*node.body], node, inner)

    def _lambda(self, node: ast.Lambda, scope: Scope) -> None:
        inner = self._open(node, scope)
        self._arguments(node.args, node, scope, inner)
        self._visit(node.body, node, inner)

    def _arguments(
        self, arguments: ast.arguments, owner: ast.AST, outer: Scope, inner: Scope
    ) -> None:
        self._scopes.parents[arguments] = owner
        self._scopes.scope_of[arguments] = outer
        for default in [*arguments.defaults, *arguments.kw_defaults]:
            if default is not None:
                self._visit(default, arguments, outer)
        for argument in all_arguments(arguments):
            self._scopes.parents[argument] = arguments
            self._scopes.scope_of[argument] = inner
            self._refer(argument.arg, Access.BIND, argument, inner)
            if argument.annotation is not None:
                self._visit(argument.annotation, argument, outer)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self._refer(node.name, Access.BIND, node, scope)
        self._each([*node.decorator_list], node, scope)
        self._each([*node.bases, *node.keywords], node, scope)
        inner = self._open(node, scope)
        self._each([*getattr(node, "type_params", [])], node, inner)
        self._each([*node.body], node, inner)

    def _comprehension(self, node: Comprehension, scope: Scope) -> None:
        inner = self._open(node, scope)
        for index, clause in enumerate(node.generators):
            self._scopes.parents[clause] = node
            self._scopes.scope_of[clause] = inner
            self._visit(clause.iter, clause, inner if index else scope)
            self._visit(clause.target, clause, inner)
            self._each([*clause.ifs], clause, inner)
        if isinstance(node, ast.DictComp):
            self._each([node.key, node.value], node, inner)
        else:
            self._visit(node.elt, node, inner)


# By the kind of node, what is done with it and with what is below it.
_VISITS: dict[type[ast.AST], Callable[[_Builder, Any, Scope], None]] = {
    **dict.fromkeys(FUNCTIONS, _Builder._function),
    **dict.fromkeys(COMPREHENSIONS, _Builder._comprehension),
    **dict.fromkeys((ast.Import, ast.ImportFrom), _Builder._import),
    **dict.fromkeys((ast.Global, ast.Nonlocal), _Builder._outer_names),
    ast.Lambda: _Builder._lambda,
    ast.ClassDef: _Builder._class,
    ast.NamedExpr: _Builder._named_expression,
}
# By the kind of node, the field with a name that it binds and that is a plain string in the tree.
_NAMING = {
    **dict.fromkeys(("ExceptHandler", "MatchAs", "MatchStar"), "name"),
    **dict.fromkeys(("TypeVar", "ParamSpec", "TypeVarTuple"), "name"),
    "MatchMapping": "rest",
}


def all_arguments(arguments: ast.arguments) -> list[ast.arg]:
    """Every parameter, in the order of the signature, `*args` and `**kwargs` included."""
    star = [arguments.vararg] if arguments.vararg is not None else []
    double_star = [arguments.kwarg] if arguments.kwarg is not None else []
    positional = [*arguments.posonlyargs, *arguments.args]
    return [*positional, *star, *arguments.kwonlyargs, *double_star]

"""`from m import *`: which names it brings, where the text of `m` tells.

The names become bindings of the module, so that all that asks who binds a name has its answer: a
name that the star brings is neither a builtin nor the json that the module imports itself.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from loadstream.analysis.scopes import Access

if TYPE_CHECKING:
    from loadstream.analysis.modules import Module
    from loadstream.analysis.repository import Repository

# Ways to bind names of a module that its syntax does not show.
_HIDDEN = re.compile(r"\b(?:globals|exec|eval|setattr|__dict__|__getattr__|vars|locals)\b")
_DEEPEST = 5  # stars that are followed from one module to the next


def settle_stars(module: Module, repository: Repository) -> bool:
    """Whether all names of `module` are known, once the stars that can be read are followed."""
    scopes = module.scopes
    if scopes.hidden_names:
        return False
    if scopes.star_imports:
        for star in list(scopes.stars):
            brought = _brought(star, module, repository, _DEEPEST)
            if brought is None:
                return False
            here = _imported_modules(module)
            alike = {name for name, said in brought.items() if said and here.get(name) == said}
            scopes.bring_in(star, {n: said for n, said in brought.items() if n not in alike})
    return True


def _brought(
    star: ast.alias, module: Module, repository: Repository, depth: int
) -> dict[str, str] | None:
    """The names that a star brings, with the modules that they are where they are imported."""
    statement = module.scopes.parents[star]
    assert isinstance(statement, ast.ImportFrom)
    origin = repository.imported_module(statement, module.path)
    return None if origin is None else _public(origin, repository, depth)


def _public(module: Module, repository: Repository, depth: int) -> dict[str, str] | None:
    """What `from module import *` brings; None where that cannot be told.

    A name that an `import m` alone binds has the module's name with it, any other has none.
    """
    scopes = module.scopes
    if depth == 0 or _HIDDEN.search(module.source.text):
        return None
    listed = [r for r in scopes.references(scopes.module, "__all__") if r.access is Access.BIND]
    said = _imported_modules(module)
    if listed:
        only = _listed(listed[0].node, module) if len(listed) == 1 else None
        return None if only is None else {name: said.get(name, "") for name in only}
    names = set(scopes.module.bound) | _submodules(module)
    for scope in scopes.module.walk():
        names |= scope.global_names
    found = {name: said.get(name, "") for name in names}
    for star in scopes.stars:
        more = _brought(star, module, repository, depth - 1)
        if more is None:
            return None
        for name, meant in more.items():
            found[name] = meant if found.get(name, meant) == meant else ""
    return {name: meant for name, meant in found.items() if not name.startswith("_")}


def _submodules(module: Module) -> set[str]:
    """The modules of a package: whichever anything has imported is a name of the package, too."""
    if module.path.stem != "__init__":
        return set()
    entries = list(module.path.resolve().parent.iterdir())
    return {e.stem for e in entries if e.suffix == ".py" or (e / "__init__.py").is_file()}


def _listed(target: ast.AST, module: Module) -> frozenset[str] | None:
    """The names of `__all__ = [...]`, written out once and never changed."""
    statement = module.scopes.parents.get(target)
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    reads = module.scopes.references(module.scopes.module, "__all__")
    if not isinstance(value, ast.List | ast.Tuple) or len(reads) > 1:
        return None
    names = [item.value for item in value.elts if isinstance(item, ast.Constant)]
    if len(names) < len(value.elts):
        return None
    return frozenset(name for name in names if isinstance(name, str))


def _imported_modules(module: Module) -> dict[str, str]:
    """The names that are bound once at the top of a file, by `import m` or `import m as name`.

    Or by a star that brings such a name.
    """
    found = {name: meant for name, meant in module.scopes.brought.items() if meant}
    for reference in module.scopes.module.references:
        alias = reference.node
        if reference.access is not Access.BIND or not isinstance(alias, ast.alias):
            continue
        bindings = module.scopes.bindings(module.scopes.module, reference.name)
        if isinstance(module.scopes.parents[alias], ast.Import) and len(bindings) == 1:
            found[reference.name] = alias.name if alias.asname else reference.name
    return found

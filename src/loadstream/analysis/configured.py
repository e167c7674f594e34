"""Pairs by configuration: the functions that the dotted names mean, and the data they read."""

from __future__ import annotations

import ast
import glob
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadstream.analysis.classes import member
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.scopes import FUNCTIONS
from loadstream.analysis.settings import PairSetting
from loadstream.analysis.signatures import defaults, parameters
from loadstream.analysis.trees import walk

if TYPE_CHECKING:
    from loadstream.analysis.repository import Repository


@dataclass(frozen=True, eq=False)
class ConfiguredPair:
    """A pair that the configuration names, with its two functions."""

    setting: PairSetting
    loader: Definition
    streamer: Definition


class PairError(Exception):
    """A configured pair that the repository does not bear out.

    `key` and `value` are the setting's, `cause` what is wrong with it, `known` the values that
    would have been understood, for a hint.
    """

    def __init__(
        self, setting: PairSetting, key: str, value: str, cause: str, known: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f'{key} = "{value}": {cause}')
        self.setting, self.key, self.value = setting, key, value
        self.cause, self.known = cause, known


def resolve_pairs(repository: Repository) -> tuple[ConfiguredPair, ...]:
    """The pairs of the repository's settings. Raises PairError for one that cannot be used."""
    return tuple(_resolved(setting, repository) for setting in repository.settings.pairs)


def _resolved(setting: PairSetting, repository: Repository) -> ConfiguredPair:
    loader = _function(setting, "load", setting.load, repository)
    streamer = _function(setting, "stream", setting.stream, repository)
    if isinstance(loader.function, ast.AsyncFunctionDef) or _is_generator(loader):
        kind = "a coroutine" if isinstance(loader.function, ast.AsyncFunctionDef) else "a generator"
        raise PairError(setting, "load", setting.load, f"{kind}, so it is no loader")
    if isinstance(streamer.function, ast.AsyncFunctionDef):
        raise PairError(setting, "stream", setting.stream, "asynchronous, so it is no streamer")
    _check_filter_parameter(setting, streamer)
    _check_arguments(setting, loader, streamer)
    return ConfiguredPair(setting, loader, streamer)


def _is_generator(definition: Definition) -> bool:
    scopes = definition.module.scopes
    return any(
        isinstance(node, ast.Yield | ast.YieldFrom)
        and scopes.scope_of[node].function().node is definition.function
        for node in walk(definition.function)
    )


def _function(setting: PairSetting, key: str, dotted: str, repository: Repository) -> Definition:
    """The function or method that a dotted name means, the longest module's first."""
    parts = dotted.split(".")
    known: tuple[str, ...] = ()
    for count in range(len(parts) - 1, 0, -1):
        path = repository.find(".".join(parts[:count]), 0, repository.root / "pyproject.toml")
        module = None if path is None else repository.module(path)
        if module is None:
            continue
        names = parts[count:]
        found = _in_module(module, names, repository)
        if found is not None:
            return found
        prefix = ".".join(parts[:count])
        known = known or tuple(f"{prefix}.{name}" for name in _functions_of(module))
    raise PairError(setting, key, dotted, "no such function", known or _everywhere(repository))


def _in_module(module: Module, names: list[str], repository: Repository) -> Definition | None:
    if len(names) == 1:
        return repository.definition(module, names[0])
    owner = repository.class_definition(module, names[0]) if len(names) == 2 else None
    found = None if owner is None else member(owner, names[1], repository)
    return found if isinstance(found, Definition) else None


def _functions_of(module: Module) -> Iterator[str]:
    for node in module.source.tree.body:
        if isinstance(node, FUNCTIONS):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{m.name}" for m in node.body if isinstance(m, FUNCTIONS))


def _everywhere(repository: Repository) -> tuple[str, ...]:
    """Every function of the repository that is called as loaders or streamers are."""
    found = []
    for path, text in repository.texts.items():
        if b"def load" in text or b"def stream" in text or b"def iter" in text:
            module = repository.module(path)
            if module is not None:
                prefix = repository.dotted_name(path)
                found += [f"{prefix}.{name}" for name in _functions_of(module)]
    return tuple(found)


def _check_filter_parameter(setting: PairSetting, streamer: Definition) -> None:
    name = setting.filter_parameter
    if name is not None and name not in defaults(streamer):
        cause = f"{setting.stream} has no parameter of that name"
        raise PairError(setting, "filter-parameter", name, cause, tuple(defaults(streamer)))


def _check_arguments(setting: PairSetting, loader: Definition, streamer: Definition) -> None:
    own, theirs = tuple(defaults(loader)), tuple(defaults(streamer))
    open_ended = parameters(streamer).kwarg is not None
    for name, mapped in setting.arguments.items():
        if name not in own:
            cause = f"{setting.load} has no parameter of that name"
            raise PairError(setting, "arguments", name, cause, own)
        keywords = (
            [mapped]
            if isinstance(mapped, str)
            else [keyword for given in mapped.values() for keyword in given]
        )
        for keyword in keywords:
            if keyword not in theirs and not open_ended:
                cause = f"{setting.stream} has no parameter of that name"
                raise PairError(setting, "arguments", keyword, cause, theirs)


def data_size(setting: PairSetting, repository: Repository) -> int | None:
    """The bytes of all files of the pair's `data` together; None where there is none of them."""
    if setting.data is None:
        return None
    folder = repository.settings.folder or repository.root
    sizes = []
    for name in glob.glob(setting.data, root_dir=folder, recursive=True):  # noqa: PTH207
        path = folder / name
        if path.is_file():
            sizes.append(path.stat().st_size)
    return sum(sizes) if sizes else None

"""Which project a file belongs to: its configuration, its codes, the repository around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.lint.selection import Selection, select
from loadstream.project.config import Configuration, find_configuration

_INSTALLED = "site-packages"
_FOREIGN = frozenset({"node_modules", "__pycache__", ".venv", ".ipynb_checkpoints"})

SettingsOf = Callable[[Configuration], Settings]


@dataclass(frozen=True, slots=True)
class Project:
    """The nearest configuration above a file, and what comes of it."""

    configuration: Configuration
    selection: Selection
    repository: Repository

    def holds(self, path: Path) -> bool:
        """Tell whether the file at `path` is to be looked at: not if it is excluded, or foreign."""
        inner = path.relative_to(self.configuration.root)
        if self.configuration.excluded.matches(inner.as_posix()):
            return False
        if _INSTALLED in path.parts or not _FOREIGN.isdisjoint(inner.parts):
            return False
        folders = [self.configuration.root / folder for folder in inner.parents]
        return not any((folder / "pyvenv.cfg").exists() for folder in folders)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read since a file on disk changed last."""

    of_folders: dict[Path, Project] = field(default_factory=dict)
    of_roots: dict[Path, Project] = field(default_factory=dict)


class Projects:
    """The projects of all files that were asked about, read once until they are forgotten.

    One thread asks; another may make them forgotten meanwhile.
    """

    def __init__(self, settings_of: SettingsOf) -> None:
        self._settings_of = settings_of
        self._known = _Known()

    def of(self, path: Path, folders: Sequence[Path]) -> Project:
        """The project of the file at `path`; `folders` are those that the editor has open.

        Raises InputError for a configuration that cannot be used.
        """
        known = self._known
        if path.parent not in known.of_folders:
            configuration = _configuration(path, folders)
            root = configuration.root
            if root not in known.of_roots:
                repository = Repository(root, self._settings_of(configuration))
                known.of_roots[root] = Project(
                    configuration, select((), (), configuration), repository
                )
            known.of_folders[path.parent] = known.of_roots[root]
        return known.of_folders[path.parent]

    def forget(self) -> None:
        """Read everything again when it is asked for: a file on disk has changed."""
        self._known = _Known()


def _configuration(path: Path, folders: Sequence[Path]) -> Configuration:
    configuration = find_configuration([str(path)])
    around = [folder for folder in folders if folder in configuration.root.parents]
    if configuration.file is None and around:  # the folder that is open is the project
        root = max(around, key=lambda folder: len(folder.parts))
        return replace(configuration, root=root)
    return configuration

"""Which project a file belongs to: its configuration, its codes, the repository around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from loadstream.analysis.modules import Repository
from loadstream.analysis.settings import Settings
from loadstream.lint.selection import Selection, select
from loadstream.project.config import Configuration, find_configuration

_FOREIGN = frozenset({"site-packages", "node_modules", "__pycache__", ".venv"})

SettingsOf = Callable[[Configuration], Settings]


@dataclass(frozen=True, slots=True)
class Project:
    """The nearest configuration above a file, and what comes of it."""

    configuration: Configuration
    selection: Selection
    repository: Repository

    def holds(self, path: Path) -> bool:
        """Tell whether the file at `path` is to be looked at: not if it is excluded, or foreign."""
        root = self.configuration.root
        if not path.is_relative_to(root):
            return True
        inner = path.relative_to(root)
        excluded = self.configuration.excluded.matches(inner.as_posix())
        return not excluded and _FOREIGN.isdisjoint(inner.parts)


class Projects:
    """The projects of all files that were asked about, read once until they are forgotten."""

    def __init__(self, settings_of: SettingsOf) -> None:
        self._settings_of = settings_of
        self._of_folders: dict[Path, Project] = {}
        self._of_roots: dict[Path, Project] = {}

    def of(self, path: Path, folders: Sequence[Path]) -> Project:
        """The project of the file at `path`; `folders` are those that the editor has open.

        Raises InputError for a configuration that cannot be used.
        """
        if path.parent not in self._of_folders:
            self._of_folders[path.parent] = self._found(path, folders)
        return self._of_folders[path.parent]

    def forget(self) -> None:
        """Read everything again when it is asked for: a file on disk has changed."""
        self._of_folders, self._of_roots = {}, {}

    def _found(self, path: Path, folders: Sequence[Path]) -> Project:
        configuration = find_configuration([str(path)])
        if configuration.file is None:  # the folder that is open is the project
            around = [folder for folder in folders if folder in configuration.root.parents]
            if around:
                root = max(around, key=lambda folder: len(folder.parts))
                configuration = replace(configuration, root=root)
        if configuration.root not in self._of_roots:
            repository = Repository(configuration.root, self._settings_of(configuration))
            project = Project(configuration, select((), ()), repository)
            self._of_roots[configuration.root] = project
        return self._of_roots[configuration.root]

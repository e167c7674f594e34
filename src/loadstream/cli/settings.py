"""What the commands that look at files begin with: which files, and the settings for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from loadstream.cli.guard import tell, warn

if TYPE_CHECKING:
    from loadstream.analysis.settings import Settings
    from loadstream.project.config import Configuration
    from loadstream.project.files import Found


def files_of(
    paths: tuple[str, ...],
    configuration: Configuration,
    force_exclude: bool = False,
    changed: str | None = None,
    warn: Callable[[str], None] = warn,
) -> Found:
    """The files that the command is about, and a line on stderr for whatever is none.

    `changed` is the revision that they must differ from; `warn` tells what is no fault. Where the
    result has problems the command cannot end well. Raises GitError for a revision that git does
    not know.
    """
    from loadstream.project.files import find_files

    if force_exclude:
        configuration = replace(configuration, force_exclude=True)
    paths = paths or (".",)
    found = (
        find_files(paths, configuration)
        if changed is None
        else _changed_files(paths, configuration, changed)
    )
    for problem in found.problems:
        tell(problem)
    for doubt in found.doubts:
        warn(doubt)
    for folder in found.empty_folders:
        warn(f"no Python files under {folder}")
    return found


def _changed_files(paths: tuple[str, ...], configuration: Configuration, changed: str) -> Found:
    from loadstream.project.files import find_changed
    from loadstream.project.git import GitError, files_changed_since

    try:
        return find_changed(paths, configuration, files_changed_since(Path.cwd(), changed))
    except GitError as error:
        if Path(changed).exists():  # `--changed src`: the path was taken for the revision
            raise GitError(f"{error}; for a path write --changed=HEAD {changed}") from error
        raise


def analysis_settings(configuration: Configuration) -> Settings:
    """What the analysis is told. Raises InputError where a pair's function does not exist."""
    from loadstream.analysis.settings import LINE_WIDTH, PairSetting, Settings

    settings = Settings(
        pairs=tuple(
            PairSetting(
                pair.load, pair.stream, pair.filter_parameter, pair.data, dict(pair.arguments)
            )
            for pair in configuration.pairs
        ),
        folder=configuration.root,
        min_size=configuration.min_size,
        strict=configuration.strict,
        line_width=configuration.line_length or LINE_WIDTH,
    )
    if settings.pairs:
        _check_pairs(configuration, settings)
    return settings


def _check_pairs(configuration: Configuration, settings: Settings) -> None:
    from loadstream.analysis.configured import PairError, resolve_pairs
    from loadstream.analysis.repository import Repository
    from loadstream.project.errors import InputError, nearest
    from loadstream.project.pairs import TABLE
    from loadstream.project.places import place

    try:
        resolve_pairs(Repository(configuration.root, settings))
    except PairError as error:
        assert configuration.file is not None
        of = "" if error.key in ("load", "stream") else f' load = "{error.setting.load}"'
        where = place(configuration.file, TABLE, error.key, error.value)
        raise InputError(
            f'{where}: {TABLE}{of} {error.key} = "{error.value}": '
            f"{error.cause}{nearest(error.value, error.known)}"
        ) from error

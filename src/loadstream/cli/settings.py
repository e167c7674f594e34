"""The configuration as the analysis takes it, once its pairs are found in the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loadstream.analysis.settings import Settings
    from loadstream.project.config import Configuration


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
    from loadstream.analysis.modules import Repository
    from loadstream.project.errors import InputError, nearest
    from loadstream.project.pairs import TABLE
    from loadstream.project.shown import shown

    try:
        resolve_pairs(Repository(configuration.root, settings))
    except PairError as error:
        assert configuration.file is not None
        of = "" if error.key in ("load", "stream") else f' load = "{error.setting.load}"'
        raise InputError(
            f'{shown(configuration.file)}: {TABLE}{of} {error.key} = "{error.value}": '
            f"{error.cause}{nearest(error.value, error.known)}"
        ) from error

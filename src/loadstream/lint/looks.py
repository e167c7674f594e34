"""Which files of a run are parsed, and why the others are not: for statistics and `--verbose`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from loadstream.analysis.notebooks import code_of
from loadstream.analysis.repository import Repository
from loadstream.analysis.worth_parsing import is_worth_parsing
from loadstream.project.files import FoundFile
from loadstream.project.shown import shown


@dataclass(frozen=True, slots=True)
class Look:
    """One file as it is shown. `data` is None where it is not parsed; `cause` says why."""

    file: FoundFile
    place: str
    data: bytes | None
    cause: str = ""


def looks(
    files: Iterable[FoundFile], given: Mapping[str, bytes], repository: Repository
) -> Iterator[Look]:
    """What a run does with each of `files`; the bytes of those in `given` are not on disk."""
    for file in files:
        place = shown(file.path)
        try:
            data = given[place] if place in given else file.path.read_bytes()
        except OSError as error:
            yield Look(file, place, None, error.strerror or str(error))
            continue
        if file.named or is_worth_parsing(code_of(data, file.path), repository):
            yield Look(file, place, data)
        else:
            yield Look(file, place, None, "holds no loader's name and no JSON load")

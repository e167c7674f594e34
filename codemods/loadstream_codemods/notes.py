"""What the plans ask of the import statements, kept during the walk until imports are changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst

from loadstream.analysis.plans import ImportChange, RuntimeImport, Split
from loadstream.analysis.spans import Span
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.imports import AnyImport, ImportNote
from loadstream_codemods.places import Places
from loadstream_codemods.task import Task


class Notes:
    """The import statements that plans name, as they were and as they are by now."""

    def __init__(self, tasks: Sequence[Task], places: Places) -> None:
        self._notes: dict[cst.CSTNode, ImportNote] = {}
        self._now: dict[cst.CSTNode, AnyImport] = {}
        for task in tasks:
            self._add(task, places)

    def _add(self, task: Task, places: Places) -> None:
        try:
            for statement, note in _asked(task, places):
                known = self._notes.get(statement, ImportNote())
                self._notes[statement] = known.with_more(note)
        except CannotApplyError as error:
            raise type(error)(error.cause, task.plan) from error

    def remember(self, original: cst.CSTNode, now: cst.CSTNode) -> None:
        """Take note of an import statement on the way out of it."""
        if original in self._notes:
            assert isinstance(now, (cst.Import, cst.ImportFrom))
            self._now[original] = now

    def of_module(self) -> list[tuple[AnyImport, ImportNote]]:
        """The notes by the statements of the new module."""
        return [(now, self._notes[original]) for original, now in self._now.items()]


def _asked(task: Task, places: Places) -> Iterable[tuple[AnyImport, ImportNote]]:
    if isinstance(task.plan.shape, Split):
        yield from _of_runtime(task.plan.shape.imports, places)
    match task.plan.imports:
        case ImportChange(statement, add, remove):
            yield (
                _statement(statement, places),
                ImportNote(
                    names=() if add is None else ((add, _loader(task)),),
                    going=_optional(remove),
                ),
            )
        case RuntimeImport():
            yield from _of_runtime(task.plan.imports, places)


def _of_runtime(asked: RuntimeImport, places: Places) -> Iterable[tuple[AnyImport, ImportNote]]:
    runtime = _optional(asked.add) if asked.beside is None else frozenset()
    going = _optional(asked.remove)
    yield (
        _statement(asked.statement, places),
        ImportNote(runtime=runtime, decoders_going=going),
    )
    if asked.beside is not None and asked.add is not None:
        yield _statement(asked.beside, places), ImportNote(names=((asked.add, None),))


def _optional(name: str | None) -> frozenset[str]:
    return frozenset() if name is None else frozenset({name})


def _statement(span: Span, places: Places) -> AnyImport:
    statement = places.small_statement(span)
    if not isinstance(statement, (cst.Import, cst.ImportFrom)):
        raise CannotApplyError("the statement is no import")
    return statement


def _loader(task: Task) -> str | None:
    """The bound name of the loader, where it is called by a plain name."""
    return task.call.func.value if isinstance(task.call.func, cst.Name) else None

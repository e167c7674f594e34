"""The server itself: what is open, what was asked, and when it is looked at.

The event loop only keeps the texts; everything that takes time runs in one thread, text by text.
A text that changes while it is looked at, or before, is looked at anew, and the old result is
dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from loadstream import __version__
from loadstream.analysis.source import SourceFile
from loadstream.lsp.diagnostics import diagnostics_of
from loadstream.lsp.documents import Cell, Document, Part, module, notebook
from loadstream.lsp.examination import Examined, examine
from loadstream.lsp.projects import Projects, SettingsOf
from loadstream.project.errors import InputError

_DELAY = 0.3  # seconds after the last key
_STACK = 64 << 20  # bytes, for expressions that are nested deeply; taken only as far as needed

_Result = TypeVar("_Result")


@dataclass(slots=True)
class _Open:
    """One open file or notebook. `task` examines it as it is now."""

    uri: str
    path: Path
    cells: list[types.NotebookCell] | None = None
    task: asyncio.Task[Examined | None] | None = None
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    last: Examined | None = None


class Server(LanguageServer):
    """A language server over the files that are open in an editor."""

    def __init__(self, settings_of: SettingsOf) -> None:
        """Serve with the analysis's settings that `settings_of` finds for a configuration."""
        super().__init__(
            "loadstream",
            __version__,
            # Whole texts: of partial changes pygls moves the places, where it takes a form feed
            # for the end of a line, before they come here. Of cells they come all the same.
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
            notebook_document_sync=types.NotebookDocumentSyncOptions(
                [types.NotebookDocumentFilterWithNotebook("jupyter-notebook")], save=True
            ),
        )
        self.show_kept = False
        self.was_shut_down = False
        self.folders: tuple[Path, ...] = ()
        self._projects = Projects(settings_of)
        self._parts: dict[str, Part] = {}
        self._open: dict[str, _Open] = {}
        self._told: set[str] = set()
        threading.stack_size(_STACK)
        self._worker = ThreadPoolExecutor(1, "loadstream")

    def set_up(self, params: types.InitializeParams) -> None:
        """Take what the client says at its start."""
        options = params.initialization_options
        self.show_kept = isinstance(options, dict) and options.get("showKept") is True
        self.find_folders()
        if self.folders:
            os.chdir(self.folders[0])  # paths in messages are relative to it

    def find_folders(self) -> None:
        """Take the folders that the client has open now."""
        uris = [folder.uri for folder in self.workspace.folders.values()]
        if not uris and self.workspace.root_uri is not None:
            uris = [self.workspace.root_uri]
        paths = [to_fs_path(uri) for uri in uris]
        self.folders = tuple(Path(path) for path in paths if path and Path(path).is_dir())

    def end(self) -> None:
        """Begin nothing new."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    # What is open

    def put(self, item: types.TextDocumentItem) -> None:
        """Take the text of a file or a cell that was opened."""
        codec = self.workspace.position_codec
        self._parts[item.uri] = Part(item.uri, item.version, item.text, codec, item.language_id)

    def change(
        self,
        document: types.VersionedTextDocumentIdentifier,
        changes: Iterable[types.TextDocumentContentChangeEvent],
    ) -> None:
        """Take the changes of a text."""
        if document.uri in self._parts:
            part = self._parts[document.uri]
            self._parts[document.uri] = part.with_changes(document.version, changes)

    def change_notebook(self, uri: str, change: types.NotebookDocumentChangeEvent) -> None:
        """Take the changes of a notebook: which cells it has, and their texts."""
        state = self._open.get(uri)
        if state is None or state.cells is None or change.cells is None:
            return
        if change.cells.structure is not None:
            array = change.cells.structure.array
            end = array.start + array.delete_count
            state.cells[array.start : end] = array.cells or ()
            for item in change.cells.structure.did_open or ():
                self.put(item)
            for gone in change.cells.structure.did_close or ():
                self.drop(gone.uri)
        kinds = {cell.document: cell for cell in change.cells.data or ()}
        state.cells = [kinds.get(cell.document, cell) for cell in state.cells]
        for text in change.cells.text_content or ():
            self.change(text.document, text.changes)
        self.look(uri)

    def drop(self, uri: str) -> None:
        """Forget the text of a file or cell."""
        self._parts.pop(uri, None)

    def opened(self, uri: str, cells: list[types.NotebookCell] | None = None) -> None:
        """Look at a file, or a notebook of `cells`, from now on; only at what is a file."""
        path = to_fs_path(uri)
        suffix = ".py" if cells is None else ".ipynb"
        if path is not None and path.endswith(suffix):
            self._open[uri] = _Open(uri, Path(os.path.abspath(path)), cells)  # noqa: PTH100
            self.look(uri, delay=0)

    def closed(self, uri: str) -> None:
        """Look at it no more, and take back what was said."""
        state = self._open.pop(uri, None)
        if state is not None and state.task is not None:
            state.task.cancel()
        if state is not None and state.last is not None:
            for part in state.last.document.parts.values():
                self._publish(part, [])

    def look(self, uri: str, delay: float = _DELAY) -> None:
        """Examine what is open at `uri` as it is now: in `delay` seconds, or when asked."""
        state = self._open.get(uri)
        if state is not None:
            if state.task is not None:
                state.task.cancel()
            state.hurry = asyncio.Event()
            state.task = asyncio.ensure_future(self._examined_later(state, delay))

    def look_again(self) -> None:
        """Examine everything that is open, with all that is on disk read anew."""
        self._projects.forget()
        self._told.clear()
        for uri in self._open:
            self.look(uri)

    async def examined(self, uri: str) -> Examined | None:
        """What is found in the text that is part of an open document, as the text is now."""
        state = self._state_of(uri)
        if state is None or state.task is None:
            return None
        state.hurry.set()
        task = state.task
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():  # the text has changed meanwhile
                return None
            raise

    async def in_worker(self, work: Callable[[], _Result]) -> _Result:
        """What `work` gives, while others are answered."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    # How it is looked at

    async def _examined_later(self, state: _Open, delay: float) -> Examined | None:
        if delay:
            with contextlib.suppress(asyncio.TimeoutError):  # nobody was in a hurry
                await asyncio.wait_for(state.hurry.wait(), delay)
        document = self._document(state)
        others = {
            other.path: other.last.source
            for other in self._open.values()
            if other is not state and other.last is not None and other.last.source is not None
        }
        work = partial(self._examine, document, others)
        try:
            state.last = await self.in_worker(work)
        except InputError as error:
            self._tell(str(error))
            state.last = Examined(document)
        except Exception as error:
            cause = f"{type(error).__name__}: {error}"
            self._tell(f"{state.path.name} could not be examined: {cause}; please report it")
            state.last = Examined(document)
        for uri, diagnostics in diagnostics_of(state.last, self.show_kept).items():
            part = next(one for one in document.parts.values() if one.uri == uri)
            self._publish(part, diagnostics)
        return state.last

    def _examine(self, document: Document, others: dict[Path, SourceFile]) -> Examined:
        project = self._projects.of(document.path, self.folders)
        if not project.holds(document.path):
            return Examined(document)
        return examine(document, project, others)

    def _document(self, state: _Open) -> Document:
        if state.cells is None:
            return module(self._parts[state.uri], state.path)
        return notebook(state.uri, state.path, tuple(self._cells(state.cells)))

    def _cells(self, cells: list[types.NotebookCell]) -> Iterator[Cell]:
        for cell in cells:
            part = self._parts.get(cell.document)
            if part is None:  # its text was not sent, but it counts
                part = Part(cell.document, None, "", self.workspace.position_codec)
            yield Cell(part, cell.kind == types.NotebookCellKind.Code)

    def _state_of(self, uri: str) -> _Open | None:
        if uri in self._open:
            return self._open[uri]
        for state in self._open.values():
            if any(cell.document == uri for cell in state.cells or ()):
                return state
        return None

    def _publish(self, part: Part, diagnostics: list[types.Diagnostic]) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(part.uri, diagnostics, part.version)
        )

    def _tell(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self.window_show_message(
                types.ShowMessageParams(types.MessageType.Error, f"loadstream: {message}")
            )

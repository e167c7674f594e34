"""One session with a client: what it sends, tied to the server that answers."""

from __future__ import annotations

from typing import BinaryIO

from lsprotocol import types

from loadstream.lsp.actions import KINDS, actions_at
from loadstream.lsp.diagnostics import placed, range_of
from loadstream.lsp.pages import page_of
from loadstream.lsp.projects import SettingsOf
from loadstream.lsp.server import Server

_WATCHED = ("**/*.py", "**/*.ipynb", "**/pyproject.toml")


def serve(settings_of: SettingsOf, stdin: BinaryIO, stdout: BinaryIO) -> bool:
    """Serve one client to its end; tell whether it ended the session as it should."""
    server = Server(settings_of)
    _answer(server)
    try:
        server.start_io(stdin, stdout)
    finally:
        server.end()
    return server.was_shut_down


def _answer(server: Server) -> None:
    """Tie what a client sends to the server."""

    @server.feature(types.INITIALIZE)
    def _(params: types.InitializeParams) -> None:
        server.set_up(params)

    @server.feature(types.INITIALIZED)
    async def _(_params: types.InitializedParams) -> None:
        await _watch(server)

    @server.feature(types.SHUTDOWN)
    def _(_params: None) -> None:
        server.was_shut_down = True

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def _(_params: types.DidChangeWatchedFilesParams) -> None:
        server.look_again()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def _(_params: types.DidChangeWorkspaceFoldersParams) -> None:
        server.find_folders()
        server.look_again()

    _answer_about_texts(server)
    _answer_about_notebooks(server)
    _answer_questions(server)


async def _watch(server: Server) -> None:
    """Ask to be told of files that change on disk, if the client can do that."""
    workspace = server.client_capabilities.workspace
    watching = None if workspace is None else workspace.did_change_watched_files
    if watching is None or not watching.dynamic_registration:
        return
    options = types.DidChangeWatchedFilesRegistrationOptions(
        [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
    )
    method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    await server.client_register_capability_async(
        types.RegistrationParams([types.Registration("loadstream-files", method, options)])
    )


def _answer_about_texts(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenTextDocumentParams) -> None:
        server.put(params.text_document)
        server.opened(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeTextDocumentParams) -> None:
        server.change(params.text_document, params.content_changes)
        server.look(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def _(_params: types.DidSaveTextDocumentParams) -> None:
        server.look_again()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def _(params: types.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)
        server.drop(params.text_document.uri)


def _answer_about_notebooks(server: Server) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def _(params: types.DidOpenNotebookDocumentParams) -> None:
        for item in params.cell_text_documents:
            server.put(item)
        server.opened(params.notebook_document.uri, list(params.notebook_document.cells))

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def _(params: types.DidChangeNotebookDocumentParams) -> None:
        server.change_notebook(params.notebook_document.uri, params.change)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def _(_params: types.DidSaveNotebookDocumentParams) -> None:
        server.look_again()

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def _(params: types.DidCloseNotebookDocumentParams) -> None:
        server.closed(params.notebook_document.uri)
        for item in params.cell_text_documents:
            server.drop(item.uri)


def _answer_questions(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def _(params: types.HoverParams) -> types.Hover | None:
        uri, place = params.text_document.uri, params.position
        examined = await server.examined(uri)
        for one, part in placed(examined) if examined is not None else ():
            around = range_of(one.finding, part)
            if part.uri == uri and around.start <= place <= around.end:
                page = types.MarkupContent(types.MarkupKind.Markdown, page_of(one.finding))
                return types.Hover(page, around)
        return None

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=list(KINDS))
    )
    async def _(params: types.CodeActionParams) -> list[types.CodeAction]:
        examined = await server.examined(params.text_document.uri)
        if examined is None:
            return []
        workspace = server.client_capabilities.workspace
        edits = None if workspace is None else workspace.workspace_edit
        versioned = edits is not None and bool(edits.document_changes)
        uri, place, context = params.text_document.uri, params.range, params.context
        return await server.in_worker(lambda: actions_at(examined, uri, place, context, versioned))

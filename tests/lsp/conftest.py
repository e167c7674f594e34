"""A real client, pygls' own, that talks to the real server in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

types = pytest.importorskip("lsprotocol.types")
client_module = pytest.importorskip("pygls.lsp.client")

PATIENCE = 60  # seconds, on a machine with much else to do

DATA = """\
import json


def load_rows():
    with open("rows.json", encoding="utf-8") as handle:
        return json.load(handle)


def stream_rows(filter_func=None):
    for row in load_rows():
        if filter_func is None or filter_func(row):
            yield row
"""
OLD = "from data import load_rows\n\nrows = load_rows()\nprint([r for r in rows if r['n'] > 2])\n"
NEW = "from data import stream_rows\n\nprint(list(stream_rows(filter_func=lambda r: r['n'] > 2)))\n"


@dataclass
class Editor:
    """What an editor does: opens, types, asks, and keeps what it was told."""

    client: Any
    texts: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    published: dict[str, list[Any]] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    initialized: Any = None
    process: Any = None
    errors: str = ""

    def open(self, path: Path, text: str, language: str = "python") -> str:
        uri = path.as_uri()
        self.texts[uri], self.versions[uri] = text, 1
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def type(self, uri: str, text: str) -> None:
        """Put a whole new text in the place of the old one."""
        self.texts[uri] = text
        self.versions[uri] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[uri], uri),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def save(self, uri: str) -> None:
        identifier = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))

    def close(self, uri: str) -> None:
        identifier = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with _patience():
            while not is_so():
                self.news.clear()
                await self.news.wait()

    async def diagnostics(self, uri: str, version: int | None = None) -> list[Any]:
        """What is published about the text at `uri` as it is now."""
        version = version or self.versions[uri]

        def is_there() -> bool:
            return any(one.version == version for one in self.published.get(uri, []))

        await self.until(is_there)
        return list([one for one in self.published[uri] if one.version == version][-1].diagnostics)

    async def hover(self, uri: str, line: int, character: int) -> Any:
        return await self.client.text_document_hover_async(
            types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        )

    async def actions(
        self, uri: str, place: Any, only: Sequence[str] | None = ("quickfix",)
    ) -> list[Any]:
        document, context = types.TextDocumentIdentifier(uri), types.CodeActionContext([], only)
        params = types.CodeActionParams(document, place, context)
        return list(await self.client.text_document_code_action_async(params))

    def applied(self, uri: str, action: Any) -> str:
        """The text with the edits of an action made in it; columns count UTF-16 units."""
        if action.edit.changes is not None:
            edits = action.edit.changes[uri]
        else:
            [change] = [one for one in action.edit.document_changes if one.text_document.uri == uri]
            edits = change.edits
        data = [line.encode("utf-16-le") for line in self.texts[uri].split("\n")]

        def offset(place: Any) -> int:
            return sum(len(one) + 2 for one in data[: place.line]) + 2 * place.character

        text = self.texts[uri].encode("utf-16-le")
        for edit in sorted(edits, key=lambda one: offset(one.range.start), reverse=True):
            start, end = offset(edit.range.start), offset(edit.range.end)
            text = text[:start] + edit.new_text.encode("utf-16-le") + text[end:]
        return text.decode("utf-16-le")


@contextlib.asynccontextmanager
async def _patience() -> AsyncIterator[None]:
    """Fail where something does not come in time."""
    task = asyncio.current_task()
    assert task is not None
    handle = asyncio.get_running_loop().call_later(PATIENCE, task.cancel, "not in time")
    try:
        yield
    finally:
        handle.cancel()


@contextlib.asynccontextmanager
async def session(
    *folders: Path, options: Any = None, capabilities: Any = None, cwd: Path | None = None
) -> AsyncIterator[Editor]:
    """An editor with `folders` open, and a server of its own, which is ended as it should be."""
    client = client_module.LanguageClient("tests", "1")
    editor = Editor(client)

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def _published(params: Any) -> None:
        editor.published.setdefault(params.uri, []).append(params)
        editor.news.set()

    @client.feature(types.WINDOW_SHOW_MESSAGE)
    def _told(params: Any) -> None:
        editor.told.append(params.message)
        editor.news.set()

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def _register(params: Any) -> None:
        editor.told.extend(one.method for one in params.registrations)
        editor.news.set()

    command = [sys.executable, "-m", "loadstream", "lsp"]
    await client.start_io(*command, cwd=cwd, env=dict(os.environ))
    editor.initialized = await client.initialize_async(
        types.InitializeParams(
            capabilities or types.ClientCapabilities(),
            process_id=os.getpid(),
            workspace_folders=[types.WorkspaceFolder(one.as_uri(), one.name) for one in folders],
            initialization_options=options,
        )
    )
    client.initialized(types.InitializedParams())
    editor.process = client._server
    try:
        yield editor
    finally:
        if editor.process.returncode is None:
            await client.shutdown_async(None)
            client.exit(None)
            await asyncio.wait_for(editor.process.wait(), PATIENCE)
        editor.errors = (await editor.process.stderr.read()).decode()
        await client.stop()
    assert "Traceback" not in editor.errors, editor.errors


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a pair of loader and streamer."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n', encoding="utf-8")
    (tmp_path / "data.py").write_text(DATA, encoding="utf-8")
    (tmp_path / "script.py").write_text(OLD, encoding="utf-8")
    return tmp_path


def live(talk: Callable[[], Awaitable[None]]) -> None:
    """Run a conversation to its end."""
    asyncio.run(talk())

"""What an open file belongs to: configuration, folders, other files, notebooks, columns."""

from __future__ import annotations

import pytest

from tests.lsp.conftest import DATA, NEW, OLD, live, session, types

KEPT_OUT = '[tool.loadstream]\nexclude = ["old/"]\n'


def configured(root, text):
    (root / "pyproject.toml").write_text(text, encoding="utf-8")


def test_an_excluded_file_has_nothing_said_of_it_and_its_neighbour_has(root):
    configured(root, KEPT_OUT)
    (root / "env").mkdir()
    (root / "env" / "pyvenv.cfg").touch()

    async def talk():
        async with session(root) as editor:
            text = OLD.replace("from data", "from ..data")
            excluded = editor.open(root / "old" / "script.py", text)
            foreign = editor.open(root / "env" / "lib" / "script.py", OLD)
            uri = editor.open(root / "script.py", OLD)
            assert len(await editor.diagnostics(uri)) == 1
            assert await editor.diagnostics(excluded) == []
            assert await editor.diagnostics(foreign) == []
            assert await editor.actions(excluded, types.Range(*[types.Position(2, 9)] * 2)) == []

    live(talk)


def test_a_broken_configuration_is_told_once_and_obeyed_once_it_is_mended(root):
    configured(root, '[tool.loadstream]\nexlude = ["old/"]\n')

    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", OLD)
            assert await editor.diagnostics(uri) == []
            editor.type(uri, OLD + "\n")
            assert await editor.diagnostics(uri) == []
            [told] = editor.told
            assert 'no key "exlude"; did you mean "exclude"?' in told
            configured(root, KEPT_OUT)
            editor.type(uri, OLD)
            editor.save(uri)
            await editor.until(lambda: bool(editor.published[uri][-1].diagnostics))

    live(talk)


def test_the_settings_of_the_nearest_configuration_hold(root):
    configured(root, "[tool.loadstream]\nstrict = true\n")

    async def talk():
        async with session(root, options={"showKept": True}) as editor:
            uri = editor.open(
                root / "loop.py", "import data\nfor r in data.load_rows(): print(r)\n"
            )
            assert [one.code for one in await editor.diagnostics(uri)] == ["LS300"]

    live(talk)


def test_codes_that_the_configuration_ignores_are_not_shown_nor_fixed(root):
    configured(root, '[tool.loadstream.per-file-ignores]\n"script.py" = ["LS101"]\n')

    async def talk():
        async with session(root) as editor:
            ignored = editor.open(root / "script.py", OLD)
            other = editor.open(root / "other.py", OLD)
            [found] = await editor.diagnostics(other)
            assert await editor.diagnostics(ignored) == []
            assert await editor.actions(ignored, found.range, ["source.fixAll"]) == []
            assert len(await editor.actions(other, found.range, ["source.fixAll"])) == 1

    live(talk)


def test_each_of_several_folders_is_a_project_of_its_own(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        (folder / "scripts").mkdir(parents=True)
        (folder / "data.py").write_text(DATA, encoding="utf-8")
    configured(two, '[tool.loadstream]\nexclude = ["scripts"]\n')

    async def talk():
        async with session(one, two) as editor:
            found = [
                await editor.diagnostics(editor.open(folder / "scripts" / "script.py", OLD))
                for folder in (one, two)
            ]
            assert [len(each) for each in found] == [1, 0]

    live(talk)


def test_a_file_outside_of_any_folder_is_looked_at_by_itself(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "data.py").write_text(DATA, encoding="utf-8")

    async def talk():
        async with session(root) as editor:
            assert len(await editor.diagnostics(editor.open(outside / "script.py", OLD))) == 1
        async with session() as editor:
            assert len(await editor.diagnostics(editor.open(outside / "script.py", OLD))) == 1

    live(talk)


def test_what_is_no_python_file_on_disk_is_left_alone(root):
    async def talk():
        async with session(root) as editor:
            editor.open(root / "notes.txt", OLD, "plaintext")
            item = types.TextDocumentItem("untitled:Untitled-1", "python", 1, OLD)
            editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
            uri = editor.open(root / "script.py", OLD)
            await editor.diagnostics(uri)
            assert list(editor.published) == [uri]
            assert await editor.hover("untitled:Untitled-1", 2, 9) is None

    live(talk)


def test_an_import_is_followed_in_the_open_file_as_it_is_there(root):
    without_streamer = DATA[: DATA.index("def stream_rows")]

    async def talk():
        async with session(root) as editor:
            data = editor.open(root / "data.py", DATA.replace("stream_rows", "iter_rows"))
            await editor.diagnostics(data)
            uri = editor.open(root / "script.py", OLD)
            [found] = await editor.diagnostics(uri)
            assert "iter_rows" in found.message
            editor.close(data)
            (root / "data.py").write_text(without_streamer, encoding="utf-8")
            editor.type(uri, OLD + "\n")
            editor.save(uri)
            await editor.until(lambda: not editor.published[uri][-1].diagnostics)

    live(talk)


def test_a_change_on_disk_is_seen_where_the_client_watches(root):
    able = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
                dynamic_registration=True
            )
        )
    )

    async def talk():
        async with session(root, capabilities=able) as editor:
            uri = editor.open(root / "script.py", OLD)
            assert len(await editor.diagnostics(uri)) == 1
            await editor.until(lambda: "workspace/didChangeWatchedFiles" in editor.told)
            configured(root, '[tool.loadstream]\nexclude = ["script.py"]\n')
            editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
            await editor.until(lambda: not editor.published[uri][-1].diagnostics)

    live(talk)


@pytest.mark.parametrize(("encoding", "columns"), [(None, (14, 25)), ("utf-8", (16, 27))])
def test_columns_are_counted_as_the_client_counts_them(root, encoding, columns):
    text = "from data import load_rows\nx = '😀'; y = sum(r['n'] for r in load_rows()); print(y)\n"
    able = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(
            position_encodings=None if encoding is None else [encoding]
        )
    )

    async def talk():
        async with session(root, capabilities=able) as editor:
            uri = editor.open(root / "script.py", text)
            assert editor.initialized.capabilities.position_encoding == (encoding or "utf-16")
            [found] = await editor.diagnostics(uri)
            shift = text.split("\n")[1].index("load_rows") - 13
            assert (found.range.start.character, found.range.end.character) == tuple(
                column + shift for column in columns
            )
            if encoding is None:
                fix, _ = await editor.actions(uri, found.range)
                new = text.replace("load_rows", "stream_rows")
                assert editor.applied(uri, fix) == new

    live(talk)


def test_the_mark_at_the_beginning_of_a_file_counts_as_a_column(root):
    text = "\ufeffimport data; print(sum(r['n'] for r in data.load_rows()))\n"

    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", text)
            [found] = await editor.diagnostics(uri)
            assert found.range.start.character == text.index("data.load_rows")
            fix, _ = await editor.actions(uri, found.range)
            assert editor.applied(uri, fix) == text.replace("load_rows", "stream_rows")

    live(talk)


def test_a_file_in_another_encoding_is_fixed_as_any_other(root):
    text = "# -*- coding: latin-1 -*-\n# é\n" + OLD

    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", text)
            [found] = await editor.diagnostics(uri)
            fix, _ = await editor.actions(uri, found.range)
            assert editor.applied(uri, fix) == text.replace(OLD, NEW)

    live(talk)


def test_a_change_of_a_part_is_made_where_it_is_meant(root):
    """Behind a form feed, which ends no line, and a character of two units."""

    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", "\f# 😀\n" + OLD.replace("load_rows()", "[]"))
            assert await editor.diagnostics(uri) == []
            start, end = types.Position(3, 7), types.Position(3, 9)
            editor.client.text_document_did_change(
                types.DidChangeTextDocumentParams(
                    types.VersionedTextDocumentIdentifier(2, uri),
                    [
                        types.TextDocumentContentChangePartial(
                            types.Range(types.Position(0, 5), types.Position(0, 5)), "!"
                        ),
                        types.TextDocumentContentChangePartial(
                            types.Range(start, end), "load_rows()"
                        ),
                    ],
                )
            )
            [found] = await editor.diagnostics(uri, 2)
            assert found.code == "LS101"
            editor.texts[uri] = "\f# 😀!\n" + OLD
            fix, _ = await editor.actions(uri, found.range)
            assert editor.applied(uri, fix) == "\f# 😀!\n" + NEW

    live(talk)


CELLS = ["import json", "# text", "for row in json.load(open('rows.json')):\n    print(row)"]


def cell_uri(root, number):
    return f"vscode-notebook-cell:{(root / 'nb.ipynb').as_uri().removeprefix('file:')}#{number}"


def opened_notebook(editor, root):
    uris = [cell_uri(root, number) for number in range(len(CELLS))]
    kinds = [types.NotebookCellKind.Code, types.NotebookCellKind.Markup]
    cells = [
        types.NotebookCell(kinds["#" in text[:1]], uri)
        for uri, text in zip(uris, CELLS, strict=True)
    ]
    items = [
        types.TextDocumentItem(uri, "python", 1, text)
        for uri, text in zip(uris, CELLS, strict=True)
    ]
    for item in items:
        editor.texts[item.uri] = item.text
        editor.versions[item.uri] = 1
    document = types.NotebookDocument((root / "nb.ipynb").as_uri(), "jupyter-notebook", 1, cells)
    editor.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(document, items))
    return document, uris


def test_findings_and_fixes_of_a_notebook_are_in_its_cells(root):
    async def talk():
        able = types.ClientCapabilities(
            notebook_document=types.NotebookDocumentClientCapabilities(
                types.NotebookDocumentSyncClientCapabilities()
            )
        )
        async with session(root, capabilities=able) as editor:
            document, uris = opened_notebook(editor, root)
            [found] = await editor.diagnostics(uris[2])
            assert (found.range.start.line, found.range.start.character) == (0, 11)
            assert await editor.diagnostics(uris[0]) == []
            assert "LS104" in (await editor.hover(uris[2], 0, 12)).contents.value
            fix, keep = await editor.actions(uris[2], found.range)
            assert editor.applied(uris[0], fix) == CELLS[0] + "\nfrom loadstream import stream_json"
            assert "in stream_json(" in editor.applied(uris[2], fix)
            assert editor.applied(uris[2], keep).startswith("# loadstream: keep[LS104]\nfor row")
            change = types.NotebookDocumentCellContentChanges(
                types.VersionedTextDocumentIdentifier(2, uris[2]),
                [
                    types.TextDocumentContentChangePartial(
                        types.Range(types.Position(0, 0), types.Position(1, 4)), "x = 1; "
                    )
                ],
            )
            editor.client.notebook_document_did_change(
                types.DidChangeNotebookDocumentParams(
                    types.VersionedNotebookDocumentIdentifier(2, document.uri),
                    types.NotebookDocumentChangeEvent(
                        cells=types.NotebookDocumentCellChanges(text_content=[change])
                    ),
                )
            )
            assert await editor.diagnostics(uris[2], 2) == []
            editor.client.notebook_document_did_close(
                types.DidCloseNotebookDocumentParams(
                    types.NotebookDocumentIdentifier(document.uri),
                    [types.TextDocumentIdentifier(uri) for uri in uris],
                )
            )
            assert await editor.hover(uris[2], 0, 0) is None

    live(talk)

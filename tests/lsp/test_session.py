"""A whole session with the server, as an editor has it."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from tests.lsp.conftest import NEW, OLD, live, session, types

Severity = types.DiagnosticSeverity


def test_from_opening_a_file_to_the_fix_and_nothing_left(root):
    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", OLD)
            [found] = await editor.diagnostics(uri)
            assert (found.code, found.source, found.severity) == (
                "LS101",
                "loadstream",
                Severity.Warning,
            )
            assert (found.range.start.line, found.range.start.character) == (2, 7)
            assert (found.range.end.line, found.range.end.character) == (2, 18)
            hover = await editor.hover(uri, 2, 9)
            assert hover.contents.kind == types.MarkupKind.Markdown
            assert "LS101 filter-collect" in hover.contents.value
            assert "```python" in hover.contents.value
            assert await editor.hover(uri, 0, 0) is None
            fix, keep = await editor.actions(uri, found.range)
            assert (fix.kind, fix.is_preferred) == (types.CodeActionKind.QuickFix, True)
            assert editor.applied(uri, fix) == NEW
            assert not keep.is_preferred
            editor.type(uri, NEW)
            assert await editor.diagnostics(uri) == []
            assert await editor.actions(uri, found.range) == []
        assert editor.process.returncode == 0
        assert editor.errors == ""

    live(talk)


@pytest.mark.parametrize(
    ("options", "severities"), [(None, []), ({"showKept": True}, [Severity.Hint])]
)
def test_a_load_that_stays_is_a_hint_and_only_on_request(root, options, severities):
    async def talk():
        async with session(root, options=options) as editor:
            uri = editor.open(
                root / "kept.py", "from data import load_rows\nrows = load_rows()\nprint(rows[0])\n"
            )
            found = await editor.diagnostics(uri)
            assert [one.severity for one in found] == severities
            assert await editor.actions(uri, types.Range(*[types.Position(1, 8)] * 2)) == []
            if found:
                hover = await editor.hover(uri, 1, 9)
                assert "**random-access**" in hover.contents.value

    live(talk)


def test_an_unsafe_fix_says_so_and_is_never_preferred_nor_part_of_fix_all(root):
    text = (
        "from data import load_rows\n"
        "try:\n    for r in load_rows():\n        print(r)\nexcept ValueError:\n    print('no')\n"
    )

    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "unsafe.py", text)
            [found] = await editor.diagnostics(uri)
            assert found.severity == Severity.Information
            fix, _keep = await editor.actions(uri, found.range)
            assert "unsafe: partial-effects" in fix.title
            assert not fix.is_preferred
            assert "in stream_rows():" in editor.applied(uri, fix)
            assert await editor.actions(uri, found.range, ["source.fixAll"]) == []

    live(talk)


def test_fix_all_is_what_rewrite_would_do(root):
    text = (
        "from data import load_rows\n\n\ndef few():\n"
        "    return [r for r in load_rows() if r['n'] > 2]\n\n\ndef many():\n"
        "    return sum(r['n'] for r in load_rows())\n"
    )

    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "two.py", text)
            assert len(await editor.diagnostics(uri)) == 2
            start = types.Range(types.Position(0, 0), types.Position(0, 0))
            [action] = await editor.actions(uri, start, ["source.fixAll"])
            assert action.kind == "source.fixAll.loadstream"
            (root / "two.py").write_text(text, encoding="utf-8")
            command = [sys.executable, "-m", "loadstream", "rewrite", "two.py"]
            subprocess.run(command, cwd=root, check=True, capture_output=True)
            assert editor.applied(uri, action) == (root / "two.py").read_text(encoding="utf-8")
            assert await editor.actions(uri, start, ["refactor"]) == []
            # Where any kind will do, it is offered at a finding, not at every step of the cursor.
            assert await editor.actions(uri, start, None) == []
            found = (await editor.diagnostics(uri))[0]
            assert action in await editor.actions(uri, found.range, None)

    live(talk)


@pytest.mark.parametrize(
    "text",
    [
        OLD,
        "from data import load_rows\nif True:\n    x = (\n        1,\n"
        "        [r for r in load_rows() if r],\n    )\n    print(x)\n",
        "from data import load_rows\nif 1:\n\tx = 1; \\\n\ty = sum(load_rows()); print(y)\n",
    ],
)
def test_a_load_can_be_kept_by_a_comment(root, text):
    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", text)
            [found] = await editor.diagnostics(uri)
            keep = (await editor.actions(uri, found.range))[-1]
            assert f"keep[{found.code}]" in keep.title
            editor.type(uri, editor.applied(uri, keep))
            assert await editor.diagnostics(uri) == []

    live(talk)


def test_a_suppression_that_keeps_nothing_is_greyed_out(root):
    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", "x = 1  # loadstream: keep\n")
            [found] = await editor.diagnostics(uri)
            assert (found.code, list(found.tags)) == ("LS901", [types.DiagnosticTag.Unnecessary])

    live(talk)


def test_a_text_that_does_not_parse_is_said_to_and_the_server_goes_on(root):
    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", "from data import load_rows\nrows = load_rows(\n")
            [found] = await editor.diagnostics(uri)
            assert (found.code, found.severity) == ("LS000", Severity.Error)
            assert found.range.start.line == 1
            assert "LS000" in (await editor.hover(uri, 1, 17)).contents.value
            assert await editor.actions(uri, found.range, ["source.fixAll"]) == []
            for text in ("load_rows(" + "(" * 5000, "load_rows\0", "load_rows\ud800", ""):
                editor.type(uri, text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
                await editor.diagnostics(uri)
            editor.type(uri, OLD)
            assert [one.code for one in await editor.diagnostics(uri)] == ["LS101"]

    live(talk)


def test_a_broken_text_that_loads_nothing_is_left_to_others(root):
    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", "x = (\n")
            assert await editor.diagnostics(uri) == []

    live(talk)


def test_closing_a_file_takes_back_what_was_said(root):
    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", OLD)
            assert len(await editor.diagnostics(uri)) == 1
            editor.close(uri)
            await editor.until(lambda: not editor.published[uri][-1].diagnostics)
            assert await editor.hover(uri, 2, 9) is None

    live(talk)


def test_the_last_text_counts_and_no_older_result_is_published_for_it(root):
    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", OLD)
            for _ in range(5):
                editor.type(uri, NEW)
                editor.type(uri, OLD)
            editor.type(uri, NEW)
            assert await editor.diagnostics(uri) == []
            versions = [one.version for one in editor.published[uri]]
            assert versions == sorted(versions)

    live(talk)


def test_a_question_is_answered_for_the_text_as_it_is_now(root):
    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", NEW)
            editor.type(uri, OLD)
            actions = await editor.actions(uri, types.Range(*[types.Position(2, 9)] * 2))
            assert editor.applied(uri, actions[0]) == NEW

    live(talk)


def test_edits_have_the_version_that_they_are_for_where_the_client_can_tell(root):
    able = types.ClientCapabilities(
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True)
        )
    )

    async def talk():
        async with session(root, capabilities=able) as editor:
            uri = editor.open(root / "script.py", "")
            editor.type(uri, OLD)
            [found] = await editor.diagnostics(uri)
            fix, _ = await editor.actions(uri, found.range)
            [change] = fix.edit.document_changes
            assert (change.text_document.uri, change.text_document.version) == (uri, 2)
            assert editor.applied(uri, fix) == NEW

    live(talk)


def test_what_is_closed_while_it_is_looked_at_is_no_error(root):
    async def talk():
        async with session(root) as editor:
            uris = [editor.open(root / f"script{number}.py", OLD) for number in range(20)]
            for uri in uris[1:]:
                editor.close(uri)
            [found] = await editor.diagnostics(uris[0])
            assert found.code == "LS101"
            assert await editor.hover(uris[0], 2, 9) is not None  # so the rest was heard before
            said = [editor.published[uri][-1] for uri in uris[1:] if uri in editor.published]
            assert not any(one.diagnostics for one in said)
            assert editor.told == []
            assert await editor.hover((root / "never.py").as_uri(), 0, 0) is None
            assert await editor.actions((root / "never.py").as_uri(), found.range) == []
            editor.type(uris[0], NEW)  # and it ends while this waits to be looked at
        assert (editor.process.returncode, editor.errors) == (0, "")

    live(talk)


def test_the_process_ends_when_the_client_is_gone_without_a_word(root):
    async def talk():
        async with session(root) as editor:
            uri = editor.open(root / "script.py", OLD)
            await editor.diagnostics(uri)
            editor.process.stdin.close()
            assert await asyncio.wait_for(editor.process.wait(), 60) == 1

    live(talk)


def test_an_end_that_was_not_announced_is_an_error(root):
    async def talk():
        async with session(root) as editor:
            editor.client.exit(None)
            assert await asyncio.wait_for(editor.process.wait(), 60) == 1

    live(talk)

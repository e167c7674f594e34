"""What an editor can do at a place: rewrite a load, keep it, or rewrite all that is safe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from lsprotocol import types

from loadstream.analysis.notebooks import SUFFIX
from loadstream.analysis.plans import Plan, Safety, StreamTwin
from loadstream.analysis.sites import Site
from loadstream.lint.catalogue import KEPT
from loadstream.lsp.diagnostics import placed, range_of
from loadstream.lsp.documents import Document, Part
from loadstream.lsp.examination import Examined
from loadstream.lsp.keeping import keep
from loadstream.rewrite.fixes import Edit

FIX_ALL = "source.fixAll.loadstream"
KINDS = (types.CodeActionKind.QuickFix, FIX_ALL)

Wanted = Callable[[str], bool]


def wants(only: Sequence[str] | None) -> Wanted:
    """Tell which kinds of action are asked for: those of `only` and what lies below them."""

    def is_wanted(kind: str) -> bool:
        return only is None or any(kind == one or kind.startswith(f"{one}.") for one in only)

    return is_wanted


def actions_at(
    examined: Examined,
    uri: str,
    place: types.Range,
    context: types.CodeActionContext,
    versioned: bool,
) -> list[types.CodeAction]:
    """The actions at `place` in the text at `uri`; edits with versions if `versioned`."""
    is_wanted = wants(context.only)
    document = examined.document
    found: list[types.CodeAction] = []
    here = [
        (one, part)
        for one, part in placed(examined)
        if part.uri == uri and _meet(range_of(one.finding, part), place)
    ]
    if is_wanted(types.CodeActionKind.QuickFix):
        for one, part in here:
            about = [d for d in context.diagnostics if d.range == range_of(one.finding, part)]
            if one.site is not None and one.finding.code != KEPT and one.site.plan is not None:
                actions = _of_site(examined, one.site, one.site.plan, part, one.finding.line)
                for title, preferred, edits in actions:
                    edit = _workspace_edit(document, edits, versioned)
                    kind = types.CodeActionKind.QuickFix
                    found.append(
                        types.CodeAction(title, kind, about, is_preferred=preferred, edit=edit)
                    )
    # Without a kind being named the editor asks at every step of the cursor: only at a finding.
    if is_wanted(FIX_ALL) and (here or context.only is not None):
        edits = examined.all_safe_edits()
        if edits:
            edit = _workspace_edit(document, edits, versioned)
            title = "loadstream: move every load that is safe to a stream"
            found.append(types.CodeAction(title, FIX_ALL, edit=edit))
    return found


def _of_site(
    examined: Examined, site: Site, plan: Plan, part: Part, line: int
) -> Iterator[tuple[str, bool | None, Sequence[Edit]]]:
    """The title of each action, whether it is to be preferred, and its edits."""
    fix = examined.fix(site)
    if fix is not None:
        is_safe = plan.safety is Safety.SAFE
        reasons = ", ".join(dict.fromkeys(refusal.reason.value for refusal in site.refusals))
        caveat = "" if is_safe else f" (unsafe: {reasons})"
        yield f"{_words(plan)}{caveat}", True if is_safe else None, fix.edits
    code = plan.code
    if code != "LS901":
        edit = keep(part.text.removeprefix("\ufeff"), line, code)
        if edit is not None:
            number = next(n for n, one in examined.document.parts.items() if one is part)
            kept = Edit(edit.span, edit.text, number)
            yield f"{code}: keep as it is, `# loadstream: keep[{code}]`", None, (kept,)


def _words(plan: Plan) -> str:
    callee = plan.stream.callee
    if isinstance(plan.shape, StreamTwin):
        return f"{plan.code}: add `{callee}()` beside the loader"
    return f"{plan.code}: stream with `{callee}()`"


def _workspace_edit(
    document: Document, edits: Iterable[Edit], versioned: bool
) -> types.WorkspaceEdit:
    by_part: dict[int | None, list[types.TextEdit]] = {}
    for edit in edits:
        cell = edit.cell if document.path.suffix == SUFFIX else None
        part = document.parts[cell]
        by_part.setdefault(cell, []).append(types.TextEdit(part.range(edit.span), edit.text))
    if not versioned:
        return types.WorkspaceEdit(
            changes={document.parts[cell].uri: changes for cell, changes in by_part.items()}
        )
    return types.WorkspaceEdit(
        document_changes=[_versioned(document.parts[cell], one) for cell, one in by_part.items()]
    )


def _versioned(part: Part, edits: Sequence[types.TextEdit]) -> types.TextDocumentEdit:
    identifier = types.OptionalVersionedTextDocumentIdentifier(part.uri, part.version)
    return types.TextDocumentEdit(identifier, list(edits))


def _meet(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end

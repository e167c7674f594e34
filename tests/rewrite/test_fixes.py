"""Each site's fix by itself: its edits give what the driver would have made of it alone."""

from __future__ import annotations

import ast
import importlib.util
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadstream.analysis.notebooks import source_of
from loadstream.analysis.plans import Safety
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import SourceError, decode
from loadstream.rewrite import Changed, RewriteUnavailableError, Unchanged, rewrite
from loadstream.rewrite.driver import rewrite_text
from loadstream.rewrite.fixes import edits_of, edits_to, fixes_of, with_edits
from loadstream_codemods.apply import apply
from tests.notebooks import cells_of, notebook
from tests.rewrite.conftest import NEW, OLD
from tests.rewrite.test_twins import LOADER, SECOND, WITH_TWIN

SAMPLE = Path(__file__).resolve().parents[2] / "fixtures" / "session_logs"
TWO_SITES = (
    "from data import load_rows\n\n\ndef few():\n"
    "    return [r for r in load_rows() if r['n'] > 2]\n\n\ndef many():\n"
    "    return sum(r['n'] for r in load_rows())\n"
)


def fixes(path, root, **options):
    return fixes_of(path, path.read_bytes(), Repository(root), **options)


def test_a_fix_is_small_edits_of_the_text(root, script):
    path = script()
    [fix] = fixes(path, root)
    assert fix.site.plan.code == "LS101"
    assert with_edits(OLD, fix.edits) == NEW
    assert len(fix.edits) == 2
    assert [OLD.splitlines()[edit.span.start.line - 1] for edit in fix.edits] == [
        "from data import load_rows",
        "rows = load_rows()",
    ]


FILES = sorted(SAMPLE.rglob("*.py"))


@pytest.fixture(scope="module")
def sample():
    """What `rewrite` makes of each file of the sample by itself, unsafe sites included."""
    repository = Repository(SAMPLE)
    return repository, {
        path: rewrite_text(path.read_bytes(), path, repository, unsafe=True) for path in FILES
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_fix_of_the_sample_is_what_the_codemods_make_of_its_site_alone(path, sample):
    repository, results = sample
    data = path.read_bytes()
    source = source_of(data, path)
    found = {fix.site.span: fix for fix in fixes_of(path, data, repository, unsafe=True)}
    for site in find_sites(source, repository):
        if site.span in found:
            new = with_edits(source.text, found[site.span].edits)
            assert new == apply(source.text, [site.plan], repository.settings.line_width)
            ast.parse(new)
    result = results[path]
    applied = result.applied if isinstance(result, Changed) else ()
    # The twin of a loader in the same file may let a call stream that has no fix before.
    with_twins = any(site.plan.code == "LS108" for site in applied)
    assert set(found) <= {site.span for site in applied}
    assert with_twins or len(found) == len(applied)


def test_fixes_of_the_sample_that_do_not_meet_are_together_the_rewrite(sample):
    repository, results = sample
    compared = 0
    for path, result in results.items():
        if not isinstance(result, Changed) or any(s.plan.code == "LS108" for s in result.applied):
            continue
        found = fixes_of(path, result.old, repository, unsafe=True)
        edits = sorted((edit for fix in found for edit in fix.edits), key=lambda edit: edit.span)
        if all(a.span.end < b.span.start for a, b in itertools.pairwise(edits)):
            assert with_edits(decode(result.old), edits) == decode(result.new)
            compared += 1
    assert compared > 15


def test_each_of_two_fixes_leaves_the_other_site_its_import(root, script):
    path = script(TWO_SITES)
    first, second = (with_edits(TWO_SITES, fix.edits) for fix in fixes(path, root))
    assert first.startswith("from data import load_rows, stream_rows\n")
    assert "sum(r['n'] for r in load_rows())" in first
    assert second.startswith("from data import load_rows, stream_rows\n")
    assert "[r for r in load_rows() if r['n'] > 2]" in second


def test_all_sites_at_once_are_the_edits_of_the_whole_rewrite(root, script):
    path = script(TWO_SITES)
    result = rewrite_text(TWO_SITES.encode(), path, Repository(root))
    assert isinstance(result, Changed)
    [expected] = rewrite([path], root=root)
    assert with_edits(TWO_SITES, edits_of(result)) == decode(expected.new)
    assert "load_rows" not in decode(result.new)


def test_a_text_that_is_not_on_disk_is_what_counts(root, script):
    path = script("print('old')\n")
    result = rewrite_text(OLD.encode(), path, Repository(root))
    assert isinstance(result, Changed)
    assert decode(result.new) == NEW
    [fix] = fixes_of(path, OLD.encode(), Repository(root))
    assert with_edits(OLD, fix.edits) == NEW


def test_an_unsafe_fix_is_given_only_if_asked_for(root, script):
    path = script(
        "from data import load_rows\n"
        "try:\n    for r in load_rows():\n        print(r)\nexcept ValueError:\n    print('no')\n"
    )
    assert fixes(path, root) == ()
    [fix] = fixes(path, root, unsafe=True)
    assert fix.site.plan.safety is Safety.UNSAFE
    assert "stream_rows()" in with_edits(decode(path.read_bytes()), fix.edits)


def test_a_kept_load_has_no_fix(root, script):
    path = script("from data import load_rows\nrows = load_rows()\nprint(rows[3])\n")
    assert fixes(path, root, unsafe=True) == ()


def test_the_twin_of_a_loader_is_its_fix_and_a_call_elsewhere_has_none(tmp_path):
    store, caller = tmp_path / "store.py", tmp_path / "caller.py"
    store.write_text(LOADER, encoding="utf-8")
    caller.write_text(SECOND, encoding="utf-8")
    [fix] = fixes(store, tmp_path)
    assert fix.site.plan.code == "LS108"
    assert with_edits(LOADER, fix.edits) == WITH_TWIN
    assert fixes(caller, tmp_path) == ()
    store.write_text(with_edits(LOADER, fix.edits), encoding="utf-8")
    [moved] = fixes(caller, tmp_path)
    assert "store.stream_rows(path='rows.json')" in with_edits(SECOND, moved.edits)


def test_all_at_once_writes_the_twin_and_moves_the_calls_beside_it(tmp_path):
    path = tmp_path / "store.py"
    text = LOADER + "\n\nprint(sum(row['n'] for row in load_rows()))\n"
    path.write_text(text, encoding="utf-8")
    result = rewrite_text(text.encode(), path, Repository(tmp_path))
    assert [site.plan.code for site in result.applied] == ["LS108", "LS101"]
    [expected] = rewrite([path], root=tmp_path)
    assert result == expected
    assert with_edits(text, edits_of(result)).encode() == expected.new


def test_edits_of_a_notebook_are_within_its_cells(tmp_path):
    path = tmp_path / "nb.ipynb"
    loop = "# %%\n%time 1\nfor row in json.load(open('rows.json')):\n    print(row)"
    data = notebook("import json", "1 + 1", loop)
    path.write_bytes(data)
    [fix] = fixes(path, tmp_path)
    assert (fix.site.cell, fix.site.span.start.line) == (3, 3)
    [result] = rewrite([path], root=tmp_path)
    new = [
        with_edits(text, (edit for edit in fix.edits if edit.cell == number))
        for number, text in enumerate(cells_of(data), 1)
    ]
    assert new == cells_of(result.new)
    assert edits_of(result) == fix.edits


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_of_two_characters_are_never_split(root, script, newline):
    text = TWO_SITES.replace("\n", newline)
    path = script(text)
    for fix in fixes(path, root):
        new = with_edits(text, fix.edits)
        assert new.count("\n") == new.count("\r\n")
        ast.parse(new)


def test_a_site_that_cannot_be_edited_has_no_fix_and_the_others_have(root, script, monkeypatch):
    from loadstream_codemods import apply as applying
    from loadstream_codemods.errors import CannotApplyError

    def fails_at_line_5(text, plans, width):
        if plans[0].source.start.line == 5:
            raise CannotApplyError("no place", plans[0])
        return apply(text, plans, width)

    monkeypatch.setattr(applying, "apply", fails_at_line_5)
    [fix] = fixes(script(TWO_SITES), root)
    assert fix.site.span.start.line == 9


def test_an_edit_that_would_not_parse_is_no_fix(root, script, monkeypatch):
    from loadstream_codemods import apply as applying

    monkeypatch.setattr(applying, "apply", lambda *_: "x = (\n")
    assert fixes(script(), root) == ()


def test_a_text_that_does_not_parse_says_where(root, script):
    with pytest.raises(SourceError) as caught:
        fixes(script("from data import load_rows\nrows = load_rows(\n"), root)
    assert caught.value.line == 2


def test_without_libcst_a_site_says_what_to_install(root, script, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "libcst" else find_spec(name)
    )
    with pytest.raises(RewriteUnavailableError):
        fixes(script(), root)
    path = script("print(1)\n")
    assert fixes(path, root) == ()
    assert isinstance(rewrite_text(b"print(1)\n", path, Repository(root)), Unchanged)


TEXTS = st.text(st.sampled_from("ab \r\n\f\u2028é"), max_size=30)


@given(TEXTS, TEXTS)
def test_edits_make_any_text_out_of_any_other(old, new):
    edits = tuple(edits_to(new, old))
    assert with_edits(old, edits) == new
    assert all(a.span.end <= b.span.start for a, b in itertools.pairwise(edits))


def test_edits_are_of_whole_words_and_no_more():
    [edit] = edits_to("x = [1]\nfor s in stream_x(a):\n", "x = [1]\nfor s in load_x(a):\n")
    assert edit.text == "stream_x"
    assert (edit.span.start.column, edit.span.end.column) == (9, 15)

"""LS108 in the driver: loaders get twins, and callers move to them in the same run."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from loadstream.analysis.reasons import Reason
from loadstream.rewrite import Changed, Failed, NotWritten, Unchanged, Written, rewrite, write

LOADER = '''\
import json


def load_rows(path="rows.json"):
    """All rows."""
    with open(path, encoding="utf-8") as handle:
        data = json.load(handle)
    return data["rows"]
'''
TWIN = '''

def stream_rows(path="rows.json", *, filter_func=None):
    """Stream what `load_rows` returns, one element at a time.

    Yields:
        Each element, in order, for which `filter_func` is true (None: each); memory
        holds one of them at a time.
    """
    with open(path, encoding="utf-8") as handle:
        yield from stream_json(handle, "$.rows", filter_func=filter_func)
'''
WITH_TWIN = (
    LOADER.replace("import json\n", "import json\n\nfrom loadstream import stream_json\n") + TWIN
)
FIRST = "from store import load_rows\n\nprint([r for r in load_rows() if r['n'] > 1])\n"
SECOND = "import store\n\nfor row in store.load_rows('rows.json'):\n    print(row['n'])\n"
ROWS = '{"rows": [{"n": 1}, {"n": 2}, {"n": 3}]}'


@pytest.fixture
def repo(tmp_path: Path):
    """Make a repository of files, the loader's and two callers' if not told otherwise."""

    def make(**files: str) -> dict[str, Path]:
        (tmp_path / "rows.json").write_text(ROWS, encoding="utf-8")
        texts = files or {"store": LOADER, "first": FIRST, "second": SECOND}
        for name, text in texts.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8", newline="")
        return {name: tmp_path / f"{name}.py" for name in texts}

    return make


def rewritten(paths, **options):
    root = paths[0].parent
    results = list(rewrite(paths, root=root, **options))
    assert all(isinstance(one, Written) for one in write(results, root=root))
    return results


def output(path: Path) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, path],
        cwd=path.parent,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    return f"{done.stdout}{done.returncode}{done.stderr.strip().splitlines()[-1:]}"


@pytest.mark.parametrize("order", list(itertools.permutations(["store", "first", "second"])))
def test_in_any_order_of_files_the_twin_comes_and_all_callers_move(repo, order):
    files = repo()
    before = {name: output(files[name]) for name in ("first", "second")}
    results = rewritten([files[name] for name in order])
    assert [result.path for result in results] == [files[name] for name in order]
    assert files["store"].read_text() == WITH_TWIN
    assert "stream_rows(filter_func=lambda r: r['n'] > 1)" in files["first"].read_text()
    assert "store.stream_rows(path='rows.json')" in files["second"].read_text()
    assert {name: output(files[name]) for name in before} == before
    again = list(rewrite([files[name] for name in order], root=files["store"].parent))
    assert all(isinstance(result, Unchanged) for result in again)


def test_a_caller_in_the_loaders_own_file_moves_too(repo):
    files = repo(store=LOADER + "\n\nprint(max(r['n'] for r in load_rows()))\n")
    before = output(files["store"])
    [result] = rewritten([files["store"]])
    assert [(s.plan.code, s.span.start.line) for s in result.applied] == [
        ("LS108", 4),
        ("LS101", 11),
    ]
    assert files["store"].read_text() == WITH_TWIN + (
        "\n\nprint(max(r['n'] for r in stream_rows()))\n"
    )
    assert output(files["store"]) == before
    assert isinstance(next(rewrite([files["store"]], root=files["store"].parent)), Unchanged)


def test_without_the_loaders_file_the_callers_stay_and_say_where_a_twin_could_be(repo):
    files = repo()
    [result] = rewrite([files["first"]], root=files["first"].parent)
    assert isinstance(result, Unchanged)
    [site] = result.kept
    assert [refusal.reason for refusal in site.refusals] == [Reason.NO_STREAM]
    assert site.refusals[0].fact == (
        "store.py has no stream_rows, which LS108 can add, for the load_rows()"
    )


def test_without_the_callers_files_the_twin_comes_for_them(repo):
    files = repo()
    [result] = rewritten([files["store"]])
    assert files["store"].read_text() == WITH_TWIN
    callers = result.applied[0].plan.shape.callers
    assert sorted((caller.path.name, caller.line) for caller in callers) == [
        ("first.py", 3),
        ("second.py", 3),
    ]


def test_ls108_alone_adds_twins_and_a_later_run_moves_the_callers(repo):
    files = repo()
    rewritten(list(files.values()), codes={"LS108"})
    assert files["store"].read_text() == WITH_TWIN
    assert files["first"].read_text() == FIRST
    assert not any(
        isinstance(result, Changed)
        for result in rewrite([files["store"]], root=files["store"].parent)
    )
    rewritten(list(files.values()))
    assert "stream_rows" in files["first"].read_text()


def test_without_ls108_nothing_moves(repo):
    files = repo()
    results = list(
        rewrite(list(files.values()), root=files["store"].parent, codes={"LS101", "LS104"})
    )
    assert all(isinstance(result, Unchanged) for result in results)
    loader = next(site for site in results[0].kept if site.plan is not None)
    assert loader.plan.code == "LS108"


def test_a_twin_for_unsafe_callers_only_waits_for_consent(repo):
    caller = (
        "from store import load_rows\ntry:\n    for r in load_rows():\n        print(r)\n"
        "except ValueError:\n    print('broken')\n"
    )
    files = repo(store=LOADER, first=caller)
    paths = list(files.values())
    assert all(isinstance(r, Unchanged) for r in rewrite(paths, root=files["store"].parent))
    rewritten(paths, unsafe=True)
    assert files["store"].read_text() == WITH_TWIN
    assert "stream_rows()" in files["first"].read_text()


@pytest.mark.parametrize(
    "use",
    [
        "print(load_rows()[0])",
        "rows = load_rows()\nprint(len(rows), rows)",
        "for key in load_rows()['deeper']:\n    print(key)",
        "f = load_rows",
        "print(load_rows)",
    ],
)
def test_a_loader_whose_callers_need_the_list_gets_no_twin(repo, use):
    files = repo(store=LOADER, first=f"from store import load_rows\n{use}\n")
    results = rewrite(list(files.values()), root=files["store"].parent)
    assert all(isinstance(result, Unchanged) for result in results)


def test_a_test_that_replaces_the_loader_keeps_it_all(repo):
    files = repo(
        store=LOADER,
        first=FIRST,
        test_first="def test(monkeypatch):\n    monkeypatch.setattr('first.load_rows', list)\n",
    )
    results = rewrite([files["store"], files["first"]], root=files["store"].parent)
    assert all(isinstance(result, Unchanged) for result in results)


def test_a_comment_on_the_loader_keeps_it_without_a_twin(repo):
    files = repo(
        store=LOADER.replace("def load_rows", "# loadstream: keep[LS108] small\ndef load_rows"),
        first=FIRST,
    )
    results = list(rewrite(list(files.values()), root=files["store"].parent))
    assert all(isinstance(result, Unchanged) for result in results)
    assert Reason.SUPPRESSED in {r.reason for s in results[0].kept for r in s.refusals}
    assert "LS901" not in {s.plan.code for s in results[0].kept if s.plan}


def test_a_comment_on_a_loader_that_can_have_no_twin_keeps_nothing(repo):
    text = LOADER.replace("def load_rows", "# loadstream: keep\ndef load_rows")
    files = repo(store=text.replace("    return", "    print(data)\n    return"), first=FIRST)
    results = list(rewrite(list(files.values()), root=files["store"].parent))
    assert "LS901" in {s.plan.code for s in results[0].kept if s.plan}


def test_a_loader_that_is_called_in_a_package_by_its_reexport_is_kept(repo, tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").write_text("from pack.store import load_rows\n")
    (tmp_path / "pack" / "store.py").write_text(LOADER)
    files = repo(first=FIRST.replace("from store", "from pack"))
    paths = [*files.values(), tmp_path / "pack" / "store.py"]
    results = rewrite(paths, root=tmp_path)
    assert all(isinstance(result, Unchanged) for result in results)


@pytest.fixture
def chain(repo):
    """`first` calls a loader of `middle`, which calls one of `store`; all of them could stream."""
    middle = LOADER.replace("load_rows", "load_cells").replace('["rows"]', "")
    return repo(
        first="import middle\n\nprint(sum(1 for c in middle.load_cells()))\n",
        middle=middle + "\n\ndef count():\n    import store\n\n"
        "    return max(r['n'] for r in store.load_rows())\n",
        store=LOADER,
    )


def test_a_file_can_have_a_twin_and_call_another(chain):
    results = rewritten(list(chain.values()))
    assert [result.requires for result in results] == [
        {chain["middle"]},
        {chain["store"]},
        frozenset(),
    ]
    assert "middle.stream_cells()" in chain["first"].read_text()
    assert "store.stream_rows()" in chain["middle"].read_text()


@pytest.mark.skipif(os.name == "nt", reason="permissions")
def test_what_is_not_written_stops_those_who_call_it_however_far(chain):
    root = chain["store"].parent
    results = list(rewrite(list(chain.values()), root=root))
    chain["store"].chmod(0o444)
    outcomes = write(results, root=root)
    assert all(isinstance(outcome, NotWritten) for outcome in outcomes)
    assert "middle.py" in outcomes[0].cause


def test_a_file_that_cannot_get_its_twin_keeps_its_callers(repo, monkeypatch):
    from loadstream_codemods import stream_twin
    from loadstream_codemods.errors import CannotApplyError

    def fails(text, plans, width):
        raise CannotApplyError("no room", plans[0])

    monkeypatch.setattr(stream_twin, "add_twins", fails)
    files = repo()
    results = list(rewrite(list(files.values()), root=files["store"].parent))
    assert all(isinstance(result, Unchanged) for result in results)
    assert Reason.NOT_EDITABLE in {r.reason for s in results[0].kept for r in s.refusals}


def test_a_file_whose_other_edits_fail_takes_its_twins_back(repo, monkeypatch):
    from loadstream_codemods import apply as applying

    real = applying.apply

    def breaks_the_loaders_file(text, plans, width):
        return "x = (\n" if "def load_rows" in text else real(text, plans, width)

    monkeypatch.setattr(applying, "apply", breaks_the_loaders_file)
    files = repo(store=LOADER + "\n\nprint(sum(r['n'] for r in load_rows()))\n", first=FIRST)
    results = list(rewrite(list(files.values()), root=files["store"].parent))
    assert all(isinstance(result, Unchanged) for result in results)


@pytest.mark.skipif(os.name == "nt", reason="permissions")
@pytest.mark.parametrize("order", [("store", "first"), ("first", "store")])
def test_callers_of_a_twin_that_could_not_be_written_are_not_written(repo, order):
    files = repo(store=LOADER, first=FIRST)
    root = files["store"].parent
    results = list(rewrite([files[name] for name in order], root=root))
    files["store"].chmod(0o444)
    outcomes = {one.path.stem: one for one in write(results, root=root)}
    assert all(isinstance(one, NotWritten) for one in outcomes.values())
    assert "store.py" in outcomes["first"].cause
    assert files["first"].read_text() == FIRST


def test_a_caller_that_cannot_be_written_does_not_stop_the_twin(repo):
    files = repo(store=LOADER, first=FIRST)
    root = files["store"].parent
    results = list(rewrite(list(files.values()), root=root))
    files["first"].write_text(FIRST + "# changed meanwhile\n")
    outcomes = write(results, root=root)
    assert [type(one) for one in outcomes] == [Written, NotWritten]
    assert files["store"].read_text() == WITH_TWIN


def test_the_facts_about_a_loaders_file_are_about_its_lines_as_they_were(repo):
    files = repo(
        store=LOADER
        + "\n\nrows = load_rows()\nprint(rows[0])\n\nprint(sum(r['n'] for r in load_rows()))\n"
    )
    [result] = rewrite([files["store"]], root=files["store"].parent)
    kept = next(site for site in result.kept if site.loader == "store.load_rows")
    assert kept.span.start.line == 11
    assert "at line 12" in kept.refusals[0].fact


def test_a_loaders_file_with_an_error_elsewhere_fails_as_any_other(repo):
    files = repo(store=LOADER + "x = (\n", first=FIRST)
    results = list(rewrite(list(files.values()), root=files["store"].parent))
    assert [type(result) for result in results] == [Failed, Unchanged]

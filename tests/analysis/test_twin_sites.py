"""Which files are looked at for the calls of a loader."""

from __future__ import annotations

import pytest

from loadstream.analysis import twin_sites
from loadstream.analysis.notebooks import read
from loadstream.analysis.repository import Repository

LOADER = "import json\n\n\ndef load_rows(path):\n    with open(path) as f:\n"
LOADER += "        return json.load(f)\n"
CALL = "print([r for r in load_rows('d.json') if r])\n"


@pytest.fixture
def looked_at(tmp_path, monkeypatch):
    """The sites of `own.py`, and the files that were analysed for calls."""

    def run(**files: str) -> tuple[list[list[str]], set[str]]:
        for name, text in {"own": f"{LOADER}\n\n{CALL}", **files}.items():
            (tmp_path / f"{name}.py").write_text(text)
        seen = set()
        planned = twin_sites._planned

        def noted(source, repository):
            seen.add(source.path.stem)
            return planned(source, repository)

        monkeypatch.setattr(twin_sites, "_planned", noted)
        sites = twin_sites.find_twin_sites(read(tmp_path / "own.py"), Repository(tmp_path))
        callers = [sorted({c.path.stem for c in site.plan.shape.callers}) for site in sites]
        return callers, seen

    return run


def test_files_with_a_loader_of_the_same_name_for_themselves_are_passed_over(looked_at):
    others = {f"other_{k}": f"{LOADER}\n\n{CALL}" for k in range(3)}
    assert looked_at(**others) == ([["own"]], {"own"})


@pytest.mark.parametrize(
    "text",
    [
        f"from own import load_rows\n{CALL}",
        f"from own import load_rows as rows_of\n{CALL.replace('load_rows', 'rows_of')}",
        f"import own\n{CALL.replace('load_rows', 'own.load_rows')}",
    ],
)
def test_files_that_call_the_loader_are_analysed(looked_at, text):
    assert looked_at(caller=text) == ([["caller", "own"]], {"caller", "own"})


def test_a_file_that_calls_it_through_another_is_analysed_too(looked_at):
    hub = "from own import load_rows\n"
    callers, seen = looked_at(hub=hub, caller=f"from hub import load_rows\n{CALL}")
    assert callers == [["own"]]  # the streamer would not be there
    assert seen == {"caller", "own"}

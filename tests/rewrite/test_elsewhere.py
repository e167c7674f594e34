"""Rewriting by a cluster gives what rewriting here gives, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.analysis.settings import Settings
from loadstream.demo.sample import sample_repository
from loadstream.rewrite.driver import rewrite
from loadstream.rewrite.results import Changed, Failed
from tests.machine.by_value import ByValue

TWIN = "import json\n\n\ndef load_x():\n    with open('x') as f:\n        return json.load(f)\n"


@pytest.fixture
def sample(tmp_path, monkeypatch):
    for path in sample_repository().rglob("*.py"):
        copy = tmp_path / path.relative_to(sample_repository())
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files() -> list[Path]:
    return sorted(path.relative_to(Path.cwd()) for path in Path.cwd().rglob("*.*"))


def both(root: Path, **options: object) -> tuple[list[object], list[object], ByValue]:
    cluster = ByValue()
    here = list(rewrite(files(), root=root, **options))
    there = list(rewrite(files(), root=root, cluster=cluster, **options))
    return here, there, cluster


@pytest.mark.parametrize("options", [{}, {"unsafe": True}, {"codes": ("LS101",)}])
def test_the_results_are_the_same_for_the_sample_repository(sample, options):
    here, there, cluster = both(sample, **options)
    assert here == there
    assert any(isinstance(one, Changed) for one in here)
    assert cluster.sent > 1


def test_codes_by_file_and_named_files_are_heeded(sample):
    def codes(path):
        return ("LS104",) if "model" in path.name else ()

    (sample / "broken.py").write_text("def (:\n")
    here, there, _ = both(sample, codes=codes, named=[Path("broken.py")])
    assert here == there
    assert [one.path.name for one in here if isinstance(one, Changed)] == ["model_seconds.py"]
    assert any(isinstance(one, Failed) for one in here)


def test_twins_and_the_callers_that_need_them_are_the_same(sample):
    (sample / "shop.py").write_text(TWIN)
    (sample / "use.py").write_text("from shop import load_x\nfor x in load_x():\n    print(x)\n")
    here, there, _ = both(sample, deprecate=True)
    assert here == there
    used = next(one for one in there if one.path == Path("use.py"))
    assert isinstance(used, Changed)
    assert used.requires == {Path("shop.py")}


def test_notebooks_and_other_encodings_come_back_as_they_were(sample):
    text = "import json\nfor x in json.load(open('a.json')):\n    print(x, 'é')\n"
    (sample / "latin.py").write_bytes(b"# coding: latin-1\r\n" + text.encode("latin-1"))
    cell = '{"cells": [{"cell_type": "code", "source": %s, "metadata": {}, "outputs": []}]}'
    (sample / "n.ipynb").write_text(cell % repr(text).replace("'", '"').replace('"a', "'a"))
    here, there, _ = both(sample)
    assert here == there
    assert isinstance(next(one for one in there if one.path.name == "latin.py"), Changed)


@pytest.mark.parametrize("why", ["a link out of the tree", "data is measured"])
def test_what_cannot_travel_is_done_here(sample, tmp_path_factory, why):
    settings = Settings(min_size=5) if why == "data is measured" else None
    if settings is None:
        outside = tmp_path_factory.mktemp("outside") / "other.py"
        outside.write_text("X = 1\n")
        (sample / "link.py").symlink_to(outside)
    here, there, cluster = both(sample, settings=settings)
    assert here == there
    assert not cluster.sent


def test_a_file_beside_the_tree_is_done_here(sample, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "other.py"
    outside.write_text("import json\nfor x in json.load(open('a.json')):\n    print(x)\n")
    cluster = ByValue()
    named = [*files(), outside]
    here = list(rewrite(named, root=sample))
    assert here == list(rewrite(named, root=sample, cluster=cluster))
    assert isinstance(here[-1], Changed)
    assert cluster.sent

"""A tiny repository with one pair, in which programs are analysed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from loadstream.analysis import hazards
from loadstream.analysis.calls import find_loads
from loadstream.analysis.modules import Module
from loadstream.analysis.plans import Plan
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site, find_sites
from loadstream.analysis.source import parse
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream.analysis.uses import Use, find_use

DATA = """\
import json

from loadstream import stream_json


def load_x(path="data.json"):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def stream_x(filter_func=None, path="data.json"):
    return stream_json(path, filter_func=filter_func)
"""


@pytest.fixture
def analyse(tmp_path: Path) -> Callable[..., tuple[Site, ...]]:
    """Analyse a program that stands beside `data.py` with the pair load_x / stream_x."""

    def run(text: str, data: str = DATA, prelude: str = "from data import load_x\n"):
        (tmp_path / "data.py").write_text(data)
        script = tmp_path / "script.py"
        script.write_text(prelude + text)
        source, repository = parse(prelude + text, script), Repository(tmp_path)
        return (*find_sites(source, repository), *find_twin_sites(source, repository))

    return run


@pytest.fixture
def refusals(tmp_path: Path) -> Callable[..., set[str]]:
    """The slugs of all that refuses `pattern`, or any rewrite, for the loads of a program."""

    def run(pattern, text: str) -> set[str]:
        (tmp_path / "data.py").write_text(DATA)
        text = "import json\nfrom data import load_x, stream_x\n" + text
        module = Module(parse(text, tmp_path / "script.py"))
        repository = Repository(tmp_path)
        found = []
        for load in find_loads(module, repository):
            use = find_use(load, module, repository)
            if isinstance(use, Use):
                for one in use.each:
                    outcome = pattern.plan(one)
                    refused = () if isinstance(outcome, Plan | None) else outcome
                    found += [*hazards.of_use(one), *refused]
            else:
                found += use
        return {refusal.reason.value for refusal in found}

    return run


@pytest.fixture
def verdict(analyse: Callable[..., tuple[Site, ...]]) -> Callable[[str], str]:
    """What becomes of a program's loads, in words: `LS104`, `LS104 unsafe: progress`, or slugs."""

    def words(site: Site) -> str:
        slugs = ", ".join(dict.fromkeys(r.reason.value for r in site.refusals))
        if site.plan is None:
            return slugs
        return site.plan.code + (f" {site.plan.safety.value}: {slugs}" if slugs else "")

    def run(text: str) -> str:
        prelude = "import json\nimport sys\nfrom pathlib import Path\nfrom data import load_x\n"
        return "; ".join(words(site) for site in analyse(text, prelude=prelude))

    return run

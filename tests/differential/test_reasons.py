"""Every reason that keeps a load: what is refused, with the place; its near twin, which is not.

Both are run: the twin's rewrite must do what the twin does, and a rewrite that overlooks the
hazard must not.
"""

from __future__ import annotations

import json

import pytest

from loadstream.analysis import hazards
from loadstream.analysis.calls import find_loads
from loadstream.analysis.modules import Module
from loadstream.analysis.patterns import PATTERNS
from loadstream.analysis.plans import Plan, Safety
from loadstream.analysis.reasons import Reason, Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse
from loadstream.analysis.uses import Use, find_use
from loadstream.lint.messages import finding_of_site
from tests.differential.harness import Workshop, difference
from tests.differential.hazards import (
    HAZARDS,
    OF_EDITS,
    OF_NOTEBOOKS,
    OF_RUNS,
    Hazard,
    Pointless,
    Verdict,
    Written,
)
from tests.differential.model import Document, Health, Program

MARK = "  #!"
ROWS = [
    {"a": 1, "b": True, "c": [1, 2]},
    {"a": 0, "b": False, "c": []},
    {"a": 3, "b": 1, "c": [1, 2]},
    {"a": 2, "b": "", "c": [4]},
]
DOCUMENTS = (
    Document(json.dumps(ROWS).encode()),
    Document(b"[]"),
    Document(json.dumps({"items": ROWS, "n": 3, "more": [1, 2]}).encode()),
    Document(b'{"items": {"one": {"b": 1, "a": 2}}, "n": 1, "b": 2, "a": 1}'),
    Document(b'{"items": [], "n": null, "more": []}'),
    Document(b"[1, 0]"),
    Document(b"3"),
    Document(b"[nope", Health.BROKEN_AT_ONCE),
    Document(json.dumps(ROWS).encode() + b" x", Health.BROKEN_LATER),
)
# How a pair's load is written in place, in a program that calls it without arguments.
_PLAIN = "json.load(open('rows.json'))"


def _plain(program: str) -> str:
    text = program.replace("from data import load_x", "import json")
    return text.replace("load_x()", _PLAIN)


def _swapped(program: str) -> str:
    text = program.replace("import load_x", "import load_x, stream_x")
    text = text.replace("import json", "import json\nfrom loadstream import stream_json")
    return text.replace("load_x(", "stream_x(").replace("json.load(", "stream_json(")


def _forms() -> list[object]:
    found = []
    for hazard in HAZARDS:
        slug = hazard.reason.value
        number = sum(1 for p in found if p.id.startswith(f"{slug}-"))
        found.append(pytest.param(hazard, str, id=f"{slug}-{number}"))
        if (
            "load_x()" in hazard.kept
            and not hazard.files
            and hazard.reason is not Reason.UNRESOLVED
        ):
            found.append(pytest.param(hazard, _plain, id=f"{slug}-{number}-plain"))
    return found


FORMS = pytest.mark.parametrize(("hazard", "form"), _forms())


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)


def furnish(workshop: Workshop, hazard: Hazard) -> Workshop:
    for name, text in hazard.files.items():
        (workshop.folder / name).write_text(text)
    workshop.repository = Repository(workshop.folder, hazard.settings)
    return workshop


def refusals_of(text: str, workshop: Workshop) -> list[Refusal]:
    """All refusals of all loads: of sites, and of the patterns that others stand in for."""
    source = parse(text, workshop.folder / "script.py")
    found = [r for site in find_sites(source, workshop.repository) for r in site.refusals]
    module = Module(source)
    for load in find_loads(module, workshop.repository):
        use = find_use(load, module, workshop.repository)
        found += load.refusals
        if not isinstance(use, Use):
            found += use
            continue
        found += [*hazards.of_use(use), *hazards.of_every_way(use)]
        for pattern in PATTERNS if load.stream is not None else ():
            outcome = pattern.plan(use)
            found += () if isinstance(outcome, Plan | None) else outcome
    return found


def test_no_reason_is_missing_here():
    assert {hazard.reason for hazard in HAZARDS} == set(Reason) - OF_EDITS - OF_NOTEBOOKS - OF_RUNS


@FORMS
def test_a_hazard_is_refused_with_its_place(hazard, form, workshop):
    marked = form(hazard.kept).splitlines()
    [line] = [number for number, text in enumerate(marked, 1) if text.endswith(MARK)]
    text = "\n".join(text.removesuffix(MARK) for text in marked) + "\n"
    furnish(workshop, hazard)
    sites = find_sites(parse(text, workshop.folder / "script.py"), workshop.repository)
    found = [r for r in refusals_of(text, workshop) if r.reason is hazard.reason]
    assert found, [r.reason.value for r in refusals_of(text, workshop)]
    assert any(f"line {line}" in refusal.words for refusal in found), [r.words for r in found]
    assert all("line " in r.words for site in sites for r in site.refusals)
    concerned = [s for s in sites if hazard.reason in {r.reason for r in s.refusals}]
    if hazard.verdict is Verdict.KEPT:
        assert [site.plan for site in concerned] == [None] * len(concerned) != []
        assert f"line {line}" in finding_of_site("script.py", concerned[0]).message
    elif hazard.verdict is Verdict.UNSAFE:
        assert [site.plan.safety for site in concerned if site.plan] == [Safety.UNSAFE]
    else:
        assert concerned == []
        assert [site.plan.safety for site in sites if site.plan] == [Safety.SAFE]
    divergence = workshop.divergence(Program(text, DOCUMENTS))
    assert divergence is None, str(divergence)


@FORMS
def test_its_near_twin_is_rewritten_safely_and_does_the_same(hazard, form, workshop):
    text = form(hazard.twin)
    furnish(workshop, hazard)
    rewritten = workshop.rewrite(text)
    kept = [r.words for site in rewritten.sites if site.plan is None for r in site.refusals]
    assert rewritten.safe == rewritten.every != text, kept
    divergence = workshop.divergence(Program(text, DOCUMENTS))
    assert divergence is None, str(divergence)


@FORMS
def test_a_rewrite_that_overlooks_it_does_something_else(hazard, form, workshop):
    if isinstance(hazard.careless, Pointless):
        pytest.skip(hazard.careless.why)
    text = form(hazard.kept).replace(MARK, "")
    new = hazard.careless.text if isinstance(hazard.careless, Written) else _swapped(text)
    furnish(workshop, hazard)
    kinds = [
        difference(workshop.run(text, document), workshop.run(new, document), document)
        for document in DOCUMENTS
    ]
    assert any(kinds)

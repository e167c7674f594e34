"""Notebooks: old and new cells, run in order, do the same, and leave the same in every name."""

from __future__ import annotations

import random

import pytest

from tests.differential import documents, programs
from tests.differential.notebooks import AnyOrderWorkshop, NamesWorkshop, NotebookWorkshop, cut

SHARDS = 2
FAMILIES = pytest.mark.parametrize("family", [programs, documents], ids=["pairs", "documents"])


def _agree(workshop, family, seeds):
    for seed in seeds:
        chance = random.Random(seed)
        divergence = workshop.divergence(cut(family.generate(chance), chance))
        assert divergence is None, f"seed {seed}: {divergence}"


@FAMILIES
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_cells_of_old_and_new_notebooks_do_the_same(family, shard, tmp_path):
    workshop = NotebookWorkshop(tmp_path)
    _agree(workshop, family, range(shard, 80, SHARDS))
    assert workshop.tally.rewritten > 0.15 * workshop.tally.programs


@FAMILIES
@pytest.mark.parametrize("shard", range(SHARDS))
def test_safe_rewrites_leave_the_same_in_every_name(family, shard, tmp_path):
    workshop = NamesWorkshop(tmp_path)
    _agree(workshop, family, range(1000 + shard, 1080, SHARDS))
    assert workshop.tally.safe > 0.05 * workshop.tally.programs


@FAMILIES
@pytest.mark.parametrize("shard", range(SHARDS))
def test_safe_rewrites_do_the_same_in_any_order_of_cells(family, shard, tmp_path):
    workshop = AnyOrderWorkshop(tmp_path)
    _agree(workshop, family, range(2000 + shard, 2080, SHARDS))
    assert workshop.tally.safe > 0.05 * workshop.tally.programs

"""Generated programs: old and new must print the same, write the same and end the same way."""

from __future__ import annotations

import random

import pytest

from tests.differential import documents, filters, loaders, programs
from tests.differential.harness import Workshop

SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_old_and_new_programs_around_a_pair_agree(shard, tmp_path):
    workshop = Workshop(tmp_path)
    for seed in range(shard, 160, SHARDS):
        divergence = workshop.divergence(programs.generate(random.Random(seed)))
        assert divergence is None, f"seed {seed}: {divergence}"
    assert workshop.tally.rewritten > 0.3 * workshop.tally.programs


@pytest.mark.parametrize("shard", range(SHARDS))
def test_old_and_new_programs_around_a_plain_load_agree(shard, tmp_path):
    workshop = Workshop(tmp_path)
    for seed in range(shard, 200, SHARDS):
        divergence = workshop.divergence(documents.generate(random.Random(seed)))
        assert divergence is None, f"seed {seed}: {divergence}"
    assert workshop.tally.rewritten > 0.25 * workshop.tally.programs


@pytest.mark.parametrize("shard", range(SHARDS))
def test_old_and_new_programs_around_a_loader_of_their_own_agree(shard, tmp_path):
    workshop = Workshop(tmp_path)
    for seed in range(shard, 120, SHARDS):
        divergence = workshop.divergence(loaders.generate(random.Random(seed)))
        assert divergence is None, f"seed {seed}: {divergence}"
    assert workshop.tally.rewritten > 0.1 * workshop.tally.programs


@pytest.mark.parametrize("shard", range(SHARDS))
def test_old_and_new_programs_that_filter_several_times_agree(shard, tmp_path):
    workshop = Workshop(tmp_path)
    for seed in range(shard, 160, SHARDS):
        divergence = workshop.divergence(filters.generate(random.Random(seed)))
        assert divergence is None, f"seed {seed}: {divergence}"
    assert workshop.tally.codes["LS109"] > 0.1 * workshop.tally.programs
    assert workshop.tally.codes["LS109 unsafe"] >= 0.1 * workshop.tally.programs

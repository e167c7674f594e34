"""Generated programs: old and new must print the same and end the same way."""

from __future__ import annotations

import random

import pytest

from tests.differential.harness import Workshop
from tests.differential.programs import generate

SEEDS = 400
SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_old_and_new_programs_agree(shard, tmp_path):
    workshop = Workshop(tmp_path)
    for seed in range(shard, SEEDS, SHARDS):
        divergence = workshop.divergence(generate(random.Random(seed)))
        assert divergence is None, f"seed {seed}: {divergence}"
    assert workshop.tally.rewritten > 0.3 * workshop.tally.programs

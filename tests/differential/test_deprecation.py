"""Generated programs whose loaders are marked deprecated: old and new must do the same.

Warnings are not compared: that a call which moved warns no more is what the mark is for.
"""

from __future__ import annotations

import random

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.source import SourceFile, parse
from loadstream.rewrite.marking import with_marks
from loadstream.rewrite.twinning import find_twinned, overlaid
from tests.differential import loaders
from tests.differential.harness import Workshop

SHARDS = 2


class MarkingWorkshop(Workshop):
    """Loaders of the programs get twins, and are marked."""

    marked = 0

    def _with_twins(self, text: str) -> tuple[SourceFile, Repository]:
        path = self.folder / "script.py"
        path.write_text(text)
        repository = Repository(self.folder)
        twinned = find_twinned([path], repository, lambda _site: True)
        around = overlaid(repository, twinned)
        twinned = with_marks([path], twinned, around, lambda site: site.plan is not None)
        path.unlink()
        source = twinned[path].source if path in twinned else parse(text, path)
        self.marked += "deprecated" in source.text
        return source, overlaid(repository, twinned)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_old_and_new_programs_with_marked_loaders_agree(shard, tmp_path):
    workshop = MarkingWorkshop(tmp_path)
    for seed in range(shard, 120, SHARDS):
        divergence = workshop.divergence(loaders.generate(random.Random(seed)))
        assert divergence is None, f"seed {seed}: {divergence}"
    assert workshop.marked > 0.1 * workshop.tally.programs
    assert workshop.tally.rewritten > 0.1 * workshop.tally.programs


def test_as_many_programs_are_rewritten_with_marks_as_without(tmp_path):
    tallies = []
    for name, kind in (("plain", Workshop), ("marking", MarkingWorkshop)):
        workshop = kind(tmp_path / name)
        for seed in range(120):
            program = loaders.generate(random.Random(seed))
            workshop.count(program, workshop.rewrite(program.text))
        tallies.append(workshop.tally)
    plain, marking = tallies
    assert marking.codes == plain.codes

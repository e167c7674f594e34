"""Generated programs around a load by a method: old and new must do the same."""

from __future__ import annotations

import random

import pytest

from loadstream.analysis.repository import Repository
from tests.differential import methods
from tests.differential.harness import Rewritten, Workshop
from tests.differential.model import Document, Outcome

SHARDS = 2


class MethodWorkshop(Workshop):
    """A folder with classes in place of the pair; a program's changes to them end with it."""

    def rewrite(self, text: str) -> Rewritten:
        (self.folder / "data.py").write_text(methods.CLASSES)
        (self.folder / "script.py").write_text(text)  # as other files would find it
        self.repository = Repository(self.folder)
        return super().rewrite(text)

    def run(self, text: str, document: Document) -> Outcome:
        self._modules.pop("data", None)
        return super().run(text, document)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_old_and_new_programs_around_a_method_agree(shard, tmp_path):
    workshop = MethodWorkshop(tmp_path)
    for seed in range(shard, 100, SHARDS):
        divergence = workshop.divergence(methods.generate(random.Random(seed)))
        assert divergence is None, f"seed {seed}: {divergence}"
    assert workshop.tally.rewritten > 0.2 * workshop.tally.programs

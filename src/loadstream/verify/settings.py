"""How checks are run and measured: what a caller may say of every verification."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from loadstream.machine.description import free_memory
from loadstream.verify.demands import default_jobs, find_interpreter
from loadstream.verify.model import VerifyError

if TYPE_CHECKING:
    from loadstream.machine.clusters import Cluster

Progress = Callable[[str], None]


def _silent(_line: str) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for all checks of one verification; 0 and the empty text leave it to verify.

    `timeout` is for one run of one side, in seconds; `memory` what one run may take with all that
    it starts, in bytes (0: its share of what is free); `jobs` how many cases run side by side (0:
    as the cores and the memory allow); `interpreter` runs both sides (empty: this one).
    `max_cases` bounds the inputs of one check, the real data included; `mutants` is how many small
    faults are put into the new code of each equal check, to see which of them its inputs show.

    `pairs` is the number of measured pairs (0: nothing is measured), `traced` adds the tracemalloc
    pass. `scales` are multiples of the real data at which both sides are measured as well (none:
    no growth is measured); a size that is expected to need more than `memory_ceiling` bytes is
    skipped (0: half of the memory that is free).

    `progress` is called with one line before each check. With a `cluster` its workers run the
    checks, each by its own Python.
    """

    timeout: float = 60.0
    memory: int = 0
    jobs: int = 0
    interpreter: str = ""
    max_cases: int = 20
    mutants: int = 0
    pairs: int = 3
    traced: bool = True
    scales: Sequence[int] = ()
    memory_ceiling: int = 0
    progress: Progress = _silent
    cluster: Cluster | None = None

    def settled(self) -> Settings:
        """The same with what was left to verify filled in. Raises `VerifyError`: no interpreter."""
        if self.cluster is not None and self.interpreter:
            raise VerifyError("on a cluster the workers' own Python runs both sides: no --python")
        jobs = max(1, self.jobs or default_jobs())
        return replace(
            self,
            jobs=jobs,
            interpreter=find_interpreter(self.interpreter),
            memory=self.memory or _share_of_memory(jobs),
            max_cases=max(1, self.max_cases),
        )


def _share_of_memory(jobs: int) -> int:
    """Bytes of memory for one run: what is free, shared among those that run side by side."""
    return max(256 << 20, int(free_memory() * 0.8) // jobs)

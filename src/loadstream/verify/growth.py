"""How memory and time grow: both sides on the real data several times over, and a line through it.

Sizes rise. Before a side is run on one, what it will need is told from the sizes before: where
that is over the ceiling or the timeout, the side is left out there, and it is said. What runs is
held to both limits all the same.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from loadstream.charts.units import seconds_text
from loadstream.machine.ceiling import no_room, too_much_memory
from loadstream.machine.line import fit_line
from loadstream.verify.judgement import judge
from loadstream.verify.lab import Trial
from loadstream.verify.measure import SIDES, Taken, ending, rotated, sample_of
from loadstream.verify.model import Difference, Growth, GrowthFit, GrowthPoint, GrowthSide, Sample
from loadstream.verify.observed import Observed
from loadstream.verify.runner import Run, Runner
from loadstream.verify.scaled import Layout, read_layout, step_beyond, write_scaled
from loadstream.verify.sides import Pair
from loadstream.verify.slots import Slot
from loadstream.verify.trees import remove_tree
from loadstream.verify.watch import Limits

_TURNS = 2
_LARGE = 200 << 20  # data of this size and more is read once by each side
_SMALL_SHARE = 0.05  # of the largest data file: what is smaller is settings, not records


@dataclass(frozen=True, slots=True)
class Grown:
    """The figures, and where old and new parted on larger data (empty: nowhere)."""

    growth: Growth
    parted: str = ""


@dataclass(slots=True)
class Grower:
    """Measures one check at several sizes.

    `slot` is free meanwhile; what is made lies below its folder and is gone afterwards. `limits`
    are for one run, its memory the ceiling. `taken` are the samples on the real data.
    """

    runner: Runner
    slot: Slot
    pair: Pair
    runs: Mapping[str, Run]
    taken: Taken
    limits: Limits
    progress: Callable[[str], None]
    _notes: list[str] = field(default_factory=list)
    _place: Slot | None = None

    def grow(self, data: Sequence[str], scales: Sequence[int]) -> Grown | None:
        """Both sides at `scales` times the files `data`; None where none of them can be repeated.

        The real data is the first size in any case.
        """
        layouts = self._layouts(data)
        if not layouts:
            return None
        first = _size_of(layouts, 1)
        points = {
            side: [replace(first, samples=_without_timeline(getattr(self.taken, side).samples))]
            for side in SIDES
        }
        parted = ""
        try:
            for scale in sorted({*scales} - {1}):
                parted = parted or self._at(_size_of(layouts, scale), layouts, points)
        finally:
            remove_tree(self._folder)
        old, new = (GrowthSide(tuple(points[side]), fit(points[side])) for side in SIDES)
        growth = Growth(old, new, tuple(layouts), self.limits.memory, tuple(self._notes))
        return Grown(growth, parted)

    @property
    def _folder(self) -> Path:
        return self.slot.folder / "growth"

    def _layouts(self, data: Sequence[str]) -> dict[str, Layout]:
        """The files to repeat, by path; a note for each that is left as it is."""
        found: dict[str, Layout] = {}
        for path in data:
            layout = None
            try:
                layout = read_layout(self.slot.masters["old"] / path)
            except (ValueError, OSError, EOFError) as error:
                self._notes.append(f"{path} is not scaled: {error}")
                continue
            if layout is None:
                self._notes.append(f"{path} is not scaled: it holds no records")
            else:
                found[path] = layout
        largest = max((layout.size for layout in found.values()), default=0)
        for path in [p for p, layout in found.items() if layout.size < largest * _SMALL_SHARE]:
            del found[path]
            self._notes.append(f"{path} is not scaled: it is small beside the rest")
        return found

    def _at(
        self,
        size: GrowthPoint,
        layouts: Mapping[str, Layout],
        points: Mapping[str, list[GrowthPoint]],
    ) -> str:
        """Add the points of one size; in words where the sides parted, or the empty string."""
        skipped = {
            side: why for side in SIDES if (why := why_skipped(points[side], size, self.limits))
        }
        if len(skipped) < len(SIDES):
            self._folder.mkdir(exist_ok=True)
            full = no_room(self._folder, size.data_bytes)
            skipped = dict.fromkeys(SIDES, full) if full else skipped
        seen: dict[str, list[Observed]] = {side: [] for side in SIDES}
        if len(skipped) < len(SIDES):
            self.progress(f"measuring {self.pair.check.name} at {size.scale}x")
            stores = self._write(layouts, size.scale)
            size = replace(size, data_bytes=sum(stores.values()))
            seen = self._run(size, stores, skipped)
        for side in SIDES:
            runs = () if side in skipped else tuple(o.measured for o in seen[side])
            taken = _without_timeline([sample_of(measured) for measured in runs if measured])
            points[side].append(replace(size, samples=taken, skipped=skipped.get(side, "")))
        return self._parted(size.scale, seen["old"], seen["new"])

    def _write(self, layouts: Mapping[str, Layout], scale: int) -> dict[Path, int]:
        """Put the larger files where the slot takes them from; their sizes."""
        step = step_beyond(max(layout.highest for layout in layouts.values()))
        stores = {
            path: self._folder / "large" / "scaled" / str(number) / Path(path).name
            for number, path in enumerate(layouts)
        }
        sizes = {}
        for path, store in stores.items():
            store.parent.mkdir(parents=True, exist_ok=True)
            sizes[store] = write_scaled(layouts[path], store, scale, step)
        if self._place is None:
            # Large files are moved into the side that runs, and out again: these among them.
            large = {side: {**self.slot.large[side], **stores} for side in SIDES}
            self._place = Slot(self._folder, self.slot.masters, large)
            self._place.fill()
        return sizes

    def _run(
        self, size: GrowthPoint, stores: Mapping[Path, int], skipped: dict[str, str]
    ) -> dict[str, list[Observed]]:
        """What both sides showed; a side that gave no figures is added to `skipped`."""
        assert self._place is not None
        seen: dict[str, list[Observed]] = {side: [] for side in SIDES}
        for turn in range(_TURNS):
            if (
                turn
                and size.data_bytes >= _LARGE
                and not self._differences(seen["old"], seen["new"])
            ):
                break  # once is enough, but to be sure of a difference
            for side in rotated(SIDES, turn):
                if side in skipped:
                    continue
                run = self.runs[side].measuring("memory")
                observed = self.runner.run(run, self._place, side, {}, self.limits)
                seen[side].append(observed)
                if observed.measured is None:
                    skipped[side] = f"it {observed.stopped or 'ended without its figures'}"
                if any(not s.exists() or s.stat().st_size != n for s, n in stores.items()):
                    skipped.update(dict.fromkeys(SIDES, f"{side} writes into its own data"))
        for side in SIDES:
            endings = {ending(observed) for observed in seen[side]} - {self.taken.endings[side]}
            if endings and side not in skipped:
                skipped[side] = f"it ended otherwise than on the real data: {min(endings)}"
        return seen

    def _differences(self, old: Sequence[Observed], new: Sequence[Observed]) -> list[Difference]:
        """The first difference of each run of new from an old that agrees with itself there."""
        if not old or not new or any(observed.stopped for observed in (*old, *new)):
            return []
        again = old[1] if len(old) > 1 else None
        compared = [judge(self.pair, Trial(old[0], again, side))[0] for side in new]
        return [found.differences[0] for found in compared if found.differences]

    def _parted(self, scale: int, old: Sequence[Observed], new: Sequence[Observed]) -> str:
        """Where new differed from old each time, in words; the empty string where it did not."""
        if len(old) < _TURNS or len(new) < _TURNS:
            return ""
        found = self._differences(old, new)
        if len(found) < len(new):
            return ""
        where = found[0]
        return f"on the real data {scale} times over, {where.place}: {where.old} → {where.new}"


def why_skipped(points: Sequence[GrowthPoint], size: GrowthPoint, limits: Limits) -> str:
    """Why a side is not run at `size`, told from its `points` so far; empty where it is run.

    With one point, memory and time are taken to grow with the data; with more, along their line,
    and never to shrink.
    """
    left_out = next((point for point in points if point.skipped), None)
    if left_out is not None:
        return f"it was not measured at {left_out.scale}x: {left_out.skipped}"
    baseline = max(s.baseline_memory_bytes for point in points for s in point.samples)
    memory = expected([(p.data_bytes, _median_growth(p)) for p in points], size.data_bytes)
    if why := too_much_memory(baseline + memory, limits.memory):
        return why
    seconds = expected([(p.data_bytes, _median_seconds(p)) for p in points], size.data_bytes)
    if seconds > limits.timeout:
        return (
            f"it is expected to take {seconds_text(seconds)}, "
            f"over the timeout of {seconds_text(limits.timeout)}"
        )
    return ""


def expected(points: Sequence[tuple[float, float]], x: float) -> float:
    """What is to be expected at `x`, beyond all `points`."""
    last_x, last = points[-1]
    line = fit_line(points)
    return last * x / last_x if line is None else max(line.at(x), last)


def fit(points: Sequence[GrowthPoint]) -> GrowthFit | None:
    """The lines through what was measured; None for fewer than two sizes."""
    measured = [point for point in points if point.samples]
    memory = fit_line([(p.records, _median_growth(p)) for p in measured])
    time = fit_line([(p.records, _median_seconds(p)) for p in measured])
    if memory is None or time is None:
        return None
    return GrowthFit(memory.each, memory.fixed, time.each, time.fixed)


def _size_of(layouts: Mapping[str, Layout], scale: int) -> GrowthPoint:
    files = layouts.values()
    return GrowthPoint(
        scale=scale,
        records=sum(layout.records for layout in files) * scale,
        data_bytes=sum(layout.path.stat().st_size for layout in files) * scale,
    )


def _median_growth(point: GrowthPoint) -> float:
    return statistics.median(sample.growth_bytes for sample in point.samples)


def _median_seconds(point: GrowthPoint) -> float:
    return statistics.median(sample.seconds for sample in point.samples)


def _without_timeline(taken: Sequence[Sample]) -> tuple[Sample, ...]:
    return tuple(replace(sample, timeline=()) for sample in taken)

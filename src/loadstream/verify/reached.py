"""Which changed code the checks have run, and what that makes of their verdicts.

A check whose changed code never ran has shown nothing about it, so it is not `equal`: where no
changed statement of a function ran, the script that it is in, or else the file by itself, is
`inconclusive`. Where each changed function ran and some of its changed lines did not, that is said
and changes no verdict.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from loadstream.verify.changed_lines import MODULE, ChangedFile, Statement, Unit
from loadstream.verify.model import CheckResult, LinesRun, SiteChange, Verdict
from loadstream.verify.report_figures import ranges

# A line that has run: the file, the code object's name, its first line, the line.
Hit = tuple[str, str, int, int]
_AGREED = (Verdict.EQUAL, Verdict.NOT_COMPARABLE)


def read_hits(folder: Path) -> frozenset[Hit] | None:
    """`lines.log` of the job folder; None where the run was not asked or could not be watched."""
    try:
        lines = (folder / "lines.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    found = set()
    for line in lines:
        with suppress(ValueError, TypeError):  # the process may have ended in the middle of one
            path, code, begins, number = json.loads(line)
            found.add((str(path), str(code), int(begins), int(number)))
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Reached:
    """What runs have reached of the changed files; `hits` are those of all runs together."""

    changed: Mapping[str, ChangedFile]
    hits: frozenset[Hit]

    def ran(self, path: str) -> dict[Unit, tuple[Statement, ...]]:
        """The changed statements of a file that have run, by their functions."""
        file = self.changed[path]
        lines: dict[str, set[int]] = {}
        for place, code, begins, line in self.hits:
            if place == path:
                lines.setdefault(file.owner(code, begins), set()).add(line)
        return {
            unit: tuple(
                statement
                for statement in unit.statements
                if any(
                    statement.first <= line <= statement.last for line in lines.get(unit.name, ())
                )
            )
            for unit in file.units
        }

    def missed(self, path: str) -> tuple[Unit, ...]:
        """The changed functions of a file of which no changed statement has run."""
        ran = self.ran(path)
        return tuple(u for u in ran if not u.added and not set(u.telling) & set(ran[u]))

    def lines(self, path: str) -> LinesRun:
        """The figures of one file, for the report."""
        ran = self.ran(path)
        return LinesRun(
            path,
            changed=_numbers(s for unit in ran for s in unit.statements),
            ran=_numbers(s for found in ran.values() for s in found),
        )

    def reaches(self, path: str, site: SiteChange) -> bool:
        """Whether one of the lines that a rewritten site of a file has become has run."""
        wanted = set(site.new_lines)
        return any(
            wanted.intersection(range(statement.first, statement.last + 1))
            for found in self.ran(path).values()
            for statement in found
        )

    def unreached(self) -> dict[str, tuple[int, ...]]:
        """The lines that are still to be watched, by file."""
        found = {}
        for path, file in self.changed.items():
            ran = self.ran(path)
            lines = {
                line
                for unit in file.units
                for statement in unit.statements
                if statement not in ran[unit]
                for line in range(statement.first, statement.last + 1)
            }
            if lines:
                found[path] = tuple(sorted(lines))
        return found


def _numbers(statements: Iterable[Statement]) -> tuple[int, ...]:
    return tuple(sorted({statement.first for statement in statements}))


@dataclass(frozen=True, slots=True)
class Batch:
    """What all checks of a verification together are to run.

    `required` are changed files that something must run even if no check covers them. `sites` are
    the rewritten places by file: each comes to the checks that ran it.
    """

    changed: Mapping[str, ChangedFile] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    sites: Mapping[str, tuple[SiteChange, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The results with what was reached in them, the files' figures, and what is to be said."""

    results: tuple[CheckResult, ...]
    lines: tuple[LinesRun, ...] = ()
    unreached_sites: tuple[SiteChange, ...] = ()
    notes: tuple[str, ...] = ()


def weigh(
    results: Sequence[CheckResult],
    hits: Sequence[frozenset[Hit]],
    batch: Batch,
) -> Outcome:
    """The results with the verdict that their changed code allows.

    `hits` has one entry for each of `results`: what its check has run.
    """
    changed, required, sites = batch.changed, batch.required, batch.sites
    together = Reached(changed, frozenset().union(*hits))
    weighed = [
        replace(
            result,
            lines=_of_check(result, Reached(changed, own)),
            sites=tuple(_sites_of(result, Reached(changed, own), sites)),
        )
        for result, own in zip(results, hits, strict=True)
    ]
    notes: list[str] = []
    touched = {hit[0] for hit in together.hits}
    covered = touched.union(required, *(result.files for result in results))
    for path in sorted(covered & changed.keys()):
        missed = together.missed(path)
        if not missed:
            notes.extend(_new_and_unused(together, path))
            continue
        why = f"{_never(missed, path)}: name a check that runs {_them(missed)}"
        own = next((i for i, result in enumerate(weighed) if result.name == path), None)
        of_file = [result for result in results if path in result.files or result.name == path]
        if own is not None and weighed[own].verdict in _AGREED:
            before = weighed[own].explanation
            weighed[own] = replace(
                weighed[own],
                verdict=Verdict.INCONCLUSIVE,
                explanation=f"{why}; what did run: {before}",
            )
        elif own is None and (not of_file or any(r.verdict in _AGREED for r in of_file)):
            weighed.append(
                CheckResult(
                    name=path,
                    verdict=Verdict.INCONCLUSIVE,
                    explanation=why,
                    files=(path,),
                    cases=(),
                    counterexample=None,
                    old=None,
                    new=None,
                    lines=(together.lines(path),),
                )
            )
    figures = tuple(together.lines(path) for path in sorted(covered & changed.keys()))
    attached = {id(site) for result in weighed for site in result.sites}
    left = tuple(s for found in sites.values() for s in found if id(s) not in attached)
    return Outcome(tuple(weighed), figures, left, tuple(notes))


def _sites_of(
    result: CheckResult, reached: Reached, sites: Mapping[str, tuple[SiteChange, ...]]
) -> Iterable[SiteChange]:
    """The rewritten places that a check ran; of those whose new lines are unknown, its files'."""
    files = dict.fromkeys((result.name.partition(":")[0], *result.files, *sites))
    for path in files:
        for site in sites.get(path, ()):
            known = path in reached.changed and site.new_lines
            if reached.reaches(path, site) if known else path in result.files:
                yield site


def _of_check(result: CheckResult, reached: Reached) -> tuple[LinesRun, ...]:
    paths = dict.fromkeys((*result.files, *sorted({hit[0] for hit in reached.hits})))
    return tuple(reached.lines(path) for path in paths if path in reached.changed)


def _new_and_unused(reached: Reached, path: str) -> Iterable[str]:
    names = [
        unit.name
        for unit, ran in reached.ran(path).items()
        if unit.added and unit.name != MODULE and not ran
    ]
    if names:
        shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        yield f"{shown} in {path} never ran: nothing old has that name to compare it with"


def _never(missed: Sequence[Unit], path: str) -> str:
    lines = ranges([line for unit in missed for s in unit.statements for line in _span(s)])
    names = [unit.name for unit in missed if unit.name != MODULE]
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    return f"{lines} of {path} never ran" + (f" ({shown})" if names else "")


def _span(statement: Statement) -> range:
    return range(statement.first, statement.last + 1)


def _them(missed: Sequence[Unit]) -> str:
    return "it" if sum(len(unit.statements) for unit in missed) == 1 else "them"

"""The demo from end to end: each step with its command line, what it printed, and a check of it.

Nothing is told that was not just run: the commands are the user's own, in their own processes,
and the table at the end is read from the report that `verify` has written.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loadstream.demo.commands import Ran, run_loadstream, run_script
from loadstream.demo.outcome import kept_table, site_table, unverified
from loadstream.demo.prepare import changed_files, commit_all, copy_sample, new_folder
from loadstream.project.errors import InputError
from loadstream.project.shown import shown

REPORT = "report"
_DIFFS_SHOWN = 3
_VERIFY = ("--cases", "6", "--runs", "1", "--no-tracemalloc", "--report", REPORT)
_BENCH = ("--scales", "1,5", "--runs", "2", "--out", REPORT)
_CHANGED = "$(git diff --name-only)"


@dataclass
class _Stage:
    """Where the story is told, and what did not come out as it should have."""

    folder: Path
    say: Callable[[str], None]
    step: int = 0
    broken: list[str] = field(default_factory=list)

    def title(self, text: str) -> None:
        self.step += 1
        head = f"── {self.step}. {text} "
        self.say(f"\n{head:─<90}\n")

    def loadstream(
        self, *arguments: str, expect: int, live: bool = False, spelt: str | None = None
    ) -> Ran:
        """Show and run one of our commands; a status other than `expect` breaks the promise.

        `spelt` is how it is shown, where one would not write all arguments by hand.
        """
        self.say(f"$ {spelt or shlex.join(('loadstream', *arguments))}")
        ran = run_loadstream(self.folder, *arguments, live=live)
        if ran.status != expect:
            self.broken.append(
                f"loadstream {arguments[0]} ended with {ran.status} instead of {expect}"
            )
        return ran

    def tell(self, ran: Ran) -> None:
        self.say("\n".join(text.rstrip() for text in (ran.output, ran.errors) if text.strip()))


def tell_story(wanted: Path | None, say: Callable[[str], None]) -> bool:
    """Do and tell the whole job in `wanted` (None: a new temporary folder).

    True if every step came out as promised. Raises InputError where it cannot begin.
    """
    stage = _Stage(new_folder(wanted), say)
    _set_up(stage)
    found = _lint(stage)
    _rewrite(stage)
    _verify(stage)
    _bench(stage)
    _conclude(stage, found, _findings(stage))
    return not stage.broken


def _set_up(stage: _Stage) -> None:
    stage.title("A repository of scripts that load everything")
    count = copy_sample(stage.folder)
    stage.say(f"{count} Python files, copied to {stage.folder}")
    stage.say("$ python generate_data.py")
    generated = run_script(stage.folder, "generate_data.py")
    if generated.status != 0:
        said = (generated.errors.strip().splitlines() or ["no reason given"])[-1]
        raise InputError(f"the sample's data could not be generated: {said}")
    stage.tell(generated)
    stage.say("$ git init && git add --all && git commit")
    commit_all(stage.folder)


def _lint(stage: _Stage) -> list[dict[str, object]]:
    """Lint, for the reader and again as JSON; the findings."""
    stage.title("What could stream")
    stage.tell(stage.loadstream("lint", "--format", "concise", expect=1))
    return _findings(stage)


def _findings(stage: _Stage) -> list[dict[str, object]]:
    """What lint finds in the tree as it is now, kept loads among it."""
    listed = run_loadstream(stage.folder, "lint", "--show-kept", "--format", "json")
    findings: list[dict[str, object]] = json.loads(listed.output)["findings"]
    return findings


def _rewrite(stage: _Stage) -> None:
    stage.title("What would change")
    diff = stage.loadstream("rewrite", "--diff", expect=1)
    stage.say(_beginning(diff.output))
    stage.title("The rewrite")
    stage.tell(stage.loadstream("rewrite", expect=0))
    before = changed_files(stage.folder)
    stage.say("\nA second run finds nothing left to do:\n")
    again = stage.loadstream("rewrite", expect=0, spelt="loadstream rewrite | tail -n 1")
    stage.say(again.output.rstrip().rpartition("\n")[2])
    if "Nothing to rewrite" not in again.output or changed_files(stage.folder) != before:
        stage.broken.append("a second rewrite found something to do")


def _beginning(diff: str) -> str:
    """The first files of a diff in full, and the count of the rest."""
    files = [f"--- a/{part}" for part in diff.split("--- a/")[1:]]
    text = "\n".join(file.rstrip() + "\n" for file in files[:_DIFFS_SHOWN])
    if len(files) > _DIFFS_SHOWN:
        rest = files[_DIFFS_SHOWN:]
        lines = sum(file.count("\n") for file in rest)
        text += f"\n… and {len(rest)} more files, {lines} lines of diff"
    return text


def _verify(stage: _Stage) -> None:
    stage.title("The same results? Old and new are run and compared")
    scripts = changed_files(stage.folder)
    spelt = f"loadstream verify {_CHANGED} {shlex.join(_VERIFY)}"
    arguments = ("verify", *scripts, *_VERIFY)
    stage.tell(stage.loadstream(*arguments, expect=0, live=True, spelt=spelt))


def _bench(stage: _Stage) -> None:
    stage.title("What it costs and saves, and how that grows")
    stage.tell(stage.loadstream("bench", *_BENCH, expect=0, live=True))


def _conclude(
    stage: _Stage, before: list[dict[str, object]], after: list[dict[str, object]]
) -> None:
    stage.title("The outcome")
    report = stage.folder / REPORT
    page, data = report / "report.html", report / "report.json"
    verified: dict[str, Any] = {"checks": []}
    if data.is_file() and page.is_file():
        verified = json.loads(data.read_text(encoding="utf-8"))
        stage.say(site_table(verified))
        stage.broken += [f"{site} is not shown equal" for site in unverified(before, verified)]
    else:
        stage.broken.append("verify wrote no report")
    if kept := kept_table(after):
        stage.say(f"\nLeft as it is, and why (loadstream explain REASON):\n\n{kept}")
    for line in stage.broken:
        stage.say(f"\nNot as promised: {line}")
    stage.say(f"\nReport:  {page}")
    stage.say(f"Look around:  cd {shlex.quote(_short(stage.folder))} && git diff")


def _short(folder: Path) -> str:
    """The folder as one would type it from here."""
    relative = shown(folder)
    return str(folder) if relative.startswith("..") else relative

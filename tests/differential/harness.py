"""Rewrite a program as `loadstream rewrite` would, run old and new in one process, and compare.

Two comparisons are made. The safe rewrites alone are run on every document. All rewrites, the
unsafe ones too, are run on documents that are whole, where even those promise the same values;
`CHANGES_BEHAVIOUR` names the few that do not.
"""

from __future__ import annotations

import gc
import gzip
import io
import os
import re
import signal
import sys
import threading
import types
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path

from loadstream.analysis.plans import FirstOf, Plan, ReportOnly, Safety, Split
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import Site, find_sites
from loadstream.analysis.source import SourceFile, parse
from loadstream.analysis.twin_sites import may_need_twins
from loadstream.rewrite.twinning import find_twinned, overlaid
from loadstream_codemods.apply import apply
from loadstream_codemods.errors import CannotApplyError
from tests.differential.model import Divergence, Document, Health, Outcome, Program

PAIR = """\
import json

from loadstream import stream_json

from paths import SOURCE


def load_x(path=SOURCE):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def stream_x(filter_func=None, path=SOURCE):
    return stream_json(path, filter_func=filter_func)
"""

# Unsafe rewrites that are documented to change what a program does on a document that is whole:
# by the plan's shape, and by the reason that makes the plan unsafe.
CHANGES_BEHAVIOUR = {
    FirstOf: "`[…][0]` no longer evaluates what comes after the first match, and ends otherwise",
    "writes-source": "the program may write the file that it reads, at a path that is not known",
    "folded-guard": "null, and what is no object, were passed over in silence",
    "maybe-list": "an object is expected at a place where a list would have been taken too",
}

# Unsafe rewrites where another exception may come first. All else is the same.
OTHER_EXCEPTION = Split

# Messages that may differ where the class is the same: a count asks what it counts for its
# elements, a loop over keys asks an object for its items, and a generator becomes a stream.
OTHER_WORDS = (
    (
        r"TypeError: object of type '(\w+)' has no len\(\)",
        r"TypeError: '\1' object is not iterable",
    ),
    (r"(AttributeError: '\w+' object has no attribute) 'keys'", r"\1 'items'"),
    (r"(TypeError: .*)'generator' (object|has no)", r"\1'Stream' \2"),
)

# Named errors that a stream raises where `json.load` could not know: the accepted difference.
NAMED_ERRORS = ("DuplicateKeyError",)

LOST = "the error is lost"  # a kind of divergence

_SECONDS = 5.0
_ADDRESS = re.compile(r"0x[0-9a-f]+|\btmp[a-z0-9_]{8}\b")  # and temporary folders
_OTHER = b'[{"a": 1, "b": false, "c": [4]}, {"a": 6, "b": true, "c": []}]'


class TooLongError(BaseException):
    """A program did not come to its end: not an Exception, so that none of its handlers sees it."""


@dataclass(slots=True)
class Tally:
    """How many programs were tried, and what became of their sites."""

    programs: int = 0
    rewritten: int = 0
    safe: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take over the counts of another worker."""
        self.programs += other.programs
        self.rewritten += other.rewritten
        self.safe += other.safe
        self.codes.update(other.codes)
        self.reasons.update(other.reasons)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A program's sites and what its text becomes: with its safe plans only, and with all.

    `text` is the program that the sites are in: it has the twins of its own loaders already.
    """

    text: str
    sites: tuple[Site, ...]
    safe: str
    every: str

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans that edit."""
        return tuple(site.plan for site in self.sites if site.plan and _changes(site.plan))


class Workshop:
    """A folder with the pair, in which programs are rewritten and run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.work = self.folder / "work"
        (self.work / "sub").mkdir(parents=True)
        self.source = self.work / "rows.json"
        (self.folder / "paths.py").write_text(f"SOURCE = {str(self.source)!r}\n")
        (self.folder / "data.py").write_text(PAIR)
        self.repository = Repository(self.folder)
        self.tally = Tally()
        self._modules = {"tqdm": _tqdm()}
        self._present: dict[str, bytes] = {}
        self._usual = {"other.json": _OTHER, "sub/rows.json": b'[{"a": 50, "b": 1, "c": []}]'}

    def rewrite(self, text: str) -> Rewritten:
        """The program with every plan applied, and with the safe ones only."""
        source, repository = self._with_twins(text)
        sites = find_sites(source, repository)
        (self.folder / "script.py").unlink(missing_ok=True)
        plans = [site.plan for site in sites if site.plan and _changes(site.plan)]
        safe = [plan for plan in plans if plan.safety is Safety.SAFE]
        new = _applied(source.text, safe)
        every = new if len(safe) == len(plans) else _applied(source.text, plans)
        return Rewritten(source.text, sites, new, every)

    def _with_twins(self, text: str) -> tuple[SourceFile, Repository]:
        """The program with the streaming twins of its own loaders, and the repository with it."""
        path = self.folder / "script.py"
        if not may_need_twins(text.encode()):
            return parse(text, path), self.repository
        path.write_text(text)
        repository = Repository(self.folder)
        twinned = find_twinned([path], repository, lambda _site: True)
        source = twinned[path].source if path in twinned else parse(text, path)
        return source, overlaid(repository, twinned)

    def count(self, program: Program, rewritten: Rewritten) -> None:
        """Add a program to the tally."""
        self.tally.programs += 1
        self.tally.rewritten += rewritten.every != program.text
        self.tally.safe += rewritten.safe != program.text
        for site in rewritten.sites:
            if site.plan is not None and _changes(site.plan):
                mark = "" if site.plan.safety is Safety.SAFE else " unsafe"
                self.tally.codes[site.plan.code + mark] += 1
            elif site.plan is None:
                self.tally.reasons.update({r.reason.value for r in site.refusals})

    def divergence(self, program: Program) -> Divergence | None:
        """None if old and new agree on every document; otherwise all that is needed to see why."""
        try:
            rewritten = self.rewrite(program.text)
        except Exception as error:
            note = f"{type(error).__name__}: {error}"
            return Divergence("the rewrite fails", program, "", None, None, None, note)
        self.count(program, rewritten)
        return self.difference(program, rewritten)

    def difference(self, program: Program, rewritten: Rewritten) -> Divergence | None:
        """What `divergence` finds, for a program that is rewritten already."""
        versions = []
        if rewritten.safe != program.text:
            versions.append((rewritten.safe, program.documents))
        if rewritten.every != rewritten.safe and not _excluded(rewritten.sites):
            whole = tuple(d for d in program.documents if d.health is Health.WHOLE)
            versions.append((rewritten.every, whole))
        known: dict[Document, Outcome] = {}
        for new, documents in versions:
            for document in documents:
                if document not in known:
                    known[document] = self.run(program.text, document)
                before, after = known[document], self.run(new, document)
                kind = difference(before, after, document)
                if kind == LOST and self._raises_anyway(program, after.raised, known):
                    continue
                if new != rewritten.safe and _is_other_exception(before, after, rewritten):
                    continue
                if kind is not None:
                    return Divergence(kind, program, new, document, before, after)
        return self._instability(program, rewritten)

    def _raises_anyway(
        self, program: Program, raised: str | None, known: dict[Document, Outcome]
    ) -> bool:
        """Whether the old program raises the same on a document that loads.

        Then code beside the load fails whatever the document is, and may do so before the load.
        """
        whole = [document for document in program.documents if document.health is Health.WHOLE]
        for document in whole:
            if document not in known:
                known[document] = self.run(program.text, document)
        return raised is not None and any(known[d].raised == raised for d in whole)

    def _instability(self, program: Program, rewritten: Rewritten) -> Divergence | None:
        for new in dict.fromkeys([rewritten.safe, rewritten.every]):
            if new == program.text:
                continue
            try:
                again = self.rewrite(new)
            except Exception as error:
                note = f"{type(error).__name__}: {error}"
                return Divergence("a second run fails", program, new, None, None, None, note)
            second = again.safe if new == rewritten.safe else again.every
            if second != new:
                kind = "a second run changes it"
                return Divergence(kind, program, new, None, None, None, f"into\n{second}\n")
        return None

    def run(self, text: str, document: Document) -> Outcome:
        """Run a program on a document."""
        self._lay_out(text, document)
        module = types.ModuleType("__main__")
        module.__dict__["__file__"] = str(self.folder / "script.py")
        printed, raised = io.StringIO(), None
        with self._surroundings(document), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("ignore")
            warnings.simplefilter("always", ResourceWarning)
            opened = _open_files()
            try:
                with redirect_stdout(printed), _time_limit():
                    exec(compile(text, "program.py", "exec"), module.__dict__)
            except (Exception, SystemExit, TooLongError) as error:
                raised = f"{type(error).__name__}: {error}"
            held = _open_files() - opened
            module.__dict__.clear()
            gc.collect(1)
        return Outcome(
            _ADDRESS.sub("0x", printed.getvalue()),
            None if raised is None else _ADDRESS.sub("0x", raised),
            self._files(),
            sum(issubclass(w.category, ResourceWarning) for w in warned),
            held,
        )

    def _lay_out(self, text: str, document: Document) -> None:
        """The working folder as each program finds it."""
        wanted = {"rows.json": document.data, **self._usual}
        if "rows.json.gz" in text:
            wanted["rows.json.gz"] = gzip.compress(document.data, 1, mtime=0)
        for name in self._present.keys() - wanted.keys():
            (self.work / name).unlink()
        for name, data in wanted.items():
            if self._present.get(name) != data:
                (self.work / name).write_bytes(data)
        self._present = wanted

    def _files(self) -> tuple[tuple[str, bytes], ...]:
        found = {}
        for folder in ("", "sub/"):
            for entry in os.scandir(self.work / folder):
                if entry.is_file():
                    found[folder + entry.name] = Path(entry.path).read_bytes()
        self._present = found
        return tuple(sorted(found.items()))

    @contextmanager
    def _surroundings(self, document: Document) -> Iterator[None]:
        """The working folder, arguments, input and importable modules of a program."""
        here, arguments, stdin = Path.cwd(), sys.argv, sys.stdin
        saved = {name: sys.modules.pop(name, None) for name in ("data", "paths", "tqdm")}
        sys.modules.update(self._modules)
        sys.path.insert(0, str(self.folder))
        sys.argv = ["program.py", "rows.json"]
        sys.stdin = io.TextIOWrapper(io.BytesIO(document.data), encoding="utf-8")
        os.chdir(self.work)
        try:
            yield
        finally:
            os.chdir(here)
            sys.argv, sys.stdin = arguments, stdin
            with suppress(ValueError):
                sys.path.remove(str(self.folder))
            for name, previous in saved.items():
                mine = sys.modules.pop(name, None)
                if mine is not None:
                    self._modules[name] = mine
                if previous is not None:
                    sys.modules[name] = previous


def difference(before: Outcome, after: Outcome, document: Document) -> str | None:
    """How two outcomes part beyond what is accepted, None if they do not."""
    if after.raised is not None and after.raised.startswith(NAMED_ERRORS):
        return None
    if document.health is not Health.WHOLE and before.raised is not None:
        return _difference_of_crashes(before, after, document)
    if document.health is Health.BROKEN_LATER and after.raised is not None:
        return None  # an element before the break was the first to be wrong
    if after.raised not in _ends_like(before.raised):
        return "another end"
    if before.printed != after.printed:
        return "another output"
    if before.files != after.files:
        return "other files"
    if before.raised is not None or before.warned:
        return None  # what the program itself left open may be closed later, or one more be left
    if after.warned:
        return "a file is never closed"
    if after.held > before.held:
        return "a file stays open"
    return None


def _ends_like(raised: str | None) -> set[str | None]:
    """What may be raised instead, in other words."""
    if raised is None:
        return {None}
    return {raised, *(re.sub(old, new, raised) for old, new in OTHER_WORDS)}


def _is_other_exception(before: Outcome, after: Outcome, rewritten: Rewritten) -> bool:
    """Whether all that parts two outcomes is which exception came first, as unsafe plans may."""
    unsafe = [plan for plan in rewritten.plans if plan.safety is Safety.UNSAFE]
    if before.raised is None or after.raised is None or before.printed != after.printed:
        return False
    return any(isinstance(plan.shape, OTHER_EXCEPTION) for plan in unsafe)


def _difference_of_crashes(before: Outcome, after: Outcome, document: Document) -> str | None:
    """On a broken document that nothing handles, a stream does its work up to the break.

    So more may be printed and written, and a consumer that stops or fails before the break never
    meets it; but where the break comes before everything else, it ends both.
    """
    assert before.raised is not None
    if document.health is Health.BROKEN_LATER:
        return None
    same = after.raised is not None and after.raised.split(":")[0] == before.raised.split(":")[0]
    return None if same else LOST


def _applied(text: str, plans: Sequence[Plan]) -> str:
    """The text with those plans carried out that can be, as the driver does it."""
    remaining = list(plans)
    while remaining:
        try:
            return apply(text, remaining)
        except CannotApplyError as fault:  # noqa: PERF203 (that is the loop's purpose)
            remaining.remove(remaining[-1] if fault.plan is None else fault.plan)
    return text


def _changes(plan: Plan) -> bool:
    return not isinstance(plan.shape, ReportOnly)


def _excluded(sites: tuple[Site, ...]) -> bool:
    """Whether one of the plans is documented to change behaviour."""
    return any(
        any(type(plan.shape) in CHANGES_BEHAVIOUR for plan in site.plan.each)
        or any(refusal.reason.value in CHANGES_BEHAVIOUR for refusal in site.refusals)
        for site in sites
        if site.plan is not None
    )


def _tqdm() -> types.ModuleType:
    """What a program sees of the progress bar: the elements."""
    module = types.ModuleType("tqdm")

    def tqdm(rows: Iterable[object], *_settings: object, **_more: object) -> Iterator[object]:
        yield from rows

    module.__dict__["tqdm"] = tqdm
    return module


def _open_files() -> int:
    """How many files this process has open; 0 where the system does not say."""
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 (a tenth of the time)
    except OSError:
        return 0


@contextmanager
def _time_limit() -> Iterator[None]:
    """TooLongError after some seconds, where signals can be had."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(_number: int, _frame: object) -> None:
        raise TooLongError("the program does not come to its end")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)

"""Files in, findings out: what is in the cache already, what is not worth parsing, and the rest.

    files → unchanged since? ─ yes → findings from the cache
              │ no
              └→ bytes → words → worth parsing? ─ no → nothing
                                   │ yes
                                   └→ judge.py, in several processes where there is enough of it

The analysis is imported only where a file is to be judged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from loadstream.lint.cache import Cache
from loadstream.lint.findings import Finding, Judged, LintResult, unreadable
from loadstream.lint.selection import Selection
from loadstream.project.files import FoundFile
from loadstream.project.shown import shown

if TYPE_CHECKING:
    from loadstream.analysis.mentions import Mentions, Read
    from loadstream.analysis.settings import Settings
    from loadstream.machine.clusters import Cluster
    from loadstream.machine.copies import Ahead

Progress = Callable[[int, int], None]

_LARGE = 4_000_000  # bytes of a tree for which a second process is worth its start


def lint_files(
    files: Sequence[FoundFile],
    root: Path,
    selection: Selection,
    settings: Settings | None = None,
    *,
    jobs: int = 1,
    cached: bool = False,
    progress: Progress | None = None,
    cluster: Cluster | None = None,
) -> LintResult:
    """The findings of `files`, in their order; imports are followed inside `root`.

    `jobs` is how many processes may share the work, a `cluster` does it instead of them; `cached`
    takes findings from `.loadstream_cache` under `root` and leaves new ones there. `progress` is
    called with how many files are judged and how many there are to judge. The findings are the same
    in any case.
    """
    cache = Cache.of(root, files, settings) if cached else None
    known = {} if cache is None else cache.findings(files)
    missing = [file for file in files if file.path not in known]
    if missing:
        judged = _judged(missing, root, settings, jobs, progress, cluster)
        known.update(judged.findings)
        if cache is not None and judged.is_repeatable:
            cache.add(judged)
    if cache is not None:
        cache.write()
    return _result(files, known, selection)


def _judged(
    files: Sequence[FoundFile],
    root: Path,
    settings: Settings | None,
    jobs: int,
    progress: Progress | None,
    cluster: Cluster | None,
) -> Judged:
    from loadstream.analysis.literals import search_with
    from loadstream.analysis.sources import Sources
    from loadstream.machine.search import fast_finder

    search_with(fast_finder)
    sources = Sources.of(root.resolve())
    if sources.hold_nothing(() if settings is None else settings.names):
        texts = {file: sources.texts.get(Path(os.path.abspath(file.path))) for file in files}  # noqa: PTH100
        if None not in texts.values():
            return _of_nothing(texts)
    from loadstream.analysis.mentions import Mentions

    mentions = Mentions(sources.texts.items(), sources.words)
    is_large = sum(map(len, sources.texts.values())) > _LARGE
    ahead = _ahead(mentions) if jobs > 1 and is_large else None
    from loadstream.analysis.repository import Repository  # which takes as long as to read ahead
    from loadstream.lint.judge import judge_files

    repository = Repository(root, settings, sources, mentions)
    return judge_files(files, repository, jobs, progress, ahead, cluster)


def _ahead(mentions: Mentions) -> Ahead[Read]:
    """What nearly every file asks of the tree, found beside what comes before the first is judged.

    That is as much time again on another core.
    """
    from loadstream.machine.copies import Ahead

    def find() -> Read:
        mentions.read_ahead()
        return mentions.read

    return Ahead(find)


def _of_nothing(texts: Mapping[FoundFile, bytes | None]) -> Judged:
    """Where no file can hold a site: what is named is parsed all the same."""
    named = [file for file in texts if file.named]
    findings: dict[Path, tuple[Finding, ...]] = {file.path: () for file in texts}
    for file in named:
        findings[file.path] = _of_parsing(file.path, texts[file] or b"")
    return Judged(findings, frozenset(file.path for file in named), is_repeatable=True)


def _of_parsing(path: Path, data: bytes) -> tuple[Finding, ...]:
    from loadstream.analysis.source import SourceError, decode, parse

    try:
        if path.suffix == ".ipynb":
            from loadstream.analysis.notebooks import read

            read(path)
        else:
            parse(decode(data), path)
    except SourceError as error:
        return (unreadable(shown(path), error.cause, error.line, error.column, error.cell),)
    return ()


def lint_text(
    data: bytes, path: Path, root: Path, selection: Selection, settings: Settings | None = None
) -> LintResult:
    """The findings of a text that was not read from a file; it counts as the one at `path`."""
    from loadstream.lint.judge import judge_text

    return LintResult(1, _selected(judge_text(data, path, root, settings), selection))


def _result(
    files: Sequence[FoundFile],
    known: Mapping[Path, tuple[Finding, ...]],
    selection: Selection,
) -> LintResult:
    every = (finding for file in files for finding in known[file.path])
    return LintResult(len(files), _selected(every, selection))


def _selected(findings: Iterable[Finding], selection: Selection) -> tuple[Finding, ...]:
    return tuple(one for one in findings if one.code in selection.of_file(one.path))

"""The edits that would mend findings, for the formats that show or carry them.

They are LibCST's, which this process never imports: a process of its own computes them. Where
LibCST is missing, or cannot do with a file, findings are without fixes.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from loadstream.lint.findings import Finding

if TYPE_CHECKING:
    from loadstream.analysis.settings import Settings

# The child imports from where this process does, never from the folder that it is started in.
_CHILD = (
    "import sys; sys.path[:] = sys.argv[1:]; "
    "from loadstream.rewrite.fixes_child import main; main()"
)


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` in place of what stands there; counted as in a Finding, within the cell `cell`."""

    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


Place: TypeAlias = tuple[str, int | None, int, int, str]
Fixes: TypeAlias = Mapping[Place, tuple[Edit, ...]]

# What the child answers for a file: its name, and edits by cell, line, column and code.
_Edit: TypeAlias = tuple[int | None, int, int, int, int, str]
_Answer: TypeAlias = tuple[str, dict[tuple[int | None, int, int, str], tuple[_Edit, ...]]]


def place_of(finding: Finding) -> Place:
    """What ties a finding to its fix."""
    return finding.path, finding.cell, finding.line, finding.column, finding.code


def can_fix() -> bool:
    """Tell whether LibCST is installed, without importing it."""
    import importlib.util

    return importlib.util.find_spec("libcst") is not None


def find_fixes(
    findings: Sequence[Finding], root: Path, settings: Settings | None, given: Mapping[str, bytes]
) -> Fixes:
    """The edits of those of `findings` that have a fix; `given` are files that are not on disk."""
    names = list(dict.fromkeys(finding.path for finding in findings if finding.fix is not None))
    files = [(name, str(Path(name).absolute()), given.get(name)) for name in names]
    if not files or not can_fix():
        return {}
    found: dict[Place, tuple[Edit, ...]] = {}
    while files:
        answered = 0
        for name, fixes in _answers((str(root), settings, tuple(files))):
            answered += 1
            for (cell, line, column, code), edits in fixes.items():
                found[name, cell, line, column, code] = tuple(Edit(*edit) for edit in edits)
        files = files[answered + 1 :]  # the child died on the one that it did not answer
    return found


def with_edits(lines: Sequence[str], edits: Sequence[Edit]) -> str:
    """The text of `lines` with `edits`, which do not overlap, made in it."""
    starts = list(itertools.accumulate((len(line) + 1 for line in lines), initial=0))
    text, pieces, behind = "\n".join(lines), [], 0
    for edit in edits:
        start = starts[edit.line - 1] + edit.column - 1
        pieces += [text[behind:start], edit.text.replace("\r\n", "\n").replace("\r", "\n")]
        behind = starts[edit.end_line - 1] + edit.end_column - 1
    return "".join([*pieces, text[behind:]])


def _answers(request: object) -> Iterator[_Answer]:
    import io
    import pickle
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", _CHILD, *sys.path],
        input=pickle.dumps(request),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    stream = io.BytesIO(done.stdout)
    with contextlib.suppress(EOFError, pickle.UnpicklingError):  # the last one may be half
        while True:
            yield pickle.load(stream)

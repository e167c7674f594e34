"""The fenced blocks of a page, in their order, with what a test has to know about each.

- ```` ```python title="analyze.py" ```` is a file of that name, whatever the language.
- `<!-- setup … -->` holds blocks that are needed to run the page and that nobody wants to read.
- `<!-- not run: why -->` right above a block: the one way to have a block that nothing runs.
- `<!-- tested by: test_notebooks.py -->` on a page: another test runs all of its blocks.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(
    r"(?:<!-- not run: (?P<why>[^>]+) -->\n)?"
    r"^(?P<indent> *)(?P<ticks>```+)(?P<language>[\w-]*)(?P<options>[^\n`]*)\n"
    r"(?P<text>.*?)^(?P=indent)(?P=ticks)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_OPTION = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `title` is a file's name, `why` the reason for which nothing runs it."""

    page: str
    line: int
    language: str
    text: str
    title: str | None = None
    why: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str, text: str) -> list[Block]:
    found = []
    for match in _FENCE.finditer(text):
        options = dict(_OPTION.findall(match["options"]))
        found.append(
            Block(
                page,
                text.count("\n", 0, match.start("ticks")) + 1,
                match["language"],
                textwrap.dedent(match["text"]),
                options.get("title"),
                match["why"],
            )
        )
    return found


def runner_of(text: str) -> str | None:
    """The test that runs all blocks of the page instead."""
    found = re.search(r"<!-- tested by: ([\w.]+) -->", text)
    return found and found[1]

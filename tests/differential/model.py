"""What flows between the parts: a program, the documents that it is run on, and what it did.

Flow: family (`programs`, `documents`) → **Program** → harness → Outcome of old and of new →
Divergence, if they part.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Health(Enum):
    """Whether `json.load` takes a document, and if not, whether some of its parts come before."""

    WHOLE = "whole"
    BROKEN_AT_ONCE = "broken at once"
    BROKEN_LATER = "broken later"


@dataclass(frozen=True, slots=True)
class Document:
    """The bytes of a data file."""

    data: bytes
    health: Health = Health.WHOLE


@dataclass(frozen=True, slots=True)
class Program:
    """A script that prints everything it computes, and the documents that it is run on."""

    text: str
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of a program could be seen to do.

    `raised` is the class and message of the exception that ended it. `files` are the files that
    stood in the working folder afterwards. `warned` counts files that were never closed, `held`
    those that were still open at the end.
    """

    printed: str
    raised: str | None
    files: tuple[tuple[str, bytes], ...]
    warned: int
    held: int

    def described(self) -> str:
        """The outcome in a few lines, without files that hold nothing new."""
        ended = f"raised {self.raised}" if self.raised else "ended"
        sizes = ", ".join(f"{name} {len(data)}" for name, data in self.files)
        head = f"{ended}; unclosed {self.warned}, open {self.held}; files: {sizes}"
        return f"{head}\n{self.printed}"


@dataclass(frozen=True, slots=True)
class Divergence:
    """Old and new parted. `kind` says how, in a few fixed words; `document` is where."""

    kind: str
    program: Program
    new: str
    document: Document | None
    before: Outcome | None
    after: Outcome | None
    note: str = ""

    def __str__(self) -> str:
        parts = [f"{self.kind} {self.note}".rstrip()]
        if self.document is not None:
            parts.append(f"on {self.document.data!r}")
        parts += ["--- old", self.program.text, "--- new", self.new]
        if self.before is not None and self.after is not None:
            parts += ["--- old did", self.before.described()]
            parts += ["--- new did", self.after.described()]
        return "\n".join(parts)

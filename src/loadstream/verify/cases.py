"""A case: one generated input, and the bytes that its data files get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from loadstream.verify import samples

Document: TypeAlias = Any
SHRUNK = "shrunk"


@dataclass(frozen=True, slots=True)
class Case:
    """One generated input: its class, what is special about it, and the documents by file."""

    kind: str
    detail: str
    documents: Mapping[str, Document]

    @property
    def size(self) -> int:
        """A measure for telling which of two cases is smaller."""
        return sum(len(repr(document)) for document in self.documents.values())


def contents(documents: Mapping[str, Document], kind: str) -> dict[str, bytes]:
    """The bytes of every data file of a case of this class."""
    # The spelling varies with the class, because streams cut their windows by it.
    return {
        path: samples.write(
            path, document, readable=kind in ("few", "one", SHRUNK), plain=kind == "unicode"
        )
        for path, document in documents.items()
    }

"""Bytes that come in pieces of any size, a single byte even, and are joined once.

Flow: source → **window** (pieces) → elements → stream.
"""

from __future__ import annotations

_LEAST = 64 * 1024
"""Pieces smaller than this are joined as they come: one byte alone takes the memory of forty."""


class Pieces:
    """Some bytes, `size` of them so far."""

    __slots__ = ("_large", "_small", "_small_size", "size")

    def __init__(self, first: bytes) -> None:
        self._large = [first]
        self._small: list[bytes] = []
        self._small_size = 0
        self.size = len(first)

    def add(self, piece: bytes) -> None:
        """Put these behind the others."""
        self._small.append(piece)
        self._small_size += len(piece)
        self.size += len(piece)
        if self._small_size >= _LEAST:
            self._large.append(b"".join(self._small))
            self._small, self._small_size = [], 0

    def join(self) -> bytes:
        """All of them."""
        return b"".join((*self._large, *self._small))

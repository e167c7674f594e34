"""The part of a document that is in memory, and where in the whole it stands.

Flow: source → **window** → elements → stream. The window holds `raw`, UTF-8 bytes of which
everything before `at` has been parsed. What has been parsed is measured (characters, lines), so
that an error in the last gigabyte names the position that `json.load` would: a file is read again
for that, when there is an error; what can be read only once is measured when it is dropped.
"""

from __future__ import annotations

import codecs
import re
from json import JSONDecodeError

from loadstream.runtime.pieces import Pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from loadstream.runtime.sources import Source

SIZE = 128 * 1024
"""How many bytes are read at a time. Larger windows cost memory and gain nothing."""

_LARGE_STEP = 8
"""How many windows are read at a time, at most, when an element has proved to be large."""

_SPACE = re.compile(rb"[ \t\n\r]*")

_AFFORDABLE = 32 * 1024 * 1024


class Window:
    """A buffer over a source: `raw[at:]` is what comes next, `ended` if nothing follows it.

    `trickles`: the source gives much less at a time than it is asked for.
    """

    __slots__ = (
        "_chars",
        "_dropped",
        "_line",
        "_line_start",
        "_source",
        "at",
        "ended",
        "raw",
        "size",
        "trickles",
    )

    def __init__(self, source: Source, size: int | None = None) -> None:
        self._source = source
        self.size = size or SIZE
        self.raw = b""
        self.at = 0
        self.ended = False
        self.trickles = False
        self._dropped = 0  # bytes before raw[0]; characters, lines and the last line's start there
        self._chars = 0
        self._line = 1
        self._line_start = 0

    @property
    def offset(self) -> int:
        """How many bytes of the document stand before `raw[at]`."""
        return self._dropped + self.at

    @property
    def end(self) -> int:
        """How many bytes of the document have been read."""
        return self._dropped + len(self.raw)

    @property
    def translates_newlines(self) -> bool:
        """Whether `\\r\\n` and `\\r` count as one line feed, as in a file opened for text."""
        return self._source.translates_newlines

    @property
    def rejects_byte_order_mark(self) -> bool:
        """Whether `json` takes a byte order mark here for an error."""
        return self._source.is_text

    def jump(self, offset: int) -> None:
        """Go to this byte of the document, as though all before it had been parsed."""
        self._source.seek(offset)
        self._dropped = offset

    @property
    def reads_again(self) -> bool:
        """Whether `jump` can be used."""
        return self._source.reads_again

    @property
    def unparsed(self) -> int:
        """How many bytes are in memory and not yet parsed."""
        return len(self.raw) - self.at

    def refill(self) -> None:
        """Drop what was parsed and read one window more."""
        self._read(self.size)

    def grow(self) -> None:
        """Read half as much again as is unparsed: for an element that is larger than the window.

        A constant factor, so that an element of any size is copied a constant number of times.
        """
        self._read(max(self.size, self.unparsed // 2))

    def gather(
        self, start: int, end_of: Callable[[bytes], int], most: int | None = None
    ) -> tuple[bytes, bytes] | None:
        """The large element at `raw[start]`, whole, and what was read behind it.

        `end_of` is given piece after piece until it says where the element ends. The window stays
        where it is; `pass_over` or `put_back` is to follow. None if the element does not end within
        `most` bytes: then so much of it is in memory, as though it had been read like anything.
        """
        pieces, step = Pieces(self.raw[start:]), self.size
        while most is None or pieces.size < most:
            piece = self._source.read(step)
            if not piece:
                self.ended = True
                return pieces.join(), b""
            end = end_of(piece)
            if end >= 0:
                pieces.add(piece[:end])
                return pieces.join(), piece[end:]
            pieces.add(piece)
            step = min(2 * step, _LARGE_STEP * self.size)
        self.put_back(start, pieces.join(), b"")
        return None

    def read_until(self, end_of: Callable[[bytes], int]) -> None:
        """Read on until `end_of`, given piece after piece, finds what it looks for (-1: not yet).

        However small the pieces are, what is in memory is copied twice at most.
        """
        if gathered := self.gather(self.at, end_of):
            self.put_back(self.at, *gathered)

    def pass_over(self, start: int, element: bytes, rest: bytes) -> None:
        """Go on behind the element that was gathered."""
        if not self._source.reads_again:
            for parsed in (self.raw[:start], element):
                self._chars, self._line, self._line_start = self._after(parsed)
        self._dropped += start + len(element)
        self.raw, self.at = rest, 0

    def put_back(self, start: int, element: bytes, rest: bytes) -> None:
        """Hold what was gathered in memory, as though it had been read like anything else."""
        self.raw = b"".join((memoryview(self.raw)[:start], element, rest))

    def _read(self, size: int) -> None:
        if self.ended:
            return
        chunk = self._source.read(size)
        if not chunk:
            self.ended = True
            return
        self.trickles = len(chunk) < size // 2
        # One byte before `at` stays: json's own errors may point at the comma before an element.
        # And \r\n must not be cut in two, where it counts as one character.
        drop = max(self.at - 1, 0)
        if drop and self.raw[drop - 1] == 0x0D:
            drop -= 1
        if drop and not self._source.reads_again:
            self._chars, self._line, self._line_start = self._after(self.raw[:drop])
        self._dropped += drop
        self.raw = b"".join((memoryview(self.raw)[drop:], chunk)) if drop < len(self.raw) else chunk
        self.at -= drop

    def _after(self, parsed: bytes) -> tuple[int, int, int]:
        """Characters, line and line start behind these bytes, which begin where `raw` does."""
        if self._source.translates_newlines and b"\r" in parsed:
            parsed = parsed.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        newlines = parsed.count(b"\n")
        chars = self._chars + _length(parsed)
        if not newlines:
            return chars, self._line, self._line_start
        last_line = parsed[parsed.rindex(b"\n") + 1 :]
        return chars, self._line + newlines, chars - _length(last_line)

    def skip_space(self) -> bool:
        """Go to the next byte that is not white space; false if the document ends before."""
        while True:
            self.at = space_end(self.raw, self.at)
            if self.unparsed:
                return True
            if self.ended:
                return False
            self.refill()

    def text(self) -> str:
        """All that is unparsed, decoded; without a last character that is not complete.

        Raises `UnicodeDecodeError` with the position in the source.
        """
        unparsed = self.raw[self.at :]
        try:
            return codecs.utf_8_decode(unparsed, self._source.errors, self.ended)[0]
        except UnicodeDecodeError as error:
            raise misplaced(error, unparsed, self.offset) from None

    def advance(self, text: str, index: int) -> None:
        """Go on behind the first `index` characters of `text`, which `text()` gave."""
        parsed = text[:index]
        self.at += index if parsed.isascii() else len(parsed.encode("utf-8", "surrogatepass"))

    def error(self, message: str, text: str, index: int) -> JSONDecodeError:
        """The error of `json.load` at `text[index]`, placed in the whole document.

        `text` is what `text()` gave; an index of -1 is the character before it. The attribute
        `doc` is the whole document if that is in memory anyway, and empty otherwise.
        """
        if self._source.reads_again and self._dropped:
            self._chars, self._line, self._line_start = 0, 1, 0
            for piece in self._source.again(self._dropped):
                self._chars, self._line, self._line_start = self._after(piece)
        if index < 0:
            before = self.raw[: self.at + index]
        else:
            before = self.raw[: self.at] + text[:index].encode("utf-8", "surrogatepass")
        position, line, line_start = self._after(before)
        if self.ended and not self._dropped:
            whole = self.raw[: self.at].decode("utf-8", "surrogatepass") + text
            if self._source.translates_newlines:
                whole = whole.replace("\r\n", "\n").replace("\r", "\n")
            return JSONDecodeError(message, whole, position)
        error = JSONDecodeError(message, "", 0)
        error.pos, error.lineno, error.colno = position, line, position - line_start + 1
        error.args = (f"{message}: line {line} column {error.colno} (char {position})",)
        return error

    def read_out(self) -> None:
        """Read the source to its end without keeping it, for the errors that reading has.

        `json.load` reads and decodes everything before it parses anything, so a byte that cannot
        be decoded, or a broken archive, outranks every error of the JSON before it.
        """
        decoder = codecs.getincrementaldecoder("utf-8")(self._source.errors)
        place = self.offset
        chunk = self.raw[self.at :]
        while True:
            pending = decoder.getstate()[0]
            try:
                decoder.decode(chunk, not chunk)
            except UnicodeDecodeError as error:
                raise misplaced(error, pending + chunk, place - len(pending)) from None
            place += len(chunk)
            if not chunk and self.ended:
                return
            chunk = b"" if self.ended else self._source.read(SIZE)
            self.ended = not chunk


def space_end(raw: bytes, start: int) -> int:
    """Where the white space that begins at `start` ends."""
    return _SPACE.match(raw, start).end()  # type: ignore[union-attr]


def misplaced(error: UnicodeDecodeError, piece: bytes, offset: int) -> UnicodeDecodeError:
    """The decoding error in a piece, as it is when the whole source is decoded at once.

    `offset` is the number of bytes before the piece. Class, `start`, `end` and `reason` are right
    everywhere. For the message to name a single bad byte, too, the error must hold as many bytes as
    stand before it; beyond 32 MB that would cost too much memory, and the message has "bytes in
    position 7-7" in place of "byte 0xff in position 7".
    """
    whole = bytes(offset) + piece if offset <= _AFFORDABLE else piece
    start, end = error.start + offset, error.end + offset
    return UnicodeDecodeError(error.encoding, whole, start, end, error.reason)


def _length(text: bytes) -> int:
    return len(text) if text.isascii() else len(text.decode("utf-8", "surrogatepass"))

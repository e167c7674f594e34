"""What is done to the bytes of a document before it is read."""

from __future__ import annotations

from random import Random

TOKENS = (
    *rb""", " ] } [ { : . - e E + 0 1 9 \ \\ \" \u \ud800 \udc00 \u0000 / NaN Infinity -Infinity
    true false null tru 1e400 -0.0 1e999 0x1 01 1. .5 1e 5e-324 0.1 18446744073709551616
    123456789012345678901234567890 {} [] [[ ]] }, },{ ],[ "},{" "k": \ud83d\ude00""".split(),
    *b" |\n|\r|\r\n|\t|}, {|\0|\x1f|\x7f|\xff|\x80|\xc3|\xc3\xa9|\xe2\x82".split(b"|"),
    *b"\xf0\x9f\x98\x80|\xed\xa0\x80|\xef\xbb\xbf".split(b"|"),
    b"[" * 40,
    b"]" * 40,
    b"7" * 400,
    b"\\" * 17,
    b" " * 70,
)


def mutate(raw: bytes, other: bytes, dice: Random) -> bytes:
    """A document that differs from `raw` in a few places; `other` is one to splice with."""
    for _ in range(dice.choice((0, 1, 1, 1, 1, 2, 2, 3, 6))):
        raw = dice.choice(_MUTATIONS)(raw, other, dice)
    return raw


def _flip(raw: bytes, _: bytes, dice: Random) -> bytes:
    if not raw:
        return raw
    at = dice.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ 1 << dice.randrange(8)]) + raw[at + 1 :]


def _set(raw: bytes, _: bytes, dice: Random) -> bytes:
    if not raw:
        return raw
    at = dice.randrange(len(raw))
    return raw[:at] + bytes([dice.randrange(256)]) + raw[at + 1 :]


def _insert(raw: bytes, _: bytes, dice: Random) -> bytes:
    at = dice.randint(0, len(raw))
    return raw[:at] + dice.choice(TOKENS) + raw[at:]


def _overwrite(raw: bytes, _: bytes, dice: Random) -> bytes:
    at, token = dice.randint(0, len(raw)), dice.choice(TOKENS)
    return raw[:at] + token + raw[at + len(token) :]


def _slice(raw: bytes, dice: Random) -> tuple[int, int]:
    start = dice.randint(0, len(raw))
    length = dice.choice((1, 2, 5, 20, 100, 1000))
    return start, min(len(raw), start + dice.randint(1, length))


def _delete(raw: bytes, _: bytes, dice: Random) -> bytes:
    start, end = _slice(raw, dice)
    return raw[:start] + raw[end:]


def _duplicate(raw: bytes, _: bytes, dice: Random) -> bytes:
    start, end = _slice(raw, dice)
    return raw[:end] + raw[start:end] * dice.choice((1, 1, 2, 8)) + raw[end:]


def _swap(raw: bytes, _: bytes, dice: Random) -> bytes:
    (a, b), (c, d) = sorted((_slice(raw, dice), _slice(raw, dice)))
    if b > c:
        return raw
    return raw[:a] + raw[c:d] + raw[b:c] + raw[a:b] + raw[d:]


def _move(raw: bytes, _: bytes, dice: Random) -> bytes:
    start, end = _slice(raw, dice)
    piece, raw = raw[start:end], raw[:start] + raw[end:]
    at = dice.randint(0, len(raw))
    return raw[:at] + piece + raw[at:]


def _splice(raw: bytes, other: bytes, dice: Random) -> bytes:
    return raw[: dice.randint(0, len(raw))] + other[dice.randint(0, len(other)) :]


def _embed(raw: bytes, other: bytes, dice: Random) -> bytes:
    start, end = _slice(other, dice)
    at = dice.randint(0, len(raw))
    return raw[:at] + other[start:end] + raw[at:]


def _truncate(raw: bytes, _: bytes, dice: Random) -> bytes:
    return raw[: dice.randint(0, len(raw))]


def _at_quote(raw: bytes, _: bytes, dice: Random) -> bytes:
    """Insert where it hurts: beside a quote, comma, colon or bracket."""
    places = [at for at, byte in enumerate(raw[:4000]) if byte in b'",:[]{}']
    if not places:
        return raw
    at = dice.choice(places) + dice.randrange(2)
    return raw[:at] + dice.choice(TOKENS) + raw[at:]


_MUTATIONS = (
    _flip,
    _set,
    _insert,
    _insert,
    _overwrite,
    _delete,
    _duplicate,
    _swap,
    _move,
    _splice,
    _embed,
    _truncate,
    _at_quote,
    _at_quote,
)

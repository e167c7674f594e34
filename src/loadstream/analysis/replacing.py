"""Spellings by which a text puts something else in the place of a name, as tests do.

`mock.patch("pkg.module.name")`, `setattr(module, "name", fake)`, `patch.multiple(module, name=…)`,
`module.__dict__["name"] = fake`, `module.name = fake`: over several lines too, and with names that
are put together (`patch(PKG + ".name")`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_FAR = 400  # bytes in front of a name in which the call that it stands in may begin
_NEAR = 160  # and the words that it is a part of
_NAMESPACE = rb"(?:__dict__|\bglobals\(\)|\blocals\(\)|\bvars\([^()]*\))"
_CALL = re.compile(
    rb"(?P<call>\b(?:setattr|delattr|setitem|delitem|patch(?:\.\w+)?)\()"
    rb"|%b(?P<update>\.(?:update|setdefault|pop|__setitem__)\()"
    rb"|%b\s*(?P<item>\[)" % (_NAMESPACE, _NAMESPACE)
)
_TAKES_KEYWORDS = (b"patch.multiple(", b"patch.dict(")
_IN_STRING = re.compile(rb"""(?P<quote>['"])(?P<text>[^'"\n]*)\.$""")
_SET = re.compile(rb"(?<![\w.])(\w+)\.$")
_SET_OF_CALL = re.compile(rb"""(\w+)['"]?[\])]\.$""")
_ASSIGNED = re.compile(rb"\s*=(?!=)")
_ITEM_IS_SET = re.compile(rb"""['"]\s*\]\s*=(?!=)""")
_COMMENT = re.compile(rb"#[^\n]*")
_OWNER = re.compile(rb"""(\w+)['")\]]*(?:\.__dict__)?['"]?\s*$""")
_OWNER_OF_NAMESPACE = re.compile(rb"""(\w+)['")\]]*\.__dict__$|vars\([^()]*?(\w+)['"]?\)$""")
UNKNOWN = b""


class Replacement(NamedTuple):
    """One place that replaces the name: in the module or class that is called `owner` there.

    `is_exact`: the owner is written out, as `"pkg.module.name"` or `module.name = …` have it.
    `by_call`: not merely by its place in a string or before `=`, but by a call that replaces.
    """

    owner: bytes
    is_exact: bool
    by_call: bool = True


def replacements(text: bytes, name: bytes) -> Iterator[Replacement]:
    """The places of a text that replace `name`."""
    if name in text:
        for match in re.finditer(rb"\b%b\b" % re.escape(name), text):
            found = replacement_at(text, *match.span())
            if found is not None:
                yield found


def replacement_at(text: bytes, start: int, end: int) -> Replacement | None:
    """What the name at that place replaces, if it does."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == b"." and after in (b"'", b'"'):
        return _in_string(text, start)
    if before == b".":
        return _assigned(text, start) if _ASSIGNED.match(text, end) else None
    is_quoted = after in (b"'", b'"') and before in (b"'", b'"')
    if not is_quoted and not (after == b"=" and text[end + 1 : end + 2] != b"="):
        return None
    call = _call_around(text[max(0, start - _FAR) : start])
    if call is None:
        return None
    if call["item"]:
        return _of_namespace(call) if is_quoted and _ITEM_IS_SET.match(text, end) else None
    if not is_quoted and not call["update"] and not call[0].endswith(_TAKES_KEYWORDS):
        return None
    if call["update"]:
        return _of_namespace(call)
    first = _COMMENT.sub(b"", call.string[call.end() :]).partition(b",")[0].strip()
    owner = _OWNER.search(first)
    if owner is None:
        return Replacement(UNKNOWN, is_exact=False)
    return Replacement(owner[1], is_exact=first[-1:] in (b"'", b'"'))


def _in_string(text: bytes, start: int) -> Replacement | None:
    """`"pkg.module.name"`, or the end of a string that is put together of several."""
    found = _IN_STRING.search(text[max(0, start - _NEAR) : start])
    if found is None:
        return None
    said = found["text"]
    call = _call_around(text[max(0, start - _FAR) : start])
    by_call = call is not None and bool(call["call"])
    if re.fullmatch(rb"[\w.]+", said):
        return Replacement(said.rpartition(b".")[2], is_exact=True, by_call=by_call)
    is_put_together = not said or b"{" in said
    return Replacement(UNKNOWN, is_exact=False) if is_put_together and by_call else None


def _assigned(text: bytes, start: int) -> Replacement | None:
    before = text[max(0, start - _NEAR) : start]
    if found := _SET.search(before):
        return Replacement(found[1], is_exact=True, by_call=False)
    found = _SET_OF_CALL.search(before)
    return None if found is None else Replacement(found[1], is_exact=True)


def _call_around(before: bytes) -> re.Match[bytes] | None:
    """The innermost call or index of those above that is not closed before the end."""
    for call in reversed(list(_CALL.finditer(before))):
        depth = 0
        for byte in before[call.end() :]:
            depth += (byte in b"([{") - (byte in b")]}")
            if depth < 0:
                break
        else:
            return call
    return None


def _of_namespace(call: re.Match[bytes]) -> Replacement:
    opened = call.start("update") if call["update"] else call.start("item")
    owner = _OWNER_OF_NAMESPACE.search(call.string[:opened].rstrip())
    return Replacement(UNKNOWN if owner is None else owner[1] or owner[2], is_exact=False)

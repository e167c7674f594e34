"""Patterns of `exclude`: which paths below the configuration's folder are left out.

They mean what they mean in `.gitignore`: a name without a slash matches at any depth
(`build`, `*_pb2.py`), a pattern with one is tied to the folder (`vendor/old`), a trailing slash
means folders only, `**` crosses folders. What lies in a matched folder is matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


class Globs:
    """Several patterns, compiled once."""

    __slots__ = ("_regex",)

    def __init__(self, patterns: Iterable[str]) -> None:
        parts = [_translate(pattern) for pattern in patterns]
        self._regex = re.compile("|".join(parts)) if parts else None

    def matches(self, path: str) -> bool:
        """Tell whether `path`, relative and with `/`, is matched or lies in a matched folder."""
        return self._regex is not None and self._regex.fullmatch(path) is not None


_TOKENS = re.compile(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^\]]*\]|[^*?\[]+|\[")


def _translate(pattern: str) -> str:
    body = pattern.removeprefix("./").removesuffix("/")
    anchored = "/" in body
    body = body.removeprefix("/")
    regex = "".join(_token(match.group()) for match in _TOKENS.finditer(body))
    inside = "/.*" if pattern.endswith("/") else "(?:/.*)?"
    return f"(?s:{'' if anchored else '(?:.*/)?'}{regex}{inside})"


def _token(token: str) -> str:
    match token:
        case "**/":
            return "(?:.*/)?"
        case "**":
            return ".*"
        case "*":
            return "[^/]*"
        case "?":
            return "[^/]"
    if token.startswith("[") and len(token) > 1:
        inner = token[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^{inner[1:]}]" if inner[:1] in ("!", "^") else f"[{inner}]"
    return re.escape(token)

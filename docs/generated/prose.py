"""Plain text, as it stands in docstrings and in a terminal, made into Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from loadstream.analysis.reasons import Reason
from loadstream.lint.catalogue import rules

_RULES = {rule.code: rule.name for rule in rules()}
_SLUGS = {reason.value for reason in Reason}
_CODE_SPAN = re.compile(r"(`[^`]+`)")


def fence(language: str, text: str, **options: str) -> str:
    """A fenced block."""
    head = "".join(f' {name}="{value}"' for name, value in options.items())
    return f"```{language}{head}\n{text.strip()}\n```\n"


def markdown(text: str) -> str:
    """Paragraphs with links to the rules and reasons that they name; what is indented is code."""
    parts = re.split(r"\n\s*\n", textwrap.dedent(text).strip("\n"))
    return "\n".join(_blocks(parts))


def inline(text: str) -> str:
    """One paragraph, in one line."""
    parts = _CODE_SPAN.split(" ".join(text.split()))
    return "".join(_span(part) if part.startswith("`") else _words(part) for part in parts)


def rule_link(code: str) -> str:
    """A link to a rule's page, seen from the top of the site."""
    return f"[{code}](/patterns/{_RULES[code]}.md)"


def reason_link(slug: str) -> str:
    """A link to a reason's page, likewise."""
    return f"[`{slug}`](/refusals/{slug}.md)"


def relative(page: str, text: str) -> str:
    """The text with links from the top of the site as links from `page`."""
    return text.replace("](/", "](" + "../" * page.count("/"))


def _blocks(parts: list[str]) -> Iterator[str]:
    code: list[str] = []
    for part in parts:
        if part.startswith("    "):
            code.append(textwrap.dedent(part))
            continue
        if code:
            yield fence("python", "\n\n".join(code))
            code = []
        yield inline(part) + "\n"
    if code:
        yield fence("python", "\n\n".join(code))


def _span(code: str) -> str:
    return reason_link(code.strip("`")) if code.strip("`") in _SLUGS else code


def _words(text: str) -> str:
    escaped = re.sub(r"([\\*_\[\]<>#])", r"\\\1", text)
    escaped = re.sub(r"(?<![\w-])--[a-z][a-z-]*", r"`\g<0>`", escaped)
    return re.sub(r"\bLS\d{3}\b", lambda found: rule_link(found[0]), escaped)

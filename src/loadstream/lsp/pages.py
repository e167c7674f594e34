"""What is shown at a finding under the pointer: its message, and the page of its rule."""

from __future__ import annotations

import re
import textwrap

from loadstream.lint.catalogue import KEPT, reasons, rules
from loadstream.lint.findings import Finding

_SECTION = re.compile(r"^(\S[^\n]*)\n((?:[ \t]+[^\n]*\n|\n)*)", re.MULTILINE)
_CODE = ("Before", "After")


def page_of(finding: Finding) -> str:
    """The page of a finding in Markdown; of a kept load, the pages of its reasons."""
    named = [reason for reason in reasons() if reason.value in finding.reasons]
    parts = [finding.message]
    if finding.code != KEPT:
        parts += [_of_rule(rule.page) for rule in rules() if rule.code == finding.code]
    parts += [f"**{reason.value}**\n\n{reason.page.strip()}" for reason in named]
    return "\n\n---\n\n".join(parts)


def _of_rule(page: str) -> str:
    head, _, rest = page.partition("\n")
    title, _, summary = head.partition(":")
    sections = (_section(match[1], match[2]) for match in _SECTION.finditer(rest + "\n"))
    return "\n\n".join([f"**{title}**:{summary}", *sections])


def _section(heading: str, block: str) -> str:
    text = textwrap.dedent(block).strip("\n")
    return f"#### {heading}\n\n" + (f"```python\n{text}\n```" if heading in _CODE else text)

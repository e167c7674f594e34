"""What a finding is recognised by when lines have moved: the source that it is about."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator

from loadstream.lint.findings import Finding
from loadstream.lint.texts import Texts

_DIGITS = 16


def fingerprint(finding: Finding, texts: Texts) -> str:
    """Hexadecimal digits that stand for the code and the lines of a finding.

    Where the lines are and how far they are indented does not count; of a file that cannot be
    read, it is the message that does.
    """
    lines = [" ".join(line.split()) for line in texts.of_place(finding)] or [finding.message]
    content = "\n".join([finding.code, *lines])
    return hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


def numbered(findings: Iterable[Finding], texts: Texts) -> Iterator[tuple[Finding, str, int]]:
    """Each finding with its fingerprint, and the how manieth of its file it is that has it."""
    seen: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        digits = fingerprint(finding, texts)
        seen[finding.path, digits] += 1
        yield finding, digits, seen[finding.path, digits]

"""A page for each rule: its docstring, and the cases that are its first tests."""

from __future__ import annotations

import re
import textwrap

from generated.prose import fence, inline, markdown, reason_link
from loadstream.analysis.cases import Case, Keep, Rewrite
from loadstream.analysis.patterns import PATTERNS
from loadstream.lint.catalogue import Rule, rules

_CASES = {pattern.CODE: pattern.CASES for pattern in PATTERNS}
_CODE_SECTIONS = ("Before", "After")


def pages() -> dict[str, str]:
    """The pages by their paths, the index first."""
    found = {f"patterns/{rule.name}.md": page(rule) for rule in rules()}
    return {"patterns/index.md": _index(), **found}


def sections(text: str) -> dict[str, str]:
    """The indented parts of a rule's page by the headings above them."""
    parts = re.split(r"^(\S.*)\n", text, flags=re.MULTILINE)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return {heading: textwrap.dedent(body).strip("\n") for heading, body in pairs}


def page(rule: Rule) -> str:
    """The page of one rule."""
    lines = [f"# {rule.code} {rule.name}\n", f"{_sentence(rule.summary)}\n"]
    for heading, body in list(sections(rule.page).items())[1:]:
        code = heading in _CODE_SECTIONS
        lines += [f"## {heading}\n", fence("python", body) if code else markdown(body)]
    lines += _examples(_CASES.get(rule.code, ()))
    lines.append(f"`loadstream explain {rule.code}` prints this page in a terminal.\n")
    return "\n".join(lines)


def _examples(cases: tuple[Case, ...]) -> list[str]:
    """What is rewritten or reported, and what is left, each a test as well."""
    taken = [case for case in cases if not isinstance(case, Keep)]
    left = [case for case in cases if isinstance(case, Keep)]
    lines = []
    if taken:
        lines += ["## More that it takes\n", *(_taken(case) for case in taken)]
    if left:
        lines += ["## What it leaves\n", *(_left(case) for case in left)]
    return lines


def _taken(case: Case) -> str:
    if isinstance(case, Rewrite):
        word = "becomes, with `--unsafe`," if case.unsafe else "becomes"
        return f"{fence('python', case.before)}\n{word}\n\n{fence('python', case.after)}\n---\n"
    return f"{fence('python', case.source)}\nis reported.\n\n---\n"


def _left(case: Keep) -> str:
    word = reason_link(case.reason) if case.reason else "is not this pattern"
    return f"{fence('python', case.source)}\n→ {word}\n"


def _index() -> str:
    rows = [
        f"| [{rule.code}]({rule.name}.md) | {rule.name} | {_sentence(inline(rule.summary))} |"
        for rule in rules()
    ]
    return "\n".join(
        [
            "# Patterns\n",
            "LS1xx move a load to a stream, LS2xx look at code that streams already. A load takes",
            "the best pattern that no [reason](/refusals/index.md) refuses.\n",
            "| code | name | what it is about |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]

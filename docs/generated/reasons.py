"""A page for each reason to keep a load, with the program and the near twin that the tests run."""

from __future__ import annotations

from collections.abc import Iterator

from generated.prose import fence, inline, markdown
from loadstream.analysis.reasons import Reason
from tests.differential.hazards import HAZARDS, Hazard, Verdict

MARK = "  #!"
_WAY_ON = "Way on:"
_VERDICTS = {
    Verdict.KEPT: "The marked line keeps the load.",
    Verdict.UNSAFE: "The marked line makes the rewrite unsafe: it needs `--unsafe`.",
    Verdict.LESS: "The marked line refuses one pattern; another one takes the load.",
}


def pages() -> dict[str, str]:
    """The pages by their paths, the index first."""
    found = {f"refusals/{reason.value}.md": page(reason) for reason in _sorted()}
    return {"refusals/index.md": _index(), **found}


def page(reason: Reason) -> str:
    """The page of one reason."""
    text, _, way_on = " ".join(reason.page.split()).partition(_WAY_ON)
    lines = [f"# {reason.value}\n", f"{inline(text)}\n"]
    if way_on:
        lines += ["## Way on\n", markdown(_sentence(way_on.strip()))]
    examples = ["\n".join(_example(hazard)) for hazard in _examples(reason)]
    if examples:
        lines += ["## For example\n", "\n---\n\n".join(examples)]
    lines.append(f"\n`loadstream explain {reason.value}` prints this page in a terminal.\n")
    return "\n".join(lines)


def _examples(reason: Reason) -> list[Hazard]:
    """The programs that need nothing beside them, or else the first one with its files."""
    found = [hazard for hazard in HAZARDS if hazard.reason is reason]
    alone = [hazard for hazard in found if not hazard.files]
    return alone or found[:1]


def _example(hazard: Hazard) -> Iterator[str]:
    for name, text in hazard.files.items():
        yield fence("python" if name.endswith(".py") else "text", text, title=name)
    marked = hazard.kept.splitlines()
    number = next(i for i, line in enumerate(marked, 1) if line.endswith(MARK))
    program = hazard.kept.replace(MARK, "")
    yield fence("python", program, hl_lines=str(number))
    yield f"{_VERDICTS[hazard.verdict]} This near twin is rewritten:\n"
    yield fence("python", hazard.twin)


def _index() -> str:
    rows = [
        f"| [`{reason.value}`]({reason.value}.md) | {inline(_first_sentence(reason.page))} |"
        for reason in _sorted()
    ]
    return "\n".join(
        [
            "# Refusals\n",
            "A load that is kept with a reason is a good result; a wrong rewrite is the worst.",
            "`loadstream lint --show-kept` lists the loads that stay, each with every reason.\n",
            "| reason | what it means |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def _sorted() -> list[Reason]:
    return sorted(Reason, key=lambda reason: reason.value)


def _first_sentence(page: str) -> str:
    text = " ".join(page.split())
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]

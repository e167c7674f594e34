"""What a rule's page shows before and after is what the program makes of it, and what is left over
on a generated page is run by the tests of the patterns and of the reasons."""

from __future__ import annotations

import re
import sys
import textwrap

import pytest

from loadstream.analysis.cases import Rewrite
from loadstream.analysis.patterns import PATTERNS
from tests.differential.hazards import HAZARDS
from tests.docs.blocks import DOCS, blocks
from tests.docs.running import session

sys.path.insert(0, str(DOCS))
from generated import configuration, reasons, rules

sys.path.remove(str(DOCS))

REPOSITORY = """
import json

from loadstream import stream_json
""" + "".join(
    f"""

def load_{name}():
    with open("{name}.json", encoding="utf-8") as file:
        return json.load(file)


def stream_{name}(filter_func=None):
    return stream_json("{name}.json", filter_func=filter_func)
"""
    for name in ("sessions", "delegations", "rows")
)
IMPORTS = """\
import json

from data import load_delegations, load_rows, load_sessions, stream_sessions


"""
# What a page leaves out because it is not the point: its caller, or what stands before and behind.
CALLERS = {"LS108": "\n\nfor row in load_rows('rows.json'):\n    print(row)\n"}
PAGES = {rule.code: (rule, rules.sections(rule.page)) for rule in rules.rules()}
SHOWN = {code: sections for code, (_, sections) in PAGES.items() if "Before" in sections}
REPORTED = {"LS203", "LS205", "LS901"}


@pytest.fixture
def write(tmp_path):
    """Write a program beside the loaders, and give what runs commands on it."""

    def into(program):
        (tmp_path / "data.py").write_text(REPOSITORY, encoding="utf-8")
        (tmp_path / "script.py").write_text(program, encoding="utf-8")
        return tmp_path / "script.py"

    return into


def command(script, text):
    with session(script.parent) as running:
        return running.command(text)


def without_imports(program):
    lines = program.splitlines()
    return "\n".join(line for line in lines if not re.match(r"(from|import) ", line)).strip()


def test_each_pattern_shows_a_before_and_an_after():
    assert set(SHOWN) == {pattern.CODE for pattern in PATTERNS}


@pytest.mark.parametrize("code", sorted(set(SHOWN) - REPORTED))
def test_before_becomes_after(code, write):
    head = IMPORTS if code != "LS108" else "import json\n\n\n"
    script = write(f"{head}{SHOWN[code]['Before']}\n{CALLERS.get(code, '')}")
    command(script, "loadstream rewrite script.py")
    written = without_imports(script.read_text(encoding="utf-8"))
    if code in CALLERS:
        written = written.partition("\n\n\nfor row")[0]
    assert written == SHOWN[code]["After"]


@pytest.mark.parametrize("code", sorted(REPORTED))
def test_before_is_reported_and_after_is_not(code, write):
    for heading, count in (("Before", 1), ("After", 0)):
        script = write(f"{IMPORTS}{SHOWN[code][heading]}\n")
        found = command(script, f"loadstream lint --format json --select {code} script.py")
        assert found.count(f'"code": "{code}"') == count


def test_the_counting_loop_is_what_becomes_of_len_behind_a_loop(write):
    [shown] = examples("LS104")
    script = write(
        f"{IMPORTS}rows = load_rows()\nfor row in rows:\n    work(row)\nprint(len(rows))\n"
    )
    command(script, "loadstream rewrite script.py")
    assert without_imports(script.read_text(encoding="utf-8")) == shown


def test_the_warning_is_what_deprecate_writes(write):
    [shown] = examples("LS108")
    script = write(f"import json\n\n\n{SHOWN['LS108']['Before']}\n{CALLERS['LS108']}")
    command(script, "loadstream rewrite --deprecate script.py")
    assert textwrap.indent(shown, "    ") in script.read_text(encoding="utf-8")


def examples(code):
    """What is indented in the prose of a rule's page."""
    _, sections = PAGES[code]
    prose = [body for name, body in sections.items() if name not in ("Before", "After")]
    found = blocks("page", "\n".join(rules.markdown(body) for body in prose[1:]))
    return [block.text.strip() for block in found]


def test_every_block_on_a_rules_page_is_run_here_or_is_a_case():
    with_examples = set()
    for pattern in PATTERNS:
        rule, sections = PAGES[pattern.CODE]
        known = [sections["Before"], sections["After"], *examples(pattern.CODE)]
        for case in pattern.CASES:
            known += [case.before, case.after] if isinstance(case, Rewrite) else [case.source]
        texts = {text.strip() for text in known}
        assert {block.text.strip() for block in blocks("page", rules.page(rule))} <= texts
        with_examples |= {pattern.CODE} if examples(pattern.CODE) else set()
    assert with_examples == {"LS104", "LS108"}  # each has a test of its own above


def test_every_block_on_a_reasons_page_is_a_hazard_or_its_twin():
    known = {text.strip() for hazard in HAZARDS for text in hazard.files.values()}
    known |= {hazard.twin.strip() for hazard in HAZARDS}
    known |= {hazard.kept.replace(reasons.MARK, "").strip() for hazard in HAZARDS}
    found = [block for text in reasons.pages().values() for block in blocks("page", text)]
    assert {block.text.strip() for block in found} <= known
    assert len(found) > 80


def test_every_setting_on_the_page_of_the_configuration_is_accepted(tmp_path):
    found = blocks("configuration.md", configuration.page())
    assert {block.language for block in found} == {"toml"}
    with session(tmp_path) as running:
        for block in found:
            running.run(block)

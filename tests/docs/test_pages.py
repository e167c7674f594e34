"""Every block on a page that is written by hand is run, and does what the page shows."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import DOCS, blocks, runner_of
from tests.docs.running import session

PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
RUN_HERE = [name for name, text in PAGES.items() if runner_of(text) is None]


@pytest.mark.parametrize("name", RUN_HERE)
def test_a_page_does_what_it_shows(name, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    tools = Path(sys.executable).parent  # where `loadstream` is installed, activated or not
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    with session(tmp_path) as running:
        for block in blocks(name, PAGES[name]):
            if block.why is None:
                running.run(block)


@pytest.mark.parametrize("name", sorted(set(PAGES) - set(RUN_HERE)))
def test_a_page_that_another_test_runs_is_named_there(name):
    tester = Path(__file__).with_name(runner_of(PAGES[name]))
    assert f'"{name}"' in tester.read_text(encoding="utf-8")


def test_what_is_not_run_says_why_and_is_little():
    found = [block for name, text in PAGES.items() for block in blocks(name, text) if block.why]
    assert all(len(block.why.split()) > 2 for block in found)
    assert len(found) < 10


@pytest.mark.parametrize("name", PAGES)
def test_every_fence_of_a_page_is_seen(name):
    fences = re.findall(r"^ *```", PAGES[name], re.MULTILINE)
    assert len(fences) == 2 * len(blocks(name, PAGES[name]))


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("```console\n$ echo 1\n2\n```\n", "--- shown\n2"),
        ("```console\n$ echo 1\n1\n2\n...\n```\n", "--- shown\n1\n2"),
        ("```console\n$ false\n```\n", r"\$ false"),
        ("```python\nassert False, 'no'\n```\n", "no"),
        ("```text\nout of nowhere\n```\n", "nothing ran above it"),
        ("```lua\nx = 1\n```\n", "nothing runs a block of 'lua'"),
        ("```console\n$ loadstream explain\n```\n```text\nRules\n```\n", "--- shown\nRules"),
    ],
)
def test_a_page_that_is_wrong_fails(page, complaint, tmp_path):
    *before, wrong = blocks("page.md", page)
    with session(tmp_path) as running:
        for block in before:
            running.run(block)
        with pytest.raises(AssertionError, match=complaint):
            running.run(wrong)


def test_what_is_left_out_may_be_anything(tmp_path):
    page = """
```python title="two.py"
print("one 1 two")
print("three")
print("four")
```

```console
$ python two.py
one ... two
...
four
$ false
$ echo $?
1
```
"""
    with session(tmp_path) as running:
        for block in blocks("page.md", page):
            running.run(block)

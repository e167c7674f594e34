"""A command that is named in a sentence exists, with the options that it is named with."""

from __future__ import annotations

import re
import sys

import click
import pytest

from loadstream.cli.group import loadstream
from tests.docs.blocks import DOCS

sys.path.insert(0, str(DOCS))
from hooks import PAGES

sys.path.remove(str(DOCS))

HAND = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
NAMED = sorted(
    {
        (name, " ".join(command.split()))
        for name, text in {**HAND, **PAGES}.items()
        for command in re.findall(r"(?<!`)`loadstream ([^`]+)`(?!`)", text)
    }
)


@pytest.mark.parametrize(("page", "command"), NAMED)
def test_a_command_in_a_sentence_has_its_options(page, command):
    name, *words = command.split()
    found = loadstream.get_command(click.Context(loadstream, **loadstream.context_settings), name)
    assert found is not None
    known = {flag for option in found.params for flag in (*option.opts, *option.secondary_opts)}
    assert {word for word in words if word.startswith("-") and word != "-"} <= known


def test_many_commands_are_named():
    assert len({command.split()[0] for _, command in NAMED}) > 5
    assert len(NAMED) > 50

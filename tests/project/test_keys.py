"""The reference of the configuration is complete, and its examples are accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loadstream.cli.verification import configured_checks
from loadstream.project import config, pairs
from loadstream.project.config import find_configuration
from loadstream.project.keys import TABLES
from loadstream.verify import checks

READ = {
    "[tool.loadstream]": set(config._READERS),
    pairs.TABLE: set(pairs._KEYS),
    "[[tool.loadstream.checks]]": set(checks._KEYS),
}
KEYS = [pytest.param(table, key, id=key.name) for table in TABLES for key in table.keys]


@pytest.fixture
def configured(tmp_path):
    def read(text):
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        configuration = find_configuration([str(tmp_path)])
        configured_checks(configuration)
        return configuration

    return read


def test_every_key_that_is_read_is_described_once():
    described = {t.name: [key.name.partition(".")[0] for key in t.keys] for t in TABLES}
    assert {name: set(keys) for name, keys in described.items()} == READ
    names = [(table.name, key.name) for table in TABLES for key in table.keys]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_an_example_is_accepted_and_sets_its_key(table, key, configured):
    found = configured(f"{table.name}\n{key.example}")
    assert found != replace(configured("[tool.loadstream]"), file=found.file)
    assert f"{key.name} = " in key.example


@pytest.mark.parametrize(
    "key", [k for t in TABLES for k in t.keys if t.name == "[tool.loadstream]" and k.default]
)
def test_a_default_is_what_holds_without_the_key(key, configured):
    assert configured(f"[tool.loadstream]\n{key.name} = {key.default}") == configured(
        "[tool.loadstream]"
    )

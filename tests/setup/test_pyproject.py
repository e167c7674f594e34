from pathlib import Path

import pytest

from loadstream.project.errors import InputError
from loadstream.setup.pyproject import with_block

FILE = Path("pyproject.toml")
BLOCK = "[tool.loadstream]\nstrict = true\n"


@pytest.mark.parametrize(
    ("old", "between"),
    [
        ("", ""),
        ("[project]\nname = 'é'  # x", "\n\n"),
        ("[project]\nname = 'é'\n", "\n"),
        ("[project]\r\nname = 'é'\r\n", "\r\n"),
        ("# \t only a comment\n\n", ""),
        ("[tool.ruff]\nline-length = 100\n\n\n", ""),
        ("[[tool.x]]\na = 1\n", "\n"),
    ],
)
def test_the_block_stands_behind_every_byte_that_was_there(old, between):
    data = old.encode()
    new = with_block(FILE, data, BLOCK)
    newline = "\r\n" if "\r\n" in old else "\n"
    assert new == data + (between + BLOCK.replace("\n", newline)).encode()


@pytest.mark.parametrize(
    ("old", "cause"),
    [
        ("tool = { ruff = {} }\n", "write it by hand"),
        ("[tool.loadstream]\n", "write it by hand"),
        ("[tool]\nloadstream = 1\n", "write it by hand"),
        ("[project\n", "broken TOML"),
        ("# \xff", "not UTF-8"),
        ("\ufeff", "byte order mark"),
    ],
)
def test_where_it_cannot_be_added_that_is_an_error(old, cause):
    data = old.encode("latin-1" if "\xff" in old else "utf-8")
    with pytest.raises(InputError, match=cause) as caught:
        with_block(FILE, data, BLOCK)
    assert "\n" not in str(caught.value)


def test_a_block_that_is_no_configuration_is_an_error():
    with pytest.raises(InputError, match="strict must be true or false"):
        with_block(FILE, b"", BLOCK.replace("true", "1"))

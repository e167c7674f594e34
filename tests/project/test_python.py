from pathlib import Path

import pytest

from loadstream.project.errors import InputError
from loadstream.project.python import least_python


@pytest.mark.parametrize(
    ("said", "least"),
    [
        (">=3.13", (3, 13)),
        (" >= 3.13.1 ", (3, 13)),
        (">=3.10,<4", (3, 10)),
        ("<4,>=3.9,>3.11", (3, 11)),
        ("~=3.14", (3, 14)),
        ("==3.13.*", (3, 13)),
        ("<3.13", None),
        ("!=3.13", None),
        (">=4", None),
        ("", None),
    ],
)
def test_the_oldest_python_is_the_highest_lower_bound(tmp_path: Path, said, least):
    text = f'[project]\nname = "rows"\nrequires-python = "{said}"\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert least_python(tmp_path) == least


@pytest.mark.parametrize(
    "text",
    [None, "", "[project]\nname = 'rows'\n", "project = 1\n", "[project]\nrequires-python = 3\n"],
)
def test_where_nothing_is_said_nothing_is_known(tmp_path: Path, text):
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert least_python(tmp_path) is None


def test_a_broken_file_is_an_error_of_the_user(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text("[project\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"pyproject\.toml:1"):
        least_python(tmp_path)

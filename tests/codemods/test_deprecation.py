"""How a deprecation mark is set, and what the file around it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.analysis.deprecation_sites import find_deprecations
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import Settings
from loadstream.analysis.source import parse
from loadstream_codemods.deprecation import add_marks
from loadstream_codemods.errors import CannotApplyError

STREAMER = """

def stream_rows(path, *, filter_func=None):
    with open(path) as f:
        yield from stream_json(f, filter_func=filter_func)
"""
BODY = "    with open(path) as f:\n        return json.load(f)\n"
IMPORTS = "import json\n\nfrom loadstream import stream_json\n"
WARNING = """\
    warnings.warn(
        "load_rows() is deprecated: use stream_rows()", DeprecationWarning, stacklevel=2
    )
"""


@pytest.fixture
def edit(tmp_path: Path):
    """The text of a store with all its loaders marked."""

    def run(text: str, python: tuple[int, int] | None = None) -> str:
        path = tmp_path / "store.py"
        path.write_text(text, encoding="utf-8", newline="")
        repository = Repository(tmp_path, Settings(python=python))
        sites = find_deprecations(parse(text, path), repository)
        return add_marks(text, [site.plan for site in sites if site.plan])

    return run


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import json\n", "import json\nimport warnings\n"),
        ("import json\nimport zlib\n", "import json\nimport warnings\nimport zlib\n"),
        ("import zlib\nimport json\n", "import zlib\nimport json\nimport warnings\n"),
        ("import json, sys\n", "import json, sys\nimport warnings\n"),
        (
            "import json\nimport os\nfrom pathlib import Path\n",
            "import json\nimport os\nimport warnings\nfrom pathlib import Path\n",
        ),
        (
            "import json\nfrom os import path\nimport zlib\n",
            "import json\nfrom os import path\nimport warnings\nimport zlib\n",
        ),
        (
            "# Copyright\n\nfrom __future__ import annotations\n\nimport json  # fast\n",
            "# Copyright\n\nfrom __future__ import annotations\n\nimport json  # fast\n"
            "import warnings\n",
        ),
        (
            "from __future__ import annotations\nfrom json import load\nimport json\n",
            "from __future__ import annotations\nfrom json import load\nimport json\n"
            "import warnings\n",
        ),
        (
            "from __future__ import annotations\n\n# ours\nimport zlib; import json\n",
            "from __future__ import annotations\n\n# ours\nimport zlib; import json\n"
            "import warnings\n",
        ),
        (
            '"""Rows."""\n\nimport zlib\n\nimport json\n',
            '"""Rows."""\n\nimport warnings\nimport zlib\n\nimport json\n',
        ),
        ("x = 1; import json\n", "x = 1; import json\nimport warnings\n"),
        (
            "x = 1\nimport json  # noqa: E402\n",
            "x = 1\nimport json  # noqa: E402\nimport warnings  # noqa: E402\n",
        ),
        (
            "import json\nimport numpy\n",
            "import json\nimport warnings\nimport numpy\n",
        ),
    ],
)
def test_the_import_comes_where_the_file_would_have_it(edit, before, after):
    rest = f"\nfrom loadstream import stream_json\n\n\ndef load_rows(path):\n{{}}{BODY}{STREAMER}"
    assert edit(before + rest.format("")) == after + rest.format(WARNING)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import json\n", "import json\nfrom warnings import deprecated\n"),
        (
            "import json\nfrom pathlib import Path\nfrom zlib import crc32\n",
            "import json\nfrom pathlib import Path\nfrom warnings import deprecated\n"
            "from zlib import crc32\n",
        ),
        (
            "import json\nfrom warnings import catch_warnings, warn\n",
            "import json\nfrom warnings import catch_warnings, deprecated, warn\n",
        ),
        ("import json\nimport warnings as w\n", "import json\nimport warnings as w\n"),
    ],
)
def test_the_decorator_is_imported_beside_what_is_there(edit, before, after):
    name = "w.deprecated" if " as w" in before else "deprecated"
    rest = "\nfrom loadstream import stream_json\n\n\n{}def load_rows(path):\n" + BODY + STREAMER
    marked = rest.format(f'@{name}("use stream_rows()")\n')
    assert edit(before + rest.format(""), (3, 13)) == after + marked


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", WARNING),
        ('    """The rows."""\n', '    """The rows."""\n' + WARNING),
        (
            "    '''The\n    rows.'''  # all\n\n",
            "    '''The\n    rows.'''  # all\n" + WARNING + "\n",
        ),
        ("    # They are many.\n", WARNING + "    # They are many.\n"),
        ("\n    # Two.\n\n    # Ones.\n", WARNING + "\n    # Two.\n\n    # Ones.\n"),
    ],
)
def test_the_statement_comes_behind_the_docstring_and_comments_stay(edit, before, after):
    text = IMPORTS + "\n\ndef load_rows(path):  # slow\n{}" + BODY + STREAMER + "\n\n# end\n"
    new = edit(text.format(before))
    assert new == text.replace("json\n", "json\nimport warnings\n", 1).format(after)
    assert edit(new) == new


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("load_rows", WARNING),
        (
            "load_rows_of_all_tables",
            "    warnings.warn(\n"
            '        "load_rows_of_all_tables() is deprecated: use stream_rows_of_all_tables()",\n'
            "        DeprecationWarning,\n        stacklevel=2,\n    )\n",
        ),
    ],
)
def test_a_long_statement_is_broken_as_formatters_do(edit, name, expected):
    text = f"{IMPORTS}\n\ndef load_rows(path):\n{BODY}{STREAMER}"
    text = text.replace("_rows", name.removeprefix("load"))
    assert expected in edit(text)
    assert max(map(len, edit(text).splitlines())) <= 88


def test_a_short_statement_stays_on_one_line(edit):
    text = f"{IMPORTS}import warnings as w\n\n\ndef load_rows(path):\n{BODY}{STREAMER}"
    line = 'w.warn("load_x() is deprecated: use stream_x()", DeprecationWarning, stacklevel=2)'
    assert f"\n    {line}\n" in edit(text.replace("_rows", "_x"))


def test_a_file_has_its_own_quotes_line_ends_and_indents(edit):
    text = f"{IMPORTS}x = 'a', 'b'\n\n\ndef load_rows(path):\n{BODY}{STREAMER}"
    text = text.replace("    ", "\t").replace("\n", "\r\n")
    new = edit(text)
    assert "\r\n\twarnings.warn(\r\n\t\t'load_rows() is" in new
    assert new.count("\r") == new.count("\n")
    added = [line for line in new.splitlines(True) if line not in text.splitlines(True)]
    left = new
    for line in added:
        left = left.replace(line, "", 1)
    assert left.replace("\r\n\t)\r\n", "\r\n", 1) == text


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        (
            (3, 13),
            '    @staticmethod\n    @deprecated("use stream_rows()")\n    # or not\n    def',
        ),
        (None, '        warnings.warn(\n            "load_rows() is'),
    ],
)
def test_a_method_is_marked_inside_its_own_decorator(edit, python, expected):
    inner = (
        "    @staticmethod\n    # or not\n    def load_rows(path):\n"
        + "".join(f"    {line}\n" for line in BODY.splitlines())
        + "\n    @staticmethod\n    def stream_rows(path, *, filter_func=None):\n"
        "        with open(path) as f:\n"
        "            yield from stream_json(f, filter_func=filter_func)\n"
    )
    new = edit(f'{IMPORTS}\n\nclass Store:\n    """All."""\n\n{inner}', python)
    assert expected in new


def test_two_loaders_share_one_import(edit):
    pair = f"\n\ndef load_rows(path):\n{BODY}{STREAMER}"
    new = edit(IMPORTS + pair + pair.replace("_rows", "_cells"))
    assert new.count("import warnings\n") == 1
    assert new.count("warnings.warn(") == 2
    assert edit(new) == new


@pytest.mark.parametrize(
    "text",
    [
        "def load_rows(path): return json.load(open(path))\n",
        'def load_rows(path): "The rows."; return json.load(open(path))\n',
        'def load_rows(path):\n    "The rows."; return json.load(open(path))\n',
    ],
)
def test_a_body_without_room_for_the_statement_says_so(edit, text):
    with pytest.raises(CannotApplyError, match="stands in the line of its") as caught:
        edit(f"{IMPORTS}\n\n{text}{STREAMER}")
    assert caught.value.plan is not None
    assert '@deprecated("use stream_rows()")\ndef' in edit(
        f"{IMPORTS}\n\n{text}{STREAMER}", (3, 13)
    )

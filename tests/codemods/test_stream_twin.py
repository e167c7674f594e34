"""Where a twin stands, and what the file around it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.source import parse
from loadstream.analysis.twin_sites import find_twin_sites
from loadstream_codemods.errors import CannotApplyError
from loadstream_codemods.stream_twin import add_twins

LOADER = "def load_rows(path):\n    with open(path) as f:\n        return json.load(f)\n"
TWIN = '''def stream_rows(path, *, filter_func=None):
    """Stream what `load_rows` returns, one element at a time.

    Yields:
        Each element, in order, for which `filter_func` is true (None: each); memory
        holds one of them at a time.
    """
    with open(path) as f:
        yield from stream_json(f, filter_func=filter_func)
'''
IMPORTS = "import json\n"
WITH_RUNTIME = "import json\n\nfrom loadstream import stream_json\n"


@pytest.fixture
def edit(tmp_path: Path):
    """The text of a loader's file with all the twins that one caller of each asks for."""

    def run(text: str, names: tuple[str, ...] = ("load_rows",)) -> str:
        path = tmp_path / "store.py"
        path.write_text(text, encoding="utf-8", newline="")
        calls = "".join(f"print(sum(1 for r in store.{name}))\n" for name in map(_called, names))
        (tmp_path / "caller.py").write_text(f"import store\n\n{calls}", encoding="utf-8")
        sites = find_twin_sites(parse(text, path), Repository(tmp_path))
        assert len(sites) == len(names)
        return add_twins(text, [site.plan for site in sites])

    return run


def _called(name: str) -> str:
    return name if name.endswith(")") else f"{name}('x')"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("\n\nx = 1\n", "\n\nx = 1\n"),
        ("x = 1\n", "x = 1\n"),
        ("\n\n# about x\nx = 1\n", "\n\n# about x\nx = 1\n"),
        ("\n\n# the end\n", "\n\n# the end\n"),
        ("\n\n\n\nx = 1  # one\n", "\n\n\n\nx = 1  # one\n"),
    ],
)
def test_a_twin_stands_right_behind_its_loader(edit, before, after):
    text = f"{IMPORTS}\n\n{LOADER}{before}"
    assert edit(text) == f"{WITH_RUNTIME}\n\n{LOADER}\n\n{TWIN}{after}"


def test_comments_in_the_loaders_block_stay_with_it(edit):
    loader = LOADER + "    # no more\n"
    assert edit(f"{IMPORTS}\n\n{loader}x = 1\n") == (f"{WITH_RUNTIME}\n\n{loader}\n\n{TWIN}x = 1\n")


def test_a_file_with_one_blank_line_between_functions_keeps_to_that(edit):
    other = "def other():\n    pass\n"
    new = edit(f"{IMPORTS}\n{other}\n{LOADER}\n{other}")
    assert new.endswith(f"\n{other}\n{LOADER}\n{TWIN}\n{other}")


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_are_the_files_own(edit, newline):
    text = f"{IMPORTS}\n\n{LOADER}\n\nx = 1\n"
    expected = f"{WITH_RUNTIME}\n\n{LOADER}\n\n{TWIN}\n\nx = 1\n"
    assert edit(text.replace("\n", newline)) == expected.replace("\n", newline)


def test_indentation_is_the_loaders_own(edit):
    narrow = LOADER.replace("    ", "  ")
    new = edit(f"{IMPORTS}\n\n{narrow}\n\ndef other():\n    pass\n")
    assert '\n  """Stream what' in new
    assert "\n    yield from stream_json(f, " in new


def test_a_file_without_a_line_feed_at_its_end_gets_one_between(edit):
    text = f"{IMPORTS}\n\n{LOADER}".rstrip("\n")
    assert edit(text).rstrip("\n") == f"{WITH_RUNTIME}\n\n{LOADER}\n\n{TWIN}".rstrip("\n")


def test_two_twins_share_their_import(edit):
    other = LOADER.replace("load_rows", "load_cells")
    new = edit(f"{IMPORTS}\n\n{LOADER}\n\n{other}", ("load_rows", "load_cells"))
    assert new.count("from loadstream import") == 1
    assert (
        new.index("def stream_rows") < new.index("def load_cells") < new.index("def stream_cells")
    )
    compile(new, "store.py", "exec")


@pytest.mark.parametrize(
    ("imports", "after"),
    [
        ("import json\n\nfrom loadstream import stream_json\n", None),
        (
            "import json\n\nfrom loadstream import Dataset\n",
            "import json\n\nfrom loadstream import Dataset, stream_json\n",
        ),
        (
            "from json import load\n",
            "from json import load\n\nfrom loadstream import stream_json\n",
        ),
    ],
)
def test_the_runtime_is_imported_once_and_json_stays(edit, imports, after):
    loader = LOADER.replace("json.load", "load") if "from json" in imports else LOADER
    new = edit(f"{imports}\n\n{loader}")
    assert new.startswith(f"{after or imports}\n\ndef load_rows")


def test_a_docstring_and_a_future_import_stay_first(edit):
    head = '"""About this."""\n\nfrom __future__ import annotations\n\n'
    new = edit(f"{head}{IMPORTS}\n\n{LOADER}")
    assert new.startswith(f"{head}{WITH_RUNTIME}")


METHOD = """\
    def load_rows(self):
        with open(self.path) as f:
            return json.load(f)
"""
TWIN_METHOD = '''\
    def stream_rows(self, *, filter_func=None):
        """Stream what `load_rows` returns, one element at a time.

        Yields:
            Each element, in order, for which `filter_func` is true (None: each); memory
            holds one of them at a time.
        """
        with open(self.path) as f:
            yield from stream_json(f, filter_func=filter_func)
'''


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("    path = 'x'\n\n", ""),
        ("    path = 'x'\n", "    limit = 1\n"),
        ('    """Rows."""\n\n    # all\n', "\n    def other(self): ...\n"),
        ("", "    # the end\n\n\nx = 1\n"),
        ("", "\n\nx = 1\n"),
    ],
)
def test_the_twin_of_a_method_stands_behind_it_in_the_class(edit, before, after):
    text = f"{IMPORTS}\n\nclass Repo:\n{before}{METHOD}{after}"
    expected = f"{before}{METHOD}\n{TWIN_METHOD}{after}"
    assert edit(text, ("Repo().load_rows()",)) == f"{WITH_RUNTIME}\n\nclass Repo:\n{expected}"


@pytest.mark.parametrize("decorator", ["staticmethod", "classmethod"])
def test_a_twin_is_decorated_as_its_method(edit, decorator):
    first = "cls, path" if decorator == "classmethod" else "path"
    method = (
        f"    @{decorator}\n    def load_rows({first}):\n        return json.load(open(path))\n"
    )
    new = edit(f"{IMPORTS}\n\nclass Repo:\n{method}", ("Repo.load_rows",))
    assert f"{method}\n    @{decorator}\n    def stream_rows({first}, *, filter_func" in new


def test_indentation_in_a_class_is_the_classs_own(edit):
    text = f"{IMPORTS}\n\nclass Repo:\n{METHOD}".replace("    ", "\t")
    new = edit(text, ("Repo().load_rows()",))
    assert "\n\tdef stream_rows(self, *, filter_func=None):\n\t\t" in new
    assert "\n\t\t\tyield from" in new
    compile(new, "store.py", "exec")


def test_a_text_that_is_another_by_now_is_refused(tmp_path, edit):
    text = f"{IMPORTS}\n\n{LOADER}"
    edit(text)
    path = tmp_path / "store.py"
    [site] = find_twin_sites(parse(text, path), Repository(tmp_path))
    with pytest.raises(CannotApplyError):
        add_twins("x = 1\n" + text, [site.plan])

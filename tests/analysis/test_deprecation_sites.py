"""Which loaders are to be marked deprecated on request, how, and which are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadstream.analysis.deprecation_sites import find_deprecations
from loadstream.analysis.plans import Deprecation, ImportChange, NewImport
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import PairSetting, Settings
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse
from loadstream.analysis.twin_sites import find_twin_sites

IMPORTS = "import json\n\nfrom loadstream import stream_json\n"
LOADER = """

def load_rows(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)
"""
STREAMER = """

def stream_rows(path, *, filter_func=None):
    with open(path, encoding="utf-8") as f:
        yield from stream_json(f, filter_func=filter_func)
"""
PAIR = LOADER + STREAMER
IN_BODY = "load_rows() is deprecated: use stream_rows()"


@pytest.fixture
def find(tmp_path: Path):
    """The sites of a store, as text and beside other files."""

    def run(text: str, settings: Settings | None = None, **others: str):
        for name, other in {**others, "store": text}.items():
            (tmp_path / f"{name}.py").write_text(other, encoding="utf-8")
        repository = Repository(tmp_path, settings)
        return find_deprecations(parse(text, tmp_path / "store.py"), repository)

    return run


NEW = Settings(python=(3, 13))


@pytest.mark.parametrize(
    ("imports", "settings", "callee", "in_body"),
    [
        ("", None, "warnings.warn", True),
        ("", Settings(python=(3, 12)), "warnings.warn", True),
        ("import warnings\n", None, "warnings.warn", True),
        ("import warnings as w\n", None, "w.warn", True),
        ("from warnings import warn\n", None, "warn", True),
        ("", NEW, "deprecated", False),
        ("from warnings import warn\n", NEW, "deprecated", False),
        ("import warnings\n", NEW, "warnings.deprecated", False),
        ("from warnings import deprecated\n", None, "deprecated", False),
        ("from typing_extensions import deprecated as old\n", None, "old", False),
        (
            "import sys\nif sys.version_info >= (3, 13):\n    from warnings import deprecated\n"
            "else:\n    from typing_extensions import deprecated\n",
            None,
            "deprecated",
            False,
        ),
        # What may not be there, or may be something else, is not used.
        ("if json:\n    from warnings import deprecated\n", None, "warnings.warn", True),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
            "    from typing_extensions import deprecated\nelse:\n    from warnings import "
            "deprecated\n",
            None,
            "warnings.warn",
            True,
        ),
        ("from legacy import deprecated\n", None, "warnings.warn", True),
        ("from legacy import deprecated\n", NEW, "warnings.warn", True),
        ("deprecated = {}\n", NEW, "warnings.warn", True),
        ("def f(deprecated):\n    pass\n", NEW, "warnings.warn", True),
        ("print(deprecated)\n", NEW, "warnings.warn", True),
    ],
)
def test_the_mark_is_what_the_file_and_its_oldest_python_have(
    find, imports, settings, callee, in_body
):
    [site] = find(IMPORTS + imports + PAIR, settings)
    assert isinstance(site.plan.shape, Deprecation)
    assert (site.plan.shape.callee, site.plan.shape.in_body) == (callee, in_body)
    assert site.plan.shape.message == (f'"{IN_BODY}"' if in_body else '"use stream_rows()"')


def test_a_new_import_is_asked_for_only_where_it_is_needed(find):
    [site] = find(IMPORTS + PAIR)
    assert isinstance(site.plan.imports, NewImport)
    assert site.plan.imports.text == "import warnings"
    [site] = find(IMPORTS + "import warnings\n" + PAIR)
    assert site.plan.imports is None
    [site] = find(IMPORTS + "from warnings import warn\n" + PAIR, NEW)
    assert isinstance(site.plan.imports, ImportChange)
    assert site.plan.imports.add == "deprecated"


@pytest.mark.parametrize(
    "text",
    [
        "warnings = []\n" + PAIR,
        LOADER.replace("path", "warnings") + STREAMER,
        "class DeprecationWarning(Exception):\n    pass\n" + PAIR,
        PAIR + "\n\nimport warnings\n",
        PAIR + "\n\ndef other():\n    import warnings\n",
    ],
)
def test_a_name_that_is_taken_keeps_the_loader_unmarked(find, text):
    [site] = find(IMPORTS + text)
    assert site.plan is None
    assert [refusal.reason.value for refusal in site.refusals] == ["not-editable"]


def test_the_name_must_be_free_for_those_who_import_all_of_the_file(find):
    [site] = find(IMPORTS + PAIR, all_of_it="warnings = 1\nfrom store import *\nprint(warnings)\n")
    assert site.plan is None


def test_a_file_called_warnings_keeps_loaders_unmarked(find):
    [site] = find(IMPORTS + PAIR, warnings="x = 1\n")
    assert site.plan is None


def test_a_file_that_imports_json_in_its_functions_has_no_place_for_an_import(find):
    text = PAIR.replace(
        "    with", "    import json\n    from loadstream import stream_json\n    with"
    )
    [site] = find(text)
    assert site.plan is None


@pytest.mark.parametrize(
    "text",
    [
        LOADER,  # no streamer
        "from legacy import *\n" + PAIR,  # which may bring another load_rows
        STREAMER,
        "from warnings import deprecated\n"
        + PAIR.replace("def load", "@deprecated('gone')\ndef load"),
        "import warnings\n"
        + PAIR.replace("    with", "    warnings.warn('x', DeprecationWarning)\n    with", 1),
        PAIR.replace("def load", "async def load"),
        LOADER.replace("return", "yield") + STREAMER,
        PAIR.replace("load_rows", "save_rows"),
    ],
)
def test_what_is_marked_or_no_pair_is_left_alone(find, text):
    assert find(IMPORTS + text) == ()


@pytest.mark.parametrize(
    ("text", "slug", "words"),
    [
        (
            PAIR.replace("def load", "@cache\ndef load"),
            "cached-loader",
            "load_rows is decorated or keeps what it loaded",
        ),
        (
            PAIR.replace("    with", "    print(path)\n    with", 1),
            "loader-effects",
            "load_rows prints, stream_rows does not",
        ),
        (
            LOADER + "\n\ndef stream_rows(path):\n    yield from load_rows(path)\n",
            "not-editable",
            "load_rows cannot be marked deprecated: stream_rows uses it",
        ),
    ],
)
def test_a_loader_that_the_streamer_is_not_certainly_for_stays_with_a_reason(
    find, text, slug, words
):
    [site] = find(IMPORTS + "from functools import cache\n" + text)
    assert site.plan is None
    assert [(r.reason.value, r.fact) for r in site.refusals] == [(slug, words)]


def test_a_configured_loader_with_a_decorator_stays_unmarked(find):
    settings = Settings(pairs=(PairSetting("store.everything", "store.stream_rows"),))
    text = IMPORTS + "from functools import cache\n" + PAIR.replace("load_rows", "everything")
    [site] = find(text.replace("def every", "@cache\ndef every"), settings)
    assert "it is decorated" in site.refusals[0].fact
    [site] = find(text, settings)
    assert site.plan.shape.message == '"everything() is deprecated: use stream_rows()"'


def test_a_streamer_in_another_file_is_named_in_full(find):
    settings = Settings(pairs=(PairSetting("store.load_rows", "streams.all_rows"),))
    streams = IMPORTS + STREAMER.replace("stream_rows", "all_rows")
    [site] = find(IMPORTS + LOADER, settings, streams=streams)
    assert site.plan.shape.message == ('"load_rows() is deprecated: use streams.all_rows()"')


def test_a_loader_known_by_its_body_is_marked_too(find):
    [site] = find(IMPORTS + PAIR.replace("load_rows", "get_rows"))
    assert site.plan.shape.message == '"get_rows() is deprecated: use stream_rows()"'


def test_methods_are_marked_too(find):
    inner = "".join(
        f"    {line}" if line.strip() else line
        for line in PAIR.replace("(path", "(self, path").splitlines(True)
    )
    [site] = find(f"{IMPORTS}\n\nclass Store:{inner}")
    assert site.loader == "store.Store.load_rows"
    assert site.plan is not None


def test_lint_says_nothing_of_it(tmp_path):
    text = IMPORTS + PAIR
    (tmp_path / "store.py").write_text(text, encoding="utf-8")
    source, repository = parse(text, tmp_path / "store.py"), Repository(tmp_path)
    assert find_twin_sites(source, repository) == ()
    assert [site.plan for site in find_sites(source, repository)] == [None]


@pytest.mark.parametrize(("comment", "codes"), [("keep[LS108]", []), ("keep", ["LS901"])])
def test_a_comment_that_keeps_a_loader_from_it_is_of_use_only_with_the_code(
    tmp_path, comment, codes
):
    text = IMPORTS + PAIR.replace("def load", f"# loadstream: {comment}\ndef load")
    (tmp_path / "store.py").write_text(text, encoding="utf-8")
    sites = find_sites(parse(text, tmp_path / "store.py"), Repository(tmp_path))
    assert [site.plan.code for site in sites if site.plan] == codes

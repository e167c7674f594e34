"""`from m import *` of modules that can be read."""

from __future__ import annotations

import pytest

from loadstream.analysis.plans import Safety
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse

SCRIPT = (
    "import json\n{star}\n\nwith open('d.json') as f:\n    data = json.load(f)\n"
    "print(sum(row['n'] for row in data))\n"
)


@pytest.fixture
def verdict(tmp_path):
    """LS101 or the reasons for a script with the star import, none where there is no load."""

    def run(star: str = "from tools import *", **others: str) -> str | set[str]:
        for name, text in others.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        program = SCRIPT.format(star=star)
        script = tmp_path / "script.py"
        script.write_text(program)
        sites = find_sites(parse(program, script), Repository(tmp_path))
        if not sites or sites[0].plan is None:
            return {refusal.reason.value for site in sites for refusal in site.refusals}
        [site] = sites
        assert site.plan.safety is Safety.SAFE
        return site.plan.code

    return run


HARMLESS = {
    "other names": "import os\nLIMIT = 3\n\ndef work():\n    opened = sum\n",
    "the same json": "import json\nimport os\n",
    "private names": "_json = 1\n_open = 2\n",
    "a list of names": "__all__ = ['work']\n\ndef open():\n    pass\n\ndef work():\n    pass\n",
    "nothing": "",
}


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_a_star_that_brings_nothing_that_is_used_changes_nothing(text, verdict):
    assert verdict(tools=text) == "LS101"


HARMFUL = {
    "another json": "import ujson as json\n",
    "another open": "def open(path):\n    return path\n",
    "another sum": "from numpy import sum\n",
    "another sum in a branch": "if True:\n    sum = max\n",
    "another open from a function": "def work():\n    global open\n    open = print\n",
    "its name": "stream_json = 3\n",
    "names from a string": "exec('json = 1')\n",
    "names set by hand": "globals()['open'] = print\n",
    "names that are listed as they come": "__all__ = ['work']\n__all__ += ['open']\n",
    "names that are listed by a call": "__all__ = list('ab')\n",
    "a star of what is not known": "from elsewhere import *\n",
    "a syntax error": "def (:\n",
}


@pytest.mark.parametrize("text", HARMFUL.values(), ids=HARMFUL)
def test_a_star_that_may_bring_a_name_that_is_used_keeps_the_load(text, verdict):
    assert verdict(tools=text) != "LS101"


def test_stars_of_stars_are_followed(verdict):
    assert verdict(tools="from more import *\n", more="A = 1\n") == "LS101"
    assert verdict(tools="from more import *\n", more="open = 1\n") != "LS101"


def test_modules_that_import_each_other_by_star_are_not_followed_for_ever(verdict):
    assert verdict(tools="from more import *\n", more="from tools import *\n") != "LS101"


def test_a_star_of_a_module_outside_keeps_the_load(verdict):
    assert verdict("from numpy import *") == {"unresolved"}


def test_relative_stars_are_followed(tmp_path):
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "const.py").write_text("LIMIT = 3\n")
    program = SCRIPT.format(star="from .const import *")
    [site] = find_sites(parse(program, package / "script.py"), Repository(tmp_path))
    assert site.plan is not None


def test_a_function_that_a_star_brings_is_known_by_its_import_only(verdict):
    assert verdict(tools="def load_rows():\n    return [1]\n") == "LS101"


@pytest.mark.parametrize("module", ["io", "codecs"])
def test_open_from_the_standard_library_opens_files(module, verdict):
    assert verdict(f"from {module} import open") == "LS101"


@pytest.mark.parametrize("line", ["from tools import open", "from io import StringIO as open"])
def test_another_open_opens_what_is_not_known(line, verdict):
    assert verdict(line) == {"unresolved"}


@pytest.mark.parametrize(
    ("name", "kept"), [("stream_json", True), ("json", True), ("other", False)]
)
def test_the_modules_of_a_package_come_with_its_star(name, kept, tmp_path):
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / f"{name}.py").write_text("")
    text = "import json\nfrom pkg import *\nprint(sum(json.load(open('d.json'))))\n"
    script = tmp_path / "script.py"
    sites = find_sites(parse(text, script), Repository(tmp_path))
    assert [site.plan is None for site in sites] == ([] if name == "json" else [kept])


def test_a_module_that_comes_by_two_stars_is_the_same_module(verdict):
    assert verdict(tools="from more import *\n", more="import json\nimport os\n") == "LS101"
    assert verdict(tools="from more import *\n", more="import ujson as json\n") != "LS101"


def test_a_star_that_is_followed_again_says_the_same(tmp_path):
    (tmp_path / "more.py").write_text("import json\n")
    (tmp_path / "tools.py").write_text("from more import *\n")
    program = SCRIPT.format(star="from tools import *")
    repository = Repository(tmp_path)
    for _ in range(2):
        [site] = find_sites(parse(program, tmp_path / "script.py"), repository)
        assert site.plan is not None
        tools = repository.module((tmp_path / "tools.py").resolve())
        assert repository.binding(tools, "json") is None

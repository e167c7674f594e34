"""Pairs by configuration: their functions, their argument maps, their data."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from loadstream.analysis.configured import PairError
from loadstream.analysis.repository import Repository
from loadstream.analysis.settings import PairSetting, Settings
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse
from loadstream.analysis.worth_parsing import is_worth_parsing
from loadstream_codemods.apply import apply

REPO = """\
import json
from functools import cache

@cache
def get_rows(source="enriched", limit=None, strict=False):
    with open(source + ".json") as f:
        return json.load(f)[:limit]

def iter_rows(filter_func=None, enriched=False, limit=None):
    with open(("enriched" if enriched else "raw") + ".json") as f:
        for row in json.load(f)[:limit]:
            if filter_func is None or filter_func(row):
                yield row
"""
MAP = {"source": {"enriched": {"enriched": True}, "raw": {"enriched": False}}}
PAIR = PairSetting("repo.get_rows", "repo.iter_rows", arguments=MAP)
FILTER = "from repo import get_rows\nprint([r for r in get_rows({}) if r > 2])\n"


@pytest.fixture
def sites(tmp_path):
    def run(text: str, *pairs: PairSetting, script: str = "script.py", settings=None, **files: str):
        for name, content in {"repo": REPO, **files}.items():
            (tmp_path / f"{name}.py").write_text(content)
        path = tmp_path / script
        path.write_text(text)
        given = settings or Settings(pairs=pairs)
        return find_sites(parse(text, path), Repository(tmp_path, given))

    return run


@pytest.fixture
def check(tmp_path, sites):
    """Rewrite a script, run it before and after, and return the new text on one line."""

    def run(text: str, *pairs: PairSetting, **files: str) -> str:
        (tmp_path / "raw.json").write_text(json.dumps([1, 2, 3, 4, 5]))
        (tmp_path / "enriched.json").write_text(json.dumps([10, 2, 30, 1]))
        plans = [site.plan for site in sites(text, *pairs, **files) if site.plan is not None]
        assert plans
        new = apply(text, plans)
        (tmp_path / "new.py").write_text(new)
        before, after = (
            subprocess.run(
                [sys.executable, name], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            for name in ("script.py", "new.py")
        )
        assert (before.returncode, before.stdout) == (after.returncode, after.stdout), after.stderr
        assert before.stdout
        return " ".join(new.split()).replace("( ", "(").replace(" )", ")")

    return run


def slugs(found) -> list[set[str]]:
    return [{refusal.reason.value for refusal in site.refusals} for site in found]


@pytest.mark.parametrize(
    ("given", "streamed"),
    [
        ("", "enriched=True, filter_func"),
        ("'enriched'", "enriched=True, filter_func"),
        ("'raw'", "enriched=False, filter_func"),
        ("source='raw'", "enriched=False, filter_func"),
        ("'raw', 4", "enriched=False, limit=4, filter_func"),
        ("limit=4, source='raw'", "limit=4, enriched=False, filter_func"),
        ("limit=2 + 2", "limit=2 + 2, enriched=True, filter_func"),
    ],
)
def test_arguments_are_carried_over_as_the_map_says(check, given, streamed):
    assert f"iter_rows({streamed}=lambda r: r > 2)" in check(FILTER.format(given), PAIR)


@pytest.mark.parametrize(
    "given", ["'other'", "name", "None", "f'raw'", "'raw' + ''", "source='other'", "strict=True"]
)
def test_a_value_that_the_map_does_not_have_keeps_the_load(sites, given):
    found = sites("name = 'raw'\n" + FILTER.format(given), PAIR)
    assert slugs(found) == [{"signature-mismatch"}]


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        ({"source": {"raw": {"enriched": False}}}, ""),  # the default is not in the map
        ({**MAP, "limit": {"4": {"enriched": True}}}, "limit=4"),  # enriched= would come twice
        ({**MAP, "limit": {"4": {}}}, ""),
    ],
)
def test_a_map_that_does_not_fit_the_call_keeps_the_load(sites, arguments, given):
    pair = PairSetting("repo.get_rows", "repo.iter_rows", arguments=arguments)
    assert slugs(sites(FILTER.format(given), pair)) == [{"signature-mismatch"}]


def test_a_default_that_means_the_streamers_own_default_adds_no_argument(check):
    repo = REPO.replace("enriched=False", "enriched=True")
    assert "iter_rows(filter_func=lambda" in check(FILTER.format(""), PAIR, repo=repo)


def test_a_constant_that_is_no_string_is_found_by_its_text(check):
    repo = REPO.replace('source="enriched"', "rich=True").replace(
        "source +", '("enriched" if rich else "raw") +'
    )
    arguments = {"rich": {"True": {"enriched": True}, "False": {"enriched": False}}}
    pair = PairSetting("repo.get_rows", "repo.iter_rows", arguments=arguments)
    assert "iter_rows(enriched=False, filter" in check(FILTER.format("False"), pair, repo=repo)


def test_a_parameter_may_have_another_name_in_the_streamer(check):
    repo = REPO.replace("limit=None):\n    with open((", "most=None):\n    with open((").replace(
        "[:limit]:", "[:most]:"
    )
    arguments = {**MAP, "limit": "most"}
    pair = PairSetting("repo.get_rows", "repo.iter_rows", arguments=arguments)
    for given in ("'raw', 4", "'raw', limit=4"):
        assert "enriched=False, most=4, filter" in check(FILTER.format(given), pair, repo=repo)
    assert "enriched=False, filter" in check(FILTER.format("'raw'"), pair, repo=repo)


def test_without_configuration_such_a_function_is_no_loader(sites):
    assert sites(FILTER.format("")) == ()


def test_a_caching_loader_is_trusted_only_where_it_is_configured(sites):
    data = REPO.replace("get_rows", "load_rows").replace("iter_rows", "stream_rows")
    data = data.replace("enriched=False", 'source="enriched"').replace(", strict=False", "")
    text = "from repo import load_rows\nprint(sum(load_rows()))\n"
    assert slugs(sites(text, repo=data)) == [{"cached-loader"}]
    (site,) = sites(text, PairSetting("repo.load_rows", "repo.stream_rows"), repo=data)
    assert site.plan is not None


def test_a_configured_loader_that_does_more_than_load_is_kept_all_the_same(sites):
    data = REPO.replace("    with open(source", "    print('loading')\n    with open(source")
    assert slugs(sites(FILTER.format(""), PAIR, repo=data)) == [{"loader-effects"}]


def test_the_configured_streamer_goes_before_the_one_beside_the_loader(sites):
    data = (
        "def load_rows():\n    return [1]\n"
        "def stream_rows(filter_func=None):\n    yield 1\n"
        "def read_rows(filter_func=None):\n    yield 1\n"
    )
    text = "from repo import load_rows\nprint(sum(load_rows()))\n"
    (site,) = sites(text, PairSetting("repo.load_rows", "repo.read_rows"), repo=data)
    assert site.plan.stream.callee == "read_rows"
    assert site.stream == "repo.read_rows"


def test_the_configured_filter_parameter_takes_the_condition(check):
    data = REPO.replace("filter_func", "keep")
    pair = PairSetting("repo.get_rows", "repo.iter_rows", "keep", arguments=MAP)
    assert "keep=lambda r: r > 2" in check(FILTER.format(""), pair, repo=data)
    unnamed = check(FILTER.format(""), PAIR, repo=data)
    assert "for r in iter_rows(enriched=True) if r > 2" in unnamed


@pytest.mark.parametrize(
    ("text", "callee"),
    [
        ("import repo\nprint(sum(repo.get_rows()))\n", "repo.iter_rows"),
        ("from repo import get_rows as g\nprint(sum(g()))\n", "iter_rows"),
        ("from pkg import get_rows\nprint(sum(get_rows()))\n", "iter_rows"),
    ],
)
def test_a_configured_loader_is_followed_through_imports(sites, text, callee):
    (site,) = sites(text, PAIR, pkg="from repo import get_rows, iter_rows\n")
    assert site.plan.stream.callee == callee


STREAMS = REPO[REPO.index("def iter_rows") :]
LOADS = REPO[: REPO.index("def iter_rows")]
APART = PairSetting("loads.get_rows", "streams.iter_rows", arguments=MAP)


def test_a_streamer_of_another_module_is_used_where_it_is_imported(check):
    files = {"loads": LOADS, "streams": "import json\n" + STREAMS}
    text = "from loads import get_rows\nfrom streams import iter_rows\nprint(sum(get_rows()))\n"
    assert check(text, APART, **files).startswith("from streams import iter_rows print(sum(iter_")


@pytest.mark.parametrize(
    "text",
    [
        "from loads import get_rows\nprint(sum(get_rows()))\n",
        "import loads\nprint(sum(loads.get_rows()))\n",
        "from loads import get_rows\nprint(sum(get_rows()))\nfrom streams import iter_rows\n",
        "from loads import get_rows\nfrom other import iter_rows\nprint(sum(get_rows()))\n",
    ],
)
def test_a_streamer_of_another_module_that_is_out_of_reach_keeps_the_load(sites, text):
    other = "def iter_rows():\n    pass\n"
    files = {"loads": LOADS, "streams": "import json\n" + STREAMS, "other": other}
    assert slugs(sites(text, APART, **files)) == [{"unresolved"}]


CLASS = """\
import json

class Store:
    def read_rows(self, path="raw.json"):
        with open(path) as f:
            return json.load(f)

    def scan_rows(self, filter_func=None, path="raw.json"):
        with open(path) as f:
            for row in json.load(f):
                if filter_func is None or filter_func(row):
                    yield row
"""
METHODS = PairSetting("store.Store.read_rows", "store.Store.scan_rows")


def test_methods_are_paired_by_the_names_of_their_class(check):
    text = "from store import Store\nprint([r for r in Store().read_rows('raw.json') if r > 2])\n"
    new = check(text, METHODS, store=CLASS)
    assert "Store().scan_rows(path='raw.json', filter_func=lambda" in new


def test_a_configured_stream_is_mended_too(check):
    text = "from repo import iter_rows\nfor r in iter_rows():\n    if r > 2:\n        print(r)\n"
    assert "for r in iter_rows(filter_func=lambda r: r > 2)" in check(text, PAIR)


@pytest.mark.parametrize(
    ("pair", "key", "cause", "hint"),
    [
        (PairSetting("repo.gt_rows", "repo.iter_rows"), "load", "no such", "repo.get_rows"),
        (PairSetting("repo.get_rows", "rep.iter_rows"), "stream", "no such", "repo.iter_rows"),
        (PairSetting("repo.json", "repo.iter_rows"), "load", "no such", "repo.get_rows"),
        (PairSetting("repo.iter_rows", "repo.iter_rows"), "load", "a generator", None),
        (
            PairSetting("repo.get_rows", "repo.iter_rows", "filter_fun"),
            "filter-parameter",
            "no parameter",
            "filter_func",
        ),
        (
            PairSetting("repo.get_rows", "repo.iter_rows", arguments={"sorce": "x"}),
            "arguments",
            "repo.get_rows has no parameter",
            "source",
        ),
        (
            PairSetting("repo.get_rows", "repo.iter_rows", arguments={"limit": "limt"}),
            "arguments",
            "repo.iter_rows has no parameter",
            "limit",
        ),
    ],
)
def test_a_pair_that_the_repository_does_not_have_is_an_error(tmp_path, pair, key, cause, hint):
    (tmp_path / "repo.py").write_text(REPO)
    with pytest.raises(PairError) as caught:
        _ = Repository(tmp_path, Settings(pairs=(pair,))).configured_pairs
    assert caught.value.key == key
    assert cause in caught.value.cause
    assert hint is None or hint in caught.value.known


@pytest.mark.parametrize(
    ("data", "least", "expected"),
    [
        ("data/a.json", 11, [{"small-data"}]),
        ("data/a.json", 10, [set()]),
        ("data/*.json", 20, [set()]),
        ("data/*.json", 21, [{"small-data"}]),
        ("data/absent.json", 21, [set()]),
        ("data", 21, [set()]),
        ("data/a.json", None, [set()]),
        (None, 21, [set()]),
    ],
)
def test_small_data_is_not_worth_a_stream(sites, tmp_path, data, least, expected):
    folder = tmp_path / "data"
    folder.mkdir()
    for name in ("a.json", "b.json"):
        (folder / name).write_text("[" + " " * 8 + "]")
    pair = PairSetting("repo.get_rows", "repo.iter_rows", data=data, arguments=MAP)
    settings = Settings(pairs=(pair,), folder=tmp_path, min_size=least)
    assert slugs(sites(FILTER.format(""), settings=settings)) == expected


def test_a_file_with_a_configured_name_is_worth_parsing(tmp_path):
    assert Settings(pairs=(PAIR,)).names == ("get_rows", "iter_rows")
    assert not is_worth_parsing(b"get_rows()", Repository(tmp_path))
    settings = Settings(pairs=(PAIR,))
    assert is_worth_parsing(b"get_rows()", Repository(tmp_path, settings))

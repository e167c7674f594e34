"""Loaders that are known by their bodies, whatever their names are: where calls are seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadstream.analysis.candidates import words_of
from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.plain_loaders import around_loads, body_of, plain_names
from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import decode, parse
from loadstream.analysis.worth_parsing import is_worth_parsing

STORE = """\
import json

from loadstream import stream_json


def NAME(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)["rows"]


def TWIN(path, *, filter_func=None):
    with open(path, encoding="utf-8") as f:
        yield from stream_json(f, "$.rows", filter_func=filter_func)
"""
CALLER = "from store import NAME\n\nfor row in NAME('rows.json'):\n    print(row)\n"


@pytest.fixture
def judge(tmp_path: Path):
    """What becomes of the calls of a loader in a script beside its module."""

    def run(store: str, name: str, twin: str, caller: str = CALLER):
        text = store.replace("NAME", name).replace("TWIN", twin)
        (tmp_path / "store.py").write_text(text, encoding="utf-8")
        script = tmp_path / "script.py"
        text = caller.replace("NAME", name).replace("TWIN", twin)
        script.write_text(text, encoding="utf-8")
        return find_sites(parse(text, script), Repository(tmp_path))

    return run


@pytest.mark.parametrize(
    "before",
    [
        "",
        "    where = os.path.join('.', str(path))\n    path = where\n",
        "    where = Path(path)\n",
        "    here = path\n    folder, name = os.path.split(here)\n"
        "    where = os.path.join(folder, name)\n",
        "    where = path\n    if where is None:\n        where = 'rows.json'\n",
    ],
)
def test_a_pass_that_writes_what_it_is_given_to_load_stays(judge, before):
    opened = "where" if "where" in before else "path"
    store = STORE.replace("import json\n", "import json\nimport os\nfrom pathlib import Path\n")
    store = store.replace("    with open(path,", f"{before}    with open({opened},")
    caller = CALLER.replace("print(row)", "open('rows.json', 'w').close()")
    [site] = judge(store, "load_rows", "stream_rows", caller)
    assert {refusal.reason.value for refusal in site.refusals} == {"writes-source"}
    [site] = judge(store, "load_rows", "stream_rows")
    assert site.plan is not None


PAIRS = [
    ("get_rows", "stream_rows"),
    ("get_rows", "iter_rows"),
    ("read_rows", "iter_rows"),
    ("fetch_rows", "iter_rows"),
    ("load_rows_eager", "load_rows_lazy"),
    ("load", "stream"),
    ("questions", "stream_questions"),
]


@pytest.mark.parametrize(("name", "twin"), PAIRS)
def test_a_plain_loader_and_what_is_certainly_its_twin_are_a_pair(judge, name, twin):
    [site] = judge(STORE, name, twin)
    assert site.plan is not None
    assert site.stream == f"store.{twin}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("yield from stream_json", "yield from sorted_json"),
        ('"$.rows"', '"$.cells"'),
        (
            '    with open(path, encoding="utf-8") as f:\n        yield',
            "    if True:\n        yield",
        ),
        ("TWIN(path, *, filter", "TWIN(path='x', *, filter"),
        ("        yield from", "        print(path)\n        yield from"),
        ("def TWIN", "@cache\ndef TWIN"),
        ("def TWIN", "async def TWIN"),
        ("from loadstream import", "from elsewhere import"),
        ('return json.load(f)["rows"]', 'return sorted(json.load(f)["rows"])'),
        ('return json.load(f)["rows"]', 'return json.load(f, object_hook=dict)["rows"]'),
        ("def NAME", "@cache\ndef NAME"),
    ],
)
def test_names_that_say_nothing_are_no_pair_where_a_body_is_not_certain(judge, old, new):
    assert old in STORE
    for site in judge(STORE.replace(old, new), "get_rows", "iter_rows"):
        assert site.plan is None


def test_a_docstring_and_annotations_make_no_other_twin(judge):
    store = STORE.replace("TWIN(path, *", "TWIN(path: str, *").replace(
        "filter_func=None):\n", 'filter_func=None) -> object:\n    """Its rows."""\n'
    )
    [site] = judge(store, "get_rows", "iter_rows")
    assert site.plan is not None


def test_a_call_of_a_function_that_is_no_plain_loader_is_no_site(judge):
    store = STORE.replace("        return", "        print(path)\n        return")
    assert judge(store, "get_rows", "stream_rows") == ()


def test_a_plain_loader_called_load_is_not_taken_for_json(judge):
    [loader, plain] = judge(
        STORE,
        "load",
        "stream",
        "import json\nfrom store import load\n\nfor row in load('rows.json'):\n    print(row)\n"
        "with open('x') as f:\n    print(json.load(f)[0])\n",
    )
    assert (loader.loader, plain.loader) == ("store.load", "json.load")


def test_without_a_streamer_the_call_is_kept_and_says_what_could_be(judge):
    [site] = judge(STORE.partition("\n\ndef TWIN")[0] + "\n", "get_rows", "")
    assert site.plan is None
    assert site.refusals[0].fact == (
        "store.py has no stream_rows, which LS108 can add, for the get_rows()"
    )


def test_a_file_is_worth_parsing_for_calls_of_plain_loaders_alone(tmp_path):
    (tmp_path / "store.py").write_text(STORE.replace("NAME", "get_rows"), encoding="utf-8")
    repository = Repository(tmp_path)
    assert plain_names(repository) == {"get_rows"}
    for data, expected in [
        (b"rows = get_rows(path)", True),
        (b"rows = store.get_rows (path)", True),
        (b"from store import get_rows as rows", True),
        (b"get_rows_of(path)", False),
        (b"# see get_rows", False),
        (b"print(1)", False),
    ]:
        assert is_worth_parsing(data, repository) is expected


def test_no_plain_loader_is_missed_where_the_words_say_that_nothing_is_returned(tmp_path):
    library = Path(json.__file__).parent.parent
    fixtures = Path(__file__).parents[2] / "fixtures"
    seen = 0
    for path in (*library.glob("**/*.py"), *fixtures.glob("**/*.py")):
        data = path.read_bytes()
        words = words_of(data)
        if "site-packages" in path.parts or not words.loads or words.returns:
            continue
        seen += 1
        module = Module(parse(decode(data), path))
        repository = Repository(tmp_path)
        for function in around_loads(module, repository):
            assert body_of(Definition(module, function), repository) is None, path
    assert seen > (3 if (library / "idlelib").is_dir() else 1)  # some systems leave parts out

from dataclasses import replace
from pathlib import Path

import pytest

from loadstream.project.config import Configuration, configuration_in, document_in
from loadstream.project.pairs import PairTable
from loadstream.setup.data import DataFile
from loadstream.setup.proposal import block, propose
from loadstream.setup.survey import Loader, Survey

FILE = Path("pyproject.toml")
HERE = Configuration(Path("/r"))


def loader(name: str, size: int = 0, **fields: object) -> Loader:
    data = (DataFile(f"data/{name}.json", size),) if size else ()
    given = {"stream": f"m.stream_{name}", "certain": True, "calls": 2, "movable": 1, "data": data}
    return Loader(f"m.load_{name}", Path("/r/m.py"), range(1), "its name", **{**given, **fields})


def text(*loaders: Loader, files: tuple[str, ...] = (), configuration: Configuration = HERE) -> str:
    found = Survey(1, loaders, (0, 0), ())
    paths = [Path("/r") / name for name in files]
    return block(propose(found, paths, configuration), configuration)


def read(written: str) -> Configuration:
    return configuration_in(FILE, document_in(FILE, written.encode()))


def test_where_nothing_has_to_be_set_the_block_says_so_and_sets_nothing():
    written = text(loader("rows", 5_000_000))
    assert written.startswith("[tool.loadstream]\n# Nothing has to be set")
    assert read(written) == Configuration(Path(), Path("pyproject.toml"))


def test_what_others_wrote_is_excluded_where_it_is_there():
    files = (
        "a.py",
        "src/third_party/x.py",
        "vendor/y.py",
        "build/z.py",
        "src/build/b.py",
        "u_pb2.py",
    )
    assert read(text(files=files)).exclude == ("third_party/", "vendor/", "/build/", "*_pb2.py")
    assert read(text(files=("src/build/b.py", "vendor.py"))).exclude == ()


def test_a_pair_with_small_data_is_written_with_it():
    configuration = read(text(loader("rows", 5_000_000), loader("users", 3_456)))
    assert configuration.min_size == 1_000_000
    assert configuration.pairs == (
        PairTable("m.load_users", "m.stream_users", data="data/users.json"),
    )


@pytest.mark.parametrize(
    "fields", [{"certain": False}, {"movable": 0}, {"stream": None}, {"data": ()}]
)
def test_a_pair_that_is_not_certain_or_not_asked_for_is_not_written(fields):
    configuration = read(text(loader("users", 3_456, **fields)))
    assert (configuration.pairs, configuration.min_size) == ((), None)


def test_a_module_that_the_configuration_cannot_name_is_passed_over():
    odd = replace(loader("users", 3_456), name="my-script.load_users")
    top = replace(loader("users", 3_456), name="load_users")
    assert read(text(odd, top)).pairs == ()


@pytest.mark.parametrize("path", ["data/\udce9.json", "data/a*.json", "data/[1].json", "a\n.json"])
def test_a_file_that_the_configuration_cannot_name_is_passed_over(path):
    assert read(text(loader("users", data=(DataFile(path, 9),)))).pairs == ()


def test_what_only_looks_like_a_pair_is_a_comment_that_would_be_one():
    one = loader("events", 9, stream=None, lookalike="m.events_stream")
    written = text(one)
    assert read(written).pairs == ()
    marked = written.partition("take away the marks:\n")[2]
    assert read(marked.replace("# ", "")).pairs == (
        PairTable("m.load_events", "m.events_stream", data="data/events.json"),
    )


def test_names_with_quotes_are_quoted():
    one = loader("users")
    odd = (DataFile('data/"ü\\.json', 9),)
    (pair,) = read(text(loader("users", data=odd))).pairs
    assert pair.data == odd[0].path
    assert one.name == "m.load_users"


def test_only_what_is_missing_is_proposed_for_an_existing_block():
    configured = Configuration(
        Path("/r"),
        Path("/r/pyproject.toml"),
        exclude=("old/",),
        pairs=(PairTable("m.load_users", "m.stream_users"),),
    )
    written = text(loader("users", 3_456), files=("vendor/a.py",), configuration=configured)
    assert written == (
        'exclude = ["old/", "vendor/"]  # vendored or generated: not ours to change\n'
    )
    assert text(loader("rows", 9_999_999), configuration=configured) == ""

import pytest

from loadstream.analysis.repository import Repository
from loadstream.setup.data import data_files
from loadstream.setup.survey import Survey, survey


@pytest.fixture
def surveyed(root):
    """The survey of the repository with these files besides."""

    def run(**texts: str) -> Survey:
        for name, text in texts.items():
            (root / f"{name}.py").write_text(text)
        return survey(sorted(root.glob("*.py")), Repository(root), data_files(root))

    return run


def test_each_loader_has_its_calls_and_what_could_stream(surveyed):
    found = surveyed()
    assert found.files == 2
    assert [
        (one.name, one.calls, one.movable, one.stream, one.twin, one.lookalike)
        for one in found.loaders
    ] == [
        ("repo.load_rows", 3, 2, "repo.stream_rows", None, None),
        ("repo.load_users", 1, 1, None, "repo.stream_users", None),
        ("repo.get_events", 1, 0, None, None, "repo.events_stream"),
    ]
    assert found.in_place == (2, 1)  # one in a generator, which is kept
    assert (found.calls, found.movable) == (7, 4)


def test_each_loader_has_the_data_that_its_text_names(surveyed):
    found = surveyed()
    assert {one.name: [file.path for file in one.data] for one in found.loaders} == {
        "repo.load_rows": ["data/rows.json"],
        "repo.load_users": ["registry/users.json"],
        "repo.get_events": ["events.json"],
    }


def test_data_of_the_same_name_is_told_apart_by_its_folder_or_not_at_all(surveyed, root):
    (root / "other").mkdir()
    for name in ("rows.json", "events.json"):
        (root / "other" / name).write_text("[]")
    found = {one.name: [file.path for file in one.data] for one in surveyed().loaders}
    assert found["repo.load_rows"] == ["data/rows.json"]
    assert found["repo.get_events"] == []


def test_a_pair_that_something_speaks_against_is_not_certain(surveyed):
    cached = (
        "import functools, json\n\n@functools.cache\ndef load_a():\n"
        "    return json.load(open('a'))\n"
        "\n\ndef stream_a():\n    yield from load_a()\n"
    )
    loaders = {one.name: one.certain for one in surveyed(cached=cached).loaders}
    assert loaders["repo.load_rows"]
    assert not loaders["cached.load_a"]


def test_a_file_that_cannot_be_read_is_counted(surveyed):
    assert (
        surveyed(broken="from repo import load_rows\n\ndef f(:\n    load_rows()\n").unreadable == 1
    )

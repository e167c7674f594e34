"""The tree around a file, and what is asked of its texts."""

from __future__ import annotations

import sys

import pytest

from loadstream.analysis.repository import Repository


@pytest.fixture
def repository(tmp_path):
    """Make a repository of texts by their paths."""

    def make(**texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.py").write_text(text)
        return Repository(tmp_path)

    (tmp_path / "pyproject.toml").touch()
    return make


def test_a_name_is_followed_through_imports_to_where_it_is_defined(repository, tmp_path):
    found = repository(
        a="from b import load as read\n", b="from c import load\n", c="def load(): ...\n"
    )
    definition = found.definition(found.module(tmp_path / "a.py"), "read")
    assert definition is not None
    assert (definition.module.path.name, definition.name) == ("c.py", "load")


def test_a_name_that_is_bound_twice_on_the_way_is_not_followed(repository, tmp_path):
    found = repository(a="from b import load\n", b="def load(): ...\nload = 1\n")
    assert found.definition(found.module(tmp_path / "a.py"), "load") is None


def test_a_question_about_the_tree_is_answered_once(repository):
    asked = []
    found = repository()
    for _ in range(2):
        assert found.answer(("one",), lambda: asked.append(1)) is None
    assert asked == [1]


def test_importers_that_mention_a_name_are_other_files(repository, tmp_path):
    found = repository(a="rows = 1\n", b="import a\nprint(a.rows)\n", c="rows = 2\n")
    assert found.importers_mention(tmp_path / "a.py", "rows")
    assert not found.importers_mention(tmp_path / "c.py", "rows")
    assert not found.importers_mention(tmp_path / "a.py", "row")


def test_a_file_outside_is_known_to_have_been_read_however_often_one_asks(
    repository, tmp_path, tmp_path_factory
):
    outside = tmp_path_factory.mktemp("outside") / "m.py"
    outside.write_text("x = 1\n")
    found = repository(a="x = 1\n", b="x = 1\n")
    found.module(tmp_path / "a.py")
    assert not found.reads_outside()
    found.module(outside)
    assert found.reads_outside()
    found.module(tmp_path / "b.py")
    assert found.reads_outside()
    assert found.reads_outside()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_file_behind_a_link_of_the_tree_is_one_of_its_own(repository, tmp_path, tmp_path_factory):
    real = tmp_path_factory.mktemp("outside") / "m.py"
    real.write_text("x = 1\n")
    (tmp_path / "m.py").symlink_to(real)
    found = repository(a="x = 1\n")
    found.module(real)
    assert not found.reads_outside()

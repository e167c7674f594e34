"""The streamer's import comes, the loader's goes when nothing reads it."""

from __future__ import annotations

import pytest

USE = "for s in load_x():\n    print(s)\n"
NEW = "for s in stream_x():\n    print(s)\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from m import load_x\n", "from m import stream_x\n"),
        ("from m import load_x  # data\n", "from m import stream_x  # data\n"),
        ("from m import a, load_x\n", "from m import a, stream_x\n"),
        ("from m import load_x, other\n", "from m import other, stream_x\n"),
        ("from m import load_x, z\n", "from m import stream_x, z\n"),
        ("from m import zoo, load_x, a\n", "from m import zoo, stream_x, a\n"),
        ("from m import load_x, stream_x\n", "from m import stream_x\n"),
        ("from m import (load_x)\n", "from m import (stream_x)\n"),
        (
            "from m import (\n    a,\n    load_x,\n)\n",
            "from m import (\n    a,\n    stream_x,\n)\n",
        ),
        (
            "from m import (\n    load_x,  # all of it\n    other,\n)\n",
            "from m import (\n    stream_x,  # all of it\n    other,\n)\n",
        ),
        (
            "from m import (\n    load_x,\n    other,  # o\n)\n",
            "from m import (\n    other,  # o\n    stream_x,\n)\n",
        ),
        ("from m import a, \\\n    load_x\n", "from m import a, \\\n    stream_x\n"),
        (
            "import a; from m import load_x; import b\n",
            "import a; from m import stream_x; import b\n",
        ),
    ],
)
def test_a_name_that_nothing_reads_gives_way_to_the_streamers(check, old, new):
    check(old + USE, new + NEW, "pass")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from m import load_x\n", "from m import load_x, stream_x\n"),
        ("from m import b, load_x, a\n", "from m import b, load_x, stream_x, a\n"),
        ("from m import load_x, other\n", "from m import load_x, other, stream_x\n"),
        (
            "from m import (\n    load_x,  # all of it\n)\n",
            "from m import (\n    load_x,  # all of it\n    stream_x,\n)\n",
        ),
        (
            "from m import (\n    load_x,  # all of it\n    zoo\n)\n",
            "from m import (\n    load_x,  # all of it\n    stream_x,\n    zoo\n)\n",
        ),
        (
            "from m import (a,\n               load_x)\n",
            "from m import (a,\n               load_x,\n               stream_x)\n",
        ),
        (
            "from common.data_repository import load_delegations, load_x, save_them, write_it\n",
            "from common.data_repository import (\n    load_delegations,\n    load_x,\n"
            "    save_them,\n    stream_x,\n    write_it,\n)\n",
        ),
    ],
)
def test_a_name_that_is_still_read_stays_beside_the_new_one(check, old, new):
    check(old + USE + "print(load_x)\n", new + NEW + "print(load_x)\n", "pass", import_from="from ")


@pytest.mark.parametrize(
    "reference",
    [
        "__all__ = ['load_x']",
        "def f(a: 'load_x'): pass",
        "def f(a: 'list[load_x]'): pass",
        "patch('here.load_x')",
        "def f():\n    global load_x",
        "load_x.cache_clear()",
        "del load_x",
    ],
)
def test_every_kind_of_reference_keeps_the_old_name(check, reference):
    # The helper looks for the one call by the loader's name; the other mention is no call of it.
    check(
        f"from m import load_x\n{USE}{reference}\n",
        f"from m import load_x, stream_x\n{NEW}{reference}\n",
        "pass",
    )


@pytest.mark.parametrize(
    "mention", ["# load_x is gone", "'''Uses load_x and more.'''", "a.load_x", "f(load_x=1)"]
)
def test_what_only_looks_like_the_name_does_not_keep_it(check, mention):
    check(
        f"from m import load_x\n{USE}{mention}\n",
        f"from m import stream_x\n{NEW}{mention}\n",
        "pass",
    )


def test_a_name_that_other_files_may_take_from_here_stays(check):
    check(
        f"from m import load_x\n{USE}",
        f"from m import load_x, stream_x\n{NEW}",
        "pass",
        remove=None,
    )


def test_an_alias_is_kept_apart_from_the_name(check):
    check(
        "from m import load_x as lx, other\nfor s in lx():\n    print(s)\n",
        "from m import other, stream_x as sx\nfor s in sx():\n    print(s)\n",
        "pass",
        loader="lx",
        streamer="sx",
        add="stream_x as sx",
        remove="lx",
    )


def test_an_import_of_the_module_needs_no_change(check):
    check(
        f"import m\n{USE.replace('load_x', 'm.load_x')}",
        f"import m\n{NEW.replace('stream_x', 'm.stream_x')}",
        "pass",
    )


def test_an_import_inside_a_function_stays_there(check):
    check(
        """
        def f():
            import sys
            from m import load_x
            for s in load_x():
                print(s)
        """,
        """
        def f():
            import sys
            from m import stream_x
            for s in stream_x():
                print(s)
        """,
        "pass",
    )


def test_an_import_statement_that_becomes_empty_goes_and_its_comment_stays(check):
    check(
        f"from m import stream_x\n# old\nfrom m import load_x  # noqa\n\n\n{USE}",
        f"from m import stream_x\n# old\n# noqa\n\n\n{NEW}",
        "pass",
        add=None,
        import_from="from m import load_x",
    )

"""LS104: only the source changes."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("for s in load_x():\n    print(s)\n", "for s in stream_x():\n    print(s)\n"),
        ("xs = load_x()\nfor s in xs:\n    print(s)\n", "for s in stream_x():\n    print(s)\n"),
        (
            "for i, s in enumerate(tqdm(load_x(), total=3), 1):\n    print(s)\n",
            "for i, s in enumerate(tqdm(stream_x(), total=3), 1):\n    print(s)\n",
        ),
        ("n = sum(s.n for s in load_x())\n", "n = sum(s.n for s in stream_x())\n"),
        ("n = sorted(load_x(), key=f)[:5]\n", "n = sorted(stream_x(), key=f)[:5]\n"),
        ("n = max(  load_x( )  )\n", "n = max(  stream_x( )  )\n"),
        ("for s in (  # all\n    load_x()\n):\n    f(s)\n",) * 2,
    ],
)
def test_the_stream_stands_where_the_list_stood(check, old, new):
    check(old, new.replace("load_x", "stream_x"), "pass")


@pytest.mark.parametrize(
    ("old", "keywords", "new"),
    [
        ("load_x(True)", ("enriched",), "stream_x(enriched=True)"),
        ("load_x(True, n=3)", ("enriched", None), "stream_x(enriched=True, n=3)"),
        ("load_x(n = 3)", ("size",), "stream_x(size = 3)"),
        ("load_x( a ,b, )", ("x", "y"), "stream_x( x=a ,y=b, )"),
        ("repo.load_x(1)", ("n",), "repo.stream_x(n=1)"),
        ("self.repo[0].load_x(1)", (None,), "self.repo[0].stream_x(1)"),
        ("load_x(\n    1,  # one\n)", ("n",), "stream_x(\n    n=1,  # one\n)"),
    ],
)
def test_arguments_are_carried_over_under_the_streamers_names(check, old, keywords, new):
    check(f"n = max({old})\n", f"n = max({new})\n", "pass", keywords=keywords)


def test_arguments_move_with_the_load_from_its_line(check):
    check(
        """
        def f():
            xs = load_x(
                True,  # enriched
            )  # all of it
            if 1:
                for s in xs:
                    print(s)
        """,
        """
        def f():
            # all of it
            if 1:
                for s in stream_x(
                    enriched=True,  # enriched
                ):
                    print(s)
        """,
        "pass",
        keywords=("enriched",),
    )

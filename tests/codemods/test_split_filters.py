"""LS109: filters in a row become one assignment of several lists."""

from __future__ import annotations

from textwrap import dedent

import pytest

from loadstream.analysis.cases import Rewrite
from loadstream.analysis.patterns.split_filters import CASES
from tests.differential.harness import Workshop
from tests.differential.model import Document

PAIR = "from data import load_x\n"


@pytest.fixture
def check(tmp_path):
    """Rewrite a program, the unsafe sites too."""
    workshop = Workshop(tmp_path)

    def run(old: str, new: str) -> None:
        rewritten = workshop.rewrite(dedent(old).lstrip("\n"))
        assert rewritten.every == dedent(new).lstrip("\n")
        assert workshop.rewrite(rewritten.every).every == rewritten.every

    return run


@pytest.mark.parametrize("case", [case for case in CASES if isinstance(case, Rewrite)])
def test_each_case_becomes_what_it_says(case, check):
    imports = "from data import stream_x\nfrom loadstream import split\n"
    check(f"{PAIR}{case.before}\n", f"{imports}{case.after}\n")


def test_each_filter_on_a_line_of_its_own_where_one_line_is_too_short(check):
    check(
        """
        from data import load_x

        def main():
            rows = load_x(SOURCE)
            marathons = [session for session in rows if len(session["delegations"]) > 20]
            errors = [session for session in rows if len(session["delegations"]) == 0]
            return marathons, errors
        """,
        """
        from data import stream_x
        from loadstream import split

        def main():
            marathons, errors = split(
                stream_x(path=SOURCE),
                lambda session: len(session["delegations"]) > 20,
                lambda session: len(session["delegations"]) == 0,
            )
            return marathons, errors
        """,
    )


def test_conditions_that_are_long_broken_or_commented_become_functions(check):
    check(
        """
        from data import load_x

        def main():
            rows = load_x()
            marathons = [s for s in rows if s["kind"] == "marathon" if s["distance"] > 42.195
                         if s["year"] == 2024 if s["finished"]]
            errors = [
                s
                for s in rows
                # of this year
                if s["kind"] == "error"
                if s["year"] == 2024
            ]
            short = [s for s in rows if s["kind"]]
            return marathons, errors, short
        """,
        """
        from data import stream_x
        from loadstream import split

        def main():
            def is_marathon(s):
                return (
                    s["kind"] == "marathon"
                    and s["distance"] > 42.195
                    and s["year"] == 2024
                    and s["finished"]
                )

            def is_error(s):
                # of this year
                return s["kind"] == "error" and s["year"] == 2024

            marathons, errors, short = split(
                stream_x(),
                is_marathon,
                is_error,
                lambda s: s["kind"],
            )
            return marathons, errors, short
        """,
    )


def test_a_condition_that_goes_on_below_without_a_bracket_is_given_one(check):
    check(
        """
        from data import load_x

        rows = load_x()
        low = [s for s in rows if s
            ["a"] < 2]
        high = [s for s in rows if s["a"] > 5]
        """,
        """
        from data import stream_x
        from loadstream import split


        def is_low(s):
            return (
                s
                ["a"] < 2
            )


        low, high = split(stream_x(), is_low, lambda s: s["a"] > 5)
        """,
    )


def test_comments_come_down_to_the_one_statement_that_is_left(check):
    check(
        """
        from data import load_x

        rows = load_x()  # all of them
        # Those that are low.
        low = [s for s in rows if s["a"] < 2]  # below two

        # Those that are high.
        high = [s for s in rows if s["a"] > 5]  # above five

        print(low, high)
        """,
        """
        from data import stream_x
        from loadstream import split

        # all of them
        # Those that are low.
        # below two
        # Those that are high.
        low, high = split(stream_x(), lambda s: s["a"] < 2, lambda s: s["a"] > 5)  # above five

        print(low, high)
        """,
    )


def test_statements_on_one_line_stay_on_it(check):
    check(
        """
        from data import load_x
        rows = load_x(); low = [s for s in rows if s]; high = [s for s in rows if s["b"]]; x = 1
        if x: rows = load_x(); low = [s for s in rows if s["a"]]; high = [s for s in rows if s["b"]]
        """,
        """
        from data import stream_x
        from loadstream import split
        low, high = split(stream_x(), lambda s: s, lambda s: s["b"]); x = 1
        if x: low, high = split(stream_x(), lambda s: s["a"], lambda s: s["b"])
        """,
    )


def test_what_is_between_stays_behind_the_pass_with_its_comments(check):
    check(
        """
        from data import load_x

        # All of them.
        rows = load_x()

        # Those that are low.
        low = [s for s in rows if s["a"] < 2]  # below two
        # How many?
        print(f"{len(low)} are low")  # some

        # Those that are high.
        high = [s for s in rows if s["a"] > 5]  # above five
        count = len(high)
        print(count)

        # Those that are none.
        none = [s for s in rows if s["a"] == 3]

        # Done.
        print(low, high, none)
        """,
        """
        from data import stream_x
        from loadstream import split

        # All of them.
        # Those that are low.
        low, high, none = split(
            stream_x(),
            lambda s: s["a"] < 2,
            lambda s: s["a"] > 5,
            lambda s: s["a"] == 3,
        )  # below two
        # How many?
        print(f"{len(low)} are low")  # some

        # Those that are high.
        # above five
        count = len(high)
        print(count)

        # Those that are none.

        # Done.
        print(low, high, none)
        """,
    )


def test_the_comments_of_a_last_filter_stay_at_the_end_of_its_block(check):
    check(
        """
        from data import load_x

        def main():
            rows = load_x()
            low = [s for s in rows if s["a"] < 2]
            print(low)
            # Those that are high.
            high = [s for s in rows if s["a"] > 5]  # above five
        """,
        """
        from data import stream_x
        from loadstream import split

        def main():
            low, high = split(stream_x(), lambda s: s["a"] < 2, lambda s: s["a"] > 5)
            print(low)
            # Those that are high.
            # above five
        """,
    )


def test_conditions_become_functions_before_the_pass_where_something_is_between(check):
    check(
        """
        from data import load_x

        def main():
            rows = load_x()
            lows = [s for s in rows if s["a"] < 2]
            print(lows)
            highs = [
                s
                for s in rows
                # above five
                if s["a"] > 5
            ]
            return lows, highs
        """,
        """
        from data import stream_x
        from loadstream import split

        def main():
            def is_high(s):
                # above five
                return s["a"] > 5

            lows, highs = split(stream_x(), lambda s: s["a"] < 2, is_high)
            print(lows)
            return lows, highs
        """,
    )


def test_what_is_between_on_one_line_stays_on_it(check):
    check(
        """
        from data import load_x
        rows = load_x(); low = [s for s in rows if s]; print(low); high = [s for s in rows if not s]
        if low: rows = load_x(); a = [s for s in rows if s]; pass; b = [s for s in rows if not s];
        """,
        """
        from data import stream_x
        from loadstream import split
        low, high = split(
            stream_x(),
            lambda s: s,
            lambda s: not s,
        ); print(low)
        if low: a, b = split(
            stream_x(),
            lambda s: s,
            lambda s: not s,
        ); pass
        """,
    )


def test_the_file_is_opened_around_the_pass_and_not_around_what_is_behind(check):
    check(
        """
        import json

        with open("rows.json") as f:
            rows = json.load(f)
        low = [s for s in rows if s["a"] < 2]
        print(low)
        high = [s for s in rows if s["a"] > 5]
        print(high)
        """,
        """
        from loadstream import split, stream_json

        with open("rows.json") as f:
            low, high = split(stream_json(f), lambda s: s["a"] < 2, lambda s: s["a"] > 5)
        print(low)
        print(high)
        """,
    )


def test_what_is_between_in_the_block_of_the_file_stays_in_it(check):
    check(
        """
        import json

        with open("rows.json") as f:
            data = json.load(f)
            low = [s for s in data["rows"] if s["a"] < 2]
            print(low)
            high = [s for s in data["rows"] if s["a"] > 5]
        """,
        """
        from loadstream import split, stream_json

        with open("rows.json") as f:
            low, high = split(
                stream_json(f, "$.rows"),
                lambda s: s["a"] < 2,
                lambda s: s["a"] > 5,
            )
            print(low)
        """,
    )


def test_a_file_that_is_closed_is_opened_anew_around_the_pass(check):
    check(
        """
        import json

        f = open("rows.json")
        rows = json.load(f)
        f.close()
        low = [s for s in rows if s["a"] < 2]
        print(low)
        high = [s for s in rows if s["a"] > 5]
        """,
        """
        from loadstream import split, stream_json

        with open("rows.json") as f:
            low, high = split(stream_json(f), lambda s: s["a"] < 2, lambda s: s["a"] > 5)
        print(low)
        """,
    )


def test_the_file_is_opened_around_the_one_pass(check):
    check(
        """
        import json

        with open("rows.json") as f:
            data = json.load(f)
        low = [s for s in data["rows"] if s["a"] < 2]
        high = [s for s in data["rows"] if s["a"] > 5]
        """,
        """
        from loadstream import split, stream_json

        with open("rows.json") as f:
            low, high = split(
                stream_json(f, "$.rows"),
                lambda s: s["a"] < 2,
                lambda s: s["a"] > 5,
            )
        """,
    )


def test_the_values_of_an_object_are_streamed_as_values(check):
    check(
        """
        import json

        videos = json.load(open("videos.json"))
        train = [v for v in videos.values() if "split" in v and v["split"] == "train"]
        test = [v for v in videos.values() if "split" in v and v["split"] == "test"]
        """,
        """
        from loadstream import split, stream_values

        train, test = split(
            stream_values(open("videos.json")),
            lambda v: "split" in v and v["split"] == "train",
            lambda v: "split" in v and v["split"] == "test",
        )
        """,
    )


def test_the_file_stays_open_where_its_block_does_more(check):
    check(
        """
        import json

        with open("rows.json") as f:
            rows = json.load(f)
            n = 1
        low = [s for s in rows if s["a"] < 2]
        high = [s for s in rows if s["a"] > 5]
        print(n)
        """,
        """
        from loadstream import split, stream_json

        with open("rows.json") as f:
            n = 1
            low, high = split(stream_json(f), lambda s: s["a"] < 2, lambda s: s["a"] > 5)
        print(n)
        """,
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import data\n", "import data\nfrom loadstream import split\n"),
        (
            "import data\nfrom loadstream import Dataset, split\n",
            "import data\nfrom loadstream import Dataset, split\n",
        ),
        (
            "from loadstream import Dataset\nimport data\n",
            "from loadstream import Dataset, split\nimport data\n",
        ),
    ],
)
def test_split_is_imported_beside_the_loader_or_where_loadstream_is_already(old, new, check):
    rest = 'low = [s for s in rows if s["a"]]\nhigh = [s for s in rows if not s["a"]]\n'
    end = 'low, high = split(data.stream_x(), lambda s: s["a"], lambda s: not s["a"])\n'
    check(f"{old}rows = data.load_x()\n{rest}", f"{new}{end}")


def test_a_loader_of_the_same_file_has_split_imported_at_the_top(check):
    loaders = """
        def load_rows():
            with open("rows.json") as f:
                return json.load(f)


        def stream_rows(filter_func=None):
            return stream_json("rows.json", filter_func=filter_func)


    """
    check(
        f"""
        import json

        from loadstream import stream_json


        {loaders.strip()}


        def main():
            rows = load_rows()
            low = [s for s in rows if s["a"] < 2]
            high = [s for s in rows if s["a"] > 5]
            return low, high
        """,
        f"""
        import json

        from loadstream import split, stream_json


        {loaders.strip()}


        def main():
            low, high = split(stream_rows(), lambda s: s["a"] < 2, lambda s: s["a"] > 5)
            return low, high
        """,
    )


def test_lists_of_the_old_program_and_the_new_share_their_elements(tmp_path):
    old = (
        f"{PAIR}rows = load_x()\nlow = [s for s in rows if s['a'] < 2]\n"
        "all_ = [s for s in rows if s['a'] < 9]\nif low:\n    low[0]['a'] = 'changed'\n"
        "print(all_)\n"
    )
    new = Workshop(tmp_path).rewrite(old)
    assert new.safe != old
    printed = []
    for text in (old, new.safe):
        outcome = Workshop(tmp_path / str(len(printed))).run(text, Document(b'[{"a": 1}]'))
        printed.append(outcome.printed)
    assert printed == ["[{'a': 'changed'}]\n"] * 2

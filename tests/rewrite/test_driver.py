"""Files in, results out, nothing written."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from loadstream.analysis.reasons import Reason
from loadstream.analysis.settings import Settings
from loadstream.rewrite import Changed, Failed, RewriteUnavailableError, Unchanged, rewrite

OLD = "from data import load_rows\n\nrows = load_rows()\nprint([r for r in rows if r['n'] > 2])\n"
NEW = "from data import stream_rows\n\nprint(list(stream_rows(filter_func=lambda r: r['n'] > 2)))\n"


def only(path, root, **options):
    [result] = rewrite([path], root=root, **options)
    return result


def test_a_site_is_rewritten_in_the_result_and_not_on_disk(root, script):
    path = script()
    result = only(path, root)
    assert isinstance(result, Changed)
    assert (result.old, result.new) == (OLD.encode(), NEW.encode())
    assert [site.plan.code for site in result.applied] == ["LS101"]
    assert result.kept == ()
    assert path.read_text(encoding="utf-8") == OLD
    assert sorted(p.name for p in root.iterdir()) == ["data.py", "rows.json", "script.py"]


def test_a_second_run_finds_nothing_to_change(root, script):
    result = only(script(), root)
    again = only(script(result.new), root)
    assert again == Unchanged(root / "script.py", ())


def test_old_and_new_print_the_same(root, script):
    path = script()
    outputs = []
    for text in (OLD.encode(), only(path, root).new):
        path.write_bytes(text)
        run = subprocess.run([sys.executable, path], cwd=root, capture_output=True, check=True)
        outputs.append(run.stdout)
    assert outputs[0] == outputs[1] != b""


def test_a_kept_site_comes_with_its_reasons(root, script):
    result = only(script("from data import load_rows\nrows = load_rows()\nprint(rows[3])\n"), root)
    assert isinstance(result, Unchanged)
    [site] = result.kept
    assert [refusal.reason for refusal in site.refusals] == [Reason.RANDOM_ACCESS]


def test_only_the_codes_that_are_asked_for_are_applied(root, script):
    result = only(script(), root, codes={"LS106"})
    assert isinstance(result, Unchanged)
    assert [site.plan.code for site in result.kept] == ["LS101"]
    assert isinstance(only(script(), root, codes={"LS101"}), Changed)


def test_an_unsafe_rewrite_waits_for_consent(root, script):
    text = (
        "from data import load_rows\n"
        "try:\n    for r in load_rows():\n        print(r)\nexcept ValueError:\n    print('no')\n"
    )
    path = script(text)
    waiting = only(path, root)
    assert isinstance(waiting, Unchanged)
    assert waiting.kept[0].plan is not None
    assert isinstance(only(path, root, unsafe=True), Changed)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("from data import load_rows\nrows = load_rows(\n", 2),
        ("from data import load_rows\nload_rows()\nx = 'load_rows\n", 3),
    ],
)
def test_a_file_with_a_syntax_error_fails_at_its_place(root, script, text, place):
    result = only(script(text), root)
    assert isinstance(result, Failed)
    assert result.line == place
    assert result.column >= 1
    assert "\n" not in result.cause


def test_other_files_go_on_after_one_that_fails(root, script):
    files = [
        script("load_rows(", "a.py"),
        script(name="b.py"),
        root / "missing.py",
        script(b"# \xff\nload_rows()\n", "d.py"),
    ]
    results = list(rewrite(files, root=root))
    assert [type(result) for result in results] == [Failed, Changed, Failed, Failed]
    assert [result.path for result in results] == files
    assert results[2].cause == "No such file or directory"


def test_a_file_without_a_loaders_name_is_parsed_only_if_it_is_named(root, script):
    path = script("x = (\n")
    assert only(path, root) == Unchanged(path, ())
    assert isinstance(only(path, root, named=[path]), Failed)


@pytest.mark.parametrize(
    ("encoding", "cookie"),
    [
        ("utf-8-sig", ""),
        ("latin-1", "# -*- coding: latin-1 -*-\n"),
        ("cp1252", "# coding: cp1252\n"),
    ],
)
def test_the_files_own_encoding_is_kept(root, script, encoding, cookie):
    text = f"{cookie}# für é\n" + OLD
    result = only(script(text.encode(encoding)), root)
    assert result.new == (f"{cookie}# für é\n" + NEW).encode(encoding)


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_the_files_own_line_ends_are_kept(root, script, newline):
    result = only(script(OLD.replace("\n", newline)), root)
    assert result.new.decode() == NEW.replace("\n", newline)


def test_a_site_whose_comment_has_no_place_is_kept_and_the_others_are_rewritten(
    root, script, monkeypatch
):
    from loadstream_codemods import apply as applying
    from loadstream_codemods.errors import CommentLostError

    real = applying.apply

    def fails_at_the_first_site(text, plans, width):
        for plan in plans:
            if plan.source.start.line == 2:
                raise CommentLostError("the comment '# x' has no place", plan)
        return real(text, plans, width)

    monkeypatch.setattr(applying, "apply", fails_at_the_first_site)
    text = "from data import load_rows\nprint(max(load_rows()))\nprint(min(load_rows()))\n"
    result = only(script(text), root)
    assert isinstance(result, Changed)
    assert result.new.decode() == (
        "from data import load_rows, stream_rows\n"
        "print(max(load_rows()))\n"
        "print(min(stream_rows()))\n"
    )
    assert [site.span.start.line for site in result.applied] == [3]
    [kept] = result.kept
    assert kept.plan is None
    assert [refusal.reason for refusal in kept.refusals] == [Reason.COMMENT_LOST]


def test_a_fault_of_the_whole_file_costs_no_more_sites_than_it_must(root, script, monkeypatch):
    from loadstream_codemods import apply as applying
    from loadstream_codemods.errors import CommentLostError

    real = applying.apply

    def fails_with_both(text, plans, width):
        if len(plans) > 1:
            raise CommentLostError("the comment '# x' has no place")
        return real(text, plans, width)

    monkeypatch.setattr(applying, "apply", fails_with_both)
    text = "from data import load_rows\nprint(max(load_rows()))\nprint(min(load_rows()))\n"
    result = only(script(text), root)
    assert [site.span.start.line for site in result.applied] == [2]
    assert [site.span.start.line for site in result.kept] == [3]


def test_an_edit_that_would_not_parse_is_never_handed_on(root, script, monkeypatch):
    from loadstream_codemods import apply as applying

    monkeypatch.setattr(applying, "apply", lambda *_: "x = (\n")
    result = only(script(), root)
    assert isinstance(result, Failed)
    assert "left as it is" in result.cause


def test_without_libcst_a_site_to_rewrite_says_what_to_install(root, script, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "libcst" else find_spec(name)
    )
    with pytest.raises(RewriteUnavailableError) as caught:
        only(script(), root)
    assert str(caught.value) == 'rewrite needs libcst: pip install "loadstream[rewrite]"'
    assert isinstance(only(script("print(load_rows)\n"), root), Unchanged)


def test_libcst_is_not_imported_where_nothing_is_rewritten(root, script):
    path = script("from data import load_rows\nrows = load_rows()\nprint(rows[3])\n")
    code = (
        "import sys; from pathlib import Path; from loadstream.rewrite import rewrite\n"
        "print(list(rewrite([Path(sys.argv[1])], root=Path(sys.argv[1]).parent)))\n"
        "assert 'libcst' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True)


BRANCHES = """\
from data import load_rows

rows = load_rows()
if True:
    print(sum(r['n'] for r in rows))
else:
    print([r for r in rows if r['n'] > 2])
"""


def test_a_load_with_a_pass_in_each_branch_is_one_site_and_goes_as_a_whole(root, script):
    result = only(script(BRANCHES), root)
    assert len(result.applied) == 1
    assert result.new.decode() == (
        "from data import stream_rows\n\nif True:\n    print(sum(r['n'] for r in stream_rows()))\n"
        "else:\n    print(list(stream_rows(filter_func=lambda r: r['n'] > 2)))\n"
    )


def test_where_only_the_code_of_one_branch_is_asked_for_the_load_stays(root, script):
    assert isinstance(only(script(BRANCHES), root, codes={"LS104"}), Unchanged)
    assert isinstance(only(script(BRANCHES), root, codes={"LS104", "LS101"}), Changed)


def test_where_one_branch_cannot_be_edited_the_load_stays(root, script):
    shown = BRANCHES.replace("print([r for r in rows if r['n'] > 2])", "print(f'{max(rows)=}')")
    result = only(script(shown), root)
    assert isinstance(result, Unchanged)
    [site] = result.kept
    assert [refusal.reason for refusal in site.refusals] == [Reason.NOT_EDITABLE]


def test_a_file_that_holds_a_large_table_is_kept_and_said_so(root, script):
    table = f"TABLE = {list(range(200_000))}\n"
    result = only(script((OLD + table).encode()), root)
    assert isinstance(result, Unchanged)
    assert [refusal.reason for refusal in result.kept[0].refusals] == [Reason.NOT_EDITABLE]


def test_new_lines_are_as_long_as_the_repository_has_them(root, script):
    path = script(
        "from data import load_rows\n\nkept_rows = load_rows()\n"
        "print([row for row in kept_rows if row['n'] > 2 and row['n'] < 1_000_000])\n"
    )
    text = only(path, root, settings=Settings(line_width=100)).new.decode()
    assert text.splitlines()[-1] == (
        "print(list(stream_rows(filter_func=lambda row: row['n'] > 2 and row['n'] < 1_000_000)))"
    )
    narrow = only(path, root, settings=Settings(line_width=60)).new.decode()
    assert max(map(len, narrow.splitlines())) <= 60


def test_the_lines_of_a_twin_are_as_long_as_the_repository_has_them(root, script):
    loader = (
        "import json\n\n\ndef load_all(path):\n"
        "    with open(path) as handle:\n"
        "        return json.load(handle)\n\n\n"
        "print(sum(row['n'] for row in load_all('rows.json')))\n"
    )
    path = script(loader)
    wide = only(path, root, settings=Settings(line_width=70)).new.decode()
    assert "\n        yield from stream_json(handle, filter_func=filter_func)\n" in wide
    narrow = only(path, root, settings=Settings(line_width=60)).new.decode()
    assert "\n        yield from stream_json(\n            handle,\n" in narrow


def test_predicates_of_the_same_name_in_two_functions_are_each_their_own(root, script):
    body = (
        "\n    kept = 0\n    for row in load_rows():\n        # {0}\n        if row['n'] {0} 2:\n"
        "            kept += row['n']\n    return kept\n\n\n"
    )
    path = script(
        "from data import load_rows\n\n\ndef above():"
        + body.format(">")
        + "def below():"
        + body.format("<")
        + "print(above(), below(), above())\n"
    )
    outputs = []
    new = only(path, root).new
    assert new.count(b"def is_wanted_row(row):") == 2
    for text in (path.read_bytes(), new):
        path.write_bytes(text)
        run = subprocess.run([sys.executable, path], cwd=root, capture_output=True, check=True)
        outputs.append(run.stdout.split())
    assert outputs == [[b"3", b"1", b"3"]] * 2


def test_a_repository_is_rewritten_the_same_whatever_the_number_of_jobs(root, script):
    loader = (
        "import json\n\n\ndef load_all(path):\n    with open(path) as handle:\n"
        "        return json.load(handle)\n"
    )
    files = [script(loader, "twin.py"), script("from data import load_rows\nload_rows(", "z.py")]
    files += [script(name=f"a{number}.py") for number in range(20)]
    files += [
        script(f"from twin import load_all\nprint(sum(load_all('{n}')))\n", f"b{n}.py")
        for n in range(20)
    ]
    files += [root / "missing.py", script("x = 1\n", "plain.py")]
    one = list(rewrite(files, root=root, jobs=1))
    assert list(rewrite(files, root=root, jobs=3)) == one
    assert [result.path for result in one] == files
    assert len({type(result).__name__ for result in one}) == 3


CRLF_FIRST = b"# x\r\nfrom data import load_rows\n\nrows = load_rows()\nprint(sum(rows))\n"
LF_FIRST = (
    b"# x\nfrom data import load_rows\r\n\r\n\r\nrows = load_rows()\r\n\nprint(sum(rows))\r\n"
)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (CRLF_FIRST, b"# x\r\nfrom data import stream_rows\n\nprint(sum(stream_rows()))\n"),
        (LF_FIRST, b"# x\nfrom data import stream_rows\r\n\r\n\r\nprint(sum(stream_rows()))\r\n"),
    ],
)
def test_lines_that_stay_keep_their_ends_where_a_file_mixes_them(root, script, text, new):
    result = only(script(text), root)
    assert isinstance(result, Changed)
    assert result.new == new

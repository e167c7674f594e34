"""Where LibCST's parser would run out of stack, its process lives on."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from loadstream_codemods.errors import UnreadableError
from loadstream_codemods.nesting import check_depth, on_large_stack
from loadstream_codemods.parsing import parsed

SITE = """\
import json


def kept(path):
    with open(path, encoding="utf-8") as handle:
        rows = json.load(handle)
    return [row for row in rows if row["n"] > 2]


"""
DEEP = {
    "a chain of and": lambda n: f"x = {' and '.join(['a'] * n)}\n",
    "a chain of and in an f-string": lambda n: f"x = f'{{{' and '.join(['a'] * n)}}}'\n",
    "a dotted import": lambda n: f"import a{'.b' * n}\n",
    "a dotted from": lambda n: f"from a{'.b' * n} import c\n",
    "a comprehension of many loops": lambda n: f"x = [a {'for a in a ' * n}]\n",
    "strings in a row": lambda n: "x = 'a'" + " \\\n r'a'" * n + "\n",
    "strings in a row over lines": lambda n: "x = (\n" + "    'a'  # a\n\n" * n + ")\n",
    "f-strings in a row": lambda n: "x = (" + "f'{a}' " * n + ")\n",
    "strings in a row within an f-string": lambda n: 'x = f"{(' + "'a' " * n + ')}"\n',
}
FLAT = {
    "a long list": "x = [" + "'a', " * 5_000 + "]\n",
    "a long comparison": "x = " + " < ".join("a" * 5_000) + "\n",
    "many targets": "x = " * 5_000 + "1\n",
    "many statements": "a\n" * 5_000,
    "many quotes in a string": 'x = """' + "'a' " * 5_000 + '"""\n',
    "one long f-string": "x = f'" + "{a}" * 5_000 + "'\n",
    "many strings with commas": "x = {" + "'a': 'b',\n" * 5_000 + "}\n",
}


@pytest.mark.parametrize("shape", DEEP)
def test_what_is_deep_for_libcst_is_refused_before_it_is_parsed(shape):
    with pytest.raises(UnreadableError) as caught:
        check_depth(DEEP[shape](1_200))
    assert "nested too deeply" in caught.value.cause
    check_depth(DEEP[shape](300))


@pytest.mark.parametrize("shape", FLAT)
def test_what_is_only_long_is_read(shape):
    check_depth(FLAT[shape])


@pytest.mark.parametrize("levels", [60, 95])
def test_nested_blocks_with_nested_brackets_are_read_from_a_thread_with_a_small_stack(levels):
    text = "".join(f"{' ' * n}if a:\n" for n in range(levels)) + " " * levels
    text += "f(" * 90 + "1" + ")" * 90 + "\n"
    codes = []
    before = threading.stack_size(256 << 10)
    try:
        code_of = on_large_stack(lambda text: parsed(text)[0].code)
        thread = threading.Thread(target=lambda: codes.append(code_of(text)))
        thread.start()
        thread.join()  # the size is one for all: it must not change while that thread reads it
    finally:
        threading.stack_size(before)
    assert codes == [text]


def test_an_error_comes_out_of_the_thread_as_it_was():
    with pytest.raises(ZeroDivisionError):
        on_large_stack(lambda: 1 // 0)()
    assert on_large_stack(divmod)(7, 2) == (3, 1)


@pytest.mark.parametrize("shape", ["a chain of and", "a dotted import"])
def test_a_text_that_overflows_libcst_fails_alone_and_the_other_files_go_on(tmp_path, shape):
    deep = DEEP[shape](20_000)
    (tmp_path / "a.py").write_text(SITE + deep)
    (tmp_path / "b.py").write_text(SITE)
    done = subprocess.run(
        [sys.executable, "-m", "loadstream", "rewrite", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    [error] = done.stderr.splitlines()
    assert error.startswith("error: a.py:1:1: LibCST cannot edit this file")
    assert "stream_json" in (tmp_path / "b.py").read_text()
    assert deep in (tmp_path / "a.py").read_text()

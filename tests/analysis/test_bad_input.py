"""Input that is strange or cannot be analysed: an answer or a SourceError, never anything else."""

from __future__ import annotations

import sys
from contextlib import suppress

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import SourceError, SourceFile, decode, parse
from loadstream_codemods.apply import apply
from loadstream_codemods.errors import UnreadableError

SITE = "import json\nwith open('d.json') as f:\n    for s in json.load(f):\n        print(s)\n"
STREAMED = SITE.replace("import json", "from loadstream import stream_json").replace(
    "json.load(", "stream_json("
)

DEEP = {
    "parentheses": f"x = {'(' * 3000}1{')' * 3000}\n",
    "a sum": f"x = {'+'.join(['1'] * 20_000)}\n",
    "attributes": f"x = a{'.b' * 20_000}\n",
    "calls": f"x = a{'()' * 20_000}\n",
    "calls that can be parsed": f"x = a{'()' * 800}\n",
    "lambdas": f"x = {'lambda: ' * 1500}1\n",
    "negations": f"x = {'not ' * 20_000}1\n",
    "branches": "if x: pass\n" + "".join(f"elif x == {n}: pass\n" for n in range(5000)),
    "blocks": "".join(f"{' ' * n}if x:\n" for n in range(120)) + " " * 120 + "pass\n",
}
NOT_PYTHON = {
    "Python 2": "import json\nprint json.load(open('d.json'))\n",
    "a NUL": f"{SITE}x = '\0'\n",
    "no end of a string": f"{SITE}x = 'a\n",
    "a bad indentation": f"{SITE}  x = 1\n",
}
# Errors that only the compiler finds.
NOT_COMPILED = {
    "a return at the top of a class": "class C:\n    return 1\n",
    "a global that is bound before": "def g():\n    x = 1\n    global x\n",
    "a nonlocal without a binding": "def g():\n    nonlocal x\n",
    "two parameters of one name": "def g(x, x):\n    pass\n",
    "an await outside of a function": "await x\n",
}
# Syntax by the first version that has it.
NEWER = {
    "except*": ((3, 11), "try:\n    pass\nexcept* ValueError:\n    pass\n"),
    "type": ((3, 12), "type X = list[int]\n"),
    "type parameters": ((3, 12), "def first[T](x: list[T]) -> T:\n    return x[0]\n"),
    "the same quotes in an f-string": ((3, 12), "x = f'{x['a']}'\n"),
    "except without parentheses": (
        (3, 14),
        "try:\n    pass\nexcept KeyError, OSError:\n    pass\n",
    ),
    "t-strings": ((3, 14), "x = t'{x}'\n"),
}
STRANGE = {
    "a form feed": (SITE + "\f\nx = 1\n", STREAMED + "\f\nx = 1\n"),
    "Windows newlines": (SITE.replace("\n", "\r\n"), STREAMED.replace("\n", "\r\n")),
    "old Mac newlines": (SITE.replace("\n", "\r"), STREAMED.replace("\n", "\r")),
    "tabs": (SITE.replace("    ", "\t"), STREAMED.replace("    ", "\t")),
    "no last newline": (SITE.rstrip("\n"), STREAMED.rstrip("\n")),
    "a line separator in a string": (SITE + "x = 'a\u2028b'\n", STREAMED + "x = 'a\u2028b'\n"),
    "wide characters before the load": (
        SITE.replace("print(s)", "print('😀é', s)"),
        STREAMED.replace("print(s)", "print('😀é', s)"),
    ),
    "names beyond ASCII": (
        SITE.replace("f:", "gläser:").replace("(f)", "(gläser)"),
        STREAMED.replace("f:", "gläser:").replace("(f)", "(gläser)"),
    ),
}


def _sites(text, tmp_path):
    source: SourceFile = parse(text, tmp_path / "script.py")
    return find_sites(source, Repository(tmp_path))


def _plans(text, tmp_path):
    return [site.plan for site in _sites(text, tmp_path) if site.plan is not None]


@pytest.mark.parametrize("name", DEEP)
@pytest.mark.parametrize("before", [True, False])
def test_deep_nesting_is_analysed_or_an_error_with_a_cause(name, before, tmp_path):
    text = SITE + DEEP[name] if before else DEEP[name] + SITE
    found = ["LS104"]
    with suppress(SourceError):
        found = [plan.code for plan in _plans(text, tmp_path)]
    assert found == ["LS104"]


@pytest.mark.parametrize("name", NOT_PYTHON)
def test_what_is_not_python_is_an_error(name, tmp_path):
    with pytest.raises(SourceError) as caught:
        _sites(NOT_PYTHON[name], tmp_path)
    assert "\n" not in caught.value.cause
    assert "please report" not in caught.value.cause


@pytest.mark.parametrize("name", NOT_COMPILED)
def test_an_error_that_only_the_compiler_finds_is_not_ours(name, tmp_path):
    assert [plan.code for plan in _plans(SITE + NOT_COMPILED[name], tmp_path)] == ["LS104"]


def test_a_form_feed_at_the_start_is_an_error_and_no_loss(tmp_path):
    text = "\f" + SITE
    with pytest.raises(UnreadableError):
        apply(text, _plans(text, tmp_path))


@pytest.mark.parametrize("name", NEWER)
def test_syntax_of_a_newer_python_is_an_error_before_that_version_only(name, tmp_path):
    version, text = NEWER[name]
    if sys.version_info >= version:
        assert [plan.code for plan in _plans(SITE + text, tmp_path)] == ["LS104"]
    else:
        with pytest.raises(SourceError):
            _sites(SITE + text, tmp_path)


@pytest.mark.parametrize("name", STRANGE)
def test_strange_text_is_rewritten_like_any_other(name, tmp_path):
    text, expected = STRANGE[name]
    assert apply(text, _plans(text, tmp_path)) == expected


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "utf-8-sig", "shift_jis", "euc_kr", "koi8-r", "mac_roman"]
)
def test_a_file_in_its_own_encoding(encoding, tmp_path):
    cookie = "" if encoding == "utf-8-sig" else f"# -*- coding: {encoding} -*-\n"
    letter = {"shift_jis": "あ", "euc_kr": "가", "koi8-r": "я"}.get(encoding, "é")
    text = f"{cookie}{SITE}x = '{letter}'\n"
    assert decode(text.encode(encoding)).lstrip("\ufeff") == text
    assert [plan.code for plan in _plans(text, tmp_path)] == ["LS104"]


@pytest.mark.parametrize(
    "data",
    [
        b"# coding: nonsense\nimport json\n",
        b"import json\nx = '\xff'\n",
        SITE.encode("utf-16"),
        b"# coding: utf-8\n# \xe9\n",
        b"\xef\xbb\xbf# coding: latin-1\n",
    ],
)
def test_bytes_that_do_not_decode_are_an_error(data):
    with pytest.raises(SourceError):
        parse(decode(data), None)


@pytest.mark.parametrize(
    "literal",
    [
        "'" + "a" * 2_000_000 + "'",
        "b'" + "a" * 2_000_000 + "'",
        "'''" + "a line\n" * 300_000 + "'''",
        "[" + "1, " * 20_000 + "]",
        "0x" + "f" * 10_000,
    ],
    ids=["string", "bytes", "lines", "list", "integer"],
)
def test_a_huge_literal_is_no_hindrance(literal, tmp_path):
    assert [plan.code for plan in _plans(f"x = {literal}\n{SITE}", tmp_path)] == ["LS104"]


def test_a_file_of_ten_thousand_lines(tmp_path):
    text = "".join(f"x{n} = {n}\n" for n in range(10_000)) + SITE
    [plan] = _plans(text, tmp_path)
    assert plan.source.start.line == 10_003


def test_a_function_of_five_thousand_lines(tmp_path):
    body = SITE.replace("\n", "\n    ").rstrip()
    text = f"def work():\n    {body}\n" + "    x = 1\n" * 5000
    assert len(_plans(text, tmp_path)) == 1


def test_many_sites_in_one_file(tmp_path):
    body = SITE.partition("\n")[2].replace("\n", "\n    ").rstrip()
    text = "import json\n" + "".join(f"def f{n}():\n    {body}\n" for n in range(200))
    assert len(_plans(text, tmp_path)) == 200

"""Which methods can have a twin, and what keeps others from having one."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from loadstream.analysis.modules import Definition, Module
from loadstream.analysis.reasons import Refusal
from loadstream.analysis.repository import Repository
from loadstream.analysis.source import parse
from loadstream.analysis.twins import Twin, find_twin, twins_of, without_streamer

PRELUDE = "import json\nfrom abc import ABC, abstractmethod\nfrom typing import Protocol\n\n"
REPO = """
    class Repo:
        def __init__(self, path="rows.json"):
            self.path = path

        def load_rows(self):
            with open(self.path) as f:
                return json.load(f)["rows"]
    """


@pytest.fixture
def find(tmp_path: Path, monkeypatch):
    """What becomes of a method of a class in a text, beside other files."""
    (tmp_path / "rows.json").write_text('{"rows": [{"n": 1}, {"n": 2}]}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(text: str, name: str = "load_rows", owner: str = "Repo", **others: str):
        for other, content in others.items():
            (tmp_path / f"{other}.py").write_text(content, encoding="utf-8")
        path = tmp_path / "store.py"
        text = PRELUDE + dedent(text)
        path.write_text(text, encoding="utf-8")
        repository, module = Repository(tmp_path), Module(parse(text, path))
        around = repository.class_definition(module, owner)
        assert around is not None
        method = next(m for m in around.node.body if hasattr(m, "name") and m.name == name)
        return find_twin(Definition(module, method, around), repository)

    return run


METHODS = {
    "of an object": ("def load_rows(self):", "self.path", ""),
    "with arguments": ("def load_rows(self, path='rows.json', *, deep=False):", "path", ""),
    "static": ("@staticmethod\ndef load_rows(path='rows.json'):", "path", "@staticmethod\n"),
    "of the class": ("@classmethod\ndef load_rows(cls):", "cls.PATH", "@classmethod\n"),
    "private": ("def _load_rows(self):", "self.path", ""),
    "mangled": ("def __load_rows(self):", "self.path", ""),
}


@pytest.mark.parametrize(("head", "path", "decorator"), METHODS.values(), ids=METHODS)
def test_a_plain_method_has_a_twin_in_its_class_that_gives_the_same(find, head, path, decorator):
    method = f"{head}\n    with open({path}) as f:\n        return json.load(f)['rows']\n"
    name = head.partition("def ")[2].partition("(")[0]
    text = "class Repo:\n    path = PATH = 'rows.json'\n\n" + "".join(
        f"    {line}\n" for line in method.splitlines()
    )
    twin = find(text, name)
    assert isinstance(twin, Twin)
    assert twin.qualified_name == f"Repo.{name.replace('load', 'stream')}"
    indented = "".join(f"    {line}\n" for line in decorator.splitlines())
    assert twin.text.startswith(f"{indented}    def {twin.name}(")
    names: dict[str, object] = {}
    imports = "import json\nfrom loadstream import stream_json\n"
    exec(compile(f"{imports}{text}\n{twin.text}", "store.py", "exec"), names)  # our own text
    made = names["Repo"]()  # type: ignore[operator]
    mangled = "_Repo" if name.startswith("__") else ""
    loaded = getattr(made, mangled + name)()
    assert list(getattr(made, mangled + twin.name)()) == loaded == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ((), None),
        (("class Repo:", "class Repo(ABC):"), None),
        (("class Repo:", "class Repo(Protocol):"), "Repo is a Protocol"),
        (("class Repo:", "class Repo(Unknown):"), "are known"),
        (("def __init__", "stream_rows = None\n\n        def __init__"), "used in Repo"),
        (("def __init__", "kept = stream_rows\n\n        def __init__"), "used in Repo"),
        (
            ("self.path = path", "self.path = path\n            self.stream_rows = 1"),
            "an attribute stream_rows is set",
        ),
        (("self.path = path", "setattr(self, path, path)"), "makes up its attributes"),
        (("self.path = path", "self.__dict__.update(path=path)"), "makes up its attributes"),
        (("def __init__", "def __getattr__(self, n): ...\n\n        def __init__"), "makes up"),
    ],
)
def test_a_class_that_makes_the_name_uncertain_is_refused_with_the_fact(find, change, cause):
    found = find(REPO.replace(*change) if change else REPO)
    if cause is None:
        assert isinstance(found, Twin)
    else:
        assert isinstance(found, Refusal)
        assert found.reason.value == "no-stream"
        assert cause in found.fact


@pytest.mark.parametrize(
    ("other", "cause"),
    [
        ("from store import Repo\n\n\nclass Heir(Repo):\n    pass\n", None),
        (
            "from store import Repo\n\n\nclass Heir(Repo):\n    def load_rows(self):\n"
            "        return []\n",
            "Heir has another load_rows",
        ),
        (
            "from store import Repo\n\n\nclass Heir(Repo):\n    stream_rows = None\n",
            "Repo, or a class it is related to, has stream_rows",
        ),
        (
            "from store import Repo\n\nHeir = type('Heir', (Repo,), {'load_rows': list})\n",
            "its heirs, are known",
        ),
        (
            "from store import Repo\n\n\ndef make(base):\n    class Heir(base):\n        pass\n\n"
            "    return Heir\n\n\nmake(Repo)\n",
            "its heirs, are known",
        ),
        ("from store import Repo\n\nprint(type(Repo), make(Repo))\n", None),
        ("def f(repo):\n    repo.stream_rows = list\n", "an attribute stream_rows is set"),
        ("def f(repo):\n    return hasattr(repo, 'stream_rows')\n", "asked for stream_rows"),
        ("def f(repo, n):\n    return getattr(repo, 'stream_' + n)\n", "asked for stream_rows"),
        ("def f(repo, n):\n    return getattr(repo, f'stream_{n}')\n", "asked for stream_rows"),
        ("def f(repo):\n    return repo.stream_rows()\n", "asked for stream_rows"),
        (
            "class Other:\n    def stream_rows(self): ...\n\n\nother = Other()\n"
            "other.stream_rows()\n",
            None,
        ),
        ("def stream_rows(): ...\n", None),
    ],
)
def test_what_other_files_do_with_the_class_or_the_name_is_seen(find, other, cause):
    found = find(REPO, other=other)
    if cause is None:
        assert isinstance(found, Twin)
    else:
        assert isinstance(found, Refusal)
        assert cause in found.fact


def test_a_method_that_overrides_another_has_no_twin(find):
    base = "class Base:\n    def load_rows(self):\n        return []\n\n\n"
    found = find(base + dedent(REPO).lstrip().replace("class Repo:", "class Repo(Base):"))
    assert isinstance(found, Refusal)
    assert "Base has another load_rows" in found.fact


@pytest.mark.parametrize(
    "method",
    [
        "@property\n    def load_rows(self):",
        "@abstractmethod\n    def load_rows(self):",
        "@cache\n    def load_rows(self):",
        "@cache\n    @staticmethod\n    def load_rows(self):",
        "async def load_rows(self):",
    ],
)
def test_a_method_that_is_no_plain_one_is_not_asked_about(find, method):
    text = f"class Repo:\n    {method}\n        return json.load(open('rows.json'))\n"
    assert find(text) is None


@pytest.mark.parametrize(
    "body",
    [
        "self.rows = json.load(open('rows.json'))\n        return self.rows",
        "self.count += 1\n        return json.load(open('rows.json'))",
        "path = self.locate()\n        return json.load(open(path))",
        "return json.load(self.file)",
        "return self.rows or json.load(open('rows.json'))",
    ],
)
def test_a_method_that_does_more_than_load_has_no_twin(find, body):
    text = f"class Repo:\n    def load_rows(self):\n        {body}\n"
    assert find(text) is None


def test_a_method_that_is_bound_twice_or_in_a_branch_has_no_twin(tmp_path):
    method = "    def load_rows(self):\n        return json.load(open('rows.json'))\n"
    branch = "    if True:\n" + "".join(f"    {line}\n" for line in method.splitlines())
    for text in (method + method, branch, method + "    load_rows = wrap(load_rows)\n"):
        source = parse(f"{PRELUDE}class Repo:\n{text}", tmp_path / "store.py")
        assert list(twins_of(Module(source), Repository(tmp_path))) == []


def test_a_class_that_is_no_class_of_the_module_is_left_alone(tmp_path):
    method = "        def load_rows(self):\n            return json.load(open('rows.json'))\n"
    for text in (
        f"def make():\n    class Repo:\n{method}    return Repo\n",
        f"class Outer:\n    class Repo:\n{method}",
        f"if True:\n    class Repo:\n{method}",
    ):
        source = parse(PRELUDE + text, tmp_path / "store.py")
        assert list(twins_of(Module(source), Repository(tmp_path))) == []


def test_what_is_said_of_a_method_without_a_streamer(tmp_path):
    path = tmp_path / "store.py"
    path.write_text(PRELUDE + dedent(REPO), encoding="utf-8")
    repository = Repository(tmp_path)
    module = repository.module(path)
    assert module is not None
    owner = repository.class_definition(module, "Repo")
    assert owner is not None
    loader = Definition(module, owner.node.body[1], owner)  # type: ignore[arg-type]
    assert without_streamer(loader, repository) == (
        "store.py has no stream_rows, which LS108 can add, for the load_rows()"
    )

"""Loads by a method: which objects are known, what is rewritten, what is kept and why."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from loadstream.analysis.repository import Repository
from loadstream.analysis.sites import find_sites
from loadstream.analysis.source import parse
from loadstream_codemods.apply import apply

REPOSITORY = """\
import json


class DataRepository:
    def __init__(self, path="rows.json"):
        self.path = path

    def load_rows(self):
        with open(self.path) as f:
            return json.load(f)

    def stream_rows(self, filter_func=None):
        with open(self.path) as f:
            for row in json.load(f):
                if filter_func is None or filter_func(row):
                    yield row
"""
STATIC = """\
import json


class DataRepository:
    kind = "rows"

    @staticmethod
    def load_rows(path="rows.json"):
        with open(path) as f:
            return json.load(f)

    @staticmethod
    def stream_rows(filter_func=None, path="rows.json"):
        yield from filter(filter_func or (lambda r: True), DataRepository.load_rows(path))

    @classmethod
    def load_kinds(cls, suffix=".json"):
        with open(cls.kind + suffix) as f:
            return json.load(f)

    @classmethod
    def stream_kinds(cls, filter_func=None, suffix=".json"):
        with open(cls.kind + suffix) as f:
            for row in json.load(f):
                if filter_func is None or filter_func(row):
                    yield row
"""
ROWS = [{"n": n} for n in range(6)]


@pytest.fixture
def sites(tmp_path):
    def run(files: dict[str, str], script: str = "script.py"):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        path = tmp_path / script
        return find_sites(parse(path.read_text(), path), Repository(tmp_path))

    return run


@pytest.fixture
def check(tmp_path, sites):
    """Rewrite the one site of a script, run it before and after, and return the new text."""

    def run(text: str, **files: str) -> str:
        files = {"repo.py": REPOSITORY, **{f"{name}.py": t for name, t in files.items()}}
        (tmp_path / "rows.json").write_text(json.dumps(ROWS))
        found = sites({**files, "script.py": text})
        plans = [site.plan for site in found if site.plan is not None]
        assert plans, [site.refusals for site in found]
        new = apply(text, plans)
        (tmp_path / "new.py").write_text(new)
        before, after = (
            subprocess.run(
                [sys.executable, name], cwd=tmp_path, capture_output=True, text=True, check=False
            )
            for name in ("script.py", "new.py")
        )
        assert (before.returncode, before.stdout) == (after.returncode, after.stdout), after.stderr
        assert before.stdout
        return new

    return run


def of_pairs(found):
    """The sites of loaders, without the plain loads inside of them."""
    return [site for site in found if site.loader.endswith("load_rows")]


def slugs(found) -> list[set[str]]:
    return [{refusal.reason.value for refusal in site.refusals} for site in found]


HEAD = "from repo import DataRepository\n"
FILTER = "print([r for r in repo.load_rows() if r['n'] > 2])\n"


@pytest.mark.parametrize(
    ("text", "callee"),
    [
        (HEAD + "repo = DataRepository()\n" + FILTER, "repo.stream_rows"),
        (
            HEAD + "repo: DataRepository = DataRepository('rows.json')\n" + FILTER,
            "repo.stream_rows",
        ),
        (HEAD + FILTER.replace("repo.", "DataRepository()."), "DataRepository().stream_rows"),
        (
            "import repo as m\n" + FILTER.replace("repo.", "m.DataRepository()."),
            "m.DataRepository().stream_rows",
        ),
        (
            HEAD + "def main():\n    repo = DataRepository()\n    " + FILTER + "main()\n",
            "repo.stream_rows",
        ),
        (
            HEAD + "def main():\n    rows = DataRepository().load_rows()\n"
            "    for r in rows:\n        if r['n'] % 2:\n            print(r)\nmain()\n",
            "DataRepository().stream_rows",
        ),
        (
            "def main():\n    from repo import DataRepository as R\n    repo = R()\n    "
            + FILTER
            + "main()\n",
            "repo.stream_rows",
        ),
        ("from shared import repo\n" + FILTER, "repo.stream_rows"),
        ("import shared\n" + FILTER.replace("repo.", "shared.repo."), "shared.repo.stream_rows"),
        (
            HEAD + "class Report:\n    def __init__(self):\n        self.repo = DataRepository()\n"
            "    def run(self):\n        "
            + FILTER.replace("repo.", "self.repo.")
            + "Report().run()\n",
            "self.repo.stream_rows",
        ),
        (
            HEAD
            + "class More(DataRepository):\n    def run(self):\n        "
            + FILTER.replace("repo.", "self.")
            + "More().run()\n",
            "self.stream_rows",
        ),
        (
            HEAD + "class More(DataRepository):\n    pass\n\nrepo = More()\n" + FILTER,
            "repo.stream_rows",
        ),
        (
            HEAD + "repo = DataRepository()\nrows = repo.load_rows()\nprint('x')\n"
            "for r in rows:\n    print(r['n'])\n",
            "repo.stream_rows",
        ),
    ],
)
def test_a_method_of_a_known_object_is_followed_to_its_pair(check, sites, text, callee):
    shared = "from repo import DataRepository\n\nrepo = DataRepository()\n"
    new = check(text, shared=shared)
    assert f"{callee}(" in new
    assert sites({"again.py": new}, "again.py") == ()


@pytest.mark.parametrize(
    ("call", "callee"),
    [
        ("DataRepository.load_kinds()", "DataRepository.stream_kinds"),
        ("DataRepository.load_kinds('.json')", "DataRepository.stream_kinds(suffix='.json'"),
        ("DataRepository().load_kinds(suffix='.json')", "DataRepository().stream_kinds"),
        (
            "DataRepository.load_rows('rows.json')",
            "DataRepository.stream_rows(path='rows.json'",
        ),
        ("DataRepository().load_rows()", "DataRepository().stream_rows"),
    ],
)
def test_static_and_class_methods_are_called_through_the_class_or_an_object(check, call, callee):
    assert callee in check(f"{HEAD}print([r for r in {call} if r['n'] > 2])\n", repo=STATIC)


def test_the_own_class_is_reached_through_cls(sites):
    text = STATIC + (
        "    @classmethod\n    def count(cls):\n"
        "        return sum(r['n'] for r in cls.load_kinds())\n"
    )
    (site,) = [s for s in sites({"repo.py": text}, "repo.py") if "load_kinds" in s.loader]
    assert site.plan.stream.callee == "cls.stream_kinds"


def test_positional_arguments_are_counted_without_the_object(sites):
    repo = REPOSITORY.replace("load_rows(self)", "load_rows(self, kind, strict=True)").replace(
        "(self, filter_func=None)", "(self, filter_func=None, *, kind, strict=True)"
    )
    text = HEAD + "print(sum(DataRepository().load_rows('a', False)))\n"
    (site,) = sites({"repo.py": repo, "script.py": text})
    assert site.plan.stream.keywords == ("kind", "strict")


def test_the_loader_is_named_with_its_class(sites):
    (site,) = sites(
        {"repo.py": REPOSITORY, "script.py": HEAD + "sum(DataRepository().load_rows())"}
    )
    assert (site.loader, site.stream) == (
        "repo.DataRepository.load_rows",
        "repo.DataRepository.stream_rows",
    )


@pytest.mark.parametrize(
    "text",
    [
        "def f(repo):\n    return sum(repo.load_rows())\n",
        "repo = DataRepository()\nrepo = 1\nprint(sum(repo.load_rows()))\n",
        "if 1:\n    repo = DataRepository()\nelse:\n    repo = 2\nsum(repo.load_rows())\n",
        "repo, other = DataRepository(), 1\nprint(sum(repo.load_rows()))\n",
        "with DataRepository() as repo:\n    print(sum(repo.load_rows()))\n",
        "repo = make(DataRepository)\nprint(sum(repo.load_rows()))\n",
        "for repo in [DataRepository()]:\n    print(sum(repo.load_rows()))\n",
        "print(sum(unknown.load_rows()))\n",
        "print(sum(super().load_rows()))\n",
        "print(sum(DataRepository().load_cells()))\n",
        "repo = DataRepository() or None\nprint(sum(repo.load_rows()))\n",
    ],
)
def test_an_object_that_is_not_known_loads_nothing_that_is_known(sites, text):
    assert sites({"repo.py": REPOSITORY, "script.py": HEAD + text}) == ()


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("def f(repo: DataRepository):\n    return sum(repo.load_rows())\n", "unresolved"),
        ("print(sum(DataRepository.load_rows(DataRepository())))\n", "unresolved"),
        (
            "class A:\n    def __init__(self, test=None):\n        self.repo = DataRepository()\n"
            "        if test:\n            self.repo = test\n"
            "    def run(self):\n        return sum(self.repo.load_rows())\n",
            "unresolved",
        ),
        (
            "class A:\n    repo = None\n"
            "    def __init__(self):\n        self.repo = DataRepository()\n"
            "    def run(self):\n        return sum(self.repo.load_rows())\n",
            "unresolved",
        ),
        (
            "class A:\n    def __init__(self, **k):\n        self.repo = DataRepository()\n"
            "        self.__dict__.update(k)\n"
            "    def run(self):\n        return sum(self.repo.load_rows())\n",
            "unresolved",
        ),
        (
            "from elsewhere import Base\nclass A(Base, DataRepository):\n    pass\n"
            "print(sum(A().load_rows()))\n",
            "unresolved",
        ),
        (
            "class A(DataRepository, metaclass=Meta):\n    pass\nprint(sum(A().load_rows()))\n",
            "unresolved",
        ),
        ("@register\nclass A(DataRepository):\n    pass\nsum(A().load_rows())\n", "unresolved"),
        (
            "class A(DataRepository):\n    def load_rows(self):\n        return []\n"
            "print(sum(A().load_rows()))\n",
            "no-stream",
        ),
        (
            "class A(DataRepository):\n    def stream_rows(self):\n        yield 1\n"
            "print(sum(A().load_rows()))\n",
            "unresolved",
        ),
        (
            "class A(DataRepository):\n    def run(self):\n        return sum(self.load_rows())\n"
            "class B(A):\n    def load_rows(self):\n        return []\n",
            "no-stream",
        ),
        (
            "class A(DataRepository):\n    def run(self):\n        return sum(self.load_rows())\n"
            "class B(A):\n    def stream_rows(self):\n        yield 1\n",
            "unresolved",
        ),
        (
            "class A(DataRepository):\n    def run(self):\n        return sum(self.load_rows())\n"
            "def test():\n    class B(A):\n        pass\n",
            "unresolved",
        ),
        ("repo = DataRepository()\nrepo.load_rows = 1\nprint(sum(repo.load_rows()))\n", "patched"),
        ("repo = DataRepository()\nrepo.stream_rows = 1\nsum(repo.load_rows())\n", "patched"),
        (
            "repo = DataRepository()\nrows = repo.load_rows()\nrepo.path = 'b'\nprint(sum(rows))\n",
            "arguments-change",
        ),
        (
            "def f(o):\n    rows = DataRepository(o.path).load_rows()\n    print(sum(rows))\n",
            "arguments-change",
        ),
        (
            "for p in ['a', 'b']:\n    if p == 'b':\n        continue\n"
            "    rows = DataRepository(p).load_rows()\nprint(sum(rows))\n",
            "arguments-change",
        ),
        (
            "for p in ['a', 'b']:\n    repo = DataRepository(p)\n    if p == 'b':\n"
            "        continue\n    rows = repo.load_rows()\nprint(sum(rows))\n",
            "arguments-change",
        ),
    ],
)
def test_an_object_that_may_be_another_keeps_the_load(sites, text, slug):
    found = sites({"repo.py": REPOSITORY, "script.py": HEAD + text})
    assert all(slug in reasons for reasons in slugs(found))
    assert [site.plan for site in found] == [None]


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [
        ("    def load_rows", "    @cache\n    def load_rows", "cached-loader"),
        ("    def load_rows", "    @property\n    def load_rows", "cached-loader"),
        ("    def stream_rows", "    @traced\n    def stream_rows", "unresolved"),
        (
            "return json.load(f)",
            "self._rows = json.load(f)\n            return self._rows",
            "cached-loader",
        ),
        ("return json.load(f)", "self.seen = 1\n            return json.load(f)", "cached-loader"),
        (
            "return json.load(f)",
            "self.seen.append(1)\n            return json.load(f)",
            "cached-loader",
        ),
        ("return json.load(f)", "return self._cache", "cached-loader"),
        (
            "return json.load(f)",
            "rows = self._cache or json.load(f)\n            return rows",
            "cached-loader",
        ),
        ("return json.load(f)", "return self._cache.setdefault(1, json.load(f))", "cached-loader"),
        (
            "return json.load(f)",
            "DataRepository.last = 1\n            return json.load(f)",
            "cached-loader",
        ),
        ("return json.load(f)", "print('x')\n            return json.load(f)", "loader-effects"),
        ("return json.load(f)", "self.log()\n            return json.load(f)", "loader-effects"),
        ("return json.load(f)", "return sorted(json.load(f))", "loader-effects"),
        ("yield row", "yield row\n                    self.n = len(self.path)", "loader-effects"),
    ],
)
def test_a_loading_method_that_does_more_than_load_is_kept(sites, old, new, slug):
    repo = REPOSITORY.replace(old, new, 1) + "\n    def log(self):\n        print('loaded')\n"
    (site,) = sites(
        {"repo.py": repo, "script.py": HEAD + "print(sum(DataRepository().load_rows()))\n"}
    )
    assert slugs([site]) == [{slug}]


LATE = REPOSITORY.replace(
    "if filter_func is None or filter_func(row):",
    "if row['n'] > self.least and (filter_func is None or filter_func(row)):",
).replace("self.path = path", "self.path = path\n        self.least = 1")


def test_what_a_stream_reads_while_it_is_consumed_must_stay(sites):
    text = HEAD + "repo = DataRepository()\nfor r in repo.load_rows():\n    repo.least = r['n']\n"
    assert slugs(sites({"repo.py": LATE, "script.py": text})) == [{"arguments-change"}]


@pytest.mark.parametrize(
    "change", ["vars(repo)['least'] = 2", "repo.__dict__['least'] = 2", "setattr(repo, 'least', 2)"]
)
def test_an_attribute_that_is_set_by_its_name_is_set_too(sites, change):
    text = HEAD + f"repo = DataRepository()\nfor r in repo.load_rows():\n    {change}\n"
    assert slugs(sites({"repo.py": LATE, "script.py": text})) == [{"arguments-change"}]


def test_an_object_made_of_a_name_that_stays_may_be_made_at_the_pass(check):
    text = HEAD + (
        "def main(path):\n    rows = DataRepository(path).load_rows()\n"
        "    print([r for r in rows if r['n'] > 2])\nmain('rows.json')\n"
    )
    assert "DataRepository(path).stream_rows(" in check(text)


def test_what_is_set_only_where_the_object_is_made_may_be_read_late(check):
    text = HEAD + "repo = DataRepository()\nfor r in repo.load_rows():\n    print(r)\n"
    load = "[r for r in json.load(f) if r['n'] > self.least]"
    check(text, repo=LATE.replace("return json.load(f)", f"return {load}", 1))


def test_an_attribute_of_the_same_name_of_another_class_does_not_matter(sites):
    other = "class Other:\n    def f(self):\n        self.least = 3\n"
    text = HEAD + "repo = DataRepository()\nfor r in repo.load_rows():\n    print(r)\n"
    (site,) = sites({"repo.py": LATE, "other.py": other, "script.py": text})
    assert site.plan is not None


def test_a_method_that_changes_the_object_between_load_and_pass_keeps_it(sites):
    repo = REPOSITORY + "\n    def update(self, path):\n        self.path = path\n"
    text = (
        HEAD
        + "repo = DataRepository()\nrows = repo.load_rows()\nrepo.update('b')\nprint(sum(rows))\n"
    )
    assert "arguments-change" in slugs(sites({"repo.py": repo, "script.py": text}))[0]


def test_an_object_with_an_eager_constructor_is_not_made_later(sites):
    repo = REPOSITORY.replace("self.path = path", "self.path = path\n        print('made')")
    text = HEAD + "rows = DataRepository().load_rows()\nprint(sum(rows))\n"
    assert slugs(sites({"repo.py": repo, "script.py": text})) == [{"arguments-change"}]


def test_heirs_that_override_both_methods_agree(sites):
    heir = HEAD + (
        "class Heir(DataRepository):\n    def load_rows(self):\n        return [1]\n"
        "    def stream_rows(self, filter_func=None):\n"
        "        if filter_func is None or filter_func(1):\n            yield 1\n"
    )
    text = REPOSITORY + "\n    def total(self):\n        return sum(self.load_rows())\n"
    found = of_pairs(sites({"heir.py": heir, "repo.py": text}, "repo.py"))
    assert [site.plan is not None for site in found] == [True]
    one = heir.partition("    def stream_rows")[0]
    assert slugs(of_pairs(sites({"heir.py": one}, "repo.py"))) == [{"no-stream"}]


def test_an_heir_that_overrides_what_only_the_loader_uses_is_seen(sites):
    repo = REPOSITORY.replace("return json.load(f)", "return self._read(f)") + (
        "\n    def _read(self, f):\n        return json.load(f)\n"
    )
    text = HEAD + (
        "class A(DataRepository):\n    def _read(self, f):\n        return []\n"
        "print(sum(A().load_rows()))\n"
    )
    assert slugs(sites({"repo.py": repo, "script.py": text})) == [{"unresolved"}]


def test_an_heir_under_another_name_is_found(sites):
    text = REPOSITORY + "\n    def total(self):\n        return sum(self.load_rows())\n"
    files = {
        "alias.py": "from repo import DataRepository as Base\n",
        "heir.py": "from alias import Base\n"
        "class H(Base):\n    def load_rows(self):\n        return []\n",
    }
    assert slugs(of_pairs(sites({"repo.py": text, **files}, "repo.py"))) == [{"no-stream"}]


def test_an_abstract_pair_is_judged_by_the_classes_that_give_it_a_body(sites):
    base = (
        "from abc import ABC, abstractmethod\n\n\nclass Base(ABC):\n"
        "    @abstractmethod\n    def load_rows(self): ...\n"
        "    @abstractmethod\n    def stream_rows(self, filter_func=None): ...\n"
        "    def total(self):\n        return sum(r['n'] for r in self.load_rows())\n"
    )
    heir = REPOSITORY.replace("class DataRepository:", "from base import Base\nclass R(Base):")
    (site,) = sites({"base.py": base, "heir.py": heir}, "base.py")
    assert site.plan is not None
    assert site.loader == "heir.R.load_rows"


def test_a_stream_built_on_its_load_is_not_made_to_call_itself(sites):
    text = (
        "class R:\n    def load_rows(self):\n        return [1]\n"
        "    def stream_rows(self, filter_func=None):\n        yield from self._rows()\n"
        "    def _rows(self):\n        for row in self.load_rows():\n            yield row\n"
    )
    assert slugs(sites({"r.py": text}, "r.py")) == [{"self-reference"}]


@pytest.mark.parametrize(
    "test",
    [
        "mock.patch('repo.DataRepository.load_rows')\n",
        "mock.patch('script.DataRepository')\n",
        "mock.patch('script.repo')\n",
        "mock.patch.object(DataRepository, 'load_rows')\n",
        "mock.patch.object(script.repo, 'load_rows')\n",
        "def test(monkeypatch):\n    monkeypatch.setattr(DataRepository, 'load_rows', 1)\n",
        "def test(monkeypatch):\n    monkeypatch.setattr(script, 'repo', 1)\n",
        "script.repo = Fake()\n",
    ],
)
def test_a_method_or_object_that_another_file_replaces_is_kept(sites, test):
    text = HEAD + "repo = DataRepository()\nprint(sum(repo.load_rows()))\n"
    found = sites({"repo.py": REPOSITORY, "script.py": text, "test_script.py": test})
    assert slugs(found) == [{"patched"}]


def test_a_stream_of_a_method_is_mended_as_one_of_a_function(check):
    text = (
        HEAD + "repo = DataRepository()\n"
        "for r in repo.stream_rows():\n    if r['n'] > 2:\n        print(r)\n"
    )
    assert "filter_func=lambda r: r['n'] > 2" in check(text)

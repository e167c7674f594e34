"""A counterexample kept as a pytest file fails while the difference is there, and only then."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from loadstream.verify import (
    Check,
    Script,
    Settings,
    Verdict,
    VerifyError,
    check_from_config,
    compare_callables,
)
from loadstream.verify.counterexamples import Stored, read, store
from loadstream.verify.saved_test import save_test

OLD = "from common import load_sessions\nprint([s['cost'] for s in load_sessions()])\n"
NEW = "from common import load_sessions\nprint([s['cost'] for s in load_sessions()][1:])\n"


def run_pytest(file: Path, folder: Path) -> tuple[int, str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV"))
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_the_kept_test_fails_until_the_difference_is_gone(changed: Any, tmp_path: Path) -> None:
    repository = changed(OLD, NEW)
    assert repository.result().verdict is Verdict.DIFFERENT
    (file,) = (repository.root / ".loadstream_cache" / "counterexamples").iterdir()
    kept = repository.root / "test_kept.py"
    save_test(file, kept)
    file.unlink()
    code, output = run_pytest(kept, tmp_path)
    assert code == 1
    assert "analyze.py: different: " in output
    assert "input: data/sessions.json: " in output
    # Still against the old version when the change is committed, and gone when it is mended.
    repository.commit()
    assert run_pytest(kept, repository.root)[0] == 1
    repository.write(analyze_py=OLD.replace("load", "stream").replace("streamed", "loaded"))
    code, output = run_pytest(kept, repository.root)
    assert code == 0, output


def test_a_kept_comparison_of_two_functions(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.json").write_text("[1, 2, 3]", encoding="utf-8")
    read_it = "import json\ndef f():\n    return json.load(open('data.json'))"
    (tmp_path / "a.py").write_text(f"{read_it}\n", encoding="utf-8")
    (tmp_path / "b.py").write_text(f"{read_it}[:-1]\n", encoding="utf-8")
    report = compare_callables("a.py:f", "b.py:f", Settings(pairs=0))
    assert report.verdict is Verdict.DIFFERENT
    (file,) = (tmp_path / ".loadstream_cache" / "counterexamples").iterdir()
    (tmp_path / "tests").mkdir()
    kept = tmp_path / "tests" / "test_kept.py"
    save_test(file, kept)
    assert run_pytest(kept, tmp_path)[0] == 1
    (tmp_path / "b.py").write_text(f"{read_it}\n", encoding="utf-8")
    code, output = run_pytest(kept, tmp_path)
    assert code == 0, output


def stored(name: str, *, timeout: float | None = None, text: str = "{}") -> Stored:
    check = Check(name, Script("a.py"), timeout=timeout)
    return Stored("revisions", check, "one", "abc", "", "", {"data.json": text.encode()})


AWKWARD = ["it's ''' \"\"\" \\", "\\u0027 \\", "{braces} {0}", "ä \u2028", "new\nline"]


@pytest.mark.parametrize("text", AWKWARD)
def test_whatever_the_data_and_the_name_the_file_is_the_counterexample(
    tmp_path: Path, text: str
) -> None:
    file = store(tmp_path / ".loadstream_cache", stored(text, text=text))
    save_test(file, tmp_path / "test_kept.py")
    tree = ast.parse((tmp_path / "test_kept.py").read_text(encoding="utf-8"))
    values = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    content = values["COUNTEREXAMPLE"]
    assert isinstance(content, ast.Constant)
    assert json.loads(str(content.value)) == json.loads(file.read_text(encoding="utf-8"))


def test_nothing_is_overwritten_and_nothing_is_left_behind(tmp_path: Path) -> None:
    file = store(tmp_path / ".loadstream_cache", stored("a"))
    kept = tmp_path / "test_kept.py"
    kept.write_text("mine", encoding="utf-8")
    with pytest.raises(VerifyError, match="is there already: give another name"):
        save_test(file, kept)
    assert kept.read_text(encoding="utf-8") == "mine"
    with pytest.raises(VerifyError, match=r"pytest does not collect kept\.py"):
        save_test(file, tmp_path / "kept.py")
    with pytest.raises(VerifyError, match="there is no folder"):
        save_test(file, tmp_path / "nowhere" / "test_kept.py")
    save_test(file, tmp_path / "test_other.py")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".loadstream_cache",
        "test_kept.py",
        "test_other.py",
    ]


def test_a_check_of_tests_is_not_kept_as_a_test(tmp_path: Path) -> None:
    check = check_from_config({"pytest": "tests"})
    file = store(
        tmp_path / ".loadstream_cache", Stored("revisions", check, "real", "abc", "", "", {})
    )
    with pytest.raises(VerifyError, match="they are kept already"):
        save_test(file, tmp_path / "test_kept.py")


def test_each_check_has_a_file_of_its_own(tmp_path: Path) -> None:
    names = ["a b", "a-b", "A-b", "a/b", "a:b", "a" * 90, "a" * 91, "-a-b", ".", "", "check", "ä b"]
    files = [store(tmp_path, stored(name)) for name in names]
    assert len({str(file).lower() for file in files}) == len(names)
    assert [read(file).check.name for file in files] == names
    assert store(tmp_path, stored("analyze.py")).name == "analyze.py.json"


def test_the_timeout_is_kept_and_may_be_missing(tmp_path: Path) -> None:
    file = store(tmp_path, stored("a", timeout=4.5))
    assert read(file).check.timeout == 4.5
    content = json.loads(file.read_text(encoding="utf-8"))
    del content["check"]["timeout"]
    file.write_text(json.dumps(content), encoding="utf-8")
    assert read(file).check.timeout is None

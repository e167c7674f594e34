"""New contents are judged file by file before anything is written; what differs is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from loadstream.verify import Judged, Settings, Verdict, check_from_config, replay, verify_candidate

from .conftest import Repository

USING = "from common import load_sessions\nfor s in load_sessions():\n    print(s['cost'])\n"
STREAM = USING.replace("load_sessions", "stream_sessions")


def judged(root: Path, texts: dict[str, str], **options: Any) -> dict[str, Judged]:
    contents = {path: text.encode() for path, text in texts.items()}
    return verify_candidate(root, contents, Settings(max_cases=4, timeout=20.0, pairs=0), **options)


def test_what_is_equal_may_be_written_and_what_differs_comes_with_its_input(
    repository: Repository,
) -> None:
    repository.write(a_py=USING, b_py=USING)
    found = judged(repository.root, {"a.py": STREAM, "b.py": STREAM + "print(1)\n"})
    assert found["a.py"].verdict is Verdict.EQUAL
    assert found["b.py"].verdict is Verdict.DIFFERENT
    assert found["b.py"].counterexample is not None
    assert (repository.root / "a.py").read_text() == USING


def test_a_difference_can_be_replayed_though_nothing_was_written(repository: Repository) -> None:
    repository.write(b_py=USING)
    found = judged(repository.root, {"b.py": STREAM + "print(1)\n"})["b.py"].counterexample
    assert found is not None
    (file,) = (repository.root / ".loadstream_cache" / "counterexamples").iterdir()
    assert file.name in found.replay
    again = replay(file)
    assert again.verdict is Verdict.DIFFERENT
    assert again.checks[0].counterexample is not None
    assert again.checks[0].counterexample.differences == found.differences
    repository.write(b_py=STREAM + "print(1)\n")  # what the file is now is the old side
    assert replay(file).verdict is Verdict.EQUAL


def test_a_file_that_nothing_runs_is_not_equal(repository: Repository) -> None:
    repository.write(lib_py="def f(x):\n    return [y for y in x]\n")
    found = judged(repository.root, {"lib.py": "def f(x):\n    return list(x)\n"})
    assert found["lib.py"].verdict is Verdict.INCONCLUSIVE
    assert "nothing runs it" in found["lib.py"].why


def test_what_needs_a_file_that_is_taken_back_is_taken_back_with_it(repository: Repository) -> None:
    repository.write(a_py=USING, b_py=USING, c_py=USING)
    texts = {"a.py": STREAM + "print(1)\n", "b.py": STREAM, "c.py": STREAM}
    requires = {"b.py": frozenset({"a.py"})}
    found = judged(repository.root, texts, requires=requires)
    assert {path: one.verdict for path, one in found.items()} == {
        "a.py": Verdict.DIFFERENT,
        "b.py": Verdict.INCONCLUSIVE,
        "c.py": Verdict.EQUAL,
    }
    assert "a.py" in found["b.py"].why


def test_the_others_are_verified_without_what_is_taken_back(repository: Repository) -> None:
    lib = "from common import load_sessions\nMORE = 0\nprint(len(load_sessions()))\n"
    main = "if __name__ == '__main__':\n    print(MORE)\n"
    using = "from common import load_sessions\nimport a\nprint(len(load_sessions()) + a.MORE)\n"
    repository.write(a_py=lib + main, b_py=using)
    # b is equal with the new a, and with that one only.
    texts = {
        "a.py": (lib + main).replace("MORE = 0", "MORE = 1"),
        "b.py": using.replace("a.MORE", "a.MORE - 1"),
    }
    found = judged(repository.root, texts)
    assert {path: one.verdict for path, one in found.items()} == {
        "a.py": Verdict.DIFFERENT,
        "b.py": Verdict.DIFFERENT,
    }


def test_a_configured_check_counts_for_the_files_that_it_imports(repository: Repository) -> None:
    repository.write(lib_py="def f(n):\n    return [n, n]\n")
    check = check_from_config({"call": "lib:f", "args": [3]})
    new = {"lib.py": "def f(n):\n    return [n] * 2\n"}
    assert judged(repository.root, new, checks=[check])["lib.py"].verdict is Verdict.EQUAL
    new = {"lib.py": "def f(n):\n    return (n, n)\n"}
    assert judged(repository.root, new, checks=[check])["lib.py"].verdict is Verdict.DIFFERENT

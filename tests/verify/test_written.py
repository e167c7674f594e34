"""What a run leaves on the disk is compared, wherever it left it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from loadstream.verify import Verdict

Changed = Callable[[str, str], Any]
BASE = "from common import load_sessions\nimport os\nprint(len(load_sessions()))\n"

OTHER_TRACES = {
    "another folder": ("os.mkdir('out')", "os.mkdir('out2')", "folder out"),
    "a folder removed": ("", "os.mkdir('x'); os.rmdir('data/sub')", "folder data/sub"),
    "the mode of a file": ("os.chmod('common.py', 0o600)", "os.chmod('common.py', 0o755)", "file"),
    "the mode of a new file": (
        "open('x', 'w').close()",
        "open('x', 'w').close(); os.chmod('x', 0o755)",
        "file x mode",
    ),
    "below a folder that is not copied": (
        "os.mkdir('node_modules'); open('node_modules/x', 'w').write('1')",
        "os.mkdir('node_modules'); open('node_modules/x', 'w').write('2')",
        "file node_modules/x line 1",
    ),
    "a link": ("os.symlink('a', 'x')", "os.symlink('b', 'x')", "file x"),
}


@pytest.mark.skipif(os.name == "nt", reason="modes and links")
@pytest.mark.parametrize("trace", OTHER_TRACES)
def test_another_trace_in_the_tree_is_different(changed: Changed, trace: str) -> None:
    old, new, place = OTHER_TRACES[trace]
    repository = changed(f"{BASE}{old}\n", f"{BASE}{new}\n")
    (repository.root / "data" / "sub").mkdir()
    result = repository.result(max_cases=2)
    assert result.verdict is Verdict.DIFFERENT, result.explanation
    assert result.counterexample.differences[0].place.startswith(place)


SAME = (
    "os.mkdir('out'); os.chmod('out', 0o700); os.chmod('common.py', 0o755); "
    "os.mkdir('.venv'); open('.venv/x', 'w').write('1'); os.rmdir('data/sub'); "
    "os.symlink('common.py', 'x')\n"
)


@pytest.mark.skipif(os.name == "nt", reason="modes and links")
def test_the_same_traces_are_equal(changed: Changed) -> None:
    repository = changed(BASE + SAME, BASE + "print(end='')\n" + SAME)
    (repository.root / "data" / "sub").mkdir()
    result = repository.result(max_cases=4)
    assert result.verdict is Verdict.EQUAL, result.explanation

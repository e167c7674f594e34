"""Keeps a counterexample as a pytest case: a file of its own that fails while the sides differ.

The file holds the counterexample with its data as text and replays it against the same old
version, so it goes on working when the change is committed and the cache is gone.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from loadstream.verify import counterexamples
from loadstream.verify.model import Report, Verdict, VerifyError
from loadstream.verify.run import home_of, replay
from loadstream.verify.settings import Settings
from loadstream.verify.tested import is_tests

_DIFFERENCES_SHOWN = 5

_TEMPLATE = '''"""Old and new agree on one input on which they once differed.

{about}

Saved by `loadstream verify --replay FILE --save-test {name}`; needs loadstream and git.
"""

from pathlib import Path

from loadstream.verify import assert_replay

ROOT = {root}
COUNTEREXAMPLE = r\'\'\'
{content}
\'\'\'


def test_{function}():
    assert_replay(COUNTEREXAMPLE, ROOT)
'''


def save_test(file: Path, path: Path) -> None:
    """Write the stored counterexample `file` as the pytest file `path`, whole or not at all.

    Raises `VerifyError` where `path` is there already or would not be collected, and where `file`
    is no counterexample or one of tests, which are kept already.
    """
    stored = counterexamples.read(file)
    if is_tests(stored.check.target):
        raise VerifyError(f"{file.name} is about tests of yours: they are kept already")
    if not re.fullmatch(r"test_.+\.py|.+_test\.py", path.name):
        raise VerifyError(f"pytest does not collect {path.name}: call it test_….py")
    if not path.parent.is_dir():
        raise VerifyError(f"there is no folder {path.parent}")
    _write_new(path, _text(file, path, stored))


def assert_replay(counterexample: str, root: Path, *, timeout: float = 60.0) -> None:
    """Assert that both sides agree on `counterexample`, the text of a counterexample file.

    `root` is the repository that it belongs to. Raises `AssertionError` with the differences, or
    with why nothing could be told.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counterexample.json"
        file.write_text(counterexample, encoding="utf-8")
        report = replay(file, Settings(timeout=timeout), root=root)
    if report.verdict is not Verdict.EQUAL:
        raise AssertionError(_words(report))


def _words(report: Report) -> str:
    (check,) = report.checks
    lines = [f"{check.name}: {check.verdict.value}: {check.explanation}"]
    lines.append(f"  old is {report.base}, new is {report.head}")
    if check.counterexample is not None:
        if check.counterexample.preview:
            lines.append(f"  input: {check.counterexample.preview}")
        for difference in check.counterexample.differences[:_DIFFERENCES_SHOWN]:
            lines.append(f"  {difference.place}")
            lines.append(f"    old: {difference.old}")
            lines.append(f"    new: {difference.new}")
    return "\n".join(lines)


def _text(file: Path, path: Path, stored: counterexamples.Stored) -> str:
    content = json.dumps(json.loads(file.read_text(encoding="utf-8")), indent=2)
    name = re.sub(r"\W+", "_", stored.check.name, flags=re.ASCII).strip("_").lower() or "check"
    against = stored.old if stored.mode == "callables" else stored.base
    about = f"check: {stored.check.name}; old: {against}; input: {stored.kind}"
    return _TEMPLATE.format(
        # Nothing of the user's may end the docstring, nor the text that holds the data.
        about=json.dumps(about)[1:-1].replace('\\"', "'"),
        name=json.dumps(path.name)[1:-1].replace('\\"', "'"),
        root=_root(home_of(file).resolve(), path.resolve().parent),
        content=content.replace("'", "\\u0027"),
        function=name,
    )


def _root(home: Path, folder: Path) -> str:
    """The repository, seen from the test file where that is in it."""
    if not folder.is_relative_to(home):
        return f"Path({str(home)!r})"
    return f"Path(__file__).resolve().parents[{len(folder.relative_to(home).parts)}]"


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet; what others see of it is all of it."""
    refusal = f"{path} is there already: give another name"
    if path.exists():
        raise VerifyError(refusal)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as target:
            target.write(text)
        part.chmod(0o644)
        try:
            path.hardlink_to(part)  # unlike a rename, never over another file
        except FileExistsError:
            raise VerifyError(refusal) from None
        except OSError:  # a file system without links
            part.replace(path)
    except OSError as error:
        raise VerifyError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        with suppress(FileNotFoundError):
            part.unlink()

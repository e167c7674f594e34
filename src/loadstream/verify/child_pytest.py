"""Runs the user's own tests and notes what became of each; loaded by child.py by its path.

A plugin object in pytest's own process: standard library and the user's pytest, nothing else.
The tests run in this one process, whatever `-n` says: workers would import from the user's own
tree where a package is installed from it, and nobody would see what they open.
"""

# ruff: noqa: PTH118
# Importing pathlib would add to the user's memory and to the time of every run.
from __future__ import annotations

import hashlib
import importlib
import os
import re
import sys
from collections.abc import Callable
from typing import Any

_open = open


def import_pytest() -> tuple[Any, str]:
    """The user's pytest, or None and why there is none."""
    try:
        # So, because loadstream itself does not need pytest and may not import it.
        pytest = importlib.import_module("pytest")
    except ModuleNotFoundError as error:
        if error.name == "pytest":
            return None, f"pytest is not installed for {sys.executable}"
        return None, f"pytest cannot be imported: {error}"
    except Exception as error:
        return None, f"pytest cannot be imported: {type(error).__name__}: {error}"
    if not hasattr(pytest, "main"):
        return None, f"{getattr(pytest, '__file__', 'pytest')} is not pytest, though it is so named"
    return pytest, ""


class Tests:
    """One run of pytest over the tree `tree`; `text` replaces the side's own paths in a message."""

    def __init__(self, pytest: Any, tree: str, temporary: str, text: Callable[[str], str]) -> None:
        self._pytest = pytest
        self._tree = tree
        self._text = text
        self._outcomes: dict[str, list[tuple[str, str]]] = {}
        self._unfinished: set[str] = set()
        self._called: set[str] = set()
        self._collection: dict[str, str] = {}
        self._problem = ""
        self._root = tree
        self._options = ["-o", f"cache_dir={os.path.join(temporary, 'pytest_cache')}"]

    def run(self, arguments: list[str]) -> int:
        """Run pytest with the arguments of the check; its exit code."""
        return int(self._pytest.main([*self._options, *arguments], plugins=[_Reporter(self)]))

    def result(self, code: int) -> dict[str, Any]:
        """What is handed over: plain values for result.json."""
        for name in self._unfinished:
            self._outcomes.setdefault(name, []).append(("error", "did not come to its end"))
        for name, found in self._outcomes.items():
            if not found and name not in self._called:  # as by --setup-only
                found.append(("error", "was never called"))
        outcomes = {name: _one(found) for name, found in self._outcomes.items()}
        files = {name.partition("::")[0] for name in (*outcomes, *self._collection)}
        return {
            "outcomes": {self._shown(name): found for name, found in outcomes.items()},
            "collection": {self._shown(name): why for name, why in self._collection.items()},
            "files": {self._shown(file): self._digest(file) for file in files},
            "code": code,
            "problem": self._problem,
        }

    # what pytest tells

    def configured(self, config: Any) -> None:
        """Where the names of the tests begin."""
        self._root = str(getattr(config, "rootpath", None) or config.rootdir)

    def reported(self, report: Any) -> None:
        """One phase of one test has ended."""
        name = report.nodeid
        found = self._outcomes.setdefault(name, [])
        if report.outcome == "rerun":
            found.clear()
            return
        if report.when == "call":
            self._called.add(name)
        (self._unfinished.discard if report.when == "teardown" else self._unfinished.add)(name)
        if report.passed:
            if hasattr(report, "wasxfail"):
                found.append(("xpassed", ""))
        elif report.skipped:
            found.append(("xfailed" if hasattr(report, "wasxfail") else "skipped", ""))
        elif report.when == "call":
            found.append(("failed", self._cause(report.longrepr)))
        else:
            self._unfinished.discard(name)
            found.append(("error", f"at {report.when}: {self._cause(report.longrepr)}"))

    def collected(self, report: Any) -> None:
        """A file, class or folder was looked through for tests."""
        if report.failed:
            self._collection[report.nodeid or "the folder"] = self._cause(report.longrepr)
        elif report.skipped:
            self._outcomes[report.nodeid] = [("skipped", "")]

    def broke(self, cause: Any) -> None:
        """Pytest itself, or one of its plugins, failed."""
        self._problem = f"internal error of pytest: {self._cause(cause)}"

    def _cause(self, shown: Any) -> str:
        """Class and message of a failure: no source, no line numbers, no addresses."""
        crash = getattr(shown, "reprcrash", None)
        message = getattr(crash, "message", None)
        if message is None:
            message = _message(str(shown))
        elif message.lstrip().startswith('File "'):  # a SyntaxError with its source
            message = message.strip().rpartition("\n")[2]
        elif message.startswith("assert "):
            message = f"AssertionError: {message}"
        text = self._text(message)
        text = re.sub(r"\b0x[0-9a-fA-F]+", "0x…", text)
        text = re.sub(r"(\.pyx?):\d+", r"\1:…", text)
        return re.sub(r"(, |\()line \d+", r"\1line …", text)

    def _shown(self, name: str) -> str:
        """A test's name relative to the tree, also where pytest counts from a folder above."""
        above = os.path.relpath(self._tree, self._root).replace(os.sep, "/") + "/"
        return name[len(above) :] if name.startswith(above) else name

    def _digest(self, file: str) -> str:
        try:
            with _open(os.path.join(self._root, file), "rb") as handle:
                return hashlib.sha256(handle.read()).hexdigest()
        except OSError:
            return ""


class _Reporter:
    """The hooks of pytest."""

    def __init__(self, tests: Tests) -> None:
        self._tests = tests

    def pytest_cmdline_main(self, config: Any) -> None:
        """Before plugins are set up; behind the hook of xdist, which has made workers of `-n`."""
        option = config.option
        if hasattr(option, "numprocesses"):
            option.numprocesses, option.dist, option.tx = 0, "no", []
        # Shuffled by the clock, the tests would come in another order on each side.
        if hasattr(option, "randomly_seed"):
            option.randomly_seed, option.randomly_reorganize = 1, False

    def pytest_configure(self, config: Any) -> None:
        """The folders are known."""
        self._tests.configured(config)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """One phase of one test has ended."""
        self._tests.reported(report)

    def pytest_collectreport(self, report: Any) -> None:
        """A file, class or folder was looked through for tests."""
        self._tests.collected(report)

    def pytest_internalerror(self, excrepr: Any) -> None:
        """Pytest itself, or one of its plugins, failed."""
        self._tests.broke(excrepr)


def _one(found: list[tuple[str, str]]) -> tuple[str, str]:
    """The outcome of a test from those of its phases that did not just pass."""
    worst = ("error", "failed", "xpassed", "xfailed", "skipped")
    if not found:
        return ("passed", "")
    outcome = min((kind for kind, _ in found), key=worst.index)
    return (outcome, "; then ".join(dict.fromkeys(why for _, why in found if why)))


def _message(text: str) -> str:
    """The lines that pytest marks as the error, or all that are not source or a place."""
    lines = text.splitlines()
    marked = [line[1:].strip() for line in lines if re.match(r"E\s", line)]
    if marked:
        return "\n".join(marked)
    kept = [line for line in lines if line.strip() and not re.match(r"\d{3} |\S+:\d+: ", line)]
    return "\n".join(kept[-20:])

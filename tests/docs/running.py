"""Runs the blocks of one page in one folder, in their order, and says what is not as it is shown.

In a `console` block each `$ command` is run. What stands below it is all of its output; `...` is
any text within a line, and any lines where it stands alone. A block that shows no output claims
none. A `text`, `json` or `diff` block is the output of what ran last. A status other than 0 is
an error unless the page looks at it with `$ echo $?`; what finds something (1) needs no such look.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner

from loadstream.cli.group import loadstream
from loadstream.cli.verification import configured_checks
from loadstream.project.config import find_configuration
from tests.docs.blocks import ROOT, Block

_FINDS = re.compile(r"loadstream (lint|rewrite.* --(diff|check)|verify --replay)\b")
_STATUS = "echo $?"
_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Somebody"), ("EMAIL", "somebody@example.org"))
}


@dataclass
class Session:
    """What is left of the blocks that ran: the folder, names, and what was printed last."""

    folder: Path
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__page__"})
    printed: str | None = None
    status: int = 0

    def run(self, block: Block) -> None:
        """Run one block. Raises AssertionError where the page is wrong."""
        check = _CHECKS.get(block.language)
        assert check is not None, f"{block}: nothing runs a block of {block.language!r}"
        if block.title is not None:
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        check(self, block)

    def command(self, command: str) -> str:
        """Run a command line: ours in this process, others as bash does. Gives what it printed."""
        words = command.replace("\\\n", " ")
        if words == _STATUS:
            self.printed, self.status = f"{self.status}\n", 0
        elif words.startswith("loadstream ") and not set(words) & set("|<>&;\"'"):
            result = CliRunner().invoke(loadstream, words.split()[1:])
            assert result.exception is None or isinstance(result.exception, SystemExit), words
            self.printed, self.status = result.output, result.exit_code
        else:
            tool = Path(sys.executable).parent
            done = subprocess.run(
                ["bash", "-c", words],
                cwd=self.folder,
                env={**os.environ, **_WHO, "PATH": f"{tool}:{os.environ['PATH']}"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                check=False,
            )
            self.printed, self.status = done.stdout, done.returncode
        assert "Traceback" not in self.printed, self.printed
        return self.printed


def _console(session: Session, block: Block) -> None:
    parts = re.split(r"^\$ (.*(?:\\\n.*)*)\n", block.text, flags=re.MULTILINE)
    assert not parts[0].strip(), f"{block}: text before the first $"
    commands = list(zip(parts[1::2], parts[2::2], strict=True))
    claims = any(expected.strip() for command, expected in commands if command != _STATUS)
    for number, (command, expected) in enumerate(commands):
        printed = session.command(command)
        follower = commands[number + 1][0] if number + 1 < len(commands) else ""
        fine = session.status == 0 or (session.status == 1 and _FINDS.match(command))
        assert fine or follower == _STATUS, f"{block}: $ {command}\n{printed}"
        if claims or command == _STATUS:
            _demand(block, expected, printed)


def _python(session: Session, block: Block) -> None:
    session.printed = None
    code = compile(block.text, str(block), "exec")
    if block.title is None:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, session.names)
        session.printed = printed.getvalue()


def _output(session: Session, block: Block) -> None:
    if block.title is None:
        assert session.printed is not None, f"{block}: nothing ran above it"
        _demand(block, block.text, session.printed)


def _json(session: Session, block: Block) -> None:
    if "..." not in block.text:
        json.loads(block.text)
    _output(session, block)


def _toml(session: Session, block: Block) -> None:
    """A configuration of ours is one that is accepted; what else stands there is TOML."""
    folder = session.folder if block.title == "pyproject.toml" else session.folder / "toml"
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(block.text, encoding="utf-8")
    configuration = find_configuration([str(folder)])
    assert ("tool.loadstream" in block.text) == (configuration.file is not None), block
    configured_checks(configuration)


def _yaml(session: Session, block: Block) -> None:
    document = yaml.safe_load(block.text)
    [check] = (_YAML[key] for key in _YAML if key in document)
    check(block, document)


def _hooks(block: Block, document: Any) -> None:
    from cfgv import apply_defaults, validate
    from pre_commit.clientlib import CONFIG_SCHEMA

    validate(apply_defaults(document, CONFIG_SCHEMA), CONFIG_SCHEMA)
    offered = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    for repository in document["repos"]:
        ours = repository["repo"].endswith("/loadstream")
        assert not ours or {hook["id"] for hook in repository["hooks"]} <= offered, block


def _jobs(block: Block, document: Any) -> None:
    """The steps of a workflow: those that use our action give it inputs that it has."""
    action = ROOT / "action.yml"
    for job in document["jobs"].values():
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step), block
            if "/loadstream@" in step.get("uses", ""):
                known = yaml.safe_load(action.read_text(encoding="utf-8"))["inputs"]
                assert set(step.get("with", {})) <= set(known), block


_YAML: dict[str, Callable[[Block, Any], None]] = {"repos": _hooks, "jobs": _jobs}
_CHECKS: dict[str, Callable[[Session, Block], None]] = {
    "console": _console,
    "python": _python,
    "text": _output,
    "diff": _output,
    "json": _json,
    "toml": _toml,
    "yaml": _yaml,
}


def _demand(block: Block, expected: str, printed: str) -> None:
    lines = expected.rstrip().splitlines()
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() in ("...", "…") else _line(line) + r"[ ]*\n" for line in lines
    )
    shown = f"{block}\n--- shown\n{expected}\n--- printed\n{printed}"
    assert re.fullmatch(pattern, printed.rstrip() + "\n" if printed.strip() else ""), shown


def _line(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.rstrip().split("..."))


@contextlib.contextmanager
def session(folder: Path) -> Iterator[Session]:
    """A session in `folder`, which is the working directory and where imports are looked for."""
    before, modules, path = Path.cwd(), set(sys.modules), list(sys.path)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield Session(folder)
    finally:
        os.chdir(before)
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).is_relative_to(folder):
                del sys.modules[name]

"""The hooks of .pre-commit-hooks.yaml, run by the real pre-commit on real git repositories."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("pre_commit")
yaml = pytest.importorskip("yaml")  # pre-commit's own

ROOT = Path(__file__).resolve().parents[1]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
DATA = """\
import json

from loadstream import stream_json


def load_rows():
    with open("rows.json", encoding="utf-8") as handle:
        return json.load(handle)


def stream_rows(filter_func=None):
    return stream_json("rows.json", filter_func=filter_func)
"""
OLD = "from data import load_rows\n\nprint([r for r in load_rows() if r['n'] > 2])\n"
NEW = "from data import stream_rows\n\nprint(list(stream_rows(filter_func=lambda r: r['n'] > 2)))\n"
CLEAN = "print('nothing to see')\n"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path) -> Run:
    """Run a command in the repository, as somebody whom git and pre-commit know nothing of."""
    who = {
        f"GIT_{one}_{what}": "t@example.org"
        for one in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **who,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "PRE_COMMIT_COLOR": "never",
        # `git commit` finds pre-commit by this interpreter, and its hooks the same loadstream.
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }

    def call(*command: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            cwd=folder or tmp_path / "repository",
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return call


@pytest.fixture
def repository(tmp_path, run) -> Path:
    """A git repository with a pair of loader and streamer, committed."""
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "data.py").write_text(DATA, encoding="utf-8")
    assert run("git", "init", "-q").returncode == 0
    assert run("git", "add", ".").returncode == 0
    assert run("git", "commit", "-qm", "Data").returncode == 0
    return folder


def local(*names: str) -> str:
    """A configuration with our hooks as they are defined, run by this interpreter."""
    hooks = []
    for name in names:
        hook = dict(HOOKS[name])
        command, *arguments = shlex.split(hook["entry"])
        assert command == "loadstream"
        hook["entry"] = shlex.join([sys.executable, "-m", command, *arguments])
        hook["language"] = "system"
        hook.pop("additional_dependencies", None)
        hooks.append(hook)
    return yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})


@pytest.fixture
def hooked(repository) -> Callable[..., Path]:
    """The repository with a configuration of these hooks and with these files, all staged."""

    def make(*names: str, **files: str) -> Path:
        (repository / ".pre-commit-config.yaml").write_text(local(*names), encoding="utf-8")
        for name, text in files.items():
            (repository / f"{name}.py").write_text(text, encoding="utf-8")
        return repository

    return make


@pytest.fixture
def pre_commit(run) -> Run:
    """Stage everything, and run pre-commit."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        run("git", "add", "-A")
        return run(sys.executable, "-m", "pre_commit", *arguments)

    return call


def test_every_hook_that_is_offered_is_a_command_of_ours():
    assert set(HOOKS) == {"loadstream-lint", "loadstream-rewrite"}
    for hook in HOOKS.values():
        assert hook["require_serial"] is True  # one process, which parses what is shared once
        assert hook["types_or"] == ["python", "jupyter"]
        assert hook.get("pass_filenames", True)


def test_lint_fails_on_a_finding_and_passes_once_it_is_gone(hooked, pre_commit):
    folder = hooked("loadstream-lint", script=OLD)
    done = pre_commit("run", "--all-files")
    assert done.returncode == 1, done.stderr
    assert "script.py:3:19" in done.stdout
    assert (folder / "script.py").read_text(encoding="utf-8") == OLD
    (folder / "script.py").write_text(NEW, encoding="utf-8")
    done = pre_commit("run", "--all-files")
    assert done.returncode == 0, done.stdout


def test_only_what_is_staged_is_looked_at(hooked, pre_commit, run):
    folder = hooked("loadstream-lint", script=OLD)
    pre_commit("run")
    assert run("git", "commit", "-qm", "All").returncode == 0
    (folder / "clean.py").write_text(CLEAN, encoding="utf-8")
    done = pre_commit("run")
    assert done.returncode == 0, done.stdout
    (folder / "script.py").write_text(OLD + CLEAN, encoding="utf-8")
    assert "script.py:3:19" in pre_commit("run").stdout


def test_rewrite_changes_a_file_and_fails_and_passes_the_second_time(hooked, pre_commit):
    folder = hooked("loadstream-rewrite", script=OLD, clean=CLEAN)
    done = pre_commit("run", "--all-files")
    assert done.returncode == 1, done.stderr
    assert "files were modified by this hook" in done.stdout
    assert (folder / "script.py").read_text(encoding="utf-8") == NEW
    done = pre_commit("run", "--all-files")
    assert done.returncode == 0, done.stdout
    assert (folder / "script.py").read_text(encoding="utf-8") == NEW


def test_what_rewrite_leaves_behind_is_nothing_that_git_would_see(hooked, pre_commit, run):
    hooked("loadstream-rewrite", script=OLD)
    pre_commit("run", "--all-files")
    assert run("git", "status", "--porcelain").stdout.split("\n") == [
        "A  .pre-commit-config.yaml",
        "AM script.py",
        "",
    ]


def test_an_installed_hook_stops_the_commit_until_the_rewrite_is_staged(hooked, pre_commit, run):
    folder = hooked("loadstream-rewrite", "loadstream-lint", script=OLD)
    assert pre_commit("install").returncode == 0
    stopped = run("git", "commit", "-qm", "Script")
    assert stopped.returncode == 1
    assert run("git", "log", "--format=%s").stdout == "Data\n"
    run("git", "add", "-A")
    done = run("git", "commit", "-qm", "Script")
    assert done.returncode == 0, done.stderr
    assert run("git", "show", "HEAD:script.py").stdout == NEW
    assert (folder / "script.py").read_text(encoding="utf-8") == NEW


def test_names_with_spaces_and_notebooks_are_taken_and_stubs_are_not(hooked, pre_commit):
    folder = hooked("loadstream-lint", **{"my script": OLD})
    (folder / "stub.pyi").write_text("def f(:\n", encoding="utf-8")
    (folder / "tool").write_text(f"#!/usr/bin/env python3\n{OLD}", encoding="utf-8")
    (folder / "tool").chmod(0o755)
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells = [{**cell, "source": ["import json\n", "print(sum(json.load(open('x'))))"]}]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "a notebook.ipynb").write_text(json.dumps(document), encoding="utf-8")
    done = pre_commit("run", "--all-files")
    assert done.returncode == 1
    assert "my script.py:3:19" in done.stdout
    assert "tool:4:19" in done.stdout
    assert "a notebook.ipynb:cell 1:2:11" in done.stdout
    assert "stub.pyi" not in done.stdout


def test_a_file_that_does_not_parse_fails_with_its_place(hooked, pre_commit):
    hooked("loadstream-lint", broken="from data import load_rows\ndef f(:\n")
    done = pre_commit("run", "--all-files")
    assert done.returncode == 1
    assert "broken.py:2:7" in done.stdout


def test_options_of_the_user_come_before_the_files(hooked, pre_commit):
    folder = hooked("loadstream-lint", script=OLD)
    configuration = folder / ".pre-commit-config.yaml"
    settings = yaml.safe_load(configuration.read_text(encoding="utf-8"))
    settings["repos"][0]["hooks"][0]["args"] = ["--ignore", "LS101"]
    configuration.write_text(yaml.safe_dump(settings), encoding="utf-8")
    done = pre_commit("run", "--all-files")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("hook", HOOKS)
def test_what_the_configuration_excludes_is_excluded_though_it_is_named(hook, hooked, pre_commit):
    folder = hooked(hook, script=OLD)
    (folder / "pyproject.toml").write_text('[tool.loadstream]\nexclude = ["script.py"]\n')
    done = pre_commit("run", "--all-files")
    assert done.returncode == 0, done.stdout
    assert (folder / "script.py").read_text(encoding="utf-8") == OLD


@pytest.fixture
def registry(tmp_path) -> None:
    """Where packages can be installed from; the test is skipped where there is none."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--timeout", "10"]
    command += ["--retries", "0", "--dest", str(tmp_path / "wheels"), "click"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no package registry: {done.stderr.strip().splitlines()[-1:]}")


@pytest.fixture
def published(tmp_path, run) -> Path:
    """This very tree as a git repository that pre-commit can clone."""
    folder = tmp_path / "loadstream"
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    if not any(names):
        pytest.skip("not in a git checkout")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for command in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-qm", "Release"]):
        assert run("git", *command, folder=folder).returncode == 0
    return folder


def test_pre_commit_installs_us_from_git_and_both_hooks_work(
    repository, published, registry, run, pre_commit
):
    revision = run("git", "rev-parse", "HEAD", folder=published).stdout.strip()
    hooks = [{"id": "loadstream-rewrite"}, {"id": "loadstream-lint"}]
    settings = {"repos": [{"repo": str(published), "rev": revision, "hooks": hooks}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (repository / "script.py").write_text(OLD, encoding="utf-8")
    run("git", "add", "-A")
    # Without the paths of this process: the hooks are to find what pre-commit installed.
    command = ["env", "-u", "PYTHONPATH", sys.executable, "-m", "pre_commit", "run", "--all-files"]
    done = run(*command)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "files were modified by this hook" in done.stdout, done.stdout
    assert (repository / "script.py").read_text(encoding="utf-8") == NEW
    done = run(*command)
    assert done.returncode == 0, done.stdout

"""action.yml: its parts, and its shell steps run as GitHub runs them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")
BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="no bash")

ROOT = Path(__file__).resolve().parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"]}
SCRIPTS = {name: step["run"] for name, step in STEPS.items() if "run" in step}
DATA = """\
import json


def load_rows():
    with open("rows.json", encoding="utf-8") as handle:
        return json.load(handle)


def stream_rows(filter_func=None):
    for row in load_rows():
        if filter_func is None or filter_func(row):
            yield row
"""
OLD = "from data import load_rows\n\nprint([r for r in load_rows() if r['n'] > 2])\n"


@dataclass(frozen=True)
class Outcome:
    status: int
    out: str
    outputs: dict[str, str]


@pytest.fixture
def step(tmp_path: Path) -> Callable[..., Outcome]:
    """Run a step in a checkout, with variables as the step defines them and inputs by default."""
    (tmp_path / "checkout").mkdir()
    (tmp_path / "output").touch()
    loadstream = tmp_path / "loadstream"
    loadstream.write_text(
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m loadstream "$@"\n', encoding="utf-8"
    )
    loadstream.chmod(0o755)

    def run(name: str, **variables: str) -> Outcome:
        script = tmp_path / "script.sh"
        script.write_text(SCRIPTS[name], encoding="utf-8")
        defaults = {"LOADSTREAM": str(loadstream)}
        for variable, value in STEPS[name]["env"].items():
            given = re.fullmatch(r"\$\{\{ inputs\.(\S+) \}\}", value)
            if given is not None:
                defaults[variable] = ACTION["inputs"][given[1]]["default"]
        done = subprocess.run(
            [str(BASH), "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=tmp_path / "checkout",
            env={
                **os.environ,
                "GITHUB_OUTPUT": str(tmp_path / "output"),
                "RUNNER_TEMP": str(tmp_path / "temp"),
                **defaults,
                **variables,
            },
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        lines = (tmp_path / "output").read_text(encoding="utf-8").splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        return Outcome(done.returncode, done.stdout + done.stderr, outputs)

    return run


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a job has checked out: a pair, a script with a site, one without."""
    folder = tmp_path / "checkout"
    folder.mkdir(exist_ok=True)
    (folder / "my scripts").mkdir()
    (folder / "data.py").write_text(DATA, encoding="utf-8")
    (folder / "my scripts" / "old.py").write_text(OLD, encoding="utf-8")
    (folder / "clean.py").write_text("print(1)\n", encoding="utf-8")
    return folder


def test_it_has_what_github_asks_of_a_composite_action():
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["name"]
    assert ACTION["description"]
    for one in (*ACTION["inputs"].values(), *ACTION["outputs"].values()):
        assert one["description"].endswith(".")
    assert all("default" in one for one in ACTION["inputs"].values())
    assert all(step["shell"] == "bash" for step in STEPS.values() if "run" in step)
    assert all("@" in step["uses"] for step in STEPS.values() if "uses" in step)


def test_every_input_that_is_named_exists_and_every_one_that_exists_is_used():
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", text)) == set(ACTION["inputs"])


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_input_is_pasted_into_a_script_and_the_script_is_bash(name, tmp_path):
    assert "${{" not in SCRIPTS[name]
    script = tmp_path / "script.sh"
    script.write_text(SCRIPTS[name], encoding="utf-8")
    subprocess.run([str(BASH), "-n", str(script)], check=True)


def test_a_finding_is_an_annotation_and_fails_the_job(step, checkout):
    done = step("lint")
    assert (done.status, done.outputs) == (1, {"exit-code": "1"})
    assert "::warning file=my scripts/old.py,line=3," in done.out


def test_findings_can_be_no_failure(step, checkout):
    done = step("lint", FAIL_ON_FINDINGS="false")
    assert (done.status, done.outputs) == (0, {"exit-code": "1"})
    assert "::warning " in done.out


def test_nothing_found_passes(step, checkout):
    assert step("lint", PATHS="clean.py").status == 0


def test_paths_are_one_a_line_and_may_have_spaces(step, checkout):
    done = step("lint", PATHS="clean.py\r\n\nmy scripts\n")
    assert done.status == 1
    assert "file=my scripts/old.py" in done.out


@pytest.mark.parametrize("fail", ["true", "false"])
def test_what_cannot_be_run_always_fails(step, checkout, fail):
    done = step("lint", PATHS="missing", FAIL_ON_FINDINGS=fail)
    assert (done.status, done.outputs) == (2, {"exit-code": "2"})
    assert "no such file" in done.out


def test_codes_are_passed_on(step, checkout):
    assert step("lint", IGNORE="LS101").status == 0
    assert step("lint", SELECT="LS104").status == 0
    assert step("lint", SELECT="LS1,LS2").status == 1


def test_only_changed_files_if_asked_for(step, checkout):
    git = ["git", "-c", "user.name=T", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], cwd=checkout, check=True)
    assert step("lint", CHANGED_SINCE="HEAD").status == 0
    (checkout / "my scripts" / "new.py").write_text(OLD, encoding="utf-8")
    done = step("lint", CHANGED_SINCE="HEAD")
    assert "new.py" in done.out
    assert "old.py" not in done.out


def test_a_switch_that_is_neither_true_nor_false_is_an_error(step, checkout):
    done = step("lint", FAIL_ON_FINDINGS="no")
    assert done.status == 2
    assert "::error::" in done.out


@pytest.mark.parametrize("text", ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "a;b *"])
@pytest.mark.parametrize("name", ["PATHS", "SELECT", "IGNORE", "CHANGED_SINCE", "FAIL_ON_FINDINGS"])
def test_an_input_is_never_a_command(step, checkout, name, text):
    done = step("lint", **{name: text})
    assert done.status == 2
    assert not (checkout / "pwned").exists()


@pytest.mark.parametrize(
    ("version", "installed"), [("", "/the action"), ("0.1.0", "loadstream==0.1.0")]
)
def test_what_is_installed_is_a_release_or_what_the_action_came_with(
    step, tmp_path, version, installed
):
    """With an interpreter that makes an environment whose `python` writes down its arguments."""
    python = tmp_path / "python"
    python.write_text(
        '#!/bin/sh\nmkdir -p "$3/bin"\n'
        'printf \'#!/bin/sh\\nprintf "%%s\\\\n" "$@"\\n\' > "$3/bin/python"\n'
        'chmod +x "$3/bin/python"\n',
        encoding="utf-8",
    )
    python.chmod(0o755)
    done = step("install", PYTHON=str(python), ACTION="/the action", VERSION=version)
    assert done.status == 0, done.out
    assert done.out.splitlines()[:3] == ["-m", "pip", "install"]
    assert done.out.splitlines()[-1] == installed
    assert done.outputs == {"command": f"{tmp_path}/temp/loadstream/bin/loadstream"}

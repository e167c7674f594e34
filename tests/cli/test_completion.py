"""Shell completion, asked as the shells ask: through the environment, in a process of its own."""

from __future__ import annotations

import shutil
import subprocess

import pytest


@pytest.fixture
def complete(spawn):
    """What bash is offered for the last of these words."""

    def ask(*words: str) -> list[str]:
        outcome = spawn(
            _LOADSTREAM_COMPLETE="bash_complete",
            COMP_WORDS=" ".join(["loadstream", *words]),
            COMP_CWORD=str(len(words)),
        )
        assert (outcome.status, outcome.err) == (0, "")
        return [line.partition(",")[2] for line in outcome.out.splitlines()]

    return ask


def test_commands_are_completed(complete):
    offered = complete("")
    assert offered[0] == "demo"
    assert {"init", "lint", "rewrite", "explain", "verify", "completion"} <= set(offered)
    assert complete("re") == ["rewrite"]


def test_options_are_completed(complete):
    assert {"--select", "--show-kept", "--statistics"} <= set(complete("lint", "--s"))
    assert complete("completion", "z") == ["zsh"]


@pytest.mark.parametrize("command", ["lint", "rewrite"])
@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_codes_are_completed(complete, command, option):
    assert complete(command, option, "LS20") == ["LS201", "LS202", "LS203", "LS204", "LS205"]
    assert complete(command, option, "filter-") == [
        "filter-collect",
        "filter-loop",
        "filter-after-stream",
    ]


def test_the_last_of_several_codes_is_completed(complete):
    assert complete("lint", "--select", "LS101,ls90") == ["LS101,LS901"]
    codes = complete("lint", "--select", "LS101,")
    assert "LS101,LS102" in codes
    assert all(code.startswith("LS101,LS") for code in codes)


def test_topics_are_completed(complete):
    assert complete("explain", "multi") == ["multi-pass"]
    assert complete("explain", "needless") == ["needless-collect"]
    assert complete("explain", "nee") == ["needless-collect", "needs-list"]
    assert complete("explain", "LS9") == ["LS901"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_printed(run, spawn, shell):
    outcome = run("completion", shell)
    assert outcome.status == 0
    assert f"_LOADSTREAM_COMPLETE={shell}_complete" in outcome.out
    if shell == "zsh":  # click's own way, which for bash needs one that is new enough
        assert outcome.out.rstrip() == spawn(_LOADSTREAM_COMPLETE="zsh_source").out.rstrip()


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_takes_the_script(run):
    script = run("completion", "bash").out
    done = subprocess.run(
        ["bash", "-c", f"{script}\ncomplete -p loadstream"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "_loadstream_completion loadstream" in done.stdout


def test_another_shell_is_one_line(run):
    outcome = run("completion", "tcsh")
    assert outcome.status == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in outcome.error


def test_the_help_leads_to_it(run):
    assert "completion" in run("--help").out
    assert "~/.bashrc" in run("completion", "--help").out

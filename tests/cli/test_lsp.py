import importlib.util
import os
import subprocess
import sys

import pytest


def test_without_pygls_it_says_what_to_install(run, monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pygls" else find_spec(name)
    )
    outcome = run("lsp")
    assert outcome.status == 2
    assert outcome.error == 'lsp needs pygls: pip install "loadstream[lsp]"'


@pytest.mark.skipif(sys.platform == "win32", reason="no stdin that is closed from the start")
def test_a_client_that_is_gone_ends_it(spawn):
    outcome = spawn("lsp", "--stdio")
    assert (outcome.status, outcome.out, outcome.err) == (1, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals to open")
def test_started_by_hand_it_says_that_an_editor_should():
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "loadstream", "lsp"]
    done = subprocess.run(
        command, stdin=theirs, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: lsp talks to an editor")
    for end in (ours, theirs):
        os.close(end)

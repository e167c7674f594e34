import importlib.util
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

import sys

from loadstream.cli import progress as module


class Terminal:
    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        pass


def test_nobody_is_told_where_there_is_no_terminal(capsys, monkeypatch):
    monkeypatch.setattr(module, "_QUIET_SECONDS", -1.0)
    with module.progress() as step:
        step("comparing a.py")
    assert capsys.readouterr().err == ""


def test_short_work_shows_nothing(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with module.progress() as step:
        step("comparing a.py")
    assert terminal.text == ""


def test_long_work_shows_its_steps_and_clears_them(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(module, "_QUIET_SECONDS", -1.0)
    with module.progress() as step:
        step("comparing a.py")
    assert "comparing a.py" in terminal.text
    assert terminal.text.endswith("\r\x1b[2K")

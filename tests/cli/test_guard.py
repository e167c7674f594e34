import errno
import subprocess
import sys

import click
import pytest

from loadstream.cli.guard import exit_status
from loadstream.project.errors import InputError, InternalError


def failing(error):
    def run():
        raise error

    return run


def outcome(error, capsys) -> tuple[int, str]:
    status = exit_status(failing(error))
    said = capsys.readouterr().err
    assert said.count("\n") <= 1
    return status, said


@pytest.mark.parametrize(("result", "status"), [(None, 0), (0, 0), (1, 1), (2, 2)])
def test_a_command_ends_with_what_it_returns(result, status):
    assert exit_status(lambda: result) == status


def test_what_the_user_gave_is_refused_in_one_line(capsys):
    assert outcome(InputError("a.py: no such file"), capsys) == (2, "error: a.py: no such file\n")


def test_a_message_of_several_lines_becomes_one(capsys):
    assert outcome(InputError("one\n  two"), capsys) == (2, "error: one two\n")


def test_a_wrong_use_is_one_line(capsys):
    assert outcome(click.UsageError("No such option."), capsys) == (2, "error: no such option\n")


def test_a_system_error_names_the_file(capsys):
    error = PermissionError(errno.EACCES, "Permission denied", "a.py")
    assert outcome(error, capsys) == (2, "error: a.py: Permission denied\n")


def test_a_mistake_of_ours_asks_for_a_report_and_shows_no_traceback(capsys):
    status, said = outcome(KeyError("x"), capsys)
    assert status == 2
    assert "internal error: KeyError: 'x'" in said
    assert "LOADSTREAM_DEBUG=1" in said


def test_a_mistake_of_ours_names_the_file_it_was_made_on(capsys):
    error = InternalError("a.py")
    error.__cause__ = KeyError("x")
    assert "internal error in a.py: KeyError: 'x'" in outcome(error, capsys)[1]


def test_the_traceback_is_shown_to_whoever_asks(monkeypatch):
    monkeypatch.setenv("LOADSTREAM_DEBUG", "1")
    with pytest.raises(KeyError):
        exit_status(failing(KeyError("x")))


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.exceptions.Abort()])
def test_an_interrupt_ends_quietly(error, capsys):
    assert outcome(error, capsys) == (130, "")


def test_a_reader_that_went_away_is_no_error(project):
    project(
        **{f"s{i}": "from data import load_rows\nprint(len(load_rows()))\n" * 50 for i in range(9)}
    )
    program = f"{sys.executable} -m loadstream lint | head -n 1"
    done = subprocess.run(["sh", "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1

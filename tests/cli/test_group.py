import pytest

from loadstream import __version__

COMMANDS = (
    "demo",
    "init",
    "lint",
    "rewrite",
    "explain",
    "verify",
    "compare",
    "bench",
    "lsp",
    "completion",
)


def test_no_arguments_is_one_line_that_says_where_to_begin(run):
    outcome = run()
    assert outcome.status == 2
    assert "loadstream --help" in outcome.error
    assert outcome.out == ""


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_lists_every_command(run, flag):
    outcome = run(flag)
    assert outcome.status == 0
    for command in COMMANDS:
        assert f"\n  {command} " in outcome.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_its_exit_codes_or_options(run, command):
    outcome = run(command, "-h")
    assert outcome.status == 0
    assert outcome.out.startswith(f"Usage: loadstream {command}")


def test_the_version_is_told(run):
    assert run("--version").out == f"loadstream {__version__}\n"


def test_an_unknown_command_is_refused_with_the_nearest_one(run):
    outcome = run("lnit")
    assert outcome.status == 2
    assert outcome.error == 'there is no command "lnit"; did you mean "lint"?'


def test_an_unknown_command_that_is_like_none_points_to_help(run):
    assert "--help" in run("zzz").error


def test_an_unknown_option_is_one_line(run):
    outcome = run("lint", "--nope")
    assert outcome.status == 2
    assert "--nope" in outcome.error
    assert "loadstream lint --help" in outcome.error


def test_a_wrong_choice_is_one_line_that_lists_the_right_ones(run):
    outcome = run("lint", "--format", "xml")
    assert outcome.status == 2
    assert "sarif" in outcome.error


def test_it_runs_as_a_module(spawn):
    outcome = spawn("--version")
    assert (outcome.status, outcome.out) == (0, f"loadstream {__version__}\n")

from pathlib import Path

import pytest

from loadstream.project.checks import BUDGET_KEYS, KEYS
from loadstream.project.config import find_configuration
from loadstream.project.errors import InputError
from loadstream.verify.checks import check_from_config


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("runn = 'a.py'", '4: [[tool.loadstream.checks]] has no key "runn"; did you mean "run"?'),
        ("zzz = 1", '4: [[tool.loadstream.checks]] has no key "zzz"; known: name, run, call'),
        (
            "budget = { tiem = '2x' }",
            '4: [[tool.loadstream.checks]] budget has no key "tiem"; did you mean "time"?',
        ),
    ],
)
def test_an_unknown_key_is_refused_by_every_command(tree, lines, message):
    tree()
    Path("pyproject.toml").write_text(
        f"[[tool.loadstream.checks]]\nrun = 'b.py'\n[[tool.loadstream.checks]]\n{lines}\n"
    )
    with pytest.raises(InputError) as caught:
        find_configuration(["."])
    assert str(caught.value).startswith(f"pyproject.toml:{message}")


def test_verify_knows_the_same_keys():
    values = {"args": [], "kwargs": {}, "data": [], "ignore": [], "timeout": 1, "name": "n"}
    budget = dict.fromkeys(BUDGET_KEYS, "2x")
    known = {key for key in KEYS if key not in ("run", "pytest")}
    check = check_from_config({**values, "call": "m:f", "budget": budget})
    assert check.name == "n"
    assert known == {*values, "call", "budget"}
    for form in ("run", "pytest"):
        assert check_from_config({form: "a.py"}).name == "a.py"

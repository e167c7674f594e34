import re

from loadstream.analysis.patterns import PATTERNS
from loadstream.lint.catalogue import reasons, rules
from loadstream.lint.codes import NAMES


def test_every_pattern_is_a_rule_under_its_own_code_and_name():
    by_code = {rule.code: rule for rule in rules()}
    for pattern in PATTERNS:
        assert by_code[pattern.CODE].name == pattern.NAME


def test_rules_are_ordered_and_no_code_or_name_is_used_twice():
    codes = [rule.code for rule in rules()]
    assert codes == sorted(set(codes))
    assert len({rule.name for rule in rules()}) == len(codes)


def test_every_rule_has_a_code_a_name_a_summary_and_a_page():
    for rule in rules():
        assert re.fullmatch(r"LS\d{3}", rule.code)
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
        assert rule.summary.endswith(".")
        assert rule.page.startswith(f"{rule.code} {rule.name}: ")
        assert rule.page.count("\n") > 5


def test_every_reason_has_a_slug_and_a_page():
    for reason in reasons():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", reason.value)
        assert len(reason.page) > 30
    assert len({reason.value for reason in reasons()}) == len(reasons())


def test_the_light_table_has_the_codes_and_names_of_the_rules():
    assert {rule.code: rule.name for rule in rules()} == NAMES
    assert list(NAMES) == sorted(NAMES)

import pytest

from loadstream.lint.catalogue import reasons, rules


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_every_rule_has_its_page_by_code_and_by_name(run, rule):
    by_code = run("explain", rule.code)
    assert by_code.status == 0
    assert by_code.out == f"{rule.page}\n"
    assert run("explain", rule.name).out == by_code.out
    assert run("explain", rule.code.lower()).out == by_code.out


@pytest.mark.parametrize("reason", reasons(), ids=lambda reason: reason.value)
def test_every_reason_has_its_page(run, reason):
    outcome = run("explain", reason.value)
    assert outcome.status == 0
    assert outcome.out.startswith(f"{reason.value}: ")
    assert reason.page in outcome.out


def test_without_a_topic_all_are_listed_in_columns(run):
    outcome = run("explain")
    assert outcome.status == 0
    lines = outcome.out.splitlines()
    for rule in rules():
        assert any(line.startswith(f"  {rule.code}  {rule.name} ") for line in lines)
    for reason in reasons():
        assert any(line.startswith(f"  {reason.value} ") for line in lines)


def test_an_unknown_topic_is_refused_with_the_nearest_one(run):
    outcome = run("explain", "multipass")
    assert outcome.status == 2
    assert 'did you mean "multi-pass"?' in outcome.error
    assert run("explain", "").status == 2

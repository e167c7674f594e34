import pytest

from loadstream.lint.catalogue import rules
from loadstream.lint.selection import select
from loadstream.project.errors import InputError

EVERY = {rule.code for rule in rules()}


def test_nothing_given_means_everything():
    assert select((), ()).codes == EVERY


def test_a_code_its_beginning_and_a_name_are_understood():
    always = {"LS000", "LS300"}
    assert select(("LS101",), ()).codes == always | {"LS101"}
    assert select(("ls2",), ()).codes == always | {c for c in EVERY if c.startswith("LS2")}
    assert select(("filter-loop",), ()).codes == always | {"LS102"}


def test_entries_are_divided_by_commas_or_repeated():
    assert (
        select(("LS101, LS102", "LS104"), ()).codes == select(("LS101", "LS102", "LS104"), ()).codes
    )


def test_ignored_codes_win_over_selected_ones():
    assert "LS101" not in select(("LS1",), ("LS101",))
    assert "LS102" in select(("LS1",), ("LS101",))


@pytest.mark.parametrize("entry", ["LS999", "filter-colect", "", ","])
def test_what_means_nothing_is_refused(entry):
    with pytest.raises(InputError) as caught:
        select((entry,), ())
    assert "--select" in str(caught.value)
    with pytest.raises(InputError, match="--ignore"):
        select((), (entry,))


def test_the_nearest_name_is_offered():
    with pytest.raises(InputError, match='did you mean "filter-collect"'):
        select(("filter-colect",), ())

"""The pytest plugin: a test with the marker `loadstream_same` compares two functions.

Loaded at the start of every pytest where loadstream is installed, so nothing is imported here;
the comparison is imported by the first test that has the marker.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest

_MARKER = "loadstream_same"
_HELP = (
    f"{_MARKER}(old, new, cases, ignore=()): the two functions (or texts 'path.py:function') do "
    "the same for all cases: a list of argument tuples or of dicts of keyword arguments, or what "
    "the test returns. See loadstream.verify.assert_same."
)
_ARGUMENTS = {"old", "new", "cases", "ignore"}


def pytest_configure(config: pytest.Config) -> None:
    """List the marker in `pytest --markers`, and let `--strict-markers` know it."""
    config.addinivalue_line("markers", _HELP)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A method of unittest is not called by pytest: without this it would pass, uncompared."""
    if hasattr(item, "nofuncargs") and item.nofuncargs and item.get_closest_marker(_MARKER):
        raise TypeError(f"{_MARKER}: the test must be a plain function, not of unittest.TestCase")


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run the test's own body first: it may return the cases."""
    marker = pyfuncitem.get_closest_marker(_MARKER)
    if marker is None:
        return None
    given = dict(marker.kwargs)
    if marker.args or not {"old", "new"} <= given.keys() <= _ARGUMENTS:
        raise TypeError(f"{_MARKER} takes old=, new=, cases= and ignore=: {_HELP}")
    names = pyfuncitem._fixtureinfo.argnames
    returned = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    if hasattr(returned, "__await__"):
        returned.close()
        raise TypeError(f"{_MARKER}: the test must be a plain function")
    if "cases" in given and returned is not None:
        raise TypeError(f"{_MARKER}: give cases= to the marker or return them, not both")
    if "cases" not in given and returned is None:
        raise TypeError(f"{_MARKER}: give cases= to the marker, or return the cases")
    from loadstream.verify.same import assert_same

    assert_same(
        given["old"], given["new"], given.get("cases", returned), ignore=given.get("ignore", ())
    )
    return True

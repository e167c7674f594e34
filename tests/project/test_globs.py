import pytest

from loadstream.project.globs import Globs


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("vendor/", "vendor/x.py"),
        ("vendor/", "a/vendor/deep/x.py"),
        ("vendor", "vendor/x.py"),
        ("build", "a/build/x.py"),
        ("*_pb2.py", "a/b/x_pb2.py"),
        ("a/b", "a/b/c.py"),
        ("a/b", "a/b"),
        ("./a/b/", "a/b/c.py"),
        ("/a", "a/b.py"),
        ("a/*.py", "a/x.py"),
        ("a/**/x.py", "a/x.py"),
        ("a/**/x.py", "a/b/c/x.py"),
        ("**/gen", "p/q/gen/x.py"),
        ("docs/**", "docs/a/b.py"),
        ("x?.py", "x1.py"),
        ("x[0-9].py", "x1.py"),
        ("x[!0-9].py", "xa.py"),
        ("é*.py", "été.py"),
    ],
)
def test_a_pattern_matches_what_gitignore_would(pattern, path):
    assert Globs([pattern]).matches(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("vendor/", "vendor"),
        ("vendor/", "vendor.py"),
        ("vendor/", "xvendor/a.py"),
        ("a/b", "c/a/b/x.py"),
        ("/b", "a/b/x.py"),
        ("*.py", "a.pyx"),
        ("a/*.py", "a/b/x.py"),
        ("x?.py", "x/.py"),
        ("x[0-9].py", "xa.py"),
        ("x.py", "xapy"),
        ("a|b", "a"),
    ],
)
def test_a_pattern_matches_no_more_than_that(pattern, path):
    assert not Globs([pattern]).matches(path)


def test_one_of_several_patterns_is_enough():
    globs = Globs(["vendor/", "*_pb2.py"])
    assert globs.matches("vendor/a.py")
    assert globs.matches("x_pb2.py")
    assert not globs.matches("a.py")


def test_no_pattern_matches_nothing():
    assert not Globs([]).matches("a.py")


def test_an_unclosed_bracket_is_a_character():
    assert Globs(["a[.py"]).matches("a[.py")

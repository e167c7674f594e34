from pathlib import Path

import pytest

from loadstream.project.errors import InputError
from loadstream.project.setting import Setting
from loadstream.project.sizes import size


def setting(value: object) -> Setting:
    return Setting(Path("pyproject.toml"), "min-size", value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 B", 0),
        ("512 B", 512),
        ("1 kB", 1000),
        ("1 KB", 1000),
        ("1KiB", 1024),
        ("1 MB", 1_000_000),
        ("1.5 MB", 1_500_000),
        ("0.1 MB", 100_000),
        (" 2 MiB ", 2 * 1024**2),
        ("3 gb", 3 * 10**9),
        ("1 GiB", 1024**3),
        ("1 TB", 10**12),
    ],
)
def test_a_size_is_a_number_and_a_unit(text, expected):
    assert size(setting(text)) == expected


@pytest.mark.parametrize("value", ["1", "MB", "", "-1 MB", "1 XB", "1 M", "1,5 MB", "1 MB/s"])
def test_what_is_no_size_is_refused_with_an_example(value):
    with pytest.raises(InputError) as caught:
        size(setting(value))
    message = str(caught.value)
    assert message.startswith(f'pyproject.toml: [tool.loadstream] min-size: "{value}" is no size')
    assert message.endswith('such as "1 MB"')


@pytest.mark.parametrize(("value", "found"), [(1000, "an integer"), (True, "a boolean")])
def test_a_size_without_its_unit_is_refused(value, found):
    with pytest.raises(InputError, match=f'such as "1 MB", not {found}'):
        size(setting(value))

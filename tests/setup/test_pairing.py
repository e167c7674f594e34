import pytest

from loadstream.setup.pairing import may_stream


@pytest.mark.parametrize(
    ("name", "loader"),
    [
        ("rows_stream", "get_rows"),
        ("iterate_rows", "read_rows"),
        ("each_row", "read_rows"),
        ("lazy_load_rows", "load_rows"),
        ("stream_over_rows", "rows"),
        ("_get_rows_lazy", "get_rows"),
    ],
)
def test_a_name_may_speak_for_a_streamer(name, loader):
    assert may_stream(name, loader)


@pytest.mark.parametrize(
    ("name", "loader"),
    [("get_rows", "get_rows"), ("stream_users", "get_rows"), ("stream", "load"), ("rows", "load")],
)
def test_another_name_does_not(name, loader):
    assert not may_stream(name, loader)

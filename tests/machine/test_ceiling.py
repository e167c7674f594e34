import shutil
from types import SimpleNamespace

from loadstream.machine.ceiling import no_room, too_much_memory


def test_what_is_expected_over_the_ceiling_is_said_with_both_figures():
    assert too_much_memory(2**30, 2**30) is None
    why = too_much_memory(3 * 2**30, 2**30)
    assert why == "it is expected to need 3.0 GB, over the ceiling of 1.0 GB"


def test_a_file_that_would_fill_the_disk_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10 * 2**20))
    assert no_room(tmp_path, 8 * 2**20) is None
    why = no_room(tmp_path, 9 * 2**20)
    assert why == f"its file of 9.0 MB does not fit: 10.0 MB are free in {tmp_path}"

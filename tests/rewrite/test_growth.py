"""The work of `rewrite` by the file, in a small tree and in a larger one."""

from __future__ import annotations

from loadstream.machine import search
from loadstream.rewrite import driver
from tests.growth import make_tree, work_by_file


def test_a_file_is_no_more_work_in_a_larger_tree(tmp_path, monkeypatch):
    def work_in(root, modules):
        files = make_tree(root, modules)

        def run():
            monkeypatch.setattr(driver, "fast_finder", search.fast_finder)
            return list(driver.rewrite(files, root=root))

        return work_by_file(files, run)

    work_in(tmp_path / "first", 1)  # imports LibCST
    small, large = (work_in(tmp_path / str(modules), modules) for modules in (15, 60))
    assert large.calls < 1.1 * small.calls
    assert large.searched < 1.1 * small.searched

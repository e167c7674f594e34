"""The work of `lint` by the file, in a small tree and in a larger one."""

from __future__ import annotations

from loadstream.lint.run import lint_files
from loadstream.lint.selection import select
from loadstream.project.files import FoundFile
from tests.growth import make_tree, work_by_file


def test_a_file_is_no_more_work_in_a_larger_tree(tmp_path):
    small, large = (work_in(tmp_path / str(modules), modules) for modules in (15, 60))
    assert large.calls < 1.1 * small.calls
    assert large.searched < 1.1 * small.searched


def work_in(root, modules):
    files = [FoundFile(path, named=False) for path in make_tree(root, modules)]
    return work_by_file(files, lambda: lint_files(files, root, select((), ())))

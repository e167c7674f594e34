from pathlib import Path

from loadstream.analysis.repository import Repository
from loadstream.lint.looks import looks


def test_a_look_says_why_a_file_is_not_parsed(repository):
    files = repository(named=False, plain="x = 1\n", script="load_rows()\n", gone="")
    Path("gone.py").unlink()
    given = {"script.py": b"load_rows(1)\n"}
    plain, script, gone = looks(files, given, Repository(Path.cwd()))
    assert (plain.data, plain.cause) == (None, "holds no loader's name and no JSON load")
    assert (script.data, script.cause) == (b"load_rows(1)\n", "")
    assert (gone.data, gone.cause) == (None, "No such file or directory")

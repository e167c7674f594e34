import stat
from pathlib import Path

import pytest

from loadstream.lint import baseline as module
from loadstream.lint.baseline import Baseline, Entry, read, write
from loadstream.project.errors import InputError

FILE = Path("old.jsonl")
HEAD = '{"loadstream-baseline": 1}\n'
ENTRY = '{"path": "a.py", "code": "LS101", "fingerprint": "00ff", "count": 2}\n'
KNOWN = Entry("a.py", "LS101", "00ff")


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_what_is_written_is_read_again_and_sorted():
    counts = {Entry("b é\n\udcff.py", "LS1", "0"): 1, KNOWN: 2, Entry("a.py", "LS000", "f"): 1}
    write(Baseline(FILE, counts))
    assert read(FILE).counts == counts
    head, first, second, third = FILE.read_text().splitlines()
    assert f"{head}\n" == HEAD
    assert f"{second}\n" == ENTRY
    assert '"LS000"' in first
    assert '"b ' in third


def test_lines_that_a_merge_left_twice_count_once():
    FILE.write_text(HEAD + ENTRY + ENTRY + ENTRY.replace("2}", "3}") + "\n")
    assert read(FILE).counts == {KNOWN: 3}


def test_line_ends_of_another_system_do_no_harm():
    FILE.write_bytes((HEAD + ENTRY).replace("\n", "\r\n").encode())
    assert read(FILE).counts == {KNOWN: 2}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("[]", 1),
        ('{"loadstream-baseline": 2}\n', 1),
        (ENTRY, 1),
        (HEAD + "<<<<<<< HEAD\n" + ENTRY, 2),
        (HEAD + ENTRY + ENTRY[:30], 3),
        (HEAD + ENTRY.replace("2}", '"2"}'), 2),
        (HEAD + ENTRY.replace("2}", "0}"), 2),
        (HEAD + ENTRY.replace('"LS101"', "null"), 2),
        (HEAD + "[" * 100_000, 2),
        (HEAD + "\xff", 2),
    ],
)
def test_what_is_broken_is_said_with_its_line(text, line):
    FILE.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=rf"^old\.jsonl:{line}: no.* baseline.*write it anew"):
        read(FILE)


def test_a_folder_is_no_baseline():
    FILE.mkdir()
    with pytest.raises(InputError, match=r"^old\.jsonl: Is a directory"):
        read(FILE)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(monkeypatch):
    FILE.write_text("old")

    def fail(self, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InputError, match=r"^old\.jsonl: not written: No space left on device"):
        write(Baseline(FILE))
    assert [path.name for path in Path().iterdir()] == ["old.jsonl"]
    assert FILE.read_text() == "old"


def test_the_mode_of_the_file_stays_and_a_link_leads_where_it_led():
    Path("real.jsonl").write_text("old")
    Path("real.jsonl").chmod(0o640)
    FILE.symlink_to("real.jsonl")
    write(Baseline(FILE))
    assert FILE.is_symlink()
    assert Path("real.jsonl").read_text() == HEAD
    assert stat.S_IMODE(Path("real.jsonl").stat().st_mode) == 0o640


def test_a_folder_that_is_not_there_is_one_line():
    with pytest.raises(InputError, match="not written: No such file"):
        write(Baseline(Path("gone/old.jsonl")))


def test_temporary_files_have_the_name_that_is_swept(monkeypatch):
    names = []
    monkeypatch.setattr(module.secrets, "token_hex", lambda _: "ab")
    monkeypatch.setattr(Path, "replace", lambda self, _: names.append(self.name))
    write(Baseline(FILE))
    assert names == [".loadstream-ab.tmp"]

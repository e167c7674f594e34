"""What is asked of checks before anything runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from loadstream.verify import Check, Script, VerifyError, check_from_config
from loadstream.verify.demands import default_jobs, demand_data, demand_names, find_interpreter


def test_two_checks_of_one_name_are_refused() -> None:
    one = Check("a", Script("a.py"))
    demand_names([one, Check("b", Script("a.py"))])
    with pytest.raises(VerifyError, match="two checks are called 'a'"):
        demand_names([one, Check("a", Script("b.py"))])


def data(*globs: str) -> list[Check]:
    return [Check("x", Script("a.py"), data=globs)]


def test_a_glob_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[]", encoding="utf-8")
    assert demand_data(data("*.json"), tmp_path, ".") == ()
    with pytest.raises(VerifyError, match=r"no file matches 'nope/\*\.json'"):
        demand_data(data("*.json", "nope/*.json"), tmp_path, ".")


def test_globs_are_seen_from_the_folder_too(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.json").write_text("[]", encoding="utf-8")
    assert demand_data(data("./a.json", "sub/*.json"), tmp_path, "sub") == ()


def test_data_that_is_not_json_or_too_much_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("n\n1\n", encoding="utf-8")
    for number in range(8):
        (tmp_path / f"{number}.json").write_text("[]", encoding="utf-8")
    csv, many = demand_data(data("*.csv", "*.json"), tmp_path, ".")
    assert "a.csv: not JSON" in csv
    assert "8 files" in many


def test_the_interpreter_is_found_or_refused(tmp_path: Path) -> None:
    assert find_interpreter("") == sys.executable
    assert find_interpreter(sys.executable) == sys.executable
    with pytest.raises(VerifyError, match="there is no Python interpreter"):
        find_interpreter(str(tmp_path / "python"))


@pytest.mark.skipif(os.name == "nt", reason="scripts without an ending")
@pytest.mark.parametrize(("says", "words"), [("hello", "no Python"), ("3 7", "is Python 3.7")])
def test_what_is_no_interpreter_that_can_be_used_is_refused(
    tmp_path: Path, says: str, words: str
) -> None:
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\necho {says}\n", encoding="utf-8")
    fake.chmod(0o755)
    with pytest.raises(VerifyError, match=words):
        find_interpreter(str(fake))


def test_there_is_a_job_for_each_core_that_has_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "loadstream.verify.demands"
    monkeypatch.setattr(f"{module}.available_cores", lambda: 8)
    for memory, jobs in ((64 << 30, 8), (3 << 30, 3), (1 << 20, 1)):
        monkeypatch.setattr(f"{module}.free_memory", lambda memory=memory: memory)
        assert default_jobs() == jobs


@pytest.mark.parametrize("key", ["args", "kwargs"])
def test_a_date_of_toml_is_refused(key: str) -> None:
    import datetime

    day = datetime.date(1979, 5, 27)
    table = {"call": "m:f", key: [[day]] if key == "args" else {"day": day}}
    with pytest.raises(VerifyError, match="1979-05-27 is a date"):
        check_from_config(table)

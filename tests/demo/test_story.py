import subprocess
import sys

import pytest

from loadstream.demo import story


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo, run once as a user runs it."""
    folder = tmp_path_factory.mktemp("demo") / "sample"
    done = subprocess.run(
        [sys.executable, "-m", "loadstream", "demo", str(folder)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return folder, done


def test_every_step_comes_out_as_promised(demo):
    _, done = demo
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "Not as promised" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_steps_are_shown_with_their_commands(demo):
    _, done = demo
    commands = [line[2:] for line in done.stdout.splitlines() if line.startswith("$ ")]
    assert [" ".join(command.split()[:2]) for command in commands] == [
        "python generate_data.py",
        "git init",
        "loadstream lint",
        "loadstream rewrite",
        "loadstream rewrite",
        "loadstream rewrite",
        "loadstream verify",
        "loadstream bench",
    ]
    assert "Nothing to rewrite in " in done.stdout


def test_it_ends_with_the_table_of_sites_and_the_report(demo):
    folder, done = demo
    table = done.stdout.partition("The outcome")[2]
    rows = [line.split() for line in table.splitlines() if " LS1" in line]
    assert len(rows) > 15
    assert all(row[-1] == "equal" for row in rows)
    assert "analyze_marathons.py:8" in table
    assert "above_average.py:11" in table
    assert f"Report:  {folder.resolve()}/report/report.html" in table
    assert (folder / "report" / "report.html").is_file()
    assert (folder / "report" / "streaming_benchmark_results.json").is_file()


def test_nothing_is_left_behind_but_the_repository(demo):
    folder, _ = demo
    assert [path.name for path in folder.parent.iterdir()] == ["sample"]


def test_a_diff_is_begun_in_full_and_the_rest_counted():
    files = [f"--- a/{n}.py\n+++ b/{n}.py\n@@ -1 +1 @@\n-a\n+b\n" for n in range(5)]
    shown = story._beginning("".join(files))
    assert shown.count("--- a/") == 3
    assert shown.endswith("… and 2 more files, 10 lines of diff")
    assert "more files" not in story._beginning("".join(files[:3]))

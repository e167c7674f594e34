import subprocess
import sys

from loadstream.demo import story

COMMANDS = [
    "python generate_data.py",
    "git init",
    "loadstream lint",
    "loadstream rewrite",
    "loadstream rewrite",
    "loadstream rewrite",
    "loadstream verify",
    "loadstream bench",
]


# One test, because the demo takes half a minute and workers share nothing.
def test_the_demo_does_the_whole_job_as_promised_and_leaves_a_report(tmp_path):
    folder = tmp_path / "sample"
    done = subprocess.run(
        [sys.executable, "-m", "loadstream", "demo", str(folder)],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "Not as promised" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "Nothing to rewrite in " in done.stdout

    commands = [line[2:] for line in done.stdout.splitlines() if line.startswith("$ ")]
    assert [" ".join(command.split()[:2]) for command in commands] == COMMANDS

    outcome = done.stdout.partition("The outcome")[2]
    rows = [line.split() for line in outcome.splitlines() if " LS1" in line]
    assert len(rows) > 15
    assert all(row[-1] == "equal" for row in rows)
    assert "analyze_marathons.py:8" in outcome
    assert "above_average.py:11" in outcome
    assert f"Report:  {folder.resolve()}/report/report.html" in outcome
    assert (folder / "report" / "report.html").is_file()
    assert (folder / "report" / "streaming_benchmark_results.json").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


def test_a_diff_is_begun_in_full_and_the_rest_counted():
    files = [f"--- a/{n}.py\n+++ b/{n}.py\n@@ -1 +1 @@\n-a\n+b\n" for n in range(5)]
    shown = story._beginning("".join(files))
    assert shown.count("--- a/") == 3
    assert shown.endswith("… and 2 more files, 10 lines of diff")
    assert "more files" not in story._beginning("".join(files[:3]))

"""Bags on a real cluster of processes: what they hold is `load()`, in order, whatever happens."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loadstream import Dataset, NoIndexError, SourceChangedError, Url, WorkerVersionError
from loadstream.runtime import bags

distributed = pytest.importorskip("distributed", reason="Dask is not installed")

pytestmark = pytest.mark.filterwarnings("default")  # what Dask warns of is not our concern

ROWS = [
    {"id": n, "kind": "abc"[n % 3], "delegations": [{"timestamp": f"2026-0{1 + n % 9}"}] * (n % 40)}
    for n in range(300)
]
WRITTEN_BY_A_CODEMOD = """
def classify_period(began):
    return f"P{began[-1]}"

def find_p3_marathons():
    def is_p3_marathon(session):
        delegations = session.get("delegations", [])
        if delegations and len(delegations) > 20:
            began = delegations[0].get("timestamp", "")
            return classify_period(began) == "P3"
        return False

    return is_p3_marathon
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def dataset(
    document: Callable[..., Path],
    window: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Dataset:
    window(1000)
    monkeypatch.setattr("loadstream.runtime.index_pass.STEP", 1)
    made = Dataset(document({"head": 1, "sessions": ROWS}), "$.sessions")
    made.index()
    return made


@pytest.mark.parametrize("size", [1, 1500, 6000, "50 kB", "1 GB"])
def test_a_bag_of_any_partitions_is_what_load_gives(
    size: Any, dataset: Dataset, cluster: Any
) -> None:
    bag = dataset.to_dask_bag(bytes=size)
    assert bag.npartitions == len(dataset.partitions(size))
    assert bag.compute() == dataset.load() == ROWS


def test_a_partition_of_one_element_each_is_one_task_each(
    document: Callable[..., Path], window: Callable[[int], None], cluster: Any
) -> None:
    window(16)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("loadstream.runtime.index_pass.STEP", 1)
        dataset = Dataset(document([{"a": "x" * n} for n in range(40)]))
        dataset.index()
    bag = dataset.to_dask_bag(bytes=1)
    assert bag.npartitions == 40
    assert bag.compute() == [{"a": "x" * n} for n in range(40)]


def test_a_lambda_filters_in_the_workers(dataset: Dataset, cluster: Any) -> None:
    here, most = os.getpid(), 100
    bag = dataset.to_dask_bag(lambda row: row["id"] < most and os.getpid() != here, bytes=5000)
    assert bag.compute() == ROWS[:100]
    assert bag.map(lambda row: row["id"]).sum().compute() == sum(range(100))


def test_a_predicate_that_a_codemod_wrote_filters_in_the_workers(
    dataset: Dataset, cluster: Any
) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(WRITTEN_BY_A_CODEMOD, names)
    is_p3_marathon = names["find_p3_marathons"]()
    found = dataset.to_dask_bag(is_p3_marathon, bytes=5000).compute()
    assert found == [row for row in ROWS if is_p3_marathon(row)]
    assert found


def test_json_lines_need_no_index(document: Callable[..., Path], cluster: Any) -> None:
    path = document("\n".join(map(json.dumps, ROWS)), "rows.jsonl")
    assert Dataset(path).to_dask_bag(bytes=4000).compute() == ROWS
    assert [*path.parent.iterdir()] == [path]


def test_of_files_of_all_kinds_the_bag_is_what_load_gives(
    tmp_path: Path, document: Callable[..., Path], cluster: Any
) -> None:
    sources: list[Any] = []
    for number in range(10):
        rows = ROWS[number * 30 : number * 30 + 30]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        sources += [
            document(rows, f"{number}.json"),
            document(gzip.compress(lines.encode()), f"{number}.jsonl.gz"),
            document(lines, f"{number}.jsonl"),
            Url(f"file://{document(rows, f'{number}.url.json')}", retries=1),
            document(rows, f"{number}.indexed.json"),
        ]
        Dataset(sources[-1]).index()
    dataset = Dataset(sources)
    expected = dataset.load()
    assert len(expected) == 1500
    for size in (1, 9000, "1 GB"):
        bag = dataset.to_dask_bag(bytes=size)
        assert bag.npartitions == len(dataset.partitions(size))
        assert bag.compute() == expected
    odd = dataset.to_dask_bag(lambda row: row["id"] % 7 == 1, bytes=9000).compute()
    assert odd == [row for row in expected if row["id"] % 7 == 1]


def test_many_small_files_are_few_tasks(tmp_path: Path, cluster: Any) -> None:
    for number in range(500):
        (tmp_path / f"{number:03}.json").write_text(json.dumps([number] * 3))
    bag = Dataset(f"{tmp_path}/*.json").to_dask_bag(bytes="1 kB")
    assert bag.npartitions < 10
    assert bag.compute() == [number for number in range(500) for _ in range(3)]


def test_one_compressed_file_is_one_task(document: Callable[..., Path], cluster: Any) -> None:
    path = document(gzip.compress(json.dumps(ROWS).encode()), "a.json.gz")
    bag = Dataset(path).to_dask_bag(bytes=1)
    assert bag.npartitions == 1
    assert bag.compute() == ROWS


def test_a_file_of_many_that_changed_or_is_broken_is_named(
    document: Callable[..., Path], cluster: Any
) -> None:
    files = [document(ROWS[:50], f"{number}.json") for number in range(3)]
    bag = Dataset(files).to_dask_bag(bytes=1)
    files[1].write_text("[1, x]")
    with pytest.raises(SourceChangedError, match=r"1\.json is not what it was"):
        bag.compute()
    with pytest.raises(json.JSONDecodeError, match=r"1\.json: Expecting value"):
        Dataset(files).to_dask_bag(bytes=1).compute()


def test_of_nothing_the_bag_is_empty(document: Callable[..., Path], cluster: Any) -> None:
    dataset = Dataset(document([]))
    dataset.index()
    assert dataset.to_dask_bag().compute() == []
    assert Dataset([]).to_dask_bag().compute() == []


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(
    dataset: Dataset, cluster: Any, tmp_path: Path
) -> None:
    killed = str(tmp_path / "killed")

    def kills_once(row: Any) -> bool:
        if row["id"] == 150 and not os.path.exists(killed):  # noqa: PTH110
            open(killed, "x").close()  # noqa: PTH123
            os.kill(os.getpid(), 9)
        return True

    assert dataset.to_dask_bag(kills_once, bytes=5000).compute() == ROWS
    assert Path(killed).exists()


def test_an_error_in_a_worker_is_that_error(dataset: Dataset, cluster: Any) -> None:
    with pytest.raises(ZeroDivisionError):
        dataset.to_dask_bag(lambda row: 1 / (row["id"] - 7), bytes=5000).compute()


def test_a_file_that_changed_since_gives_no_element(dataset: Dataset, cluster: Any) -> None:
    bag = dataset.to_dask_bag(bytes=5000)
    path = Path(dataset.source)
    path.write_text(path.read_text().replace('"id": 7,', '"id": 8,'))
    with pytest.raises(SourceChangedError, match="make partitions again"):
        bag.compute()


def test_a_worker_of_another_version_says_which(
    dataset: Dataset, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bags, "_HERE", ("9.9", "3.99"))
    bag = dataset.to_dask_bag(bytes=5000)
    monkeypatch.undo()
    with pytest.raises(WorkerVersionError, match=r"by loadstream 9.9 on Python 3.99: install the"):
        bag.compute()


def test_a_filter_that_cannot_be_sent_is_refused_at_once(dataset: Dataset) -> None:
    lock = threading.Lock()
    with pytest.raises(
        TypeError, match=r"filter_func cannot be sent to a worker: .*lock"
    ) as caught:
        dataset.to_dask_bag(lambda row: row and lock.locked())
    assert "\n" not in str(caught.value)


def test_without_an_index_there_is_no_bag(document: Callable[..., Path]) -> None:
    with pytest.raises(NoIndexError, match=r"call index\(\) first"):
        Dataset(document([1])).to_dask_bag()


def test_without_dask_one_line_names_the_extra(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'loadstream\[dask\]'"):
        dataset.to_dask_bag()


GONE = """
import os, sys, threading, time
from distributed import Client
from loadstream import Dataset

def slowly(row):
    if row["id"] % 50 == 0: time.sleep(0.2)
    return True

client = Client(scheduler_file=sys.argv[2])
client.wait_for_workers(1)
bag = Dataset(sys.argv[1], "$.sessions").to_dask_bag(slowly, bytes=5000)
threading.Timer(0.3, os.kill, (int(sys.argv[3]), 9)).start()
try:
    bag.compute()
except Exception as error:
    print(error, flush=True)
os._exit(0)
"""


def test_a_scheduler_that_is_gone_is_a_clear_error(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(GONE)
    file = tmp_path / "scheduler.json"
    options = ["--no-dashboard", "--scheduler-file", str(file)]
    with tempfile.TemporaryFile() as log:

        def start(what: str, *more: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *more, *options]
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path)

        with start("scheduler", "--host", "127.0.0.1", "--port", "0") as scheduler:
            with start("worker", "--no-nanny", "--death-timeout", "20") as worker:
                script = [str(tmp_path / "script.py"), str(dataset.source), str(file)]
                done = subprocess.run(
                    [sys.executable, *script, str(scheduler.pid)],
                    capture_output=True,
                    text=True,
                    timeout=90,
                    check=False,
                )
                worker.kill()
            scheduler.kill()
    assert "lost the connection to the scheduler" in done.stdout, done.stderr

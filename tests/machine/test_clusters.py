"""Work that is handed to an executor comes back whole and in order, or ends in one line."""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from loadstream.machine import clusters
from loadstream.machine.clusters import ClusterError, Pool, open_cluster, spread_over
from tests.machine.dask_processes import Processes


def doubled(shared, parts):
    time.sleep(0.002 * (20 - parts[0] % 20))  # the first ones end last
    return [shared * part for part in parts]


def failing(_shared, parts):
    if 7 in parts:
        raise RuntimeError("seven")
    return list(parts)


def processes_of(_shared, parts):
    time.sleep(0.05)
    return [(part, os.getpid()) for part in parts]


@pytest.fixture
def threads():
    with ThreadPoolExecutor(4) as executor:
        yield Pool(executor, 4)


@pytest.mark.parametrize("parts", [0, 1, 3, 15, 16, 17, 100])
def test_results_come_in_the_order_of_the_parts(threads, parts):
    found = list(spread_over(threads, doubled, 2, range(parts)))
    assert found == [2 * part for part in range(parts)]


def test_what_a_worker_raises_is_raised_here(threads):
    with pytest.raises(RuntimeError, match="seven"):
        list(spread_over(threads, failing, None, range(20)))


def test_a_result_that_will_never_come_is_not_waited_for(monkeypatch):
    class Lost:
        workers = 1

        def share(self, value):
            return value

        def submit(self, *_):
            return Future()  # as one whose scheduler has gone may be

        def check(self):
            raise ConnectionError("no scheduler")

    monkeypatch.setattr(clusters, "_LOOK", 0.01)
    with pytest.raises(ConnectionError, match="no scheduler"):
        next(spread_over(Lost(), doubled, 2, [1]))


def test_a_timeout_of_the_work_itself_is_raised(threads, monkeypatch):
    def late(_shared, _parts):
        raise TimeoutError("of the work")

    monkeypatch.setattr(clusters, "_LOOK", 0.01)
    with pytest.raises(TimeoutError, match="of the work"):
        list(spread_over(threads, late, None, [1]))


@pytest.mark.parametrize("address", ["127.0.0.1:8786", "dask://host", "spark://a:1", "dask://"])
def test_an_address_that_is_none_is_one_line(address):
    with (
        pytest.raises(ClusterError, match=r"an address is dask://HOST:PORT"),
        open_cluster(address),
    ):
        pass


def test_without_the_extra_its_name_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"loadstream\[dask\]"), open_cluster("dask://h:1"):
        pass


@pytest.fixture
def processes(tmp_path):
    """A real cluster of processes."""
    pytest.importorskip("distributed", reason="needs the extra dask")
    running = Processes(tmp_path)
    yield running
    running.stop()


def test_the_workers_of_a_cluster_share_the_work_and_one_that_dies_costs_nothing(
    processes, monkeypatch
):
    with open_cluster(processes.address) as cluster:
        for _ in range(600):  # the second one may still be starting
            if cluster.workers == 2:
                break
            time.sleep(0.1)
        found = list(spread_over(cluster, processes_of, None, range(24)))
        assert [part for part, _ in found] == list(range(24))
        assert {process for _, process in found} == {one.pid for one in processes.workers}
        results = spread_over(cluster, processes_of, None, range(40))
        first = [next(results) for _ in range(3)]
        processes.workers[0].kill()
        assert [part for part, _ in [*first, *results]] == list(range(40))
    monkeypatch.setattr(clusters, "__version__", "0.0.0")
    with (
        pytest.raises(ClusterError, match=r"has loadstream .*, here it is 0\.0\.0"),
        open_cluster(processes.address),
    ):
        pass


def test_a_scheduler_that_goes_or_was_never_there_is_one_line(processes, monkeypatch):
    address = processes.address

    def lose_the_scheduler():
        with open_cluster(address) as cluster:
            results = spread_over(cluster, processes_of, None, range(400))
            next(results)
            processes.scheduler.kill()
            list(results)

    with pytest.raises(ClusterError, match=r"the cluster is gone .* nothing was written"):
        lose_the_scheduler()
    monkeypatch.setattr(clusters, "_PATIENCE", 0.5)
    with pytest.raises(ClusterError, match="`dask scheduler`"), open_cluster(address):
        pass


def test_a_cluster_that_cannot_be_closed_any_more_says_what_was_the_matter(processes, monkeypatch):
    client = pytest.importorskip("distributed").Client
    close = client.close

    def close_too_late(self, *timeout, **named):
        close(self, *timeout, **named)
        if named:  # not where it is forgotten
            raise TimeoutError

    monkeypatch.setattr(client, "close", close_too_late)
    with open_cluster(processes.address):
        pass
    with (
        pytest.raises(ClusterError, match="the cluster is gone"),
        open_cluster(processes.address),
    ):
        raise ConnectionError


def test_a_scheduler_without_workers_is_one_line(tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="needs the extra dask")
    running = Processes(tmp_path, workers=0)
    address = running.address
    monkeypatch.setattr(clusters, "_PATIENCE", 3.0)
    try:
        with pytest.raises(ClusterError, match="`dask worker`"), open_cluster(address):
            pass
    finally:
        running.stop()

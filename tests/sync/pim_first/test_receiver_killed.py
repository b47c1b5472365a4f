"""A real server that is killed at any moment: what it answered 200 is in the queue."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from akeneo_erp_bridge.sync.pim_first import SqliteQueue
from sync.pim_first.signed_events import event, signed
from sync.pim_first.uvicorn_process import Load, post, uvicorn_process

KILLS = 30 if "SOAK" in os.environ else 3


def queued(folder: Path) -> list[str]:
    with SqliteQueue(folder / "queue.db") as queue:
        return [one.key for one in queue.take(1_000_000)]


def test_each_event_that_was_answered_200_outlives_a_kill(tmp_path: Path) -> None:
    safe: set[str] = set()
    told: set[str] = set()
    for kill in range(KILLS):
        with uvicorn_process(tmp_path) as served:
            load = Load(served.url, f"kill{kill}")
            load.wait_for(100 + 37 * kill)
            served.kill()  # senders are in the middle of something
            load.join()
        assert load.statuses == {200}, served.log
        safe |= load.safe
        told |= load.told
        found = queued(tmp_path)
        assert safe <= set(found) <= told
        assert len(found) == len(set(found))


def test_workers_share_a_queue_and_are_killed_together(tmp_path: Path) -> None:
    with uvicorn_process(tmp_path, workers=2) as served:
        load = Load(served.url, "workers")
        load.wait_for(300)
        served.kill()
        load.join()
    assert load.statuses == {200}, served.log
    assert load.safe <= set(queued(tmp_path)) <= load.told


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_asked_to_end_leaves_all_it_accepted(tmp_path: Path, workers: int) -> None:
    with uvicorn_process(tmp_path, workers) as served:
        load = Load(served.url, "asked")
        load.wait_for(200)
        served.stop()
        load.join()
        assert "".join(served.log).count("Application shutdown complete") == workers
    assert load.statuses <= {200, 500}, served.log  # 500: cut off when its time was over, to be told again
    assert load.safe <= set(queued(tmp_path)) <= load.told


def test_another_process_takes_while_events_come(tmp_path: Path) -> None:
    taken: set[str] = set()
    with uvicorn_process(tmp_path) as served, SqliteQueue(tmp_path / "queue.db") as queue:
        load = Load(served.url, "taken", senders=4)
        while len(taken) < 150:
            some = queue.take(20)
            taken |= {one.key for one in some}
            queue.done(some)
        load.stop()
    assert load.statuses == {200}, served.log
    left = set(queued(tmp_path))
    assert load.safe <= taken | left
    assert not taken & left


def test_each_status_over_a_real_connection(tmp_path: Path) -> None:
    with uvicorn_process(tmp_path) as served, httpx.Client(timeout=60) as client:
        content, headers = event("u")
        assert post(client, served.url, (content, headers)) == 200
        assert post(client, served.url, (content, headers)) == 200, "told twice"
        assert post(client, served.url, signed(content, "another secret")) == 401
        assert client.get(served.url).status_code == 405
        assert client.post(served.url, content=iter([b"x" * 400_000] * 3)).status_code == 413
    assert queued(tmp_path) == ["u"]

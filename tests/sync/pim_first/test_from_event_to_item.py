"""The whole way of an event: signed, received, queued on disk, exported; and of our own changes, which come back as events."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from akeneo_erp_bridge.sync import Stop
from akeneo_erp_bridge.sync.pim_first import QueueReceiver, SqliteQueue
from born_bench import A, B, BornBench
from sync.pim_first.signed_events import SECRET, ask, event, old_events, signed

OURS = "our client id"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[BornBench]:
    one = BornBench(tmp_path)
    with one.state:
        yield one


def test_from_event_to_item(bench: BornBench, tmp_path: Path) -> None:
    stop, done = Stop(), threading.Event()

    def called(name: str) -> None:
        if name == "wrote" and len(bench.erp.rows()) == 2:
            done.set()

    bench.erp.called = called
    with SqliteQueue(tmp_path / "queue.db") as queue, SqliteQueue(tmp_path / "queue.db") as same_file:
        receiver = QueueReceiver(queue, secrets=[SECRET], ignore=[OURS])
        job = bench.job(queue=same_file, stop=stop)
        never = timedelta(days=1)
        worker = threading.Thread(target=lambda: job.follow(look=timedelta(milliseconds=5), poll=never, back=never))
        worker.start()
        bench.make(A, "T-1")
        bench.make(B, "T-2")
        told = ask(
            receiver,
            event(A, id="1"),
            event(A, id="1"),
            old_events(("product.created", {"uuid": B, "identifier": "T-2"})),
            signed(event(B)[0], "a guess"),
        )
        assert told == [200, 200, 200, 401]
        assert done.wait(60)
        stop.request()
        worker.join(60)
    assert sorted(bench.erp.rows()) == ["T-1", "T-2"]
    assert bench.product(A).values.boolean("send_to_erp") is False


def test_our_own_changes_are_no_work(bench: BornBench, tmp_path: Path) -> None:
    """By the author where the platform tells it, and by the ledger where it does not."""
    bench.make(A, "T-1")
    bench.run()
    with SqliteQueue(tmp_path / "queue.db") as queue:
        receiver = QueueReceiver(queue, secrets=[SECRET], ignore=[OURS])
        ours = event(A, data={"product": {"uuid": A}, "author": {"identifier": OURS, "type": "api"}})
        assert ask(receiver, ours) == [200]
        assert len(queue) == 0
        strangers = event(A, data={"product": {"uuid": A}, "author": {"identifier": "?", "type": "unknown"}})
        assert ask(receiver, strangers) == [200]
        assert len(queue) == 1
        calls: list[str] = []
        bench.erp.called = calls.append
        bench.simulator.forget_calls()
        report = bench.job(queue=queue).export_queued()
        assert (report.unchanged, calls, bench.simulator.mutating_calls, len(queue)) == (1, [], [], 0)

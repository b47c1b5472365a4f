"""The receiver: what was answered 200 is in the queue, and what cannot be there is not answered 200."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from akeneo_erp_bridge.akeneo import _event_reading
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync.pim_first import PostgresQueue, QueueReceiver, SqliteQueue, WorkKind
from broken_line import broken_line
from sync.pim_first.signed_events import SECRET, ask, event, inside, old_events, signed, tell


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[SqliteQueue]:
    with SqliteQueue(tmp_path / "queue.db") as one:
        yield one


@pytest.fixture
def receiver(queue: SqliteQueue) -> QueueReceiver:
    return QueueReceiver(queue, secrets=[SECRET], ignore=["1_abc"])


def things(queue: SqliteQueue | PostgresQueue) -> list[tuple[str, str]]:
    return [(one.kind, one.key) for one in queue.take(100_000)]


async def until(holds: Callable[[], bool]) -> None:
    """Let the others go on until it holds; after a minute it never will."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a thread makes it true, which knows no events of asyncio
            await asyncio.sleep(0.001)


async def written_now(receiver: QueueReceiver) -> None:
    """Until the thread has taken what was told, and waits for the disk."""
    await until(lambda: receiver._commit._thread is not None and not receiver._commit._pending)


# ---- what is queued ----
def test_products_and_models_of_the_platform_are_queued(receiver: QueueReceiver, queue: SqliteQueue) -> None:
    prefix = "com.akeneo.pim.v1."
    model = {"product_model": {"code": "jacket"}}
    told = [
        event("u1", type=f"{prefix}product.created"),
        event(
            "u2",
            type=f"{prefix}product.updated.delta",
            data={"product": {"uuid": "u2", "identifier": "S", "changes": {}}},
        ),
        event("u3", type=f"{prefix}product.deleted"),
        event("u4", type=f"{prefix}product.became-complete"),
        event("u5", type=f"{prefix}product.became-incomplete"),
        event(type=f"{prefix}product-model.updated", data=model),
        event(type=f"{prefix}product-model.deleted", data={"product": {"code": "as in the tables of the page"}}),
    ]
    assert ask(receiver, *told) == [200] * 7
    assert things(queue) == [
        ("product", "u1"), ("product", "u2"), ("product", "u3"), ("product", "u4"), ("product", "u5"),
        ("product_model", "jacket"), ("product_model", "as in the tables of the page"),
    ]  # fmt: skip


def test_products_and_models_of_the_old_api_are_queued(receiver: QueueReceiver, queue: SqliteQueue) -> None:
    told = old_events(
        ("product.created", {"identifier": "S1", "uuid": "u1", "values": {}}),
        ("product.removed", {"identifier": "S2"}),
        ("product_model.updated", {"code": "jacket", "family": "f"}),
        ("product.updated", {"identifier": "S2"}),
    )
    assert ask(receiver, told) == [200]
    assert things(queue) == [("product", "u1"), ("product", "S2"), ("product_model", "jacket")]


def test_other_kinds_and_own_changes_need_no_place(receiver: QueueReceiver, queue: SqliteQueue) -> None:
    ours = {"product": {"uuid": "u"}, "author": {"identifier": "1_abc", "type": "api"}}
    told = [
        event(type="com.akeneo.pim.v1.family.updated", data={"family": {"code": "f"}}),
        event(type="com.akeneo.pim.v1.workflow.task.created"),
        event(type="something.else"),
        event(data=ours),
        old_events(("product.updated", {"identifier": "S"}), author="1_abc"),
    ]
    assert ask(receiver, *told) == [200] * 5
    assert things(queue) == []


@pytest.mark.parametrize("product", [{}, {"uuid": ""}, {"uuid": 7}, {"uuid": "a\x00b"}, {"uuid": "x" * 2000}])
def test_one_without_a_key_is_told_and_stops_no_other(
    receiver: QueueReceiver, queue: SqliteQueue, caplog: pytest.LogCaptureFixture, product: dict[str, object]
) -> None:
    told = old_events(
        ("product.updated", {"identifier": "S1"}), ("product.updated", product), ("product.updated", {"uuid": "u"})
    )
    assert ask(receiver, told) == [200]
    assert things(queue) == [("product", "S1"), ("product", "u")]
    assert "tells no key of its product; it is not queued, the poll will find it" in caplog.text


# ---- what is refused ----
def test_the_reader_never_sees_what_is_not_signed(
    receiver: QueueReceiver, queue: SqliteQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[bytes] = []
    loads = _event_reading.loads
    monkeypatch.setattr(_event_reading, "loads", lambda content: parsed.append(content) or loads(content))
    good, headers = event("u")
    hostile = [
        (good, {}),
        (good + b" ", headers),
        (good.replace(b"u", b"v"), headers),
        signed(good, "another secret"),
        (b"[" * 500_000, {"X-AKENEO-SIGNATURE-PRIMARY": "0" * 64}),
        (b"\xff\x00", {"X-AKENEO-SIGNATURE-PRIMARY": "ä".encode().decode("latin-1")}),
    ]
    assert ask(receiver, *hostile) == [401] * len(hostile)
    assert parsed == []
    assert things(queue) == []
    assert ask(receiver, (good, headers)) == [200]
    assert parsed == [good]


def test_other_methods_and_large_bodies_are_refused(receiver: QueueReceiver) -> None:
    async def go() -> list[int]:
        async with inside(receiver) as client:
            return [
                (await client.get("/")).status_code,
                (await client.post("/", content=b"x" * (1024 * 1024 + 1))).status_code,
            ]

    assert asyncio.run(go()) == [405, 413]


@pytest.mark.parametrize("secrets", [[], [""]])
def test_it_needs_a_secret(queue: SqliteQueue, secrets: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="anybody could tell"):
        QueueReceiver(queue, secrets=secrets)
    with pytest.raises(ConfigurationError, match="longest=0 must be 1 or more"):
        QueueReceiver(queue, secrets=["s"], longest=0)


# ---- told twice ----
class Counting(SqliteQueue):
    """Notes what each transaction puts."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.transactions: list[int] = []

    def put(self, things: Iterable[tuple[WorkKind, str]]) -> None:
        some = list(things)
        super().put(some)
        self.transactions.append(len(some))


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[Counting]:
    with Counting(tmp_path / "counted.db") as one:
        yield one


def test_an_event_that_was_told_before_costs_no_transaction(counting: Counting) -> None:
    receiver = QueueReceiver(counting, secrets=[SECRET], remembered=2)
    one, two, three = (event("u", id=f"e{number}") for number in range(3))
    assert ask(receiver, one, one, two, one) == [200] * 4
    assert counting.transactions == [1, 1]
    assert ask(receiver, three, two, one) == [200] * 3
    assert counting.transactions == [1, 1, 1, 1], "of the two last ones it knows, of the first no more"
    assert len(counting) == 1


def test_an_event_that_was_not_queued_is_new_when_it_comes_again(tmp_path: Path, queue: SqliteQueue) -> None:
    receiver = QueueReceiver(queue, secrets=[SECRET])
    one = event("u")
    with locked(tmp_path / "queue.db", queue):
        assert ask(receiver, one) == [503]
    assert ask(receiver, one) == [200]
    assert things(queue) == [("product", "u")]


def test_what_changed_again_since_it_was_taken_waits_again(receiver: QueueReceiver, queue: SqliteQueue) -> None:
    assert ask(receiver, event("u")) == [200]
    taken = queue.take(1)
    assert ask(receiver, event("u")) == [200]
    queue.done(taken)
    assert things(queue) == [("product", "u")]


# ---- many at once ----
@contextmanager
def locked(path: Path, queue: SqliteQueue, patience: int = 50) -> Iterator[sqlite3.Connection]:
    """Another process writes all the time; *patience* in milliseconds."""
    queue._lines._db.execute(f"PRAGMA busy_timeout = {patience}")  # type: ignore[attr-defined]  # of `QueueFile`
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    with suppress(sqlite3.OperationalError):
        other.execute("ROLLBACK")
    other.close()


def test_a_disk_that_is_waited_for_keeps_nobody_else_waiting(tmp_path: Path, counting: Counting) -> None:
    """And what came meanwhile is written in one transaction."""
    receiver = QueueReceiver(counting, secrets=[SECRET])

    async def go() -> list[int]:
        with locked(tmp_path / "counted.db", counting, patience=60_000) as other:
            async with inside(receiver) as client:
                first = asyncio.create_task(tell(client, event("first")))
                await written_now(receiver)
                rest = [asyncio.create_task(tell(client, event(f"u{number}"))) for number in range(49)]
                await until(lambda: len(receiver._commit._pending) == 49)
                unsigned = (await tell(client, (b"{}", {}))).status_code
                assert unsigned == 401, "answered while the others wait"
                assert not first.done()
                assert not any(one.done() for one in rest)
                other.execute("ROLLBACK")
                return [(await one).status_code for one in (first, *rest)]

    assert asyncio.run(go()) == [200] * 50
    assert counting.transactions == [1, 49]
    assert [key for _, key in things(counting)] == ["first", *(f"u{number}" for number in range(49))]


def test_a_sender_that_hangs_up_loses_nothing(tmp_path: Path, queue: SqliteQueue) -> None:
    receiver = QueueReceiver(queue, secrets=[SECRET])

    async def go() -> None:
        with locked(tmp_path / "queue.db", queue, patience=60_000) as other:
            async with inside(receiver) as client:
                some = [asyncio.create_task(tell(client, event("u0")))]
                await written_now(receiver)
                some += [asyncio.create_task(tell(client, event(f"u{number}"))) for number in (1, 2)]
                await until(lambda: len(receiver._commit._pending) == 2)
                for one in some:
                    one.cancel()
                await asyncio.gather(*some, return_exceptions=True)
                other.execute("ROLLBACK")
                assert (await tell(client, event("last"))).status_code == 200

    asyncio.run(go())
    assert [key for _, key in things(queue)] == ["u0", "u1", "u2", "last"]


# ---- when it cannot be written ----
def test_a_queue_that_is_too_long_is_not_made_longer(queue: SqliteQueue, caplog: pytest.LogCaptureFixture) -> None:
    receiver = QueueReceiver(queue, secrets=[SECRET], longest=3)

    async def go(*keys: str) -> list[tuple[int, str | None]]:
        async with inside(receiver) as client:
            answers = [await tell(client, event(key)) for key in keys]
            return [(one.status_code, one.headers.get("retry-after")) for one in answers]

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(go(*"abcdef")) == [(200, None)] * 4 + [(503, "60")] * 2
        assert caplog.text.count("more than 3 things wait; does PimFirst run") == 1, "once, not for each event"
        queue.done(queue.take(2))
        assert asyncio.run(go("e")) == [(200, None)]
        assert "events are queued again" in caplog.text
    assert [key for _, key in things(queue)] == ["c", "d", "e"]


def test_what_others_put_counts_too(tmp_path: Path, queue: SqliteQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = QueueReceiver(queue, secrets=[SECRET], longest=100)
    assert ask(receiver, event("a")) == [200]
    with SqliteQueue(tmp_path / "queue.db") as other:
        other.put([("product", f"o{number}") for number in range(100)])
    receiver._commit._looked -= 1.0  # a second later
    assert ask(receiver, event("b")) == [503]


def test_a_file_that_another_process_keeps_is_told_once(
    tmp_path: Path, queue: SqliteQueue, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = QueueReceiver(queue, secrets=[SECRET])
    with locked(tmp_path / "queue.db", queue):
        assert ask(receiver, *(event(f"u{number}") for number in range(4))) == [503] * 4
    assert caplog.text.count("queue file") == 1
    assert "database is locked" in caplog.text
    assert ask(receiver, event("u")) == [200]
    assert things(queue) == [("product", "u")]


def test_a_sender_is_answered_before_it_hangs_up(
    tmp_path: Path, queue: SqliteQueue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("akeneo_erp_bridge.sync.pim_first._receiver._PATIENCE", 0.05)
    receiver = QueueReceiver(queue, secrets=[SECRET])
    with locked(tmp_path / "queue.db", queue, patience=60_000):
        assert ask(receiver, event("u"), event("v")) == [503, 503]
        assert caplog.text.count("the place of the queue does not answer in time") == 1
    asyncio.run(lifespan(receiver))  # what was under way is written all the same
    assert things(queue) == [("product", "u"), ("product", "v")]


def test_only_so_many_wait_for_a_disk(tmp_path: Path, queue: SqliteQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akeneo_erp_bridge.sync.pim_first._group_commit._MOST", 3)
    receiver = QueueReceiver(queue, secrets=[SECRET])

    async def go() -> list[int]:
        with locked(tmp_path / "queue.db", queue, patience=60_000) as other:
            async with inside(receiver) as client:
                some = [asyncio.create_task(tell(client, event("u0")))]
                await written_now(receiver)
                some += [asyncio.create_task(tell(client, event(f"u{number}"))) for number in range(1, 4)]
                await until(lambda: len(receiver._commit._pending) == 3)
                assert (await tell(client, event("too many"))).status_code == 503
                other.execute("ROLLBACK")
                return [(await one).status_code for one in some]

    assert asyncio.run(go()) == [200] * 4
    assert [key for _, key in things(queue)] == ["u0", "u1", "u2", "u3"]


def test_a_defect_of_a_queue_is_answered_and_shown(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    class Broken(SqliteQueue):
        def __len__(self) -> int:
            raise RuntimeError("a defect")

    with Broken(tmp_path / "broken.db") as queue:
        receiver = QueueReceiver(queue, secrets=[SECRET])
        assert ask(receiver, event("a"), event("b")) == [503, 503]
    assert caplog.text.count("Traceback") == 1
    assert "a defect" in caplog.text


def test_a_server_that_is_away_is_answered_503(postgres: str) -> None:
    with broken_line(postgres) as (line, dsn), PostgresQueue(dsn, "received") as queue:
        receiver = QueueReceiver(queue, secrets=[SECRET])
        assert ask(receiver, event("a")) == [200]
        line.close()
        assert ask(receiver, event("b")) == [503]
    with PostgresQueue(postgres, "received") as queue:
        assert things(queue) == [("product", "a")]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of half a megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    if subprocess.run(line, capture_output=True, check=False).returncode:
        pytest.skip("a small disk needs the right to mount one")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing_that_was_answered(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    keys = [f"{number:04}{'x' * 900}" for number in range(400)]
    with SqliteQueue(small_disk / "queue.db") as queue:
        receiver = QueueReceiver(queue, secrets=[SECRET])
        statuses = ask(receiver, *map(event, keys))
        assert set(statuses) == {200, 503}
        assert "(database or disk is full)" in caplog.text
        safe = {key for key, status in zip(keys, statuses, strict=True) if status == 200}
        assert {key for _, key in things(queue)} == safe
        subprocess.run(["mount", "-o", "remount,size=16m", str(small_disk)], check=True)
        assert ask(receiver, *map(event, keys)) == [200] * 400
    with SqliteQueue(small_disk / "queue.db") as queue:
        assert {key for _, key in things(queue)} == set(keys)


LIMITED = """
import resource, sys
from akeneo_erp_bridge.sync.pim_first import QueueReceiver, SqliteQueue
from sync.pim_first.signed_events import SECRET, ask, event

queue, most = SqliteQueue(sys.argv[1]), resource.RLIM_INFINITY
receiver = QueueReceiver(queue, secrets=[SECRET])
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, most))
keys = [f"{number:04}{'x' * 900}" for number in range(400)]
statuses = ask(receiver, *map(event, keys))
safe = {key for key, status in zip(keys, statuses) if status == 200}
print(sorted(set(statuses)), {one.key for one in queue.take(1000)} == safe)
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print(set(ask(receiver, *map(event, keys))), {one.key for one in queue.take(1000)} == set(keys))
"""


def test_a_limit_on_the_size_of_a_file_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": ":".join([str(Path(__file__).parents[2]), *sys.path])}
    line = [sys.executable, "-c", LIMITED, str(tmp_path / "queue.db")]
    answer = subprocess.run(line, capture_output=True, text=True, env=environment, check=False)
    assert answer.stdout.splitlines() == ["[200, 503] True", "{200} True"], answer.stderr


# ---- servers and frameworks ----
async def lifespan(app: Any) -> list[str]:
    """What a server is told when it starts and stops."""
    told = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    said: list[str] = []

    async def receive() -> dict[str, Any]:
        return told.pop(0)

    async def send(message: Any) -> None:
        said.append(message["type"])

    await app({"type": "lifespan"}, receive, send)
    return said


def test_it_ends_with_its_server_and_begins_again(receiver: QueueReceiver, queue: SqliteQueue) -> None:
    for key in ("a", "b"):
        assert ask(receiver, event(key)) == [200]
        thread = receiver._commit._thread
        assert thread is not None
        assert asyncio.run(lifespan(receiver)) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        assert not thread.is_alive()
    assert things(queue) == [("product", "a"), ("product", "b")]
    assert asyncio.run(lifespan(receiver)) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_server_that_stops_waits_for_what_is_under_way(tmp_path: Path, queue: SqliteQueue) -> None:
    receiver = QueueReceiver(queue, secrets=[SECRET])

    async def go() -> int:
        with locked(tmp_path / "queue.db", queue, patience=60_000) as other:
            async with inside(receiver) as client:
                first = asyncio.create_task(tell(client, event("u")))
                await written_now(receiver)
                stopped = asyncio.create_task(lifespan(receiver))
                await until(lambda: receiver._commit._closing)
                assert not stopped.done()
                other.execute("ROLLBACK")
                assert await stopped == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
                assert things(queue) == [("product", "u")]
                return (await first).status_code

    assert asyncio.run(go()) == 200


def test_starlette_mounts_it(receiver: QueueReceiver, queue: SqliteQueue) -> None:
    @asynccontextmanager
    async def whole(_: Starlette) -> AsyncIterator[None]:
        yield

    app = Starlette(routes=[Mount("/", app=receiver)], lifespan=whole)
    assert ask(app, event("u"), (b"{}", {})) == [200, 401]
    assert things(queue) == [("product", "u")]

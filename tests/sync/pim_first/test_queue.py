"""The queue: nothing is forgotten before it was done, on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
import sqlite3
import stat
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.conninfo import make_conninfo

from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra, StateError
from akeneo_erp_bridge.sync import PostgresState, SqliteState
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.sync._stored._postgres_dsn import Dsn
from akeneo_erp_bridge.sync.pim_first import PostgresQueue, SqliteQueue, Waiting, WorkKind
from akeneo_erp_bridge.sync.pim_first._stored_queue import StoredQueue
from broken_line import broken_line
from places import on_server

Open = Callable[[], StoredQueue]


@pytest.fixture
def schema() -> str:
    return f"queue_{uuid.uuid4().hex}"


@pytest.fixture(params=["sqlite", "postgres"])
def open_queue(request: pytest.FixtureRequest, tmp_path: Path, schema: str) -> Open:
    if request.param == "sqlite":
        return lambda: SqliteQueue(tmp_path / "queue.db")
    dsn = request.getfixturevalue("postgres")
    return lambda: PostgresQueue(dsn, schema)


@pytest.fixture
def queue(open_queue: Open) -> Iterator[StoredQueue]:
    with open_queue() as one:
        yield one


def keys(queue: StoredQueue, limit: int = 1000) -> list[str]:
    return [one.key for one in queue.take(limit)]


def products(*some: str) -> list[tuple[WorkKind, str]]:
    return [("product", key) for key in some]


# ---- what it promises ----
def test_the_oldest_come_first_and_stay(queue: StoredQueue) -> None:
    before = datetime.now(UTC)
    queue.put([("product", "b"), ("product", "a")])
    queue.put([("product_model", "a"), ("product", "c")])
    assert [(one.kind, one.key) for one in queue.take(3)] == [
        ("product", "b"),
        ("product", "a"),
        ("product_model", "a"),
    ]
    assert len(queue) == 4
    first = queue.take(1)[0]
    assert before <= first.since <= datetime.now(UTC)
    assert first.since.utcoffset() == timedelta(0)


def test_what_waits_keeps_its_place_and_gets_a_greater_number(queue: StoredQueue) -> None:
    queue.put(products("a", "b"))
    (before, _) = queue.take(2)
    queue.put(products("a", "a"))
    (after, _) = queue.take(2)
    assert (after.key, after.since) == (before.key, before.since)
    assert after.number > before.number
    assert len(queue) == 2


def test_done_forgets_what_was_not_put_again(queue: StoredQueue) -> None:
    queue.put(products("a", "b", "c"))
    taken = queue.take(2)
    queue.put(products("b"))
    queue.done(taken)
    assert keys(queue) == ["b", "c"]
    queue.done(taken)
    assert keys(queue) == ["b", "c"], "done twice"
    queue.done(queue.take(9))
    queue.done([])
    assert len(queue) == 0
    assert queue.take(9) == []


def test_a_number_never_comes_back(queue: StoredQueue) -> None:
    """What was done and put again meanwhile is another change."""
    queue.put(products("a"))
    taken = queue.take(1)
    queue.done(taken)
    queue.put(products("a"))
    queue.done(taken)
    assert keys(queue) == ["a"]


def test_it_outlives_its_process(open_queue: Open) -> None:
    with open_queue() as one:
        one.put(products("a", "ä", "日本", "\ufdd0", "'; DROP TABLE waiting; --"))
        taken = one.take(1)
    with open_queue() as other:
        other.put(products("a"))
        other.done(taken)
        assert keys(other) == ["a", "ä", "日本", "\ufdd0", "'; DROP TABLE waiting; --"]


def test_two_see_the_same_queue(open_queue: Open) -> None:
    with open_queue() as one, open_queue() as other:
        one.put(products("a"))
        taken = other.take(1)
        one.put(products("a", "b"))
        other.done(taken)
        assert keys(one) == keys(other) == ["a", "b"]
        assert (len(one), len(other)) == (2, 2)


@pytest.mark.parametrize("key", ["", "x" * 1025, "ä" * 513, "a\x00b", "\ud800"])
def test_what_is_no_key_is_refused_with_all_beside_it(queue: StoredQueue, key: str) -> None:
    with pytest.raises(ConfigurationError, match="is no key of a product; give 1 to 1024 bytes"):
        queue.put(products("a", key))
    with pytest.raises(ConfigurationError, match="'family' is nothing that waits here"):
        queue.put([("product", "a"), ("family", "f")])  # type: ignore[list-item]  # wrong on purpose
    assert len(queue) == 0


def test_the_longest_keys_are_taken(queue: StoredQueue) -> None:
    longest = ["x" * 1024, "\ufdd0" * 341, "".join(chr(0x4E00 + n) for n in range(341))]
    queue.put(products(*longest))
    assert keys(queue) == longest


def test_a_limit_takes_something(queue: StoredQueue) -> None:
    for limit in (0, -1):
        with pytest.raises(ConfigurationError, match=f"a limit of {limit} takes nothing"):
            queue.take(limit)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(st.sampled_from("abcd"), max_size=4)),
        st.tuples(st.just("take"), st.integers(1, 5)),
        st.tuples(st.just("done"), st.integers(0, 9)),
    ),
    max_size=30,
)


@settings(max_examples=60)
@given(steps=STEPS)
def test_any_walk_leaves_what_a_list_would(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, object]]
) -> None:
    walk(SqliteQueue(tmp_path_factory.mktemp("walk") / "queue.db"), steps)


@settings(max_examples=60)
@given(steps=STEPS)
def test_any_walk_leaves_what_a_list_would_on_postgres(postgres: str, steps: list[tuple[str, object]]) -> None:
    schema = f"queue_{uuid.uuid4().hex}"
    walk(PostgresQueue(postgres, schema), steps)
    on_server(postgres, f"DROP SCHEMA {schema} CASCADE")


def walk(queue: StoredQueue, steps: list[tuple[str, object]]) -> None:
    model: dict[str, int] = {}  # in the order of the places; how often each was put
    taken: list[list[tuple[Waiting, int]]] = [[]]
    puts = 0
    with queue:
        for name, value in steps:
            if name == "put":
                some = [str(one) for one in value]  # type: ignore[attr-defined]  # see STEPS
                puts += 1
                queue.put(products(*some))
                model.update(dict.fromkeys(some, puts))
            elif name == "take":
                found = queue.take(int(str(value)))
                assert [one.key for one in found] == list(model)[: int(str(value))]
                taken.append([(one, model[one.key]) for one in found])
            else:
                some_taken = taken[int(str(value)) % len(taken)]
                queue.done([one for one, _ in some_taken])
                for one, put in some_taken:
                    if model.get(one.key) == put:
                        del model[one.key]
            assert keys(queue) == list(model)
            assert len(queue) == len(model)


# ---- several processes ----
WORKER = """
import sys
from akeneo_erp_bridge.sync.pim_first import PostgresQueue, SqliteQueue
name, count, *place = sys.argv[1:]
with (SqliteQueue(*place) if len(place) == 1 else PostgresQueue(*place)) as queue:
    for number in range(int(count)):
        queue.put([("product", f"{name}-{number}"), ("product", f"shared-{number}"), ("product_model", "one")])
        if number % 7 == 0:
            queue.done(queue.take(3))
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_processes_that_put_and_take_at_once_lose_nothing(
    request: pytest.FixtureRequest, tmp_path: Path, schema: str, kind: str
) -> None:
    place = [str(tmp_path / "queue.db")] if kind == "sqlite" else [request.getfixturevalue("postgres"), schema]
    started = [
        subprocess.Popen([sys.executable, "-c", WORKER, name, "60", *place], stderr=subprocess.PIPE, text=True)
        for name in ("one", "two", "three")
    ]
    for process in started:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    with SqliteQueue(place[0]) if kind == "sqlite" else PostgresQueue(*place) as queue:
        left = set(keys(queue))
        # each process was done with 9 times 3 of 181 and 60 of its own, and of what others put
        assert len(queue) == len(left)
        assert 241 - 3 * 27 <= len(left) <= 241
        queue.put(products("new"))
        assert keys(queue)[-1] == "new"


# ---- files ----
def test_a_file_is_for_its_owner_and_synchronous(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    with SqliteQueue(path) as queue:
        queue.put(products("a"))
        for one in tmp_path.iterdir():
            assert stat.S_IMODE(one.stat().st_mode) == 0o600, one
        db = queue._lines._db  # type: ignore[attr-defined]  # of `QueueFile`
        assert [db.execute(f"PRAGMA {one}").fetchone()[0] for one in ("journal_mode", "synchronous")] == ["wal", 3]
        assert repr(queue) == f"SqliteQueue({str(path)!r})"


def test_a_queue_in_memory_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="forgets what was accepted; name a file"):
        SqliteQueue(":memory:")


def refused(path: Path, words: str) -> None:
    before = path.read_bytes()
    with pytest.raises(StateError, match=words) as error:
        SqliteQueue(path)
    assert str(path) in str(error.value)
    assert path.read_bytes() == before, "left as it was"


def test_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    SqliteQueue(path).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
    refused(
        path,
        "written by another version; end all that uses it and delete it with its -wal: the next poll of the PIM finds",
    )


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE waiting (key TEXT)")
    db.close()
    refused(path, "another program's database; give the queue a file of their own")
    SqliteState(tmp_path / "state.db").close()
    refused(tmp_path / "state.db", "another program's database")
    RowStore(tmp_path / "rows.db").close()
    refused(tmp_path / "rows.db", "another program's database")
    (tmp_path / "text.db").write_bytes(b"no database" * 100)
    refused(
        tmp_path / "text.db", "queue file .* cannot be used .*file is not a database.*the next poll of the PIM finds"
    )


def test_a_file_that_another_process_keeps_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akeneo_erp_bridge.sync.pim_first._sqlite_queue._OPENING", 0.0)
    SqliteQueue(tmp_path / "queue.db").close()
    other = sqlite3.connect(tmp_path / "queue.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateError, match="database is locked.*wait for another run that has it open"):
        SqliteQueue(tmp_path / "queue.db")
    other.close()


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="No such file or directory.*check its folder"):
        SqliteQueue(tmp_path / "nowhere" / "queue.db")


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_file_that_is_taken_away_under_a_queue_takes_no_more(tmp_path: Path, is_replaced: bool) -> None:
    """SQLite itself would go on writing into a file that has no name."""
    path = tmp_path / "queue.db"
    with SqliteQueue(path) as queue:
        queue.put(products("a"))
        for one in list(tmp_path.iterdir()):
            one.unlink()
        if is_replaced:
            SqliteQueue(path).close()
        with pytest.raises(StateError, match="was replaced while it was in use" if is_replaced else "No such file"):
            queue.put(products("b"))


def test_what_was_put_outlives_a_power_failure(tmp_path: Path) -> None:
    """The log is cut anywhere behind what was flushed, and filled with what the disk held before."""
    path, ends = tmp_path / "queue.db", []
    with SqliteQueue(path) as queue:
        for number in range(40):
            queue.put(products(f"{number:03}", f"shared {number % 3}"))
            ends.append(Path(f"{path}-wal").stat().st_size)
        main, log = path.read_bytes(), Path(f"{path}-wal").read_bytes()
    chance = random.Random(7)
    seen: set[int] = set()
    for turn in range(60):
        cut = chance.randrange(len(log))
        folder = tmp_path / str(turn)
        folder.mkdir()
        (folder / "queue.db").write_bytes(main)
        (folder / "queue.db-wal").write_bytes(log[:cut] + chance.randbytes(len(log) - cut) * (turn % 2))
        with SqliteQueue(folder / "queue.db") as queue:
            found = [key for key in keys(queue) if not key.startswith("shared")]
            assert found == [f"{number:03}" for number in range(len(found))], "all of the first ones, and no half"
            assert len(found) >= sum(1 for end in ends if end <= cut)
            queue.put(products("new"))
            assert keys(queue)[-1] == "new"
        seen.add(len(found))
    assert len(seen) > 10


# ---- servers ----
def end_sessions(dsn: str) -> None:
    on_server(
        dsn,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'akeneo_erp_bridge'"
        " AND backend_type = 'client backend'",
    )


def test_a_session_that_is_ended_makes_no_difference(postgres: str, schema: str) -> None:
    with PostgresQueue(postgres, schema) as queue:
        end_sessions(postgres)
        queue.put(products("a", "b"))
        end_sessions(postgres)
        taken = queue.take(1)
        end_sessions(postgres)
        queue.done(taken)
        end_sessions(postgres)
        assert len(queue) == 1


def test_a_commit_whose_answer_is_lost_does_no_harm(postgres: str, schema: str) -> None:
    with broken_line(postgres) as (line, dsn), PostgresQueue(dsn, schema) as queue:
        line.breaks = True
        queue.put(products("a", "b"))
        taken = queue.take(1)
        line.breaks = True
        queue.done(taken)
        assert line.broken == 2
        assert keys(queue) == ["b"]


def test_a_server_that_is_away_is_told_and_comes_back(postgres: str, schema: str) -> None:
    with pytest.raises(
        StateError, match=r"the queue in PostgreSQL, database live, host 127.0.0.1.* cannot be reached"
    ) as no:
        PostgresQueue("postgresql://ada:S3CRET@127.0.0.1:9/live")
    assert "S3CRET" not in str(no.value)
    with broken_line(postgres) as (line, dsn), PostgresQueue(dsn, schema) as queue:
        assert schema in repr(queue)
        line.close()
        for _ in range(2):
            with pytest.raises(StateError, match="cannot be reached"):
                queue.put(products("a"))
        queue._lines._dsn = Dsn.of(postgres, schema)  # type: ignore[attr-defined]  # another way there
        queue.put(products("a"))
        assert keys(queue) == ["a"]


def test_other_schemas_are_refused(postgres: str, schema: str) -> None:
    PostgresState(postgres, schema).close()
    with pytest.raises(StateError, match="holds tables that are not a queue's; give the queue a schema of its own"):
        PostgresQueue(postgres, schema)
    PostgresQueue(postgres, f"{schema}_q").close()
    with pytest.raises(StateError, match="holds tables that are not a state's"):
        PostgresState(postgres, f"{schema}_q")
    on_server(postgres, f"UPDATE {schema}_q.queue_format SET version = 9")
    with pytest.raises(StateError, match=r"another version \(format 9, this one knows 1\); drop the schema"):
        PostgresQueue(postgres, f"{schema}_q")
    with pytest.raises(ConfigurationError, match="the address of the PostgreSQL queue cannot be read"):
        PostgresQueue("S3CRET")
    with pytest.raises(ConfigurationError, match="is no name for a schema"):
        PostgresQueue(postgres, "")


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: str, schema: str) -> None:
    on_server(postgres, f"CREATE DATABASE {schema} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    with pytest.raises(StateError, match="encoding LATIN1, which cannot hold every text"):
        PostgresQueue(make_conninfo(postgres, dbname=schema), schema)


def at_once(*works: Callable[[], None]) -> None:
    """Each in a thread of its own, begun in the same moment; raises what one of them raised."""
    barrier = Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as threads:
        for one in [threads.submit(run, work) for work in works]:
            one.result()


def test_two_that_put_the_same_things_in_another_order_do_not_wait_in_a_ring(postgres: str, schema: str) -> None:
    """Each locks lines in one order; else PostgreSQL ends one of the two with a deadlock."""
    some = [f"k{number:04}" for number in range(1000)]
    with PostgresQueue(postgres, schema) as one, PostgresQueue(postgres, schema) as other:
        for _ in range(5):
            at_once(lambda: one.put(products(*some)), lambda: other.put(products(*reversed(some))))
            taken = one.take(1000)
            at_once(lambda: one.put(products(*reversed(some))), lambda taken=taken: other.done(taken))
            at_once(lambda: one.done(one.take(1000)), lambda: other.done(list(reversed(other.take(1000)))))
            assert len(one) == 0


def test_many_that_open_a_new_schema_at_once_find_one_queue(postgres: str, schema: str) -> None:
    for turn in range(5):
        place = f"{schema}_{turn}"

        def put(place: str = place) -> None:
            with PostgresQueue(postgres, place) as queue:
                queue.put(products(uuid.uuid4().hex))

        at_once(*[put] * 4)
        with PostgresQueue(postgres, place) as queue:
            assert len(queue) == 4


def test_many_that_open_a_new_file_at_once_find_one_queue(tmp_path: Path) -> None:
    for turn in range(25):
        path = tmp_path / f"{turn}.db"

        def put(path: Path = path) -> None:
            with SqliteQueue(path) as queue:
                queue.put(products(uuid.uuid4().hex))

        at_once(*[put] * 6)
        with SqliteQueue(path) as queue:
            assert len(queue) == 6


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "akeneo_erp_bridge.sync.pim_first._postgres_lines")
    with pytest.raises(MissingExtra, match=r"PostgresQueue needs .*akeneo_erp_bridge\[postgres\]"):
        PostgresQueue("postgresql://127.0.0.1:9/x")

"""A state in PostgreSQL: one writer, lost connections, and one clear line for what is wrong on the server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra, StateError, StateInUse
from akeneo_erp_bridge.sync import HeldCell, LedgerEntry, ParkedItem, PostgresState, RunRecord, Settled
from akeneo_erp_bridge.sync._stored import _postgres
from broken_line import broken_line
from places import on_server

KEY, OTHER = ErpKey("000123"), ErpKey("000124")
ENTRY = LedgerEntry(KEY, "f", "c", "uuid-1", {"name": "Drill"})
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGE = Settled(
    entries=[ENTRY, LedgerEntry(ErpKey("9"), "f", "c", "uuid-9", gone=True)],
    parked=[ParkedItem(OTHER, "x", "", "x")],
    answered=[KEY],
    held=[HeldCell(KEY, "name", 1, 2, 3)],
    cursor=Cursor("sequence", "7"),
    at=NOW,
)


@pytest.fixture
def schema() -> str:
    return f"state_{uuid.uuid4().hex}"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_postgres, "_PAUSES", (0.0, 0.0, 0.05, 0.2))


def all_of(state: PostgresState) -> list[object]:
    """What a page leaves behind."""
    return [
        state.entries("products", [KEY, ErpKey("9")]), state.intents("products", [KEY]), state.cursor("products", ""),
        list(state.parked("products")), state.oldest_parked("products"), list(state.held("products")),
        state.ledger_size("products"), [one.run_id for one in state.runs("products")],
    ]  # fmt: skip


def end_sessions(dsn: str) -> None:
    """As a server does that is started again, or an administrator."""
    on_server(
        dsn,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'akeneo_erp_bridge'"
        " AND backend_type = 'client backend'",
    )


# ---- lost connections ----
def test_a_session_that_is_ended_makes_no_difference(postgres: str, schema: str) -> None:
    with PostgresState(postgres, schema) as state:
        for write in (
            lambda: state.bind("products", "here", claim=True),
            lambda: state.intend("products", [ENTRY]),
            lambda: state.settle("products", PAGE),
            lambda: state.finish("products", "r", covers_all=False),
            lambda: state.record_run(RunRecord("r", "products", NOW, NOW, {})),
        ):
            end_sessions(postgres)
            write()
        end_sessions(postgres)
        assert state.ledger_size("products") == 1
        with pytest.raises(StateInUse, match="in use by another run"):
            PostgresState(postgres, schema)


def test_a_commit_whose_answer_is_lost_is_done_once_more_and_does_no_harm(postgres: str, schema: str) -> None:
    with PostgresState(postgres, f"{schema}_whole") as state:
        state.bind("products", "here", claim=True)
        state.intend("products", [ENTRY])
        state.settle("products", PAGE)
        state.record_run(RunRecord("r1", "products", NOW, NOW, {}))
        state.record_run(RunRecord("r2", "products", NOW, NOW, {}))
        whole = all_of(state)
    for keeps_server in (False, True):
        with broken_line(postgres) as (line, dsn), PostgresState(dsn, f"{schema}_{keeps_server}") as state:
            line.keeps_server = keeps_server
            for count, write in enumerate(
                (
                    lambda: state.bind("products", "here", claim=True),
                    lambda: state.intend("products", [ENTRY]),
                    lambda: state.settle("products", PAGE),
                    lambda: state.record_run(RunRecord("r1", "products", NOW, NOW, {})),
                    lambda: state.record_run(RunRecord("r2", "products", NOW, NOW, {})),
                )
            ):
                line.breaks = True
                write()
                assert line.broken == count + 1, "the line broke, and the state went on"
            assert all_of(state) == whole


def test_another_writer_in_between_ends_the_run(postgres: str, schema: str) -> None:
    with PostgresState(postgres, schema) as state:
        end_sessions(postgres)
        with PostgresState(postgres, schema) as other:
            other.settle("products", Settled(entries=[ENTRY]))
        with pytest.raises(StateError, match="another run has been the writer since; this run ends here, run it again"):
            state.settle("products", Settled(forgotten=[KEY]))
        with pytest.raises(StateError, match="another run has been the writer since"):
            state.settle("products", Settled(forgotten=[KEY]))
    with PostgresState(postgres, schema) as state:
        assert state.ledger_size("products") == 1


def test_another_writer_that_is_still_there_ends_the_run(postgres: str, schema: str) -> None:
    with PostgresState(postgres, schema) as state:
        end_sessions(postgres)
        with (
            PostgresState(postgres, schema),
            pytest.raises(
                StateInUse, match=r"in use by another run \(process \d+ on .*, since 20.* UTC\); wait for it"
            ),
        ):
            state.ledger_size("products")


def test_a_process_that_is_killed_gives_its_place_up(postgres: str, schema: str) -> None:
    program = (
        "import sys, time; from akeneo_erp_bridge.sync import PostgresState, Settled, LedgerEntry\n"
        "state = PostgresState(*sys.argv[1:]); state.settle('products', Settled(entries=[LedgerEntry('1', 'f', 'c', 'r')]))\n"
        "print('there', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, postgres, schema], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"there\n"
        with pytest.raises(StateInUse, match=rf"in use by another run \(process {other.pid} on "):
            PostgresState(postgres, schema)
        os.kill(other.pid, signal.SIGKILL)
    for left in reversed(range(200)):  # the server notices within milliseconds, and not at once
        try:
            with PostgresState(postgres, schema) as state:
                assert state.ledger_size("products") == 1
            break
        except StateError:
            if not left:
                raise


# ---- what can be wrong ----
def test_two_schemas_are_two_states(postgres: str, schema: str) -> None:
    with PostgresState(postgres, schema) as one, PostgresState(postgres, f'{schema} "B"') as other:
        one.settle("products", Settled(entries=[ENTRY]))
        assert (one.ledger_size("products"), other.ledger_size("products")) == (1, 0)


def test_a_newer_version_is_refused_and_left_alone(postgres: str, schema: str) -> None:
    PostgresState(postgres, schema).close()
    on_server(postgres, f"UPDATE {schema}.format SET version = 99")
    with pytest.raises(StateError, match=r"schema state_.* was written by a newer version \(format 99, .*\); upgrade"):
        PostgresState(postgres, schema)
    with psycopg.connect(postgres) as other:
        assert other.execute(f"SELECT version, term FROM {schema}.format".encode()).fetchone() == (99, 1)


def test_another_programs_schema_is_refused_and_left_alone(postgres: str, schema: str) -> None:
    on_server(postgres, f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.ledger (id INTEGER)")
    with pytest.raises(StateError, match="holds tables that are not a state's; give the state a schema of its own"):
        PostgresState(postgres, schema)
    with psycopg.connect(postgres) as other:
        query = f"SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = '{schema}'::regnamespace"
        assert other.execute(query.encode()).fetchall() == [("ledger",)]


def test_a_table_that_somebody_dropped_is_told(postgres: str, schema: str) -> None:
    PostgresState(postgres, schema).close()
    on_server(postgres, f"DROP TABLE {schema}.parked")
    with (
        PostgresState(postgres, schema) as state,
        pytest.raises(StateError, match="not as this version left it .*parked.*restore a back-up"),
    ):
        list(state.parked("products"))


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_text_is_refused(postgres: str, schema: str, encoding: str) -> None:
    on_server(
        postgres, f"CREATE DATABASE {schema} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    )
    with pytest.raises(StateError, match=f"encoding {encoding}, which cannot hold every text; make one with ENCODING"):
        PostgresState(make_conninfo(postgres, dbname=schema), schema)


def test_keys_are_in_the_order_of_their_bytes_whatever_the_language_of_the_database(postgres: str, schema: str) -> None:
    """The server of these tests knows no language, so the columns themselves are looked at."""
    PostgresState(postgres, schema).close()
    query = f"""SELECT DISTINCT collation_name FROM information_schema.columns
        WHERE table_schema = '{schema}' AND table_name <> 'format' AND data_type = 'text'"""
    with psycopg.connect(postgres) as other:
        assert other.execute(query.encode()).fetchall() == [("C",)]


@pytest.fixture
def reader(postgres: str, schema: str) -> Iterator[str]:
    """A user with a password, and no rights."""
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {schema} LOGIN PASSWORD 'S3CRET word'".encode())
        rules = Path(str((admin.execute("SHOW hba_file").fetchone() or [""])[0]))
    before = rules.read_text()
    rules.write_text(f"local all {schema} scram-sha-256\n{before}")
    reload(postgres)
    yield make_conninfo(postgres, user=schema, password="S3CRET word")
    rules.write_text(before)
    reload(postgres)


def test_a_place_is_free_when_its_state_is_closed(postgres: str, schema: str) -> None:
    """The server ends a session in its own time, and the next run may begin at once."""
    with psycopg.connect(postgres, autocommit=True) as other:
        for _ in range(50):
            with PostgresState(postgres, schema):
                pass
            assert other.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)


def reload(dsn: str) -> None:
    """The server reads its rules again, when it comes to it."""

    def read_at() -> object:
        with psycopg.connect(dsn) as other:
            return other.execute("SELECT pg_conf_load_time()").fetchone()

    before = read_at()
    on_server(dsn, "SELECT pg_reload_conf()")
    while read_at() == before:
        time.sleep(0.01)


def test_a_missing_right_is_told(postgres: str, schema: str, reader: str) -> None:
    with pytest.raises(StateError, match="a right is missing .*permission denied for database.*GRANT ALL") as refused:
        PostgresState(reader, schema)
    assert "S3CRET" not in str(refused.value)
    on_server(postgres, f"CREATE SCHEMA {schema} AUTHORIZATION {schema}")
    with PostgresState(reader, schema) as state:
        state.settle("products", PAGE)
    on_server(postgres, f"REVOKE ALL ON {schema}.parked FROM {schema}")
    with PostgresState(reader, schema) as state, pytest.raises(StateError, match="a right is missing .*table parked"):
        list(state.parked("products"))


def test_a_wrong_password_is_told_and_not_shown(schema: str, reader: str) -> None:
    with pytest.raises(
        StateError, match=rf"PostgreSQL, database postgres.*user {schema}, schema .* refuses the user"
    ) as no:
        PostgresState(make_conninfo(reader, password="GUESSED it"), schema)
    assert "GUESSED" not in f"{no.value!r} {no.value.__cause__!r}"
    assert "check both" in str(no.value)
    with pytest.raises(StateError, match="refuses the user or the password"):
        PostgresState(make_conninfo(reader, password=""), schema)


def test_a_server_that_is_away_is_told(schema: str) -> None:
    with pytest.raises(
        StateError, match=r"database live, host 127.0.0.1, port 9, user ada, .* cannot be reached"
    ) as away:
        PostgresState("postgresql://ada:S3CRET@127.0.0.1:9/live", schema)
    assert "S3CRET" not in str(away.value)
    assert "\n" not in str(away.value)


def test_a_server_that_goes_away_ends_the_run(postgres: str, schema: str) -> None:
    with broken_line(postgres) as (line, dsn), PostgresState(dsn, schema) as state:
        line.close()
        with pytest.raises(StateError, match="cannot be reached .*; check that the server runs"):
            state.settle("products", PAGE)
    with PostgresState(postgres, schema) as state:
        assert state.ledger_size("products") == 0


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://ada:S3CRET%zz@host/live", "postgresql://ada:p@S3CRET@host/live", "S3CRET", "host=x S3CRET"],
)
def test_an_address_that_cannot_be_read_is_not_shown(dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read; write postgresql://user@host:5432/database") as wrong:
        PostgresState(dsn)
    assert "S3CRET" not in f"{wrong.value} {wrong.value.__cause__} {wrong.value.__context__}"


@pytest.mark.parametrize("name", ["", "x" * 64, "ä" * 32, "a\x00b"])
def test_a_schema_needs_a_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is no name for a schema; give one of 1 to 63 bytes"):
        PostgresState("postgresql://127.0.0.1:9/x", name)


def test_nothing_of_a_state_shows_its_password(postgres: str, schema: str, reader: str) -> None:
    on_server(postgres, f"CREATE SCHEMA {schema} AUTHORIZATION {schema}")
    with PostgresState(reader, schema) as state:
        seen = [repr(state), repr(vars(state)), repr(vars(state.database)), str(state.inspect()), repr(state.inspect())]
    assert "S3CRET" not in " ".join(seen)


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "akeneo_erp_bridge.sync._stored._postgres")
    with pytest.raises(MissingExtra, match=r"PostgresState needs .*akeneo_erp_bridge\[postgres\]"):
        PostgresState("postgresql://127.0.0.1:9/x")

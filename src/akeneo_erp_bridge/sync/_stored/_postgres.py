"""A state in a schema of PostgreSQL: one writer by an advisory lock, and no harm by a connection that is lost."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Final, TypeVar

from attrs import frozen

from akeneo_erp_bridge.errors import MissingExtra, StateError, StateInUse
from akeneo_erp_bridge.sync._stored._copy import into_file
from akeneo_erp_bridge.sync._stored._database import Bound, Row, Session, number
from akeneo_erp_bridge.sync._stored._tables import TABLES, VERSION, for_postgres, statements

try:
    import psycopg
    from psycopg import sql
except ImportError as error:  # pragma: no cover - tests run with the extra installed
    raise MissingExtra("PostgresState", "postgres") from error

from akeneo_erp_bridge.sync._stored import _postgres_faults as faults
from akeneo_erp_bridge.sync._stored._postgres_dsn import Connection, Dsn

T = TypeVar("T")

_PAUSES: Final = (0.0, 0.5, 2.0, 5.0)  # seconds before each try to connect again
_LOCK: Final = 0x41455262 << 32  # with the number of the schema: an advisory lock of our own
_LOCKED: Final = f"SELECT pg_try_advisory_lock({_LOCK} + (SELECT oid::bigint FROM pg_namespace WHERE nspname = ?))"


class PostgresDatabase:
    """One schema of one database, which has only one writer.

    The writer's place is an advisory lock of its session: it is free when the process is gone. When the connection is
    lost, a new one takes the place again and does the work again, unless another run was the writer in between.
    """

    def __init__(self, dsn: str, schema: str) -> None:
        self._dsn = Dsn.of(dsn, schema)
        self.schema = self._dsn.schema
        self.name = self._dsn.shown
        self._lock = RLock()
        self._connection = self._connected()
        try:
            with faults.blamed(self.name):
                self._prepare()
                self._sign = _sign(self._connection)
        except BaseException:
            self._connection.close()
            raise

    def read(self, work: Callable[[Session], T]) -> T:
        """Do what only reads."""
        return self._kept(lambda: work(PostgresSession(self._connection)))

    def write(self, work: Callable[[Session], T]) -> T:
        """Do it as one transaction."""

        def done() -> T:
            with self._connection.transaction():
                return work(PostgresSession(self._connection))

        return self._kept(done)

    def size(self) -> int:
        """The bytes of the tables and their indexes."""
        tables = "relkind = 'r' AND relnamespace::regnamespace::text = quote_ident(?)"
        query = f"SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE {tables}"
        return self.read(lambda db: number(db, query, self.schema))

    def shrink(self) -> None:
        """Write each table anew, without holes."""
        with self._lock, faults.blamed(self.name):
            for table in TABLES:
                self._connection.execute(f"VACUUM (FULL, ANALYZE) {table.name}".encode())

    def back_up(self, path: Path) -> None:
        """Copy all tables, as they are at one moment, into a state file; runs go on meanwhile."""
        connection = self._connected()
        try:
            with connection.transaction(), faults.blamed(self.name):
                connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                into_file(Snapshot(connection), path)
        finally:
            connection.close()

    def close(self) -> None:
        """End the session, and give up the writer's place."""
        with self._lock:
            with suppress(psycopg.Error):  # a session that is gone has given it up
                # the server ends a session in its own time, and the next run may begin at once
                self._connection.execute("SELECT pg_advisory_unlock_all()")
            self._connection.close()

    # ---- a connection that is lost ----
    def _kept(self, work: Callable[[], T]) -> T:
        """Do it; once more, where the connection broke: whether the server had done it is then the same."""
        with self._lock, faults.blamed(self.name):
            try:
                return work()
            except psycopg.Error:
                if not self._connection.closed:
                    raise
            self._come_back()
            return work()

    def _come_back(self) -> None:
        lost = self._sign
        connection = self._connected_soon()
        try:
            self._take_place(PostgresSession(connection), lost)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        self._sign = _sign(connection)

    def _connected_soon(self) -> Connection:
        for pause in _PAUSES[:-1]:
            time.sleep(pause)
            with suppress(StateError):
                return self._connected()
        time.sleep(_PAUSES[-1])
        return self._connected()

    def _take_place(self, session: Session, lost: Sign) -> None:
        """The lost session may still be there, where nobody has told the server: it is ended first."""
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ? AND backend_start::text = ? "
            "AND usename = current_user",
            (lost.process, lost.since),
        )
        for pause in _PAUSES:
            time.sleep(pause)
            if number(session, _LOCKED, self.schema):
                break
        else:
            raise StateInUse(faults.IN_USE.format(name=self.name, writer=_writer(session)))
        if number(session, "SELECT term FROM format") != lost.term:
            raise StateError(faults.OVERTAKEN.format(name=self.name))

    # ---- opening ----
    def _connected(self) -> Connection:
        connection = self._dsn.session()
        try:
            with faults.blamed(self.name):
                # the place of a host that is gone is free after minutes, not hours
                connection.execute("SELECT set_config('tcp_keepalives_idle', '60', false)")
                connection.execute("SELECT set_config('tcp_keepalives_interval', '10', false)")
                connection.execute("SELECT set_config('tcp_keepalives_count', '6', false)")
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self) -> None:
        """The schema, the writer's place, and the tables up to date."""
        session = PostgresSession(self._connection)
        if not number(session, "SELECT count(*) FROM pg_namespace WHERE nspname = ?", self.schema):
            with suppress(psycopg.errors.UniqueViolation):  # another run makes it in this very moment
                self._connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self.schema)))
        tables = self._tables(session)
        if tables and "format" not in tables:
            raise StateError(faults.STRANGER.format(name=self.name))
        if not number(session, _LOCKED, self.schema):
            raise StateInUse(faults.IN_USE.format(name=self.name, writer=_writer(session)))
        with self._connection.transaction():
            found = 0
            if "format" in self._tables(session):  # as it is now: somebody may have been quicker
                found = number(session, "SELECT version FROM format")
            else:
                session.execute(
                    "CREATE TABLE format (version INTEGER NOT NULL, term BIGINT NOT NULL, writer TEXT NOT NULL)"
                )
                session.execute("INSERT INTO format VALUES (0, 0, '')")
            if found > VERSION:
                raise StateError(faults.NEWER.format(name=self.name, found=found, known=VERSION))
            for statement in statements(found):
                session.execute(for_postgres(statement))
            writer = f"process {os.getpid()} on {socket.gethostname()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
            session.execute("UPDATE format SET version = ?, term = term + 1, writer = ?", (VERSION, writer))

    def _tables(self, session: Session) -> set[str]:
        query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text = quote_ident(?)"
        return {str(name) for (name,) in session.execute(query, (self.schema,))}


@frozen
class Sign:
    """By what a session is known: its process on the server, and how often the writer changed."""

    process: int
    since: str
    term: int


def _sign(connection: Connection) -> Sign:
    query = (
        "SELECT pid, backend_start::text, (SELECT term FROM format) FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    )
    process, since, term = PostgresSession(connection).execute(query).fetchone() or (0, "", 0)
    return Sign(int(process), str(since), int(term))


def _writer(session: Session) -> str:
    """Who has the writer's place, as far as that is known."""
    with suppress(psycopg.Error):
        row = session.execute("SELECT writer FROM format").fetchone()
        if row and row[0]:
            return f" ({row[0]})"
    return ""


class Snapshot:
    """The tables as they were when a transaction began."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, work: Callable[[Session], T]) -> T:
        """Do what only reads."""
        return work(PostgresSession(self._connection))


class PostgresSession:
    """Question marks, and texts with zero bytes, on PostgreSQL."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, query: str, values: Sequence[Bound] = (), /) -> PostgresRows:
        """One statement."""
        return PostgresRows(self._connection.execute(_translated(query), _stored(values)))

    def executemany(self, statement: str, rows: Iterable[Sequence[Bound]], /) -> None:
        """One statement for each row; they travel together."""
        told = [_stored(row) for row in rows]
        if told:
            with self._connection.cursor() as cursor:
                cursor.executemany(_translated(statement), told)


class PostgresRows:
    """The rows of an answer, as they were given."""

    def __init__(self, cursor: psycopg.Cursor[Row]) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[Row]:
        return map(_given, self._cursor)

    def fetchone(self) -> Row | None:
        """The next row."""
        row = self._cursor.fetchone()
        return None if row is None else _given(row)


@lru_cache(maxsize=512)
def _translated(query: str) -> bytes:
    return query.replace("%", "%%").replace("?", "%s").encode()


# PostgreSQL takes no zero byte in a text. Two characters that stand for nothing in Unicode spell it out.
_ZERO: Final = "\x00"
_MARK: Final = "\ufdd0"
_SPELLED: Final = {_MARK: f"{_MARK}\ufdd1", _ZERO: f"{_MARK}\ufdd2"}


def _stored(values: Sequence[Bound]) -> list[Bound]:
    return [
        one.replace(_MARK, _SPELLED[_MARK]).replace(_ZERO, _SPELLED[_ZERO])
        if isinstance(one, str) and (_ZERO in one or _MARK in one)
        else one
        for one in values
    ]


def _given(row: Row) -> Row:
    if not any(isinstance(one, str) and _MARK in one for one in row):
        return row
    return tuple(
        one.replace(_SPELLED[_ZERO], _ZERO).replace(_SPELLED[_MARK], _MARK) if isinstance(one, str) else one
        for one in row
    )

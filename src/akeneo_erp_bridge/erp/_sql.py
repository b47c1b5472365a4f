"""`SqlAdapter`: items from a table, view or query of any database that SQLAlchemy reaches (extra `sql`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._paths import column_of
from akeneo_erp_bridge.erp._sql_changes import ChangedAt
from akeneo_erp_bridge.erp._sql_choice import comparable, lots
from akeneo_erp_bridge.erp._sql_errors import told
from akeneo_erp_bridge.erp._sql_nested import Nested, with_lines
from akeneo_erp_bridge.erp._sql_sequence import Counted
from akeneo_erp_bridge.erp._sql_source import KeyOrder, SqlSource, Values
from akeneo_erp_bridge.erp._timestamp_cursor import Position, Stamped, TimestampCursor, timestamp_cursor
from akeneo_erp_bridge.erp.interfaces import Choice, Cursor, ErpField, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import (
    BridgeError,
    ConfigurationError,
    CursorExpired,
    ErpRefused,
    MissingExtra,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Select

ItemT = TypeVar("ItemT", bound=ErpItem)

HOT_PAGE = 500
OVERLAP: Final = timedelta(minutes=10)
BEHIND: Final = 1_000
_FLAT: Mapping[str, Nested] = {}


class SqlAdapter(Generic[ItemT]):
    """Reads a table, a view or a query in the order of its key; each run reads all of it, and goes on in it after a stop.

    ::

        erp = SqlAdapter("postgresql+psycopg://reader@erp/live", Article, table="articles")
        erp = SqlAdapter("sqlite:///erp.db", Article, table="articles", changed_at="changed", zone=UTC)
        erp = SqlAdapter("mssql+pyodbc://reader@erp/live?driver=...", Article, table="Item", schema="dbo", sequence="timestamp")
        erp = SqlAdapter(url, Article, query="SELECT a.*, g.name AS group_name FROM articles a JOIN groups g ON g.id = a.group_id")

    Only the columns that the mapping needs are read; a field such as ``lines[*].ean`` needs the JSON column ``lines``, or a
    list of that name in `nested`, for rows of other tables: see `Nested`. The key need not be unique: rows of one key stay
    together, and never straddle two pages. Keys that differ in case or trailing blanks alone are two keys.

    With `changed_at`, the column that says when a row last changed, `read_items` reads all rows in the first
    run and changed ones from then on, each row by itself: rows of one key may come apart. `overlap` is that of
    `timestamp_cursor`: how long a transaction may take (ten minutes by default). Prices and stock often move without this
    stamp, so `read_hot` reads all rows as before; `hot_changed_at` is the column that says when they did, where there is one,
    and lets `read_hot` read changed rows too. In SQLite, stamps are texts in ISO 8601, and count to the millisecond.

    With `sequence`, a column that counts changes, it reads the rows behind the last number. SQL Server's rowversion and a
    PostgreSQL column of type xid8 tell what is still open; for others, `behind` is by how many numbers an open transaction may
    be behind (1,000 by default), and so many are read again in each run.

    `zone` is the ERP's time zone where its moments name none: of `changed_at`, and of fields that are moments. A day of zeros
    in MariaDB is null.

    Raises `ErpRefused` for an unknown table or column, naming those that exist, for a right that is missing, and for a row
    whose stamp is none; `ErpUnreachable` when the database does not answer; `ConfigurationError` for a table and a query at
    once, or a stamp and a sequence. A password in the URL is never shown.

    >>> import sqlite3, tempfile
    >>> from contextlib import closing
    >>> from akeneo_erp_bridge.erp import cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     name = cold(str, "name")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with closing(sqlite3.connect(f"{folder}/erp.db")) as db:
    ...         _ = db.executescript("CREATE TABLE articles AS SELECT 'DR-18' AS number, 'Drill' AS name, 7 AS stock")
    ...     erp = SqlAdapter(f"sqlite:///{folder}/erp.db", Article, table="articles")
    ...     pages = list(erp.read_items(None, fields=frozenset({"name"}), limit=500))
    >>> [(item.key, sorted(item.row)) for page in pages for item in page.items]  # nobody asked for the stock
    [('DR-18', ['name', 'number'])]
    """

    def __init__(
        self,
        url: str,
        item: type[ItemT],
        *,
        table: str | None = None,
        query: str | None = None,
        schema: str | None = None,
        changed_at: str | None = None,
        hot_changed_at: str | None = None,
        overlap: timedelta = OVERLAP,
        sequence: str | None = None,
        behind: int = BEHIND,
        zone: tzinfo | None = None,
        nested: Mapping[str, Nested] = _FLAT,
    ) -> None:
        try:
            from sqlalchemy import NullPool, create_engine
            from sqlalchemy.exc import ArgumentError, NoSuchModuleError
        except ImportError as error:  # pragma: no cover - tests run with the extra installed
            raise MissingExtra("SqlAdapter", "sql") from error
        if (table is None) == (query is None):
            raise ConfigurationError("SqlAdapter: name a table= or a query=, and not both")
        if changed_at is not None and sequence is not None:
            raise ConfigurationError(
                "SqlAdapter: changed_at= and sequence= are two ways to find changes; name one of them"
            )
        self._item = item
        self._source = SqlSource(table, query, schema)
        self._changed_at = changed_at
        self._hot_changed_at = hot_changed_at
        self._sequence, self._behind = sequence, behind
        self._nested = dict(nested)
        of = table if table is not None else query
        self._changes, self._hot_changes = (
            timestamp_cursor(overlap=overlap, zone=zone, source=f"{of}/{column}", first_key=None)
            for column in (changed_at, hot_changed_at)
        )
        try:
            # each read takes one connection, so a pool would only hold it open when nobody reads
            self._engine: Engine = create_engine(url, poolclass=NullPool)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise ErpRefused(
                f"the database URL is not usable: {type(error).__name__}; write e.g. sqlite:///erp.db"
            ) from None
        self._dialect = self._engine.dialect.name
        self._values = Values(self._dialect, zone)

    def describe(self) -> ErpSchema:
        """The columns, with the database's types where they are known, and the nested lists."""
        with self._connected() as connection:
            columns = list(self._source.opened(connection).c)
        fields = [ErpField(column.key, _kind(column)) for column in columns]
        return ErpSchema(self._source.name, (*fields, *(ErpField(name, "lines") for name in self._nested)))

    def check(self) -> Health:
        """Connect, look at the columns, and read one row of everything that is needed: a missing right is named."""
        declared = frozenset(spec.path for spec in self._item.specs.values())
        try:
            fields = self.describe().fields
            with self._connected() as connection:
                reading = self._reading(connection, declared)
                row = connection.execute(reading.query().limit(1)).first()
                if row is not None:
                    self._with_lines([reading.row(row)], reading, connection)
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        return Health(ok=True, message=f"{self._source.name} has {len(fields)} columns")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """Pages of about `limit` rows by key, or by stamp or number and key."""
        if self._changed_at is not None:
            yield from self._read_changed(since, fields, limit, self._changed_at, self._changes)
        elif self._sequence is not None:
            yield from self._read_counted(since, fields, limit, self._sequence)
        else:
            yield from self._read(since, fields, limit, None)

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[ItemT]]:
        """All rows or what changed, or the rows of the keys asked for; the relay sends on what is new in them."""
        fields = frozenset(spec.path for spec in self._item.specs.values())
        if keys is None and self._hot_changed_at is not None:
            yield from self._read_changed(since, fields, HOT_PAGE, self._hot_changed_at, self._hot_changes)
            return
        among = None if keys is None else (self._item.key_spec().path, keys)
        yield from self._read(since, fields, HOT_PAGE, among)

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """The rows of a choice, which the database makes for columns of text and of whole numbers; else all rows."""
        with self._connected() as connection:
            column = self._source.opened(connection).c.get(choice.path)
        values = None if column is None else comparable(column, choice.values, self._dialect)
        if values is None:
            yield from self._read(None, fields, limit, None)
            return
        for some in lots(values):
            yield from self._read(None, fields, limit, (choice.path, some))

    # ---- inside ----
    def _read(
        self,
        since: Cursor | None,
        fields: frozenset[str],
        limit: int,
        among: tuple[str, Sequence[str | int]] | None,
    ) -> Iterator[Page[ItemT]]:
        with ExitStack() as stack:
            # a second connection for what is nested, since the first one is in the middle of an answer
            connection, beside = (stack.enter_context(self._connected()) for _ in range(2))
            reading = self._reading(beside, fields)
            last = self._position(since, reading.version)
            query = reading.query().order_by(*reading.keys.columns)
            if among is not None:
                query = query.where(reading.source.c[among[0]].in_(among[1]))
            if last is not None:
                query = query.where(reading.keys.beyond(last))
            for rows in self._batches(connection, query, limit, reading.names.index(reading.key_path)):
                lines = self._with_lines([reading.row(row) for row in rows], reading, beside)
                place = json.dumps(lines[-1][reading.key_path], default=str)
                yield Page([self._item(row) for row in lines], (), Cursor("snapshot", place, reading.version))
        # the blob of a complete snapshot is empty: the next run begins anew
        yield Page((), (), Cursor("snapshot", "", reading.version))

    def _read_changed(
        self, since: Cursor | None, fields: frozenset[str], limit: int, changed_at: str, changes: TimestampCursor
    ) -> Iterator[Page[ItemT]]:
        with self._connected() as beside:
            reading = self._reading(beside, fields, changed_at)
            changed = ChangedAt(reading.source.c[changed_at], reading.keys, self._dialect, source=self._source.name)

            def rows(after: Position) -> Iterator[Stamped[ItemT]]:
                changed.check(beside)
                query = reading.query(*changed.columns).where(*changed.after(after)).order_by(*changed.order)
                for found in self._streamed(query, limit):
                    lines = self._with_lines([reading.row(row) for row in found], reading, beside)
                    for (*_, stamp, raw), row in zip(found, lines, strict=True):
                        key = row[reading.key_path]
                        yield changed.moment((stamp, raw), key), _plain(key), self._item(row)

            yield from changes.pages(since, rows, fields=frozenset([*reading.names, *reading.lists]), limit=limit)

    def _read_counted(
        self, since: Cursor | None, fields: frozenset[str], limit: int, sequence: str
    ) -> Iterator[Page[ItemT]]:
        with self._connected() as beside:
            reading = self._reading(beside, fields, sequence)
            column = reading.source.c[sequence]
            counted = Counted(reading.source, column, reading.keys, self._dialect, self._behind)
            counted.check(beside)
            run = counted.begun(since, reading.version, beside)
            query = reading.query(counted.value).where(*counted.after(run)).order_by(*counted.order)
            for found in self._streamed(query, limit):
                lines = self._with_lines([reading.row(row) for row in found], reading, beside)
                key = lines[-1][reading.key_path]
                run = run.beyond(counted.number(found[-1][-1], key), _plain(key))
                yield Page([self._item(row) for row in lines], (), run.cursor(reading.version))
            yield Page((), (), run.ended(reading.version))

    def _streamed(self, query: Select[tuple[object, ...]], limit: int) -> Iterator[list[tuple[object, ...]]]:
        with self._connected() as connection:
            # closed here even when the reader leaves in the middle: a server-side cursor is not given back by itself
            streamed = connection.execution_options(stream_results=True, yield_per=limit)
            with streamed.execute(query) as result:
                for some in result.partitions(limit):
                    yield [tuple(row) for row in some]

    def _batches(
        self, connection: Connection, query: Select[tuple[object, ...]], limit: int, at: int
    ) -> Iterator[list[tuple[object, ...]]]:
        """Batches that end where the key changes, so that a cursor never falls between two rows of one key."""
        batch: list[tuple[object, ...]] = []
        # closed here even when the reader leaves in the middle: a server-side cursor is not given back by itself
        with connection.execution_options(stream_results=True, yield_per=limit).execute(query) as result:
            for row in result:
                values = tuple(row)
                if len(batch) >= limit and values[at] != batch[-1][at]:
                    yield batch
                    batch = []
                batch.append(values)
        if batch:
            yield batch

    def _position(self, since: Cursor | None, version: str) -> str | int | None:
        if since is None or (since.kind == "snapshot" and not since.blob):
            return None
        try:
            position: object = json.loads(since.blob)
        except ValueError:
            position = None
        if since.kind != "snapshot" or since.schema_hash != version or not isinstance(position, str | int):
            raise CursorExpired(f"{self._source.name}: the cursor is of other columns or another adapter")
        return position

    def _reading(self, connection: Connection, fields: frozenset[str], *more: str) -> _Reading:
        """What to select for some fields. Raises `ErpRefused` where a column is not there."""
        source, key_path = self._source.opened(connection), self._item.key_spec().path
        columns = {path if path in source.c else column_of(path) for path in fields}
        lists = {
            name: (self._nested[name], self._nested[name].source.opened(connection))
            for name in self._nested
            if name in columns
        }
        names = sorted({key_path, *columns}.difference(lists))
        missing = [name for name in (*names, *more) if name not in source.c]
        if missing:
            there = ", ".join(sorted([*source.c.keys(), *self._nested]))
            raise ErpRefused(f"column(s) {', '.join(missing)} are not in '{self._source.name}'; it has: {there}")
        facts = f"{self._source.table or self._source.query}/{names}" + (f"/{sorted(lists)}" if lists else "")
        version = hashlib.sha256(f"{facts}{''.join(f'/{one}' for one in more)}".encode()).hexdigest()[:16]
        keys = KeyOrder.of(source, source.c[key_path], self._dialect)
        return _Reading(source, names, key_path, keys, version, lists, self._values)

    def _with_lines(
        self, rows: list[dict[str, object]], reading: _Reading, connection: Connection
    ) -> list[dict[str, object]]:
        if not reading.lists or not rows:
            return rows
        connection.rollback()  # lines are read as they are now, never as they were before their item changed
        return with_lines(rows, reading.key_path, reading.lists, connection, self._values)

    @contextmanager
    def _connected(self) -> Generator[Connection]:
        from sqlalchemy.exc import DBAPIError

        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise told(error, self._engine.url, self._source.name) from None


@frozen
class _Reading:
    """What one read selects: columns of the source, and lists beside them."""

    source: FromClause
    names: list[str]
    key_path: str
    keys: KeyOrder
    version: str
    lists: Mapping[str, tuple[Nested, FromClause]]
    values: Values

    def query(self, *more: ColumnElement[object]) -> Select[tuple[object, ...]]:
        """All rows that have a key; with what is selected besides at their end."""
        from sqlalchemy import select

        return select(*(self.source.c[name] for name in self.names), *more).where(self.keys.key.is_not(None))

    def row(self, values: Sequence[object]) -> dict[str, object]:
        """A row by column, of what `query` selects."""
        return self.values.row(self.names, values[: len(self.names)])


def _plain(key: object) -> str | int:
    """A key as a cursor holds it: a cursor is JSON, so one of another kind goes into it as its text."""
    return key if isinstance(key, str | int) else str(key)


def _kind(column: ColumnElement[object]) -> str:
    from sqlalchemy.types import NullType

    return "unknown" if isinstance(column.type, NullType) else str(column.type).lower()

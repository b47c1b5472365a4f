"""`SqlAdapter`: items from a table, view or query of any database that SQLAlchemy reaches (extra `sql`)."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._sql._address import UnusableAddress, engine_at, missing_file
from akeneo_erp_bridge.erp._sql._changes import ChangedAt
from akeneo_erp_bridge.erp._sql._choice import comparable, lots
from akeneo_erp_bridge.erp._sql._errors import told, without_secrets
from akeneo_erp_bridge.erp._sql._keys import asked_for, place_of, untyped
from akeneo_erp_bridge.erp._sql._nested import Nested
from akeneo_erp_bridge.erp._sql._reading import Found, Reading, streamed
from akeneo_erp_bridge.erp._sql._sequence import Counted
from akeneo_erp_bridge.erp._sql._source import SqlSource
from akeneo_erp_bridge.erp._sql._values import Values
from akeneo_erp_bridge.erp._timestamp_cursor import Position, Stamped, TimestampCursor, timestamp_cursor
from akeneo_erp_bridge.erp.interfaces import Choice, Cursor, ErpField, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import (
    BridgeError,
    ConfigurationError,
    CursorExpired,
    ErpRefused,
    ErpUnreachable,
    MissingExtra,
)

if TYPE_CHECKING:
    from sqlalchemy import URL, ColumnElement, Connection, Engine, Select

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
    together, and never straddle two pages. Keys that differ in case or trailing blanks alone are two keys. Rows without a key
    come after all others: they are parked, and told.

    A value that does not fit its column, such as a word among numbers in SQLite, is the problem of its field: that row is
    parked, and the others go on.

    With `changed_at`, the column that says when a row last changed, `read_items` reads all rows in the first
    run and changed ones from then on, each row by itself: rows of one key may come apart. `overlap` is that of
    `timestamp_cursor`: how long a transaction may take (ten minutes by default). Prices and stock often move without this
    stamp, so `read_hot` reads all rows as before; `hot_changed_at` is the column that says when they did, where there is one,
    and lets `read_hot` read changed rows too. In SQLite, stamps are texts in ISO 8601, and count to the millisecond. A row
    whose stamp is none is read in each run.

    With `sequence`, a column that counts changes, it reads the rows behind the last number. SQL Server's rowversion and a
    PostgreSQL column of type xid8 tell what is still open; for others, `behind` is by how many numbers an open transaction may
    be behind (1,000 by default), and so many are read again in each run.

    `zone` is the ERP's time zone where its moments name none: of `changed_at`, and of fields that are moments. A day of zeros
    in MariaDB is null.

    Raises `ErpRefused` for an unknown table or column, naming those that exist, for a right or a driver that is missing, for a
    file of SQLite that is not there, for a statement that is wrong, and for a column in which no row has a stamp;
    `ErpUnreachable` when the database does not answer; `ConfigurationError` for a table and a query at once, or a stamp and
    a sequence. A password in the URL is never shown.

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
            from sqlalchemy import NullPool
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
            self._engine: Engine = engine_at(url, example="e.g. sqlite:///erp.db", poolclass=NullPool)
        except UnusableAddress as error:
            raise ErpRefused(str(error)) from None
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
                found = [tuple(row) for row in connection.execute(reading.query().limit(1))]
                reading.rows(found, connection)
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
        if keys is None:
            yield from self._read(since, fields, HOT_PAGE, None)
        else:
            yield from self._read_asked(fields, keys)

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
        among: tuple[str, Sequence[object]] | None,
    ) -> Iterator[Page[ItemT]]:
        with ExitStack() as stack:
            # a second connection for what is nested, since the first one is in the middle of an answer
            connection, beside = (stack.enter_context(self._connected()) for _ in range(2))
            reading = self._reading(beside, fields)
            place = self._position(since, reading.version)
            query = reading.query().where(reading.keys.is_key).order_by(*reading.keys.columns)
            if among is not None:
                query = query.where(self._column(reading, among[0]).in_(among[1]))
            if place is not None:
                query = query.where(reading.keys.beyond(place))
            for found in reading.batches(connection, query, limit):
                last = reading.place(found)
                place = place if last is None else last
                yield self._page(reading, found, beside, place)
            if among is None:
                # these have no place of their own: after a stop all of them come again
                for found in streamed(connection, reading.query().where(reading.keys.is_none), limit):
                    yield self._page(reading, found, beside, place)
        # the blob of a complete snapshot is empty: the next run begins anew
        yield Page((), (), Cursor("snapshot", "", reading.version))

    def _page(
        self, reading: Reading, found: Sequence[Found], beside: Connection, place: str | int | None
    ) -> Page[ItemT]:
        blob = "" if place is None else json.dumps(place)
        items = [self._item(row) for row in reading.rows(found, beside)]
        return Page(items, (), Cursor("snapshot", blob, reading.version))

    def _read_asked(self, fields: frozenset[str], keys: Sequence[str]) -> Iterator[Page[ItemT]]:
        path = self._item.key_spec().path
        with self._connected() as connection:
            column = self._source.opened(connection).c.get(path)
        parts = [
            None if column is None else asked_for(column, some, self._dialect)
            for some in lots(list(dict.fromkeys(keys)))
        ]
        if all(some is not None for some in parts):
            for some in parts:
                yield from self._read(None, fields, HOT_PAGE, (path, some or ()))
            return
        wanted = frozenset(keys)
        for page in self._read(None, fields, HOT_PAGE, None):
            yield Page([item for item in page.items if item.key in wanted], (), page.resume)

    def _read_changed(
        self, since: Cursor | None, fields: frozenset[str], limit: int, changed_at: str, changes: TimestampCursor
    ) -> Iterator[Page[ItemT]]:
        with self._connected() as beside:
            reading = self._reading(beside, fields, changed_at)
            column, name = reading.source.c[changed_at], self._source.name
            changed = ChangedAt(column, reading.keys, self._dialect, source=name, zone=changes.zone)

            def rows(after: Position) -> Iterator[Stamped[ItemT]]:
                changed.check(beside, reading.source)
                query = reading.query(*changed.columns).where(*changed.after(after)).order_by(*changed.order)
                last: tuple[object, str | int | None] = (after.stamp, after.key)
                for found in self._streamed(query, limit):
                    for one, row in zip(found, reading.rows(found, beside), strict=True):
                        moment, place = changed.moment(one[-1], reading.key(one)), place_of(reading.key(one))
                        last = (moment, last[1] if place is None and last[0] == moment else place)
                        yield moment, last[1], self._item(row)

            def others(begun: Position) -> Iterator[ItemT]:
                for found in self._streamed(reading.query().where(changed.beside(begun)), limit):
                    yield from map(self._item, reading.rows(found, beside))

            yield from changes.pages(since, rows, fields=reading.names, limit=limit, beside=others)

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
                for one in found:
                    key = reading.key(one)
                    run = run.beyond(counted.number(one[-1], key), place_of(key))
                items = [self._item(row) for row in reading.rows(found, beside)]
                yield Page(items, (), run.cursor(reading.version))
            for found in self._streamed(reading.query().where(counted.beside(run)), limit):
                items = [self._item(row) for row in reading.rows(found, beside)]
                yield Page(items, (), run.cursor(reading.version))
            yield Page((), (), run.ended(reading.version))

    def _streamed(self, query: Select[Found], limit: int) -> Iterator[list[Found]]:
        with self._connected() as connection:
            yield from streamed(connection, query, limit)

    def _column(self, reading: Reading, name: str) -> ColumnElement[object]:
        column: ColumnElement[object] = reading.source.c[name]
        return untyped(column) if self._dialect == "sqlite" else column

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

    def _reading(self, connection: Connection, fields: frozenset[str], *more: str) -> Reading:
        key_path = self._item.key_spec().path
        return Reading.opened(connection, self._source, self._nested, key_path, fields, self._values, *more)

    @contextmanager
    def _connected(self) -> Generator[Connection]:
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        url, what = self._engine.url, self._source.name
        missing = missing_file(url)
        if missing is not None:
            raise ErpRefused(missing)
        try:
            with self._opened() as connection:
                yield connection
        except DBAPIError as error:
            raise told(error, url, what) from None
        except SQLAlchemyError as error:
            reason = without_secrets(str(error), url)
            raise ErpRefused(f"{what} cannot be read ({type(error).__name__}: {reason})") from None

    def _opened(self) -> Connection:
        """A connection; a driver that fails on the address itself does so with any error it likes."""
        url = self._engine.url
        try:
            return self._engine.connect()
        except OSError as error:
            raise ErpUnreachable(
                f"{_where(url)} failed: {without_secrets(str(error), url)}; check that it runs"
            ) from None
        except (TypeError, ValueError, RuntimeError, LookupError) as error:
            reason = f"{type(error).__name__}: {without_secrets(str(error), url)}"
            raise ErpRefused(f"{_where(url)} cannot be connected to ({reason}); check the address") from None


def _where(url: URL) -> str:
    return f"database {url.set(query={}).render_as_string(hide_password=True)}"


def _kind(column: ColumnElement[object]) -> str:
    from sqlalchemy.types import NullType

    return "unknown" if isinstance(column.type, NullType) else str(column.type).lower()

"""`SqlAdapter`: items from a table or view of any database that SQLAlchemy reaches (extra `sql`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta, tzinfo
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from akeneo_erp_bridge.erp._item import ErpItem
from akeneo_erp_bridge.erp._paths import column_of
from akeneo_erp_bridge.erp._sql_changes import ChangedAt
from akeneo_erp_bridge.erp._sql_choice import comparable, lots
from akeneo_erp_bridge.erp._timestamp_cursor import Position, Stamped, TimestampCursor, timestamp_cursor
from akeneo_erp_bridge.erp.interfaces import Choice, Cursor, ErpField, ErpSchema, Health, Page
from akeneo_erp_bridge.errors import BridgeError, CursorExpired, ErpRefused, ErpUnreachable, MissingExtra

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Select, Table

ItemT = TypeVar("ItemT", bound=ErpItem)

HOT_PAGE = 500
OVERLAP: Final = timedelta(minutes=10)


class SqlAdapter(Generic[ItemT]):
    """Reads a table in the order of its key; each run reads all of it, and goes on in it after a stop.

    ::

        erp = SqlAdapter("postgresql+psycopg://reader@erp/live", Article, table="articles")
        erp = SqlAdapter("sqlite:///erp.db", Article, table="articles", changed_at="changed", zone=UTC)

    Only the columns that the mapping needs are read; a field such as ``lines[*].ean`` needs the JSON column ``lines``. The key need not be unique: rows of one key stay
    together, and never straddle two pages.

    With `changed_at`, the column that says when a row last changed, `read_items` reads all rows in the first
    run and changed ones from then on, each row by itself: rows of one key may come apart. `overlap` and
    `zone` are those of `timestamp_cursor`: how long a transaction may take (ten minutes by default), and the
    time zone of a column that names none. Prices and stock often move without this stamp, so `read_hot`
    reads all rows as before; *hot_changed_at* is the column that says when they did, where there is one, and lets
    `read_hot` read changed rows too. In SQLite, stamps are texts in ISO 8601, and count to the millisecond.

    Raises `ErpRefused` for an unknown table or column, naming those that exist, and for a row whose stamp is
    none; `ErpUnreachable` when the database does not answer. A password in the URL is never shown.
    """

    def __init__(
        self,
        url: str,
        item: type[ItemT],
        *,
        table: str,
        changed_at: str | None = None,
        hot_changed_at: str | None = None,
        overlap: timedelta = OVERLAP,
        zone: tzinfo | None = None,
    ) -> None:
        try:
            from sqlalchemy import NullPool, create_engine
            from sqlalchemy.exc import ArgumentError, NoSuchModuleError
        except ImportError as error:  # pragma: no cover - tests run with the extra installed
            raise MissingExtra("SqlAdapter", "sql") from error
        self._item = item
        self._table_name = table
        self._changed_at = changed_at
        self._hot_changed_at = hot_changed_at
        self._changes, self._hot_changes = (
            timestamp_cursor(overlap=overlap, zone=zone, source=f"{table}/{column}", first_key=None)
            for column in (changed_at, hot_changed_at)
        )
        try:
            # each read takes one connection, so a pool would only hold it open when nobody reads
            self._engine: Engine = create_engine(url, poolclass=NullPool)
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise ErpRefused(
                f"the database URL is not usable: {type(error).__name__}; write e.g. sqlite:///erp.db"
            ) from None

    def describe(self) -> ErpSchema:
        """The columns of the table, with the database's types."""
        return ErpSchema(
            self._table_name, tuple(ErpField(column.name, str(column.type).lower()) for column in self._table().columns)
        )

    def check(self) -> Health:
        """Connect, and look at the table."""
        try:
            columns = self.describe().fields
        except BridgeError as error:
            return Health(ok=False, message=str(error))
        return Health(ok=True, message=f"{self._table_name} has {len(columns)} columns")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[ItemT]]:
        """Pages of about `limit` rows by key, or by stamp and key."""
        if self._changed_at is None:
            yield from self._read(since, fields, limit, None)
        else:
            yield from self._read_changed(since, fields, limit, self._changed_at, self._changes)

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
        table = self._table()
        column = table.columns.get(choice.path)
        values = None if column is None else comparable(column, choice.values, self._engine.dialect.name)
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
        from sqlalchemy import select

        table, key_path = self._table(), self._item.key_spec().path
        names = self._names(table, fields, key_path)
        self._check_columns(table, names)
        version = hashlib.sha256(f"{self._table_name}/{names}".encode()).hexdigest()[:16]
        key = table.columns[key_path]
        query = select(*(table.columns[name] for name in names)).where(key.is_not(None)).order_by(key)
        if among is not None:
            query = query.where(table.columns[among[0]].in_(among[1]))
        last = self._position(since, version)
        if last is not None:
            query = query.where(key > last)
        with self._connected() as connection:
            for rows in self._batches(connection, query, limit, names.index(key_path)):
                items = [self._item(dict(zip(names, row, strict=True))) for row in rows]
                yield Page(items, (), Cursor("snapshot", json.dumps(items[-1].row[key_path], default=str), version))
        # the blob of a complete snapshot is empty: the next run begins anew
        yield Page((), (), Cursor("snapshot", "", version))

    def _read_changed(
        self, since: Cursor | None, fields: frozenset[str], limit: int, changed_at: str, changes: TimestampCursor
    ) -> Iterator[Page[ItemT]]:
        from sqlalchemy import select

        table, key_path = self._table(), self._item.key_spec().path
        names = self._names(table, fields, key_path)
        self._check_columns(table, [*names, changed_at])
        changed = ChangedAt(table.columns[changed_at], table.columns[key_path], self._engine.dialect.name)

        def rows(after: Position) -> Iterator[Stamped[ItemT]]:
            columns = [*(table.columns[name] for name in names), *changed.columns]
            query = select(*columns).where(*changed.after(after)).order_by(*changed.order)
            with self._connected() as connection:
                changed.check(connection)
                with connection.execution_options(stream_results=True, yield_per=limit).execute(query) as result:
                    for row in result:
                        *values, stamp, raw = tuple(row)
                        item = dict(zip(names, values, strict=True))
                        key = item[key_path]
                        # a cursor is JSON, so a key of another kind goes into it as its text
                        plain = key if isinstance(key, str | int) else str(key)
                        yield changed.moment((stamp, raw), key), plain, self._item(item)

        yield from changes.pages(since, rows, fields=frozenset(names), limit=limit)

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
            raise CursorExpired(f"{self._table_name}: the cursor is of other columns or another adapter")
        return position

    def _table(self) -> Table:
        from sqlalchemy import MetaData, Table, inspect
        from sqlalchemy.exc import NoSuchTableError

        with self._connected() as connection:
            try:
                return Table(self._table_name, MetaData(), autoload_with=connection)
            except NoSuchTableError:
                found = inspect(connection)
                there = ", ".join(sorted([*found.get_table_names(), *found.get_view_names()])[:12]) or "none"
                raise ErpRefused(f"table '{self._table_name}' is not in the database; it has: {there}") from None

    def _names(self, table: Table, fields: frozenset[str], key_path: str) -> list[str]:
        """The columns to read: a field is a column of that name, or begins in one that holds JSON."""
        return sorted({key_path, *(path if path in table.columns else column_of(path) for path in fields)})

    def _check_columns(self, table: Table, names: Sequence[str]) -> None:
        missing = [name for name in names if name not in table.columns]
        if missing:
            there = ", ".join(sorted(table.columns.keys()))
            raise ErpRefused(f"column(s) {', '.join(missing)} are not in '{self._table_name}'; it has: {there}")

    @contextmanager
    def _connected(self) -> Generator[Connection]:
        from sqlalchemy.exc import DBAPIError

        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            where = self._engine.url.render_as_string(hide_password=True)
            reason = str(error.orig).splitlines()[0] if error.orig else "no reason given"
            raise ErpUnreachable(
                f"database {where} failed: {reason}; check that it runs and that you may read it"
            ) from None

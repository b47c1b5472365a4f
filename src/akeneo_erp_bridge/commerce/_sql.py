"""Offers in a table of any database that SQLAlchemy reaches (extra `sql`)."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Self, TypeAlias

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce._sql_columns import ColumnValue, Misfit, column_value, kept_value, key_value, unfit
from akeneo_erp_bridge.commerce.interfaces import Offer, OfferResult
from akeneo_erp_bridge.erp._sql._address import UnusableAddress, engine_at, missing_file
from akeneo_erp_bridge.erp._sql._values import Values
from akeneo_erp_bridge.errors import ConfigurationError, MissingExtra, SinkError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

_Row: TypeAlias = dict[str, ColumnValue]

_SLICE: Final = 500  # keys in one query


class SqlSink:
    """Writes offers into a table of the shop's: a row for each key, a column for each feed, and one for the version.

    ::

        shop = SqlSink("postgresql+psycopg://relay@db/shop", table="offers", key="sku", columns={"available": "stock"})

    *columns* names the column of a feed where it is not called as the feed. The version column holds whole numbers: an
    offer that is older than the row has no effect. A row that is not there is added. Each call is one transaction; if
    the database refuses a row, the others are written one by one, and the offer is refused with the reason.

    Amounts go into columns of decimals or of text (in SQLite of text, since it keeps decimals as floats), and are refused
    where the column would round them. A `PriceList` or a `Stock` is JSON, in a column of JSON or of text. A value that is
    withdrawn is null.

    Raises `ConfigurationError` for a driver or a file that is missing, a table, columns or types that do not fit, `SinkError` when the database does not answer,
    and `MissingExtra` without SQLAlchemy. A password in the URL is never shown.

    >>> import sqlite3, tempfile
    >>> from decimal import Decimal
    >>> folder = tempfile.TemporaryDirectory()
    >>> with sqlite3.connect(f"{folder.name}/shop.db") as db:
    ...     _ = db.execute("CREATE TABLE offers (sku TEXT PRIMARY KEY, price TEXT, stock INTEGER, version INTEGER)")
    >>> db.close()
    >>> with SqlSink(f"sqlite:///{folder.name}/shop.db", table="offers", key="sku", columns={"available": "stock"}) as shop:
    ...     shop.deliver([Offer(ErpKey("DR-18"), {"price": Decimal("9.90"), "available": 7}, version=1)])
    ...     shop.read_offers([ErpKey("DR-18")])[0].values["available"]
    [OfferResult(key='DR-18', error=None)]
    7
    >>> folder.cleanup()
    """

    def __init__(
        self,
        url: str,
        *,
        table: str,
        key: str = "key",
        version: str = "version",
        columns: Mapping[str, str] | None = None,
    ) -> None:
        if find_spec("sqlalchemy") is None:  # pragma: no cover - tests run with the extra installed
            raise MissingExtra("SqlSink", "sql")
        self._key = key
        self._version = version
        self._columns = dict(columns or {})
        try:
            self._engine: Engine = engine_at(url, example="e.g. sqlite:///shop.db", pool_pre_ping=True)
        except UnusableAddress as error:
            raise ConfigurationError(str(error)) from None
        missing = missing_file(self._engine.url)
        if missing is not None:
            raise ConfigurationError(missing)
        try:
            self._table = self._reflected(table)
        except BaseException:
            self._engine.dispose()
            raise

    def __repr__(self) -> str:
        return f"<SqlSink: {self._table.name} in {self._engine.url.render_as_string(hide_password=True)}>"

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        """Write what is newer than the rows that are there."""
        from sqlalchemy.exc import DataError, IntegrityError

        errors: dict[ErpKey, str] = {}
        rows = [(offer.key, row) for offer in offers if (row := self._row(offer, errors)) is not None]
        with self._blamed(f"did not take {len(offers)} offers"):
            try:
                self._write([row for _, row in rows])
            except (DataError, IntegrityError):
                for key, row in rows:
                    try:
                        self._write([row])
                    except (DataError, IntegrityError) as error:
                        errors[key] = f"the database refused it: {_reason(error.orig)}"
        return [OfferResult(key, errors.get(key)) for key in dict.fromkeys(offer.key for offer in offers)]

    def read_offers(self, keys: Sequence[ErpKey]) -> Sequence[Offer]:
        """What the table has for these keys: all columns of feeds that it knows."""
        from sqlalchemy import select

        table, names = self._table, self._feeds()
        # as the database has them: what is rotten in a column must not look like a value, or hide other offers
        columns = Values(self._engine.dialect.name, None).of(table, list(table.columns.keys()))
        wanted = {value: key for key in keys if (value := key_value(table.columns[self._key], key)) is not None}
        found: list[Offer] = []
        with self._blamed("cannot be read"), self._engine.connect() as connection:
            for some in _slices(list(wanted)):
                query = select(*columns.selected).where(table.columns[self._key].in_(some))
                for row in map(columns.row, connection.execute(query)):
                    values = {feed: kept_value(row[column]) for feed, column in names.items()}
                    key = _known(wanted, row[self._key])
                    number = row[self._version]
                    found.append(Offer(key, values, version=number if isinstance(number, int) else 0))
        return found

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- rows ----
    def _row(self, offer: Offer, errors: dict[ErpKey, str]) -> _Row | None:
        """The row of an offer, or nothing, with the reason among the errors."""
        table = self._table
        key = key_value(table.columns[self._key], offer.key)
        if key is None:
            errors[offer.key] = f"column {self._key} holds whole numbers, and the key is {offer.key!r}"
            return None
        row: _Row = {self._key: key, self._version: offer.version}
        for feed, value in offer.values.items():
            name = self._columns.get(feed, feed)
            if name not in table.columns or name in (self._key, self._version):
                told = ", ".join(sorted(self._feeds().values())) or "none"
                errors[offer.key] = (
                    f"feed '{feed}' has no column of its own; name it in SqlSink(columns=...), of: {told}"
                )
                return None
            try:
                row[name] = column_value(table.columns[name], value, self._engine.dialect.name)
            except Misfit as error:
                errors[offer.key] = f"column {name}: {error}"
                return None
        return row

    def _write(self, rows: Sequence[_Row]) -> None:
        """In one transaction; a row that somebody else adds meanwhile makes the transaction begin again, once."""
        from sqlalchemy.exc import IntegrityError

        if not rows:
            return
        try:
            with self._engine.begin() as connection:
                self._put(connection, rows)
        except IntegrityError:
            with self._engine.begin() as connection:
                self._put(connection, rows)

    def _put(self, connection: Connection, rows: Sequence[_Row]) -> None:
        from sqlalchemy import insert, or_, select, update

        table = self._table
        key, version = table.columns[self._key], table.columns[self._version]
        there: set[ColumnValue] = set()
        for some in _slices([row[self._key] for row in rows]):
            there |= set(connection.execute(select(key).where(key.in_(some))).scalars())
        for row in rows:  # in the order of the offers: the same key may come twice
            if row[self._key] not in there:
                connection.execute(insert(table).values(row))
                there.add(row[self._key])
                continue
            number = row[self._version]
            changes = {name: value for name, value in row.items() if name not in (self._key, self._version)}
            change = update(table).where(key == row[self._key])
            if number:  # an offer without a version always counts, and leaves the row's as it is
                change = change.where(or_(version.is_(None), version <= number))
                changes[self._version] = number
            if changes:
                connection.execute(change.values(changes))

    # ---- the table ----
    def _feeds(self) -> dict[str, str]:
        """The column of each feed: as it was named, or one of the same name."""
        named = set(self._columns.values()) | {self._key, self._version}
        others = {name: name for name in self._table.columns.keys() if name not in named}  # noqa: SIM118 - the collection iterates over columns
        return {**others, **self._columns}

    def _reflected(self, name: str) -> Table:
        from sqlalchemy import MetaData, Table, inspect
        from sqlalchemy.exc import NoSuchTableError

        with self._blamed("cannot be read"), self._engine.connect() as connection:
            try:
                table = Table(name, MetaData(), autoload_with=connection)
            except NoSuchTableError:
                there = ", ".join(sorted(inspect(connection).get_table_names())[:12]) or "none"
                raise ConfigurationError(f"table '{name}' is not in the database; it has: {there}") from None
        missing = [one for one in (self._key, self._version, *self._columns.values()) if one not in table.columns]
        if missing:
            there = ", ".join(sorted(table.columns.keys()))
            raise ConfigurationError(f"column(s) {', '.join(missing)} are not in '{name}'; it has: {there}")
        for feed, column in self._columns.items():
            reason = unfit(table.columns[column], self._engine.dialect.name)
            if reason is not None:
                raise ConfigurationError(f"column '{column}' of feed '{feed}': {reason}")
        return table

    @contextmanager
    def _blamed(self, what: str) -> Generator[None]:
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        where = self._engine.url.render_as_string(hide_password=True)
        try:
            yield
        except DBAPIError as error:
            raise SinkError(f"database {where} {what}: {_reason(error.orig)}") from None
        except SQLAlchemyError as error:
            raise SinkError(f"database {where} {what}: {type(error).__name__}") from None


def _known(wanted: Mapping[str | int, ErpKey], raw: object) -> ErpKey:
    """The key that was asked for, which the database may write otherwise."""
    return wanted[raw] if isinstance(raw, str | int) and raw in wanted else ErpKey(str(raw))


def _reason(error: BaseException | None) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else "no reason given"


def _slices(keys: Sequence[ColumnValue]) -> Iterable[Sequence[ColumnValue]]:
    return (keys[start : start + _SLICE] for start in range(0, len(keys), _SLICE))

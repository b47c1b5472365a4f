"""What is read of a database: a table, a view or a query, its columns, and its values as they should be."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final
from typing import cast as cast_type

from attrs import frozen

from akeneo_erp_bridge.errors import ErpRefused

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause

_MYSQL: Final = ("mysql", "mariadb")
_BIT: Final = 16  # of the MySQL protocol, "Column Definition"


@frozen
class SqlSource:
    """A table or view by its name, or a query; exactly one of them."""

    table: str | None
    query: str | None
    schema: str | None

    @property
    def name(self) -> str:
        """For messages and cursors."""
        return self.table if self.table is not None else "the query"

    def opened(self, connection: Connection) -> FromClause:
        """What to select from, with the columns that are there. Raises `ErpRefused` for a table that is not."""
        return self._reflected(connection, self.table) if self.table is not None else self._queried(connection)

    def _reflected(self, connection: Connection, name: str) -> FromClause:
        from sqlalchemy import MetaData, Table, inspect
        from sqlalchemy.exc import NoSuchTableError

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a type that the library does not know is read as the driver gives it
                return Table(name, MetaData(), schema=self.schema, autoload_with=connection)
        except NoSuchTableError:
            found = inspect(connection)
            names = [*found.get_table_names(self.schema), *found.get_view_names(self.schema)]
            there = ", ".join(sorted(names)[:12]) or "none"
            raise ErpRefused(f"table '{name}' is not in the database; it has: {there}") from None

    def _queried(self, connection: Connection) -> FromClause:
        from sqlalchemy import column, text
        from sqlalchemy.dialects.mysql import BIT
        from sqlalchemy.types import NullType

        query = (self.query or "").strip().rstrip(";").replace(":", "\\:")  # nothing in it is a parameter
        with connection.execute(text(f"SELECT * FROM ({query}) items_ WHERE 1 = 0")) as result:
            described = result.cursor.description if result.cursor is not None else ()
            is_mysql = connection.dialect.name in _MYSQL
            kinds = [BIT() if is_mysql and one[1] == _BIT else NullType() for one in described or ()]
            columns = [column(name, kind) for name, kind in zip(result.keys(), kinds, strict=True)]
        return text(query).columns(*columns).subquery("items_")


@frozen
class KeyOrder:
    """The order of keys, in which also those differ that the database takes for equal.

    Collations that do not look at case or trailing blanks, which are the rule in MariaDB and SQL Server, give such keys in
    any order: a page that ends between two of them would lose the other one.
    """

    key: ColumnElement[object]
    dialect: str
    is_exact: bool
    """Whether the database's own order tells all keys apart."""

    @classmethod
    def of(cls, source: FromClause, key: ColumnElement[object], dialect: str) -> KeyOrder:
        """The order of a source's key."""
        is_exact = dialect == "postgresql" or not _may_be_text(key) or _is_unique(source, key)
        return cls(key, dialect, is_exact)

    @property
    def columns(self) -> list[ColumnElement[object]]:
        """What to order by."""
        return [self.key] if self.is_exact else [self.key, _as_bytes(self.key, self.dialect)]

    def beyond(self, last: object) -> ColumnElement[bool]:
        """What holds for the keys after another."""
        from sqlalchemy import and_, or_

        if self.is_exact:
            return self.key > last
        tied = _as_bytes(self.key, self.dialect) > _as_bytes(last, self.dialect)
        return or_(self.key > last, and_(self.key == last, tied))


def _as_bytes(value: object, dialect: str) -> ColumnElement[object]:
    from sqlalchemy import ColumnElement, LargeBinary, String, Unicode, cast, func, literal, literal_column
    from sqlalchemy.dialects.mssql import VARBINARY

    # the cast: what `isinstance` says of a generic class is less than what the caller knows
    text = cast_type("ColumnElement[object]", value if isinstance(value, ColumnElement) else literal(value, String()))
    if dialect in _MYSQL:
        text = func.convert(text.op("USING")(literal_column("utf8mb4")))  # columns have character sets of their own
    elif dialect == "mssql":
        return cast(cast(text, Unicode(450)), VARBINARY(900))  # type: ignore[no-untyped-call]  # the library types most constructors, and not this one
    return cast(text, LargeBinary)


def _may_be_text(key: ColumnElement[object]) -> bool:
    from sqlalchemy.types import NullType

    try:
        return isinstance(key.type, NullType) or key.type.python_type is str
    except NotImplementedError:
        return True


def _is_unique(source: FromClause, key: ColumnElement[object]) -> bool:
    from sqlalchemy import Table, UniqueConstraint

    if not isinstance(source, Table):
        return False
    alone = [key.key]
    if [one.key for one in source.primary_key.columns] == alone:
        return True
    constraints = [
        [one.key for one in each.columns] for each in source.constraints if isinstance(each, UniqueConstraint)
    ]
    indexes = [[one.key for one in each.columns] for each in source.indexes if each.unique]
    return alone in constraints or alone in indexes


@frozen
class Values:
    """Values of rows as a rule can use them.

    MariaDB's days of zeros ('0000-00-00') are no days, so they are null. A moment without a zone gets `zone`, where given.
    """

    dialect: str
    zone: tzinfo | None

    def row(self, names: Sequence[str], values: Sequence[object]) -> dict[str, object]:
        """A row by column."""
        if self.zone is None and self.dialect not in _MYSQL:
            return dict(zip(names, values, strict=True))
        return {name: self._value(one) for name, one in zip(names, values, strict=True)}

    def _value(self, value: object) -> object:
        if isinstance(value, datetime) and value.tzinfo is None and self.zone is not None:
            return value.replace(tzinfo=self.zone)
        if isinstance(value, str) and self.dialect in _MYSQL and value.startswith("0000-00-00"):
            return None
        return value

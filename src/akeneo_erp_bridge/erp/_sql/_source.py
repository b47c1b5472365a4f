"""What is read of a database: a table, a view or a query, and its columns."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from akeneo_erp_bridge.errors import ErpRefused

if TYPE_CHECKING:
    from sqlalchemy import Connection, FromClause
    from sqlalchemy.types import TypeEngine

MYSQL: Final = ("mysql", "mariadb")


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
        from sqlalchemy.types import NullType

        query = (self.query or "").strip().rstrip(";").replace(":", "\\:")  # nothing in it is a parameter
        with connection.execute(text(f"SELECT * FROM ({query}) items_ WHERE 1 = 0")) as result:
            described = result.cursor.description if result.cursor is not None else ()
            known = _kinds(connection.dialect.name)
            kinds = [known.get(one[1], NullType()) for one in described or ()]
            columns = [column(name, kind) for name, kind in zip(result.keys(), kinds, strict=True)]
        return text(query).columns(*columns).subquery("items_")


def _kinds(dialect: str) -> Mapping[object, TypeEngine[Any]]:  # Any: the values of each type are its own
    """The types of a query's columns that matter for reading, by the numbers that drivers tell them by.

    MySQL: "Column Definition" of its protocol. PostgreSQL: its table pg_type.
    """
    from sqlalchemy.dialects.mysql import BIT
    from sqlalchemy.types import Date, DateTime, Time

    if dialect in MYSQL:
        return {16: BIT(), 7: DateTime(), 10: Date(), 12: DateTime()}
    if dialect == "postgresql":
        return {1082: Date(), 1083: Time(), 1114: DateTime(), 1184: DateTime(timezone=True)}
    return {}

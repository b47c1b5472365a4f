"""What one read of a database selects, and how its rows come in: in parts, and with an error that is one of ours."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from attrs import frozen

from akeneo_erp_bridge.erp._paths import column_of
from akeneo_erp_bridge.erp._sql._keys import KeyOrder, place_of
from akeneo_erp_bridge.erp._sql._nested import Nested, with_lines
from akeneo_erp_bridge.erp._sql._source import SqlSource
from akeneo_erp_bridge.erp._sql._values import Columns, Values
from akeneo_erp_bridge.errors import ErpRefused

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause, Select

Found = tuple[object, ...]
"""A row as it was selected."""


@frozen
class Reading:
    """Columns of a source, and lists beside them."""

    source: FromClause
    columns: Columns
    key_path: str
    keys: KeyOrder
    version: str
    """A fingerprint of what is read, for cursors."""
    lists: Mapping[str, tuple[Nested, FromClause]]
    values: Values

    @classmethod
    def opened(
        cls,
        connection: Connection,
        source: SqlSource,
        nested: Mapping[str, Nested],
        key_path: str,
        fields: frozenset[str],
        values: Values,
        *more: str,
    ) -> Reading:
        """What to select for some fields; *more* columns must be there. Raises `ErpRefused` where one is not."""
        opened = source.opened(connection)
        columns = {path if path in opened.c else column_of(path) for path in fields}
        lists = {name: (one, one.source.opened(connection)) for name, one in nested.items() if name in columns}
        names = sorted({key_path, *columns}.difference(lists))
        missing = [name for name in (*names, *more) if name not in opened.c]
        if missing:
            there = ", ".join(sorted([*opened.c.keys(), *nested]))
            raise ErpRefused(f"column(s) {', '.join(missing)} are not in '{source.name}'; it has: {there}")
        facts = f"{source.table or source.query}/{names}" + (f"/{sorted(lists)}" if lists else "")
        version = hashlib.sha256(f"{facts}{''.join(f'/{one}' for one in more)}".encode()).hexdigest()[:16]
        keys = KeyOrder.of(opened, opened.c[key_path], values.dialect)
        return cls(opened, values.of(opened, names), key_path, keys, version, lists, values)

    @property
    def names(self) -> frozenset[str]:
        """The columns and lists that are read."""
        return frozenset((*self.columns.names, *self.lists))

    def query(self, *more: ColumnElement[object]) -> Select[Found]:
        """All rows; with what is selected besides at their end."""
        from sqlalchemy import select

        # the cast: the library types queries by their columns, of which nobody knows how many there are
        return cast("Select[Found]", select(*self.columns.selected, *more))

    def key(self, found: Found) -> object:
        """The key of a row as the database has it."""
        return found[self._key_at]

    @property
    def _key_at(self) -> int:
        return self.columns.names.index(self.key_path)

    def place(self, found: Sequence[Found]) -> str | int | None:
        """The last key among these rows that a cursor can hold; `None` where there is none."""
        places = (place_of(self.key(one)) for one in reversed(found))
        return next((one for one in places if one is not None), None)

    def rows(self, found: Sequence[Found], connection: Connection) -> list[dict[str, object]]:
        """The rows by column, with their lines inside."""
        rows = [self.columns.row(one) for one in found]
        if not self.lists or not rows:
            return rows
        connection.rollback()  # lines are read as they are now, never as they were before their item changed
        return with_lines(rows, [self.key(one) for one in found], self.lists, connection, self.values)

    def batches(self, connection: Connection, query: Select[Found], limit: int) -> Iterator[list[Found]]:
        """Batches that end where the key changes, so that a cursor never falls between two rows of one key."""
        batch: list[Found] = []
        at = self._key_at
        for some in streamed(connection, query, limit):
            for found in some:
                if len(batch) >= limit and found[at] != batch[-1][at]:
                    yield batch
                    batch = []
                batch.append(found)
        if batch:
            yield batch


def streamed(connection: Connection, query: Select[Found], limit: int) -> Iterator[list[Found]]:
    """The rows of a query, some at a time.

    Raises `ErpRefused` for a value that the driver fails on, and cannot tell which one it was.
    """
    # closed here even when the reader leaves in the middle: a server-side cursor is not given back by itself
    with connection.execution_options(stream_results=True, yield_per=limit).execute(query) as result:
        while True:
            try:
                some = result.fetchmany(limit)
            except (ValueError, TypeError, ArithmeticError, LookupError) as error:
                raise ErpRefused(
                    f"the database's driver cannot read a value ({type(error).__name__}: {error}); "
                    "read a view or a query in which its column is a text"
                ) from None
            if not some:
                return
            yield [tuple(row) for row in some]

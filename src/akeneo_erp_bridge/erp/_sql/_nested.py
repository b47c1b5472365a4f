"""`Nested`: rows of another table inside of an item's row, such as texts by language or stock by warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from uuid import UUID

from attrs import field, frozen

from akeneo_erp_bridge.erp._sql._choice import lots
from akeneo_erp_bridge.erp._sql._keys import untyped
from akeneo_erp_bridge.erp._sql._source import SqlSource
from akeneo_erp_bridge.erp._sql._values import Values
from akeneo_erp_bridge.errors import ConfigurationError, ErpRefused

if TYPE_CHECKING:
    from sqlalchemy import Connection, FromClause


_KEYS: Final = (str, int, Decimal, UUID)
_LONGEST_NUMBER: Final = 40


def _some(_: Nested, __: object, value: Sequence[str]) -> None:
    if not value:
        raise ConfigurationError("Nested(columns=[]) would read nothing; name the columns that a line has")


@frozen(kw_only=True)
class Nested:
    """A table or query whose rows belong to items: column `by` holds the item's key, and `columns` are kept, in that order.

    ::

        SqlAdapter(url, Article, table="articles", nested={
            "texts": Nested(table="article_texts", by="article", columns=["language", "name"]),
            "stock": Nested(table="stock", by="article", columns=["warehouse", "pieces"]),
        })

    On the item, ``texts = translations("texts", language="language", text="name")``, and
    ``pieces = hot(int, "stock[*].pieces").many()`` or ``stock = hot(Lines, "stock")``. An item without rows has an empty list.
    They are read a page at a time; give `by` an index. Only the columns named are read: who declares the list, declares
    what is in it.

    With `changed_at` or `sequence`, a change in such a table alone is not seen: have the stamp of the item follow, or read a
    view whose stamp is the latest of both. Raises `ConfigurationError` for a table and a query at once, or no column.

    >>> Nested(by="article", columns=["language", "name"], query="SELECT * FROM texts").source.query
    'SELECT * FROM texts'
    >>> Nested(by="article", columns=["language", "name"])
    Traceback (most recent call last):
    akeneo_erp_bridge.errors.ConfigurationError: Nested(by='article'): name a table= or a query=, and not both
    """

    by: str
    columns: Sequence[str] = field(validator=_some)
    table: str | None = None
    query: str | None = None
    schema: str | None = None

    def __attrs_post_init__(self) -> None:
        if (self.table is None) == (self.query is None):
            raise ConfigurationError(f"Nested(by={self.by!r}): name a table= or a query=, and not both")

    @property
    def source(self) -> SqlSource:
        """What is read."""
        return SqlSource(self.table, self.query, self.schema)

    def lines(
        self, connection: Connection, source: FromClause, keys: Sequence[object], values: Values
    ) -> dict[object, list[dict[str, object]]]:
        """The rows of some keys, by what `alike` makes of a key."""
        from sqlalchemy import select

        missing = [name for name in (self.by, *self.columns) if name not in source.c]
        if missing:
            there = ", ".join(sorted(source.c.keys()))
            raise ErpRefused(f"column(s) {', '.join(missing)} are not in '{self.source.name}'; it has: {there}")
        by = untyped(source.c[self.by]) if values.dialect == "sqlite" else source.c[self.by]
        columns = values.of(source, list(self.columns))
        found: dict[object, list[dict[str, object]]] = {}
        for some in lots(list(dict.fromkeys(keys))):
            query = select(by, *columns.selected).where(by.in_(some)).order_by(by, *columns.wanted)
            for owner, *line in connection.execute(query):
                found.setdefault(alike(owner, values.dialect), []).append(columns.row(line))
        return found


def alike(key: object, dialect: str) -> object:
    """Keys that the database takes for equal, as one: elsewhere than in PostgreSQL and SQLite, case and trailing blanks."""
    if isinstance(key, str) and dialect not in ("postgresql", "sqlite"):
        return key.rstrip(" ").casefold()
    return key


def _lines_of(lines: Mapping[object, list[dict[str, object]]], key: object, dialect: str) -> list[dict[str, object]]:
    """The lines of a key, also where one of both columns is of texts and the other of numbers: 7 and '7', in MySQL '007'."""
    found = lines.get(alike(key, dialect), [])
    if isinstance(key, str):
        number = key.strip()
        is_number = len(number) <= _LONGEST_NUMBER and number.isascii() and number.isdecimal()
        return [*found, *lines.get(int(number), [])] if is_number else found
    return [*found, *lines.get(str(key), [])] if isinstance(key, int) else found


def with_lines(
    rows: Sequence[Mapping[str, object]],
    keys: Sequence[object],
    nested: Mapping[str, tuple[Nested, FromClause]],
    connection: Connection,
    values: Values,
) -> list[dict[str, object]]:
    """The same rows with their lines inside; *keys* are theirs, as the database has them."""
    owners = [key for key in keys if isinstance(key, _KEYS)]  # nothing belongs to what is no key
    whole = [dict(row) for row in rows]
    for into, (one, source) in nested.items():
        lines = one.lines(connection, source, owners, values)
        for row, key in zip(whole, keys, strict=True):
            row[into] = _lines_of(lines, key, values.dialect) if isinstance(key, _KEYS) else []
    return whole

"""The key of a table: the order it gives, rows whose key is none, and rows whose keys are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from typing import cast as cast_type
from uuid import UUID

from attrs import frozen

from akeneo_erp_bridge.erp._sql._choice import comparable
from akeneo_erp_bridge.erp._sql._source import MYSQL

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause


_SQLITE_KEYS: Final = ("integer", "text")
_LONGEST_NUMBER: Final = 40


def untyped(column: ColumnElement[object]) -> ColumnElement[object]:
    """The column as the driver gives it and takes it, whatever its type promises: SQLite does not keep the promise."""
    from sqlalchemy import type_coerce
    from sqlalchemy.types import NullType

    return type_coerce(column, NullType())


def place_of(key: object) -> str | int | None:
    """A key as a cursor holds it, from where to go on: a cursor is JSON, so one of another kind goes into it as its text.

    `None` for what nothing can be compared with, such as a text that could not be read.
    """
    if isinstance(key, str | int):
        return key
    return str(key) if isinstance(key, Decimal | UUID) else None


def asked_for(column: ColumnElement[object], keys: Sequence[str], dialect: str) -> list[object] | None:
    """The keys as the column is compared with them; `None` where only Python can."""
    from sqlalchemy import Uuid
    from sqlalchemy.types import NullType

    if dialect == "sqlite":  # a column may hold texts and numbers, and a column without a type compares them as such
        return [*keys, *(number for one in keys if (number := _number(one)) is not None)]
    if isinstance(column.type, NullType):
        return [*keys]
    if isinstance(column.type, Uuid):
        return [uuid for one in keys if (uuid := _uuid(one)) is not None]
    values = comparable(column, keys, dialect)
    return None if values is None else [*values]


def _number(key: str) -> int | None:
    if len(key) > _LONGEST_NUMBER or not (key.isascii() and key.removeprefix("-").isdecimal()):
        return None
    number = int(key)
    return number if str(number) == key and abs(number) < 2**63 else None


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


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
        return cls(untyped(key) if dialect == "sqlite" else key, dialect, is_exact)

    @property
    def is_key(self) -> ColumnElement[bool]:
        """What holds for the rows that have a key. SQLite holds anything in any column, and only numbers and texts are keys."""
        from sqlalchemy import func

        if self.dialect == "sqlite":
            return func.typeof(self.key).in_(_SQLITE_KEYS)
        return self.key.is_not(None)

    @property
    def is_none(self) -> ColumnElement[bool]:
        """What holds for all the others: they can be told, and not found again by their key."""
        from sqlalchemy import func

        return func.typeof(self.key).not_in(_SQLITE_KEYS) if self.dialect == "sqlite" else self.key.is_(None)

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
    if dialect in MYSQL:
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

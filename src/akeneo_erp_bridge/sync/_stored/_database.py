"""What a state asks of its database, whichever that is: sessions, transactions, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from attrs import frozen

T = TypeVar("T")

Bound: TypeAlias = str | int | None
"""What a column holds."""

Row: TypeAlias = tuple[Any, ...]
"""One row of an answer. What its places hold is said by the query beside it, which no checker reads."""

_SLICE: Final = 500  # keys in one query; SQLite's default allows at least 999 variables
_AT_ONCE: Final = 500  # rows in memory while a table is walked through


class Rows(Protocol):
    """The answer to a query."""

    def __iter__(self) -> Iterator[Row]:
        """Row by row."""
        ...

    def fetchone(self) -> Row | None:
        """The next row."""
        ...


class Session(Protocol):
    """Runs SQL that SQLite and PostgreSQL understand alike; a question mark stands for a value."""

    def execute(self, query: str, values: Sequence[Bound] = (), /) -> Rows:
        """One statement."""
        ...

    def executemany(self, statement: str, rows: Iterable[Sequence[Bound]], /) -> object:
        """One statement for each row."""
        ...


class Reader(Protocol):
    """Reads tables."""

    def read(self, work: Callable[[Session], T]) -> T:
        """Do what only reads. It may be done twice."""
        ...


class Database(Reader, Protocol):
    """A place for tables, with one writer. What goes wrong there is a `StateError` that says what to do."""

    @property
    def name(self) -> str:
        """What it is called in messages; without a password."""
        ...

    def write(self, work: Callable[[Session], T]) -> T:
        """Do it as one transaction. Done twice, it must leave what it leaves when it is done once."""
        ...

    def size(self) -> int:
        """How many bytes it takes."""
        ...

    def shrink(self) -> None:
        """Give back the room of what was deleted."""
        ...

    def back_up(self, path: Path) -> None:
        """Write a state file with all that is settled now."""
        ...

    def close(self) -> None:
        """Give up the writer's place."""
        ...


@frozen
class Table:
    """A table: the columns that make a row the same one, and the others."""

    name: str
    key: tuple[str, ...]
    rest: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, in the order of `put`'s values."""
        return self.key + self.rest

    def put(self, otherwise: Mapping[str, str] = MappingProxyType({})) -> str:
        """The statement that adds a row, or takes the place of the one with its key.

        *otherwise* names columns of which something else than the new value stays.

        >>> Table("origin", ("stream",), ("origin",)).put()
        'INSERT INTO origin (stream, origin) VALUES (?, ?) ON CONFLICT (stream) DO UPDATE SET origin = excluded.origin'
        """
        changes = ", ".join(f"{one} = {otherwise.get(one, f'excluded.{one}')}" for one in self.rest)
        return f"{self.insert()} ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {changes}"

    def insert(self) -> str:
        """The statement that adds a row that is not there."""
        marks = ", ".join("?" * len(self.columns))
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({marks})"

    def walk(self, database: Reader, *fixed: str) -> Iterator[Row]:
        """All rows in the order of the key, few in memory at a time; *fixed* are the first columns of the key."""
        columns, order = ", ".join(self.columns), ", ".join(self.key)
        given = " AND ".join(f"{one} = ?" for one in self.key[: len(fixed)])
        moving = self.key[len(fixed) :]
        behind = f"({', '.join(moving)}) > ({', '.join('?' * len(moving))})"
        values: tuple[Bound, ...] = fixed
        conditions = [given] if given else []
        while True:
            where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
            query = f"SELECT {columns} FROM {self.name}{where} ORDER BY {order} LIMIT {_AT_ONCE}"
            rows = database.read(_all(query, values))
            yield from rows
            if len(rows) < _AT_ONCE:
                return
            conditions = [*([given] if given else []), behind]
            values = (*fixed, *rows[-1][len(fixed) : len(self.key)])


def _all(query: str, values: Sequence[Bound]) -> Callable[[Session], list[Row]]:
    return lambda db: list(db.execute(query, values))


def among(db: Session, query: str, stream: str, keys: Sequence[str]) -> Iterator[Row]:
    """The answers to a query that ends in ``WHERE stream = ? AND key IN``, for any number of keys."""
    for start in range(0, len(keys), _SLICE):
        some = keys[start : start + _SLICE]
        yield from db.execute(f"{query} ({','.join('?' * len(some))})", (stream, *some))


def delete_among(db: Session, table: Table, stream: str, keys: Iterable[str]) -> None:
    """Drop the rows of these keys."""
    doomed = list(dict.fromkeys(keys))
    for start in range(0, len(doomed), _SLICE):
        some = doomed[start : start + _SLICE]
        marks = ",".join("?" * len(some))
        db.execute(f"DELETE FROM {table.name} WHERE stream = ? AND key IN ({marks})", (stream, *some))


def number(db: Session, query: str, *values: Bound) -> int:
    """The only number of an answer; 0 where there is no row."""
    row = db.execute(query, values).fetchone()
    return int(row[0]) if row else 0

"""Which SKU was given to which product: reserved before it is used, by any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

from attrs import frozen

from akeneo_erp_bridge._sqlite_file import FileKind, SqliteFile
from akeneo_erp_bridge.sync._stored._database import Session

__all__ = ["PostgresSkuBook", "Reservation", "SkippedNumber", "SkuBook", "SqliteSkuBook"]

T = TypeVar("T")

SCHEMA: Final = (
    "CREATE TABLE counter (scope TEXT PRIMARY KEY, last BIGINT NOT NULL)",
    "CREATE TABLE reserved (owner TEXT PRIMARY KEY, scope TEXT NOT NULL, number BIGINT NOT NULL, sku TEXT NOT NULL,"
    " folded TEXT NOT NULL UNIQUE)",
    "CREATE TABLE skipped (scope TEXT NOT NULL, number BIGINT NOT NULL, sku TEXT NOT NULL, reason TEXT NOT NULL,"
    " PRIMARY KEY (scope, number))",
)
"""In the SQL that both databases understand. The PIM compares identifiers without their case: so does `folded`."""


@frozen
class Reservation:
    """A SKU that belongs to a product, whether it bears it already or not; `owner` is the product's name in the PIM.

    >>> Reservation("7e0c", "DR-00042", scope="DR-", number=42).sku
    'DR-00042'
    """

    owner: str
    sku: str
    scope: str
    number: int


@frozen
class SkippedNumber:
    """A number that no product has, and why.

    >>> SkippedNumber("DR-", 41, "DR-00041", "it is taken in the PIM or in the ERP").number
    41
    """

    scope: str
    number: int
    sku: str
    reason: str


class SkuBook(Protocol):
    """Where reservations are kept. Unlike a queue it must not be lost: back it up with the state.

    A book that is lost all the same gives no number twice that a PIM or an ERP knows: `NewSkus` asks both. What was reserved and
    not yet used may be given anew.
    """

    def reserve(self, owner: str, scope: str, start: int, make: Callable[[int], str]) -> Reservation:
        """The SKU of this owner: the one that it has, else the next number of the scope, made a SKU.

        Safe on disk when it returns. Two workers never get one number, and one owner never two: asked again, also after a
        kill, it is the same. So a crash leaves no gap.
        """
        ...

    def replace(self, reservation: Reservation, reason: str, upto: int, make: Callable[[int], str]) -> Reservation:
        """The next SKU for its owner, since this one turned out to be taken; numbers up to *upto* are known to be, too."""
        ...

    def release(self, owner: str, reason: str) -> None:
        """The owner is no more, or has another SKU, before it bore this one: the number is skipped, and listed.

        For programs of your own: `PimFirst` leaves it reserved, so that it is not given to another.
        """
        ...

    def reserved(self) -> Iterator[Reservation]:
        """All reservations, by owner."""
        ...

    def skipped(self) -> Iterator[SkippedNumber]:
        """The numbers that were reserved and are left out, by scope; not those behind them that were found taken, too."""
        ...


class Book:
    """A book in a database; *done* carries out what is to be one transaction, which others wait for."""

    def __init__(self, done: Callable[[Callable[[Session], object]], object], close: Callable[[], None]) -> None:
        self._work = done
        self._close = close
        self._lock = Lock()

    def _done(self, work: Callable[[Session], T]) -> T:
        found: list[T] = []

        def once(db: Session) -> None:
            found[:] = [work(db)]

        with self._lock:
            self._work(once)
        return found[0]

    def reserve(self, owner: str, scope: str, start: int, make: Callable[[int], str]) -> Reservation:
        """The SKU of this owner; see `SkuBook.reserve`."""
        return self._done(lambda db: _known(db, owner) or _next(db, owner, scope, start - 1, make))

    def replace(self, reservation: Reservation, reason: str, upto: int, make: Callable[[int], str]) -> Reservation:
        """The next one; see `SkuBook.replace`."""

        def work(db: Session) -> Reservation:
            known = _known(db, reservation.owner)
            if known is not None and known != reservation:
                return known  # another worker was told the same, and was faster
            _skip(db, reservation, reason)
            return _next(db, reservation.owner, reservation.scope, upto, make)

        return self._done(work)

    def release(self, owner: str, reason: str) -> None:
        """Give up; see `SkuBook.release`."""

        def work(db: Session) -> None:
            known = _known(db, owner)
            if known is not None:
                _skip(db, known, reason)

        self._done(work)

    def reserved(self) -> Iterator[Reservation]:
        """All of them."""
        query = "SELECT owner, sku, scope, number FROM reserved ORDER BY owner"
        yield from self._done(lambda db: [Reservation(*row) for row in db.execute(query)])

    def skipped(self) -> Iterator[SkippedNumber]:
        """All of them."""
        query = "SELECT scope, number, sku, reason FROM skipped ORDER BY scope, number"
        yield from self._done(lambda db: [SkippedNumber(*row) for row in db.execute(query)])

    def close(self) -> None:
        """Give the place of the book back."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _known(db: Session, owner: str) -> Reservation | None:
    row = db.execute("SELECT owner, sku, scope, number FROM reserved WHERE owner = ?", (owner,)).fetchone()
    return None if row is None else Reservation(*row)


def _next(db: Session, owner: str, scope: str, above: int, make: Callable[[int], str]) -> Reservation:
    row = db.execute("SELECT last FROM counter WHERE scope = ?", (scope,)).fetchone()
    number = max(above, int(row[0]) if row is not None else above) + 1
    made = make(number)
    # another scope may have made the same text: "A" + "11" and "A1" + "1"
    while db.execute("SELECT 1 FROM reserved WHERE folded = ?", (made.lower(),)).fetchone() is not None:
        _note(db, SkippedNumber(scope, number, made, "another product has it reserved"))
        number += 1
        made = make(number)
    db.execute(
        "INSERT INTO counter (scope, last) VALUES (?, ?) ON CONFLICT (scope) DO UPDATE SET last = excluded.last",
        (scope, number),
    )
    db.execute(
        "INSERT INTO reserved (owner, scope, number, sku, folded) VALUES (?, ?, ?, ?, ?)",
        (owner, scope, number, made, made.lower()),
    )
    return Reservation(owner, made, scope, number)


def _skip(db: Session, reservation: Reservation, reason: str) -> None:
    db.execute("DELETE FROM reserved WHERE owner = ?", (reservation.owner,))
    _note(db, SkippedNumber(reservation.scope, reservation.number, reservation.sku, reason))


def _note(db: Session, one: SkippedNumber) -> None:
    db.execute(
        "INSERT INTO skipped (scope, number, sku, reason) VALUES (?, ?, ?, ?) ON CONFLICT (scope, number) DO NOTHING",
        (one.scope, one.number, one.sku, one.reason),
    )


_FILE: Final = FileKind(
    name="SKU book",
    holds="SKUs",
    application=0x45525342,
    version=1,
    schema=("CREATE TABLE store (id TEXT NOT NULL)", *SCHEMA),
    first_line="INSERT INTO store VALUES (?)",
    pragmas=("PRAGMA journal_mode = WAL", "PRAGMA busy_timeout = 30000"),
)


class _File(SqliteFile):
    def __init__(self, path: Path) -> None:
        super().__init__(path, _FILE)

    def done(self, work: Callable[[Session], object]) -> None:
        with self.transaction():
            work(self._db)


class SqliteSkuBook(Book):
    """A book in a file (mode 0600), for one machine; several processes may use it at once.

    Raises `StateError` for a file that cannot be used, or is something else.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, SqliteSkuBook(f"{folder}/skus.db") as book:
    ...     one, again = (book.reserve("7e0c", "DR-", 1, "DR-{:05}".format) for _ in range(2))
    ...     print(one.sku, again == one)
    DR-00001 True
    """

    def __init__(self, path: Path | str) -> None:
        file = _File(Path(path))
        super().__init__(file.done, file.close)


class PostgresSkuBook(Book):
    """What `SqliteSkuBook` keeps, in a schema of a PostgreSQL database (extra `postgres`): for workers on several machines.

    *dsn* is what PostgreSQL's own programs take. The schema is made where it is not there, and belongs to the book alone.

    Raises `MissingExtra` without the extra, `ConfigurationError` for an address that cannot be read, and `StateError` where
    the server does not answer, refuses, or holds something else.

    >>> PostgresSkuBook("postgresql://bridge@127.0.0.1:9/bridge")
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.StateError: the SKU book in PostgreSQL, database bridge, host 127.0.0.1, port 9, ...
    """

    def __init__(self, dsn: str, schema: str = "akeneo_erp_bridge_skus") -> None:
        from akeneo_erp_bridge.sync.pim_first._postgres_book import PostgresBookPlace  # needs an extra

        place = PostgresBookPlace(dsn, schema)
        super().__init__(place.done, place.close)

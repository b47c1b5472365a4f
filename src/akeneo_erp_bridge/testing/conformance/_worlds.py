"""What a vendor's sandbox can do to the ERP behind the adapter: two methods that each has, and further ones.

Each of the further protocols has one method. A world has those that its sandbox can keep; the laws that need
another are absent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable


class ErpWorld(Protocol):
    """The sandbox behind the adapter; what each has.

    What a method did, everyone can see when it returns. A world that has `close` is closed after its last law.

    >>> import itertools
    >>> import sqlite3
    >>> class Sandbox:
    ...     def __init__(self):
    ...         self.db = sqlite3.connect(":memory:")
    ...         self.db.execute("CREATE TABLE articles (number TEXT, name TEXT)")
    ...         self.db.executemany("INSERT INTO articles VALUES (?, 'Drill')", [(f"DR-{number}",) for number in range(4)])
    ...         self.edits = itertools.count()
    ...     def keys(self):
    ...         return [key for (key,) in self.db.execute("SELECT number FROM articles")]
    ...     def edit_cold(self, key):
    ...         with self.db:
    ...             self.db.execute("UPDATE articles SET name = ? WHERE number = ?", (f"Edit {next(self.edits)}", key))
    ...     def close(self):
    ...         self.db.close()
    >>> sandbox = Sandbox()
    >>> sandbox.edit_cold("DR-2")
    >>> sandbox.keys(), sandbox.db.execute("SELECT name FROM articles WHERE number = 'DR-2'").fetchone()
    (['DR-0', 'DR-1', 'DR-2', 'DR-3'], ('Edit 0',))
    >>> sandbox.close()
    """

    def keys(self) -> Collection[str]:
        """The keys of all items that the adapter is to read, four or more."""
        ...

    def edit_cold(self, key: str) -> None:
        """Give one cold field of this item a value that it never had, as the ERP's own users do."""
        ...


@runtime_checkable
class EditsHot(Protocol):
    """Moves a price or a stock.

    >>> class Sandbox:
    ...     stock = {"DR-18": 7}
    ...     def edit_hot(self, key):
    ...         self.stock[key] += 1
    >>> isinstance(Sandbox(), EditsHot), isinstance(Sandbox(), Deletes)  # by its methods
    (True, False)
    """

    def edit_hot(self, key: str) -> None:
        """Give one hot field of this item a value that it never had, and leave the cold ones alone."""
        ...


@runtime_checkable
class EditsAtOnce(Protocol):
    """Edits with one stamp: in one transaction, or with a clock that stands still.

    >>> class Sandbox:
    ...     rows = {"DR-18": ("Drill", "09:00"), "DR-20": ("Drill", "09:05")}
    ...     def edit_at_once(self, keys):
    ...         self.rows |= {key: (f"Edited {key}", "10:00") for key in keys}
    >>> sandbox = Sandbox()
    >>> sandbox.edit_at_once(["DR-18", "DR-20"])
    >>> sandbox.rows
    {'DR-18': ('Edited DR-18', '10:00'), 'DR-20': ('Edited DR-20', '10:00')}
    """

    def edit_at_once(self, keys: Sequence[str]) -> None:
        """As `edit_cold` for each of these items, all with the same stamp."""
        ...


@runtime_checkable
class EditsLate(Protocol):
    """Transactions that take their time.

    >>> from contextlib import contextmanager
    >>> class Sandbox:
    ...     rows = {"DR-18": ("Drill", "09:00")}
    ...     @contextmanager
    ...     def edit_late(self, key):
    ...         stamp = "10:00"  # the clock, as the transaction begins
    ...         yield
    ...         self.rows[key] = ("Edited", stamp)
    >>> with Sandbox().edit_late("DR-18"):
    ...     print(Sandbox.rows)
    {'DR-18': ('Drill', '09:00')}
    >>> Sandbox.rows
    {'DR-18': ('Edited', '10:00')}
    """

    def edit_late(self, key: str) -> AbstractContextManager[object]:
        """As `edit_cold`, with the stamp of entering; nobody sees the edit until the context is left."""
        ...


@runtime_checkable
class EditsAhead(Protocol):
    """A clock that is wrong.

    >>> from datetime import UTC, datetime, timedelta
    >>> class Sandbox:
    ...     now, rows = datetime(2026, 6, 10, tzinfo=UTC), {}
    ...     def edit_ahead(self, key):
    ...         self.rows[key] = ("Edited", self.now + timedelta(days=365))
    >>> Sandbox().edit_ahead("DR-18")
    >>> Sandbox.rows["DR-18"][1].isoformat()
    '2027-06-10T00:00:00+00:00'
    """

    def edit_ahead(self, key: str) -> None:
        """As `edit_cold`, with a stamp a year ahead."""
        ...


@runtime_checkable
class Deletes(Protocol):
    """Deletion, as the ERP deletes: for good, by a mark, or by archiving.

    >>> class Sandbox:
    ...     rows = {"DR-18": {"name": "Drill", "archived": False}}
    ...     def delete(self, key):
    ...         self.rows[key]["archived"] = True  # as this ERP deletes
    >>> Sandbox().delete("DR-18")
    >>> Sandbox.rows
    {'DR-18': {'name': 'Drill', 'archived': True}}
    """

    def delete(self, key: str) -> None:
        """Delete this item."""
        ...


@runtime_checkable
class Creates(Protocol):
    """New items with given values.

    >>> from akeneo_erp_bridge.testing.conformance import CannotHold
    >>> class Sandbox:
    ...     rows = {}
    ...     def create(self, key, values):
    ...         if len(str(values.get("name", ""))) > 64:
    ...             raise CannotHold("name", "names end at 64 characters")
    ...         self.rows[key] = {"name": "Drill", **values}
    ...         return key
    >>> Sandbox().create("DR-18", {"weight": None}), Sandbox.rows
    ('DR-18', {'DR-18': {'name': 'Drill', 'weight': None}})
    """

    def create(self, key: str, values: Mapping[str, object]) -> str:
        """Create an item, and give its key: the one asked for, or the ERP's own where the ERP numbers its items.

        `values` are by path: a text, a whole number, a `Decimal`, a boolean, a day, a moment with its zone, or `None`
        for "has no value". Fields that are not named hold what you like. Raises `CannotHold` where the ERP
        itself refuses a value; the kit tries another, and the certificate says so.
        """
        ...


@runtime_checkable
class Breaks(Protocol):
    """A record that cannot be read, however often one tries.

    >>> from contextlib import contextmanager
    >>> class Sandbox:
    ...     weights = {"DR-18": "1.5"}
    ...     @contextmanager
    ...     def broken(self, key):
    ...         before, self.weights[key] = self.weights[key], "heavy"
    ...         try:
    ...             yield
    ...         finally:
    ...             self.weights[key] = before
    >>> with Sandbox().broken("DR-18"):
    ...     Sandbox.weights
    {'DR-18': 'heavy'}
    >>> Sandbox.weights
    {'DR-18': '1.5'}
    """

    def broken(self, key: str) -> AbstractContextManager[object]:
        """While it is entered, one cold field of this record holds what its type does not allow."""
        ...


@runtime_checkable
class Grows(Protocol):
    """Many items.

    >>> from contextlib import contextmanager
    >>> class Sandbox:
    ...     names = {"DR-18": "Drill"}
    ...     @contextmanager
    ...     def grown(self, count):
    ...         more = {f"M-{number}": "Drill" for number in range(count)}
    ...         self.names.update(more)
    ...         try:
    ...             yield
    ...         finally:
    ...             for key in more:
    ...                 del self.names[key]
    >>> with Sandbox().grown(100_000):
    ...     len(Sandbox.names)
    100001
    >>> len(Sandbox.names)
    1
    """

    def grown(self, count: int) -> AbstractContextManager[object]:
        """While it is entered, there are at least so many items."""
        ...


@runtime_checkable
class Locks(Protocol):
    """A credential that is refused: wrong, expired, or without its right.

    >>> from contextlib import contextmanager
    >>> class Sandbox:
    ...     password = "secret"  # make_adapter takes it
    ...     @contextmanager
    ...     def locked(self):
    ...         self.password = "wrong"
    ...         try:
    ...             yield
    ...         finally:
    ...             self.password = "secret"
    >>> sandbox = Sandbox()
    >>> with sandbox.locked():
    ...     sandbox.password
    'wrong'
    >>> sandbox.password
    'secret'
    """

    def locked(self) -> AbstractContextManager[object]:
        """While it is entered, the ERP refuses the adapters that `make_adapter` makes.

        Take a right away in the ERP, or let `make_adapter` use a wrong password meanwhile.
        """
        ...


@runtime_checkable
class Drafts(Protocol):
    """Items to write, for an adapter that is an `ItemWriter`.

    >>> class Sandbox:
    ...     def draft(self, mark):
    ...         return {"name": f"Drill {mark}", "group": "WZ"}
    >>> Sandbox().draft("a") == Sandbox().draft("b")
    False
    """

    def draft(self, mark: str) -> object:
        """What `write_item` takes, for an item that is not there yet; another for each *mark*."""
        ...


FURTHER: tuple[type[object], ...] = (
    EditsHot,
    EditsAtOnce,
    EditsLate,
    EditsAhead,
    Deletes,
    Creates,
    Breaks,
    Grows,
    Locks,
    Drafts,
)
"""What a world may do besides."""

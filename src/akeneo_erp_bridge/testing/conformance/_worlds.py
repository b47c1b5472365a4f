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

    ::

        class AcmeSandbox:
            def __init__(self) -> None:
                self.db = sqlite3.connect(PATH)
                self.edits = itertools.count()

            def keys(self) -> list[str]:
                return [key for (key,) in self.db.execute("SELECT number FROM articles")]

            def edit_cold(self, key: str) -> None:
                with self.db:
                    self.db.execute("UPDATE articles SET name = ? WHERE number = ?", (f"Edit {next(self.edits)}", key))

    What a method did, everyone can see when it returns. A world that has `close` is closed after its last law.
    """

    def keys(self) -> Collection[str]:
        """The keys of all items that the adapter is to read, four or more."""
        ...

    def edit_cold(self, key: str) -> None:
        """Give one cold field of this item a value that it never had, as the ERP's own users do."""
        ...


@runtime_checkable
class EditsHot(Protocol):
    """Moves a price or a stock."""

    def edit_hot(self, key: str) -> None:
        """Give one hot field of this item a value that it never had, and leave the cold ones alone."""
        ...


@runtime_checkable
class EditsAtOnce(Protocol):
    """Edits with one stamp: in one transaction, or with a clock that stands still."""

    def edit_at_once(self, keys: Sequence[str]) -> None:
        """As `edit_cold` for each of these items, all with the same stamp."""
        ...


@runtime_checkable
class EditsLate(Protocol):
    """Transactions that take their time."""

    def edit_late(self, key: str) -> AbstractContextManager[object]:
        """As `edit_cold`, with the stamp of entering; nobody sees the edit until the context is left."""
        ...


@runtime_checkable
class EditsAhead(Protocol):
    """A clock that is wrong."""

    def edit_ahead(self, key: str) -> None:
        """As `edit_cold`, with a stamp a year ahead."""
        ...


@runtime_checkable
class Deletes(Protocol):
    """Deletion, as the ERP deletes: for good, by a mark, or by archiving."""

    def delete(self, key: str) -> None:
        """Delete this item."""
        ...


@runtime_checkable
class Creates(Protocol):
    """New items with given values."""

    def create(self, key: str, values: Mapping[str, object]) -> str:
        """Create an item, and give its key: the one asked for, or the ERP's own where the ERP numbers its items.

        `values` are by path: a text, a whole number, a `Decimal`, a boolean, a day, a moment with its zone, or `None`
        for "has no value". Fields that are not named hold what you like. Raises `CannotHold` where the ERP
        itself refuses a value; the kit tries another, and the certificate says so.
        """
        ...


@runtime_checkable
class Breaks(Protocol):
    """A record that cannot be read, however often one tries."""

    def broken(self, key: str) -> AbstractContextManager[object]:
        """While it is entered, one cold field of this record holds what its type does not allow."""
        ...


@runtime_checkable
class Grows(Protocol):
    """Many items."""

    def grown(self, count: int) -> AbstractContextManager[object]:
        """While it is entered, there are at least so many items."""
        ...


@runtime_checkable
class Locks(Protocol):
    """A credential that is refused: wrong, expired, or without its right."""

    def locked(self) -> AbstractContextManager[object]:
        """While it is entered, the ERP refuses the adapters that `make_adapter` makes.

        Take a right away in the ERP, or let `make_adapter` use a wrong password meanwhile.
        """
        ...


@runtime_checkable
class Drafts(Protocol):
    """Items to write, for an adapter that is an `ItemWriter`."""

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

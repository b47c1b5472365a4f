"""What an ERP vendor writes: a class with one or more of these protocols. No base class is needed.

A capability is a protocol that is implemented: an adapter with `read_items` can feed the PIM, one with
`read_hot` can feed commerce, one with `find_by_key` and `write_item` can receive products born in the PIM.

::

    class AcmeErp:                                     # reads: 3 methods
        def describe(self) -> ErpSchema: ...
        def check(self) -> Health: ...
        def read_items(self, since, *, fields, limit): yield Page(items, tombstones, resume)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, Literal, Protocol, TypeAlias, TypeVar, runtime_checkable

from attrs import field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp._paths import column_of

__all__ = [
    "Choice",
    "ChoiceReader",
    "Cursor",
    "CursorKind",
    "ErpField",
    "ErpRef",
    "ErpSchema",
    "Health",
    "HotReader",
    "ItemReader",
    "ItemWriter",
    "Page",
    "PimFirstErp",
    "WriteResult",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)

CursorKind: TypeAlias = Literal["token", "timestamp", "sequence", "snapshot"]


@frozen
class Cursor:
    """Where reading goes on. The adapter's own text; the engine stores it and never looks inside.

    `schema_hash` is the adapter's fingerprint of what it reads: when it changed, raise `CursorExpired`.

    >>> from akeneo_erp_bridge.errors import CursorExpired
    >>> def rows_after(since: Cursor | None) -> int:
    ...     if since is not None and (since.kind, since.schema_hash) != ("sequence", "v2"):
    ...         raise CursorExpired("the cursor is of other columns; all is read again")
    ...     return 0 if since is None else int(since.blob)
    >>> rows_after(None), rows_after(Cursor("sequence", "4711", schema_hash="v2"))
    (0, 4711)
    """

    kind: CursorKind
    blob: str
    schema_hash: str = ""


@frozen
class Page(Generic[T_co]):
    """Some items, the keys of deleted ones, and the cursor that is safe once this page is settled.

    Items may come twice, across pages or runs; they may never be left out. Of two states of an item the later one is the
    newer: the later page, and on a page the later row. Only a page of kind "snapshot" shows each item once, and a second
    row of its key is an error of the ERP's. A page without items is one too: it may tell deletions, and its cursor counts.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> drills = Page([Article({"number": "DR-18"})], [ErpKey("DR-9")], Cursor("sequence", "4711"))
    >>> [item.key for item in drills.items], drills.tombstones, drills.resume.blob
    (['DR-18'], ['DR-9'], '4711')
    """

    items: Sequence[T_co]
    tombstones: Sequence[ErpKey]
    resume: Cursor


@frozen
class ErpField:
    """One field of the ERP: its name, the ERP's type for it, and whether the ERP lets us write and read it.

    `max_length` is in characters; `None` where the ERP sets no limit or does not tell.

    >>> number, weight = ErpField("number", "varchar(20)", max_length=20), ErpField("weight", "numeric", writable=True)
    >>> [one.name for one in (number, weight) if one.writable]
    ['weight']
    """

    name: str
    kind: str = "text"
    writable: bool = False
    max_length: int | None = None
    readable: bool = True


@frozen
class ErpSchema:
    """The fields an ERP offers. An empty `fields` means: known only at run time, not checked."""

    name: str
    fields: tuple[ErpField, ...] = ()

    @property
    def field_names(self) -> frozenset[str]:
        """The names alone."""
        return frozenset(one.name for one in self.fields)

    def has(self, path: str) -> bool:
        """Whether a field can be read at this path: it is there by its whole name, or the column it begins in is.

        >>> ErpSchema("items", (ErpField("lines"),)).has("lines[*].ean")
        True
        """
        return path in self.field_names or column_of(path) in self.field_names


@frozen
class Health:
    """The answer of `check`: can we read, and if not, what should a person do? `facts` are what else is worth knowing.

    >>> from akeneo_erp_bridge.erp import CsvAdapter, ErpItem
    >>> health = CsvAdapter("/no such folder/articles.csv", ErpItem).check()
    >>> health.ok, health.message
    (False, '/no such folder/articles.csv cannot be read (No such file or directory); check the path and your rights')
    """

    ok: bool
    message: str
    facts: dict[str, str] = field(factory=dict[str, str])


@frozen
class ErpRef:
    """An item of the ERP: its key, and the version that an update must still find; `None` where the ERP tells none.

    >>> seen = ErpRef(ErpKey("DR-18"), version="2026-05-04 10:12:00")
    >>> there = ErpRef(ErpKey("DR-18"), version="2026-05-04 10:15:31")
    >>> seen == there  # somebody saved it meanwhile: `write_item` is to raise `ErpConflict`
    False
    """

    key: ErpKey
    version: str | None = None


@frozen
class WriteResult:
    """What became of one written item: where it is, and whether this call made it.

    >>> made: dict[str, ErpRef] = {}
    >>> def write(number: str, idempotency_key: str) -> WriteResult:
    ...     is_new = idempotency_key not in made
    ...     return WriteResult(made.setdefault(idempotency_key, ErpRef(ErpKey(number))), created=is_new)
    >>> write("DR-18", "pim-4711").created, write("DR-18", "pim-4711").created  # the second after a lost answer
    (True, False)
    """

    ref: ErpRef
    created: bool


@runtime_checkable
class ItemReader(Protocol[T_co]):
    """Reads descriptive data, all of it or what changed since a cursor."""

    def describe(self) -> ErpSchema:
        """The fields on offer."""
        ...

    def check(self) -> Health:
        """Log in and read a little; never raises, never shows a secret."""
        ...

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[T_co]]:
        """Pages of at most `limit` items, holding at least the fields asked for.

        `since=None` reads everything. Raises `CursorExpired` for a cursor that is no longer, or never
        was, this adapter's; `ErpUnreachable` and `ErpRefused` for the rest.
        """
        ...


@frozen
class Choice:
    """Some items of an ERP: those whose field at the path `path` holds one of these `values`.

    >>> drills = Choice("item_group", ("Drills", "Hammer drills"))
    >>> [drills.path, "in", list(drills.values)]  # as a filter of Frappe's
    ['item_group', 'in', ['Drills', 'Hammer drills']]
    """

    path: str
    values: tuple[str | int, ...]


@runtime_checkable
class ChoiceReader(Protocol[T_co]):
    """Finds some items without reading all; an adapter need not have it. What chooses is looked at again afterwards."""

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[T_co]]:
        """Pages with at least the items of the choice as they are now, from the start, where `resume` is not used.

        One more is no harm, one less is; where the ERP cannot compare as Python does, give all that there are. It may be
        called in the middle of a `read_items`: of a key that came twice the engine asks whether it has two rows.
        """
        ...


@runtime_checkable
class HotReader(Protocol[T_co]):
    """Reads current prices and stock, which move without moving the item's own time stamp."""

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[T_co]]:
        """Pages of items with hot fields: those that changed, or the `keys` asked for. Raises what `read_items` raises.

        It may be called for some keys in the middle of a reading: of a key that came twice the relay asks which row is the first.
        """
        ...


@runtime_checkable
class ItemWriter(Protocol[T_contra]):
    """Creates and updates items in the ERP."""

    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        """The item an earlier, perhaps interrupted, `write_item` made with this key; `None` where there is none."""
        ...

    def write_item(self, draft: T_contra, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        """Create or update; the same key twice gives one item.

        Raises `ErpConflict` where the item is no longer as `if_version` says, `ErpRefused` for a draft that the ERP does not
        take, and `ErpUnreachable` where nobody knows whether it was written: the same call, or `find_by_key`, finds out.
        """
        ...


class PimFirstErp(ItemReader[T], ItemWriter[T], Protocol[T]):
    """What the PIM-first way of working demands; a read-only ERP does not type-check there."""

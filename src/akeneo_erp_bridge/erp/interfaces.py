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
    """

    kind: CursorKind
    blob: str
    schema_hash: str = ""


@frozen
class Page(Generic[T_co]):
    """Some items, the keys of deleted ones, and the cursor that is safe once this page is settled.

    Items with equal time stamps may come twice, across pages or runs; they may never be left out.
    """

    items: Sequence[T_co]
    tombstones: Sequence[ErpKey]
    resume: Cursor


@frozen
class ErpField:
    """One field of the ERP: its name, the ERP's type for it, and whether the ERP lets us write and read it."""

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
    """The answer of `check`: can we read, and if not, what should a person do?"""

    ok: bool
    message: str
    facts: dict[str, str] = field(factory=dict[str, str])


@frozen
class ErpRef:
    """An item of the ERP: its key, and the version that an update must still find."""

    key: ErpKey
    version: str | None = None


@frozen
class WriteResult:
    """What became of one written item."""

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
    """Some items of an ERP: those whose field at the path `path` holds one of these `values`."""

    path: str
    values: tuple[str | int, ...]


@runtime_checkable
class ChoiceReader(Protocol[T_co]):
    """Finds some items without reading all; an adapter need not have it. What chooses is looked at again afterwards."""

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[T_co]]:
        """Pages with at least the items of the choice, from the start, where `resume` is not used.

        One more is no harm, one less is; where the ERP cannot compare as Python does, give all that there are.
        """
        ...


@runtime_checkable
class HotReader(Protocol[T_co]):
    """Reads current prices and stock, which move without moving the item's own time stamp."""

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[T_co]]:
        """Pages of items with hot fields: those that changed, or the `keys` asked for."""
        ...


@runtime_checkable
class ItemWriter(Protocol[T_contra]):
    """Creates and updates items in the ERP."""

    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        """The item an earlier, perhaps interrupted, `write_item` made with this key."""
        ...

    def write_item(self, draft: T_contra, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        """Create or update; the same key twice gives one item."""
        ...


class PimFirstErp(ItemReader[T], ItemWriter[T], Protocol[T]):
    """What the PIM-first way of working demands; a read-only ERP does not type-check there."""

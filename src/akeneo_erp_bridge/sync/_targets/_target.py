"""Where changes go: what the engine asks of the PIM, whatever kind of thing it writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol, TypeVar

from attrs import field, frozen

from akeneo_erp_bridge.akeneo import UpsertResult
from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync.plan import ItemChange

P = TypeVar("P")
T = TypeVar("T")

_SLICE: Final = 100  # Akeneo's limit for IN on identifiers, and for a page
_AT_ONCE: Final = 4  # Akeneo's limit for a connection


@frozen
class Found:
    """Something that is in the PIM already: its reference, and the raw data of the cells asked for."""

    ref: str
    cells: Mapping[str, JsonValue]


@frozen
class Verdict:
    """What the PIM said about one sent change; with a `cause` it said nothing, and the item is not at fault.

    `failed` are the cells whose file it did not take, with the reason; the others are written. Of those, `forbidden` lacked a
    right, which may be given: they are sent again. `path` is the place that the PIM found wrong, where it is one.
    """

    change: ItemChange
    ok: bool
    created: bool
    reason: str = ""
    cause: BridgeError | None = None
    failed: Mapping[str, str] = field(factory=dict[str, str])
    path: str = ""
    forbidden: frozenset[str] = frozenset()


class Target(Protocol):
    """Where changes go."""

    def is_bare(self) -> bool:
        """Whether there was nothing in the PIM when this was first asked, and it refuses what came there since twice."""
        ...

    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        """What exists, by SKU or code in lower case."""
        ...

    def read(self, refs: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        """What exists, by reference."""
        ...

    def search(
        self, where: Mapping[str, Sequence[Mapping[str, JsonValue]]], cells: Mapping[str, Cell[str]]
    ) -> Iterator[Found]:
        """What exists and meets conditions of the PIM's lists, page by page; for products alone."""
        ...

    can_rename: bool
    """Whether a thing keeps its reference when its SKU or code changes."""

    is_ordered: bool
    """Whether one of a page may have to be there before another, as a parent has."""

    def has(self, ref: str) -> bool:
        """Whether it is there, asked of the thing itself: the PIM's lists lag behind."""
        ...

    def get(self, ref: str, cells: Mapping[str, Cell[str]]) -> Found | None:
        """One thing that exists, asked of itself as `has` does; `None` where it does not."""
        ...

    def new_ref(self, name: str, intended: str | None) -> str:
        """The reference a new thing of this name is created under, if a run that died had not intended another."""
        ...

    def discard(self, ref: str) -> None:
        """Take away what we have just made by mistake."""
        ...

    def delete(self, ref: str) -> bool:
        """Delete a product for good, on explicit order; whether it was there."""
        ...

    def send(self, changes: Sequence[ItemChange], cells: Mapping[str, Cell[str]]) -> Iterator[Verdict]:
        """Write, and report on each change; files are uploaded too."""
        ...

    def resolve(self, kind: str, names: Sequence[str]) -> Mapping[str, str]:
        """The references of things that can be linked, of those that are there, by name in lower case."""
        ...

    def marks(self, refs: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        """A check sum for each place of the products that are there, by reference: see `Marks`."""
        ...

    def is_two_way(self, type_code: str) -> bool:
        """Whether the PIM writes the links of a type at both ends."""
        ...

    def digest(self, code: str) -> str | None:
        """What the content of a file in the PIM hashes to; `None` where the file is gone."""
        ...


class Named(ABC):
    """What is known by its name: a reference that no other thing can take, and that never changes."""

    can_rename = False
    is_ordered = True

    def is_bare(self) -> bool:
        return False  # a name that somebody took meanwhile would not be refused, but overwritten

    @abstractmethod
    def find(self, names: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]: ...

    def read(self, refs: Sequence[str], cells: Mapping[str, Cell[str]]) -> Mapping[str, Found]:
        found = self.find(refs, cells)
        return {ref: found[ref.lower()] for ref in refs if ref.lower() in found}

    def search(
        self, where: Mapping[str, Sequence[Mapping[str, JsonValue]]], cells: Mapping[str, Cell[str]]
    ) -> Iterator[Found]:
        return iter(())  # what is known by its code is found by it

    def has(self, ref: str) -> bool:
        return bool(self.find([ref], {}))

    def get(self, ref: str, cells: Mapping[str, Cell[str]]) -> Found | None:
        return self.read([ref], cells).get(ref)

    def new_ref(self, name: str, intended: str | None) -> str:
        return name

    def discard(self, ref: str) -> None:
        raise AssertionError(f"{ref!r} is known by its name; there is no other of that name to be mistaken for it")

    def delete(self, ref: str) -> bool:
        raise AssertionError(f"{ref!r} is no product; nothing else is ever deleted")

    def resolve(self, kind: str, names: Sequence[str]) -> Mapping[str, str]:
        return {}  # products alone have links

    def marks(self, refs: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
        return {}  # products alone are deleted

    def is_two_way(self, type_code: str) -> bool:
        return False

    def digest(self, code: str) -> str | None:
        return None


def slices(names: Sequence[str]) -> Iterator[list[str]]:
    """As many names as one request may hold, one lot after the other."""
    for start in range(0, len(names), _SLICE):
        yield list(names[start : start + _SLICE])


def side_by_side(look: Callable[[list[str]], dict[str, T]], names: Sequence[str]) -> dict[str, T]:
    """What *look* finds for all names, some lots at the same time."""
    lots = list(slices(names))
    if len(lots) < 2:
        return {key: one for lot in lots for key, one in look(lot).items()}
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="akeneo-look") as workers:
        return {key: one for found in workers.map(look, lots) for key, one in found.items()}


def verdict_of(change: ItemChange, result: UpsertResult[P]) -> Verdict:
    """What the PIM's answer means for a change."""
    if result.ok:
        return Verdict(change, ok=True, created=result.created)
    reasons = [str(error) for error in result.errors] or [f"the PIM answered {result.status} without a reason"]
    path = ""
    if len(result.errors) == 1:
        path, reasons = result.errors[0].place(), [result.errors[0].message]
    reason = "the PIM refused it: " + "; ".join(reasons)
    return Verdict(change, ok=False, created=False, reason=reason, cause=result.cause, path=path)

"""What the laws share: an adapter, the fields to ask for, and what a read brought."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from itertools import islice
from typing import Generic, TypeVar, cast

from attrs import define, field

from akeneo_erp_bridge.classification import PIM_SAFE, Hot, may_reach
from akeneo_erp_bridge.erp import Column, Cursor, ErpItem, FieldSpec, ItemReader, Page
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.rules import Outcome
from akeneo_erp_bridge.testing.conformance._http_faults import Faults
from akeneo_erp_bridge.testing.conformance._subject import Kept, Subject, kept_of
from akeneo_erp_bridge.testing.conformance._verdicts import broken
from akeneo_erp_bridge.testing.conformance._worlds import Deletes, ErpWorld

ItemT = TypeVar("ItemT", bound=ErpItem)

FEWEST = 4
PAGE = 500


@define
class Read(Generic[ItemT]):
    """What a read brought: items by key, tombstones, and the cursor of each page.

    `prints` are the cold fingerprints of each key; where several rows have one key, of all of them.
    """

    paths: tuple[str, ...]
    items: dict[str, list[ItemT]] = field(factory=dict[str, list[ItemT]])
    prints: dict[str, set[str]] = field(factory=dict[str, set[str]])
    tombstones: set[str] = field(factory=set[str])
    cursors: list[Cursor] = field(factory=list[Cursor])

    def take(self, page: Page[ItemT]) -> None:
        """Add a page."""
        for item in page.items:
            self.items.setdefault(item.key, []).append(item)
            self.prints.setdefault(item.key, set()).add(item.fingerprint(self.paths))
        self.tombstones.update(page.tombstones)
        self.cursors.append(page.resume)

    @property
    def resume(self) -> Cursor:
        """The cursor of the last page."""
        if not self.cursors:
            raise broken(
                "a read gave no page at all, so there is no cursor to go on from",
                "End each read with a page, an empty one where nothing changed",
            )
        return self.cursors[-1]

    def changed_since(self, before: Read[ItemT]) -> set[str]:
        """The keys that are new, or whose cold fields differ."""
        return {key for key, prints in self.prints.items() if prints != before.prints.get(key)}


@define
class Bench(Generic[ItemT]):
    """One law at work on one adapter."""

    subject: Subject[ItemT]
    remarks: list[str] = field(factory=list[str])

    @property
    def kept(self) -> Kept:
        """What the laws of the class share."""
        return kept_of(type(self.subject))

    @property
    def world(self) -> ErpWorld:
        """The sandbox."""
        return self.subject.world()

    def adapter(self, faults: Faults | None = None) -> ItemReader[ItemT]:
        """A new adapter."""
        made = self.subject.make_adapter(faults or Faults())
        kept = self.kept
        if not kept.adapter:
            kept.adapter = f"{type(made).__module__}.{type(made).__qualname__}"
            kept.version = self.subject.version or _version_of(type(made).__module__)
        return made

    def remark(self, text: str) -> None:
        """Something that the certificate says beside the outcome."""
        if text not in self.remarks:
            self.remarks.append(text)

    # ---- the item's fields ----
    @property
    def key_path(self) -> str:
        """Where the key is."""
        return self.subject.item.key_spec().path

    @property
    def cold(self) -> tuple[FieldSpec, ...]:
        """The fields that may go to the PIM."""
        specs = self.subject.item.specs.values()
        return tuple(one for one in specs if may_reach(frozenset({one.temperature}), PIM_SAFE))

    @property
    def cold_paths(self) -> tuple[str, ...]:
        """The paths of these fields, sorted."""
        return tuple(sorted({one.path for one in self.cold} | {self.key_path}))

    @property
    def hot_paths(self) -> tuple[str, ...]:
        """The paths of the hot fields, sorted."""
        return tuple(sorted({one.path for one in self.subject.item.specs.values() if one.temperature is Hot}))

    def outcome(self, item: ItemT, spec: FieldSpec) -> Outcome[object] | None:
        """What a field makes of an item; `None` for a field without a name of its own in the class."""
        column: object = getattr(type(item), spec.name, None)
        # the cast: of what a column gives, no check at run time can see the type
        return cast("Column[object, object, object]", column).run(item) if isinstance(column, Column) else None

    # ---- the world's items ----
    def keys(self, count: int = FEWEST) -> list[str]:
        """Keys to work with, *count* of them at the least."""
        found = sorted(str(one) for one in self.world.keys())  # noqa: SIM118 - a world is no mapping
        if len(found) < count:
            raise ConfigurationError(f"the world has {len(found)} items, and {count} are needed; put more into it")
        return found

    @contextmanager
    def passing(self) -> Generator[list[str]]:
        """The keys that a law makes: they are gone after it, where the world can delete."""
        made: list[str] = []
        try:
            yield made
        finally:
            world = self.world
            if isinstance(world, Deletes):
                for key in sorted(set(made) & set(self.keys(0))):
                    world.delete(key)

    # ---- reading ----
    def pages(
        self, adapter: ItemReader[ItemT], since: Cursor | None, *, limit: int = PAGE, paths: Collection[str] = ()
    ) -> Iterator[Page[ItemT]]:
        """The pages of a read."""
        return iter(adapter.read_items(since, fields=frozenset(paths or self.cold_paths), limit=limit))

    def read(
        self,
        adapter: ItemReader[ItemT],
        since: Cursor | None = None,
        *,
        limit: int = PAGE,
        paths: Sequence[str] = (),
    ) -> Read[ItemT]:
        """All pages of a read."""
        found = Read[ItemT](tuple(paths) or self.cold_paths)
        for page in self.pages(adapter, since, limit=limit, paths=paths):
            found.take(page)
        return found

    def stopped(self, adapter: ItemReader[ItemT], since: Cursor | None, *, limit: int, number: int) -> Read[ItemT]:
        """The first *number* pages of a read that is left then."""
        found = Read[ItemT](self.cold_paths)
        pages = self.pages(adapter, since, limit=limit)
        for page in islice(pages, number):
            found.take(page)
        if isinstance(pages, Generator):
            pages.close()  # what the end of a process does to it
        return found


def differences(one: Mapping[str, set[str]], other: Mapping[str, set[str]]) -> str:
    """In what two reads differ, for people."""
    parts = [
        ("missing", sorted(one.keys() - other.keys())),
        ("too many", sorted(other.keys() - one.keys())),
        ("changed", sorted(key for key in one.keys() & other.keys() if one[key] != other[key])),
    ]
    return "; ".join(f"{what}: {listed(keys)}" for what, keys in parts if keys)


def listed(keys: Collection[str], longest: int = 8) -> str:
    """Some keys, and how many more."""
    shown = ", ".join(repr(one) for one in sorted(keys)[:longest])
    return shown + (f" and {len(keys) - longest} more" if len(keys) > longest else "") or "none"


@cache
def _version_of(module: str) -> str:
    top = module.partition(".")[0]
    # a package that is installed to be edited lists no files; most bear the name of what is imported
    for name in (*packages_distributions().get(top, ()), top):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return ""

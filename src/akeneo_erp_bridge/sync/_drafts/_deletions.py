"""What a deletion in the ERP does to the product: the policy, and the drafts of it. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Generic, Literal, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import CategoryCode, ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import MappingError, NotFound
from akeneo_erp_bridge.mapping import CATEGORIES, ItemMapping, Misfit, VariantMapping
from akeneo_erp_bridge.rules import Owner, shown
from akeneo_erp_bridge.sync._changes import CellChange, ItemChange
from akeneo_erp_bridge.sync._drafts._diff import ENABLED, GONE, Base
from akeneo_erp_bridge.sync._drafts._draft import DELETION, Draft
from akeneo_erp_bridge.sync._drafts._known import lists, remembered
from akeneo_erp_bridge.sync._drafts._members import listed, names
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._state import LedgerEntry
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found

__all__ = ["Deletions"]

ItemT = TypeVar("ItemT", bound=ErpItem)

_ACTIONS: Final = ("disable", "categorise", "ignore", "delete")


@frozen
class Deletions:
    """What becomes of a product whose item the ERP deleted.

    ::

        SyncOptions(deletions=Deletions.categorise("discontinued"))

    - `disable`, the default: it is switched off, and on again when the item is back.
    - `categorise`: it is put into a category, beside those it is in, and taken out when the item is back.
    - `ignore`: nothing; the deletions are counted.
    - `delete`: it is deleted in the PIM, with its texts, pictures and links, for good.

    Products alone are concerned: models, categories and records stay. Brakes count all of them alike.
    """

    action: Literal["disable", "categorise", "ignore", "delete"] = "disable"
    category: str | None = None
    confirmed: str | None = None
    """The URL of the PIM whose products may be deleted; any other PIM's are not."""

    def __attrs_post_init__(self) -> None:
        if self.action not in _ACTIONS:
            raise MappingError(f"deletions are one of {', '.join(_ACTIONS)}, seen {shown(self.action)}")

    @classmethod
    def disable(cls) -> Deletions:
        """The product is switched off."""
        return cls()

    @classmethod
    def categorise(cls, code: str) -> Deletions:
        """The product is put into the category with this code. The mapping must bind `CATEGORIES`, owned by the ERP."""
        return cls("categorise", category=code)

    @classmethod
    def ignore(cls) -> Deletions:
        """The product stays as it is."""
        return cls("ignore")

    @classmethod
    def delete(cls, *, confirm: str) -> Deletions:
        """The product is deleted in the PIM whose URL is *confirm*; a run for another PIM ends before it begins.

        >>> Deletions.delete(confirm="https://acme-sandbox.cloud.akeneo.com").action
        'delete'
        """
        return cls("delete", confirmed=confirm)


DISABLE: Final = Deletions()


def check_deletions(policy: Deletions, mapping: ItemMapping[ItemT], pim: AkeneoClient) -> Iterator[Misfit]:
    """Why this PIM and mapping cannot have the policy."""
    if policy.action == "delete" and (policy.confirmed or "").rstrip("/") != pim.url.rstrip("/"):
        yield _misfit(
            "not_confirmed",
            f"products of {pim.url} would be deleted for good, and Deletions.delete confirms that for "
            f"{shown(policy.confirmed)}; confirm this PIM by its URL, or choose Deletions.disable()",
        )
    if policy.action == "categorise":
        yield from _check_category(policy, mapping, pim)


def _check_category(policy: Deletions, mapping: ItemMapping[ItemT], pim: AkeneoClient) -> Iterator[Misfit]:
    code = policy.category or ""
    bound = [one for one in mapping.bindings if one.cell.key == CATEGORIES.key and one.owner is Owner.ERP]
    if not bound:
        detail = (
            "the category of deleted items needs CATEGORIES bound, owned by the ERP; where it says nothing of them, bind "
            "constant(frozenset()).to(CATEGORIES)"
        )
        yield _misfit("no_categories", detail)
    if isinstance(mapping, VariantMapping) and mapping.variants.categories == "model":
        detail = "the categories are the models', and a deleted variant has none of its own; choose Deletions.disable()"
        yield _misfit("no_categories", detail)
    try:
        pim.categories.get(CategoryCode(code))
    except NotFound:
        detail = f"the PIM has no category {shown(code)} for deleted items; create it there"
        yield _misfit("no_category", detail)


def _misfit(code: str, detail: str) -> Misfit:
    return Misfit(code, "deletions", detail, "abort")


class Burial(Generic[ItemT]):
    """Drafts deletions: what the PIM has of the deleted items, and what is to become of it."""

    def __init__(self, stream: Stream[ItemT], seen: SeenKeys, policy: Deletions) -> None:
        self._stream = stream
        self._seen = seen
        self._policy = policy
        self._has_heard = False

    def unburied(self) -> list[ErpKey]:
        """The keys whose deletion the PIM refused in an earlier run, and of which this run has heard nothing."""
        refused = [one.key for one in self._stream.state.parked(self._stream.name) if one.code == DELETION]
        heard = self.heard(refused)
        return [key for key in refused if key not in heard]

    def heard(self, keys: Sequence[ErpKey]) -> set[ErpKey]:
        """Those of the keys of whose deletion this run has heard."""
        graves = self._seen.among([_grave(key) for key in keys])
        return {key for key in keys if _grave(key) in graves}

    def hear(self, keys: Sequence[ErpKey]) -> None:
        """The ERP has deleted these: a row of one of them that comes after this is another life, and not a repetition."""
        self._has_heard = self._has_heard or bool(keys)
        self._seen.meet([(_grave(key), "") for key in keys])
        self._seen.forget(keys)

    def returned(self, keys: Sequence[ErpKey]) -> set[ErpKey]:
        """Those of the keys that are back after this run had heard of their deletion, which is past now."""
        back = self.heard(keys) if self._has_heard else set[ErpKey]()
        self._seen.forget([_grave(key) for key in back])
        return back

    def bury(self, keys: Sequence[ErpKey], draft: Draft) -> None:
        """What is to be done for the deletion of these keys."""
        draft.closed += self._stream.state.parked_among(self._stream.name, keys)
        if self._stream.compiled.mapping.resource != "product":
            return
        intents = self._stream.state.intents(self._stream.name, keys)
        known = {**intents, **self._stream.state.entries(self._stream.name, keys)}
        living = {key: entry for key, entry in known.items() if not entry.gone}
        if self._policy.action == "ignore":
            draft.ignored += len(living)
            return
        refs = [entry.ref for entry in living.values()]
        others = {one.ref for one in self._stream.state.owners(self._stream.name, refs) if one.key not in known}
        there = self._there(refs)
        for key, entry in living.items():
            if entry.ref in others:
                draft.forgotten.append(key)  # another key's by now
            elif self._policy.action == "delete":
                self._delete(entry, draft)
            elif entry.ref not in there:
                draft.forgotten.append(key)  # not there, and to write to it would make it
            else:
                base = remembered(entry)
                if key in intents:
                    base = self._stream.files.resumed(entry, intents[key], there[entry.ref], is_first=False)
                put_away = self._categorise if self._policy.action == "categorise" else self._disable
                put_away(entry, evolve(base, theirs=lists(self._stream.compiled, there[entry.ref])), draft)

    def touched(self, keys: Sequence[ErpKey]) -> list[ErpKey]:
        """Those of the keys whose deletion would change a product, as far as the ledger tells."""
        if self._stream.compiled.mapping.resource != "product" or self._policy.action == "ignore":
            return []
        is_off = self._policy.action == "disable" and ENABLED in self._stream.compiled.cells
        living = [one for one in self._stream.state.entries(self._stream.name, keys).values() if not one.gone]
        return [one.key for one in living if not (is_off and one.cells.get(ENABLED) is False)]

    def _there(self, refs: Sequence[str]) -> Mapping[str, Found]:
        """What exists; the PIM's lists lag behind, so what is not in them is asked for itself."""
        if self._policy.action == "delete" or not refs:
            return {}  # who deletes what is not there has what he wants
        there = dict(self._stream.target.read(refs, self._stream.cells))
        for ref in refs:
            found = self._stream.target.get(ref, self._stream.cells) if ref not in there else None
            if found is not None:
                there[ref] = found
        return there

    def _after(self, entry: LedgerEntry, base: Base) -> LedgerEntry:
        """The entry of an item that is gone."""
        return LedgerEntry(
            entry.key, "", self._stream.compiled.context, entry.ref, base.cells, base.stamps, base.shared, gone=True
        )

    def _disable(self, entry: LedgerEntry, base: Base, draft: Draft) -> None:
        is_bound = ENABLED in self._stream.compiled.cells
        after = self._after(entry, base)
        if is_bound:
            after = evolve(after, cells={**base.cells, ENABLED: False})
        if is_bound and base.cells.get(ENABLED) is False:
            draft.entries.append(after)  # the ERP had it disabled before it deleted it
            return
        _put_away(after, {ENABLED: CellChange(ENABLED, base.cells.get(ENABLED), False, "deleted in the ERP")}, draft)

    def _categorise(self, entry: LedgerEntry, base: Base, draft: Draft) -> None:
        """Put the product into the category, which is ours there unless it was in it before."""
        key, code = CATEGORIES.key, self._policy.category or ""
        ours, theirs = base.cells.get(key), listed(base.theirs.get(key))
        is_in = code.lower() in names(theirs)
        after = self._after(entry, base)
        shared = dict(base.shared)
        if is_in and code.lower() not in names(ours):
            shared[key] = [*listed(shared.get(key)), code.lower()]
        after = evolve(
            after,
            cells={**base.cells, key: [*sorted({*names(ours), code.lower()})]},
            shared=shared,
            stamps={**base.stamps, GONE: {"category": code.lower()}},
        )
        if is_in:
            draft.entries.append(after)
            return
        _put_away(after, {key: CellChange(key, ours, [*theirs, code], "deleted in the ERP")}, draft)

    def _delete(self, entry: LedgerEntry, draft: Draft) -> None:
        # as the entry was: should the item be back before the product was deleted, nothing has happened to it
        after = evolve(entry, fingerprint="", context=self._stream.compiled.context)
        draft.tombstones.append(ItemChange(entry.key, "delete", {}, after, ItemChange.seal_of(after, {}, deletes=True)))


def _put_away(after: LedgerEntry, cells: Mapping[str, CellChange], draft: Draft) -> None:
    draft.tombstones.append(ItemChange(after.key, "update", cells, after, ItemChange.seal_of(after, cells)))


def _grave(key: ErpKey) -> ErpKey:
    """How a deleted key is kept among the keys met; no item has such a key of its own."""
    return ErpKey(f"\0deleted {key}")

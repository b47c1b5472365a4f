"""Items that are new to us, looked up in the PIM by the rules of adoption: one product, or none, or a person's decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeAlias, TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import JsonValue, is_whole
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import Mapped
from akeneo_erp_bridge.rules import Problem, Put
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._drafts._draft import Candidate, Draft
from akeneo_erp_bridge.sync._drafts._finding import NAMED, Finder, Wires
from akeneo_erp_bridge.sync._drafts._matching import Adopt, Match, Search
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._drafts._sent import Sent
from akeneo_erp_bridge.sync._state import Marked
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found

ItemT = TypeVar("ItemT", bound=ErpItem)

_Finds: TypeAlias = dict[ErpKey, tuple[Found, Match | Search]]
"""The product of each item, and the rule that found it."""


class Adopter(Generic[ItemT]):
    """Finds the products of a page's items that have none, and parks what is not clear."""

    def __init__(self, stream: Stream[ItemT], adopt: Adopt, seen: SeenKeys) -> None:
        self._stream = stream
        self._seen = seen
        self._finder = Finder(stream, adopt)
        self._rules = self._finder.rules
        self._sent = Sent(stream, self._finder)
        matched = all(isinstance(rule, Match) for rule in self._rules)
        asked = [rule.cell.key for rule in self._rules if isinstance(rule, Match)] if matched else stream.compiled.cells
        self._cells = [key for key in dict.fromkeys(asked) if self._finder.sees(key)]

    def adopted(self, page: Sequence[Candidate], draft: Draft, *, is_bare: bool | None = None) -> list[Candidate]:
        """The items of a page, each with the product that a rule finds for it; what is not clear is parked.

        An item that is parked and whose product the PIM has lost is new from now on. Where something is left of that product,
        its intent stays open: the next run says it again, until a person has deleted it. `is_bare` may be known better
        than the target knows it, which looked when the run began.
        """
        if not self._rules:
            return list(page)
        failed: dict[ErpKey, str] = {}
        wires = {one.mapped.key: self._wires(one.mapped) for one in page}
        marks = self._finder.marks(wires)
        fresh = [one for one in page if one.is_missing and one.name]
        bare = self._stream.target.is_bare() if is_bare is None and fresh else bool(is_bare)
        found, unclear = self._found(fresh, wires, failed, is_bare=bare)
        unclear |= self._made_just_now({one.mapped.key: self._decisive(one, wires, found, marks) for one in fresh})
        unclear |= self._taken(page, found)
        unclear |= self._left_beside([one for one in fresh if one.exists], found, unclear)
        kept: list[Candidate] = []
        for one in page:
            key = one.mapped.key
            if key in failed or key in unclear:
                context = self._stream.compiled.context
                is_failed = key in failed
                draft.parked.append(
                    words.unmatched(key, failed[key], context)
                    if is_failed
                    else words.ambiguous(key, unclear[key], context)
                )
                draft.forgotten += [key] if one.entry is not None and not one.exists else []
            elif key in found:
                there, _ = found[key]
                base = self._stream.files.adopted(there)
                kept.append(evolve(one, base=base, ref=there.ref, exists=True, marks=marks.get(key, ())))
            else:
                kept.append(evolve(one, marks=marks.get(key, ())))
        return kept

    def claimed(self, page: Sequence[Candidate], draft: Draft) -> list[Candidate]:
        """The items of a page with what those that have a product will hold claimed; what is held of one will not be."""
        if not self._rules:
            return list(page)
        held = {one.mapped.key: self._wires(one.mapped) for one in page if one.held}
        marks = self._finder.marks(held)
        page = [evolve(one, marks=marks.get(one.mapped.key, ())) if one.held else one for one in page]
        for one in page:
            if not one.is_missing:
                draft.claims |= {mark: one.mapped.key for mark in one.marks if mark not in draft.claims}
        return page

    def note(self, draft: Draft) -> None:
        """Keep what this page writes under which values: the PIM's lists lag behind."""
        written = list(draft.candidates.values()) if self._rules else []
        draft.marks = [Marked(mark, one.mapped.key, one.ref) for one in written for mark in one.marks]
        marks = [(mark, str(one.mapped.key)) for one in written for mark in (*one.marks, _ref_mark(one.ref))]
        if marks:
            self._seen.name(marks)

    # ---- what the rules find ----
    def _found(
        self,
        fresh: Sequence[Candidate],
        wires: Mapping[ErpKey, Wires],
        failed: dict[ErpKey, str],
        *,
        is_bare: bool,
    ) -> tuple[_Finds, dict[ErpKey, str]]:
        """The one product of each item, by the first rule that finds something; and those of which it finds several.

        Items for which a rule failed join those that have *failed*, with the reason: no later rule is asked for them.
        """
        found: _Finds = {}
        unclear: dict[ErpKey, str] = {}
        stubs = {one.mapped.key: one.ref for one in fresh}
        for rule in self._rules if fresh else ():
            left = [one.mapped.key for one in fresh]
            left = [key for key in left if not any(key in some for some in (found, unclear, failed))]
            hits = self._finder.find(rule, {key: wires[key] for key in left}, failed, is_bare=is_bare)
            for key, some in hits.items():
                products = [there for there in some if there.ref != stubs[key]]
                if key in failed:
                    continue
                if len(products) == 1:
                    found[key] = (products[0], rule)
                elif products:
                    unclear[key] = words.several(rule.label, sorted(self._called(one) for one in products), NAMED - 1)
        return found, unclear

    def _wires(self, mapped: Mapped) -> dict[str, JsonValue]:
        """What the rules may see of an item, as it would travel."""
        found: dict[str, JsonValue] = {}
        for key in self._cells:
            outcome = mapped.outcomes[key]
            if isinstance(outcome, Put) and outcome.value is not None:
                wire = self._stream.compiled.cells[key].encode(outcome.value)
                if not isinstance(wire, Problem) and is_whole(wire):
                    found[key] = wire
        return found

    # ---- what cannot be taken ----
    def _taken(self, page: Sequence[Candidate], found: _Finds) -> dict[ErpKey, str]:
        """Items whose product is another item's: by the ledger, or by this page."""
        refs = [there.ref for there, _ in found.values()]
        # what an earlier page has taken may be under way still, and not in the ledger
        taken = self._seen.refs([_ref_mark(ref) for ref in refs])
        owners = {ref: taken[_ref_mark(ref)] for ref in refs if _ref_mark(ref) in taken}
        owners |= {one.ref: str(one.key) for one in self._stream.state.owners(self._stream.name, refs)}
        here = {one.ref: str(one.mapped.key) for one in page if one.exists}
        unclear: dict[ErpKey, str] = {}
        for key, (there, rule) in found.items():
            others = [str(other) for other, (same, _) in found.items() if other != key and same.ref == there.ref]
            owner = owners.get(there.ref) or here.get(there.ref)
            if owner is not None and owner != str(key):  # an earlier row of its own may have made the mark
                unclear[key] = words.owned(rule.label, self._called(there), owner)
            elif others:
                unclear[key] = words.wanted_by(rule.label, self._called(there), others)
        return unclear

    def _left_beside(
        self, stubs: Sequence[Candidate], found: _Finds, unclear: Mapping[ErpKey, str]
    ) -> dict[ErpKey, str]:
        """Items of which a stopped run left something in the PIM, and another product is theirs: only a person may delete."""
        told: dict[ErpKey, str] = {}
        for one in stubs:
            key = one.mapped.key
            if key in unclear:
                told[key] = words.left(unclear[key], one.ref)
            elif key in found:
                there, rule = found[key]
                told[key] = words.left(words.finds(rule.label, self._called(there)), one.ref)
        return told

    def _decisive(
        self,
        one: Candidate,
        wires: Mapping[ErpKey, Wires],
        found: _Finds,
        marks: Mapping[ErpKey, Sequence[str]],
    ) -> Sequence[str]:
        """The marks that say who an item is: where a rule has found its product, no later rule counts."""
        key = one.mapped.key
        if key not in found:
            return marks.get(key, ())
        _, last = found[key]
        return self._finder.marks({key: wires[key]}, last=last).get(key, ())

    def _made_just_now(self, marks: Mapping[ErpKey, Sequence[str]]) -> dict[ErpKey, str]:
        """Items whose values this run writes for another one, or has sent within the hour: no list may show it yet."""
        here = self._seen.refs(list({mark for some in marks.values() for mark in some}))
        met = self._sent.twins(marks)
        for key, some in marks.items():
            # an earlier row of its own may have made the mark
            owner = next((here[mark] for mark in some if here.get(mark, key) != str(key)), None)
            if owner is not None:
                met[key] = words.made(owner)
        return met

    def _called(self, there: Found) -> str:
        return words.product(there.ref, there.cells.get(self._stream.compiled.identifier))


def _ref_mark(ref: str) -> str:
    """How a product that a run writes is kept among the names met; no name of a product begins like this."""
    return f"\0ref {ref}"

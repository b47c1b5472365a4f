"""Items that are new to us, looked up in the PIM by the rules of adoption: one product, or none, or a person's decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import evolve

from akeneo_erp_bridge.akeneo._json import dumps
from akeneo_erp_bridge.catalog import JsonValue, is_whole
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import (
    ConfigurationError,
    Forbidden,
    NotFound,
    NotOffered,
    PimRefused,
    RateLimited,
    SignInRefused,
)
from akeneo_erp_bridge.mapping import CompiledCell, CompiledMapping, Mapped
from akeneo_erp_bridge.rules import Cell, Problem, Put
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._drafts._draft import Candidate, Draft
from akeneo_erp_bridge.sync._drafts._files import Files
from akeneo_erp_bridge.sync._drafts._matching import IN_LOTS, Adopt, Match, Search
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._state import SyncState
from akeneo_erp_bridge.sync._targets._target import Found, Target, slices

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")

_Hits: TypeAlias = dict[ErpKey, list[Found]]

_MANY: Final = 500  # products found for a lot of values, above which each value is searched for itself
_NAMED: Final = 6  # products that are found for one item, at most: enough to say that there are several


class Adopter(Generic[ItemT]):
    """Finds the products of a page's new items, and parks what is not clear."""

    def __init__(
        self,
        adopt: Adopt,
        compiled: CompiledMapping[ItemT],
        target: Target,
        state: SyncState,
        stream: str,
        cells: Mapping[str, Cell[str]],
        seen: SeenKeys,
    ) -> None:
        self._compiled = compiled
        self._target = target
        self._state = state
        self._stream = stream
        self._cells = cells
        self._seen = seen
        self._files = Files(compiled, target)
        # what is known by its code is found by it, and by nothing else
        self._rules = adopt.by if compiled.mapping.resource == "product" else ()
        for rule in self._rules:
            if isinstance(rule, Match) and rule.cell.key not in compiled.cells:
                raise ConfigurationError(
                    f"match({rule.label}): the PIM has no place for this cell any more, and without it products would be "
                    "made twice; mend the PIM, or take the rule out"
                )

    def adopted(self, page: Sequence[Candidate], draft: Draft) -> list[Candidate]:
        """The items of a page, each with the product that a rule finds for it; what is not clear is parked."""
        if not self._rules:
            return list(page)
        failed: dict[ErpKey, str] = {}
        page = [evolve(one, marks=self._marks(one.mapped)) for one in page]
        for one in page:
            if one.exists:
                draft.claims |= {mark: one.mapped.key for mark in one.marks if mark not in draft.claims}
        fresh = [one for one in page if one.is_new and one.name]
        found, unclear = self._found(fresh, failed)
        unclear |= self._taken(page, found)
        unclear |= self._made_just_now([one for one in fresh if one.mapped.key not in found])
        kept: list[Candidate] = []
        for one in page:
            key = one.mapped.key
            if key in failed:
                draft.parked.append(words.unmatched(key, failed[key], self._compiled.context))
            elif key in unclear:
                draft.parked.append(words.ambiguous(key, unclear[key], self._compiled.context))
            elif key in found:
                there, _ = found[key]
                kept.append(evolve(one, base=self._files.adopted(there), ref=there.ref, exists=True))
            else:
                kept.append(one)
        return kept

    def note(self, draft: Draft) -> None:
        """Keep what this page writes under which values: the PIM's lists lag behind."""
        written = [one for one in draft.candidates.values() if one.marks or one.entry is None] if self._rules else []
        marks = [(mark, str(one.mapped.key)) for one in written for mark in (*one.marks, _ref_mark(one.ref))]
        if marks:
            self._seen.name(marks)

    # ---- what the rules find ----
    def _found(
        self, fresh: Sequence[Candidate], failed: dict[ErpKey, str]
    ) -> tuple[dict[ErpKey, tuple[Found, str]], dict[ErpKey, str]]:
        """The one product of each item, by the first rule that finds something; and those of which it finds several.

        Items for which a rule failed join those that have *failed*, with the reason: no later rule is asked for them.
        """
        found: dict[ErpKey, tuple[Found, str]] = {}
        unclear: dict[ErpKey, str] = {}
        is_bare = bool(fresh) and self._target.is_bare()
        for rule in self._rules if fresh else ():
            left = [one for one in fresh if not any(one.mapped.key in some for some in (found, unclear, failed))]
            for key, hits in self._asked(rule, left, failed, is_bare=is_bare).items():
                if key in failed:
                    continue
                if len(hits) == 1:
                    found[key] = (hits[0], rule.label)
                elif hits:
                    unclear[key] = words.several(rule.label, [self._called(one) for one in hits], _NAMED - 1)
        return found, unclear

    def _asked(
        self, rule: Match | Search, left: Sequence[Candidate], failed: dict[ErpKey, str], *, is_bare: bool
    ) -> _Hits:
        """What a rule finds; in a bare PIM nothing, yet what it knows items by must be sure all the same."""
        if isinstance(rule, Search):
            return {} if is_bare else self._search(rule, left, failed)
        cell = self._compiled.cells[rule.cell.key]
        wanted: dict[ErpKey, list[str]] = {}
        for one in left:
            try:
                wanted[one.mapped.key] = self._spellings(rule, cell, one.mapped)
            except Exception as error:  # noqa: BLE001 - a function of a user's own may raise anything; the item is parked with the reason
                failed[one.mapped.key] = words.rule_raised(rule.label, error)
        return {} if is_bare else self._match(rule, cell, wanted, failed)

    def _match(
        self,
        rule: Match,
        cell: CompiledCell[S],
        wanted: Mapping[ErpKey, Sequence[str]],
        failed: dict[ErpKey, str],
    ) -> _Hits:
        by_text: dict[str, list[ErpKey]] = {}
        for key, texts in wanted.items():
            for text in texts:
                by_text.setdefault(_compared(cell, text), []).append(key)
        hits: _Hits = {}
        refused: dict[str, PimRefused] = {}
        texts = list(dict.fromkeys(text for some in wanted.values() for text in some))
        for there in self._holding(cell, texts, refused):
            for key in by_text.get(_compared(cell, there.cells.get(cell.key)), ()):
                _add(hits.setdefault(key, []), there)
        for text, error in refused.items():
            for key in by_text[_compared(cell, text)]:
                failed.setdefault(key, words.rule_refused(rule.label, text, error))
        return hits

    def _spellings(self, rule: Match, cell: CompiledCell[S], mapped: Mapped) -> list[str]:
        outcome = mapped.outcomes.get(cell.key)
        wire = cell.encode(outcome.value) if isinstance(outcome, Put) and outcome.value is not None else None
        if wire is None or isinstance(wire, Problem | bool | list | dict) or not str(wire).strip():
            return []
        return [one for one in rule.spellings(str(wire)) if is_whole(one)]

    def _holding(self, cell: CompiledCell[S], texts: Sequence[str], refused: dict[str, PimRefused]) -> Iterator[Found]:
        """The products that hold one of these texts in a cell. What the PIM does not look for is *refused*."""
        kind = cell.attribute.type if cell.attribute is not None else ""
        if kind not in IN_LOTS or (cell.key == self._compiled.identifier and not self._target.can_rename):
            for text in texts:  # no list of values can be asked for
                yield from self._alone(cell, "=", text, text, refused)
            return
        for some in slices(texts):
            lot = _told(self._listed(cell, "IN", some, _MANY))
            if not isinstance(lot, PimRefused) and len(lot) < _MANY:
                yield from lot
                continue
            # one of them is refused, or no name, such as "n/a": nobody needs to see all that hold it
            for text in some:
                yield from self._alone(cell, "IN", [text], text, refused)

    def _alone(
        self, cell: CompiledCell[S], operator: str, value: str | list[str], text: str, refused: dict[str, PimRefused]
    ) -> Sequence[Found]:
        found = _told(self._listed(cell, operator, value, _NAMED))
        if isinstance(found, PimRefused):
            refused[text] = found
            return ()
        return found

    def _listed(self, cell: CompiledCell[S], operator: str, value: str | list[str], most: int) -> Iterator[Found]:
        place = cell.binding.cell
        condition: dict[str, JsonValue] = {"operator": operator, "value": value}
        condition |= {"locale": place.locale} if place.locale is not None else {}
        condition |= {"scope": place.channel} if place.channel is not None else {}
        return islice(self._target.search({place.attribute: [condition]}, self._cells), most)

    def _search(self, rule: Search, left: Sequence[Candidate], failed: dict[ErpKey, str]) -> _Hits:
        hits: _Hits = {}
        for one in left:
            key, wires = one.mapped.key, self._wires(one.mapped)
            try:
                where = rule.where(wires)
                dumps({**where} if where is not None else {})  # what is no condition at all, the client would raise on
            except Exception as error:  # noqa: BLE001 - a function of a user's own may raise anything; the item is parked with the reason
                failed[key] = words.rule_raised(rule.label, error)
                continue
            # without a condition it would find whatever there is
            found = _told(islice(self._target.search(where, self._cells), _NAMED)) if where else []
            if isinstance(found, PimRefused):
                failed[key] = words.rule_refused(rule.label, where, found)
            else:
                hits[key] = found
        return hits

    def _wires(self, mapped: Mapped) -> dict[str, JsonValue]:
        """The item's cells as they would travel, without prices whose passage has to be told, and without files."""
        found: dict[str, JsonValue] = {}
        for key, cell in self._compiled.cells.items():
            outcome = mapped.outcomes[key]
            if isinstance(outcome, Put) and outcome.value is not None and cell.reference is None and not cell.is_media:
                wire = cell.encode(outcome.value)
                if not isinstance(wire, Problem) and is_whole(wire):
                    found[key] = wire
        return found

    # ---- what cannot be taken ----
    def _taken(self, page: Sequence[Candidate], found: Mapping[ErpKey, tuple[Found, str]]) -> dict[ErpKey, str]:
        """Items whose product is another item's: by the ledger, or by this page."""
        refs = [there.ref for there, _ in found.values()]
        # what an earlier page has taken may be under way still, and not in the ledger
        taken = self._seen.refs([_ref_mark(ref) for ref in refs])
        owners = {ref: taken[_ref_mark(ref)] for ref in refs if _ref_mark(ref) in taken}
        owners |= {one.ref: str(one.key) for one in self._state.owners(self._stream, refs)}
        here = {one.ref: str(one.mapped.key) for one in page if one.exists}
        unclear: dict[ErpKey, str] = {}
        for key, (there, label) in found.items():
            others = [str(other) for other, (same, _) in found.items() if other != key and same.ref == there.ref]
            owner = owners.get(there.ref) or here.get(there.ref)
            if owner is not None and owner != str(key):  # an earlier row of its own may have made the mark
                unclear[key] = words.owned(label, self._called(there), owner)
            elif others:
                unclear[key] = words.wanted_by(label, self._called(there), others)
        return unclear

    def _made_just_now(self, fresh: Sequence[Candidate]) -> dict[ErpKey, str]:
        """Items whose values an earlier page has written: the PIM's lists may not show them yet."""
        known = self._seen.refs([mark for one in fresh for mark in one.marks])
        # an earlier row of its own may have made the mark
        met = {
            one.mapped.key: next((known[mark] for mark in one.marks if known.get(mark, key) != key), None)
            for one in fresh
            for key in [str(one.mapped.key)]
        }
        return {key: words.made(owner) for key, owner in met.items() if owner is not None}

    def _marks(self, mapped: Mapped) -> list[str]:
        """The values that the rules know an item by; no name of a product begins like these."""
        found: list[str] = []
        for rule in self._rules:
            if isinstance(rule, Match):
                cell = self._compiled.cells[rule.cell.key]
                texts = self._sure_spellings(rule, cell, mapped)
                found += [f"\0{cell.key} {_compared(cell, text)}" for text in texts]
        return list(dict.fromkeys(found))

    def _sure_spellings(self, rule: Match, cell: CompiledCell[S], mapped: Mapped) -> list[str]:
        try:
            return self._spellings(rule, cell, mapped)
        except Exception:  # noqa: BLE001 - told where the rule is asked; of what is known already it never is
            return []

    def _called(self, there: Found) -> str:
        identifier = there.cells.get(self._compiled.identifier)
        name = words.names([identifier]) if isinstance(identifier, str) else "a product without identifier"
        return f"{name} ({there.ref})" if identifier != there.ref else name


def _ref_mark(ref: str) -> str:
    """How a product that a run writes is kept among the names met; no name of a product begins like this."""
    return f"\0ref {ref}"


def _told(found: Iterable[Found]) -> list[Found] | PimRefused:
    """What the PIM finds, or why it does not look for it. Raises what has nothing to do with what was asked."""
    try:
        return list(found)
    except (SignInRefused, Forbidden, NotFound, NotOffered, RateLimited):
        raise
    except PimRefused as error:
        return error


def _add(hits: list[Found], there: Found) -> None:
    if len(hits) < _NAMED and all(one.ref != there.ref for one in hits):
        hits.append(there)


def _compared(cell: CompiledCell[S], value: JsonValue) -> str:
    """One form for equal values, without their case."""
    return str(cell.found(value)).lower()

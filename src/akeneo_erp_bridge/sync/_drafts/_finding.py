"""What a rule of adoption finds in the PIM, and by which marks it would know an item again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Final, Generic, TypeAlias, TypeVar

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
from akeneo_erp_bridge.mapping import CompiledCell
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._drafts._matching import IN_LOTS, Adopt, Match, Search, Where
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found, slices

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")

Hits: TypeAlias = dict[ErpKey, list[Found]]
Wires: TypeAlias = Mapping[str, JsonValue]
"""An item's cells as they would travel."""

NAMED: Final = 6  # products that are found for one item, at most: enough to say that there are several
_MANY: Final = 500  # products found for a lot of values, above which each value is searched for itself


class Finder(Generic[ItemT]):
    """Asks the PIM what the rules say. Items for which a rule fails join those that have *failed*, with the reason."""

    def __init__(self, stream: Stream[ItemT], adopt: Adopt) -> None:
        self._stream = stream
        # what is known by its code is found by it, and by nothing else
        self.rules = adopt.by if stream.compiled.mapping.resource == "product" else ()
        for rule in self.rules:
            if isinstance(rule, Match) and rule.cell.key not in stream.compiled.cells:
                raise ConfigurationError(
                    f"match({rule.label}): the PIM has no place for this cell any more, and without it products would be "
                    "made twice; mend the PIM, or take the rule out"
                )

    def find(
        self, rule: Match | Search, items: Mapping[ErpKey, Wires], failed: dict[ErpKey, str], *, is_bare: bool = False
    ) -> Hits:
        """What a rule finds for items; in a bare PIM nothing, yet what it knows items by must be sure all the same."""
        if isinstance(rule, Search):
            asked = self._conditions(rule, items, failed)
            return {} if is_bare else self._search(rule, asked, failed)
        wanted = self._spellings(rule, items, failed)
        return {} if is_bare else self._match(rule, wanted, failed)

    def wires(self, values: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """What rules may see of cells as they travel: no price whose passage has to be told, no file, and no link."""
        return {key: one for key, one in values.items() if one is not None and self.sees(key)}

    def sees(self, key: str) -> bool:
        """Whether rules may see the cell."""
        cell = self._stream.compiled.cells.get(key)
        return cell is not None and cell.reference is None and not cell.is_media and cell.link is None

    def marks(
        self,
        items: Mapping[ErpKey, Wires],
        failed: dict[ErpKey, str] | None = None,
        *,
        last: Match | Search | None = None,
    ) -> dict[ErpKey, list[str]]:
        """The marks by which the rules, up to the *last* one, would know items; one that fails for an item has none for it."""
        found: dict[ErpKey, list[str]] = {}
        failed = {} if failed is None else failed
        for rule in self.rules:
            if isinstance(rule, Match):
                cell = self._stream.compiled.cells[rule.cell.key]
                for key, texts in self._spellings(rule, items, failed).items():
                    found.setdefault(key, []).extend(_mark(cell.key, _compared(cell, one)) for one in texts)
            else:
                # the PIM spells some values otherwise than they travelled
                same = {key: self._canonical(wires) for key, wires in items.items()}
                for key, where in self._conditions(rule, same, failed).items():
                    found.setdefault(key, []).append(_mark(rule.label, _conditions_in_words(where)))
            if rule is last:
                break
        return {key: list(dict.fromkeys(marks)) for key, marks in found.items()}

    def _canonical(self, wires: Wires) -> Wires:
        return {key: self._stream.compiled.cells[key].found(one) for key, one in wires.items()}

    # ---- a value that both hold ----
    def _spellings(
        self, rule: Match, items: Mapping[ErpKey, Wires], failed: dict[ErpKey, str]
    ) -> dict[ErpKey, list[str]]:
        wanted: dict[ErpKey, list[str]] = {}
        for key, wires in items.items():
            wire = wires.get(rule.cell.key)
            if wire is None or isinstance(wire, bool | list | dict) or not str(wire).strip():
                continue
            try:
                wanted[key] = [one for one in rule.spellings(str(wire)) if is_whole(one)]
            except Exception as error:  # noqa: BLE001 - a function of a user's own may raise anything; the item is parked with the reason
                failed[key] = words.rule_raised(rule.label, error)
        return wanted

    def _match(self, rule: Match, wanted: Mapping[ErpKey, Sequence[str]], failed: dict[ErpKey, str]) -> Hits:
        cell = self._stream.compiled.cells[rule.cell.key]
        by_text: dict[str, list[ErpKey]] = {}
        for key, texts in wanted.items():
            for text in texts:
                by_text.setdefault(_compared(cell, text), []).append(key)
        hits: Hits = {}
        refused: dict[str, PimRefused] = {}
        texts = list(dict.fromkeys(text for some in wanted.values() for text in some))
        for there in self._holding(cell, texts, refused):
            for key in by_text.get(_compared(cell, there.cells.get(cell.key)), ()):
                _add(hits.setdefault(key, []), there)
        for text, error in refused.items():
            for key in by_text[_compared(cell, text)]:
                failed.setdefault(key, words.rule_refused(rule.label, text, error))
        return hits

    def _holding(self, cell: CompiledCell[S], texts: Sequence[str], refused: dict[str, PimRefused]) -> Iterator[Found]:
        """The products that hold one of these texts in a cell. What the PIM does not look for is *refused*."""
        kind = cell.attribute.type if cell.attribute is not None else ""
        if kind not in IN_LOTS or (cell.key == self._stream.compiled.identifier and not self._stream.target.can_rename):
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
        found = _told(self._listed(cell, operator, value, NAMED))
        if isinstance(found, PimRefused):
            refused[text] = found
            return ()
        return found

    def _listed(self, cell: CompiledCell[S], operator: str, value: str | list[str], most: int) -> Iterator[Found]:
        place = cell.binding.cell
        condition: dict[str, JsonValue] = {"operator": operator, "value": value}
        condition |= {"locale": place.locale} if place.locale is not None else {}
        condition |= {"scope": place.channel} if place.channel is not None else {}
        return islice(self._stream.target.search({place.attribute: [condition]}, self._stream.cells), most)

    # ---- conditions of a user's own ----
    def _conditions(
        self, rule: Search, items: Mapping[ErpKey, Wires], failed: dict[ErpKey, str]
    ) -> dict[ErpKey, Where]:
        asked: dict[ErpKey, Where] = {}
        for key, wires in items.items():
            try:
                where = rule.where(wires)
                dumps({**where} if where is not None else {})  # what is no condition at all, the client would raise on
            except Exception as error:  # noqa: BLE001 - a function of a user's own may raise anything; the item is parked with the reason
                failed[key] = words.rule_raised(rule.label, error)
                continue
            if where:  # without a condition it would find whatever there is
                asked[key] = where
        return asked

    def _search(self, rule: Search, asked: Mapping[ErpKey, Where], failed: dict[ErpKey, str]) -> Hits:
        hits: Hits = {}
        for key, where in asked.items():
            found = _told(islice(self._stream.target.search(where, self._stream.cells), NAMED))
            if isinstance(found, PimRefused):
                failed[key] = words.rule_refused(rule.label, where, found)
            else:
                hits[key] = found
        return hits


def _mark(*parts: str) -> str:
    """One short text for what a rule knows an item by; a state keeps some for each item. No SKU looks like it."""
    return f"by {blake2b(' '.join(parts).encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"


def _conditions_in_words(where: Where) -> str:
    """One form for equal conditions: the PIM compares texts without their case."""
    return json.dumps(json.loads(dumps({**where})), sort_keys=True).lower()


def _told(found: Iterable[Found]) -> list[Found] | PimRefused:
    """What the PIM finds, or why it does not look for it. Raises what has nothing to do with what was asked."""
    try:
        return list(found)
    except (SignInRefused, Forbidden, NotFound, NotOffered, RateLimited):
        raise
    except PimRefused as error:
        return error


def _add(hits: list[Found], there: Found) -> None:
    if len(hits) < NAMED and all(one.ref != there.ref for one in hits):
        hits.append(there)


def _compared(cell: CompiledCell[S], value: JsonValue) -> str:
    """One form for equal values, without their case."""
    return str(cell.found(value)).lower()

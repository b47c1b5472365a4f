"""What a plan was to create or to adopt, and what rules of adoption find by now: somebody made it while people looked at the plan."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.rules import Owner
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._changes import ItemChange
from akeneo_erp_bridge.sync._drafts._finding import Finder
from akeneo_erp_bridge.sync._drafts._matching import Adopt, Match, Search
from akeneo_erp_bridge.sync._drafts._sent import Sent
from akeneo_erp_bridge.sync._state import Marked
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found

ItemT = TypeVar("ItemT", bound=ErpItem)


@frozen
class Appearance:
    """Why some of the changes create or adopt nothing any more, and by which marks rules know what is written."""

    reasons: Mapping[ErpKey, str]
    marks: Sequence[Marked]


class Appeared(Generic[ItemT]):
    """Asks the rules once more, those that see what a plan tells: of a cell that is the PIM's own it tells nothing."""

    def __init__(self, stream: Stream[ItemT], adopt: Adopt) -> None:
        self._finder = Finder(stream, adopt)
        self._sent = Sent(stream, self._finder)
        self._stream = stream
        cells = stream.compiled.cells
        untold = {key for key, one in cells.items() if one.binding.owner is Owner.PIM and self._finder.sees(key)}
        self._rules = [
            rule
            for rule in self._finder.rules
            if (rule.cell.key not in untold if isinstance(rule, Match) else not untold)
        ]

    def look(self, changes: Sequence[ItemChange], known: Container[ErpKey]) -> Appearance:
        """What the rules say of changes. Items that are *known* have this product, unless it is to be created, and are not asked for."""
        if not self._rules:
            return Appearance({}, [])
        wires = {one.key: self._wires(one) for one in changes}
        fresh = {one.key: one for one in changes if self._is_asked(one, is_known=one.key in known)}
        reasons: dict[ErpKey, str] = {}
        still: dict[ErpKey, Match | Search] = {}
        for rule in self._rules:
            left = {key: wires[key] for key in fresh if key not in reasons and key not in still}
            for key, products in self._finder.find(rule, left, reasons).items():
                if [one.ref for one in products] == [fresh[key].ref]:
                    still[key] = rule
                elif products and key not in reasons:
                    reasons[key] = self._told(rule.label, products, fresh[key])
        marks = self._finder.marks(wires)
        decisive = {key: marks[key] for key in fresh if key in marks and key not in reasons}
        for key, rule in still.items():
            decisive |= self._finder.marks({key: wires[key]}, last=rule)
        reasons |= self._sent.twins(decisive)
        return Appearance(
            reasons, [Marked(mark, one.key, one.ref) for one in changes for mark in marks.get(one.key, ())]
        )

    def _is_asked(self, change: ItemChange, *, is_known: bool) -> bool:
        """Whether it was a rule of these that said what the item is. A product that is adopted by its SKU keeps it."""
        is_adopted = change.action == "update" and self._stream.compiled.identifier in change.cells and not is_known
        return change.action == "create" or (is_adopted and len(self._rules) == len(self._finder.rules))

    def _wires(self, change: ItemChange) -> dict[str, JsonValue]:
        new = {key: one.new for key, one in change.cells.items()}
        return self._finder.wires({**change.after.cells, **new})

    def _told(self, rule: str, there: Sequence[Found], change: ItemChange) -> str:
        identifier = self._stream.compiled.identifier
        called = ", ".join(words.product(one.ref, one.cells.get(identifier)) for one in there)
        planned = "it was to be created" if change.action == "create" else f"{change.ref} was to be adopted"
        return f"'{rule}' finds {called} in the PIM by now, and {planned}"

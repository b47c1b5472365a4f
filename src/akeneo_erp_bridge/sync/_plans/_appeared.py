"""What a plan was to create, and the rules of adoption find by now: somebody made it while the plan was looked at."""

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
from akeneo_erp_bridge.sync._drafts._matching import Adopt, Match
from akeneo_erp_bridge.sync._drafts._sent import Sent
from akeneo_erp_bridge.sync._state import Marked
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found

ItemT = TypeVar("ItemT", bound=ErpItem)


@frozen
class Appearance:
    """Why some of the changes create nothing any more, and by which marks rules know what is written."""

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
        """What the rules say of changes. Items that are *known* have their product, or had one, and are not asked for."""
        if not self._rules:
            return Appearance({}, [])
        wires = {one.key: self._wires(one) for one in changes}
        fresh = [one.key for one in changes if one.action == "create" and one.key not in known]
        reasons: dict[ErpKey, str] = {}
        failed: dict[ErpKey, str] = {}  # it did not when the plan was made, and the next run tells
        for rule in self._rules:
            left = {key: wires[key] for key in fresh if key not in reasons}
            for key, products in self._finder.find(rule, left, failed).items():
                reasons |= {key: self._told(rule.label, products)} if products else {}
        marks = self._finder.marks(wires)
        reasons |= self._sent.twins({key: marks[key] for key in fresh if key in marks and key not in reasons})
        return Appearance(
            reasons, [Marked(mark, one.key, one.ref) for one in changes for mark in marks.get(one.key, ())]
        )

    def _wires(self, change: ItemChange) -> dict[str, JsonValue]:
        new = {key: one.new for key, one in change.cells.items()}
        return self._finder.wires({**change.after.cells, **new})

    def _told(self, rule: str, there: Sequence[Found]) -> str:
        identifier = self._stream.compiled.identifier
        called = ", ".join(words.product(one.ref, one.cells.get(identifier)) for one in there)
        return f"'{rule}' finds {called} in the PIM by now, and it was to be created"

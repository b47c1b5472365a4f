"""What a plan was to create, and the rules of adoption find by now: somebody made it while the plan was looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.sync import _words as words
from akeneo_erp_bridge.sync._changes import ItemChange
from akeneo_erp_bridge.sync._drafts._finding import Finder
from akeneo_erp_bridge.sync._drafts._matching import Adopt
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._target import Found

ItemT = TypeVar("ItemT", bound=ErpItem)


@frozen
class Appearance:
    """Why some of the changes create nothing any more, and by which marks rules know all of them."""

    reasons: Mapping[ErpKey, str]
    marks: Mapping[ErpKey, Sequence[str]]


class Appeared(Generic[ItemT]):
    """Asks the rules once more. A plan tells nothing of the PIM's own cells, by which only a run compares."""

    def __init__(self, stream: Stream[ItemT], adopt: Adopt) -> None:
        self._finder = Finder(stream, adopt)
        self._stream = stream

    def look(self, changes: Sequence[ItemChange]) -> Appearance:
        """What the rules say of changes; they find nothing for what is there already."""
        creates = [one for one in changes if one.action == "create"]
        if not self._finder.rules:
            return Appearance({}, {})
        reasons: dict[ErpKey, str] = {}
        marks = self._finder.marks({one.key: self._wires(one) for one in changes})
        for rule in self._finder.rules:
            left = {one.key: self._wires(one) for one in creates if one.key not in reasons}
            hits, known_by = self._finder.find(rule, left, reasons)
            reasons |= {key: self._told(rule.label, some) for key, some in hits.items() if some and key not in reasons}
            for key, some in known_by.items():
                marks[key] = list(dict.fromkeys([*marks.get(key, ()), *some]))
        sent = self._stream.state.marked(
            self._stream.name, list({mark for one in creates for mark in marks.get(one.key, ())})
        )
        for one in creates:
            owners = (owner for mark in marks.get(one.key, ()) for owner in sent.get(mark, ()))
            owner = next((owner for owner in owners if owner != one.key), None)
            if owner is not None:
                reasons.setdefault(one.key, words.made(owner))
        return Appearance(reasons, marks)

    def _wires(self, change: ItemChange) -> dict[str, JsonValue]:
        cells = self._stream.compiled.cells
        return {
            key: one.new
            for key, one in change.cells.items()
            if key in cells and cells[key].reference is None and not cells[key].is_media and one.new is not None
        }

    def _told(self, rule: str, there: Sequence[Found]) -> str:
        identifier = self._stream.compiled.identifier
        called = ", ".join(words.product(one.ref, one.cells.get(identifier)) for one in there)
        return f"'{rule}' finds {called} in the PIM by now, and it was to be created"

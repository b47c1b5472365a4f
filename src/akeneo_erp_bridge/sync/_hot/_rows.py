"""Two rows of one key on the way to a shop: a newer value, or another row that bears its number?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, TypeVar

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem, HotReader, Page
from akeneo_erp_bridge.sync._drafts._later_rows import LaterRows, Verdict, asking
from akeneo_erp_bridge.sync._drafts._seen import SeenKeys
from akeneo_erp_bridge.sync._hot._items import OfferMaker
from akeneo_erp_bridge.sync._hot._ledger import last_of
from akeneo_erp_bridge.sync._state import SyncState

ItemT = TypeVar("ItemT", bound=ErpItem)

ASKED: Final = 500
"""How many keys an ERP is asked for in one read."""


class HotRows(Generic[ItemT]):
    """Knows the rows of one reading, and tells which of the next page are rivals of earlier ones: see `LaterRows`.

    `goes_on`: an earlier run has shown the first pages of this snapshot. `begins`: nothing of it was noted yet.
    """

    def __init__(
        self,
        erp: HotReader[ItemT],
        maker: OfferMaker[ItemT],
        state: SyncState,
        stream: str,
        *,
        goes_on: bool = False,
    ) -> None:
        self._erp = erp
        self._maker = maker
        self._state = state
        self._stream = stream
        # made for the first row: most rounds of a relay that follows changes read none
        self._met: tuple[SeenKeys, LaterRows[ItemT]] | None = None
        self.goes_on = goes_on
        self.begins = not goes_on

    def rivals(self, page: Page[ItemT]) -> Sequence[bool]:
        """For each row of a page, whether it is a rival, which does not count. Raises what the ERP raises that is asked."""
        verdicts: Sequence[Verdict] = self._judged(page) if page.items else ()
        if self._met is not None:
            self._met[0].forget(page.tombstones)
        return [bool(item.key) and one == "rival" for item, one in zip(page.items, verdicts, strict=True)]

    def begin_anew(self) -> None:
        """All is read from the start: what was met before says nothing any more."""
        if self._met is not None:
            self._met[0].begin_anew()
        self.goes_on, self.begins = False, True

    def close(self) -> None:
        """Give the keys back."""
        if self._met is not None:
            self._met[0].close()

    # ---- inside ----
    def _judged(self, page: Page[ItemT]) -> Sequence[Verdict]:
        rows = [(item.key, item.fingerprint(self._maker.paths)) for item in page.items]
        if self._met is None:
            item = type(page.items[0])
            fields = frozenset({*self._maker.paths, item.key_spec().path})
            seen = SeenKeys()
            self._met = (seen, LaterRows(seen, asking(self._erp, item, self._maker.paths, fields, ASKED)))
        seen, later = self._met
        if self.goes_on and page.resume.kind == "snapshot":
            self._recall(page.items, rows, seen)
        return later.meet(rows, page.resume.kind).verdicts

    def _recall(self, items: Sequence[ItemT], rows: Sequence[tuple[ErpKey, str]], seen: SeenKeys) -> None:
        """Meet the rows that an earlier run of this snapshot has shown, where a page holds others of their keys.

        Some readers begin anew behind a stop, so that a row may be the same one, changed. What is as the shop has it
        needs no question; of the rest the ERP tells which row is the first.
        """
        met = seen.among([key for key, _ in rows])
        first = {
            key: (item, told) for item, (key, told) in reversed(list(zip(items, rows, strict=True))) if key not in met
        }
        shown = sorted(self._state.shown_among(self._stream, list(first)))
        entries, intents = self._state.entries(self._stream, shown), self._state.intents(self._stream, shown)
        made = {key: self._maker.make(first[key][0], 0.0) for key in shown}
        contested = [
            key
            for key, one in made.items()
            if one.problem is not None or not last_of(key, entries, intents).agrees(one.values)
        ]
        found = self._asked(contested)
        seen.meet([(key, told[0]) for key, told in found.items() if len(set(told)) > 1 and told[0] != first[key][1]])

    def _asked(self, keys: Sequence[ErpKey]) -> Mapping[ErpKey, Sequence[str]]:
        """What the ERP holds now under these keys: the fingerprints of their rows, in its order."""
        found: dict[ErpKey, list[str]] = {key: [] for key in keys}
        for start in range(0, len(keys), ASKED):
            for page in self._erp.read_hot(None, keys=keys[start : start + ASKED]):
                for one in page.items:
                    if (key := one.key) in found:  # it may give more than it was asked for
                        found[key].append(one.fingerprint(self._maker.paths))
        return {key: told for key, told in found.items() if told}

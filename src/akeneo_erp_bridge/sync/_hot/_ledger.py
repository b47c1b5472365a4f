"""What the ledger holds of an offer: the values, their version, and the stamp of the ERP.

No table is needed for it: the values are an entry's cells in canonical form, and version and stamp are among its stamps.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Final

from attrs import evolve, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import Offer, OfferValue
from akeneo_erp_bridge.commerce._wire import canonical, from_wire
from akeneo_erp_bridge.sync._hot._items import Made, Stamp, newest
from akeneo_erp_bridge.sync._state import LedgerEntry, Wire

_VERSION: Final = "version"
_MOMENT: Final = "moment"
_NUMBER: Final = "number"


@frozen
class Last:
    """What is known of a key: what the shop took last, and what it was sent since and did not answer.

    `is_open`: something was sent and not answered, so that nobody knows what the shop has.
    """

    entry: LedgerEntry | None
    intent: LedgerEntry | None

    @property
    def is_known(self) -> bool:
        """Whether the shop took it once."""
        return self.entry is not None

    @property
    def is_open(self) -> bool:
        """Whether something was sent, and perhaps taken."""
        return self.intent is not None

    @property
    def is_gone(self) -> bool:
        """Whether all of it was withdrawn, since the ERP deleted the item."""
        return self.entry is not None and self.entry.gone and not self.is_open

    @property
    def version(self) -> int:
        """The greatest that the shop may have seen."""
        return max(_version(self.entry), _version(self.intent))

    @property
    def stamp(self) -> Stamp | None:
        """The newest that the shop may have seen."""
        return newest(_stamp(self.entry), _stamp(self.intent))

    def agrees(self, values: Mapping[str, OfferValue]) -> bool:
        """Whether the shop has these values."""
        if self.entry is None or self.is_open:
            return False
        cells = self.entry.cells
        return all(feed in cells and cells[feed] == canonical(value) for feed, value in values.items())

    def next(self, made: Made) -> Offer:
        """The offer to send. What was sent and not answered is in it too, where the ERP says nothing else now."""
        sent = {feed: from_wire(raw) for feed, raw in self.intent.cells.items()} if self.intent is not None else {}
        return Offer(made.key, {**sent, **made.values}, version=self.version + 1)

    def sending(self, made: Made, offer: Offer) -> LedgerEntry:
        """What to note before an offer is sent: nothing else but what is in it."""
        cells: dict[str, Wire] = {feed: canonical(value) for feed, value in offer.values.items()}
        return self._entry(made, cells, offer.version)

    def taken(self, noted: LedgerEntry) -> LedgerEntry:
        """The entry that stands when the shop has taken what was noted."""
        before = self.entry.cells if self.entry is not None else noted.cells
        return evolve(noted, cells={**before, **noted.cells})

    def found(self, made: Made) -> LedgerEntry:
        """The entry that stands when the shop has it already."""
        cells: dict[str, Wire] = dict(self.entry.cells) if self.entry is not None else {}
        cells |= {feed: canonical(value) for feed, value in made.values.items()}
        return self._entry(made, cells, self.version)

    def _entry(self, made: Made, cells: dict[str, Wire], version: int) -> LedgerEntry:
        stamps: dict[str, Wire] = {_VERSION: version}
        stamp = newest(made.stamp, self.stamp)
        if isinstance(stamp, datetime):
            stamps[_MOMENT] = stamp.isoformat()
        elif stamp is not None:
            stamps[_NUMBER] = stamp
        return LedgerEntry(made.key, "", "", "", cells, stamps, gone=made.is_gone)


def fingerprint(cells: Mapping[str, Wire]) -> str:
    """A short hash of values in canonical form."""
    text = json.dumps(dict(cells), sort_keys=True)
    return blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


def last_of(key: ErpKey, entries: Mapping[ErpKey, LedgerEntry], intents: Mapping[ErpKey, LedgerEntry]) -> Last:
    """What is known of one of the keys that were looked up."""
    return Last(entries.get(key), intents.get(key))


def _version(entry: LedgerEntry | None) -> int:
    found = entry.stamps.get(_VERSION) if entry is not None else None
    return found if isinstance(found, int) else 0


def _stamp(entry: LedgerEntry | None) -> Stamp | None:
    if entry is None:
        return None
    moment, number = entry.stamps.get(_MOMENT), entry.stamps.get(_NUMBER)
    if isinstance(moment, str):
        return datetime.fromisoformat(moment)
    return number if isinstance(number, int) else None

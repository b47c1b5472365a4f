"""Where reading stands: what was read, and from which stamp the next round asks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from akeneo_erp_bridge.erp._odoo._values import MOMENT
from akeneo_erp_bridge.erp._odoo._wire import Raw

# How far the clock of Odoo's web server may be ahead of its database's, so that an hour without a change need not
# be asked for again and again. `overlap` is for what happens each day.
_TRUST: Final = timedelta(hours=1)


@frozen
class Round:
    """One round of reading: from the stamp `since`, begun at `began`, gone through by id up to `after`.

    `newest` is the newest stamp met that is no later than `began`: a later one may be of a change made after an
    earlier page of the same round, whose own stamp lies before it.
    """

    since: datetime | None = None
    began: datetime | None = None
    newest: datetime | None = None
    after: int = 0

    def met(self, stamps: Sequence[datetime], after: int) -> Round:
        """The round, behind a page with these stamps."""
        known = [one for one in stamps if self.began is None or one <= self.began]
        newest = max([*known, *([self.newest] if self.newest else [])], default=None)
        return evolve(self, newest=newest, after=after)

    def next_one(self) -> Round:
        """The round that follows when this one is through."""
        candidates = [self.since, self.newest, self.began and self.began - _TRUST]
        return Round(since=max([one for one in candidates if one], default=None))

    def dump(self) -> str:
        """As a cursor keeps it."""
        stamps = {name: one and one.isoformat() for name, one in self._stamps().items()}
        return json.dumps({**stamps, "after": self.after})

    @classmethod
    def load(cls, blob: str) -> Round:
        """Raises `ValueError`, `KeyError` or `TypeError` for anything that `dump` did not write."""
        parts = json.loads(blob)
        since, began, newest = (
            None if parts[name] is None else datetime.fromisoformat(parts[name])
            for name in ("since", "began", "newest")
        )
        return cls(since, began, newest, int(parts["after"]))

    def _stamps(self) -> dict[str, datetime | None]:
        return {"since": self.since, "began": self.began, "newest": self.newest}


def changed_since(stamps: Sequence[str], moment: datetime | None) -> list[Raw]:
    """The condition that any of these stamps is not earlier. Odoo writes operators before what they join."""
    if moment is None:
        return []
    text = moment.astimezone(UTC).strftime(MOMENT)
    conditions: list[Raw] = [[stamp, ">=", text] for stamp in stamps]
    return [*["|"] * (len(conditions) - 1), *conditions]

"""Changes gathered into batches: of a burst about one key, the latest value counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from attrs import define, field, frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync._hot._items import Made, is_older
from akeneo_erp_bridge.sync._state import ParkedItem
from akeneo_erp_bridge.sync.report import Tally


def _is_a_size(_instance: object, _attribute: object, size: int) -> None:
    if size < 1:
        raise ConfigurationError(f"Batch(size={size}): a batch holds one key at least")


@frozen(kw_only=True)
class Batch:
    """How changes are gathered: at most *size* keys go to the shop in one call.

    Pages are gathered as long as another one of the size of the last would fit, and until *within* has passed since the
    first of them was read, which is looked at when a page has come; the end of a reading is never waited for.

    >>> Batch(size=100).within
    datetime.timedelta(microseconds=50000)
    """

    size: int = field(default=500, validator=_is_a_size)
    within: timedelta = timedelta(milliseconds=50)


@frozen(kw_only=True)
class Tail:
    """What is settled with the last part of a batch, beside the offers.

    `aside` are rows that are no offers, for want of a key, or since another row has it. Of a snapshot the keys that its
    pages have `shown` are noted with the `cursor`; `begins`: nothing of it was noted before.
    """

    aside: Sequence[ParkedItem] = ()
    cursor: Cursor | None = None
    shown: Sequence[ErpKey] = ()
    begins: bool = False


@define
class Gathered:
    """What was read and not sent yet. It holds no more than a batch and a page."""

    tally: Tally
    latest: dict[ErpKey, Made] = field(factory=dict[ErpKey, Made])
    aside: list[ParkedItem] = field(factory=list[ParkedItem])
    shown: list[ErpKey] = field(factory=list[ErpKey])
    begins: bool = False
    pages: int = 0
    last_page: int = 0
    cursor: Cursor | None = None
    since: float = 0.0

    def add(self, made: Made) -> None:
        """One more. Of two of one key one gives way, and is counted as unchanged: the earlier one, or one that is late."""
        if not made.key:
            if made.problem is not None:
                self.aside.append(made.problem)
            return
        known = self.latest.get(made.key)
        if known is None:
            self.latest[made.key] = made
            return
        late = is_older(made.stamp, known.stamp)
        gives_way = made if late else known
        if not gives_way.is_gone:
            self.tally.unchanged += 1
        if not late:
            # a deleted item that is there again is another one: nothing of the withdrawal is left
            self.latest[made.key] = made if known.is_gone or made.is_gone else made.over(known)

    def turned(self, resume: Cursor | None, since: float, size: int) -> None:
        """A page of so many items is gathered whole."""
        self.last_page = size
        self.since = since if self.pages == 0 else self.since
        self.pages += 1
        self.cursor = resume

    def is_full(self, batch: Batch, now: float) -> bool:
        """Whether it is time to send."""
        held = len(self.latest) + len(self.aside)
        is_near = held + self.last_page > batch.size or held >= batch.size
        return is_near or now - self.since >= batch.within.total_seconds()

    def parts(self, size: int) -> Iterator[tuple[Sequence[Made], Tail]]:
        """What goes to the shop in one call each, the last with the tail.

        There is one empty part where there is nothing, since the cursor goes on.
        """
        found = list(self.latest.values())
        for start in range(0, max(len(found), 1), size):
            is_last = start + size >= len(found)
            tail = Tail(aside=self.aside, cursor=self.cursor, shown=self.shown, begins=self.begins)
            yield found[start : start + size], tail if is_last else Tail()

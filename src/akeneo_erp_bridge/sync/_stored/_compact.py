"""Drops what is too old from a state."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.sync._stored._database import Database, Session, number
from akeneo_erp_bridge.sync._words import counted

_OLD_RUNS: Final = "FROM run WHERE started < ? AND place NOT IN (SELECT max(place) FROM run GROUP BY stream)"
_OLD_GONE: Final = "FROM ledger WHERE gone <> 0 AND gone < ?"


@frozen(kw_only=True)
class Compacted:
    """What was dropped, and the bytes before and after.

    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> with SqliteState(":memory:") as state:
    ...     dropped = state.compact(runs_older_than=timedelta(days=90))
    >>> dropped.runs, dropped.gone
    (0, 0)
    >>> print(Compacted(runs=12, gone=1, size_before=9_400_000, size_after=8_100_000))
    12 runs and 1 item that was gone dropped; 9.4 MB before, 8.1 MB after
    """

    runs: int
    gone: int
    size_before: int
    size_after: int

    def __str__(self) -> str:
        sizes = f"{self.size_before / 1e6:.1f} MB before, {self.size_after / 1e6:.1f} MB after"
        gone = "1 item that was" if self.gone == 1 else f"{self.gone} items that were"
        return f"{counted(self.runs, 'run')} and {gone} gone dropped; {sizes}"


def compacted(
    database: Database, now: datetime, runs_older_than: timedelta | None, gone_older_than: timedelta | None
) -> Compacted:
    """Drop, and give the room back."""

    def work(db: Session) -> tuple[int, int]:
        runs = gone = 0
        if runs_older_than is not None:
            before = (now - runs_older_than).isoformat()
            runs = number(db, f"SELECT count(*) {_OLD_RUNS}", before)
            db.execute(f"DELETE {_OLD_RUNS}", (before,))
        if gone_older_than is not None:
            second = int((now - gone_older_than).timestamp())
            gone = number(db, f"SELECT count(*) {_OLD_GONE}", second)
            db.execute(f"DELETE {_OLD_GONE}", (second,))
        return runs, gone

    size = database.size()
    runs, gone = database.write(work)
    database.shrink()
    return Compacted(runs=runs, gone=gone, size_before=size, size_after=database.size())

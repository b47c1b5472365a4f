"""By which values a run knew the products that it sent a moment ago, as rows: the PIM's lists lag behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._state import Marked
from akeneo_erp_bridge.sync._stored._database import Session, Table, among

MARK: Final = Table("mark", ("stream", "mark", "ref"), ("key", "at"))

KEPT: Final = timedelta(hours=1)
"""Far longer than a search index lags that works at all."""

_PUT: Final = MARK.put()


def put_marks(db: Session, stream: str, marks: Sequence[Marked], at: datetime) -> None:
    """Keep these beside those of before: what is sent may be refused. Within a transaction."""
    moment = int(at.timestamp())
    db.executemany(_PUT, [(stream, one.mark, one.ref, one.key, moment) for one in marks])


def marked(db: Session, stream: str, marks: Sequence[str]) -> list[Marked]:
    """What was sent under these marks."""
    first, last = _kept(datetime.now(UTC))
    query = f"SELECT mark, key, ref FROM mark WHERE at BETWEEN {first} AND {last} AND stream = ? AND mark IN"
    return [Marked(mark, ErpKey(key), ref) for mark, key, ref in among(db, query, stream, marks)]


def forget_marks(db: Session, stream: str) -> None:
    """Drop those that no list can lag behind any more, and those that a wrong clock put far into the future."""
    db.execute("DELETE FROM mark WHERE stream = ? AND NOT at BETWEEN ? AND ?", (stream, *_kept(datetime.now(UTC))))


def _kept(now: datetime) -> tuple[int, int]:
    moment, kept = int(now.timestamp()), int(KEPT.total_seconds())
    return moment - kept, moment + kept

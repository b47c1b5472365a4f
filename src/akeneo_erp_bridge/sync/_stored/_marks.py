"""By which values a run knew the items that it sent a moment ago, as rows: the PIM's lists lag behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._stored._database import Session, Table, among, delete_among

MARK: Final = Table("mark", ("stream", "key", "mark"), ("at",))

KEPT: Final = timedelta(hours=1)
"""Far longer than a search index lags that works at all."""

_PUT: Final = MARK.put()
# what was sent and refused is nobody's; only where it was not answered it may be there
_SELECT: Final = """SELECT mark, key FROM mark WHERE (
    EXISTS (SELECT 1 FROM ledger WHERE ledger.stream = mark.stream AND ledger.key = mark.key)
    OR EXISTS (SELECT 1 FROM intent WHERE intent.stream = mark.stream AND intent.key = mark.key)
) AND stream = ? AND mark IN"""


def put_marks(db: Session, stream: str, marks: Mapping[ErpKey, Sequence[str]], at: datetime) -> None:
    """Keep these marks of items in place of those they had; within a transaction."""
    if marks:
        delete_among(db, MARK, stream, marks)
        moment = int(at.timestamp())
        db.executemany(_PUT, [(stream, key, one, moment) for key, some in marks.items() for one in some])


def marked(db: Session, stream: str, marks: Sequence[str]) -> dict[str, list[ErpKey]]:
    """The items that these marks are known by."""
    found: dict[str, list[ErpKey]] = {}
    for mark, key in among(db, _SELECT, stream, marks):
        found.setdefault(mark, []).append(ErpKey(key))
    return found


def forget_marks(db: Session, stream: str, now: datetime) -> None:
    """Drop those that no list can lag behind any more, and those that a wrong clock put far into the future."""
    moment, kept = int(now.timestamp()), int(KEPT.total_seconds())
    db.execute("DELETE FROM mark WHERE stream = ? AND NOT at BETWEEN ? AND ?", (stream, moment - kept, moment + kept))

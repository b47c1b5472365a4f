"""Deletions of runs that did not come to their end, as rows: brakes count them."""

from __future__ import annotations

from typing import Final

from akeneo_erp_bridge.sync._state import DeletionCount
from akeneo_erp_bridge.sync._stored._database import Session, Table

DELETION: Final = Table("deletion", ("stream", "part"), ("deletions", "known"))

_PUT: Final = DELETION.put()


def read_deletions(db: Session, stream: str, part: str) -> DeletionCount:
    """What is counted of a part; empty for runs of all that there is."""
    query = "SELECT deletions, known FROM deletion WHERE stream = ? AND part = ?"
    row = db.execute(query, (stream, part)).fetchone()
    return DeletionCount(int(row[0]), int(row[1]), part) if row else DeletionCount(part=part)


def write_deletions(db: Session, stream: str, count: DeletionCount | None) -> None:
    """Keep the count in place of the one before, not on top of it: a transaction may be done twice. Within one."""
    if count is not None:
        db.execute(_PUT, (stream, count.part, count.deletions, count.known))


def forget_deletions(db: Session, stream: str, part: str) -> None:
    """A run came to its end; within a transaction."""
    db.execute("DELETE FROM deletion WHERE stream = ? AND part = ?", (stream, part))

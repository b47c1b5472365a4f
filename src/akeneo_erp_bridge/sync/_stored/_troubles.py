"""What people were told of, as rows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from akeneo_erp_bridge.sync._stored._database import Session, Table
from akeneo_erp_bridge.sync._telling._trouble import Trouble

TROUBLE: Final = Table("trouble", ("stream",), ("since", "told", "ended", "again"))

_PUT: Final = TROUBLE.put()


def read_trouble(db: Session, stream: str) -> Trouble | None:
    """The trouble of a stream that people were told of, and that is not forgotten."""
    row = db.execute("SELECT since, told, ended, again FROM trouble WHERE stream = ?", (stream,)).fetchone()
    if row is None:
        return None
    told: dict[str, str] = json.loads(row[1])
    again: dict[str, int] = json.loads(row[3])
    ended = None if row[2] is None else datetime.fromisoformat(row[2])
    at = {kind: datetime.fromisoformat(one) for kind, one in told.items()}
    return Trouble(datetime.fromisoformat(row[0]), at, ended, again)


def write_trouble(db: Session, stream: str, trouble: Trouble | None) -> None:
    """Keep it in place of the one before; `None`: it is forgotten. Within a transaction."""
    if trouble is None:
        db.execute("DELETE FROM trouble WHERE stream = ?", (stream,))
    else:
        told = json.dumps({kind: at.isoformat() for kind, at in trouble.told.items()})
        ended = None if trouble.ended is None else trouble.ended.isoformat()
        db.execute(_PUT, (stream, trouble.since.isoformat(), told, ended, json.dumps(dict(trouble.again))))

"""What people were told of, as rows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from akeneo_erp_bridge.sync._stored._database import Session, Table
from akeneo_erp_bridge.sync._trouble import Trouble

TROUBLE: Final = Table("trouble", ("stream",), ("since", "told"))

_PUT: Final = TROUBLE.put()


def read_trouble(db: Session, stream: str) -> Trouble | None:
    """The trouble of a stream that people were told of, and that is not over."""
    row = db.execute("SELECT since, told FROM trouble WHERE stream = ?", (stream,)).fetchone()
    if row is None:
        return None
    told: dict[str, str] = json.loads(row[1])
    return Trouble(datetime.fromisoformat(row[0]), {kind: datetime.fromisoformat(at) for kind, at in told.items()})


def write_trouble(db: Session, stream: str, trouble: Trouble | None) -> None:
    """Keep it in place of the one before; `None`: it is over. Within a transaction."""
    if trouble is None:
        db.execute("DELETE FROM trouble WHERE stream = ?", (stream,))
    else:
        told = json.dumps({kind: at.isoformat() for kind, at in trouble.told.items()})
        db.execute(_PUT, (stream, trouble.since.isoformat(), told))

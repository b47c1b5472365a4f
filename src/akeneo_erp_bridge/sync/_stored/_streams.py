"""What is known of a stream as a whole, as rows: where it came to, and whose it is."""

from __future__ import annotations

from typing import Final, cast

from akeneo_erp_bridge.erp import Cursor, CursorKind
from akeneo_erp_bridge.sync._state import Settled
from akeneo_erp_bridge.sync._stored._database import Session, Table

CURSOR: Final = Table(
    "cursor", ("stream",), ("kind", "blob", "schema_hash", "context", "finished", "reached", "baseline")
)
ORIGIN: Final = Table("origin", ("stream",), ("origin",))

_PUT_CURSOR: Final = CURSOR.put()


def read_cursor(db: Session, stream: str, context: str) -> Cursor | None:
    """The cursor of a stream, if it was reached under this context."""
    query = "SELECT kind, blob, schema_hash FROM cursor WHERE stream = ? AND context = ?"
    row = db.execute(query, (stream, context)).fetchone()
    # the column was written from a Cursor, so it holds one of its kinds
    return Cursor(cast("CursorKind", row[0]), row[1], row[2]) if row else None


def write_cursor(db: Session, stream: str, settled: Settled) -> None:
    """Where a page came to; within its transaction."""
    if settled.cursor is not None:
        one = settled.cursor
        row = (
            stream,
            one.kind,
            one.blob,
            one.schema_hash,
            settled.context,
            0,
            settled.at.isoformat(),
            settled.baseline,
        )
        db.execute(_PUT_CURSOR, row)


def read_origin(db: Session, stream: str) -> str | None:
    """Whose stream it is."""
    row = db.execute("SELECT origin FROM origin WHERE stream = ?", (stream,)).fetchone()
    return str(row[0]) if row else None


def claim_stream(db: Session, stream: str, origin: str) -> None:
    """Make it this origin's, unless it is somebody's."""
    db.execute(f"{ORIGIN.insert()} ON CONFLICT (stream) DO NOTHING", (stream, origin))


def forget_stream(db: Session, stream: str) -> None:
    """Drop cursor and origin."""
    for table in (CURSOR, ORIGIN):
        db.execute(f"DELETE FROM {table.name} WHERE stream = ?", (stream,))

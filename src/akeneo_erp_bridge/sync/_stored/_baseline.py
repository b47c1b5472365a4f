"""What a reading of everything has shown, over several runs, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.sync._state import RunKind, Settled
from akeneo_erp_bridge.sync._stored._database import Session, Table, among

SHOWN: Final = Table("shown", ("stream", "key"), ())

_KEYLESS: Final = "(no key) "
"""Before the fingerprint of a row without a key, among the keys shown."""

_PUT_SHOWN: Final = f"{SHOWN.insert()} ON CONFLICT (stream, key) DO NOTHING"


def read_baseline(db: Session, stream: str) -> RunKind | None:
    """The reading of everything that is under way; it stands beside the cursor that it came to."""
    row = db.execute("SELECT baseline FROM cursor WHERE stream = ?", (stream,)).fetchone()
    # the column was written from a run's kind
    return cast("RunKind | None", row[0]) if row else None


def shown_among(db: Session, stream: str, keys: Sequence[ErpKey]) -> set[ErpKey]:
    """Those of the keys that it has shown."""
    return {ErpKey(key) for (key,) in among(db, "SELECT key FROM shown WHERE stream = ? AND key IN", stream, keys)}


def write_shown(db: Session, stream: str, settled: Settled) -> None:
    """Note what a page of a reading of everything shows; within the transaction that moves the cursor."""
    if settled.cursor is None:
        return  # the page comes again
    if settled.begins:
        forget_shown(db, stream)
    # a row without a key is known by what it says
    keyless = [f"{_KEYLESS}{one.fingerprint}" for one in settled.parked if not one.key]
    marks = keyless if settled.baseline is not None else []
    db.executemany(_PUT_SHOWN, [(stream, key) for key in (*settled.shown, *marks)])


def close_unshown(db: Session, stream: str, run: str) -> None:
    """Parked items that a reading of everything has not shown are no more; within a transaction."""
    if read_baseline(db, stream) is not None:
        db.execute(
            "DELETE FROM parked WHERE stream = ? AND run <> ?"
            " AND NOT EXISTS (SELECT 1 FROM shown WHERE shown.stream = parked.stream"
            " AND shown.key = CASE WHEN parked.key = '' THEN ? || parked.fingerprint ELSE parked.key END)",
            (stream, run, _KEYLESS),
        )


def forget_shown(db: Session, stream: str) -> None:
    """The reading has come to its end, or begins again; within a transaction."""
    db.execute("DELETE FROM shown WHERE stream = ?", (stream,))

"""The run history, as rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from akeneo_erp_bridge.sync._state import RunRecord
from akeneo_erp_bridge.sync._stored._database import Database, Row, Session, Table

RUN: Final = Table(
    "run", ("stream", "run_id"), ("started", "ended", "counts", "place", "stopped_by", "error", "kind", "writes")
)
"""The streams of one run share its id. `place` counts runs as they are recorded: a clock may be set back, or stand still."""

_PUT: Final = RUN.put({"place": "run.place"})
_WHY: Final = "stopped_by, error, kind, writes"
_AT_ONCE: Final = 100


def read_runs(database: Database, stream: str) -> Iterator[RunRecord]:
    """The runs of a stream, the last recorded first."""
    query = (
        f"SELECT place, run_id, started, ended, counts, {_WHY} FROM run WHERE stream = ? AND place < ? "
        f"ORDER BY place DESC LIMIT {_AT_ONCE}"
    )
    before = 2**62
    while True:
        rows = database.read(_all(query, stream, before))
        for _, run_id, started, ended, counts, *why in rows:
            begun, end = datetime.fromisoformat(started), datetime.fromisoformat(ended) if ended else None
            yield RunRecord(run_id, stream, begun, end, json.loads(counts), *why)
        if len(rows) < _AT_ONCE:
            return
        before = rows[-1][0]


def _all(query: str, stream: str, before: int) -> Callable[[Session], list[Row]]:
    return lambda db: list(db.execute(query, (stream, before)))


def write_run(db: Session, one: RunRecord) -> None:
    """Add a line to the run history; within a transaction."""
    last = db.execute("SELECT max(place) FROM run").fetchone()
    place = (last[0] or 0) + 1 if last else 1
    ended = one.ended.isoformat() if one.ended else None
    counts = json.dumps(dict(one.counts))
    why = (one.stopped_by, one.error, one.kind, one.writes)
    db.execute(_PUT, (one.stream, one.run_id, one.started.isoformat(), ended, counts, place, *why))

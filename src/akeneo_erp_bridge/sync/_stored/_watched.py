"""The sample of an observatory, as rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from akeneo_erp_bridge.classification import Look, Runs, Trace
from akeneo_erp_bridge.sync._stored._database import Session, Table, delete_among
from akeneo_erp_bridge.sync._telling._watch import Looked, Watch, WatchedItem

ITEM: Final = Table("watched_item", ("stream", "key"), ("fingerprint", "traces"))
FIELD: Final = Table("watched_field", ("stream", "path"), ("runs", "changed", "looked"))

_PUT_ITEM: Final = ITEM.put()


def read_watch(db: Session, stream: str) -> Watch:
    """The sample of a stream."""
    items = db.execute("SELECT key, fingerprint, traces FROM watched_item WHERE stream = ?", (stream,))
    fields = db.execute("SELECT path, runs, changed, looked FROM watched_field WHERE stream = ?", (stream,))
    return Watch(
        {key: WatchedItem(key, fingerprint, LazyTraces(traces)) for key, fingerprint, traces in items},
        {path: Runs(runs, changed, datetime.fromisoformat(looked)) for path, runs, changed, looked in fields},
    )


def write_watch(db: Session, stream: str, looked: Looked) -> None:
    """What a run saw; within a transaction."""
    delete_among(db, ITEM, stream, looked.gone)
    db.executemany(_PUT_ITEM, [(stream, one.key, one.fingerprint, _text(one.traces)) for one in looked.items])
    db.execute("DELETE FROM watched_field WHERE stream = ?", (stream,))
    db.executemany(
        FIELD.insert(),
        [(stream, path, one.runs, one.changed, one.looked.isoformat()) for path, one in looked.fields.items()],
    )


class LazyTraces(Mapping[str, Trace]):
    """The traces of a row, read when one is looked at: an unchanged item never pays for it."""

    __slots__ = ("_text", "_traces")

    def __init__(self, text: str) -> None:
        self._text = text
        self._traces: dict[str, Trace] | None = None

    def _read(self) -> dict[str, Trace]:
        if self._traces is None:
            told: dict[str, tuple[str, Look, str, int, int, str]] = json.loads(self._text)
            self._traces = {path: _trace(*one) for path, one in told.items()}
        return self._traces

    def __getitem__(self, path: str) -> Trace:
        return self._read()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def _trace(digest: str, look: Look, since: str, changes: int, moves: int, last: str) -> Trace:
    moment = datetime.fromisoformat(last) if last else None
    return Trace(digest, look, datetime.fromisoformat(since), changes, moves, moment)


def _text(traces: Mapping[str, Trace]) -> str:
    told = {
        path: (
            one.digest,
            one.look,
            one.since.isoformat(),
            one.changes,
            one.moves,
            one.last.isoformat() if one.last else "",
        )
        for path, one in traces.items()
    }
    return json.dumps(told, separators=(",", ":"))

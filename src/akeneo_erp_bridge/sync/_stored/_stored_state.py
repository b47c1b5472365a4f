"""`StoredState`: the memory of a sync, on any database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync._state import (
    DeletionCount,
    HeldCell,
    LedgerEntry,
    Marked,
    ParkedItem,
    RunKind,
    RunRecord,
    Settled,
)
from akeneo_erp_bridge.sync._stored import _baseline as baseline
from akeneo_erp_bridge.sync._stored import _deletions as deletions
from akeneo_erp_bridge.sync._stored import _ledger as ledger
from akeneo_erp_bridge.sync._stored import _marks as marks_of
from akeneo_erp_bridge.sync._stored import _runs as runs
from akeneo_erp_bridge.sync._stored import _streams as streams
from akeneo_erp_bridge.sync._stored import _troubles as troubles
from akeneo_erp_bridge.sync._stored import _waiting as waiting
from akeneo_erp_bridge.sync._stored import _watched as watched
from akeneo_erp_bridge.sync._stored._compact import Compacted, compacted
from akeneo_erp_bridge.sync._stored._database import Database, Session, delete_among, number
from akeneo_erp_bridge.sync._stored._ledger import INTENT, LEDGER
from akeneo_erp_bridge.sync._stored._summary import StateSummary, summed_up
from akeneo_erp_bridge.sync._telling._trouble import Trouble
from akeneo_erp_bridge.sync._telling._watch import Looked, Watch

_UNMET = "SELECT count(*) FROM parked WHERE stream = ? AND run <> ?"


class StoredState:
    """A `SyncState` in a database. `SqliteState` and `PostgresState` are its two kinds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def database(self) -> Database:
        """The tables themselves: for moving them, and for no run."""
        return self._database

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._database.name}>"

    # ---- reading ----
    def cursor(self, stream: str, context: str) -> Cursor | None:
        """The last cursor whose pages are all settled; none if that was under another context."""
        return self._database.read(lambda db: streams.read_cursor(db, stream, context))

    def is_finished(self, stream: str) -> bool:
        """Whether the run that left the cursor came to its end."""
        return self._database.read(lambda db: number(db, "SELECT finished FROM cursor WHERE stream = ?", stream)) == 1

    def entries(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, LedgerEntry]:
        """The ledger entries that exist for these keys."""
        found = self._database.read(lambda db: ledger.entries_by(db, LEDGER, stream, "key", keys))
        return {entry.key: entry for entry in found}

    def owners(self, stream: str, refs: Sequence[str]) -> list[LedgerEntry]:
        """The ledger entries of these references in the PIM."""
        return self._database.read(lambda db: ledger.entries_by(db, LEDGER, stream, "ref", refs))

    def unlinked(self, stream: str, context: str, after: str, limit: int) -> list[LedgerEntry]:
        """Entries of this context with links to what was not there, by key, from behind the key *after*."""
        return self._database.read(lambda db: ledger.unlinked_entries(db, stream, context, after, limit))

    def linked(self, stream: str, cell: str, after: str, limit: int) -> list[LedgerEntry]:
        """Entries that may hold links in this cell, by key, from behind the key *after*."""
        return self._database.read(lambda db: ledger.linked_entries(db, stream, cell, after, limit))

    def living(self, stream: str, after: str, limit: int) -> list[ErpKey]:
        """The keys of the items that the ledger holds and that are not gone, in order, from behind the key *after*."""
        return self._database.read(lambda db: ledger.living_keys(db, stream, after, limit))

    def baseline(self, stream: str) -> RunKind | None:
        """The reading of everything that was begun, and did not come to its end yet."""
        return self._database.read(lambda db: baseline.read_baseline(db, stream))

    def shown_among(self, stream: str, keys: Sequence[ErpKey]) -> set[ErpKey]:
        """Those of the keys that this reading has shown, in one run or several."""
        return self._database.read(lambda db: baseline.shown_among(db, stream, keys))

    def ledger_size(self, stream: str) -> int:
        """How many items the ledger holds, without those that are gone."""
        return self._database.read(lambda db: number(db, ledger.SIZE, stream, stream))

    def deletions(self, stream: str, part: str) -> DeletionCount:
        """The deletions settled since runs of this part last came to their end."""
        return self._database.read(lambda db: deletions.read_deletions(db, stream, part))

    def intents(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, LedgerEntry]:
        """What was intended for these keys, and perhaps sent, and not answered."""
        found = self._database.read(lambda db: ledger.entries_by(db, INTENT, stream, "key", keys))
        return {entry.key: entry for entry in found}

    def open_intents(self, stream: str, after: str, limit: int) -> list[ErpKey]:
        """The keys of which something was intended and not answered, in order, from behind the key *after*."""
        return self._database.read(lambda db: ledger.intended_keys(db, stream, after, limit))

    def marked(self, stream: str, marks: Sequence[str]) -> list[Marked]:
        """What was intended under these marks within the hour."""
        return self._database.read(lambda db: marks_of.marked(db, stream, marks))

    def parked(self, stream: str) -> Iterator[ParkedItem]:
        """The items parked now, by key."""
        return map(waiting.parked_item, waiting.PARKED.walk(self._database, stream))

    def unmet(self, stream: str, run: str) -> int:
        """How many items are parked that this run has not met."""
        return self._database.read(lambda db: number(db, _UNMET, stream, run))

    def parked_before(self, stream: str, run: str) -> list[ParkedItem]:
        """The parked items that this run has not met."""
        return self._database.read(lambda db: waiting.parked_before(db, stream, run))

    def parked_among(self, stream: str, keys: Sequence[ErpKey]) -> dict[ErpKey, ParkedItem]:
        """The parked ones among these keys."""
        return self._database.read(lambda db: waiting.parked_among(db, stream, keys))

    def oldest_parked(self, stream: str) -> datetime | None:
        """Since when the item waits that is parked for the longest time."""
        return self._database.read(lambda db: waiting.oldest_parked(db, stream))

    def held(self, stream: str) -> Iterator[HeldCell]:
        """The cells held now, by key and cell."""
        return map(waiting.held_cell, waiting.HELD.walk(self._database, stream))

    def held_among(self, stream: str, keys: Sequence[ErpKey]) -> list[HeldCell]:
        """The cells held of these items."""
        return self._database.read(lambda db: waiting.held_among(db, stream, keys))

    def runs(self, stream: str) -> Iterator[RunRecord]:
        """The run history: the run that was recorded last comes first, whatever its clock said."""
        return runs.read_runs(self._database, stream)

    def trouble(self, stream: str) -> Trouble | None:
        """The trouble of the stream that people were told of, as long as it is not forgotten."""
        return self._database.read(lambda db: troubles.read_trouble(db, stream))

    def watch(self, stream: str) -> Watch:
        """The sample of the stream's items that is watched for changes."""
        return self._database.read(lambda db: watched.read_watch(db, stream))

    # ---- writing ----
    def bind(self, stream: str, origin: str, *, claim: bool) -> None:
        """Raise `StateError` if the stream is another origin's; with *claim* it is this one's from now on."""

        def work(db: Session) -> None:
            streams.claim_stream(db, stream, origin)
            marks_of.forget_marks(db, stream)

        if claim:
            self._database.write(work)
        known = self._database.read(lambda db: streams.read_origin(db, stream))
        if known is not None and known != origin:
            raise StateError(
                f"stream '{stream}' of {self._database.name} remembers {known}, and this run is for {origin}; "
                "give it a stream or a state of its own, or call forget(stream) if it is the same under another name"
            )

    def intend(self, stream: str, entries: Sequence[LedgerEntry], marks: Sequence[Marked] = ()) -> None:
        """Durably note what is about to be sent, and by which marks rules of adoption know it."""

        def work(db: Session) -> None:
            ledger.put_entries(db, INTENT, stream, entries, 1)
            marks_of.put_marks(db, stream, marks, datetime.now(UTC))

        self._database.write(work)

    def settle(self, stream: str, settled: Settled) -> None:
        """Commit what became of a page, and its cursor, in one transaction."""
        now = int(settled.at.timestamp())

        def work(db: Session) -> None:
            ledger.put_entries(db, LEDGER, stream, settled.entries, now)
            delete_among(db, LEDGER, stream, settled.forgotten)
            delete_among(db, INTENT, stream, [*settled.answered, *settled.forgotten])
            waiting.write_waiting(db, stream, settled)
            streams.write_cursor(db, stream, settled)
            baseline.write_shown(db, stream, settled)
            deletions.write_deletions(db, stream, settled.deletions)

        self._database.write(work)

    def amend(self, stream: str, entries: Sequence[LedgerEntry]) -> None:
        """Put entries in the place of those of their keys, and leave all else as it is: nothing is closed."""
        now = int(datetime.now(UTC).timestamp())
        self._database.write(lambda db: ledger.put_entries(db, LEDGER, stream, entries, now))

    def finish(self, stream: str, run: str, *, covers_all: bool) -> int:
        """The run came to its end: how many items are parked that it has not read, or, if it read all, are no more."""

        def work(db: Session) -> int:
            if covers_all:
                db.execute("DELETE FROM parked WHERE stream = ? AND run <> ?", (stream, run))
            baseline.close_unshown(db, stream, run)
            baseline.forget_shown(db, stream)
            deletions.forget_deletions(db, stream, "")
            db.execute("UPDATE cursor SET finished = 1, baseline = NULL WHERE stream = ?", (stream,))
            return number(db, _UNMET, stream, run)

        return self._database.write(work)

    def finish_part(self, stream: str, part: str) -> None:
        """A run of a part came to its end: the deletions that were counted for it are forgotten, and nothing else."""
        self._database.write(lambda db: deletions.forget_deletions(db, stream, part))

    def forget(self, stream: str) -> None:
        """Drop cursor and origin, so that the next run reads everything; the ledger stays."""
        self._database.write(lambda db: streams.forget_stream(db, stream))

    def look(self, stream: str, looked: Looked) -> None:
        """Add what a finished run saw of the sample."""
        self._database.write(lambda db: watched.write_watch(db, stream, looked))

    def record_run(self, record: RunRecord) -> None:
        """Add a line to the run history."""
        self._database.write(lambda db: runs.write_run(db, record))

    def keep_trouble(self, stream: str, trouble: Trouble | None) -> None:
        """Remember it in place of the one before; `None`: it is over."""
        self._database.write(lambda db: troubles.write_trouble(db, stream, trouble))

    # ---- upkeep ----
    def back_up(self, path: Path | str) -> None:
        """Write all that is settled now into a new state file (mode 0600), while the state is in use.

        `SqliteState` opens it, and `move_state` brings it into PostgreSQL. The file appears whole or not at all. Raises
        `StateError` where there is a file of that name already, and where the file cannot be written.
        """
        self._database.back_up(Path(path))

    def inspect(self) -> StateSummary:
        """What is in the state, in numbers; nothing of it is a secret, or an item's value."""
        size = self._database.size()
        return self._database.read(lambda db: summed_up(db, self._database.name, size))

    def compact(
        self, *, runs_older_than: timedelta | None = None, gone_older_than: timedelta | None = None
    ) -> Compacted:
        """Drop what is too old, and give its room back to the disk. Without an age nothing of that kind is dropped.

        The last run of a stream stays. An item that is gone is one that the ERP has deleted: when it comes back after its
        entry was dropped, its product counts as one that somebody else made. SQLite needs as much free room as the file
        takes, and PostgreSQL as its largest table.
        """
        return compacted(self._database, datetime.now(UTC), runs_older_than, gone_older_than)

    # ---- life ----
    def close(self) -> None:
        """Give up the writer's place."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

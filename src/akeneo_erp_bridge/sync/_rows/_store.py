"""The rows of an ERP by their product model, in an SQLite file: memory stays flat in their number."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from akeneo_erp_bridge._sqlite_file import SqliteFile
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync._drafts._seen import TORN
from akeneo_erp_bridge.sync._rows._records import (
    DELETED,
    LIVING,
    MISSED,
    ODD,
    RIVAL,
    Placed,
    Settlement,
    StoredModel,
    StoredRow,
    folded,
)
from akeneo_erp_bridge.sync._rows._schema import READING, ROWS

__all__ = ["RowStore"]

_SLICE: Final = 500

# Two looks at the ends of an index: there is seldom another model, however many rows there are.
_SOIL: Final = (
    "INSERT OR IGNORE INTO dirty SELECT column1 FROM (VALUES (?1), ((SELECT min(model) FROM row WHERE sub = ?2)),"
    " ((SELECT max(model) FROM row WHERE sub = ?2))) WHERE column1 NOT NULL"
)


class RowStore(SqliteFile):
    """Rows, their models, and which of both changed when. Every change is safe on disk when its method returns."""

    def __init__(self, path: Path | str) -> None:
        super().__init__(Path(path), ROWS)

    def bind(self, owner: str) -> None:
        """Raise `StateError` if the file is another job's; it is this one's from now on."""
        with self.transaction():
            self._db.execute("UPDATE store SET owner = coalesce(owner, ?)", (owner,))
            known = self._db.execute("SELECT owner FROM store").fetchone()[0]
            if known != owner:
                raise StateError(
                    f"{self.path} holds the rows of {known}, and this run is for {owner}; give each job a file of its own"
                )

    def outlives(self, cursor: Cursor | None) -> bool:
        """Whether the cursor is of a later time than the file, which then was restored from a back-up."""
        is_ours = cursor is not None and cursor.schema_hash == self.id and cursor.blob.isdigit()
        return cursor is not None and is_ours and int(cursor.blob) > self.seq

    def renew(self) -> None:
        """Another name, under which no cursor is known: all is given out again."""
        with self.transaction():
            self.id = uuid.uuid4().hex
            self._db.execute("UPDATE store SET id = ?", (self.id,))

    # ---- taking rows in ----
    def resume(self, context: str) -> tuple[Cursor | None, bool]:
        """Where to go on reading the ERP, from the start where the rows were placed under another context.

        And whether a new reading begins there that shows everything.
        """
        with self.blamed():
            known, cursor, done = self._db.execute("SELECT context, cursor, done FROM store").fetchone()
        if known != context or cursor is None:
            return None, True
        kind, blob, schema = json.loads(cursor)
        return Cursor(kind, blob, schema), bool(done) and kind == "snapshot"

    def begin_all(self, *, expired: bool) -> None:
        """A reading begins that shows everything: the odd rows are forgotten until it shows them again.

        The cursor goes with it, or who is killed before the first page would take what changed since for everything.
        """
        with self.transaction():
            expired = expired or self._has_expired
            self._forget_reading()
            for statement in READING:
                self._db.execute(statement)
            self._db.execute("INSERT INTO reading VALUES (?)", (expired,))
            self._db.execute("UPDATE store SET cursor = NULL, done = 0")
            self._end(self._db.execute("SELECT key FROM row WHERE odd AND gone = 0").fetchall(), DELETED)

    @property
    def shows_all(self) -> bool:
        """Whether a reading of everything is under way, perhaps since a run that died."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'reading'"
        with self.blamed():
            return self._db.execute(query).fetchone() is not None

    def shown_before(self, keys: Sequence[ErpKey]) -> dict[ErpKey, str | None]:
        """Those of the keys that the reading under way has shown, each with its row as it is kept."""
        query = "SELECT row.text FROM shown LEFT JOIN row ON row.key = shown.key WHERE shown.key = ?"
        with self.blamed():
            found = {key: self._db.execute(query, (key,)).fetchone() for key in keys}
        return {key: row[0] for key, row in found.items() if row is not None}

    def miss(self, *, shows_changes: bool) -> None:
        """A reading has shown everything: what it has not shown groups no more, and is deleted or missed.

        Who tells changes tells deletions, but not those from before its cursor; see `Baseline`. A row whose key is torn
        may be any of those that seem to be missing, so that a reading with one finds none.
        """
        with self.blamed():
            expired = self._has_expired
            is_torn = self._db.execute("SELECT 1 FROM shown WHERE key = ?", (TORN,)).fetchone() is not None
        last = ""
        while not is_torn and (missed := self._missing_behind(last)):
            ((last,), *_) = missed[-1:]
            with self.transaction():
                self._end(missed, DELETED if expired or shows_changes else MISSED)

    def _missing_behind(self, key: str) -> list[tuple[ErpKey]]:
        with self.blamed():
            return self._db.execute(
                "SELECT key FROM row WHERE key > ? AND gone = ? AND NOT odd"
                " AND NOT EXISTS (SELECT 1 FROM shown WHERE shown.key = row.key) ORDER BY key LIMIT ?",
                (key, LIVING, _SLICE),
            ).fetchall()

    @property
    def _has_expired(self) -> bool:
        return self.shows_all and bool(self._db.execute("SELECT expired FROM reading").fetchone()[0])

    def _forget_reading(self) -> None:
        for table in ("reading", "shown"):
            self._db.execute(f"DROP TABLE IF EXISTS {table}")

    def missed(self, keys: Sequence[ErpKey]) -> list[ErpKey]:
        """Those of the keys that the last complete reading did not show."""
        with self.blamed():
            query = "SELECT 1 FROM row WHERE key = ? AND gone = ?"
            return [key for key in keys if self._db.execute(query, (key, MISSED)).fetchone() is not None]

    def finish(self) -> None:
        """The reading came to its end."""
        with self.transaction():
            self._forget_reading()
            self._db.execute("UPDATE store SET done = 1")

    def take(
        self,
        rows: Iterable[Placed],
        gone: Sequence[ErpKey],
        resume: Cursor,
        context: str,
        *,
        fresh: Iterable[ErpKey] = (),
        shown: Iterable[ErpKey] = (),
    ) -> None:
        """A page: its rows, the keys that are deleted, and where to go on behind it.

        `fresh` keys were not met before in this reading: what other rows said under them in an earlier one is past.
        `shown` are the keys that a reading of everything has shown with it.
        """
        with self.transaction():
            for key in shown:
                self._db.execute("INSERT OR IGNORE INTO shown VALUES (?)", (key,))
            self._forget_rivals([*fresh, *gone])
            for row in rows:
                self._take_one(row)
            self._end([(key,) for key in gone], DELETED)
            told = json.dumps([resume.kind, resume.blob, resume.schema_hash])
            self._db.execute("UPDATE store SET context = ?, cursor = ?, done = 0", (context, told))

    def _forget_rivals(self, keys: Iterable[ErpKey]) -> None:
        if self._db.execute("SELECT 1 FROM row WHERE odd AND gone = 0 LIMIT 1").fetchone() is None:
            return
        for key in keys:
            first = f"{key}{RIVAL}{ODD}"
            span = (first, first + "g", LIVING)  # fingerprints are hexadecimal
            rivals = self._db.execute("SELECT key FROM row WHERE key > ? AND key < ? AND gone = ?", span).fetchall()
            self._end(rivals, DELETED)

    def _take_one(self, row: Placed) -> None:
        new = (row.text, row.model, row.sub, row.variant, row.axes, row.trouble)
        known = self._db.execute(
            "SELECT text, model, sub, variant, axes, own, gone FROM row WHERE key = ?", (row.key,)
        ).fetchone()
        if known is not None and (*known[:6],) == new and known[6] == LIVING:
            return
        if known is not None and known[1:3] != new[1:3]:
            self._soil(known[1], known[2])
        self._db.execute(
            "INSERT INTO row VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?7, 0, ?8, 0, 0, ?9) ON CONFLICT (key) DO UPDATE SET"
            " text = ?2, model = ?3, sub = ?4, variant = ?5, axes = ?6, own = ?7, gone = 0, seq = ?8, refused = 0,"
            " parent = CASE WHEN ?3 IS NULL THEN NULL ELSE parent END,"
            " trouble = CASE WHEN ?3 IS NULL THEN ?7 ELSE trouble END",
            (row.key, *new, self._next(), ODD in row.key),
        )
        self._soil(row.model, row.sub)

    def _end(self, keys: Iterable[tuple[ErpKey]], how: int) -> None:
        """Rows that are no more; one that is missed may still be deleted."""
        for (key,) in keys:
            known = self._db.execute(
                "SELECT model, sub FROM row WHERE key = ? AND gone <> ?", (key, DELETED)
            ).fetchone()
            if known is not None:
                self._soil(*known)
                self._db.execute(
                    "UPDATE row SET gone = ?, refused = 0, seq = ? WHERE key = ?", (how, self._next(), key)
                )

    def _soil(self, model: str | None, sub: str | None = None) -> None:
        """A model is to be settled, and with it those that name the same sub model."""
        if sub is None:
            self._db.execute("INSERT OR IGNORE INTO dirty SELECT ?1 WHERE ?1 NOT NULL", (model,))
        else:
            self._db.execute(_SOIL, (model, sub))

    def _next(self) -> int:
        return int(self._db.execute("UPDATE store SET seq = seq + 1 RETURNING seq").fetchone()[0])

    # ---- bringing the models up to date ----
    def dirty(self, limit: int) -> list[str]:
        """Some models whose rows changed since they were settled."""
        with self.blamed():
            return [code for (code,) in self._db.execute("SELECT code FROM dirty ORDER BY code LIMIT ?", (limit,))]

    def living(self, model: str) -> list[Placed]:
        """The rows of a root model, by key."""
        with self.blamed():
            found = self._db.execute(
                "SELECT key, text, model, sub, variant, axes, own FROM row WHERE model = ? AND gone = 0 ORDER BY key",
                (model,),
            )
            return [Placed(ErpKey(key), *rest) for key, *rest in found]

    def roots_of(self, sub: str) -> list[str]:
        """The root models under which rows name this sub model."""
        with self.blamed():
            found = self._db.execute("SELECT DISTINCT lower(model) FROM row WHERE sub = ? AND gone = 0", (sub,))
            return sorted(code for (code,) in found if code is not None)

    def blocked(self, level: int, code: str) -> str | None:
        """Why a model is not in the PIM."""
        with self.blamed():
            row = self._db.execute("SELECT blocked FROM model WHERE level = ? AND code = ?", (level, code)).fetchone()
        return row[0] if row is not None else None

    def settle(self, some: Iterable[Settlement]) -> None:
        """What root models and their rows came to; a model that is no longer among them is gone."""
        with self.transaction():
            for one in some:
                self._settle_level(0, one.root, one.models)
                self._settle_level(1, one.root, one.subs)
                self._db.executemany(
                    "UPDATE row SET parent = ?2, trouble = ?3, seq = ?4, turn = turn + refused, refused = 0"
                    " WHERE key = ?1 AND (refused OR (parent, trouble) IS NOT (?2, ?3))",
                    [(row.key, row.parent, row.trouble, self._next()) for row in one.rows],
                )
                self._db.execute("DELETE FROM dirty WHERE code = ?", (one.root,))

    def _settle_level(self, level: int, root: str, models: Sequence[StoredModel]) -> None:
        names = {folded(one.code) for one in models}
        found = self._db.execute("SELECT code FROM model WHERE level = ? AND root = ? AND NOT gone", (level, root))
        for (code,) in found.fetchall():
            if folded(code) not in names:
                self._db.execute(
                    "UPDATE model SET gone = 1, seq = ? WHERE level = ? AND code = ?", (self._next(), level, code)
                )
        for one in models:
            self._db.execute(
                "INSERT INTO model VALUES (?1, ?2, ?3, ?4, ?5, NULL, 0, 0, ?6) ON CONFLICT (code, level) DO UPDATE SET"
                " root = ?3, variant = ?4, trouble = ?5, gone = 0, seq = ?6",
                (one.code, level, root, one.variant, one.trouble, self._next()),
            )

    def block(self, level: int, reasons: Sequence[tuple[str, str]]) -> None:
        """The models of a level that are not in the PIM, and why; the others are there. Their rows are looked at anew."""
        with self.transaction():
            told = {folded(code): reason for code, reason in reasons}
            known = self._db.execute("SELECT code, blocked FROM model WHERE level = ? AND blocked NOT NULL", (level,))
            before = {folded(code): blocked for code, blocked in known}
            for code in {*before, *told}:
                reason = told.get(code)
                if before.get(code) == reason:
                    continue
                row = self._db.execute(
                    "UPDATE model SET blocked = ? WHERE level = ? AND code = ? RETURNING root", (reason, level, code)
                ).fetchone()
                if row is not None:
                    self._soil(row[0], code if level == 1 else None)

    def refuse(self, keys: Iterable[ErpKey]) -> None:
        """Rows that the PIM did not take: they get another turn when one of their model was given out after them."""
        with self.transaction():
            some = [(key,) for key in keys]
            self._db.executemany("UPDATE row SET refused = 1 WHERE key = ? AND gone = 0", some)
            self._db.executemany(
                "INSERT OR IGNORE INTO dirty SELECT model FROM row AS mine WHERE key = ? AND refused AND EXISTS (SELECT 1"
                " FROM row WHERE model = mine.model AND seq > mine.seq AND NOT refused AND gone = 0 AND trouble IS NULL)",
                some,
            )

    def models_of(self, rows: Iterable[ErpKey], subs: Iterable[ErpKey]) -> dict[int, set[str]]:
        """The models above these rows and sub models, by level."""
        found: dict[int, set[str]] = {0: set(), 1: set()}
        above = (
            ("SELECT level, code FROM model WHERE level = 0 AND code = (SELECT model FROM row WHERE key = ?)", rows),
            ("SELECT level, code FROM model WHERE level = 1 AND code = (SELECT sub FROM row WHERE key = ?)", rows),
            ("SELECT 0, root FROM model WHERE level = 1 AND code = ?", subs),
        )
        with self.blamed():
            for query, keys in above:
                for key in keys:
                    for level, code in self._db.execute(query, (key,)):
                        found[level].add(code)
        return found

    def revive(self, level: int, codes: Iterable[ErpKey]) -> None:
        """Models that are to be written anew, with another turn for the sub models below."""
        with self.transaction():
            for code in codes:
                row = self._db.execute("SELECT root FROM model WHERE level = ? AND code = ?", (level, code)).fetchone()
                if row is not None:
                    self._db.execute("UPDATE model SET turn = turn + 1 WHERE level = 1 AND root = ?", row)
                    self._soil(row[0])

    # ---- reading them out ----
    def models_behind(self, level: int, seq: int, limit: int) -> list[StoredModel]:
        """The models that changed behind *seq*, in that order."""
        with self.blamed():
            found = self._db.execute(
                "SELECT code, root, variant, trouble, gone, turn, seq FROM model WHERE level = ? AND seq > ?"
                " ORDER BY seq LIMIT ?",
                (level, seq, limit),
            )
            return [
                StoredModel(code, root, variant, trouble, bool(gone), turn, n)
                for code, root, variant, trouble, gone, turn, n in found
            ]

    def texts_of(self, level: int, code: str) -> Iterator[str]:
        """The rows below a model, by key."""
        with self.blamed():
            column = ("model", "sub")[level]
            query = f"SELECT text FROM row WHERE {column} = ? AND gone = 0 ORDER BY key"
            for (text,) in self._db.execute(query, (code,)).fetchall():
                yield text

    def rows_behind(self, seq: int, limit: int) -> list[StoredRow]:
        """The rows that changed behind *seq*, in that order."""
        with self.blamed():
            found = self._db.execute(
                "SELECT key, text, parent, variant, trouble, gone, turn, seq FROM row WHERE seq > ? ORDER BY seq LIMIT ?",
                (seq, limit),
            )
            return [StoredRow(ErpKey(key), *rest) for key, *rest in found]

    def deleted_behind(self, seq: int, limit: int) -> Iterator[list[ErpKey]]:
        """The keys of the rows that were deleted behind *seq*, *limit* at a time."""
        query = "SELECT key, seq FROM row WHERE seq > ? AND gone = ? AND NOT odd ORDER BY seq LIMIT ?"
        while True:
            with self.blamed():
                found = self._db.execute(query, (seq, DELETED, limit)).fetchall()
            if not found:
                return
            yield [ErpKey(key) for key, _ in found]
            ((_, seq),) = found[-1:]

    def all_rows(self, limit: int) -> Iterator[tuple[ErpKey, str, str | None]]:
        """The key, text and root model of each row that the ERP has, *limit* at a time."""
        last = ""
        while some := self._texts_behind(last, limit):
            last = some[-1][0]
            yield from (one for one in some if ODD not in one[0])

    def _texts_behind(self, key: str, limit: int) -> list[tuple[ErpKey, str, str | None]]:
        query = "SELECT key, text, model FROM row WHERE key > ? AND gone = ? ORDER BY key LIMIT ?"
        with self.blamed():
            return [(ErpKey(one), *rest) for one, *rest in self._db.execute(query, (key, LIVING, limit))]

    def rows_of(self, keys: Iterable[str]) -> Iterator[tuple[ErpKey, str, str | None]]:
        """The same of some rows."""
        query = "SELECT text, model FROM row WHERE key = ? AND gone = ?"
        with self.blamed():
            for key in keys:
                for text, model in self._db.execute(query, (key, LIVING)):
                    yield ErpKey(key), text, model

    @property
    def seq(self) -> int:
        """The number of the latest change."""
        with self.blamed():
            return int(self._db.execute("SELECT seq FROM store").fetchone()[0])

"""The rows of an ERP by their product model, in an SQLite file: memory stays flat in their number."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError

__all__ = ["ODD", "Placed", "RowStore", "Settlement", "Standing", "StoredModel", "StoredRow"]

_APPLICATION: Final = 0x45525047  # tells this file from any other of SQLite

# `seq` counts changes: who read up to one goes on behind it. Codes are compared as the PIM does, without their case.
_SCHEMA: Final = (
    "CREATE TABLE store (id TEXT NOT NULL, seq INTEGER NOT NULL, context TEXT NOT NULL, cursor TEXT, done INTEGER)",
    "CREATE TABLE row (key TEXT PRIMARY KEY, text TEXT NOT NULL, model TEXT COLLATE NOCASE, sub TEXT COLLATE NOCASE,"
    " variant TEXT, axes TEXT, own TEXT, parent TEXT, trouble TEXT, gone INTEGER NOT NULL, seq INTEGER NOT NULL)",
    "CREATE INDEX row_model ON row (model)",
    "CREATE INDEX row_sub ON row (sub)",
    "CREATE INDEX row_seq ON row (seq)",
    "CREATE TABLE model (code TEXT COLLATE NOCASE, level INTEGER, root TEXT COLLATE NOCASE, variant TEXT, trouble TEXT,"
    " blocked TEXT, gone INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (level, code)) WITHOUT ROWID",
    "CREATE INDEX model_root ON model (level, root)",
    "CREATE INDEX model_seq ON model (level, seq)",
    "CREATE TABLE dirty (code TEXT PRIMARY KEY COLLATE NOCASE) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION}",
)


ODD: Final = "\0"
"""Stands in the key of a row that has none of its own: the ERP gave it none, or gave another row the same."""


@frozen
class Placed:
    """A row, and what the grouping rules say of it. `axes` are its axis values in one comparable text."""

    key: ErpKey
    text: str
    model: str | None = None
    sub: str | None = None
    variant: str | None = None
    axes: str | None = None
    trouble: str | None = None


@frozen
class Standing:
    """Where a row stands among the others: its parent, or none for a simple product; `trouble` keeps it from there."""

    key: ErpKey
    parent: str | None
    trouble: str | None


@frozen
class StoredRow:
    """A row with its place."""

    key: ErpKey
    text: str
    parent: str | None
    variant: str | None
    trouble: str | None
    gone: bool
    seq: int


@frozen
class StoredModel:
    """A root model (level 0) or sub model (level 1)."""

    code: str
    root: str | None
    variant: str | None
    trouble: str | None
    gone: bool = False
    seq: int = 0


@frozen
class Settlement:
    """What one root model came to: itself, unless it is none, its sub models, and where its rows stand."""

    root: str
    models: Sequence[StoredModel]
    subs: Sequence[StoredModel]
    rows: Sequence[Standing]


class RowStore:
    """Rows, their models, and which of both changed when. Every change is safe on disk when its method returns.

    Raises `StateError` for a file that cannot be used. Give it back with `close`.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        with self._blamed():
            self.path.touch(mode=0o600)
            self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            with self._blamed():
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = NORMAL")
            with self.transaction():
                self._prepare()
                self.id = str(self._db.execute("SELECT id FROM store").fetchone()[0])
        except BaseException:
            self._db.close()
            raise

    # ---- taking rows in ----
    def resume(self, context: str) -> tuple[Cursor | None, bool]:
        """Where to go on reading the ERP, from the start where the rows were placed under another context.

        And whether a new reading begins there that shows everything.
        """
        with self._blamed():
            known, cursor, done = self._db.execute("SELECT context, cursor, done FROM store").fetchone()
        if known != context or cursor is None:
            return None, True
        kind, blob, schema = json.loads(cursor)
        return Cursor(kind, blob, schema), bool(done) and kind == "snapshot"

    def begin_all(self) -> None:
        """A reading begins that shows everything: the odd rows are forgotten until it shows them again."""
        with self.transaction():
            odd = self._db.execute("SELECT key FROM row WHERE instr(key, char(0)) > 0 AND NOT gone").fetchall()
            for (key,) in odd:
                self._db.execute("UPDATE row SET gone = 1, seq = ? WHERE key = ?", (self._next(), key))

    def finish(self) -> None:
        """The reading came to its end."""
        with self.transaction():
            self._db.execute("UPDATE store SET done = 1")

    def take(self, rows: Iterable[Placed], gone: Iterable[ErpKey], resume: Cursor, context: str) -> None:
        """A page: its rows, the keys that are deleted, and where to go on behind it."""
        with self.transaction():
            for row in rows:
                self._take_one(row)
            for key in gone:
                self._drop_one(key)
            told = json.dumps([resume.kind, resume.blob, resume.schema_hash])
            self._db.execute("UPDATE store SET context = ?, cursor = ?, done = 0", (context, told))

    def _take_one(self, row: Placed) -> None:
        new = (row.text, row.model, row.sub, row.variant, row.axes, row.trouble)
        known = self._db.execute(
            "SELECT text, model, sub, variant, axes, own, gone FROM row WHERE key = ?", (row.key,)
        ).fetchone()
        if known is not None and (*known[:6],) == new and not known[6]:
            return
        self._soil(known[1] if known is not None else None, row.model)
        self._db.execute(
            "INSERT INTO row VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?7, 0, ?8) ON CONFLICT (key) DO UPDATE SET"
            " text = ?2, model = ?3, sub = ?4, variant = ?5, axes = ?6, own = ?7, gone = 0, seq = ?8,"
            " parent = CASE WHEN ?3 IS NULL THEN NULL ELSE parent END,"
            " trouble = CASE WHEN ?3 IS NULL THEN ?7 ELSE trouble END",
            (row.key, *new, self._next()),
        )

    def _drop_one(self, key: ErpKey) -> None:
        known = self._db.execute("SELECT model FROM row WHERE key = ? AND NOT gone", (key,)).fetchone()
        if known is None:
            return
        self._soil(known[0])
        self._db.execute("UPDATE row SET gone = 1, seq = ? WHERE key = ?", (self._next(), key))

    def _soil(self, *models: str | None) -> None:
        some = [(code,) for code in models if code is not None]
        self._db.executemany("INSERT OR IGNORE INTO dirty VALUES (?)", some)

    def _next(self) -> int:
        return int(self._db.execute("UPDATE store SET seq = seq + 1 RETURNING seq").fetchone()[0])

    # ---- bringing the models up to date ----
    def dirty(self, limit: int) -> list[str]:
        """Some models whose rows changed since they were settled."""
        with self._blamed():
            return [code for (code,) in self._db.execute("SELECT code FROM dirty ORDER BY code LIMIT ?", (limit,))]

    def living(self, model: str) -> list[Placed]:
        """The rows of a root model, by key."""
        with self._blamed():
            found = self._db.execute(
                "SELECT key, text, model, sub, variant, axes, own FROM row WHERE model = ? AND NOT gone ORDER BY key",
                (model,),
            )
            return [Placed(ErpKey(key), *rest) for key, *rest in found]

    def roots_of(self, sub: str) -> list[str]:
        """The root models under which rows name this sub model."""
        with self._blamed():
            found = self._db.execute("SELECT DISTINCT lower(model) FROM row WHERE sub = ? AND NOT gone", (sub,))
            return sorted(code for (code,) in found if code is not None)

    def blocked(self, level: int, code: str) -> str | None:
        """Why a model is not in the PIM."""
        with self._blamed():
            row = self._db.execute("SELECT blocked FROM model WHERE level = ? AND code = ?", (level, code)).fetchone()
        return row[0] if row is not None else None

    def settle(self, some: Iterable[Settlement]) -> None:
        """What root models and their rows came to; a model that is no longer among them is gone."""
        with self.transaction():
            for one in some:
                self._settle_level(0, one.root, one.models)
                self._settle_level(1, one.root, one.subs)
                self._db.executemany(
                    "UPDATE row SET parent = ?2, trouble = ?3, seq = ?4 WHERE key = ?1"
                    " AND (parent, trouble) IS NOT (?2, ?3)",
                    [(row.key, row.parent, row.trouble, self._next()) for row in one.rows],
                )
                self._db.execute("DELETE FROM dirty WHERE code = ?", (one.root,))

    def _settle_level(self, level: int, root: str, models: Sequence[StoredModel]) -> None:
        names = {one.code.lower() for one in models}
        found = self._db.execute("SELECT code FROM model WHERE level = ? AND root = ? AND NOT gone", (level, root))
        for (code,) in found.fetchall():
            if code.lower() not in names:
                self._db.execute(
                    "UPDATE model SET gone = 1, seq = ? WHERE level = ? AND code = ?", (self._next(), level, code)
                )
        for one in models:
            self._db.execute(
                "INSERT INTO model VALUES (?1, ?2, ?3, ?4, ?5, NULL, 0, ?6) ON CONFLICT (level, code) DO UPDATE SET"
                " root = ?3, variant = ?4, trouble = ?5, gone = 0, seq = ?6",
                (one.code, level, root, one.variant, one.trouble, self._next()),
            )

    def block(self, level: int, reasons: Sequence[tuple[str, str]]) -> None:
        """The models of a level that are not in the PIM, and why; the others are there. Their rows are looked at anew."""
        with self.transaction():
            told = {code.lower(): reason for code, reason in reasons}
            known = self._db.execute(
                "SELECT code, blocked, root FROM model WHERE level = ? AND blocked NOT NULL", (level,)
            )
            before = {code.lower(): (code, blocked) for code, blocked, _ in known}
            for code in {*before, *told}:
                reason = told.get(code)
                if code in before and before[code][1] == reason:
                    continue
                row = self._db.execute(
                    "UPDATE model SET blocked = ? WHERE level = ? AND code = ? RETURNING root", (reason, level, code)
                ).fetchone()
                self._soil(row[0] if row is not None else None)

    # ---- reading them out ----
    def models_behind(self, level: int, seq: int, limit: int) -> list[StoredModel]:
        """The models that changed behind *seq*, in that order."""
        with self._blamed():
            found = self._db.execute(
                "SELECT code, root, variant, trouble, gone, seq FROM model WHERE level = ? AND seq > ?"
                " ORDER BY seq LIMIT ?",
                (level, seq, limit),
            )
            return [
                StoredModel(code, root, variant, trouble, bool(gone), n)
                for code, root, variant, trouble, gone, n in found
            ]

    def texts_of(self, level: int, code: str) -> Iterator[str]:
        """The rows below a model, by key."""
        with self._blamed():
            column = ("model", "sub")[level]
            query = f"SELECT text FROM row WHERE {column} = ? AND NOT gone ORDER BY key"
            for (text,) in self._db.execute(query, (code,)).fetchall():
                yield text

    def rows_behind(self, seq: int, limit: int) -> list[StoredRow]:
        """The rows that changed behind *seq*, in that order."""
        with self._blamed():
            found = self._db.execute(
                "SELECT key, text, parent, variant, trouble, gone, seq FROM row WHERE seq > ? ORDER BY seq LIMIT ?",
                (seq, limit),
            )
            return [
                StoredRow(ErpKey(key), text, parent, variant, trouble, bool(gone), n)
                for key, text, parent, variant, trouble, gone, n in found
            ]

    @property
    def seq(self) -> int:
        """The number of the latest change."""
        with self._blamed():
            return int(self._db.execute("SELECT seq FROM store").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # ---- inside ----
    def _prepare(self) -> None:
        tables = int(self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
        application = int(self._db.execute("PRAGMA application_id").fetchone()[0])
        if tables == 0:
            for statement in _SCHEMA:
                self._db.execute(statement)
            self._db.execute("INSERT INTO store VALUES (?, 0, '', NULL, 0)", (uuid.uuid4().hex,))
        elif application != _APPLICATION:
            raise StateError(f"{self.path} is another program's database; give the rows a file of their own")

    @contextmanager
    def transaction(self) -> Generator[None]:
        """All of it or nothing."""
        with self._blamed():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    @contextmanager
    def _blamed(self) -> Generator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise StateError(
                f"row store {self.path} cannot be used ({error}); check its folder and your rights on it, wait for "
                "another run that has it open, or delete it to read the ERP anew"
            ) from error

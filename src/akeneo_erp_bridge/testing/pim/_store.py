"""Where the simulator keeps what was created: one SQLite table, in memory or in a file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from akeneo_erp_bridge.testing.pim._message import JsonObject


class Store:
    """Things by kind and key, keys without regard to case, in order of creation."""

    def __init__(self, path: Path | str | None) -> None:
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS thing (seq INTEGER PRIMARY KEY, kind TEXT, key TEXT, body TEXT, UNIQUE (kind, key))"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS sku (sku TEXT PRIMARY KEY, uuid TEXT NOT NULL)")

    def get(self, kind: str, key: str) -> JsonObject | None:
        """One thing."""
        row = self._db.execute("SELECT body FROM thing WHERE kind = ? AND key = ?", (kind, key.lower())).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, kind: str, key: str, body: JsonObject) -> None:
        """Create or replace, on disk when this returns."""
        self._db.execute(
            "INSERT INTO thing (kind, key, body) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body",
            (kind, key.lower(), json.dumps(body, ensure_ascii=False)),
        )

    def remove(self, kind: str, key: str) -> None:
        """Delete, if it is there."""
        self._db.execute("DELETE FROM thing WHERE kind = ? AND key = ?", (kind, key.lower()))

    def all(self, kind: str) -> Iterator[JsonObject]:
        """Every thing of a kind, by key."""
        for (body,) in self._db.execute("SELECT body FROM thing WHERE kind = ? ORDER BY key", (kind,)).fetchall():
            yield json.loads(body)

    def after(self, kind: str, key: str, limit: int) -> list[JsonObject]:
        """At most `limit` things behind a key."""
        query = "SELECT body FROM thing WHERE kind = ? AND key > ? ORDER BY key LIMIT ?"
        return [json.loads(body) for (body,) in self._db.execute(query, (kind, key.lower(), limit))]

    def has(self, kind: str) -> bool:
        """Whether there is any of a kind."""
        return self._db.execute("SELECT 1 FROM thing WHERE kind = ? LIMIT 1", (kind,)).fetchone() is not None

    # ---- identifiers ----
    def uuid_of(self, sku: str) -> str | None:
        """The product with this identifier, in any case."""
        row = self._db.execute("SELECT uuid FROM sku WHERE sku = ?", (sku.lower(),)).fetchone()
        return str(row[0]) if row else None

    def name(self, uuid: str, sku: str | None) -> None:
        """Give a product an identifier, or take it away."""
        self._db.execute("DELETE FROM sku WHERE uuid = ?", (uuid,))
        if sku is not None:
            self._db.execute("INSERT INTO sku VALUES (?, ?)", (sku.lower(), uuid))

"""The tables of a state, and how they came to be: one list for both databases.

A new column is a new migration at the end of the list, and a name in its `Table`. A new table is a migration too, and an
entry in `TABLES`; back-ups, moves and counts then know it. Published migrations do not change.
"""

from __future__ import annotations

import time
from typing import Final

from akeneo_erp_bridge.sync._stored._baseline import SHOWN
from akeneo_erp_bridge.sync._stored._database import Session, Table
from akeneo_erp_bridge.sync._stored._deletions import DELETION
from akeneo_erp_bridge.sync._stored._ledger import INTENT, LEDGER
from akeneo_erp_bridge.sync._stored._marks import MARK
from akeneo_erp_bridge.sync._stored._runs import RUN
from akeneo_erp_bridge.sync._stored._streams import CURSOR, ORIGIN
from akeneo_erp_bridge.sync._stored._troubles import TROUBLE
from akeneo_erp_bridge.sync._stored._waiting import HELD, PARKED
from akeneo_erp_bridge.sync._stored._watched import FIELD, ITEM

TABLES: Final[tuple[Table, ...]] = (
    ORIGIN, CURSOR, LEDGER, INTENT, PARKED, HELD, RUN, TROUBLE, ITEM, FIELD, SHOWN, DELETION, MARK,
)  # fmt: skip
"""All of them."""

_ENTRY: Final = """(
    stream TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, context TEXT NOT NULL, ref TEXT NOT NULL,
    cells TEXT NOT NULL, stamps TEXT NOT NULL, shared TEXT NOT NULL, gone BIGINT NOT NULL, unlinked TEXT NOT NULL,
    PRIMARY KEY (stream, key))"""
# rows of texts, with a key apart: SQLite gives a row of more than 1 kB in a table without row ids a page of its own

MIGRATIONS: Final = (
    """
CREATE TABLE cursor (stream TEXT PRIMARY KEY, kind TEXT NOT NULL, blob TEXT NOT NULL, schema_hash TEXT NOT NULL);
CREATE TABLE ledger (
    stream TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, context TEXT NOT NULL,
    ref TEXT NOT NULL, cells TEXT NOT NULL, stamps TEXT NOT NULL,
    PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE intent (stream TEXT NOT NULL, key TEXT NOT NULL, ref TEXT NOT NULL, PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE parked (
    stream TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL, path TEXT NOT NULL, detail TEXT NOT NULL,
    fingerprint TEXT NOT NULL, context TEXT NOT NULL,
    PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE run (run_id TEXT PRIMARY KEY, stream TEXT NOT NULL, started TEXT NOT NULL, ended TEXT, counts TEXT NOT NULL)
""",
    """
ALTER TABLE cursor ADD COLUMN context TEXT NOT NULL DEFAULT '';
ALTER TABLE cursor ADD COLUMN finished INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ledger ADD COLUMN shared TEXT NOT NULL DEFAULT '{}';
ALTER TABLE ledger ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
CREATE INDEX ledger_ref ON ledger (stream, ref);
DROP TABLE intent;
CREATE TABLE intent (
    stream TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, context TEXT NOT NULL,
    ref TEXT NOT NULL, cells TEXT NOT NULL, stamps TEXT NOT NULL, shared TEXT NOT NULL, gone INTEGER NOT NULL,
    PRIMARY KEY (stream, key)) WITHOUT ROWID;
DROP TABLE parked;
CREATE TABLE parked (
    stream TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL, path TEXT NOT NULL, detail TEXT NOT NULL,
    fingerprint TEXT NOT NULL, context TEXT NOT NULL, run TEXT NOT NULL,
    PRIMARY KEY (stream, key, fingerprint)) WITHOUT ROWID;
CREATE TABLE origin (stream TEXT PRIMARY KEY, origin TEXT NOT NULL)
""",
    """
ALTER TABLE ledger ADD COLUMN unlinked TEXT NOT NULL DEFAULT '{}';
ALTER TABLE intent ADD COLUMN unlinked TEXT NOT NULL DEFAULT '{}';
CREATE INDEX ledger_unlinked ON ledger (stream, key) WHERE unlinked <> '{}'
""",
    """
CREATE TABLE watched_item (
    stream TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, traces TEXT NOT NULL,
    PRIMARY KEY (stream, key)) WITHOUT ROWID;
CREATE TABLE watched_field (
    stream TEXT NOT NULL, path TEXT NOT NULL, runs INTEGER NOT NULL, changed INTEGER NOT NULL, looked TEXT NOT NULL,
    PRIMARY KEY (stream, path)) WITHOUT ROWID
""",
    """
ALTER TABLE parked ADD COLUMN sample TEXT NOT NULL DEFAULT '{}';
ALTER TABLE parked ADD COLUMN since TEXT;
CREATE TABLE held (
    stream TEXT NOT NULL, key TEXT NOT NULL, cell TEXT NOT NULL, base TEXT NOT NULL, erp TEXT NOT NULL,
    pim TEXT NOT NULL, since TEXT NOT NULL,
    PRIMARY KEY (stream, key, cell)) WITHOUT ROWID
""",
    f"""
CREATE TABLE entry {_ENTRY};
INSERT INTO entry
    SELECT stream, key, fingerprint, context, ref, cells, stamps, shared, gone * :now, unlinked FROM ledger;
DROP TABLE ledger;
ALTER TABLE entry RENAME TO ledger;
CREATE INDEX ledger_ref ON ledger (stream, ref);
CREATE INDEX ledger_unlinked ON ledger (stream, key) WHERE unlinked <> '{{}}';
CREATE INDEX ledger_gone ON ledger (stream, gone) WHERE gone <> 0;
CREATE TABLE entry {_ENTRY};
INSERT INTO entry
    SELECT stream, key, fingerprint, context, ref, cells, stamps, shared, gone, unlinked FROM intent;
DROP TABLE intent;
ALTER TABLE entry RENAME TO intent;
ALTER TABLE cursor ADD COLUMN reached TEXT;
ALTER TABLE run ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
UPDATE run SET place = numbered.place FROM
    (SELECT run_id, row_number() OVER (ORDER BY started, run_id) AS place FROM run) AS numbered
    WHERE numbered.run_id = run.run_id;
CREATE INDEX run_place ON run (stream, place)
""",
    """
CREATE TABLE run_anew (
    stream TEXT NOT NULL, run_id TEXT NOT NULL, started TEXT NOT NULL, ended TEXT, counts TEXT NOT NULL,
    place INTEGER NOT NULL, stopped_by TEXT, error TEXT, PRIMARY KEY (stream, run_id));
INSERT INTO run_anew SELECT stream, run_id, started, ended, counts, place, NULL, NULL FROM run;
DROP TABLE run;
ALTER TABLE run_anew RENAME TO run;
CREATE INDEX run_place ON run (stream, place);
CREATE TABLE trouble (stream TEXT PRIMARY KEY, since TEXT NOT NULL, told TEXT NOT NULL)
""",
    """
ALTER TABLE run ADD COLUMN kind TEXT;
ALTER TABLE run ADD COLUMN writes TEXT NOT NULL DEFAULT 'both';
ALTER TABLE cursor ADD COLUMN baseline TEXT;
CREATE TABLE shown (stream TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (stream, key)) WITHOUT ROWID
""",
    "ALTER TABLE held ADD COLUMN wire TEXT NOT NULL DEFAULT 'null'",
    """
ALTER TABLE trouble ADD COLUMN ended TEXT;
ALTER TABLE trouble ADD COLUMN again TEXT NOT NULL DEFAULT '{}'
""",
    """
CREATE TABLE deletion (
    stream TEXT NOT NULL, part TEXT NOT NULL, deletions BIGINT NOT NULL, known BIGINT NOT NULL,
    PRIMARY KEY (stream, part)) WITHOUT ROWID
""",
    """
CREATE TABLE mark (
    stream TEXT NOT NULL, mark TEXT NOT NULL, ref TEXT NOT NULL, key TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (stream, mark, ref)) WITHOUT ROWID
""",
)
"""One for each version of the format, each on top of the one before; ``:now`` is the time in seconds.

They are written in the SQL that both databases understand, apart from what `for_postgres` changes.
"""

VERSION: Final = len(MIGRATIONS)


def statements(found: int) -> list[str]:
    """What brings tables of the version *found* up to date."""
    now = str(int(time.time()))
    told = (one.strip() for migration in MIGRATIONS[found:] for one in migration.split(";"))
    return [one.replace(":now", now) for one in told if one]


def for_postgres(statement: str) -> str:
    """Texts are ordered by their bytes, as SQLite does it, and all tables have row ids."""
    return statement.replace(" WITHOUT ROWID", "").replace(" TEXT", ' TEXT COLLATE "C"')


def migrate(db: Session, found: int) -> None:
    """Bring the tables up to date; within a transaction."""
    for statement in statements(found):
        db.execute(statement)

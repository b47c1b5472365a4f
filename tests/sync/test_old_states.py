"""States of each version that there was: what they held is there in the newest, in a file and in PostgreSQL alike."""

from __future__ import annotations

from typing import Final

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.sync import LedgerEntry, Settled
from akeneo_erp_bridge.sync._stored import _tables
from akeneo_erp_bridge.sync._stored._ledger import LEDGER
from akeneo_erp_bridge.sync._stored._stored_state import StoredState
from akeneo_erp_bridge.sync._stored._tables import TABLES, VERSION
from places import Place, content_of, old_state, version_of

Value = str | int | None
Row = dict[str, Value]

DAY, NIGHT, GONE = "2026-01-05T00:00:00+00:00", "2026-01-06T02:00:00+00:00", 1577836800
ODD = """{"name[en_US]":"Ł’œuf 100% \U0001f600 it's ?; --"}"""


def entry(stream: str, key: str, gone: int, cells: str = "{}") -> Row:
    return {
        "stream": stream, "key": key, "fingerprint": "f", "context": "c", "ref": f"uuid-{key}", "cells": cells, "stamps": '{"p":1}',
        "shared": '{"a":["b"]}', "gone": gone, "unlinked": '{"UPSELL":["9"]}',
    }  # fmt: skip


def run(run_id: str, place: int, started: str) -> Row:
    return {
        "stream": "products", "run_id": run_id, "started": started, "ended": None, "counts": '{"read":1}', "place": place,
        "stopped_by": "40 of 200 items are parked", "error": "PimUnreachable: no answer", "kind": "full", "writes": "create",
    }  # fmt: skip


CONTENT: Final[dict[str, list[Row]]] = {
    "origin": [{"stream": "products", "origin": "the PIM of the shop"}],
    "cursor": [
        {"stream": "products", "kind": "sequence", "blob": "7", "schema_hash": "h", "context": "c", "finished": 1,
         "reached": DAY, "baseline": "rebaseline"},
    ],
    "ledger": [
        entry("products", "000123", 0, ODD), entry("products", "B", GONE), entry("products", "a", 0),
        entry("offers", "000123", 0),
    ],
    "intent": [entry("products", "000124", 0), entry("products", "000125", 1)],
    "parked": [
        {"stream": "products", "key": key, "code": "x", "path": "name", "detail": "it's wrong", "fingerprint": fingerprint,
         "context": "c", "run": "r2", "sample": '{"name":"ca. 2"}', "since": DAY}
        for key, fingerprint in (("", "f1"), ("000126", "f2"))
    ],
    "held": [
        {"stream": "products", "key": "000123", "cell": "name", "base": "1", "erp": "2", "pim": "3", "since": DAY,
         "wire": '[{"data":2}]'},
    ],
    "run": [run("r1", 1, DAY), run("r3", 3, NIGHT), run("r2", 2, NIGHT)],
    "trouble": [
        {"stream": "products", "since": DAY, "told": f'{{"brake":"{DAY}"}}', "ended": NIGHT, "again": '{"brake":3}'},
    ],
    "watched_item": [{"stream": "products", "key": "000123", "fingerprint": "f", "traces": "{}"}],
    "watched_field": [{"stream": "products", "path": "name", "runs": 7, "changed": 2, "looked": DAY}],
    "shown": [{"stream": "products", "key": "000123"}, {"stream": "products", "key": "B"}],
    "deletion": [{"stream": "products", "part": "", "deletions": 2**40, "known": 400}],
    "mark": [{"stream": "products", "mark": "m", "ref": "uuid-1", "key": "000123", "at": 1577836800}],
}  # fmt: skip
"""What the newest version may hold."""

BEGAN: Final = {
    "origin": 2,
    "watched_item": 4,
    "watched_field": 4,
    "held": 5,
    "trouble": 7,
    "shown": 8,
    "deletion": 11,
    "mark": 12,
}
"""The versions that brought tables along."""

CAME: Final[dict[str, dict[str, tuple[int, Value]]]] = {
    "cursor": {"context": (2, ""), "finished": (2, 0), "reached": (6, None), "baseline": (8, None)},
    "ledger": {"shared": (2, "{}"), "gone": (2, 0), "unlinked": (3, "{}")},
    "intent": {
        **dict.fromkeys(("fingerprint", "context", "cells", "stamps", "shared", "gone"), (2, None)), "unlinked": (3, "{}"),
    },
    "parked": {"run": (2, None), "sample": (5, "{}"), "since": (5, None)},
    "held": {"wire": (9, "null")},
    "run": {"place": (6, None), "stopped_by": (7, None), "error": (7, None), "kind": (8, None), "writes": (8, "both")},
    "trouble": {"ended": (10, None), "again": (10, "{}")},
}  # fmt: skip
"""The versions that brought columns along, and what these hold in rows that are older."""

MADE_ANEW: Final = {"intent": 2, "parked": 2}
"""Tables that lost their rows: the next run asks and parks anew."""


def held_by(version: int) -> dict[str, list[Row]]:
    """As much of the content as a version had room for."""

    def cut(table: str, row: Row) -> Row:
        later = {column for column, (since, _) in CAME.get(table, {}).items() if since > version}
        flag = {"gone": int(bool(row["gone"]))} if table == "ledger" and version < 6 else {}
        return {column: value for column, value in {**row, **flag}.items() if column not in later}

    return {
        table: [cut(table, row) for row in rows] for table, rows in CONTENT.items() if BEGAN.get(table, 1) <= version
    }


def expected(version: int) -> dict[str, set[tuple[Value, ...]]]:
    """What is there after such a state was opened; of an item that is gone, `GONE` stands for the moment."""
    found: dict[str, set[tuple[Value, ...]]] = {table.name: set() for table in TABLES}
    for table in TABLES:
        if table.name not in CONTENT or version < max(BEGAN.get(table.name, 1), MADE_ANEW.get(table.name, 1)):
            continue
        for row in CONTENT[table.name]:
            older = {column: value for column, (since, value) in CAME.get(table.name, {}).items() if since > version}
            if table.name == "run":
                older |= {"place": row["place"]}  # in the order in which they began
            found[table.name].add(tuple({**row, **older}[column] for column in table.columns))
    return found


def seen(state: StoredState, version: int) -> dict[str, set[tuple[Value, ...]]]:
    found = {table.name: set(table.walk(state.database)) for table in TABLES}
    if version < 6:  # gone since now, as far as anybody knows
        place = LEDGER.columns.index("gone")
        found["ledger"] = {(*row[:place], min(row[place], GONE), *row[place + 1 :]) for row in found["ledger"]}
    return found


@pytest.mark.on_both
@pytest.mark.parametrize("version", range(1, VERSION))
def test_what_an_older_version_kept_is_there(place: Place, version: int) -> None:
    old_state(place, version, held_by(version))
    for _ in range(2):
        with place.open() as state:
            assert seen(state, version) == expected(version)
        assert version_of(place) == VERSION
    page = Settled(entries=[LedgerEntry(ErpKey("a"), "g", "c", "uuid-a")], cursor=Cursor("sequence", "8"), context="c")
    with place.open() as state:
        state.settle("products", page)
        assert state.entries("products", [ErpKey("a")])[ErpKey("a")].fingerprint == "g"
        assert state.cursor("products", "c") == Cursor("sequence", "8")


@pytest.mark.on_both
@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_migration_that_fails_leaves_all_as_it_was(
    place: Place, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_state(place, version, held_by(version))
    before = content_of(place)
    with monkeypatch.context() as broken:
        fails = "CREATE TABLE more (x TEXT); DROP TABLE nonsense"
        broken.setattr(_tables, "MIGRATIONS", (*_tables.MIGRATIONS, fails))
        with pytest.raises(StateError, match="nonsense"):
            place.open()
    assert content_of(place) == before
    assert version_of(place) == version
    with place.open() as state:
        assert seen(state, version) == expected(version)

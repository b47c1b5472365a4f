"""The power fails at any moment: what a method had returned from is on the disk, and never half of what came next."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from attrs import frozen

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor
from akeneo_erp_bridge.erp._seen_store import SeenStore
from akeneo_erp_bridge.sync import LedgerEntry, Settled, SqliteState
from akeneo_erp_bridge.sync._rows._records import Placed
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.sync._stored._tables import TABLES
from akeneo_erp_bridge.sync.pim_first import SqliteQueue, SqliteSkuBook
from power import Watched, watched


@frozen
class Case:
    """A program's work, and what is read of what is left of it."""

    work: Callable[[Path], None]
    seen: Callable[[Path], str]

    def watched(self, folder: Path) -> Watched:
        return watched([__file__, self.work.__name__], folder / "it", folder / "log")


def tell(digest: str) -> None:
    """What a power cut must leave from now on."""
    print(digest, flush=True)


def digest(*held: object) -> str:
    return sha256(repr(held).encode()).hexdigest()


# ---- the state ----
def state_digest(state: SqliteState) -> str:
    return digest(*(row for table in TABLES for row in table.walk(state.database)))


def state_in(folder: Path) -> str:
    """What the state there holds; a run can go on with it."""
    with SqliteState(folder / "state.db") as state:
        found = state_digest(state)
        state.settle("products", Settled(cursor=Cursor("sequence", "99")))
    return found


def settle_pages(folder: Path) -> None:
    with SqliteState(folder / "state.db") as state:
        tell(state_digest(state))
        for number in range(6):
            keys = [ErpKey(f"{number * 7 % 40 + place:05}") for place in range(20)]
            entries = [LedgerEntry(key, f"f{number}", "c", f"ref {key}", {"name": f"{number} " * 80}) for key in keys]
            state.intend("products", entries)
            tell(state_digest(state))
            state.settle("products", Settled(entries=entries, answered=keys, cursor=Cursor("sequence", str(number))))
            tell(state_digest(state))
        state.compact()  # all of it is written once more
        tell(state_digest(state))


# ---- the rows of product models ----
def rows_digest(store: RowStore) -> str:
    return digest(store.id, store.seq, store.resume("c"), list(store.all_rows(100)), store.dirty(100))


def rows_in(folder: Path) -> str:
    """What the store of rows there holds; a run can go on with it."""
    with closing(RowStore(folder / "rows.db")) as store:
        found = rows_digest(store)
        store.take([], [], Cursor("sequence", "99"), "c")
    return found


def take_pages(folder: Path) -> None:
    with closing(RowStore(folder / "rows.db")) as store:
        tell(rows_digest(store))
        for number in range(8):
            keys = [ErpKey(f"{number * 7 % 40 + place:05}") for place in range(20)]
            rows = [Placed(key, f'{{"name": "{number} {"x" * 300}"}}', model=f"m{key[:4]}") for key in keys]
            store.take(rows, [ErpKey(f"{number:05}")], Cursor("sequence", str(number)), "c")
            tell(rows_digest(store))


# ---- the keys that an ERP has shown ----
def keys_digest(store: SeenStore) -> str:
    return digest(
        store.run, [store.has_seen(number) for number in range(9)], list(store._db.execute("SELECT * FROM item"))
    )


def keys_in(folder: Path) -> str:
    with closing(SeenStore(folder / "keys.db")) as store:
        found = keys_digest(store)
        store.record(store.begin(), [ErpKey("1")], [])
    return found


def see_keys(folder: Path) -> None:
    with closing(SeenStore(folder / "keys.db")) as store:
        tell(keys_digest(store))
        for number in range(4):
            run = store.begin()
            tell(keys_digest(store))
            store.record(run, [ErpKey(f"{number * 7 % 40 + place:05}") for place in range(200)], [ErpKey("00003")])
            tell(keys_digest(store))
            store.tell_missing(run, 0)
            tell(keys_digest(store))


# ---- what waits to go to the ERP ----
def queue_digest(queue: SqliteQueue) -> str:
    return digest([(one.kind, one.key) for one in queue.take(500)])


def queue_in(folder: Path) -> str:
    with SqliteQueue(folder / "queue.db") as queue:
        found = queue_digest(queue)
        queue.put([("product", "99")])
    return found


def queue_up(folder: Path) -> None:
    with SqliteQueue(folder / "queue.db") as queue:
        tell(queue_digest(queue))
        for number in range(6):
            queue.put([("product", f"{number} {place}") for place in range(30)])
            tell(queue_digest(queue))
            queue.done(queue.take(7))
            tell(queue_digest(queue))


# ---- the book of SKUs ----
def book_in(folder: Path) -> str:
    """The numbers that nobody has yet: none was given that could be given anew."""
    with SqliteSkuBook(folder / "skus.db") as book:
        return book.reserve("newcomer", "DR-", 1, "DR-{:05}".format).sku


def reserve(folder: Path) -> None:
    with SqliteSkuBook(folder / "skus.db") as book:
        for number in range(1, 13):
            tell(f"DR-{number:05}")
            assert book.reserve(f"owner {number}", "DR-", 1, "DR-{:05}".format).number == number
        tell("DR-00013")


# ---- all of them ----
CASES = {
    "state": Case(settle_pages, state_in),
    "rows": Case(take_pages, rows_in),
    "keys": Case(see_keys, keys_in),
    "queue": Case(queue_up, queue_in),
    "book": Case(reserve, book_in),
}


@pytest.fixture(scope="module", params=CASES.values(), ids=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture(scope="module")
def run(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    found = case.watched(tmp_path_factory.mktemp("watched"))
    assert len(set(found.lines)) >= 9
    return found


def test_what_was_returned_from_is_on_the_disk(case: Case, run: Watched, tmp_path: Path) -> None:
    """Nothing but what was synced is left."""
    for folder, printed, prints in run.moments():
        if prints:
            assert case.seen(folder.lay(tmp_path / str(printed))) == run.lines[printed - 1]
    assert len(list(tmp_path.iterdir())) == len(run.lines)


def test_any_part_of_what_was_not_synced_may_be_there(case: Case, run: Watched, tmp_path: Path) -> None:
    """One of the two that were due then is what is found: the last that was told, or the next."""
    chance = random.Random(13)
    count = sum(1 for _ in run.moments())
    begun = next(place for place, (_, printed, _) in enumerate(run.moments()) if printed)
    chosen = set(chance.sample(range(begun, count), 40))
    found: set[str] = set()
    for place, (folder, printed, _) in enumerate(run.moments()):
        if place in chosen:
            for share in (0.1, 0.5, 0.95):
                laid = folder.lay(tmp_path / f"{place} {share}", lambda share=share: chance.random() < share)  # type: ignore[misc]  # mypy infers no type for the default
                found.add(seen := case.seen(laid))
                assert seen in run.lines[printed - 1 : printed + 1], f"moment {place}, {share}"
    assert len(found) > 4


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]))

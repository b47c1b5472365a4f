"""The hot path: how long a change takes to the shop's call, and a million offers compared with a shop.

    python benchmarks/relay.py [--offers 1000000]

compares as many offers with a shop in which each thousandth was changed, and a tenth as many, each in a process of its
own, and tells the peaks of memory. `follow` is a row of `make bench`.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from rows import Figures

from akeneo_erp_bridge.commerce import Offer, OfferResult, SqliteSink, price
from akeneo_erp_bridge.erp import Cursor, ErpItem, Page, cold, hot
from akeneo_erp_bridge.mapping import decimal
from akeneo_erp_bridge.sync import HotRelay, SqliteState, Stop

EVERY = timedelta(milliseconds=50)
BURST = 20
"""Changes that are committed together."""
WRONG = 1000
"""One in so many offers is wrong in the shop."""


class Offered(ErpItem):
    number = cold(str, "number", key=True)
    price = hot(str, "price")
    stock = hot(int, "stock")


FEEDS = [price(Offered.price >> decimal("de_DE"), currency="EUR").feed("prices"), Offered.stock.feed("available")]


# ---- from the change to the call ----
class Journal:
    """An ERP with a journal of changes in SQLite, read on from a number."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("CREATE TABLE journal (id INTEGER PRIMARY KEY, number TEXT, price TEXT, stock INTEGER)")

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[Offered]]:
        if keys is not None:
            return
        last = int(since.blob) if since is not None else 0
        while rows := self.db.execute(
            "SELECT id, number, price, stock FROM journal WHERE id > ? ORDER BY id LIMIT 500", (last,)
        ).fetchall():
            last = rows[-1][0]
            items = [Offered({"number": number, "price": amount, "stock": stock}) for _, number, amount, stock in rows]
            yield Page(items, (), Cursor("sequence", str(last)))


class Noting:
    """A shop that takes no time, and notes when it was called for which change."""

    def __init__(self) -> None:
        self.called: dict[int, float] = {}

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        now = time.perf_counter()
        for one in offers:
            number = one.values["available"]
            assert isinstance(number, int)
            self.called[number] = now
        return [OfferResult(one.key) for one in offers]


def follow(size: int) -> Figures:
    """Changes committed at about two thousand a second; from the commit to the call, the slowest hundredth, in milliseconds."""
    shop, stop, committed = Noting(), Stop(), [0.0] * size
    with tempfile.TemporaryDirectory() as folder, SqliteState(Path(folder) / "state.db") as state:
        erp = Journal(Path(folder) / "erp.db")
        relay = HotRelay(erp, FEEDS, shop, state)
        following = threading.Thread(target=relay.follow, kwargs={"every": EVERY, "stop": stop})
        following.start()
        writer = sqlite3.connect(Path(folder) / "erp.db", isolation_level=None)
        for start in range(0, size, BURST):
            writer.execute("BEGIN")
            # a key of its own for each change, so that none gives way to another
            rows = [(f"A{n}", f"{n % 90 + 10},50", n) for n in range(start, min(start + BURST, size))]
            writer.executemany("INSERT INTO journal (number, price, stock) VALUES (?, ?, ?)", rows)
            writer.execute("COMMIT")
            committed[start : start + BURST] = [time.perf_counter()] * len(rows)
            time.sleep(BURST / 2000)
        while len(shop.called) < size:
            time.sleep(0.01)
        stop.request()
        following.join()
        writer.close()
        erp.db.close()
    waits = sorted(shop.called[n] - committed[n] for n in range(size))
    return Figures(waits[int(size * 0.99)] * 1000, None, "ms", None)


# ---- a million offers ----
class Made:
    """An ERP whose rows are made while they are read."""

    def __init__(self, count: int) -> None:
        self.count = count

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[Offered]]:
        for start in range(0, self.count, 500):
            some = range(start, min(start + 500, self.count))
            rows = [{"number": f"A{n}", "price": f"{n % 900 + 10},50", "stock": n % 100} for n in some]
            yield Page([Offered(one) for one in rows], (), Cursor("snapshot", ""))


def compare(count: int) -> dict[str, object]:
    """Fill a shop, change some of it behind the relay's back, and compare."""
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteState(Path(folder) / "state.db") as state,
        SqliteSink(Path(folder) / "shop.db") as shop,
    ):
        relay = HotRelay(Made(count), FEEDS, shop, state)
        begun = time.perf_counter()
        filled = relay.reconcile()
        filling = time.perf_counter() - begun
        with sqlite3.connect(Path(folder) / "shop.db") as other:
            other.execute("UPDATE offer SET value = '-1' WHERE feed = 'available' AND substr(key, 2) % ? = 0", (WRONG,))
        other.close()
        begun = time.perf_counter()
        found = relay.reconcile()
        comparing = time.perf_counter() - begun
        assert filled.added == count
        assert (found.right, found.repaired) == (count - -(-count // WRONG), -(-count // WRONG)), str(found)
        again = relay.reconcile()
        assert again.right == count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"count": count, "filling": filling, "comparing": comparing, "repaired": found.repaired, "peak": peak}


def main() -> int:
    """Both sizes, and whether the memory is flat."""
    parser = argparse.ArgumentParser(prog="benchmarks/relay.py")
    parser.add_argument("--offers", type=int, default=1_000_000)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(compare(options.one)))
        return 0
    small, large = (_measured(size) for size in (options.offers // 10, options.offers))
    for one in (small, large):
        print(
            f"{one['count']:>9,} offers: filled in {one['filling']:.0f} s, compared in {one['comparing']:.0f} s "
            f"({one['count'] / one['comparing']:,.0f} a second), {one['repaired']} repaired, peak {one['peak']:.0f} MiB"
        )
    ratio = large["peak"] / small["peak"]
    print(f"peak memory, ten times as many: {ratio:.2f} x, goal <= 1.1 x: {'met' if ratio <= 1.1 else 'MISSED'}")
    return 0 if ratio <= 1.1 else 1


def _measured(size: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", str(size)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(answer.stdout)  # as `compare` printed it
    return found


if __name__ == "__main__":
    sys.exit(main())

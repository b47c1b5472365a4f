"""A relay that kills itself at the n-th effect boundary. Run by test_relay_killed.py."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from akeneo_erp_bridge.commerce import Offer, OfferResult, SqliteSink
from akeneo_erp_bridge.commerce._wire import to_wire
from akeneo_erp_bridge.sync import Batch, HotRelay
from places import opened
from relay_bench import FEEDS, Offered, changes


class Noting:
    """A shop that notes what reaches it, before it counts."""

    def __init__(self, shop: SqliteSink, notes: Path, hook: Callable[[str], None]) -> None:
        self.shop, self.notes, self.hook = shop, notes, hook

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        with self.notes.open("a") as file:
            for one in offers:
                values = {feed: to_wire(value) for feed, value in one.values.items()}
                file.write(json.dumps([one.key, one.version, values]) + "\n")
        self.hook("shop.reached")
        return self.shop.deliver(offers)


def main(folder: Path, step: int, fatal: int, told: list[str]) -> None:
    """Relay; at boundary number `fatal` the process is gone, as by `kill -9`."""
    passed: list[str] = []

    def hook(name: str) -> None:
        passed.append(name)
        if len(passed) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    with opened(told) as state, SqliteSink(folder / "shop.db") as shop:
        noting = Noting(shop, folder / "notes", hook)
        relay = HotRelay(changes(step), FEEDS, noting, state, stamp=Offered.serial, batch=Batch(size=10), hook=hook)
        report = relay.run()
        assert report.accounts_for_everything(), report
        assert report.parked == 0, report
        print(" ".join(passed))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])

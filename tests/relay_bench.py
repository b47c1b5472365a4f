"""An ERP that tells changes, and shops that remember what they were brought: for tests of the relay."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import Offer, OfferResult, OfferValue, SqliteSink
from akeneo_erp_bridge.commerce._wire import to_wire
from akeneo_erp_bridge.erp import Cursor, ErpItem, Page, cold, hot
from akeneo_erp_bridge.errors import SinkError
from akeneo_erp_bridge.sync import Batch, HotRelay
from places import opened

Raw = dict[str, object]


class Offered(ErpItem):
    """A row of prices and stock."""

    number = cold(str, "number", key=True)
    price = hot(Decimal, "price")
    stock = hot(int, "stock")
    changed = hot(datetime, "changed").nullable()
    serial = hot(int, "serial").nullable()


FEEDS = [Offered.price.feed("price"), Offered.stock.feed("available")]


def row(key: str, /, **columns: object) -> Raw:
    return {"number": key, **columns}


class ChangeLog:
    """An ERP with a list of changes, read on from a cursor; `pages` is how many rows are in one."""

    def __init__(self, *rows: Raw, page: int = 100) -> None:
        self.log = list(rows)
        self.dead: list[str] = []
        self.page = page
        self.read_from: list[int | None] = []
        self.before_page: Callable[[], None] = lambda: None

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[Offered]]:
        if keys is not None:
            latest = {str(one["number"]): one for one in self.log if one["number"] in keys}
            yield Page([Offered(one) for one in latest.values()], (), Cursor("sequence", ""))
            return
        self.read_from.append(int(since.blob) if since is not None else None)
        start = int(since.blob) if since is not None else 0
        while start < len(self.log):
            self.before_page()
            end = min(start + self.page, len(self.log))
            yield Page([Offered(one) for one in self.log[start:end]], (), Cursor("sequence", str(end)))
            start = end
        if self.dead:
            dead, self.dead = self.dead, []
            yield Page((), [ErpKey(one) for one in dead], Cursor("sequence", str(start)))


class Shop:
    """Takes all that it is brought, and shows it; `calls` are the batches."""

    def __init__(self) -> None:
        self.calls: list[list[Offer]] = []
        self.shows: dict[str, dict[str, OfferValue]] = {}
        self.versions: dict[str, list[int]] = {}
        self.refuses: dict[str, str] = {}
        self.is_down = False

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        if self.is_down:
            raise SinkError("the shop is down")
        self.calls.append(list(offers))
        for one in offers:
            if one.key not in self.refuses:
                self.versions.setdefault(one.key, []).append(one.version)
                self.shows.setdefault(one.key, {}).update(one.values)
        return [OfferResult(one.key, self.refuses.get(one.key)) for one in offers]

    @property
    def sent(self) -> list[str]:
        return [one.key for call in self.calls for one in call]


class OpenShop(Shop):
    """One that tells what it shows."""

    def read_offers(self, keys: Sequence[ErpKey]) -> Sequence[Offer]:
        return [Offer(key, self.shows[key]) for key in keys if key in self.shows]


KEYS = 20


def changes(step: int) -> ChangeLog:
    """What the ERP has told up to a step. Of every third key the second step takes back what the first one said."""
    rows = [row(f"K{n:02}", price=100 + n, stock=1, serial=1) for n in range(KEYS)]
    if step >= 1:
        rows += [row(f"K{n:02}", price=200 + n, stock=2, serial=2) for n in range(0, KEYS, 2)]
    if step >= 2:
        rows += [row(f"K{n:02}", price=100 + n, stock=1, serial=3) for n in range(0, KEYS, 6)]
        rows += [row(f"K{n:02}", stock=0, serial=2) for n in range(1, KEYS, 2)]
        rows += [row(f"K{n:02}", price=1, stock=99, serial=1) for n in range(KEYS)]  # late, and old
    return ChangeLog(*rows, page=10)


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


def relay_step(folder: Path, step: int, told: list[str], hook: Callable[[str], None]) -> None:
    """One run over what the ERP has told up to a step, with all that lasts in files."""
    with opened(told) as state, SqliteSink(folder / "shop.db") as shop:
        noting = Noting(shop, folder / "notes", hook)
        relay = HotRelay(changes(step), FEEDS, noting, state, stamp=Offered.serial, batch=Batch(size=10), hook=hook)
        report = relay.run()
        assert report.accounts_for_everything(), report
        assert report.parked == 0, report

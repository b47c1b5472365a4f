"""The laws of sinks hold for a correct sink in memory, and each broken variation of it breaks one law, and no other."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import ClassVar

import pytest

from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce import HotSink, Offer, OfferResult, OfferValue, SqliteSink
from akeneo_erp_bridge.commerce._checks import Refused, check_amount, check_pieces, number_of
from akeneo_erp_bridge.errors import SinkError
from akeneo_erp_bridge.testing.sinks import Interruptions, ShopWorld, SinkConformance

EURO = CurrencyCode("EUR")
SECRET = "a password that is nowhere"


class MemoryShop:
    """A shop: prices in two currencies, and stock."""

    def __init__(self) -> None:
        self.keys = [ErpKey(f"item {number}") for number in range(1100)]
        self.euros: dict[ErpKey, Decimal | None] = dict.fromkeys(self.keys, Decimal(2))
        self.dollars: dict[ErpKey, Decimal | None] = dict.fromkeys(self.keys, Decimal(3))
        self.stock: dict[ErpKey, int | None] = dict.fromkeys(self.keys, 2)

    def prices(self, keys: Sequence[ErpKey]) -> Sequence[Decimal | None]:
        return [self.euros[key] for key in keys]

    def stocks(self, keys: Sequence[ErpKey]) -> Sequence[int | None]:
        return [self.stock[key] for key in keys]

    def other_price(self, key: ErpKey) -> Decimal | None:
        return self.dollars[key]


class MemorySink:
    """Correct. Each step is a method, so that a broken sink is one step that is wrong."""

    tries = 2

    def __init__(self, shop: MemoryShop | None, interruptions: Interruptions) -> None:
        self.shop = shop
        self.interruptions = interruptions
        self.versions: dict[tuple[ErpKey, str], int] = {}

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        shop = self.reached()
        results: list[OfferResult] = []
        for offer in self.ordered(offers):
            try:
                self.find(shop, offer.key)
                values = {feed: self.checked(feed, value) for feed, value in self.in_time(offer).items()}
                self.sent(lambda offer=offer, values=values: self.put(shop, offer, values))
            except Refused as error:
                results.append(OfferResult(offer.key, str(error)))
            else:
                self.versions.update({(offer.key, feed): offer.version for feed in values if offer.version})
                results.append(OfferResult(offer.key))
        return results

    def reached(self) -> MemoryShop:
        if self.shop is None:
            raise SinkError("the shop does not answer")
        return self.shop

    def ordered(self, offers: Sequence[Offer]) -> Sequence[Offer]:
        return offers

    def find(self, shop: MemoryShop, key: ErpKey) -> None:
        if key not in shop.euros:
            raise Refused(f"{key} is not known")

    def in_time(self, offer: Offer) -> dict[str, OfferValue]:
        return {
            feed: value
            for feed, value in offer.values.items()
            if not 0 < offer.version < self.versions.get((offer.key, feed), 0)
        }

    def checked(self, feed: str, value: OfferValue) -> Decimal | None:
        if value is None:
            return None
        amount = number_of(value, feed)
        return check_amount(amount, EURO) if feed == "price" else Decimal(check_pieces(amount))

    def sent(self, call: Callable[[], None]) -> None:
        for left in reversed(range(self.tries)):
            try:
                with self.interruptions.call():
                    call()
                return
            except ConnectionResetError:
                if not left:
                    raise SinkError("the shop does not answer") from None

    def put(self, shop: MemoryShop, offer: Offer, values: dict[str, Decimal | None]) -> None:
        if "price" in values:
            shop.euros[offer.key] = values["price"]
        if "available" in values:
            pieces = values["available"]
            shop.stock[offer.key] = None if pieces is None else int(pieces)

    def read_offers(self, keys: Sequence[ErpKey]) -> Sequence[Offer]:
        shop = self.reached()
        return [
            Offer(key, {"price": shop.euros[key], "available": shop.stock[key]}) for key in keys if key in shop.euros
        ]


# ---- one step that is wrong ----
class CountsInFloats(MemorySink):
    def put(self, shop: MemoryShop, offer: Offer, values: dict[str, Decimal | None]) -> None:
        price = values.get("price")
        if price is not None:
            values = values | {"price": Decimal(int(float(price) * 100)) / 100}
        super().put(shop, offer, values)


class AddsWhatItHasHad(MemorySink):
    had: Sequence[Offer] = ()

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        again, self.had = offers == self.had, list(offers)
        before = dict(self.shop.stock) if self.shop is not None else {}
        results = super().deliver(offers)
        for offer in offers if again and self.shop is not None else ():
            self.shop.stock[offer.key] = (self.shop.stock[offer.key] or 0) + (before[offer.key] or 0)
        return results


class AnswersTwice(MemorySink):
    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        results = list(super().deliver(offers))
        return [*results, results[0]] if results else results


class NamesNoKey(MemorySink):
    def find(self, shop: MemoryShop, key: ErpKey) -> None:
        if key not in shop.euros:
            raise Refused("no such item")


class RefusesAllForOne(MemorySink):
    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        prices = [offer.values.get("price") for offer in offers]
        if len(offers) > 1 and any(isinstance(one, Decimal) and one < 0 for one in prices):
            return [OfferResult(offer.key, "one of them is below zero") for offer in offers]
        return super().deliver(offers)


class RoundsAmounts(MemorySink):
    def checked(self, feed: str, value: OfferValue) -> Decimal | None:
        if feed == "price" and isinstance(value, Decimal):
            value = value.quantize(Decimal("0.01"), ROUND_DOWN)
        return super().checked(feed, value)


class RoundsStock(MemorySink):
    def checked(self, feed: str, value: OfferValue) -> Decimal | None:
        if feed == "available" and isinstance(value, Decimal):
            value = int(value)
        return super().checked(feed, value)


class LetsStockBelowZero(MemorySink):
    def checked(self, feed: str, value: OfferValue) -> Decimal | None:
        if feed == "available" and isinstance(value, int) and value < 0:
            value = 0
        return super().checked(feed, value)


class TakesZeroForNothing(MemorySink):
    def checked(self, feed: str, value: OfferValue) -> Decimal | None:
        return super().checked(feed, value) if value else None

    def put(self, shop: MemoryShop, offer: Offer, values: dict[str, Decimal | None]) -> None:
        stock = {"available": Decimal(0)} if offer.values.get("available") == 0 else {}
        super().put(shop, offer, values | stock)


class ForgetsWhatIsNotNamed(MemorySink):
    def put(self, shop: MemoryShop, offer: Offer, values: dict[str, Decimal | None]) -> None:
        super().put(shop, offer, {"available": Decimal(0)} | values)


class TakesTheFirstOfTwo(MemorySink):
    def ordered(self, offers: Sequence[Offer]) -> Sequence[Offer]:
        return list({offer.key: offer for offer in reversed(offers)}.values())


class ForgetsVersions(MemorySink):
    def in_time(self, offer: Offer) -> dict[str, OfferValue]:
        return dict(offer.values)


class ReplacesAllCurrencies(MemorySink):
    def put(self, shop: MemoryShop, offer: Offer, values: dict[str, Decimal | None]) -> None:
        super().put(shop, offer, values)
        if "price" in values:
            shop.dollars[offer.key] = None


class CutsAtFiveHundred(MemorySink):
    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        results = super().deliver(offers[:500])
        return [*results, *(OfferResult(offer.key) for offer in offers[500:])]


class ReadsCents(MemorySink):
    def read_offers(self, keys: Sequence[ErpKey]) -> Sequence[Offer]:
        found = super().read_offers(keys)
        return [
            Offer(
                one.key,
                {**one.values, "price": price * 100 if isinstance(price := one.values["price"], Decimal) else None},
            )
            for one in found
        ]


class ReadsWhatIsNotThere(MemorySink):
    def read_offers(self, keys: Sequence[ErpKey]) -> Sequence[Offer]:
        found = list(super().read_offers(keys))
        there = {one.key for one in found}
        return found + [Offer(key, {}) for key in keys if key not in there]


class SaysYesWhenCutOff(MemorySink):
    def sent(self, call: Callable[[], None]) -> None:
        try:
            with self.interruptions.call():
                call()
        except ConnectionResetError:
            pass


class AddsWhenItTriesAgain(MemorySink):
    def sent(self, call: Callable[[], None]) -> None:
        before = self.interruptions.calls
        super().sent(call)
        if self.shop is not None and self.interruptions.late and self.interruptions.calls > before + 1:
            self.shop.stock[self.shop.keys[0]] = 99


class TellsItsPassword(MemorySink):
    def reached(self) -> MemoryShop:
        if self.shop is None:
            raise SinkError(f"the shop does not let {SECRET} in")
        return self.shop


class LogsItsPassword(MemorySink):
    def reached(self) -> MemoryShop:
        if self.shop is None:
            logging.getLogger("shop").warning("signing in with %s", SECRET)
        return super().reached()


class ShowsItsPassword(MemorySink):
    def __repr__(self) -> str:
        return f"ShowsItsPassword({SECRET!r})"


class RefusesWhenDown(MemorySink):
    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        if self.shop is None:
            return [OfferResult(offer.key, "the shop is down") for offer in offers]
        return super().deliver(offers)


BROKEN = {
    CountsInFloats: "an_amount_arrives_to_the_last_digit",
    AddsWhatItHasHad: "twice_is_once",
    AnswersTwice: "each_offer_has_one_result",
    NamesNoKey: "an_unknown_key_is_refused_by_its_name",
    RefusesAllForOne: "one_wrong_price_among_fifty_leaves_the_others",
    RoundsAmounts: "an_amount_with_too_many_decimals_is_refused",
    RoundsStock: "a_stock_below_zero_or_in_parts_is_refused",
    LetsStockBelowZero: "a_stock_below_zero_or_in_parts_is_refused",
    TakesZeroForNothing: "zero_and_missing_and_withdrawn_are_three_things",
    ForgetsWhatIsNotNamed: "a_feed_that_is_not_named_keeps_its_value",
    TakesTheFirstOfTwo: "of_two_offers_of_a_key_the_last_counts",
    ForgetsVersions: "an_older_version_is_taken_and_has_no_effect",
    ReplacesAllCurrencies: "other_currencies_stay",
    CutsAtFiveHundred: "a_large_batch_goes_through",
    ReadsCents: "what_was_delivered_is_read_back",
    ReadsWhatIsNotThere: "what_was_delivered_is_read_back",
    SaysYesWhenCutOff: "a_cut_connection_changes_nothing_in_the_end",
    AddsWhenItTriesAgain: "a_cut_connection_changes_nothing_in_the_end",
    TellsItsPassword: "a_shop_that_is_down_is_told_without_secrets",
    LogsItsPassword: "a_shop_that_is_down_is_told_without_secrets",
    ShowsItsPassword: "a_shop_that_is_down_is_told_without_secrets",
    RefusesWhenDown: "a_shop_that_is_down_is_told_without_secrets",
}


class OfMemory(SinkConformance):
    secrets = (SECRET,)
    kind: ClassVar[type[MemorySink]] = MemorySink

    def make_world(self) -> MemoryShop:
        return MemoryShop()

    def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
        assert isinstance(world, MemoryShop)
        return self.kind(world, interruptions)

    def make_unreachable_sink(self) -> HotSink:
        return self.kind(None, Interruptions())


class TestMemorySink(OfMemory):
    """All laws, as pytest runs them for a vendor."""


class TestSinkThatDoesNotTryAgain(OfMemory):
    """A sink may leave the second try to the next run."""

    class Impatient(MemorySink):
        tries = 1

    kind = Impatient


def laws() -> list[str]:
    return [name.removeprefix("test_") for name in dir(SinkConformance) if name.startswith("test_")]


def broken_laws(suite: SinkConformance) -> Iterator[str]:
    """The laws that fail, with each of their parameters."""
    for law in laws():
        test = getattr(suite, f"test_{law}")
        marks = getattr(test, "pytestmark", [])
        given = [{mark.args[0]: value} for mark in marks for value in mark.args[1]] or [{}]
        for parameters in given:
            try:
                test(**parameters)
            except (AssertionError, pytest.fail.Exception):
                yield law


def test_a_correct_sink_breaks_no_law() -> None:
    assert list(broken_laws(TestMemorySink())) == []


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_a_broken_sink_breaks_its_law_and_no_other(kind: type[MemorySink]) -> None:
    suite = type(f"Of{kind.__name__}", (OfMemory,), {"kind": kind})()
    assert set(broken_laws(suite)) == {BROKEN[kind]}


def test_each_law_is_broken_by_a_sink() -> None:
    assert set(BROKEN.values()) == set(laws())


class TestSqliteSink(SinkConformance):
    knows_its_keys = False
    refuses_wrong_values = False
    several_currencies = False
    keeps_versions = True

    @pytest.fixture(autouse=True)
    def place(self, tmp_path: object) -> None:
        self.folder = tmp_path

    def make_world(self) -> ShopWorld:
        return SqliteWorld(f"{self.folder}/shop.db")

    def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
        assert isinstance(world, SqliteWorld)
        return Interrupted(SqliteSink(world.path), interruptions)

    def make_unreachable_sink(self) -> HotSink:
        return SqliteSink(f"{self.folder}/no such folder/shop.db")


class Interrupted:
    """A database in this process has no calls of its own: a delivery is the call."""

    def __init__(self, sink: SqliteSink, interruptions: Interruptions) -> None:
        self.sink = sink
        self.interruptions = interruptions
        if hasattr(sink, "read_offers"):
            self.read_offers = sink.read_offers

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        try:
            with self.interruptions.call():
                return self.sink.deliver(offers)
        except ConnectionResetError:
            raise SinkError("cut") from None

    def close(self) -> None:
        self.sink.close()


class SqliteWorld:
    def __init__(self, path: str) -> None:
        self.path = path
        self.keys = [ErpKey(f"item {number}") for number in range(1000)]

    def prices(self, keys: Sequence[ErpKey]) -> Sequence[Decimal | None]:
        return [None if text is None else Decimal(text) for text in self._texts("price", keys)]

    def stocks(self, keys: Sequence[ErpKey]) -> Sequence[int | None]:
        return [None if text is None else int(text) for text in self._texts("available", keys)]

    def other_price(self, key: ErpKey) -> Decimal | None:
        return None

    def _texts(self, feed: str, keys: Sequence[ErpKey]) -> Sequence[str | None]:
        with SqliteSink(self.path) as shop:
            return [shop.offer(key).get(feed) for key in keys]


def test_the_test_bench_needs_no_pytest() -> None:
    code = "import sys; sys.modules['pytest'] = None; import akeneo_erp_bridge.testing"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    code += ".sinks"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (
        "MissingExtra: SinkConformance needs the extra akeneo_erp_bridge[testing]; in a clone: python -m pip install"
        in done.stderr
    )

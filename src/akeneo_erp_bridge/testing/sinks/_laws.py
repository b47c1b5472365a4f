"""The laws of a sink, each as one test."""

from __future__ import annotations

import logging
import traceback
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import ClassVar, Final

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import HotSink, Offer, OfferReader, OfferResult, OfferValue
from akeneo_erp_bridge.errors import SinkError
from akeneo_erp_bridge.testing.sinks._interruptions import Interruptions
from akeneo_erp_bridge.testing.sinks._world import ShopWorld

__all__ = ["SinkConformance"]

_MOST_CALLS: Final = 200  # a law that cuts each call ends by itself long before


class SinkConformance(ABC):
    """Tests that a sink inherits: make a class of tests below it, and say how a sink and its shop are made.

    ::

        class TestAcmeSink(SinkConformance):
            secrets = ("its password",)

            def make_world(self) -> ShopWorld:
                return AcmeWorld(acme_server)

            def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
                return AcmeSink(acme_server.url, "its password", transport=InterruptedTransport(real, interruptions))

            def make_unreachable_sink(self) -> HotSink:
                return AcmeSink("http://127.0.0.1:9", "its password")

    The attributes say where a shop cannot do otherwise; a law that they switch off is skipped with its reason.
    Amounts in the laws have two decimals.

    >>> class Shop:  # a sink that takes anything, and what it shows
    ...     keys, shown = [ErpKey(f"DR-{number}") for number in range(60)], {}
    ...     def deliver(self, offers):
    ...         self.shown.update(((one.key, feed), value) for one in offers for feed, value in one.values.items())
    ...         return [OfferResult(one.key) for one in offers]
    ...     def prices(self, keys):
    ...         return [self.shown.get((key, "price")) for key in keys]
    ...     def stocks(self, keys):
    ...         return [self.shown.get((key, "available")) for key in keys]
    >>> class TestShop(SinkConformance):
    ...     def make_world(self):
    ...         return Shop()
    ...     def make_sink(self, world, interruptions):
    ...         return world
    ...     def make_unreachable_sink(self):
    ...         raise NotImplementedError
    >>> TestShop().test_twice_is_once()
    >>> try:
    ...     TestShop().test_an_amount_with_too_many_decimals_is_refused()
    ... except AssertionError:
    ...     print("a law is broken: 9.005 was taken")
    a law is broken: 9.005 was taken
    """

    price_feed: ClassVar[str] = "price"
    stock_feed: ClassVar[str] = "available"
    secrets: ClassVar[Sequence[str]] = ()
    """What must be in no message, no log and no `repr`: passwords, keys."""
    withdrawn_stock: ClassVar[int | None] = None
    """What the shop shows for a stock of `None`; 0 where it has no way to keep none."""
    knows_its_keys: ClassVar[bool] = True
    """False: the shop takes any key, as a table does."""
    refuses_wrong_values: ClassVar[bool] = True
    """False: the shop is a store for any value, and somebody behind it judges."""
    keeps_versions: ClassVar[bool] = True
    """False: an offer that comes late counts."""
    large_batch: ClassVar[int] = 1000
    """How many offers the shop gets at once; fewer where it takes a call for each, and the test has no time."""
    several_currencies: ClassVar[bool] = True
    """False: an item has one price in one currency."""

    # ---- what a vendor says ----
    @abstractmethod
    def make_world(self) -> ShopWorld:
        """The shop; the same one may be given to each test."""

    @abstractmethod
    def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
        """A new sink to the shop, whose connection is cut as told, and with pauses of no length before it tries again."""

    @abstractmethod
    def make_unreachable_sink(self) -> HotSink:
        """A sink whose shop does not answer."""

    # ---- the laws ----
    def test_an_amount_arrives_to_the_last_digit(self) -> None:
        """Six amounts of all sizes are shown as they were sent."""
        world, amounts = self.make_world(), ("19.99", "0.07", "1234.56", "8.10", "4.35", "70000.29")
        keys = world.keys[: len(amounts)]
        with self._sink(world) as sink:
            sink.deliver([self._offer(key, price=Decimal(amount)) for key, amount in zip(keys, amounts, strict=True)])
        assert list(world.prices(keys)) == [Decimal(one) for one in amounts]

    def test_twice_is_once(self) -> None:
        """The same offers again, by the same sink and by a new one, leave the shop as it was."""
        world = self.make_world()
        key = world.keys[0]
        offers = [self._offer(key, price=Decimal(5), stock=4)]
        with self._sink(world) as sink:
            self._prepare(sink, [key])
            sink.deliver(offers)
            sink.deliver(offers)
        assert self._shown(world, key) == (Decimal(5), 4)
        with self._sink(world) as sink:  # another process knows nothing of the first
            sink.deliver(offers)
        assert self._shown(world, key) == (Decimal(5), 4)

    def test_each_offer_has_one_result(self) -> None:
        """Five offers give five results, none give none."""
        world = self.make_world()
        keys = world.keys[:5]
        with self._sink(world) as sink:
            results = sink.deliver([self._offer(key, price=Decimal(6)) for key in keys])
            assert list(sink.deliver([])) == []
        assert sorted(one.key for one in results) == sorted(keys)

    def test_an_unknown_key_is_refused_by_its_name(self) -> None:
        """A key that the shop does not know is refused in words that name it; those around it are taken."""
        if not self.knows_its_keys:
            pytest.skip("this shop takes any key")
        world = self.make_world()
        first, second, unknown = world.keys[0], world.keys[1], ErpKey("there-is-no-such-item")
        with self._sink(world) as sink:
            self._prepare(sink, [first, second])
            results = sink.deliver([self._offer(key, price=Decimal(7)) for key in (first, unknown, second)])
        errors = _errors(results)
        assert list(errors) == [unknown]
        assert unknown in errors[unknown]
        assert list(world.prices([first, second])) == [Decimal(7), Decimal(7)]

    def test_one_wrong_price_among_fifty_leaves_the_others(self) -> None:
        """A price below zero is refused, and the 49 others are shown."""
        if not self.refuses_wrong_values:
            pytest.skip("this shop stores any value")
        world = self.make_world()
        keys = world.keys[:50]
        wrong = keys[31]
        with self._sink(world) as sink:
            self._prepare(sink, keys)
            results = sink.deliver([self._offer(key, price=Decimal(-1 if key == wrong else 8)) for key in keys])
        assert list(_errors(results)) == [wrong]
        assert list(world.prices(keys)) == [Decimal(1 if key == wrong else 8) for key in keys]

    def test_an_amount_with_too_many_decimals_is_refused(self) -> None:
        """Half a cent is refused, not rounded, and the price before it stays."""
        if not self.refuses_wrong_values:
            pytest.skip("this shop stores any value")
        world = self.make_world()
        key = world.keys[0]
        with self._sink(world) as sink:
            self._prepare(sink, [key])
            results = sink.deliver([self._offer(key, price=Decimal("9.005"))])
        assert list(_errors(results)) == [key]
        assert self._shown(world, key)[0] == Decimal(1)

    @pytest.mark.parametrize("stock", [-1, Decimal("0.5")])
    def test_a_stock_below_zero_or_in_parts_is_refused(self, stock: OfferValue) -> None:
        """A stock of -1 or of one half is refused, and the stock before it stays."""
        if not self.refuses_wrong_values:
            pytest.skip("this shop stores any value")
        world = self.make_world()
        key = world.keys[0]
        with self._sink(world) as sink:
            self._prepare(sink, [key])
            results = sink.deliver([self._offer(key, stock=stock)])
        assert list(_errors(results)) == [key]
        assert self._shown(world, key)[1] == 1

    def test_zero_and_missing_and_withdrawn_are_three_things(self) -> None:
        """Zero is shown, a feed that is left out stays, `None` takes the item from sale until it has a price again."""
        world = self.make_world()
        zero, missing, withdrawn = world.keys[:3]
        with self._sink(world) as sink:
            self._prepare(sink, [zero, missing, withdrawn])
            sink.deliver(
                [
                    self._offer(zero, price=Decimal(0), stock=0),
                    self._offer(missing, stock=2),
                    self._offer(withdrawn, price=None, stock=None),
                ]
            )
            assert self._shown(world, zero) == (Decimal(0), 0)
            assert self._shown(world, missing) == (Decimal(1), 2)
            assert self._shown(world, withdrawn) == (None, self.withdrawn_stock)
            sink.deliver([self._offer(withdrawn, price=Decimal(3), stock=3)])
        assert self._shown(world, withdrawn) == (Decimal(3), 3)  # it is sold again

    def test_a_feed_that_is_not_named_keeps_its_value(self) -> None:
        """An offer of a price leaves the stock alone."""
        world = self.make_world()
        key = world.keys[0]
        with self._sink(world) as sink:
            self._prepare(sink, [key])
            sink.deliver([self._offer(key, price=Decimal(9))])
        assert self._shown(world, key) == (Decimal(9), 1)

    def test_of_two_offers_of_a_key_the_last_counts(self) -> None:
        """Where one delivery has a key twice, the later offer is shown."""
        world = self.make_world()
        key = world.keys[0]
        with self._sink(world) as sink:
            self._prepare(sink, [key])
            sink.deliver([self._offer(key, price=Decimal(4)), self._offer(key, price=Decimal(3))])
        assert self._shown(world, key)[0] == Decimal(3)

    def test_an_older_version_is_taken_and_has_no_effect(self) -> None:
        """An offer with a smaller version is no error and changes nothing; one without a version always counts."""
        if not self.keeps_versions:
            pytest.skip("this shop does not compare versions")
        world = self.make_world()
        key = world.keys[0]
        with self._sink(world) as sink:
            self._prepare(sink, [key])
            newest = 1 << 40  # beyond what a shop that remembers may have had before
            sink.deliver([self._offer(key, price=Decimal(12), version=newest + 7)])
            late = sink.deliver([self._offer(key, price=Decimal(11), version=newest + 6)])
            assert _errors(late) == {}
            assert self._shown(world, key)[0] == Decimal(12)
            sink.deliver([self._offer(key, price=Decimal(13), version=newest + 8)])
            assert self._shown(world, key)[0] == Decimal(13)
            sink.deliver([self._offer(key, price=Decimal(14))])  # without a version it always counts
        assert self._shown(world, key)[0] == Decimal(14)

    def test_other_currencies_stay(self) -> None:
        """A price in another currency stays as it was."""
        if not self.several_currencies:
            pytest.skip("an item of this shop has one price")
        world = self.make_world()
        key = world.keys[4]
        before = world.other_price(key)
        assert before is not None, "the world needs an item with a price in another currency"
        with self._sink(world) as sink:
            sink.deliver([self._offer(key, price=Decimal(17))])
        assert world.other_price(key) == before

    def test_a_large_batch_goes_through(self) -> None:
        """As many offers as `large_batch` says, in one delivery, are all shown."""
        world = self.make_world()
        keys = world.keys[: self.large_batch]
        wanted = {key: (Decimal(100 + number), number) for number, key in enumerate(keys)}
        with self._sink(world) as sink:
            results = sink.deliver([self._offer(key, price=price, stock=n) for key, (price, n) in wanted.items()])
        assert _errors(results) == {}
        assert dict(zip(keys, zip(world.prices(keys), world.stocks(keys), strict=True), strict=True)) == wanted

    def test_what_was_delivered_is_read_back(self) -> None:
        """A sink that reads gives back what was delivered, and nothing for a key that the shop does not know."""
        world = self.make_world()
        sold, gone = world.keys[:2]
        with self._sink(world) as sink:
            if not isinstance(sink, OfferReader):
                pytest.skip("this sink does not read")
            sink.deliver([self._offer(sold, price=Decimal("21.50"), stock=6), self._offer(gone, price=None, stock=2)])
            found = {
                one.key: dict(one.values) for one in sink.read_offers([sold, ErpKey("there-is-no-such-item"), gone])
            }
        assert sorted(found) == sorted((sold, gone))
        assert found[sold] == {self.price_feed: Decimal("21.50"), self.stock_feed: 6}
        assert {name: value for name, value in found[gone].items() if value is not None} == {self.stock_feed: 2}

    @pytest.mark.parametrize("late", [False, True])
    def test_a_cut_connection_changes_nothing_in_the_end(self, *, late: bool) -> None:
        """Whichever call is cut, before or after the shop has acted, the offers are shown after a second try at the latest."""
        world = self.make_world()
        first, second = world.keys[:2]
        for at in range(_MOST_CALLS):
            with self._sink(world) as sink:
                self._prepare(sink, [first, second])
            offers = [self._offer(first, price=Decimal(25), stock=5), self._offer(second, price=None, stock=7)]
            cut = Interruptions(at, late=late)
            try:
                with self._sink(world, cut) as sink:
                    errors = _errors(sink.deliver(offers))
            except SinkError:
                with self._sink(world) as sink:  # as the next run does
                    errors = _errors(sink.deliver(offers))
            assert errors == {}, f"call {at}"
            assert (self._shown(world, first), self._shown(world, second)) == ((Decimal(25), 5), (None, 7)), (
                f"call {at}"
            )
            if cut.calls <= at:
                return
        raise AssertionError(f"the sink made more than {_MOST_CALLS} calls for two offers")

    def test_a_shop_that_is_down_is_told_without_secrets(self) -> None:
        """A shop that does not answer raises `SinkError`, and no message, log or `repr` has one of the `secrets`."""
        heard = _Heard()
        logging.getLogger().addHandler(heard)
        try:
            with pytest.raises(SinkError) as caught:
                self.make_unreachable_sink().deliver([self._offer(self.make_world().keys[0], price=Decimal(1))])
        finally:
            logging.getLogger().removeHandler(heard)
        with self._sink(self.make_world()) as sink:
            told = [repr(sink), *heard.lines, *traceback.format_exception_only(caught.value), repr(caught.value)]
        assert [secret for secret in self.secrets if any(secret in line for line in told)] == []

    # ---- inside ----
    @contextmanager
    def _sink(self, world: ShopWorld, interruptions: Interruptions | None = None) -> Generator[HotSink]:
        sink = self.make_sink(world, interruptions or Interruptions())
        try:
            yield sink
        finally:
            close = getattr(sink, "close", None)
            if close is not None:
                close()

    def _offer(self, key: ErpKey, *, version: int = 0, **named: OfferValue) -> Offer:
        feeds = {"price": self.price_feed, "stock": self.stock_feed}
        return Offer(key, {feeds[name]: value for name, value in named.items()}, version=version)

    def _prepare(self, sink: HotSink, keys: Sequence[ErpKey]) -> None:
        """Each costs 1, and there is 1 of it."""
        errors = _errors(sink.deliver([self._offer(key, price=Decimal(1), stock=1) for key in keys]))
        assert errors == {}

    def _shown(self, world: ShopWorld, key: ErpKey) -> tuple[Decimal | None, int | None]:
        return world.prices([key])[0], world.stocks([key])[0]


class _Heard(logging.Handler):
    """All lines that are logged meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _errors(results: Sequence[OfferResult]) -> Mapping[ErpKey, str]:
    return {one.key: one.error for one in results if one.error is not None}

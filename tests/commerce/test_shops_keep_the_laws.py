"""The laws of sinks, on three real shops."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from akeneo_erp_bridge.codes import CurrencyCode
from akeneo_erp_bridge.commerce import HotSink, MedusaSink, OscarSink, ShopLogin, VendureSink
from akeneo_erp_bridge.testing.sinks import InterruptedTransport, Interruptions, ShopWorld, SinkConformance
from shop_worlds import MedusaWorld, OscarWorld, VendureWorld

EURO = CurrencyCode("EUR")
NOWHERE = "http://127.0.0.1:9"
SECRET = "a password that is nowhere"
SOON = (timedelta(milliseconds=1),) * 2


def cut(interruptions: Interruptions) -> httpx.BaseTransport:
    return InterruptedTransport(httpx.HTTPTransport(), interruptions)


class TestVendure(SinkConformance):
    secrets = (SECRET,)
    withdrawn_stock = 0  # Vendure knows no place that keeps none

    @pytest.fixture(autouse=True)
    def shop(self, vendure: VendureWorld) -> None:
        self.world = vendure

    def make_world(self) -> ShopWorld:
        return self.world

    def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
        facts = self.world.facts
        login = ShopLogin(facts["username"], facts["password"])
        return VendureSink(
            facts["url"], login, currency=EURO, location="Default Stock Location", switch=True, pauses=SOON,
            transport=cut(interruptions),
        )  # fmt: skip

    def make_unreachable_sink(self) -> HotSink:
        return VendureSink(f"{NOWHERE}/admin-api", ShopLogin("erp", SECRET), currency=EURO, pauses=SOON)


class TestMedusa(SinkConformance):
    secrets = (SECRET,)

    @pytest.fixture(autouse=True)
    def shop(self, medusa: MedusaWorld) -> None:
        self.world = medusa

    def make_world(self) -> ShopWorld:
        return self.world

    def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
        facts = self.world.facts
        login = ShopLogin(facts["username"], facts["password"])
        return MedusaSink(
            facts["url"], login, currency=EURO, location="Main warehouse", pauses=SOON, transport=cut(interruptions)
        )

    def make_unreachable_sink(self) -> HotSink:
        return MedusaSink(NOWHERE, ShopLogin("erp@example.com", SECRET), currency=EURO, pauses=SOON)


class TestOscar(SinkConformance):
    secrets = (SECRET,)
    several_currencies = False  # a stock record has one

    @pytest.fixture(autouse=True)
    def shop(self, oscar: OscarWorld) -> None:
        self.world = oscar

    def make_world(self) -> ShopWorld:
        return self.world

    def make_sink(self, world: ShopWorld, interruptions: Interruptions) -> HotSink:
        facts = self.world.facts
        login = ShopLogin(facts["username"], facts["password"])
        return OscarSink(facts["url"], login, currency=EURO, pauses=SOON, transport=cut(interruptions))

    def make_unreachable_sink(self) -> HotSink:
        return OscarSink(f"{NOWHERE}/api", ShopLogin("erp", SECRET), currency=EURO, pauses=SOON)

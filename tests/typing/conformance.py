"""A vendor's whole test file, as both checkers see it."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

from akeneo_erp_bridge.erp import Cursor, ErpItem, ErpSchema, Health, ItemReader, Page, cold
from akeneo_erp_bridge.testing.conformance import (
    CannotHold,
    Certificate,
    EditsAtOnce,
    EditsLate,
    ErpConformance,
    ErpWorld,
    Faults,
    examine,
)


class Article(ErpItem):
    number = cold(str, "number", key=True)


class Acme:
    def __init__(self, url: str, faults: Faults) -> None:
        self.http = faults.transport()

    def describe(self) -> ErpSchema:
        return ErpSchema("acme")

    def check(self) -> Health:
        return Health(ok=True, message="the ERP answers")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        yield Page([Article({"number": "1"})], (), Cursor("snapshot", ""))


class Sandbox:
    url = "http://127.0.0.1:8000"

    def keys(self) -> list[str]:
        return ["1"]

    def edit_cold(self, key: str) -> None:
        raise CannotHold("name", f"{key} has none")

    def edit_at_once(self, keys: Sequence[str]) -> None: ...

    @contextmanager
    def edit_late(self, key: str) -> Generator[None]:
        yield


class TestAcme(ErpConformance[Article]):
    item = Article
    secrets = ("s3cret",)
    many = 2_000

    def world(self) -> Sandbox:
        return Sandbox()

    def make_adapter(self, faults: Faults) -> ItemReader[Article]:
        return Acme(self.world().url, faults)


certificate: Certificate = examine(TestAcme, only=[2])
world: ErpWorld = Sandbox()
at_once: EditsAtOnce = Sandbox()
late: EditsLate = Sandbox()

"""The laws of adapters on a real OData 4 server, SAP's CAP runtime: by stamp and in full, writing too."""

from __future__ import annotations

import base64
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from akeneo_erp_bridge.erp import ErpItem, ODataWriter, cold, hot
from akeneo_erp_bridge.erp import _odata as odata_package
from akeneo_erp_bridge.testing.conformance import ErpConformance, Faults
from erp.cap_world import CapSandbox


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name").nullable()
    german = cold(str, "name@de").nullable()
    text = cold(str, "text").nullable()
    group = cold(str, "category.code").nullable()
    weight = cold(Decimal, "weight").nullable()
    serial = cold(int, "serial").nullable()
    blocked = cold(bool, "blocked").nullable()
    launched = cold(date, "launched").nullable()
    released = cold(datetime, "released").nullable()
    eans = cold(str, "barcodes[*].ean").many()
    price = hot(Decimal, "unitPrice").nullable()
    stock = hot(Decimal, "inventory").nullable()


class TestODataByStamp(ErpConformance[Article]):
    """The writer, which reads as `ODataAdapter` does."""

    item = Article
    many = 1_000
    tells_deletions = False
    source = Path(odata_package.__file__).parent
    changed_at: ClassVar[str | None] = "modifiedAt"

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]  # the password is made with the server
        cap = self.world().cap
        return (cap.password, base64.b64encode(f"{cap.user}:{cap.password}".encode()).decode())

    def world(self) -> CapSandbox:
        return CapSandbox()

    def make_adapter(self, faults: Faults) -> ODataWriter[Article]:
        return ODataWriter(
            self.world().connected(faults),
            Article,
            entity_set="Items",
            idempotency_field="externalKey",
            changed_at=self.changed_at,
        )


class TestODataInFull(TestODataByStamp):
    """Its cursors are snapshots, which leave out what was deleted."""

    tells_deletions = True
    changed_at = None

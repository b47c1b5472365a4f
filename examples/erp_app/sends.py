"""From the PIM to the ERP, and back with what the ERP adds: products that were born in the PIM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from attrs import frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Product, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, ProductUuid
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.sync import Conflicts, RunObserver, SqliteState, Stop, SyncOptions
from akeneo_erp_bridge.sync.pim_first import PimFirst
from erp_app.config import Config
from erp_app.erp import Erp
from erp_app.fields import BOTH_WAYS, MESSAGE, SKU, TAG, Article
from erp_app.wanted import SENT, Wanted

_SLICE: Final = 100


class NotTagged(BridgeError):
    """Products cannot be sent, since the PIM does not let them be tagged."""


@frozen
class Sends:
    """Sends what is tagged, and brings back what the ERP adds."""

    config: Config
    erp: Erp
    state: SqliteState

    def total(self, wanted: Wanted) -> int | None:
        """How many products will be looked at, where that is known before."""
        return len(wanted.keys) if wanted.kind == "part" else None

    def preflight(self, pim: AkeneoClient) -> None:
        """Raises `PreflightFailed` with what the PIM or the ERP lacks."""
        self._job(pim, Wanted("new"), (), Stop()).preflight()

    def run(self, pim: AkeneoClient, wanted: Wanted, observers: Sequence[RunObserver], stop: Stop) -> int:
        """Do it; the exit code of the report."""
        job = self._job(pim, wanted, observers, stop)
        if wanted.kind == "part":
            _tag(pim, wanted.keys)
            return job.export_some(wanted.keys).exit_code
        if wanted.kind == "again":
            _tag(pim, [str(item.key) for item in self.state.parked(SENT)])
        return job.run(reads="all" if wanted.reads_all else "new").exit_code

    def resolve(self, pim: AkeneoClient, key: str, cell: str, take: Literal["erp", "pim"]) -> None:
        """Decide about what the ERP's people changed though it is the PIM's. Raises `StateError` where nothing is held."""
        self._job(pim, Wanted("new"), (), Stop()).resolve(key, cell, take=take)

    def _job(
        self, pim: AkeneoClient, wanted: Wanted, observers: Sequence[RunObserver], stop: Stop
    ) -> PimFirst[Article]:
        options = SyncOptions(
            page_size=self.config.page_size,
            retry_parked=wanted.kind == "again",
            conflicts=Conflicts("hold", look="all" if wanted.reads_all else "changed"),
        )
        return PimFirst(
            self.erp.born(), BOTH_WAYS, BOTH_WAYS, pim, self.state, tag=TAG, message=MESSAGE, stream=SENT,
            edits="hold", options=options, observers=observers, stop=stop,
        )  # fmt: skip


def by_number(pim: AkeneoClient, numbers: Sequence[str]) -> dict[str, str]:
    """The UUIDs of products by their numbers as they were asked for; what is not in the PIM is left out."""
    asked = {one.lower(): one for one in numbers}
    found: dict[str, str] = {}
    for product in _found(pim, SKU.attribute, numbers):
        number = product.values.text(SKU.attribute) or ""
        found[asked.get(number.lower(), number)] = str(product.uuid)
    return found


def _tag(pim: AkeneoClient, uuids: Sequence[str]) -> None:
    """As a user tags them: what somebody wants to be sent is to be sent. What was deleted meanwhile is not made anew.

    Raises `NotTagged`, before anything is sent.
    """
    waits = Value(AttributeCode(TAG.attribute), TAG.waiting)
    there = [ProductUuid(str(product.uuid)) for product in _found(pim, "uuid", uuids)]
    refused: list[str] = []
    for result in pim.products.upsert_many(ProductPatch(uuid=one, values=[waits]) for one in there):
        if result.cause is not None:
            raise result.cause
        refused += [] if result.ok else ["; ".join(str(error) for error in result.errors) or f"status {result.status}"]
    if refused:
        raise NotTagged(f"the PIM does not take the tag of {len(refused)} of {len(there)} products: {refused[0]}")


def _found(pim: AkeneoClient, field: str, names: Sequence[str]) -> list[Product]:
    found: list[Product] = []
    for start in range(0, len(names), _SLICE):
        where = {field: [{"operator": "IN", "value": [*names[start : start + _SLICE]]}]}
        found += pim.products.list(where, attributes=[SKU.attribute])
    return found

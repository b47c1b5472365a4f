"""Goods that are known by a GTIN or a maker's number, and a PIM whose lists may lag behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import JsonValue, Product, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, LocaleCode
from akeneo_erp_bridge.erp import ErpItem, cold, hot
from akeneo_erp_bridge.mapping import (
    ProductMapping,
    clean,
    gtin,
    sku,
)
from akeneo_erp_bridge.rules import Binding, Cell
from akeneo_erp_bridge.sync import (
    Adopt,
    ErpToPim,
    SyncOptions,
    SyncReport,
    SyncState,
    any_gtin,
    match,
)
from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from bench_erp import Row, Rows
from world import fill

Where: TypeAlias = Mapping[str, Sequence[Mapping[str, JsonValue]]]

API = "/api/rest/v1"
EAN, MPN, BRAND = Cell[str]("ean"), Cell[str]("mpn"), Cell[str]("brand")
NAME, COLOUR = Cell[str]("name", locale="en_US"), Cell[str]("colour")
A, B, C = "4006381333931", "4012345678901", "12345678905"
"""GTINs."""


class Good(ErpItem):
    id = cold(str, "id", key=True)
    number = cold(str, "number")
    ean = cold(str, "ean")
    mpn = cold(str, "mpn")
    brand = cold(str, "brand")
    name = cold(str, "name")
    colour = cold(str, "colour")
    pieces = cold(int, "pieces")
    price = hot(Decimal, "price")


SKU = (Good.number >> sku()).to(Cell[str]("sku"))
FULL = (
    (Good.ean >> gtin()).to(EAN),
    (Good.mpn >> clean()).to(MPN),
    (Good.brand >> clean()).to(BRAND),
    (Good.name >> clean()).to(NAME),
    (Good.colour >> clean()).to(COLOUR),
)
BY_EAN = Adopt(by=[match(EAN, spelled=any_gtin)])


def same_ean(cells: Mapping[str, JsonValue]) -> Where | None:
    return {"ean": [{"operator": "=", "value": cells["ean"]}]} if "ean" in cells else None


def goods(*bindings: Binding[Good]) -> ProductMapping[Good]:
    return ProductMapping(Good, SKU, *(bindings or FULL))


def good(number: str, /, **columns: object) -> Row:
    return {"id": f"key of {number}", "number": number, **columns}


def erp_of(*rows: Row) -> Rows[Good]:
    return Rows(Good, *rows)


def with_numbers(simulator: PimSimulator) -> PimSimulator:
    """Attributes that know a product: a GTIN, the maker's number in one brand, a number of pieces."""
    texts = [{"code": code, "type": "pim_catalog_text", "group": "erp"} for code in ("ean", "mpn", "brand")]
    number = {"code": "pieces", "type": "pim_catalog_number", "group": "erp", "decimals_allowed": False}
    simulator.load(f"{API}/attributes", [*texts, number])
    return simulator


def by_hand(pim: AkeneoClient, number: str | None, **values: str) -> str:
    """A product that was there before us; its UUID."""
    cells = {"sku": number, **values}
    patch = ProductPatch(
        values=[
            Value(AttributeCode(code), data, locale=LocaleCode("en_US") if code == "name" else None)
            for code, data in cells.items()
            if data is not None
        ]
    )
    known = {str(one.uuid) for one in pim.products.list()}
    pim.products.create(patch)
    (made,) = {str(one.uuid) for one in pim.products.list()} - known
    return made


def go(
    erp: Rows[Good],
    pim: AkeneoClient,
    state: SyncState,
    adopt: Adopt = BY_EAN,
    *,
    mapping: ProductMapping[Good] | None = None,
    page_size: int = 500,
    hook: Callable[[str], None] | None = None,
) -> SyncReport:
    options = SyncOptions(adopt=adopt, page_size=page_size)
    report = ErpToPim(erp, mapping or goods(), pim, state, options=options, hook=hook).run()
    assert report.accounts_for_everything()
    return report


def there(pim: AkeneoClient) -> dict[str, Product]:
    return {str(one.values.text("sku")): one for one in pim.products.list()}


def reasons(state: SyncState) -> dict[str, tuple[str, str]]:
    return {str(one.key): (one.code, one.detail) for one in state.parked("products")}


class Lagging:
    """A PIM whose lists show what was written five minutes later, and its clock."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        behaviour = Behaviour(index_lag=timedelta(minutes=5))
        self.simulator = with_numbers(fill(PimSimulator(behaviour=behaviour, clock=lambda: self.now)))
        auth = PasswordAuth(**self.simulator.auth_kwargs)
        self.pim = AkeneoClient(self.simulator.url, auth, transport=self.simulator.transport())

    def skus(self) -> set[str]:
        self.now += timedelta(minutes=6)
        return set(there(self.pim))

"""A PIM user who edits what the ERP owns, and runs with a policy for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import JsonValue, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, FamilyCode, LocaleCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CATEGORIES, FAMILY, ItemMapping, as_set, clean
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import Conflicts, ErpToPim, SyncOptions, SyncReport, SyncState
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import COLOURED, NAMED, Part, Rows, product

ItemT = TypeVar("ItemT", bound=ErpItem)

HOLD, REPORT = Conflicts("hold"), Conflicts("report")
TAGS: Cell[frozenset[str]] = Cell("tags")
CATEGORISED = (Part.category >> clean() >> as_set()).to(CATEGORIES)
IN_FAMILY = (Part.category >> clean()).to(FAMILY)
MAPPING = product(NAMED, COLOURED)


def go(
    erp: Rows[ItemT],
    mapping: ItemMapping[ItemT],
    pim: AkeneoClient,
    state: SyncState,
    conflicts: Conflicts = HOLD,
    *,
    hook: Callable[[str], None] | None = None,
    page_size: int = 500,
    retry_parked: bool = False,
) -> SyncReport:
    """One run whose account adds up."""
    options = SyncOptions(conflicts=conflicts, page_size=page_size, retry_parked=retry_parked)
    report = ErpToPim(erp, mapping, pim, state, options=options, hook=hook).run()
    assert report.accounts_for_everything()
    assert report.held_cells >= report.held
    return report


def edit(
    pim: AkeneoClient,
    sku: str = "X",
    /,
    *,
    categories: tuple[str, ...] | None = None,
    family: str | None = None,
    enabled: bool | None = None,
    **values: JsonValue,
) -> None:
    """A PIM user changes a product that is there: `name` is the English one."""
    uuid = next(one.uuid for one in pim.products.list() if one.values.text("sku") == sku)
    patch: dict[str, object] = {}
    if categories is not None:
        patch["categories"] = [CategoryCode(one) for one in categories]
    if family is not None:
        patch["family"] = FamilyCode(family)
    if enabled is not None:
        patch["enabled"] = enabled
    cells = [
        Value(AttributeCode(code), data, locale=LocaleCode("en_US") if code == "name" else None)
        for code, data in values.items()
    ]
    result = pim.products.upsert(ProductPatch(uuid=uuid, values=cells, **patch))  # type: ignore[arg-type]  # fields by name
    assert result is None or result


def held(state: SyncState, stream: str = "products") -> dict[str, tuple[object, object, object]]:
    """What is held: base, ERP and PIM by cell."""
    return {one.cell: (one.base, one.erp, one.pim) for one in state.held(stream)}


def lists(simulator: PimSimulator) -> int:
    """How often products were listed."""
    return sum(one.method == "GET" and one.path.endswith("/products-uuid") for one in simulator.calls)

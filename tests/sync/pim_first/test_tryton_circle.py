"""The whole circle with a real Tryton: made in the PIM, there in the ERP, weighed there, and back."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.codes import ProductUuid, UnitCode
from akeneo_erp_bridge.erp import ErpItem, PimFirstErp, cold, two_way
from akeneo_erp_bridge.mapping import ProductMapping
from akeneo_erp_bridge.rules import Owner, same
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.sync.pim_first import PimFirst
from akeneo_erp_bridge.testing import PimSimulator
from born_bench import STATE, A, B
from born_erp import KILOGRAMS, MESSAGE, NAME, SKU, WEIGHT, fill, product
from erp.tryton_world import TrytonWorld, live_tryton


class Variant(ErpItem):
    number = cold(str, "code", key=True)
    name = cold(str, "name")
    unit = cold(str, "default_uom.symbol")
    weight_unit = cold(str, "weight_uom.symbol")
    weight = cold(Decimal, "weight")


def mapping() -> ProductMapping[Variant]:
    return ProductMapping(
        Variant,
        two_way(Variant.number, same(str), SKU, owner=Owner.PIM),
        two_way(Variant.name, same(str), NAME, owner=Owner.PIM),
        two_way(Variant.weight, KILOGRAMS, WEIGHT, owner=Owner.ERP),
    )


@pytest.fixture(scope="module")
def world() -> Iterator[TrytonWorld]:
    with live_tryton() as one:
        yield one


def test_the_circle(world: TrytonWorld, tmp_path: Path) -> None:
    simulator = fill(PimSimulator())
    erp: PimFirstErp[Variant] = world.adapter(Variant)
    both = mapping()
    taken = min(world.keys())
    simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, **product("PIM-1", tag="to_export")}])
    simulator.load("/api/rest/v1/products-uuid", [{"uuid": B, **product(taken, tag="to_export")}])
    before = len(world.keys())
    with simulator.client() as pim, SqliteState(tmp_path / "state.db") as state:
        unit = [Variant.unit.given("u")]
        job = PimFirst(erp, both, both, pim, state, tag=STATE, message=MESSAGE, at_creation=unit)
        report = job.run()
        assert (report.out.created, report.out.parked, report.back.parked) == (1, 1, 0), report
        assert report.accounts_for_everything()
        assert len(world.keys()) == before + 1
        refused = pim.products.get(ProductUuid(B)).values
        assert refused.option("erp_state") == "failed"
        assert taken in str(refused.text("erp_message"))
        assert pim.products.get(ProductUuid(A)).values.option("erp_state") == "exported"

        kilogram = world.unit("Kilogram")
        values = {"weight": {"__class__": "Decimal", "decimal": "1.25"}, "weight_uom": kilogram}
        world.client.call("product.template", "write", [world.template("PIM-1")], values)
        report = job.run()
        assert (report.out.written, report.back.updated, report.back.parked) == (0, 1, 0), report
        assert pim.products.get(ProductUuid(A)).values.metric("weight") == Metric(Decimal("1.25"), UnitCode("KILOGRAM"))

        name = [{"locale": "en_US", "scope": None, "data": "A better lamp"}]
        simulator.load("/api/rest/v1/products-uuid", [{"uuid": A, "values": {"name": name}}])
        assert job.run().out.updated == 1
        (row,) = world.client.find("product.template", [["products.code", "=", "PIM-1"]], "name")
        assert row["name"] == "A better lamp"
        simulator.forget_calls()
        report = job.run()
        assert (report.out.written, report.back.written, simulator.mutating_calls) == (0, 0, [])

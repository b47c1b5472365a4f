"""A product model with variants, and the whole circle with a real Tryton: a template with variants, on both levels."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.codes import ProductModelCode, ProductUuid
from akeneo_erp_bridge.erp import ErpItem, PimFirstErp, cold, two_way
from akeneo_erp_bridge.mapping import ProductMapping, ProductModelMapping
from akeneo_erp_bridge.rules import Cell, Owner, same
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.sync.pim_first import Models, PimFirst
from akeneo_erp_bridge.testing import PimSimulator
from born_bench import STATE
from born_erp import FABRIC, MESSAGE, NAME, SKU, STATUS, fill, model, product, variant
from erp.tryton_world import TrytonWorld, live_tryton

A, B, C, D = (f"00000000-0000-4000-8000-00000000000{n}" for n in "abcd")
STORY: Cell[str] = Cell("story")


class Template(ErpItem):
    number = cold(int, "id", key=True)
    name = cold(str, "name")
    unit = cold(str, "default_uom.symbol")
    weight = cold(Decimal, "weight")


class Variant(ErpItem):
    number = cold(str, "code", key=True)
    template = cold(str, "template.id")
    name = cold(str, "name")
    unit = cold(str, "default_uom.symbol")
    note = cold(str, "description")


def templates() -> ProductModelMapping[Template]:
    weight = Template.weight.map(lambda number: f"{number} kg")
    return ProductModelMapping(Template, two_way(Template.name, same(str), NAME, owner=Owner.PIM), weight.to(FABRIC))


def variants() -> ProductMapping[Variant]:
    return ProductMapping(
        Variant,
        two_way(Variant.number, same(str), SKU, owner=Owner.PIM),
        two_way(Variant.name, same(str), NAME, owner=Owner.PIM),
        Variant.note.to(STATUS),
    )


@pytest.fixture(scope="module")
def world() -> Iterator[TrytonWorld]:
    with live_tryton() as one:
        yield one


def in_tryton(world: TrytonWorld, name: str) -> dict[str, list[str]]:
    """The templates of a name, and the codes of their variants."""
    rows = world.client.find("product.template", [["name", "=", name]], "id")
    return {
        str(row["id"]): sorted(
            str(one["code"]) for one in world.client.find("product.product", [["template", "=", row["id"]]], "code")
        )
        for row in rows
    }


def test_the_circle(world: TrytonWorld, tmp_path: Path) -> None:
    simulator = fill(PimSimulator())
    erp: PimFirstErp[Variant] = world.adapter(Variant)
    styles: PimFirstErp[Template] = world.adapter(Template, "product.template")
    both, above, taken = variants(), templates(), min(world.keys())
    load = simulator.load
    load("/api/rest/v1/product-models", [model("shirt", "PIM shirt", tag="to_export")])
    load(
        "/api/rest/v1/products-uuid",
        [
            {"uuid": A, **variant("PIM-S", "shirt", "s", is_tagged=False)},
            {"uuid": B, **variant("PIM-M", "shirt", "m", is_tagged=False)},
            {"uuid": C, **variant(taken, "shirt", "l", is_tagged=False)},
            {"uuid": D, **product("PIM-1", tag="to_export", family="clothes")},
        ],
    )
    before = world.keys()
    with simulator.client() as pim, SqliteState(tmp_path / "state.db") as state:
        job = PimFirst(
            erp, both, both, pim, state, tag=STATE, message=MESSAGE, at_creation=[Variant.unit.given("u")],
            models=Models(
                styles, above, above, parent=Variant.template, at_creation=[Template.unit.given("u")],
                variants_at_creation=(),
            ),
        )  # fmt: skip
        report = job.run()
        assert report.models is not None
        assert (report.models.out.created, report.out.created, report.out.parked) == (1, 3, 1), report
        assert report.accounts_for_everything()
        assert list(in_tryton(world, "PIM shirt").values()) == [["PIM-M", "PIM-S"]]
        assert world.keys() - before == {"PIM-S", "PIM-M", "PIM-1"}
        # what Tryton refuses stands at the variant; the tag of the model tells that one failed
        assert "unique" in str(pim.products.get(ProductUuid(C)).values.text("erp_message"))
        shirt = ProductModelCode("shirt")
        assert pim.product_models.get(shirt).values.option("erp_state") == "failed"

        # the number is mended, and the model tagged again
        value: Any = [{"locale": None, "scope": None, "data": "PIM-L"}]
        load("/api/rest/v1/products-uuid", [{"uuid": C, "values": {"sku": value}}])
        again: Any = [{"locale": None, "scope": None, "data": "to_export"}]
        load("/api/rest/v1/product-models", [{"code": "shirt", "values": {"erp_state": again}}])
        report = job.run()
        assert (report.out.created, report.out.parked) == (1, 0), report
        assert pim.product_models.get(shirt).values.option("erp_state") == "exported"
        ((number, codes),) = in_tryton(world, "PIM shirt").items()
        assert codes == ["PIM-L", "PIM-M", "PIM-S"]

        # both levels, both ways
        weight = {"weight": {"__class__": "Decimal", "decimal": "1.25"}, "weight_uom": world.unit("Kilogram")}
        world.client.call("product.template", "write", [int(number)], weight)
        world.client.call("product.product", "write", [world.variant("PIM-M")], {"description": "listed"})
        name: Any = [{"locale": "en_US", "scope": None, "data": "A better PIM shirt"}]
        load("/api/rest/v1/product-models", [{"code": "shirt", "values": {"name": name}}])
        report = job.run()
        assert report.models is not None
        assert (report.models.out.updated, report.models.back.updated, report.back.updated) == (1, 1, 1), report
        assert pim.product_models.get(shirt).values.text("fabric") == "1.25 kg"
        assert pim.products.get(ProductUuid(B)).values.text("erp_status") == "listed"
        assert in_tryton(world, "A better PIM shirt") == {number: ["PIM-L", "PIM-M", "PIM-S"]}

        # Tryton moves no product to another template, and nothing is made twice
        size: Any = [{"locale": None, "scope": None, "data": "s"}]
        load("/api/rest/v1/product-models", [model("hat", "PIM hat")])
        load("/api/rest/v1/products-uuid", [{"uuid": D, "parent": "hat", "values": {"size": size}}])
        report = job.run()
        assert report.models is not None
        assert (report.models.out.created, report.out.created, report.out.parked) == (1, 0, 1), report
        assert "PIM-1" in str(pim.products.get(ProductUuid(D)).values.text("erp_message"))
        assert world.keys() - before == {"PIM-S", "PIM-M", "PIM-L", "PIM-1"}
        job.run()
        simulator.forget_calls()
        report = job.run()
        assert report.models is not None
        assert (report.out.written, report.models.out.written, simulator.mutating_calls) == (0, 0, [])

"""An ERP of tools with accessories, parts and pictures, and a PIM that has the types of links for them."""

from __future__ import annotations

from collections.abc import Mapping

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Product, ProductModelPatch, ProductPatch, Value
from akeneo_erp_bridge.codes import (
    AssociationTypeCode,
    AttributeCode,
    FamilyVariantCode,
    ProductModelCode,
    ProductUuid,
)
from akeneo_erp_bridge.erp import ErpItem, Lines, cold
from akeneo_erp_bridge.mapping import (
    MediaSource,
    ProductMapping,
    association,
    bill_of_materials,
    clean,
    quantified,
    sku,
)
from akeneo_erp_bridge.rules import Binding, Cell
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Part, Row, Rows

API = "/api/rest/v1"


class Component(ErpItem):
    number = cold(str, "number")
    count = cold(int, "count")


class Tool(Part):
    """A part with links and files."""

    upsell = cold(frozenset[str], "upsell")
    pair = cold(frozenset[str], "pair")
    models = cold(frozenset[str], "models")
    components = cold(Lines, "components")
    photo = cold(str, "photo")
    pages = cold(Lines, "pages")


UPSELL = Tool.upsell.to(association("UPSELL"))
PAIR = Tool.pair.to(association("PAIR"))
MODELS = Tool.models.to(association("UPSELL", "product_models"))
PACK = (Tool.components >> bill_of_materials(Component, component=Component.number, quantity=Component.count)).to(
    quantified("PACK")
)
PICTURE: Cell[MediaSource] = Cell("picture")
SKU = (Tool.number >> sku()).to(Cell[str]("sku"))
NAMED = (Tool.name >> clean()).to(Cell[str]("name", locale="en_US"))


def tool_mapping(*bindings: Binding[Tool]) -> ProductMapping[Tool]:
    """The SKU, and what the test is about."""
    return ProductMapping(Tool, SKU, *bindings)


def tools(*rows: Row) -> Rows[Tool]:
    """An ERP of these rows."""
    return Rows(Tool, *rows)


def tool(number: str, /, **columns: object) -> Row:
    """A row, whose key is not its number."""
    return {"id": f"key of {number}", "number": number, **columns}


def kit(number: str, /, **counts: int) -> Row:
    """A tool with its parts."""
    return tool(number, components=[{"number": part, "count": count} for part, count in counts.items()])


def with_links(simulator: PimSimulator) -> PimSimulator:
    """A one-way, a two-way and a quantified type, a picture, and a model to link to."""
    kinds = [{"code": "UPSELL"}, {"code": "PAIR", "is_two_way": True}, {"code": "PACK", "is_quantified": True}]
    simulator.load(f"{API}/association-types", kinds)
    simulator.load(
        f"{API}/attributes",
        [{"code": "picture", "type": "pim_catalog_image", "group": "erp", "allowed_extensions": ["jpg", "png"]}],
    )
    axes = [{"level": 1, "axes": ["colour"], "attributes": ["sku"]}]
    simulator.load(f"{API}/families/clothing/variants", [{"code": "by_colour", "variant_attribute_sets": axes}])
    return simulator


def make_model(pim: AkeneoClient, code: str) -> None:
    """A model that a PIM user made."""
    pim.product_models.upsert(
        ProductModelPatch(code=ProductModelCode(code), family_variant=FamilyVariantCode("by_colour"))
    )


def by_sku(pim: AkeneoClient) -> dict[str, Product]:
    """All products."""
    return {str(one.values.text("sku")): one for one in pim.products.list()}


def links(pim: AkeneoClient, code: str = "UPSELL", kind: str = "products") -> dict[str, list[str]]:
    """The links of all products that have some, by SKU."""
    found = by_sku(pim)
    names = {str(one.uuid): sku for sku, one in found.items()}
    shown = {
        sku: sorted(names.get(ref, ref) for ref in one.associations.get(AssociationTypeCode(code), {}).get(kind, ()))
        for sku, one in found.items()
    }
    return {sku: targets for sku, targets in shown.items() if targets}


def parts_of(pim: AkeneoClient, number: str) -> dict[str, int]:
    """The parts of a kit with their quantities."""
    found = by_sku(pim)
    names = {str(one.uuid): sku for sku, one in found.items()}
    lists: Mapping[str, object] = found[number].quantified_associations.get(AssociationTypeCode("PACK"), {})
    rows = lists.get("products", [])
    assert isinstance(rows, list)
    return {names[str(row["uuid"])]: int(row["quantity"]) for row in rows}


def made_by_hand(pim: AkeneoClient, *numbers: str) -> list[str]:
    """Products that a PIM user made; their UUIDs."""
    for number in numbers:
        pim.products.create(ProductPatch(values=[Value(AttributeCode("sku"), number)]))
    return [str(by_sku(pim)[number].uuid) for number in numbers]


def link_by_hand(pim: AkeneoClient, number: str, *targets: str, code: str = "UPSELL", kind: str = "products") -> None:
    """A PIM user replaces the links of a product."""
    found = by_sku(pim)
    refs = [str(found[one].uuid) if kind == "products" else one for one in targets]
    pim.products.upsert(
        ProductPatch(uuid=ProductUuid(found[number].uuid or ""), associations={AssociationTypeCode(code): {kind: refs}})
    )

"""The merchant of shirts with all there is: pictures, links, parts, tables, seeds and reference prices."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Price
from akeneo_erp_bridge.codes import AssociationTypeCode
from akeneo_erp_bridge.erp import ErpItem, Lines, cold, hot
from akeneo_erp_bridge.mapping import (
    MediaSource,
    TableRows,
    VariantMapping,
    Variants,
    association,
    bill_of_materials,
    fetched,
    price_in,
    quantified,
    reference,
    table,
)
from akeneo_erp_bridge.rules import Cell, Owner
from akeneo_erp_bridge.testing import PimSimulator
from shirts import BINDINGS, STRUCTURE, TWO_LEVELS, Shirt, Shirts, models, products, shirt

API = "/api/rest/v1"
PICTURE, STORY = Cell[MediaSource]("picture"), Cell[str]("story")
MSRP: Cell[tuple[Price, ...]] = Cell("msrp")
PACKING: Cell[TableRows] = Cell("packing")
COLUMNS = [
    {"code": "pack", "data_type": "select", "options": [{"code": "box"}, {"code": "bag"}]},
    {"code": "pieces", "data_type": "number"},
]
ADDED: list[dict[str, object]] = [
    {"code": "picture", "type": "pim_catalog_image", "group": "erp"},
    {"code": "story", "type": "pim_catalog_text", "group": "erp"},
    {"code": "msrp", "type": "pim_catalog_price_collection", "group": "erp", "decimals_allowed": True},
    {"code": "packing", "type": "pim_catalog_table", "group": "erp", "table_configuration": COLUMNS},
]
LEVELS: list[dict[str, object]] = [
    {"level": 1, "axes": ["colour"], "attributes": ["colour", "care", "picture"]},
    {"level": 2, "axes": ["size"], "attributes": ["size", "sku", "supplier_note", "packing"]},
]


class Line(ErpItem):
    """One row inside of a shirt's; the price of a pack is nobody's business in the PIM."""

    name = cold(str, "name")
    pieces = cold(int, "pieces")
    price = hot(str, "price")


class Rich(Shirt):
    photo = cold(str, "photo")
    story = cold(str, "story")
    near = cold(frozenset[str], "near")
    parts = cold(Lines, "parts")
    packs = cold(Lines, "packs")
    price = hot(Decimal, "price")
    pieces = hot(int, "pieces")


MAPPING = VariantMapping(
    Rich,
    Variants[Rich](
        model=Rich.style, family_variant="by_colour_and_size", sub_model=TWO_LEVELS.sub_model
    ),
    *BINDINGS,
    (Rich.photo >> fetched(str.encode)).to(PICTURE),
    Rich.story.to(STORY, owner=Owner.SEED),
    reference(Rich.price >> price_in("EUR"), reason="margin", min_age=timedelta(days=30), min_change=Decimal("0.02")).to(MSRP),
    (Rich.packs >> table(Line, {"pack": Line.name, "pieces": Line.pieces}, merge=True)).to(PACKING),
    (Rich.parts >> bill_of_materials(Line, component=Line.name, quantity=Line.pieces)).to(quantified("PACK")),
    Rich.near.to(association("UPSELL")),
)  # fmt: skip


def rich(number: int, step: int) -> dict[str, object]:
    """A shirt with all there is; in the second step each third is otherwise, and all prices and stocks are.

    It is linked to the next of its style, and the last one to the first; each but the last has the next as a part.
    """
    change = step if number % 3 == 0 else 0
    style, place = divmod(number, 6)
    near = style * 6 + (place + 1 + change) % 6
    plain = shirt(number, stock=number + step, note=f"note {number}, {change}")
    return {
        **plain,
        "photo": f"{style}-{place // 3}-{step if style else 0}.jpg",
        "story": f"story {style}, {step}",
        "price": Decimal(10 + style),
        "pieces": step,
        "near": [f"{near:04}"],
        "parts": [{"name": f"{number + 1:04}", "pieces": 1 + change, "price": str(step)}] if place < 5 else [],
        "packs": [{"name": ("box", "bag")[change % 2], "pieces": 10 + change, "price": str(step)}],
    }


def filled() -> PimSimulator:
    simulator = PimSimulator()
    for path, things in STRUCTURE:
        if path == "families":
            (family,) = things
            codes = [one["code"] for one in ADDED]
            simulator.load(f"{API}/attributes", ADDED)
            simulator.load(f"{API}/{path}", [{**family, "attributes": [*family["attributes"], *codes]}])  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]  # a list, in a table of objects
        elif path.endswith("variants"):
            simulator.load(f"{API}/{path}", [{"code": "by_colour_and_size", "variant_attribute_sets": LEVELS}])
        else:
            simulator.load(f"{API}/{path}", things)
    simulator.load(f"{API}/association-types", [{"code": "UPSELL"}, {"code": "PACK", "is_quantified": True}])
    return simulator


class RichShirts(Shirts):
    """The same ERP, its rows of the wider class."""

    item = Rich


def content(simulator: PimSimulator) -> dict[str, object]:
    """What a PIM user sees, links by SKU and pictures by their content."""
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        found = products(pim)
        names = {str(one.uuid): sku for sku, one in found.items()}
        told: dict[str, object] = {}
        for code, model in models(pim).items():
            plain = {key: one for key, one in model.values.source.items() if key != "picture"}
            told[code] = (
                model.parent,
                model.family,
                model.family_variant,
                model.categories,
                plain,
                picture(pim, model.values.text("picture") if model.values.has("picture") else None),
            )
        for sku, one in found.items():
            plain = {key: value for key, value in one.values.source.items() if key != "picture"}
            near = [names[ref] for ref in one.associations.get(AssociationTypeCode("UPSELL"), {}).get("products", ())]
            rows = one.quantified_associations.get(AssociationTypeCode("PACK"), {}).get("products", [])
            parts = [(names[str(row["uuid"])], row["quantity"]) for row in rows]  # type: ignore[union-attr, index, call-overload]  # as the simulator gives them
            told[sku] = (one.parent, one.family, one.enabled, one.categories, plain, near, parts)
        return told


def picture(pim: AkeneoClient, code: str | None) -> bytes | None:
    if code is None:
        return None
    file = BytesIO()
    pim.media_files.download(code, file)
    return file.getvalue()


def put(erp: Shirts, step: int, shirts: int = 12) -> Shirts:
    for number in range(shirts):
        erp.put(rich(number, step))
    return erp

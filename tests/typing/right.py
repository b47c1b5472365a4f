"""Uses that both checkers must accept. They are read, never run: the adapters' methods need no bodies."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import akeneo_erp_bridge.mapping as values
from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.akeneo.filters import Category, Product, attribute
from akeneo_erp_bridge.catalog import MeasurementFamily, Metric, Price
from akeneo_erp_bridge.classification import Cold
from akeneo_erp_bridge.codes import UnitCode
from akeneo_erp_bridge.commerce import HotSink
from akeneo_erp_bridge.erp import (
    Cursor,
    ErpItem,
    ErpRef,
    ErpSchema,
    Health,
    Page,
    PimFirstErp,
    WriteResult,
    cold,
    hot,
    internal,
    two_way,
)
from akeneo_erp_bridge.mapping import (
    ENABLED,
    FAMILY,
    ProductMapping,
    boolean,
    clean,
    decimal,
    in_unit,
    localized,
    lookup,
    measured,
    price_in,
    reference,
)
from akeneo_erp_bridge.rules import Cell, Iso, Owner, Rule
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SyncState


class Item(ErpItem):
    number = cold(str, "number", key=True)
    weight = cold(str, "weight")
    unit = cold(str, "unit")
    active = cold(bool, "active")
    text = cold(str, "text").nullable()
    price = hot(Decimal, "price")
    stock = hot(Decimal, "stock")
    for_sale = hot(bool, "for_sale")
    cost = internal(Decimal, "cost")


number = Iso[str, Decimal](Decimal, str)
kilograms = Iso[Decimal, Metric](lambda amount: Metric(amount, UnitCode("KILOGRAM")), lambda metric: metric.amount)
parse: Rule[str, Decimal, Cold] = decimal("de_DE")  # a pure converter fits any temperature
NAME: Cell[str] = Cell("name", locale="en_US")
WEIGHT: Cell[Metric] = Cell("weight")
MSRP: Cell[tuple[Price, ...]] = Cell("msrp")


class ReadOnlyErp:
    def describe(self) -> ErpSchema:
        raise NotImplementedError

    def check(self) -> Health:
        raise NotImplementedError

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Item]]:
        raise NotImplementedError


class ReadWriteErp(ReadOnlyErp):
    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        raise NotImplementedError

    def write_item(self, draft: Item, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        raise NotImplementedError


class HotErp:
    def read_hot(self, since: Cursor | None, *, keys: object) -> Iterator[Page[Item]]:
        raise NotImplementedError


def both_ways(erp: PimFirstErp[Item]) -> None:
    """Stands for every job that writes to the ERP."""


def uses(pim: AkeneoClient, state: SyncState, sink: HotSink) -> None:
    mapping = ProductMapping(
        Item,
        Item.number.map(str.strip).to(NAME),
        (Item.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).to(WEIGHT),
        (((Item.weight >> parse) & Item.unit) >> measured({"KG": "KILOGRAM"})).to(WEIGHT),
        Item.text.default("none").to(NAME),
        Item.text.required().to(NAME),
        Item.number.when(Item.active).to(NAME),
        (Item.number | Item.weight).catch().to(NAME, owner=Owner.SEED),
        (Item.unit >> lookup({"a": "tools"})).to(FAMILY),
        (Item.unit >> boolean(true={"J"}, false={"N"})).to(ENABLED),
        reference(
            Item.price >> price_in("EUR"), reason="margin", min_age=timedelta(days=30), min_change=Decimal("0.02")
        ).to(MSRP),
        two_way(Item.weight, number @ kilograms, WEIGHT, owner=Owner.PIM),
        *localized("name", {"en_US": Item.number >> clean()}),
    )
    ErpToPim(ReadOnlyErp(), mapping, pim, state)
    both_ways(ReadWriteErp())
    HotRelay(HotErp(), [Item.stock.feed("available"), Item.number.feed("sku")], sink, state)
    pim.products.list(
        Product.family.in_("a") & Product.updated.since(datetime.now(UTC)) & attribute("w").at_least(Decimal(2))
    )
    pim.categories.count(Category.is_root.is_(True))
    pim.products.list({"enabled": [{"operator": "=", "value": True}]})


def converts_values(weight: MeasurementFamily) -> None:
    flag: Cell[bool] = Cell("flag")
    day_of_launch: Cell[date] = Cell("launch")
    moment_of_launch: Cell[datetime] = Cell("launched")
    amount: Cell[Decimal] = Cell("amount")
    count: Cell[int] = Cell("count")
    materials: Cell[frozenset[str]] = Cell("materials")
    parse = values.decimal("de_DE", scale=2, rounding="half_up", minimum=0)
    words = values.unit_synonyms("Weight", "de", "en")
    ProductMapping(
        Item,
        (Item.number >> values.sku(without_prefix="ART-", case="upper")).to(NAME),
        (Item.unit >> values.lookup({"a": "b"}, unknown="pass")).to(NAME),
        (Item.unit >> values.lookup({"a": 1}, unknown="review")).to(count),
        (Item.unit >> values.yes_no("de", "fr")).to(flag),
        (Item.unit >> values.boolean(true="X", false="")).to(flag),
        (Item.number >> values.day("%d.%m.%Y")).to(day_of_launch),
        (Item.number >> values.moment("%d.%m.%Y %H:%M", zone="Europe/Berlin")).to(moment_of_launch),
        (Item.weight >> parse >> values.rounded(1)).to(amount),
        (Item.weight >> parse >> values.whole_number(maximum=100)).to(count),
        (Item.weight >> values.integer("de_DE")).to(count),
        (Item.number >> values.split(";") >> values.each(values.slug()) >> values.at_most(3)).to(materials),
        (Item.number >> values.split(";") >> values.join(", ")).to(NAME),
        (Item.number >> values.code_table(["a", "b"], clash="hash")).to(NAME),
        (Item.number >> values.matching("[0-9]+") >> values.extract("^[0-9]")).to(NAME),
        (Item.number >> values.sanitized_html() | Item.number >> values.plain_to_html()).to(NAME),
        (((Item.weight >> parse) & Item.unit) >> values.converted_to("GRAM", words, family=weight)).to(WEIGHT),
        (Item.weight >> parse >> in_unit("KILOGRAM") >> values.to_unit("GRAM", family=weight, scale=0)).to(WEIGHT),
        (((Item.weight >> parse) & Item.unit) >> values.per_pack({"CTN": 12}, base="PCE")).to(amount),
        values.template("{number} {unit}", number=Item.number, unit=Item.unit, missing="drop").to(NAME),
        two_way(Item.weight, parse.iso() @ values.unit_iso("KILOGRAM", "GRAM", family=weight), WEIGHT, owner=Owner.ERP),
        two_way(Item.unit, values.lookup({"a": True}).iso(), flag, owner=Owner.PIM),
        two_way(Item.number, values.split(";").iso(), materials, owner=Owner.PIM),
    )
    values.template("{number} for {price}", number=Item.number, price=Item.price).feed("offer")
    ((Item.stock & Item.number) >> values.per_pack({"CTN": 12}, base="PCE")).feed("pieces")
    packs: values.FileTable[int] = values.read_table("packs.csv", key="pack", value="pieces", of=int)
    flags: values.FileTable[bool] = values.read_table(
        "f.yaml", key="k", value="v", read=values.yes_no("de"), ignore="*"
    )
    values.per_pack(packs, base="PCE")
    values.lookup(flags)
    values.lookup(values.read_table("colours.xlsx", key="erp", value="pim", sheet="Colours"), unknown="pass")
    (Item.unit >> values.lookup_from("families.csv", key="group", value="family", delimiter=";")).to(FAMILY)

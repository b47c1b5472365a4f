"""Uses that both checkers must accept. They are read, never run: the adapters' methods need no bodies."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.akeneo.filters import Category, Product, attribute
from akeneo_erp_bridge.catalog import Metric, Price
from akeneo_erp_bridge.classification import Cold
from akeneo_erp_bridge.codes import UnitCode
from akeneo_erp_bridge.commerce import HotSink
from akeneo_erp_bridge.erp import (
    Cursor,
    ErpItem,
    ErpRef,
    ErpSchema,
    Health,
    Lines,
    Page,
    PimFirstErp,
    WriteResult,
    cold,
    hot,
    internal,
    two_way,
)
from akeneo_erp_bridge.mapping import (
    CODE,
    ENABLED,
    FAMILY,
    MediaSource,
    ProductMapping,
    RecordMapping,
    TableRows,
    association,
    bill_of_materials,
    boolean,
    clean,
    decimal,
    file_in,
    in_unit,
    localized,
    lookup,
    measured,
    price_in,
    quantified,
    reference,
    table,
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
    upsell = cold(frozenset[str], "upsell")
    lines = cold(Lines, "lines")
    photo = cold(str, "photo")


class Line(ErpItem):
    part = cold(str, "part")
    count = cold(int, "count")
    stock = hot(int, "stock")


number = Iso[str, Decimal](Decimal, str)
kilograms = Iso[Decimal, Metric](lambda amount: Metric(amount, UnitCode("KILOGRAM")), lambda metric: metric.amount)
parse: Rule[str, Decimal, Cold] = decimal("de_DE")  # a pure converter fits any temperature
NAME: Cell[str] = Cell("name", locale="en_US")
WEIGHT: Cell[Metric] = Cell("weight")
MSRP: Cell[tuple[Price, ...]] = Cell("msrp")
PARTS: Cell[TableRows] = Cell("parts")
PICTURE: Cell[MediaSource] = Cell("picture")


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
    RecordMapping("brands", Item, Item.number.to(CODE), Item.text.required().to(NAME))
    mapping = ProductMapping(
        Item,
        Item.number.map(str.strip).to(NAME),
        (Item.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).to(WEIGHT),
        (((Item.weight >> parse) & Item.unit) >> measured({"KG": "KILOGRAM"})).to(WEIGHT),
        Item.text.default("none").to(NAME),
        Item.text.required().to(NAME),
        Item.upsell.to(association("UPSELL")),
        (Item.lines >> bill_of_materials(Line, component=Line.part, quantity=Line.count)).to(quantified("PACK")),
        (Item.lines >> table(Line, {"part": Line.part, "count": Line.count}, merge=True)).to(PARTS),
        (Item.photo >> file_in("pictures")).to(PICTURE),
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

"""Uses that both checkers must accept. They are read, never run: the adapters' methods need no bodies."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import akeneo_erp_bridge.mapping as values
from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.akeneo.filters import Category, Product, attribute
from akeneo_erp_bridge.catalog import MeasurementFamily, Metric, Price
from akeneo_erp_bridge.classification import Cold, Policy, by_name
from akeneo_erp_bridge.codes import UnitCode
from akeneo_erp_bridge.commerce import (
    CsvSink,
    HotSink,
    OfferReader,
    PriceList,
    SqliteSink,
    SqlSink,
    Stock,
    WebhookSink,
    price,
    price_list,
    sellable,
    stock_level,
    stock_levels,
)
from akeneo_erp_bridge.erp import (
    Cursor,
    DynamicItem,
    ErpItem,
    ErpRef,
    ErpSchema,
    Health,
    Lines,
    Page,
    PimFirstErp,
    WriteResult,
    assert_cold,
    cold,
    hot,
    internal,
    item_class,
    translations,
    two_way,
    whole,
)
from akeneo_erp_bridge.mapping import (
    CODE,
    ENABLED,
    FAMILY,
    FAMILY_VARIANT,
    MediaSource,
    ProductMapping,
    ProductModelMapping,
    RecordMapping,
    TableRows,
    VariantMapping,
    Variants,
    all_of,
    any_true,
    association,
    bill_of_materials,
    boolean,
    channelled,
    clean,
    concat,
    constant,
    count_of,
    decimal,
    distinct,
    equals,
    every,
    fan_out,
    file_in,
    first,
    gtin,
    in_unit,
    is_in,
    joined,
    languages,
    largest,
    localized,
    lookup,
    measured,
    not_,
    present,
    price_in,
    quantified,
    reference,
    sku_pattern,
    switch,
    table,
)
from akeneo_erp_bridge.rules import Binding, Cell, Iso, Owner, Put, Rule, same
from akeneo_erp_bridge.sync import (
    Adopt,
    Batch,
    Conflicts,
    Deletions,
    ErpToPim,
    HotRelay,
    LogObserver,
    Notify,
    OtelObserver,
    PageTook,
    Plan,
    Run,
    RunObserver,
    SqliteState,
    Stop,
    SyncOptions,
    SyncReport,
    SyncState,
    VariantsToPim,
    any_gtin,
    by_category,
    by_field,
    by_key,
    match,
    resolve,
    search,
    where,
)
from akeneo_erp_bridge.sync.pim_first import (
    BooleanTag,
    CategoryTag,
    CompletenessTag,
    Models,
    PimFirst,
    PimFirstReport,
    SelectTag,
    Tag,
    WorkflowTag,
)


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


Made = item_class("Made", ErpSchema("made"), Policy([by_name("number", Cold)]), key="number")


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


class MadeErp:
    def read_hot(self, since: Cursor | None, *, keys: object) -> Iterator[Page[DynamicItem]]:
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
    ProductMapping(Made, Made.cold(str, "number").to(NAME), (Made.cold(str, "weight") >> parse).map(str).to(NAME))
    HotRelay(MadeErp(), [Made.hot(Decimal, "price").feed("price")], sink, state)
    reference(
        Made.hot(Decimal, "price") >> price_in("EUR"), reason="m", min_age=timedelta(1), min_change=Decimal(1)
    ).to(MSRP)


def groups(pim: AkeneoClient, state: SyncState) -> None:
    by_size = Variants(model=Item.number, family_variant="by_size", lone="simple", disagreement="most")
    by_rule = Variants(
        model=Item.text.default("none"),
        family_variant=Item.unit >> lookup({"a": "by_size"}),
        sub_model=joined(Item.number, Item.unit),
        regroup="allow",
    )
    for variants in (by_size, by_rule):
        job = VariantsToPim(
            ReadOnlyErp(), VariantMapping(Item, variants, Item.number.to(NAME)), pim, state, rows="rows.db"
        )
        print(job.plan().products.changes, job.run().exit_code)
    styles = ProductModelMapping(Item, Item.number.to(CODE), constant("by_size").to(FAMILY_VARIANT))
    ErpToPim(ReadOnlyErp(), styles, pim, state)


# ---- structure of the record and of the rule ----
class Order(ErpItem):
    number = cold(str, "head.number", key=True)
    kind = cold(str, "kind")
    count = cold(int, "count")
    active = cold(bool, "active")
    eans = cold(str, "lines[*].ean").many()
    sizes = cold(str, "lines[*].size").many()
    flags = cold(bool, "lines[*].flag").many()
    notes = cold(str, "notes[*]").nullable().many()
    maybe = cold(str, "tags").many().nullable()
    names = translations("names")
    prices = hot(Decimal, "lines[*].price").many()
    price = hot(Decimal, "price")


TAGS: Cell[frozenset[str]] = Cell("tags")
PIECES: Cell[int] = Cell("pieces")
IS_SET: Cell[bool] = Cell("is_set")


def structures(order: Order) -> tuple[Binding[Order], ...]:
    texts: tuple[str, ...] = order.eans
    with_holes: tuple[str | None, ...] = order.notes
    none_or_many: tuple[str, ...] | None = order.maybe
    assert texts or with_holes or none_or_many
    cases: dict[str, Rule[Order, str, Cold]] = {"set": Order.number, "part": constant("a part")}
    table = languages({"E": "en_US", "D": ("de_DE", "de_CH")}, fallback={"de_AT": "de_DE"})
    kilos = Order.sizes >> every(decimal("de_DE"))
    largest(Order.prices).feed("highest")
    return (
        first(Order.eans).to(NAME),
        largest(Order.eans >> every(gtin())).to(NAME),
        (largest(kilos) >> in_unit("KILOGRAM")).to(WEIGHT),
        distinct(Order.eans).map(frozenset).to(TAGS),
        concat(Order.eans, separator=" / ").to(NAME),
        count_of(Order.eans).to(PIECES),
        any_true(Order.flags).to(IS_SET),
        Order.maybe.default(()).map(len).to(PIECES),
        Order.kind.when(Order.kind >> equals("set")).to(NAME),
        Order.kind.when(all_of(Order.active, Order.count >> is_in(1, 2), not_(present(Order.names)))).to(NAME),
        switch(Order.kind, {"set": Order.number, "part": Order.kind >> clean()}).to(NAME),
        switch(Order.active, {True: Order.count}, otherwise=count_of(Order.eans)).to(PIECES),
        switch(Order.kind, cases, otherwise=Order.kind).to(NAME),
        *localized("name", table.texts(Order.names)),
        *localized("name", {locale: rule >> clean() for locale, rule in table.texts(Order.names).items()}),
        *localized("name", table.columns({"E": Order.number, "D": Order.kind >> clean()})),
        *localized(WEIGHT, {"en_US": largest(kilos) >> in_unit("KILOGRAM")}),
        *channelled(PIECES, {"ecommerce": Order.count}, locale="en_US"),
        *fan_out("title", {("en_US", "ecommerce"): Order.number, ("en_US", "print"): Order.kind >> clean()}),
        assert_cold(whole(Order).map(lambda one: one.number), reads=["a", Order.number, Order.count], reason="x").to(
            NAME
        ),
        two_way(Order.kind, Iso(str.strip, str.strip), NAME, owner=Owner.ERP),
    )


class Numbers:
    def take(self, name: str) -> int:
        raise NotImplementedError


def new_skus() -> list[str]:
    candidates = sku_pattern("{family:3}-{sequence:06}", check="luhn").candidates(Numbers(), {"family": "drills"})
    return [one.value for one in candidates if isinstance(one, Put)]


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


class Counting(RunObserver):
    """One method is enough."""

    pages = 0

    def page(self, run: Run, so_far: SyncReport, took: PageTook) -> None:
        self.pages += 1


def is_told(pim: AkeneoClient, state: SqliteState, sink: HotSink) -> None:
    told = [Counting(), LogObserver(), OtelObserver(), Notify(["json://localhost"], state, again_after=None)]
    mapping = ProductMapping(Item, Item.number.to(NAME))
    ErpToPim(ReadOnlyErp(), mapping, pim, state, observers=told)
    HotRelay(HotErp(), [], sink, state, observers=[Counting()])


def runs_a_part(job: ErpToPim[Item], variants: VariantsToPim[Item]) -> None:
    report: SyncReport = job.run(reads="all")
    plan: Plan = job.plan(only=by_key("A1", "A2"), writes="create")
    job.run(only=by_category("tools"), writes="update")
    job.run(only=by_field(Item.number, "A1"))
    job.run(only=where(Item.stock, lambda stock: stock > 0))
    job.run(only=where(Item.stock & Item.cost, lambda both: both[0] > both[1]))
    variants.run(only=by_field(Item.number, "A1"), reads="all")
    Deletions.delete(confirm=report.stream + str(plan))


def settles(state: SyncState) -> None:
    SyncOptions(conflicts=Conflicts("hold", overwrite=[WEIGHT, ENABLED], report=[NAME], look="all"))
    by_number = search(lambda cells: {"sku": [{"operator": "IN", "value": [cells["sku"]]}]}, name="number")
    SyncOptions(adopt=Adopt(by=[match(NAME, spelled=any_gtin), match(FAMILY), by_number]))
    resolve(state, "000123", WEIGHT, take="pim")
    resolve(state, "saws", "labels[en_US]", take="erp", stream="categories")


class Break(ErpItem):
    amount = hot(Decimal, "amount")
    code = cold(str, "code")
    group = hot(str, "group").nullable()
    pieces = hot(int, "pieces")
    begins = hot(datetime, "begins")
    cost = internal(Decimal, "cost")


class Offered(ErpItem):
    number = cold(str, "number", key=True)
    amount = hot(Decimal, "amount")
    stock = hot(int, "stock")
    currency = cold(str, "currency")
    prices = hot(Lines, "prices")
    changed = hot(datetime, "changed")
    serial = cold(int, "serial").nullable()
    cost = internal(Decimal, "cost")


PRICES: Cell[PriceList] = Cell("prices")
STOCK: Cell[Stock] = Cell("stock")
AMOUNT: Cell[Decimal] = Cell("amount")


class OfferedErp:
    def read_hot(self, since: Cursor | None, *, keys: object) -> Iterator[Page[Offered]]:
        raise NotImplementedError


def offers(state: SyncState) -> None:
    feeds = [
        price(Offered.amount, currency="EUR").feed("price"),
        price(Offered.stock, currency=Offered.currency, tax_included=True, valid_from=Offered.changed).feed("p"),
        (
            Offered.prices
            >> price_list(
                Break, amount=Break.amount, currency=Break.code, group=Break.group, from_quantity=Break.pieces
            )
        ).feed("prices"),
        (Offered.prices >> stock_levels(Break, on_hand=Break.pieces, location=Break.code, same_place="sum")).feed("s"),
        (stock_level(Offered.stock, location="MAIN") >> sellable(keep_back=1)).feed("available"),
    ]
    sink: HotSink = SqliteSink("shop.db")
    reader: OfferReader = SqlSink("sqlite:///shop.db", table="offers")
    HotRelay(OfferedErp(), feeds, sink, state, stamp=Offered.changed, batch=Batch(size=50)).follow(stop=Stop())
    HotRelay(OfferedErp(), feeds, WebhookSink("https://a.example", secret="x"), state, stamp=Offered.serial).run()
    print(HotRelay(OfferedErp(), feeds, CsvSink("drop", feeds=["price"]), state).reconcile().right, reader)


SENT = BooleanTag("send_to_erp")


def goes_out(pim: AkeneoClient, state: SyncState) -> None:
    both = ProductMapping(Item, two_way(Item.number, same(str), NAME, owner=Owner.PIM))
    first = [Item.number.given("1"), Item.active.given(value=True)]
    tags: list[Tag] = [SENT, CategoryTag("new"), CompletenessTag("erp", locales=("en_US",)), WorkflowTag("3f1c")]
    tags.append(SelectTag("state", waiting="a", exported="b", failed="c"))
    for tag in tags:
        job = PimFirst(ReadWriteErp(), both, both, pim, state, tag=tag, message=NAME, at_creation=first, edits="hold")
        report: PimFirstReport = job.run(reads="all")
        print(report.out.created, report.back.updated, report.exit_code)
        job.resolve("0b9c", NAME, take="erp")


def goes_out_with_models(pim: AkeneoClient, state: SyncState, templates: PimFirstErp[Order]) -> None:
    both = ProductMapping(Item, two_way(Item.number, same(str), NAME, owner=Owner.PIM))
    orders = ProductModelMapping(Order, two_way(Order.number, same(str), CODE, owner=Owner.PIM))
    models = Models(templates, orders, orders, parent=Item.number, variants_at_creation=[Item.number.given("1")])
    report = PimFirst(ReadWriteErp(), both, both, pim, state, tag=SENT, models=models).run()
    print(report.models)

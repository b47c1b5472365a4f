"""Each check of preflight, by a fixture that triggers exactly it; and nothing where everything fits."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Never

import pytest
from attrs import evolve, frozen

from akeneo_erp_bridge.catalog import PimStructure, Price
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, ChannelCode, FamilyCode
from akeneo_erp_bridge.erp import ErpField, ErpItem, ErpSchema, cold, two_way
from akeneo_erp_bridge.errors import PreflightFailed
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    CODE,
    ENABLED,
    FAMILY,
    PARENT,
    CategoryMapping,
    MediaSource,
    Misfit,
    ProductMapping,
    TableRows,
    as_set,
    blob,
    constant,
    decimal,
    file_in,
    in_unit,
    label,
    lookup,
    measured,
    price_in,
    reference,
    table,
)
from akeneo_erp_bridge.rules import Binding, Cell, Iso, Outcome, Owner, Put, Rule
from fitting import DRILLS, FITTING, METRIC, PRICE, SCHEMA, STRUCTURE, TO_EUR, Item, Line, attribute, mapping

PHOTO, PARTS = Cell[MediaSource]("photo"), Cell[TableRows]("parts")
TEXT, BY_LOCALE = Cell[str]("note"), Cell[str]("name", locale="en_US")
untyped: Any = Cell  # some of what preflight finds, a type checker finds before


def codes(found: list[Misfit]) -> list[str]:
    return [one.code for one in found]


def with_(*attributes: Any, **changes: Any) -> PimStructure:
    """The structure, with other attributes or parts."""
    return evolve(STRUCTURE, attributes={**STRUCTURE.attributes, **{one.code: one for one in attributes}}, **changes)


def test_what_fits_fits() -> None:
    assert mapping(*FITTING).preflight(STRUCTURE, SCHEMA) == []


@pytest.mark.parametrize(
    "binding",
    [
        (Item.name >> lookup({"x": "bosch"})).to(Cell[str]("brand")),
        constant(MediaSource("a.JPG", b"...")).to(PHOTO),
        constant(MediaSource("a.jpg", "4711", fetch=bytes.fromhex)).to(PHOTO),  # would be fetched by a run alone
        (Item.content >> blob("photo.jpg")).to(PHOTO),
        (Item.name >> file_in("pictures")).to(PHOTO),
        (Item.lines >> table(Line, {"part": Line.part, "count": Line.count, "fragile": Line.fragile}, merge=True)).to(
            PARTS
        ),
        (
            Item.lines >> table(Line, {"part": Line.part.map(str), "count": Line.part >> decimal("de_DE")}, merge=False)
        ).to(PARTS),
    ],
)
def test_a_record_a_file_or_a_table_that_fits(binding: Binding[Item]) -> None:
    assert mapping(binding).preflight(STRUCTURE, SCHEMA) == []


@frozen
class Rot13(Rule[str, str, Never]):
    """A user's own converter, which says by its bases what it gives."""

    def run(self, source: str) -> Outcome[str]:
        return Put(source[::-1])

    @property
    def label(self) -> str:
        return "rot13()"


def passing(currency: str) -> Rule[Item, tuple[Price, ...], Any]:
    terms = {"reason": "margin", "min_age": timedelta(0), "min_change": Decimal("0.001")}
    return reference(Item.price >> price_in(currency), **terms)  # type: ignore[arg-type]  # terms of several types


def as_number(text: str) -> Decimal:
    return Decimal(text)


@pytest.mark.parametrize(
    ("code", "binding"),
    [
        ("no_attribute", Item.name.to(Cell[str]("nmae"))),
        ("locale_missing", Item.name.to(Cell[str]("name"))),
        ("locale_not_wanted", Item.name.to(Cell[str]("note", locale="en_US"))),
        ("channel_missing", Item.name.to(Cell[str]("story", locale="en_US"))),
        ("channel_not_wanted", Item.name.to(Cell[str]("note", channel="shop"))),
        ("no_locale", Item.name.to(Cell[str]("name", locale="fr_FR"))),
        ("no_channel", Item.name.to(Cell[str]("story", locale="en_US", channel="app"))),
        ("locale_not_on_channel", Item.name.to(Cell[str]("story", locale="de_DE", channel="print"))),
        ("locale_not_available", Item.name.to(Cell[str]("legal", locale="en_US"))),
        # types: a field, a converter, a table, a constant, a default, a function, a rule of a user's own
        ("wrong_type", Item.pieces.to(untyped("note"))),
        ("wrong_type", Item.active.to(untyped("pieces"))),
        ("wrong_type", (Item.weight >> decimal("de_DE")).to(untyped("weight"))),
        ("wrong_type", (Item.colour >> lookup({"x": Decimal(1)})).to(untyped("note"))),
        ("wrong_type", constant("yes").to(untyped("new"))),
        ("wrong_type", Item.name.map(as_number).to(untyped("note"))),
        ("wrong_type", Item.name.map(Decimal).catch().to(untyped("note"))),
        ("wrong_type", (Item.name >> Rot13()).to(untyped("pieces"))),
        ("wrong_type", (Item.name | Item.power).to(untyped("note"))),
        ("wrong_type", (Item.name & Item.colour).to(untyped("note"))),
        ("wrong_type", Item.power.when(Item.active).to(untyped("since"))),
        ("wrong_type", Item.name.to(untyped("tags"))),
        ("wrong_type", (Item.name >> as_set()).to(untyped("colour"))),
        ("wrong_type", Item.name.to(untyped("categories"))),
        ("wrong_type", Item.name.to(untyped("enabled"))),
        # values that are known in advance
        ("wrong_value", constant("longer than ten").to(TEXT)),
        ("wrong_value", (Item.colour >> lookup({"x": "longer than ten"})).to(TEXT)),
        ("wrong_value", Item.name.default("longer than ten").to(TEXT)),
        ("wrong_value", (Item.name.default("short") >> Rot13()).map(lambda text: text * 3).to(untyped("note"))),
        ("wrong_value", constant("<b>bold</b>").to(TEXT)),
        ("wrong_value", constant("acme.example").to(Cell[str]("site"))),
        ("wrong_value", constant("acme.example").to(Cell[str]("mail"))),
        ("wrong_value", constant("8467").to(Cell[str]("hs_code"))),
        ("wrong_value", constant(date(1999, 12, 31)).to(Cell[date]("since"))),
        ("wrong_value", constant(date(2031, 1, 1)).to(Cell[date]("since"))),
        ("wrong_value", constant(101).to(Cell[int]("pieces"))),
        ("wrong_value", constant(-1).to(Cell[int]("pieces"))),
        ("wrong_value", constant(Decimal("0.5")).to(Cell[Decimal]("pieces"))),
        ("wrong_value", constant(Decimal(-6)).to(Cell[Decimal]("power"))),
        ("wrong_value", (constant(Decimal(10)) >> in_unit("KILOGRAM")).to(METRIC)),
        # files whose name or content is known
        ("wrong_value", constant(MediaSource("a.png", b"...")).to(PHOTO)),
        ("wrong_value", constant(MediaSource("a.jpg", b"x" * 200)).to(PHOTO)),
        ("wrong_value", constant(MediaSource("a.jpg", b"")).to(PHOTO)),
        ("wrong_value", (Item.content >> blob("photo.png")).to(PHOTO)),
        # tables
        ("no_column", (Item.lines >> table(Line, {"part": Line.part, "weight": Line.count}, merge=True)).to(PARTS)),
        ("wrong_column", (Item.lines >> table(Line, {"count": Line.count}, merge=True)).to(PARTS)),
        ("wrong_column", (Item.lines >> table(Line, {"part": Line.part, "count": Line.fragile}, merge=True)).to(PARTS)),
        ("wrong_column", (Item.lines >> table(Line, {"part": Line.part, "fragile": Line.part}, merge=True)).to(PARTS)),
        ("not_unique", constant("1").to(Cell[str]("serial"))),
        # codes
        ("no_option", (Item.colour >> lookup({"x": "red", "y": "teal"})).to(Cell[str]("colour"))),
        ("no_option", (Item.colour >> lookup({"x": "red"})).default("teal").to(Cell[str]("colour"))),
        ("no_unit", (Item.weight >> decimal("de_DE") >> in_unit("POUND")).to(METRIC)),
        ("no_unit", ((Item.power & Item.name) >> measured({"kg": "KILOGRAM", "t": "TON"})).to(METRIC)),
        ("no_currency", passing("CHF").to(PRICE)),
        ("no_currency", TO_EUR.to(Cell[tuple[Price, ...]]("shop_price", channel="print"))),
        ("no_record", constant("acme").to(Cell[str]("brand"))),
        ("no_record", (Item.name >> lookup({"x": "bosch", "y": "acme"})).to(Cell[str]("brand"))),
        ("no_code", constant("saws").to(FAMILY)),
        ("no_code", (Item.colour >> lookup({"x": "toys"}) >> as_set()).to(CATEGORIES)),
        # who decides
        ("owner_conflict", Item.name.to(Cell[str]("locked"), owner=Owner.SEED)),
        ("owner_conflict", Item.name.to(Cell[str]("locked"), owner=Owner.PIM)),
        ("cold_price", constant((Price(Decimal(1), "EUR"),)).to(untyped("price"))),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_fit(code: str, binding: Binding[Item]) -> None:
    found = mapping(binding).preflight(STRUCTURE, SCHEMA)
    assert codes(found) == [code]
    assert str(binding.cell) in str(found[0])


class Nullable(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name").nullable()


def test_a_null_is_of_no_type() -> None:
    found = ProductMapping(Nullable, Nullable.number.to(Cell[str]("sku")), Nullable.name.to(untyped("note")))
    assert found.preflight(STRUCTURE) == []


def test_a_price_that_a_channel_requires() -> None:
    wanting = evolve(DRILLS, attribute_requirements={ChannelCode("shop"): (AttributeCode("price"),)})
    found = mapping(TO_EUR.to(PRICE)).preflight(with_(families={FamilyCode("drills"): wanting}))
    assert codes(found) == ["price_required"]


def test_an_attribute_of_no_family_in_use() -> None:
    found = mapping(constant("drills").to(FAMILY), Item.name.to(Cell[str]("serial"))).preflight(STRUCTURE)
    assert codes(found) == ["not_in_family"]
    elsewhere = evolve(DRILLS, code=FamilyCode("saws"), attributes=(AttributeCode("serial"),))
    both = with_(families={**STRUCTURE.families, FamilyCode("saws"): elsewhere})
    family = (Item.colour >> lookup({"d": "drills", "s": "saws"})).to(FAMILY)
    assert mapping(family, Item.name.to(Cell[str]("serial"))).preflight(both) == []


def test_the_group_of_the_erp_where_one_is_declared() -> None:
    teaser = Item.name.to(Cell[str]("teaser"))
    assert mapping(teaser).preflight(STRUCTURE) == []
    found = mapping(teaser, group="erp").preflight(STRUCTURE)
    assert codes(found) == ["wrong_group"], "and not the identifier, which is in another group"
    assert mapping(Item.name.to(Cell[str]("teaser"), owner=Owner.SEED), group="erp").preflight(STRUCTURE) == []


@pytest.mark.parametrize("resource", ["product", "category"])
def test_a_mapping_that_gives_no_name(resource: str) -> None:
    if resource == "product":
        assert codes(mapping(identifier=None).preflight(STRUCTURE)) == ["no_identifier"]
    else:
        found = CategoryMapping(Item, Item.name.to(label("en_US"))).preflight(STRUCTURE)
        assert codes(found) == ["no_code"]


def test_a_pim_with_two_main_identifiers_is_told_not_raised() -> None:
    two = with_(attribute("ean", "pim_catalog_identifier"))
    found = mapping().preflight(two)
    assert codes(found) == ["no_main_identifier"]
    assert "ean, sku" in str(found[0])


@pytest.mark.parametrize(
    ("code", "binding"),
    [
        ("no_locale", Item.name.to(label("fr_FR"))),
        ("no_field", Item.name.to(Cell[str]("colour"))),
        ("wrong_type", Item.pieces.to(untyped("parent"))),
    ],
)
def test_a_cell_that_no_category_has(code: str, binding: Binding[Item]) -> None:
    assert codes(CategoryMapping(Item, Item.number.to(CODE), binding).preflight(STRUCTURE)) == [code]


@pytest.mark.parametrize("parent", ["master", "MASTER"])
def test_a_root_that_is_not_there_is_told_before_any_category_hangs_below_it(parent: str) -> None:
    tree = evolve(STRUCTURE, categories={CategoryCode("Master"): None})
    bindings = (Item.number.to(CODE), constant(parent).to(PARENT))
    assert CategoryMapping(Item, *bindings).preflight(tree) == []
    other = (Item.number.to(CODE), constant("mistress").to(PARENT))
    assert codes(CategoryMapping(Item, *other).preflight(tree)) == ["no_code"]
    of_the_erp = (Item.number.to(CODE), (Item.name >> lookup({"Saws": "erp_saws"})).to(PARENT))
    assert CategoryMapping(Item, *of_the_erp).preflight(tree) == []


# ---- the ERP ----
def told(**kinds: str) -> ErpSchema:
    return ErpSchema("items", tuple(ErpField(name, kind) for name, kind in {"number": "text", **kinds}.items()))


@pytest.mark.parametrize(
    ("code", "binding", "schema"),
    [
        ("no_erp_field", Item.name.to(TEXT), told()),
        ("erp_field_hidden", Item.name.to(TEXT), ErpSchema("items", (ErpField("number"), ErpField("name", readable=False)))),
        ("erp_field_type", Item.active.to(ENABLED), told(active="date")),
        ("erp_field_type", Item.since.to(Cell[date]("since")), told(since="INTEGER")),
        ("erp_field_type", Item.since.to(Cell[date]("since")), told(since="NUMERIC(10, 2)")),
        ("erp_field_type", Item.name.to(TEXT), told(name="boolean")),
        ("erp_field_type", Item.since.to(Cell[date]("since")), told(since="TIMESTAMP")),
    ],
)  # fmt: skip
def test_a_field_that_does_not_fit(code: str, binding: Binding[Item], schema: ErpSchema) -> None:
    found = mapping(binding).preflight(STRUCTURE, schema)
    assert codes(found) == [code]
    assert found[0].severity == "abort"


def test_a_type_that_nobody_knows_is_not_judged() -> None:
    assert mapping(Item.since.to(Cell[date]("since"))).preflight(STRUCTURE, told(since="acme_day")) == []
    assert mapping(Item.name.to(TEXT)).preflight(STRUCTURE, ErpSchema("known at run time")) == []


class Pair(ErpItem):
    number = cold(str, "number", key=True)
    amount = cold(Decimal, "amount")
    moment = cold(datetime, "moment")


def doubled(amount: Decimal) -> Decimal:
    return amount * 2


def halved(amount: Decimal) -> Decimal:
    return amount / 2


def rounded(amount: Decimal) -> Decimal:
    return Decimal(int(amount)) / 2


def broken(amount: Decimal) -> Decimal:
    raise ValueError("not today")


SAFE, LOSSY, BROKEN = Iso(doubled, halved), Iso(doubled, rounded), Iso(doubled, broken)
POWER, PIECES = Cell[Decimal]("power"), Cell[Decimal]("other")


def paired(*bindings: Binding[Pair], writable: bool = True) -> list[Misfit]:
    structure = with_(attribute("other", "pim_catalog_number", decimals_allowed=True))
    schema = ErpSchema("items", (ErpField("number"), ErpField("amount", "numeric", writable=writable)))
    return ProductMapping(Pair, Pair.number.to(Cell[str]("sku")), *bindings).preflight(structure, schema)


def test_a_pair_that_loses_something() -> None:
    assert paired(two_way(Pair.amount, SAFE, POWER, owner=Owner.PIM)) == []
    lossy = paired(two_way(Pair.amount, LOSSY, POWER, owner=Owner.ERP))
    assert codes(lossy) == ["lossy_pair"]
    assert "Decimal('1234.56') becomes Decimal('2469.12') and comes back as Decimal('1234.5')" in str(lossy[0])
    raising = paired(two_way(Pair.amount, BROKEN, POWER, owner=Owner.ERP))
    assert codes(raising) == ["lossy_pair"]
    assert "ValueError" in str(raising[0])


def test_a_field_that_the_erp_keeps() -> None:
    assert codes(paired(two_way(Pair.amount, SAFE, POWER, owner=Owner.PIM), writable=False)) == [
        "erp_field_not_writable"
    ]
    assert paired(two_way(Pair.amount, SAFE, POWER, owner=Owner.ERP), writable=False) == []


def test_two_cells_cannot_both_decide_about_a_field() -> None:
    there = two_way(Pair.amount, SAFE, POWER, owner=Owner.PIM)
    assert codes(paired(there, two_way(Pair.amount, SAFE, PIECES, owner=Owner.PIM))) == ["owner_conflict"]
    assert paired(there, two_way(Pair.amount, SAFE, PIECES, owner=Owner.ERP)) == []


# ---- all at once ----
def test_all_problems_come_at_once_and_are_weighed() -> None:
    found = mapping(
        Item.name.to(Cell[str]("nmae")),
        (Item.colour >> lookup({"x": "saws"})).to(FAMILY),
        (Item.colour >> lookup({"x": "teal"})).to(Cell[str]("colour")),
        identifier=Item.number.to(Cell[str]("sku", locale="en_US")),
    ).preflight(STRUCTURE, ErpSchema("items", (ErpField("number"), ErpField("name"))))
    assert {one.code: (one.severity, one.codes) for one in found} == {
        "locale_not_wanted": ("abort", frozenset()),  # without its number, no item is worth writing
        "no_attribute": ("skip_cell", frozenset()),
        "no_code": ("skip_item", frozenset({"saws"})),  # other families would do
        "no_option": ("skip_cell", frozenset({"teal"})),
        "no_erp_field": ("abort", frozenset()),
    }
    assert pickle.loads(pickle.dumps(found)) == found
    told_to_ci = PreflightFailed(found)
    assert told_to_ci.exit_code == 2
    assert all(str(one) in str(told_to_ci) for one in found)


@pytest.mark.parametrize("function", [lambda text: text, str.title, Decimal(1).__rtruediv__])
def test_a_rule_that_does_not_say_what_it_gives_is_not_judged(function: Callable[[str], Any]) -> None:
    assert mapping(Item.name.map(function).to(untyped("pieces"))).preflight(STRUCTURE) == []

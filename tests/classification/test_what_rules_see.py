"""Law 1 behind the locks: a rule that lies about what it reads finds nothing there that the PIM may not have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.classification import Cold, Hot, Temperature
from akeneo_erp_bridge.erp import ErpItem, Lines, cold, hot, internal
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping import (
    Group,
    ProductMapping,
    TableRows,
    VariantMapping,
    Variants,
    count_of,
    price_in,
    reference,
    table,
)
from akeneo_erp_bridge.rules import Binding, Cell, Outcome, Put, Rule, Step
from akeneo_erp_bridge.sync import ErpToPim, SqliteState, SyncState, VariantsToPim
from rich_shirts import MAPPING, Rich, RichShirts, filled, rich
from world import NAME, Article, ListErp, make_mapping, row

HEAT = "7.77"


@attrs.frozen
class Liar(Rule[Any, str, Cold]):
    """Says that it reads the name, and tells what the price column holds."""

    column: str = "price"
    reads: str = "name"

    def run(self, source: Any) -> Outcome[str]:
        return Put(str(source.row.get(self.column, "no_price")))

    @property
    def label(self) -> str:
        return "liar"

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Cold})

    @property
    def sources(self) -> frozenset[str]:
        return frozenset({self.reads})


@attrs.frozen
class Wrapping(Liar):
    """Holds an honest rule, and runs another thing."""

    inner: Rule[Any, Any, Any] = Article.name

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.inner,)


def told(pim: AkeneoClient) -> str:
    """All that all products and models hold, as one text."""
    products = [(str(one.parent), dict(one.values.source)) for one in pim.products.list()]
    models = [(str(one.code), dict(one.values.source)) for one in pim.product_models.list()]
    return json.dumps([products, models], default=str)


# ---- beside a reference price ----
@pytest.mark.parametrize("liar", [Liar(), Wrapping()])
def test_no_other_rule_sees_what_a_reference_reads(liar: Liar, pim: AkeneoClient, state: SqliteState) -> None:
    honest = [one for one in make_mapping().bindings if one.cell != NAME]
    mapping = ProductMapping(Article, *honest, Binding(liar, NAME))
    job = ErpToPim(ListErp([row(1, price="1,00")]), mapping, pim, state)
    assert job.run().passed == 1
    (product,) = pim.products.list()
    assert product.values.text("name", locale="en_US") == "no_price"
    assert '"1.00"' in told(pim)  # the price passed by its door, and its terms hold the next one
    ErpToPim(ListErp([row(1, price="7,77")]), mapping, pim, state).run()
    assert "7,77" not in told(pim)
    assert HEAT not in told(pim)


class Twice(ErpItem):
    number = cold(str, "number", key=True)
    price = hot(Decimal, "price")
    other = hot(Decimal, "other")


@attrs.frozen
class Noting(Rule[Any, Any, Hot]):
    """Notes the columns that it is given."""

    rule: Rule[Any, Any, Any]
    seen: list[set[str]] = attrs.field(factory=list)

    def run(self, source: Any) -> Outcome[Any]:
        self.seen.append(set(source.row))
        return self.rule.run(source)

    @property
    def label(self) -> str:
        return "noting"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)


def test_a_reference_sees_no_price_of_another() -> None:
    notes = [Noting(price >> price_in("EUR")) for price in (Twice.price, Twice.other)]
    terms: dict[str, Any] = {"reason": "margin", "min_age": timedelta(1), "min_change": Decimal(0)}
    cells = [Binding(reference(one, **terms), Cell(f"price_{at}")) for at, one in enumerate(notes)]
    mapping = ProductMapping(Twice, Twice.number.to(Cell[str]("sku")), *cells)
    mapping.run(Twice({"number": "1", "price": "2", "other": "3"}))
    assert [one.seen for one in notes] == [[{"number", "price"}], [{"number", "other"}]]


@pytest.mark.parametrize("place", ["a model's code", "a model's value", "a variant's value"])
def test_no_rule_of_flat_rows_sees_what_a_reference_reads(place: str, state: SyncState, tmp_path: Path) -> None:
    liar = Liar(reads="style")
    cells = {"a model's value": "name", "a variant's value": "supplier_note"}
    honest = [one for one in MAPPING.bindings if one.cell.attribute != cells.get(place)]
    lying = [Binding(liar, Cell[str](cells[place]))] if place in cells else []
    variants = MAPPING.variants
    if place not in cells:
        variants = Variants(model=liar, family_variant="by_colour_and_size", sub_model=variants.sub_model)
    rows = [{**rich(number, 0), "price": Decimal(HEAT)} for number in range(6)]
    with filled().client() as pim:
        lied = VariantMapping(Rich, variants, *honest, *lying)
        VariantsToPim(RichShirts(rows), lied, pim, state, rows=tmp_path / "rows.db").run()
        found = told(pim)
    assert "no_price" in found
    # by its door, and with its currency, it passes
    assert found.count(HEAT) == found.count(f'"amount": "{HEAT}"')


# ---- beside rules over lines ----
class Part(ErpItem):
    code = cold(str, "code")
    price = hot(str, "price")
    cost = internal(str, "cost")


class Kit(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    parts = cold(Lines, "parts")


def test_no_other_rule_sees_what_is_hot_in_the_lines() -> None:
    parts = Kit.parts >> table(Part, {"code": Part.code}, merge=False)
    mapping = ProductMapping(
        Kit,
        Kit.number.to(Cell[str]("sku")),
        parts.to(Cell[TableRows]("parts")),
        count_of(Kit.parts).to(Cell[int]("count")),
        Binding(Liar("parts"), NAME),
    )
    outcomes = mapping.run(Kit({"number": "1", "parts": [{"code": "a", "price": HEAT, "cost": HEAT}]})).outcomes
    assert outcomes[NAME.key] == Put("no_price")
    assert outcomes["parts"] == Put(({"code": "a"},))
    assert outcomes["count"] == Put(1)


# ---- classes that cut their rows themselves ----
class Wide:
    """A base beside `ErpItem`."""

    def narrowed(self, paths: Iterable[str]) -> Any:
        return self


@pytest.mark.parametrize("base", [ErpItem, Article, Group])
@pytest.mark.parametrize("name", ["narrowed", "values_at", "shippable", "_cut"])
def test_no_item_class_cuts_its_rows_itself(name: str, base: type[Any]) -> None:
    with pytest.raises(MappingError, match=f"Sly has a '{name}' of its own"):
        type("Sly", (base,), {name: lambda self, *_: self})


def test_nor_does_it_by_a_base_or_a_field() -> None:
    with pytest.raises(MappingError, match="Sly has a 'narrowed' of its own"):
        type("Sly", (Wide, Article), {})
    with pytest.raises(MappingError, match="Sly has a 'shippable' of its own"):
        type("Sly", (Article,), {"shippable": cold(str, "shippable")})


def test_other_names_are_free() -> None:
    class Short(Article):
        narrow = cold(str, "narrow")

        def values(self) -> str:
            return self.narrow

    assert Short({"narrow": "x"}).narrowed(["narrow"]).values() == "x"

"""Law 1 inside of nested rows: what the class of the lines declares holds, whatever the item says of the column."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.classification import Cold, Hot, Policy, Temperature, by_name
from akeneo_erp_bridge.commerce import Offer, OfferResult
from akeneo_erp_bridge.erp import (
    Cursor,
    ErpField,
    ErpItem,
    ErpSchema,
    Lines,
    Page,
    assert_cold,
    cold,
    hot,
    internal,
    item_class,
    nested_rows,
    translations,
    whole,
)
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping import (
    ProductMapping,
    VariantMapping,
    Variants,
    all_of,
    any_true,
    bill_of_materials,
    concat,
    constant,
    count_of,
    decimal,
    equals,
    fetched,
    first,
    languages,
    present,
    price_in,
    reference,
    switch,
    table,
    template,
)
from akeneo_erp_bridge.rules import Binding, Cell, HotBinding, Outcome, Put, Rule
from akeneo_erp_bridge.sync import HotRelay, SqliteState

SECRET = "9,90"
PARTS: Cell[Any] = Cell("parts")
TEXT: Cell[str] = Cell("text")
SKU: Cell[str] = Cell("sku")


class Line(ErpItem):
    part = cold(str, "part")
    count = cold(int, "count")
    price = hot(str, "price")
    cost = internal(str, "cost")
    weight = hot(str, "Weight [kg]")


class Kit(ErpItem):
    number = cold(str, "number", key=True)
    kind = cold(str, "kind")
    lines = cold(Lines, "lines")
    count = hot(int, "count")
    price = hot(str, "price")
    prices = hot(str, "offers[*].price").many()
    texts = cold(str, "offers[*].text").many()
    cost = internal(str, "terms[0].cost")
    costs = internal(str, "terms[-1].cost").many()
    names = translations("names")


ROW: dict[str, object] = {
    "number": "1",
    "kind": "a",
    "count": 7,
    "price": SECRET,
    "lines": [{"part": "DR-18", "count": 2, "price": SECRET, "cost": SECRET, "Weight [kg]": SECRET}],
    "offers": [{"price": SECRET, "text": "x"}],
    "offers[*].price": [SECRET],
    "terms": [{"cost": SECRET, "days": 30}],
}
KIT: Any = Kit
LINE: Any = Line
PART = {"part": LINE.part}


def mapped(*rules: Any, source: Any = Kit) -> ProductMapping[Any]:
    cells = [Binding(rule, Cell[Any](f"cell_{at}")) for at, rule in enumerate(rules)]
    return ProductMapping(source, Binding(source.number, SKU), *cells)


def moved(column: Any, **changes: Any) -> Any:
    return attrs.evolve(column, spec=attrs.evolve(column.spec, **changes))


def parts(**columns: Any) -> Any:
    return KIT.lines >> table(Line, {**PART, **columns}, merge=False)


class Sly(Rule[Any, str, Cold]):
    """Reads all that it is given, and says that it reads one cold column."""

    @property
    def label(self) -> str:
        return "sly()"

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Cold})

    @property
    def sources(self) -> frozenset[str]:
        return frozenset({"part"})

    def run(self, source: Any) -> Outcome[str]:
        return Put(repr(dict(source.row)))


REFUSED: dict[str, Callable[[], Any]] = {
    "a hot column": lambda: parts(price=LINE.price),
    "an internal column": lambda: parts(cost=LINE.cost),
    "a hot column that was declared anew": lambda: parts(price=moved(LINE.price, temperature=Cold)),
    "a cold column that was sent elsewhere": lambda: parts(price=moved(LINE.part, path="price")),
    "a name that is no path": lambda: parts(weight=moved(LINE.part, path="Weight [kg]")),
    "the whole line": lambda: parts(all=whole(Line).map(repr)),
    "a column declared anew, behind the table": lambda: (
        KIT.lines.required() >> (table(Line, {"part": moved(LINE.part, path="price")}, merge=True) >> join_rows())
    ),
    "a component": lambda: (
        KIT.lines >> bill_of_materials(Line, component=moved(LINE.part, path="price"), quantity=LINE.count)
    ),
    "the price as a condition in a column": lambda: parts(note=LINE.part.when(LINE.price >> equals("1"))),
    "many of what is hot": lambda: concat(KIT.prices),
    "the first of it": lambda: first(KIT.prices),
    "many, declared anew": lambda: concat(moved(KIT.prices, temperature=Cold)),
    "another path to the same": lambda: first(moved(KIT.texts, path="offers[*].price")),
    "one of the many": lambda: moved(KIT.kind, path="offers[0].price"),
    "the last of the many": lambda: moved(KIT.kind, path="offers[-1].price"),
    "the list around it": lambda: moved(KIT.kind, path="offers"),
    "one counted from the other end": lambda: moved(KIT.kind, path="terms[-1].cost"),
    "translations of another column": lambda: moved(KIT.names, path="offers"),
    "a language of it": lambda: languages({"E": "en_US"}).texts(moved(KIT.names, path="offers"))["en_US"],
    "a switch by what is hot": lambda: switch(KIT.price, {SECRET: constant("cheap")}),
    "a case that is hot": lambda: switch(KIT.kind, {"a": KIT.price}),
    "what is left, hot": lambda: switch(KIT.kind, {"a": KIT.kind}, otherwise=KIT.price),
    "a condition on a hot one being there": lambda: KIT.kind.when(present(KIT.price)),
    "one of several conditions": lambda: KIT.kind.when(all_of(present(KIT.kind), KIT.price >> equals("1"))),
    "a vote of hot ones": lambda: KIT.kind.when(any_true(KIT.prices.map(bool_of_all))),
    "a part of a text": lambda: template("{a} {b}", a=KIT.kind, b=KIT.price),
    "a file by a hot name": lambda: KIT.price >> fetched(str.encode),
    "how many hot ones": lambda: count_of(KIT.prices),
}  # fmt: skip


def bool_of_all(values: Sequence[str]) -> tuple[bool, ...]:
    return tuple(map(bool, values))


def join_rows() -> Any:
    return constant("x")


@pytest.mark.parametrize("way", REFUSED)
def test_no_way_into_the_pim(way: str) -> None:
    with pytest.raises(MappingError, match=r"hot|internal"):
        mapped(REFUSED[way]())


# ---- the column of lines beside the tables made of it ----
def test_lines_whose_class_declares_hot_fields_are_read_by_tables_alone() -> None:
    for rule in (
        KIT.lines.map(repr),
        KIT.lines,
        moved(KIT.kind, path="lines[0].price"),
        moved(KIT.kind, path="lines[0]"),
    ):
        mapped(rule)  # as the item alone declares it
        with pytest.raises(TemperatureRefused, match=r"Line declares 'price'.*hot|which Line declares hot"):
            mapped(rule, parts())


def test_the_refusal_says_what_to_read_instead() -> None:
    with pytest.raises(TemperatureRefused) as refused:
        mapped(parts(), KIT.lines.map(repr))
    assert str(refused.value) == (
        "cell 'cell_1': 'lines' reads 'lines', and Line declares 'price', 'cost', 'Weight [kg]' in it hot + internal; "
        "read what is needed of the lines, such as 'lines[*].code' with .many()"
    )
    mapped(parts(), concat(moved(KIT.texts, path="lines[*].part")))


def test_two_classes_of_the_same_lines_do_not_cool_each_other() -> None:
    class Other(ErpItem):
        part = cold(str, "part")
        price = cold(str, "price")

    other: Any = Other
    cooled = KIT.lines >> table(Other, {"part": other.part, "price": other.price}, merge=False)
    mapped(cooled)
    with pytest.raises(TemperatureRefused, match="'price' reads 'price', which Line declares hot"):
        mapped(parts(), cooled)


def test_a_name_in_the_lines_is_no_name_of_the_item() -> None:
    """The item's own `count` is hot: stock. That of a component is how many of it are in the kit."""
    quantities = KIT.lines >> bill_of_materials(Line, component=LINE.part, quantity=LINE.count)
    mapping = mapped(parts(count=LINE.count), quantities)
    outcomes = mapping.run(Kit(ROW)).outcomes
    assert outcomes["cell_0"] == Put(({"part": "DR-18", "count": 2},))
    assert outcomes["cell_1"] == Put({"DR-18": 2})


def test_what_looks_at_no_line_may_have_them_all() -> None:
    outcomes = mapped(parts(), count_of(KIT.lines), KIT.kind.when(present(KIT.lines))).run(Kit(ROW)).outcomes
    assert (outcomes["cell_1"], outcomes["cell_2"]) == (Put(1), Put("a"))


@pytest.mark.parametrize(
    "rule",
    [
        parts(note=Sly()),
        KIT.lines >> bill_of_materials(Line, component=Sly(), quantity=LINE.count),
    ],
)
def test_a_column_sees_what_the_columns_say_they_read_and_no_more(rule: Any) -> None:
    said = mapped(rule).run(Kit(ROW)).outcomes["cell_0"]
    assert "DR-18" in repr(said)
    assert SECRET not in repr(said)


def test_a_column_that_asserts_sees_what_it_lists() -> None:
    told = assert_cold(whole(Line).map(lambda line: repr(dict(line.row))), reads=["part"], reason="to try it")
    assert SECRET not in repr(mapped(parts(note=told)).run(Kit(ROW)).outcomes)
    with pytest.raises(TemperatureRefused, match="declares hot"):
        assert_cold(whole(Line).map(repr), reads=["price"], reason="to try it")


# ---- assert_cold ----
@pytest.mark.parametrize(
    "reads",
    [
        ["offers"], ["offers[0]"], ["offers[-1]"], ["offers[*]"], ["offers[0].price"], ["offers[-1].price"],
        ["offers[*].price"], ["terms"], ["terms[-1]"], ["terms[0].cost"], ["kind", "price"],
    ],
)  # fmt: skip
def test_nobody_asserts_what_is_declared(reads: list[str]) -> None:
    with pytest.raises(TemperatureRefused, match="declares"):
        assert_cold(whole(Kit).map(repr), reads=reads, reason="to try it")


def test_what_a_subclass_declared_elsewhere_still_holds() -> None:
    class Moved(Kit):
        price = hot(str, "list_price")

    with pytest.raises(TemperatureRefused, match="declares hot"):
        assert_cold(whole(Moved).map(repr), reads=["price"], reason="to try it")


def test_a_function_that_keeps_the_item_finds_no_more_in_it_later() -> None:
    kept: list[Any] = []
    keep = assert_cold(
        whole(Kit).map(lambda item: kept.append(item) or "x"), reads=["kind", "offers[*].text"], reason="x"
    )
    mapping = mapped(keep)
    mapping.run(Kit(ROW))
    keep.run(Kit(ROW))
    for item in [*kept, *(pickle.loads(pickle.dumps(one)) for one in kept)]:
        assert dict(item.row) == {"kind": "a", "offers[*].text": ["x"]}
        for column in ("price", "offers", "lines"):
            with pytest.raises(MappingError, match="not among what may be read"):
                item.row[column]
            with pytest.raises(MappingError, match="not among what may be read"):
                _ = column in item.row
    assert len(kept) == 2


def test_a_column_with_the_name_of_a_path_is_read_first_and_declared_alike() -> None:
    row = {"number": "1", "offers": [{"text": "inside"}], "offers[*].text": ["by name"]}
    rule = KIT.texts
    assert rule.run(Kit(row)) == rule.run(Kit(row).narrowed(["offers[*].text"])) == Put(("by name",))
    with pytest.raises(TemperatureRefused, match="declares hot"):
        mapped(moved(KIT.kind, path="offers[*].price"))  # the column of that name, as much as the places


# ---- a policy ----
def test_a_policy_speaks_for_the_places_inside_a_column() -> None:
    schema = ErpSchema("kits", (ErpField("number"), ErpField("lines[0].price"), ErpField("kind")))
    made = item_class(
        "Made",
        schema,
        Policy([by_name("lines[0].price", Hot), by_name("number", Cold), by_name("kind", Cold)]),
        key="number",
    )
    for path in ("lines", "lines[-1].price", "lines[*].price"):
        with pytest.raises(TemperatureRefused, match="declares hot"):
            ProductMapping(
                made, Binding(made.cold(str, "number"), SKU), Binding(moved(made.cold(str, "kind"), path=path), TEXT)
            )


# ---- models of variants ----
def priced(rule: Any = KIT.price) -> Any:
    return reference(
        rule >> decimal("de_DE") >> price_in("EUR"),
        reason="margin check",
        min_age=timedelta(0),
        min_change=Decimal("0.001"),
    )


GROUPINGS: dict[str, Callable[[], Any]] = {
    "hot": lambda: KIT.price,
    "a reference, which no report would tell": priced,
    "hot, declared anew": lambda: moved(KIT.price, temperature=Cold),
    "cold, sent elsewhere": lambda: moved(KIT.kind, path="price"),
    "internal, counted from the other end": lambda: moved(KIT.kind, path="terms[-1].cost"),
}


@pytest.mark.parametrize("way", GROUPINGS)
@pytest.mark.parametrize("what", ["model", "sub_model", "family_variant"])
def test_only_what_is_cold_groups(way: str, what: str) -> None:
    grouping: dict[str, Any] = {"model": KIT.kind, "family_variant": "v", what: GROUPINGS[way]()}
    with pytest.raises(TemperatureRefused):
        VariantMapping(Kit, Variants(**grouping), Binding(KIT.number, SKU))


class CarelessVariants(VariantMapping[Kit]):
    """A mapping whose constructor checks nothing."""

    def __init__(self, variants: Any, *bindings: Any) -> None:
        vars(self).update(
            source=Kit, bindings=bindings, paths=("kind", "number", "price"), group=None, variants=variants
        )


@pytest.mark.parametrize("is_grouping", [True, False])
def test_levels_are_made_of_what_is_checked_again(is_grouping: bool, pim: AkeneoClient) -> None:
    cooled = moved(KIT.price, temperature=Cold)
    variants = Variants(model=cooled if is_grouping else KIT.kind, family_variant="v")
    careless = CarelessVariants(variants, Binding(KIT.number if is_grouping else cooled, SKU))
    with pytest.raises(TemperatureRefused, match="declares hot"):
        careless.levels(pim.structure())
    with pytest.raises(TemperatureRefused, match="declares hot"):
        VariantMapping(Kit, *careless._behind(), *careless.bindings)  # type: ignore[arg-type]  # as a pickle does


# ---- the shop ----
class Shelf:
    def __init__(self) -> None:
        self.offers: list[Offer] = []

    def deliver(self, offers: Sequence[Offer]) -> Sequence[OfferResult]:
        self.offers += offers
        return [OfferResult(one.key) for one in offers]


class Store:
    """An ERP that delivers nested rows."""

    def __init__(self, row: Mapping[str, object]) -> None:
        self.row = row

    def read_hot(self, since: Cursor | None, *, keys: Sequence[str] | None) -> Iterator[Page[Kit]]:
        yield Page([Kit(self.row)], [], Cursor("snapshot", ""))


def sold(rules: Sequence[Any], row: Mapping[str, object], state: SqliteState) -> str:
    shop = Shelf()
    HotRelay(Store(row), [HotBinding(rule, f"x{at}") for at, rule in enumerate(rules)], shop, state).run()
    return repr(shop.offers)


HIDDEN: dict[str, object] = {
    **ROW,
    "price": "1",
    "count": 1,
    "lines": [{"part": "DR-18", "count": 2, "price": "1", "cost": "SECRET"}],
    "offers": [],
    "offers[*].price": ["1"],
    "terms": [{"cost": "SECRET", "days": 30}, {"cost": "SECRET"}],
    "terms[0].cost": "SECRET",
}
SPREAD: dict[str, Callable[[], list[Any]]] = {
    "the whole record": lambda: [whole(Kit).map(lambda item: repr(dict(item.row))), parts().map(len)],
    "the lines, beside a table of them": lambda: [KIT.lines.map(repr), parts().map(len)],
    "a column of the lines, declared anew": lambda: [parts(cost=moved(LINE.cost, temperature=Hot)).map(repr)],
    "a column that reads all of the line": lambda: [parts(note=Sly()).map(repr)],
    "many of what is internal": lambda: [concat(moved(KIT.texts, path="terms[*].cost"))],
    "the last of it": lambda: [moved(KIT.kind, path="terms[-1].cost")],
}


@pytest.mark.parametrize("way", SPREAD)
def test_no_feed_finds_what_is_internal_inside(way: str, state: SqliteState) -> None:
    found = sold(SPREAD[way](), HIDDEN, state)
    assert "SECRET" not in found


@pytest.mark.parametrize("terms", ["cost: SECRET", ["SECRET"], {"cost": "SECRET"}, [["SECRET"]], ("SECRET", 1)])
def test_what_cannot_be_cut_is_left_out_as_a_whole(terms: object, state: SqliteState) -> None:
    """A row of another shape than declared: nobody knows where in it the cost is."""
    row = {"number": "1", "kind": "a", "terms": terms}
    assert "SECRET" not in repr(Kit(row).shippable().row)
    found = sold([whole(Kit).map(lambda item: repr(dict(item.row)))], row, state)
    assert "SECRET" not in found
    assert "kind" in found


def test_lines_made_of_flat_rows_hold_the_columns_that_are_named() -> None:
    rows = [{"number": "1", "text": "x", "price": SECRET}, {"number": "1", "text": "y", "price": SECRET}]
    (one,) = nested_rows(rows, by="number", into="lines", columns=("text",))
    assert one["lines"] == [{"text": "x"}, {"text": "y"}]
    assert SECRET in repr(next(iter(nested_rows(rows, by="number", into="lines")))["lines"])


def test_a_name_of_a_file_that_cannot_be_made_gives_up_the_cell() -> None:
    names: dict[str, str] = {}
    outcome = fetched(str.encode, name=names.__getitem__).run("4711")
    assert (outcome.code, outcome.severity) == ("no_name", "skip_cell")  # type: ignore[union-attr]  # or the test fails

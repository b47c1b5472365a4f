"""Law 5, for each kind of list: what a PIM user put in between stays, ours comes and goes, no change is no call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

import pytest
from attrs import frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Product, ProductPatch, Value
from akeneo_erp_bridge.codes import AssociationTypeCode, AttributeCode, CategoryCode, ProductUuid
from akeneo_erp_bridge.erp import ErpItem, Lines, cold
from akeneo_erp_bridge.mapping import CATEGORIES, GROUPS, TableRows, association, quantified, table
from akeneo_erp_bridge.rules import Binding, Cell
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Stopped, run
from link_bench import API, Tool, by_sku, made_by_hand, make_model, tool, tool_mapping, tools, with_links
from world import fill


class Page(ErpItem):
    code = cold(str, "code")
    count = cold(int, "count")


@frozen
class Kind:
    """One kind of list: how it is bound, how a PIM user writes it, and what it holds in plain words."""

    name: str
    bound: Binding[Tool]
    write: Callable[[AkeneoClient, Product, Sequence[str]], ProductPatch]
    read: Callable[[AkeneoClient, Product], list[str]]
    is_ordered: bool = False

    def __str__(self) -> str:
        return self.name


def _of_values(code: str, *, is_ordered: bool = False) -> Kind:
    return Kind(
        code,
        Tool.upsell.to(Cell[frozenset[str]](code)),
        lambda _, one, members: ProductPatch(uuid=one.uuid, values=[Value(AttributeCode(code), list(members))]),
        lambda _, one: list(one.values.options(code)),
        is_ordered=is_ordered,
    )


def _linked(kind: str) -> Kind:
    def read(pim: AkeneoClient, one: Product) -> list[str]:
        names = {str(each.uuid): sku for sku, each in by_sku(pim).items()}
        refs = one.associations.get(AssociationTypeCode("UPSELL"), {}).get(kind, ())
        return [names.get(ref, ref) for ref in refs]

    def write(pim: AkeneoClient, one: Product, members: Sequence[str]) -> ProductPatch:
        found = by_sku(pim)
        refs = [str(found[each].uuid) if kind == "products" else each for each in members]
        return ProductPatch(uuid=one.uuid, associations={AssociationTypeCode("UPSELL"): {kind: refs}})

    cell = association("UPSELL", kind)  # type: ignore[arg-type]  # the three kinds there are, one after the other
    return Kind(f"links to {kind}", Tool.upsell.to(cell), write, read)


def _quantified() -> Kind:
    def read(pim: AkeneoClient, one: Product) -> list[str]:
        names = {str(each.uuid): sku for sku, each in by_sku(pim).items()}
        rows = one.quantified_associations.get(AssociationTypeCode("PACK"), {}).get("products", ())
        return [names[str(row["uuid"])] for row in rows]

    def write(pim: AkeneoClient, one: Product, members: Sequence[str]) -> ProductPatch:
        found = by_sku(pim)
        rows = [{"uuid": str(found[each].uuid), "quantity": 1} for each in members]
        return ProductPatch(uuid=one.uuid, quantified_associations={AssociationTypeCode("PACK"): {"products": rows}})

    return Kind("parts", Tool.upsell.map(_once).to(quantified("PACK")), write, read)


def _once(names: frozenset[str]) -> dict[str, int]:
    return dict.fromkeys(names, 1)


def _rows() -> Kind:
    cell: Cell[TableRows] = Cell("pages")
    rule = Tool.upsell.map(_lines) >> table(Page, {"page": Page.code, "count": Page.count}, merge=True)
    return Kind(
        "rows of a table",
        rule.to(cell),
        lambda _, one, members: ProductPatch(
            uuid=one.uuid, values=[Value(AttributeCode("pages"), [{"page": each, "count": "1"} for each in members])]
        ),
        lambda _, one: [str(row["page"]).lower() for row in one.values.rows("pages")],
    )


def _lines(names: frozenset[str]) -> Lines:
    return Lines({"code": name, "count": 1} for name in sorted(names))


KINDS = [
    Kind(
        "categories",
        Tool.upsell.to(CATEGORIES),
        lambda _, one, members: ProductPatch(uuid=one.uuid, categories=[CategoryCode(each) for each in members]),
        lambda _, one: list(one.categories),
    ),
    Kind(
        "groups",
        Tool.upsell.to(GROUPS),
        lambda _, one, members: ProductPatch(uuid=one.uuid, groups=list(members)),
        lambda _, one: list(one.groups),
    ),
    _of_values("tags"),
    _of_values("brands"),
    _of_values("shots", is_ordered=True),
    _linked("products"),
    _linked("product_models"),
    _linked("groups"),
    _quantified(),
    _rows(),
]
MEMBERS = ("a", "b", "c", "u", "v")


@pytest.fixture
def simulator() -> PimSimulator:
    """Members of the same codes for all kinds of lists."""
    sim = with_links(fill(PimSimulator()))
    members = [{"code": code} for code in MEMBERS]
    sim.load(f"{API}/groups", members)
    sim.load(f"{API}/categories", members)
    sim.load(f"{API}/reference-entities", [{"code": "brands"}])
    sim.load(f"{API}/reference-entities/brands/records", members)
    sim.load(f"{API}/asset-families", [{"code": "packshots"}])
    sim.load(f"{API}/asset-families/packshots/assets", members)
    columns: list[dict[str, object]] = [
        {"code": "page", "data_type": "select", "options": members},
        {"code": "count", "data_type": "number"},
    ]
    sim.load(
        f"{API}/attributes",
        [
            {"code": "tags", "type": "pim_catalog_multiselect", "group": "erp"},
            {
                "code": "brands",
                "type": "akeneo_reference_entity_collection",
                "group": "erp",
                "reference_data_name": "brands",
            },
            {
                "code": "shots",
                "type": "pim_catalog_asset_collection",
                "group": "erp",
                "reference_data_name": "packshots",
            },
            {"code": "pages", "type": "pim_catalog_table", "group": "erp", "table_configuration": columns},
        ],
    )
    sim.load(f"{API}/attributes/tags/options", members)
    return sim


@pytest.fixture
def filled(pim: AkeneoClient) -> Iterator[AkeneoClient]:
    """Products and models of those codes too."""
    made_by_hand(pim, *MEMBERS)
    for code in MEMBERS:
        make_model(pim, code)
    return pim  # type: ignore[return-value]  # pytest takes both


def edited(kind: Kind, pim: AkeneoClient, *members: str) -> None:
    pim.products.upsert(kind.write(pim, by_sku(pim)["X"], members))


def shown(kind: Kind, pim: AkeneoClient) -> list[str]:
    found = kind.read(pim, by_sku(pim)["X"])
    return found if kind.is_ordered else sorted(found)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_a_pim_user_put_there_stays(
    kind: Kind, filled: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    pim, mapping = filled, tool_mapping(kind.bound)
    erp = tools(tool("X", upsell=["a", "b"]))
    assert run(erp, mapping, pim, state).exit_code == 0
    assert shown(kind, pim) == ["a", "b"]

    simulator.forget_calls()
    assert run(erp, mapping, pim, state).unchanged == 1
    edited(kind, pim, "u", "b", "a", "v")
    simulator.forget_calls()
    run(erp, mapping, pim, state)
    assert simulator.mutating_calls == [], "nothing changed in the ERP"

    erp.rows[0]["upsell"] = ["c", "B"]
    run(erp, mapping, pim, state)
    assert shown(kind, pim) == (["u", "v", "b", "c"] if kind.is_ordered else ["b", "c", "u", "v"])

    edited(kind, pim, "b", "c", "v")  # the user takes one of his own away
    erp.rows[0]["upsell"] = ["c"]
    run(erp, mapping, pim, state)
    assert sorted(shown(kind, pim)) == ["c", "v"]

    erp.rows[0]["upsell"] = None
    run(erp, mapping, pim, state)
    assert shown(kind, pim) == ["v"]
    simulator.forget_calls()
    run(erp, mapping, pim, state)
    assert simulator.mutating_calls == []


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_was_there_before_us_is_not_ours(kind: Kind, filled: AkeneoClient, state: SqliteState) -> None:
    pim, mapping = filled, tool_mapping(kind.bound)
    made_by_hand(pim, "X")
    edited(kind, pim, "u", "v")
    erp = tools(tool("X", upsell=["a"]))
    run(erp, mapping, pim, state)
    assert sorted(shown(kind, pim)) == ["a", "u", "v"]
    erp.rows[0]["upsell"] = []
    run(erp, mapping, pim, state)
    assert sorted(shown(kind, pim)) == ["u", "v"]


@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent"])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_stop_makes_no_difference(
    kind: Kind, filled: AkeneoClient, simulator: PimSimulator, state: SqliteState, boundary: str
) -> None:
    """Killed at each boundary of each of four runs, with a user's edit in between."""
    pim, mapping = filled, tool_mapping(kind.bound)
    erp = tools(tool("X", upsell=["a"]))

    def die(name: str) -> None:
        if name == boundary:
            raise Stopped

    for wanted in (["a"], ["a", "b"], ["b", "c"], []):
        erp.rows[0]["upsell"] = wanted
        with pytest.raises(Stopped):
            run(erp, mapping, pim, state, hook=die)
        run(erp, mapping, pim, state)
        if wanted == ["a"]:
            edited(kind, pim, "a", "u")
        assert sorted(shown(kind, pim)) == [*wanted, "u"]
    simulator.forget_calls()
    run(erp, mapping, pim, state)
    assert simulator.mutating_calls == []


# ---- tables, whole ----
def test_a_table_of_the_erp_is_replaced_whole_and_its_order_is_no_change(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    cell: Cell[TableRows] = Cell("pages")
    mapping = tool_mapping((Tool.pages >> table(Page, {"page": Page.code, "count": Page.count}, merge=False)).to(cell))
    erp = tools(tool("X", pages=[{"code": "a", "count": 1}, {"code": "b", "count": 2}]))
    run(erp, mapping, pim, state)
    assert {str(row["page"]): Decimal(str(row["count"])) for row in by_sku(pim)["X"].values.rows("pages")} == {
        "a": 1,
        "b": 2,
    }
    simulator.forget_calls()
    erp.rows[0]["pages"] = [{"code": "B", "count": "2.0"}, {"code": "a", "count": 1}]
    run(erp, mapping, pim, state)
    assert simulator.mutating_calls == []
    rows = Value(AttributeCode("pages"), [{"page": "u", "count": "9"}])
    pim.products.upsert(ProductPatch(uuid=ProductUuid(by_sku(pim)["X"].uuid or ""), values=[rows]))
    erp.rows[0]["pages"] = [{"code": "a", "count": 3}]
    run(erp, mapping, pim, state)
    assert [row["page"] for row in by_sku(pim)["X"].values.rows("pages")] == ["a"]
    erp.rows[0]["pages"] = None
    run(erp, mapping, pim, state)
    assert by_sku(pim)["X"].values.rows("pages") == ()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"code": "a"}, {"code": "A"}], "two rows of 'page' 'A'"),
        ([{"count": 1}], "row 1 has no 'page'"),
        ([{"code": "a", "count": "many"}], "row 1, column count"),
        ([{"code": str(n)} for n in range(101)], "at most 100 rows"),
    ],
)
def test_rows_that_are_wrong_park_the_item(
    pim: AkeneoClient, state: SqliteState, rows: list[dict[str, object]], words: str
) -> None:
    cell: Cell[TableRows] = Cell("pages")
    mapping = tool_mapping((Tool.pages >> table(Page, {"page": Page.code, "count": Page.count}, merge=False)).to(cell))
    report = run(tools(tool("X", pages=rows)), mapping, pim, state)
    assert report.parked == 1
    assert words in str(report.parked_items[0])

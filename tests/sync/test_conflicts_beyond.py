"""Conflicts in links, files, models, records and categories: what each of them does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import (
    CategoryPatch,
    EntityValue,
    ProductModelPatch,
    ProductPatch,
    RecordPatch,
    Value,
)
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, LocaleCode, ProductModelCode, RecordCode
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import (
    CODE,
    PARENT,
    CategoryMapping,
    ProductMapping,
    RecordMapping,
    VariantMapping,
    association,
    clean,
    fetched,
    label,
    sku,
)
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import Conflicts, SqliteState, SyncOptions, SyncState, VariantReport, VariantsToPim, resolve
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Changes, Part, Rows, Stopped, dying_at, part
from conflict_bench import HOLD, go, held
from link_bench import (
    API,
    NAMED,
    PACK,
    PAIR,
    PICTURE,
    UPSELL,
    Tool,
    by_sku,
    kit,
    link_by_hand,
    links,
    made_by_hand,
    parts_of,
    tool,
    tool_mapping,
    tools,
    with_links,
)
from shirts import BINDINGS, ONE_LEVEL, Shirts, by_colour, models, products
from shirts import fill as fill_shirts
from world import fill

AUDIT = Conflicts("hold", look="all")


@pytest.fixture
def simulator() -> PimSimulator:
    return with_links(fill(PimSimulator()))


# ---- links ----
def test_a_link_of_ours_that_a_user_took_away_holds_the_list(pim: AkeneoClient, state: SyncState) -> None:
    made_by_hand(pim, "B", "C", "D")
    mapping = tool_mapping(UPSELL, NAMED)
    erp = tools(tool("A", upsell=["B", "C"], name="one"))
    go(erp, mapping, pim, state)
    link_by_hand(pim, "A", "B", "D")
    erp.rows[0]["name"] = "two"
    assert go(erp, mapping, pim, state).held_cells == 1
    assert links(pim) == {"A": ["B", "D"]}
    resolve(state, "key of A", association("UPSELL"), take="erp")
    go(erp, mapping, pim, state)
    assert links(pim) == {"A": ["B", "C", "D"]}


def test_a_quantity_that_a_user_changed_holds_the_kit(pim: AkeneoClient, state: SyncState) -> None:
    made_by_hand(pim, "B", "C")
    erp = tools(kit("A", B=2, C=1))
    go(erp, tool_mapping(PACK), pim, state)
    b, c = (str(by_sku(pim)[one].uuid) for one in "BC")
    rows = [{"uuid": b, "quantity": 5}, {"uuid": c, "quantity": 1}]
    body = {"quantified_associations": {"PACK": {"products": rows}}, "uuid": str(by_sku(pim)["A"].uuid)}
    pim.products.upsert(
        ProductPatch(uuid=by_sku(pim)["A"].uuid, quantified_associations=body["quantified_associations"])
    )  # type: ignore[arg-type]  # as it travels
    erp.rows[0] = kit("A", B=3, C=1)
    assert go(erp, tool_mapping(PACK), pim, state).held == 1
    assert parts_of(pim, "A") == {"B": 5, "C": 1}
    (one,) = state.held("products")
    assert one.diff.count('"quantity": 5') == one.diff.count('"quantity": 3') == 1


@pytest.mark.parametrize(("policy", "ends", "told"), [(HOLD, ["D"], 0), (Conflicts("report"), ["B", "C", "D"], 1)])
def test_links_that_come_late_do_not_write_over_a_users_edit(
    pim: AkeneoClient, state: SyncState, policy: Conflicts, ends: list[str], told: int
) -> None:
    made_by_hand(pim, "B", "D")
    erp = Changes(Tool, tool("A", upsell=["B", "C", "E"]))
    go(erp, tool_mapping(UPSELL), pim, state, policy)
    link_by_hand(pim, "A", "D")
    made_by_hand(pim, "C")
    report = go(erp, tool_mapping(UPSELL), pim, state, policy)
    assert (report.held_cells, report.told, links(pim)["A"]) == (1 - told, told, ends)
    assert [one.is_replaced for one in report.told_cells] == [True] * told
    if not told:
        report = go(erp, tool_mapping(UPSELL), pim, state, policy)
        assert report.held_cells == 1, "counted in each run, once"
        resolve(state, "key of A", association("UPSELL"), take="erp")
        go(erp, tool_mapping(UPSELL), pim, state, policy)
        assert (links(pim)["A"], held(state)) == (["B", "C", "D"], {})
        made_by_hand(pim, "E")
        assert go(erp, tool_mapping(UPSELL), pim, state, policy).exit_code == 0
        assert links(pim)["A"] == ["B", "C", "D", "E"], "what was missing then is not forgotten"


def test_late_links_keep_what_is_held_of_other_cells(pim: AkeneoClient, state: SyncState) -> None:
    erp = Changes(Tool, tool("A", name="one", upsell=["B"]))
    mapping = tool_mapping(UPSELL, NAMED)
    go(erp, mapping, pim, state)
    value = Value(AttributeCode("name"), "Julia", locale=LocaleCode("en_US"))
    pim.products.upsert(ProductPatch(uuid=by_sku(pim)["A"].uuid, values=[value]))
    erp.rows.append(tool("A", name="two", upsell=["B"]))
    assert go(erp, mapping, pim, state).held_cells == 1
    made_by_hand(pim, "B")
    report = go(erp, mapping, pim, state)
    assert (links(pim), report.held_cells, held(state).keys()) == ({"A": ["B"]}, 1, {"name[en_US]"})


def test_the_two_ends_of_a_link_do_not_conflict_with_each_other(pim: AkeneoClient, state: SyncState) -> None:
    erp = tools(tool("A", pair=["B"]), tool("B"), tool("C", pair=["A"]))
    go(erp, tool_mapping(PAIR, NAMED), pim, state)
    go(erp, tool_mapping(PAIR, NAMED), pim, state)
    assert links(pim, "PAIR") == {"A": ["B", "C"], "B": ["A"], "C": ["A"]}
    erp.rows[0] |= {"pair": [], "name": "two"}
    erp.rows[1] |= {"pair": ["C"], "name": "two"}
    assert go(erp, tool_mapping(PAIR, NAMED), pim, state, AUDIT).held_cells == 0
    go(erp, tool_mapping(PAIR, NAMED), pim, state)
    assert links(pim, "PAIR") == {"A": ["C"], "B": ["C"], "C": ["A", "B"]}


# ---- files ----
def test_a_picture_is_compared_by_its_content_when_the_erp_has_another(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    photos = {"a.jpg": b"red", "b.jpg": b"blue", "c.jpg": b"green"}
    mapping = tool_mapping((Tool.photo >> fetched(photos.__getitem__)).to(PICTURE), NAMED)
    erp = tools(tool("A", photo="a.jpg", name="one"), tool("B", photo="a.jpg", name="one"))
    go(erp, mapping, pim, state)
    pim.media_files.upload(b"Julia's", attribute="picture", product="A", filename="hers.jpg")
    simulator.forget_calls()
    erp.rows[0]["name"] = erp.rows[1]["name"] = "two"
    assert go(erp, mapping, pim, state).held_cells == 0, "nothing is downloaded while the ERP's file is the same"
    assert not any("download" in one.path for one in simulator.calls)
    erp.rows[0]["photo"] = erp.rows[1]["photo"] = "b.jpg"
    report = go(erp, mapping, pim, state)
    assert (report.written, report.held) == (1, 1)
    assert (_picture(pim, "A"), _picture(pim, "B")) == (b"Julia's", b"blue")
    (one,) = state.held("products")
    assert all(str(side).startswith("sha256:") for side in (one.base, one.erp, one.pim))
    resolve(state, "key of A", PICTURE, take="erp")
    go(erp, mapping, pim, state)
    assert (_picture(pim, "A"), held(state)) == (b"blue", {})
    pim.media_files.upload(b"Julia's", attribute="picture", product="A", filename="hers.jpg")
    assert go(erp, mapping, pim, state, AUDIT).held == 1, "an audit downloads"
    resolve(state, "key of A", PICTURE, take="pim")
    assert go(erp, mapping, pim, state, AUDIT).unchanged == 2


def test_a_file_waits_for_the_run_that_meets_its_item(pim: AkeneoClient, state: SyncState) -> None:
    photos = {"a.jpg": b"red", "b.jpg": b"blue"}
    mapping = tool_mapping((Tool.photo >> fetched(photos.__getitem__)).to(PICTURE))
    erp = Changes(Tool, tool("A", photo="a.jpg"))
    go(erp, mapping, pim, state)
    pim.media_files.upload(b"Julia's", attribute="picture", product="A", filename="hers.jpg")
    erp.rows.append(tool("A", photo="b.jpg"))
    go(erp, mapping, pim, state)
    resolve(state, "key of A", PICTURE, take="erp")
    assert go(erp, mapping, pim, state).held_cells == 1
    del erp.rows[0]
    assert go(erp, mapping, pim, state, retry_parked=True).written == 1
    assert (_picture(pim, "A"), held(state)) == (b"blue", {})


def _picture(pim: AkeneoClient, number: str) -> bytes:
    file = BytesIO()
    pim.media_files.download(by_sku(pim)[number].values.text("picture") or "", file)
    return file.getvalue()


# ---- trees, records ----
class Node(ErpItem):
    code = cold(str, "code", key=True)
    parent = cold(str, "parent")
    name = cold(str, "name")


def test_a_category_that_was_moved_is_held_whole(pim: AkeneoClient, state: SyncState) -> None:
    tree = CategoryMapping(Node, Node.code.to(CODE), Node.parent.to(PARENT), (Node.name >> clean()).to(label("en_US")))
    erp = Rows(Node, {"code": "saws", "parent": "shirts", "name": "Saws"})
    go(erp, tree, pim, state)
    pim.categories.upsert(CategoryPatch(code=CategoryCode("saws"), parent=CategoryCode("promotions")))
    erp.rows[0]["name"] = "All saws"
    report = go(erp, tree, pim, state)
    assert (report.held, report.held_cells) == (1, 1)
    there = pim.categories.get("saws")
    assert (there.parent, there.labels[LocaleCode("en_US")]) == ("promotions", "Saws")
    resolve(state, "saws", PARENT, take="pim", stream="categories")
    go(erp, tree, pim, state)
    there = pim.categories.get("saws")
    assert (there.parent, there.labels[LocaleCode("en_US")]) == ("promotions", "All saws")


def test_a_record_is_held_by_cell(pim: AkeneoClient, simulator: PimSimulator, state: SyncState) -> None:
    simulator.load(f"{API}/reference-entities", [{"code": "brand", "labels": {}}])
    brands = RecordMapping("brand", Node, Node.code.to(CODE), (Node.name >> clean()).to(Cell[str]("label", "en_US")))
    erp = Rows(Node, {"code": "acme", "name": "Acme"})
    go(erp, brands, pim, state)
    value = EntityValue(data="Julia", locale=LocaleCode("en_US"))
    pim.reference_entities.records("brand").upsert(
        RecordPatch(code=RecordCode("acme"), values={AttributeCode("label"): [value]})
    )
    erp.rows[0]["name"] = "Acme Ltd."
    assert go(erp, brands, pim, state).held == 1
    (one,) = state.held(brands.stream)
    assert (one.base, one.erp, one.pim) == ("Acme", "Acme Ltd.", "Julia")


def test_a_product_that_a_user_moved_below_another_model_is_held_whole(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    for code in ("M1", "M2"):
        body = {"code": code, "family": "clothing", "family_variant": "by_colour"}
        simulator.load(f"{API}/product-models", [body])
    mapping = ProductMapping(
        Part,
        (Part.number >> sku()).to(Cell[str]("sku")),
        (Part.category >> clean()).to(PARENT),
        (Part.colour >> clean()).to(Cell[str]("colour")),
        Part.active.to(Cell[bool]("enabled")),
    )
    erp = Rows(Part, part(category="M1", colour="red", active=True))
    assert go(erp, mapping, pim, state).created == 1
    (there,) = pim.products.list()
    pim.products.upsert(ProductPatch(uuid=there.uuid, parent=ProductModelCode("M2")))
    erp.rows[0]["active"] = False
    assert go(erp, mapping, pim, state).held == 1
    (there,) = pim.products.list()
    assert (there.parent, there.enabled) == ("M2", True)
    resolve(state, "key of X", PARENT, take="erp")
    assert go(erp, mapping, pim, state).written == 1
    (there,) = pim.products.list()
    assert (there.parent, there.enabled, there.values.option("colour")) == ("M1", False, "red")


# ---- models and variants from flat rows ----
@contextmanager
def shirts(folder: Path) -> Iterator[tuple[AkeneoClient, SqliteState]]:
    simulator = fill_shirts(PimSimulator())
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(folder / "state.db") as state,
    ):
        yield pim, state


def test_models_and_variants_hold_what_is_theirs(tmp_path: Path) -> None:
    def run(conflicts: Conflicts) -> VariantReport:
        mapping = VariantMapping(shirt_of, ONE_LEVEL, *BINDINGS)
        options = SyncOptions(conflicts=conflicts)
        report = VariantsToPim(erp, mapping, pim, state, rows=tmp_path / "rows.db", options=options).run()
        assert report.accounts_for_everything()
        return report

    erp = Shirts([by_colour(0), by_colour(1), by_colour(2)])
    shirt_of = erp.item
    with shirts(tmp_path) as (pim, state):
        run(HOLD)
        pim.product_models.upsert(
            ProductModelPatch(code=ProductModelCode("ST0"), values=[Value(AttributeCode("name"), "Julia")])
        )
        uuid = products(pim)["0001"].uuid
        pim.products.upsert(ProductPatch(uuid=uuid, values=[Value(AttributeCode("supplier_note"), "Julia")]))
        for number in range(3):
            erp.put(by_colour(number, name="Better shirt", care="by hand", note=f"other {number}"))
        report = run(HOLD)
        assert [(one.held, one.held_cells) for one in report.parts] == [(0, 1), (1, 1)]
        assert (models(pim)["ST0"].values.text("name"), models(pim)["ST0"].values.text("care")) == ("Julia", "by hand")
        assert products(pim)["0001"].values.text("supplier_note") == "Julia"
        assert products(pim)["0002"].values.text("supplier_note") == "other 2"
        assert report.exit_code == 1
        assert [one.held_cells for one in run(HOLD).parts] == [1, 1], "told by each run, though no row changed"
        resolve(state, "ST0", "name", take="erp", stream="models of products")
        resolve(state, "0001", "supplier_note", take="pim")
        assert run(HOLD).exit_code == 0
        assert models(pim)["ST0"].values.text("name") == "Better shirt"
        pim.products.upsert(
            ProductPatch(uuid=products(pim)["0000"].uuid, values=[Value(AttributeCode("supplier_note"), "x")])
        )
        assert [one.held_cells for one in run(AUDIT).parts] == [0, 1], "an audit looks at every row"


def test_what_a_variant_is_told_by_never_conflicts(tmp_path: Path) -> None:
    """An axis is guarded: it parks its item where it would change."""
    with shirts(tmp_path) as (pim, state):
        mapping = VariantMapping(Shirts([]).item, ONE_LEVEL, *BINDINGS)
        job = VariantsToPim(
            Shirts([by_colour(0)]),
            mapping,
            pim,
            state,
            rows=tmp_path / "rows.db",
            options=SyncOptions(conflicts=Conflicts(hold=[Cell[str]("nothing")])),
        )
        with pytest.raises(ConfigurationError, match="'nothing'"):
            job.run()


def test_a_late_link_that_dies_is_held_all_the_same(pim: AkeneoClient, state: SyncState) -> None:
    made_by_hand(pim, "D")
    erp = Changes(Tool, tool("A", upsell=["C"], name="one"), tool("B", upsell=["C"], name="one"))
    mapping = tool_mapping(UPSELL, NAMED)
    go(erp, mapping, pim, state)
    made_by_hand(pim, "C")
    value = Value(AttributeCode("name"), "Julia", locale=LocaleCode("en_US"))
    pim.products.upsert(ProductPatch(uuid=by_sku(pim)["A"].uuid, values=[value]))
    erp.rows += [tool("A", upsell=["C", "D"], name="two"), tool("B", upsell=["C", "D"], name="two")]
    with pytest.raises(Stopped):
        go(erp, mapping, pim, state, hook=dying_at("pim.sent"))
    go(erp, mapping, pim, state)
    assert held(state).keys() == {"name[en_US]"}
    assert links(pim) == {"A": ["C", "D"], "B": ["C", "D"]}

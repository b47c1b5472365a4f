"""Three-way conflicts: what the ledger says we left, what the ERP says now, what a PIM user made of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, ErpKey, LocaleCode
from akeneo_erp_bridge.errors import ConfigurationError, StateError
from akeneo_erp_bridge.mapping import CATEGORIES, ENABLED, clean, in_unit, price_in, reference
from akeneo_erp_bridge.rules import Cell, Owner
from akeneo_erp_bridge.sync import (
    ConflictPolicy,
    Conflicts,
    ErpToPim,
    Plan,
    SqliteState,
    SyncOptions,
    SyncState,
    by_key,
    resolve,
)
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import (
    COLOUR,
    COLOURED,
    MSRP,
    NAME,
    NAMED,
    SKU,
    WEIGHT,
    Changes,
    Part,
    Revisions,
    Stopped,
    cells,
    dying_at,
    only,
    part,
    parts,
    product,
)
from conflict_bench import (
    CATEGORISED,
    HOLD,
    IN_FAMILY,
    MAPPING,
    REPORT,
    TAGS,
    edit,
    go,
    held,
    lists,
)
from world import fill

AUDIT = Conflicts("hold", look="all")


# ---- the table ----
@pytest.mark.parametrize(
    ("policy", "pim_says", "erp_says", "ends", "counts"),
    [
        # (B=P, E≠B): the ERP has news
        ("overwrite", "red", "blue", "blue", (1, 0, 0, 0)),
        ("hold", "red", "blue", "blue", (1, 0, 0, 0)),
        ("report", "red", "blue", "blue", (1, 0, 0, 0)),
        # (P≠B, E=B): a PIM user's edit
        ("overwrite", "blue", "red", "red", (1, 0, 0, 0)),
        ("hold", "blue", "red", "blue", (0, 1, 1, 0)),
        ("report", "blue", "red", "blue", (0, 0, 0, 1)),
        # (P≠B, E≠B, P≠E): both
        ("overwrite", "blue", "green", "green", (1, 0, 0, 0)),
        ("hold", "blue", "green", "blue", (0, 1, 1, 0)),
        ("report", "blue", "green", "green", (1, 0, 0, 1)),
        # (P=E≠B): they agree
        ("overwrite", "blue", "blue", "blue", (0, 0, 0, 0)),
        ("hold", "blue", "blue", "blue", (0, 0, 0, 0)),
        ("report", "blue", "blue", "blue", (0, 0, 0, 0)),
        # the ERP says that there is none, and so does the PIM
        ("hold", "blue", None, "blue", (0, 1, 1, 0)),
        ("hold", None, None, None, (0, 0, 0, 0)),
        ("hold", None, "red", None, (0, 1, 1, 0)),
        ("overwrite", None, "red", "red", (1, 0, 0, 0)),
        ("report", None, "blue", "blue", (1, 0, 0, 1)),
    ],
)
def test_each_standing_has_an_end(
    pim: AkeneoClient,
    simulator: PimSimulator,
    state: SyncState,
    policy: ConflictPolicy,
    pim_says: str | None,
    erp_says: str | None,
    ends: str | None,
    counts: tuple[int, int, int, int],
) -> None:
    simulator.load("/api/rest/v1/attributes/colour/options", [{"code": "green"}])
    erp = parts(part(colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour=pim_says)
    erp.rows[0]["colour"] = erp_says
    simulator.forget_calls()
    report = go(erp, MAPPING, pim, state, Conflicts(policy, look="all"))
    assert only(pim).values.option("colour") == ends
    assert (report.written, report.held, report.held_cells, report.told) == counts
    assert len(simulator.mutating_calls) == report.written, "to agree costs no write"
    assert report.exit_code == (1 if report.held_cells else 0)
    if not report.held_cells and ends == erp_says:
        (entry,) = state.entries("products", [ErpKey("key of X")]).values()
        assert entry.cells.get("colour") == ends, "from now on the ledger has it"


# ---- when the PIM is asked ----
def test_the_default_asks_for_nothing(pim: AkeneoClient, simulator: PimSimulator, state: SyncState) -> None:
    erp = parts(*(part(f"{number}", colour="red") for number in range(5)))
    go(erp, MAPPING, pim, state, Conflicts())
    edit(pim, "1", colour=None)
    for row in erp.rows:
        row["colour"] = "blue"
    simulator.forget_calls()
    report = go(erp, MAPPING, pim, state, Conflicts())
    assert (report.written, report.told, report.exit_code, lists(simulator)) == (5, 0, 0, 0)


def test_only_items_that_change_are_read_together(pim: AkeneoClient, simulator: PimSimulator, state: SyncState) -> None:
    erp = parts(*(part(f"{number:03d}", colour="red") for number in range(95)))
    go(erp, MAPPING, pim, state)
    simulator.forget_calls()
    assert go(erp, MAPPING, pim, state).unchanged == 95
    assert lists(simulator) == 0
    for row in erp.rows[:80]:
        row["colour"] = "blue"
    erp.rows[90]["name"] = "  Part 090 "  # other bytes, and nothing to write
    simulator.forget_calls()
    assert go(erp, MAPPING, pim, state).written == 80
    assert lists(simulator) == 1
    simulator.forget_calls()
    assert go(erp, MAPPING, pim, state, AUDIT).unchanged == 95
    assert lists(simulator) == 1, "an audit reads all of them"
    assert simulator.mutating_calls == []


def test_a_list_that_changes_is_read_once(pim: AkeneoClient, simulator: PimSimulator, state: SyncState) -> None:
    erp = parts(part(category="shirts"))
    go(erp, product(CATEGORISED), pim, state)
    erp.rows[0]["category"] = "promotions"
    simulator.forget_calls()
    go(erp, product(CATEGORISED), pim, state)
    assert lists(simulator) == 1


def test_a_plan_tells_what_would_be_held_and_holds_nothing(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    plan = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(conflicts=AUDIT)).plan()
    (one,) = plan.report.held_items
    assert (one.cell, one.base, one.erp, one.pim) == ("name[en_US]", "Part X", "Part X", "Julia")
    assert (plan.report.held, list(plan.changes), held(state)) == (1, [], {})


def test_a_plan_with_held_cells_is_a_file_that_apply_writes(
    pim: AkeneoClient, state: SyncState, tmp_path: Path
) -> None:
    erp = parts(part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows[0] |= {"name": "two", "colour": "blue"}
    job = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(conflicts=HOLD))
    plan = job.plan()
    plan.save(tmp_path / "plan.json")
    loaded = Plan.load(tmp_path / "plan.json")
    assert (list(loaded.report.held_items), loaded.changes) == (list(plan.report.held_items), plan.changes)
    (one,) = loaded.report.held_items
    assert (one.cell, one.wire, loaded.report.held_cells) == ("name[en_US]", "two", 1)
    assert job.apply(loaded).written == 1
    assert (cells(only(pim))["name"], only(pim).values.option("colour")) == ("Julia", "blue")
    assert go(erp, MAPPING, pim, state).held == 1, "the next run looks at it, and holds it"
    erp.rows[0]["colour"] = None
    assert job.apply(job.plan()).written == 1
    assert held(state).keys() == {"name[en_US]"}, "what was held stays held"


def test_a_plan_of_decisions_is_applied(pim: AkeneoClient, state: SyncState) -> None:
    erp = Changes(Part, part(name="one"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows.append(part(name="two"))
    go(erp, MAPPING, pim, state)
    resolve(state, "key of X", NAME, take="erp")
    job = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(conflicts=HOLD))
    report = job.apply(job.plan())
    assert (report.cells, cells(only(pim))["name"], held(state)) == (1, "two", {})


# ---- how long ----
def test_an_item_of_which_some_cells_are_written_counts_as_written(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows[0] |= {"name": "two", "colour": "blue"}
    report = go(erp, MAPPING, pim, state)
    assert (report.written, report.held, report.held_cells, report.cells) == (1, 0, 1, 1)
    assert (cells(only(pim))["name"], only(pim).values.option("colour")) == ("Julia", "blue")
    assert held(state) == {"name[en_US]": ("one", "two", "Julia")}
    assert "1 cell held, since PIM users changed them too" in str(report)


def test_what_is_held_is_looked_at_in_each_run_and_keeps_its_moment(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    erp = parts(part(colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    go(erp, MAPPING, pim, state, AUDIT)
    (first,) = state.held("products")
    simulator.forget_calls()
    report = go(erp, MAPPING, pim, state)
    assert (report.held, report.exit_code, lists(simulator)) == (1, 1, 1)
    assert simulator.mutating_calls == []
    (again,) = state.held("products")
    assert again.since == first.since is not None
    edit(pim, colour=None)
    go(erp, MAPPING, pim, state)
    assert held(state) == {"colour": ("red", "red", None)}, "as the PIM has it now"


@pytest.mark.parametrize(
    ("erp_says", "pim_says", "ends"),
    [("blue", "red", "blue"), ("blue", "blue", "blue"), ("red", "red", "red")],
    ids=["the PIM user gave in: the ERP's is written", "they agree", "both went back"],
)
def test_it_is_over_when_the_two_come_to_agree(
    pim: AkeneoClient, state: SyncState, erp_says: str, pim_says: str, ends: str
) -> None:
    erp = parts(part(colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour=None)
    erp.rows[0]["colour"] = "blue"
    assert go(erp, MAPPING, pim, state).held == 1
    erp.rows[0]["colour"] = erp_says
    edit(pim, colour=pim_says)
    report = go(erp, MAPPING, pim, state)
    assert (report.held_cells, report.exit_code, held(state)) == (0, 0, {})
    assert only(pim).values.option("colour") == ends
    assert go(erp, MAPPING, pim, state).unchanged == 1


def test_another_policy_settles_what_an_earlier_one_held(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    go(erp, MAPPING, pim, state, AUDIT)
    report = go(erp, MAPPING, pim, state, Conflicts())
    assert (report.written, held(state), only(pim).values.option("colour")) == (1, {}, "red")


# ---- a person decides ----
@pytest.mark.on_both
def test_a_decision_for_the_erp_is_written_by_the_next_run(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    go(erp, MAPPING, pim, state, AUDIT)
    decided = resolve(state, "key of X", COLOUR, take="erp")
    assert (decided.erp, decided.pim) == ("red", "blue")
    assert held(state) == {"colour": ("blue", "red", "blue")}, "listed until it is done"
    report = go(erp, MAPPING, pim, state)
    assert (report.written, report.exit_code, held(state)) == (1, 0, {})
    assert only(pim).values.option("colour") == "red"


def test_a_decision_for_the_erp_is_about_the_version_that_was_seen(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(name="one"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows[0]["name"] = "two"
    go(erp, MAPPING, pim, state)
    resolve(state, "key of X", NAME, take="erp")
    edit(pim, name="Julia again")
    assert go(erp, MAPPING, pim, state).held == 1
    assert held(state) == {"name[en_US]": ("Julia", "two", "Julia again")}


@pytest.mark.parametrize("policy", ["hold", "overwrite", "report"])
def test_a_decision_for_the_pim_stands_until_the_erp_says_something_new(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState, policy: ConflictPolicy
) -> None:
    erp = parts(part(name="one"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows[0]["name"] = "two"
    go(erp, MAPPING, pim, state)
    resolve(state, ErpKey("key of X"), "name[en_US]", take="pim")
    assert held(state) == {}
    simulator.forget_calls()
    everything = Conflicts(policy, look="all")
    assert go(erp, MAPPING, pim, state, everything).unchanged == 1
    edit(pim, name="Julia, better")
    report = go(erp, MAPPING, pim, state, everything)
    assert (report.unchanged, report.told, report.held_cells) == (1, 0, 0), "hers to change"
    assert cells(only(pim))["name"] == "Julia, better"
    edit(pim, name="Julia")
    erp.rows[0]["name"] = "three"
    assert go(erp, MAPPING, pim, state, everything).written == 1
    assert cells(only(pim))["name"] == "three"
    erp.rows[0]["name"] = "two"
    go(erp, MAPPING, pim, state, everything)
    edit(pim, name="Julia")
    report = go(erp, MAPPING, pim, state, everything)
    assert report.held + report.told + report.written == 1, "the decision has had its time"


def test_what_pim_users_do_after_a_decision_conflicts_with_news(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(name="one"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows[0]["name"] = "two"
    go(erp, MAPPING, pim, state)
    resolve(state, "key of X", NAME, take="pim")
    edit(pim, name="Julia, better")
    erp.rows[0]["name"] = "three"
    assert go(erp, MAPPING, pim, state).held == 1
    assert held(state) == {"name[en_US]": ("Julia", "three", "Julia, better")}


def test_what_is_not_held_cannot_be_decided(pim: AkeneoClient, state: SyncState) -> None:
    go(parts(part()), MAPPING, pim, state)
    with pytest.raises(StateError, match=r"nothing is held for item 'key of X' and cell 'colour' .*'products'"):
        resolve(state, "key of X", COLOUR, take="pim")


# ---- whose cells ----
def test_cells_that_are_not_the_erps_never_conflict(pim: AkeneoClient, state: SyncState) -> None:
    seeded = (Part.name >> clean()).to(NAME, owner=Owner.SEED)
    pims = (Part.colour >> clean()).to(COLOUR, owner=Owner.PIM)
    mapping = product(seeded, pims, (Part.weight >> in_unit("KILOGRAM")).to(WEIGHT))
    erp = parts(part(name="one", colour="red", weight="1"))
    go(erp, mapping, pim, state, AUDIT)
    edit(pim, name="Julia", colour="blue")
    erp.rows[0] |= {"name": "two", "colour": None, "weight": "2"}
    report = go(erp, mapping, pim, state, AUDIT)
    assert (report.written, report.held_cells, report.told) == (1, 0, 0)
    assert (cells(only(pim))["name"], only(pim).values.option("colour")) == ("Julia", "blue")


def test_what_neither_we_nor_the_erp_filled_is_the_users(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(colour=None))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    assert go(erp, MAPPING, pim, state, AUDIT).unchanged == 1
    assert go(erp, MAPPING, pim, state, Conflicts(look="all")).unchanged == 1
    erp.rows[0]["colour"] = "red"
    assert go(erp, MAPPING, pim, state).held == 1, "the ERP's first word on what a user filled meanwhile"
    assert held(state) == {"colour": (None, "red", "blue")}


def test_a_column_that_is_absent_says_nothing(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    del erp.rows[0]["colour"]
    assert go(erp, MAPPING, pim, state, AUDIT).unchanged == 1


def test_policies_by_cell(pim: AkeneoClient, state: SyncState) -> None:
    conflicts = Conflicts("hold", overwrite=[COLOUR], report=[WEIGHT], look="all")
    mapping = product(NAMED, COLOURED, (Part.weight >> in_unit("KILOGRAM")).to(WEIGHT))
    erp = parts(part(name="one", colour="red", weight="1"))
    go(erp, mapping, pim, state)
    edit(pim, name="Julia", colour="blue", weight={"amount": "3", "unit": "KILOGRAM"})
    report = go(erp, mapping, pim, state, conflicts)
    assert (report.written, report.cells, report.held_cells, report.told) == (1, 1, 1, 1)
    assert held(state).keys() == {"name[en_US]"}
    assert only(pim).values.option("colour") == "red"
    assert [one.cell for one in report.told_cells] == ["weight"]
    assert "1 cell of the ERP's changed by PIM users, the first: key of X: weight" in str(report)


def test_a_measurement_in_another_spelling_is_no_edit(pim: AkeneoClient, state: SyncState) -> None:
    mapping = product((Part.weight >> in_unit("KILOGRAM")).to(WEIGHT))
    erp = parts(part(weight="1.50"))
    go(erp, mapping, pim, state)
    assert go(erp, mapping, pim, state, AUDIT).unchanged == 1


# ---- fields ----
def test_the_family_and_whether_it_is_enabled_are_cells_like_others(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    simulator.load("/api/rest/v1/families", [{"code": "tools", "attributes": ["sku"]}])
    mapping = product(NAMED, IN_FAMILY, Part.active.to(ENABLED))
    erp = parts(part(category="clothing", active=True))
    go(erp, mapping, pim, state)
    edit(pim, family="tools", enabled=False)
    erp.rows[0]["name"] = "other"
    report = go(erp, mapping, pim, state)
    assert (report.written, report.held_cells) == (1, 2)
    assert held(state) == {"family": ("clothing", "clothing", "tools"), "enabled": (True, True, False)}
    assert (only(pim).family, only(pim).enabled) == ("tools", False)
    resolve(state, "key of X", "family", take="erp")
    resolve(state, "key of X", "enabled", take="pim")
    go(erp, mapping, pim, state)
    assert (only(pim).family, only(pim).enabled) == ("clothing", False)


def test_a_renamed_sku_holds_the_whole_item(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, sku="Y")
    erp.rows[0] |= {"name": "two", "colour": "blue"}
    report = go(erp, MAPPING, pim, state)
    assert (report.held, report.held_cells) == (1, 1)
    assert cells(only(pim)) == {"sku": "Y", "name": "one", "colour": "red", "categories": []}
    resolve(state, "key of X", "sku", take="erp")
    assert go(erp, MAPPING, pim, state).written == 1
    assert cells(only(pim)) == {"sku": "X", "name": "two", "colour": "blue", "categories": []}


def test_a_deleted_item_holds_nothing_any_more(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    go(erp, MAPPING, pim, state, AUDIT)
    erp.rows, erp.dead = [], ["key of X"]
    report = go(erp, MAPPING, pim, state)
    assert (report.held_cells, held(state), only(pim).enabled) == (0, {}, False)


def test_a_product_that_was_deleted_in_the_pim_is_whole_again(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    go(erp, MAPPING, pim, state, AUDIT)
    pim.products.delete(only(pim).uuid)
    erp.rows[0]["name"] = "two"
    go(erp, MAPPING, pim, state)
    go(erp, MAPPING, pim, state)
    assert cells(only(pim)) == {"sku": "X", "name": "two", "colour": "red", "categories": []}
    assert held(state) == {}


@pytest.mark.parametrize("policy", ["overwrite", "hold", "report"])
@pytest.mark.parametrize("applies", [False, True])
def test_a_look_at_all_makes_anew_what_was_deleted_in_the_pim(
    pim: AkeneoClient, state: SyncState, policy: ConflictPolicy, *, applies: bool
) -> None:
    """Nothing has changed in the ERP. It is told by a plan, and it is no conflict."""
    erp = parts(part("X", name="one", colour="red"), part("Y", name="two"))
    go(erp, MAPPING, pim, state)
    before = {one.values.text("sku"): cells(one) for one in pim.products.list()}
    pim.products.delete(next(one.uuid for one in pim.products.list() if one.values.text("sku") == "X"))
    audit = SyncOptions(conflicts=Conflicts(policy, look="all"))
    job = ErpToPim(erp, MAPPING, pim, state, options=audit)
    plan = job.plan()
    assert [(one.key, one.action) for one in plan.changes] == [("key of X", "create")]
    report = job.apply(plan) if applies else job.run()
    assert (report.written, report.held_cells, report.exit_code) == (1, 0, 0)
    assert {one.values.text("sku"): cells(one) for one in pim.products.list()} == before
    assert job.run().unchanged == 2


# ---- lists ----
@pytest.fixture
def tags(simulator: PimSimulator) -> None:
    """A multi-select."""
    simulator.load("/api/rest/v1/attributes", [{"code": "tags", "type": "pim_catalog_multiselect", "group": "erp"}])
    simulator.load("/api/rest/v1/attributes/tags/options", [{"code": code} for code in ("new", "sale", "users")])


TAGGED = Part.groups.to(TAGS)


@pytest.mark.usefixtures("tags")
def test_what_others_do_to_their_part_of_a_list_is_no_conflict(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(groups=["new"], category="shirts"))
    mapping = product(TAGGED, CATEGORISED)
    go(erp, mapping, pim, state)
    edit(pim, tags=["new", "users"], categories=("shirts", "master"))
    erp.rows[0] |= {"groups": ["new", "sale"], "category": "promotions"}
    report = go(erp, mapping, pim, state, AUDIT)
    assert (report.written, report.held_cells) == (1, 0)
    assert sorted(only(pim).values.options("tags")) == ["new", "sale", "users"]
    assert sorted(only(pim).categories) == ["master", "promotions"]


@pytest.mark.usefixtures("tags")
def test_a_member_of_ours_that_a_user_took_out_holds_the_list(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(groups=["new", "sale"]))
    go(erp, product(TAGGED), pim, state)
    edit(pim, tags=["sale", "users"])
    erp.rows[0]["name"] = "another"
    assert go(erp, product(NAMED, TAGGED), pim, state).held_cells == 1
    assert held(state) == {"tags": (["new", "sale"], ["new", "sale"], ["sale"])}
    resolve(state, "key of X", TAGS, take="erp")
    go(erp, product(NAMED, TAGGED), pim, state)
    assert sorted(only(pim).values.options("tags")) == ["new", "sale", "users"]
    edit(pim, tags=["sale", "users"])
    go(erp, product(NAMED, TAGGED), pim, state, AUDIT)
    resolve(state, "key of X", TAGS, take="pim")
    assert go(erp, product(NAMED, TAGGED), pim, state, AUDIT).unchanged == 1
    assert sorted(only(pim).values.options("tags")) == ["sale", "users"]
    erp.rows[0]["groups"] = ["new"]
    assert go(erp, product(NAMED, TAGGED), pim, state, AUDIT).written == 1
    assert sorted(only(pim).values.options("tags")) == ["new", "users"]


@pytest.mark.usefixtures("tags")
def test_a_member_that_both_take_out_is_no_conflict(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(groups=["new", "sale"]))
    go(erp, product(TAGGED), pim, state)
    edit(pim, tags=["sale", "users"])
    erp.rows[0]["groups"] = ["sale"]
    assert go(erp, product(TAGGED), pim, state, AUDIT).unchanged == 1
    assert sorted(only(pim).values.options("tags")) == ["sale", "users"]


def test_a_category_that_others_had_put_there_before_is_theirs_to_take_out(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    erp = parts(part(category="shirts"))
    go(erp, product(), pim, state)
    edit(pim, categories=("shirts",))
    go(erp, product(CATEGORISED), pim, state)
    edit(pim, categories=())
    assert go(erp, product(CATEGORISED), pim, state, AUDIT).held_cells == 0
    del simulator


def test_a_price_conflicts_in_its_own_currency(pim: AkeneoClient, state: SyncState) -> None:
    rule = reference(Part.price >> price_in("EUR"), reason="margin", min_age=timedelta(0), min_change=Decimal("0.001"))
    mapping = product(rule.to(MSRP))
    erp = parts(part(price="3.30"))
    go(erp, mapping, pim, state)
    dollars, euros = {"amount": "4.00", "currency": "USD"}, {"amount": "3.30", "currency": "EUR"}
    edit(pim, msrp=[dollars, euros])
    erp.rows[0]["price"] = "5.50"
    assert go(erp, mapping, pim, state).held_cells == 0, "the dollars are the user's own"
    edit(pim, msrp=[dollars, {"amount": "7.70", "currency": "EUR"}])
    erp.rows[0]["price"] = "6.60"
    report = go(erp, mapping, pim, state)
    assert (report.held, report.passed) == (1, 0)
    (one,) = state.held("products")
    assert one.diff == '[-{"amount": "7.7", "currency": "eur"}-], {+{"amount": "6.6", "currency": "eur"}+}'
    resolve(state, "key of X", MSRP, take="erp")
    report = go(erp, mapping, pim, state)
    assert (report.written, report.passed) == (1, 1)
    assert {one.currency: one.amount for one in only(pim).values.prices("msrp")} == {
        "EUR": Decimal("6.60"),
        "USD": Decimal("4.00"),
    }


# ---- an ERP that tells only what changed ----
@pytest.mark.on_both
def test_what_is_held_is_settled_without_the_erp(pim: AkeneoClient, state: SyncState) -> None:
    erp = Changes(Part, part("X", name="one"), part("Y", name="one"), part("Z", name="one"))
    go(erp, MAPPING, pim, state)
    for sku in ("X", "Y", "Z"):
        edit(pim, sku, name="Julia")
    erp.rows += [part("X", name="two"), part("Y", name="two"), part("Z", name="two")]
    assert go(erp, MAPPING, pim, state).held == 3
    report = go(erp, MAPPING, pim, state)
    assert (report.read, report.held, report.held_cells, report.exit_code) == (0, 0, 3, 1)
    resolve(state, "key of X", NAME, take="erp")
    resolve(state, "key of Y", NAME, take="pim")
    edit(pim, "Z", name="two")
    report = go(erp, MAPPING, pim, state)
    assert (report.read, report.cells, report.held_cells, report.exit_code) == (0, 1, 0, 0)
    assert sorted(str(cells(one)["name"]) for one in pim.products.list()) == ["Julia", "two", "two"]
    assert held(state) == {}
    erp.rows.append(part("Z", name="three"))
    assert go(erp, MAPPING, pim, state).written == 1


def test_a_run_of_a_part_settles_its_part(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part("X", name="one"), part("Y", name="one"))
    go(erp, MAPPING, pim, state)
    for sku in ("X", "Y"):
        edit(pim, sku, name="Julia")
    for row in erp.rows:
        row["name"] = "two"
    assert go(erp, MAPPING, pim, state).held == 2
    for sku in ("X", "Y"):
        resolve(state, f"key of {sku}", NAME, take="erp")
    job = ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(conflicts=HOLD))
    report = job.run(only=by_key("key of X"))
    assert (report.written, report.held_cells) == (1, 0)
    assert [one.key for one in state.held("products")] == ["key of Y"]
    assert {str(cells(one)["sku"]): cells(one)["name"] for one in pim.products.list()} == {"X": "two", "Y": "Julia"}


@pytest.mark.parametrize(("policy", "ends", "told"), [("overwrite", "two", 0), ("report", "two", 1)])
def test_another_policy_settles_without_the_erp_too(
    pim: AkeneoClient, state: SyncState, policy: ConflictPolicy, ends: str, told: int
) -> None:
    erp = Changes(Part, part("X", name="one"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows.append(part("X", name="two"))
    go(erp, MAPPING, pim, state)
    report = go(erp, MAPPING, pim, state, Conflicts(policy))
    assert (report.cells, report.told, held(state)) == (1, told, {})
    assert cells(only(pim))["name"] == ends


def test_what_the_pim_refuses_stays_held(pim: AkeneoClient, simulator: PimSimulator, state: SyncState) -> None:
    erp = Changes(Part, part("X", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour=None)
    erp.rows.append(part("X", colour="green"))
    go(erp, MAPPING, pim, state)
    resolve(state, "key of X", COLOUR, take="erp")
    report = go(erp, MAPPING, pim, state)
    assert (report.cells, report.skipped) == (0, 1)
    assert held(state).keys() == {"colour"}, "not lost"
    simulator.load("/api/rest/v1/attributes/colour/options", [{"code": "green"}])
    assert go(erp, MAPPING, pim, state).cells == 1
    assert (held(state), only(pim).values.option("colour")) == ({}, "green")


@pytest.mark.on_both
def test_more_held_items_than_one_look_takes(pim: AkeneoClient, simulator: PimSimulator, state: SyncState) -> None:
    erp = Changes(Part, *(part(f"{number:03d}", colour="red") for number in range(120)))
    go(erp, MAPPING, pim, state, page_size=200)
    for one in list(pim.products.list()):
        pim.products.upsert(ProductPatch(uuid=one.uuid, values=[Value(AttributeCode("colour"), None)]))
    erp.rows += [part(f"{number:03d}", colour="blue") for number in range(120)]
    assert go(erp, MAPPING, pim, state).held == 120
    simulator.forget_calls()
    assert go(erp, MAPPING, pim, state).held_cells == 120
    assert lists(simulator) == 3, "a hundred, the look for a page behind them, and twenty"


@pytest.mark.on_both
def test_an_item_that_is_parked_keeps_what_is_held(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    go(erp, MAPPING, pim, state, AUDIT)
    erp.rows[0]["name"] = "x" * 300
    for _ in ("now parked", "still parked"):
        report = go(erp, MAPPING, pim, state)
        assert (report.parked, report.held, report.held_cells) == (1, 0, 1)
        assert held(state).keys() == {"colour"}
    erp.rows[0]["name"] = "two"
    report = go(erp, MAPPING, pim, state)
    assert (report.written, report.held_cells) == (1, 1)


def test_an_item_that_the_pim_refuses_keeps_what_is_held(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows[0] |= {"name": "two", "colour": "green"}
    report = go(erp, MAPPING, pim, state)
    assert (report.parked, report.held_cells, held(state).keys()) == (1, 1, {"name[en_US]"})


@pytest.mark.on_both
@pytest.mark.parametrize("take", ["pim", "erp"])
def test_a_decision_about_a_parked_item_leaves_it_parked(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState, take: str
) -> None:
    simulator.load("/api/rest/v1/attributes/colour/options", [{"code": "green"}])
    erp = Revisions(Part, part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    erp.put(part(name="one", colour="green"))
    go(erp, MAPPING, pim, state)
    erp.put(part(name="x" * 300, colour="green"))
    assert go(erp, MAPPING, pim, state).parked == 1
    (before,) = state.parked("products")
    resolve(state, "key of X", COLOUR, take="pim" if take == "pim" else "erp")
    assert [(one.key, one.code, one.since) for one in state.parked("products")] == [
        ("key of X", "too_long", before.since)
    ]
    for _ in range(2):  # the ERP does not tell it again
        report = go(erp, MAPPING, pim, state)
        assert (report.read, report.waiting, report.exit_code) == (0, 1, 1)
        assert only(pim).values.option("colour") == "blue"
    erp.put(part(name="two", colour="green"))
    report = go(erp, MAPPING, pim, state)
    assert (report.written, report.exit_code, held(state), list(state.parked("products"))) == (1, 0, {}, [])
    assert cells(only(pim)) == {
        "sku": "X", "name": "two", "colour": "blue" if take == "pim" else "green", "categories": [],
    }  # fmt: skip


def test_what_was_parked_is_tried_again_once_a_cell_of_it_was_decided(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    erp = parts(part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows[0] |= {"name": "two", "colour": "green"}
    assert go(erp, MAPPING, pim, state).parked == 1
    resolve(state, "key of X", NAME, take="erp")
    simulator.forget_calls()
    assert go(erp, MAPPING, pim, state).parked == 1
    assert any(one.method == "PATCH" for one in simulator.calls)
    simulator.forget_calls()
    assert go(erp, MAPPING, pim, state).parked == 1
    assert not any(one.method == "PATCH" for one in simulator.calls), "nothing was decided since"


def test_the_heir_of_a_renumbered_key_inherits_what_is_held(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part("X", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    go(erp, MAPPING, pim, state, AUDIT)
    erp.rows, erp.dead = [{**part("X", colour="red"), "id": "new"}], ["key of X"]
    assert go(erp, MAPPING, pim, state).held == 1
    assert [one.key for one in state.held("products")] == ["new"]


# ---- after a stop ----
BOUNDARIES = ("erp.read", "state.intended", "pim.sent", "state.settled")


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("conflicts", [HOLD, REPORT], ids=["hold", "report"])
def test_a_run_that_dies_holds_what_the_whole_one_holds(tmp_path: Path, boundary: str, conflicts: Conflicts) -> None:
    """Two products: one of which a user edited a cell that changes, one of which a user edited another cell."""
    ends = []
    for dies in (False, True):
        folder = tmp_path / str(dies)
        folder.mkdir()
        with PimSimulator(folder / "pim.db") as simulator, SqliteState(folder / "state.db") as state:
            fill(simulator)
            auth = PasswordAuth(**simulator.auth_kwargs)
            with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
                erp = parts(part("X", name="one", colour="red"), part("Y", name="one", colour="red"))
                go(erp, MAPPING, pim, state, conflicts)
                edit(pim, "X", colour=None)
                edit(pim, "Y", colour=None)
                erp.rows = [part("X", name="two", colour="blue"), part("Y", name="two", colour="red")]
                if dies:
                    with pytest.raises(Stopped):
                        go(erp, MAPPING, pim, state, conflicts, hook=dying_at(boundary))
                report = go(erp, MAPPING, pim, state, conflicts)
                products = {str(cells(one)["sku"]): cells(one) for one in pim.products.list()}
                ends.append((products, list(state.held("products")), report.held_cells))
        shutil.rmtree(folder)
    assert ends[0] == ends[1]
    assert ends[0][2] == (2 if conflicts is HOLD else 0)


@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent", "state.settled"])
def test_a_decision_survives_a_run_that_dies(pim: AkeneoClient, state: SyncState, boundary: str) -> None:
    erp = Changes(Part, part("X", name="one"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows.append(part("X", name="two"))
    go(erp, MAPPING, pim, state)
    resolve(state, "key of X", NAME, take="erp")
    with pytest.raises(Stopped):
        go(erp, MAPPING, pim, state, hook=dying_at(boundary))
    report = go(erp, MAPPING, pim, state)
    assert (held(state), cells(only(pim))["name"], report.exit_code) == ({}, "two", 0)


@pytest.mark.usefixtures("tags")
@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent"])
def test_what_a_dying_run_puts_into_a_list_by_decision_is_ours(
    pim: AkeneoClient, state: SyncState, boundary: str
) -> None:
    erp = Changes(Part, part(groups=["new", "sale"]))
    go(erp, product(TAGGED, NAMED), pim, state)
    edit(pim, tags=["users"])
    erp.rows.append(part(groups=["new", "sale"], name="two"))
    go(erp, product(TAGGED, NAMED), pim, state)
    resolve(state, "key of X", TAGS, take="erp")
    with pytest.raises(Stopped):
        go(erp, product(TAGGED, NAMED), pim, state, hook=dying_at(boundary))
    go(erp, product(TAGGED, NAMED), pim, state)
    assert sorted(only(pim).values.options("tags")) == ["new", "sale", "users"]
    erp.rows.append(part(groups=["new"], name="two"))
    go(erp, product(TAGGED, NAMED), pim, state)
    assert sorted(only(pim).values.options("tags")) == ["new", "users"]


@pytest.mark.parametrize("take", ["erp", "pim"])
def test_a_decision_between_a_dead_run_and_the_next_counts(pim: AkeneoClient, state: SyncState, take: str) -> None:
    erp = parts(part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, name="Julia")
    erp.rows[0]["name"] = "two"
    go(erp, MAPPING, pim, state)
    erp.rows[0]["colour"] = "blue"
    with pytest.raises(Stopped):
        go(erp, MAPPING, pim, state, hook=dying_at("pim.sent"))
    resolve(state, "key of X", NAME, take="erp" if take == "erp" else "pim")
    report = go(erp, MAPPING, pim, state)
    assert (report.exit_code, held(state)) == (0, {})
    assert cells(only(pim))["name"] == ("two" if take == "erp" else "Julia")
    assert only(pim).values.option("colour") == "blue"


# ---- a PIM user at work while the run goes on ----
class Busy(httpx.BaseTransport):
    """A PIM whose user acts at the very moment between our look and our write."""

    def __init__(self, inner: httpx.BaseTransport, act: Callable[[], object]) -> None:
        self._inner = inner
        self._act = act
        self.is_awake = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_awake and request.method == "PATCH":
            self.is_awake = False
            self._act()
        return self._inner.handle_request(request)


@pytest.mark.usefixtures("tags")
def test_what_a_user_saves_between_our_look_and_our_write(
    simulator: PimSimulator, pim: AkeneoClient, state: SyncState
) -> None:
    """The API has no conditional write. Our value wins that cell, unnoticed; of a list, her addition is lost with it.

    The cells that we do not write are safe, and the ledger knows what is there.
    """
    erp = parts(part(name="one", colour="red", groups=["new"]))
    mapping = product(NAMED, COLOURED, TAGGED)
    go(erp, mapping, pim, state)
    name = Value(AttributeCode("name"), "Julia", locale=LocaleCode("en_US"))
    values = [name, Value(AttributeCode("colour"), "blue"), Value(AttributeCode("tags"), ["new", "users"])]
    save = ProductPatch(uuid=only(pim).uuid, values=values)
    transport = Busy(simulator.transport(), lambda: pim.products.upsert(save))
    erp.rows[0] |= {"name": "two", "groups": ["sale"]}
    with AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=transport) as slow:
        list(slow.products.list())  # signed in
        transport.is_awake = True
        assert go(erp, mapping, slow, state).written == 1
        assert not transport.is_awake
    there = only(pim)
    assert (cells(there)["name"], there.values.option("colour")) == ("two", "blue")
    assert list(there.values.options("tags")) == ["sale"]
    report = go(erp, mapping, pim, state, AUDIT)
    assert held(state) == {"colour": ("red", "red", "blue")}, "found by the next look"
    assert report.held_cells == 1


def test_nothing_is_held_of_a_product_that_goes_between_our_look_and_our_write(
    simulator: PimSimulator, pim: AkeneoClient, state: SyncState
) -> None:
    erp = parts(part(name="one", colour="red"))
    go(erp, MAPPING, pim, state)
    edit(pim, colour="blue")
    uuid = only(pim).uuid
    transport = Busy(simulator.transport(), lambda: pim.products.delete(uuid))
    erp.rows[0]["name"] = "two"
    with AkeneoClient(simulator.url, PasswordAuth(**simulator.auth_kwargs), transport=transport) as slow:
        list(slow.products.list())  # signed in
        transport.is_awake = True
        report = go(erp, MAPPING, slow, state)
    assert (report.written, report.held_cells, held(state)) == (1, 0, {})
    assert go(erp, MAPPING, pim, state).written == 1
    assert cells(only(pim)) == {"sku": "X", "name": "two", "colour": "red", "categories": []}


# ---- wrong policies ----
def test_a_policy_for_a_cell_that_is_not_the_erps_is_refused(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part())
    for conflicts in (Conflicts(hold=[WEIGHT]), Conflicts("hold", overwrite=[Cell[str]("name", locale="de_DE")])):
        with pytest.raises(ConfigurationError, match="which no rule of the mapping fills"):
            go(erp, MAPPING, pim, state, conflicts)
    assert list(pim.products.list()) == []


def test_a_cell_has_one_policy() -> None:
    with pytest.raises(ConfigurationError, match="'colour' is named twice"):
        Conflicts(hold=[COLOUR], report=[COLOUR])
    with pytest.raises(ConfigurationError, match="no policy 'ask'"):
        Conflicts("ask")  # type: ignore[arg-type]  # what somebody may write all the same
    with pytest.raises(ConfigurationError, match="no look 'some'"):
        Conflicts(look="some")  # type: ignore[arg-type]  # as above


def test_categories_and_the_sku_are_named_as_other_cells(pim: AkeneoClient, state: SyncState) -> None:
    erp = parts(part(category="shirts"))
    go(erp, product(CATEGORISED), pim, state, Conflicts("report", hold=[CATEGORIES, SKU.cell]))
    edit(pim, categories=("master",))
    assert go(erp, product(CATEGORISED), pim, state, Conflicts(hold=[CATEGORIES], look="all")).held == 1

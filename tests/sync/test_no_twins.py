"""Two items of one value never make two products, while the PIM's lists lag behind, nor from a plan that is applied late."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal

import pytest

from adoption_bench import (
    BY_EAN,
    EAN,
    MPN,
    NAME,
    A,
    B,
    C,
    Good,
    Lagging,
    Where,
    by_hand,
    erp_of,
    go,
    good,
    goods,
    reasons,
    same_ean,
    there,
    with_numbers,
)
from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import JsonValue, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.mapping import clean, decimal, gtin
from akeneo_erp_bridge.rules import Cell, Owner
from akeneo_erp_bridge.sync import (
    Adopt,
    Conflicts,
    ErpToPim,
    Moved,
    StoredState,
    SyncOptions,
    SyncState,
    any_gtin,
    by_key,
    match,
    search,
)
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Stopped, dying_at
from world import fill


def same_mpn(cells: Mapping[str, JsonValue]) -> Where | None:
    return {"mpn": [{"operator": "=", "value": cells["mpn"]}]} if "mpn" in cells else None


def age(state: SyncState, by: timedelta) -> None:
    """All that was sent was sent so much earlier."""
    assert isinstance(state, StoredState)
    state.database.write(lambda db: db.execute("UPDATE mark SET at = at - ?", (int(by.total_seconds()),)))


BY_SEARCH = Adopt(by=[search(same_ean, name="EAN")])


BY_BOTH = Adopt(by=[match(EAN, spelled=any_gtin), search(same_mpn, name="maker's number")])


@pytest.fixture
def simulator() -> PimSimulator:
    return with_numbers(fill(PimSimulator()))


@pytest.fixture
def lagging() -> Iterator[Lagging]:
    one = Lagging()
    with one.pim:
        yield one


@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
@pytest.mark.parametrize("page_size", [500, 1])
def test_two_items_of_one_gtin_are_known_within_a_run(
    lagging: Lagging, state: SyncState, rule: Adopt, page_size: int
) -> None:
    report = go(erp_of(good("N", ean=A), good("M", ean=A)), lagging.pim, state, rule, page_size=page_size)
    assert (report.created, report.parked, lagging.skus()) == (1, 1, {"N"})


@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent", "state.settled"])
def test_a_kill_makes_no_twin_of_what_the_lists_do_not_show_yet(
    lagging: Lagging, state: SyncState, rule: Adopt, boundary: str
) -> None:
    """Whether the next run reads the first item's page again or not: here it reads the second item alone."""
    first, second = good("N", ean=A), good("M", ean=A)
    with pytest.raises(Stopped):
        go(erp_of(first), lagging.pim, state, rule, hook=dying_at(boundary))
    job = ErpToPim(erp_of(first, second), goods(), lagging.pim, state, options=SyncOptions(adopt=rule))
    report = job.run(only=by_key(second["id"]))
    assert (report.created, report.parked) == (0, 1)
    assert "ERP key 'key of N' has the same values" in reasons(state)["key of M"][1]
    assert job.run().parked == 1
    assert lagging.skus() == {"N"}


def test_a_run_right_after_another_makes_no_twin(lagging: Lagging, state: SyncState) -> None:
    go(erp_of(good("N", ean=A)), lagging.pim, state)
    report = go(erp_of(good("N", ean=A), good("M", ean=f"0{A}")), lagging.pim, state)
    assert (report.created, report.parked, lagging.skus()) == (0, 1, {"N"})


def test_what_was_refused_stands_in_nobodys_way(lagging: Lagging, state: SyncState) -> None:
    lagging.pim.products.create(ProductPatch(values=[Value(AttributeCode("sku"), "N")]))
    assert go(erp_of(good("N", ean=A)), lagging.pim, state).parked == 1, "its SKU is taken, which no list shows yet"
    assert go(erp_of(good("M", ean=A)), lagging.pim, state).created == 1


def test_a_gtin_that_an_item_has_given_up_is_free(lagging: Lagging, state: SyncState) -> None:
    go(erp_of(good("N", ean=A)), lagging.pim, state)
    lagging.now += timedelta(minutes=6)
    assert go(erp_of(good("N", ean=B)), lagging.pim, state).updated == 1
    lagging.now += timedelta(minutes=6)
    report = go(erp_of(good("N", ean=B), good("M", ean=A), good("O", ean=B)), lagging.pim, state)
    assert (report.created, report.parked, lagging.skus()) == (1, 1, {"N", "M"})


@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
def test_a_plan_and_a_run_make_no_twin_of_one_another(lagging: Lagging, state: SyncState, rule: Adopt) -> None:
    erp = erp_of(good("N", ean=A))
    job = ErpToPim(erp, goods(), lagging.pim, state, options=SyncOptions(adopt=rule))
    plan, early = job.plan(), job.plan()
    erp.rows[:] = [good("M", ean=A)]
    assert job.run().created == 1
    assert job.apply(plan).parked == 1, "a run was faster"
    erp.rows[:] = [good("O", ean=B)]
    assert job.apply(job.plan()).created == 1
    erp.rows[:] = [good("P", ean=B)]
    assert job.run().parked == 1, "an applied plan was faster"
    assert job.apply(early).parked == 1
    assert lagging.skus() == {"M", "O"}


@pytest.mark.parametrize("moved", ["refuse", "replan"])
@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
def test_a_plan_makes_no_twin_of_what_a_user_made_meanwhile(
    pim: AkeneoClient, state: SyncState, rule: Adopt, moved: Moved
) -> None:
    erp = erp_of(good("N", ean=A), good("M", ean=B))
    job = ErpToPim(erp, goods(), pim, state, options=SyncOptions(adopt=rule))
    plan = job.plan()
    by_hand(pim, "HERS", ean=A)
    report = job.apply(plan, moved=moved)
    assert (report.created, report.parked) == (1, 1)
    code, detail = reasons(state)["key of N"]
    assert code == "moved"
    assert re.search(r"'(ean|EAN)' finds 'HERS' \(.*\) in the PIM by now, and .*; make a new plan", detail)
    assert job.run().updated == 1
    assert there(pim).keys() == {"N", "M"}


# ---- what a mark says of a product, the product has to hold ----
@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
def test_a_product_whose_change_was_refused_holds_what_it_held(lagging: Lagging, state: SyncState, rule: Adopt) -> None:
    go(erp_of(good("N", ean=A)), lagging.pim, state, rule)
    lagging.pim.products.create(ProductPatch(values=[Value(AttributeCode("sku"), "TAKEN")]))
    row = {**good("TAKEN", ean=B), "id": "key of N"}
    assert go(erp_of(row), lagging.pim, state, rule).parked == 1, "the PIM refuses its new number"
    report = go(erp_of(good("M", ean=A), good("O", ean=B)), lagging.pim, state, rule)
    assert (report.created, report.parked, reasons(state).keys()) == (1, 1, {"key of M"})
    assert lagging.skus() == {"N", "TAKEN", "O"}


@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
@pytest.mark.parametrize("applies", [False, True])
def test_a_gtin_that_is_taken_away_is_free(lagging: Lagging, state: SyncState, rule: Adopt, *, applies: bool) -> None:
    erp = erp_of(good("N", ean=A))
    job = ErpToPim(erp, goods(), lagging.pim, state, options=SyncOptions(adopt=rule))
    job.run()
    lagging.now += timedelta(minutes=6)
    erp.rows[:] = [good("N", ean=None)]
    assert (job.apply(job.plan()) if applies else job.run()).updated == 1
    lagging.now += timedelta(minutes=6)
    assert go(erp_of(good("N"), good("M", ean=A)), lagging.pim, state, rule).created == 1


def test_a_sown_gtin_is_known_though_the_erp_says_another(lagging: Lagging, state: SyncState) -> None:
    mapping = goods((Good.ean >> gtin()).to(EAN, owner=Owner.SEED), (Good.name >> clean()).to(NAME))
    go(erp_of(good("N", ean=A)), lagging.pim, state, mapping=mapping)
    go(erp_of(good("N", ean=B, name="new")), lagging.pim, state, mapping=mapping)
    report = go(erp_of(good("M", ean=A), good("O", ean=B)), lagging.pim, state, mapping=mapping)
    assert (report.created, reasons(state).keys()) == (1, {"key of M"})


def test_a_change_that_was_intended_and_perhaps_sent_counts_as_both(lagging: Lagging, state: SyncState) -> None:
    go(erp_of(good("N", ean=A)), lagging.pim, state)
    with pytest.raises(Stopped):
        go(erp_of(good("N", ean=B)), lagging.pim, state, hook=dying_at("state.intended"))
    job = ErpToPim(
        erp_of(good("M", ean=A), good("O", ean=B)), goods(), lagging.pim, state, options=SyncOptions(adopt=BY_EAN)
    )
    assert job.run(only=by_key("key of M", "key of O")).parked == 2
    assert lagging.skus() == {"N"}


# ---- by which rule it is known ----
def test_each_rule_knows_an_item_whatever_was_written_of_it_since(lagging: Lagging, state: SyncState) -> None:
    go(erp_of(good("N", ean=A, mpn="7a")), lagging.pim, state, BY_BOTH)
    assert go(erp_of(good("N", ean=A, mpn="7a", name="new")), lagging.pim, state, BY_BOTH).updated == 1
    erp = erp_of(good("N", ean=B, mpn="7a", name="new"))
    job = ErpToPim(erp, goods(), lagging.pim, state, options=SyncOptions(adopt=BY_BOTH))
    assert job.apply(job.plan()).updated == 1
    assert go(erp_of(good("M", mpn="7A")), lagging.pim, state, BY_BOTH).parked == 1, "in any case"
    assert lagging.skus() == {"N"}


@pytest.mark.parametrize("page_size", [500, 1])
def test_each_rule_knows_what_another_has_adopted(lagging: Lagging, state: SyncState, page_size: int) -> None:
    lagging.pim.products.create(ProductPatch(values=[Value(AttributeCode("ean"), A)]))
    lagging.now += timedelta(minutes=6)
    erp = erp_of(good("N", ean=A, mpn="7"), good("M", mpn="7"))
    report = go(erp, lagging.pim, state, BY_BOTH, page_size=page_size)
    assert (report.updated, report.created, report.parked) == (1, 0, 1)


@pytest.mark.parametrize("page_size", [500, 1])
def test_a_search_knows_an_item_by_what_it_is_changed_to(lagging: Lagging, state: SyncState, page_size: int) -> None:
    go(erp_of(good("N", ean=A)), lagging.pim, state, BY_SEARCH)
    report = go(erp_of(good("N", ean=B), good("M", ean=B)), lagging.pim, state, BY_SEARCH, page_size=page_size)
    assert (report.created, report.updated, report.parked) == (0, 1, 1)


# ---- an hour ----
def test_what_was_sent_long_ago_is_asked_of_the_lists_alone(lagging: Lagging, state: SyncState) -> None:
    go(erp_of(good("N", ean=A)), lagging.pim, state)
    age(state, timedelta(minutes=61))
    assert go(erp_of(good("M", ean=A)), lagging.pim, state).created == 1, "no PIM lags for an hour"


@pytest.mark.parametrize("applies", [False, True])
def test_runs_of_a_part_and_plans_forget_what_is_over(lagging: Lagging, state: SyncState, *, applies: bool) -> None:
    erp = erp_of(good("N", ean=A))
    job = ErpToPim(erp, goods(), lagging.pim, state, options=SyncOptions(adopt=BY_EAN))
    job.run()
    age(state, timedelta(minutes=61))
    erp.rows.append(good("M", ean=B))
    assert (job.apply(job.plan()) if applies else job.run(only=by_key("key of M"))).created == 1
    assert isinstance(state, StoredState)
    keys = state.database.read(lambda db: {key for (key,) in db.execute("SELECT key FROM mark")})
    assert keys == {"key of M"}


# ---- plans, and what they do not tell ----
def test_a_plan_is_applied_though_a_rule_sees_what_plans_do_not_tell(pim: AkeneoClient, state: SyncState) -> None:
    """A function that takes a cell of the PIM's own for granted would raise, or ask for something else."""
    mapping = goods((Good.ean >> gtin()).to(EAN, owner=Owner.PIM), (Good.mpn >> clean()).to(MPN))
    by = [search(lambda cells: {"ean": [{"operator": "=", "value": cells["ean"]}]}, name="EAN"), match(EAN), match(MPN)]
    job = ErpToPim(
        erp_of(good("N", ean=A, mpn="7"), good("M", ean=B, mpn="8")),
        mapping,
        pim,
        state,
        options=SyncOptions(adopt=Adopt(by=by)),
    )
    plan = job.plan()
    by_hand(pim, "HERS", mpn="8")
    report = job.apply(plan)
    assert (report.created, report.parked) == (1, 1)
    assert "'mpn' finds 'HERS'" in reasons(state)["key of M"][1]


# ---- rules in order ----
@pytest.mark.parametrize("page_size", [500, 1])
@pytest.mark.parametrize("runs", [1, 2])
def test_a_later_rule_finds_no_product_for_what_an_earlier_one_knows(
    lagging: Lagging, state: SyncState, page_size: int, runs: int
) -> None:
    """Its GTIN is that of an item sent just now, its maker's number that of a product which would bear the GTIN then."""
    lagging.pim.products.create(ProductPatch(values=[Value(AttributeCode("mpn"), "7")]))
    lagging.now += timedelta(minutes=6)
    rule = Adopt(by=[match(EAN, spelled=any_gtin), match(MPN)])
    rows = [good("N", ean=A), good("M", ean=A, mpn="7")]
    for count in (2,) if runs == 1 else (1, 2):
        go(erp_of(*rows[:count]), lagging.pim, state, rule, page_size=page_size)
    lagging.now += timedelta(minutes=6)
    assert sum(one.values.text("ean") == A for one in lagging.pim.products.list()) == 1


def test_an_earlier_rule_that_finds_a_product_is_enough(lagging: Lagging, state: SyncState) -> None:
    """Another item of the same maker's number was sent just now; the GTIN says more."""
    lagging.pim.products.create(ProductPatch(values=[Value(AttributeCode("ean"), A)]))
    lagging.now += timedelta(minutes=6)
    (hers,) = [str(one.uuid) for one in lagging.pim.products.list()]
    rule = Adopt(by=[match(EAN, spelled=any_gtin), match(MPN)])
    go(erp_of(good("N", mpn="7")), lagging.pim, state, rule)
    assert go(erp_of(good("M", ean=A, mpn="7")), lagging.pim, state, rule).updated == 1
    lagging.now += timedelta(minutes=6)
    assert str(there(lagging.pim)["M"].uuid) == hers


def test_what_is_held_is_claimed_by_nobody(pim: AkeneoClient, state: SyncState) -> None:
    erp = erp_of(good("N", ean=A))
    options = SyncOptions(adopt=BY_EAN, conflicts=Conflicts("hold", look="all"))
    job = ErpToPim(erp, goods(), pim, state, options=options)
    job.run()
    uuid = there(pim)["N"].uuid
    pim.products.upsert(ProductPatch(uuid=uuid, values=[Value(AttributeCode("ean"), C.zfill(13))]))
    erp.rows[:] = [good("N", ean=B), good("M", ean=B)]
    report = job.run()
    assert (report.held, report.created, report.parked) == (1, 1, 0)


# ---- values that the PIM spells otherwise, and rules that cannot say ----
def by_weight(cells: Mapping[str, JsonValue]) -> Where | None:
    return {"size": [{"operator": "=", "value": cells["size"]}]} if "size" in cells else None


def by_weight_in_words(cells: Mapping[str, JsonValue]) -> Where | None:
    if "size" not in cells:
        return None
    if str(cells["size"]) not in ("1.5", "1.50"):
        raise ValueError(cells["size"])
    return by_weight(cells)


@pytest.mark.parametrize("where", [by_weight, by_weight_in_words])
def test_a_search_knows_a_number_however_the_pim_spells_it(
    lagging: Lagging, state: SyncState, where: Callable[[Mapping[str, JsonValue]], Where | None]
) -> None:
    attribute = {"code": "size", "type": "pim_catalog_number", "group": "erp", "decimals_allowed": True}
    lagging.simulator.load("/api/rest/v1/attributes", [attribute])
    mapping = goods((Good.mpn >> decimal("en_US")).to(Cell[Decimal]("size")))
    rule = Adopt(by=[search(where, name="size")])
    go(erp_of(good("N", mpn="1.50")), lagging.pim, state, rule, mapping=mapping)
    report = go(erp_of(good("M", mpn="1.5")), lagging.pim, state, rule, mapping=mapping)
    assert (report.created, report.parked) == (0, 1)


def test_a_plan_creates_nothing_for_which_a_rule_fails(pim: AkeneoClient, state: SyncState) -> None:
    fails: list[str] = []

    def where(cells: Mapping[str, JsonValue]) -> Where | None:
        if fails:
            raise RuntimeError(fails[0])
        return same_ean(cells)

    job = ErpToPim(
        erp_of(good("N", ean=A)), goods(), pim, state, options=SyncOptions(adopt=Adopt(by=[search(where, name="EAN")]))
    )
    plan = job.plan()
    fails.append("its service is away")
    assert (job.apply(plan).parked, reasons(state)["key of N"][0]) == (1, "moved")
    fails.clear()
    assert job.run().created == 1


def test_a_plan_adopts_no_product_for_an_item_that_another_one_has_become(pim: AkeneoClient, state: SyncState) -> None:
    """Its maker's number found one when the plan was made; by now its GTIN, which comes first, finds another."""
    hers, other = by_hand(pim, "HERS", mpn="7"), by_hand(pim, "OTHER", mpn="8")
    by = Adopt(by=[match(EAN, spelled=any_gtin), match(MPN)])
    erp = erp_of(good("M", ean=A, mpn="7"), good("O", ean=B, mpn="8"))
    job = ErpToPim(erp, goods(), pim, state, options=SyncOptions(adopt=by))
    plan = job.plan()
    assert {one.ref for one in plan.updates} == {hers, other}
    ErpToPim(erp_of(good("N", ean=A)), goods(), pim, state, options=SyncOptions(adopt=by)).run()
    report = job.apply(plan)
    assert (report.updated, report.parked) == (1, 1)
    assert re.search(
        r"'ean' finds 'N' \(.*\) in the PIM by now, and .* was to be adopted", reasons(state)["key of M"][1]
    )
    assert there(pim).keys() == {"N", "HERS", "O"}

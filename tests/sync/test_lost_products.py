"""A product that a PIM user has deleted: its item is as new, and the rules of adoption say whether another is there in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from adoption_bench import (
    BY_EAN,
    EAN,
    MPN,
    A,
    B,
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
from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import JsonValue, Product, ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, ErpKey, FamilyCode, ProductUuid
from akeneo_erp_bridge.errors import BridgeError
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import (
    Adopt,
    ErpToPim,
    SqliteState,
    SyncOptions,
    SyncState,
    VariantsToPim,
    any_gtin,
    match,
    search,
)
from akeneo_erp_bridge.testing import Fault, PimSimulator
from bench_erp import Rows, Stopped, dying_at
from shirts import ONE_LEVEL, Shirts, by_colour, mapping
from shirts import fill as fill_shirts
from world import fill

BY_SEARCH = Adopt(by=[search(same_ean, name="EAN")])
BY_BOTH = Adopt(by=[match(EAN, spelled=any_gtin), match(MPN)])


@pytest.fixture
def simulator() -> PimSimulator:
    return with_numbers(fill(PimSimulator()))


@pytest.fixture
def lagging() -> Iterator[Lagging]:
    one = Lagging()
    with one.pim:
        yield one


def there_later(lagging: Lagging) -> dict[str, Product]:
    """What the lists show once they have come up with all."""
    lagging.now += timedelta(minutes=6)
    return there(lagging.pim)


def changed(erp: Rows[Good], pim: AkeneoClient, state: SyncState, rule: Adopt) -> ErpToPim[Good]:
    """N was written, a PIM user has deleted it, and now its row changes."""
    go(erp, pim, state, rule)
    pim.products.delete(there(pim)["N"].uuid)
    erp.rows[0] = {**erp.rows[0], "name": "new"}
    return ErpToPim(erp, goods(), pim, state, options=SyncOptions(adopt=rule))


@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
@pytest.mark.parametrize("applies", [False, True])
def test_what_a_user_has_made_in_place_of_a_product_is_the_items(
    pim: AkeneoClient, state: SyncState, rule: Adopt, *, applies: bool
) -> None:
    job = changed(erp_of(good("N", ean=A)), pim, state, rule)
    hers = by_hand(pim, "HERS", ean=A)
    report = job.apply(job.plan()) if applies else job.run()
    assert (report.created, report.updated, report.parked) == (0, 1, 0)
    ((number, product),) = there(pim).items()
    assert (number, str(product.uuid), product.values.text("name", locale="en_US")) == ("N", hers, "new")
    assert job.run().unchanged == 1


@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
@pytest.mark.parametrize("applies", [False, True])
def test_what_was_lost_is_not_made_anew_beside_another_items_product(
    pim: AkeneoClient, state: SyncState, rule: Adopt, *, applies: bool
) -> None:
    erp = erp_of(good("N", ean=A))
    job = changed(erp, pim, state, rule)
    ErpToPim(erp_of(good("M", ean=A)), goods(), pim, state, options=SyncOptions(adopt=rule)).run()
    report = job.apply(job.plan()) if applies else job.run()
    assert (report.created, report.updated) == (0, 0)
    assert there(pim).keys() == {"M"}, "no stub is left behind"
    assert job.run().parked == 1
    code, detail = reasons(state)["key of N"]
    assert code == "ambiguous_match"
    assert "which is ERP key 'key of M' already" in detail
    erp.rows[0] = {**erp.rows[0], "ean": B}
    assert (job.run().created, there(pim).keys()) == (1, {"N", "M"})


@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
@pytest.mark.parametrize("page_size", [500, 1])
@pytest.mark.parametrize("first", ["N", "M"])
def test_what_was_lost_and_what_is_new_make_one_product(
    lagging: Lagging, state: SyncState, rule: Adopt, page_size: int, first: str
) -> None:
    erp = erp_of(good("N", ean=A))
    lost, new = {**good("N", ean=A), "name": "new"}, good("M", ean=A)
    go(erp, lagging.pim, state, rule)
    lagging.now += timedelta(minutes=6)
    lagging.pim.products.delete(there(lagging.pim)["N"].uuid)
    erp.rows[:] = [lost, new] if first == "N" else [new, lost]
    report = go(erp, lagging.pim, state, rule, page_size=page_size)
    assert report.parked >= 1
    assert sum(one.values.text("ean") == A for one in there_later(lagging).values()) <= 1
    go(erp, lagging.pim, state, rule, page_size=page_size)
    assert sum(one.values.text("ean") == A for one in there_later(lagging).values()) == 1


def test_a_rule_that_fails_for_what_was_lost_leaves_no_stub(pim: AkeneoClient, state: SyncState) -> None:
    fails: list[str] = []

    def where(cells: Mapping[str, JsonValue]) -> Where | None:
        if fails:
            raise RuntimeError(fails[0])
        return same_ean(cells)

    job = changed(erp_of(good("N", ean=A)), pim, state, Adopt(by=[search(where, name="EAN")]))
    fails.append("its service is away")
    report = job.run()
    assert (report.parked, list(pim.products.list()), reasons(state)["key of N"][0]) == (1, [], "match_failed")
    fails.clear()
    assert job.run().created == 1
    assert there(pim).keys() == {"N"}


@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent"])
@pytest.mark.parametrize("applies", [False, True])
def test_a_kill_makes_no_twin_of_what_was_lost(
    pim: AkeneoClient, state: SyncState, rule: Adopt, boundary: str, *, applies: bool
) -> None:
    """A stub may be left: of a product that is there, a person decides whether it is one."""
    job = changed(erp_of(good("N", ean=A)), pim, state, rule)
    by_hand(pim, "HERS", ean=A)
    dying = ErpToPim(
        erp_of({**good("N", ean=A), "name": "new"}),
        goods(),
        pim,
        state,
        options=SyncOptions(adopt=rule),
        hook=dying_at(boundary),
    )
    with pytest.raises(Stopped):
        dying.run()
    for run in (lambda: job.apply(job.plan()) if applies else job.run(), job.run, job.run):
        report = run()
        assert sum(one.values.text("ean") == A for one in pim.products.list()) == 1
    for one in pim.products.list():
        if one.values.text("sku") is None:
            assert (boundary, report.parked) == ("pim.sent", 1)
            assert str(one.uuid) in reasons(state)["key of N"][1]
            pim.products.delete(one.uuid)
            report = job.run()
    assert (report.exit_code, there(pim).keys()) == (0, {"N"})


@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent"])
@pytest.mark.parametrize("rule", [BY_EAN, BY_SEARCH])
def test_what_was_lost_and_half_made_anew_is_completed(
    pim: AkeneoClient, state: SyncState, rule: Adopt, boundary: str
) -> None:
    job = changed(erp_of(good("N", ean=A, mpn="7")), pim, state, rule)
    with pytest.raises(Stopped):
        go(erp_of({**good("N", ean=A, mpn="7"), "name": "new"}), pim, state, rule, hook=dying_at(boundary))
    assert job.run().exit_code == 0
    (product,) = there(pim).values()
    assert [product.values.text(code) for code in ("sku", "ean", "mpn")] == ["N", A, "7"]


def test_a_plan_makes_nothing_anew_for_which_a_user_was_faster(pim: AkeneoClient, state: SyncState) -> None:
    job = changed(erp_of(good("N", ean=A)), pim, state, BY_EAN)
    with pytest.raises(Stopped):
        go(erp_of({**good("N", ean=A), "name": "new"}), pim, state, hook=dying_at("state.intended"))
    plan = job.plan()
    assert len(plan.creates) == 1
    by_hand(pim, "HERS", ean=A)
    report = job.apply(plan)
    assert (report.created, report.parked, reasons(state)["key of N"][0]) == (0, 1, "moved")
    assert (job.run().updated, there(pim).keys()) == (1, {"N"})


def test_an_item_whose_stub_was_left_says_so(pim: AkeneoClient, state: SyncState) -> None:
    job = changed(erp_of(good("N", ean=A)), pim, state, BY_EAN)
    hers = by_hand(pim, "HERS", ean=A)
    with pytest.raises(Stopped):
        go(erp_of({**good("N", ean=A), "name": "new"}), pim, state, hook=dying_at("pim.sent"))
    stub = next(str(one.uuid) for one in pim.products.list() if str(one.uuid) != hers)
    for _ in range(2):
        assert job.run().parked == 1
        code, detail = reasons(state)["key of N"]
        assert code == "ambiguous_match"
        assert f"'ean' finds 'HERS' ({hers})" in detail
        assert stub in detail
    pim.products.delete(ProductUuid(stub))
    assert job.run().updated == 1


# ---- what is not lost ----
@pytest.mark.parametrize("stopped", ["killed", "forbidden"])
def test_what_no_list_shows_yet_is_not_lost(lagging: Lagging, state: SyncState, stopped: str) -> None:
    """Created a minute ago, and its change was not heard of: the product is asked for itself, and no rule for it."""
    fails: list[str] = []

    def where(cells: Mapping[str, JsonValue]) -> Where | None:
        if fails:
            raise RuntimeError(fails[0])
        return same_ean(cells)

    rule = Adopt(by=[search(where, name="EAN")])
    erp = erp_of(good("N", ean=A))
    go(erp, lagging.pim, state, rule)
    lagging.now += timedelta(minutes=1)
    erp.rows[0] = {**erp.rows[0], "name": "new"}
    if stopped == "forbidden":
        lagging.simulator.fail_next(Fault(method="PATCH", status=403, times=1))
    with pytest.raises((Stopped, BridgeError)):
        go(erp, lagging.pim, state, rule, hook=dying_at("state.intended" if stopped == "killed" else ""))
    lagging.simulator.forgive()
    fails.append("its service is away")
    assert go(erp, lagging.pim, state, rule).updated == 1
    erp.rows, erp.dead = [], ["key of N"]
    lagging.now += timedelta(minutes=6)
    go(erp, lagging.pim, state, rule)
    assert not there(lagging.pim)["N"].enabled


def test_a_product_that_was_renumbered_is_no_stub(pim: AkeneoClient, state: SyncState) -> None:
    """All that was to change has changed, and what a user matched by hand is beside it."""
    by_mpn = Adopt(by=[match(MPN)])
    erp = erp_of(good("N", mpn="7", name="old"))
    go(erp, pim, state, by_mpn)
    by_hand(pim, "HERS", mpn="7")
    erp.rows[0] |= {"number": "N2", "name": "new"}
    with pytest.raises(Stopped):
        go(erp, pim, state, by_mpn, hook=dying_at("pim.sent"))
    report = go(erp, pim, state, by_mpn)
    assert (report.unchanged, report.parked, there(pim).keys()) == (1, 0, {"N2", "HERS"})


# ---- what is found in its place ----
def test_one_product_is_not_given_to_two_items(pim: AkeneoClient, state: SyncState) -> None:
    """One item finds it by its number, the other by its GTIN."""
    erp = erp_of(good("N", ean=B), good("O", ean=A))
    go(erp, pim, state)
    for one in list(pim.products.list()):
        pim.products.delete(one.uuid)
    hers = by_hand(pim, "N", ean=A)
    for row in erp.rows:
        row["name"] = "new"
    report = go(erp, pim, state)
    assert (report.updated, report.parked, str(there(pim)["N"].uuid)) == (1, 1, hers)
    assert "which is ERP key 'key of N' already" in reasons(state)["key of O"][1]
    assert go(erp, pim, state).created == 1, "by now the other GTIN is written"
    assert {number: one.values.text("ean") for number, one in there(pim).items()} == {"N": B, "O": A}


def test_what_is_parked_leaves_no_intent(pim: AkeneoClient, state: SyncState) -> None:
    """Adopted, deleted by a user just before our change, and made twice by her."""
    hers = by_hand(pim, "N", ean=A)

    def meddle(boundary: str) -> None:
        if boundary == "state.intended":
            pim.products.delete(ProductUuid(hers))
            by_hand(pim, "H1", ean=A)
            by_hand(pim, "H2", ean=A)

    report = go(erp_of(good("N", ean=A, name="n")), pim, state, hook=meddle)
    assert (report.parked, reasons(state)["key of N"][0]) == (1, "ambiguous_match")
    assert state.intents("products", [ErpKey("key of N")]) == {}
    pim.products.delete(there(pim)["H2"].uuid)
    assert go(erp_of(good("M", ean=A)), pim, state).updated == 1


def test_a_plan_asks_again_for_what_it_was_to_adopt_in_place_of_another(pim: AkeneoClient, state: SyncState) -> None:
    job = changed(erp_of(good("N", ean=A, mpn="7")), pim, state, BY_BOTH)
    by_hand(pim, "HERS", mpn="7")
    plan = job.plan()
    by_hand(pim, "HERS2", ean=A)
    assert (job.apply(plan).parked, reasons(state)["key of N"][0]) == (1, "moved")
    assert (job.run().updated, there(pim).keys()) == (1, {"HERS", "N"})


def test_the_pim_is_not_bare_any_more(pim: AkeneoClient, state: SyncState) -> None:
    """It was when the run began."""
    erp = erp_of(good("N", ean=A))
    go(erp, pim, state)
    pim.products.delete(there(pim)["N"].uuid)
    erp.rows[:] = [good("M", ean=B), {**good("N", ean=A), "name": "new"}]
    made: list[str] = []

    def meddle(boundary: str) -> None:
        if boundary == "state.settled" and not made:
            made.append(by_hand(pim, "HERS", ean=A))

    go(erp, pim, state, page_size=1, hook=meddle)
    assert (there(pim).keys(), str(there(pim)["N"].uuid)) == ({"N", "M"}, made[0])


def test_no_variant_is_moved_to_another_model(tmp_path: Path) -> None:
    """What a rule finds in place of a lost one is guarded as what is new."""
    note: Cell[str] = Cell("supplier_note")
    simulator = fill_shirts(PimSimulator())
    auth = PasswordAuth(**simulator.auth_kwargs)
    erp = Shirts([by_colour(0, note="a"), by_colour(3, note="b")])
    options = SyncOptions(adopt=Adopt(by=[match(note)]))
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim, SqliteState(":memory:") as state:
        job = VariantsToPim(erp, mapping(ONE_LEVEL), pim, state, options=options, rows=tmp_path / "rows.db")
        job.run()
        pim.products.delete(there(pim)["0000"].uuid)
        values = [
            Value(AttributeCode(code), text) for code, text in (("sku", "HERS"), ("supplier_note", "c"), ("size", "s"))
        ]
        pim.products.create(ProductPatch(family=FamilyCode("clothing"), values=values))
        erp.put(by_colour(0, note="c"))
        report = job.run()
        assert (report.exit_code, [one.code for one in state.parked("products")]) == (1, ["guarded"])
        assert there(pim).keys() == {"0003", "HERS"}
        assert there(pim)["HERS"].parent is None

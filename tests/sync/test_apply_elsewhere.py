"""Plans of categories and records, of old and slow PIMs, and what happens while one is applied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.catalog import CategoryPatch
from akeneo_erp_bridge.codes import CategoryCode, ErpKey, ProductUuid
from akeneo_erp_bridge.erp import ErpItem, cold
from akeneo_erp_bridge.errors import ConfigurationError, PimBroken, StopAsked
from akeneo_erp_bridge.mapping import CODE, ENABLED, PARENT, CategoryMapping, ItemMapping, RecordMapping, clean, label
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import Brakes, ErpToPim, Plan, SqliteState, Stop, SyncOptions
from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator
from bench_erp import NAMED, Part, Rows, cells, only, part, parts, product
from link_bench import API, by_sku
from world import ListErp, fill, make_mapping, row


class Group(ErpItem):
    code = cold(str, "code", key=True)
    parent = cold(str, "parent").nullable()
    name = cold(str, "name")


class Brand(ErpItem):
    code = cold(str, "code", key=True)
    name = cold(str, "name")


TREE = CategoryMapping(
    Group,
    Group.code.to(CODE),
    Group.parent.default("master").to(PARENT),
    (Group.name >> clean()).to(label("en_US")),
)
BRANDS = RecordMapping("brands", Brand, Brand.code.to(CODE), Brand.name.to(Cell[str]("label", locale="en_US")))
SMALL = SyncOptions(page_size=2, brakes=Brakes(deleted_share=1))


def stored(plan: Plan) -> Plan:
    return Plan.from_json(plan.to_json())


@contextmanager
def connected(simulator: PimSimulator) -> Iterator[AkeneoClient]:
    quick = Options(retry=RetryPolicy(attempts=2, first_pause=timedelta(milliseconds=1)))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, options=quick, transport=simulator.transport()) as pim:
        yield pim


def test_a_tree_is_applied_parents_first_and_its_labels_are_held_against_the_pim(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    rows: list[dict[object, object]] = [
        {"code": f"g{n}", "parent": f"g{n // 2}" if n > 1 else None, "name": f"Group {n}"} for n in range(1, 40)
    ]
    Random(7).shuffle(rows)
    erp = Rows(Group, *rows)
    one = ErpToPim(erp, TREE, pim, state, options=SMALL)
    report = one.apply(stored(one.plan()))
    assert (report.created, report.parked, report.accounts_for_everything()) == (39, 0, True)
    assert pim.categories.get("g39").parent == "g19"

    erp.rows = [{**each, "name": f"{each['name']} anew"} for each in rows]
    plan = one.plan()
    pim.categories.upsert(CategoryPatch(code=CategoryCode("g7"), labels={"en_US": "Julia's"}))
    report = one.apply(stored(plan))
    assert (report.updated, report.parked) == (38, 1)
    assert one.apply(stored(plan), moved="replan").updated == 1
    simulator.forget_calls()
    assert (one.run().unchanged, simulator.mutating_calls) == (39, [])


def test_a_tree_that_was_applied_in_part_is_no_other_structure(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    """Categories are part of the structure; those that the plan has written itself do not make it outdated."""
    erp = Rows(
        Group,
        {"code": "Tools", "parent": None, "name": "Tools"},
        {"code": "Saws", "parent": "Tools", "name": "Saws"},
        {"code": "Drills", "parent": "master", "name": "Drills"},
    )
    ErpToPim(erp, TREE, pim, state, options=SMALL).run()
    erp.rows[1] = {"code": "Saws", "parent": "Drills", "name": "Saws"}
    erp.rows[2] = {"code": "Drills", "parent": "Tools", "name": "Drills"}
    erp.rows.append({"code": "Bits", "parent": "Drills", "name": "Bits"})

    def die(boundary: str) -> None:
        if boundary == "pim.sent":
            raise KeyboardInterrupt

    one = ErpToPim(erp, TREE, pim, state, options=SMALL)
    plan = stored(one.plan())
    with pytest.raises(KeyboardInterrupt):
        ErpToPim(erp, TREE, pim, state, options=SMALL, hook=die).apply(plan)
    assert pim.categories.get("Saws").parent == "Drills"
    simulator.forget_calls()
    assert [one.apply(plan).unchanged, one.apply(plan).unchanged] == [3, 3]
    assert simulator.mutating_calls == []
    assert one.run().unchanged == 4
    pim.categories.upsert(CategoryPatch(code=CategoryCode("another"), parent=CategoryCode("master")))
    with pytest.raises(ConfigurationError, match="was made when the PIM had another structure"):
        one.apply(plan)


@pytest.mark.parametrize("is_old", [False, True])
def test_records(is_old: bool, state: SqliteState) -> None:
    behaviour = evolve(Behaviour.version_6() if is_old else Behaviour(), has_enterprise=True)
    simulator = fill(PimSimulator(behaviour=behaviour))
    simulator.load(f"{API}/reference-entities", [{"code": "brands"}])
    with connected(simulator) as pim:
        erp = Rows(Brand, {"code": "kartell", "name": "Kartell"}, {"code": "forte", "name": "Forte"})
        one = ErpToPim(erp, BRANDS, pim, state)
        plan = stored(one.plan())
        assert [one.apply(plan).created, one.apply(plan).unchanged] == [2, 2]
        erp.rows[0] = {"code": "kartell", "name": "Kartell, Milano"}
        assert one.apply(stored(one.plan())).updated == 1
        simulator.forget_calls()
        assert (one.run().unchanged, simulator.mutating_calls) == (2, [])


def test_a_pim_before_version_7(state: SqliteState) -> None:
    simulator = fill(PimSimulator(behaviour=Behaviour.version_6()))
    with connected(simulator) as pim:
        erp = parts(part("A"), part("B"))
        one = ErpToPim(erp, product(NAMED), pim, state)
        assert one.apply(stored(one.plan())).created == 2
        erp.rows = [part("A", name="Anew"), part("B")]
        plan = one.plan()
        assert one.apply(stored(plan)).updated == 1
        assert one.apply(stored(plan)).unchanged == 1
        assert pim.products_by_identifier.get("A").values.text("name", locale="en_US") == "Anew"


def test_a_pim_whose_lists_lag_behind(state: SqliteState) -> None:
    simulator = fill(PimSimulator(behaviour=Behaviour(index_lag=timedelta(hours=1))))
    with connected(simulator) as pim:
        erp = parts(part("A"))
        one = ErpToPim(erp, product(NAMED), pim, state)
        one.run()
        erp.rows = [part("A", name="Anew"), part("B")]
        plan = one.plan()
        assert [change.action for change in plan.changes] == ["update", "create"]

        def die(boundary: str) -> None:
            if boundary == "pim.sent":
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ErpToPim(erp, product(NAMED), pim, state, hook=die).apply(stored(plan))
        report = one.apply(stored(plan))
        assert (report.unchanged, report.parked) == (2, 0)
        simulator.forget_calls()
        assert (one.run().unchanged, simulator.mutating_calls) == (2, [])


def test_an_outage_is_nobodys_fault_and_the_plan_is_applied_again(simulator: PimSimulator, state: SqliteState) -> None:
    with connected(simulator) as pim:
        erp = parts(*(part(str(number)) for number in range(6)))

        def outage(boundary: str) -> None:
            if boundary == "state.settled":
                simulator.fail_next(Fault(method="PATCH", path="products", status=503, times=99))

        one = ErpToPim(erp, product(NAMED), pim, state, options=SMALL, hook=outage)
        plan = stored(one.plan())
        with pytest.raises(PimBroken):
            one.apply(plan)
        assert list(state.parked("products")) == []
        simulator._faults.clear()
        report = ErpToPim(erp, product(NAMED), pim, state, options=SMALL).apply(plan)
        assert (report.unchanged, report.created, report.parked, pim.products.count()) == (2, 4, 0, 6)


@pytest.mark.parametrize("is_deletion", [False, True])
def test_deleted_between_the_look_and_the_write(is_deletion: bool, pim: AkeneoClient, state: SqliteState) -> None:
    """The PIM makes a stub of the changed cells; it is told, and the next run makes a whole of it, or it is taken away."""
    erp = parts(part("A", colour="red", active=True))
    mapping: ItemMapping[Part] = product(
        NAMED, (Part.colour >> clean()).to(Cell[str]("colour")), Part.active.to(ENABLED)
    )

    def delete(boundary: str) -> None:
        if boundary == "state.intended":
            pim.products.delete(ProductUuid(only(pim).uuid or ""))

    one = ErpToPim(erp, mapping, pim, state, options=SMALL)
    one.run()
    erp.rows, erp.dead = (
        ([], ["key of A"]) if is_deletion else ([part("A", name="Anew", colour="red", active=True)], [])
    )
    plan = stored(one.plan())
    report = ErpToPim(erp, mapping, pim, state, options=SMALL, hook=delete).apply(plan)
    assert report.accounts_for_everything()
    entries = state.entries("products", [ErpKey("key of A")])
    if is_deletion:
        assert (report.parked, report.undeleted, report.tombstoned) == (0, 0, 1)
        assert (list(pim.products.list()), entries) == ([], {}), (
            "what is gone on both sides does not come back as a stub"
        )
        return
    assert (report.parked, report.undeleted, report.tombstoned) == (1, 0, 0)
    assert "deleted in the PIM while the plan was applied" in report.parked_items[0].detail
    assert entries[ErpKey("key of A")].cells == {}, "nothing there is ours"
    assert one.run().written == 1
    assert cells(only(pim)) == {"sku": "A", "name": "Anew", "colour": "red", "categories": []}
    assert one.run().unchanged == 1


def test_a_reference_price_passes_once_and_is_in_the_account(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    one = ErpToPim(ListErp([row(1)]), make_mapping(), pim, state)
    plan = stored(one.plan())
    report = one.apply(plan)
    assert (report.passed, report.references[0].reason) == (1, "margin check")
    assert by_sku(pim)["000001"].values.prices("msrp")[0].amount == Decimal("9.90")
    one.erp = ListErp([row(1, price="19,90")])
    simulator.forget_calls()
    assert one.run().references == ()
    assert simulator.mutating_calls == [], "its age is that of the plan"


def test_asked_to_end_it_does_so_behind_a_batch_and_the_same_plan_is_applied_again(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    """As SIGTERM does, which otherwise waits for the whole plan."""
    erp, stop = parts(*(part(str(number)) for number in range(6))), Stop()

    def ask(boundary: str) -> None:
        if boundary == "state.intended":
            stop.request()

    one = ErpToPim(erp, product(NAMED), pim, state, options=SMALL, hook=ask, stop=stop)
    plan = stored(one.plan())
    with pytest.raises(StopAsked, match="apply the same plan again for the rest"):
        one.apply(plan)
    assert (sorted(by_sku(pim)), state.cursor("products", "")) == (["0", "1"], None)
    assert len(state.entries("products", [ErpKey("key of 0"), ErpKey("key of 1")])) == 2, "they are settled"
    simulator.forget_calls()
    with pytest.raises(StopAsked):
        one.apply(plan)
    assert simulator.mutating_calls == [], "who asked before it began has nothing written"
    report = ErpToPim(erp, product(NAMED), pim, state, options=SMALL).apply(plan)
    assert (report.unchanged, report.created, report.parked, pim.products.count()) == (2, 4, 0, 6)

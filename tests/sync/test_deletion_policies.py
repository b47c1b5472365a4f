"""What is done with the product of a deleted item: switched off, put into a category, nothing, or deleted on order."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.catalog import Product, ProductPatch
from akeneo_erp_bridge.codes import AssociationTypeCode, CategoryCode, ErpKey
from akeneo_erp_bridge.erp import ErpItem, Lines, cold
from akeneo_erp_bridge.errors import MappingError, PimBroken, PreflightFailed, TemperatureRefused
from akeneo_erp_bridge.mapping import (
    CATEGORIES,
    CompiledMapping,
    ProductMapping,
    as_set,
    association,
    bill_of_materials,
    constant,
    lookup,
    quantified,
    sku,
)
from akeneo_erp_bridge.rules import Binding, Cell, Owner
from akeneo_erp_bridge.sync import (
    Brakes,
    Deletions,
    ErpToPim,
    Plan,
    SqliteState,
    SyncOptions,
    SyncReport,
    VariantsToPim,
)
from akeneo_erp_bridge.sync._drafts._drafter import Drafter
from akeneo_erp_bridge.sync._stream import Stream
from akeneo_erp_bridge.sync._targets._products import ProductTarget
from akeneo_erp_bridge.sync._writer import PimWriter
from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator
from bench_erp import NAMED, Part, Revisions, Rows, Stopped, part, parts, product
from shirts import TWO_LEVELS, Shirts, shirt
from shirts import fill as fill_with_shirts
from shirts import mapping as shirts_mapping
from world import fill

URL = "http://pim.simulator"
GROUPED = (Part.category >> lookup({"S": "shirts"}) >> as_set()).to(CATEGORIES)
PARKED_AWAY = Deletions.categorise("Promotions")
FREE = Brakes(deleted_share=1.0)


def job(
    erp: Rows[Any],
    pim: AkeneoClient,
    state: SqliteState,
    policy: Deletions,
    *,
    mapping: ProductMapping[Any] | None = None,
    hook: Callable[[str], None] | None = None,
    brakes: Brakes = FREE,
) -> ErpToPim[Any]:
    options = SyncOptions(page_size=3, deletions=policy, brakes=brakes)
    return ErpToPim(erp, mapping or product(NAMED, GROUPED), pim, state, options=options, hook=hook)


def ran(one: ErpToPim[Any]) -> SyncReport:
    report = one.run()
    assert report.accounts_for_everything(), report
    return report


def found(pim: AkeneoClient, number: str = "X") -> Product:
    (one,) = [one for one in pim.products.list() if one.values.text("sku") == number]
    return one


def seen(pim: AkeneoClient, number: str = "X") -> tuple[bool, list[str]]:
    one = found(pim, number)
    return one.enabled, sorted(one.categories)


def add_category(pim: AkeneoClient, *codes: str) -> None:
    one = found(pim)
    pim.products.upsert(ProductPatch(uuid=one.uuid, categories=[*one.categories, *map(CategoryCode, codes)]))


# ---- a category ----
def test_it_is_put_into_a_category_and_taken_out_when_it_is_back(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = Revisions(Part, part(category="S"))
    ran(job(erp, pim, state, PARKED_AWAY))
    add_category(pim, "master")
    row = erp.rows[0]
    erp.remove("key of X")
    plan = job(erp, pim, state, PARKED_AWAY).plan()
    assert [list(one.cells) for one in plan.changes] == [["categories"]]
    assert ran(job(erp, pim, state, PARKED_AWAY)).tombstoned == 1
    assert seen(pim) == (True, ["master", "promotions", "shirts"])
    assert state.ledger_size("products") == 0
    simulator.forget_calls()
    assert ran(job(erp, pim, state, PARKED_AWAY)).tombstoned == 0
    assert simulator.mutating_calls == []
    erp.put(row)
    assert ran(job(erp, pim, state, PARKED_AWAY)).updated == 1
    assert seen(pim) == (True, ["master", "shirts"])
    simulator.forget_calls()
    erp.put(row)
    assert ran(job(erp, pim, state, PARKED_AWAY)).unchanged == 1
    assert simulator.mutating_calls == []


def test_what_a_pim_user_had_put_there_stays_there(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, part(category="S"))
    ran(job(erp, pim, state, PARKED_AWAY))
    add_category(pim, "promotions")
    row = erp.rows[0]
    erp.remove("key of X")
    ran(job(erp, pim, state, PARKED_AWAY))
    erp.put(row)
    ran(job(erp, pim, state, PARKED_AWAY))
    assert seen(pim) == (True, ["promotions", "shirts"])


def test_a_pim_user_who_switched_it_off_is_not_overruled(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, part(category="S"))
    ran(job(erp, pim, state, PARKED_AWAY))
    pim.products.upsert(ProductPatch(uuid=found(pim).uuid, enabled=False))
    row = erp.rows[0]
    erp.remove("key of X")
    ran(job(erp, pim, state, PARKED_AWAY))
    erp.put(row)
    ran(job(erp, pim, state, PARKED_AWAY))
    assert seen(pim) == (False, ["shirts"])


@pytest.mark.parametrize("back", ["absent", "null", "wrong", "promotions"])
def test_whatever_the_erp_says_of_categories_when_it_is_back(pim: AkeneoClient, state: SqliteState, back: str) -> None:
    rule = (Part.category >> lookup({"S": "shirts", "P": "promotions"}) >> as_set()).catch().to(CATEGORIES)
    mapping = product(NAMED, rule)
    erp = Revisions(Part, part(category="S"))
    ran(job(erp, pim, state, PARKED_AWAY, mapping=mapping))
    erp.remove("key of X")
    ran(job(erp, pim, state, PARKED_AWAY, mapping=mapping))
    erp.put({"absent": part(), "null": part(category=None), "wrong": part(category="?")}.get(back, part(category="P")))
    ran(job(erp, pim, state, Deletions.disable(), mapping=mapping))
    kept = {"null": [], "promotions": ["promotions"]}.get(back, ["shirts"])
    assert seen(pim) == (True, kept)


def test_a_rule_that_gives_no_category_is_enough(pim: AkeneoClient, state: SqliteState) -> None:
    mapping = product(NAMED, constant(frozenset[str]()).to(CATEGORIES))
    erp = Revisions(Part, part())
    ran(job(erp, pim, state, PARKED_AWAY, mapping=mapping))
    add_category(pim, "master")
    row = erp.rows[0]
    erp.remove("key of X")
    ran(job(erp, pim, state, PARKED_AWAY, mapping=mapping))
    assert seen(pim) == (True, ["master", "promotions"])
    erp.put(row)
    ran(job(erp, pim, state, PARKED_AWAY, mapping=mapping))
    assert seen(pim) == (True, ["master"])


@pytest.mark.parametrize(
    ("bindings", "policy", "message"),
    [
        ((NAMED,), PARKED_AWAY, r"needs CATEGORIES bound, owned by the ERP"),
        ((evolve(GROUPED, owner=Owner.SEED),), PARKED_AWAY, r"needs CATEGORIES bound, owned by the ERP"),
        ((GROUPED,), Deletions.categorise("gone"), "the PIM has no category 'gone'"),
        (
            (GROUPED,),
            Deletions.delete(confirm="https://sandbox.example.com"),
            r"of http://pim.simulator would be deleted for good",
        ),
        ((GROUPED,), Deletions("delete"), r"confirms that for null"),
    ],
)
def test_what_a_policy_needs_is_checked_before_anything_is_written(
    pim: AkeneoClient, state: SqliteState, bindings: tuple[Binding[Part], ...], policy: Deletions, message: str
) -> None:
    with pytest.raises(PreflightFailed, match=message):
        job(parts(part()), pim, state, policy, mapping=product(*bindings)).run()
    assert list(pim.products.list()) == []


def test_other_policies_are_none() -> None:
    wrong: Any = "archive"
    with pytest.raises(MappingError, match="'archive'"):
        Deletions(wrong)


# ---- nothing ----
def test_an_ignored_deletion_is_counted_and_nothing_else(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = Revisions(Part, part(), part("BAD", name="x" * 300))
    assert ran(job(erp, pim, state, Deletions.ignore())).parked == 1
    erp.remove("key of X")
    erp.remove("key of BAD")
    simulator.forget_calls()
    report = ran(job(erp, pim, state, Deletions.ignore()))
    assert (report.tombstoned, report.ignored, report.exit_code) == (0, 1, 0)
    assert report.remarks == ["1 deletion ignored"]
    assert simulator.mutating_calls == []
    assert seen(pim) == (True, [])
    assert list(state.parked("products")) == [], "what is no more is parked no more"


# ---- for good ----
ORDERED = Deletions.delete(confirm=URL)


def test_a_product_is_deleted_on_explicit_order(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = Revisions(Part, part(), part("Y"), part("Z"))
    ran(job(erp, pim, state, ORDERED))
    row = erp.rows[0]
    pim.products.delete(found(pim, "Z").uuid)
    for number in "XZ":
        erp.remove(f"key of {number}")
    plan = job(erp, pim, state, ORDERED).plan()
    assert ([one.key for one in plan.deletes], plan.report.deleted) == (["key of X", "key of Z"], 2)
    assert "2 deletes" in str(plan)
    report = ran(job(erp, pim, state, ORDERED))
    assert (report.tombstoned, report.deleted, report.exit_code) == (2, 1, 0), "Z was not there any more"
    assert report.remarks == ["1 product deleted in the PIM"]
    assert next(state.runs("products")).counts["deleted"] == 1
    assert [one.values.text("sku") for one in pim.products.list()] == ["Y"]
    assert state.entries("products", [ErpKey("key of X")]) == {}
    simulator.forget_calls()
    assert ran(job(erp, pim, state, ORDERED)).tombstoned == 0
    assert simulator.mutating_calls == []
    erp.put(row)
    assert ran(job(erp, pim, state, ORDERED)).created == 1
    assert seen(pim) == (True, [])


def test_the_brake_holds_for_deletions_for_good(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, *(part(f"N{number}") for number in range(30)))
    ran(job(erp, pim, state, ORDERED))
    for number in range(20):
        erp.remove(f"key of N{number}")
    left = []
    for _ in range(6):  # nine in pages of three, and not one more however often it is tried
        assert ran(job(erp, pim, state, ORDERED, brakes=Brakes())).exit_code == 5
        left.append(len(list(pim.products.list())))
    assert left == [21] * 6


@pytest.mark.parametrize("status", [403, 422])
def test_a_refused_deletion_is_parked_and_tried_again(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, status: int
) -> None:
    erp = Revisions(Part, part(), part("Y"))
    ran(job(erp, pim, state, ORDERED))
    for number in "XY":
        erp.remove(f"key of {number}")
    refusal = b'{"code": 403, "message": "You cannot delete a published product."}'
    simulator.fail_next(Fault(method="DELETE", status=status, body=refusal))
    report = ran(job(erp, pim, state, ORDERED))
    assert (report.deleted, report.undeleted, report.exit_code) == (1, 1, 1)
    assert "You cannot delete a published product." in str(report)
    report = ran(job(erp, pim, state, ORDERED))
    assert (report.deleted, report.undeleted, report.exit_code) == (1, 0, 0)
    assert list(pim.products.list()) == []


def test_an_outage_parks_no_deletion(simulator: PimSimulator, state: SqliteState) -> None:
    options = Options(retry=RetryPolicy(attempts=1))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport(), options=options) as pim:
        erp = Revisions(Part, part(), part("Y"))
        ran(job(erp, pim, state, ORDERED))
        for number in "XY":
            erp.remove(f"key of {number}")
        simulator.fail_next(Fault(method="DELETE", status=503))
        with pytest.raises(PimBroken):
            job(erp, pim, state, ORDERED).run()
        assert list(state.parked("products")) == []
        assert ran(job(erp, pim, state, ORDERED)).deleted == 2
        assert list(pim.products.list()) == []


def test_a_pim_without_uuids_deletes_by_identifier(state: SqliteState) -> None:
    simulator = fill(PimSimulator(behaviour=Behaviour.version_6()))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        erp = Revisions(Part, part(), part("Y"))
        ran(job(erp, pim, state, ORDERED))
        erp.remove("key of X")
        assert ran(job(erp, pim, state, ORDERED)).deleted == 1
        assert [one.identifier for one in pim.products_by_identifier.list()] == ["Y"]


def test_the_writer_deletes_nothing_that_nobody_ordered(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, part(), part("Y", name="b"))
    ran(job(erp, pim, state, ORDERED))
    erp.remove("key of X")
    erp.put(part("Y", name="c"))
    one = job(erp, pim, state, ORDERED)
    update, deletion = sorted(one.plan().changes, key=lambda change: change.action, reverse=True)
    compiled = CompiledMapping(one.mapping, pim.structure())
    stream = Stream("products", compiled, ProductTarget(pim, "sku"), state)
    drafter = Drafter(stream, retry_parked=False)
    for policy, change, message in (
        (Deletions.disable(), deletion, "which nobody ordered"),
        (ORDERED, evolve(update, action="delete"), "or was altered"),
        (ORDERED, evolve(deletion, after=evolve(deletion.after, ref=update.ref)), "or was altered"),
    ):
        writer = PimWriter(stream, drafter, "run", lambda _: None, deletions=policy)
        with pytest.raises(TemperatureRefused, match=message):
            writer.check_seal(change)
        writer.close()
    drafter.close()


def test_a_product_that_is_deleted_while_it_is_switched_off_does_not_come_back(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = Revisions(Part, part())
    ran(job(erp, pim, state, Deletions.disable()))
    erp.remove("key of X")

    def meanwhile(boundary: str) -> None:
        if boundary == "state.intended":
            pim.products.delete(found(pim).uuid)

    report = ran(job(erp, pim, state, Deletions.disable(), hook=meanwhile))
    assert (list(pim.products.list()), report.exit_code) == ([], 0)
    assert state.entries("products", [ErpKey("key of X")]) == {}


# ---- links ----
class Line(ErpItem):
    name = cold(str, "name")
    pieces = cold(int, "pieces")


class Linked(Part):
    near = cold(frozenset[str], "near")
    kit = cold(Lines, "kit")


LINKED = ProductMapping(
    Linked,
    (Linked.number >> sku()).to(Cell[str]("sku")),
    Linked.near.to(association("UPSELL")),
    (Linked.kit >> bill_of_materials(Line, component=Line.name, quantity=Line.pieces)).to(quantified("PACK")),
)


def links(pim: AkeneoClient, number: str) -> tuple[list[str], list[tuple[str, object]]]:
    called = {str(one.uuid): str(one.values.text("sku")) for one in pim.products.list()}
    one = found(pim, number)
    near = one.associations.get(AssociationTypeCode("UPSELL"), {}).get("products", ())
    kit: Any = one.quantified_associations.get(AssociationTypeCode("PACK"), {}).get("products", ())
    return sorted(called[ref] for ref in near), sorted((called[row["uuid"]], row["quantity"]) for row in kit)


def linked_world(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> Revisions[Linked]:
    """A names X, Y and U, and is a kit of two X and three Y; U is a PIM user's product."""
    simulator.load("/api/rest/v1/association-types", [{"code": "UPSELL"}, {"code": "PACK", "is_quantified": True}])
    simulator.load("/api/rest/v1/products", [{"identifier": "U", "values": {}}])
    kit = [{"name": "X", "pieces": 2}, {"name": "Y", "pieces": 3}]
    erp = Revisions(
        Linked, part("A", near=["X", "Y", "U"], kit=kit), part("X", near=[], kit=[]), part("Y", near=["X"], kit=[])
    )
    for _ in range(2):
        ran(job(erp, pim, state, ORDERED, mapping=LINKED))
    assert links(pim, "A") == (["U", "X", "Y"], [("X", 2), ("Y", 3)])
    return erp


def test_links_to_a_deleted_product_come_back_with_it(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = linked_world(pim, simulator, state)
    (row,) = [one for one in erp.rows if one["number"] == "X"]
    erp.remove("key of X")
    report = ran(job(erp, pim, state, ORDERED, mapping=LINKED))
    assert (report.deleted, report.unlinked, report.exit_code) == (1, 3, 1)
    assert "not in the PIM: 'X'" in str(report)
    assert links(pim, "A") == (["U", "Y"], [("Y", 3)])
    simulator.forget_calls()
    assert ran(job(erp, pim, state, ORDERED, mapping=LINKED)).unlinked == 3
    assert simulator.mutating_calls == []
    erp.put(row)  # neither A nor Y is read again
    report = ran(job(erp, pim, state, ORDERED, mapping=LINKED))
    assert (report.read, report.created, report.unlinked, report.exit_code) == (1, 1, 0, 0)
    assert links(pim, "A") == (["U", "X", "Y"], [("X", 2), ("Y", 3)])
    assert links(pim, "Y") == (["X"], [])


def test_an_item_that_links_to_what_its_own_page_deletes(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = linked_world(pim, simulator, state)
    (row,) = [one for one in erp.rows if one["number"] == "X"]
    erp.put({**next(one for one in erp.rows if one["number"] == "A"), "number": "A2"})
    erp.remove("key of X")
    report = ran(job(erp, pim, state, ORDERED, mapping=LINKED))
    assert (report.updated, report.deleted) == (1, 1)
    assert links(pim, "A2") == (["U", "Y"], [("Y", 3)])
    erp.put(row)
    ran(job(erp, pim, state, ORDERED, mapping=LINKED))
    assert links(pim, "A2") == (["U", "X", "Y"], [("X", 2), ("Y", 3)])


def test_what_waits_of_an_item_is_not_closed_by_the_deletion_of_another(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = linked_world(pim, simulator, state)
    (row,) = [one for one in erp.rows if one["number"] == "A"]
    erp.put({**row, "number": "x" * 300})
    assert ran(job(erp, pim, state, ORDERED, mapping=LINKED)).parked == 1
    erp.remove("key of X")
    assert ran(job(erp, pim, state, ORDERED, mapping=LINKED)).deleted == 1
    assert [one.key for one in state.parked("products")] == ["key of A"]


# ---- plans ----
@pytest.mark.parametrize(
    ("policy", "word", "told"),
    [
        (Deletions.disable(), "disable", "disabled"),
        (PARKED_AWAY, "categorise", "filed"),
        (ORDERED, "delete", "deleted"),
    ],
)
def test_a_plan_with_deletions_is_saved_shown_and_applied(
    pim: AkeneoClient,
    simulator: PimSimulator,
    state: SqliteState,
    tmp_path: Path,
    policy: Deletions,
    word: str,
    told: str,
) -> None:
    erp = Revisions(Part, part(category="S"), part("Y", category="S"))
    ran(job(erp, pim, state, policy))
    erp.remove("key of X")
    job(erp, pim, state, policy).plan().save(tmp_path / "plan.json")
    plan = Plan.load(tmp_path / "plan.json")
    assert [json.loads(line)["action"] for line in plan.lines()] == [word]
    assert (f"<dt>{told}</dt><dd>1</dd>" in plan.to_html(), plan.report.deleted) == (True, word == "delete")
    if word == "delete":
        with pytest.raises(TemperatureRefused, match="which nobody ordered"):
            job(erp, pim, state, Deletions.disable()).apply(plan)
    report = job(erp, pim, state, policy).apply(plan)
    assert report.accounts_for_everything()
    assert (report.deleted, report.kind) == (word == "delete", "apply")
    left = {"disable": (False, ["shirts"]), "categorise": (True, ["promotions", "shirts"])}
    assert word == "delete" or seen(pim) == left[word]
    assert len(list(pim.products.list())) == 1 + (word != "delete")
    simulator.forget_calls()
    again = job(erp, pim, state, policy).apply(plan)
    assert (again.exit_code, again.deleted, simulator.mutating_calls) == (0, 0, [])
    assert ran(job(erp, pim, state, policy)).tombstoned == 0
    assert next(state.runs("products")).kind == "delta"


def test_a_deletion_that_a_sync_overtook_is_not_applied(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, part(category="S"))
    ran(job(erp, pim, state, ORDERED))
    row = erp.rows[0]
    erp.remove("key of X")
    plan = job(erp, pim, state, ORDERED).plan()
    erp.put({**row, "name": "back"})
    ran(job(erp, pim, state, ORDERED))
    report = job(erp, pim, state, ORDERED).apply(plan)
    assert (report.deleted, report.undeleted) == (0, 1)
    assert "a sync has written it since" in str(report)
    assert seen(pim) == (True, ["shirts"])


# ---- variants ----
def test_variants_are_deleted_and_their_models_stay(tmp_path: Path) -> None:
    simulator = fill_with_shirts(PimSimulator())
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(tmp_path / "state.db") as state,
    ):
        erp = Shirts([shirt(n) for n in range(6)])

        def variants(policy: Deletions) -> VariantsToPim[Any]:
            options = SyncOptions(deletions=policy, brakes=FREE)
            return VariantsToPim(
                erp, shirts_mapping(TWO_LEVELS), pim, state, rows=tmp_path / "rows.db", options=options
            )

        with pytest.raises(PreflightFailed, match="the categories are the models'"):
            variants(Deletions.categorise("sale")).run()
        with pytest.raises(PreflightFailed, match="deleted for good"):
            variants(Deletions.delete(confirm="https://other.example.com")).run()
        variants(ORDERED).run()
        for number in range(3):
            erp.remove(number)
        report = variants(ORDERED).run()
        assert (report.products.deleted, report.exit_code) == (3, 0)
        assert len(list(pim.products.list())) == 3
        assert sorted(one.code for one in pim.product_models.list()) == ["ST0", "ST0_blau", "ST0_rot"]
        erp.put(shirt(1))
        assert variants(ORDERED).run().products.created == 1


# ---- stops ----
@pytest.mark.parametrize("policy", [PARKED_AWAY, ORDERED, Deletions.disable(), Deletions.ignore()])
@pytest.mark.parametrize("comes_back", [False, True])
def test_killed_anywhere_the_end_is_the_same(tmp_path: Path, policy: Deletions, *, comes_back: bool) -> None:
    """Deletions with links, and returns; where *comes_back* the item is back before the killed run goes on."""
    ends: list[object] = []
    mapping = ProductMapping(
        Linked, *LINKED.bindings, (Linked.category >> lookup({"S": "shirts"}) >> as_set()).to(CATEGORIES)
    )
    for fatal in range(60):
        simulator = fill(PimSimulator())
        auth = PasswordAuth(**simulator.auth_kwargs)
        folder = tmp_path / str(fatal)
        folder.mkdir()
        is_over = False
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
            with SqliteState(folder / "state.db") as state:
                erp = linked_world(pim, simulator, state)
                for number in "PQ":
                    erp.put(part(number, category="S", near=[], kit=[]))
                ran(job(erp, pim, state, policy, mapping=mapping))
                rows = {str(one["number"]): one for one in erp.rows}
                for number in "XP":
                    erp.remove(f"key of {number}")
                left = fatal

                def die(_: str) -> None:
                    nonlocal left
                    left -= 1
                    if left == 0:
                        raise Stopped

                try:
                    ran(job(erp, pim, state, policy, mapping=mapping, hook=die))
                    is_over = fatal > 0
                except Stopped:
                    drop_links(pim)
            if is_over:
                assert fatal >= (2 if policy.action == "ignore" else 4)
                break
            with SqliteState(folder / "state.db") as state:
                if comes_back:
                    erp.put(rows["X"])
                    erp.put(rows["P"])
                ran(job(erp, pim, state, policy, mapping=mapping))
                told = [(*seen(pim, sku), *links(pim, sku)) for sku in skus(pim)]
                simulator.forget_calls()
                ran(job(erp, pim, state, policy, mapping=mapping))
                assert simulator.mutating_calls == [], f"killed at boundary {fatal}"
                for number in "XP":
                    erp.put(rows[number])
                ran(job(erp, pim, state, policy, mapping=mapping))
                after = [(*seen(pim, sku), *links(pim, sku)) for sku in skus(pim)]
                ends.append((told, after))
        assert ends[-1] == ends[0], f"killed at boundary {fatal}"
    else:
        raise AssertionError("it never came to its end")


def drop_links(pim: AkeneoClient) -> None:
    """A PIM forgets links to what is deleted; the simulator hides them as long as it is."""
    for one in list(pim.products.list()):
        pim.products.upsert(
            ProductPatch(
                uuid=one.uuid, associations=one.associations, quantified_associations=one.quantified_associations
            )
        )


def skus(pim: AkeneoClient) -> list[str]:
    return sorted(str(one.values.text("sku")) for one in pim.products.list())

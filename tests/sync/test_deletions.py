"""What the ERP deletes is disabled, once, for good, and nothing else is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.codes import ErpKey, ProductUuid
from akeneo_erp_bridge.mapping import ENABLED
from akeneo_erp_bridge.rules import Owner
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import Behaviour, Fault, PimSimulator
from bench_erp import NAMED, Part, killed, only, part, parts, product, run
from world import fill

ACTIVE = Part.active.to(ENABLED)
FORBIDDEN = (
    b'{"line":1,"identifier":null,"status_code":403,"message":"You can neither view, nor update, nor delete it"}'
)


def test_the_item_wins_over_its_tombstone_in_one_page(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part(name="a"))
    run(erp, product(NAMED), pim, state)
    erp.rows[0]["name"], erp.dead = "b", ["key of X"]
    report = run(erp, product(NAMED), pim, state)
    assert (report.updated, report.tombstoned) == (1, 0)
    assert (only(pim).enabled, only(pim).values.text("name", locale="en_US")) == (True, "b")


def test_a_deletion_heard_of_twice_is_one(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = parts(part())
    run(erp, product(NAMED), pim, state)
    erp.rows, erp.dead = [], ["key of X", "key of X"]
    assert run(erp, product(NAMED), pim, state).tombstoned == 1
    simulator.forget_calls()
    assert run(erp, product(NAMED), pim, state).tombstoned == 0
    assert simulator.mutating_calls == []


def test_a_refused_deletion_is_told_and_tried_again(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(part())
    run(erp, product(NAMED), pim, state)
    erp.rows, erp.dead = [], ["key of X"]
    for dead in (["key of X"], []):
        erp.dead = dead
        simulator.fail_next(Fault(method="PATCH", status=200, body=FORBIDDEN, content_type=simulator_lines()))
        report = run(erp, product(NAMED), pim, state)
        assert (report.undeleted, report.exit_code) == (1, 1)
        assert "1 deletion refused" in str(report)
        assert "neither view" in str(report)
        assert only(pim).enabled is True
    report = run(erp, product(NAMED), pim, state)
    assert (report.undeleted, report.exit_code, only(pim).enabled) == (0, 0, False)
    simulator.forget_calls()
    assert run(erp, product(NAMED), pim, state).exit_code == 0
    assert simulator.mutating_calls == []


def test_a_refused_deletion_is_forgotten_when_the_item_is_back(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(part())
    run(erp, product(NAMED), pim, state)
    row, erp.rows, erp.dead = erp.rows[0], [], ["key of X"]
    simulator.fail_next(Fault(method="PATCH", status=200, body=FORBIDDEN, content_type=simulator_lines()))
    run(erp, product(NAMED), pim, state)
    erp.rows, erp.dead = [row], []
    assert run(erp, product(NAMED), pim, state).exit_code == 0
    assert only(pim).enabled is True
    assert list(state.parked("products")) == []


def simulator_lines() -> str:
    return "application/vnd.akeneo.collection+json"


# ---- enabled, by whom ----
def test_what_the_erp_had_disabled_stays_so_when_the_rule_is_gone(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part(active=False))
    run(erp, product(NAMED, ACTIVE), pim, state)
    run(erp, product(NAMED), pim, state)
    erp.rows[0]["name"] = "b"
    run(erp, product(NAMED), pim, state)
    assert only(pim).enabled is False


@pytest.mark.parametrize(
    ("rule", "back"),
    [((), True), ((ACTIVE,), True), ((Part.active.to(ENABLED, owner=Owner.SEED),), True)],
)
def test_what_was_deleted_and_is_back_is_enabled(
    pim: AkeneoClient, state: SqliteState, rule: tuple[object, ...], *, back: bool
) -> None:
    mapping = product(NAMED, *rule)  # type: ignore[arg-type]  # bindings, all of them
    erp = parts(part(active=True))
    run(erp, mapping, pim, state)
    rows, erp.rows, erp.dead = erp.rows, [], ["key of X"]
    assert run(erp, mapping, pim, state).tombstoned == 1
    assert only(pim).enabled is False
    erp.rows, erp.dead = rows, []
    assert run(erp, mapping, pim, state).updated == 1
    assert only(pim).enabled is back
    assert run(erp, mapping, pim, state).unchanged == 1


def test_what_is_back_and_disabled_by_the_erp_stays_so(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part(active=False))
    run(erp, product(ACTIVE), pim, state)
    rows, erp.rows, erp.dead = erp.rows, [], ["key of X"]
    run(erp, product(ACTIVE), pim, state)
    erp.rows, erp.dead = rows, []
    run(erp, product(ACTIVE), pim, state)
    assert only(pim).enabled is False


# ---- after a stop ----
@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent"])
def test_a_return_that_was_interrupted_is_finished(pim: AkeneoClient, state: SqliteState, boundary: str) -> None:
    erp = parts(part())
    run(erp, product(NAMED), pim, state)
    rows, erp.rows, erp.dead = erp.rows, [], ["key of X"]
    run(erp, product(NAMED), pim, state)
    erp.rows, erp.dead = rows, []
    killed(erp, product(NAMED), pim, state, at=boundary)
    run(erp, product(NAMED), pim, state)
    assert only(pim).enabled is True


@pytest.mark.parametrize("boundary", ["state.intended", "pim.sent"])
def test_a_product_whose_creation_nobody_heard_of_is_disabled(
    pim: AkeneoClient, state: SqliteState, boundary: str
) -> None:
    erp = parts(part())
    killed(erp, product(NAMED), pim, state, at=boundary)
    erp.rows, erp.dead = [], ["key of X"]
    report = run(erp, product(NAMED), pim, state)
    assert [one.enabled for one in pim.products.list()] == ([False] if boundary == "pim.sent" else [])
    assert report.tombstoned == (boundary == "pim.sent")


def test_a_product_the_lists_do_not_show_yet_is_disabled(state: SqliteState) -> None:
    """Akeneo's lists lag behind what was written; the thing itself does not."""
    simulator = fill(PimSimulator(behaviour=Behaviour(index_lag=timedelta(minutes=5))))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        erp = parts(part())
        run(erp, product(NAMED), pim, state)
        (entry,) = state.entries("products", [ErpKey("key of X")]).values()
        erp.rows, erp.dead = [], ["key of X"]
        assert run(erp, product(NAMED), pim, state).tombstoned == 1
        assert pim.products.get(ProductUuid(entry.ref)).enabled is False


# ---- brakes ----
def test_a_small_catalog_that_vanishes_is_braked_too(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(*(part(f"N{number}") for number in range(9)))
    run(erp, product(NAMED), pim, state)
    rows, erp.rows, erp.dead = erp.rows, [], [f"key of N{number}" for number in range(9)]
    report = run(erp, product(NAMED), pim, state)
    assert (report.exit_code, report.tombstoned) == (5, 0)
    assert all(one.enabled for one in pim.products.list())
    erp.rows, erp.dead = rows[1:], ["key of N0"]
    assert run(erp, product(NAMED), pim, state).tombstoned == 1


def test_parked_and_deleted_is_parked_no_longer(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part(name="x" * 300), part("Y"))
    erp.kind = "timestamp"  # a second read is no proof of absence
    assert run(erp, product(NAMED), pim, state).parked == 1
    del erp.rows[0]
    erp.dead = ["key of X"]
    assert run(erp, product(NAMED), pim, state).exit_code == 0
    assert list(state.parked("products")) == []

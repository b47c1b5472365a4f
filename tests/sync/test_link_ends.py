"""The two ends of a link: circles in kits, and types whose links the PIM writes at both ends."""

from __future__ import annotations

import random

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.sync import SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import Row, run
from link_bench import PACK, PAIR, UPSELL, kit, link_by_hand, links, parts_of, tool, tool_mapping, tools, with_links
from world import fill


@pytest.fixture
def simulator() -> PimSimulator:
    return with_links(fill(PimSimulator()))


# ---- circles ----
@pytest.mark.parametrize("page_size", [1, 500])
def test_a_kit_that_is_a_part_of_its_parts_gives_up_the_cell(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, page_size: int
) -> None:
    erp = tools(kit("A", B=1), kit("B", C=1), kit("C", A=1), kit("D", A=1), kit("E", E=1))
    report = run(erp, tool_mapping(PACK), pim, state, page_size=page_size)
    assert (report.created, report.parked, report.exit_code) == (5, 0, 1)
    told = {one.key: one.detail for one in report.unlinked_cells}
    assert told["key of E"].startswith("it would be a part of itself: E > E;")
    if page_size == 500:  # looked at together, each of the three closes the circle
        assert set(told) == {"key of A", "key of B", "key of C", "key of E"}
        assert told["key of B"].startswith("it would be a part of itself: B > C > A > B;")
        assert parts_of(pim, "D") == {"A": 1}
    erp.rows[2] = tool("C", components=[])
    erp.rows[4] = tool("E", components=[])
    for _ in range(2):
        report = run(erp, tool_mapping(PACK), pim, state, page_size=page_size)
    assert report.exit_code == 0, report
    assert [parts_of(pim, one) for one in "ABCDE"] == [{"B": 1}, {"C": 1}, {}, {"A": 1}, {}]
    simulator.forget_calls()
    run(erp, tool_mapping(PACK), pim, state, page_size=page_size)
    assert simulator.mutating_calls == []


def test_a_circle_over_what_was_written_earlier_is_found(pim: AkeneoClient, state: SqliteState) -> None:
    erp = tools(kit("A", B=1), kit("B", C=1), kit("C"))
    run(erp, tool_mapping(PACK), pim, state)
    erp.rows[2] = kit("C", A=1)
    report = run(erp, tool_mapping(PACK), pim, state)
    assert (report.updated, report.skipped, report.parked) == (0, 1, 0)
    assert "C > A > B > C" in report.skipped_cells[0].detail
    assert run(erp, tool_mapping(PACK), pim, state).skipped == 1, "told again, for it is not mended"
    assert parts_of(pim, "C") == {}


# ---- two-way types ----
def test_a_two_way_link_stays_as_long_as_one_end_wants_it(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = tools(tool("A", pair=["B"]), tool("B", pair=["A"]), tool("C", pair=[]))
    mapping = tool_mapping(PAIR)
    run(erp, mapping, pim, state)
    assert links(pim, "PAIR") == {"A": ["B"], "B": ["A"]}
    simulator.forget_calls()
    run(erp, mapping, pim, state)
    assert simulator.mutating_calls == []
    erp.rows[0]["pair"] = []
    run(erp, mapping, pim, state)
    assert links(pim, "PAIR") == {"A": ["B"], "B": ["A"]}
    erp.rows[1]["pair"] = None
    run(erp, mapping, pim, state)
    assert links(pim, "PAIR") == {}


def test_a_two_way_link_of_a_pim_user_stays_at_both_ends(pim: AkeneoClient, state: SqliteState) -> None:
    erp = tools(tool("A", pair=[]), tool("B", pair=[]), tool("C", pair=["A"]))
    mapping = tool_mapping(PAIR)
    run(erp, mapping, pim, state)
    link_by_hand(pim, "A", "B", "C", code="PAIR")
    erp.rows[0]["pair"] = ["B"]
    run(erp, mapping, pim, state)
    erp.rows[0]["pair"] = []
    erp.rows[2]["pair"] = []
    run(erp, mapping, pim, state)
    assert links(pim, "PAIR") == {"A": ["B"], "B": ["A"]}


def test_a_product_that_names_itself_gives_up_the_cell(pim: AkeneoClient, state: SqliteState) -> None:
    erp = tools(tool("A", pair=["A"], upsell=["A"]))
    report = run(erp, tool_mapping(PAIR, UPSELL), pim, state)
    assert (report.created, report.parked, report.unlinked) == (1, 0, 1)
    assert "'A' names itself" in report.unlinked_cells[0].detail
    assert (links(pim, "PAIR"), links(pim)) == ({}, {"A": ["A"]})


@pytest.mark.parametrize("seed", range(8))
def test_two_way_links_end_as_either_end_and_the_users_want_them(seed: int) -> None:
    """Both ends are written as wholes, in one batch or one by one: neither may undo the other."""
    rng = random.Random(seed)
    sim = with_links(fill(PimSimulator()))
    auth = PasswordAuth(**sim.auth_kwargs)
    numbers = "ABCDE"
    mapping = tool_mapping(PAIR)
    erp = tools(*(tool(one, pair=_some(rng, numbers, one)) for one in numbers))
    with AkeneoClient(sim.url, auth, transport=sim.transport()) as pim, SqliteState(":memory:") as memory:
        users: set[frozenset[str]] = set()
        for step in range(8):
            run(erp, mapping, pim, memory, page_size=rng.choice([1, 2, 500]))
            wanted = {frozenset((str(row["number"]), one)) for row in erp.rows for one in _names(row)}
            found = {frozenset((one, other)) for one, others in links(pim, "PAIR").items() for other in others}
            assert found == wanted | users, f"seed {seed}, step {step}"
            sim.forget_calls()
            run(erp, mapping, pim, memory)
            assert sim.mutating_calls == []
            one, other = rng.sample(numbers, 2)
            if frozenset((one, other)) not in found:
                users.add(frozenset((one, other)))
                link_by_hand(pim, one, *links(pim, "PAIR").get(one, []), other, code="PAIR")
            for row in rng.sample(erp.rows, rng.randint(0, 4)):
                row["pair"] = _some(rng, numbers, str(row["number"]))


def _some(rng: random.Random, numbers: str, besides: str) -> list[str]:
    return sorted(rng.sample([one for one in numbers if one != besides], rng.randint(0, 3)))


def _names(row: Row) -> list[str]:
    found = row["pair"]
    return [str(one) for one in found] if isinstance(found, list) else []

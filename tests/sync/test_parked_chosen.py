"""Parked items by stream, code, key, cell and age: listed, and tried again by a run of just those."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Choice, Cursor, Page
from akeneo_erp_bridge.mapping import in_unit
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import (
    ErpToPim,
    ParkedItem,
    Plan,
    Settled,
    SqliteState,
    SyncState,
    VariantsToPim,
    by_parked,
    parked_items,
)
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import COLOUR, COLOURED, NAMED, WEIGHT, Changes, Part, Rows, part, parts, product
from shirts import TWO_LEVELS, Shirt, Shirts, fill, mapping, shirt

NOW = datetime.now(UTC)
WEIGHED = (Part.weight >> in_unit("KILOGRAM")).to(WEIGHT)


def parked(key: str, code: str, path: str, days: int = 0) -> ParkedItem:
    return ParkedItem(ErpKey(key), code, path, "why", fingerprint=key, since=NOW - timedelta(days=days, minutes=1))


ALL = [
    parked("", "no_key", "id"),
    parked("DR-18", "refused", "values/colour", 9),
    parked("DR-19", "required", "name[en_US]", 2),
    parked("HM-01", "refused", "values/name"),
    parked("HM-02", "not_a_number", "packs, line 2 > weight", 2),
    parked("SC[1]", "wrong_type", "net weight"),
]


@pytest.mark.on_both
@pytest.mark.parametrize(
    ("codes", "words", "found"),
    [
        ((), {}, ["", "DR-18", "DR-19", "HM-01", "HM-02", "SC[1]"]),
        (("refused",), {}, ["DR-18", "HM-01"]),
        (("refused", "required"), {"key": "DR-*"}, ["DR-18", "DR-19"]),
        (("Refused",), {}, []),
        ((), {"key": ""}, [""]),
        ((), {"key": "dr-*"}, []),
        ((), {"key": "?M-0[1-9]"}, ["HM-01", "HM-02"]),
        ((), {"key": "SC[[]1]"}, ["SC[1]"]),
        ((), {"cell": "colour"}, ["DR-18"]),
        ((), {"cell": COLOUR}, ["DR-18"]),
        ((), {"cell": "name"}, ["DR-19", "HM-01"]),
        ((), {"cell": "name[en_US]"}, ["DR-19"]),
        ((), {"cell": Cell[str]("name", locale="en_US")}, ["DR-19"]),
        ((), {"cell": "weight"}, ["HM-02"]),
        ((), {"cell": "net weight"}, ["SC[1]"]),
        ((), {"cell": "col"}, []),
        ((), {"older_than": timedelta(days=2)}, ["DR-18", "DR-19", "HM-02"]),
        ((), {"older_than": timedelta(0)}, ["", "DR-18", "DR-19", "HM-01", "HM-02", "SC[1]"]),
        (("refused",), {"older_than": timedelta(days=2), "cell": "colour", "key": "DR-*"}, ["DR-18"]),
        ((), {"stream": "spares"}, ["S-1"]),
    ],
)
def test_parked_items_are_listed_by_what_is_asked(
    state: SyncState, codes: tuple[str, ...], words: dict[str, Any], found: list[str]
) -> None:
    state.settle("products", Settled(parked=ALL))
    state.settle("spares", Settled(parked=[parked("S-1", "refused", "values/colour")]))
    assert [one.key for one in parked_items(state, *codes, **words)] == found


def test_an_item_is_found_by_each_of_its_cells_and_fields(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A", name="x" * 300, weight="heavy"), part("B", name="x" * 300))
    ErpToPim(erp, product(NAMED, WEIGHED), pim, state).run()
    both = ["key of A", "key of B"]
    for cell, found in (
        ("name", both),
        ("name[en_US]", both),
        (WEIGHT, both[:1]),
        ("weight", both[:1]),
        ("colour", []),
    ):
        assert [one.key for one in parked_items(state, cell=cell)] == found, cell


# ---- tried again ----
def job(erp: Rows[Part], pim: AkeneoClient, state: SyncState) -> ErpToPim[Part]:
    return ErpToPim(erp, product(NAMED, COLOURED), pim, state)


def three() -> Changes[Part]:
    """Two items whose colour is no option of the PIM, one whose name is too long, and a good one."""
    bad = [part("A", colour="green"), part("B", colour="green"), part("C", name="x" * 300)]
    return Changes(Part, *bad, part("D"))


@pytest.mark.on_both
def test_what_is_parked_by_a_code_is_tried_again_and_nothing_else(
    pim: AkeneoClient, simulator: PimSimulator, state: SyncState
) -> None:
    erp = three()
    assert job(erp, pim, state).run().parked == 3
    simulator.load("/api/rest/v1/attributes/colour/options", [{"code": "green"}])
    report = job(erp, pim, state).run()
    assert (report.read, report.waiting) == (0, 3), "the ERP does not tell them again"
    assert job(erp, pim, state).run(only=by_parked("refused", key="*B")).created == 1
    report = job(erp, pim, state).run(only=by_parked("refused", cell="colour"))
    assert (report.read, report.created, report.passed_over) == (1, 1, 3)
    assert report.choice == "by_parked('refused', cell='colour')"
    assert [one.key for one in state.parked("products")] == ["key of C"]
    report = job(erp, pim, state).run(only=by_parked())
    assert (report.read, report.parked, report.passed_over) == (1, 1, 3)


def test_a_plan_of_what_is_parked_is_applied(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = three()
    job(erp, pim, state).run()
    simulator.load("/api/rest/v1/attributes/colour/options", [{"code": "green"}])
    plan = job(erp, pim, state).plan(only=by_parked("refused"))
    assert sorted(one.key for one in plan.creates) == ["key of A", "key of B"]
    assert job(erp, pim, state).apply(Plan.from_json(plan.to_json())).created == 2
    assert [one.key for one in state.parked("products")] == ["key of C"]


class Finding(Rows[Part]):
    """An ERP that finds items by themselves."""

    def __init__(self, *rows: dict[object, object]) -> None:
        super().__init__(Part, *rows)
        self.asked: list[object] = []

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        self.asked.append("everything")
        yield from super().read_items(since, fields=fields, limit=limit)

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        self.asked.append((choice.path, choice.values))
        yield Page([Part(row) for row in self.rows if row["id"] in choice.values], (), Cursor("snapshot", ""))  # type: ignore[arg-type]  # rows of a test


def test_an_erp_is_asked_for_what_is_parked_and_for_nothing_where_nothing_is(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = Finding(*three().rows)
    job(erp, pim, state).run()
    erp.asked.clear()
    assert job(erp, pim, state).run(only=by_parked("refused")).parked == 2
    assert erp.asked == [("id", ("key of A", "key of B"))]
    erp.asked.clear()
    report = job(erp, pim, state).run(only=by_parked("no such code"))
    assert (report.read, report.exit_code, erp.asked) == (0, 0, [])
    report = job(parts(part(id=None)), pim, state).run()
    erp.asked.clear()
    assert job(erp, pim, state).run(only=by_parked("no_key")).read == 0
    assert erp.asked == [], "nobody can ask for a row without a key"


def test_flat_rows_that_are_parked_bring_their_model_along(tmp_path: Path, state: SqliteState) -> None:
    with fill(PimSimulator()).client() as pim:
        erp = Shirts([shirt(number, note="x" * 300 if number in (1, 7) else "short") for number in range(12)])

        def shirts() -> VariantsToPim[Shirt]:
            return VariantsToPim(erp, mapping(TWO_LEVELS), pim, state, rows=tmp_path / "rows.db")

        assert (before := shirts().run().products).parked == 2, before
        report = shirts().run(only=by_parked("too_long", key="0001"))
        assert (report.products.read, report.products.parked, report.products.passed_over) == (6, 1, 6)
        erp.put(shirt(1, note="short"))
        assert shirts().run(only=by_parked("too_long")).products.created == 1
        assert [one.key for one in state.parked("products")] == ["0007"]
        assert shirts().run(only=by_parked("refused")).products.read == 0

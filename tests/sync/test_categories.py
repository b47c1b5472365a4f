"""A tree of categories from the ERP, in whatever order the ERP gives it."""

from __future__ import annotations

import random
from collections.abc import Iterator

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.erp import Cursor, ErpItem, ErpSchema, Health, Page, cold
from akeneo_erp_bridge.mapping import CODE, PARENT, CategoryMapping, clean, label
from akeneo_erp_bridge.sync import ErpToPim, SqliteState
from akeneo_erp_bridge.testing import PimSimulator


class Group(ErpItem):
    code = cold(str, "code", key=True)
    parent = cold(str, "parent").nullable()
    english = cold(str, "name_en")
    german = cold(str, "name_de")


MAPPING = CategoryMapping(
    Group,
    Group.code.to(CODE),
    Group.parent.default("master").to(PARENT),
    (Group.english >> clean()).to(label("en_US")),
    (Group.german >> clean()).to(label("de_DE")),
)


class Groups:
    """An ERP of categories."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        self.rows = rows

    def describe(self) -> ErpSchema:
        return ErpSchema("groups")

    def check(self) -> Health:
        return Health(ok=True, message="")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Group]]:
        for start in range(0, len(self.rows), limit):
            end = start + limit
            cursor = Cursor("snapshot", str(end) if end < len(self.rows) else "")
            yield Page([Group(row) for row in self.rows[start:end]], [], cursor)


def tree(count: int) -> list[dict[str, object]]:
    """A tree of 250 groups, each below the one with half its number, shuffled."""
    rows: list[dict[str, object]] = [
        {"code": f"g{n}", "parent": f"g{n // 2}" if n > 1 else None, "name_en": f"Group {n}", "name_de": f"Gruppe {n}"}
        for n in range(1, count + 1)
    ]
    random.Random(7).shuffle(rows)
    return rows


def test_a_shuffled_tree_arrives_whole(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = Groups(tree(250))  # more than two batches and, at 500 items a page, one page
    job = ErpToPim(erp, MAPPING, pim, state)
    report = job.run()
    assert (report.read, report.created, report.parked) == (250, 250, 0), report
    found = {str(one.code): one for one in pim.categories.list()}
    assert {code: found[code].parent for code in ("g1", "g2", "g250")} == {"g1": "master", "g2": "g1", "g250": "g125"}
    assert found["g17"].labels == {"en_US": "Group 17", "de_DE": "Gruppe 17"}

    simulator.forget_calls()
    again = job.run()
    assert (again.unchanged, simulator.mutating_calls) == (250, [])


def test_pages_make_no_difference(pim: AkeneoClient, state: SqliteState) -> None:
    from akeneo_erp_bridge.sync import SyncOptions

    report = ErpToPim(Groups(tree(60)), MAPPING, pim, state, options=SyncOptions(page_size=7)).run()
    assert (report.created, report.parked) == (60, 0), report


def test_one_label_changes_and_one_cell_is_written(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = Groups(tree(9))
    job = ErpToPim(erp, MAPPING, pim, state)
    job.run()
    next(row for row in erp.rows if row["code"] == "g5")["name_de"] = "Sägen"
    (change,) = job.plan().changes
    assert (change.key, [str(one.cell) for one in change.cells.values()]) == ("g5", ["labels[de_DE]"])
    simulator.forget_calls()
    assert job.run().updated == 1
    assert len(simulator.mutating_calls) == 1
    assert pim.categories.get("g5").labels == {"en_US": "Group 5", "de_DE": "Sägen"}


def test_a_circle_is_parked_and_the_others_go_on(pim: AkeneoClient, state: SqliteState) -> None:
    rows = [*tree(5), {"code": "a", "parent": "b", "name_en": "A", "name_de": "A"}]
    rows.append({"code": "b", "parent": "a", "name_en": "B", "name_de": "B"})
    report = ErpToPim(Groups(rows), MAPPING, pim, state).run()
    assert report.accounts_for_everything()
    assert (report.created, report.parked) == (5, 2)
    assert all("parent" in one.detail for one in report.parked_items), report

"""An item that comes several times within one run: the PIM ends with its newest state, and every row is accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, ErpKey, LocaleCode, ProductUuid
from akeneo_erp_bridge.erp import Choice, Cursor, CursorKind, ErpItem, Page, cold, snapshot_diff
from akeneo_erp_bridge.errors import CursorExpired, ErpUnreachable
from akeneo_erp_bridge.mapping import CATEGORIES, CODE, CategoryMapping, clean, constant, label
from akeneo_erp_bridge.sync import (
    Adopt,
    Brakes,
    Deletions,
    ErpToPim,
    Plan,
    SqliteState,
    SyncOptions,
    SyncReport,
    by_key,
    match,
    report_html,
)
from akeneo_erp_bridge.testing import Fault, PimSimulator
from bench_erp import ADOPTED, COLOURED, NAME, NAMED, Part, Row, Rows, Stopped, dying_after, part, product
from link_bench import NAMED as TOOL_NAMED
from link_bench import UPSELL, Tool, links, tool, tool_mapping, with_links
from world import fill

Entry = Row | str


class Log(Rows[Part]):
    """A log of changes: a row, or the key of one that was deleted; `cuts` are the pages after the first run's."""

    kind: CursorKind = "sequence"

    def __init__(self, *log: Entry, size: int = 1, item: type[Any] = Part) -> None:
        super().__init__(item)
        self.log: list[Entry] = list(log)
        self.size = size

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        for start in range(int(since.blob) if since is not None else 0, len(self.log), self.size):
            some = self.log[start : start + self.size]
            dead = [ErpKey(one) for one in some if isinstance(one, str)]
            resume = Cursor(self.kind, str(min(start + self.size, len(self.log))))
            yield Page([self._made(one) for one in some if not isinstance(one, str)], dead, resume)


class Askable(Log):
    """It can be asked for some items, and answers with the rows of `table`, and one that nobody asked for."""

    def __init__(self, *log: Entry, size: int = 1) -> None:
        super().__init__(*log, size=size)
        self.table: list[Row] = []
        self.asked: list[Choice] = []
        self.is_down = False

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        assert {"id", "name"} <= fields
        self.asked.append(choice)
        if self.is_down:
            raise ErpUnreachable("the line was cut")
        found = [row for row in self.table if row[choice.path] in choice.values]
        yield Page([self._made(row) for row in [*found, part("BESIDE")]], [], Cursor("snapshot", ""))


def job(erp: Any, pim: AkeneoClient, state: SqliteState, *bindings: Any, **options: Any) -> ErpToPim[Part]:
    options.setdefault("brakes", Brakes(deleted_share=1.0))
    return ErpToPim(erp, product(*(bindings or (NAMED,))), pim, state, options=SyncOptions(**options))


def ran(one: ErpToPim[Any], **asked: Any) -> SyncReport:
    report = one.run(**asked)
    assert report.accounts_for_everything(), report
    return report


def names(pim: AkeneoClient) -> dict[str, str | None]:
    return {str(one.values.text("sku")): one.values.text("name", locale="en_US") for one in pim.products.list()}


def off(pim: AkeneoClient) -> list[str]:
    return sorted(str(one.values.text("sku")) for one in pim.products.list() if not one.enabled)


def counts(report: SyncReport) -> tuple[int, int, int, int]:
    return report.read, report.unchanged, report.written, report.parked


# ---- deleted, and back ----
@pytest.mark.parametrize("content", ["before", "same", "other"])
@pytest.mark.parametrize("policy", ["disable", "categorise", "ignore", "delete"])
def test_what_is_deleted_and_back_within_one_run_is_there(
    pim: AkeneoClient, state: SqliteState, policy: str, content: str
) -> None:
    deletions = {
        "disable": Deletions.disable(),
        "categorise": Deletions.categorise("promotions"),
        "ignore": Deletions.ignore(),
        "delete": Deletions.delete(confirm=pim.url),
    }[policy]
    bound = (NAMED, constant(frozenset[str]()).to(CATEGORIES))
    erp = Log(part("X", name="before"), part("Y"))
    ran(job(erp, pim, state, *bound, deletions=deletions))
    back = {"before": "before", "same": "first", "other": "other"}[content]
    erp.log += [part("X", name="first"), "key of X", part("X", name=back)]
    report = ran(job(erp, pim, state, *bound, deletions=deletions))
    assert (report.exit_code, off(pim), names(pim)) == (0, [], {"X": back, "Y": "Part Y"})
    assert {one.categories for one in pim.products.list()} == {()}
    assert state.ledger_size("products") == 2
    assert ran(job(erp, pim, state, *bound, deletions=deletions), reads="all").unchanged > 0
    assert (off(pim), names(pim)) == ([], {"X": back, "Y": "Part Y"})


def test_what_is_back_and_deleted_once_more_is_switched_off(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Log(part("X"))
    ran(job(erp, pim, state))
    erp.log += ["key of X", part("X", name="b"), "key of X", part("X", name="c"), "key of X"]
    report = ran(job(erp, pim, state))
    assert (counts(report), report.tombstoned) == ((2, 0, 2, 0), 3)
    assert (off(pim), names(pim)) == (["X"], {"X": "c"})


def test_a_return_is_not_heard_as_a_deletion(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    """The PIM refuses the deletion; what came back is neither buried at the end of the run nor by the next one."""
    refusal = b'{"line":1,"identifier":null,"status_code":403,"message":"No."}'
    erp = Log(part("X", name="a"), part("Y"))
    ran(job(erp, pim, state))
    erp.log += ["key of X", part("X", name="a")]
    simulator.fail_next(
        Fault(method="PATCH", status=200, body=refusal, content_type="application/vnd.akeneo.collection+json")
    )
    assert ran(job(erp, pim, state)).undeleted == 1
    assert (off(pim), list(state.parked("products"))) == ([], [])
    report = ran(job(erp, pim, state))
    assert (report.exit_code, off(pim)) == (0, [])


def test_a_return_in_a_reading_of_everything_is_shown(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Log(part("X"), part("Y"), part("Z"))
    ran(job(erp, pim, state))
    erp.log += ["key of X", part("X", name="b"), "key of Y"]
    report = ran(job(erp, pim, state), reads="all")
    assert (report.missing, off(pim)) == (0, ["Y"])


def test_an_adopted_product_is_its_item_s_after_a_return(pim: AkeneoClient, state: SqliteState) -> None:
    """The marks that the first life left behind are its own."""
    erp = Log(part("X"), "key of X", part("X"))
    one = job(erp, pim, state, adopt=Adopt(by=[match(NAME)]), deletions=Deletions.delete(confirm=pim.url))
    plan = one.plan()
    assert (counts(plan.report), [change.action for change in plan.changes]) == ((2, 1, 1, 0), ["create"])
    report = ran(one)
    assert (counts(report), names(pim)) == ((2, 0, 2, 0), {"X": "Part X"})


# ---- two states ----
@pytest.mark.parametrize("size", [1, 2, 3, 500])
@pytest.mark.parametrize("last", ["b", "a"])
def test_the_newest_of_several_states_is_in_the_pim(
    pim: AkeneoClient, state: SqliteState, last: str, size: int
) -> None:
    erp = Log(part("X", name="a"), size=size)
    ran(job(erp, pim, state))
    erp.log += [part("Y"), part("X", name="b"), part("X", name="b"), part("X", name="c"), part("X", name=last)]
    report = ran(job(erp, pim, state))
    assert (report.read, report.exit_code, names(pim)["X"]) == (5, 0, last)
    assert ran(job(erp, pim, state)).read == 0
    simulated = ran(job(erp, pim, state), reads="all")
    assert names(pim)["X"] == last, simulated


def test_on_one_page_the_last_row_counts_and_the_others_are_repetitions(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = Log(part("X", name="a"), size=500)
    ran(job(erp, pim, state))
    simulator.forget_calls()
    erp.log += [part("X", name="b"), part("X", name="c"), part("X", name="d")]
    assert counts(ran(job(erp, pim, state))) == (3, 2, 1, 0)
    assert (len(simulator.mutating_calls), names(pim)) == (1, {"X": "d"})


def test_a_state_that_is_parked_makes_way_for_the_next(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Log(part("X", name="a"))
    ran(job(erp, pim, state))
    erp.log += [part("X", name="x" * 300), part("X", name="c")]
    assert counts(ran(job(erp, pim, state))) == (2, 0, 1, 1)
    assert (names(pim), list(state.parked("products"))) == ({"X": "c"}, [])
    assert ran(job(erp, pim, state)).exit_code == 0


def test_a_snapshot_shows_each_item_once(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Askable(part("X", name="a"), part("X", name="b"))
    erp.kind = "snapshot"
    report = ran(job(erp, pim, state))
    assert (counts(report), names(pim), erp.asked) == ((2, 0, 1, 1), {"X": "a"}, [])
    assert [one.code for one in state.parked("products")] == ["duplicate"]


def test_a_report_says_that_two_parked_rows_of_one_key_are_one_item(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Askable(part("X", name="a"), part("X", name="b"), part("X", name="c"), part("Y"), part("Y", name="b"), size=5)
    erp.kind = "snapshot"
    report = ran(job(erp, pim, state))
    assert (report.parked, len(list(state.parked("products")))) == (3, 2)
    assert "1 parked row of a key that is parked already; lists of parked items show each key once, so 2" in str(report)
    assert "show each key once, so 2" in report_html(report, state)
    erp.log = erp.log[:2]
    assert "parked already" not in str(ran(job(erp, pim, state)))


def test_two_changes_never_overtake_each_other(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    """The first change is in a full request to which the PIM is slow to answer; the second comes meanwhile."""
    many = [part(f"N{number:03}") for number in range(300)]
    erp = Log(*many, size=50)
    ran(job(erp, pim, state))
    erp.log += [part(f"N{number:03}", name="first") for number in range(100)]
    erp.log += [part(f"N{number:03}", name="between") for number in range(100, 300)]
    erp.log += [part(f"N{number:03}", name="second") for number in range(100)]
    simulator.fail_next(Fault(method="PATCH", latency=timedelta(seconds=0.5)))
    report = ran(job(erp, pim, state))
    assert (report.written, report.exit_code) == (400, 0)
    assert sorted(names(pim).values(), key=str) == ["between"] * 200 + ["second"] * 100
    simulator.fail_next(Fault(method="PATCH", latency=timedelta(seconds=0.5)))
    erp.log += [*many[:100], *(str(one["id"]) for one in many[:100]), *many[:100]]
    report = ran(job(erp, pim, state))
    assert (report.written, report.tombstoned, off(pim)) == (200, 100, [])


# ---- a newer state, or another row of the same number ----
def test_the_erp_is_asked_once_a_page_which_it_is(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Askable(*(part(one, name="a") for one in "ABCD"), size=4)
    ran(job(erp, pim, state))
    assert erp.asked == []
    erp.log += [part(one, name="b") for one in "ABCD"]
    erp.log += [part("A", name="c"), part("B", name="c"), part("C", name="c"), part("D", name="b")]
    # A is the same item, of B there are two rows, C was deleted meanwhile, and D is only repeated
    erp.table = [part("A", name="d"), part("B", name="b"), part("B", name="c"), part("D", name="b")]
    report = ran(job(erp, pim, state))
    assert erp.asked == [Choice("id", ("key of A", "key of B", "key of C"))]
    assert (counts(report), names(pim)) == ((8, 1, 6, 1), {"A": "c", "B": "b", "C": "c", "D": "b"})
    (parked,) = state.parked("products")
    assert (parked.key, parked.code, report.exit_code) == ("key of B", "duplicate", 1)
    assert "has this key twice with different content; the first row counts" in parked.detail
    erp.log.append("key of C")
    assert ran(job(erp, pim, state)).tombstoned == 1


def test_two_equal_rows_are_no_rivals(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Askable(part("X", name="a"), part("X", name="b"))
    erp.table = [part("X", name="b", stock=1), part("X", name="b", stock=2)]
    assert (counts(ran(job(erp, pim, state))), names(pim)) == ((2, 0, 2, 0), {"X": "b"})


def test_of_two_rows_on_one_page_the_first_counts(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Askable(part("X", name="a"), part("X", name="b"), part("X", name="a"), size=3)
    erp.table = [part("X", name="a"), part("X", name="b")]
    assert (counts(ran(job(erp, pim, state))), names(pim)) == ((3, 1, 1, 1), {"X": "a"})


def test_an_erp_that_cannot_be_reached_keeps_the_page(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Askable(part("X", name="a"), part("Y", name="a"), part("X", name="b"), part("Y", name="b"))
    erp.is_down = True
    with pytest.raises(ErpUnreachable, match="the line was cut"):
        job(erp, pim, state).run()
    cursor = state.cursor("products", next(iter(state.entries("products", [ErpKey("key of X")]).values())).context)
    assert (cursor, names(pim)) == (Cursor("sequence", "2"), {"X": "a", "Y": "a"})
    erp.is_down = False
    assert (ran(job(erp, pim, state)).read, names(pim)) == (2, {"X": "b", "Y": "b"})


def test_what_finds_deletions_passes_the_question_on(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    """It could read everything where its reader cannot choose, which for a log is each state that there ever was."""
    plain, askable = Log(part("X", name="a")), Askable(part("X", name="a"))
    for number, inner in enumerate((plain, askable)):
        erp = snapshot_diff(inner, tmp_path / f"keys {number}")
        stream = f"stream {number}"
        ran(job(erp, pim, state, stream=stream))
        inner.log += [part("X", name="b"), part("X", name="c")]
        if isinstance(inner, Askable):
            inner.table = [part("X", name="c")]
        report = ran(job(erp, pim, state, stream=stream))
        assert (counts(report), names(pim)) == ((2, 0, 2, 0), {"X": "c"})
        pim.products.delete(next(iter(pim.products.list())).uuid)
    assert len(askable.asked) == 1


def test_a_part_has_a_reading_of_its_own(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Log(part("X", name="a"), part("Y", name="a"))
    ran(job(erp, pim, state))
    erp.log += [part("X", name="b"), part("Y", name="b"), part("X", name="c")]
    report = ran(job(erp, pim, state), only=by_key("key of X"))
    assert (counts(report), names(pim)) == ((3, 1, 2, 0), {"X": "c", "Y": "a"}), "it reads the log from its start"
    assert ran(job(erp, pim, state)).read == 3
    assert names(pim) == {"X": "c", "Y": "b"}


# ---- plans ----
def test_a_plan_has_one_change_of_an_item(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Log(part("OLD", name="a"), part("GONE"), part("BACK"), part("BAD"))
    ran(job(erp, pim, state))
    erp.log += [part("OLD", name="b"), part("OLD", name="c"), part("NEW", name="a"), part("NEW", name="b")]
    erp.log += [part("BAD", name="x" * 300), part("BAD", name="good")]
    erp.log += [part("GONE", name="b"), "key of GONE", "key of BACK", part("BACK"), part("NONE"), "key of NONE"]
    one = job(erp, pim, state)
    plan = one.plan()
    assert plan.report.accounts_for_everything()
    assert (counts(plan.report), plan.report.tombstoned, plan.parked) == ((9, 6, 3, 0), 1, [])
    told = {change.key: {cell: each.new for cell, each in change.cells.items()} for change in plan.changes}
    assert len(plan.changes) == len(told)
    assert told == {
        "key of OLD": {"name[en_US]": "c"},
        "key of NEW": {"sku": "NEW", "name[en_US]": "b"},
        "key of BAD": {"name[en_US]": "good"},
        "key of GONE": {"enabled": False},
    }
    assert (plan.report.cells, plan.report.created, plan.report.updated) == (4, 1, 2)
    report = one.apply(Plan.from_json(plan.to_json()))
    assert (report.parked, off(pim), names(pim)["OLD"], names(pim)["NEW"]) == (0, ["GONE"], "c", "b")
    ran(one)
    assert (off(pim), names(pim)["OLD"]) == (["GONE", "NONE"], "c")


def test_a_plan_adopts_a_product_once_for_two_states_of_an_item(pim: AkeneoClient, state: SqliteState) -> None:
    values = [Value(AttributeCode("sku"), "THEIRS"), Value(AttributeCode("name"), "Part X", locale=LocaleCode("en_US"))]
    assert pim.products.upsert(ProductPatch(uuid=ProductUuid(ADOPTED), values=values)).ok
    erp = Log(part("X", colour="red"), part("X", colour="blue"))
    plan = job(erp, pim, state, NAMED, COLOURED, adopt=Adopt(by=[match(NAME)])).plan()
    assert (counts(plan.report), plan.parked) == ((2, 1, 1, 0), [])
    (change,) = plan.changes
    assert (change.action, change.ref, change.cells["colour"].new) == ("update", ADOPTED, "blue")


# ---- links and trees ----
def test_the_newest_links_are_in_the_pim(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    with_links(simulator)
    erp = Log(tool("A"), tool("B"), tool("C"), item=Tool)
    one = ErpToPim(erp, tool_mapping(TOOL_NAMED, UPSELL), pim, state)  # type: ignore[arg-type]  # a log of tools
    ran(one)
    erp.log += [tool("A", upsell=["B"]), tool("A", upsell=["C"])]
    assert counts(ran(one)) == (2, 0, 2, 0)
    assert links(pim, "UPSELL") == {"A": ["C"]}


class Group(ErpItem):
    code = cold(str, "code", key=True)
    english = cold(str, "name_en")


@pytest.mark.parametrize("size", [1, 500])
def test_the_newest_state_of_a_category_counts_and_one_that_went_is_not_made(
    pim: AkeneoClient, state: SqliteState, size: int
) -> None:
    mapping = CategoryMapping(Group, Group.code.to(CODE), (Group.english >> clean()).to(label("en_US")))
    erp = Log({"code": "g", "name_en": "a"}, size=size, item=Group)
    one: ErpToPim[Group] = ErpToPim(erp, mapping, pim, state)  # type: ignore[arg-type]  # a log of groups
    ran(one)
    erp.log += [{"code": "g", "name_en": "b"}, {"code": "h", "name_en": "h"}, {"code": "g", "name_en": "c"}]
    erp.log += [{"code": "i", "name_en": "i"}]
    erp.size, went = 1, "h"
    erp.log += [went]
    report = ran(one)
    assert report.exit_code == 0
    labels = {str(category.code): category.labels.get("en_US") for category in pim.categories.list()}
    assert {code: labels.get(code) for code in "ghi"} == {"g": "c", "h": None, "i": "i"}


# ---- a new number ----
def renumbered(name: str) -> Row:
    return {**part("X", name=name), "id": "new key"}


@pytest.mark.parametrize("size", [1, 2, 500])
@pytest.mark.parametrize("policy", ["disable", "delete"])
def test_a_new_number_that_comes_before_the_end_of_the_old_one_has_the_product(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, policy: str, size: int
) -> None:
    deletions = Deletions.delete(confirm=pim.url) if policy == "delete" else Deletions.disable()
    erp = Log(part("X", name="a"), part("Y"), size=size)
    one = job(erp, pim, state, deletions=deletions)
    ran(one)
    before = {str(each.values.text("sku")): each.uuid for each in pim.products.list()}
    erp.log += [renumbered("b"), part("Y", name="y"), "key of X"]
    plan = one.plan()
    told = [(change.key, change.action, list(change.cells)) for change in plan.changes]
    assert sorted(told) == [("key of Y", "update", ["name[en_US]"]), ("new key", "update", ["name[en_US]"])]
    assert (counts(plan.report), plan.parked, plan.report.exit_code) == ((2, 0, 2, 0), [], 0)
    report = ran(one)
    assert (counts(report), report.parked_items, report.exit_code) == ((2, 0, 2, 0), (), 0)
    after = {str(each.values.text("sku")): each.uuid for each in pim.products.list()}
    assert (after, off(pim), names(pim)) == (before, [], {"X": "b", "Y": "y"})
    assert list(state.parked("products")) == []
    simulator.forget_calls()
    erp.log.append(renumbered("b"))
    assert (ran(one).unchanged, simulator.mutating_calls) == (1, [])


def test_a_new_number_has_the_product_where_nobody_tells_the_end_of_the_old_one(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = Log(part("X", name="a"), *(part(f"N{number}") for number in range(30)))
    ran(job(erp, pim, state))
    erp.log[0] = renumbered("b")
    report = ran(job(erp, pim, state), reads="all")
    assert (counts(report), report.missing, report.exit_code) == ((31, 30, 1, 0), 1, 0)
    assert (off(pim), names(pim)["X"], list(state.parked("products"))) == ([], "b", [])


def test_of_two_that_wait_the_first_has_the_product_and_the_other_goes_on_waiting(
    pim: AkeneoClient, state: SqliteState
) -> None:
    third = {**part("X", name="c"), "id": "third key"}
    erp = Log(part("X", name="a"))
    ran(job(erp, pim, state))
    erp.log += [renumbered("b"), third, "key of X"]
    report = ran(job(erp, pim, state))
    assert (counts(report), names(pim)) == ((2, 0, 1, 1), {"X": "b"})
    assert [(one.key, "'new key'" in one.detail) for one in state.parked("products")] == [("third key", True)]
    erp.log = ["", *erp.log[1:], third, "new key"]  # the same once more, and now the second one ends
    report = ran(job(erp, pim, state))
    assert (counts(report), off(pim), names(pim)) == ((1, 0, 1, 0), [], {"X": "c"})


def test_what_waits_has_its_newest_state_and_ends_with_its_own_deletion(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Log(part("X", name="a"), part("Y"))
    ran(job(erp, pim, state))
    erp.log += [renumbered("b"), renumbered("c"), "key of X"]
    assert (ran(job(erp, pim, state)).exit_code, names(pim)["X"], off(pim)) == (1, "c", []), "one state was parked"
    assert ran(job(erp, pim, state)).exit_code == 0
    other = {**part("Y", name="b"), "id": "other key"}
    erp.log += [other, "other key", "key of Y"]
    ran(job(erp, pim, state))
    assert (off(pim), names(pim)["Y"]) == (["Y"], "Part Y")


def test_a_new_number_has_the_product_though_the_end_of_the_old_one_comes_in_a_later_run(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = Askable(part("X", name="a"), part("Y"), part("Z"))
    ran(job(erp, pim, state))
    second = {**part("Y", name="y"), "id": "second of Y"}
    erp.table = [renumbered("now"), second, part("Z")]
    erp.log += [renumbered("b"), second]
    assert ran(job(erp, pim, state)).parked == 2
    assert erp.asked == []
    erp.log += [part("W"), "key of X", "key of Z"]
    plan = job(erp, pim, state).plan()
    told = sorted((change.key, change.action) for change in plan.changes)
    assert told == [("key of W", "create"), ("key of Z", "update"), ("new key", "update")]
    asked = len(erp.asked)
    report = ran(job(erp, pim, state))
    assert counts(report) == counts(plan.report) == (3, 0, 2, 1)
    assert len(erp.asked) == asked + 1, "once for all deletions of a run"
    assert (off(pim), names(pim)["X"]) == (["Z"], "now")
    assert [(one.key, one.code) for one in state.parked("products")] == [("second of Y", "duplicate_identifier")]


def test_what_waits_for_a_number_is_read_again_once(pim: AkeneoClient, state: SqliteState) -> None:
    """What this run has read is newer than what an earlier one parked, and what the ERP has no more is nobody's heir."""
    erp = Askable(part("X", name="a"), part("Y"))
    ran(job(erp, pim, state))
    erp.log += [renumbered("b")]
    ran(job(erp, pim, state))
    erp.table = [renumbered("not asked for")]
    erp.log += [renumbered("c"), "key of X"]
    report = ran(job(erp, pim, state))
    assert (counts(report), erp.asked, off(pim), names(pim)["X"]) == ((1, 0, 1, 0), [], [], "c")
    erp.log += [{**part("Y"), "id": "other key"}]
    ran(job(erp, pim, state))
    erp.table = []
    erp.log += ["key of Y"]
    report = ran(job(erp, pim, state))
    assert (counts(report), len(erp.asked), off(pim)) == ((0, 0, 0, 0), 1, ["Y"])


def test_where_nobody_can_ask_the_next_reading_of_everything_finds_the_heir(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = Log(part("X", name="a"), part("Y"))
    ran(job(erp, pim, state))
    for entry in (renumbered("b"), "key of X"):
        erp.log += [entry]
        ran(job(erp, pim, state))
    assert off(pim) == ["X"]
    ran(job(erp, pim, state), reads="all")
    assert (off(pim), names(pim)["X"]) == ([], "b")


# ---- a cursor that expires in the middle ----
class Feed(Log):
    """The link to the next page expires after some pages, for good: then it shows everything, and tells no deletions."""

    breaks_after = -1
    era = 0

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        era, place = since.blob.split("/") if since is not None else (str(self.era), None)
        if int(era) < self.era:
            raise CursorExpired("the link has expired")
        inner = Cursor(self.kind, place) if place is not None else None
        for number, page in enumerate(super().read_items(inner, fields=fields, limit=limit)):
            if number == self.breaks_after:
                self.breaks_after, self.era, self.log = -1, self.era + 1, self.now
                raise CursorExpired("the link to the next page has expired")
            yield Page(page.items, page.tombstones, Cursor(self.kind, f"{self.era}/{page.resume.blob}"))

    now: list[Entry] = []  # noqa: RUF012 - each test sets its own


def expiring(pim: AkeneoClient, state: SqliteState) -> Feed:
    """It shows N00, N01, N02 again before it breaks; then N01 and N09 are gone, and nobody says so."""
    rows = [part(f"N{number:02}") for number in range(40)]
    erp = Feed(*rows)
    ran(job(erp, pim, state))
    erp.log += [part("N00", name="b"), part("N01", name="b"), "key of N02", part("N03", name="b")]
    erp.breaks_after = 3
    erp.now = [part("N00", name="c"), *(one for one in rows[3:] if one["number"] != "N09"), part("N40")]
    return erp


def test_what_vanished_behind_a_cursor_that_expired_in_the_middle_is_switched_off(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = expiring(pim, state)
    report = ran(job(erp, pim, state))
    assert (report.kind, report.missing, report.tombstoned, report.exit_code) == ("rebaseline", 2, 3, 0)
    assert off(pim) == ["N01", "N02", "N09"], "what was shown before it expired says nothing"
    assert names(pim)["N00"] == "c"
    assert ran(job(erp, pim, state)).missing == 0


def test_what_was_deleted_and_back_before_the_cursor_expired_may_have_vanished_too(
    pim: AkeneoClient, state: SqliteState
) -> None:
    """A return is no deletion that was heard of any more."""
    erp = expiring(pim, state)
    erp.log[-1:] = [part("N02", name="back"), part("N03", name="b")]
    erp.breaks_after = 4
    ran(job(erp, pim, state))
    assert off(pim) == ["N01", "N02", "N09"]


def test_a_plan_finds_what_vanished_behind_a_cursor_that_expired_in_the_middle(
    pim: AkeneoClient, state: SqliteState
) -> None:
    plan = job(expiring(pim, state), pim, state).plan()
    assert plan.report.accounts_for_everything()
    assert (plan.report.kind, plan.report.missing, plan.report.tombstoned) == ("rebaseline", 2, 3)
    assert sorted(change.key for change in plan.changes) == [f"key of N{one}" for one in ("00", "01", "02", "09", "40")]


def test_what_expired_in_the_middle_is_braked(pim: AkeneoClient, state: SqliteState) -> None:
    erp = expiring(pim, state)
    erp.now = erp.now[:20]
    report = ran(job(erp, pim, state, brakes=Brakes()))
    assert (report.exit_code, off(pim)) == (5, ["N02"])


def test_a_tree_whose_cursor_expired_in_the_middle_is_what_was_shown_after_it(
    pim: AkeneoClient, state: SqliteState
) -> None:
    mapping = CategoryMapping(Group, Group.code.to(CODE), (Group.english >> clean()).to(label("en_US")))
    erp = Feed({"code": "g", "name_en": "a"}, item=Group)
    one: ErpToPim[Group] = ErpToPim(erp, mapping, pim, state)  # type: ignore[arg-type]  # a log of groups
    ran(one)
    erp.log += [{"code": "h", "name_en": "h"}, {"code": "i", "name_en": "i"}]
    erp.breaks_after, erp.now = 1, [{"code": "g", "name_en": "b"}, {"code": "i", "name_en": "i"}]
    report = ran(one)
    assert (report.read, report.kind) == (2, "rebaseline")
    labels = {str(category.code): category.labels.get("en_US") for category in pim.categories.list()}
    assert {code: labels.get(code) for code in "ghi"} == {"g": "b", "h": None, "i": "i"}


# ---- stops ----
def twice(pim: AkeneoClient, state: SqliteState) -> Log:
    """Changed twice; deleted and back; back and deleted; after a stop, some of it has been read, and some has not."""
    erp = Log(part("A", name="a"), part("B"), part("C"), part("X", name="a"), part("Y"), size=2)
    ran(job(erp, pim, state))
    erp.log.append(part("Y", name="y"))  # the pages go on at an even place
    erp.log += [part("A", name="b"), part("B", name="b"), part("A", name="c"), "key of B", "key of C"]
    erp.log += [part("B", name="b"), part("C", name="c"), "key of C"]
    return erp


@pytest.mark.parametrize("world", [twice, expiring])
def test_killed_anywhere_the_end_is_the_same(tmp_path: Path, world: Callable[[AkeneoClient, SqliteState], Log]) -> None:
    ends: list[Mapping[str, object]] = []
    for fatal in range(200):
        simulator = fill(PimSimulator())
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
            with SqliteState(tmp_path / f"{fatal}.db") as state:
                erp = world(pim, state)
                one = job(erp, pim, state)
                one.hook = dying_after(fatal - 1 if fatal else 10_000)
                try:
                    one.run()
                    is_over = fatal > 0
                except Stopped:
                    is_over = False
            if is_over:
                assert fatal > 8
                break
            with SqliteState(tmp_path / f"{fatal}.db") as state:
                ran(job(erp, pim, state))
                simulator.forget_calls()
                assert ran(job(erp, pim, state)).exit_code == 0
                assert simulator.mutating_calls == []
                gone = off(pim)  # of which nobody knows what the ERP said last
                ends.append({"off": gone, **{sku: name for sku, name in names(pim).items() if sku not in gone}})
        assert ends[-1] == ends[0], f"killed at boundary {fatal}"
    else:
        raise AssertionError("it never came to its end")

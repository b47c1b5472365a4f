"""A run of a part does that part, and leaves nothing behind that the next whole run would trip over."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import ProductPatch, Value
from akeneo_erp_bridge.codes import AttributeCode, ErpKey
from akeneo_erp_bridge.erp import Choice, Cursor, ErpItem, Page, cold, whole
from akeneo_erp_bridge.errors import CursorExpired, MappingError
from akeneo_erp_bridge.mapping import CATEGORIES, ProductMapping, as_set, association, clean, lookup, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import (
    ErpToPim,
    Only,
    Plan,
    SqliteState,
    SyncOptions,
    SyncReport,
    by_category,
    by_field,
    by_key,
    where,
)
from akeneo_erp_bridge.testing import PimSimulator
from bench_erp import COLOURED, NAMED, Part, Revisions, Row, Rows, Stopped, part, parts, product
from world import fill

MAPPING = product(
    NAMED, COLOURED, (Part.category >> lookup({"S": "shirts", "P": "promotions"}) >> as_set()).to(CATEGORIES)
)


def job(
    erp: Rows[Part], pim: AkeneoClient, state: SqliteState, hook: Callable[[str], None] | None = None, **options: Any
) -> ErpToPim[Part]:
    return ErpToPim(erp, MAPPING, pim, state, options=SyncOptions(page_size=2, **options), hook=hook)


def ran(one: ErpToPim[Part], **asked: Any) -> SyncReport:
    report = one.run(**asked)
    assert report.accounts_for_everything(), report
    return report


def names(pim: AkeneoClient) -> dict[str, str | None]:
    """The name of each product, by SKU; of those that are off it is "off"."""
    return {
        str(one.values.text("sku")): one.values.text("name", locale="en_US") if one.enabled else "off"
        for one in pim.products.list()
    }


def seven(**columns: object) -> list[Row]:
    """Seven parts, A to G."""
    return [part(letter, category="SP"[place % 2], stock=place, **columns) for place, letter in enumerate("ABCDEFG")]


def renamed(erp: Rows[Part], word: str) -> None:
    for row in erp.rows:
        row["name"] = f"{word} {row['number']}"


# ---- what is chosen ----
@pytest.mark.parametrize(
    ("only", "chosen"),
    [
        (by_key("key of A", "key of F", "no such"), "AF"),
        (by_category("PROMOTIONS"), "BDF"),
        (by_category("promotions", "shirts"), "ABCDEFG"),
        (by_field(Part.number, "C", "D"), "CD"),
        (by_field(Part.stock, 3), "D"),
        (where(Part.stock, lambda stock: stock > 4), "FG"),
        (where(Part.stock & Part.number, lambda both: both[0] > 4 and both[1] != "F"), "G"),
        (where(Part.cost, lambda cost: cost > 0), ""),
    ],
)
def test_a_part_is_chosen_by_key_category_and_any_declared_field(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, only: Only[Part], chosen: str
) -> None:
    erp = parts(*seven())
    plan = job(erp, pim, state).plan(only=only)
    assert [one.key for one in plan.creates] == [f"key of {letter}" for letter in chosen]
    assert list(pim.products.list()) == []
    report = ran(job(erp, pim, state), only=only)
    assert (report.read, report.created, report.passed_over) == (len(chosen), len(chosen), 7 - len(chosen))
    assert set(names(pim)) == set(chosen)
    assert (report.kind, report.choice) == ("partial", only.label)
    assert f"{only.label}; {7 - len(chosen)} items passed over" in str(report)
    simulator.forget_calls()
    assert ran(job(erp, pim, state), only=only).unchanged == len(chosen)
    assert simulator.mutating_calls == []
    report = ran(job(erp, pim, state))
    assert (report.read, report.created, report.unchanged, report.passed_over) == (7, 7 - len(chosen), len(chosen), 0)


def test_what_nobody_declared_cannot_choose(pim: AkeneoClient, state: SqliteState) -> None:
    class Other(ErpItem):
        number = cold(str, "number", key=True)
        secret = cold(str, "secret")

    erp = parts(*[{**row, "secret": "x"} for row in seven()])
    foreign: Any = by_field(Other.secret, "x")
    with pytest.raises(MappingError, match="'secret', which Part does not declare"):
        job(erp, pim, state).run(only=foreign)
    record = where(whole(Part), lambda one: one.row["secret"] == "x")
    with pytest.raises(MappingError, match="looks at no field"):
        job(erp, pim, state).plan(only=record)
    peeking = where(whole(Part) & Part.number, lambda both: both[0].row.get("secret") == "x")
    assert ran(job(erp, pim, state), only=peeking).passed_over == 7, "it sees the declared fields it names, no others"


def test_a_choice_by_what_is_hot_or_internal_is_told_without_the_values(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(*[{**row, "cost": "12.10"} for row in seven()])
    chosen: Only[Part] = by_field(Part.cost, Decimal("12.10"), Decimal("12.20"))
    assert chosen.label == "by_field(cost, 2 values not shown)"
    assert by_field(Part.number & Part.stock, ("A", 4711)).label == "by_field((number & stock), 1 value not shown)"
    report = ran(job(erp, pim, state), only=chosen)
    assert (report.created, report.choice) == (7, chosen.label)
    assert "12.1" not in f"{report}{report!r}{[*state.runs(MAPPING.stream)]}"


def test_a_choice_of_nothing_is_refused() -> None:
    with pytest.raises(MappingError, match="at least one key"):
        by_key()
    with pytest.raises(MappingError, match="can never be its value; give a int"):
        by_field(Part.stock, "3")


def test_a_choice_by_category_needs_categories(pim: AkeneoClient, state: SqliteState) -> None:
    with pytest.raises(MappingError, match="binds no CATEGORIES"):
        ErpToPim(parts(), product(NAMED), pim, state).run(only=by_category("shirts"))


def test_other_words_are_refused(pim: AkeneoClient, state: SqliteState) -> None:
    with pytest.raises(MappingError, match="seen 'new' and 'creates'"):
        ran(job(parts(), pim, state), writes="creates")
    with pytest.raises(MappingError, match="seen 'everything'"):
        ran(job(parts(), pim, state), reads="everything")


def test_an_item_on_which_the_test_raises_is_parked_and_the_good_ones_go_on(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = parts(*seven())
    report = ran(job(erp, pim, state), only=where(Part.stock, lambda stock: 6 / (stock - 2) > 2))
    assert (report.created, report.parked, report.passed_over, report.exit_code) == (2, 1, 4, 1)
    assert "where(stock) raised ZeroDivisionError; mend the test" in str(report)
    assert [one.key for one in state.parked("products")] == ["key of C"]
    report = ran(job(erp, pim, state))
    assert (report.created, report.unchanged, report.exit_code) == (5, 2, 0)
    assert list(state.parked("products")) == []


def test_what_a_test_says_of_a_cost_is_not_told(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A", cost=73190551))  # as long as no time and no check sum holds it by chance
    report = ran(job(erp, pim, state), only=where(Part.cost, lambda cost: {}[cost] > 1))
    told = (str(report), repr(list(state.parked("products"))))
    assert (report.parked, *("73190551" in one for one in told)) == (1, False, False)


def test_an_item_whose_field_is_wrong_is_not_chosen(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(part("A", stock="many"), part("B", stock=None), part("C"), part("D", stock=4))
    assert ran(job(erp, pim, state), only=where(Part.stock, lambda stock: stock > 0)).passed_over == 3
    assert set(names(pim)) == {"D"}


# ---- what is not done ----
def at_cursor(state: SqliteState) -> list[object]:
    query = "SELECT kind, blob, context, finished FROM cursor"
    return state.database.read(lambda db: list(db.execute(query)))


def test_a_part_moves_no_cursor(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, *seven())
    ran(job(erp, pim, state))
    (row,) = at_cursor(state)
    erp.put(part("A", name="new A"))
    erp.put(part("B", name="new B"))
    for asked in ({"only": by_key("key of B")}, {"writes": "create"}, {"writes": "update", "only": by_key("key of X")}):
        ran(job(erp, pim, state), **asked)
        assert at_cursor(state) == [row]
    report = ran(job(erp, pim, state))
    assert (report.read, report.updated, report.unchanged, report.kind) == (2, 1, 1, "delta"), "B was a part before"
    assert names(pim)["A"] == "new A"


def test_the_first_run_may_be_one_of_a_part(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, *seven())
    assert ran(job(erp, pim, state), only=by_key("key of G")).created == 1
    report = ran(job(erp, pim, state))
    assert (report.created, report.unchanged, report.kind) == (6, 1, "full")


def test_a_part_closes_no_parked_item_and_tells_others_as_waiting(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(*seven())
    erp.rows[3]["name"] = "x" * 300
    assert ran(job(erp, pim, state)).parked == 1
    for asked in ({"only": by_key("key of A")}, {"writes": "update"}, {"only": by_key("key of D"), "writes": "update"}):
        report = ran(job(erp, pim, state), **asked)
        assert [one.key for one in state.parked("products")] == ["key of D"], asked
        assert (report.parked, report.waiting, report.exit_code) == (0, 1, 0), asked
        assert report.waits_for is not None, asked
        assert "1 item parked earlier and not read now" in report.remarks, asked
    assert (report.parked, report.passed_over) == (0, 7), "D is not in the PIM"
    report = ran(job(erp, pim, state), only=by_key("key of D"))
    assert (report.parked, report.waiting, report.exit_code) == (1, 0, 1), "it was looked at"


def test_what_is_chosen_is_tried_again(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = parts(part("A", colour="green"), part("B", colour="green"))
    assert ran(job(erp, pim, state)).parked == 2
    simulator.load("/api/rest/v1/attributes/colour/options", [{"code": "green"}])
    report = ran(job(erp, pim, state), only=by_key("key of A"))
    assert (report.created, report.passed_over) == (1, 1)
    assert [one.key for one in state.parked("products")] == ["key of B"]


def test_what_a_part_does_not_show_is_not_deleted(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(*seven())
    ran(job(erp, pim, state))
    del erp.rows[3:]
    assert ran(job(erp, pim, state), only=by_key("key of A", "key of G")).read == 1
    assert "off" not in names(pim).values()


@pytest.mark.parametrize(
    ("asked", "is_off"),
    [
        ({"only": by_key("key of A", "key of B")}, True),
        ({"only": by_key("key of A", "key of B"), "writes": "update"}, True),
        ({"only": by_key("key of A", "key of B"), "writes": "create"}, False),
        ({"only": by_key("key of B")}, False),
        ({"only": by_field(Part.number, "A")}, False),
        ({"writes": "create"}, False),
        ({"writes": "update"}, False),
        ({}, True),
        ({"reads": "all"}, True),
    ],
)
def test_a_deletion_counts_where_its_key_is_chosen(
    pim: AkeneoClient, state: SqliteState, asked: dict[str, Any], *, is_off: bool
) -> None:
    erp = parts(*seven())
    ran(job(erp, pim, state))
    del erp.rows[0]
    erp.dead = ["key of A"]
    report = ran(job(erp, pim, state), **asked)
    assert report.tombstoned == is_off
    assert (names(pim)["A"] == "off") is is_off
    ran(job(erp, pim, state))
    assert names(pim)["A"] == "off", "the next whole run hears of it"


# ---- create only, update only ----
def mixed(pim: AkeneoClient, state: SqliteState) -> Rows[Part]:
    """A and B are ours and unchanged, C and D ours and renamed, E is a PIM user's, F and G are new."""
    erp = parts(*seven()[:4])
    ran(job(erp, pim, state))
    pim.products.create(ProductPatch(values=[Value(AttributeCode("sku"), "E")]))
    for row in erp.rows[2:]:
        row["name"] = "renamed"
    erp.rows += seven()[4:]
    return erp


def test_only_what_is_new_is_created(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = mixed(pim, state)
    report = ran(job(erp, pim, state), writes="create")
    assert (report.read, report.created, report.updated, report.unchanged, report.passed_over) == (2, 2, 0, 0, 5)
    assert names(pim) == {
        "A": "Part A",
        "B": "Part B",
        "C": "Part C",
        "D": "Part D",
        "E": None,
        "F": "Part F",
        "G": "Part G",
    }
    assert "writes='create'; 5 items passed over" in str(report)
    report = ran(job(erp, pim, state))
    assert (report.created, report.updated, report.unchanged) == (0, 3, 4)
    assert names(pim) == {
        "A": "Part A",
        "B": "Part B",
        "C": "renamed",
        "D": "renamed",
        "E": "Part E",
        "F": "Part F",
        "G": "Part G",
    }


def test_only_what_is_there_is_updated(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = mixed(pim, state)
    plan = job(erp, pim, state).plan(writes="update")
    assert (plan.report.created, plan.report.updated) == (0, 3)
    report = ran(job(erp, pim, state), writes="update")
    assert (report.read, report.created, report.updated, report.unchanged, report.passed_over) == (5, 0, 3, 2, 2)
    assert names(pim) == {"A": "Part A", "B": "Part B", "C": "renamed", "D": "renamed", "E": "Part E"}
    report = ran(job(erp, pim, state))
    assert (report.created, report.updated, report.unchanged) == (2, 0, 5)


def test_an_update_makes_nothing_anew_that_a_pim_user_deleted(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(*seven())
    ran(job(erp, pim, state))
    (gone,) = [one for one in pim.products.list() if one.values.text("sku") == "C"]
    pim.products.delete(gone.uuid)
    renamed(erp, "new")
    report = ran(job(erp, pim, state), writes="update")
    assert (report.updated, report.passed_over) == (6, 1)
    assert "C" not in names(pim)
    assert ran(job(erp, pim, state)).written == 1
    assert names(pim)["C"] == "new C"


def test_both_can_be_said_of_a_part(pim: AkeneoClient, state: SqliteState) -> None:
    erp = mixed(pim, state)
    report = ran(job(erp, pim, state), writes="create", only=by_key("key of C", "key of F"))
    assert (report.created, report.passed_over) == (1, 6)
    assert report.remarks == ["by_key('key of C', 'key of F') and writes='create'; 6 items passed over"]


# ---- links ----
class Linked(Part):
    near = cold(frozenset[str], "near")


LINKED = ProductMapping(
    Linked,
    (Linked.number >> sku()).to(Cell[str]("sku")),
    (Linked.name >> clean()).to(Cell[str]("name", locale="en_US")),
    Linked.near.to(association("UPSELL")),
)


def test_links_of_what_was_not_chosen_wait(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    simulator.load("/api/rest/v1/association-types", [{"code": "UPSELL"}])
    erp: Rows[Linked] = Rows(Linked, part("A", near=["C"]), part("B", near=["C"]), part("C"))

    def one() -> ErpToPim[Linked]:
        return ErpToPim(erp, LINKED, pim, state, options=SyncOptions(page_size=1))

    def near(number: str) -> list[str]:
        (found,) = [each for each in pim.products.list() if each.values.text("sku") == number]
        links = found.associations.get("UPSELL", {})  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]  # its code, as a plain text
        return list(links.get("products", ()))

    assert one().run(only=by_key("key of A", "key of B")).unlinked == 2
    report = one().run(only=by_key("key of C", "key of A"))
    assert (report.created, report.unchanged, report.unlinked) == (1, 1, 0), "A was chosen, and is linked"
    assert (len(near("A")), len(near("B"))) == (1, 0)
    one().run()
    assert len(near("B")) == 1


# ---- everything ----
def test_reading_everything_does_not_begin_where_the_last_run_came_to(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, *seven())
    ran(job(erp, pim, state))
    assert ran(job(erp, pim, state)).read == 0
    report = ran(job(erp, pim, state), reads="all")
    assert (report.read, report.unchanged, report.kind) == (7, 7, "full")
    assert ran(job(erp, pim, state)).read == 0, "and the cursor is where it was"


def test_reading_everything_does_not_try_parked_items_again(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(part("A", colour="green"))
    ran(job(erp, pim, state))
    simulator.forget_calls()
    assert ran(job(erp, pim, state), reads="all").parked == 1
    assert simulator.mutating_calls == []


def test_the_history_tells_what_kind_of_run_it_was(pim: AkeneoClient, state: SqliteState) -> None:
    class Forgetful(Revisions[Part]):
        forgets = False

        def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
            if since is not None and self.forgets:
                raise CursorExpired("410")
            yield from super().read_items(since, fields=fields, limit=limit)

    erp = Forgetful(Part, *seven())
    ran(job(erp, pim, state))
    ran(job(erp, pim, state))
    ran(job(erp, pim, state), only=by_key("key of A"), writes="update")
    ran(job(erp, pim, state), writes="create")
    erp.forgets = True
    ran(job(erp, pim, state))
    job(erp, pim, state).plan(only=by_key("key of A"))
    told = [(one.kind, one.writes, one.counts["passed_over"]) for one in state.runs("products")]
    assert told == [
        ("rebaseline", "both", 0),
        ("delta", "create", 0),
        ("partial", "update", 6),
        ("delta", "both", 0),
        ("full", "both", 0),
    ]


# ---- an adapter that finds items by themselves ----
class Finding(Rows[Part]):
    """It gives more than it was asked for: what was chosen, and the first row."""

    def read_some(self, choice: Choice, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        self.asked = choice
        found = [row for row in self.rows if row.get(choice.path) in choice.values]
        yield Page([self._made(row) for row in [self.rows[0], *found]], [ErpKey("key of B")], Cursor("snapshot", ""))

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        self.asked = None
        yield from super().read_items(since, fields=fields, limit=limit)


@pytest.mark.parametrize(
    ("only", "asked", "passed_over"),
    [
        (by_key("key of C"), Choice("id", ("key of C",)), 1),
        (by_field(Part.stock, 2), Choice("stock", (2,)), 1),
        (where(Part.stock, lambda stock: stock == 2), None, 6),
        (by_field(Part.number.map(str.lower), "c"), None, 6),
    ],
)
def test_an_adapter_is_asked_for_what_it_can_find(
    pim: AkeneoClient, state: SqliteState, only: Only[Part], asked: Choice | None, passed_over: int
) -> None:
    erp = Finding(Part, *seven())
    report = ran(job(erp, pim, state), only=only)
    assert erp.asked == asked
    assert (set(names(pim)), report.passed_over) == ({"C"}, passed_over)


# ---- plans ----
def test_a_plan_of_a_part_is_saved_and_applied(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    erp = Revisions(Part, *seven())
    job(erp, pim, state).plan(only=by_category("shirts"), writes="create").save(tmp_path / "plan.json")
    plan = Plan.load(tmp_path / "plan.json")
    told = (plan.report.kind, plan.report.writes, plan.report.choice, plan.report.passed_over)
    assert told == ("partial", "create", "by_category('shirts')", 3)
    assert job(erp, pim, state).apply(plan).created == 4
    assert set(names(pim)) == set("ACEG")
    record = next(state.runs("products"))
    assert (record.kind, record.writes) == ("apply", "create")
    assert ran(job(erp, pim, state)).created == 3


# ---- killed, and mixed with whole runs ----
ASKED: tuple[dict[str, Any], ...] = (
    {"only": by_key("key of B", "key of C")},
    {"only": by_field(Part.category, "S")},
    {"only": where(Part.stock, lambda stock: stock > 2), "writes": "update"},
    {"writes": "create"},
    {"writes": "update"},
    {"reads": "all"},
)


@pytest.mark.parametrize("asked", ASKED)
def test_a_part_may_be_killed_anywhere(asked: dict[str, Any]) -> None:
    """The same part again comes to the same end, and so does a whole run after it."""
    ends: list[tuple[object, object]] = []
    for fatal in range(60):
        with ExitStack() as stack:
            pim, state = _world(stack)
            erp = mixed(pim, state)
            boundaries = _hooked(fatal)
            try:
                ran(job(erp, pim, state, boundaries), **asked)
                if fatal:
                    assert fatal > 5
                    break
            except Stopped:
                ran(job(erp, pim, state), **asked)
            keys = [ErpKey(f"key of {letter}") for letter in "ABCDEFG"]
            owned = {key: (dict(one.cells), dict(one.shared)) for key, one in state.entries("products", keys).items()}
            part_done = (names(pim), owned)
            ran(job(erp, pim, state))
            ends.append((part_done, names(pim)))
            assert ends[-1] == ends[0], f"killed at boundary {fatal}"
            assert ran(job(erp, pim, state)).written == 0
    else:
        raise AssertionError("it never came to its end")


def _hooked(fatal: int) -> Callable[[str], None] | None:
    left = fatal

    def die(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Stopped

    return die if fatal else None


def _world(stack: ExitStack) -> tuple[AkeneoClient, SqliteState]:
    simulator = fill(PimSimulator())
    auth = PasswordAuth(**simulator.auth_kwargs)
    pim = stack.enter_context(AkeneoClient(simulator.url, auth, transport=simulator.transport()))
    return pim, stack.enter_context(SqliteState(":memory:"))


@pytest.mark.parametrize("seed", range(8))
def test_parts_before_a_whole_run_make_no_difference_to_its_end(seed: int) -> None:
    rng = random.Random(seed)
    erp: Rows[Part] = rng.choice([Rows, Revisions])(Part, *seven())
    with ExitStack() as stack:
        plain, parted = _world(stack), _world(stack)
        for _ in range(5):
            for _ in range(rng.randint(1, 4)):
                _edit(rng, erp)
            for _ in range(rng.randint(1, 4)):
                hook = _hooked(rng.randint(1, 12)) if rng.random() < 0.4 else None
                try:
                    ran(job(erp, *parted, hook), **rng.choice(ASKED))
                except Stopped:
                    continue
            for world in (plain, parted):
                ran(job(erp, *world))
            assert names(plain[0]) == names(parted[0]), f"seed {seed}"
            keys = [{one.key for one in world[1].parked("products")} for world in (plain, parted)]
            assert keys[0] == keys[1], f"seed {seed}"


def _edit(rng: random.Random, erp: Rows[Part]) -> None:
    letter = rng.choice("ABCDEFGHIJ")
    row = part(letter, name=rng.choice(["one", "two", "x" * 300]), category=rng.choice("SP"), stock=rng.randint(0, 5))
    is_gone = rng.random() < 0.3
    if isinstance(erp, Revisions):
        erp.remove(f"key of {letter}") if is_gone else erp.put(row)
        return
    erp.rows = [one for one in erp.rows if one["number"] != letter] + ([] if is_gone else [row])
    erp.dead = [one for one in erp.dead if one != row["id"]] + ([f"key of {letter}"] if is_gone else [])

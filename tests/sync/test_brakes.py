"""Who was stopped by a brake stays stopped, however often it is tried again, until a person decides; and nobody else is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.errors import BrakeApplied, ConfigurationError
from akeneo_erp_bridge.mapping import ENABLED
from akeneo_erp_bridge.sync import (
    Brakes,
    DeletionCount,
    Deletions,
    ErpToPim,
    Plan,
    SqliteState,
    SyncOptions,
    SyncReport,
    by_key,
)
from akeneo_erp_bridge.testing import Fault, PimSimulator
from bench_erp import NAMED, Part, Revisions, Rows, Stopped, dying_at, part, parts, product

RAISED = Brakes(deleted_share=1.0)
DEFAULT = Brakes()
REFUSAL = b'{"line":1,"identifier":null,"status_code":403,"message":"You can neither view, nor update, nor delete it"}'


class Telling(Revisions[Part]):
    """It tells what was deleted to whoever reads everything, too."""

    def __init__(self, erp: Revisions[Part]) -> None:
        super().__init__(Part)
        self.rows, self.log = erp.rows, erp.log

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        yield from super().read_items(since or Cursor(self.kind, "0"), fields=fields, limit=limit)


def job(
    erp: Rows[Part],
    pim: AkeneoClient,
    state: SqliteState,
    *,
    brakes: Brakes = DEFAULT,
    deletions: Deletions | None = None,
    hook: Callable[[str], None] | None = None,
) -> ErpToPim[Part]:
    options = SyncOptions(page_size=10, brakes=brakes, deletions=deletions or Deletions.disable())
    return ErpToPim(erp, product(NAMED), pim, state, options=options, hook=hook)


def ran(one: ErpToPim[Part], **asked: Any) -> SyncReport:
    report = one.run(**asked)
    assert report.accounts_for_everything(), report
    return report


def key(number: int) -> str:
    return f"key of N{number}"


def half_gone(pim: AkeneoClient, state: SqliteState, count: int = 200) -> Revisions[Part]:
    """The ERP reports that half of its articles are deleted."""
    erp = Revisions(Part, *(part(f"N{number}") for number in range(count)))
    ran(job(erp, pim, state))
    for number in range(count // 2):
        erp.remove(key(number))
    return erp


def gone(pim: AkeneoClient, count: int = 200) -> int:
    """How many are switched off, or not there."""
    return count - sum(one.enabled for one in pim.products.list())


def dying_at_the(boundary: str, number: int) -> Callable[[str], None]:
    """The process dies at such a boundary for this time."""
    left = number

    def die(name: str) -> None:
        nonlocal left
        left -= name == boundary
        if not left:
            raise Stopped

    return die


def refused(count: int) -> Fault:
    """The PIM takes none of so many changes."""
    lines = b"\n".join(REFUSAL.replace(b'"line":1', b'"line":%d' % line) for line in range(1, count + 1))
    return Fault(method="PATCH", status=200, body=lines, content_type="application/vnd.akeneo.collection+json")


def whole(state: SqliteState) -> int:
    return state.deletions("products", "").deletions


# ---- runs that are tried again ----
@pytest.mark.parametrize("for_good", [False, True])
def test_a_run_that_was_stopped_is_stopped_however_often_it_is_tried(
    pim: AkeneoClient, state: SqliteState, *, for_good: bool
) -> None:
    policy = Deletions.delete(confirm=pim.url) if for_good else Deletions.disable()
    erp = half_gone(pim, state)
    numbers = []
    for _ in range(12):  # what a schedule does, after a minute, two, four
        report = ran(job(erp, pim, state, deletions=policy))
        numbers.append((report.exit_code, gone(pim)))
    assert numbers == [(5, 10)] * 12
    assert report.stopped_by == (
        "the ERP reports 10 deletions in this run, and 10 were made in earlier runs that did not come to their end: "
        "20 deletions of 200 known items, more than 5%; raise Brakes(deleted_share=...) for a run that comes to its end, "
        "if that is meant"
    )


def test_reading_everything_is_no_way_around(pim: AkeneoClient, state: SqliteState) -> None:
    erp = half_gone(pim, state)
    assert ran(job(erp, pim, state)).exit_code == 5
    for _ in range(3):
        report = ran(job(erp, pim, state), reads="all")
        assert (report.exit_code, gone(pim)) == (5, 10)
    assert "shows no longer what it had: 90 deletions in this run, and 10 were made in earlier" in str(report)


def test_a_few_at_a_time_of_a_small_catalog_are_counted_together(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, *(part(f"N{number}") for number in range(9)))
    options = SyncOptions(page_size=3)
    one = ErpToPim(erp, product(NAMED), pim, state, options=options)
    ran(one)
    for number in range(9):
        erp.remove(key(number))
    assert [(ran(one).exit_code, gone(pim, 9)) for _ in range(4)] == [(5, 6)] * 4


def test_it_goes_on_when_a_run_with_a_raised_brake_has_come_to_its_end(pim: AkeneoClient, state: SqliteState) -> None:
    erp = half_gone(pim, state)
    ran(job(erp, pim, state))
    with pytest.raises(Stopped):
        job(erp, pim, state, brakes=RAISED, hook=dying_at("state.settled")).run()
    report = ran(job(erp, pim, state))
    assert (report.exit_code, whole(state)) == (5, 20), "the run that was raised did not come to its end"
    assert ran(job(erp, pim, state, brakes=RAISED)).exit_code == 0
    assert (gone(pim), whole(state)) == (100, 0)
    erp.remove(key(150))
    report = ran(job(erp, pim, state))
    assert (report.exit_code, gone(pim)) == (0, 101), "what was decided is over"


def test_it_goes_on_when_the_erp_takes_back_what_it_told(pim: AkeneoClient, state: SqliteState) -> None:
    erp = half_gone(pim, state)
    assert ran(job(erp, pim, state)).exit_code == 5
    for number in range(100):
        erp.put(part(f"N{number}"))
    report = ran(job(erp, pim, state))
    assert (report.exit_code, gone(pim), whole(state)) == (0, 0, 0)


def test_runs_that_come_to_their_end_do_not_add_up(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, *(part(f"N{number}") for number in range(100)))
    ran(job(erp, pim, state))
    for night in range(6):
        for number in range(5):
            erp.remove(key(10 * night + number))
        assert ran(job(erp, pim, state)).exit_code == 0
    assert gone(pim, 100) == 30


def test_a_page_that_is_tried_again_and_again_counts_once(pim: AkeneoClient, state: SqliteState) -> None:
    """Each try dies before the page is settled, or with it: a deletion is counted when it is settled, and then not again."""
    erp = Revisions(Part, *(part(f"N{number}") for number in range(200)))
    ran(job(erp, pim, state))
    for number in range(10):
        erp.remove(key(number))
    for boundary in ("erp.read", "state.intended", "pim.sent") * 3:
        with pytest.raises(Stopped):
            job(erp, pim, state, hook=dying_at(boundary)).run()
        assert whole(state) == 0
    with pytest.raises(Stopped):
        job(erp, pim, state, hook=dying_at("state.settled")).run()
    assert state.deletions("products", "") == DeletionCount(10, 200)
    assert (ran(job(erp, pim, state)).exit_code, gone(pim), whole(state)) == (0, 10, 0)


def test_deletions_that_the_pim_refuses_count_once(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    """Or they would get by the brake a few at a time, and all be done at once when the PIM takes them."""
    erp = half_gone(pim, state)
    for _ in range(4):
        simulator.fail_next(refused(10))
        assert (ran(job(erp, pim, state)).exit_code, gone(pim)) == (5, 0)
        assert whole(state) == 10
        assert {one.code for one in state.parked("products")} == {"deletion_refused"}
    assert len(list(state.parked("products"))) == 10


def test_a_deletion_that_was_refused_and_is_told_again_counts_once(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = parts(*(part(f"N{number}") for number in range(200)))
    ran(job(erp, pim, state))
    erp.rows, erp.dead = erp.rows[10:], [key(number) for number in range(10)]
    for _ in range(3):
        simulator.fail_next(refused(10))
        with pytest.raises(Stopped):
            job(erp, pim, state, hook=dying_at_the("state.settled", 19)).run()
        assert whole(state) == 10
    report = ran(job(erp, pim, state))
    assert (report.exit_code, gone(pim), whole(state)) == (0, 10, 0)


def test_what_is_ignored_needs_no_brake(pim: AkeneoClient, state: SqliteState) -> None:
    erp = half_gone(pim, state)
    report = ran(job(erp, pim, state, deletions=Deletions.ignore()))
    assert (report.exit_code, report.ignored, gone(pim), whole(state)) == (0, 100, 0, 0)


# ---- plans ----
def test_a_plan_counts_and_keeps_no_count(pim: AkeneoClient, state: SqliteState) -> None:
    erp = half_gone(pim, state)
    assert ran(job(erp, pim, state)).exit_code == 5
    for _ in range(3):
        plan = job(erp, pim, state).plan()
        assert (plan.report.exit_code, plan.report.tombstoned) == (5, 0)
        assert "10 deletions in this run, and 10 were made in earlier runs" in str(plan.report.stopped_by)
    assert whole(state) == 10
    with pytest.raises(BrakeApplied, match="is not whole, nothing was written"):
        job(erp, pim, state).apply(plan)


def test_a_plan_that_is_older_than_the_brake_is_not_applied(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, *(part(f"N{number}") for number in range(200)))
    ran(job(erp, pim, state))
    for number in range(100, 110):
        erp.remove(key(number))
    plan = Plan.from_json(job(erp, pim, state).plan().to_json())
    for number in range(60):
        erp.remove(key(number))
    erp.log = erp.log[:200] + erp.log[210:] + erp.log[200:210]  # the ten of the plan come last
    assert (ran(job(erp, pim, state)).exit_code, gone(pim)) == (5, 10)
    with pytest.raises(
        BrakeApplied, match=r"is not applied, nothing was written: the ERP reports 10 deletions in this run"
    ):
        job(erp, pim, state).apply(plan)
    assert gone(pim) == 10
    assert job(erp, pim, state, brakes=RAISED).apply(plan).exit_code == 0
    assert (gone(pim), whole(state)) == (20, 10), "an apply does not say that the run has come to its end"


def test_a_plan_that_deletes_too_much_is_looked_at_as_a_whole(pim: AkeneoClient, state: SqliteState) -> None:
    erp = half_gone(pim, state)
    plan = job(erp, pim, state, brakes=RAISED).plan()
    assert plan.report.tombstoned == 100
    with pytest.raises(BrakeApplied, match="the ERP reports 100 deletions of 200 known items"):
        job(erp, pim, state).apply(plan)
    assert gone(pim) == 0


def test_an_apply_that_died_goes_on_and_counts_for_the_next_plan(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, *(part(f"N{number}") for number in range(400)))
    ran(job(erp, pim, state))
    for number in range(20):
        erp.remove(key(number))
    plan = job(erp, pim, state).plan()
    with pytest.raises(Stopped):
        job(erp, pim, state, hook=dying_at("state.settled")).apply(plan)
    assert (gone(pim, 400), state.deletions("products", "apply").deletions) == (10, 10)
    erp.remove(key(20))
    more = job(erp, pim, state).plan()
    with pytest.raises(BrakeApplied, match="11 deletions in this run, and 10 were made in earlier runs"):
        job(erp, pim, state).apply(more)
    assert job(erp, pim, state).apply(plan).exit_code == 0
    assert (gone(pim, 400), state.deletions("products", "apply").deletions) == (20, 0)
    assert job(erp, pim, state).apply(more).exit_code == 0


# ---- parts ----
def test_a_part_that_was_stopped_is_stopped_however_often_it_is_tried(pim: AkeneoClient, state: SqliteState) -> None:
    erp = half_gone(pim, state, 400)
    report = ran(job(erp, pim, state, brakes=Brakes(deleted_share=0.1)))
    assert (report.exit_code, gone(pim, 400), whole(state)) == (5, 40, 40)
    loud = Telling(erp)
    some = by_key(*(key(number) for number in range(40, 80)))
    numbers = [(ran(job(loud, pim, state), only=some).exit_code, gone(pim, 400)) for _ in range(4)]
    assert numbers == [(5, 50)] * 4
    assert ran(job(loud, pim, state), only=by_key(*(key(number) for number in range(50, 55)))).exit_code == 0
    assert gone(pim, 400) == 55, "another part is another matter"
    report = ran(job(loud, pim, state), only=some)
    assert (report.exit_code, gone(pim, 400)) == (5, 60), "and has not cleared what this one counted: ten, and five now"
    assert ran(job(loud, pim, state, brakes=RAISED), only=some).exit_code == 0
    assert (gone(pim, 400), whole(state)) == (80, 40), "what the whole run counted is its own"
    assert ran(job(loud, pim, state), only=some).exit_code == 0


def test_many_small_parts_over_months_do_not_add_up(pim: AkeneoClient, state: SqliteState) -> None:
    erp = Revisions(Part, *(part(f"N{number}") for number in range(60)))
    ran(job(erp, pim, state))
    for number in range(40):
        erp.remove(key(number))
    for number in range(40):
        assert ran(job(Telling(erp), pim, state), only=by_key(key(number))).exit_code == 0
    assert gone(pim, 60) == 40
    assert state.database.read(lambda db: list(db.execute("SELECT * FROM deletion"))) == []


# ---- numbers that are none ----
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"deleted_share": 5}, r"Brakes\(deleted_share=5\): a share is a number from 0 to 1; for 5 % write 0.05"),
        ({"parked_share": 10.5}, "for 10.5 % write 0.105"),
        ({"deleted_share": -0.1}, "0.05 is 5 %"),
        ({"deleted_share": math.nan}, "0.05 is 5 %"),
        ({"deleted_share": math.inf}, "0.05 is 5 %"),
        ({"deleted_share": "5%"}, "0.05 is 5 %"),
        ({"parked_share": True}, "0.05 is 5 %"),
        ({"after": -1}, r"Brakes\(after=-1\): give a whole number, 0 or more"),
        ({"after": 0.5}, "give a whole number, 0 or more"),
    ],
)
def test_a_brake_that_would_brake_nothing_is_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Brakes(**wrong)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"page_size": 0}, r"SyncOptions\(page_size=0\): give a whole number, 1 or more"),
        ({"page_size": -1}, "1 or more"),
        ({"page_size": 2.5}, "1 or more"),
        ({"watched": -1}, r"SyncOptions\(watched=-1\): give a whole number, 0 or more"),
        ({"watched": True}, "0 or more"),
    ],
)
def test_options_that_are_no_numbers_are_refused(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        SyncOptions(**wrong)


def test_the_ends_of_a_share_are_shares() -> None:
    assert Brakes(deleted_share=0, parked_share=1).at_deletions(10, earlier=0, known=1000) is not None
    assert SyncOptions(watched=0, page_size=1).watched == 0


def test_what_was_off_before_is_no_deletion_that_counts(pim: AkeneoClient, state: SqliteState) -> None:
    mapping = product(NAMED, Part.active.to(ENABLED))
    erp = Revisions(Part, *(part(f"N{number}", active=number > 50) for number in range(100)))
    one = ErpToPim(erp, mapping, pim, state, options=SyncOptions(page_size=10))
    ran(one)
    for number in range(50):
        erp.remove(key(number))
    report = ran(one)
    assert (report.exit_code, report.tombstoned) == (0, 0)
    assert state.entries("products", [ErpKey(key(0))])[ErpKey(key(0))].gone

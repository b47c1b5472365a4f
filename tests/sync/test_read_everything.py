"""A reading of everything finds what is deleted and was never told, once, under the brake, and over any stop."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import warm
from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.erp import CsvAdapter, Cursor, Defect, Page, snapshot_diff
from akeneo_erp_bridge.errors import CursorExpired
from akeneo_erp_bridge.mapping import ProductMapping, constant
from akeneo_erp_bridge.sync import Brakes, ErpToPim, SqliteState, SyncOptions, SyncReport
from akeneo_erp_bridge.testing import Fault, PimSimulator
from bench_erp import COLOUR, COLOURED, NAMED, Part, Revisions, Stopped, dying_at, part, parts, product
from killing import fatal_boundaries
from world import fill


class Forgetful(Revisions[Part]):
    """It knows its cursors up to the moment in which `forgets` is set: those from before expired."""

    forgets = 0

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Part]]:
        if since is not None and int(since.blob.split("/")[-1]) < self.forgets:
            raise CursorExpired("410")
        inner = Cursor(since.kind, since.blob.split("/")[0]) if since is not None else None
        for page in super().read_items(inner, fields=fields, limit=limit):
            self.pages = getattr(self, "pages", 0) + 1
            yield Page(page.items, page.tombstones, Cursor(self.kind, f"{page.resume.blob}/{self.forgets}"))


def forty() -> list[dict[object, object]]:
    return [part(f"N{number:02}") for number in range(40)]


def job(
    erp: Any,
    pim: AkeneoClient,
    state: SqliteState,
    *,
    hook: Callable[[str], None] | None = None,
    mapping: ProductMapping[Part] | None = None,
    **options: Any,
) -> ErpToPim[Part]:
    options.setdefault("brakes", Brakes(deleted_share=0.2))
    return ErpToPim(erp, mapping or product(NAMED), pim, state, options=SyncOptions(page_size=10, **options), hook=hook)


def ran(one: ErpToPim[Part], **asked: Any) -> SyncReport:
    report = one.run(**asked)
    assert report.accounts_for_everything(), report
    return report


def rows(state: SqliteState, query: str) -> list[object]:
    return state.database.read(lambda db: list(db.execute(query)))


def off(pim: AkeneoClient) -> list[str]:
    return sorted(str(one.values.text("sku")) for one in pim.products.list() if not one.enabled)


def told_nothing(erp: Revisions[Part], *numbers: str) -> None:
    """Rows go, and nobody will ever hear of it."""
    for number in numbers:
        erp.remove(f"key of {number}")
    gone = {f"key of {number}" for number in numbers}
    erp.log = [one if one[0] not in gone else ("nobody", None) for one in erp.log]


def expired(pim: AkeneoClient, state: SqliteState) -> Forgetful:
    """An ERP of which three items vanished while the cursor expired."""
    erp = Forgetful(Part, *forty())
    ran(job(erp, pim, state))
    erp.put(part("N05", name="changed"))
    erp.put(part("NEW"))
    told_nothing(erp, "N03", "N17", "N39")
    erp.forgets = 1
    return erp


def test_what_vanished_while_the_cursor_expired_is_switched_off(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = expired(pim, state)
    before = rows(state, "SELECT * FROM cursor")
    plan = job(erp, pim, state).plan()
    assert (plan.report.missing, plan.report.tombstoned) == (3, 3)
    assert rows(state, "SELECT * FROM cursor") == before
    assert state.baseline("products") is None
    simulator.forget_calls()
    report = ran(job(erp, pim, state))
    assert (report.read, report.created, report.updated, report.unchanged) == (38, 1, 1, 36)
    assert (report.tombstoned, report.missing, report.kind, report.exit_code) == (3, 3, "rebaseline", 0)
    assert report.remarks == [
        "the ERP no longer knew the cursor; all was read",
        "3 items of the ledger that the ERP shows no longer",
    ]
    assert off(pim) == ["N03", "N17", "N39"]
    record = next(state.runs("products"))
    assert (record.kind, record.counts["missing"]) == ("rebaseline", 3)
    assert report.cells == 3, "a name, and a SKU with its name: nothing is written that did not change"
    simulator.forget_calls()
    assert (ran(job(erp, pim, state)).missing, simulator.mutating_calls) == (0, [])
    assert (rows(state, "SELECT * FROM shown"), state.baseline("products")) == ([], None)


@pytest.mark.parametrize("how", ["reads", "mapping", "retry", "forget"])
def test_everything_is_read_for_other_reasons_too(pim: AkeneoClient, state: SqliteState, how: str) -> None:
    """Whoever begins anew never hears of the deletions since the last cursor."""
    erp = Revisions(Part, *forty())
    ran(job(erp, pim, state))
    erp.remove("key of N03")
    if how == "forget":
        state.forget("products")
    report = ran(
        job(
            erp, pim, state, retry_parked=how == "retry", mapping=product(NAMED, COLOURED) if how == "mapping" else None
        ),
        **({"reads": "all"} if how == "reads" else {}),
    )
    assert (report.missing, report.kind, off(pim)) == (1, "full", ["N03"])


def test_the_first_run_keeps_no_account_of_what_it_shows(pim: AkeneoClient, state: SqliteState) -> None:
    kept: list[int] = []

    def count(_: str) -> None:
        kept.append(len(rows(state, "SELECT * FROM shown")))

    ran(job(Revisions(Part, *forty()), pim, state, hook=count))
    assert set(kept) == {0}


def test_a_mass_of_missing_items_stops_the_run_until_it_is_meant(pim: AkeneoClient, state: SqliteState) -> None:
    erp = expired(pim, state)
    told_nothing(erp, *(f"N{number}" for number in range(20, 30)))
    for _ in range(2):
        report = ran(job(erp, pim, state))
        assert (report.exit_code, report.tombstoned, report.missing, off(pim)) == (5, 0, 0, [])
        assert report.stopped_by is not None
        assert "shows no longer what it had: 13 deletions of 41 known items" in report.stopped_by
    erp.put(part("N20"))
    report = ran(job(erp, pim, state, brakes=Brakes(deleted_share=0.5)))
    assert (report.missing, report.kind, report.exit_code) == (12, "rebaseline", 0)
    assert len(off(pim)) == 12
    assert "N20" not in off(pim), "it was shown meanwhile"


def test_a_snapshot_that_tells_no_deletions_has_none(pim: AkeneoClient, state: SqliteState) -> None:
    erp = parts(*forty())
    ran(job(erp, pim, state))
    del erp.rows[3]
    for asked in ({}, {"reads": "all"}):
        assert ran(job(erp, pim, state), **asked).missing == 0
    assert ran(job(erp, pim, state, mapping=product(NAMED, COLOURED))).missing == 0
    assert off(pim) == []


TORN = Defect("parts.csv, line 7: 2 values for 3 columns")


def test_a_row_with_a_torn_key_may_be_any_item_that_is_missing(pim: AkeneoClient, state: SqliteState) -> None:
    erp = expired(pim, state)
    erp.put({"id": TORN, "number": TORN, "name": TORN})
    report = ran(job(erp, pim, state))
    assert (report.missing, report.tombstoned, report.parked, off(pim)) == (0, 0, 1, [])
    erp.log.pop()
    report = ran(job(erp, pim, state), reads="all")
    assert (report.missing, off(pim)) == (3, ["N03", "N17", "N39"]), "the next reading of everything finds them"


def test_a_row_without_a_key_is_no_item_that_is_missing(pim: AkeneoClient, state: SqliteState) -> None:
    erp = expired(pim, state)
    erp.put({"id": None, "number": "?", "name": "?"})
    assert (ran(job(erp, pim, state)).missing, off(pim)) == (3, ["N03", "N17", "N39"])


# ---- stops ----
def test_a_torn_key_before_a_stop_is_not_forgotten(pim: AkeneoClient, state: SqliteState) -> None:
    erp = expired(pim, state)
    erp.log.insert(0, (TORN, {"id": TORN, "number": TORN, "name": TORN}))
    left = 6  # in the second page of four

    def die(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Stopped

    with pytest.raises(Stopped):
        ran(job(erp, pim, state, hook=die))
    erp.pages = 0
    report = ran(job(erp, pim, state))
    assert erp.pages < 4
    assert (report.missing, report.kind, off(pim)) == (0, "rebaseline", [])


def test_a_reading_of_everything_goes_on_where_it_was_killed(pim: AkeneoClient, state: SqliteState) -> None:
    erp = expired(pim, state)
    left = 6  # in the second page of four

    def die(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Stopped

    with pytest.raises(Stopped):
        ran(job(erp, pim, state, hook=die))
    told_nothing(erp, "N00")  # it was shown before the stop: nobody can know
    erp.pages = 0
    report = ran(job(erp, pim, state))
    assert erp.pages < 4
    assert (report.missing, report.kind, off(pim)) == (3, "rebaseline", ["N03", "N17", "N39"])


def test_a_reading_that_begins_again_forgets_what_the_one_before_has_shown(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = expired(pim, state)
    for gone in ("N00", None):  # it is in the first page of the first reading, and in no later one
        left = 6

        def die(_: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Stopped

        with pytest.raises(Stopped):
            ran(job(erp, pim, state, hook=die))
        if gone is not None:
            told_nothing(erp, gone)
            erp.forgets += 1
    assert (ran(job(erp, pim, state)).missing, off(pim)) == (4, ["N00", "N03", "N17", "N39"])


def test_a_snapshot_that_begins_anew_ends_an_unfinished_reading_of_everything(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    """What was shown before another mapping came says nothing of what is shown after it."""
    file, all_rows = tmp_path / "parts.csv", forty()
    told = snapshot_diff(CsvAdapter(file, Part), tmp_path / "keys")
    written(file, all_rows)
    ran(job(told, pim, state))
    (tmp_path / "keys").unlink()

    def stopped(**options: Any) -> None:
        with pytest.raises(Stopped):
            ran(job(told, pim, state, hook=dying_at("state.settled"), **options))

    stopped()
    assert state.baseline("products") == "rebaseline"
    red = constant("red").to(COLOUR)
    other: dict[str, Any] = {"mapping": product(NAMED, red), "brakes": Brakes(deleted_share=1.0)}
    stopped(**other)
    assert state.baseline("products") is None
    assert ran(job(told, pim, state, **other)).missing == 0
    assert off(pim) == []


def test_a_refused_deletion_is_tried_once_in_a_run(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = Revisions(Part, *forty())
    ran(job(erp, pim, state))
    erp.remove("key of N03")
    refusal = b'{"line":1,"identifier":null,"status_code":403,"message":"No."}'
    fault = Fault(method="PATCH", status=200, body=refusal, content_type="application/vnd.akeneo.collection+json")
    for _ in range(2):  # told by the ERP, then in none of its pages
        simulator.fail_next(fault)
        report = ran(job(erp, pim, state), reads="all")
        assert (report.undeleted, off(pim)) == (1, [])
    assert ran(job(erp, pim, state)).undeleted == 0
    assert off(pim) == ["N03"]


def test_a_cursor_that_comes_back_to_life_is_no_reading_of_everything(pim: AkeneoClient, state: SqliteState) -> None:
    erp = expired(pim, state)

    def die(_: str) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        ran(job(erp, pim, state, hook=die))  # before anything is settled
    erp.forgets = 0
    report = ran(job(erp, pim, state))
    assert (report.kind, report.missing, off(pim)) == ("delta", 0, [])


@pytest.mark.parametrize("expires_again", [False, True])
def test_killed_anywhere_the_end_is_the_same(tmp_path: Path, *, expires_again: bool) -> None:
    ends: list[tuple[object, ...]] = []
    for fatal in range(80):
        simulator = fill(PimSimulator())
        auth = PasswordAuth(**simulator.auth_kwargs)
        folder = tmp_path / str(fatal)
        folder.mkdir()
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
            with SqliteState(folder / "state.db") as state:
                erp = expired(pim, state)
                erp.put(part("N08", name="x" * 300))
                left = fatal

                def die(_: str) -> None:
                    nonlocal left
                    left -= 1
                    if left == 0:
                        raise Stopped

                try:
                    ran(job(erp, pim, state, hook=die))
                    is_over = fatal > 0
                except Stopped:
                    is_over = False
            if is_over:
                assert fatal > 10
                break
            with SqliteState(folder / "state.db") as state:
                erp.forgets += expires_again
                ran(job(erp, pim, state))
                parked = [one.key for one in state.parked("products")]
                simulator.forget_calls()
                assert ran(job(erp, pim, state)).missing == 0
                assert simulator.mutating_calls == []
                names = {one.values.text("sku"): one.values.text("name", locale="en_US") for one in pim.products.list()}
                ends.append((off(pim), parked, names))
        assert ends[-1] == ends[0], f"killed at boundary {fatal}"
    else:
        raise AssertionError("it never came to its end")
    assert ends[0][:2] == (["N03", "N17", "N39"], ["key of N08"])


def test_a_parked_item_that_is_not_shown_is_closed_by_a_reading_in_two_runs(
    pim: AkeneoClient, state: SqliteState
) -> None:
    erp = Forgetful(Part, *forty(), part("BAD", name="x" * 300), part("WORSE", name="x" * 300))
    assert ran(job(erp, pim, state)).parked == 2
    told_nothing(erp, "BAD")
    erp.log.sort(key=lambda one: one[0] != "key of WORSE")  # it is read first, before the stop
    erp.forgets = 1
    left = 4

    def die(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Stopped

    with pytest.raises(Stopped):
        ran(job(erp, pim, state, hook=die))
    assert state.baseline("products") == "rebaseline"
    report = ran(job(erp, pim, state))
    assert [one.key for one in state.parked("products")] == ["key of WORSE"]
    assert report.waiting == 1


# ---- what it costs ----
def test_the_ledger_is_counted_only_where_something_is_deleted(
    pim: AkeneoClient, state: SqliteState, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = SqliteState.ledger_size

    def counting(self: SqliteState, stream: str) -> int:
        asked.append(stream)
        return plain(self, stream)

    monkeypatch.setattr(SqliteState, "ledger_size", counting)
    erp = parts(*forty())
    ran(job(erp, pim, state))
    ran(job(erp, pim, state))
    assert asked == []
    erp.rows, erp.dead = erp.rows[1:], ["key of N00"]
    assert ran(job(erp, pim, state)).tombstoned == 1
    assert len(asked) == 1


# ---- snapshots ----
def written(file: Path, rows: list[dict[object, object]]) -> None:
    lines = [f"{row['id']},{row['number']},{row['name']}" for row in rows]
    file.write_text("\n".join(["id,number,name", *lines]) + "\n")


def test_half_an_export_and_an_empty_one_are_braked_and_forgotten(
    pim: AkeneoClient, state: SqliteState, tmp_path: Path
) -> None:
    file, all_rows = tmp_path / "parts.csv", forty()
    told = snapshot_diff(CsvAdapter(file, Part), tmp_path / "keys")
    written(file, all_rows)
    ran(job(told, pim, state))
    for half in (all_rows[:20], []):
        written(file, half)
        report = ran(job(told, pim, state))
        assert (report.exit_code, report.tombstoned, off(pim)) == (5, 0, [])
    written(file, all_rows[:39])
    report = ran(job(told, pim, state))
    assert (report.exit_code, off(pim)) == (0, ["N39"])


def test_a_lost_store_of_keys_loses_no_deletion(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    file, all_rows = tmp_path / "parts.csv", forty()
    told = snapshot_diff(CsvAdapter(file, Part), tmp_path / "keys")
    written(file, all_rows)
    ran(job(told, pim, state))
    del all_rows[7]
    written(file, all_rows)
    (tmp_path / "keys").unlink()
    report = ran(job(told, pim, state))
    assert (report.kind, report.missing, off(pim)) == ("rebaseline", 1, ["N07"])
    del all_rows[7]
    written(file, all_rows)
    report = ran(job(told, pim, state))
    assert (report.kind, report.missing, report.tombstoned, off(pim)) == ("full", 0, 1, ["N07", "N08"])


def test_a_part_takes_nothing_for_missing(pim: AkeneoClient, state: SqliteState) -> None:
    erp = expired(pim, state)
    for asked in ({"writes": "create"}, {"writes": "update"}):
        report = ran(job(erp, pim, state), **asked)
        assert (report.missing, off(pim), state.baseline("products")) == (0, [], None)
    assert ran(job(erp, pim, state)).missing == 3


def test_two_streams_do_not_see_each_others_reading(pim: AkeneoClient, tmp_path: Path) -> None:
    with closing(SqliteState(tmp_path / "state.db")) as state:
        erp = expired(pim, state)
        other = Revisions(Part, part("OTHER"))
        ran(job(other, pim, state, stream="others"))
        assert ran(job(erp, pim, state)).missing == 3
        assert ran(job(other, pim, state, stream="others"), reads="all").missing == 0
        assert off(pim) == ["N03", "N17", "N39"]


def lived(folder: Path, life: int, fatal: int = 0) -> subprocess.CompletedProcess[str]:
    return warm.run(Path(__file__).with_name("killed_deletions.py"), folder, life, fatal)


def shown(folder: Path) -> dict[str | None, object]:
    with PimSimulator(folder / "pim.db") as simulator:
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as client:
            return {one.values.text("sku"): (one.enabled, one.values.source) for one in client.products.list()}


def test_a_process_that_deletes_may_be_killed_at_each_boundary(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    with PimSimulator(first / "pim.db") as empty:
        fill(empty)
    assert lived(first, 1).returncode == 0
    assert len(shown(first)) == 120
    whole = shutil.copytree(first, tmp_path / "whole")
    answer = lived(whole, 2)
    assert answer.returncode == 0, answer.stderr
    boundaries = answer.stdout.split()
    assert set(boundaries) == {"erp.read", "state.intended", "pim.sent", "state.settled"}
    expected = shown(whole)
    assert len(expected) == 106
    for fatal in fatal_boundaries(boundaries):
        folder = shutil.copytree(first, tmp_path / f"killed-{fatal}")
        assert lived(folder, 2, fatal).returncode == -9
        again = lived(folder, 2)
        assert again.returncode == 0, again.stderr
        assert shown(folder) == expected, f"killed at boundary {fatal} ({boundaries[fatal - 1]})"

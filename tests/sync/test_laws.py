"""The laws of the design, each by a test that can fail."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import warm
from akeneo_erp_bridge.akeneo import AkeneoClient, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.catalog import Product, ProductPatch
from akeneo_erp_bridge.codes import CategoryCode, Sku
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import Cursor, Page, SqlAdapter, snapshot_diff
from akeneo_erp_bridge.errors import (
    BridgeError,
    CursorExpired,
    Forbidden,
    PimBroken,
    PimUnreachable,
    PreflightFailed,
    RateLimited,
    TemperatureRefused,
)
from akeneo_erp_bridge.mapping import CompiledMapping, ProductMapping, decimal, in_unit, sku
from akeneo_erp_bridge.rules import Binding, Cell
from akeneo_erp_bridge.sync import (
    Brakes,
    CellChange,
    ErpToPim,
    HotRelay,
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
from killing import fatal_boundaries
from places import Place
from rich_shirts import MAPPING, RichShirts, filled, put, rich
from world import WEIGHT, Article, ListErp, fill, make_mapping, row


def job(erp: ListErp, pim: AkeneoClient, state: SqliteState, **options: Any) -> ErpToPim[Article]:
    return ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(page_size=100, **options))


def ran(one: ErpToPim[Article]) -> SyncReport:
    report = one.run()
    assert report.accounts_for_everything(), report
    return report


def products(pim: AkeneoClient) -> dict[str | None, Product]:
    return {one.values.text("sku"): one for one in pim.products.list()}


# ---- law 1: no hot or internal value reaches the PIM ----
def test_law_1_a_mapping_refuses_a_hot_binding_made_behind_the_checkers_back() -> None:
    untyped: Any = Article
    with pytest.raises(TemperatureRefused, match="hot"):
        ProductMapping(Article, Binding(untyped.stock, Cell[str]("name", locale="en_US")))


def test_law_1_the_writer_refuses_a_change_no_mapping_made(pim: AkeneoClient, state: SqliteState) -> None:
    one = job(ListErp([row(1)]), pim, state)
    change = one.plan().changes[0]
    compiled = CompiledMapping(one.mapping, pim.structure())
    stream = Stream("products", compiled, ProductTarget(pim, "sku"), state)
    drafter = Drafter(stream, retry_parked=False)
    writer = PimWriter(stream, drafter, "run", lambda _: None)
    writer.check_seal(change)
    smuggled = {**change.cells, "name[en_US]": CellChange("name[en_US]", None, "stock: 7", "by hand")}
    with pytest.raises(TemperatureRefused, match="not made by the mapping"):
        writer.check_seal(evolve(change, cells=smuggled))
    with pytest.raises(TemperatureRefused, match="bound by no rule"):
        writer.check_seal(evolve(change, cells={"stock": CellChange("stock", None, 7, "by hand")}))
    drafter.close()


def test_law_1_preflight_refuses_a_price_declared_cold(pim: AkeneoClient, state: SqliteState) -> None:
    mapping = ProductMapping(Article, Article.number.to(Cell[str]("sku")), Article.name.to(Cell[str]("msrp")))
    with pytest.raises(PreflightFailed, match=r"reference\(\.\.\.\) only"):
        ErpToPim(ListErp([]), mapping, pim, state).run()


def test_a_reference_price_waits_for_age_and_change(pim: AkeneoClient, state: SqliteState) -> None:
    erp = ListErp([row(1)])
    assert len(ran(job(erp, pim, state)).references) == 1
    erp.rows[0]["price"] = "19,90"
    report = ran(job(erp, pim, state))
    assert (report.written, report.references) == (0, ())
    assert products(pim)["000001"].values.prices("msrp")[0].amount == Decimal("9.90")


# ---- law 2: nothing is lost, nothing is done twice ----
def run_killed(folder: Path, fatal: int, place: Place) -> subprocess.CompletedProcess[str]:
    return warm.run(Path(__file__).with_name("killed_import.py"), folder, fatal, *place.beside(folder).told())


def content(folder: Path) -> dict[str, object]:
    """Every product cell by cell, by SKU; what differs between runs by nature (UUID, dates) is left out."""
    with PimSimulator(folder / "pim.db") as simulator:
        auth = PasswordAuth(**simulator.auth_kwargs)
        with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
            found = list(pim.products.list())
    by_sku = {
        str(one.values.text("sku")): (one.family, one.enabled, one.categories, one.values.source) for one in found
    }
    assert len(by_sku) == len(found), "a product exists twice"
    return dict(sorted(by_sku.items()))


@pytest.mark.on_both
def test_law_2_killed_at_each_effect_boundary_the_end_is_the_same(tmp_path: Path, place: Place) -> None:
    prepared = tmp_path / "prepared"
    prepared.mkdir()
    with PimSimulator(prepared / "pim.db") as empty:
        fill(empty)
    whole = shutil.copytree(prepared, tmp_path / "whole")
    answer = run_killed(whole, 0, place)
    assert answer.returncode == 0, answer.stderr
    boundaries = answer.stdout.split()
    assert set(boundaries) == {"erp.read", "state.intended", "pim.sent", "state.settled"}
    expected = content(whole)
    assert len(expected) == 294
    for fatal in fatal_boundaries(boundaries):
        folder = shutil.copytree(prepared, tmp_path / f"killed-{fatal}")
        assert run_killed(folder, fatal, place).returncode == -9
        again = run_killed(folder, 0, place)
        assert again.returncode == 0, again.stderr
        assert content(folder) == expected, f"killed at boundary {fatal} ({boundaries[fatal - 1]})"


def test_law_2_an_expired_cursor_reads_all_again_and_writes_nothing(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    class Forgetful(ListErp):
        def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
            if since is not None:
                raise CursorExpired("410")
            yield from super().read_items(since, fields=fields, limit=limit)

    erp = Forgetful([row(number) for number in range(5)])
    assert ran(job(erp, pim, state)).written == 5
    simulator.forget_calls()
    assert ran(job(erp, pim, state)).unchanged == 5
    assert simulator.mutating_calls == []


# ---- law 3: everything is accounted for ----
def test_law_3_a_refused_line_is_parked_with_the_pims_reason(pim: AkeneoClient, state: SqliteState) -> None:
    report = ran(job(ListErp([row(1), row(2, colour="mauve"), row(3)]), pim, state))
    assert (report.written, report.parked, report.exit_code) == (2, 1, 1)
    parked = list(state.parked("products"))
    assert [one.key for one in parked] == ["000002"]
    assert "mauve" in parked[0].detail
    assert set(products(pim)) == {"000001", "000003"}


def test_law_3_a_parked_item_that_did_not_change_is_counted_and_not_sent(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = ListErp([row(1, colour="mauve")])
    ran(job(erp, pim, state))
    simulator.forget_calls()
    assert ran(job(erp, pim, state)).parked == 1
    assert simulator.mutating_calls == []
    assert ran(job(erp, pim, state, retry_parked=True)).parked == 1
    assert len(simulator.mutating_calls) == 1
    erp.rows[0]["colour"] = "red"
    assert ran(job(erp, pim, state)).written == 1
    assert list(state.parked("products")) == []


def test_law_3_one_key_with_two_contents_is_parked_and_does_not_flap(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = ListErp([row(1), row(1, name="Another"), row(1)])
    report = ran(job(erp, pim, state))
    assert (report.written, report.parked, report.unchanged) == (1, 1, 1)
    simulator.forget_calls()
    report = ran(job(erp, pim, state))
    assert (report.parked, report.unchanged) == (1, 2)
    assert simulator.mutating_calls == []
    assert products(pim)["000001"].values.text("name", locale="en_US") == "Shirt 1"


def test_law_3_an_item_without_a_key_is_parked(pim: AkeneoClient, state: SqliteState) -> None:
    report = ran(job(ListErp([row(1, number=None), row(2)]), pim, state))
    assert (report.written, report.parked) == (1, 1)


# ---- law 4: no change, no call ----
def test_law_4_the_second_run_makes_no_call(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    erp = ListErp([row(number) for number in range(250)])
    assert ran(job(erp, pim, state)).created == 250
    simulator.forget_calls()
    assert ran(job(erp, pim, state)).unchanged == 250
    assert simulator.mutating_calls == []


@pytest.mark.parametrize(
    "changes",
    [
        {"stock": 999},
        {"weight": "0,2500"},
        {"weight": "0,25"},
        {"unit": "KG"},
        {"name": " Shirt  1 "},
        {"colour": "RED"},
    ],
)
def test_law_4_another_spelling_of_the_same_is_no_change(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, changes: dict[str, object]
) -> None:
    erp = ListErp([row(1)])
    ran(job(erp, pim, state))
    erp.rows[0] |= changes
    simulator.forget_calls()
    assert ran(job(erp, pim, state)).unchanged == 1
    assert simulator.mutating_calls == []


def test_law_4_new_time_stamps_are_no_change(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    """Of an item that declares no stamp, as an ERP saves its rows again that nobody has changed."""
    erp = ListErp([row(number, write_date=f"2026-03-01 08:00:{number % 60:02}") for number in range(250)])
    assert ran(job(erp, pim, state)).created == 250
    erp.rows = [{**one, "write_date": "2026-03-02 09:30:00", "write_uid": 7} for one in erp.rows]
    simulator.forget_calls()
    assert ran(job(erp, pim, state)).unchanged == 250
    assert simulator.mutating_calls == []


def test_law_4_rows_that_come_again_for_their_time_stamp_alone_are_no_change(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, tmp_path: Path
) -> None:
    """Of a database whose changes are found by the stamp."""
    rows = [row(number, stock=10 + number % 50) for number in range(250)]
    columns = ", ".join(rows[0])
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db:
        db.execute(f"CREATE TABLE articles ({columns}, write_date TIMESTAMP)")
        marks = ", ".join(f":{one}" for one in rows[0])
        db.executemany(f"INSERT INTO articles VALUES ({marks}, '2026-03-01 08:00:' || :stock)", rows)
        db.commit()
        erp = SqlAdapter(
            f"sqlite:///{tmp_path / 'erp.db'}",
            Article,
            table="articles",
            changed_at="write_date",
            overlap=timedelta(0),
            zone=UTC,
        )
        told = ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(page_size=100))
        assert ran(told).created == 250
        assert ran(told).read < 250, "the stamp is the cursor"
        db.execute("UPDATE articles SET write_date = '2026-03-02 09:30:00'")
        db.commit()
        simulator.forget_calls()
        report = ran(told)
        assert (report.read, report.unchanged) == (250, 250)
        assert simulator.mutating_calls == []
        db.execute("UPDATE articles SET write_date = '2026-03-03 09:30:00', name = 'Blouse' WHERE number = '000007'")
        db.commit()
        assert ran(told).updated == 1


def test_law_4_variants_with_all_there_is_that_come_again_are_no_change(state: SqliteState, tmp_path: Path) -> None:
    """Models, pictures, links, parts and tables: each row is told anew, for a stamp that nobody reads."""
    with filled() as simulator, simulator.client() as pim:
        erp = put(RichShirts([]), 0, 30)
        told = VariantsToPim(erp, MAPPING, pim, state, rows=tmp_path / "rows.db")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # its rows are rich
        assert told.run().exit_code == 0
        for number in range(30):
            erp.put({**rich(number, 0), "write_date": "2026-03-02 09:30:00"})
        simulator.forget_calls()
        assert told.run().exit_code == 0
        assert erp.reads == 60
        assert simulator.mutating_calls == []


def test_law_4_exactly_the_changed_cells_are_planned_and_written(pim: AkeneoClient, state: SqliteState) -> None:
    erp = ListErp([row(number) for number in range(20)])
    ran(job(erp, pim, state))
    erp.rows[3]["name"] = "Other"
    plan = job(erp, pim, state).plan()
    assert [(one.key, list(one.cells)) for one in plan.changes] == [("000003", ["name[en_US]"])]
    cell = plan.changes[0].cells["name[en_US]"]
    assert (cell.old, cell.new, cell.rule) == ("Shirt 3", "Other", "(name >> clean()).required()")
    report = ran(job(erp, pim, state))
    assert (report.updated, report.cells) == (1, 1)
    assert products(pim)["000003"].values.text("name", locale="en_US") == "Other"


def test_a_plan_writes_nothing(pim: AkeneoClient, simulator: PimSimulator, state: SqliteState) -> None:
    plan = job(ListErp([row(1), row(2, name=None)]), pim, state).plan()
    assert (len(plan.creates), len(plan.parked)) == (1, 1)
    assert plan.report.accounts_for_everything()
    assert simulator.mutating_calls == []
    assert state.ledger_size("products") == 0
    assert list(state.parked("products")) == []
    assert state.cursor("products", "") is None


# ---- law 5: what the PIM user made, survives ----
def test_law_5_categories_of_others_survive_ours_coming_and_going(pim: AkeneoClient, state: SqliteState) -> None:
    erp = ListErp([row(1)])
    ran(job(erp, pim, state))
    product = products(pim)["000001"]
    both = [CategoryCode("shirts"), CategoryCode("promotions")]
    pim.products.upsert(ProductPatch(uuid=product.uuid, categories=both))
    erp.rows[0]["category"] = None
    ran(job(erp, pim, state))
    assert list(products(pim)["000001"].categories) == ["promotions"]
    erp.rows[0]["category"] = "S"
    ran(job(erp, pim, state))
    assert sorted(products(pim)["000001"].categories) == ["promotions", "shirts"]


def test_law_5_null_clears_what_we_wrote_and_nothing_else(pim: AkeneoClient, state: SqliteState) -> None:
    erp = ListErp([row(1), row(2, colour=None)])
    ran(job(erp, pim, state))
    erp.rows[0]["colour"] = None
    ran(job(erp, pim, state))
    assert products(pim)["000001"].values.option("colour") is None


def test_a_product_that_is_there_already_is_adopted_not_doubled(pim: AkeneoClient, state: SqliteState) -> None:
    with SqliteState(":memory:") as other:
        ran(job(ListErp([row(1, name="Old name")]), pim, other))
    before = products(pim)["000001"].uuid
    plan = job(ListErp([row(1, colour=None)]), pim, state).plan()
    assert [list(one.cells) for one in plan.updates] == [["name[en_US]"]]
    ran(job(ListErp([row(1, colour=None)]), pim, state))
    after = products(pim)
    assert len(after) == 1
    assert after["000001"].uuid == before
    assert after["000001"].values.option("colour") == "red", "a null of the ERP erased what was there before us"


# ---- law 7: a bad record never stops the good ones; a bad run stops early ----
def test_law_7_the_brake_stops_a_run_of_bad_records(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = ListErp([row(number, weight="heavy") for number in range(400)])
    report = ran(job(erp, pim, state, brakes=Brakes(after=100)))
    assert report.exit_code == 5
    assert "parked" in str(report.stopped_by)
    assert simulator.mutating_calls == []


def test_law_7_a_deletion_disables_and_a_return_enables(pim: AkeneoClient, state: SqliteState) -> None:
    erp = ListErp([row(1), row(2)])
    ran(job(erp, pim, state))
    gone = erp.rows.pop(0)
    erp.dead = ["000001"]
    report = ran(job(erp, pim, state))
    assert report.tombstoned == 1
    assert [one.enabled for _, one in sorted(products(pim).items(), key=str)] == [False, True]
    erp.rows.append(gone)
    erp.dead = []
    assert ran(job(erp, pim, state)).updated == 1
    assert all(one.enabled for one in products(pim).values())


def test_law_7_mass_deletion_is_braked(pim: AkeneoClient, state: SqliteState) -> None:
    erp = ListErp([row(number) for number in range(40)])
    ran(job(erp, pim, state))
    erp.dead = [str(one["number"]) for one in erp.rows[:30]]
    del erp.rows[:30]
    report = ran(job(erp, pim, state))
    assert report.exit_code == 5
    assert all(one.enabled for one in products(pim).values())


# ---- law 9: secrets never show ----
def test_law_9_no_secret_in_repr_errors_or_state(tmp_path: Path) -> None:
    simulator = fill(PimSimulator(client_id="c", secret="S3CRET-s", username="u", password="S3CRET-p"))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(tmp_path / "s.db") as state,
    ):
        one = job(ListErp([row(1), row(2, colour="x")]), pim, state)
        texts = [repr(auth), repr(pim), repr(one), str(ran(one)), repr(pim.options)]
    wrong = PasswordAuth(client_id="c", secret="S3CRET-x", username="u", password="S3CRET-y")
    with AkeneoClient(simulator.url, wrong, transport=simulator.transport()) as pim:
        with pytest.raises(BridgeError) as caught:
            list(pim.products.list())
        texts += [str(caught.value), repr(caught.value)]
    assert "S3CRET" not in " ".join(texts)
    for path in tmp_path.iterdir():
        assert b"S3CRET" not in path.read_bytes()


# ---- law 10: memory is flat ----
@pytest.fixture
def pim_next_door(tmp_path: Path) -> Iterator[AkeneoClient]:
    """A PIM in a process of its own: what it holds is not counted as ours."""
    filled = fill(PimSimulator(tmp_path / "pim.db"))
    filled.close()
    command = [sys.executable, "-m", "akeneo_erp_bridge.testing", "serve", "--port", "0"]
    with subprocess.Popen([*command, "--data", str(tmp_path / "pim.db")], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        try:
            with AkeneoClient(url, PasswordAuth(**filled.auth_kwargs)) as client:
                yield client
        finally:
            server.terminate()


def test_law_10_memory_does_not_grow_with_the_number_of_records(pim_next_door: AkeneoClient, tmp_path: Path) -> None:
    class Endless(ListErp):
        def __init__(self, count: int) -> None:
            super().__init__([])
            self.count = count

        def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
            for start in range(0, self.count, limit):
                yield Page([Article(row(start + n)) for n in range(limit)], [], Cursor("snapshot", ""))

    def peak(count: int) -> int:
        with SqliteState(tmp_path / f"{count}.db") as state:
            tracemalloc.start()
            ran(job(Endless(count), pim_next_door, state))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    peak(500)  # the first run imports modules
    assert peak(4_000) <= 1.2 * peak(1_000)


# ---- the hot path ----
def test_hot_changes_reach_the_shop_and_never_the_pim(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState
) -> None:
    erp = ListErp([row(number) for number in range(30)])
    ran(job(erp, pim, state))
    feeds = [Article.price.feed("price"), Article.stock.feed("available")]
    with SqliteSink(":memory:") as shop:
        relay = HotRelay(erp, feeds, shop, state)
        simulator.forget_calls()
        assert relay.run().written == 30
        assert relay.run().unchanged == 30
        erp.rows[4]["stock"] = 0
        report = relay.run()
        assert (report.updated, report.unchanged) == (1, 29)
        assert report.accounts_for_everything()
        assert shop.offer("000004") == {"price": "9,90", "available": "0"}
    assert simulator.calls == []
    assert ran(job(erp, pim, state)).unchanged == 30
    assert simulator.mutating_calls == []


def test_a_wrong_hot_value_is_parked_and_the_last_offer_stays(state: SqliteState) -> None:
    erp = ListErp([row(1), row(2)])
    with SqliteSink(":memory:") as shop:
        relay = HotRelay(erp, [Article.stock.feed("available")], shop, state)
        relay.run()
        erp.rows[0]["stock"] = "many"
        erp.rows[1]["stock"] = 5
        report = relay.run()
        assert (report.parked, report.updated, report.exit_code) == (1, 1, 1)
        assert shop.offer("000001") == {"available": "1"}


def test_of_two_rows_of_a_key_the_first_is_offered_and_the_second_is_parked(state: SqliteState) -> None:
    with SqliteSink(":memory:") as shop:
        report = HotRelay(ListErp([row(1, stock=1), row(1, stock=2)]), [Article.stock.feed("n")], shop, state).run()
        assert report.accounts_for_everything()
        assert [one.code for one in report.parked_items] == ["duplicate"]
        assert shop.offer("000001") == {"n": "1"}


def test_runs_are_recorded(pim: AkeneoClient, state: SqliteState) -> None:
    before = datetime.now(UTC)
    ran(job(ListErp([row(1)]), pim, state))
    record = next(state.runs("products"))
    assert record.started >= before
    assert record.counts["created"] == 1


# ---- an outage is nobody's fault ----
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(method="PATCH", path="products", status=503, times=99), PimBroken),
        (Fault(method="PATCH", path="products", reset="before", times=99), PimUnreachable),
        (
            Fault(method="PATCH", path="products", status=403, body=b'{"code": 403, "message": "No."}', times=99),
            Forbidden,
        ),
        (Fault(method="PATCH", path="products", status=429, retry_after=3600, times=99), RateLimited),
    ],
)
def test_law_2_an_outage_parks_nothing_and_the_next_run_finishes(
    simulator: PimSimulator, state: SqliteState, fault: Fault, error: type[BridgeError]
) -> None:
    quick = Options(retry=RetryPolicy(attempts=2, first_pause=timedelta(milliseconds=1)))
    auth = PasswordAuth(**simulator.auth_kwargs)
    # more than may be under way when the first page is settled
    erp = ListErp([row(number, weight="heavy" if number == 7 else "1,0") for number in range(2000)])
    with AkeneoClient(simulator.url, auth, options=quick, transport=simulator.transport()) as pim:

        def outage(boundary: str) -> None:
            if boundary == "state.settled":
                simulator.fail_next(fault)

        first = ErpToPim(erp, make_mapping(), pim, state, options=SyncOptions(page_size=100), hook=outage)
        with pytest.raises(error):
            first.run()
        assert [one.key for one in state.parked("products")] == ["000007"], "only what is wrong in the ERP"
        simulator._faults.clear()
        report = ran(job(erp, pim, state))
        assert report.parked == 0, "the bad one stood on the page that was settled before the outage"
        assert len(products(pim)) == 1999


# ---- law 3: what was given up, and what is mended ----
def test_law_3_a_cell_given_up_is_counted_and_named(pim: AkeneoClient, state: SqliteState) -> None:
    mapping = ProductMapping(
        Article,
        (Article.number >> sku()).to(Cell[str]("sku")),
        (Article.weight >> decimal("de_DE") >> in_unit("KILOGRAM")).catch().to(WEIGHT),
    )
    erp = ListErp([row(1, weight="heavy"), row(2)])
    plan = ErpToPim(erp, mapping, pim, state).plan()
    report = ErpToPim(erp, mapping, pim, state).run()
    for account in (plan.report, report):
        assert (account.written, account.skipped) == (2, 1)
        assert "000001" in str(account.skipped_cells[0])
        assert "1 cell left as found, the first: 000001" in str(account)
        assert "'heavy' is not a number" in str(account)


def test_law_3_a_parked_item_is_closed_when_it_is_as_the_pim_has_it(pim: AkeneoClient, state: SqliteState) -> None:
    erp = ListErp([row(1), row(2), row(2, name="Another shirt")])
    assert ran(job(erp, pim, state)).parked == 1
    assert [one.key for one in state.parked("products")] == ["000002"]
    del erp.rows[2]
    assert ran(job(erp, pim, state)).parked == 0
    assert list(state.parked("products")) == []


def test_law_3_a_parked_offer_is_closed_when_it_is_as_the_shop_has_it(state: SqliteState, tmp_path: Path) -> None:
    erp = ListErp([row(1)])
    with SqliteSink(tmp_path / "shop.db") as shop:
        relay = HotRelay(erp, [(Article.price >> decimal("de_DE")).feed("price")], shop, state)
        relay.run()
        erp.rows[0]["price"] = "cheap"
        assert relay.run().parked == 1
        erp.rows[0]["price"] = "9,90"
        assert relay.run().unchanged == 1
        assert list(state.parked(relay.stream)) == []


# ---- deletions, as an ERP without any word for them has them ----
def test_a_row_that_is_gone_is_disabled_and_comes_back(
    pim: AkeneoClient, simulator: PimSimulator, state: SqliteState, tmp_path: Path
) -> None:
    erp = ListErp([row(number) for number in range(30)])
    told = ErpToPim(snapshot_diff(erp, tmp_path / "keys.db"), make_mapping(), pim, state)
    ran(told)
    gone = erp.rows.pop(7)
    plan = told.plan()
    assert [(one.key, one.action) for one in plan.changes] == [("000007", "update")]
    simulator.forget_calls()
    report = ran(told)
    assert (report.read, report.unchanged, report.tombstoned) == (29, 29, 1)
    assert len(simulator.mutating_calls) == 1
    assert [sku for sku, one in products(pim).items() if not one.enabled] == ["000007"]

    simulator.forget_calls()
    assert ran(told).tombstoned == 0
    assert simulator.mutating_calls == [], "it is disabled once"

    erp.rows.append(gone)
    ran(told)
    assert all(one.enabled for one in products(pim).values())


def test_a_mass_deletion_stops_the_run(pim: AkeneoClient, state: SqliteState, tmp_path: Path) -> None:
    erp = ListErp([row(number) for number in range(100)])
    told = ErpToPim(snapshot_diff(erp, tmp_path / "keys.db"), make_mapping(), pim, state)
    ran(told)
    del erp.rows[40:]
    report = told.run()
    assert report.exit_code == 5
    assert report.stopped_by is not None
    assert "60 deletions of 100 known items" in report.stopped_by
    assert all(one.enabled for one in products(pim).values())


# ---- a PIM that has no UUIDs yet ----
def test_a_pim_before_version_7_is_written_by_identifier(tmp_path: Path) -> None:
    simulator = fill(PimSimulator(behaviour=Behaviour.version_6()))
    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(tmp_path / "state.db") as state,
    ):
        pim.products_by_identifier.upsert(
            ProductPatch(identifier=Sku("000003"), categories=[CategoryCode("promotions")])
        )
        erp = ListErp([row(number) for number in range(130)])
        report = ran(job(erp, pim, state))
        assert (report.created, report.updated, report.parked) == (129, 1, 0)
        simulator.forget_calls()
        assert ran(job(erp, pim, state)).unchanged == 130
        assert simulator.mutating_calls == []
        erp.rows[3] |= {"name": "Blouse", "category": None}
        assert ran(job(erp, pim, state)).updated == 1
        changed = pim.products_by_identifier.get("000003")
        assert changed.values.text("name", locale="en_US") == "Blouse"
        assert list(changed.categories) == ["promotions"]

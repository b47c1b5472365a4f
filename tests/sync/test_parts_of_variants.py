"""A part of flat rows: whole models, and nothing of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.erp import Cursor, Defect, Page
from akeneo_erp_bridge.errors import CursorExpired, MappingError
from akeneo_erp_bridge.mapping import Variants
from akeneo_erp_bridge.sync import (
    Only,
    SqliteState,
    SyncOptions,
    VariantReport,
    VariantsToPim,
    by_category,
    by_field,
    by_key,
    where,
)
from akeneo_erp_bridge.testing import PimSimulator
from shirts import TWO_LEVELS, Shirt, Shirts, fill, mapping, models, products, shirt

Make = Callable[..., VariantsToPim[Shirt]]


@pytest.fixture
def pim() -> Iterator[AkeneoClient]:
    simulator = fill(PimSimulator())
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as client:
        yield client


@pytest.fixture
def make(pim: AkeneoClient, tmp_path: Path) -> Iterator[Make]:
    with SqliteState(tmp_path / "state.db") as state:

        def one(
            erp: Shirts, hook: Callable[[str], None] | None = None, shape: Variants[Shirt] = TWO_LEVELS
        ) -> VariantsToPim[Shirt]:
            options = SyncOptions(page_size=4)
            return VariantsToPim(erp, mapping(shape), pim, state, rows=tmp_path / "rows.db", options=options, hook=hook)

        yield one


def ran(job: VariantsToPim[Shirt], **asked: Any) -> VariantReport:
    report = job.run(**asked)
    assert report.accounts_for_everything(), report
    return report


def counts(report: VariantReport) -> list[tuple[int, int, int]]:
    return [(part.created, part.updated, part.passed_over) for part in report.parts]


@pytest.mark.parametrize(
    ("only", "styles"),
    [
        (by_key("0008"), "1"),
        (by_key("0008", "0000"), "01"),
        (by_field(Shirt.style, "ST2"), "2"),
        (by_category("sale"), "2"),
        (where(Shirt.note, lambda note: note == "note 3"), "0"),
        (by_key("no such"), ""),
    ],
)
def test_one_row_brings_its_model_along(make: Make, pim: AkeneoClient, only: Only[Shirt], styles: str) -> None:
    erp = Shirts([shirt(n, group="X" if n >= 12 else "S") for n in range(18)])
    assert [len(part.creates) for part in make(erp).plan(only=only).parts] == [
        len(styles),
        2 * len(styles),
        6 * len(styles),
    ]
    report = ran(make(erp), only=only)
    n = len(styles)
    assert counts(report) == [(n, 0, 3 - n), (2 * n, 0, 6 - 2 * n), (6 * n, 0, 18 - 6 * n)]
    assert sorted(code for code, one in models(pim).items() if one.parent is None) == [f"ST{style}" for style in styles]
    assert report.parts[0].choice == only.label
    assert counts(ran(make(erp))) == [(3 - n, 0, 0), (6 - 2 * n, 0, 0), (18 - 6 * n, 0, 0)]
    assert len(products(pim)) == 18


def test_what_all_rows_say_together_is_written_and_no_other_model(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([shirt(n) for n in range(12)])
    ran(make(erp))
    for n in range(12):
        erp.put(shirt(n, name="renamed", note="other"))
    report = ran(make(erp), only=by_key("0001"))
    assert [part.updated for part in report.parts] == [1, 0, 6]
    assert [models(pim)[code].values.text("name") for code in ("ST0", "ST1")] == ["renamed", "Shirt 1"]
    assert products(pim)["0007"].values.text("supplier_note") == "note 7"
    assert [part.updated for part in ran(make(erp)).parts] == [1, 0, 6]
    assert models(pim)["ST1"].values.text("name") == "renamed"


def test_a_deletion_counts_where_its_row_is_chosen(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([shirt(n) for n in range(12)])
    ran(make(erp))
    erp.remove(3)
    assert ran(make(erp), only=by_key("0004")).products.tombstoned == 0, "its sibling is no order to disable it"
    assert products(pim)["0003"].enabled
    assert ran(make(erp), only=by_key("0003")).products.tombstoned == 1
    assert not products(pim)["0003"].enabled
    assert ran(make(erp)).products.tombstoned == 0


def test_what_the_file_of_rows_does_not_keep_cannot_choose(make: Make, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="looks at 'stock', which the mapping does not read"):
        ran(make(Shirts([shirt(1)])), only=by_field(Shirt.stock, 1))
    with pytest.raises(MappingError, match=r"raised IndexError on row '0001'; mend the test"):
        ran(make(Shirts([shirt(1)])), only=where(Shirt.note, lambda note: note[99] == "x"))


def test_everything_is_read_again(make: Make) -> None:
    erp = Shirts([shirt(n) for n in range(12)])
    ran(make(erp))
    assert [part.read for part in ran(make(erp)).parts] == [0, 0, 0]
    report = ran(make(erp), reads="all")
    assert [part.unchanged for part in report.parts] == [2, 4, 12]
    assert [part.kind for part in report.parts] == ["full"] * 3
    with pytest.raises(MappingError, match="seen 'everything'"):
        ran(make(erp), reads="everything")


class Killed(BaseException):
    """The process is gone."""


def test_a_part_of_variants_may_be_killed_anywhere(pim: AkeneoClient, make: Make) -> None:
    erp = Shirts([shirt(n) for n in range(12)])
    ran(make(erp))
    ended = 0
    for fatal in range(1, 100):
        left = fatal

        def hook(_: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        for n in range(12):
            erp.put(shirt(n, note=f"{n} in round {fatal}", name=f"round {fatal}"))
        try:
            ran(make(erp, hook), only=by_key("0001"))
            ended += 1
        except Killed:
            ran(make(erp), only=by_key("0001"))
        told = {sku: one.values.text("supplier_note") for sku, one in products(pim).items()}
        assert told.items() >= {f"{n:04}": f"{n} in round {fatal}" for n in range(6)}.items()
        assert all(told.get(f"{n:04}") != f"{n} in round {fatal}" for n in range(6, 12))
        ran(make(erp))
        found = products(pim)
        assert {one.values.text("supplier_note") for one in found.values()} == {
            f"{n} in round {fatal}" for n in range(12)
        }
        assert {one.values.text("name") for one in models(pim).values() if one.parent is None} == {f"round {fatal}"}
        if ended:
            assert fatal > 8
            return
    raise AssertionError("it never came to its end")


# ---- everything, and what it does not show ----
class Snapshot(Shirts):
    """It shows all it has each time, and tells no deletions."""

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        yield Page([Shirt(row) for _, row in self.log if row is not None], [], Cursor("snapshot", ""))


class Forgetful(Shirts):
    """Its cursors expire when `forgets` is set; what was deleted before is told no more. `dies`: at the first page of all."""

    forgets = False
    dies = False

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        if since is not None and self.forgets:
            self.forgets = False
            raise CursorExpired("410")
        if since is None and self.dies:
            self.dies = False
            raise Killed
        yield from super().read_items(since, fields=fields, limit=limit)


def off(pim: AkeneoClient) -> list[str]:
    return sorted(sku for sku, one in products(pim).items() if not one.enabled)


@pytest.mark.parametrize("how", ["expired", "all"])
def test_a_variant_that_nobody_told_of_is_switched_off(make: Make, pim: AkeneoClient, how: str) -> None:
    erp = Forgetful([shirt(n) for n in range(24)])
    ran(make(erp))
    del erp.log[7]
    erp.forgets = how == "expired"
    report = ran(make(erp), **({"reads": "all"} if how == "all" else {}))
    assert (report.products.tombstoned, off(pim)) == (1, ["0007"])


@pytest.mark.parametrize("how", ["expired", "all"])
@pytest.mark.parametrize("fatal", range(1, 7))
def test_a_reading_that_was_killed_finds_what_vanished_meanwhile(
    make: Make, pim: AkeneoClient, how: str, fatal: int
) -> None:
    erp = Forgetful([shirt(n) for n in range(24)])  # six pages
    ran(make(erp))
    erp.forgets = how == "expired"
    left = fatal

    def hook(boundary: str) -> None:
        nonlocal left
        left -= boundary == "erp.read"
        if left == 0:
            raise Killed

    with pytest.raises(Killed):
        make(erp, hook).run(**({"reads": "all"} if how == "all" else {}))
    del erp.log[23]
    report = ran(make(erp))
    # a reading that had come to its end is over: the row was there
    expected = [] if fatal == 6 else ["0023"]
    assert (report.products.tombstoned, off(pim)) == (len(expected), expected)
    assert ran(make(erp)).products.tombstoned == 0
    assert (ran(make(erp), reads="all").products.tombstoned, off(pim)) == (1 - len(expected), ["0023"])


@pytest.mark.parametrize("how", ["expired", "all"])
def test_a_reading_that_was_killed_before_its_first_page_begins_again(make: Make, pim: AkeneoClient, how: str) -> None:
    erp = Forgetful([shirt(n) for n in range(24)])
    ran(make(erp))
    erp.forgets = how == "expired"
    del erp.log[23]
    erp.dies = True
    with pytest.raises(Killed):
        make(erp).run(**({"reads": "all"} if how == "all" else {}))
    report = ran(make(erp))
    assert (report.products.tombstoned, off(pim)) == (1, ["0023"])


def test_a_row_with_a_torn_key_may_be_any_row_that_is_missing(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([shirt(n) for n in range(24)])
    ran(make(erp))
    del erp.log[7]
    erp.log.append(("torn", {**shirt(7), "number": Defect("a quote is not closed")}))
    assert make(erp).run(reads="all").products.tombstoned == 0
    assert off(pim) == []
    del erp.log[-1]
    assert make(erp).run(reads="all").products.tombstoned == 1
    assert off(pim) == ["0007"]


def test_a_variant_that_a_snapshot_shows_no_more_stays_on(make: Make, pim: AkeneoClient) -> None:
    erp = Snapshot([shirt(n) for n in range(12)])
    ran(make(erp))
    del erp.log[7]
    for asked in ({}, {"reads": "all"}):
        assert ran(make(erp), **asked).products.tombstoned == 0
    assert off(pim) == []


@pytest.mark.parametrize("how", ["expired", "all"])
def test_many_variants_that_nobody_told_of_stop_the_run_before_the_first(
    make: Make, pim: AkeneoClient, how: str
) -> None:
    erp = Forgetful([shirt(n) for n in range(48)])
    ran(make(erp))
    rows = erp.log[24:]
    del erp.log[24:]
    for n in range(4):  # a page of its own, before those of the deletions
        erp.log[n] = (erp.log[n][0], shirt(n, note="changed meanwhile"))
    erp.forgets = how == "expired"
    for _ in range(4):
        report = make(erp).run(**({"reads": "all"} if how == "all" else {}))
        assert (report.exit_code, off(pim)) == (5, [])
        assert "24 deletions of 48 known items, more than 5%" in str(report.products.stopped_by)
        assert make(erp).plan().parts[-1].report.exit_code == 5
    assert products(pim)["0003"].values.text("supplier_note") == "changed meanwhile"
    erp.log += rows
    report = ran(make(erp), reads="all")
    assert (report.exit_code, off(pim)) == (0, [])


def test_many_variants_that_are_told_stop_the_run_before_the_first(make: Make, pim: AkeneoClient) -> None:
    """Their rows are in the file, so that all deletions are known before one is written."""
    erp = Shirts([shirt(n) for n in range(48)])
    ran(make(erp))
    for n in range(24, 48):
        erp.remove(n)
    for _ in range(3):
        assert (make(erp).run().exit_code, off(pim)) == (5, [])
    chosen = by_key("0024", "0025")
    assert ran(make(erp), only=chosen).exit_code == 0
    assert off(pim) == ["0024", "0025"], "a part counts what it was asked for"
    assert (make(erp).run().exit_code, off(pim)) == (5, ["0024", "0025"])


def test_only_what_is_new_or_only_what_is_there(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([shirt(n) for n in range(12)])
    ran(make(erp), only=by_key("0000"))  # ST0 of two models is there
    for n in range(6):
        erp.put(shirt(n, name="renamed", note="other"))
    erp.put(shirt(12, name="renamed"))  # the first row of ST2
    assert [len(part.creates) for part in make(erp).plan(writes="create").parts] == [2, 3, 7]
    assert [len(part.updates) for part in make(erp).plan(writes="update").parts] == [1, 0, 6]
    report = ran(make(erp), writes="update")
    assert counts(report) == [(0, 1, 2), (0, 0, 3), (0, 6, 7)]
    assert models(pim)["ST0"].values.text("name") == "renamed"
    assert len(products(pim)) == 6
    for n in range(6):
        erp.put(shirt(n, name="renamed again", note="third"))
    report = ran(make(erp), writes="create")
    assert [part.created for part in report.parts] == [2, 3, 7]
    assert [part.updated for part in report.parts] == [0, 0, 0]
    assert models(pim)["ST0"].values.text("name") == "renamed", "it is not new"
    assert products(pim)["0000"].values.text("supplier_note") == "other"
    report = ran(make(erp))
    assert counts(report) == [(0, 1, 0), (0, 0, 0), (0, 6, 0)], "what was passed over is still to do"
    with pytest.raises(MappingError, match="seen 'new' and 'all'"):
        ran(make(erp), writes="all")


def test_a_new_row_of_a_model_that_is_there_is_created_alone(make: Make, pim: AkeneoClient) -> None:
    erp = Shirts([shirt(n) for n in range(5)])
    ran(make(erp))
    erp.put(shirt(5))
    erp.put(shirt(0, note="other"))
    assert counts(ran(make(erp), writes="create")) == [(0, 0, 1), (0, 0, 2), (1, 0, 1)]
    assert sorted(products(pim)) == [f"{n:04d}" for n in range(6)]
    assert products(pim)["0000"].values.text("supplier_note") == "note 0"


def test_a_row_that_moves_below_a_model_that_is_passed_over_waits_for_it(make: Make, pim: AkeneoClient) -> None:
    erp, moving = Shirts([shirt(n) for n in range(6)]), evolve(TWO_LEVELS, regroup="allow")
    ran(make(erp, shape=moving))
    erp.put(shirt(0, style="ST7"))
    report = ran(make(erp, shape=moving), writes="update")
    assert (report.products.parked, report.products.updated, report.products.passed_over) == (0, 0, 1), report
    assert products(pim)["0000"].parent == "ST0_rot"
    report = ran(make(erp, shape=moving))
    assert (report.products.parked, report.products.updated) == (0, 1), report
    assert products(pim)["0000"].parent == "ST7_rot"

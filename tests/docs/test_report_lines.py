"""The page for people on call explains each line that a report can have, and no other."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from attrs import evolve

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.mapping import Misfit
from akeneo_erp_bridge.sync import HeldCell, ParkedItem, PassedReference, SyncReport, Tally

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "operate-a-sync.md"
ROW = re.compile(r"^\| `([^`]+)` \| [^|]{10,} \| [^|]{7,} \|$", re.MULTILINE)


def full() -> SyncReport:
    """A report that has everything to say; of a run that read all anew, and each count at least two."""
    key = ErpKey("SH-1")
    item, cell = ParkedItem(key, "refused", "colour", "no such option"), HeldCell(key, "name", "a", "b", "c")
    tally = Tally(
        read=50, parked=30, unchanged=10, created=5, updated=5, cells=20, tombstoned=2, undeleted=2, waiting=2, deleted=2,
        ignored=2, missing=2, passed_over=2, skipped=2, unlinked=2, passed=2, held_cells=2, told=2, kind="rebaseline",
        choice="only=by_key('SH-*')", parked_items=[item] * 30, skipped_cells=[item], unlinked_cells=[item],
        held_items=[cell], told_cells=[cell], references=[PassedReference("SH-1", "price", "the catalogue in print")],
        waits_for=timedelta(days=9), left_out=[Misfit("no_option", "colour", "'petrol' is gone", "skip_cell", "colour")],
    )  # fmt: skip
    tally.latency.add(0.04)
    return tally.report("products", timedelta(seconds=90), "too much is parked")


def test_each_line_of_a_report_has_its_row() -> None:
    report = full()
    part = evolve(report, kind="partial")
    lines = {line.strip() for one in (report, part) for line in str(one).splitlines()[1:]}
    rows = ROW.findall(PAGE.read_text(encoding="utf-8"))
    patterns = {
        row: re.escape(row).replace(r"\.\.\.", ".*").replace("N", r"\d+").replace(r"\ \ ", r"\ +") for row in rows
    }
    unread = {line for line in lines if not any(re.fullmatch(one, line) for one in patterns.values())}
    assert unread == set()
    assert [row for row, one in patterns.items() if not any(re.fullmatch(one, line) for line in lines)] == []

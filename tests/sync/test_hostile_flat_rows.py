"""Flat rows that hold anything: none stops a run, each is accounted for, and a second run writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from akeneo_erp_bridge.erp import Cursor, ErpSchema, Health, Page
from akeneo_erp_bridge.mapping import Variants
from akeneo_erp_bridge.sync import Brakes, SqliteState, SyncOptions, VariantsToPim
from akeneo_erp_bridge.testing import PimSimulator
from shirts import ONE_LEVEL, TWO_LEVELS, Shirt, fill, mapping, shirt

ANYTHING = (
    None, "", " ", "a", "ST0", "st0", "rot", "S", "s", "a b", "a,b", "a\nb", "e\u0301", "\x00", "\ud800", "x" * 300, 0, -1, 7, 10**5000, True,
    0.1, float("nan"), Decimal("NaN"), Decimal("sNaN"), b"x", object(), datetime(2024, 1, 1, tzinfo=UTC), (), [], {}, ["a", None], {"a": 1},
)  # fmt: skip


class All:
    """An ERP that gives all its rows each time."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        self.rows = rows

    def describe(self) -> ErpSchema:
        return ErpSchema("shirts")

    def check(self) -> Health:
        return Health(ok=True, message="")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        for first in range(0, len(self.rows), limit):
            some = [Shirt(row) for row in self.rows[first : first + limit]]  # type: ignore[arg-type]  # rows are what they are
            yield Page(some, [], Cursor("snapshot", str(first + limit)))


def odd(random: Random, number: int) -> dict[str, object]:
    """Each column now and then absent, or anything."""
    row = shirt(number)
    for name in list(row):
        if name != "number" or random.random() < 0.3:
            chance = random.random()
            if chance < 0.03:
                del row[name]
            elif chance < 0.12:
                row[name] = random.choice(ANYTHING)
    return row


@pytest.mark.parametrize("variants", [ONE_LEVEL, TWO_LEVELS], ids=["one level", "two levels"])
@pytest.mark.parametrize("seed", range(12))
def test_rows_of_any_kind_are_accounted_for(seed: int, variants: Variants[Shirt], tmp_path: Path) -> None:
    random = Random(seed)
    erp = All([odd(random, number) for number in range(36)])
    options = SyncOptions(page_size=5, brakes=Brakes(parked_share=1.0, deleted_share=1.0))
    simulator = fill(PimSimulator())
    with simulator.client() as pim, SqliteState(tmp_path / "state.db") as state:
        job = VariantsToPim(erp, mapping(variants), pim, state, rows=tmp_path / "rows.db", options=options)
        report = job.run()
        assert report.accounts_for_everything(), report
        assert report.parts[-1].read == len(erp.rows)
        for one in (parked for part in report.parts for parked in part.parked_items):
            assert one.detail
            assert "\n" not in one.detail
        before = [one.updated for one in pim.products.list()]
        again = job.run()  # what the PIM refused is tried again, and refused again
        assert again.accounts_for_everything(), again
        assert sum(part.written for part in again.parts) == 0
        assert [one.updated for one in pim.products.list()] == before


def test_good_rows_get_through_among_them(tmp_path: Path) -> None:
    """Or the runs above would show little."""
    random = Random(1)
    erp = All([*(odd(random, number) for number in range(36)), *(shirt(number) for number in range(60, 66))])
    options = SyncOptions(brakes=Brakes(parked_share=1.0))
    with fill(PimSimulator()).client() as pim, SqliteState(tmp_path / "state.db") as state:
        job = VariantsToPim(erp, mapping(TWO_LEVELS), pim, state, rows=tmp_path / "rows.db", options=options)
        job.run()
        made = {str(one.values.text("sku")) for one in pim.products.list()}
        assert {f"{number:04}" for number in range(60, 66)} <= made
        assert len(made) > 8

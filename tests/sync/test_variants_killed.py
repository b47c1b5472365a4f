"""A grouping run may be stopped at any boundary, and memory does not grow with the rows."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.erp import Cursor, Page
from akeneo_erp_bridge.mapping import CompiledMapping
from akeneo_erp_bridge.sync import SqliteState, SyncOptions, VariantsToPim
from akeneo_erp_bridge.sync._rows._groups import RowGroups
from akeneo_erp_bridge.sync._rows._store import RowStore
from akeneo_erp_bridge.sync._rows._text import read_row, write_row
from akeneo_erp_bridge.testing import PimSimulator
from shirts import TWO_LEVELS, Shirt, Shirts, fill, mapping, models, products, shirt


class Killed(BaseException):
    """The process is gone."""


ROWS = [shirt(n) for n in range(9)] + [shirt(18), shirt(19, name="Shirrt"), shirt(1000, size=None)]


def until(folder: Path, simulator: PimSimulator, erp: Shirts, boundary: int | None) -> bool:
    """Run, up to a boundary; whether it came to its end."""
    seen = count()

    def hook(_: str) -> None:
        if next(seen) == boundary:
            raise Killed

    auth = PasswordAuth(**simulator.auth_kwargs)
    with (
        AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim,
        SqliteState(folder / "state.db") as state,
    ):
        options = SyncOptions(page_size=5)
        job = VariantsToPim(erp, mapping(TWO_LEVELS), pim, state, rows=folder / "rows.db", options=options, hook=hook)
        try:
            job.run()
        except Killed:
            return False
    return True


def picture(simulator: PimSimulator) -> dict[str, object]:
    """What is in the PIM, without what no two runs share."""
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        found: dict[str, object] = {
            code: (one.parent, one.family_variant, one.categories, one.values.source)
            for code, one in models(pim).items()
        }
        for sku, one in products(pim).items():
            found[sku] = (one.parent, one.family, one.enabled, one.categories, one.values.source)
        assert len(found) == pim.products.count() + pim.product_models.count()
        return found


def test_a_run_that_is_killed_anywhere_ends_right(tmp_path: Path) -> None:
    whole = fill(PimSimulator())
    assert until(tmp_path, whole, Shirts(ROWS), None)
    expected = picture(whole)
    assert len(expected) == 2 + 3 + 9
    for boundary in count():
        folder, simulator, erp = tmp_path / str(boundary), fill(PimSimulator()), Shirts(ROWS)
        folder.mkdir()
        if until(folder, simulator, erp, boundary):
            assert boundary >= 15
            break
        assert until(folder, simulator, erp, None)
        assert picture(simulator) == expected, boundary


class Endless:
    """Rows that are made when they are read."""

    def __init__(self, number: int) -> None:
        self.number = number

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Shirt]]:
        for first in range(0, self.number, limit):
            rows = [Shirt(shirt(n)) for n in range(first, min(first + limit, self.number))]
            yield Page(rows, [], Cursor("sequence", str(first + limit)))

    describe = Shirts.describe
    check = Shirts.check


def peak(rows: int, folder: Path) -> int:
    """The most memory that grouping takes, in bytes."""
    simulator = fill(PimSimulator())
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as pim:
        structure = pim.structure()
    store = RowStore(folder / f"{rows}.db")
    groups = RowGroups(CompiledMapping(mapping(TWO_LEVELS), structure), mapping(TWO_LEVELS), store)
    tracemalloc.start()
    try:
        groups.take_in(Endless(rows), limit=100, anew=False, seen=lambda: None)  # type: ignore[arg-type]  # it reads, no more
        read = sum(len(page.items) for page in groups.models(1).read_items(None, fields=frozenset(), limit=100))
        assert read == -(-rows // 3)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        store.close()


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path: Path) -> None:
    peak(300, tmp_path)  # caches are filled
    small, large = peak(900, tmp_path), peak(4_500, tmp_path)
    assert large < small * 1.2


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.binary(max_size=8)
    | st.uuids(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), values, max_size=5))
def test_a_row_is_the_same_as_a_text_and_back(row: dict[str, object]) -> None:
    assert read_row(write_row(row)) == row


def test_kinds_of_values_stay_apart() -> None:
    row = {
        "a": Decimal("1.50"), "b": "1.50", "c": date(2026, 1, 2), "d": datetime(2026, 1, 2, tzinfo=UTC), "e": 0, "f": False,
        "g": UUID(int=7), "h": frozenset({"x", "y"}), "i": {"$": "decimal", "of": "7"}, "j": b"\x00",
    }  # fmt: skip
    again = read_row(write_row(row))
    assert again == row
    assert [type(one) for one in again.values()] == [type(one) for one in row.values()]


def test_a_value_of_no_kind_is_told() -> None:
    with pytest.raises(ValueError, match="cannot be kept with the rows"):
        write_row({"a": object()})

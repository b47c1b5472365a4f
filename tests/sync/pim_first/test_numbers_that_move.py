"""A number that one product gives up is another's at once: each item stays with the product that it was made for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import SyncReport
from akeneo_erp_bridge.sync.pim_first import MemoryQueue
from born_bench import A, B, BornBench, C

STEPS = ("export.intended", "export.looked", "export.written", "export.bound", "export.settled")


class Killed(BaseException):
    pass


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[BornBench]:
    one = BornBench(tmp_path)
    with one.state:
        yield one


def _each_has_its_own(bench: BornBench, **numbers: str) -> None:
    """What the ERP notes of an item comes back to the product that it was made for."""
    wanted = {A: numbers.get("a"), B: numbers.get("b"), C: numbers.get("c")}
    for number in filter(None, wanted.values()):
        bench.erp.edit(number, status=f"of {number}")
    bench.run()
    found = {uuid: bench.value(uuid, Cell("erp_status")) for uuid, number in wanted.items() if number}
    assert found == {uuid: f"of {number}" for uuid, number in wanted.items() if number}
    assert sorted(bench.erp.rows()) == sorted(filter(None, wanted.values()))


def _told(bench: BornBench, *uuids: str, queue: MemoryQueue | None = None, **more: Any) -> SyncReport:
    """Events tell of the products, in this order."""
    queue = MemoryQueue() if queue is None else queue
    queue.put(("product", one) for one in uuids)
    return bench.job(queue=queue, **more).export_queued()


def test_a_number_goes_on_to_the_next_product_of_the_page(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.make(B, "T-2")
    bench.run()
    bench.edit(A, sku="T-3")
    bench.edit(B, sku="T-1")
    assert bench.run().out.updated == 2
    _each_has_its_own(bench, a="T-3", b="T-1")


def test_a_number_goes_on_to_a_new_product(bench: BornBench) -> None:
    bench.make(A, "T-1")
    bench.run()
    bench.edit(A, sku="T-3")
    bench.make(B, "T-1")
    report = _told(bench, A, B)
    assert (report.created, report.updated) == (1, 1)
    _each_has_its_own(bench, a="T-3", b="T-1")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("page", "time"), [(100, 1), (100, 2), (100, 3), (1, 2)])
def test_killed_while_numbers_move(
    bench: BornBench, step: str, time: int, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("akeneo_erp_bridge.sync.pim_first._way._PAGE", page)
    bench.make(A, "T-1")
    bench.make(B, "T-2")
    bench.run()
    bench.edit(A, sku="T-3")
    bench.edit(B, sku="T-1")
    bench.make(C, "T-2")
    left = [time]

    def hook(boundary: str) -> None:
        left[0] -= boundary == step
        if left[0] == 0:
            left[0] = -1
            raise Killed

    queue = MemoryQueue()
    with suppress(Killed):
        _told(bench, A, B, C, hook=hook, queue=queue)
    report = bench.job(queue=queue).export_queued()
    assert report.exit_code == 0, report
    _each_has_its_own(bench, a="T-3", b="T-1", c="T-2")
    bound = bench.state.entries("exports back", [ErpKey(one) for one in ("T-1", "T-2", "T-3")])
    assert {key: entry.ref for key, entry in bound.items()} == {"T-3": A, "T-1": B, "T-2": C}

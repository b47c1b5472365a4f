"""The lists of a structure are read side by side, as many as the client may have under way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from akeneo_erp_bridge.akeneo import Options
from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.errors import PimRefused
from akeneo_erp_bridge.testing import Fault, PimSimulator


@pytest.fixture
def slow() -> PimSimulator:
    simulator = PimSimulator()  # without families, whose variants would be read side by side all the same
    simulator.fail_next(Fault(method="GET", latency=timedelta(milliseconds=40), times=99))
    return simulator


async def read(simulator: PimSimulator) -> PimStructure:
    async with simulator.async_client() as pim:
        return await pim.structure()


def test_in_threads(slow: PimSimulator) -> None:
    with slow.client() as pim:
        found = pim.structure()
    assert slow.peak_in_flight == 4
    assert found == PimSimulator().client().structure()


def test_among_tasks(slow: PimSimulator) -> None:
    found = asyncio.run(read(slow))
    assert slow.peak_in_flight == 4
    assert found == PimSimulator().client().structure()


def test_no_more_than_the_options_say(slow: PimSimulator) -> None:
    with slow.client(options=Options(concurrency=2)) as pim:
        pim.structure()
    assert slow.peak_in_flight == 2


def test_where_one_list_is_refused_those_that_wait_do_not_begin() -> None:
    simulator = PimSimulator(sample=True)
    simulator.fail_next(
        Fault(path="/families", status=422, body=b'{"code": 422, "message": "no"}', content_type="application/json")
    )
    simulator.fail_next(Fault(method="GET", latency=timedelta(milliseconds=300), times=99))
    with simulator.client() as pim, pytest.raises(PimRefused):
        pim.structure()
    asked = {call.path for call in simulator.calls}
    assert not asked & {"/api/rest/v1/locales", "/api/rest/v1/measurement-families"}

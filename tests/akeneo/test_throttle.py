"""The PIM's limits: never more starts in any second than allowed."""

from __future__ import annotations

import threading

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from akeneo.stub import FakeTime, Stub, client_of, page, verdicts
from akeneo_erp_bridge.akeneo import Options
from akeneo_erp_bridge.akeneo._throttle import Throttle
from akeneo_erp_bridge.catalog import AttributeOptionPatch
from akeneo_erp_bridge.codes import OptionCode
from akeneo_erp_bridge.errors import ConfigurationError


def throttle(limit: float, time: FakeTime) -> Throttle:
    return Throttle({"all": limit, "options": 3}, clock=time.clock)


def most_in_a_second(starts: list[float]) -> int:
    return max(sum(first <= other < first + 1 - 1e-6 for other in starts) for first in starts)


@given(st.integers(1, 7), st.lists(st.floats(0, 2), min_size=1, max_size=60))
def test_never_more_than_the_limit_in_any_second(limit: int, gaps: list[float]) -> None:
    time = FakeTime()
    pace = throttle(limit, time)
    starts: list[float] = []
    for gap in gaps:
        time.now += gap
        starts.append(time.now + pace.reserve("all"))
    assert most_in_a_second(starts) <= limit
    assert starts == sorted(starts)


def test_nobody_waits_below_the_limit() -> None:
    pace = throttle(5, FakeTime())
    assert [pace.reserve("all") for _ in range(6)] == [0, 0, 0, 0, 0, 1]


def test_a_pause_holds_everybody() -> None:
    time = FakeTime()
    pace = throttle(5, time)
    pace.hold("all", 10)
    pace.hold("all", 2)
    assert pace.reserve("all") == 10
    assert pace.reserve("options") == 0


@given(st.lists(st.floats(0, 1.5), min_size=30, max_size=60), st.integers(0, 29))
def test_after_a_429_without_a_pause_it_is_slower_and_recovers(gaps: list[float], when: int) -> None:
    time = FakeTime()
    pace = throttle(8, time)
    starts: list[float] = []
    for place, gap in enumerate(gaps):
        time.now += gap
        if place == when:
            pace.slow_down("all")
            assert pace.limit("all") == 4
        starts.append(time.now + pace.reserve("all"))
    assert most_in_a_second(starts) <= 8
    time.now += 100
    for _ in range(10):
        time.now += 1
        pace.reserve("all")
    assert pace.limit("all") == 8


def test_the_limit_never_falls_to_nothing() -> None:
    pace = throttle(3, FakeTime())
    for _ in range(5):
        pace.slow_down("all")
    assert pace.limit("all") == 1


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="would never let one go"):
        throttle(0.5, FakeTime())
    with pytest.raises(ConfigurationError, match="requests_per_second"):
        Options(requests_per_second=0)


def test_options_are_written_three_a_second_and_others_are_not_held_up() -> None:
    time = FakeTime()
    starts: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        starts.append(time.now)
        return verdicts(request) if request.method == "PATCH" else page()

    pim = client_of(answer, time=time, batch_lines=1, concurrency=1)
    options = [AttributeOptionPatch(code=OptionCode(str(number))) for number in range(10)]
    assert all(result.ok for result in pim.attribute_options("colour").upsert_many(options))
    assert most_in_a_second(starts) == 3
    before = time.now
    list(pim.attribute_options("colour").list())
    assert time.now == before


def test_all_requests_of_a_client_and_its_twins_share_one_pace() -> None:
    time = FakeTime()
    pim = client_of(Stub(otherwise=page()), time=time, requests_per_second=2)
    twin = pim.with_options(page_size=5)
    begun = time.now
    for _ in range(3):
        list(pim.families.list())
        list(twin.channels.list())
    assert time.now - begun == pytest.approx(2)


def test_a_429_without_a_pause_slows_the_client_down() -> None:
    pim = client_of(Stub(httpx.Response(429), page()), requests_per_second=10)
    list(pim.families.list())
    assert pim._session._throttle.limit("all") < 10


@pytest.mark.blocking_only("threads; test_parity.py has the tasks")
def test_four_at_a_time() -> None:
    inside, most = 0, 0
    lock, gate = threading.Lock(), threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
            if inside == 4:
                gate.set()
        gate.wait(0.5)
        with lock:
            inside -= 1
        return page()

    pim = client_of(answer)
    threads = [threading.Thread(target=lambda: list(pim.families.list())) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 4

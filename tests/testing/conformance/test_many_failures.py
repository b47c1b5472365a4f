"""Law 18 lets many calls of one read fail; what one failure alone would show, it misses nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.errors import ErpUnreachable
from akeneo_erp_bridge.testing.conformance import Faults
from akeneo_erp_bridge.testing.conformance._bench import Bench
from akeneo_erp_bridge.testing.conformance._http_faults import HTTP_FAULTS
from akeneo_erp_bridge.testing.conformance._laws_faults import transient
from akeneo_erp_bridge.testing.conformance._verdicts import LawBroken
from kit_broken import kit_of
from kit_erp import Adapter


class TriesAgain(Adapter):
    def call(self, *asked: Any) -> Any:
        try:
            return Adapter.call(self, *asked)
        except ErpUnreachable:
            return Adapter.call(self, *asked)


class TakesABreakOfTheSecondPageForTheEnd(TriesAgain):
    def fetch(self, asked: Mapping[str, str]) -> list[dict[str, object]]:
        try:
            return Adapter.call(self, "GET", "/items", asked)  # type: ignore[no-any-return]  # JSON
        except ErpUnreachable as error:
            if "broke off" in str(error) and asked["key"]:
                return []
        return Adapter.call(self, "GET", "/items", asked)  # type: ignore[no-any-return]  # JSON


class AsksThreeTimes(TriesAgain):
    """It tries again, but a failure makes it forget that two calls of it are to come."""

    def fetch(self, asked: Mapping[str, str]) -> list[dict[str, object]]:
        try:
            for _ in range(3):
                found: list[dict[str, object]] = Adapter.call(self, "GET", "/items", asked)
        except ErpUnreachable:
            found = self.call("GET", "/items", asked)
        return found


def judged(adapter: type[Adapter], monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[tuple[str, int]]]:
    """What law 18 says of an adapter, and which calls it lets fail alone, with which fault."""
    alone: list[tuple[str, int]] = []
    fail = Faults.fail

    def noted(self: Faults, name: str, *, at: int, always: bool = False) -> None:
        if not always:
            alone.append((name, at))
        fail(self, name, at=at, always=always)

    monkeypatch.setattr(Faults, "fail", noted)
    try:
        transient(Bench(kit_of(adapter)()))
    except LawBroken as error:
        return str(error), alone
    finally:
        monkeypatch.undo()
    return "", alone


def test_each_call_still_fails_alone_with_one_of_the_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    reason, alone = judged(TriesAgain, monkeypatch)
    assert reason == ""
    assert sorted(at for _, at in alone) == list(range(1, 1 + len(alone)))
    assert len(alone) >= 4


def test_where_a_failure_ends_a_read_each_call_fails_with_each_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    reason, alone = judged(Adapter, monkeypatch)
    assert reason == ""
    last = max(at for _, at in alone)
    assert sorted(alone) == sorted((name, at) for name in HTTP_FAULTS for at in range(1, last + 1))


def test_what_is_lost_at_one_call_with_one_fault_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    reason, _ = judged(TakesABreakOfTheSecondPageForTheEnd, monkeypatch)
    assert "failed once (half)" in reason
    assert "without an error" in reason


def test_calls_that_a_failure_spares_fail_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    reason, some = judged(AsksThreeTimes, monkeypatch)
    assert reason == ""
    last = max(at for _, at in some)
    assert sorted(some) == sorted((name, at) for name in HTTP_FAULTS for at in range(1, last + 1))


def test_every_second_call_fails() -> None:
    faults = Faults()
    there = httpx.MockTransport(lambda request: httpx.Response(200))
    with httpx.Client(transport=faults.transport(there), base_url="https://erp.example") as http:
        faults.alternate("429", at=2)
        answers = [http.get("/") for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 429, 200, 429, 200]
    assert faults.struck == 2
    assert faults.calls == 5

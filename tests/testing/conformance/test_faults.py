"""Faults strike the call they are told to, in the way they are told to."""

from __future__ import annotations

import httpx
import pytest

from akeneo_erp_bridge.testing.conformance import Faults
from akeneo_erp_bridge.testing.conformance._http_faults import HTTP_FAULTS, Killed


def client(faults: Faults, seen: list[str]) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return httpx.Response(200, json={"items": ["A-1", "A-2"]})

    return httpx.Client(transport=faults.transport(httpx.MockTransport(answer)), base_url="https://erp.example")


def outcome(http: httpx.Client) -> object:
    try:
        answer = http.get("/items")
        return answer.json() if answer.status_code == 200 else answer.status_code
    except (httpx.TransportError, ValueError) as error:
        return type(error)


GOOD = {"items": ["A-1", "A-2"]}
SEEN = {
    "429": 429,
    "503": 503,
    "reset": httpx.ReadError,
    "timeout": httpx.ReadTimeout,
    "truncated": httpx.RemoteProtocolError,
    "half": ValueError,
}


@pytest.mark.parametrize("name", HTTP_FAULTS)
@pytest.mark.parametrize("at", [1, 2, 3])
def test_one_call_fails_and_the_others_do_not(name: str, at: int) -> None:
    faults = Faults()
    with client(faults, []) as http:
        faults.fail(name, at=at)
        outcomes = [outcome(http) for _ in range(3)]
    bad = outcomes.pop(at - 1)
    assert outcomes == [GOOD, GOOD]
    assert bad == SEEN[name] or (isinstance(bad, type) and issubclass(bad, SEEN[name]))  # type: ignore[arg-type]  # a class there
    assert faults.calls == 3


def test_a_refusal_for_haste_says_how_long_to_wait() -> None:
    faults = Faults()
    with client(faults, []) as http:
        faults.fail("429", at=1)
        assert http.get("/items").headers["retry-after"] == "1"


def test_a_fault_may_stay() -> None:
    faults = Faults()
    with client(faults, []) as http:
        faults.fail("503", at=2, always=True)
        assert [outcome(http) for _ in range(4)] == [GOOD, 503, 503, 503]
        faults.reset()
        assert outcome(http) == GOOD


@pytest.mark.parametrize(("moment", "reached"), [("before", 1), ("after", 2)])
def test_a_process_ends_before_or_after_the_call_was_done(moment: str, reached: int) -> None:
    faults, seen = Faults(), list[str]()
    with client(faults, seen) as http:
        faults.kill("before" if moment == "before" else "after", at=2)
        http.get("/items")
        with pytest.raises(Killed):
            http.get("/items")
    assert len(seen) == reached
    assert not issubclass(Killed, Exception), "no `except Exception` may take the end of a process for an error"


def test_a_plain_call_fails_as_its_driver_does() -> None:
    faults, done = Faults(), list[int]()

    def call(number: int) -> None:
        with faults.call(lambda: OSError("disk full"), lambda: TimeoutError("slow")):
            done.append(number)

    call(1)
    assert faults.offered == ("OSError: disk full", "TimeoutError: slow")
    faults.fail("TimeoutError: slow", at=2)
    call(2)
    with pytest.raises(TimeoutError, match="slow"):
        call(3)
    call(4)
    faults.kill("after", at=1)
    with pytest.raises(Killed):
        call(5)
    faults.kill("before", at=1)
    with pytest.raises(Killed):
        call(6)
    assert done == [1, 2, 4, 5]


def test_a_fault_of_another_kind_of_call_does_not_strike() -> None:
    faults, seen = Faults(), list[str]()
    with client(faults, seen) as http:
        faults.fail("OSError: disk full", at=1)
        assert outcome(http) == GOOD

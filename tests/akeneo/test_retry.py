"""When to try again: the policy alone, and an exchange on a clock that only moves by sleeping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from akeneo.stub import FakeTime, Stub, client_of, page, refused
from akeneo_erp_bridge._retry_after import read_retry_after
from akeneo_erp_bridge.akeneo import Outcome, RetryPolicy
from akeneo_erp_bridge.catalog import CategoryPatch
from akeneo_erp_bridge.codes import CategoryCode
from akeneo_erp_bridge.errors import PimBroken, PimRefused, PimUnreachable, RateLimited

FULL = RetryPolicy(jitter=lambda: 1.0)
NOTHING = timedelta(0)
HTML = httpx.Response(503, html="<h1>Busy</h1>")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, None])
def test_what_may_pass_is_tried_again(status: int | None) -> None:
    assert FULL.pause_after(1, Outcome(status=status)) is not None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422, 301])
def test_what_stays_is_not(status: int) -> None:
    assert FULL.pause_after(1, Outcome(status=status)) is None


@pytest.mark.parametrize(
    ("outcome", "again"),
    [
        (Outcome(status=429), True),
        (Outcome(status=None, reached=False), True),
        (Outcome(status=None), False),
        (Outcome(status=503), False),
        (Outcome(status=408), False),
    ],
)
def test_what_must_not_happen_twice_is_repeated_only_when_it_cannot_have_happened(
    outcome: Outcome, again: bool
) -> None:
    assert (FULL.pause_after(1, outcome, repeatable=False) is not None) is again


def test_pauses_double_up_to_a_limit_and_end() -> None:
    policy = RetryPolicy(attempts=9, longest_pause=timedelta(seconds=5), jitter=lambda: 1.0)
    pauses = [policy.pause_after(attempt, Outcome(status=503)) for attempt in range(1, 10)]
    assert [pause and pause.total_seconds() for pause in pauses] == [0.5, 1, 2, 4, 5, 5, 5, 5, None]
    assert RetryPolicy(attempts=10**6).pause_after(10**5, Outcome(status=503)) is not None


def test_jitter_takes_up_to_half() -> None:
    assert RetryPolicy(jitter=lambda: 0.0).pause_after(1, Outcome(status=503)) == timedelta(seconds=0.25)


def test_retry_after_is_obeyed_or_ends_the_tries() -> None:
    assert FULL.pause_after(1, Outcome(status=429, retry_after=timedelta(seconds=7))) == timedelta(seconds=7)
    assert FULL.pause_after(1, Outcome(status=429, retry_after=timedelta(hours=1))) is None


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        (None, None),
        ("3", timedelta(seconds=3)),
        ("0.5", timedelta(seconds=0.5)),
        ("-1", NOTHING),
        ("Sat, 13 Jun 2026 10:00:30 GMT", timedelta(seconds=30)),
        ("Sat, 13 Jun 2026 09:00:00 GMT", NOTHING),
        ("soon", None),
        ("nan", None),
        ("1e400", None),
        ("\u00b2", None),
        ("Sat, 13 Jun 2026 10:00:30 -0000", timedelta(seconds=30)),
    ],
)
def test_reading_retry_after(header: str | None, pause: timedelta | None) -> None:
    assert read_retry_after(header, now=datetime(2026, 6, 13, 10, tzinfo=UTC)) == pause


# ---- exchanges ----
def test_a_bad_moment_is_outlived() -> None:
    time = FakeTime()
    stub = Stub(HTML, httpx.ConnectTimeout("slow"), httpx.RemoteProtocolError("gone"), page())
    assert list(client_of(stub, time=time).families.list()) == []
    assert time.slept == [1, 2, 4]


def test_the_pause_the_pim_asks_for_is_kept() -> None:
    time = FakeTime()
    stub = Stub(httpx.Response(429, headers={"Retry-After": "17"}), page())
    begun = time.now
    list(client_of(stub, time=time).families.list())
    assert time.now - begun == pytest.approx(17)


def test_a_pause_too_long_to_wait_is_told() -> None:
    time = FakeTime()
    with pytest.raises(RateLimited, match="GET families") as caught:
        list(client_of(Stub(httpx.Response(429, headers={"Retry-After": "3600"})), time=time).families.list())
    assert caught.value.retry_after == timedelta(hours=1)
    assert time.slept == []


def test_in_the_end_it_gives_up() -> None:
    stub = Stub(otherwise=HTML)
    with pytest.raises(PimBroken, match="GET families: the PIM answers 503, to the last of") as broken:
        list(client_of(stub).families.list())
    assert (broken.value.status, len(stub.requests)) == (503, 6)
    stub = Stub(otherwise=httpx.ConnectError("refused"))
    with pytest.raises(
        PimUnreachable,
        match=r"GET families: tried 6 times, no answer from https?://[a-z.]+: refused \(ConnectError\); check",
    ):
        list(client_of(stub).families.list())
    assert len(stub.requests) == 6


@pytest.mark.parametrize(
    ("trouble", "error"),
    [(httpx.ReadTimeout("slow"), PimUnreachable), (HTML, PimBroken), (httpx.ReadError("cut"), PimUnreachable)],
)
def test_a_creation_that_may_have_happened_is_not_repeated(
    trouble: Exception | httpx.Response, error: type[Exception]
) -> None:
    stub = Stub(trouble)
    with pytest.raises(error):
        client_of(stub).categories.create(CategoryPatch(code=CategoryCode("x")))
    assert len(stub.requests) == 1


@pytest.mark.parametrize("trouble", [httpx.ConnectError("refused"), httpx.Response(429)])
def test_a_creation_that_cannot_have_happened_is_repeated(trouble: Exception | httpx.Response) -> None:
    stub = Stub(trouble, httpx.Response(201, headers={"Location": "https://x/api/rest/v1/categories/x"}))
    assert client_of(stub).categories.create(CategoryPatch(code=CategoryCode("x"))).created
    assert len(stub.requests) == 2


def test_no_is_no() -> None:
    stub = Stub(refused(422, "Code is wrong."))
    with pytest.raises(PimRefused, match="Code is wrong"):
        client_of(stub).categories.upsert(CategoryPatch(code=CategoryCode("x")))
    assert len(stub.requests) == 1

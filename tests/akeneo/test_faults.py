"""A PIM and a network that misbehave, over real sockets: each ends in the right data or in one clear error.

`docs/reference/misbehaviour.md` has a row for each of these tests.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta

import pytest

from akeneo.stub import FakeTime, client_of
from akeneo.wire import Asked, Cut, Reply, Step, Wire, access, judged, liked, listed, said, zipped
from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth, UpsertResult
from akeneo_erp_bridge.catalog import CategoryPatch, FamilyPatch
from akeneo_erp_bridge.codes import CategoryCode, FamilyCode
from akeneo_erp_bridge.errors import Forbidden, PimBroken, PimRefused, PimUnreachable, SignInRefused, UnexpectedAnswer

AUTH = PasswordAuth(client_id="1_a", secret="s3cret", username="erp", password="p4ss")
NEXT = "https://pim.example.com/api/rest/v1/families?page=2&limit=100"
DRILLS = listed({"code": "drills"})
SAWS = listed({"code": "saws"})
BUSY = {
    "json": Reply(503, b'{"code":503,"message":"busy"}'),
    "html": Reply(503, b"<html><h1>Busy</h1></html>", "text/html"),
    "empty": Reply(503, kind=""),
}
BAD_MOMENTS = [408, 500, 502, 503, 504]
QUICK = timedelta(milliseconds=150)


@pytest.fixture(params=["ended", "reset"])
def rude(request: pytest.FixtureRequest) -> bool:
    """Whether a cut connection is reset, or ended as if all was said."""
    return bool(request.param == "reset")


@contextmanager
def pim(*steps: Reply, otherwise: Step | None = None, rude: bool = False) -> Iterator[Wire]:
    with Wire(*steps, otherwise=otherwise) as wire:
        wire.is_rude = rude
        yield wire


def families(client: AkeneoClient) -> list[str]:
    return [family.code for family in client.families.list()]


def patches(*codes: str) -> list[FamilyPatch]:
    return [FamilyPatch(code=FamilyCode(code)) for code in codes]


def outcome(results: Iterator[UpsertResult[FamilyPatch]]) -> list[tuple[str | None, int]]:
    return [(result.key, result.status) for result in results]


def sent(asked: Asked) -> list[str]:
    """The keys of a batch."""
    return [json.loads(line)["code"] for line in asked.body.split(b"\n")]


# ---- too many requests ----
def test_429_with_retry_after_waits_as_long() -> None:
    time = FakeTime()
    with pim(Reply(429, headers={"Retry-After": "7"}), DRILLS) as wire:
        assert families(client_of(wire, time=time)) == ["drills"]
    assert sum(time.slept) == pytest.approx(7)


def test_429_without_retry_after_waits_a_moment() -> None:
    time = FakeTime()
    with pim(Reply(429), DRILLS) as wire:
        assert families(client_of(wire, time=time)) == ["drills"]
    assert 0 < sum(time.slept) < 5


def test_four_429_in_a_row_are_outlived() -> None:
    time = FakeTime()
    with pim(*[Reply(429)] * 4, DRILLS) as wire:
        assert families(client_of(wire, time=time)) == ["drills"]
        assert len(wire.asked) == 5
    assert sum(time.slept) >= 1 + 2 + 4 + 8


# ---- bad moments ----
@pytest.mark.parametrize("body", BUSY)
@pytest.mark.parametrize("status", BAD_MOMENTS)
def test_a_bad_moment_in_a_read_is_outlived(status: int, body: str) -> None:
    with pim(trouble(status, body), trouble(status, body), DRILLS) as wire:
        assert families(client_of(wire)) == ["drills"]


@pytest.mark.parametrize("body", BUSY)
@pytest.mark.parametrize("status", BAD_MOMENTS)
def test_a_bad_moment_in_a_write_is_outlived(status: int, body: str) -> None:
    with Wire(trouble(status, body), liked) as wire:
        assert outcome(client_of(wire).families.upsert_many(patches("a", "b"))) == [("a", 204), ("b", 204)]
        assert [sent(asked) for asked in wire.asked] == [["a", "b"], ["a", "b"]]


@pytest.mark.parametrize("body", BUSY)
@pytest.mark.parametrize("status", BAD_MOMENTS)
def test_a_bad_moment_that_stays_is_told(status: int, body: str) -> None:
    with (
        pim(otherwise=trouble(status, body)) as wire,
        pytest.raises(PimBroken, match=f"GET families: the PIM answers {status}, to the last of 6 tries as well"),
    ):
        families(client_of(wire))
    assert len(wire.asked) == 6


def trouble(status: int, body: str) -> Reply:
    busy = BUSY[body]
    return Reply(status, busy.body, busy.kind)


# ---- connections that break ----
@pytest.mark.parametrize("cut", ["before", "inside"])
def test_a_connection_lost_in_a_read_is_tried_again(cut: Cut, rude: bool) -> None:
    with pim(broken(DRILLS, cut), broken(DRILLS, cut), DRILLS, rude=rude) as wire:
        assert families(client_of(wire)) == ["drills"]
        assert len(wire.asked) == 3


def test_a_connection_lost_behind_the_body_harms_nothing(rude: bool) -> None:
    first = broken(listed({"code": "drills"}, following=NEXT), "after")
    with pim(first, SAWS, rude=rude) as wire:
        assert families(client_of(wire)) == ["drills", "saws"]


@pytest.mark.parametrize("cut", ["before", "inside"])
def test_a_connection_that_is_always_lost_is_told(cut: Cut, rude: bool) -> None:
    with (
        pim(otherwise=broken(DRILLS, cut), rude=rude) as wire,
        pytest.raises(PimUnreachable, match=r"GET families: tried 6 times, no answer from http://127\.0\.0\.1"),
    ):
        families(client_of(wire))
    assert len(wire.asked) == 6


@pytest.mark.parametrize("cut", ["before", "inside"])
def test_a_connection_lost_in_a_batch_sends_the_same_lines_again(cut: Cut, rude: bool) -> None:
    verdicts = judged({"line": 1, "code": "a", "status_code": 201}, {"line": 2, "code": "b", "status_code": 201})
    with Wire(broken(verdicts, cut), liked) as wire:
        wire.is_rude = rude
        assert outcome(client_of(wire).families.upsert_many(patches("a", "b"))) == [("a", 204), ("b", 204)]
        assert [sent(asked) for asked in wire.asked] == [["a", "b"], ["a", "b"]]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Reply(201, cut="before"), PimUnreachable),
        (Reply(201, b'{"some": "body"}', cut="inside"), PimUnreachable),
        (Reply(201, b'{"some": "bo'), PimUnreachable),
        (Reply(201, silent=5), PimUnreachable),
        *((Reply(status), PimBroken) for status in BAD_MOMENTS),
    ],
)
def test_a_creation_that_may_have_happened_is_never_sent_twice(answer: Reply, error: type[Exception]) -> None:
    with pim(answer, Reply(201)) as wire:
        with pytest.raises(error, match="POST category 'tools'"):
            client_of(wire, timeout=QUICK).categories.create(CategoryPatch(code=CategoryCode("tools")))
        assert len(wire.asked) == 1


def test_a_creation_that_cannot_have_happened_is_sent_again() -> None:
    with pim(Reply(429), Reply(201)) as wire:
        assert client_of(wire).categories.create(CategoryPatch(code=CategoryCode("tools"))).created
        assert len(wire.asked) == 2


def broken(reply: Reply, cut: Cut) -> Reply:
    return Reply(reply.status, reply.body, reply.kind, reply.headers, cut)


# ---- silence ----
def test_a_silent_moment_is_outlived() -> None:
    with pim(Reply(200, DRILLS.body, silent=5), DRILLS) as wire:
        assert families(client_of(wire, timeout=QUICK)) == ["drills"]


def test_a_pim_that_stays_silent_is_told() -> None:
    with (
        pim(otherwise=Reply(200, DRILLS.body, silent=5)) as wire,
        pytest.raises(PimUnreachable, match=r"GET families: tried 6 times, no answer from .* \(ReadTimeout\)"),
    ):
        families(client_of(wire, timeout=QUICK))


# ---- answers that end early ----
@pytest.mark.parametrize("lost", [1, 8, 20, 40])
def test_a_page_cut_inside_gzip_is_fetched_again(lost: int) -> None:
    page = listed(*({"code": f"family_{number}"} for number in range(50)))
    with pim(zipped(page, without=lost), zipped(page)) as wire:
        assert len(families(client_of(wire))) == 50


def test_a_page_that_is_always_cut_is_told() -> None:
    page = listed(*({"code": f"family_{number}"} for number in range(50)))
    with (
        pim(otherwise=zipped(page, without=40)) as wire,
        pytest.raises(PimUnreachable, match=r"GET families: tried 6 times, .* end in the middle of the JSON"),
    ):
        families(client_of(wire))


def test_a_page_cut_by_a_proxy_that_corrects_the_length_is_fetched_again() -> None:
    with pim(Reply(200, DRILLS.body[:-9]), Reply(200), DRILLS) as wire:
        assert families(client_of(wire)) == ["drills"]
        assert len(wire.asked) == 3


def test_verdicts_cut_inside_gzip_are_asked_for_again() -> None:
    verdicts = judged(*({"line": place, "code": str(place), "status_code": 204} for place in range(1, 51)))
    with Wire(zipped(verdicts, without=30), liked) as wire:
        codes = [f"f{number}" for number in range(50)]
        assert outcome(client_of(wire).families.upsert_many(patches(*codes))) == [(code, 204) for code in codes]
        assert sent(wire.asked[1]) == codes[50 - len(sent(wire.asked[1])) :]


def test_verdicts_cut_inside_a_line_are_asked_for_again() -> None:
    with Wire(Reply(200, b'{"line":1,"status_code":204}\n{"line":2,"sta', LINES), liked) as wire:
        assert outcome(client_of(wire).families.upsert_many(patches("a", "b"))) == [("a", 204), ("b", 204)]
        assert [sent(asked) for asked in wire.asked] == [["a", "b"], ["b"]]


def test_fewer_verdicts_than_lines_are_asked_for_again() -> None:
    with Wire(judged({"line": 1, "status_code": 204}, {"line": 3, "status_code": 204}), liked) as wire:
        assert outcome(client_of(wire).families.upsert_many(patches("a", "b", "c"))) == [
            ("a", 204),
            ("b", 204),
            ("c", 204),
        ]
        assert [sent(asked) for asked in wire.asked] == [["a", "b", "c"], ["b"]]


def test_a_line_that_the_pim_cannot_judge_now_is_sent_again() -> None:
    busy = judged({"line": 1, "status_code": 204}, {"line": 2, "status_code": 503, "message": "busy"})
    with pim(busy, otherwise=liked) as wire:
        assert outcome(client_of(wire).families.upsert_many(patches("a", "b"))) == [("a", 204), ("b", 204)]
        assert [sent(asked) for asked in wire.asked] == [["a", "b"], ["b"]]


def test_a_line_that_never_gets_a_verdict_fails_alone() -> None:
    def answer(asked: Asked) -> Reply:
        places = [place for place, code in enumerate(sent(asked), start=1) if code != "b"]
        return judged(*({"line": place, "status_code": 204} for place in places))

    with Wire(otherwise=answer) as wire:
        results = list(client_of(wire).families.upsert_many(patches("a", "b", "c")))
    assert outcome(iter(results)) == [("a", 204), ("b", 0), ("c", 204)]
    assert "without a verdict" in results[1].errors[0].message


def test_a_line_break_behind_the_last_verdict_is_no_verdict() -> None:
    with pim(judged({"line": 1, "status_code": 204}, {"line": 2, "status_code": 201}, end=b"\r\n\n")) as wire:
        assert outcome(client_of(wire).families.upsert_many(patches("a", "b"))) == [("a", 204), ("b", 201)]


def test_error_lines_of_700_to_707_are_read() -> None:
    line = {"line": 1, "code": 422, "message": "Validation failed.", "errors": [{"property": "code", "message": "No."}]}
    with pim(judged(line, {"line": 2, "status_code": 204})) as wire:
        results = list(client_of(wire).families.upsert_many(patches("a", "b")))
    assert outcome(iter(results)) == [("a", 422), ("b", 204)]
    assert [str(error) for error in results[0].errors] == ["code: No."]


LINES = "application/vnd.akeneo.collection+json"


# ---- answers that are none ----
def test_200_with_an_error_is_told() -> None:
    with (
        pim(said({"error": "No products to synchronize. The catalog c1 has been disabled."})) as wire,
        pytest.raises(PimRefused, match="the PIM says: No products to synchronize"),
    ):
        list(client_of(wire).catalogs.products("c1").list())


def test_html_with_200_is_told() -> None:
    with (
        pim(Reply(200, b"<html>Welcome</html>", "text/html")) as wire,
        pytest.raises(UnexpectedAnswer, match=r"is http://127\.0\.0\.1:\d+ the address of an Akeneo PIM"),
    ):
        families(client_of(wire))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_login_page_is_told_and_not_followed(status: int) -> None:
    with two() as (wire, other):
        wire.steps.append(Reply(status, headers={"Location": f"{other.url}/login?session=abc"}))
        with pytest.raises(UnexpectedAnswer, match="redirects") as caught:
            families(client_of(wire))
    assert other.asked == []
    assert "abc" not in str(caught.value)


# ---- tokens ----
def test_a_token_that_ends_in_the_middle_of_a_read_is_renewed() -> None:
    first = listed({"code": "drills"}, following=NEXT)
    with pim(first, Reply(401, b'{"code":401,"message":"expired"}'), SAWS) as wire:
        assert families(client_of(wire, auth=AUTH)) == ["drills", "saws"]
        assert [asked.headers["authorization"] for asked in wire.asked] == [
            "Bearer token1",
            "Bearer token1",
            "Bearer token2",
        ]
        assert [one["grant_type"] for one in wire.sign_ins] == ["password", "refresh_token"]


def test_a_token_that_ends_in_the_middle_of_a_write_is_renewed() -> None:
    with Wire(liked, Reply(401, b'{"code":401,"message":"expired"}'), otherwise=liked) as wire:
        found = outcome(
            client_of(wire, auth=AUTH, batch_lines=1, concurrency=1).families.upsert_many(patches("a", "b"))
        )
        assert found == [("a", 204), ("b", 204)]
        assert [sent(asked) for asked in wire.asked] == [["a"], ["b"], ["b"]]
        assert len(wire.sign_ins) == 2


def test_a_creation_refused_for_its_token_is_sent_again() -> None:
    with pim(Reply(401), Reply(201)) as wire:
        assert client_of(wire, auth=AUTH).categories.create(CategoryPatch(code=CategoryCode("tools"))).created
        assert len(wire.asked) == 2


@pytest.mark.parametrize("status", [400, 401, 422])
def test_token_and_refresh_token_that_ended_are_replaced_by_the_password(status: int) -> None:
    ended = said({"code": status, "message": "Refresh token has expired"}, status)
    with Wire(Reply(401), DRILLS, sign_in=(access("t1"), ended, access("t2"))) as wire:
        assert families(client_of(wire, auth=AUTH)) == ["drills"]
        assert [one["grant_type"] for one in wire.sign_ins] == ["password", "refresh_token", "password"]
        assert wire.asked[-1].headers["authorization"] == "Bearer t2"


def test_401_for_ever_is_told() -> None:
    with (
        pim(otherwise=Reply(401, b'{"code":401,"message":"The access token provided is invalid."}')) as wire,
        pytest.raises(SignInRefused, match="a fresh token was refused as well") as caught,
    ):
        families(client_of(wire, auth=AUTH))
    assert (len(wire.asked), len(wire.sign_ins)) == (2, 2)
    assert not any(secret in str(caught.value) for secret in ("s3cret", "p4ss", "token1", "token2"))


# ---- too large ----
@pytest.mark.parametrize("refusal", [Reply(403, b"<h1>Blocked</h1>", "text/html"), Reply(413, b"", "")])
def test_a_batch_refused_for_its_size_is_split(refusal: Reply) -> None:
    with Wire(otherwise=lambda asked: refusal if len(sent(asked)) > 2 else liked(asked)) as wire:
        codes = list("abcdefg")
        assert outcome(client_of(wire).families.upsert_many(patches(*codes))) == [(code, 204) for code in codes]


@pytest.mark.parametrize("refusal", [Reply(403, b"<h1>Blocked</h1>", "text/html"), Reply(413, b"", "")])
def test_a_line_refused_for_its_size_fails_alone(refusal: Reply) -> None:
    with Wire(otherwise=lambda asked: refusal if "b" in sent(asked) else liked(asked)) as wire:
        results = list(client_of(wire).families.upsert_many(patches("a", "b", "c")))
    assert outcome(iter(results)) == [("a", 204), ("b", refusal.status), ("c", 204)]
    reason = "too much for the PIM" if refusal.status == 413 else "turns this line away"
    assert reason in results[1].errors[0].message


def test_a_batch_that_nothing_of_comes_through_is_forbidden() -> None:
    with pim(otherwise=Reply(403, b"<h1>Blocked</h1>", "text/html")) as wire:
        results = client_of(wire).families.upsert_many(patches(*"abcdefg"))
        seen = [next(results) for _ in range(7)]
        with pytest.raises(Forbidden, match="403 from something in front of"):
            next(results)
    assert {type(result.cause) for result in seen} == {Forbidden}


# ---- links and paths ----
def test_a_next_link_to_another_host_never_gets_the_token() -> None:
    with two() as (wire, other):
        wire.steps += [listed({"code": "drills"}, following=f"{other.url}/api/rest/v1/families?page=2"), SAWS]
        assert families(client_of(wire, auth=AUTH)) == ["drills", "saws"]
        assert wire.asked[1].target == "/api/rest/v1/families?page=2"
    assert other.asked == []


@pytest.mark.parametrize(
    "link",
    [
        "http://internal:8080/api/rest/v1/families?page=2",
        "/api/rest/v1/families?page=2",
        "//internal/api/rest/v1/families?page=2",
        "https://pim.example.com/behind/api/rest/v1/families?page=2",
    ],
)
def test_links_from_behind_a_proxy_are_followed_at_the_address_given(link: str) -> None:
    with pim(listed({"code": "drills"}, following=link), SAWS) as wire:
        assert families(client_of(wire)) == ["drills", "saws"]
        assert wire.asked[1].target == "/api/rest/v1/families?page=2"


def test_a_next_link_that_leads_elsewhere_is_told() -> None:
    with (
        pim(listed({"code": "drills"}, following="https://pim.example.com/login")) as wire,
        pytest.raises(UnexpectedAnswer, match="GET families: the link to the next page leads elsewhere"),
    ):
        families(client_of(wire))


@pytest.mark.parametrize("links", [{}, {"self": {"href": NEXT}}, [], {"next": None}])
def test_a_page_without_a_link_to_the_first_is_read(links: object) -> None:
    with pim(said({"_links": links, "_embedded": {"items": [{"code": "drills"}]}})) as wire:
        assert families(client_of(wire)) == ["drills"]


def test_a_full_page_without_any_links_is_no_quiet_end() -> None:
    items = [{"code": f"f{number}"} for number in range(100)]
    with (
        pim(said({"_embedded": {"items": items}})) as wire,
        pytest.raises(UnexpectedAnswer, match="GET families: a full page without `_links`"),
    ):
        families(client_of(wire))


@pytest.mark.parametrize("code", ["a/b", "a?b", "a#b", "50%", "%2F", "a b", "+", "ü", "&=;,", "..%2f"])
def test_codes_stay_one_part_of_the_path(code: str) -> None:
    with pim(said({"code": code}), said({"code": code}, 201)) as wire:
        client = client_of(wire)
        assert client.families.get(FamilyCode(code)).code == code
        client.families.upsert(FamilyPatch(code=FamilyCode(code)))
        first, second = (asked.target for asked in wire.asked)
        assert first == second
        assert first.removeprefix("/api/rest/v1/families/").strip(UNRESERVED) == ""


UNRESERVED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%"


def two() -> AbstractContextManager[tuple[Wire, Wire]]:
    """A PIM, and another host."""

    @contextmanager
    def both() -> Iterator[tuple[Wire, Wire]]:
        with ExitStack() as stack:
            yield stack.enter_context(Wire()), stack.enter_context(Wire())

    return both()

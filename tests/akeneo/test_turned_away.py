"""What stands in front of the PIM and answers in its own words; and lines that the PIM cannot judge now. Real sockets.

A line is at fault only where another one comes through: else nothing is known of it, and a later run sends it again.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from akeneo.stub import FakeTime, client_of
from akeneo.wire import Asked, Reply, Wire, judged, liked, said
from akeneo_erp_bridge.akeneo import AkeneoClient, UpsertResult
from akeneo_erp_bridge.catalog import FamilyPatch
from akeneo_erp_bridge.codes import FamilyCode
from akeneo_erp_bridge.errors import BridgeError, Forbidden, PimBroken, RateLimited, SignInRefused, TooLarge

BLOCKED = Reply(403, b"<h1>Blocked</h1>", "text/html")
EMPTY = Reply(403, b"", "")
Result = UpsertResult[FamilyPatch]


def patches(*codes: str) -> list[FamilyPatch]:
    return [FamilyPatch(code=FamilyCode(code)) for code in codes]


def sent(asked: Asked) -> list[str]:
    return [json.loads(line)["code"] for line in asked.body.split(b"\n")]


def written(client: AkeneoClient, *codes: str) -> tuple[list[Result], BridgeError | None]:
    """The results, and what ended the upload."""
    results: list[Result] = []
    try:
        for result in client.families.upsert_many(patches(*codes)):
            results.append(result)  # noqa: PERF402  # what came before an error is looked at too
    except BridgeError as error:
        return results, error
    return results, None


def turning_away(*codes: str, with_: Reply = BLOCKED) -> Callable[[Asked], Reply]:
    return lambda asked: with_ if set(codes) & {*sent(asked)} else liked(asked)


# ---- nobody is let in ----
@pytest.mark.parametrize("refusal", [BLOCKED, EMPTY], ids=["html", "empty"])
@pytest.mark.parametrize("lines", [1, 2, 7, 100])
def test_where_nobody_is_let_in_no_line_is_at_fault(refusal: Reply, lines: int) -> None:
    codes = [f"f{number}" for number in range(lines)]
    with Wire(otherwise=refusal) as wire:
        results, error = written(client_of(wire), *codes)
    assert isinstance(error, Forbidden)
    assert [result.key for result in results] == codes
    assert {(result.status, type(result.cause)) for result in results} == {(403, Forbidden)}
    assert len(wire.asked) < 25


def test_no_other_batch_is_sent_to_a_door_that_is_shut() -> None:
    codes = [f"f{number}" for number in range(40)]
    with Wire(otherwise=BLOCKED) as wire:
        results, error = written(client_of(wire, batch_lines=1, concurrency=1), *codes)
    assert isinstance(error, Forbidden)
    assert all(result.cause is not None for result in results)
    assert len(wire.asked) == 1


def test_a_door_that_shuts_in_the_middle_blames_no_line() -> None:
    def answer(asked: Asked) -> Reply:
        return BLOCKED if len(sent(asked)) > 2 or len(wire.asked) > 6 else liked(asked)

    codes = list("abcdefghijklmnop")
    with Wire(otherwise=answer) as wire:
        results, error = written(client_of(wire), *codes)
    assert isinstance(error, Forbidden)
    ok = [result.key for result in results if result.ok]
    assert ok == codes[: len(ok)] != []
    assert all(result.cause is not None for result in results if not result.ok)


def test_a_lone_write_is_forbidden() -> None:
    with Wire(otherwise=BLOCKED) as wire, pytest.raises(Forbidden, match="403 from something in front of http://127"):
        client_of(wire).families.upsert(FamilyPatch(code=FamilyCode("drills")))


def test_a_right_that_is_missing_is_told_in_the_pims_words() -> None:
    refusal = said({"code": 403, "message": "You are not allowed to edit families."}, 403)
    with Wire(otherwise=refusal) as wire:
        results, error = written(client_of(wire), "a", "b")
    assert error is None
    assert [str(result.cause) for result in results] == [
        "PATCH 2 families, code 'a' to 'b': the PIM says 403: You are not allowed to edit families."
    ] * 2
    assert len(wire.asked) == 1


# ---- some are ----
@pytest.mark.parametrize("bad", [("a",), ("d",), ("g",), ("a", "b"), ("f", "g"), tuple("abcd"), tuple("defg")])
def test_lines_that_are_turned_away_while_others_come_through_are_at_fault(bad: tuple[str, ...]) -> None:
    with Wire(otherwise=turning_away(*bad)) as wire:
        results, error = written(client_of(wire), *"abcdefg")
    assert error is None
    assert [(result.key, result.status) for result in results] == [
        (code, 403 if code in bad else 204) for code in "abcdefg"
    ]
    assert all(result.cause is None for result in results)
    assert all(
        "turns this line away (403) and lets others through" in str(result.errors[0])
        for result in results
        if not result.ok
    )


def test_many_lines_in_a_row_may_be_turned_away_while_the_door_is_open() -> None:
    codes = [f"f{number}" for number in range(40)]
    with Wire(otherwise=turning_away(*codes[10:])) as wire:
        results, error = written(client_of(wire), *codes)
    assert error is None
    assert [result.ok for result in results] == [True] * 10 + [False] * 30
    assert all(result.cause is None for result in results)


def test_a_line_too_large_is_at_fault_alone_and_in_company() -> None:
    with Wire(otherwise=Reply(413, b"", "")) as wire:
        results, error = written(client_of(wire), "a", "b")
    assert error is None
    assert [(result.status, result.cause) for result in results] == [(413, None)] * 2
    with Wire(otherwise=Reply(413, b"", "")) as wire, pytest.raises(TooLarge):
        client_of(wire).families.upsert(FamilyPatch(code=FamilyCode("drills")))


# ---- lines that cannot be judged now ----
def judging(status: int, *codes: str, times: int = 10**6) -> Callable[[Asked], Reply]:
    """A PIM that says *status* to some lines, the first *times* that it sees each."""
    seen = dict.fromkeys(codes, 0)

    def answer(asked: Asked) -> Reply:
        verdicts: list[dict[str, object]] = []
        for place, code in enumerate(sent(asked), start=1):
            seen[code] = seen.get(code, times) + 1
            bad = seen[code] <= times
            verdicts.append({"line": place, "code": code, "status_code": status if bad else 204, "message": "not now"})
        return judged(*verdicts)

    return answer


PASSING = {401: SignInRefused, 408: PimBroken, 429: RateLimited, 500: PimBroken, 503: PimBroken}


@pytest.mark.parametrize("status", PASSING)
def test_a_line_that_cannot_be_judged_now_is_sent_again(status: int) -> None:
    time = FakeTime()
    with Wire(otherwise=judging(status, "b", times=1)) as wire:
        results, error = written(client_of(wire, time=time), "a", "b", "c")
    assert error is None
    assert [(result.key, result.status) for result in results] == [("a", 204), ("b", 204), ("c", 204)]
    assert [sent(asked) for asked in wire.asked] == [["a", "b", "c"], ["b"]]
    assert (sum(time.slept) > 0) is (status != 401)


@pytest.mark.parametrize("status", PASSING)
@pytest.mark.parametrize("bad", ["b", "abc"])
def test_a_line_that_can_never_be_judged_is_not_at_fault(status: int, bad: str) -> None:
    with Wire(otherwise=judging(status, *bad)) as wire:
        results, error = written(client_of(wire, line_tries=3), "a", "b", "c")
    assert error is None
    for result in results:
        assert result.ok is (result.key not in bad)
        assert type(result.cause) is (type(None) if result.ok else PASSING[status])
    assert f"PATCH family 'b': the PIM answers {status} to this line" in str(results[1].cause)
    assert 3 <= len(wire.asked) <= 4


def test_a_line_that_is_refused_is_not_sent_again() -> None:
    with Wire(otherwise=judging(422, "b")) as wire:
        results, _ = written(client_of(wire), "a", "b", "c")
    assert [(result.status, result.cause) for result in results] == [(204, None), (422, None), (204, None)]
    assert len(wire.asked) == 1

"""Writing many: each item gets one result, in order, whatever happens."""

from __future__ import annotations

import json
import threading
import time as real_time
import tracemalloc
from collections.abc import Iterator

import httpx
import pytest

from akeneo.stub import Stub, client_of, refused, verdicts
from akeneo_erp_bridge.akeneo import PasswordAuth, UpsertResult
from akeneo_erp_bridge.catalog import (
    CategoryPatch,
    MeasurementFamilyPatch,
    ProductModelPatch,
    ProductPatch,
    Value,
)
from akeneo_erp_bridge.codes import AttributeCode, CategoryCode, MeasurementFamilyCode, ProductModelCode, ProductUuid
from akeneo_erp_bridge.errors import SignInRefused, UnexpectedAnswer, Violation

OK = Stub(otherwise=verdicts)


def patches(*names: object) -> list[ProductPatch]:
    return [ProductPatch(uuid=ProductUuid(str(name))) for name in names]


def answer_of(*lines: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, content="\n".join(json.dumps(line) for line in lines))


def statuses(results: list[UpsertResult[ProductPatch]]) -> list[tuple[str | None, int]]:
    return [(result.key, result.status) for result in results]


def uuids(stub: Stub) -> list[list[object]]:
    return [[line["uuid"] for line in body] for body in stub.bodies]


# ---- cutting ----
def test_items_go_in_batches_of_a_hundred_lines_without_a_last_line_break() -> None:
    stub = Stub(otherwise=verdicts)
    results = list(client_of(stub).products.upsert_many(patches(*range(250))))
    assert [result.key for result in results] == [str(number) for number in range(250)]
    assert sorted(len(body) for body in stub.bodies) == [50, 100, 100]
    for request in stub.requests:
        assert (request.method, request.url.path) == ("PATCH", "/api/rest/v1/products-uuid")
        assert request.headers["Content-Type"] == "application/vnd.akeneo.collection+json"
        assert not request.content.endswith(b"\n")


def test_batches_are_cut_by_bytes_too() -> None:
    big = [
        ProductPatch(uuid=ProductUuid(str(number)), values=[Value(AttributeCode("text"), "x" * 400)])
        for number in range(10)
    ]
    stub = Stub(otherwise=verdicts)
    assert all(result.ok for result in client_of(stub, batch_bytes=1000).products.upsert_many(big))
    assert [len(body) for body in stub.bodies] == [2] * 5
    assert all(len(request.content) <= 1000 for request in stub.requests)


def test_nothing_is_sent_for_nothing() -> None:
    stub = Stub()
    assert list(client_of(stub).products.upsert_many([])) == []


def test_a_line_too_long_fails_alone() -> None:
    long = ProductPatch(uuid=ProductUuid("long"), values=[Value(AttributeCode("text"), "x" * 1_000_000)])
    stub = Stub(otherwise=verdicts)
    results = list(client_of(stub).products.upsert_many([*patches("a"), long, *patches("b")]))
    assert statuses(results) == [("a", 204), ("long", 413), ("b", 204)]
    assert uuids(stub) == [["a", "b"]]


def test_an_item_that_cannot_be_written_fails_alone() -> None:
    bad = ProductPatch(uuid=ProductUuid("bad"), values=[Value(AttributeCode("net"), 1.5)])
    results = list(
        client_of(Stub(otherwise=verdicts)).products.upsert_many([*patches("a"), bad, ProductPatch(), *patches("b")])
    )
    assert [(result.ok, result.status) for result in results] == [(True, 204), (False, 0), (False, 0), (True, 204)]
    assert results[1].item is bad
    assert "1.5 is a float" in results[1].errors[0].message


# ---- joining ----
def test_each_verdict_joins_its_item() -> None:
    answer = answer_of(
        {"line": 3, "status_code": 422, "message": "Uuid is missing."},
        {"line": 1, "uuid": "a", "status_code": 201},
        {
            "line": 2,
            "uuid": "b",
            "code": 422,
            "message": "Validation failed.",
            "errors": [{"property": "family", "message": "No."}],
        },
        {"line": 9, "status_code": 201},
    )
    items = patches("a", "b", "c")
    results = list(client_of(Stub(answer)).products.upsert_many(items))
    assert [result.item for result in results] == items
    assert all(result.item is item for result, item in zip(results, items, strict=True))
    assert statuses(results) == [("a", 201), ("b", 422), ("c", 422)]
    assert [result.created for result in results] == [True, False, False]
    assert results[1].errors == (Violation(message="No.", property="family"),)
    assert results[2].errors == (Violation(message="Uuid is missing."),)


def test_verdicts_that_call_themselves_json_are_read_as_they_are() -> None:
    headers = {"Content-Type": "application/json"}
    said = b'{"line":1,"status_code":204}\n{"line":2,"status_code":201}'
    stub = Stub(httpx.Response(200, content=said, headers=headers))
    results = list(client_of(stub).products.upsert_many(patches("a", "b")))
    assert statuses(results) == [("a", 204), ("b", 201)]
    assert len(stub.requests) == 1


def test_a_verdict_without_a_status_or_reason_is_no_success() -> None:
    results = list(
        client_of(Stub(answer_of({"line": 1}, {"line": 2, "status_code": 400}))).products.upsert_many(patches("a", "b"))
    )
    assert statuses(results) == [("a", 0), ("b", 400)]
    assert all(result.errors for result in results)


# ---- answers that end early ----
def test_lines_without_a_verdict_are_sent_again() -> None:
    stub = Stub(answer_of({"line": 1, "status_code": 204}, {"line": 2, "status_code": 204}), otherwise=verdicts)
    results = list(client_of(stub).products.upsert_many(patches("a", "b", "c", "d")))
    assert statuses(results) == [("a", 204), ("b", 204), ("c", 204), ("d", 204)]
    assert uuids(stub) == [["a", "b", "c", "d"], ["c", "d"]]


def test_an_answer_cut_inside_a_line_is_read_up_to_there() -> None:
    stub = Stub(httpx.Response(200, content=b'{"line":1,"status_code":204}\n{"line":2,"sta'), otherwise=verdicts)
    assert statuses(list(client_of(stub).products.upsert_many(patches("a", "b")))) == [("a", 204), ("b", 204)]
    assert uuids(stub) == [["a", "b"], ["b"]]


def stops_at(poison: str) -> Stub:
    def answer(request: httpx.Request) -> httpx.Response:
        keys = [json.loads(line)["uuid"] for line in request.content.split(b"\n")]
        done = keys.index(poison) if poison in keys else len(keys)
        return answer_of(*({"line": place, "status_code": 204} for place in range(1, done + 1)))

    return Stub(otherwise=answer)


def test_a_line_that_stops_the_pim_fails_and_the_others_are_written() -> None:
    stub = stops_at("b")
    results = list(client_of(stub).products.upsert_many(patches("a", "b", "c")))
    assert statuses(results) == [("a", 204), ("b", 0), ("c", 204)]
    assert "stopped at this line without a verdict, 3 times" in results[1].errors[0].message
    assert uuids(stub) == [["a", "b", "c"], ["b", "c"], ["b", "c"], ["b", "c"], ["c"]]


def test_a_pim_that_never_gives_a_verdict_is_not_asked_for_ever() -> None:
    stub = Stub(otherwise=httpx.Response(200))
    results = list(client_of(stub).products.upsert_many(patches(*range(100))))
    assert [result.status for result in results] == [0] * 100
    assert len(stub.requests) == 9


# ---- too much at once ----
@pytest.mark.parametrize("refusal", [refused(413), httpx.Response(403, html="<h1>Too big</h1>")])
def test_a_batch_too_large_is_split_until_it_fits(refusal: httpx.Response) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        lines = request.content.count(b"\n") + 1
        return refusal if lines > 2 or b"huge" in request.content else verdicts(request)

    stub = Stub(otherwise=answer)
    results = list(client_of(stub).products.upsert_many(patches("a", "b", "c", "huge", "d", "e")))
    assert statuses(results) == [
        ("a", 204), ("b", 204), ("c", 204), ("huge", refusal.status_code), ("d", 204), ("e", 204),
    ]  # fmt: skip
    reason = "too much for the PIM" if refusal.status_code == 413 else "turns this line away"
    assert reason in results[3].errors[0].message


# ---- batches that fail ----
def test_a_batch_that_fails_for_good_loses_no_other() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if b'"15"' in request.content else verdicts(request)

    results = list(client_of(Stub(otherwise=answer), batch_lines=10).products.upsert_many(patches(*range(40))))
    assert [result.key for result in results] == [str(number) for number in range(40)]
    assert [result.status for result in results] == [204] * 10 + [500] * 10 + [204] * 20
    assert "PATCH 10 products, uuid '10' to '19': the PIM answers 500" in results[10].errors[0].message


def test_no_answer_is_status_zero() -> None:
    (result,) = client_of(Stub(otherwise=httpx.ReadTimeout("slow"))).products.upsert_many(patches("a"))
    assert (result.status, result.ok) == (0, False)


def test_a_missing_right_is_a_result() -> None:
    (result,) = client_of(Stub(refused(403, "Access forbidden."))).products.upsert_many(patches("a"))
    assert (result.status, "Access forbidden." in result.errors[0].message) == (403, True)


def test_a_refused_sign_in_ends_it_after_a_result_for_everything_read() -> None:
    stub = Stub(sign_in=tuple(refused(422, "No user found") for _ in range(50)))
    auth = PasswordAuth(client_id="a", secret="b", username="c", password="d")
    pim = client_of(stub, auth=auth, batch_lines=10)
    read: list[ProductPatch] = []

    def source() -> Iterator[ProductPatch]:
        for item in patches(*range(1000)):
            read.append(item)
            yield item

    results: list[UpsertResult[ProductPatch]] = []
    with pytest.raises(SignInRefused, match="No user found"):
        _until_error(results, pim.products.upsert_many(source()))
    assert [result.item for result in results] == read
    assert len(read) < 100
    assert not any(result.ok for result in results)


def _until_error(seen: list[UpsertResult[ProductPatch]], results: Iterator[UpsertResult[ProductPatch]]) -> None:
    for result in results:
        seen.append(result)  # noqa: PERF402  # one by one: the error must not take along what came before it


def test_html_instead_of_verdicts_ends_it() -> None:
    seen: list[UpsertResult[ProductPatch]] = []
    with pytest.raises(UnexpectedAnswer):
        _until_error(
            seen,
            client_of(Stub(otherwise=httpx.Response(200, html="<h1>Shop</h1>"))).products.upsert_many(patches("a")),
        )
    assert statuses(seen) == [("a", 0)]


def test_a_source_that_breaks_loses_nothing_it_gave() -> None:
    def source() -> Iterator[ProductPatch]:
        yield from patches(*range(25))
        raise RuntimeError("the ERP is gone")

    stub = Stub(otherwise=verdicts)
    seen: list[UpsertResult[ProductPatch]] = []
    with pytest.raises(RuntimeError, match="the ERP is gone"):
        _until_error(seen, client_of(stub, batch_lines=10).products.upsert_many(source()))
    assert statuses(seen) == [(str(number), 204) for number in range(25)]
    assert sorted(len(body) for body in stub.bodies) == [5, 10, 10]


# ---- concurrency ----
@pytest.mark.blocking_only("threads; test_parity.py has the tasks")
def test_four_batches_fly_at_once_and_results_keep_the_order() -> None:
    inside, most = 0, 0
    lock = threading.Lock()
    together = threading.Barrier(4)

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        together.wait(5)
        real_time.sleep(0.02 if b'"0"' in request.content else 0)
        with lock:
            inside -= 1
        return verdicts(request)

    results = list(client_of(answer, batch_lines=1).products.upsert_many(patches(*range(8))))
    assert [result.key for result in results] == [str(number) for number in range(8)]
    assert most == 4


def test_the_source_is_read_no_further_than_the_batches_in_flight() -> None:
    read = 0

    def source() -> Iterator[ProductPatch]:
        nonlocal read
        for item in patches(*range(1000)):
            read += 1
            yield item

    results = client_of(Stub(otherwise=verdicts), batch_lines=10).products.upsert_many(source())
    assert read == 0
    next(results)
    assert read <= 51
    results.close()  # type: ignore[attr-defined]  # it is a generator, which `Iterator` does not tell
    assert read <= 51


def test_one_thing_is_not_written_by_two_batches_at_a_time() -> None:
    flying: set[str] = set()
    clashes: list[str] = []
    lock = threading.Lock()

    def answer(request: httpx.Request) -> httpx.Response:
        keys = {json.loads(line)["code"].lower() for line in request.content.split(b"\n")}
        keys |= {parent for line in request.content.split(b"\n") if (parent := json.loads(line).get("parent"))}
        with lock:
            clashes.extend(keys & flying)
            flying.update(keys)
        real_time.sleep(0.005)
        with lock:
            flying.difference_update(keys)
        return verdicts(request)

    pim = client_of(answer, batch_lines=2)
    chain = [
        CategoryPatch(code=CategoryCode(f"c{n}"), parent=CategoryCode(f"c{n - 1}") if n else None) for n in range(12)
    ]
    assert all(result.ok for result in pim.categories.upsert_many(chain))
    models = [ProductModelPatch(code=ProductModelCode("a" if n % 3 else "A")) for n in range(12)]
    assert all(result.ok for result in pim.product_models.upsert_many(models))
    assert clashes == []


def test_the_same_key_twice_keeps_its_order() -> None:
    stub = Stub(otherwise=verdicts)
    same = [ProductPatch(uuid=ProductUuid("a"), enabled=True), ProductPatch(uuid=ProductUuid("a"), enabled=False)]
    assert len(list(client_of(stub).products.upsert_many(same))) == 2
    assert [[line["enabled"] for line in body] for body in stub.bodies] == [[True, False]]


def test_memory_does_not_grow_with_the_number_of_items() -> None:
    def peak(number: int) -> int:
        values = [Value(AttributeCode("text"), "x" * 200)]
        source = (ProductPatch(uuid=ProductUuid(str(place)), values=values) for place in range(number))
        tracemalloc.start()
        for _ in client_of(verdicts, requests_per_second=10**6).products.upsert_many(source):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(500)
    # how many batches meet in flight is chance: four short runs have as many occasions as a long one
    assert peak(8000) < 1.3 * max(peak(2000) for _ in range(4))


# ---- arrays ----
def test_measurement_families_go_as_an_array_and_are_joined_by_code() -> None:
    answer = httpx.Response(
        200, json=[{"code": "b", "status_code": 422, "errors": [{"message": "No."}]}, {"code": "A", "status_code": 201}]
    )
    stub = Stub(answer)
    items = [MeasurementFamilyPatch(code=MeasurementFamilyCode(code)) for code in ("a", "b")]
    results = list(client_of(stub).measurement_families.upsert_many(items))
    assert [(result.key, result.status) for result in results] == [("a", 201), ("b", 422)]
    assert json.loads(stub.requests[0].content) == [{"code": "a"}, {"code": "b"}]
    assert stub.requests[0].headers["Content-Type"] == "application/json"

"""From an answer to the error that explains it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from akeneo.stub import Stub, client_of, page, refused
from akeneo_erp_bridge.catalog import Product, ProductPatch
from akeneo_erp_bridge.codes import ProductUuid
from akeneo_erp_bridge.errors import (
    Forbidden,
    NotFound,
    NotOffered,
    PimBroken,
    PimError,
    PimRefused,
    RateLimited,
    TooLarge,
    UnexpectedAnswer,
    Violation,
)

PATCH = ProductPatch(uuid=ProductUuid("u1"))
VALIDATION = refused(
    422,
    "Validation failed.",
    errors=[
        {"property": "values", "message": "Unknown option.", "attribute": "colour", "locale": None, "scope": "web"},
        {"property": "family", "message": "No such family."},
        "odd",
    ],
)


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (VALIDATION, PimRefused, "PATCH product 'u1': the PIM says 422: Validation failed. values/colour/web: Unknown option."),
        (refused(400, "Invalid json message received"), PimRefused, "says 400: Invalid json message received"),
        (refused(403, "Access forbidden."), Forbidden, "PATCH product 'u1': the PIM says 403: Access forbidden."),
        (httpx.Response(403, html="<h1>Blocked</h1>"), Forbidden, "403 from something in front of https://pim.example.com"),
        (refused(404, "Product does not exist"), NotFound, "(unknown, or hidden from this user)"),
        (httpx.Response(404, html="<h1>Shop</h1>"), UnexpectedAnswer, "is https://pim.example.com the address"),
        (refused(413, "Request too big"), TooLarge, "13 bytes are too much for the PIM (413)"),
        (refused(415, "wrong type"), PimRefused, "says 415: wrong type"),
        (httpx.Response(406, html="<h1>Blocked</h1>"), PimRefused, "refused by something in front of the PIM"),
        (refused(409), PimRefused, "409"),
        (httpx.Response(429), RateLimited, "429, too many requests"),
        (httpx.Response(500, html="<h1>Oops</h1>"), PimBroken, "the PIM answers 500"),
        (httpx.Response(408), PimBroken, "408"),
        (httpx.Response(301, headers={"Location": "https://sso.example.com/login?session=abc"}), UnexpectedAnswer, "redirects (301) to https://sso.example.com/login,"),
        (httpx.Response(302), UnexpectedAnswer, "to nowhere"),
        (httpx.Response(422, json={"error": "invalid_grant", "error_description": "Code has expired"}), PimRefused, "Code has expired"),
        (httpx.Response(422, json=["odd"]), PimRefused, "422"),
    ],
)  # fmt: skip
def test_errors_say_who_what_and_why(answer: httpx.Response, kind: type[PimError], message: str) -> None:
    with pytest.raises(PimError) as caught:
        client_of(Stub(otherwise=answer)).products.upsert(PATCH)
    assert type(caught.value) is kind
    assert message in str(caught.value)
    assert "abc" not in str(caught.value)


def test_violations_tell_the_place() -> None:
    with pytest.raises(PimRefused) as caught:
        client_of(Stub(VALIDATION)).products.upsert(PATCH)
    assert caught.value.violations == (
        Violation(message="Unknown option.", property="values", attribute="colour", scope="web"),
        Violation(message="No such family.", property="family"),
    )


def test_a_refused_read_without_json_is_no_size_problem() -> None:
    with pytest.raises(
        Forbidden, match="something in front of https://pim.example.com[^,]*, which does not speak JSON"
    ):
        client_of(Stub(httpx.Response(403, html="<h1>Blocked</h1>"))).products.get("x")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, html="<h1>Shop</h1>"),
        httpx.Response(200),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"_embedded": {}}),
        httpx.Response(200, json={"_embedded": {"items": {"a": 1}}}),
        httpx.Response(200, content=b"\xff\xfe\x00"),
    ],
)
def test_a_good_answer_of_another_shape(answer: httpx.Response) -> None:
    with pytest.raises(
        UnexpectedAnswer, match=r"GET products.*is https://pim\.example\.com the address of an Akeneo PIM"
    ):
        list(client_of(Stub(answer)).products.list())


@pytest.mark.parametrize("item", [{"uuid": 5}, "text", {"uuid": "a", "values": 3}])
def test_an_item_of_another_shape_is_named(item: Any) -> None:
    with pytest.raises(UnexpectedAnswer, match="GET products: the PIM sent something this package cannot read"):
        list(client_of(Stub(page(item))).products.list())
    with pytest.raises(UnexpectedAnswer, match="GET product 'u1': the PIM sent something"):
        client_of(Stub(httpx.Response(200, json=item))).products.get("u1")


def test_a_redirect_is_never_followed() -> None:
    stub = Stub(httpx.Response(302, headers={"Location": "https://evil.example.com/"}))
    with pytest.raises(UnexpectedAnswer):
        client_of(stub).products.get("u1")
    assert [request.url.host for request in stub.requests] == ["pim.example.com"]


def test_numbers_in_an_answer_touch_no_float_without_orjson(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from decimal import Decimal

    from akeneo_erp_bridge.akeneo import _json

    monkeypatch.setitem(sys.modules, "orjson", None)
    _json._codec.cache_clear()
    try:
        assert _json.loads(b'{"a": 12.10000000000000000001}') == {"a": Decimal("12.10000000000000000001")}
        assert (
            _json.dumps({"a": Decimal("1.50"), "b": "ü", "c": [None, True]})
            == '{"a":"1.50","b":"ü","c":[null,true]}'.encode()
        )
        with pytest.raises(ValueError, match="object has no JSON form"):
            _json.dumps({"a": object()})  # type: ignore[dict-item]  # the mistake this is about
    finally:
        _json._codec.cache_clear()


def test_both_decoders_give_the_same_product() -> None:
    from akeneo_erp_bridge.catalog import decode_product

    raw = {"uuid": "a", "values": {"net": [{"locale": None, "scope": None, "data": 12.1}]}}
    product: Product = decode_product(raw)
    assert str(product.values.number("net")) == "12.1"


def test_large_pages_are_read_without_the_collector_and_it_comes_back() -> None:
    import gc

    from akeneo_erp_bridge.akeneo import _json

    assert gc.isenabled()
    assert _json.loads(b"[" + b"1," * 60_000 + b"1]") == [1] * 60_001
    assert gc.isenabled()
    with pytest.raises(ValueError, match=r".+"):
        _json.loads(b"[" + b"1," * 60_000)
    assert gc.isenabled()
    gc.disable()
    try:
        _json.loads(b"[" + b"1," * 60_000 + b"1]")
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("status", [404, 405])
def test_an_operation_this_pim_does_not_have_is_named(status: int) -> None:
    answer = refused(status, 'No route found for "GET http://pim/api/rest/v1/workflows"')
    with pytest.raises(
        NotOffered, match=r"does not offer workflows\.list \(GET /api/rest/v1/workflows; since SaaS, Enterprise"
    ):
        list(client_of(Stub(answer)).workflows.list())
    with pytest.raises(NotOffered, match=r"does not offer families\.delete .*since SaaS\)"):
        client_of(Stub(answer)).families.delete("tools")
    with pytest.raises(NotOffered, match=r"does not offer reference_entities\.records\.get"):
        client_of(Stub(answer)).reference_entities.records("brands").get("a b/c")


def test_a_thing_that_is_not_there_is_no_missing_operation() -> None:
    assert client_of(Stub(refused(404, "Family does not exist"))).families.delete("tools") is False

"""The verbs, one thing at a time."""

from __future__ import annotations

import json
from datetime import timedelta

import attrs
import httpx
import pytest

from akeneo.stub import Stub, client_of, page, refused
from akeneo_erp_bridge.akeneo import AkeneoClient, AppAuth, AsyncAkeneoClient, Auth, Options, PasswordAuth, RetryPolicy
from akeneo_erp_bridge.akeneo._retry import Outcome
from akeneo_erp_bridge.catalog import (
    AttributeOptionPatch,
    CategoryPatch,
    FamilyPatch,
    MeasurementFamilyPatch,
    Product,
    ProductPatch,
)
from akeneo_erp_bridge.codes import CategoryCode, FamilyCode, MeasurementFamilyCode, OptionCode, ProductUuid, Sku
from akeneo_erp_bridge.errors import ConfigurationError, Forbidden, NotFound, PimRefused, UnexpectedAnswer

CREATED = httpx.Response(201, headers={"Location": "https://pim.example.com/api/rest/v1/products-uuid/new%2Dkey"})


def test_get() -> None:
    stub = Stub(httpx.Response(200, json={"code": "tools", "parent": None}))
    assert client_of(stub).categories.get("tools").code == "tools"
    with pytest.raises(NotFound, match="GET product 'x': the PIM says 404: gone"):
        client_of(Stub(refused(404, "gone"))).products.get("x", params={"with_completenesses": True})


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("a/b", b"/api/rest/v1/products/a%2Fb"),
        ("a?b#c", b"/api/rest/v1/products/a%3Fb%23c"),
        ("100% 1+1", b"/api/rest/v1/products/100%25%201%2B1"),
        ("%2e%2e", b"/api/rest/v1/products/%252e%252e"),
        ("größe", b"/api/rest/v1/products/gr%C3%B6%C3%9Fe"),
    ],
)
def test_a_key_stays_one_part_of_the_path(key: str, path: bytes) -> None:
    stub = Stub(otherwise=httpx.Response(204))
    pim = client_of(stub)
    pim.products_by_identifier.delete(key)
    pim.products_by_identifier.upsert(ProductPatch(identifier=Sku(key)))
    assert [request.url.raw_path for request in stub.requests] == [path, path]


@pytest.mark.parametrize("key", ["", ".", ".."])
def test_a_key_that_names_something_else_is_refused(key: str) -> None:
    stub = Stub()
    with pytest.raises(ConfigurationError, match="cannot be a key"):
        client_of(stub).products.delete(key)
    with pytest.raises(ConfigurationError, match="cannot be a key"):
        client_of(stub).attribute_options(key)


def test_upsert_tells_created_from_updated() -> None:
    stub = Stub(httpx.Response(201), httpx.Response(204))
    pim = client_of(stub)
    patch = CategoryPatch(code=CategoryCode("a/b"), parent=None)
    first, second = pim.categories.upsert(patch), pim.categories.upsert(patch)
    assert (first.created, first.ok, first.key, first.item) == (True, True, "a/b", patch)
    assert (second.created, second.ok) == (False, True)
    assert (stub.requests[0].method, json.loads(stub.requests[0].content)) == ("PATCH", {"code": "a/b", "parent": None})
    assert stub.requests[0].headers["Content-Type"] == "application/json"
    assert stub.requests[0].headers["Accept"] == "application/json"


def test_create_tells_the_new_key() -> None:
    stub = Stub(CREATED, httpx.Response(201))
    pim = client_of(stub)
    assert pim.products.create(ProductPatch(enabled=True)).key == "new-key"
    assert (stub.requests[0].method, json.loads(stub.requests[0].content)) == ("POST", {"enabled": True})
    assert pim.categories.create(CategoryPatch(code=CategoryCode("c"))).key == "c"


def test_upsert_needs_the_key_of_its_route() -> None:
    stub = Stub()
    with pytest.raises(ConfigurationError, match="names products by uuid"):
        client_of(stub).products.upsert(ProductPatch(identifier=Sku("a")))


def test_what_was_read_can_be_written_back() -> None:
    raw = {
        "uuid": "u",
        "enabled": True,
        "values": {"n": [{"locale": None, "scope": None, "data": "x", "linked_data": {}}]},
        "metadata": {},
    }
    stub = Stub(httpx.Response(200, json=raw), httpx.Response(204))
    pim = client_of(stub)
    pim.products.upsert(attrs.evolve(pim.products.get("u"), enabled=False))
    body = json.loads(stub.requests[1].content)
    assert (body["enabled"], body["values"], "metadata" in body) == (
        False,
        {"n": [{"locale": None, "scope": None, "data": "x"}]},
        False,
    )


def test_delete() -> None:
    assert client_of(Stub(httpx.Response(204))).families.delete("f") is True
    assert client_of(Stub(refused(404))).families.delete("f") is False
    with pytest.raises(Forbidden):
        client_of(Stub(refused(403))).families.delete("f")
    with pytest.raises(UnexpectedAnswer):
        client_of(Stub(httpx.Response(404, html="<h1>Shop</h1>"))).families.delete("f")


def test_resources_below_others() -> None:
    stub = Stub(httpx.Response(204), page({"code": "v", "variant_attribute_sets": []}))
    pim = client_of(stub)
    pim.attribute_options("colour").upsert(AttributeOptionPatch(code=OptionCode("red")))
    assert [variant.code for variant in pim.family_variants("dr ill").list()] == ["v"]
    assert [request.url.raw_path.partition(b"?")[0] for request in stub.requests] == [
        b"/api/rest/v1/attributes/colour/options/red", b"/api/rest/v1/families/dr%20ill/variants",
    ]  # fmt: skip


def test_measurement_families_come_at_once() -> None:
    found = [{"code": "Length", "standard_unit_code": "METER", "units": {}}]
    pim = client_of(Stub(otherwise=httpx.Response(200, json=found)))
    assert [family.code for family in pim.measurement_families.list()] == ["Length"]
    assert pim.measurement_families.get("length").code == "Length"
    with pytest.raises(NotFound, match="no measurement family 'Weight'"):
        pim.measurement_families.get("Weight")
    for wrong in ({}, [{"code": 5}]):
        with pytest.raises(UnexpectedAnswer):
            list(client_of(Stub(httpx.Response(200, json=wrong))).measurement_families.list())


def test_one_measurement_family_raises_when_refused() -> None:
    patch = MeasurementFamilyPatch(code=MeasurementFamilyCode("x"))
    no = httpx.Response(
        200, json=[{"code": "x", "status_code": 422, "errors": [{"message": "No.", "property": "units"}]}]
    )
    with pytest.raises(PimRefused, match=r"PATCH measurement family 'x': units: No."):
        client_of(Stub(no)).measurement_families.upsert(patch)
    assert (
        client_of(Stub(httpx.Response(200, json=[{"code": "x", "status_code": 204}])))
        .measurement_families.upsert(patch)
        .ok
    )


# ---- the client ----
def test_a_twin_shares_connections_and_token() -> None:
    stub = Stub(otherwise=page())
    pim = client_of(stub)
    twin = pim.with_options(page_size=3, batch_lines=5)
    assert (twin.options.page_size, twin.options.batch_lines, pim.options.page_size) == (3, 5, 100)
    assert twin.options.timeout == pim.options.timeout
    assert twin._session is pim._session


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://pim.example.com", "https://pim.example.com"),
        (" https://pim.example.com/ ", "https://pim.example.com"),
        ("https://pim.example.com/api/rest/v1", "https://pim.example.com"),
        ("http://localhost:8080/pim/", "http://localhost:8080/pim"),
    ],
)
def test_the_address(given: str, url: str) -> None:
    with AkeneoClient(given, AppAuth(access_token="x")) as pim:
        assert (pim.url, repr(pim)) == (url, f"AkeneoClient({url!r})")


@pytest.mark.parametrize(
    "url", ["pim.example.com", "ftp://pim.example.com", "", "https://", "https://erp:pw@pim.example.com"]
)
def test_an_address_no_pim_has(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        AkeneoClient(url, AppAuth(access_token="x"))
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "auth", [AppAuth(access_token="x"), PasswordAuth(client_id="a", secret="s", username="u", password="pw")]
)
@pytest.mark.parametrize("make", [AkeneoClient, AsyncAkeneoClient])
def test_credentials_go_to_no_other_machine_without_tls(
    make: type[AkeneoClient | AsyncAkeneoClient], auth: Auth
) -> None:
    for url in ("http://pim.example.com", "http://10.0.0.7:8080", "http://localhost.example.com", "http://pim"):
        with pytest.raises(ConfigurationError, match="is not https") as caught:
            make(url, auth)
        assert "pw" not in str(caught.value)
        assert make(url, auth, options=Options(plain_http=True)).url == url
    for url in ("http://127.0.0.1:8080", "http://[::1]", "http://localhost:8080"):
        assert make(url, auth).url == url


def test_options_are_checked() -> None:
    no_time = timedelta()
    for wrong in (
        {"page_size": 101}, {"page_size": 0}, {"batch_lines": 0}, {"concurrency": 0}, {"line_tries": 0}, {"batch_bytes": 0},
        {"timeout": no_time}, {"timeout": timedelta(seconds=-1)},
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match=next(iter(wrong))):
            Options(**wrong)  # type: ignore[arg-type]  # the mistake this is about


def test_a_retry_policy_is_checked() -> None:
    before = timedelta(seconds=-1)
    for wrong in (
        {"attempts": 0}, {"first_pause": before}, {"longest_pause": before}, {"longest_retry_after": before},
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match=next(iter(wrong))):
            RetryPolicy(**wrong)  # type: ignore[arg-type]  # the mistake this is about
    assert RetryPolicy(first_pause=timedelta()).pause_after(1, Outcome(status=503)) == timedelta()


def test_the_pim_tells_what_it_can() -> None:
    routes = {"routes": {"list": {"route": "/api/rest/v1/products-uuid", "methods": ["GET", 5]}, "odd": 3}}
    stub = Stub(httpx.Response(200, json=routes), httpx.Response(200, json={"version": "7.0.1", "edition": "CE"}))
    pim = client_of(stub)
    assert (pim.features.has_product_uuids, pim.features.version, pim.features.edition) == (True, "7.0.1", "CE")
    assert pim.features is pim.features
    assert "Authorization" not in stub.requests[0].headers
    assert len(stub.requests) == 2


def test_an_old_pim_does_not_tell() -> None:
    stub = Stub(httpx.Response(200, json={"routes": {"list": {"route": "/api/rest/v1/products"}}}), refused(404))
    features = client_of(stub).features
    assert (features.has_product_uuids, features.version) == (False, None)


def test_a_stranger_has_no_routes() -> None:
    for stranger in (httpx.Response(200, json={"hello": 1}), httpx.Response(200, html="<h1>Shop</h1>")):
        with pytest.raises(UnexpectedAnswer, match="the address of an Akeneo PIM"):
            client_of(Stub(stranger)).system.routes()


def test_read_only_resources_have_no_write_verbs() -> None:
    pim = client_of(Stub())
    for resource in (pim.locales, pim.currencies):
        assert not {"create", "upsert", "upsert_many", "delete"} & set(dir(resource))
    for resource in (pim.attributes, pim.categories, pim.channels):
        assert not hasattr(resource, "delete")


def test_models_are_accepted_where_patches_are() -> None:
    stub = Stub(httpx.Response(204))
    client_of(stub).products.upsert(Product(uuid=ProductUuid("u"), family=FamilyCode("f")))
    assert json.loads(stub.requests[0].content)["family"] == "f"
    with pytest.raises(ConfigurationError, match="has none"):
        client_of(Stub()).products.upsert(Product())
    assert client_of(Stub(httpx.Response(201))).families.create(FamilyPatch(code=FamilyCode("f"))).created

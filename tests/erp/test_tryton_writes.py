"""Products born in the PIM, written into a real Tryton: once for each key, whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.erp import Choice, ErpItem, ItemWriter, Lines, TrytonAdapter, cold, hot
from akeneo_erp_bridge.errors import ConfigurationError, ErpConflict, ErpRefused, ErpUnreachable
from erp.tryton_world import TrytonWorld, catalog, live_tryton


@pytest.fixture(scope="module")
def world() -> Iterator[TrytonWorld]:
    with live_tryton() as one:
        yield one


class Born(ErpItem):
    number = cold(str, "code", key=True)
    name = cold(str, "name")
    french = cold(str, "name@fr")
    text = cold(str, "description")
    unit = cold(str, "default_uom.symbol")
    groups = cold(frozenset[str], "categories.code")
    size = cold(str, "attributes.size")
    axes = cold(str, "attribute_set.name")
    weight = cold(Decimal, "weight")
    weight_unit = cold(str, "weight_uom.symbol")
    barcodes = cold(Lines, "identifiers(type, code)")
    price = hot(Decimal, "list_price")


@pytest.fixture(scope="module")
def erp(world: TrytonWorld) -> TrytonAdapter[Any]:
    return world.adapter(Born)


def draft(code: str, /, **changed: object) -> Born:
    """A whole draft; `changed` has the columns that are otherwise."""
    row: dict[str, object] = {"code": code, "name": f"Lamp {code}", "default_uom.symbol": "u", **changed}
    return Born(row)


def stored(erp: TrytonAdapter[Any], code: str) -> list[Any]:
    fields = frozenset(spec.path for spec in Born.specs.values())
    return [one for page in erp.read_some(Choice("code", (code,)), fields=fields, limit=9) for one in page.items]


def test_a_draft_becomes_a_template_with_its_variant(world: TrytonWorld, erp: TrytonAdapter[Any]) -> None:
    assert isinstance(erp, ItemWriter)
    ean = catalog.ean13(7001)
    whole = {
        "name@fr": "Lampe", "description": "Bright.", "categories.code": ["lighting", "home"], "attribute_set.name": "Size and colour",
        "attributes.size": "M", "weight": Decimal("1.25"), "weight_uom.symbol": "kg", "list_price": Decimal("39.9000"),
        "identifiers(type, code)": [{"type": "ean", "code": ean}],
    }  # fmt: skip
    assert erp.find_by_key("uuid-1") is None
    before = erp.requests
    result = erp.write_item(draft("BORN-1", **whole), idempotency_key="uuid-1", if_version=None)
    assert (result.created, result.ref.key) == (True, "BORN-1")
    assert erp.find_by_key("uuid-1") == result.ref
    (one,) = stored(erp, "BORN-1")
    assert (one.name, one.french, one.text, one.size) == ("Lamp BORN-1", "Lampe", "Bright.", "M")
    assert (one.groups, one.weight, one.weight_unit, one.price) == (
        {"lighting", "home"}, Decimal("1.25"), "kg", Decimal("39.9000"),
    )  # fmt: skip
    assert list(one.barcodes) == [{"type": "ean", "code": ean}], "the mark of the key is the adapter's own"
    assert erp.requests - before < 30
    marks = world.client.find("product.identifier", [["code", "like", "akeneo-erp-bridge:%"]], "code", "type")
    assert [(row["type"], row["code"]) for row in marks] == [(None, "akeneo-erp-bridge:uuid-1")]


def test_an_update_writes_what_the_draft_has_and_leaves_the_rest(erp: TrytonAdapter[Any]) -> None:
    first = {"categories.code": ["coffee"], "attribute_set.name": "Size and colour", "attributes.size": "M"}
    made = erp.write_item(draft("BORN-2", **first), idempotency_key="uuid-2", if_version=None)
    barcode = {"type": "ean", "code": catalog.ean13(7002)}
    changes = {"name": "Other", "name@fr": "Autre", "categories.code": ["home"], "identifiers(type, code)": [barcode]}
    again = erp.write_item(Born({"code": "BORN-2", **changes}), idempotency_key="uuid-2", if_version=made.ref.version)
    assert (again.created, again.ref.key, again.ref.version != made.ref.version) == (False, "BORN-2", True)
    (one,) = stored(erp, "BORN-2")
    assert (one.name, one.french, one.groups, one.size) == ("Other", "Autre", {"home"}, "M")
    assert list(one.barcodes) == [barcode]
    erp.write_item(Born({"code": "BORN-2", "identifiers(type, code)": []}), idempotency_key="uuid-2", if_version=None)
    (one,) = stored(erp, "BORN-2")
    assert list(one.barcodes) == []
    assert erp.find_by_key("uuid-2") is not None, "the mark is still there"


def test_a_stale_version_is_a_conflict_and_nothing_is_written(world: TrytonWorld, erp: TrytonAdapter[Any]) -> None:
    made = erp.write_item(draft("BORN-3"), idempotency_key="uuid-3", if_version=None)
    theirs = world.edit_cold("BORN-3")
    ours = draft("BORN-3", name="Ours", description="Ours")
    with pytest.raises(ErpConflict, match="product 'BORN-3': .* has changed since it was read"):
        erp.write_item(ours, idempotency_key="uuid-3", if_version=made.ref.version)
    (one,) = stored(erp, "BORN-3")
    assert (one.name, one.row["description"]) == (theirs, None)
    fresh = erp.find_by_key("uuid-3")
    assert fresh is not None
    # the variant alone has changed: the template's part is not written either
    world.client.call("product.product", "write", [world.variant("BORN-3")], {"description": "Theirs"})
    with pytest.raises(ErpConflict):
        erp.write_item(ours, idempotency_key="uuid-3", if_version=fresh.version)
    (one,) = stored(erp, "BORN-3")
    assert (one.name, one.text) == (theirs, "Theirs")
    newest = erp.find_by_key("uuid-3")
    assert newest is not None
    erp.write_item(ours, idempotency_key="uuid-3", if_version=newest.version)
    assert stored(erp, "BORN-3")[0].name == "Ours"


def test_two_writers_with_one_key_make_one_product(world: TrytonWorld, erp: TrytonAdapter[Any]) -> None:
    writers = [world.adapter(Born) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        results = list(
            pool.map(lambda one: one.write_item(draft("BORN-4"), idempotency_key="uuid-4", if_version=None), writers)
        )
    assert sorted(one.created for one in results) == [False, False, False, True]
    assert len(world.client.find("product.product", [["code", "=", "BORN-4"]], "id")) == 1
    assert len(world.client.find("product.identifier", [["code", "=", "akeneo-erp-bridge:uuid-4"]], "id")) == 1


class Lossy(httpx.HTTPTransport):
    """Carries the first creation out, and loses the answer; with `lets_through` it loses the question."""

    def __init__(self, how: type[httpx.TransportError], *, carries_out: bool) -> None:
        super().__init__()
        self.how, self.carries_out, self.creations = how, carries_out, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if b"product.template.create" not in request.content:
            return super().handle_request(request)
        self.creations += 1
        if self.creations > 1:
            return super().handle_request(request)
        if self.carries_out:
            super().handle_request(request).read()
        raise self.how("lost", request=request)


@pytest.mark.parametrize("how", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError])
def test_a_creation_whose_answer_is_lost_is_found_and_not_made_again(world: TrytonWorld, how: Any) -> None:
    line = Lossy(how, carries_out=True)
    code = f"LOST-{how.__name__}"
    result = world.adapter(Born, transport=line).write_item(draft(code), idempotency_key=code, if_version=None)
    assert (result.created, result.ref.key, line.creations) == (True, code, 1)
    assert len(world.client.find("product.product", [["code", "=", code]], "id")) == 1


def test_a_crash_between_creation_and_answer_is_healed_by_the_next_run(
    world: TrytonWorld, erp: TrytonAdapter[Any]
) -> None:
    class Crash(Lossy):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if self.creations:
                raise httpx.ConnectError("we are gone", request=request)
            return super().handle_request(request)

    dying = world.adapter(Born, transport=Crash(httpx.ReadError, carries_out=True))
    dying._session.sleep = 0
    whole = draft("CRASH-1", **{"name@fr": "Lampe"})
    with pytest.raises(ErpUnreachable):
        dying.write_item(whole, idempotency_key="uuid-5", if_version=None)
    assert stored(erp, "CRASH-1")[0].french == "Lamp CRASH-1", "half of it was written"
    result = erp.write_item(whole, idempotency_key="uuid-5", if_version=None)
    assert (result.created, result.ref.key) == (False, "CRASH-1")
    (one,) = stored(erp, "CRASH-1")
    assert one.french == "Lampe"


def test_a_write_is_sent_again_only_where_it_was_not_carried_out(world: TrytonWorld) -> None:
    never = Lossy(httpx.ConnectError, carries_out=False)
    erp = world.adapter(Born, transport=never)
    erp._session.sleep = 0
    assert erp.write_item(draft("SAFE-1"), idempotency_key="safe-1", if_version=None).created
    assert never.creations == 2
    doubtful = Lossy(httpx.ReadTimeout, carries_out=False)
    with pytest.raises(ErpUnreachable, match=r"whether model\.product\.template\.create was carried out is not known"):
        world.adapter(Born, transport=doubtful).write_item(draft("SAFE-2"), idempotency_key="safe-2", if_version=None)
    assert doubtful.creations == 1
    assert world.client.find("product.product", [["code", "=", "SAFE-2"]], "id") == []


def test_the_key_is_the_code_where_the_draft_has_none(erp: TrytonAdapter[Any]) -> None:
    made = erp.write_item(Born({"name": "Nameless", "default_uom.symbol": "u"}), idempotency_key="K-9", if_version=None)
    assert made.ref.key == "K-9"


def test_an_archived_product_is_found_by_its_key(world: TrytonWorld, erp: TrytonAdapter[Any]) -> None:
    erp.write_item(draft("BORN-6"), idempotency_key="uuid-6", if_version=None)
    world.archive("BORN-6")
    found = erp.find_by_key("uuid-6")
    assert found is not None
    assert found.key == "BORN-6"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"code": "DSK-120"}, "product 'DSK-120' was not created: .*Code of active product must be unique"),
        ({"categories.code": ["nowhere"]}, "path 'categories.code': Tryton has no product.category with code 'nowhere'"),
        ({"weight": Decimal("0.0123"), "weight_uom.symbol": "kg"}, "not created: .*number of digits"),
        ({"identifiers(type, code)": [{"type": "ean", "code": "123"}]}, "not created: .*is not valid"),
        ({"quantity": 5}, "path 'quantity' cannot be written: Tryton makes it itself"),
        ({"last_modified_at": "now"}, "path 'last_modified_at' cannot be written"),
        ({"identifiers.code": ["1"]}, r"path 'identifiers.code' cannot be written; .* such as identifiers\(type, code\)"),
        ({"categories": [1]}, "path 'categories' cannot be written; a relation is set by a member"),
        ({"nope": 1}, "product.product has no field 'nope'"),
        ({"name@xx": "x"}, "does not translate into xx"),
        ({"name": object()}, "a object cannot be written to Tryton"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_named_and_nothing_is_made(
    world: TrytonWorld, erp: TrytonAdapter[Any], changed: dict[str, object], words: str
) -> None:
    before = world.client.call("product.product", "search_count", [])
    with pytest.raises(ErpRefused, match=words):
        erp.write_item(draft("BAD-1", **changed), idempotency_key="bad", if_version=None)
    assert world.client.call("product.product", "search_count", []) == before
    assert erp.find_by_key("bad") is None


def test_a_key_and_a_version_that_are_none_are_said(world: TrytonWorld, erp: TrytonAdapter[Any]) -> None:
    with pytest.raises(ConfigurationError, match="an idempotency key is a text"):
        erp.find_by_key(" ")
    erp.write_item(draft("BORN-7"), idempotency_key="uuid-7", if_version=None)
    with pytest.raises(ConfigurationError, match="if_version is not a version of this adapter"):
        erp.write_item(draft("BORN-7"), idempotency_key="uuid-7", if_version="yesterday")
    with pytest.raises(ErpConflict, match="is no longer in Tryton"):
        erp.write_item(draft("BORN-8"), idempotency_key="uuid-8", if_version='{"product.product,1": "1.0"}')
    with pytest.raises(ErpRefused, match=r"product\.category is only read here"):
        world.adapter(Born, "product.category").find_by_key("x")


def test_a_user_who_may_not_write_is_told_so(world: TrytonWorld) -> None:
    password = world.make_user("reader")
    with pytest.raises(ErpRefused, match="not allowed to access"):
        world.adapter(Born, user="reader", password=password).write_item(
            draft("BORN-9"), idempotency_key="uuid-9", if_version=None
        )
    clerk = world.adapter(Born, user="maker", password=world.make_user("maker", "Product Administration"))
    assert clerk.write_item(draft("BORN-9"), idempotency_key="uuid-9", if_version=None).created


def test_the_schema_says_what_can_be_written(erp: TrytonAdapter[Any]) -> None:
    fields = {one.name: one.writable for one in erp.describe().fields}
    assert {name for name in ("code", "name", "categories.code", "weight", "list_price") if not fields[name]} == set()
    assert {name for name in ("quantity", "last_modified_at", "cost_price_uom", "id") if fields[name]} == set()

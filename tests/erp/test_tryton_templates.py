"""Templates written into a real Tryton, and variants below templates that are there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.erp import Choice, ErpItem, ItemWriter, Lines, TrytonAdapter, cold
from akeneo_erp_bridge.errors import ErpConflict, ErpRefused, ErpUnreachable
from erp.test_tryton_writes import Lossy
from erp.tryton_world import TrytonWorld, catalog, live_tryton


@pytest.fixture(scope="module")
def world() -> Iterator[TrytonWorld]:
    with live_tryton() as one:
        yield one


class Style(ErpItem):
    number = cold(int, "id", key=True)
    code = cold(str, "code")
    name = cold(str, "name")
    french = cold(str, "name@fr")
    unit = cold(str, "default_uom.symbol")
    groups = cold(frozenset[str], "categories.code")


class Variant(ErpItem):
    number = cold(str, "code", key=True)
    style = cold(str, "template.id")
    name = cold(str, "name")
    text = cold(str, "description")
    unit = cold(str, "default_uom.symbol")
    barcodes = cold(Lines, "identifiers(type, code)")


@pytest.fixture(scope="module")
def styles(world: TrytonWorld) -> TrytonAdapter[Any]:
    return world.adapter(Style, "product.template")


@pytest.fixture(scope="module")
def erp(world: TrytonWorld) -> TrytonAdapter[Any]:
    return world.adapter(Variant)


def style(name: str, /, **more: object) -> Style:
    return Style({"name": name, "default_uom.symbol": "u", **more})


def variants(world: TrytonWorld, template: str) -> list[str]:
    rows = world.client.find("product.product", [["template", "=", int(template)]], "code")
    return sorted(str(row["code"]) for row in rows)


def test_a_template_is_made_without_variants_and_found_by_its_key(
    world: TrytonWorld, styles: TrytonAdapter[Any]
) -> None:
    assert isinstance(styles, ItemWriter)
    assert styles.find_by_key("product_model:coat") is None
    before = world.keys()
    assert None not in before
    made = styles.write_item(
        style("Coat", **{"name@fr": "Manteau", "categories.code": ["home"]}),
        idempotency_key="product_model:coat",
        if_version=None,
    )
    assert made.created
    assert styles.find_by_key("product_model:coat") == made.ref
    assert (world.keys(), variants(world, made.ref.key)) == (before, [])
    (page,) = styles.read_some(Choice("id", (int(made.ref.key),)), fields=frozenset({"name", "name@fr"}), limit=9)
    (one,) = page.items
    assert (one.name, one.french) == ("Coat", "Manteau")
    again = styles.write_item(style("Better coat"), idempotency_key="product_model:coat", if_version=made.ref.version)
    assert (again.created, again.ref.key) == (False, made.ref.key)
    assert world.client.find("product.template", [["id", "=", int(made.ref.key)]], "name")[0]["name"] == "Better coat"
    with pytest.raises(ErpConflict):
        styles.write_item(style("Ours"), idempotency_key="product_model:coat", if_version=made.ref.version)


def test_variants_are_made_below_a_template_that_is_there(
    world: TrytonWorld, styles: TrytonAdapter[Any], erp: TrytonAdapter[Any]
) -> None:
    above = styles.write_item(style("Hat"), idempotency_key="product_model:hat", if_version=None).ref.key
    ean = {"type": "ean", "code": catalog.ean13(7010)}
    for code in ("HAT-S", "HAT-M"):
        rows = {"identifiers(type, code)": [ean]} if code == "HAT-S" else {}
        draft = Variant({"code": code, "template.id": above, "description": f"Text of {code}", **rows})
        made = erp.write_item(draft, idempotency_key=f"uuid {code}", if_version=None)
        assert (made.created, made.ref.key) == (True, code)
        assert erp.find_by_key(f"uuid {code}") == made.ref
    assert variants(world, above) == ["HAT-M", "HAT-S"]
    fields = frozenset(spec.path for spec in Variant.specs.values())
    (page,) = erp.read_some(Choice("code", ("HAT-S",)), fields=fields, limit=9)
    (one,) = page.items
    assert (one.name, one.text, one.unit, list(one.barcodes)) == ("Hat", "Text of HAT-S", "u", [ean])
    # a new code, and what is the variant's own, leave its sibling alone
    made = erp.write_item(
        Variant({"code": "HAT-XS", "template.id": above, "description": "Other"}),
        idempotency_key="uuid HAT-S",
        if_version=None,
    )
    assert (made.ref.key, variants(world, above)) == ("HAT-XS", ["HAT-M", "HAT-XS"])


def test_the_code_of_a_variant_begins_with_that_of_its_template(
    world: TrytonWorld, styles: TrytonAdapter[Any], erp: TrytonAdapter[Any]
) -> None:
    key = "product_model:belt"
    above = styles.write_item(style("Belt", code="BELT"), idempotency_key=key, if_version=None).ref.key
    erp.write_item(Variant({"code": "BELT-1", "template.id": above}), idempotency_key="belt 1", if_version=None)
    (row,) = world.client.find("product.product", [["code", "=", "BELT-1"]], "suffix_code")
    assert row["suffix_code"] == "-1"
    with pytest.raises(ErpRefused, match="begins with that of its template, which is 'BELT', and 'B-2' does not"):
        erp.write_item(Variant({"code": "B-2", "template.id": above}), idempotency_key="belt 2", if_version=None)
    with pytest.raises(ErpRefused, match="'B-1' does not"):
        erp.write_item(Variant({"code": "B-1"}), idempotency_key="belt 1", if_version=None)
    assert variants(world, above) == ["BELT-1"]


def test_a_variant_does_not_move(world: TrytonWorld, styles: TrytonAdapter[Any], erp: TrytonAdapter[Any]) -> None:
    first, other = (
        styles.write_item(style(name), idempotency_key=f"product_model:{name}", if_version=None).ref.key
        for name in ("Scarf", "Shawl")
    )
    erp.write_item(Variant({"code": "SCARF", "template.id": first}), idempotency_key="scarf", if_version=None)
    with pytest.raises(ErpRefused, match="product 'SCARF' was not updated: .*template"):
        erp.write_item(Variant({"code": "SCARF", "template.id": other}), idempotency_key="scarf", if_version=None)
    with pytest.raises(ErpRefused, match="product 'SCARF' cannot leave its template"):
        erp.write_item(Variant({"code": "SCARF", "template.id": None}), idempotency_key="scarf", if_version=None)
    assert (variants(world, first), variants(world, other)) == (["SCARF"], [])
    with pytest.raises(ErpRefused, match=r"path 'template\.id': Tryton has no product\.template with id '999999'"):
        erp.write_item(Variant({"code": "S-9", "template.id": "999999"}), idempotency_key="s9", if_version=None)


def test_a_template_whose_answer_is_lost_is_found_and_not_made_again(world: TrytonWorld) -> None:
    line = Lossy(httpx.ReadTimeout, carries_out=True)
    lossy = world.adapter(Style, "product.template", transport=line)
    made = lossy.write_item(style("Lost coat"), idempotency_key="product_model:lost", if_version=None)
    assert (made.created, line.creations) == (True, 1)
    assert len(world.client.find("product.template", [["name", "=", "Lost coat"]], "id")) == 1


class DiesBefore(httpx.HTTPTransport):
    """The line is lost before a call of this method."""

    def __init__(self, method: bytes) -> None:
        super().__init__()
        self.method, self.is_dead = method, False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.is_dead = self.is_dead or self.method in request.content
        if self.is_dead:
            raise httpx.ConnectError("we are gone", request=request)
        return super().handle_request(request)


def test_what_holds_the_key_is_archived_by_the_next_write_where_the_first_one_died(
    world: TrytonWorld, styles: TrytonAdapter[Any]
) -> None:
    dying = world.adapter(Style, "product.template", transport=DiesBefore(b"product.product.write"))
    dying._session.sleep = 0
    with pytest.raises(ErpUnreachable):
        dying.write_item(style("Tie"), idempotency_key="product_model:tie", if_version=None)
    (row,) = world.client.find("product.template", [["name", "=", "Tie"]], "id")
    assert len(variants(world, row["id"])) == 1
    made = styles.write_item(style("Tie"), idempotency_key="product_model:tie", if_version=None)
    assert (made.created, made.ref.key) == (False, str(row["id"]))
    assert (variants(world, row["id"]), len(world.client.find("product.template", [["name", "=", "Tie"]], "id"))) == (
        [],
        1,
    )


class LossyBelow(httpx.HTTPTransport):
    """Carries the first variant below a template out, and loses the answer, and the line."""

    def __init__(self) -> None:
        super().__init__()
        self.is_dead = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.is_dead:
            raise httpx.ConnectError("we are gone", request=request)
        response = super().handle_request(request)
        if b"product.template.write" in request.content:
            response.read()
            self.is_dead = True
            raise httpx.ReadError("lost", request=request)
        return response


def test_a_variant_whose_answer_is_lost_is_found_by_the_next_run(
    world: TrytonWorld, styles: TrytonAdapter[Any], erp: TrytonAdapter[Any]
) -> None:
    above = styles.write_item(style("Sock"), idempotency_key="product_model:sock", if_version=None).ref.key
    dying = world.adapter(Variant, transport=LossyBelow())
    dying._session.sleep = 0
    draft = Variant({"code": "SOCK-1", "template.id": above})
    with pytest.raises(ErpUnreachable):
        dying.write_item(draft, idempotency_key="sock 1", if_version=None)
    assert not erp.write_item(draft, idempotency_key="sock 1", if_version=None).created
    assert variants(world, above) == ["SOCK-1"]


def test_the_schemas_say_what_can_be_written(styles: TrytonAdapter[Any], erp: TrytonAdapter[Any]) -> None:
    of_styles = {one.name: one.writable for one in styles.describe().fields}
    assert [name for name in ("code", "name", "categories.code", "default_uom.symbol") if not of_styles[name]] == []
    assert [name for name in ("id", "products", "last_modified_at") if of_styles[name]] == []
    assert {one.name: one.writable for one in erp.describe().fields}["template.id"]

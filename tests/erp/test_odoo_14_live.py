"""`OdooAdapter` against a real Odoo 14, where it differs from Odoo 19.

`.ci/run` runs it. Elsewhere set ``ODOO_14=1``: it takes a Python from 3.7 to 3.9, and some minutes at the first start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from akeneo_erp_bridge.erp import ErpItem, OdooDraft, cold, hot, internal
from akeneo_erp_bridge.errors import ErpRefused
from erp.odoo_world import OdooWorld, keys_of, live_odoo

pytestmark = pytest.mark.skipif(
    not {"CI", "ODOO_14"} & os.environ.keys(), reason="set ODOO_14=1 to run these against an Odoo 14"
)


class Variant(ErpItem):
    number = cold(str, "default_code", key=True)
    name = cold(str, "name")
    french = cold(str, "name@fr_FR")
    group = cold(str, "categ_id.complete_name")
    size = cold(str, "axes.Size")
    weight = cold(Decimal, "weight")
    picture = cold(bytes, "image_1920")
    price = hot(Decimal, "lst_price")
    stock = hot(Decimal, "free_qty")
    cost = internal(Decimal, "standard_price")


COLD = frozenset({"default_code", "name", "name@fr_FR", "categ_id.complete_name", "axes.Size", "weight", "image_1920"})


@pytest.fixture(scope="module")
def world() -> Iterator[OdooWorld]:
    with live_odoo("14") as one:
        yield one


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
def test_two_protocols_read_variants(world: OdooWorld, protocol: Any) -> None:
    erp = world.adapter(Variant, protocol=protocol)
    found = {one.key: one for page in erp.read_hot(None, keys=None) for one in page.items}
    assert len(found) == 200
    shirt = found["TSH-ROM-XL-NVY"]
    assert (shirt.name, shirt.french, shirt.size) == ("Roma T-shirt", "T-shirt Roma", "XL")
    assert (shirt.price, shirt.group, shirt.weight) == (Decimal("21.9"), "Apparel / T-shirts", Decimal("0.18"))
    assert shirt.picture.startswith(b"\x89PNG")


def test_the_protocol_is_found_out_and_a_password_is_told_wrong(world: OdooWorld) -> None:
    assert world.adapter(Variant).check().facts["protocol"] == "jsonrpc"
    assert "does not let 'admin' in" in world.adapter(Variant, "wrong").check().message


def test_a_change_of_the_template_leaves_its_variants_stamps_alone_and_is_seen(world: OdooWorld) -> None:
    erp = world.adapter(Variant, overlap=timedelta(0))
    before = list(erp.read_items(None, fields=COLD, limit=500))
    number = world.id_of("TSH-OSL-S-BLK")
    stamp = world.call("product.product", "read", [number], ["write_date"])
    world.edit_cold("TSH-OSL-S-BLK")
    assert world.call("product.product", "read", [number], ["write_date"]) == stamp
    changed = keys_of(list(erp.read_items(before[-1].resume, fields=COLD, limit=500)))
    assert len([key for key in changed if key.startswith("TSH-OSL-")]) == 12


def test_money_is_a_float_with_what_a_double_adds(world: OdooWorld) -> None:
    (row,) = world.call("product.product", "read", [world.id_of("TSH-ROM-XL-NVY")], ["lst_price"])
    (page,) = world.adapter(Variant).read_hot(None, keys=["TSH-ROM-XL-NVY"])
    assert row["lst_price"] == pytest.approx(21.9)
    assert page.items[0].price == Decimal("21.9")


def test_an_unknown_language_is_an_error(world: OdooWorld) -> None:
    class Wrong(Variant):
        other = cold(str, "name@xx_XX")

    with pytest.raises(ErpRefused, match="Odoo has no language xx_XX; it has de_DE, en_US, fr_FR"):
        list(world.adapter(Wrong).read_items(None, fields=COLD | {"name@xx_XX"}, limit=5))


def test_a_draft_is_written_once(world: OdooWorld) -> None:
    erp = world.adapter(Variant)
    draft = OdooDraft({"default_code": "PIM-1", "name": "Whisk", "name@fr_FR": "Fouet", "list_price": Decimal("7.90")})
    first = erp.write_item(draft, idempotency_key="1", if_version=None)
    again = erp.write_item(draft, idempotency_key="1", if_version=first.ref.version)
    assert (first.created, again.created, erp.find_by_key("1")) == (True, False, again.ref)
    assert world.id_of("PIM-1")
    (page,) = erp.read_hot(None, keys=["PIM-1"])
    assert [(one.name, one.french, one.price) for one in page.items] == [("Whisk", "Fouet", Decimal("7.90"))]


def test_deleted_and_archived(world: OdooWorld) -> None:
    gone, aside = world.create(), world.create()
    erp = world.adapter(Variant, overlap=timedelta(0))
    before = list(erp.read_items(None, fields=COLD, limit=500))
    world.delete(gone)
    world.archive(aside)
    after = list(erp.read_items(before[-1].resume, fields=COLD, limit=500))
    assert aside in [key for page in after for key in page.tombstones]
    assert gone not in [*keys_of(after), *(key for page in after for key in page.tombstones)]


def test_stock_is_read_by_key_after_it_moved(world: OdooWorld) -> None:
    erp = world.adapter(Variant)
    world.count("DSK-160", 777)
    (page,) = erp.read_hot(None, keys=["DSK-160"])
    assert page.items[0].stock >= 777

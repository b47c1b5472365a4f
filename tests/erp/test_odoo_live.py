"""`OdooAdapter` and the connector of examples/odoo_import.py against a real Odoo 19; each trap has a test by its name."""

from __future__ import annotations

import base64
import importlib.util
import logging
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from akeneo_erp_bridge.akeneo import AkeneoClient, PasswordAuth
from akeneo_erp_bridge.catalog import Metric, Price, Product
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import (
    Choice,
    ErpItem,
    OdooAdapter,
    OdooDraft,
    Page,
    PimFirstErp,
    cold,
    hot,
    internal,
    snapshot_diff,
)
from akeneo_erp_bridge.erp._odoo._writer import OdooWriter
from akeneo_erp_bridge.errors import ConfigurationError, CursorExpired, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.mapping import FAMILY, ProductMapping, clean, constant, sku
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync import ErpToPim, HotRelay, SqliteState
from akeneo_erp_bridge.testing import PimSimulator
from erp.odoo_world import ROOT, OdooSaysNo, OdooWorld, keys_of, live_odoo

LANGUAGES = {"en_US": "en", "fr_FR": "fr", "de_DE": "de"}
PROTOCOLS = ("json2", "jsonrpc", "xmlrpc")


def module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found  # attrs looks the module of a class up
    spec.loader.exec_module(found)
    return found


example = module("odoo_import", ROOT / "examples" / "odoo_import.py")
catalog = module("odoo_catalog", ROOT / "tools" / "tryton" / "catalog.py")
VARIANTS = {variant.sku: (template, variant) for template in catalog.build(200) for variant in template.variants}
CATEGORY_NAMES = {code: names["en"] for code, _, names in catalog.CATEGORIES}


class Variant(ErpItem):
    """With all kinds of paths."""

    number = cold(str, "default_code", key=True)
    name = cold(str, "name")
    french = cold(str, "name@fr_FR")
    template = cold(str, "product_tmpl_id.name")
    category = cold(int, "categ_id")
    group = cold(str, "categ_id.complete_name")
    tags = cold(frozenset[str], "product_tag_ids.name")
    size = cold(str, "axes.Size")
    colour = cold(str, "axes.Colour")
    colour_french = cold(str, "axes.Colour@fr_FR")
    weight = cold(Decimal, "weight")
    unit = cold(str, "uom_id.display_name")
    text = cold(str, "description_sale")
    is_sold = cold(bool, "sale_ok")
    is_bought = cold(bool, "purchase_ok")
    picture = cold(bytes, "image_1920")
    picture_size = cold(str, "image_1920.size")
    price = hot(Decimal, "lst_price")
    cost = internal(Decimal, "standard_price")


class Named(ErpItem):
    """With as little as possible."""

    number = cold(str, "default_code", key=True)
    name = cold(str, "name")


class Stocked(ErpItem):
    """Stock alone."""

    number = cold(str, "default_code", key=True)
    on_hand = hot(Decimal, "qty_available")
    free = hot(Decimal, "free_qty")
    incoming = hot(Decimal, "incoming_qty")


EVERY = frozenset(spec.path for spec in Variant.specs.values())
NAMED = frozenset({"default_code", "name"})


@pytest.fixture(scope="module")
def world() -> Iterator[OdooWorld]:
    with live_odoo("19") as one:
        yield one


def read(erp: OdooAdapter[Any], since: Any = None, fields: frozenset[str] = NAMED, limit: int = 500) -> list[Page[Any]]:
    return list(erp.read_items(since, fields=fields, limit=limit))


def tombstones(pages: Sequence[Page[Any]]) -> list[str]:
    return [str(key) for page in pages for key in page.tombstones]


def delta(erp: OdooAdapter[Any], pages: Sequence[Page[Any]], fields: frozenset[str] = NAMED) -> list[Page[Any]]:
    return read(erp, pages[-1].resume, fields)


def at_once(world: OdooWorld, item: type[Any] = Named, **options: Any) -> OdooAdapter[Any]:
    """Without an overlap: what comes again is of the last second alone."""
    return world.adapter(item, overlap=timedelta(0), **options)


# ---- three protocols, one reader ----
@pytest.fixture(scope="module")
def rows(world: OdooWorld) -> dict[str, dict[str, Any]]:
    """What each protocol reads, before any test changes something."""
    found: dict[str, dict[str, Any]] = {}
    for protocol in PROTOCOLS:
        erp = world.adapter(Variant, protocol=protocol)
        found[protocol] = {one.key: one for page in read(erp, fields=EVERY, limit=64) for one in page.items}
    return found


def test_three_protocols_read_the_same(rows: dict[str, dict[str, Any]]) -> None:
    assert rows["json2"].keys() == VARIANTS.keys()
    for other in ("jsonrpc", "xmlrpc"):
        assert {key: one.row for key, one in rows[other].items()} == {
            key: one.row for key, one in rows["json2"].items()
        }
        for key, one in rows[other].items():
            assert one.fingerprint(tuple(EVERY)) == rows["json2"][key].fingerprint(tuple(EVERY))


def test_every_variant_is_read_with_relations_languages_axes_and_units(rows: dict[str, dict[str, Any]]) -> None:
    units = {"unit": "Units", "meter": "m", "kilogram": "kg"}
    for key, (template, variant) in VARIANTS.items():
        one = rows["json2"][key]
        assert (one.name, one.french, one.template) == (template.name["en"], template.name["fr"], template.name["en"])
        assert one.group.rpartition(" / ")[2] == CATEGORY_NAMES[template.category]
        assert (one.price, one.cost, one.unit) == (variant.list_price, template.cost, units[template.unit])
        if variant.options:
            names = catalog.COLOURS[variant.options["color"]]
            assert (one.size, one.colour, one.colour_french) == (variant.options["size"], names["en"], names["fr"])
        else:
            assert (one.row["axes.Size"], one.row["axes.Colour"]) == (None, None)


def test_the_protocol_is_found_out(world: OdooWorld) -> None:
    assert world.adapter(Named).check().facts["protocol"] == "json2"
    assert world.adapter(Named, world.password).check().facts["protocol"] == "jsonrpc"


def test_any_empty_value_is_false_and_a_boolean_stays_one(world: OdooWorld, rows: dict[str, dict[str, Any]]) -> None:
    key = world.create(purchase_ok=False)
    (page,) = world.adapter(Variant).read_some(Choice("default_code", (key,)), fields=EVERY, limit=9)
    (one,) = page.items
    assert (one.is_sold, one.is_bought) == (True, False)
    empty = ("description_sale", "image_1920", "image_1920.size", "axes.Size")
    assert [one.row[path] for path in empty] == [None] * 4
    assert (one.tags, one.row["weight"]) == (frozenset(), Decimal("0.00")), "a number is never empty in Odoo"


def test_money_is_a_float_and_comes_in_the_digits_that_were_meant(rows: dict[str, dict[str, Any]]) -> None:
    assert [rows[one]["TSH-ROM-XL-NVY"].price for one in PROTOCOLS] == [Decimal("21.9")] * 3
    assert str(rows["json2"]["PRT-SCR50"].row["weight"]) == "0.01", "Odoo holds two digits; 0.012 was written"


def test_an_image_without_a_log_in_is_a_placeholder_and_here_it_is_none(world: OdooWorld, rows: dict[str, Any]) -> None:
    # a service has no picture; over the web address there is one all the same
    address = f"{world.url}/web/image/product.product/{world.id_of('SRV-ASM')}/image_1920"
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=20) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
    service, shirt = rows["json2"]["SRV-ASM"], rows["json2"]["TSH-ROM-S-BLK"]
    assert service.row["image_1920"] is None
    assert shirt.picture.startswith(b"\x89PNG")
    assert shirt.picture_size == f"{len(shirt.picture)}.00 bytes"
    white = rows["json2"]["TSH-ROM-S-WHT"]
    assert white.picture != shirt.picture, "a variant of another colour has its own"


# ---- what a delta sees ----
def test_a_change_of_the_template_is_a_change_of_all_its_variants(world: OdooWorld) -> None:
    erp = at_once(world)
    before = read(erp)
    template = world.template_of("TSH-OSL-S-BLK")
    world.call("product.template", "write", [template], {"name": "Oslo T-shirt II"})
    changed = {one.key: one.name for page in delta(erp, before) for one in page.items}
    oslo = [key for key in VARIANTS if key.startswith("TSH-OSL-")]
    assert {key: changed[key] for key in oslo} == dict.fromkeys(oslo, "Oslo T-shirt II")
    assert len(changed) < len(VARIANTS), "not everything"


def test_a_translation_is_a_change(world: OdooWorld) -> None:
    class French(Named):
        french = cold(str, "name@fr_FR")

    erp = at_once(world, French)
    before = read(erp, fields=NAMED | {"name@fr_FR"})
    world.write("LMP-01", {"name": "Lampe Lune"}, context={"lang": "fr_FR"})
    changed = {
        one.key: (one.name, one.french) for page in delta(erp, before, NAMED | {"name@fr_FR"}) for one in page.items
    }
    assert changed["LMP-01"] == ("Desk lamp Luna", "Lampe Lune")


def test_the_name_of_a_category_or_of_an_axis_value_moves_no_product_and_is_seen(world: OdooWorld) -> None:
    class Grouped(Named):
        group = cold(str, "categ_id.complete_name")
        size = cold(str, "axes.Colour")

    fields = NAMED | {"categ_id.complete_name", "axes.Colour"}
    erp = at_once(world, Grouped)
    before = read(erp, fields=fields)
    stamp = world.call("product.product", "read", [world.id_of("LMP-02")], ["write_date"])
    (category,) = world.call("product.category", "search", [["name", "=", "Lighting"]])
    world.call("product.category", "write", [category], {"name": "Lights"})
    (olive,) = world.call("product.attribute.value", "search", [["name", "=", "Olive"]])
    world.call("product.attribute.value", "write", [olive], {"name": "Dark olive"})
    assert world.call("product.product", "read", [world.id_of("LMP-02")], ["write_date"]) == stamp
    changed = {one.key: one for page in delta(erp, before, fields) for one in page.items}
    assert changed["LMP-02"].group == "Home & Living / Lights"
    assert changed["HOD-BRN-S-OLV"].size == "Dark olive"
    world.call("product.category", "write", [category], {"name": "Lighting"})
    world.call("product.attribute.value", "write", [olive], {"name": "Olive"})


def test_equal_stamps_at_the_boundary_are_not_lost(world: OdooWorld) -> None:
    """Stamps are shown in whole seconds: what changed within the second of the last page comes again."""
    erp = at_once(world)
    keys = [world.create() for _ in range(3)]
    before = read(erp)
    world.edit_cold(keys[0])
    seen = delta(erp, before)
    world.edit_cold(keys[1])  # most often in the same second
    again = delta(erp, seen)
    assert keys[0] in keys_of(seen)
    assert keys[1] in keys_of(again)


def test_a_round_cut_short_goes_on_by_id(world: OdooWorld) -> None:
    erp = world.adapter(Named)
    pages = []
    for page in erp.read_items(None, fields=NAMED, limit=64):
        pages.append(page)
        if len(pages) == 2:
            break
    world.edit_cold("TSH-ROM-S-BLK")  # it was read already
    rest = read(world.adapter(Named), pages[-1].resume, limit=64)
    assert VARIANTS.keys() <= {*keys_of(pages), *keys_of(rest)}
    assert not {*keys_of(pages)} & {*keys_of(rest)}
    assert "TSH-ROM-S-BLK" in keys_of(read(world.adapter(Named), rest[-1].resume))


def test_one_change_takes_at_most_five_requests(world: OdooWorld) -> None:
    class Wide(Named):
        french = cold(str, "name@fr_FR")
        group = cold(str, "categ_id.complete_name")
        unit = cold(str, "uom_id.display_name")
        weight = cold(Decimal, "weight")

    fields = frozenset(spec.path for spec in Wide.specs.values())
    erp = at_once(world, Wide)
    before = read(erp, fields=fields)
    world.edit_cold("DSK-160")
    asked = erp._session.requests
    assert "DSK-160" in keys_of(delta(erp, before, fields))
    assert erp._session.requests - asked <= 5


# ---- what leaves no trace, and what leaves another ----
def test_an_archived_product_is_a_tombstone_unless_the_class_has_active(world: OdooWorld) -> None:
    class WithActive(Named):
        active = cold(bool, "active")

    key = world.create()
    erp = at_once(world)
    before = read(erp)
    assert "CAP-OLD" in tombstones(before)
    world.archive(key)
    after = delta(erp, before)
    assert (key in tombstones(after), key in keys_of(after)) == (True, False)
    pages = read(world.adapter(WithActive), fields=NAMED | {"active"})
    assert {one.key: one.active for page in pages for one in page.items}[key] is False
    assert tombstones(pages) == []


def test_what_an_archived_product_shares_with_one_in_use_is_not_gone(world: OdooWorld) -> None:
    key = world.create()
    erp = at_once(world)
    before = read(erp)
    world.archive(key)
    world.create(key, name="Its successor")
    for pages in (delta(erp, before), read(erp)):
        assert key not in tombstones(pages)
        assert [one.name for page in pages for one in page.items if one.key == key] == ["Its successor"]


def test_a_deleted_product_leaves_no_trace_but_is_missed(world: OdooWorld, tmp_path: Path) -> None:
    key = world.create()
    erp = at_once(world)
    missed = snapshot_diff(world.adapter(Named), tmp_path / "odoo.keys")
    before = read(erp)
    (*_, first) = missed.read_items(None, fields=NAMED, limit=500)
    assert key in keys_of(before)
    world.delete(key)
    gone = delta(erp, before)
    assert (key in keys_of(gone), tombstones(gone)) == (False, [])
    (*_, last) = missed.read_items(None, fields=NAMED, limit=500)
    assert key in last.tombstones
    assert first.resume != last.resume


def test_a_product_with_moves_cannot_be_deleted(world: OdooWorld) -> None:
    with pytest.raises(OdooSaysNo, match=r"(?i)archive|stock|referenc"):
        world.delete("DSK-120")


# ---- silence that would be taken for an answer ----
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("name@xx_XX", r"Odoo has no language xx_XX; it has de_DE, en_US, fr_FR"),
        ("axes.Sizes", r"path 'axes.Sizes': Odoo has no attribute 'Sizes' in en_US; it has: Size"),
        ("defualt_code", r"product.product has no field 'defualt_code'; like it: default_code"),
        ("categ_id.nam", r"product.category has no field 'nam'; like it: name"),
        ("bom_ids", r"no field 'bom_ids'; it comes with the module Manufacturing \(mrp\), which is not installed"),
        ("name.first", r"field 'name' of product.product is char, so nothing can follow it"),
    ],
)
def test_a_wrong_name_is_an_error_that_tells_the_right_ones(world: OdooWorld, path: str, words: str) -> None:
    class Wrong(Named):
        other = cold(str, path)

    with pytest.raises(ErpRefused, match=words):
        read(world.adapter(Wrong), fields=NAMED | {path})
    assert world.adapter(Wrong).check().ok is False


def test_without_its_company_a_cost_is_another_ones(world: OdooWorld) -> None:
    class Cost(Named):
        cost = internal(Decimal, "standard_price")

    (outlet,) = world.call("res.company", "search", [["name", "=", "Bridge Outlet"]])
    fields = NAMED | {"standard_price"}
    cost = {}
    for company in (None, outlet):
        pages = read(world.adapter(Cost, company=company), fields=fields)
        cost[company] = {one.key: one.cost for page in pages for one in page.items}
    assert (cost[None]["DSK-120"], cost[outlet]["DSK-120"]) == (Decimal(96), Decimal(80))
    assert cost[outlet]["DSK-160"] == 0, "which the outlet never said, and no error tells"
    with pytest.raises(ErpRefused, match="may not read product.product; give the user the right.*companies"):
        read(world.adapter(Cost, company=987), fields=fields)


def test_stock_is_that_of_the_places_asked_for(world: OdooWorld) -> None:
    (overflow,) = world.call("stock.location", "search", [["name", "=", "Overflow"]])
    key = "TSH-LIS-S-WHT"
    stock = VARIANTS[key][1].stock
    amounts = []
    for locations in (None, [overflow]):
        (page,) = world.adapter(Stocked, locations=locations).read_hot(None, keys=[key])
        amounts.append(page.items[0].on_hand)
    assert amounts == [sum(stock.values()), stock["overflow"]]
    with pytest.raises(ErpRefused, match="no location with the id 98765"):
        list(world.adapter(Stocked, locations=[98765]).read_hot(None, keys=[key]))


# ---- stock and prices ----
def test_computed_stock_and_prices_move_no_stamp(world: OdooWorld) -> None:
    class Offered(Named):
        stock = hot(Decimal, "free_qty")
        price = hot(Decimal, "lst_price")

    key = "TSH-KYO-XL-BLK"
    erp = at_once(world)
    before = read(erp)
    (shirt,) = (one for page in read(erp) for one in page.items if one.key == key)
    world.edit_hot(key)
    surcharge = world.call(
        "product.template.attribute.value", "search",
        [["product_tmpl_id", "=", world.template_of(key)], ["name", "=", "XL"]],
    )  # fmt: skip
    world.call("product.template.attribute.value", "write", surcharge, {"price_extra": 3.5})
    assert key not in keys_of(delta(erp, before)), "neither moved a stamp of what is read"
    (again,) = (one for page in read(erp) for one in page.items if one.key == key)
    assert again.fingerprint(("default_code", "name")) == shirt.fingerprint(("default_code", "name"))
    (page,) = world.adapter(Offered).read_hot(None, keys=[key])
    assert [(one.stock > 1000, one.price) for one in page.items] == [(True, Decimal("30.5"))]


def test_moved_stock_is_read_by_the_stamps_of_quants_and_moves(world: OdooWorld) -> None:
    erp = at_once(world, Stocked, stock_by_stamps=True)
    first = list(erp.read_hot(None, keys=None))
    assert len({*keys_of(first)} & VARIANTS.keys()) == len(VARIANTS)
    world.edit_hot("JKT-ALP-M-BLK")
    moved = list(erp.read_hot(first[-1].resume, keys=None))
    assert "JKT-ALP-M-BLK" in keys_of(moved)
    assert len(keys_of(moved)) < 5
    world.count("JKT-ALP-M-BLK", 0)
    sold_out = list(erp.read_hot(moved[-1].resume, keys=None))
    amounts = {one.key: one.on_hand for page in sold_out for one in page.items}
    assert amounts["JKT-ALP-M-BLK"] == VARIANTS["JKT-ALP-M-BLK"][1].stock["overflow"]


def test_stamps_are_refused_for_what_moves_without_one(world: OdooWorld) -> None:
    class Priced(Stocked):
        price = hot(Decimal, "lst_price")

    with pytest.raises(ConfigurationError, match="lst_price may move without a stamp"):
        list(world.adapter(Priced, stock_by_stamps=True).read_hot(None, keys=None))


# ---- choosing ----
def test_a_choice_is_made_by_odoo_where_it_compares_as_python_does(world: OdooWorld) -> None:
    erp = world.adapter(Variant)

    def chosen(path: str, *values: str | int) -> set[str]:
        return {*keys_of(list(erp.read_some(Choice(path, values), fields=frozenset({"default_code"}), limit=100)))}

    assert chosen("default_code", "DSK-120", "MUG-01") == {"DSK-120", "MUG-01"}
    assert chosen("categ_id.complete_name", "Footwear / Boots") == {key for key in VARIANTS if key.startswith("BOT-")}
    assert chosen("default_code", "dsk-120") == set()
    assert VARIANTS.keys() <= chosen("weight", "0.36"), "amounts are compared in Python"
    assert VARIANTS.keys() <= chosen("name@fr_FR", "Bureau 160 cm"), "as are texts of another language"
    assert VARIANTS.keys() <= chosen("axes.Size", "XL"), "and values of an axis"


def test_other_models_are_read_as_well(world: OdooWorld) -> None:
    class Rule(ErpItem):
        number = cold(int, "id", key=True)
        price_list = cold(str, "pricelist_id.display_name")
        percent = hot(Decimal, "percent_price")
        group = cold(str, "categ_id.complete_name").nullable()

    class Group(ErpItem):
        number = cold(str, "complete_name", key=True)
        parent = cold(str, "parent_id.complete_name").nullable()

    fields = frozenset(spec.path for spec in Rule.specs.values())
    rules = [
        one for page in read(world.adapter(Rule, model="product.pricelist.item"), fields=fields) for one in page.items
    ]
    assert {(one.percent, one.group) for one in rules} == {(20, None), (25, None), (30, "Home & Living / Furniture")}
    erp = world.adapter(Group, model="product.category")
    groups = {
        one.number: one.parent
        for page in read(erp, fields=frozenset({"complete_name", "parent_id.complete_name"}))
        for one in page.items
    }
    assert groups["Home & Living / Furniture / Furniture parts"] == "Home & Living / Furniture"
    assert groups["Home & Living"] is None


def test_describe_tells_types_and_what_may_be_written(world: OdooWorld) -> None:
    schema = world.adapter(Variant).describe()
    known = {one.name: one for one in schema.fields}
    assert (known["default_code"].kind, known["default_code"].writable) == ("char", True)
    assert (known["write_date"].kind, known["write_date"].writable) == ("datetime", False)
    assert (known["axes.Size"].kind, known["axes.Size"].writable) == ("char", False)
    assert (known["name@fr_FR"].writable, known["qty_available"].kind) == (True, "float")


# ---- who may not ----
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_wrong_password_is_told_without_it(world: OdooWorld, protocol: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    erp = world.adapter(Named, "guessed-secret", protocol=protocol)
    health = erp.check()
    assert (health.ok, "does not let 'admin' in" in health.message) == (False, True)
    assert "guessed-secret" not in f"{health} {erp!r} {erp._session!r} {caplog.text}"


@pytest.mark.parametrize("protocol", [None, *PROTOCOLS])
def test_a_wrong_database_is_told(world: OdooWorld, protocol: str | None) -> None:
    erp = OdooAdapter(world.url, "elsewhere", world.user, world.api_key, Named, protocol=protocol)  # type: ignore[arg-type]  # a parameter of the test
    assert "no database 'elsewhere'" in (said := erp.check().message) or "database 'elsewhere'; check" in said


@pytest.mark.parametrize("protocol", ["jsonrpc", "xmlrpc"])
def test_a_missing_right_is_named(world: OdooWorld, protocol: Any) -> None:
    secret = world.facts["clerk_password"]
    erp = OdooAdapter(world.url, world.database, "clerk", secret, Named, protocol=protocol)
    said = erp.check().message
    assert "user 'clerk' may not read product.product; ask for one of the groups " in said
    assert "Inventory" in said.partition("groups")[2]
    assert secret not in said


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_missing_module_is_named(world: OdooWorld, protocol: Any) -> None:
    health = world.adapter(Named, model="mrp.bom", protocol=protocol).check()
    assert "no model 'mrp.bom'; it comes with the module Manufacturing (mrp), which is not installed" in health.message


def test_the_key_of_another_user_is_told(world: OdooWorld) -> None:
    erp = OdooAdapter(world.url, world.database, "clerk", world.api_key, Named, protocol="json2")
    assert "the key is not of user 'clerk' but of 'admin'" in erp.check().message


def test_a_cursor_of_other_fields_has_expired(world: OdooWorld) -> None:
    pages = read(world.adapter(Named))
    with pytest.raises(CursorExpired, match="of other fields or another adapter"):
        read(world.adapter(Named, language="fr_FR"), pages[-1].resume)


# ---- writing ----
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_draft_is_written_once_whatever_the_protocol(world: OdooWorld, protocol: Any) -> None:
    erp = world.adapter(Variant, protocol=protocol)
    key = f"PIM-{protocol}"
    (category,) = world.call("product.category", "search", [["name", "=", "Kitchen"]])
    draft = OdooDraft(
        {
            "default_code": key,
            "name": "Whisk",
            "name@fr_FR": "Fouet",
            "list_price": Decimal("7.90"),
            "categ_id.complete_name": "Home & Living / Kitchen",
            "sale_ok": True,
            "purchase_ok": False,
            "description_sale": None,
            "image_1920": PICTURE,
        }
    )  # fmt: skip
    assert erp.find_by_key(key) is None
    first = erp.write_item(draft, idempotency_key=key, if_version=None)
    again = erp.write_item(draft, idempotency_key=key, if_version=None)
    assert (first.created, again.created, first.ref.key, again.ref.key) == (True, False, key, key)
    assert erp.find_by_key(key) == again.ref
    (page,) = erp.read_some(Choice("default_code", (key,)), fields=EVERY, limit=9)
    (one,) = page.items
    assert (one.name, one.french, one.price, one.category) == ("Whisk", "Fouet", Decimal("7.9"), category)
    assert (one.is_sold, one.is_bought, one.row["description_sale"]) == (True, False, None)
    assert one.picture.startswith(b"\x89PNG")


def test_an_item_is_a_draft_too(world: OdooWorld) -> None:
    erp: PimFirstErp[Named] = world.adapter(Named)  # what the PIM-first way of working demands
    item = Named({"default_code": "PIM-ITEM", "name": "Sieve"})
    result = erp.write_item(item, idempotency_key="item", if_version=None)
    assert (result.created, result.ref.key, erp.find_by_key("item")) == (True, "PIM-ITEM", result.ref)
    with pytest.raises(ErpRefused, match="path 'name' of product.product is char and was given object"):
        erp.write_item(Named({"default_code": "PIM-ITEM", "name": object()}), idempotency_key="item", if_version=None)


def test_creating_twice_at_once_gives_one(world: OdooWorld) -> None:
    def write(number: int) -> Any:
        erp = world.adapter(Named)
        draft = OdooDraft({"default_code": "PIM-RACE", "name": f"Written by {number}"})
        return erp.write_item(draft, idempotency_key="race", if_version=None)

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(write, range(4)))
    assert {one.ref.key for one in results} == {"PIM-RACE"}
    assert world.id_of("PIM-RACE")  # one, or it raises


def test_who_comes_between_the_looks_for_key_and_number_made_the_same(
    world: OdooWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happens by chance above: the key was not there yet, and the number is."""
    draft = OdooDraft({"default_code": "PIM-BETWEEN", "name": "Written"})
    looked = OdooWriter._number
    looks: list[str] = []

    def look(writer: OdooWriter, key: str) -> int | None:
        looks.append(key)
        if len(looks) > 1:
            return looked(writer, key)
        assert world.adapter(Named).write_item(draft, idempotency_key="between", if_version=None).created
        return None

    monkeypatch.setattr(OdooWriter, "_number", look)
    result = world.adapter(Named).write_item(draft, idempotency_key="between", if_version=None)
    assert (result.created, result.ref.key) == (False, "PIM-BETWEEN")
    assert world.id_of("PIM-BETWEEN")  # one, or it raises


def test_a_version_that_is_no_longer_there_is_refused(world: OdooWorld) -> None:
    erp = world.adapter(Named)
    made = erp.write_item(OdooDraft({"default_code": "PIM-V", "name": "One"}), idempotency_key="v", if_version=None)
    domain = [["id", "=", world.id_of("PIM-V")]]
    while world.call("product.product", "search_read", domain, ["write_date"])[0]["write_date"] in str(
        made.ref.version
    ):
        world.edit_cold("PIM-V")  # a version is of a second
    with pytest.raises(ErpRefused, match="'PIM-V' has changed in Odoo since it was read"):
        erp.write_item(OdooDraft({"name": "Two"}), idempotency_key="v", if_version=made.ref.version)
    now = erp.find_by_key("v")
    assert now is not None
    erp.write_item(OdooDraft({"name": "Two"}), idempotency_key="v", if_version=now.version)
    assert world.call("product.product", "search_read", domain, ["name"])[0]["name"] == "Two"


def test_a_number_that_is_there_is_not_given_twice_but_may_be_taken_over(world: OdooWorld) -> None:
    key = world.create()
    erp = world.adapter(Named)
    draft = OdooDraft({"default_code": key, "name": "Taken over"})
    with pytest.raises(ErpRefused, match=f"has a record with default_code '{key}' .* not made with this key"):
        erp.write_item(draft, idempotency_key="mine", if_version=None)
    (template,) = world.call("product.product", "read", [world.id_of(key)], ["write_date", "product_tmpl_id"])
    (own,) = world.call("product.template", "read", [template["product_tmpl_id"][0]], ["write_date"])
    version = f"{template['write_date']} {own['write_date']}"
    result = erp.write_item(draft, idempotency_key="mine", if_version=version)
    assert (result.created, result.ref.key) == (False, key)
    assert erp.find_by_key("mine") == result.ref
    assert world.call("product.product", "read", [world.id_of(key)], ["name"])[0]["name"] == "Taken over"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"nam": "x"}, "product.product has no field 'nam'; like it: name"),
        ({"name": "x", "write_date": None}, "path 'write_date': Odoo does not let product.product be written there"),
        ({"name": "x", "weight": "heavy"}, "path 'weight' of product.product is float and was given str 'heavy'"),
        ({"name": "x", "categ_id.complete_name": "Nowhere"}, "product.category has no record with 'Nowhere'"),
        ({"name": "x", "barcode": "2000000000015"}, "'BAD': Odoo refused it: .*already assigned"),
        ({"barcode": "2000000999991"}, "'BAD': Odoo refused it: .*[Nn]ame"),
    ],
)
def test_a_wrong_draft_names_record_and_field(world: OdooWorld, values: dict[str, Any], words: str) -> None:
    erp = world.adapter(Named)
    with pytest.raises(ErpRefused, match=words):
        erp.write_item(OdooDraft({"default_code": "BAD", **values}), idempotency_key="bad", if_version=None)
    assert erp.find_by_key("bad") is None
    assert not world.call("product.product", "search", [["default_code", "=", "BAD"]])


# ---- from Odoo to the PIM ----
@pytest.fixture(scope="module")
def simulator() -> PimSimulator:
    made: PimSimulator = example.furnished()
    return made


@pytest.fixture(scope="module")
def pim(simulator: PimSimulator) -> Iterator[AkeneoClient]:
    auth = PasswordAuth(**simulator.auth_kwargs)
    with AkeneoClient(simulator.url, auth, transport=simulator.transport()) as client:
        yield client


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteState]:
    with SqliteState(tmp_path_factory.mktemp("odoo") / "bridge.db") as one:
        yield one


@pytest.fixture(scope="module")
def connection(world: OdooWorld) -> Any:
    return example.Connection(world.url, world.database, world.user, world.api_key)


@pytest.fixture(scope="module")
def variants(connection: Any, pim: AkeneoClient, state: SqliteState) -> ErpToPim[Any]:
    groups = ErpToPim(connection.adapter(example.Group, "product.category"), example.GROUPS, pim, state).run()
    assert (groups.accounts_for_everything(), groups.parked) == (True, 0), groups
    erp = OdooAdapter(
        connection.url, connection.database, connection.user, connection.key, example.Variant,
        domain=[["categ_id.name", "in", list(example.FAMILY_OF)], ["default_code", "in", list(VARIANTS)]],
    )  # fmt: skip
    job = ErpToPim(erp, example.PRODUCTS, pim, state)
    report = job.run()
    assert (report.accounts_for_everything(), report.created, report.parked) == (True, len(VARIANTS), 0), report
    return job


@pytest.fixture
def products(variants: ErpToPim[Any], pim: AkeneoClient) -> dict[str, Product]:
    return {str(one.values.text("sku")): one for one in pim.products.list()}


def test_products_arrive_as_odoo_has_them(world: OdooWorld, products: dict[str, Product]) -> None:
    assert products.keys() == VARIANTS.keys()
    for number, (template, variant) in VARIANTS.items():
        product = products[number]
        assert product.values.text("description", locale="de_DE") == template.text["de"], number
        assert product.values.text("ean") == variant.ean
    shirt = products["TSH-ROM-S-BLK"]
    assert (shirt.family, shirt.values.option("colour"), shirt.values.option("size")) == ("clothing", "BLK", "S")
    assert shirt.values.metric("weight") == Metric(Decimal("0.18"), "KILOGRAM")
    assert products["TSH-ROM-XL-NVY"].values.prices("reference_price") == (Price(Decimal("21.90"), "EUR"),)


def test_one_change_in_odoo_is_one_change_in_the_pim(
    connection: Any, variants: ErpToPim[Any], simulator: PimSimulator, products: dict[str, Product], pim: AkeneoClient
) -> None:
    before = products["CHR-STD"]
    example.rename(connection, "CHR-STD", "fr_FR", "Chaise Standard en hêtre")
    simulator.forget_calls()
    report = variants.run()
    assert (report.updated, report.cells, len(simulator.mutating_calls)) == (1, 1, 1), report
    assert pim.products.get(before.uuid).values.text("name", locale="fr_FR") == "Chaise Standard en hêtre"


def test_stock_goes_to_the_shop_and_nothing_is_written_to_the_pim(
    world: OdooWorld,
    connection: Any,
    variants: ErpToPim[Any],
    simulator: PimSimulator,
    state: SqliteState,
    tmp_path: Path,
) -> None:
    with SqliteSink(tmp_path / "shop.db") as shop:
        relay = HotRelay(connection.adapter(example.Offered, "product.product"), example.FEEDS, shop, state)
        assert relay.run().parked == 0
        simulator.forget_calls()
        world.edit_hot("DSK-120")
        moved = relay.run()
        assert (moved.updated, moved.created) == (1, 0)
        assert Decimal(str(shop.offer("DSK-120")["available"])) > 1000
        assert simulator.calls == []
        report = variants.run()
        assert (report.written, simulator.mutating_calls) == (0, [])


SKU: Cell[str] = Cell("sku")
NAME: Cell[str] = Cell("name", locale="en_US")


def test_skus_are_not_unique_by_number_the_first_counts_in_each_run(world: OdooWorld, tmp_path: Path) -> None:
    mapping = ProductMapping(
        Named, (Named.number >> sku()).to(SKU), (Named.name >> clean()).to(NAME), constant("goods").to(FAMILY)
    )
    key = world.create(name="First of two")
    world.create(key, name="Second of two")
    only = [["default_code", "=", key]]
    ids = world.call("product.product", "search", only)
    with example.furnished() as simulator, SqliteState(tmp_path / "state.db") as state:
        pim = simulator.client()
        job = ErpToPim(at_once(world, domain=only), mapping, pim, state)

        def names() -> list[str | None]:
            return [one.values.text("name", locale="en_US") for one in pim.products.list()]

        first = job.run()
        assert (first.created, first.parked) == (1, 1)
        (parked,) = state.parked(job.stream)
        assert (parked.key, parked.code) == (key, "duplicate")
        assert "has this key twice" in parked.detail
        world.call("product.product", "write", [max(ids)], {"name": "Second, changed"})
        second = job.run()  # a delta, in which the second alone has changed
        assert (names(), second.written, second.parked) == (["First of two"], 0, 1)


def test_skus_are_not_unique_by_id_the_second_is_parked_with_the_first_ones_key(
    world: OdooWorld, tmp_path: Path
) -> None:
    class ById(ErpItem):
        id = cold(int, "id", key=True)
        number = cold(str, "default_code")
        name = cold(str, "name")

    mapping = ProductMapping(
        ById, (ById.number >> sku()).to(SKU), (ById.name >> clean()).to(NAME), constant("goods").to(FAMILY)
    )
    key = world.create(name="Older")
    world.create(key, name="Newer")
    older, newer = sorted(world.call("product.product", "search", [["default_code", "=", key]]))
    with example.furnished() as simulator, SqliteState(tmp_path / "state.db") as state:
        erp = at_once(world, ById, domain=[["default_code", "=", key]])
        job = ErpToPim(erp, mapping, simulator.client(), state)
        report = job.run()
        (parked,) = state.parked(job.stream)
        assert (report.created, report.parked, parked.key, parked.code) == (1, 1, str(newer), "duplicate_identifier")
        assert f"is in the PIM for ERP key '{older}'" in parked.detail


def test_a_server_that_is_gone_is_worth_a_retry() -> None:
    erp = OdooAdapter("http://127.0.0.1:9", "erp", "admin", "secret", Named)
    erp._session.sleep = lambda _: None
    with pytest.raises(ErpUnreachable, match="does not answer"):
        read(erp)

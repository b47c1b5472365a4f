"""`FrappeAdapter` and `FrappeWriter` against answers written after Frappe's documentation, over real HTTP."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from akeneo.wire import Reply, Wire, said
from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import (
    Beside,
    Choice,
    Cursor,
    ErpItem,
    FrappeAdapter,
    FrappeSite,
    FrappeWriter,
    HotReader,
    ItemReader,
    ItemWriter,
    Lines,
    Page,
    cold,
    hot,
    snapshot_diff,
)
from akeneo_erp_bridge.errors import CursorExpired, ErpConflict, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.sync import HotRelay, SqliteState

ROOT = Path(__file__).parents[2]


def module(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


frappe_site = module("frappe_site", ROOT / "tools" / "frappe" / "frappe_site.py")
example = module("erpnext_import", ROOT / "examples" / "erpnext_import.py")
BERLIN = ZoneInfo("Europe/Berlin")


class Article(ErpItem):
    code = cold(str, "item_code", key=True)
    name = cold(str, "item_name")
    french = cold(str, "item_name@fr").nullable()
    group = cold(str, "item_group")
    template = cold(str, "variant_of").nullable()
    is_template = cold(bool, "has_variants")
    weight = cold(Decimal, "weight_per_unit")
    axes = cold(Lines, "attributes")
    sizes = cold(str, "attributes[*].attribute_value").many()
    eans = cold(str, "barcodes[*].barcode").many()
    units = cold(Decimal, "uoms[*].conversion_factor").many()
    image = cold(str, "image").nullable()
    changed = cold(datetime, "modified")
    prices = hot(Lines, "prices")
    stock = hot(Decimal, "bins[*].actual_qty").many()


class Small(ErpItem):
    code = cold(str, "item_code", key=True)
    name = cold(str, "item_name").nullable()


class Offered(ErpItem):
    code = cold(str, "item_code", key=True)
    rates = hot(Decimal, "prices[*].price_list_rate").many()
    stock = hot(Decimal, "bins[*].actual_qty").many()


class Group(ErpItem):
    name = cold(str, "name", key=True)
    parent = cold(str, "parent_item_group").nullable()


FIELDS = frozenset({"item_name"})


@pytest.fixture
def erpnext() -> Iterator[Any]:
    with frappe_site.Site() as one:
        frappe_site.fill(one)
        yield one


@pytest.fixture
def site(erpnext: Any) -> Iterator[FrappeSite]:
    one = FrappeSite(erpnext.url, frappe_site.KEY, frappe_site.SECRET)
    one.session.sleep = lambda _: None
    yield one
    one.close()


def keys(pages: Iterator[Page[Any]] | list[Page[Any]]) -> list[str]:
    return [item.key for page in pages for item in page.items]


def read(erp: FrappeAdapter[Small], since: Cursor | None = None, limit: int = 100) -> list[Page[Small]]:
    return list(erp.read_items(since, fields=FIELDS, limit=limit))


# ---- cold: Frappe's "REST API", "Listing documents"; ERPNext's DocTypes Item, Item Barcode, Item Variant Attribute ----
def test_items_with_their_tables_and_translations(site: FrappeSite) -> None:
    erp = FrappeAdapter(site, Article)
    fields = frozenset(spec.path for spec in Article.specs.values())
    pages = list(erp.read_items(None, fields=fields, limit=2))
    items = {item.key: item for page in pages for item in page.items}
    assert sorted(items) == ["BOLT/8 'x'", "TSH", "TSH-M", "TSH-S"]
    assert [key for page in pages for key in page.tombstones] == ["OLD-1"], "a disabled item is a tombstone"
    shirt, bolt = items["TSH-M"], items["BOLT/8 'x'"]
    assert (shirt.template, shirt.is_template, items["TSH"].is_template) == ("TSH", False, True)
    assert (shirt.sizes, shirt.eans, shirt.units) == (("M",), ("4000000000011",), (Decimal("12.0"),))
    assert (shirt.axes[0]["attribute"], shirt.axes[0]["attribute_value"]) == ("Size", "M")
    assert (bolt.french, shirt.french, bolt.eans) == ("Boulon", None, ())
    assert (bolt.weight, [line["price_list_rate"] for line in bolt.prices]) == (Decimal("1.5"), [Decimal("0.1")])
    assert bolt.stock == (Decimal("4.0"), Decimal("4.0"))
    assert shirt.changed.tzinfo == BERLIN
    assert shirt.image is not None
    assert site.read_file(shirt.image).startswith(b"\x89PNG")


def test_item_groups_are_a_tree(site: FrappeSite) -> None:
    groups = [one for page in FrappeAdapter(site, Group, doctype="Item Group").read_items(
        None, fields=frozenset({"parent_item_group"}), limit=2) for one in page.items]  # fmt: skip
    assert {one.name: one.parent for one in groups} == {
        "All Item Groups": "", "Shirts": "All Item Groups", "Parts": "All Item Groups",
    }  # fmt: skip


def test_a_delta_by_modified_with_ties_and_stops(erpnext: Any, site: FrappeSite) -> None:
    for number in range(20):
        erpnext.save("Item", f"N{number:02}", item_code=f"N{number:02}", item_name="new", disabled=0)
        erpnext.documents["Item"][f"N{number:02}"]["modified"] = "2026-03-01 09:00:00.123456"
    erp = FrappeAdapter(site, Small, overlap=timedelta(0))
    pages = read(erp, limit=3)
    everything = set(keys(pages)) | {"OLD-1"}
    assert everything == set(erpnext.documents["Item"])
    assert len(keys(pages)) == len(everything) - 1, "each comes once"
    again = read(erp, pages[4].resume, limit=3)
    assert set(keys(pages[:5])) | set(keys(again)) | {"OLD-1"} == everything
    erpnext.now = datetime(2026, 3, 1, 10)  # noqa: DTZ001  # as Frappe has it
    erpnext.save("Item", "TSH", item_name="Renamed")
    delta = read(erp, pages[-1].resume, limit=3)
    assert "TSH" in keys(delta)
    assert set(keys(delta)) - {"TSH"} == {f"N{number:02}" for number in range(20)}, "the greatest stamp comes again"


def test_rows_that_move_while_they_are_read_lose_nobody(erpnext: Any, site: FrappeSite) -> None:
    for number in range(12):
        erpnext.save("Item", f"N{number:02}", item_code=f"N{number:02}", item_name="new", disabled=0)
    erp = FrappeAdapter(site, Small, overlap=timedelta(0))
    pages = iter(erp.read_items(None, fields=FIELDS, limit=4))
    first = keys([next(pages)])
    for code in first:
        erpnext.save("Item", code, item_name="moved")
    erpnext.delete("Item", "N00")
    rest = keys(pages)
    assert set(first) | set(rest) >= set(erpnext.documents["Item"]) - {"OLD-1"}


def test_stamps_are_in_the_zone_of_the_site(erpnext: Any, site: FrappeSite) -> None:
    """The hour that comes twice when clocks are set back: rows of both are read."""
    erp = FrappeAdapter(site, Small, overlap=timedelta(minutes=1))
    erpnext.documents["Item"].clear()
    for code, stamp in (("A", "2025-10-26 02:50:00.000000"), ("B", "2025-10-26 02:10:00.000000")):
        erpnext.save("Item", code, item_code=code, disabled=0)
        erpnext.documents["Item"][code]["modified"] = stamp
    first = read(erp)
    erpnext.save("Item", "C", item_code="C", disabled=0)
    erpnext.documents["Item"]["C"]["modified"] = "2025-10-26 02:05:00.000000"  # an hour later than its hands say
    assert "C" in keys(read(erp, first[-1].resume))
    assert site.zone() == BERLIN


def test_deleted_documents_are_tombstones_with_the_item_s_own_key(erpnext: Any, site: FrappeSite) -> None:
    erpnext.save("Item", "RENAMED", item_code="CODE-1", item_name="x", disabled=0)
    for name in ("AGAIN", "GONE"):
        erpnext.save("Item", name, item_code=name, disabled=0)
    erp = FrappeAdapter(site, Small, overlap=timedelta(0))
    start = read(erp)[-1].resume
    erpnext.delete("Item", "RENAMED")
    erpnext.delete("Item", "AGAIN")
    erpnext.save("Item", "AGAIN", item_code="AGAIN", disabled=0)
    second = read(erp, start)
    assert list(second[-1].tombstones) == ["CODE-1"]
    erpnext.tick(timedelta(hours=1))
    erpnext.delete("Item", "GONE")
    third = read(erp, second[-1].resume)
    assert list(third[-1].tombstones) == ["GONE"], "and not what was told an hour ago"


def test_a_deletion_before_a_stop_is_told_after_it(erpnext: Any, site: FrappeSite) -> None:
    erp = FrappeAdapter(site, Small, overlap=timedelta(0))
    start = read(erp)[-1].resume
    erpnext.delete("Item", "TSH-S")
    erpnext.tick(timedelta(hours=1))
    erpnext.delete("Item", "TSH-M")
    for number in range(5):
        erpnext.save("Item", f"N{number}", item_code=f"N{number}", disabled=0)
    page = next(iter(erp.read_items(start, fields=FIELDS, limit=2)))
    assert list(read(erp, page.resume)[-1].tombstones) == ["TSH-S", "TSH-M"]


def test_without_the_right_to_deletions_snapshots_find_them(erpnext: Any, site: FrappeSite, tmp_path: Path) -> None:
    erpnext.closed.add("Deleted Document")
    with pytest.raises(ErpRefused, match="Insufficient Permission for Deleted Document"):
        read(FrappeAdapter(site, Small))
    erp = snapshot_diff(FrappeAdapter(site, Small, deletions=False), tmp_path / "keys.db")
    list(erp.read_items(None, fields=FIELDS, limit=10))
    erpnext.delete("Item", "TSH-S")
    pages = list(erp.read_items(None, fields=FIELDS, limit=10))
    assert "TSH-S" in [key for page in pages for key in page.tombstones]


def test_disabled_is_a_field_where_the_item_class_has_it(site: FrappeSite) -> None:
    class WithState(ErpItem):
        code = cold(str, "item_code", key=True)
        disabled = cold(bool, "disabled")

    pages = list(FrappeAdapter(site, WithState).read_items(None, fields=frozenset({"disabled"}), limit=10))
    assert [one.disabled for page in pages for one in page.items if one.key == "OLD-1"] == [True]
    assert [key for page in pages for key in page.tombstones] == []


def test_cursors_of_others_have_expired(site: FrappeSite) -> None:
    erp = FrappeAdapter(site, Small)
    good = read(erp)[-1].resume
    for bad in (
        Cursor("timestamp", "{", good.schema_hash),
        Cursor("timestamp", '{"inner": 1}', good.schema_hash),
        Cursor("snapshot", good.blob, good.schema_hash),
        Cursor("timestamp", good.blob, "other"),
    ):
        with pytest.raises(CursorExpired):
            read(erp, bad)
        with pytest.raises(CursorExpired):
            list(erp.read_hot(Cursor("token", "{}", "x"), keys=None))


# ---- hot: ERPNext's DocTypes Bin and Item Price, each with its own clock ----
def test_stock_and_prices_have_clocks_of_their_own(erpnext: Any, site: FrappeSite) -> None:
    erp = FrappeAdapter(site, Offered, overlap=timedelta(0))
    first = list(erp.read_hot(None, keys=None))
    assert sorted(keys(first)) == ["BOLT/8 'x'", "TSH", "TSH-M", "TSH-S"]
    since = first[-1].resume
    stamp = erpnext.documents["Item"]["TSH-S"]["modified"]
    erpnext.save("Bin", "TSH-S-Shop", actual_qty=0.0)
    erpnext.save("Item Price", "p-TSH-M", price_list_rate=21.15)
    assert erpnext.documents["Item"]["TSH-S"]["modified"] == stamp
    erpnext.asked.clear()
    delta = list(erp.read_hot(since, keys=None))
    found = {one.key: one for page in delta for one in page.items}
    assert found["TSH-S"].stock == (Decimal("4.0"), Decimal("0.0"))
    assert found["TSH-M"].rates == (Decimal("21.15"),)
    assert set(found) <= {"TSH-S", "TSH-M", "BOLT/8 'x'"}, "what moved, and the newest of the run before"
    quiet = keys(list(erp.read_hot(delta[-1].resume, keys=None)))
    assert set(quiet) <= {"TSH-S", "TSH-M", "BOLT/8 'x'", "OLD-1"}
    assert keys(read(FrappeAdapter(site, Small, overlap=timedelta(0)), None)) != []


def test_a_stopped_hot_run_goes_on_and_its_bounds_are_those_of_its_beginning(erpnext: Any, site: FrappeSite) -> None:
    for number in range(250):
        erpnext.save("Item", f"N{number:03}", item_code=f"N{number:03}", disabled=0)
    erp = FrappeAdapter(site, Offered, overlap=timedelta(0))
    page = next(iter(erp.read_hot(None, keys=None)))
    assert len(page.items) + len(page.tombstones) == 200
    changed = str(page.items[5].key)  # not one that is the newest of its kind
    erpnext.save("Bin", f"{changed}-Main", item_code=changed, actual_qty=9.0)
    erpnext.save("Bin", "TSH-S-Main", actual_qty=8.0)  # later still
    rest = list(erp.read_hot(page.resume, keys=None))
    assert len(set(keys([page])) | set(keys(rest))) == 254
    assert changed not in keys(rest)
    assert changed in keys(list(erp.read_hot(rest[-1].resume, keys=None)))


def test_hot_values_of_some_keys_and_a_choice(site: FrappeSite) -> None:
    erp = FrappeAdapter(site, Offered)
    assert sorted(keys(list(erp.read_hot(None, keys=["BOLT/8 'x'", "TSH-S", "nobody"])))) == ["BOLT/8 'x'", "TSH-S"]
    assert keys(list(erp.read_hot(None, keys=[]))) == []
    small = FrappeAdapter(site, Small)
    assert keys(list(small.read_some(Choice("item_group", ("Parts",)), fields=FIELDS, limit=1))) == ["BOLT/8 'x'"]
    everything = list(small.read_some(Choice("weight_per_unit", ("1.5",)), fields=FIELDS, limit=3))
    assert len(keys(everything)) == 4, "numbers are compared in Python, so all are given"


def test_many_keys_are_asked_for_in_a_body(erpnext: Any, site: FrappeSite) -> None:
    wanted = [f"a rather long item code {number}" for number in range(450)]
    for code in wanted:
        erpnext.save("Item", code, item_code=code, disabled=0)
    erpnext.asked.clear()
    assert sorted(keys(list(FrappeAdapter(site, Offered).read_hot(None, keys=wanted)))) == sorted(wanted)
    assert max(len(line) for line in erpnext.asked) < 1700
    assert any(line.startswith("POST /api/method/frappe.client.get_list") for line in erpnext.asked)


def test_prices_and_stock_reach_the_shop(erpnext: Any, site: FrappeSite, tmp_path: Path) -> None:
    class Priced(ErpItem):
        code = cold(str, "item_code", key=True)
        price = hot(Decimal, "prices[0].price_list_rate")

    erp = FrappeAdapter(site, Priced)
    with SqliteState(tmp_path / "state.db") as state, SqliteSink(tmp_path / "shop.db") as shop:
        relay = HotRelay(erp, [Priced.price.feed("price")], shop, state)
        relay.run()
        erpnext.save("Item Price", "p-TSH-M", price_list_rate=33.33)
        assert relay.run().written == 1
        assert Decimal(str(shop.offer("TSH-M")["price"])) == Decimal("33.33")


def test_what_stands_beside_another_doctype_is_yours_to_say(site: FrappeSite) -> None:
    class WithItems(ErpItem):
        name = cold(str, "name", key=True)
        codes = cold(str, "members[*].item_code").many()

    erp = FrappeAdapter(site, WithItems, doctype="Item Group", beside={"members": Beside("Item", by="item_group")})
    pages = list(erp.read_items(None, fields=frozenset({"members[*].item_code"}), limit=10))
    assert {one.key: one.codes for page in pages for one in page.items}["Parts"] == ("BOLT/8 'x'", "OLD-1")


def test_conditions_of_ones_own(site: FrappeSite) -> None:
    erp = FrappeAdapter(site, Small, where=[("has_variants", "=", 0), ("item_group", "in", ["Shirts"])])
    assert sorted(keys(read(erp))) == ["TSH-M", "TSH-S"]
    with pytest.raises(CursorExpired):
        read(FrappeAdapter(site, Small), read(erp)[-1].resume)


# ---- what there is, and what is missing ----
def test_describe_names_fields_tables_and_neighbours(site: FrappeSite) -> None:
    schema = FrappeAdapter(site, Article).describe()
    fields = {one.name: one for one in schema.fields}
    assert (fields["item_name"].kind, fields["item_name"].writable, fields["item_name"].max_length) == (
        "Data",
        True,
        140,
    )
    assert (fields["barcodes"].kind, fields["bins"].kind, fields["prices"].kind) == (
        "Item Barcode",
        "Bin",
        "Item Price",
    )
    assert not fields["modified"].writable
    assert "details" not in fields, "a section of the page is no field"
    assert schema.has("item_name@fr")
    assert schema.has("attributes[*].attribute_value")


def test_a_wrong_path_is_named_with_what_there_is(site: FrappeSite) -> None:
    for path, words in (
        ("colour", "path 'colour': Item has no field 'colour'; it has: attributes, barcodes"),
        ("barcodes[*].ean", r"path 'barcodes\[\*\].ean': Item Barcode has no field 'ean'; it has: barcode"),
        ("item_group.parent", "field 'item_group' of Item is Link, so nothing can follow it"),
    ):
        with pytest.raises(ErpRefused, match=words):
            list(FrappeAdapter(site, Small).read_items(None, fields=frozenset({path}), limit=5))
    with pytest.raises(ErpRefused, match="DocType Article not found"):
        FrappeAdapter(site, Small, doctype="Article").describe()


def test_check_names_the_missing_rights(erpnext: Any, site: FrappeSite) -> None:
    erp = FrappeAdapter(site, Article)
    assert erp.check().message == "Item can be read"
    erpnext.closed |= {"Bin", "Deleted Document"}
    health = erp.check()
    assert not health.ok
    assert health.message.startswith("cannot read Bin, Deleted Document: Frappe at http://127.0.0.1")
    assert "Insufficient Permission for Bin; give the user's role the right to it" in health.message
    assert health.facts == {"missing": "Bin, Deleted Document"}


def test_the_zone_is_given_or_read(erpnext: Any) -> None:
    erpnext.closed.add("System Settings")
    asked = FrappeSite(erpnext.url, frappe_site.KEY, frappe_site.SECRET)
    assert "refused System Settings with HTTP 403" in FrappeAdapter(asked, Small).check().message
    asked.close()
    told = FrappeSite(erpnext.url, frappe_site.KEY, frappe_site.SECRET, time_zone="Asia/Kolkata")
    assert FrappeAdapter(told, Small).check().ok
    told.close()
    with pytest.raises(ErpRefused, match="'Mars/Base' is no time zone"):
        FrappeSite(erpnext.url, "a", "b", time_zone="Mars/Base")


def test_a_wrong_secret_is_told_and_not_shown(erpnext: Any) -> None:
    wrong = FrappeSite(erpnext.url, frappe_site.KEY, "gu3ssed")
    erp = FrappeAdapter(wrong, Small)
    health = erp.check()
    assert "AuthenticationError: Invalid API key or secret; check the API key and its secret" in health.message
    assert "gu3ssed" not in health.message + repr(erp) + repr(wrong) + repr(wrong.session)
    wrong.close()


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Reply(503), ErpUnreachable, "HTTP 503, tried 4 times"),
        (said({"exc_type": "RateLimitExceededError", "exception": "x"}, 429), ErpUnreachable, "HTTP 429"),
        (Reply(500, b"<html>", "text/html"), ErpUnreachable, "HTTP 500: no reason given"),
        (said({"exc_type": "DataError", "exception": "frappe.exceptions.DataError: Field not permitted: x"}, 417), ErpRefused,
         "DataError: Field not permitted: x"),
        (said({"message": "hello"}), ErpRefused, "does not tell the fields of Item"),
        (Reply(200, b"<html>Login</html>", "text/html"), ErpRefused, "instead of JSON"),
        (Reply(200, b'{"docs": [{"na', "application/json"), ErpUnreachable, "breaks off or is damaged .14 bytes"),
        (Reply(302, headers={"Location": "https://elsewhere.example/login"}), ErpRefused, "redirected"),
    ],
)  # fmt: skip
def test_trouble_in_words(answer: Reply, error: type[Exception], words: str) -> None:
    with Wire(otherwise=answer) as wire:
        site = FrappeSite(wire.url, "key", "secret", time_zone="UTC")
        site.session.sleep = lambda _: None
        with pytest.raises(error, match=words):
            read(FrappeAdapter(site, Small))
        site.close()


def test_a_file_elsewhere_is_not_fetched_with_the_secret(site: FrappeSite) -> None:
    with Wire(otherwise=Reply(200, b"x")) as elsewhere:
        with pytest.raises(ErpRefused, match="the credentials stay with their host"):
            site.read_file(f"{elsewhere.url}/files/x.png")
        assert elsewhere.asked == []


# ---- writing: "REST API", create and update; TimestampMismatchError, DuplicateEntryError of `frappe.exceptions` ----
def test_an_item_is_made_once_and_changed_with_its_version(erpnext: Any, site: FrappeSite) -> None:
    erp = FrappeWriter(site, Small, idempotency_field="custom_pim_key")
    assert erp.find_by_key("pim-1") is None
    row = {
        "item_code": "N/1 'x'",
        "item_name": "New",
        "standard_rate": Decimal("1.10"),
        "end_of_life": date(2030, 1, 2),
    }
    made = erp.write_item(Small({**row, "barcodes": [{"barcode": "1"}]}), idempotency_key="pim-1", if_version=None)
    assert (made.created, made.ref.key) == (True, "N/1 'x'")
    kept = erpnext.one("Item", "N/1 'x'")
    assert (kept["standard_rate"], kept["end_of_life"], kept["barcodes"][0]["barcode"]) == ("1.10", "2030-01-02", "1")
    again = erp.write_item(Small({"item_name": "Newer"}), idempotency_key="pim-1", if_version=made.ref.version)
    assert (again.created, erpnext.one("Item", "N/1 'x'")["item_name"]) == (False, "Newer")
    with pytest.raises(
        ErpConflict, match="TimestampMismatchError: Document has been modified after you have opened it"
    ):
        erp.write_item(Small({"item_name": "Mine"}), idempotency_key="pim-1", if_version=made.ref.version)
    assert erpnext.one("Item", "N/1 'x'")["item_name"] == "Newer"
    with pytest.raises(ErpConflict, match="it was deleted meanwhile"):
        erp.write_item(Small({"item_name": "Mine"}), idempotency_key="pim-2", if_version="x")
    with pytest.raises(ErpConflict, match="DuplicateEntryError"):
        erp.write_item(Small({"item_code": "TSH", "item_name": "x"}), idempotency_key="pim-3", if_version=None)


def test_the_code_may_be_the_key(erpnext: Any, site: FrappeSite) -> None:
    erp = FrappeWriter(site, Small, idempotency_field="item_code")
    assert erp.write_item(Small({"item_name": "x"}), idempotency_key="NEW-1", if_version=None).ref.key == "NEW-1"
    assert erp.write_item(Small({"item_name": "y"}), idempotency_key="NEW-1", if_version=None).created is False


def test_what_may_not_be_written_is_named(site: FrappeSite) -> None:
    erp = FrappeWriter(site, Small, idempotency_field="custom_pim_key")
    for row, words in (
        ({"item_code": "X", "modified": "2026-01-01"}, "field 'modified' is set by Frappe alone"),
        ({"item_code": "X", "colour": "red"}, "Item has no field 'colour'; it has: attributes"),
        ({"item_code": "X", "item_group": ""}, "MandatoryError: Item Group is required"),
        ({"item_code": "X", "item_name": object()}, "a object is not written to Frappe here"),
    ):
        with pytest.raises(ErpRefused, match=words):
            erp.write_item(Small(row), idempotency_key="pim-4", if_version=None)
    with pytest.raises(ErpRefused, match="make it a custom field of type Data, and unique"):
        FrappeWriter(site, Small, idempotency_field="custom_key").find_by_key("x")


def test_a_lost_answer_to_a_new_item_is_found_out_and_not_repeated(erpnext: Any) -> None:
    meta = said({"docs": erpnext.meta("Item")})
    made = said({"data": [{"name": "A", "item_code": "A", "modified": "2026-01-01 00:00:00", "custom_pim_key": "k"}]})
    nothing = said({"data": []})
    with Wire(meta, nothing, Reply(cut="before"), made, nothing, Reply(502), nothing) as wire:
        wire.is_rude = True
        site = FrappeSite(wire.url, "key", "secret", time_zone="UTC")
        erp = FrappeWriter(site, Small, idempotency_field="custom_pim_key")
        result = erp.write_item(Small({"item_code": "A"}), idempotency_key="k", if_version=None)
        assert (result.created, result.ref.key, result.ref.version) == (True, "A", "2026-01-01 00:00:00")
        assert [one.method for one in wire.asked] == ["GET", "GET", "POST", "GET"]
        assert json.loads(wire.asked[2].body) == {"item_code": "A", "custom_pim_key": "k"}
        with pytest.raises(ErpUnreachable, match="HTTP 502, tried 1 time"):
            erp.write_item(Small({"item_code": "A"}), idempotency_key="k", if_version=None)
        site.close()


def test_it_is_what_the_engine_asks_for(site: FrappeSite) -> None:
    reader: ItemReader[Small] = FrappeAdapter(site, Small)
    writer: ItemWriter[Small] = FrappeWriter(site, Small, idempotency_field="custom_pim_key")
    assert isinstance(reader, HotReader)
    assert not isinstance(reader, ItemWriter)
    assert isinstance(writer, ItemWriter)


def test_the_example_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ERPNEXT_URL", raising=False)
    assert example.main() == 0
    told = capsys.readouterr().out
    assert "products: 3 read = 0 unchanged + 3 written" in told
    assert "0 creates, 1 update (1 cell)" in told
    assert "offers: 3 read = 2 unchanged + 1 written" in told

"""`ODataAdapter` and `ODataWriter` against a real OData 4 server: SAP's CAP runtime on SQLite."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import (
    BasicAuth,
    Choice,
    ChoiceReader,
    Cursor,
    ErpItem,
    HotReader,
    ItemReader,
    ItemWriter,
    ODataAdapter,
    ODataDialect,
    ODataService,
    ODataWriter,
    Page,
    cold,
    hot,
    snapshot_diff,
)
from akeneo_erp_bridge.errors import CursorExpired, ErpConflict, ErpRefused, ErpUnreachable
from akeneo_erp_bridge.sync import HotRelay, SqliteState
from erp.cap_world import CapWorld

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("odata_import", ROOT / "examples" / "odata_import.py")
assert SPEC is not None
assert SPEC.loader is not None
example = importlib.util.module_from_spec(SPEC)
sys.modules["odata_import"] = example  # attrs looks the module of a class up
SPEC.loader.exec_module(example)

STRANGE = ["''", "A B?#%", "O'NEIL/7", "x(y),z", "ÄÖ+&="]
"""Keys of the seed with what is hard to write in an address."""


class Article(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name")
    german = cold(str, "name@de")
    french = cold(str, "name@fr")
    text = cold(str, "text").nullable()
    group = cold(str, "category.code")
    group_german = cold(str, "category.name@de")
    upper_group = cold(str, "category.parent.code")
    unit = cold(str, "unit.code")
    weight = cold(Decimal, "weight")
    serial = cold(int, "serial")
    launched = cold(date, "launched")
    changed = cold(datetime, "modifiedAt")
    eans = cold(str, "barcodes[*].ean").many()
    price = hot(Decimal, "unitPrice")
    stock = hot(Decimal, "inventory")
    by_place = hot(Decimal, "stock[*].quantity").many()


class Small(ErpItem):
    number = cold(str, "number", key=True)
    name = cold(str, "name").nullable()
    price = hot(Decimal, "unitPrice").nullable()


class Offered(ErpItem):
    number = cold(str, "number", key=True)
    price = hot(Decimal, "unitPrice")


FIELDS = frozenset({"number", "name"})


@pytest.fixture(scope="module")
def world() -> Iterator[CapWorld]:
    one = CapWorld.up()
    yield one
    one.down()


@pytest.fixture(scope="module")
def service(world: CapWorld) -> Iterator[ODataService]:
    one = world.service()
    yield one
    one.close()


def all_of(pages: Iterator[Page[Small]]) -> list[str]:
    return [item.key for page in pages for item in page.items]


def test_everything_is_read_once_with_typed_values(world: CapWorld, service: ODataService) -> None:
    erp = ODataAdapter(service, Article, entity_set="Items")
    pages = list(erp.read_items(None, fields=frozenset(spec.path for spec in Article.specs.values()), limit=64))
    items = {item.key: item for page in pages for item in page.items}
    assert sorted(items) == world.keys()
    assert sum(len(page.items) for page in pages) == len(items)
    assert max(len(page.items) for page in pages) == 64
    assert set(STRANGE) <= set(items)
    one = items["DR-0011"]
    assert (one.name, one.german, one.french) == ("Drill 11", "Bohrer 11", "Perceuse 11")
    assert (one.group, one.group_german, one.upper_group, one.unit) == ("bits", "Bohrer", "drills", "PCS")
    assert (one.weight, one.serial, one.launched) == (Decimal("11.251"), 9007199254741004, date(2025, 3, 9))
    assert one.changed == datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    assert one.eans == ("4000000000110", "4000000000111")
    assert (one.price, one.stock) == (Decimal("21.90"), Decimal(11))
    assert (items["DR-0010"].text, items["DR-0010"].french) == (None, "Drill 10"), "CAP fills in the base language"
    assert items["A B?#%"].serial == 9007199254740994, "beyond the whole numbers that a float can hold"


def test_only_what_is_needed_is_asked_for(service: ODataService) -> None:
    erp = ODataAdapter(service, Article, entity_set="Items")
    page = next(iter(erp.read_items(None, fields=frozenset({"unit.code"}), limit=5)))
    # CAP adds the property that its e-tags are made of
    assert [set(item.row) for item in page.items] == [{"number", "unit", "modifiedAt"}] * 5
    assert page.items[0].row["unit"] == {"code": "PCS"}


def test_a_stop_goes_on_where_it_was(world: CapWorld, service: ODataService) -> None:
    erp = ODataAdapter(service, Small, entity_set="Items")
    found: list[str] = []
    since: Cursor | None = None
    for _ in range(4):
        page = next(iter(erp.read_items(since, fields=FIELDS, limit=50)))
        found += [item.key for item in page.items]
        since = page.resume
    rest = list(erp.read_items(since, fields=FIELDS, limit=50))
    assert sorted(found + all_of(iter(rest))) == world.keys()
    again = next(iter(erp.read_items(rest[-1].resume, fields=FIELDS, limit=3)))
    assert len(again.items) == 3, "the next run begins anew"
    with pytest.raises(CursorExpired, match="other fields"):
        list(erp.read_items(since, fields=frozenset({"unitPrice"}), limit=3))


def test_a_deletion_between_two_pages_shifts_nothing_past_us(world: CapWorld, service: ODataService) -> None:
    for number in ("000-a", "000-b"):
        world.create(number)
    erp = ODataAdapter(service, Small, entity_set="Items", where="category_code eq 'drills'")
    expected = set(all_of(erp.read_items(None, fields=FIELDS, limit=500)))
    pages = iter(erp.read_items(None, fields=FIELDS, limit=10))
    found = [item.key for item in next(pages).items]
    assert found[1:3] == ["000-a", "000-b"]
    for number in ("000-a", "000-b"):
        world.delete(number)
    found += all_of(pages)
    assert set(found) == expected


def test_a_stamp_tells_what_changed_with_ties_across_pages(world: CapWorld, service: ODataService) -> None:
    erp = ODataAdapter(service, Small, entity_set="Items", changed_at="modifiedAt", overlap=timedelta(0))
    pages = list(erp.read_items(None, fields=FIELDS, limit=3))  # the seed's stamps come in sevens
    assert sorted(all_of(iter(pages))) == world.keys()
    # a stop in the middle of equal stamps
    rest = list(erp.read_items(pages[4].resume, fields=FIELDS, limit=3))
    assert set(all_of(iter(pages[:5]))) | set(all_of(iter(rest))) == set(world.keys())
    name = world.edit_cold("O'NEIL/7")
    delta = list(erp.read_items(pages[-1].resume, fields=FIELDS, limit=3))
    found = {item.key: item.name for page in delta for item in page.items}
    assert found["O'NEIL/7"] == name
    assert len(found) <= 7, "what changed, and what has the greatest stamp of the run before"


def test_rows_that_move_while_they_are_read_lose_nobody(world: CapWorld, service: ODataService) -> None:
    erp = ODataAdapter(service, Small, entity_set="Items", changed_at="modifiedAt", overlap=timedelta(0))
    pages = iter(erp.read_items(None, fields=FIELDS, limit=20))
    first = next(pages)
    for item in first.items:
        world.edit_cold(item.key)  # each goes to the end of the order
    rest = all_of(pages)
    assert {item.key for item in first.items} | set(rest) == set(world.keys())
    assert {item.key for item in first.items} <= set(rest), "and comes again as it is now"


def test_a_stamp_must_be_a_moment(service: ODataService) -> None:
    erp = ODataAdapter(service, Small, entity_set="Items", changed_at="launched")
    with pytest.raises(ErpRefused, match=r"Items.launched is Edm.Date"):
        list(erp.read_items(None, fields=FIELDS, limit=3))


def test_a_service_without_change_tracking_says_so(service: ODataService) -> None:
    erp = ODataAdapter(service, Small, entity_set="Items", track_changes=True)
    with pytest.raises(ErpRefused, match=r"(?s)tracks no changes of this set; use changed_at="):
        list(erp.read_items(None, fields=FIELDS, limit=500))


@pytest.mark.parametrize("batch", ["json", "multipart", None])
def test_the_hot_values_of_many_keys(world: CapWorld, batch: Literal["json", "multipart"] | None) -> None:
    with closing(world.service(dialect=ODataDialect(batch=batch))) as service:
        erp = ODataAdapter(service, Small, entity_set="Items")
        keys = world.keys()
        price = world.edit_hot("ÄÖ+&=")
        found = {item.key: item.price for page in erp.read_hot(None, keys=keys) for item in page.items}
        assert sorted(found) == keys
        assert found["ÄÖ+&="] == Decimal(price)
        assert all_of(erp.read_hot(None, keys=["DR-0007", "nobody", "O'NEIL/7"])) in (
            ["DR-0007", "O'NEIL/7"],
            ["O'NEIL/7", "DR-0007"],
        )
        assert all_of(erp.read_hot(None, keys=[])) == []


def test_a_choice_is_made_by_the_service(service: ODataService) -> None:
    erp = ODataAdapter(service, Small, entity_set="Items")
    saws = all_of(erp.read_some(Choice("category.code", ("saws",)), fields=FIELDS, limit=7))
    assert len(saws) == 100
    assert all_of(erp.read_some(Choice("number", tuple(STRANGE)), fields=FIELDS, limit=7)) == STRANGE
    serial = Choice("serial", (9007199254740994, "9007199254740996", "007", "no number"))
    assert sorted(all_of(erp.read_some(serial, fields=FIELDS, limit=7))) == ["''", "A B?#%"]
    decimals = erp.read_some(Choice("unitPrice", ("13.9",)), fields=FIELDS, limit=500)
    assert len(all_of(decimals)) > 200, "decimals are compared in Python, so all are given"


def test_describe_tells_types_lengths_and_what_may_be_written(service: ODataService) -> None:
    schema = ODataAdapter(service, Article, entity_set="Items").describe()
    fields = {one.name: one for one in schema.fields}
    assert (fields["name"].kind, fields["name"].writable, fields["name"].max_length) == ("Edm.String", True, 120)
    assert not fields["modifiedAt"].writable
    assert not fields["serial"].writable
    assert (fields["unit.code"].kind, fields["barcodes[*].ean"].max_length) == ("Edm.String", 14)
    assert fields["category.name@de"].max_length == 120
    assert schema.has("stock[*].quantity")


def test_a_picture_is_fetched_with_the_credentials_from_the_service_alone(service: ODataService) -> None:
    assert service.read_file("Images('DR-0005')/content").startswith(b"\x89PNG")
    with pytest.raises(ErpRefused, match="the credentials stay with their host"):
        service.read_file("https://elsewhere.example/x.png")
    with pytest.raises(ErpRefused, match="HTTP 404"):
        service.read_file("Images('nobody')/content")


def test_a_wrong_set_or_path_is_named_with_those_that_exist(service: ODataService) -> None:
    class Wrong(ErpItem):
        number = cold(str, "number", key=True)
        colour = cold(str, "category.colour")

    with pytest.raises(ErpRefused, match=r"no entity set 'Articles'; it has: Barcodes, Categories"):
        ODataAdapter(service, Small, entity_set="Articles").describe()
    with pytest.raises(
        ErpRefused, match=r"path 'category.colour': CatalogService.Categories has no 'colour'; it has: code"
    ):
        list(
            ODataAdapter(service, Wrong, entity_set="Items").read_items(
                None, fields=frozenset({"category.colour"}), limit=5
            )
        )
    health = ODataAdapter(service, Wrong, entity_set="Items").check()
    assert (health.ok, "category.colour" in health.message) == (False, True)


def test_check_speaks_of_wrong_passwords_and_closed_doors(world: CapWorld) -> None:
    good = ODataAdapter(world.service(), Article, entity_set="Items")
    assert good.check().message == "Items can be read"
    wrong = ODataAdapter(world.service(auth=BasicAuth("bridge", "guessed-it")), Article, entity_set="Items")
    health = wrong.check()
    assert not health.ok
    assert "check the user, the password" in health.message
    assert "guessed-it" not in health.message + repr(wrong) + repr(wrong.service) + repr(wrong.service.session)
    for one in (good, wrong):
        one.close()


def test_the_service_s_own_words_reach_the_reader(service: ODataService) -> None:
    erp = ODataAdapter(service, Small, entity_set="Items", where="colour eq 'red'")
    with pytest.raises(ErpRefused, match=r"HTTP 400: .*colour"):
        list(erp.read_items(None, fields=FIELDS, limit=5))


def test_an_item_is_made_once_and_changed_with_its_version(world: CapWorld, service: ODataService) -> None:
    erp = ODataWriter(service, Small, entity_set="Items", idempotency_field="externalKey")
    assert erp.find_by_key("pim-1") is None
    draft = Small({"number": "N/1 '#", "name": "Neu & new", "unitPrice": Decimal("1.10")})
    made = erp.write_item(draft, idempotency_key="pim-1", if_version=None)
    assert (made.created, made.ref.key) == (True, "N/1 '#")
    again = erp.write_item(draft, idempotency_key="pim-1", if_version=None)
    assert (again.created, again.ref.key) == (False, "N/1 '#")
    assert world.item("N/1 '#")["name"] == "Neu & new"
    assert Decimal(str(world.item("N/1 '#")["unitPrice"])) == Decimal("1.10")
    ref = erp.find_by_key("pim-1")
    assert ref is not None
    assert ref == again.ref
    world.edit_cold("N/1 '#")
    with pytest.raises(ErpConflict, match="412"):
        erp.write_item(Small({"name": "Mine"}), idempotency_key="pim-1", if_version=ref.version)
    assert world.item("N/1 '#")["name"] != "Mine"
    with pytest.raises(ErpConflict, match="no item has the key 'pim-2' any more"):
        erp.write_item(draft, idempotency_key="pim-2", if_version=ref.version)
    world.delete("N/1 '#")


def test_what_may_not_be_written_is_named(service: ODataService) -> None:
    erp = ODataWriter(service, Small, entity_set="Items", idempotency_field="externalKey")
    for row, words in (
        ({"number": "X", "modifiedBy": "me"}, "Items.modifiedBy is set by the service alone"),
        ({"number": "X", "colour": "red"}, "Items has no property 'colour'; it has: barcodes"),
        ({"number": "X" * 70}, "HTTP 400"),
    ):
        with pytest.raises(ErpRefused, match=words):
            erp.write_item(Small(row), idempotency_key="pim-3", if_version=None)
    assert erp.find_by_key("pim-3") is None


def test_two_with_one_key_are_nobody_s_choice(world: CapWorld, service: ODataService) -> None:
    for number in ("T-1", "T-2"):
        world.create(number, externalKey="pim-4")
    erp = ODataWriter(service, Small, entity_set="Items", idempotency_field="externalKey")
    with pytest.raises(ErpConflict, match=r"Items\(T-1\) and Items\(T-2\) both have the key 'pim-4'"):
        erp.find_by_key("pim-4")
    for number in ("T-1", "T-2"):
        world.delete(number)


def test_deletions_are_found_by_snapshots(world: CapWorld, service: ODataService, tmp_path: object) -> None:
    world.create("GONE-1")
    erp = snapshot_diff(ODataAdapter(service, Small, entity_set="Items"), f"{tmp_path}/keys.db")
    first = list(erp.read_items(None, fields=FIELDS, limit=100))
    world.delete("GONE-1")
    second = list(erp.read_items(first[-1].resume, fields=FIELDS, limit=100))
    assert [key for page in second for key in page.tombstones] == ["GONE-1"]


def test_one_adapter_serves_many_threads(world: CapWorld, service: ODataService) -> None:
    erp = ODataAdapter(service, Small, entity_set="Items")
    found: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: found.append(sorted(all_of(erp.read_items(None, fields=FIELDS, limit=90)))))
        for _ in range(6)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [world.keys()] * 6


def test_prices_reach_the_shop(world: CapWorld, service: ODataService, tmp_path: object) -> None:
    erp = ODataAdapter(service, Offered, entity_set="Items", where="unitPrice ne null")
    with SqliteState(f"{tmp_path}/state.db") as state, SqliteSink(f"{tmp_path}/shop.db") as shop:
        relay = HotRelay(erp, [Offered.price.feed("price")], shop, state)
        assert relay.run().written == 300
        price = world.edit_hot("DR-0042")
        report = relay.run()
        assert (report.written, report.parked) == (1, 0), report
        assert Decimal(str(shop.offer("DR-0042")["price"])) == Decimal(price)


def test_a_server_that_is_gone_is_unreachable(world: CapWorld) -> None:
    service = ODataService("http://127.0.0.1:9/odata", auth=BasicAuth("bridge", "x"))
    service.session.sleep = lambda _: None
    with pytest.raises(ErpUnreachable, match=r"does not answer GET /odata/\$metadata \(ConnectError.*tried 4 times"):
        service.model()
    service.close()


def test_it_is_what_the_engine_asks_for(service: ODataService) -> None:
    reader: ItemReader[Small] = ODataAdapter(service, Small, entity_set="Items")
    writer: ItemWriter[Small] = ODataWriter(service, Small, entity_set="Items", idempotency_field="externalKey")
    assert isinstance(reader, HotReader)
    assert isinstance(reader, ChoiceReader)
    assert not isinstance(reader, ItemWriter)
    assert isinstance(writer, ItemWriter)


def test_the_example_runs(world: CapWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert example.run_in(tmp_path, example.Connection(world.url, world.user, world.password)) == 0
    told = capsys.readouterr().out
    assert "products: 295 read = 0 unchanged + 295 written" in told
    assert told.count("mutating calls to the PIM: 0") == 1
    assert "0 creates, 1 update (1 cell)" in told
    assert "calls to the PIM: 0; offers in the shop: 300" in told

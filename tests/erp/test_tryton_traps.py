"""Every trap of Tryton's interface, on a real server: first that it is there, then that the adapter does not fall in."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.commerce import SqliteSink
from akeneo_erp_bridge.erp import (
    Choice,
    Cursor,
    ErpItem,
    Lines,
    Page,
    TrytonAdapter,
    cold,
    hot,
    internal,
    snapshot_diff,
)
from akeneo_erp_bridge.errors import ErpRefused, ErpUnreachable
from akeneo_erp_bridge.sync import HotRelay, SqliteState
from erp.tryton_world import TrytonWorld, catalog, decimal, live_tryton, seed

VARIANTS = {variant.sku: (template, variant) for template in catalog.build(200) for variant in template.variants}
SHIRTS = frozenset(key for key in VARIANTS if key.startswith("TSH-ROM-"))
NOW = timedelta(0)


@pytest.fixture(scope="module")
def world() -> Iterator[TrytonWorld]:
    with live_tryton() as one:
        yield one


class Variant(ErpItem):
    number = cold(str, "code", key=True)
    name = cold(str, "name")


class Rich(Variant):
    """What goes through related records with stamps of their own."""

    french = cold(str, "name@fr")
    groups = cold(frozenset[str], "categories.name")
    codes = cold(Lines, "identifiers(type, code)")
    pictures = cold(Lines, "@images(description, image@size)")


class Offered(ErpItem):
    number = cold(str, "code", key=True)
    price = hot(Decimal, "list_price_used")
    stock = hot(Decimal, "quantity")


class Seen:
    """An adapter, and the cursor of what it has read. The tests share them: a log-in and a full read take a second."""

    def __init__(self, world: TrytonWorld, item: type[ErpItem], **options: Any) -> None:
        self.erp = world.adapter(item, **{"overlap": NOW, **options})
        self.fields = frozenset(spec.path for spec in item.specs.values())
        self.pages: list[Page[Any]] = []
        self.cursor: Cursor | None = None
        self.read()

    def read(self) -> set[str]:
        self.pages = list(self.erp.read_items(self.cursor, fields=self.fields, limit=64))
        self.cursor = self.pages[-1].resume
        return {one.key for page in self.pages for one in page.items}

    def changed_by(self, change: Callable[[], object]) -> set[str]:
        """What the next delta brings, less what the newest stamp of the round before brings again."""
        before = self.read()
        change()
        return self.read() - before

    @property
    def items(self) -> dict[str, Any]:
        return {one.key: one for page in self.pages for one in page.items}


@pytest.fixture(scope="module")
def variants(world: TrytonWorld) -> Seen:
    return Seen(world, Variant)


@pytest.fixture(scope="module")
def rich(world: TrytonWorld) -> Seen:
    return Seen(world, Rich)


def one(world: TrytonWorld, item: type[ErpItem], key: str, **options: Any) -> Any:
    """One item, read by a choice."""
    erp = world.adapter(item, **options)
    fields = frozenset(spec.path for spec in item.specs.values())
    (found,) = [item for page in erp.read_some(Choice("code", (key,)), fields=fields, limit=9) for item in page.items]
    return found


def raw(world: TrytonWorld, key: str, *names: str, **context: object) -> dict[str, Any]:
    """What Tryton answers, without the adapter, company and all."""
    client = seed.Client(world.url, world.database, world.user, world.password)
    found = client.call("product.product", "search_read", [["code", "=", key]], 0, 1, None, list(names), **context)
    record: dict[str, Any] = found[0]
    return record


# ---- what the delta sees ----
def test_a_change_of_the_template_moves_no_stamp_of_its_variants_and_brings_them_back(
    world: TrytonWorld, variants: Seen
) -> None:
    before = world.stamp("product.product", world.variant("TSH-ROM-S-BLK"))
    assert variants.changed_by(lambda: world.edit_cold("TSH-ROM-S-BLK")) == SHIRTS
    assert world.stamp("product.product", world.variant("TSH-ROM-S-BLK")) == before


def test_a_translation_and_the_same_value_again_bring_the_product_back(world: TrytonWorld, rich: Seen) -> None:
    template = world.template("LMP-02")

    def write(name: str, language: str) -> None:
        world.client.call("product.template", "write", [template], {"name": name}, language=language)

    assert rich.changed_by(lambda: write("Lampe Véga II", "fr")) == {"LMP-02"}
    assert rich.items["LMP-02"].french == "Lampe Véga II"
    assert rich.changed_by(lambda: world.edit_cold("DSK-160")) == {"DSK-160"}
    assert rich.changed_by(lambda: write("Lampe Véga II", "fr")) == {"LMP-02"}


def a_new_barcode(world: TrytonWorld) -> None:
    values = {"product": world.variant("MUG-01"), "type": "ean", "code": catalog.ean13(5001)}
    world.client.create("product.identifier", [values])


def a_new_image(world: TrytonWorld) -> None:
    content = {"__class__": "bytes", "base64": base64.b64encode(catalog.picture((200, 90, 10))).decode()}
    world.client.create("product.image", [{"template": world.template("MUG-02"), "image": content}])


def a_renamed_category(world: TrytonWorld) -> None:
    found = world.client.find("product.category", [["code", "=", "coffee"]], "id")
    world.client.call("product.category", "write", [found[0]["id"]], {"name": "Coffee & tea"})


@pytest.mark.parametrize(
    ("change", "keys"),
    [
        (a_new_barcode, {"MUG-01"}),
        (a_new_image, {"MUG-02"}),
        (a_renamed_category, {key for key, (template, _) in VARIANTS.items() if template.category == "coffee"}),
    ],
)
def test_related_records_move_no_stamp_of_the_product_and_are_watched(
    world: TrytonWorld, rich: Seen, variants: Seen, change: Callable[[TrytonWorld], None], keys: set[str]
) -> None:
    blind = Seen(world, Rich, watch=()) if change is a_new_barcode else variants
    some = next(iter(keys))
    before = world.stamp("product.product", world.variant(some)), world.stamp("product.template", world.template(some))
    blind.read()
    assert rich.changed_by(lambda: change(world)) == keys
    assert blind.read() & keys == set()
    after = world.stamp("product.product", world.variant(some)), world.stamp("product.template", world.template(some))
    assert before == after


def test_a_relation_that_no_field_goes_through_costs_nothing_and_brings_nothing(
    world: TrytonWorld, variants: Seen
) -> None:
    assert variants.changed_by(lambda: a_new_barcode_of(world, "CHR-STD", 5002)) == set()


def a_new_barcode_of(world: TrytonWorld, key: str, number: int) -> int:
    values = {"product": world.variant(key), "type": "ean", "code": catalog.ean13(number)}
    (made,) = world.client.create("product.identifier", [values])
    found: int = made
    return found


def test_a_barcode_deleted_by_itself_leaves_no_trace_and_one_deleted_in_the_form_does(
    world: TrytonWorld, rich: Seen
) -> None:
    product = world.variant("CHR-STD")
    by_itself, in_the_form = a_new_barcode_of(world, "CHR-STD", 5003), a_new_barcode_of(world, "CHR-STD", 5004)
    rich.read()
    world.edit_cold("DSK-160")  # so that the newest stamp is not that of the barcodes
    rich.read()
    assert rich.changed_by(lambda: world.client.call("product.identifier", "delete", [by_itself])) == set()
    form = {"identifiers": [["delete", [in_the_form]]]}
    assert rich.changed_by(lambda: world.client.call("product.product", "write", [product], form)) == {"CHR-STD"}


def test_a_stock_move_and_the_cost_that_it_changes_move_no_stamp(world: TrytonWorld) -> None:
    class Costly(Variant):
        cost = internal(Decimal, "cost_price")
        stock = hot(Decimal, "quantity")

    world.create("COSTLY", cost_price_method="average")
    world.receive("COSTLY", 4, price=Decimal(3))
    seen = Seen(world, Costly)
    world.edit_cold("KIT-0002")
    seen.read()
    product = world.variant("COSTLY")
    before = world.stamp("product.product", product), world.stamp("product.template", world.template("COSTLY"))
    assert seen.changed_by(lambda: world.receive("COSTLY", 4, price=Decimal(5))) == set()
    assert before == (
        world.stamp("product.product", product), world.stamp("product.template", world.template("COSTLY")),
    )  # fmt: skip
    found = one(world, Costly, "COSTLY")
    assert (found.cost, found.stock) == (4, 8), "read_items did not see it"


def test_a_new_text_in_the_base_language_takes_the_translations_away(world: TrytonWorld, rich: Seen) -> None:
    """Tryton marks them as uncertain, and shows the new text until somebody translates it again."""
    template = world.template("MUG-01")
    assert rich.changed_by(lambda: world.edit_cold("MUG-01")) == {"MUG-01"}
    assert rich.items["MUG-01"].french == rich.items["MUG-01"].name != "Mug Ambre 350 ml"
    french = {"name": "Mug Ambre 350 ml"}
    world.edit_cold("KIT-0002")
    rich.read()
    assert rich.changed_by(
        lambda: world.client.call("product.template", "write", [template], french, language="fr")
    ) == {"MUG-01"}
    assert rich.items["MUG-01"].french == "Mug Ambre 350 ml"


def test_the_relay_sees_prices_and_stock_in_a_delta(world: TrytonWorld, tmp_path: Path) -> None:
    with SqliteState(tmp_path / "bridge.db") as state, SqliteSink(tmp_path / "shop.db") as shop:
        erp = world.adapter(Offered, overlap=NOW)
        feeds = [Offered.price.feed("price"), Offered.stock.feed("available")]
        relay = HotRelay(erp, feeds, shop, state)
        assert relay.run().read >= len(VARIANTS)
        left = world.edit_hot("HOD-RIG-M-NVY")
        report = relay.run()
        assert (report.written, report.read <= 5) == (1, True), report
        assert Decimal(str(shop.offer("HOD-RIG-M-NVY")["available"])) == left
        values = {"list_price": decimal(Decimal("51.00"))}
        world.client.call("product.template", "write", [world.template("HOD-RIG-M-NVY")], values)
        before = erp.requests
        report = relay.run()
        assert (report.written, report.read <= 12) == (
            8 - sum("XL" in key for key in VARIANTS if "HOD-RIG" in key),
            True,
        )
        assert erp.requests - before <= 5
        assert Decimal(str(shop.offer("HOD-RIG-M-NVY")["price"])) == Decimal("51.00")


def test_hot_cursors_are_honest(world: TrytonWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akeneo_erp_bridge.erp._tryton._adapter._HOT_PAGE", 5)

    class Forecast(Offered):
        soon = hot(Decimal, "forecast_quantity")

    class Listed(Offered):
        prices = hot(Lines, "@prices")

    kinds = {}
    for item in (Offered, Forecast, Listed):
        first = next(iter(world.adapter(item).read_hot(None, keys=None)))
        kinds[item.__name__] = first.resume.kind
    assert kinds == {"Offered": "timestamp", "Forecast": "snapshot", "Listed": "snapshot"}
    password = world.make_user("no-moves")
    blind = world.adapter(Offered, user="no-moves", password=password)
    assert next(iter(blind.read_hot(None, keys=None))).resume.kind == "snapshot", "who sees no moves reads everything"


def test_a_delta_with_one_change_takes_five_requests_at_most(world: TrytonWorld, rich: Seen) -> None:
    """Log-in and definitions are asked for once by an adapter, and not counted; the whole first delta is, below."""
    rich.read()
    world.edit_cold("KIT-0001")
    before = rich.erp.requests
    assert "KIT-0001" in rich.read()
    assert rich.erp.requests - before == 2, "the records, and the French texts"
    fresh = world.adapter(Rich, overlap=NOW, signs_in=True)
    assert list(fresh.read_items(rich.cursor, fields=rich.fields, limit=64))
    # log-in, company, languages, the definitions of product, template, category, barcode, image; then the two
    assert fresh.requests == 10


# ---- what is not there, and says nothing ----
def test_an_unknown_language_silently_gives_the_base_text_and_is_refused(world: TrytonWorld) -> None:
    class Spanish(Variant):
        spanish = cold(str, "name@es")

    assert raw(world, "MUG-01", "name", language="es")["name"] == raw(world, "MUG-01", "name", language="en")["name"]
    with pytest.raises(ErpRefused, match=r"does not translate into es; it has de, en, fr"):
        one(world, Spanish, "MUG-01")


def test_a_text_without_a_translation_comes_in_the_base_language(world: TrytonWorld) -> None:
    world.create("NEW-BASE", name="Only English")
    assert one(world, Rich, "NEW-BASE").french == "Only English"


def test_without_a_company_prices_are_null_and_without_a_place_stock_is_0(world: TrytonWorld) -> None:
    record = raw(world, "JKT-ALP-M-OLV", "list_price_used", "quantity")
    assert (record["list_price_used"], record["quantity"]) == (None, 0.0)
    found = one(world, Offered, "JKT-ALP-M-OLV")
    template, variant = VARIANTS["JKT-ALP-M-OLV"]
    assert (found.price, found.stock) == (template.list_price, sum(variant.stock.values()))


@pytest.mark.parametrize(
    ("login", "groups", "has_company", "item", "words"),
    [
        (
            "lost",
            (),
            False,
            Offered,
            "prices and stock (list_price_used, quantity) come as nothing: user 'lost' has no company",
        ),
        ("plain", (), True, Offered, ""),
    ],
)
def test_check_names_what_a_plain_user_lacks(
    world: TrytonWorld, login: str, groups: Sequence[str], has_company: bool, item: type[ErpItem], words: str
) -> None:
    password = world.make_user(login, *groups, has_company=has_company)
    health = world.adapter(item, user=login, password=password).check()
    assert health.ok is (not words), health
    assert words in health.message
    assert password not in health.message


class Placed(ErpItem):
    number = cold(str, "code", key=True)
    levels = hot(Lines, "@stock")
    planned = hot(Lines, "@planned")


def test_check_names_the_group_without_which_moves_cannot_be_read(world: TrytonWorld) -> None:
    password = world.make_user("clerk")
    health = world.adapter(Placed, user="clerk", password=password).check()
    assert (health.ok, health.message) == (
        False, "user 'clerk' may not read stock.move: put it into a group, such as 'Stock', that may",
    )  # fmt: skip
    assert world.adapter(Placed, user="keeper", password=world.make_user("keeper", "Stock")).check().ok
    with pytest.raises(ErpRefused, match=r"not allowed to access"):
        list(world.adapter(Placed, user="clerk", password=password).read_hot(None, keys=["DSK-160"]))


# ---- archived and deleted ----
def test_an_archived_product_is_a_tombstone(world: TrytonWorld, variants: Seen) -> None:
    world.create("GONE-1")
    assert variants.changed_by(lambda: world.archive("GONE-1")) == set()
    assert [key for page in variants.pages for key in page.tombstones] == ["GONE-1"]


def test_a_deleted_product_leaves_no_trace_and_snapshot_diff_finds_it(
    world: TrytonWorld, variants: Seen, tmp_path: Path
) -> None:
    world.create("GONE-2")
    erp = snapshot_diff(world.adapter(Variant), tmp_path / "products.keys")
    fields = frozenset({"code", "name"})
    first = list(erp.read_items(None, fields=fields, limit=500))
    assert "GONE-2" not in list(erp.read_items(first[-1].resume, fields=fields, limit=500))[-1].tombstones
    assert variants.changed_by(lambda: world.delete("GONE-2")) == set()
    assert [key for page in variants.pages for key in page.tombstones] == []
    archived = {key for page in first for key in page.tombstones}
    # a delta says nothing of what it does not show; a complete read does
    found = [key for page in erp.read_items(None, fields=fields, limit=500) for key in page.tombstones]
    assert set(found) - archived == {"GONE-2"}


def test_a_product_with_moves_cannot_be_deleted(world: TrytonWorld) -> None:
    with pytest.raises(seed.Refused, match="UserError"):
        world.delete("JKT-BAL-M-NVY")


def test_a_code_is_unique_among_active_products_only(world: TrytonWorld) -> None:
    world.create("TWICE")
    with pytest.raises(seed.Refused, match="must be unique"):
        world.create("TWICE")
    world.archive("TWICE")
    world.create("TWICE")
    pages = list(world.adapter(Variant).read_some(Choice("code", ("TWICE",)), fields=frozenset({"code"}), limit=9))
    (page,) = pages
    assert ([item.key for item in page.items], list(page.tombstones)) == (["TWICE"], []), "a tombstone would end both"
    world.archive("TWICE")
    pages = list(world.adapter(Variant).read_some(Choice("code", ("TWICE",)), fields=frozenset({"code"}), limit=9))
    assert {key for page in pages for key in page.tombstones} == {"TWICE"}


# ---- how values and errors are written ----
def test_decimals_are_exact_and_floats_are_taken_by_their_digits(world: TrytonWorld) -> None:
    world.create(
        "EXACT", list_price=decimal(Decimal("1234567890.1234")), weight=0.29, weight_uom=world.unit("Kilogram")
    )

    class Exact(ErpItem):
        number = cold(str, "code", key=True)
        weight = cold(Decimal, "weight")
        price = hot(Decimal, "list_price_used")

    found = one(world, Exact, "EXACT")
    assert (str(found.price), str(found.weight)) == ("1234567890.1234", "0.29")
    assert type(found.row["list_price_used"]) is Decimal


def test_booleans_are_1_and_0_on_sqlite_and_read_as_booleans(world: TrytonWorld) -> None:
    class Flagged(ErpItem):
        number = cold(str, "code", key=True)
        active = cold(bool, "active")
        produced = cold(bool, "template.producible")

    assert raw(world, "DSK-120", "active")["active"] in (1, True)
    assert (one(world, Flagged, "DSK-120").active, one(world, Flagged, "DSK-120").produced) == (True, True)
    assert one(world, Flagged, "MUG-01").produced is False


def test_stamps_have_microseconds_and_a_zone(world: TrytonWorld) -> None:
    class Stamped(ErpItem):
        number = cold(str, "code", key=True)
        changed = cold(object, "last_modified_at")

    moments = [one(world, Stamped, key).changed for key in ("DSK-120", "DSK-160", "MUG-02", "LMP-01")]
    assert all(moment.tzinfo is UTC for moment in moments)
    assert any(moment.microsecond % 1000 for moment in moments)


def test_a_long_answer_says_gzip_whether_it_is_or_not(world: TrytonWorld) -> None:
    """httpx fails at such an answer; the adapter asks for gzip, so that it is. Something on the way may undo that."""
    body = {"id": 1, "method": "common.db.login", "params": [world.user, {"password": world.password}, "en"]}
    with httpx.Client(base_url=world.url, headers={"Accept-Encoding": "identity"}) as http:
        user, token, *_ = http.post("/erp/rpc/", json=body).json()["result"]
        session = base64.b64encode(f"{world.user}:{user}:{token}".encode()).decode()
        params = [[], 0, 100, None, ["code", "name"], {}]
        asked = {"id": 1, "method": "model.product.product.search_read", "params": params}
        with pytest.raises(httpx.DecodingError):
            http.post("/erp/rpc/", json=asked, headers={"Authorization": f"Session {session}"})
    assert len(next(iter(world.adapter(Variant).read_items(None, fields=frozenset({"code"}), limit=500))).items) > 100

    class Meddler(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            request.headers["Accept-Encoding"] = "identity"
            return super().handle_request(request)

    with pytest.raises(ErpRefused, match="something on the way changes the header 'Accept-Encoding: gzip'"):
        list(world.adapter(Variant, transport=Meddler()).read_items(None, fields=frozenset({"code"}), limit=500))


def test_an_error_comes_with_http_200_and_is_an_error(world: TrytonWorld) -> None:
    erp = world.adapter(Variant)
    with pytest.raises(ErpRefused, match=r"refused model\.product\.product\.search_read: 'nofield'"):
        erp._session.call("product.product", "search_read", [], 0, 1, None, ["nofield"], context={})
    with pytest.raises(ErpRefused, match=r"does not let 'admin' call model\.product\.product\.nomethod"):
        erp._session.call("product.product", "nomethod", [], context={})
    with pytest.raises(ErpRefused, match="has no database 'nowhere'"):
        list(TrytonAdapter(world.url, "nowhere", "a", "b", Variant, model="product.product").read_hot(None, keys=[]))


def test_a_broken_line_is_tried_again_and_a_dead_one_is_said(world: TrytonWorld) -> None:
    class Flaky(httpx.HTTPTransport):
        """Each second request is lost, in another way each time."""

        count = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            self.count += 1
            if self.count % 2:
                return super().handle_request(request)
            match self.count // 2 % 4:
                case 0:
                    raise httpx.ReadTimeout("slow", request=request)
                case 1:
                    raise httpx.ReadError("reset", request=request)
                case 2:
                    return httpx.Response(429, request=request)
                case _:
                    return httpx.Response(504, request=request)

    erp = world.adapter(Variant, transport=Flaky())
    erp._session.sleep = 0
    assert sum(len(page.items) for page in erp.read_items(None, fields=frozenset({"code"}), limit=30)) >= len(VARIANTS)
    dead = TrytonAdapter("http://127.0.0.1:9", "erp", "a", "b", Variant, model="product.product")
    dead._session.sleep = 0
    with pytest.raises(ErpUnreachable, match="does not answer"):
        list(dead.read_hot(None, keys=[]))


# ---- what is wider than a field ----
def test_barcodes_bills_and_units_are_rows(world: TrytonWorld) -> None:
    class Built(ErpItem):
        number = cold(str, "code", key=True)
        barcodes = cold(Lines, "identifiers(type, code)")
        eans = cold(str, "identifiers[*].code").many()
        parts = cold(Lines, "boms.bom.inputs(product.code, quantity, unit.symbol)")

    desk = one(world, Built, "DSK-120")
    ean = VARIANTS["DSK-120"][1].ean
    assert (list(desk.barcodes), desk.eans) == ([{"type": "ean", "code": ean}], (ean,))
    assert {row["product.code"]: row["quantity"] for row in desk.parts} == catalog.BILLS["DSK-120"]
    assert {row["unit.symbol"] for row in desk.parts} == {"u"}
    assert list(one(world, Built, "LMP-01").parts) == []


def test_images_come_as_sizes_or_as_bytes(world: TrytonWorld) -> None:
    class Pictured(ErpItem):
        number = cold(str, "code", key=True)
        sizes = cold(Lines, "@images(description, image@size)")

    class Full(Pictured):
        content = cold(Lines, "@images(image)")

    own = {"template": world.template("TSH-ROM-S-BLK"), "product": world.variant("TSH-ROM-S-BLK"), "description": "own"}
    content = {"__class__": "bytes", "base64": base64.b64encode(catalog.picture((9, 9, 9))).decode()}
    world.client.create("product.image", [{**own, "image": content}])
    black, white = one(world, Full, "TSH-ROM-S-BLK"), one(world, Full, "TSH-ROM-S-WHT")
    assert [row["description"] for row in black.sizes] == ["TSH-ROM", "own"]
    assert [row["description"] for row in white.sizes] == ["TSH-ROM"], "another variant's image is not its own"
    assert white.content[0]["image"].startswith(b"\xff\xd8\xff"), "Tryton makes a JPEG of what it is given"
    assert [row["image@size"] for row in white.sizes] == [len(white.content[0]["image"])]
    assert one(world, Pictured, "TSH-ROM-S-WHT").sizes == white.sizes, "the size alone, without the content"


def test_stock_by_place_planned_moves_and_forecast(world: TrytonWorld) -> None:
    comes, goes = catalog.PLANNED["DSK-160"]
    found = one(world, Placed, "DSK-160")
    on_hand = sum(VARIANTS["DSK-160"][1].stock.values())
    (level,) = found.levels
    assert level == {
        "location": "WH", "on_hand": on_hand, "reserved": 0, "incoming": comes, "outgoing": goes,
        "forecast": on_hand + comes - goes,
    }  # fmt: skip
    assert [(row["direction"], row["quantity"], row["state"]) for row in found.planned] == [
        ("in", comes, "draft"), ("out", goes, "draft"),
    ]  # fmt: skip
    places = {row["code"]: row["id"] for row in world.client.find("stock.location", [], "code")}
    both = one(world, Placed, "DSK-160", locations=[places["STO"], places["OVF"]])
    assert {row["location"]: row["on_hand"] for row in both.levels} == {
        "STO": on_hand, "OVF": VARIANTS["DSK-160"][1].stock["overflow"],
    }  # fmt: skip
    assert sum(row["incoming"] for row in both.levels) == comes
    with pytest.raises(ErpRefused, match="has no location 4711"):
        one(world, Placed, "DSK-160", locations=[4711])


def test_price_lists_are_computed_by_the_server_with_their_quantities(world: TrytonWorld) -> None:
    class Priced(ErpItem):
        number = cold(str, "code", key=True)
        prices = hot(Lines, "@prices")

    def table(key: str, **options: Any) -> list[tuple[object, ...]]:
        rows = one(world, Priced, key, **options).prices
        return [(row["list"], row["from_quantity"], row["amount"], row["currency"]) for row in rows]

    assert table("DSK-120") == [
        (None, 1, Decimal("249.00"), "EUR"),
        ("Dealers", 1, Decimal("174.30"), "EUR"),
    ], "a break at which the price stays is none"
    assert table("LMP-01") == [
        (None, 1, Decimal("39.00"), "EUR"),
        ("Dealers", 1, Decimal("31.20"), "EUR"),
        ("Dealers", 10, Decimal("29.25"), "EUR"),
    ]
    assert table("LMP-01", price_lists=[]) == [(None, 1, Decimal("39.00"), "EUR")]
    with pytest.raises(ErpRefused, match="has no price list Friends; it has Dealers"):
        table("LMP-01", price_lists=["Friends"])


def test_categories_and_units_are_models_of_their_own(world: TrytonWorld) -> None:
    class Group(ErpItem):
        code = cold(str, "code", key=True)
        parent = cold(str, "parent.code").nullable()
        french = cold(str, "name@fr")

    class Unit(ErpItem):
        symbol = cold(str, "symbol", key=True)
        name = cold(str, "name")
        factor = cold(Decimal, "factor")

    groups = Seen(world, Group, model="product.category")
    tree = {key: (item.parent, item.french) for key, item in groups.items.items() if key != "coffee"}  # was renamed
    assert tree == {code: (parent, names["fr"]) for code, parent, names in catalog.CATEGORIES if code != "coffee"}
    units = Seen(world, Unit, model="product.uom").items
    assert (units["kg"].name, units["g"].factor) == ("Kilogram", Decimal("0.001"))


# ---- some items ----
@pytest.mark.parametrize(
    ("path", "values", "keys"),
    [
        ("code", ("DSK-120", "NOPE", "LMP-01"), {"DSK-120", "LMP-01"}),
        ("template.code", ("TSH-ROM",), SHIRTS),
        ("categories.code", ("coffee",), {"COF-01", "COF-02"}),
        ("type", ("service",), {"SRV-ASM"}),
    ],
)
def test_a_choice_is_made_by_the_server(world: TrytonWorld, path: str, values: tuple[str, ...], keys: set[str]) -> None:
    erp = world.adapter(Variant)
    some = list(erp.read_some(Choice(path, values), fields=frozenset({"code", path}), limit=500))
    assert {item.key for page in some for item in page.items} == keys


def test_what_the_server_compares_otherwise_is_read_as_a_whole(world: TrytonWorld) -> None:
    erp = world.adapter(Variant)
    some = erp.read_some(Choice("attributes.size", ("M",)), fields=frozenset({"code"}), limit=500)
    assert {item.key for page in some for item in page.items} >= VARIANTS.keys()

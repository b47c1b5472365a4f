"""What a Tryton server may answer on a bad day; tests/erp/test_tryton_live.py reads a real one."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.erp import Cursor, ErpItem, Page, TrytonAdapter, cold, hot
from akeneo_erp_bridge.errors import CursorExpired, ErpRefused, ErpUnreachable

FIELDS = {
    "product.product": {
        "code": {"type": "char"},
        "name": {"type": "char"},
        "active": {"type": "boolean"},
        "attributes": {"type": "dict"},
        "template": {"type": "many2one", "relation": "product.template"},
        "categories": {"type": "many2many", "relation": "product.category"},
        "list_price_used": {"type": "numeric"},
        "quantity": {"type": "float"},
        "last_modified_at": {"type": "timestamp"},
    },
    "product.template": {"last_modified_at": {"type": "timestamp"}, "weight": {"type": "float"}},
    "product.category": {"code": {"type": "char"}},
}


class Variant(ErpItem):
    number = cold(str, "code", key=True)
    name = cold(str, "name")
    german = cold(str, "name@de")
    weight = cold(Decimal, "template.weight")
    groups = cold(frozenset[str], "categories.code")
    size = cold(str, "attributes.size")
    price = hot(Decimal, "list_price_used")
    stock = hot(Decimal, "quantity")


MOMENT = ("year", "month", "day", "hour", "minute", "second", "microsecond")
COLD = frozenset(spec.path for spec in Variant.specs.values()) - {"list_price_used", "quantity"}


def stamp(moment: datetime) -> dict[str, object]:
    return {"__class__": "datetime", **{name: getattr(moment, name) for name in MOMENT}}


def moment_of(value: dict[str, Any]) -> datetime:
    return datetime(*(value[name] for name in MOMENT), tzinfo=UTC)


class Server:
    """Just enough of Tryton's JSON-RPC to answer the adapter, and to misbehave."""

    def __init__(self, count: int = 5) -> None:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        self.records = [
            {
                "id": n,
                "code": f"V-{n:03}",
                "name": f"Name {n}",
                "active": True,
                "attributes": {"size": "M"},
                "template.": {"weight": 1.25, "last_modified_at": stamp(start)},
                "categories.": [{"code": "shirts"}, {"code": "sale"}],
                "list_price_used": {"__class__": "Decimal", "decimal": "9.90"},
                "quantity": 3.0,
                "at": start + timedelta(hours=n),
            }
            for n in range(1, count + 1)
        ]
        self.methods: list[str] = []
        self.contexts: list[dict[str, Any]] = []
        self.trouble: list[Callable[[httpx.Request], httpx.Response | None]] = []
        self.logins = 0
        self.before_the_end_is_known: Callable[[], object] = lambda: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.trouble:
            answer = self.trouble.pop(0)(request)
            if answer is not None:
                return answer
        asked = json.loads(request.content)
        method, params = asked["method"], asked["params"]
        self.methods.append(method)
        if method == "common.db.login":
            self.logins += 1
            if params[1]["password"] != "right":
                return httpx.Response(401)
            return httpx.Response(200, json={"id": 1, "result": [7, f"token-{self.logins}"]})
        self.contexts.append(params[-1])
        model, _, verb = method.removeprefix("model.").rpartition(".")
        return httpx.Response(200, json={"id": 1, "result": self.answer(model, verb, params)})

    def answer(self, model: str, verb: str, params: list[Any]) -> object:
        match model, verb:
            case _, "fields_get":
                return FIELDS[model]
            case "ir.lang", _:
                return [{"code": "en"}, {"code": "de"}]
            case "res.user", _:
                return {"company": 4}
            case "stock.location", _:
                return [
                    {"id": 5, "code": "WH", "name": "Warehouse", "type": "warehouse", "parent": None},
                    {"id": 9, "code": "WH2", "name": "Second", "type": "warehouse", "parent": None},
                    {"id": 6, "code": "OVF", "name": "Overflow", "type": "storage", "parent": 5},
                ]
            case _, "search_count":
                return len(self.records)
            case _, "search_read":
                return self.search(params[0], params[2], params[3])
            case _:
                return [
                    {**self.shown(one), "name": f"Deutsch {one['id']}"}
                    for one in self.records
                    if one["id"] in params[0]
                ]

    def search(self, domain: list[Any], limit: int | None, order: list[list[str]] | None) -> list[dict[str, object]]:
        found = list(self.records)
        for term in domain:
            if term[0] == "id":
                found = [one for one in found if (one["id"] > term[2] if term[1] == ">" else one["id"] <= term[2])]
            elif term[0] == "OR":
                since = moment_of(next(one[2] for one in term[1:] if one[0] == "last_modified_at"))
                found = [one for one in found if one["at"] >= since]
            elif term[:2] == ["active", "="]:
                found = [one for one in found if one["active"] is term[2]]
            elif term[0] == "code":
                found = [one for one in found if one["code"] in term[2]]
        if order and order[0][1] == "DESC":
            self.before_the_end_is_known()
            found.sort(key=lambda one: one["at"], reverse=True)
        return [self.shown(one) for one in found[:limit]]

    def shown(self, one: dict[str, Any]) -> dict[str, object]:
        plain = {name: value for name, value in one.items() if name != "at"}
        return {**plain, "last_modified_at": stamp(one["at"])}


def adapter(
    server: Server, item: type[ErpItem] = Variant, password: str = "right", **options: Any
) -> TrytonAdapter[Any]:
    door = httpx.MockTransport(server)
    erp = TrytonAdapter(
        "http://tryton", "erp", "bridge", password, item, model="product.product", transport=door, **options
    )
    erp._session.sleep = 0
    return erp


def read(erp: TrytonAdapter[Any], since: Cursor | None = None, limit: int = 2) -> list[Page[Any]]:
    return list(erp.read_items(since, fields=COLD, limit=limit))


def keys(pages: Sequence[Page[Any]]) -> list[str]:
    return [one.key for page in pages for one in page.items]


# ---- reading ----
def test_a_row_is_read_through_relations_lists_dictionaries_and_languages() -> None:
    (page,) = read(adapter(Server(1)), limit=5)
    (one,) = page.items
    assert (one.number, one.name, one.german) == ("V-001", "Name 1", "Deutsch 1")
    assert (one.weight, one.groups, one.size) == (Decimal("1.25"), frozenset({"shirts", "sale"}), "M")


def test_an_empty_relation_is_null_and_not_an_error() -> None:
    server = Server(1)
    server.records[0] |= {"template.": None, "attributes": None, "categories.": []}
    ((one,),) = (page.items for page in read(adapter(server), limit=5))
    assert (one.row["template.weight"], one.row["attributes.size"], one.groups) == (None, None, frozenset())


def test_all_pages_by_id_then_only_what_changed() -> None:
    server = Server(5)
    erp = adapter(server)
    first = read(erp)
    assert [len(page.items) for page in first] == [2, 2, 1]
    server.records[1]["at"] = datetime(2026, 2, 1, tzinfo=UTC)
    again = read(erp, first[-1].resume)
    assert keys(again) == ["V-002", "V-005"], (
        "what changed, and the newest of the last round, which the overlap repeats"
    )


@pytest.mark.parametrize("pages", [1, 2])
def test_a_round_cut_short_goes_on_and_loses_nothing(pages: int) -> None:
    server = Server(5)
    erp = adapter(server)
    seen: list[Page[Any]] = []
    for page in erp.read_items(None, fields=COLD, limit=2):
        seen.append(page)
        if len(seen) == pages:
            break
    # one that was read already changes, then one still to come: its stamp is the newest that this round meets
    server.records[0]["at"] = datetime(2026, 2, 1, tzinfo=UTC)
    server.records[4]["at"] = datetime(2026, 3, 1, tzinfo=UTC)
    rest = read(adapter(server), seen[-1].resume)
    assert keys([*seen, *rest]) == [f"V-{n:03}" for n in range(1, 6)]
    assert "V-001" in keys(read(adapter(server), rest[-1].resume))


def test_what_changes_while_the_end_of_a_round_is_asked_for_comes_in_the_next_one() -> None:
    server = Server(5)

    def somebody_works() -> None:
        """One that was read already changes, then another: the newest stamp is that of the other."""
        server.records[0] |= {"name": "late", "at": datetime.now(UTC)}
        time.sleep(0.02)
        server.records[4]["at"] = datetime.now(UTC)

    server.before_the_end_is_known = somebody_works
    erp = adapter(server, overlap=timedelta(0))
    pages = read(erp)
    assert keys(pages) == [f"V-{n:03}" for n in range(1, 6)]
    assert max(len(page.items) for page in pages) == 2
    server.before_the_end_is_known = lambda: None
    assert [one.name for page in read(erp, pages[-1].resume) for one in page.items] == ["late", "Name 5"]


def test_a_delta_longer_than_a_page_goes_on_and_ends() -> None:
    server = Server(6)
    erp = adapter(server)
    first = read(erp)
    for record in server.records[:5]:
        record["at"] = datetime(2026, 2, 1, tzinfo=UTC)
    again = read(erp, first[-1].resume)
    assert set(keys(again)) >= {f"V-{n:03}" for n in range(1, 6)}
    assert max(len(page.items) for page in again) == 2
    server.records[5]["at"] = datetime(2026, 3, 1, tzinfo=UTC)
    assert "V-006" in keys(read(erp, again[-1].resume))


def test_archived_records_are_tombstones_unless_the_item_wants_them() -> None:
    class WithActive(Variant):
        active = cold(bool, "active")

    server = Server(3)
    server.records[1]["active"] = False
    (page,) = read(adapter(server), limit=9)
    assert (keys([page]), list(page.tombstones)) == (["V-001", "V-003"], ["V-002"])
    (page,) = adapter(server, WithActive).read_items(None, fields=COLD | {"active"}, limit=9)
    assert ([one.active for one in page.items], list(page.tombstones)) == ([True, False, True], [])


def test_hot_fields_know_the_company_and_the_warehouses() -> None:
    server = Server(3)
    pages = list(adapter(server).read_hot(None, keys=["V-002"]))
    assert [(one.price, one.stock) for page in pages for one in page.items] == [(Decimal("9.90"), Decimal("3.0"))]
    assert {"company": 4, "locations": [5, 9], "language": "en"} in server.contexts


def test_an_archived_record_is_no_tombstone_while_an_active_one_has_its_key() -> None:
    server = Server(3)
    server.records[1]["active"] = False
    server.records[2]["code"] = "V-002"
    for limit in (9, 2):
        pages = read(adapter(server), limit=limit)
        assert (keys(pages), [key for page in pages for key in page.tombstones]) == (["V-001", "V-002"], [])


# ---- what can go wrong ----
@pytest.mark.parametrize(
    "cursor",
    [
        Cursor("snapshot", "", "x"),
        Cursor("timestamp", "nonsense", "{}"),
        Cursor("timestamp", '{"since": "yesterday", "until": null, "after": 0}', "{}"),
        Cursor("timestamp", '{"since": null, "until": null, "after": 0}', "other fields"),
    ],
)
def test_a_foreign_cursor_is_said_to_be_expired(cursor: Cursor) -> None:
    erp = adapter(Server())
    version = read(erp)[-1].resume.schema_hash
    cursor = Cursor(cursor.kind, cursor.blob, version if cursor.schema_hash == "{}" else cursor.schema_hash)
    with pytest.raises(CursorExpired, match=r"product\.product: the cursor is of other fields"):
        read(erp, cursor)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nope", "product.product has no field 'nope'; it has: active, attributes"),
        ("template.nope", "product.template has no field 'nope'"),
        ("name.first", "field 'name' of product.product is char, so nothing can follow it"),
        ("name@xx", "Tryton does not translate into xx; it has de, en"),
    ],
)
def test_a_wrong_path_is_named(path: str, words: str) -> None:
    class Wrong(ErpItem):
        number = cold(str, "code", key=True)
        other = cold(str, path)

    with pytest.raises(ErpRefused, match=words):
        list(adapter(Server(), Wrong).read_items(None, fields=frozenset({path}), limit=5))


def test_describe_leaves_a_wrong_path_to_preflight() -> None:
    class Wrong(Variant):
        other = cold(str, "template.nope")

    names = adapter(Server(), Wrong).describe().field_names
    assert "template.nope" not in names
    assert {"name@de", "template.weight", "attributes.size"} <= names


def test_a_wrong_password_is_said_and_not_shown() -> None:
    erp = adapter(Server(), password="S3CRET")
    with pytest.raises(ErpRefused, match="refused user 'bridge'; check the user name and the password") as caught:
        read(erp)
    health = erp.check()
    assert not health.ok
    assert "S3CRET" not in f"{caught.value!r} {health} {erp!r} {erp._session!r}"


def test_an_ended_session_is_opened_again_once() -> None:
    server = Server(1)
    erp = adapter(server)
    read(erp)
    server.trouble = [lambda _: httpx.Response(401)]
    assert len(read(erp)) == 1
    assert server.logins == 2


def test_a_busy_or_cut_server_is_asked_again() -> None:
    def cut(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut", request=request)

    server = Server(1)
    erp = adapter(server)
    read(erp)
    server.trouble = [lambda _: httpx.Response(503), cut]
    assert len(read(erp)) == 1


def test_a_silent_server_is_unreachable_after_three_tries() -> None:
    tries: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        raise httpx.ConnectError("refused", request=request)

    server = Server()
    server.trouble = [refuse] * 9
    with pytest.raises(
        ErpUnreachable, match=r"Tryton at http://tryton does not answer \(ConnectError: refused\); check"
    ):
        read(adapter(server))
    assert len(tries) == 3


def test_half_an_answer_is_no_answer() -> None:
    server = Server()
    erp = adapter(server)
    read(erp)
    half = httpx.Response(200, content=b'{"id": 1, "result": [{"id"', headers={"Content-Type": "application/json"})
    server.trouble = [lambda _: half]
    with pytest.raises(ErpUnreachable, match=r"breaks off or is damaged \(26 bytes.*try again later"):
        read(erp)
    read(erp)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(404), "has no database 'erp'"),
        (httpx.Response(403), "does not let 'bridge' call"),
        (httpx.Response(200, text="<html>"), "gave no JSON-RPC answer"),
        (httpx.Response(200, json={"error": ["UserError", ["You may not.", "x"]]}), "UserError: .*You may not"),
        (httpx.Response(200, json={"error": ["'nofield'", ""]}), "'nofield'"),
    ],
)
def test_a_refusal_is_told_in_words(answer: httpx.Response, words: str) -> None:
    server = Server()
    erp = adapter(server)
    read(erp)
    server.trouble = [lambda _: answer]
    with pytest.raises(ErpRefused, match=words):
        read(erp)

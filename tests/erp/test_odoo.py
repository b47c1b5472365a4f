"""What an Odoo may answer on a bad day; tests/erp/test_odoo_live.py reads a real one."""

from __future__ import annotations

import json
import logging
import xmlrpc.client
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.erp import Cursor, ErpItem, OdooAdapter, OdooDraft, Page, cold, hot
from akeneo_erp_bridge.errors import BridgeError, ConfigurationError, CursorExpired, ErpRefused, ErpUnreachable

SECRET = "not-to-be-seen"
FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "product.product": {
        "id": {"type": "integer", "readonly": True},
        "default_code": {"type": "char"},
        "name": {"type": "char"},
        "weight": {"type": "float", "digits": [16, 2]},
        "lst_price": {"type": "float", "digits": False},
        "categ_id": {"type": "many2one", "relation": "product.category"},
        "product_tmpl_id": {"type": "many2one", "relation": "product.template"},
        "picture": {"type": "binary"},
        "ends_on": {"type": "date"},
        "active": {"type": "boolean"},
        "write_date": {"type": "datetime", "readonly": True},
    },
    "product.category": {"name": {"type": "char"}, "write_date": {"type": "datetime"}},
    "product.template": {"name": {"type": "char"}, "write_date": {"type": "datetime"}},
}
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def told(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


class Part(ErpItem):
    number = cold(str, "default_code", key=True)
    name = cold(str, "name")
    weight = cold(Decimal, "weight")
    group = cold(str, "categ_id.name")
    price = hot(Decimal, "lst_price")


COLD = frozenset({"default_code", "name", "weight", "categ_id.name"})


class Server:
    """Just enough of Odoo, by JSON-2, to answer the adapter, and to misbehave."""

    def __init__(self, count: int = 5) -> None:
        self.now = START + timedelta(days=1)
        self.rows: list[dict[str, Any]] = [
            {
                "id": n,
                "default_code": f"P-{n}",
                "name": f"Part {n}",
                "weight": 1.25,
                "lst_price": 9.9,
                "categ_id": [7, "Parts"],
                "product_tmpl_id": [n, "Part"],
                "picture": False,
                "ends_on": False,
                "active": True,
                "write_date": told(START),
            }
            for n in range(1, count + 1)
        ]
        self.trouble: list[Callable[[httpx.Request], httpx.Response | None]] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.trouble:
            answer = self.trouble.pop(0)(request)
            if answer is not None:
                return answer
        _, _, _, model, method = request.url.path.split("/")
        asked = json.loads(request.content)
        self.calls.append((f"{model}.{method}", asked))
        found = self.answer(model, method, asked)
        return httpx.Response(200, content=json.dumps(found), headers={"Date": format_datetime(self.now, usegmt=True)})

    def answer(self, model: str, method: str, asked: dict[str, Any]) -> object:
        match model, method:
            case _, "fields_get":
                return FIELDS[model]
            case "res.lang", _:
                return [{"code": "en_US"}]
            case "res.users", "context_get":
                return {"uid": 2}
            case "res.users", _:
                return [{"id": 2, "login": "admin"}]
            case "product.category", "read":
                return [{"id": 7, "name": "Parts", "write_date": told(START)}]
            case _, "search_count":
                return len(self.rows)
            case "product.product", "search_read":
                return self.search(asked["domain"], asked["limit"])
            case _:
                raise AssertionError((model, method))

    def search(self, domain: list[Any], limit: int) -> list[dict[str, Any]]:
        found = self.rows
        for term in domain:
            match term:
                case ["id", ">", after]:
                    found = [one for one in found if one["id"] > after]
                case ["id", "not in", ids]:
                    found = [one for one in found if one["id"] not in ids]
                case ["default_code", "in", keys]:
                    found = [one for one in found if one["default_code"] in keys]
                case ["write_date", ">=", stamp]:
                    found = [one for one in found if one["write_date"] >= stamp]
                case _:
                    continue
        return found[: limit or None]


def adapter(
    server: Callable[[httpx.Request], httpx.Response], protocol: Any = "json2", item: Any = Part, **options: Any
) -> OdooAdapter[Any]:
    erp = OdooAdapter(
        "http://odoo", "erp", "admin", SECRET, item, protocol=protocol, transport=httpx.MockTransport(server), **options
    )
    erp._session.sleep = lambda _: None
    return erp


def read(
    erp: OdooAdapter[Any], since: Cursor | None = None, limit: int = 2, fields: frozenset[str] = COLD
) -> list[Page[Any]]:
    return list(erp.read_items(since, fields=fields, limit=limit))


def keys(pages: list[Page[Any]]) -> list[str]:
    return [one.key for page in pages for one in page.items]


# ---- values ----
@pytest.mark.parametrize(
    ("wire", "price"),
    [("21.900000000000002", "21.9"), ("0.30000000000000004", "0.3"), ("19.9", "19.9"), ("1234567.89", "1234567.89"), ("0.0", "0.0"), ("7", "7")],
)  # fmt: skip
def test_money_is_a_float_and_loses_what_a_double_adds(wire: str, price: str) -> None:
    server = Server(1)

    def answer(request: httpx.Request) -> httpx.Response:
        found = server(request)
        return httpx.Response(200, content=found.content.replace(b'"lst_price": 9.9', b'"lst_price": ' + wire.encode()))

    ((one,),) = (page.items for page in adapter(answer).read_hot(None, keys=None))
    assert (one.price, str(one.row["lst_price"])) == (Decimal(price), price)


def test_a_number_with_digits_is_rounded_to_them() -> None:
    server = Server(2)
    server.rows[0]["weight"], server.rows[1]["weight"] = 1.2000000000000002, 2
    assert [str(one.row["weight"]) for page in read(adapter(server)) for one in page.items] == ["1.20", "2.00"]


@pytest.mark.parametrize(("field", "value"), [("ends_on", "soon"), ("picture", "%%%"), ("weight", "heavy")])
def test_a_value_of_the_wrong_kind_names_its_field(field: str, value: str) -> None:
    class Odd(ErpItem):
        number = cold(str, "default_code", key=True)
        odd = cold(str, field)

    server = Server(1)
    server.rows[0][field] = value
    with pytest.raises(ErpRefused, match=f"field '{field}' is .*, but holds '{value}'"):
        read(adapter(server, item=Odd), fields=frozenset({field}))


# ---- rounds ----
def test_all_pages_by_id_then_only_what_changed() -> None:
    server = Server(5)
    erp = adapter(server)
    first = read(erp)
    assert [len(page.items) for page in first] == [2, 2, 1]
    server.rows[1]["write_date"] = told(server.now)
    server.now += timedelta(hours=5)
    again = read(erp, first[-1].resume)
    assert keys(again) == ["P-2"]
    conditions = [asked["domain"] for call, asked in server.calls if call == "product.product.search_read"][-2]
    stamps = {term[0] for term in conditions if term != "|" and term[1] == ">="}
    assert stamps == {"write_date", "product_tmpl_id.write_date", "categ_id.write_date"}


def test_a_change_during_a_round_is_read_in_the_next() -> None:
    """What is behind already changes; then what is still to come, whose stamp is the newest that this round meets."""
    server = Server(5)
    erp = adapter(server, overlap=timedelta(0))
    server.rows[2]["write_date"] = told(server.now - timedelta(minutes=5))
    pages = []
    for page in erp.read_items(None, fields=COLD, limit=2):
        pages.append(page)
        if len(pages) == 1:
            server.rows[0]["write_date"] = told(server.now + timedelta(minutes=1))
            server.rows[4]["write_date"] = told(server.now + timedelta(minutes=2))
    assert len(keys(pages)) == 5
    assert "P-1" in keys(read(erp, pages[-1].resume))


def test_a_stamp_of_the_year_2099_does_not_stop_the_deltas() -> None:
    server = Server(3)
    server.rows[1]["write_date"] = "2099-12-31 00:00:00"
    erp = adapter(server)
    first = read(erp)
    server.rows[0]["write_date"] = told(server.now)
    assert "P-1" in keys(read(erp, first[-1].resume))


def test_a_web_server_whose_clock_is_ahead_of_its_database_loses_nothing() -> None:
    server = Server(3)
    server.now = START + timedelta(minutes=30)
    erp = adapter(server, overlap=timedelta(0))
    first = read(erp)
    server.rows[1]["write_date"] = told(START + timedelta(minutes=1))  # just now, by the database's clock
    assert "P-2" in keys(read(erp, first[-1].resume))


def test_an_adapter_that_waits_for_its_next_run_knows_the_time() -> None:
    server = Server(3)
    erp = adapter(server, overlap=timedelta(0))
    first = read(erp)
    erp._session._ahead += timedelta(hours=3)  # as after three hours
    server.now += timedelta(hours=3)
    server.rows[1]["write_date"] = told(server.now)
    second = read(erp, first[-1].resume)
    assert keys(second) == ["P-2"]
    server.rows[2]["write_date"] = told(server.now - timedelta(hours=2))  # long before: nobody asks for it again
    assert keys(read(erp, second[-1].resume)) == ["P-2"]


def test_a_quiet_hour_is_not_asked_for_again() -> None:
    server = Server(3)
    erp = adapter(server, overlap=timedelta(0))
    assert keys(read(erp, read(erp)[-1].resume)) == []


def test_what_is_false_is_null_but_for_a_boolean() -> None:
    class Odd(Part):
        ends_on = cold(str, "ends_on")
        picture = cold(bytes, "picture")
        active = cold(bool, "active")

    server = Server(1)
    server.rows[0] |= {"name": False, "categ_id": False, "active": False}
    fields = COLD | {"ends_on", "picture", "active"}
    ((one,),) = (page.items for page in read(adapter(server, item=Odd), fields=fields))
    assert [one.row[path] for path in ("name", "categ_id.name", "ends_on", "picture")] == [None] * 4
    assert one.active is False


def test_an_overlap_reads_what_committed_late() -> None:
    server = Server(3)
    erp = adapter(server, overlap=timedelta(minutes=10))
    server.rows[1]["write_date"] = told(server.now)
    first = read(erp)
    server.rows[2]["write_date"] = told(server.now - timedelta(minutes=9))  # a transaction that began nine minutes ago
    assert keys(read(erp, first[-1].resume, limit=9)) == ["P-2", "P-3"]


def test_others_with_the_number_come_along_in_pages_of_the_size_asked_for() -> None:
    server = Server(4)
    server.rows[0]["default_code"] = server.rows[1]["default_code"] = server.rows[3]["default_code"] = "TWICE"
    erp = adapter(server)
    first = read(erp, limit=9)
    server.rows[3]["write_date"] = told(server.now)
    again = read(erp, first[-1].resume, limit=2)
    assert [[one.name for one in page.items] for page in again] == [["Part 1", "Part 2"], ["Part 4"]]


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor("snapshot", "", "{}"),
        Cursor("timestamp", "nonsense", "{}"),
        Cursor("timestamp", '{"since": "yesterday", "began": null, "newest": null, "after": 0}', "{}"),
        Cursor("timestamp", '{"since": null, "began": null, "newest": null, "after": 0}', "other fields"),
    ],
)
def test_a_foreign_cursor_is_said_to_be_expired(cursor: Cursor) -> None:
    erp = adapter(Server())
    version = read(erp)[-1].resume.schema_hash
    cursor = Cursor(cursor.kind, cursor.blob, version if cursor.schema_hash == "{}" else cursor.schema_hash)
    with pytest.raises(CursorExpired, match=r"product\.product: the cursor is of other fields"):
        read(erp, cursor)


def test_an_overlap_is_not_negative() -> None:
    with pytest.raises(ConfigurationError, match="an overlap is a length of time"):
        adapter(Server(), overlap=timedelta(seconds=-1))


# ---- bad days ----
def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    return fail


BAD = [
    *(pytest.param(lambda _, code=code: httpx.Response(code), id=str(code)) for code in (429, 502, 503, 504)),
    pytest.param(raising(httpx.ReadError("reset")), id="reset"),
    pytest.param(raising(httpx.ReadTimeout("slow")), id="time-out"),
    pytest.param(raising(httpx.RemoteProtocolError("half")), id="cut short"),
]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_moment_is_waited_out(bad: Callable[[httpx.Request], httpx.Response]) -> None:
    server = Server(3)
    server.trouble = [bad, bad]
    assert keys(read(adapter(server))) == ["P-1", "P-2", "P-3"]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_day_is_told(bad: Callable[[httpx.Request], httpx.Response], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = Server()
    server.trouble = [bad] * 9
    erp = adapter(server)
    with pytest.raises(ErpUnreachable, match="Odoo at http://odoo does not answer") as caught:
        read(erp)
    assert len(server.trouble) == 6, "three tries"
    assert SECRET not in f"{caught.value} {erp!r} {erp._session!r} {caplog.text} {erp.check()}"


@pytest.mark.parametrize(("asked", "pauses"), [("7", [7.0]), ("1", [1.0]), ("tomorrow", [0.5]), ("3600", [])])
def test_a_pause_that_is_asked_for_is_kept_unless_it_is_too_long(asked: str, pauses: list[float]) -> None:
    server = Server(1)
    server.trouble = [lambda _: httpx.Response(429, headers={"Retry-After": asked})]
    erp = adapter(server)
    slept: list[float] = []
    erp._session.sleep = slept.append
    if pauses:
        assert keys(read(erp)) == ["P-1"]
    else:
        with pytest.raises(ErpUnreachable, match="HTTP 429"):
            read(erp)
    assert slept == pauses


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(200, text="<html>Welcome</html>"), "is no Odoo of series 14 or newer by json2"),
        (httpx.Response(404, text="<html>Not Found</html>"), "or has no database 'erp'"),
        (httpx.Response(301, headers={"Location": "https://odoo/"}), "sends on to https://odoo/"),
        (httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip")), "is no Odoo"),
    ],
)
def test_an_answer_that_is_not_odoos_is_told(answer: httpx.Response, words: str) -> None:
    server = Server()
    server.trouble = [lambda _: answer]
    with pytest.raises(ErpRefused, match=words):
        read(adapter(server))


def test_half_an_answer_is_no_answer() -> None:
    """What broke off on its way is not what the server is."""
    server = Server(1)
    server.trouble = [lambda _: httpx.Response(200, content=b'{"default_code": {"ty', headers=JSON_SAID)]
    erp = adapter(server)
    with pytest.raises(ErpUnreachable, match=r"JSON that breaks off or is damaged \(21 bytes\); try again later"):
        read(erp)
    assert keys(read(erp)) == ["P-1"]


JSON_SAID = {"Content-Type": "application/json; charset=utf-8"}
FAULTS = [
    ("odoo.exceptions.AccessDenied", "Access Denied", ErpRefused, "does not let 'admin' in; check the user name"),
    ("odoo.exceptions.AccessError", "for the following groups:\n\t- Inventory / User\n\t- Sales", ErpRefused, "user 'admin' may not read product.product; ask for one of the groups Inventory / User, Sales. Odoo says"),
    ("odoo.exceptions.ValidationError", "The barcode is taken.", ErpRefused, r"refused product.product.fields_get \(ValidationError\): The barcode is taken"),
    ("odoo.exceptions.MissingError", "Record does not exist or has been deleted.", ErpRefused, "MissingError"),
    ("builtins.ValueError", "Invalid field 'nope' on 'product.product'", ErpRefused, "Invalid field 'nope'"),
    ("builtins.KeyError", "'product.product'", ErpRefused, r"has no model 'product.product'; it comes with the module Products \(product\)"),
    ("psycopg2.OperationalError", 'FATAL:  database "erp" does not exist', ErpRefused, "has no database 'erp'"),
    ("psycopg2.OperationalError", "could not connect to server", ErpUnreachable, "cannot reach its own database"),
    ("psycopg2.errors.SerializationFailure", "could not serialize access", ErpUnreachable, "others change the same records"),
]  # fmt: skip
MESSAGE = f" beside {SECRET} "


@pytest.mark.parametrize(("name", "message", "kind", "words"), FAULTS)
@pytest.mark.parametrize("protocol", ["json2", "jsonrpc"])
def test_an_error_of_odoo_is_told_in_words(
    protocol: Any, name: str, message: str, kind: type[BridgeError], words: str
) -> None:
    error = {"name": name, "message": message, "debug": f"Traceback {SECRET}", "arguments": [SECRET]}

    def answer(request: httpx.Request) -> httpx.Response:
        if b"authenticate" in request.content:
            return httpx.Response(200, json={"jsonrpc": "2.0", "result": 7})
        if protocol == "json2":
            return httpx.Response(500, json=error)
        return httpx.Response(200, json={"jsonrpc": "2.0", "error": {"message": "Odoo Server Error", "data": error}})

    with pytest.raises(kind, match=words) as caught:
        read(adapter(answer, protocol))
    assert SECRET not in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(("name", "message", "kind", "words"), FAULTS)
def test_a_fault_of_xml_is_told_in_words(name: str, message: str, kind: type[BridgeError], words: str) -> None:
    codes = {"AccessDenied": 3, "AccessError": 4, "ValidationError": 2, "MissingError": 2}
    code = codes.get(name.rpartition(".")[2], 1)
    traceback = f'Traceback (most recent call last):\n  File "x.py", line 1, in y\n    z()\n{name}: {message}\n'
    fault = xmlrpc.client.Fault(code, message if code > 1 else traceback)

    def answer(request: httpx.Request) -> httpx.Response:
        if b"authenticate" in request.content:
            return httpx.Response(200, content=xmlrpc.client.dumps((7,), methodresponse=True))
        return httpx.Response(200, content=xmlrpc.client.dumps(fault))

    expected = words.replace("ValidationError", "UserError").replace("MissingError", "UserError")
    with pytest.raises(kind, match=expected) as caught:
        read(adapter(answer, "xmlrpc"))
    assert "Traceback" not in str(caught.value)


def test_a_secret_in_odoos_own_words_is_struck_out() -> None:
    error = {"name": "odoo.exceptions.UserError", "message": f"You sent {SECRET}; why?"}
    with pytest.raises(ErpRefused, match=r"You sent \*\*\*; why\?"):
        read(adapter(lambda _: httpx.Response(422, json=error)))


def test_a_lost_race_is_run_again() -> None:
    server = Server(1)
    race = {"name": "psycopg2.errors.SerializationFailure", "message": "could not serialize access"}
    server.trouble = [lambda _: httpx.Response(500, json=race)] * 2
    assert keys(read(adapter(server))) == ["P-1"]


def test_a_server_without_the_newest_protocols_is_asked_in_the_oldest() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if not request.url.path.startswith("/xmlrpc"):
            return httpx.Response(404, text="<html>")
        found: Any = 7 if b"authenticate" in request.content else {"uid": 7}
        return httpx.Response(200, content=xmlrpc.client.dumps((found,), methodresponse=True))

    assert adapter(answer, None)._session.found_protocol() == "xmlrpc"
    assert asked[:3] == ["/json/2/res.users/context_get", "/jsonrpc", "/xmlrpc/2/common"]


def test_a_wrong_password_is_tried_in_no_further_protocol() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if request.url.path.startswith("/json/2"):
            return httpx.Response(401, json={"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"})
        return httpx.Response(200, json={"jsonrpc": "2.0", "result": False})

    health = adapter(answer, None).check()
    assert (health.ok, "does not let 'admin' in" in health.message) == (False, True)
    assert asked == ["/json/2/res.users/context_get", "/jsonrpc"]


# ---- writing ----
def test_a_draft_without_a_key_of_its_own_is_refused() -> None:
    with pytest.raises(ErpRefused, match="has no idempotency key"):
        adapter(Server()).write_item(OdooDraft({"name": "x"}), idempotency_key="", if_version=None)


def test_different_idempotency_keys_have_different_names() -> None:
    writer = adapter(Server())._writer
    names = [writer._name(key) for key in ("a.b", "a_b", "a-b", "a/b", "ä", "a b", "a_2eb")]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "").replace("-", "").isalnum() for name in names)

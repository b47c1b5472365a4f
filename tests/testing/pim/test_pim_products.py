"""Products: writing, merging, reading back. Passages are named after pages of Akeneo's API documentation."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from akeneo_erp_bridge.testing import Behaviour, PimSimulator
from pim_bench import API, Caller, new_uuid, seed, value


def test_create_then_update(pim: Caller) -> None:
    """Responses, "success": 201 when created, 204 when updated, both with Location and without body."""
    key = new_uuid()
    first = pim.patch(f"products-uuid/{key}", {"family": "drill"})
    second = pim.patch(f"products-uuid/{key}", {"enabled": False})
    assert [(one.status_code, one.content) for one in (first, second)] == [(201, b""), (204, b"")]
    assert (
        first.headers["Location"]
        == second.headers["Location"]
        == str(pim.http.base_url.join(f"{API}/products-uuid/{key}"))
    )
    assert pim.get(f"products-uuid/{key}").json()["enabled"] is False


def test_both_views_on_one_product(pim: Caller) -> None:
    """Products by UUID and by identifier: the identifier is a value in one and a root property in the other."""
    key = pim.product("DR-1", values={"name": value("Drill", "en_US")})
    by_uuid, by_code = pim.get(f"products-uuid/{key}").json(), pim.get("products/dr-1").json()
    assert by_uuid["values"]["sku"][0]["data"] == "DR-1"
    assert "identifier" not in by_uuid
    assert by_code["identifier"] == "DR-1"
    assert by_code["uuid"] == key
    assert "sku" not in by_code["values"]
    assert by_code["values"]["name"][0]["data"] == "Drill"


def test_post_makes_a_uuid_and_refuses_a_taken_key(pim: Caller) -> None:
    """Create a product: the UUID is optional; an existing key is a 422 on that property."""
    made = pim.post("products-uuid", {"values": {"sku": value("A")}})
    key = made.headers["Location"].rpartition("/")[2]
    assert made.status_code == 201
    again = pim.post("products-uuid", {"uuid": key})
    assert (again.status_code, again.json()["errors"][0]["property"]) == (422, "uuid")
    taken = pim.post("products", {"identifier": "a"})
    assert (taken.status_code, taken.json()["errors"][0]["property"]) == (422, "identifier")


@pytest.mark.parametrize(
    "key", ["not-one", "0d6f1bd0-5b7e-11ee-8c99-0242ac120002", "b5d1f1a2-7a3c-5f60-9d3e-1f2a3b4c5d6e"]
)
def test_only_version_4(pim: Caller, key: str) -> None:
    """Products by UUID: version 4 only, so name-based and time-based ones are refused."""
    assert pim.patch(f"products-uuid/{key}", {}).status_code == 422


def test_upper_case_uuid_is_stored_lower(pim: Caller) -> None:
    """Products by UUID: upper case is accepted."""
    key = new_uuid()
    assert pim.patch(f"products-uuid/{key.upper()}", {}).status_code == 201
    assert pim.get(f"products-uuid/{key}").json()["uuid"] == key


def test_body_key_must_match(pim: Caller) -> None:
    """Update behaviour: the key in the body must be the one in the URL."""
    answer = pim.patch(f"products-uuid/{new_uuid()}", {"uuid": new_uuid()})
    assert answer.status_code == 422
    assert "must match the uuid" in answer.json()["message"]
    assert pim.patch("products/a", {"identifier": "b"}).status_code == 422


def test_rename_by_identifier(pim: Caller) -> None:
    """Update a product: another identifier in the body renames an existing product."""
    key = pim.product("old")
    assert pim.patch("products/old", {"identifier": "new"}).status_code == 204
    assert pim.get("products/old").status_code == 404
    assert pim.get("products/new").json()["uuid"] == key


def test_unknown_property(pim: Caller) -> None:
    """Errors: a property that does not exist is a 422 with a link; `identifier` is one on UUID routes."""
    for name in ("foo", "identifier"):
        answer = pim.patch(f"products-uuid/{new_uuid()}", {name: "x"})
        assert answer.status_code == 422
        assert answer.json()["message"].startswith(f'Property "{name}" does not exist.')
        assert answer.json()["_links"]["documentation"]["href"]


def test_read_only_dates_are_ignored(pim: Caller) -> None:
    """Update a product: created and updated are ignored without a word."""
    key = pim.product("A")
    assert pim.patch(f"products-uuid/{key}", {"created": "1999-01-01", "updated": None}).status_code == 204
    assert pim.get(f"products-uuid/{key}").json()["created"][:4] != "1999"


@pytest.mark.parametrize("body", [{"family": ["drill"]}, {"enabled": None}, {"categories": "tools"}, {"values": "x"}])
def test_wrong_kind(pim: Caller, body: dict[str, Any]) -> None:
    """Update behaviour, rule 4: the JSON kind must fit."""
    answer = pim.patch(f"products-uuid/{new_uuid()}", body)
    assert answer.status_code == 422
    assert "as data" in answer.json()["message"]


def test_nothing_is_stored_of_a_refused_product(pim: Caller) -> None:
    """Validation: a refused line writes nothing at all."""
    key = pim.product("A", values={"note": value("old")})
    refused = pim.patch(f"products-uuid/{key}", {"enabled": False, "values": {"note": value("far too long")}})
    assert refused.status_code == 422
    assert pim.data(key, "note") == "old"
    assert pim.get(f"products-uuid/{key}").json()["enabled"] is True


def test_categories_are_replaced_and_sorted(pim: Caller) -> None:
    """Update behaviour, rule 2: a list replaces; add_ and remove_categories change it."""
    key = pim.product("A", categories=["tools", "sale"])
    assert pim.get(f"products-uuid/{key}").json()["categories"] == ["sale", "tools"]
    pim.patch(f"products-uuid/{key}", {"categories": ["tools"]})
    pim.patch(f"products-uuid/{key}", {"add_categories": ["master"], "remove_categories": ["tools"]})
    assert pim.get(f"products-uuid/{key}").json()["categories"] == ["master"]
    assert pim.patch(f"products-uuid/{key}", {"categories": [], "add_categories": []}).status_code == 422
    assert pim.patch(f"products-uuid/{key}", {"categories": ["nowhere"]}).status_code == 422


def test_groups_are_replaced_and_sorted(pim: Caller) -> None:
    """Update behaviour, rule 2; users make groups, the API only names them."""
    key = pim.product("A")
    assert pim.patch(f"products-uuid/{key}", {"groups": ["winter"]}).status_code == 422
    pim.sim.load("/api/rest/v1/groups", [{"code": "winter"}, {"code": "gifts"}])
    assert pim.patch(f"products-uuid/{key}", {"groups": ["Winter", "gifts"]}).status_code == 204
    assert pim.get(f"products-uuid/{key}").json()["groups"] == ["gifts", "winter"]
    for operator, found in (("IN", 1), ("NOT IN", 0)):
        where = {"groups": [{"operator": operator, "value": ["winter"]}]}
        assert len(pim.items("products-uuid", search=where)) == found
    pim.patch(f"products-uuid/{key}", {"associations": {"X_SELL": {"groups": ["gifts"]}}})
    assert pim.get(f"products-uuid/{key}").json()["associations"]["X_SELL"]["groups"] == ["gifts"]
    pim.patch(f"products-uuid/{key}", {"groups": []})
    assert pim.items("products-uuid", search={"groups": [{"operator": "EMPTY"}]})


def test_values_merge_by_locale_and_scope(pim: Caller) -> None:
    """Update behaviour, product values: other locales stay, null erases one."""
    key = pim.product("A", values={"name": value("Drill", "en_US")})
    pim.patch(f"products-uuid/{key}", {"values": {"name": value("Perceuse", "fr_FR")}})
    assert {one["locale"]: one["data"] for one in pim.values(key)["name"]} == {"en_US": "Drill", "fr_FR": "Perceuse"}
    pim.patch(f"products-uuid/{key}", {"values": {"name": value(None, "fr_FR")}})
    assert [one["locale"] for one in pim.values(key)["name"]] == ["en_US"]


@pytest.mark.parametrize("empty", [None, "", []])
def test_erasing(pim: Caller, empty: object) -> None:
    """Product values: null, an empty text and an empty list all erase."""
    key = pim.product("A", values={"tags": value(["a"]), "note": value("x")})
    attribute = "tags" if empty == [] else "note"
    pim.patch(f"products-uuid/{key}", {"values": {attribute: value(empty)}})
    assert attribute not in pim.values(key)


def test_whole_data_is_replaced(pim: Caller) -> None:
    """Update behaviour: `data` is replaced as a whole, so prices and multi-selects must be sent complete."""
    both = [{"amount": "10", "currency": "EUR"}, {"amount": "12", "currency": "USD"}]
    key = pim.product("A", values={"price": value(both), "tags": value(["c", "a"])})
    pim.patch(f"products-uuid/{key}", {"values": {"price": value(both[:1]), "tags": value(["b", "a"])}})
    assert pim.data(key, "price") == [{"amount": "10.00", "currency": "EUR"}]
    assert pim.data(key, "tags") == ["a", "b"]


def test_an_unchanged_product_is_not_saved() -> None:
    """Changelog of 5.0: a PATCH that changes nothing answers 204 and leaves `updated` alone."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    sim = seed(PimSimulator(clock=lambda: now[0]))
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        key = pim.product("A", values={"power": value("12.5")}, categories=["tools", "sale"])
        now[0] += timedelta(minutes=10)
        same = {"categories": ["sale", "tools"], "values": {"power": value("12.50")}}
        assert pim.patch(f"products-uuid/{key}", same).status_code == 204
        assert pim.get(f"products-uuid/{key}").json()["updated"] == "2026-01-01T00:00:00+00:00"
        pim.patch(f"products-uuid/{key}", {"values": {"power": value("13")}})
        assert pim.get(f"products-uuid/{key}").json()["updated"] == "2026-01-01T00:10:00+00:00"


def test_delete_twice(pim: Caller) -> None:
    """Delete a product: 204, then 404; its identifier is free again."""
    key = pim.product("A")
    statuses = [pim.http.delete(f"{API}/products-uuid/{key}").status_code for _ in range(2)]
    assert statuses == [204, 404]
    pim.product("A")


READ_BACK = [
    ("power", "12.56", "12.5600"),
    ("power", 12, "12.0000"),
    ("count", 7, 7),
    ("count", "7", 7),
    ("weight", {"amount": "1.5", "unit": "gram"}, {"amount": "1.5000", "unit": "GRAM", "symbol": "g"}),
    ("price", [{"amount": "9.9", "currency": "EUR"}], [{"amount": "9.90", "currency": "EUR"}]),
    ("since", "2026-06-13", "2026-06-13T00:00:00+00:00"),
    ("since", "2026-06-13T23:30:00-08:00", "2026-06-13T00:00:00+00:00"),
    ("colour", "RED", "red"),
    ("new", False, False),
    ("note", "  x", "  x"),
]


@pytest.mark.parametrize(("attribute", "sent", "shown"), READ_BACK)
def test_read_back(pim: Caller, attribute: str, sent: object, shown: object) -> None:
    """Concepts, product values: numbers come back padded, dates with a zone, codes in the stored case."""
    assert pim.data(pim.product("A", values={attribute: value(sent)}), attribute) == shown


BROKEN_RULES = [
    ("note", "123456"),
    ("colour", "green"),
    ("tags", ["a", "z"]),
    ("power", "abc"),
    ("power", "0.5"),
    ("power", "99.1"),
    ("count", "1.5"),
    ("count", -1),
    ("weight", {"amount": "1", "unit": "LITER"}),
    ("weight", {"amount": "-1", "unit": "GRAM"}),
    ("price", [{"amount": "1", "currency": "GBP"}]),
]


@pytest.mark.parametrize(("attribute", "data"), BROKEN_RULES)
def test_broken_rule(pim: Caller, attribute: str, data: object) -> None:
    """Errors, validation: 422 with errors[] that name property, attribute, locale and scope."""
    answer = pim.patch(f"products-uuid/{new_uuid()}", {"values": {attribute: value(data)}})
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation failed.")
    (error,) = answer.json()["errors"]
    assert error.pop("message")
    assert error == {"property": "values", "attribute": attribute, "locale": None, "scope": None}


BROKEN_SHAPES: list[dict[str, object]] = [
    {"nowhere": value("x")},
    {"note": "x"},
    {"note": [{"locale": None, "data": "x"}]},
    {"note": value(5)},
    {"note": value("x", "en_US")},
    {"note": value("x", None, "shop")},
    {"note": [*value("a"), *value("b")]},
    {"name": value("x")},
    {"name": value("x", "de_DE")},
    {"text": value("x", "en_US")},
    {"text": value("x", "en_US", "nowhere")},
    {"text": value("x", "fr_FR", "print")},
    {"tags": value("a")},
    {"new": value("true")},
    {"since": value("13.06.2026")},
    {"weight": value({"amount": "1"})},
    {"price": value({"amount": "1", "currency": "EUR"})},
]


@pytest.mark.parametrize("values", BROKEN_SHAPES, ids=lambda values: json.dumps(values)[:60])
def test_broken_shape(pim: Caller, values: dict[str, object]) -> None:
    """Errors, structure: 422 with a message and a link instead of errors[]."""
    answer = pim.patch(f"products-uuid/{new_uuid()}", {"values": values})
    assert answer.status_code == 422
    assert "errors" not in answer.json()
    assert answer.json()["_links"]


@pytest.mark.parametrize("sku", ["a,b", "a;b", "a\nb", " a", "a ", "a\u00a0b"])
def test_identifier_rules(pim: Caller, sku: str) -> None:
    """Concepts, identifier: no comma, semicolon, line break, outer or non-breaking space."""
    answer = pim.patch(f"products-uuid/{new_uuid()}", {"values": {"sku": value(sku)}})
    assert (answer.status_code, answer.json()["errors"][0]["property"]) == (422, "identifier")


def test_unique_values(pim: Caller) -> None:
    """Attributes: identifiers are unique without regard to case, unique values as well."""
    pim.product("A", values={"ean": value("400")})
    taken = pim.patch(f"products-uuid/{new_uuid()}", {"values": {"sku": value("a")}})
    assert (taken.status_code, taken.json()["errors"][0]["property"]) == (422, "identifier")
    taken = pim.patch(f"products-uuid/{new_uuid()}", {"values": {"ean": value("400")}})
    assert (taken.status_code, taken.json()["errors"][0]["attribute"]) == (422, "ean")


def test_plain_associations(pim: Caller) -> None:
    """Update behaviour, associations: each kind that is sent is replaced, the others stay; both views differ."""
    one, two = pim.product("one"), pim.product("two")
    key = pim.product("A", associations={"X_SELL": {"products": [one]}})
    pim.patch(f"products-uuid/{key}", {"associations": {"X_SELL": {"product_models": []}}})
    assert pim.get(f"products-uuid/{key}").json()["associations"]["X_SELL"]["products"] == [one]
    pim.patch("products/A", {"associations": {"X_SELL": {"products": ["two"]}}})
    assert pim.get(f"products-uuid/{key}").json()["associations"]["X_SELL"]["products"] == [two]
    assert pim.get("products/A").json()["associations"]["X_SELL"]["products"] == ["two"]
    unknown = pim.patch(f"products-uuid/{key}", {"associations": {"X_SELL": {"products": [new_uuid()]}}})
    assert unknown.status_code == 422
    assert "valid product uuid" in unknown.json()["message"]
    assert pim.patch(f"products-uuid/{key}", {"associations": {"SET": {"products": []}}}).status_code == 422


def test_two_way_associations(pim: Caller) -> None:
    """Concepts, two-way associations: the link back is written and removed with the link; none to oneself."""
    one = pim.product("one")
    key = pim.product("A", associations={"PAIR": {"products": [one]}})
    assert pim.get(f"products-uuid/{one}").json()["associations"]["PAIR"]["products"] == [key]
    pim.patch(f"products-uuid/{key}", {"associations": {"PAIR": {"products": []}}})
    assert pim.get(f"products-uuid/{one}").json()["associations"]["PAIR"]["products"] == []
    assert pim.patch(f"products-uuid/{key}", {"associations": {"PAIR": {"products": [key]}}}).status_code == 422


def test_quantified_associations(pim: Caller) -> None:
    """Concepts, quantified associations: quantity from 1 to 2147483647, errors in camel case."""
    one = pim.product("one")
    link = {"uuid": one, "quantity": 2}
    key = pim.product("A", quantified_associations={"SET": {"products": [link]}})
    shown = pim.get(f"products-uuid/{key}").json()["quantified_associations"]
    assert shown == {"SET": {"products": [link], "product_models": []}}
    assert pim.get("products/A").json()["quantified_associations"]["SET"]["products"] == [
        {"identifier": "one", "quantity": 2}
    ]
    for quantity in (0, 2**31):
        body = {"quantified_associations": {"SET": {"products": [{"uuid": one, "quantity": quantity}]}}}
        answer = pim.patch(f"products-uuid/{key}", body)
        assert answer.json()["errors"][0]["property"] == "quantifiedAssociations.SET"
    lines = [{"identifier": f"P{number}", "enabled": True} for number in range(100)]
    assert {one["status_code"] for one in pim.verdicts("products", lines)} == {201}
    many = [{"identifier": f"P{number}", "quantity": 1} for number in range(100)]
    for links, status in (([*many, {"identifier": "one", "quantity": 1}], 422), (many, 204)):
        assert pim.patch("products/A", {"quantified_associations": {"SET": {"products": links}}}).status_code == status


NOBODY = new_uuid()
WRONG_LINKS: list[tuple[str, dict[str, Any], str]] = [
    ("an unknown type", {"associations": {"NONE": {"products": []}}}, "valid association type code"),
    ("a quantified type", {"associations": {"SET": {"products": []}}}, "or is quantified"),
    ("an unknown kind", {"associations": {"X_SELL": {"things": []}}}, '"things" given'),
    ("an unknown product", {"associations": {"X_SELL": {"products": [NOBODY]}}}, "valid product uuid"),
    ("an unknown model", {"associations": {"X_SELL": {"product_models": ["m"]}}}, "valid product model"),
    ("a group", {"associations": {"X_SELL": {"groups": ["g"]}}}, "valid group"),
    ("an unknown quantified type", {"quantified_associations": {"NONE": {"products": []}}}, "association type code"),
    ("a plain type", {"quantified_associations": {"X_SELL": {"products": []}}}, "or is not quantified"),
    ("quantified groups", {"quantified_associations": {"SET": {"groups": []}}}, 'does not know "groups"'),
    (
        "an unknown quantified product",
        {"quantified_associations": {"SET": {"products": [{"uuid": NOBODY, "quantity": 1}]}}},
        "valid product uuid",
    ),
    (
        "an unknown quantified model",
        {"quantified_associations": {"SET": {"product_models": [{"identifier": "m", "quantity": 1}]}}},
        "valid product model",
    ),
    ("no quantity", {"quantified_associations": {"SET": {"products": [{"uuid": NOBODY}]}}}, 'the key "quantity"'),
    ("no target", {"quantified_associations": {"SET": {"products": [{"quantity": 1}]}}}, 'the key "identifier"'),
    ("no list", {"quantified_associations": {"SET": {"products": {}}}}, "expects an array"),
]


@pytest.mark.parametrize(("body", "told"), [one[1:] for one in WRONG_LINKS], ids=[one[0] for one in WRONG_LINKS])
def test_links_that_are_refused(pim: Caller, body: dict[str, Any], told: str) -> None:
    """Update behaviour, associations: types and targets must be there, and of the kind that is written to."""
    key = pim.product("A", associations={"X_SELL": {"products": [pim.product("one")]}})
    before = pim.get(f"products-uuid/{key}").content
    answer = pim.patch(f"products-uuid/{key}", body)
    assert (answer.status_code, told in answer.json()["message"]) == (422, True), answer.text
    assert pim.get(f"products-uuid/{key}").content == before


def test_trimming(pim: Caller) -> None:
    """Filters, product values: attributes, locales and scope trim; scope drops what is outside of its tree."""
    values = {"name": [*value("Drill", "en_US"), *value("Perceuse", "fr_FR")], "note": value("x")}
    pim.product("A", values=values, categories=["tools"])
    pim.product("B")
    (shown,) = pim.items("products-uuid", attributes="name", locales="fr_FR", scope="shop")
    assert {code: [one["data"] for one in each] for code, each in shown["values"].items()} == {"name": ["Perceuse"]}
    assert pim.get("products-uuid", scope="nowhere").status_code == 422


def test_linked_data_and_completeness(pim: Caller) -> None:
    """List of products: option labels and completenesses come on request."""
    key = pim.product("A", family="drill", values={"colour": value("red"), "name": value("D", "en_US")})
    shown = pim.get(f"products-uuid/{key}", with_attribute_options="true", with_completenesses="true").json()
    assert shown["values"]["colour"][0]["linked_data"] == {
        "attribute": "colour",
        "code": "red",
        "labels": {"en_US": "red"},
    }
    ratios = {(one["scope"], one["locale"]): one["data"] for one in shown["completenesses"]}
    assert ratios == {("print", "en_US"): 100, ("shop", "en_US"): 50, ("shop", "fr_FR"): 0}


def test_switches() -> None:
    """Behaviour: what Akeneo's documentation leaves open can be switched."""
    sim = seed(PimSimulator(behaviour=Behaviour(erased_value="null", empty_maps="array", pads_decimals=False)))
    with httpx.Client(base_url=sim.url, transport=sim.transport()) as http:
        pim = Caller(http, sim)
        pim.sign_in()
        key = pim.product("A", values={"note": value("x"), "power": value("1.5")})
        pim.patch(f"products-uuid/{key}", {"values": {"note": value(None)}})
        assert pim.data(key, "note") is None
        assert pim.data(key, "power") == "1.5"
        assert pim.get(f"products-uuid/{key}").json()["quantified_associations"] == []

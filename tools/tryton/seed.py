"""Fill an empty Tryton with `catalog.py` over JSON-RPC, the way an outside program would."""

from __future__ import annotations

import base64
import gzip
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import catalog

VERSION = 3
"""Grows when the seeded data changes, so that an older database is made anew."""
TRANSLATIONS = ("fr", "de")  # beside English, the language of the database
# Templates in one call: Tryton on SQLite fails to create or write some two hundred records of a model with a unique
# constraint at once; five templates have at most sixty variants.
SLICE = 5


class Refused(Exception):
    """Tryton said no."""


def decimal(value: Decimal) -> dict[str, str]:
    """Tryton's JSON for an exact number."""
    return {"__class__": "Decimal", "decimal": str(value)}


class Client:
    """About the smallest client of Tryton's JSON-RPC."""

    def __init__(self, url: str, database: str, user: str, password: str) -> None:
        self._address = f"{url}/{database}/rpc/"
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        self.context: dict[str, object] = {"language": "en"}
        self.user, token, *_ = self._post("common.db.login", [user, {"password": password}, "en"])
        self.token = base64.b64encode(f"{user}:{self.user}:{token}".encode()).decode()
        self._headers["Authorization"] = f"Session {self.token}"

    # JSON comes in any shape: what a call answers is known to the caller alone
    def _post(self, method: str, parameters: Sequence[object]) -> Any:
        body = json.dumps({"id": 1, "method": method, "params": parameters}).encode()
        try:
            with urllib.request.urlopen(
                urllib.request.Request(self._address, body, self._headers), timeout=300
            ) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(f"{method}: HTTP {error.code}") from None
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        found = json.loads(content)
        if found.get("error"):
            raise Refused(f"{method}: {found['error']}")
        return found["result"]

    def call(self, model: str, method: str, *arguments: object, **context: object) -> Any:
        """Call a method of a model; the context goes last."""
        return self._post(f"model.{model}.{method}", [*arguments, {**self.context, **context}])

    def create(self, model: str, values: Sequence[Mapping[str, object]], size: int = 100) -> list[int]:
        """Create records, and return their ids."""
        found: list[int] = []
        for start in range(0, len(values), size):
            found += self.call(model, "create", list(values[start : start + size]))
        return found

    def find(self, model: str, domain: Sequence[object], *fields: str) -> list[dict[str, Any]]:
        """Records with some of their fields."""
        found: list[dict[str, Any]] = self.call(model, "search_read", domain, 0, None, None, list(fields))
        return found


def seed(url: str, database: str, user: str, password: str, count: int) -> None:
    """Fill it. Takes some ten seconds for 200 variants."""
    client = Client(url, database, user, password)
    templates = catalog.build(count)
    company = _company(client)
    client.context["company"] = company
    categories = _categories(client)
    ids = client.create("product.template", _templates(client, templates, categories), size=SLICE)
    variants = {row["code"]: row["id"] for row in client.find("product.product", [], "code")}
    _translate(client, dict(zip(ids, templates, strict=True)), variants)
    _pictures(client)
    _bills(client, variants)
    _dealers(client, categories, company)
    _stock(client, templates, variants, company)
    _plan(client, variants, company)
    _retire(client)


def _company(client: Client) -> int:
    first_day = {"__class__": "date", "year": 2020, "month": 1, "day": 1}
    rate = {"date": first_day, "rate": decimal(Decimal(1))}
    euro = {"name": "Euro", "symbol": "€", "code": "EUR", "numeric_code": "978", "digits": 2}
    rounding = {"rounding": decimal(Decimal("0.01")), "rates": [["create", [rate]]]}
    (currency,) = client.create("currency.currency", [{**euro, **rounding}])
    (party,) = client.create("party.party", [{"name": "Bridge Outfitters"}])
    company = {"party": party, "currency": currency, "timezone": "Europe/Paris"}
    (made,) = client.create("company.company", [company])
    client.call("res.user", "write", [client.user], {"companies": [["add", [made]]], "company": made})
    return made


def _categories(client: Client) -> dict[str, int]:
    """Parents first, as the catalogue has them."""
    made: dict[str, int] = {}
    for code, parent, names in catalog.CATEGORIES:
        above = {"parent": made[parent]} if parent else {}
        (made[code],) = client.create("product.category", [{"name": names["en"], "code": code, **above}])
        for language in TRANSLATIONS:
            client.call("product.category", "write", [made[code]], {"name": names[language]}, language=language)
    return made


def _attributes(client: Client) -> int:
    options = {
        "size": ("Size", "\n".join(f"{one}:{one}" for one in catalog.SIZES)),
        "color": ("Colour", "\n".join(f"{code}:{names['en']}" for code, names in catalog.COLOURS.items())),
    }
    made = client.create(
        "product.attribute",
        [
            {"name": name, "string": label, "type_": "selection", "selection": selection, "selection_sorted": False}
            for name, (label, selection) in options.items()
        ],
    )
    (both,) = client.create("product.attribute.set", [{"name": "Size and colour", "attributes": [["add", made]]}])
    return both


def _templates(
    client: Client, templates: Sequence[catalog.Template], categories: Mapping[str, int]
) -> list[dict[str, object]]:
    unit_names = {"unit": "Unit", "meter": "Meter", "kilogram": "Kilogram", "gram": "Gram"}
    known = {row["name"]: row["id"] for row in client.find("product.uom", [], "name")}
    units = {name: known[label] for name, label in unit_names.items()}
    axes = _attributes(client)
    made: list[dict[str, object]] = []
    for one in templates:
        values: dict[str, object] = {
            "name": one.name["en"],
            "code": one.code,
            "type": one.kind,
            "default_uom": units[one.unit],
            "list_price": decimal(one.list_price),
            "cost_price_method": "fixed",
            "salable": True,
            "sale_uom": units[one.unit],
            "producible": one.code in catalog.BILLS,
            "categories": [["add", [categories[one.category]]]],
            "products": [["create", [_variant(one, variant) for variant in one.variants]]],
        }
        if one.variants[0].options:
            values["attribute_set"] = axes
        if one.kilograms is not None:
            light = one.kilograms < 1  # a kilogram takes two decimals there
            amount = one.kilograms * 1000 if light else one.kilograms
            values |= {"weight": float(amount), "weight_uom": units["gram" if light else "kilogram"]}
        made.append(values)
    return made


def _variant(template: catalog.Template, variant: catalog.Variant) -> dict[str, object]:
    values: dict[str, object] = {
        "suffix_code": variant.suffix or None,
        "cost_price": decimal(template.cost),
        "description": template.text["en"],
        "identifiers": [["create", [{"type": "ean", "code": variant.ean}]]],
    }
    if variant.list_price != template.list_price:
        values["list_price"] = decimal(variant.list_price)
    return {**values, "attributes": dict(variant.options)} if variant.options else values


def _translate(client: Client, templates: Mapping[int, catalog.Template], variants: Mapping[str, int]) -> None:
    """One call writes many (ids, values) pairs, in one language."""
    pairs = list(templates.items())
    for language in TRANSLATIONS:
        for start in range(0, len(pairs), SLICE):
            some = pairs[start : start + SLICE]
            named = [part for key, one in some for part in ([key], {"name": one.name[language]})]
            client.call("product.template", "write", *named, language=language)
            texts = [
                part
                for _, one in some
                for part in ([variants[v.sku] for v in one.variants], {"description": one.text[language]})
            ]
            client.call("product.product", "write", *texts, language=language)


def _pictures(client: Client) -> None:
    for code, colour in catalog.PICTURES.items():
        found = client.find("product.template", [["code", "=", code]], "id")
        if not found:  # a small catalogue ends before it
            continue
        (template,) = found
        content = {"__class__": "bytes", "base64": base64.b64encode(catalog.picture(colour)).decode()}
        client.create("product.image", [{"template": template["id"], "description": code, "image": content}])


def _bills(client: Client, variants: Mapping[str, int]) -> None:
    (unit,) = client.find("product.uom", [["name", "=", "Unit"]], "id")
    for code, parts in catalog.BILLS.items():
        if not {code, *parts} <= variants.keys():
            continue
        lines = [
            {"product": variants[part], "quantity": float(count), "unit": unit["id"]} for part, count in parts.items()
        ]
        whole = {"product": variants[code], "quantity": 1.0, "unit": unit["id"]}
        bill = {"name": code, "inputs": [["create", lines]], "outputs": [["create", [whole]]]}
        (made,) = client.create("production.bom", [bill])
        client.call("product.product", "write", [variants[code]], {"boms": [["create", [{"bom": made}]]]})


def _dealers(client: Client, categories: Mapping[str, int], company: int) -> None:
    lines = [
        {
            "formula": formula,
            **({"category": categories[category]} if category else {}),
            **({"quantity": float(quantity)} if quantity is not None else {}),
        }
        for category, quantity, formula in catalog.DEALERS
    ]
    dealers = {"name": "Dealers", "company": company, "price": "list_price", "lines": [["create", lines]]}
    client.create("product.price_list", [dealers])


def _stock(client: Client, templates: Sequence[catalog.Template], variants: Mapping[str, int], company: int) -> None:
    """An inventory in each of two places, confirmed: real, done moves."""
    (warehouse,) = client.find("stock.location", [["type", "=", "warehouse"]], "storage_location")
    storage = warehouse["storage_location"]
    (overflow,) = client.create(
        "stock.location", [{"name": "Overflow", "code": "OVF", "type": "storage", "parent": storage}]
    )
    for place, location in (("main", storage), ("overflow", overflow)):
        lines = [
            {"product": variants[variant.sku], "quantity": float(variant.stock[place])}
            for one in templates
            for variant in one.variants
            if variant.stock.get(place)
        ]
        inventory = {"location": location, "company": company, "empty_quantity": "keep", "lines": [["create", lines]]}
        client.call("stock.inventory", "confirm", client.create("stock.inventory", [inventory]))


def _plan(client: Client, variants: Mapping[str, int], company: int) -> None:
    """Moves that nobody has done yet: they change the forecast, not the stock."""
    kinds = ["warehouse", "supplier", "customer"]
    places = {
        one["type"]: one for one in client.find("stock.location", [["type", "in", kinds]], "type", "storage_location")
    }
    storage = places["warehouse"]["storage_location"]
    (euro,) = client.find("currency.currency", [["code", "=", "EUR"]], "id")
    (unit,) = client.find("product.uom", [["name", "=", "Unit"]], "id")
    # from its day on, Tryton leaves a move that nobody has done out of the forecast
    some_day = {"__class__": "date", "year": 2099, "month": 12, "day": 31}
    for code, (comes, goes) in catalog.PLANNED.items():
        if code not in variants:
            continue
        for count, source, target in (
            (comes, places["supplier"]["id"], storage),
            (goes, storage, places["customer"]["id"]),
        ):
            if count:
                move = {
                    "product": variants[code], "quantity": float(count), "unit": unit["id"], "company": company,
                    "from_location": source, "to_location": target, "planned_date": some_day, "currency": euro["id"],
                    "unit_price": decimal(Decimal(1)),
                }  # fmt: skip
                client.create("stock.move", [move])


def _retire(client: Client) -> None:
    """A product that is archived: hidden from anybody who does not ask for it."""
    units = client.find("product.uom", [["name", "=", "Unit"]], "name")
    cap = {"name": "Retired cap", "code": "CAP-OLD", "type": "goods", "default_uom": units[0]["id"]}
    price = {"list_price": decimal(Decimal("9.00")), "products": [["create", [{}]]]}
    retired = client.create("product.template", [{**cap, **price}])
    variants = client.call("product.product", "search", [["template", "in", retired]], 0, None, None)
    client.call("product.product", "write", variants, {"active": False})
    client.call("product.template", "write", retired, {"active": False})
    time.sleep(0.01)  # its stamp is then older than any that follows

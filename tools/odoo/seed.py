"""Fill an empty Odoo with the catalogue over JSON-RPC, the way an outside program would. Works with Odoo 14 to 19."""

from __future__ import annotations

import base64
import json
import struct
import urllib.request
import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import catalog

VERSION = 1
"""Grows when the seeded data changes, so that an older database is made anew."""
LANGUAGES = {"fr": "fr_FR", "de": "de_DE"}
CLERK = "clerk"
"""The login of a user who may read no product."""
PICTURED = 24
"""So many templates have a picture."""
COLOURS = {"BLK": (20, 20, 20), "WHT": (240, 240, 240), "NVY": (20, 30, 90), "OLV": (90, 100, 40), "RED": (190, 30, 30)}


class Refused(Exception):
    """Odoo said no."""


class Client:
    """About the smallest client of Odoo's JSON-RPC."""

    def __init__(self, url: str, database: str, user: str, password: str) -> None:
        self._address = f"{url}/jsonrpc"
        self._database, self._password = database, password
        self.user = self._post("common", "login", [database, user, password])
        if not self.user:
            raise Refused(f"{url} does not let {user} in")

    # JSON comes in any shape: what a call answers is known to the caller alone
    def _post(self, service: str, method: str, arguments: Sequence[object]) -> Any:
        parameters = {"service": service, "method": method, "args": arguments}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": parameters}).encode()
        request = urllib.request.Request(self._address, body, {"Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=600) as answer:
            found = json.load(answer)
        if "error" in found:
            error = found["error"].get("data") or found["error"]
            raise Refused(f"{method} {arguments[3:5]}: {error.get('name')}: {error.get('message')}")
        return found.get("result")

    def call(self, model: str, method: str, *arguments: object, **named: object) -> Any:
        """Call a method of a model."""
        who = [self._database, self.user, self._password]
        return self._post("object", "execute_kw", [*who, model, method, list(arguments), named])

    def create(self, model: str, values: Sequence[Mapping[str, object]], size: int = 500, **named: object) -> list[int]:
        """Create records, and return their ids."""
        found: list[int] = []
        for start in range(0, len(values), size):
            found += self.call(model, "create", list(values[start : start + size]), **named)
        return found

    def load(self, model: str, fields: Sequence[str], rows: Sequence[Sequence[str]], **named: object) -> None:
        """Odoo's import: other values for each record, in one call."""
        result = self.call(model, "load", fields, rows, **named)
        if not result.get("ids"):
            raise Refused(f"load {model}: {result['messages'][:2]}")

    def has(self, model: str, field: str) -> bool:
        """Whether this series has a field."""
        return field in self.call(model, "fields_get", [], attributes=["type"])

    def named(self, module: str, name: str) -> int:
        """The record that a module brought along under a name."""
        rows = self.call("ir.model.data", "search_read", [["module", "=", module], ["name", "=", name]], ["res_id"])
        found: int = rows[0]["res_id"]
        return found


def seed(client: Client, count: int, clerk_password: str) -> None:
    """Fill it. Takes some fifteen seconds for 200 variants."""
    templates = catalog.build(count)
    _settings(client)
    categories = _categories(client)
    values = _attributes(client)
    ids = _templates(client, templates, categories, values)
    variants = _variants(client, dict(zip(ids, templates, strict=True)), values)
    _translate(client, dict(zip(ids, templates, strict=True)))
    _pictures(client, templates, variants)
    _price_list(client, categories)
    _stock(client, templates, variants)
    retired = client.create("product.template", [{"name": "Retired cap", "default_code": "CAP-OLD", "list_price": 9.0}])
    client.call("product.template", "write", retired, {"active": False})
    _second_company(client)
    groups = "group_ids" if client.has("res.users", "group_ids") else "groups_id"
    portal = client.named("base", "group_portal")
    clerk = {"name": "Clerk", "login": CLERK, "password": clerk_password, groups: [[6, 0, [portal]]]}
    client.create("res.users", [clerk])


def _settings(client: Client) -> None:
    """Euros, and the options that a shop with variants, units, price lists and two places turns on."""
    everything = {"active_test": False}
    euro = client.call("res.currency", "search", [["name", "=", "EUR"]], context=everything)
    client.call("res.currency", "write", euro, {"active": True})
    company = client.call("res.users", "read", [client.user], ["company_id"])[0]["company_id"][0]
    client.call("res.company", "write", [company], {"name": "Bridge Outfitters", "currency_id": euro[0]})
    wanted = ("group_product_variant", "group_uom", "group_stock_multi_locations", "group_product_pricelist")
    known = client.call("res.config.settings", "fields_get", [], attributes=["type"])
    options = client.create("res.config.settings", [{name: True for name in wanted if name in known}])
    client.call("res.config.settings", "execute", options)


def _categories(client: Client) -> dict[str, int]:
    """Parents first, as the catalogue has them. Odoo knows no code of a category, and no translation of its name."""
    made: dict[str, int] = {}
    for code, parent, names in catalog.CATEGORIES:
        above = {"parent_id": made[parent]} if parent else {}
        (made[code],) = client.create("product.category", [{"name": names["en"], **above}])
    return made


def _attributes(client: Client) -> dict[tuple[str, str], int]:
    """The axes and their values, by axis and code."""
    made: dict[tuple[str, str], int] = {}
    sizes = [(code, {"en": code, "fr": code, "de": code}) for code in catalog.SIZES]
    for axis, label, options in (("size", "Size", sizes), ("color", "Colour", list(catalog.COLOURS.items()))):
        (attribute,) = client.create("product.attribute", [{"name": label, "create_variant": "always"}])
        rows = [{"name": names["en"], "attribute_id": attribute, "sequence": n} for n, (_, names) in enumerate(options)]
        ids = client.create("product.attribute.value", rows)
        made |= {(axis, code): one for one, (code, _) in zip(ids, options, strict=True)}
        for short, language in LANGUAGES.items():
            lines = [[str(one), names[short]] for one, (_, names) in zip(ids, options, strict=True)]
            client.load("product.attribute.value", [".id", "name"], lines, context={"lang": language})
    return made


def _templates(
    client: Client,
    templates: Sequence[catalog.Template],
    categories: Mapping[str, int],
    values: Mapping[tuple[str, str], int],
) -> list[int]:
    """Odoo makes the variants out of the lines of attributes."""
    names = {"unit": "product_uom_unit", "meter": "product_uom_meter", "kilogram": "product_uom_kgm"}
    units = {name: client.named("uom", known) for name, known in names.items()}
    attribute = {
        axis: client.call("product.attribute", "search", [["name", "=", label]])[0]
        for axis, label in (("size", "Size"), ("color", "Colour"))
    }
    has_purchase_unit = client.has("product.template", "uom_po_id")
    goods = (
        {"type": "consu", "is_storable": True} if client.has("product.template", "is_storable") else {"type": "product"}
    )
    made: list[dict[str, object]] = []
    for one in templates:
        row: dict[str, object] = {
            "name": one.name["en"],
            "description_sale": one.text["en"],
            "categ_id": categories[one.category],
            "list_price": float(one.list_price),
            "uom_id": units[one.unit],
            **({"uom_po_id": units[one.unit]} if has_purchase_unit else {}),
            **({"type": "service"} if one.kind == "service" else goods),
        }
        axes: dict[str, list[int]] = {}
        for variant in one.variants:
            for axis, code in variant.options.items():
                if values[axis, code] not in axes.setdefault(axis, []):
                    axes[axis].append(values[axis, code])
        row["attribute_line_ids"] = [
            [0, 0, {"attribute_id": attribute[axis], "value_ids": [[6, 0, ids]]}] for axis, ids in axes.items()
        ]
        made.append(row)
    ids = client.create("product.template", made, size=25)
    for (_, code), value in values.items():
        if code in catalog.SURCHARGES:
            rows = client.call(
                "product.template.attribute.value", "search", [["product_attribute_value_id", "=", value]]
            )
            client.call(
                "product.template.attribute.value", "write", rows, {"price_extra": float(catalog.SURCHARGES[code])}
            )
    return ids


def _variants(
    client: Client, templates: Mapping[int, catalog.Template], values: Mapping[tuple[str, str], int]
) -> dict[str, int]:
    """Each variant is found by its values, and gets its number, bar code, cost and weight."""
    code_of = {one: (axis, code) for (axis, code), one in values.items()}
    options = {
        row["id"]: code_of[row["product_attribute_value_id"][0]]
        for row in client.call("product.template.attribute.value", "search_read", [], ["product_attribute_value_id"])
    }
    fields = ["product_tmpl_id", "product_template_attribute_value_ids"]
    found: dict[tuple[int, frozenset[tuple[str, str]]], int] = {}
    for row in client.call("product.product", "search_read", [["product_tmpl_id", "in", list(templates)]], fields):
        mine = frozenset(options[one] for one in row["product_template_attribute_value_ids"])
        found[row["product_tmpl_id"][0], mine] = row["id"]
    made: dict[str, int] = {}
    rows: list[list[str]] = []
    for number, template in templates.items():
        for variant in template.variants:
            one = made[variant.sku] = found.pop((number, frozenset(variant.options.items())))
            rows.append([str(one), variant.sku, variant.ean, str(template.cost), str(template.kilograms or 0)])
    client.load("product.product", [".id", "default_code", "barcode", "standard_price", "weight"], rows)
    if found:  # the catalogue was cut short within a template
        client.call("product.product", "unlink", list(found.values()))
    return made


def _translate(client: Client, templates: Mapping[int, catalog.Template]) -> None:
    for short, language in LANGUAGES.items():
        rows = [[str(number), one.name[short], one.text[short]] for number, one in templates.items()]
        client.load("product.template", [".id", "name", "description_sale"], rows, context={"lang": language})


def _pictures(client: Client, templates: Sequence[catalog.Template], variants: Mapping[str, int]) -> None:
    """A picture for a few templates; a variant of another colour has its own."""
    for one in templates[:PICTURED]:
        first: set[str] = set()
        for variant in one.variants:
            colour = variant.options.get("color", "OLV")
            if colour not in first:
                name = "image_variant_1920" if first else "image_1920"
                first.add(colour)
                picture = base64.b64encode(png(COLOURS[colour], 160)).decode()
                client.call("product.product", "write", [variants[variant.sku]], {name: picture})


def _price_list(client: Client, categories: Mapping[str, int]) -> None:
    percent = {"compute_price": "percentage"}
    rules = [
        {**percent, "applied_on": "3_global", "percent_price": 20.0},
        {**percent, "applied_on": "3_global", "percent_price": 25.0, "min_quantity": 10},
        {
            **percent,
            "applied_on": "2_product_category",
            "categ_id": categories["furniture"],
            "percent_price": 30.0,
        },
    ]
    client.create("product.pricelist", [{"name": "Dealers", "item_ids": [[0, 0, one] for one in rules]}])


def _stock(client: Client, templates: Sequence[catalog.Template], variants: Mapping[str, int]) -> None:
    """A count in each of two places, applied: real moves. Then a delivery that is planned, and takes none yet."""
    stock = client.named("stock", "stock_location_stock")
    overflow = {"name": "Overflow", "location_id": stock, "usage": "internal"}
    (other,) = client.create("stock.location", [overflow])
    is_applied = not client.has("stock.quant", "inventory_quantity_set")  # Odoo 14 applies a count at once
    counting = {"inventory_mode": True}
    for place, location in (("main", stock), ("overflow", other)):
        rows = [
            {"product_id": variants[one.sku], "location_id": location, "inventory_quantity": float(one.stock[place])}
            for template in templates
            for one in template.variants
            if one.stock.get(place)
        ]
        made = client.create("stock.quant", rows, context=counting)
        if not is_applied:
            client.call("stock.quant", "action_apply_inventory", made)
    out = client.call("stock.picking.type", "search", [["code", "=", "outgoing"]], limit=1)[0]
    between = {"location_id": stock, "location_dest_id": client.named("stock", "stock_location_customers")}
    has_name = client.has("stock.move", "name")
    chosen = [one for template in templates[:2] for one in template.variants if one.stock.get("main")][:5]
    unit = client.named("uom", "product_uom_unit")
    moves = [
        {"product_id": variants[one.sku], "product_uom_qty": 2.0, "product_uom": unit, **between}
        | ({"name": one.sku} if has_name else {})
        for one in chosen
    ]
    moves_field = "move_ids" if client.has("stock.picking", "move_ids") else "move_lines"
    picking = {"picking_type_id": out, moves_field: [[0, 0, one] for one in moves], **between}
    made = client.create("stock.picking", [picking])
    client.call("stock.picking", "action_confirm", made)
    client.call("stock.picking", "action_assign", made)


def _second_company(client: Client) -> None:
    """An outlet with another cost of one product: fields that depend on the company differ there."""
    (outlet,) = client.create("res.company", [{"name": "Bridge Outlet"}])
    client.call("res.users", "write", [client.user], {"company_ids": [[4, outlet]]})
    desk = client.call("product.product", "search", [["default_code", "=", "DSK-120"]])
    context = {"allowed_company_ids": [outlet]}
    client.call("product.product", "write", desk, {"standard_price": float(Decimal("80.00"))}, context=context)


def png(colour: tuple[int, int, int], size: int) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    line = b"\0" + bytes(colour) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(line * size)) + chunk(b"IEND", b"")
    )

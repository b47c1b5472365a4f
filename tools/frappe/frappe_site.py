"""A site that answers as Frappe's documentation says, with the DocTypes of ERPNext that the adapter reads.

    python tools/frappe/frappe_site.py [--port 8069]      serve it with a few articles until Ctrl-C

Frappe itself wants MariaDB, Redis, Node and its own command to be installed, so this stands in for it in tests and in the
example. It keeps documents in memory, and does what is documented: lists with `fields`, `filters`, `order_by`, `limit_start`,
`limit_page_length` (20 unless said), one document, creating, updating with its check of `modified`, rights by DocType,
errors with `exc_type` and `_server_messages`, times without a zone. It is no Frappe, and proves nothing about one.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

KEY, SECRET = "a-key", "a-secret"

Document = dict[str, Any]

FIELDS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "Item": (
        ("item_code", "Data", ""), ("item_name", "Data", ""), ("item_group", "Link", "Item Group"),
        ("stock_uom", "Link", "UOM"), ("description", "Text Editor", ""), ("disabled", "Check", ""),
        ("has_variants", "Check", ""), ("variant_of", "Link", "Item"), ("weight_per_unit", "Float", ""),
        ("weight_uom", "Link", "UOM"), ("standard_rate", "Currency", ""), ("end_of_life", "Date", ""),
        ("image", "Attach Image", ""), ("details", "Section Break", ""), ("custom_pim_key", "Data", ""),
        ("barcodes", "Table", "Item Barcode"), ("uoms", "Table", "UOM Conversion Detail"),
        ("attributes", "Table", "Item Variant Attribute"),
    ),
    "Item Barcode": (("barcode", "Data", ""), ("barcode_type", "Select", "EAN\nUPC-A")),
    "UOM Conversion Detail": (("uom", "Link", "UOM"), ("conversion_factor", "Float", "")),
    "Item Variant Attribute": (("attribute", "Link", "Item Attribute"), ("attribute_value", "Data", "")),
    "Item Group": (("item_group_name", "Data", ""), ("parent_item_group", "Link", "Item Group"), ("is_group", "Check", "")),
    "Item Price": (
        ("item_code", "Link", "Item"), ("price_list", "Link", "Price List"), ("currency", "Link", "Currency"),
        ("price_list_rate", "Currency", ""), ("valid_from", "Date", ""),
    ),
    "Bin": (
        ("item_code", "Link", "Item"), ("warehouse", "Link", "Warehouse"), ("actual_qty", "Float", ""),
        ("reserved_qty", "Float", ""), ("projected_qty", "Float", ""),
    ),
    "Translation": (("language", "Link", "Language"), ("source_text", "Code", ""), ("translated_text", "Code", "")),
    "Deleted Document": (("deleted_name", "Data", ""), ("deleted_doctype", "Data", ""), ("restored", "Check", ""), ("data", "Code", "")),
    "System Settings": (("time_zone", "Select", ""),),
}  # fmt: skip
TABLES = ("Item Barcode", "UOM Conversion Detail", "Item Variant Attribute")


class Refused(Exception):
    """An answer that is an error of Frappe's."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


class Site:
    """Documents by DocType and name, behind a door on this machine."""

    def __init__(self, port: int = 0) -> None:
        self.documents: dict[str, dict[str, Document]] = {doctype: {} for doctype in FIELDS}
        self.documents["System Settings"]["System Settings"] = {"time_zone": "Europe/Berlin"}
        self.closed: set[str] = set()
        """DocTypes that the user may not read."""
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.on_list: Callable[[str], None] = lambda _: None
        """Is told of each list before it is made."""
        self.now = datetime(2026, 3, 1, 8, 0)  # noqa: DTZ001  # as Frappe has it, without a zone
        self.lock = threading.RLock()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are sent apart, and each answer would wait 40 ms

            def answer(self) -> None:
                site.handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815  # the library's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
                """Nobody reads it."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    # ---- what people do ----
    def tick(self, step: timedelta = timedelta(seconds=1)) -> str:
        """Time goes on; returns the moment, as Frappe writes it."""
        self.now += step
        return self.now.isoformat(sep=" ", timespec="microseconds")

    def save(self, doctype: str, name: str, /, **values: object) -> Document:
        """Make a document, or change it; its tables are lists of rows."""
        with self.lock:
            moment = self.tick()
            found = self.documents[doctype].setdefault(
                name, {"name": name, "creation": moment, "docstatus": 0, "idx": 0}
            )
            for field, value in values.items():
                kind = self.options(doctype, field)
                if isinstance(value, list) and kind in TABLES:
                    self.replace_table(doctype, name, field, kind, value)
                else:
                    found[field] = value
            found["modified"] = moment
            return found

    def replace_table(self, doctype: str, name: str, field: str, kind: str, rows: list[Document]) -> None:
        """All rows of one table of a document."""
        table = self.documents[kind]
        for key in [key for key, row in table.items() if (row["parent"], row["parentfield"]) == (name, field)]:
            del table[key]
        for place, row in enumerate(rows, start=1):
            key = f"{name}-{field}-{place}"
            place_of = {"name": key, "parent": name, "parentfield": field, "parenttype": doctype, "idx": place}
            table[key] = {**row, **place_of, "modified": self.now.isoformat(sep=" ")}

    def delete(self, doctype: str, name: str) -> None:
        """Delete a document; what it was goes to Deleted Document."""
        with self.lock:
            was = self.documents[doctype].pop(name)
            data = json.dumps(was, default=str)
            self.save(
                "Deleted Document",
                f"del-{doctype}-{name}",
                deleted_name=name,
                deleted_doctype=doctype,
                restored=0,
                data=data,
            )

    # ---- the door ----
    def handle(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = request.rfile.read(int(request.headers.get("content-length", "0")))
        with self.lock:
            self.asked.append(f"{request.command} {request.path}")
            kind = "application/json"
            try:
                self.check_secret(request.headers.get("authorization"))
                status, answer = HTTPStatus.OK, self.result(request.command, request.path, body)
            except Refused as error:
                status = HTTPStatus(error.status)
                answer = {
                    "exception": f"frappe.exceptions.{error.kind}: {error.message}",
                    "exc_type": error.kind,
                    "exc": json.dumps(["Traceback (most recent call last): ..."]),
                    "_server_messages": json.dumps(
                        [json.dumps({"message": f"<b>{error.message}</b>", "indicator": "red"})]
                    ),
                }
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def check_secret(self, header: str | None) -> None:
        """Who asks?"""
        if header != f"token {KEY}:{SECRET}":
            raise Refused(401, "AuthenticationError", "Invalid API key or secret")

    def result(self, method: str, target: str, body: bytes) -> Any:
        """What a request gives."""
        parts = urlsplit(target)
        options: Document = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if unquote(parts.path) in self.files:
            return self.files[unquote(parts.path)]
        match parts.path.strip("/").split("/"):
            case ["api", "method", "frappe.desk.form.load.getdoctype"]:
                return {"docs": self.meta(options["doctype"])}
            case ["api", "method", "frappe.client.get_list"]:
                options = json.loads(body)
                return {"message": self.listed(options["doctype"], options)}
            case ["api", "resource", doctype] if method == "GET":
                return {"data": self.listed(unquote(doctype), options)}
            case ["api", "resource", doctype] if method == "POST":
                return {"data": self.inserted(unquote(doctype), json.loads(body))}
            case ["api", "resource", doctype, name] if method == "GET":
                return {"data": self.one(unquote(doctype), unquote(name))}
            case ["api", "resource", doctype, name] if method == "PUT":
                return {"data": self.updated(unquote(doctype), unquote(name), json.loads(body))}
            case _:
                raise Refused(404, "DoesNotExistError", f"{parts.path} is not here")

    def meta(self, doctype: str) -> list[Document]:
        """A DocType and those of its tables."""
        if doctype not in FIELDS:
            raise Refused(404, "DoesNotExistError", f"DocType {doctype} not found")
        found = [doctype, *(options for _, kind, options in FIELDS[doctype] if kind == "Table")]
        return [
            {
                "name": one,
                "fields": [{"fieldname": n, "fieldtype": k, "options": o, "read_only": 0} for n, k, o in FIELDS[one]],
            }
            for one in found
        ]

    def options(self, doctype: str, field: str) -> str:
        """What a field points at."""
        return next((options for name, _, options in FIELDS[doctype] if name == field), "")

    def listed(self, doctype: str, options: Document) -> list[Document]:
        """A list."""
        self.on_list(doctype)
        if doctype not in FIELDS or doctype in self.closed:
            raise Refused(403, "PermissionError", f"Insufficient Permission for {doctype}")
        if doctype in TABLES and not options.get("parent"):
            raise Refused(403, "PermissionError", f"Parent DocType is required for {doctype}")
        fields = json.loads(options.get("fields", '["name"]'))
        rows = list(self.documents[doctype].values())
        for name, operator, value in json.loads(options.get("filters", "[]")):
            rows = [row for row in rows if holds(row.get(name), operator, value)]
        for part in reversed(options.get("order_by", "modified desc").split(",")):
            name, _, way = part.strip().partition(" ")
            rows.sort(key=lambda row: (row.get(name) is not None, row.get(name) or 0), reverse=way == "desc")
        start, length = int(options.get("limit_start", 0)), int(options.get("limit_page_length", 20))
        return [{name: row.get(name) for name in fields} for row in rows[start : start + length if length else None]]

    def one(self, doctype: str, name: str) -> Document:
        """A document, with its tables."""
        if doctype in self.closed:
            raise Refused(403, "PermissionError", f"No permission for {doctype}")
        found = self.documents.get(doctype, {}).get(name)
        if found is None:
            raise Refused(404, "DoesNotExistError", f"{doctype} {name} not found")
        tables = {
            field: [
                row for row in self.documents[options].values() if (row["parent"], row["parentfield"]) == (name, field)
            ]
            for field, kind, options in FIELDS[doctype]
            if kind == "Table"
        }
        return {**found, **tables}

    def inserted(self, doctype: str, values: Document) -> Document:
        """A new document."""
        name = str(values.get("item_code") or values.get("name") or f"new-{len(self.documents[doctype])}")
        if name in self.documents[doctype]:
            raise Refused(409, "DuplicateEntryError", f"{doctype} {name} already exists")
        self.check_values(doctype, values)
        self.save(doctype, name, **values)
        return self.one(doctype, name)

    def updated(self, doctype: str, name: str, values: Document) -> Document:
        """A document changed; `modified` is what the writer has seen."""
        there = self.one(doctype, name)
        if values.get("modified", there["modified"]) != there["modified"]:
            raise Refused(417, "TimestampMismatchError", "Document has been modified after you have opened it")
        self.check_values(doctype, values)
        self.save(doctype, name, **{field: value for field, value in values.items() if field != "modified"})
        return self.one(doctype, name)

    def check_values(self, doctype: str, values: Document) -> None:
        """What every Item must have."""
        if doctype == "Item" and values.get("item_group") == "":
            raise Refused(417, "MandatoryError", "Item Group is required")


def holds(value: Any, operator: str, wanted: Any) -> bool:
    """Whether a filter's condition holds; a null is never greater."""
    match operator:
        case "=":
            return bool(value == wanted)
        case "in":
            return value in wanted
        case ">" | ">=" if value is not None:
            return bool(value > wanted or (operator == ">=" and value == wanted))
        case _:
            return False


def fill(site: Site) -> None:
    """A few articles: a template with two variants, a spare part, one that is no longer sold."""
    for name, parent in (("All Item Groups", ""), ("Shirts", "All Item Groups"), ("Parts", "All Item Groups")):
        site.save("Item Group", name, item_group_name=name, parent_item_group=parent, is_group=int(not parent))
    common: Document = {
        "item_group": "Shirts",
        "stock_uom": "Nos",
        "disabled": 0,
        "weight_per_unit": 0.18,
        "weight_uom": "Kg",
    }
    size = {"attribute": "Size", "attribute_value": ""}
    site.save(
        "Item",
        "TSH",
        item_code="TSH",
        item_name="T-shirt",
        has_variants=1,
        variant_of=None,
        attributes=[size],
        **common,
    )
    for at, letter in enumerate("SM"):
        code = f"TSH-{letter}"
        site.save(
            "Item", code, item_code=code, item_name=f"T-shirt {letter}", has_variants=0, variant_of="TSH",
            attributes=[{**size, "attribute_value": letter}], image="/files/t-shirt.png",
            barcodes=[{"barcode": f"400000000001{at}", "barcode_type": "EAN"}],
            uoms=[{"uom": "Box", "conversion_factor": 12.0}], **common,
        )  # fmt: skip
    part = {**common, "item_group": "Parts", "weight_per_unit": 1.5}
    site.save(
        "Item",
        "BOLT/8 'x'",
        item_code="BOLT/8 'x'",
        item_name="Bolt",
        has_variants=0,
        description="<p>Steel</p>",
        **part,
    )
    site.save("Item", "OLD-1", item_code="OLD-1", item_name="Old part", has_variants=0, **{**part, "disabled": 1})
    for code, rate in (("TSH-S", 19.9), ("TSH-M", 20.9), ("BOLT/8 'x'", 0.1)):
        site.save(
            "Item Price",
            f"p-{code}",
            item_code=code,
            price_list="Standard Selling",
            currency="EUR",
            price_list_rate=rate,
        )
        for place in ("Main", "Shop"):
            site.save("Bin", f"{code}-{place}", item_code=code, warehouse=place, actual_qty=4.0, reserved_qty=1.0)
    site.save("Translation", "t-1", language="fr", source_text="Bolt", translated_text="Boulon")
    site.save("Translation", "t-2", language="de", source_text="Bolt", translated_text="Bolzen")
    site.files["/files/t-shirt.png"] = b"\x89PNG\r\n\x1a\n"


def main() -> int:
    """Serve until somebody stops it."""
    parser = argparse.ArgumentParser(
        prog="tools/frappe/frappe_site.py", description="Answers as Frappe's documentation says."
    )
    parser.add_argument("--port", type=int, default=8069, help="%(default)s")
    with Site(parser.parse_args().port) as site:
        fill(site)
        print(f"url={site.url} key={KEY} secret={SECRET}")
        try:
            site.thread.join()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

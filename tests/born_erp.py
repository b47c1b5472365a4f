"""An ERP in a file of SQLite that takes products born in the PIM, and one PIM that has what they need."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.codes import ErpKey, UnitCode
from akeneo_erp_bridge.erp import (
    Cursor,
    ErpField,
    ErpItem,
    ErpRef,
    ErpSchema,
    Health,
    Page,
    WriteResult,
    cold,
    hot,
    two_way,
)
from akeneo_erp_bridge.errors import ErpConflict, ErpRefused
from akeneo_erp_bridge.mapping import ENABLED, ProductMapping
from akeneo_erp_bridge.rules import Cell, Iso, Owner, same
from akeneo_erp_bridge.testing import PimSimulator


class Article(ErpItem):
    """What the ERP knows of an article."""

    number = cold(str, "number", key=True)
    name = cold(str, "name")
    unit = cold(str, "unit")
    pieces = cold(int, "pieces")
    weight = cold(Decimal, "weight")
    status = cold(str, "status")
    is_sold = cold(bool, "is_sold")
    price = hot(Decimal, "price")


FIELDS = ("number", "name", "unit", "pieces", "weight", "status", "is_sold", "price")
SKU: Cell[str] = Cell("sku")
NAME: Cell[str] = Cell("name", locale="en_US")
PIECES: Cell[int] = Cell("pieces")
WEIGHT: Cell[Metric] = Cell("weight")
STATUS: Cell[str] = Cell("erp_status")
MESSAGE: Cell[str] = Cell("erp_message")
KILOGRAMS = Iso[Decimal, Metric](lambda amount: Metric(amount, UnitCode("KILOGRAM")), lambda metric: metric.amount)

STRUCTURE: tuple[tuple[str, tuple[dict[str, object], ...]], ...] = (
    ("categories", ({"code": "master"}, {"code": "to_erp", "parent": "master"}, {"code": "in_erp", "parent": "master"},
                    {"code": "drills", "parent": "master"})),
    ("channels", ({"code": "ecommerce", "category_tree": "master", "locales": ["en_US"], "currencies": ["EUR"]},)),
    ("attribute-groups", ({"code": "erp"}, {"code": "marketing"})),
    (
        "attributes",
        (
            {"code": "sku", "type": "pim_catalog_identifier", "group": "marketing", "unique": True},
            {"code": "name", "type": "pim_catalog_text", "group": "marketing", "localizable": True},
            {"code": "pieces", "type": "pim_catalog_number", "group": "marketing", "decimals_allowed": False,
             "negative_allowed": False},
            {"code": "weight", "type": "pim_catalog_metric", "group": "erp", "metric_family": "Weight",
             "default_metric_unit": "KILOGRAM", "decimals_allowed": True, "negative_allowed": False},
            {"code": "erp_status", "type": "pim_catalog_text", "group": "erp"},
            {"code": "erp_message", "type": "pim_catalog_textarea", "group": "erp"},
            {"code": "send_to_erp", "type": "pim_catalog_boolean", "group": "marketing"},
            {"code": "erp_state", "type": "pim_catalog_simpleselect", "group": "marketing"},
            {"code": "story", "type": "pim_catalog_textarea", "group": "marketing"},
        ),
    ),
    ("attributes/erp_state/options", ({"code": "to_export"}, {"code": "exported"}, {"code": "failed"})),
    (
        "families",
        ({"code": "tools", "attributes": ["sku", "name", "pieces", "weight", "erp_status", "erp_message", "send_to_erp",
                                          "erp_state", "story"],
          "attribute_requirements": {"ecommerce": ["sku", "name"]}},),
    ),
)  # fmt: skip


def fill(simulator: PimSimulator) -> PimSimulator:
    """A PIM with the attributes of both sides."""
    for path, things in STRUCTURE:
        simulator.load(f"/api/rest/v1/{path}", things)
    return simulator


def both_ways() -> ProductMapping[Article]:
    """One declaration: number, name and pieces go out, weight and status come back."""
    return ProductMapping(
        Article,
        two_way(Article.number, same(str), SKU, owner=Owner.PIM),
        two_way(Article.name, same(str), NAME, owner=Owner.PIM),
        two_way(Article.pieces, same(int), PIECES, owner=Owner.PIM),
        two_way(Article.is_sold, same(bool), ENABLED, owner=Owner.PIM),
        two_way(Article.weight, KILOGRAMS, WEIGHT, owner=Owner.ERP),
        Article.status.to(STATUS),
    )


def _nothing(_: str) -> None:
    pass


class BornErp:
    """The ERP and its adapter. Each write is one transaction, counts up, and is kept in a file.

    Numbers are unique, and a name is needed, which it keeps in its own way. `called` is told before each call, and `wrote` behind each write.
    """

    def __init__(self, path: Path, called: Callable[[str], None] = _nothing) -> None:
        self.path = path
        self.called = called
        self.keeps: Callable[[str], str] = str
        self.has_versions = True
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS article (id INTEGER PRIMARY KEY, number TEXT UNIQUE, born_by TEXT UNIQUE,"
            " version INTEGER, row TEXT, gone INTEGER DEFAULT 0)"
        )

    # ---- as people use it ----
    def rows(self) -> dict[str, dict[str, Any]]:
        """What is in the ERP, by number."""
        return {
            number: json.loads(row) for number, row in self.db.execute("SELECT number, row FROM article WHERE NOT gone")
        }

    def edit(self, number: str, /, **values: object) -> None:
        """Somebody changes an article."""
        (text,) = self.db.execute("SELECT row FROM article WHERE number = ?", (number,)).fetchone()
        row = {**json.loads(text), **values}
        self.db.execute(
            "UPDATE article SET row = ?, number = ?, version = (SELECT max(version) + 1 FROM article) WHERE number = ?",
            (json.dumps(row), row["number"], number),
        )

    def remove(self, number: str) -> None:
        """Somebody deletes an article."""
        self.db.execute(
            "UPDATE article SET gone = 1, born_by = NULL, number = NULL, row = ?,"
            " version = (SELECT max(version) + 1 FROM article) WHERE number = ?",
            (json.dumps({"number": number}), number),
        )

    def bury(self, number: str) -> None:
        """The ERP tells that a number is no more."""
        self.db.execute(
            "INSERT INTO article (version, row, gone) VALUES ((SELECT max(version) + 1 FROM article), ?, 1)",
            (json.dumps({"number": number}),),
        )

    def put(self, number: str, /, **values: object) -> None:
        """An article that nobody brought."""
        row = {"number": number, "name": "Old", **values}
        self.db.execute(
            "INSERT INTO article (number, version, row) VALUES (?, (SELECT coalesce(max(version), 0) + 1 FROM article), ?)",
            (number, json.dumps(row)),
        )

    # ---- as an adapter ----
    def describe(self) -> ErpSchema:
        return ErpSchema("the articles", tuple(ErpField(name, "field", writable=True) for name in FIELDS))

    def check(self) -> Health:
        return Health(ok=True, message="it is a file")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Article]]:
        after = int(since.blob) if since is not None else 0
        while True:
            self.called("read")
            found = self.db.execute(
                "SELECT version, row, gone FROM article WHERE version > ? ORDER BY version LIMIT ?", (after, limit)
            ).fetchall()
            rows = [(json.loads(row), gone) for _, row, gone in found]
            after = found[-1][0] if found else after
            items = [Article({name: row[name] for name in fields if name in row}) for row, gone in rows if not gone]
            yield Page(items, [ErpKey(row["number"]) for row, gone in rows if gone], Cursor("sequence", str(after)))
            if len(found) < limit:
                return

    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        self.called("find")
        found = self.db.execute("SELECT number, version FROM article WHERE born_by = ?", (idempotency_key,)).fetchone()
        return self._ref(*found) if found else None

    def _ref(self, number: object, version: object) -> ErpRef:
        return ErpRef(ErpKey(str(number)), str(version) if self.has_versions else None)

    def write_item(self, draft: Article, *, idempotency_key: str, if_version: str | None) -> WriteResult:
        self.called("write")
        self.db.execute("BEGIN IMMEDIATE")
        try:
            result = self._written(dict(draft.row), idempotency_key, if_version)
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")
        self.called("wrote")
        return result

    def _written(self, values: Mapping[str, object], key: str, if_version: str | None) -> WriteResult:
        known = self.db.execute("SELECT number, version, row FROM article WHERE born_by = ?", (key,)).fetchone()
        if known is not None and if_version is not None and str(known[1]) != if_version:
            raise ErpConflict(f"article '{known[0]}' is of version {known[1]}")
        row: dict[str, Any] = {**(json.loads(known[2]) if known else {"status": "new", "price": "1.00"}), **values}
        row["name"] = self.keeps(row.get("name") or "")
        number = row.get("number")
        if not row.get("name"):
            raise ErpRefused(f"article '{number}' has no name; give it one")
        if len(str(row["name"])) > 40:
            raise ErpRefused(f"article '{number}': a name has at most 40 letters, seen {len(str(row['name']))}")
        (version,) = self.db.execute("SELECT coalesce(max(version), 0) + 1 FROM article").fetchone()
        text = json.dumps(row)
        try:
            if known is None:
                self.db.execute(
                    "INSERT INTO article (number, born_by, version, row) VALUES (?, ?, ?, ?)",
                    (number, key, version, text),
                )
            else:
                self.db.execute(
                    "UPDATE article SET number = ?, version = ?, row = ? WHERE born_by = ?",
                    (number, version, text, key),
                )
        except sqlite3.IntegrityError:
            raise ErpRefused(f"article number '{number}' is given to another article; choose another") from None
        return WriteResult(self._ref(number, version), created=known is None)


def product(
    number: str | None, *, values: Sequence[Mapping[str, object]] = (), tag: str = "send_to_erp", **more: object
) -> dict[str, object]:
    """A product as a PIM user makes it: with a SKU and a name, and tagged."""
    given: dict[str, object] = {
        "name": [{"locale": "en_US", "scope": None, "data": f"Tool {number}"}],
        "story": [{"locale": None, "scope": None, "data": "Made by hand."}],
    }
    if number is not None:
        given["sku"] = [{"locale": None, "scope": None, "data": number}]
    if tag == "send_to_erp":
        given[tag] = [{"locale": None, "scope": None, "data": True}]
    elif tag:
        given["erp_state"] = [{"locale": None, "scope": None, "data": tag}]
    for one in values:
        given |= one
    return {"family": "tools", "enabled": True, "values": given, **more}

"""An ERP in a file of SQLite that takes products and models born in the PIM, and one PIM that has what they need."""

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
from akeneo_erp_bridge.mapping import CODE, ENABLED, ProductMapping, ProductModelMapping
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
    style = cold(str, "style")
    price = hot(Decimal, "price")


class Style(ErpItem):
    """What the ERP knows of a style, of which articles are the variants."""

    code = cold(str, "code", key=True)
    name = cold(str, "name")
    unit = cold(str, "unit")
    fabric = cold(str, "fabric")


SKU: Cell[str] = Cell("sku")
NAME: Cell[str] = Cell("name", locale="en_US")
PIECES: Cell[int] = Cell("pieces")
WEIGHT: Cell[Metric] = Cell("weight")
STATUS: Cell[str] = Cell("erp_status")
MESSAGE: Cell[str] = Cell("erp_message")
FABRIC: Cell[str] = Cell("fabric")
KILOGRAMS = Iso[Decimal, Metric](lambda amount: Metric(amount, UnitCode("KILOGRAM")), lambda metric: metric.amount)

OF_VARIANTS = ("sku", "pieces", "weight", "erp_status", "erp_message", "send_to_erp")
"""The root models of clothes hold the other attributes, the tag `erp_state` among them."""

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
            {"code": "fabric", "type": "pim_catalog_text", "group": "erp"},
            {"code": "size", "type": "pim_catalog_simpleselect", "group": "marketing"},
            {"code": "colour", "type": "pim_catalog_simpleselect", "group": "marketing"},
        ),
    ),
    ("attributes/size/options", ({"code": "s"}, {"code": "m"}, {"code": "l"})),
    ("attributes/colour/options", ({"code": "red"}, {"code": "blue"})),
    ("attributes/erp_state/options", ({"code": "to_export"}, {"code": "exported"}, {"code": "failed"})),
    (
        "families",
        ({"code": "tools", "attributes": ["sku", "name", "pieces", "weight", "erp_status", "erp_message", "send_to_erp",
                                          "erp_state", "story"],
          "attribute_requirements": {"ecommerce": ["sku", "name"]}},
         {"code": "clothes", "attributes": [*OF_VARIANTS, "name", "story", "fabric", "erp_state", "size", "colour"],
          "attribute_requirements": {"ecommerce": ["sku", "name"]}}),
    ),
    (
        "families/clothes/variants",
        ({"code": "by_size", "variant_attribute_sets": [{"level": 1, "axes": ["size"], "attributes": [*OF_VARIANTS, "size"]}]},
         {"code": "by_colour_and_size", "variant_attribute_sets": [
             {"level": 1, "axes": ["colour"], "attributes": ["colour", "pieces"]},
             {"level": 2, "axes": ["size"], "attributes": [*(one for one in OF_VARIANTS if one != "pieces"), "size"]}]}),
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


def models_both_ways() -> ProductModelMapping[Style]:
    """The same for models: code and name go out, the fabric comes back."""
    return ProductModelMapping(
        Style,
        two_way(Style.code, same(str), CODE, owner=Owner.PIM),
        two_way(Style.name, same(str), NAME, owner=Owner.PIM),
        Style.fabric.to(FABRIC),
    )


def _nothing(_: str) -> None:
    pass


class BornErp:
    """The ERP and its adapter. Each write is one transaction, counts up, and is kept in a file.

    Numbers are unique, and a name is needed where there is no style. It keeps names in its own way. `called` is told before
    each call, and `wrote` behind each write.
    """

    item: type[ErpItem] = Article
    table = "article"
    number = "number"
    at_first: Mapping[str, object] = {"status": "new", "price": "1.00"}

    def __init__(self, path: Path, called: Callable[[str], None] = _nothing) -> None:
        self.path = path
        self.called = called
        self.keeps: Callable[[str], str] = str
        self.has_versions = True
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute(
            f"CREATE TABLE IF NOT EXISTS {self.table} (id INTEGER PRIMARY KEY, number TEXT UNIQUE, born_by TEXT UNIQUE,"
            " version INTEGER, row TEXT, gone INTEGER DEFAULT 0)"
        )

    # ---- as people use it ----
    def rows(self) -> dict[str, dict[str, Any]]:
        """What is in the ERP, by number."""
        return {
            number: json.loads(row)
            for number, row in self.db.execute(f"SELECT number, row FROM {self.table} WHERE NOT gone")
        }

    def edit(self, number: str, /, **values: object) -> None:
        """Somebody changes an article."""
        (text,) = self.db.execute(f"SELECT row FROM {self.table} WHERE number = ?", (number,)).fetchone()
        row = {**json.loads(text), **values}
        self.db.execute(
            f"UPDATE {self.table} SET row = ?, number = ?, version = (SELECT max(version) + 1 FROM {self.table}) WHERE number = ?",
            (json.dumps(row), row[self.number], number),
        )

    def remove(self, number: str) -> None:
        """Somebody deletes an article."""
        self.db.execute(
            f"UPDATE {self.table} SET gone = 1, born_by = NULL, number = NULL, row = ?,"
            f" version = (SELECT max(version) + 1 FROM {self.table}) WHERE number = ?",
            (json.dumps({self.number: number}), number),
        )

    def bury(self, number: str) -> None:
        """The ERP tells that a number is no more."""
        self.db.execute(
            f"INSERT INTO {self.table} (version, row, gone) VALUES ((SELECT max(version) + 1 FROM {self.table}), ?, 1)",
            (json.dumps({self.number: number}),),
        )

    def put(self, number: str, /, **values: object) -> None:
        """An article that nobody brought."""
        row = {self.number: number, "name": "Old", **values}
        self.db.execute(
            f"INSERT INTO {self.table} (number, version, row)"
            f" VALUES (?, (SELECT coalesce(max(version), 0) + 1 FROM {self.table}), ?)",
            (number, json.dumps(row)),
        )

    # ---- as an adapter ----
    def describe(self) -> ErpSchema:
        return ErpSchema(
            f"the {self.table}s",
            tuple(ErpField(one.path, "field", writable=True) for one in self.item.specs.values()),
        )

    def check(self) -> Health:
        return Health(ok=True, message="it is a file")

    def read_items(self, since: Cursor | None, *, fields: frozenset[str], limit: int) -> Iterator[Page[Any]]:
        after = int(since.blob) if since is not None else 0
        while True:
            self.called("read")
            found = self.db.execute(
                f"SELECT version, row, gone FROM {self.table} WHERE version > ? ORDER BY version LIMIT ?",
                (after, limit),
            ).fetchall()
            rows = [(json.loads(row), gone) for _, row, gone in found]
            after = found[-1][0] if found else after
            items = [self.item({name: row[name] for name in fields if name in row}) for row, gone in rows if not gone]
            yield Page(items, [ErpKey(row[self.number]) for row, gone in rows if gone], Cursor("sequence", str(after)))
            if len(found) < limit:
                return

    def find_by_key(self, idempotency_key: str) -> ErpRef | None:
        self.called("find")
        found = self.db.execute(
            f"SELECT number, version FROM {self.table} WHERE born_by = ?", (idempotency_key,)
        ).fetchone()
        return self._ref(*found) if found else None

    def _ref(self, number: object, version: object) -> ErpRef:
        return ErpRef(ErpKey(str(number)), str(version) if self.has_versions else None)

    def write_item(self, draft: ErpItem, *, idempotency_key: str, if_version: str | None) -> WriteResult:
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
        known = self.db.execute(f"SELECT number, version, row FROM {self.table} WHERE born_by = ?", (key,)).fetchone()
        if known is not None and if_version is not None and str(known[1]) != if_version:
            raise ErpConflict(f"{self.table} '{known[0]}' is of version {known[1]}")
        row: dict[str, Any] = {**(json.loads(known[2]) if known else self.at_first), **values}
        row["name"] = self.keeps(row.get("name") or "")
        number = row.get(self.number)
        self._check(number, row)
        if known is not None and row == json.loads(known[2]):
            return WriteResult(self._ref(known[0], known[1]), created=False)  # nothing changes, so no delta shows it
        (version,) = self.db.execute(f"SELECT coalesce(max(version), 0) + 1 FROM {self.table}").fetchone()
        text = json.dumps(row)
        try:
            if known is None:
                self.db.execute(
                    f"INSERT INTO {self.table} (number, born_by, version, row) VALUES (?, ?, ?, ?)",
                    (number, key, version, text),
                )
            else:
                self.db.execute(
                    f"UPDATE {self.table} SET number = ?, version = ?, row = ? WHERE born_by = ?",
                    (number, version, text, key),
                )
        except sqlite3.IntegrityError:
            raise ErpRefused(
                f"{self.table} number '{number}' is given to another {self.table}; choose another"
            ) from None
        return WriteResult(self._ref(number, version), created=known is None)

    def _check(self, number: object, row: Mapping[str, object]) -> None:
        """Raises for what the ERP does not take."""
        name, style = str(row["name"]), row.get("style")
        if not name and style is None:
            raise ErpRefused(f"{self.table} '{number}' has no name; give it one")
        if len(name) > 40:
            raise ErpRefused(f"{self.table} '{number}': a name has at most 40 letters, seen {len(name)}")
        if style is not None and self.db.execute("SELECT 1 FROM style WHERE number = ?", (style,)).fetchone() is None:
            raise ErpRefused(f"{self.table} '{number}': there is no style '{style}'")


class BornStyles(BornErp):
    """The styles of the same ERP: templates of its articles."""

    item = Style
    table = "style"
    number = "code"
    at_first: Mapping[str, object] = {}


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


def model(
    code: str, name: str | None = None, *, variant: str = "by_size", tag: str = "", **more: object
) -> dict[str, object]:
    """A root model as a PIM user makes it; `tag` is a state that stands on the model, and so on all its variants."""
    values: dict[str, object] = {"name": [{"locale": "en_US", "scope": None, "data": name or f"Style {code}"}]}
    if tag:
        values["erp_state"] = [{"locale": None, "scope": None, "data": tag}]
    return {"code": code, "family_variant": variant, "values": values, **more}


def variant(number: str, parent: str, size: str, *, is_tagged: bool = True, **values: object) -> dict[str, object]:
    """A variant of a model, tagged with the tag that stands on variants."""
    told = {"sku": number, "size": size, "send_to_erp": is_tagged or None, **values}
    given = {code: [{"locale": None, "scope": None, "data": data}] for code, data in told.items()}
    return {"family": "clothes", "parent": parent, "enabled": True, "values": given}

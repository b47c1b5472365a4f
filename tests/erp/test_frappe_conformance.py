"""The laws of adapters on the scripted site: it shows what the adapter makes of Frappe's answers, and nothing of Frappe itself."""

from __future__ import annotations

import html
import importlib.util
import itertools
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

from akeneo_erp_bridge.erp import ErpItem, FrappeSite, FrappeWriter, Lines, cold, hot
from akeneo_erp_bridge.erp import _frappe as frappe_package
from akeneo_erp_bridge.testing.conformance import CannotHold, ErpConformance, Faults

ROOT = Path(__file__).parents[2]


def module(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[name] = found
    spec.loader.exec_module(found)
    return found


frappe_site = module("frappe_site_of_laws", ROOT / "tools" / "frappe" / "frappe_site.py")


class Article(ErpItem):
    code = cold(str, "item_code", key=True)
    name = cold(str, "item_name")
    french = cold(str, "item_name@fr").nullable()
    group = cold(str, "item_group")
    template = cold(str, "variant_of").nullable()
    is_template = cold(bool, "has_variants")
    description = cold(str, "description").nullable()
    weight = cold(Decimal, "weight_per_unit").nullable()
    eans = cold(str, "barcodes[*].barcode").many()
    axes = cold(Lines, "attributes")
    changed = cold(datetime, "modified")
    rates = hot(Decimal, "prices[*].price_list_rate").many()
    stock = hot(Decimal, "bins[*].actual_qty").many()


class FrappeWorld:
    """The scripted site, with the clock of a real one: it goes on with each save."""

    def __init__(self) -> None:
        self.site: Any = frappe_site.Site()
        self.site.asked = deque(maxlen=100)  # the site lives in this process, whose memory a law measures
        frappe_site.fill(self.site)
        for number in range(6):
            self.add(f"A-{number}", {"item_name": f"Article {number}"})
        self.site.__enter__()
        self.numbers = itertools.count(1)
        self.secret = frappe_site.SECRET
        self.sites: list[FrappeSite] = []

    def close(self) -> None:
        for one in self.sites:
            one.close()
        self.site.__exit__(None, None, None)

    def connected(self, faults: Faults) -> FrappeSite:
        made = FrappeSite(self.site.url, frappe_site.KEY, self.secret, transport=faults.transport())
        made.session.sleep = lambda _: None
        self.sites.append(made)
        return made

    def items(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = self.site.documents["Item"]
        return found

    def add(self, key: str, values: Mapping[str, object]) -> None:
        common = {"item_group": "Parts", "stock_uom": "Nos", "disabled": 0, "has_variants": 0, "weight_per_unit": 1.5}
        self.site.save("Item", key, **{"item_code": key, "item_name": "Article", **common, **values})

    # ---- what people do ----
    def keys(self) -> list[str]:
        with self.site.lock:
            return [str(one["item_code"]) for one in self.items().values() if not one["disabled"]]

    def edit_cold(self, key: str) -> None:
        self.site.save("Item", key, item_name=f"Edit {next(self.numbers)}")

    def edit_hot(self, key: str) -> None:
        """A movement of stock, which moves the stamp of the Bin alone."""
        self.site.save("Bin", f"{key}-Main", item_code=key, warehouse="Main", actual_qty=1000.0 + next(self.numbers))

    def edit_at_once(self, keys: Sequence[str]) -> None:
        with self.site.lock:
            for key in keys:
                self.edit_cold(key)
            for key in keys:
                self.items()[key]["modified"] = self.items()[keys[-1]]["modified"]

    @contextmanager
    def edit_late(self, key: str) -> Iterator[None]:
        """Frappe stamps a document when it is saved, and others see it when the request ends."""
        stamp = self.site.tick()
        yield
        with self.site.lock:
            self.edit_cold(key)
            self.items()[key]["modified"] = stamp

    def edit_ahead(self, key: str) -> None:
        with self.site.lock:
            self.edit_cold(key)
            ahead = self.site.now + timedelta(days=365)
            self.items()[key]["modified"] = ahead.isoformat(sep=" ", timespec="microseconds")

    def delete(self, key: str) -> None:
        self.site.delete("Item", key)

    def create(self, key: str, values: Mapping[str, object]) -> str:
        """As Frappe's own columns hold it: numbers are decimal(21,9) and go over the wire as JSON's floats, no text is null."""
        if len(key) > 140:
            raise CannotHold("item_code", "a name ends at 140 characters")
        held: dict[str, object] = {}
        for path, value in values.items():
            if path in ("item_name@fr", "modified", "variant_of", "item_group"):
                raise CannotHold(path, "it is set by Frappe, a link, or a document of its own")
            if path == "item_name" and isinstance(value, str) and len(value) > 140:
                raise CannotHold(path, "a field of type Data ends at 140 characters")
            if path == "description" and isinstance(value, str) and value != html.escape(value, quote=False):
                raise CannotHold(path, "a field of type Text Editor holds HTML")
            if isinstance(value, Decimal) and len(value.as_tuple().digits) > 15:
                raise CannotHold(path, "a number of JSON that Frappe writes is a float")
            if value is None and path in ("has_variants", "weight_per_unit"):
                raise CannotHold(path, "a number that has no value is 0 in Frappe")
            held[path] = float(value) if isinstance(value, Decimal) else int(value) if value is False else value
        self.add(key, held)
        return key

    @contextmanager
    def broken(self, key: str) -> Iterator[None]:
        self.site.save("Item", key, weight_per_unit="heavy")
        try:
            yield
        finally:
            self.site.save("Item", key, weight_per_unit=1.5)

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        made = [f"Z-{number:06d}" for number in range(count)]
        for key in made:
            self.add(key, {"description": f"<p>{key} {'long ' * 200}</p>"})
        try:
            yield
        finally:
            with self.site.lock:
                for key in made:
                    del self.items()[key]

    @contextmanager
    def locked(self) -> Iterator[None]:
        self.secret = "another secret"
        try:
            yield
        finally:
            self.secret = frappe_site.SECRET

    def draft(self, mark: str) -> Article:
        return Article({"item_code": f"D-{mark}", "item_name": f"Draft {mark}", "item_group": "Parts", "stock_uom": "Nos",
                        "disabled": 0, "has_variants": 0, "weight_per_unit": Decimal("0.5")})  # fmt: skip


class TestFrappe(ErpConformance[Article]):
    """The writer, which reads as `FrappeAdapter` does."""

    item = Article
    secrets = (frappe_site.SECRET,)
    many = 2_500
    source = Path(frappe_package.__file__).parent

    def world(self) -> FrappeWorld:
        return FrappeWorld()

    def make_adapter(self, faults: Faults) -> FrappeWriter[Article]:
        return FrappeWriter(self.world().connected(faults), Article, idempotency_field="custom_pim_key")

"""The laws of adapters on a real Odoo 19, reading and writing."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal

from akeneo_erp_bridge.erp import ErpItem, OdooAdapter, OdooDraft, cold, hot
from akeneo_erp_bridge.testing.conformance import CannotHold, ErpConformance, Faults
from erp.odoo_world import OdooWorld, live_odoo


class Variant(ErpItem):
    number = cold(str, "default_code", key=True)
    name = cold(str, "name")
    french = cold(str, "name@fr_FR").nullable()
    group = cold(str, "categ_id.complete_name")
    weight = cold(Decimal, "weight")
    text = cold(str, "description_sale").nullable()
    is_sold = cold(bool, "sale_ok")
    changed = cold(datetime, "create_date")
    price = hot(Decimal, "lst_price")
    stock = hot(Decimal, "qty_available")


COUNT = 6
LONG = "long " * 800


class OdooLaws:
    """What people do in a live Odoo."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.odoo: OdooWorld = self.stack.enter_context(live_odoo("19"))
        self.secret = self.odoo.api_key
        self.numbers = itertools.count(1)
        self.archived = ""
        self.adapters: list[OdooAdapter[Variant]] = []
        # a part of the database, so that a law's hundred reads take seconds
        self.category = int(self.odoo.call("product.category", "create", {"name": "Laws"}))
        self.domain = [["categ_id", "=", self.category]]
        for number in range(COUNT):
            self.odoo.create(f"LAW-{number:02d}", weight=1.5, description_sale="As new", categ_id=self.category)

    def close(self) -> None:
        for one in self.adapters:
            one.close()
        self.stack.close()

    def adapter(self, faults: Faults) -> OdooAdapter[Variant]:
        made = self.odoo.adapter(Variant, self.secret, domain=self.domain, transport=faults.transport())
        made._session.sleep = lambda _: None
        self.adapters.append(made)
        return made

    def keys(self) -> list[str]:
        rows = self.odoo.call("product.product", "search_read", self.domain, ["default_code"])
        return sorted(row["default_code"] for row in rows)

    def edit_cold(self, key: str) -> None:
        if "kit-" in key:
            time.sleep(1)  # Odoo tells a version by the second: an edit in the same one as our write is not seen
        self.odoo.edit_cold(key)

    def edit_hot(self, key: str) -> None:
        self.odoo.edit_hot(key)

    def edit_at_once(self, keys: Sequence[str]) -> None:
        """One transaction, which has one moment for Odoo."""
        templates = [self.odoo.template_of(key) for key in keys]
        self.odoo.call("product.template", "write", templates, {"name": f"At once {next(self.numbers)}"})

    def delete(self, key: str) -> None:
        """Archived, as Odoo's people do; the one before it goes for good, or a hundred of them would be read each time."""
        if self.archived:
            self.odoo.delete(self.archived)
        self.odoo.archive(key)
        self.archived = key

    def create(self, key: str, values: Mapping[str, object]) -> str:
        held: dict[str, object] = {}
        french: object = None
        for path, value in values.items():
            if path in ("categ_id.complete_name", "create_date"):
                raise CannotHold(path, "it is of another record, or set by Odoo")
            if isinstance(value, Decimal) and value != round(value, 2):
                raise CannotHold(path, "this database holds two digits of a weight")
            if isinstance(value, Decimal) and len(value.as_tuple().digits) > 15:
                raise CannotHold(path, "a number of Odoo's is a double")
            if value == "":
                raise CannotHold(path, "an empty text is no value in Odoo")
            if value is None and path in ("name", "weight", "sale_ok"):
                raise CannotHold(path, "a name is required, and a number or a boolean always has a value")
            if path == "name@fr_FR":
                if value is None:
                    raise CannotHold(path, "a name without a translation is the English one")
                french = value
            else:
                held[path] = float(value) if isinstance(value, Decimal) else False if value is None else value
        self.odoo.create(key, categ_id=self.category, **held)
        if french is not None:
            self.odoo.write(key, {"name": french}, context={"lang": "fr_FR"})
        return key

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        common = {"type": "consu", "categ_id": self.category, "description_sale": LONG}
        rows = [{**common, "default_code": f"Z-{number:06d}", "name": f"Bulk {number}"} for number in range(count)]
        made = [
            one
            for at in range(0, count, 300)
            for one in self.odoo.call("product.product", "create", rows[at : at + 300])
        ]
        try:
            yield
        finally:
            for at in range(0, count, 300):
                self.odoo.call("product.product", "unlink", made[at : at + 300])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Somebody took the key away."""
        self.secret = "0" * len(self.odoo.api_key)
        try:
            yield
        finally:
            self.secret = self.odoo.api_key

    def draft(self, mark: str) -> OdooDraft:
        return OdooDraft(
            {
                "default_code": f"LAW-{mark}",
                "name": f"Draft {mark}",
                "weight": Decimal("0.5"),
                "categ_id": self.category,
            }
        )


class TestOdoo(ErpConformance[Variant]):
    item = Variant
    many = 1_100

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]  # the key is made with the server
        return (self.world().odoo.api_key, self.world().odoo.password)

    def world(self) -> OdooLaws:
        return OdooLaws()

    def make_adapter(self, faults: Faults) -> OdooAdapter[Variant]:
        return self.world().adapter(faults)

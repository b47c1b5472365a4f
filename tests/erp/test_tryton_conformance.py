"""The laws of adapters on a real Tryton, reading and writing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from akeneo_erp_bridge.erp import ErpItem, TrytonAdapter, cold, hot
from akeneo_erp_bridge.erp import _tryton as tryton_package
from akeneo_erp_bridge.testing.conformance import CannotHold, ErpConformance, Faults
from erp.tryton_world import TrytonWorld, decimal, live_tryton

SLICE = 50
"""Records in one call; see tools/tryton/seed.py."""
LONG = "long " * 2000


class Variant(ErpItem):
    number = cold(str, "code", key=True)
    name = cold(str, "name")
    french = cold(str, "name@fr")
    text = cold(str, "description").nullable()
    groups = cold(frozenset[str], "categories.code")
    unit = cold(str, "default_uom.symbol")
    weight = cold(Decimal, "weight").nullable()
    reference = cold(Decimal, "template.list_price").nullable()
    is_sold = cold(bool, "salable")
    made = cold(datetime, "create_date")
    price = hot(Decimal, "list_price_used").nullable()
    stock = hot(Decimal, "quantity")


class TrytonLaws:
    """What people do in a live Tryton.

    There is no `edit_late`, for no call holds its transaction open; no `edit_ahead`, for Tryton sets stamps by its own
    clock; and no `broken`, for it checks the type of each value.
    """

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.tryton: TrytonWorld = self.stack.enter_context(live_tryton(items=1))
        self.password = self.tryton.password
        self.numbers = itertools.count(1)
        self.archived: tuple[int, int] | None = None
        self.adapters: list[TrytonAdapter[Any]] = []
        for number in range(5):
            self.create(f"LAW-{number}", {"description": "As new", "weight": Decimal("1.5")})

    def close(self) -> None:
        for one in self.adapters:
            one.close()
        self.stack.close()

    def adapter(self, faults: Faults) -> TrytonAdapter[Any]:
        signs_in = self.password != self.tryton.password
        made = self.tryton.adapter(Variant, password=self.password, signs_in=signs_in, transport=faults.transport())
        made._session.sleep = 0
        self.adapters.append(made)
        return made

    def keys(self) -> frozenset[str]:
        return self.tryton.keys()

    def edit_cold(self, key: str) -> None:
        self.tryton.edit_cold(key)

    def edit_hot(self, key: str) -> None:
        self.tryton.edit_hot(key)

    def edit_at_once(self, keys: Sequence[str]) -> None:
        """One transaction, which has one moment."""
        templates = [self.tryton.template(key) for key in keys]
        self.tryton.client.call("product.template", "write", templates, {"name": f"At once {next(self.numbers)}"})

    def delete(self, key: str) -> None:
        """Archived, as Tryton's people do; the one before it goes for good, or a hundred of them would be read each time."""
        if self.archived is not None:
            product, template = self.archived
            self.tryton.client.call("product.product", "delete", [product])
            self.tryton.client.call("product.template", "delete", [template])
        self.archived = (self.tryton.variant(key), self.tryton.template(key))
        self.tryton.archive(key)

    def create(self, key: str, values: Mapping[str, object]) -> str:
        template: dict[str, object] = {"salable": True, "sale_uom": self.tryton.unit("Unit")}
        product: dict[str, object] = {}
        french: object = None
        for path, value in values.items():
            why = refusal(path, value)
            if why:
                raise CannotHold(path, why)
            match path, value:
                case "name@fr", _:
                    french = value
                case "description", _:
                    product[path] = value
                case "weight", Decimal():
                    template |= {"weight": float(value), "weight_uom": self.tryton.unit("Kilogram")}
                case _:
                    # the list price is the template's, and the other one that may be a Decimal
                    template[path.rpartition(".")[2]] = decimal(value) if isinstance(value, Decimal) else value
        # the template has its only variant with it
        number = self.tryton.create(key, **{"name": f"New {key}", "products": [["create", [product]]], **template})
        if french is not None:
            (row,) = self.tryton.client.find("product.product", [["id", "=", number]], "template")
            change = {"name": french}
            self.tryton.client.call("product.template", "write", [row["template"]], change, language="fr")
        return key

    @contextmanager
    def grown(self, count: int) -> Iterator[None]:
        unit = self.tryton.unit("Unit")
        rows: list[dict[str, object]] = [
            {
                "name": f"Bulk {number}", "code": f"Z-{number:05d}", "type": "goods", "default_uom": unit,
                "products": [["create", [{"description": LONG}]]],
            }
            for number in range(count)
        ]  # fmt: skip
        made = self.tryton.client.create("product.template", rows, size=SLICE)
        try:
            yield
        finally:
            for start in range(0, count, SLICE):
                some = made[start : start + SLICE]
                found = self.tryton.client.find("product.product", [["template", "in", some]], "id")
                self.tryton.client.call("product.product", "delete", [row["id"] for row in found])
                self.tryton.client.call("product.template", "delete", some)

    @contextmanager
    def locked(self) -> Iterator[None]:
        self.password = "guessed-it"
        try:
            yield
        finally:
            self.password = self.tryton.password

    def draft(self, mark: str) -> Variant:
        return Variant({"code": mark, "name": f"Draft {mark}", "name@fr": "Neuf", "default_uom.symbol": "u"})


def refusal(path: str, value: object) -> str:
    """Why Tryton does not hold a value, or nothing."""
    digits = len(value.as_tuple().digits) if isinstance(value, Decimal) else 0
    match path, value:
        case (("create_date" | "default_uom.symbol"), _):
            return "it is set by Tryton, or of another record"
        case "name", None | "":
            return "a name is required"
        case "name@fr", None | "":
            return "where a translation is missing, Tryton shows the name itself"
        case "salable", None:
            return "a boolean of Tryton's is true or false"
        case "weight", Decimal() if digits > 15 or value != round(value, 2):
            return "a number of Tryton's is a double, with two digits for kilograms"
        case "template.list_price", Decimal() if digits > 15 or value != round(value, 4):
            return "SQLite holds 15 digits of a number, and Tryton four behind the point"
        case _:
            return ""


class TestTryton(ErpConformance[Variant]):
    item = Variant
    many = 400
    source = Path(tryton_package.__file__).parent

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]  # the password is made with the server
        return (self.world().tryton.password, self.world().tryton._token)

    def world(self) -> TrytonLaws:
        return TrytonLaws()

    def make_adapter(self, faults: Faults) -> TrytonAdapter[Any]:
        return self.world().adapter(faults)

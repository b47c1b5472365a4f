"""`MedusaSink`: prices and stock of a Medusa shop, over its Admin API."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

import httpx
from attrs import frozen

from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce._checks import Refused
from akeneo_erp_bridge.commerce._halving import cut, refused_lines
from akeneo_erp_bridge.commerce._shops._connection import PAUSES, Answer, Connection
from akeneo_erp_bridge.commerce._shops._json import Json, Row, inside, number, rows, text
from akeneo_erp_bridge.commerce._shops._login import ShopKey, ShopLogin
from akeneo_erp_bridge.commerce._shops._sink import ShopFacts, ShopSink, at_once, by_sku
from akeneo_erp_bridge.commerce._shops._terms import Terms, Wish
from akeneo_erp_bridge.commerce.interfaces import OfferValue
from akeneo_erp_bridge.errors import SinkError

__all__ = ["MedusaSink"]

_ASKED: Final = 100  # SKUs in one address: some 3 KB
_MOST: Final = 500  # lines of stock in one call
_MOST_BYTES: Final = 90_000
_LEVELS: Final = "/admin/inventory-items/location-levels/batch"
_FIELDS: Final = ",".join(
    (
        "id,sku,product_id",
        *(f"prices.{one}" for one in ("id", "amount", "currency_code", "min_quantity", "max_quantity")),
        "prices.price_rules.attribute,prices.price_rules.value",  # without them Medusa leaves `rules` out
        "inventory_items.inventory_item_id",
        *(f"inventory_items.inventory.location_levels.{one}" for one in ("id", "location_id", "stocked_quantity")),
    )
)


@frozen
class _Price:
    """One price of a variant: for everyone where it has no rules and no bounds of quantity."""

    row: Row
    currency: CurrencyCode
    amount: Decimal

    @property
    def for_everyone(self) -> bool:
        return not any(self.row.get(name) for name in ("rules", "min_quantity", "max_quantity"))


@frozen
class _Found:
    variant: str
    product: str
    prices: tuple[_Price, ...]
    items: tuple[str, ...]
    levels: Mapping[str, tuple[str, int]]
    """By location: the level's id, and what lies there."""


@frozen
class _StockLine:
    """One stock of one item in one place: its level, where there is one, and the pieces, where some shall be kept."""

    key: ErpKey
    item: str
    location: str
    level: str | None
    pieces: int | None


class MedusaSink(ShopSink[_Found]):
    """Sets prices and inventory levels of a Medusa shop (2.x).

    >>> MedusaSink("https://shop.example.com", ShopKey("0123456789"), currency=CurrencyCode("EUR"), location="Main warehouse")
    <MedusaSink: Medusa at https://shop.example.com>

    The key of an offer is the variant's SKU. `price` and `stock` are the feeds of the two, `None` where there is no
    such feed. Plain amounts are in `currency`. For price lists in several currencies name the others in
    `currencies`; then prices are read back as lists. A plain number of stock goes to `location` (a name or id), which
    may be left out where there is only one; `locations` are the shop's by the ERP's, for `Stock`.

    Of a `PriceList` the price for everyone that is valid now at quantity 1 is sent, in each currency of this sink; a
    currency without one is withdrawn. Groups, quantity breaks and the end of a validity are not sent. The tax flag of a
    list must be that of the shop's price preferences. `None` takes the price away, so that the variant cannot be
    bought, and the inventory level, so that the place does not keep it.

    Medusa replaces all prices of a variant: they are read first, and other currencies, regions and quantities are named
    again as they are. What somebody else changes between the two is lost. A price with a rule other than a region is
    not shown in full by the API; such a variant is refused rather than damaged. Prices go product by product
    over `workers` connections, because Medusa's call for many products deletes the variants that are not named.

    An offer with a wrong value, an unknown SKU or a currency that the store does not sell in is refused in its
    `OfferResult`. Raises `SinkError` when the shop does not answer or refuses the sign-in, `ConfigurationError` for
    settings that it does not have. Medusa keeps no version: an older `Offer.version` is known only within one process.

    Source: Medusa's "Admin API reference" (product variants, inventory items, price preferences) and its behaviour.
    """

    def __init__(
        self,
        url: str,
        login: ShopLogin | ShopKey,
        *,
        currency: CurrencyCode,
        price: str | None = "price",
        stock: str | None = "available",
        currencies: Sequence[CurrencyCode] = (),
        location: str | None = None,
        locations: Mapping[str, str] | None = None,
        workers: int = 4,
        timeout: timedelta = timedelta(seconds=60),
        pauses: Sequence[timedelta] = PAUSES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        connection = Connection(
            "Medusa", url, sign_in=self._sign_in, is_unsigned=lambda answer: answer.status in (401, 403),
            timeout=timeout, pauses=pauses, transport=transport,
        )  # fmt: skip
        terms = Terms(
            price=price, stock=stock, currency=currency, currencies=currencies, location=location,
            locations=locations or {},
        )  # fmt: skip
        super().__init__(connection, terms)
        self._login = login
        self._workers = workers

    # ---- what the shop is like ----
    def _sign_in(self) -> Mapping[str, str]:
        if isinstance(self._login, ShopKey):  # Medusa takes a secret key as the user name of HTTP Basic
            return {"Authorization": f"Basic {base64.b64encode(f'{self._login.key}:'.encode()).decode()}"}
        who = self._login
        answer = self._shop.send("POST", "/auth/user/emailpass", {"email": who.username, "password": who.password})
        token = text(answer.json, "token")
        if answer.status == 401:
            raise SinkError(
                f"{self._shop.name} refused user {who.username!r}; check the e-mail address and the password"
            )
        if answer.status != 200 or not token:
            raise self._shop.strange(answer)
        return {"Authorization": f"Bearer {token}"}

    def _ask_facts(self) -> ShopFacts:
        places = self._get("/admin/stock-locations", [("limit", "1000"), ("fields", "id,name")])
        stores = self._get("/admin/stores", [("fields", "id,supported_currencies.currency_code")])
        taxes = self._get("/admin/price-preferences", [("attribute", "currency_code"), ("limit", "1000")])
        sold = [one for store in rows(stores, "stores") for one in rows(store, "supported_currencies")]
        return ShopFacts(
            {text(one, "id"): text(one, "name") for one in rows(places, "stock_locations")},
            {_currency(one, "currency_code") for one in sold},
            {
                _currency(one, "value")
                for one in rows(taxes, "price_preferences")
                if one.get("is_tax_inclusive") is True
            },
        )

    def _get(self, path: str, params: Sequence[tuple[str, str]]) -> Json:
        answer = self._shop.call("GET", path, params=params)
        if answer.status != 200 or not answer.is_json:
            raise self._shop.strange(answer)
        return answer.json

    # ---- variants ----
    def _find(self, keys: Sequence[ErpKey]) -> Mapping[ErpKey, _Found | Refused]:
        slices = (keys[start : start + _ASKED] for start in range(0, len(keys), _ASKED))
        return by_sku((row for some in slices for row in self._variants(some)), _variant)

    def _variants(self, keys: Sequence[ErpKey]) -> list[Row]:
        asked = [("sku[]", str(key)) for key in keys]
        answer = self._get("/admin/product-variants", [*asked, ("limit", "1000"), ("fields", _FIELDS)])
        if inside(answer, "variants") is None:
            raise SinkError(f"{self._shop.name} gave no list of variants; is the URL right?")
        return rows(answer, "variants")

    def _write(self, wishes: Mapping[ErpKey, Wish]) -> Mapping[ErpKey, str]:
        priced = [key for key, wish in wishes.items() if wish.prices]
        # the whole list of prices is written, so all of today's must be known
        for_price, trouble = self._look_up(priced, anew=True)
        stocked = [key for key, wish in wishes.items() if wish.stock and key not in trouble]
        # a stock that ends is a level deleted by its id, which must be today's: of another one Medusa says "deleted" too
        ending = [key for key in stocked if None in wishes[key].stock.values() and key not in for_price]
        _, gone = self._look_up(ending, anew=True)
        for_stock, more = self._look_up([key for key in stocked if key not in gone])
        errors = {**trouble, **gone, **more}
        errors |= self._write_prices({key: one for key, one in for_price.items() if key not in errors}, wishes)
        errors |= self._write_stock({key: one for key, one in for_stock.items() if key not in errors}, wishes)
        return errors

    def _write_prices(self, found: Mapping[ErpKey, _Found], wishes: Mapping[ErpKey, Wish]) -> Mapping[ErpKey, str]:
        errors: dict[ErpKey, str] = {}
        by_product: dict[str, list[tuple[ErpKey, Json]]] = {}
        for key, one in found.items():
            try:
                prices = _prices(one, wishes[key].prices)
            except Refused as error:
                errors[key] = str(error)
                continue
            if prices is not None:
                by_product.setdefault(one.product, []).append((key, {"id": one.variant, "prices": prices}))

        def write(product: str) -> list[tuple[tuple[ErpKey, Json], str]]:
            def send(lines: Sequence[tuple[ErpKey, Json]]) -> str | None:
                body = {"update": [line for _, line in lines]}
                answer = self._shop.call("POST", f"/admin/products/{product}/variants/batch", body)
                self._blame(lines, answer)
                return _refusal(answer)

            return refused_lines(by_product[product], send)

        for refused in at_once(write, by_product, workers=self._workers):
            errors |= {key: reason for (key, _), reason in refused}
        return errors

    # ---- stock ----
    def _write_stock(self, found: Mapping[ErpKey, _Found], wishes: Mapping[ErpKey, Wish]) -> Mapping[ErpKey, str]:
        errors = {key: _no_one_item(key, one) for key, one in found.items() if len(one.items) != 1}
        there = {key: one for key, one in found.items() if key not in errors}
        for batch in cut(_stock_lines(there, wishes), lambda _: 130, most=_MOST, most_bytes=_MOST_BYTES):
            if self._send_stock(batch) is None:
                continue
            # levels may have come or gone since they were looked up
            again, trouble = self._look_up(list({line.key: None for line in batch}), anew=True)
            errors |= trouble
            places = {(line.key, line.location) for line in batch}
            lines = [line for line in _stock_lines(again, wishes) if (line.key, line.location) in places]
            errors |= {line.key: reason for line, reason in refused_lines(lines, self._send_stock)}
        return errors

    def _send_stock(self, lines: Sequence[_StockLine]) -> str | None:
        body: dict[str, list[Json]] = {"create": [], "update": [], "delete": []}
        for line in lines:
            if line.pieces is not None:
                level: dict[str, Json] = {
                    "inventory_item_id": line.item,
                    "location_id": line.location,
                    "stocked_quantity": line.pieces,
                }
                body["create" if line.level is None else "update"].append(level)
            elif line.level is not None:
                body["delete"].append(line.level)
        if not any(body.values()):
            return None
        answer = self._shop.call("POST", _LEVELS, {**body, "force": True})  # a level with pieces is deleted too
        self._blame(lines, answer)
        reason = _refusal(answer)
        if reason is None and (body["create"] or body["delete"]):
            for line in lines:  # their levels have other ids now, or none
                self._known.pop(line.key, None)
        return reason

    # ---- reading ----
    def _read(self, keys: Sequence[ErpKey]) -> Mapping[ErpKey, Mapping[str, OfferValue]]:
        place = self._place()
        found, _ = self._look_up(keys, anew=True)
        return {
            key: self._values(
                self._terms.price_value(
                    {p.currency: p.amount for p in one.prices if p.for_everyone}, self._tax_included
                ),
                self._terms.stock_value({where: pieces for where, (_, pieces) in one.levels.items()}, place),
            )
            for key, one in found.items()
        }


def _stock_lines(found: Mapping[ErpKey, _Found], wishes: Mapping[ErpKey, Wish]) -> list[_StockLine]:
    return [
        _StockLine(key, one.items[0], place, one.levels[place][0] if place in one.levels else None, pieces)
        for key, one in found.items()
        if len(one.items) == 1
        for place, pieces in wishes[key].stock.items()
    ]


def _no_one_item(key: ErpKey, found: _Found) -> str:
    return f"{key!r} has {len(found.items)} inventory items, not one; its stock is not one number here"


def _variant(row: Row) -> _Found:
    items = rows(row, "inventory_items")
    levels = [one for item in items for one in rows(item, "inventory", "location_levels")]
    return _Found(
        text(row, "id"),
        text(row, "product_id"),
        tuple(_price(one) for one in rows(row, "prices")),
        tuple(text(one, "inventory_item_id") for one in items),
        {text(one, "location_id"): (text(one, "id"), int(number(one, "stocked_quantity") or 0)) for one in levels},
    )


def _currency(row: Row, name: str) -> CurrencyCode:
    """Medusa writes them small."""
    return CurrencyCode(text(row, name).upper())


def _price(row: Row) -> _Price:
    kept = {name: row.get(name) for name in ("id", "amount", "currency_code", "min_quantity", "max_quantity", "rules")}
    return _Price(kept, _currency(row, "currency_code"), number(row, "amount") or Decimal(0))


def _prices(found: _Found, wanted: Mapping[CurrencyCode, Decimal | None]) -> list[Json] | None:
    """All prices that the variant shall have, or `None` where it has them.

    Each is named in full: of several that are named by their ids alone, Medusa keeps only the last.
    """
    now = {one.currency: one.amount for one in found.prices if one.for_everyone}
    if all(now.get(currency) == amount for currency, amount in wanted.items()):
        return None
    strange = {name for one in found.prices for name in _rules(one.row) if name != "region_id"}
    if strange:
        raise Refused(
            f"the shop has a price with a rule for {', '.join(sorted(strange))}, which its API does not show in full; "
            "move it to a price list in Medusa, or set this variant's prices there"
        )
    kept: list[Json] = [one.row for one in found.prices if not one.for_everyone or one.currency not in wanted]
    kept += [{"currency_code": one.lower(), "amount": amount} for one, amount in wanted.items() if amount is not None]
    return kept


def _rules(row: Row) -> Iterator[str]:
    found = row.get("rules")
    return iter(found if isinstance(found, Mapping) else ())


def _refusal(answer: Answer) -> str | None:
    """The shop's reason, or `None` where it took the lines."""
    if answer.status == 200:
        return None
    return f"the shop says: {text(answer.json, 'message')[:300] or f'HTTP {answer.status} without a reason'}"

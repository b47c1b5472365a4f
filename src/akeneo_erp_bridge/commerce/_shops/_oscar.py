"""`OscarSink`: prices and stock of a django-oscar shop, over django-oscar-api."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import httpx
from attrs import frozen

from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce._checks import Refused
from akeneo_erp_bridge.commerce._shops._connection import PAUSES, Answer, Connection
from akeneo_erp_bridge.commerce._shops._json import Json, Row, number, rows, text
from akeneo_erp_bridge.commerce._shops._login import ShopKey, ShopLogin
from akeneo_erp_bridge.commerce._shops._sink import ShopFacts, ShopSink, at_once
from akeneo_erp_bridge.commerce._shops._terms import Terms, Wish
from akeneo_erp_bridge.commerce.interfaces import OfferValue
from akeneo_erp_bridge.errors import SinkError

__all__ = ["OscarSink"]

_RECORD: Final = "/admin/stockrecords/{}/"


@frozen
class _StockRecord:
    """Oscar keeps price and stock in one record for each partner, with one currency."""

    id: str
    partner: str
    currency: str


@frozen
class _Found:
    records: tuple[_StockRecord, ...]

    def at(self, partner: str, upc: str) -> _StockRecord:
        """The record of a partner. Raises `Refused` where there is none, or more than one."""
        mine = [one for one in self.records if one.partner == partner]
        if len(mine) != 1:
            shown = ", ".join(one.id for one in mine) or "none"
            raise Refused(
                f"{upc!r} should have one stock record of partner {partner}, and has: {shown}; mend it in Oscar's dashboard"
            )
        return mine[0]


class OscarSink(ShopSink[_Found]):
    """Sets price and stock in the stock records of a django-oscar shop (3.2 or newer, with django-oscar-api 3).

    >>> OscarSink("https://shop.example.com/api", ShopKey("0123456789"), currency=CurrencyCode("EUR"))
    <OscarSink: Oscar at https://shop.example.com/api>

    The key of an offer is the product's UPC. `price` and `stock` are the feeds of the two, `None` where there is no
    such feed. `currency` is that of plain amounts; it must be the currency of the stock records, of which each has
    one. A plain number of stock goes to the partner `location` (its code or id), which may be left out where there
    is only one; `locations` are partners by the ERP's places, for `Stock`. Prices go to the partner of `location`.

    Of a `PriceList` the price for everyone that is valid now at quantity 1 is sent; groups, quantity breaks and the
    end of a validity have no place in Oscar. Its tax flag must be `prices_include_tax`, which says how the shop's
    strategy takes the number (Oscar's own take it as net).

    `None` empties the field. An item without a stock is shown as unavailable. One without a price cannot be bought, but
    Oscar's own pages go on to show it as in stock, and fail when it is put into a basket: let its stock end as well.

    Oscar has no call for many: `workers` connections write at once, each item once. A product is found by a `PATCH`
    that names its UPC and changes nothing, and remembered. No stock record is ever made. With a `ShopLogin` a token is
    asked for at ``/token/``; a shop that has no such page gets HTTP Basic. A `ShopKey` is a token of the shop.

    An offer with a wrong value, an unknown UPC or another currency is refused in its `OfferResult`. Raises `SinkError`
    when the shop does not answer or refuses the sign-in, `ConfigurationError` for settings that it does not have.
    Oscar keeps no version: an older `Offer.version` is known only within one process.

    Source: django-oscar-api's documentation ("Admin API"), Django REST framework ("Authentication").
    """

    _prices_have_places = True  # they are in the partner's stock record

    def __init__(
        self,
        url: str,
        login: ShopLogin | ShopKey,
        *,
        currency: CurrencyCode,
        price: str | None = "price",
        stock: str | None = "available",
        prices_include_tax: bool = False,
        location: str | None = None,
        locations: Mapping[str, str] | None = None,
        workers: int = 8,
        timeout: timedelta = timedelta(seconds=30),
        pauses: Sequence[timedelta] = PAUSES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        connection = Connection(
            "Oscar", url, sign_in=self._sign_in, is_unsigned=lambda answer: answer.status in (401, 403),
            timeout=timeout, pauses=pauses, transport=transport,
        )  # fmt: skip
        terms = Terms(
            price=price, stock=stock, currency=currency, currencies=(), location=location, locations=locations or {}
        )
        super().__init__(connection, terms)
        self._login = login
        self._include_tax = prices_include_tax
        self._workers = workers

    def _sign_in(self) -> Mapping[str, str]:
        if isinstance(self._login, ShopKey):
            return {"Authorization": f"Token {self._login.key}"}
        who = self._login
        answer = self._shop.send("POST", "/token/", {"username": who.username, "password": who.password})
        if answer.status == 404:
            pair = base64.b64encode(f"{who.username}:{who.password}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        token = text(answer.json, "token")
        if answer.status != 200 or not token:
            raise SinkError(f"{self._shop.name} refused user {who.username!r}; check the user name and the password")
        return {"Authorization": f"Token {token}"}

    def _ask_facts(self) -> ShopFacts:
        answer = self._shop.call("GET", "/admin/partners/")
        if answer.status != 200 or not answer.is_json:
            raise self._shop.strange(answer)
        partners = {_last(one, "url"): text(one, "code") or text(one, "name") for one in rows(answer.json)}
        mine = self._terms.spoken_for()  # each stock record has a currency; whether it is this one is seen there
        return ShopFacts(partners, mine, mine if self._include_tax else ())

    def _find(self, keys: Sequence[ErpKey]) -> Mapping[ErpKey, _Found | Refused]:
        answers = at_once(self._find_one, keys, workers=self._workers)
        return {key: one for key, one in zip(keys, answers, strict=True) if one is not None}

    def _find_one(self, key: ErpKey) -> _Found | Refused | None:
        answer = self._shop.call("PATCH", "/admin/products/", {"upc": key})
        if answer.status == 404 and answer.is_json:
            return None
        if answer.status == 400:
            return Refused(_words(answer.json))
        if answer.status != 200 or text(answer.json, "upc") != key:
            raise self._shop.strange(answer)
        return _Found(tuple(_record(one) for one in rows(answer.json, "stockrecords")))

    def _write(self, wishes: Mapping[ErpKey, Wish]) -> Mapping[ErpKey, str]:
        found, trouble = self._look_up(list(wishes))

        def write(key: ErpKey) -> str | None:
            try:
                if not self._patch(key, wishes[key], found[key]):
                    again, _ = self._look_up([key], anew=True)  # the record is gone: perhaps there is another one
                    if key not in again or not self._patch(key, wishes[key], again[key]):
                        return f"{key!r} is not known to the shop any more"
            except Refused as error:
                self._known.pop(key, None)  # what it has is mended in the shop, and looked up again
                return str(error)
            return None

        errors = at_once(write, found, workers=self._workers)
        return trouble | {key: error for key, error in zip(found, errors, strict=True) if error is not None}

    def _patch(self, key: ErpKey, wish: Wish, found: _Found) -> bool:
        """Whether the records were there. Raises `Refused` with the shop's reason."""
        bodies: dict[str, dict[str, Json]] = {}
        place = self._place()
        for currency, amount in wish.prices.items():
            record = found.at(place, key)
            if record.currency != currency and amount is not None:
                raise Refused(
                    f"the price is in {currency}, and the shop's stock record of {key!r} in {record.currency}"
                )
            bodies.setdefault(record.id, {})["price"] = None if amount is None else format(amount, "f")
        for partner, pieces in wish.stock.items():
            bodies.setdefault(found.at(partner, key).id, {})["num_in_stock"] = pieces
        for record_id, body in bodies.items():
            answer = self._shop.call("PATCH", _RECORD.format(record_id), body)
            if answer.status == 404:
                return False
            if answer.status != 200 or not answer.is_json:
                self._blame([key], answer)
                raise Refused(_refusal(answer))
        return True

    def _read(self, keys: Sequence[ErpKey]) -> Mapping[ErpKey, Mapping[str, OfferValue]]:
        place = self._place()
        found, _ = self._look_up(keys)
        answers = at_once(self._read_one, found.values(), workers=self._workers)
        gone = [key for key, one in zip(found, answers, strict=True) if one is None]
        if gone:
            found = {**found, **self._look_up(gone, anew=True)[0]}
            answers = at_once(self._read_one, found.values(), workers=self._workers)
        shown: dict[ErpKey, Mapping[str, OfferValue]] = {}
        for key, records in zip(found, answers, strict=True):
            if records is None:
                continue
            prices = {
                CurrencyCode(text(one, "price_currency")): amount
                for partner, one in records.items()
                if partner == place and (amount := number(one, "price")) is not None
            }
            pieces = {
                partner: int(n) for partner, one in records.items() if (n := number(one, "num_in_stock")) is not None
            }
            shown[key] = self._values(
                self._terms.price_value(prices, self._tax_included), self._terms.stock_value(pieces, place)
            )
        return shown

    def _read_one(self, found: _Found) -> Mapping[str, Row] | None:
        """The records as they are now, by partner; `None` where one is gone."""
        records: dict[str, Row] = {}
        for one in found.records:
            answer = self._shop.call("GET", _RECORD.format(one.id))
            if answer.status == 404:
                return None
            if answer.status != 200 or not isinstance(answer.json, Mapping):
                raise self._shop.strange(answer)
            records[one.partner] = answer.json
        return records


def _record(row: Row) -> _StockRecord:
    return _StockRecord(_last(row, "url"), _last(row, "partner"), text(row, "price_currency"))


def _last(row: Row, name: str) -> str:
    """The id in an address of the shop: only the id is used, so that a request goes to the sink's own address."""
    return text(row, name).rstrip("/").rpartition("/")[2]


def _refusal(answer: Answer) -> str:
    if not answer.is_json:
        return f"the shop answered HTTP {answer.status} without a reason; look into its log"
    return f"the shop says: {_words(answer.json)}"


def _words(found: Json) -> str:
    """Django REST framework names the field before its reasons."""
    if isinstance(found, Mapping):
        return "; ".join(f"{name}: {_words(one)}" if name != "detail" else _words(one) for name, one in found.items())[
            :300
        ]
    if isinstance(found, list | tuple):
        return ", ".join(_words(one) for one in found)
    return str(found)

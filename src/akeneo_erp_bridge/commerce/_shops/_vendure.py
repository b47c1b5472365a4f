"""`VendureSink`: prices and stock of a Vendure shop, over its Admin API (GraphQL)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

import httpx
from attrs import frozen

from akeneo_erp_bridge.codes import CurrencyCode, ErpKey
from akeneo_erp_bridge.commerce._checks import Refused, fits, plain
from akeneo_erp_bridge.commerce._halving import cut, refused_lines
from akeneo_erp_bridge.commerce._shops._connection import PAUSES, Answer, Connection
from akeneo_erp_bridge.commerce._shops._json import Json, Row, inside, number, rows, text, write_json
from akeneo_erp_bridge.commerce._shops._login import ShopKey, ShopLogin
from akeneo_erp_bridge.commerce._shops._sink import ShopFacts, ShopSink, by_sku
from akeneo_erp_bridge.commerce._shops._terms import Terms, Wish
from akeneo_erp_bridge.commerce.interfaces import OfferValue
from akeneo_erp_bridge.errors import SinkError

__all__ = ["VendureSink"]

_ASKED: Final = 100  # the least that a shop lets be taken at a time
_MOST: Final = 400
_MOST_BYTES: Final = 60_000  # a body of some 100 KB is answered by an HTTP 500 without a word

_LOG_IN: Final = """mutation($u: String!, $p: String!) {
  login(username: $u, password: $p) { __typename ... on ErrorResult { errorCode message } } }"""
_FACTS: Final = """query($skip: Int!) {
  globalSettings { serverConfig { moneyStrategyPrecision } }
  activeChannel { availableCurrencyCodes pricesIncludeTax }
  stockLocations(options: {skip: $skip, take: 100}) { totalItems items { id name } } }"""
# `price` is not asked for: a variant without one in the channel's currency would fail the whole answer
_FIND: Final = """query($s: [String!], $skip: Int!) {
  productVariants(options: {skip: $skip, take: 100, sort: {id: ASC}, filter: {sku: {in: $s}}}) { totalItems items {
    id sku enabled prices { currencyCode price } stockLevels { stockLocationId stockOnHand } } } }"""
_UPDATE: Final = "mutation($i: [UpdateProductVariantInput!]!) { updateProductVariants(input: $i) { id } }"


@frozen
class _Found:
    id: str
    enabled: bool
    prices: Mapping[CurrencyCode, Decimal]
    """In the shop's minor units."""
    stock: Mapping[str, int]


_Line = tuple[ErpKey, Mapping[str, Json]]


class VendureSink(ShopSink[_Found]):
    """Sets prices and stock of the variants of a Vendure shop (3.1 or newer).

    >>> VendureSink("https://shop.example.com/admin-api", ShopKey("0123456789"), currency=CurrencyCode("EUR"), location="Main warehouse")
    <VendureSink: Vendure at https://shop.example.com/admin-api>

    The key of an offer is the variant's SKU. `price` and `stock` are the feeds of the two, `None` where there is no
    such feed. Plain amounts are in `currency`; they are sent in the minor units of the shop, whose number of decimals
    it tells. For price lists in several currencies name the others in `currencies`; then prices are read back as
    lists. A plain number of stock goes to `location` (a name or id), which may be left out where there is only one;
    `locations` are the shop's by the ERP's, for `Stock`. `channel` is the token of a channel other than the default.

    Of a `PriceList` the price for everyone that is valid now at quantity 1 is sent, in each currency of this sink;
    groups, quantity breaks and the end of a validity are not sent. Its tax flag must be the channel's `pricesIncludeTax`.

    A variant without a price is sold for nothing in Vendure, so no price is ever deleted. A price of `None` is refused,
    unless the sink may `switch` variants: then `None` switches the variant off (`enabled`), and a price switches it on,
    whoever switched it off. A price list that ends one currency and keeps another is refused. A stock of `None` is 0:
    Vendure knows no place that keeps none.

    An offer with a wrong value, or a SKU that is unknown or that two variants have, is refused in its `OfferResult`.
    Raises `SinkError` when the shop does not answer or refuses the sign-in, `ConfigurationError` for settings that it
    does not have. Vendure keeps no version: an older `Offer.version` is known only within one process.

    Source: Vendure's "Admin API" reference, "Money & Currency", "Stock Control", and its behaviour.
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
        channel: str | None = None,
        switch: bool = False,
        timeout: timedelta = timedelta(seconds=60),
        pauses: Sequence[timedelta] = PAUSES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        connection = Connection(
            "Vendure", url, sign_in=self._sign_in, is_unsigned=_is_forbidden, timeout=timeout, pauses=pauses,
            transport=transport, headers={} if channel is None else {"vendure-token": channel},
        )  # fmt: skip
        terms = Terms(
            price=price, stock=stock, currency=currency, currencies=currencies, location=location,
            locations=locations or {},
        )  # fmt: skip
        super().__init__(connection, terms)
        self._login = login
        self._switch = switch
        self._decimals = 2

    # ---- what the shop is like ----
    def _sign_in(self) -> Mapping[str, str]:
        if isinstance(self._login, ShopKey):
            return {"vendure-api-key": self._login.key}
        who = self._login
        answer = self._shop.send("POST", "", {"query": _LOG_IN, "variables": {"u": who.username, "p": who.password}})
        token = answer.headers.get("vendure-auth-token")
        if token is not None and text(answer.json, "data", "login", "__typename") == "CurrentUser":
            return {"Authorization": f"Bearer {token}"}
        if text(answer.json, "data", "login", "errorCode"):
            raise SinkError(f"{self._shop.name} refused user {who.username!r}; check the user name and the password")
        raise self._shop.strange(answer)

    def _ask_facts(self) -> ShopFacts:
        places: dict[str, str] = {}
        while True:
            found = self._ask(_FACTS, {"skip": len(places)})
            some = rows(found, "stockLocations", "items")
            places |= {text(one, "id"): text(one, "name") for one in some}
            if not some or len(places) >= (number(found, "stockLocations", "totalItems") or 0):
                break
        codes = inside(found, "activeChannel", "availableCurrencyCodes")
        currencies = [CurrencyCode(str(one)) for one in codes] if isinstance(codes, list) else []
        taxed = inside(found, "activeChannel", "pricesIncludeTax") is True
        decimals = number(found, "globalSettings", "serverConfig", "moneyStrategyPrecision")
        self._decimals = 2 if decimals is None else int(decimals)
        return ShopFacts(places, currencies, currencies if taxed else ())

    def _ask(self, query: str, variables: Mapping[str, Json]) -> Json:
        """A query that a shop answers whatever it holds."""
        answer = self._shop.call("POST", "", {"query": query, "variables": variables})
        data = inside(answer.json, "data")
        if rows(answer.json, "errors") or data is None:
            reason = _reason(answer)
            raise SinkError(f"{self._shop.name} did not answer a query ({reason}); is the URL that of its Admin API?")
        return data

    # ---- variants ----
    def _find(self, keys: Sequence[ErpKey]) -> Mapping[ErpKey, _Found | Refused]:
        slices = (keys[start : start + _ASKED] for start in range(0, len(keys), _ASKED))
        return by_sku((row for some in slices for row in self._variants(some)), _variant)

    def _variants(self, keys: Sequence[ErpKey]) -> list[Row]:
        """All variants of these SKUs; there may be more of them than SKUs."""
        found: list[Row] = []
        asked: list[Json] = [str(key) for key in keys]
        while True:
            answer = self._ask(_FIND, {"s": asked, "skip": len(found)})
            some = rows(answer, "productVariants", "items")
            found += some
            if not some or len(found) >= (number(answer, "productVariants", "totalItems") or 0):
                return found

    def _write(self, wishes: Mapping[ErpKey, Wish]) -> Mapping[ErpKey, str]:
        found, errors = self._look_up(list(wishes))
        lines, refused = self._lines(found, wishes)
        errors |= refused
        gone: dict[ErpKey, str] = {}
        for batch in cut(lines, _size, most=_MOST, most_bytes=_MOST_BYTES):
            gone |= {key: reason for (key, _), reason in refused_lines(batch, self._send)}
        if gone:
            # a variant may have been deleted, and made again under another id
            again, trouble = self._look_up(list(gone), anew=True)
            moved = {key: one for key, one in again.items() if one.id != found[key].id}
            errors |= {key: reason for key, reason in gone.items() if key not in moved} | trouble
            lines, refused = self._lines(moved, wishes)
            errors |= refused
            errors |= {key: reason for (key, _), reason in refused_lines(lines, self._send)}
        return errors

    def _lines(
        self, found: Mapping[ErpKey, _Found], wishes: Mapping[ErpKey, Wish]
    ) -> tuple[list[_Line], dict[ErpKey, str]]:
        lines: list[_Line] = []
        errors: dict[ErpKey, str] = {}
        for key, one in found.items():
            try:
                lines.append((key, self._line(one, wishes[key])))
            except Refused as error:
                errors[key] = str(error)
        return [line for line in lines if len(line[1]) > 1], errors

    def _line(self, found: _Found, wish: Wish) -> Mapping[str, Json]:
        line: dict[str, Json] = {"id": found.id}
        prices = {currency: amount for currency, amount in wish.prices.items() if amount is not None}
        ending = [currency for currency in wish.prices if currency not in prices]
        if prices and any(currency in found.prices for currency in ending):
            raise Refused(
                f"there is no price in {', '.join(ending)} any more, and one in {', '.join(prices)}: Vendure would sell "
                "for nothing in a currency without a price; send a price, or None for the whole item"
            )
        if prices:
            line["prices"] = [
                {"currencyCode": currency, "price": self._minor(amount, currency)}
                for currency, amount in prices.items()
            ]
        if wish.prices and not self._switch and not prices:
            raise Refused(
                "there is no price any more; Vendure can only switch a variant off: allow it with switch=True"
            )
        if wish.prices and self._switch and found.enabled is not bool(prices):
            line["enabled"] = bool(prices)
        if wish.stock:
            line["stockLevels"] = [
                {"stockLocationId": place, "stockOnHand": pieces or 0} for place, pieces in wish.stock.items()
            ]
        return line

    def _minor(self, amount: Decimal, currency: CurrencyCode) -> int:
        if not fits(amount, self._decimals):
            raise Refused(
                f"the price {plain(amount)} {currency} has more decimals than this shop keeps, {self._decimals}"
            )
        return int(amount.scaleb(self._decimals))

    def _send(self, lines: Sequence[_Line]) -> str | None:
        answer = self._shop.call("POST", "", {"query": _UPDATE, "variables": {"i": [line for _, line in lines]}})
        if rows(answer.json, "errors") or inside(answer.json, "data") is None:
            self._blame(lines, answer)
            return f"the shop says: {_reason(answer)}"
        for key, line in lines:
            known = {str(one) for one in self._known[key].prices} if key in self._known else set[str]()
            if "enabled" in line or any(text(one, "currencyCode") not in known for one in rows(line, "prices")):
                self._known.pop(key, None)  # it has another state now than the one that is remembered
        return None

    # ---- reading ----
    def _read(self, keys: Sequence[ErpKey]) -> Mapping[ErpKey, Mapping[str, OfferValue]]:
        place = self._place()
        found, _ = self._look_up(keys, anew=True)
        shown: dict[ErpKey, Mapping[str, OfferValue]] = {}
        for key, one in found.items():
            sold = one.enabled or not self._switch
            prices = {code: amount.scaleb(-self._decimals) for code, amount in one.prices.items()} if sold else {}
            shown[key] = self._values(
                self._terms.price_value(prices, self._tax_included), self._terms.stock_value(one.stock, place)
            )
        return shown


def _variant(row: Row) -> _Found:
    return _Found(
        text(row, "id"),
        row.get("enabled") is True,
        {CurrencyCode(text(one, "currencyCode")): number(one, "price") or Decimal(0) for one in rows(row, "prices")},
        {text(one, "stockLocationId"): int(number(one, "stockOnHand") or 0) for one in rows(row, "stockLevels")},
    )


def _size(line: _Line) -> int:
    return len(write_json(line[1])) + 1


def _is_forbidden(answer: Answer) -> bool:
    """Vendure says so with HTTP 200."""
    return any(text(one, "extensions", "code") == "FORBIDDEN" for one in rows(answer.json, "errors"))


def _reason(answer: Answer) -> str:
    said = [text(one, "message") for one in rows(answer.json, "errors")]
    return "; ".join(said)[:300] or f"HTTP {answer.status} without a reason"

"""Rules that make price lists: of columns, and of the lines that an ERP nests in an item."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Final, Generic, TypeVar

from attrs import frozen

from akeneo_erp_bridge.classification import Shippable
from akeneo_erp_bridge.codes import CurrencyCode
from akeneo_erp_bridge.commerce._columns import Constant, Wrong, amount, needed, optional
from akeneo_erp_bridge.commerce._values import OfferPrice, PriceList
from akeneo_erp_bridge.erp import ErpItem, Lines
from akeneo_erp_bridge.erp._over_lines import OverLines
from akeneo_erp_bridge.rules import CLEAR, Outcome, Problem, Put, Rule, Step, shown

S = TypeVar("S")
LineT = TypeVar("LineT", bound=ErpItem)

_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@frozen
class OnePrice(Rule[S, OfferPrice, Shippable], Generic[S]):
    """One price of one record; see `price`."""

    amount: Rule[S, Decimal | int, Shippable]
    currency: Rule[S, str, Shippable]
    tax_included: Rule[S, bool, Shippable]
    group: Rule[S, str | None, Shippable] | None
    from_quantity: Rule[S, Decimal | int | None, Shippable] | None
    valid_from: Rule[S, datetime | None, Shippable] | None
    valid_until: Rule[S, datetime | None, Shippable] | None

    def run(self, source: S) -> Outcome[OfferPrice]:
        outcome = self.amount.run(source)
        if not isinstance(outcome, Put):
            return outcome  # absent and null are for the whole price
        try:
            return Put(self._made(amount(outcome.value, "amount"), source), outcome.notes)
        except Wrong as error:
            return error.problem

    def _made(self, money: Decimal, source: S) -> OfferPrice:
        currency = needed(self.currency, source, "currency", "currency")
        if not _CURRENCY.fullmatch(currency):
            wanted = "is no currency of three capital letters, as EUR; look it up first"
            raise Wrong(Problem("wrong_currency", "currency", f"{shown(currency)} {wanted}"))
        begin, end = optional(self.valid_from, source), optional(self.valid_until, source)
        for name, moment in (("valid_from", begin), ("valid_until", end)):
            if moment is not None and moment.tzinfo is None:
                raise Wrong(
                    Problem("no_zone", name, f"{moment} names no time zone; read it with moment(..., zone=...)")
                )
        if begin is not None and end is not None and end <= begin:
            seen = f"it ends at {end.isoformat()} and begins at {begin.isoformat()}"
            raise Wrong(Problem("never_valid", "valid_until", f"{seen}; correct one of the two in the ERP"))
        return OfferPrice(
            money,
            CurrencyCode(currency),
            tax_included=needed(self.tax_included, source, "tax_included", "word on whether the tax is in the price"),
            group=(optional(self.group, source) or "").strip() or None,
            from_quantity=self._from_quantity(source),
            valid_from=begin,
            valid_until=end,
        )

    def _from_quantity(self, source: S) -> Decimal:
        found = optional(self.from_quantity, source)
        least = Decimal(1) if found is None else amount(found, "from_quantity")
        if least <= 0:
            seen = f"a price begins at a quantity above zero, seen {least}; correct it in the ERP"
            raise Wrong(Problem("wrong_quantity", "from_quantity", seen))
        return least

    @property
    def label(self) -> str:
        return f"price({', '.join(one.label for one in self.parts)})"

    @property
    def parts(self) -> tuple[Step, ...]:
        terms = (self.group, self.from_quantity, self.valid_from, self.valid_until)
        return (self.amount, self.currency, self.tax_included, *(one for one in terms if one is not None))


@frozen
class Price(Rule[S, PriceList, Shippable], Generic[S]):
    """See `price`."""

    one: OnePrice[S]

    def run(self, source: S) -> Outcome[PriceList]:
        outcome = self.one.run(source)
        return Put(PriceList((outcome.value,)), outcome.notes) if isinstance(outcome, Put) else outcome

    @property
    def label(self) -> str:
        return self.one.label

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.one,)


@frozen
class PriceLines(OverLines[LineT], Rule[Lines, PriceList, Shippable]):
    """See `price_list`."""

    line: type[LineT]
    one: OnePrice[LineT]

    def run(self, source: Lines) -> Outcome[PriceList]:
        found: dict[OfferPrice, int] = {}
        by_terms: dict[OfferPrice, int] = {}
        for number, line in self.each(source):
            outcome = self.one.run(line)
            if isinstance(outcome, Problem):
                return outcome.at(f"line {number}")
            if not isinstance(outcome, Put):
                detail = "the line has no amount; fill it in the ERP, or take the line out (an amount of 0 is a price)"
                return Problem("no_amount", "amount", detail).at(f"line {number}")
            terms = _terms(outcome.value)
            if (
                found.setdefault(outcome.value, number) == number
                and (rival := by_terms.setdefault(terms, number)) != number
            ):
                detail = f"it is another price for the same as line {rival}; take one of the two out of the ERP"
                return Problem("twice", "amount", detail).at(f"line {number}")
        return Put(PriceList(tuple(found))) if found else CLEAR

    @property
    def label(self) -> str:
        return f"price_list({self.line.__name__}, {', '.join(one.label for one in self.one.parts)})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.one,)


def _terms(price: OfferPrice) -> OfferPrice:
    """What the price is for: everything but how much it is."""
    return OfferPrice(
        Decimal(0),
        price.currency,
        group=price.group,
        from_quantity=price.from_quantity,
        valid_from=price.valid_from,
        valid_until=price.valid_until,
    )


def price(
    amount: Rule[S, Decimal | int, Shippable],
    *,
    currency: str | Rule[S, str, Shippable],
    tax_included: bool | Rule[S, bool, Shippable] = False,
    group: Rule[S, str | None, Shippable] | None = None,
    from_quantity: Rule[S, Decimal | int | None, Shippable] | None = None,
    valid_from: Rule[S, datetime | None, Shippable] | None = None,
    valid_until: Rule[S, datetime | None, Shippable] | None = None,
) -> Price[S]:
    """A price list of one price, made of columns.

    ``price(Offered.price, currency="EUR").feed("price")``. Currency and tax flag are the same for all, or columns too.
    `valid_from` is included and `valid_until` is not; both are moments, which `mapping.moment` reads.

    A price of zero is a price. Where the ERP says nothing of the amount, the shop keeps its price; where it says null,
    the price is withdrawn. What is wrong in a column is a problem that names it. A price never goes to the PIM: there is
    `mapping.reference` for that.

    >>> from akeneo_erp_bridge.erp import hot
    >>> class Offered(ErpItem):
    ...     price = hot(Decimal, "price")
    ...     group = hot(str, "group")
    >>> rule = price(Offered.price, currency="EUR", group=Offered.group)
    >>> found = rule.run(Offered({"price": "9.90", "group": "dealers"})).value.prices[0]
    >>> found.amount, found.currency, found.group
    (Decimal('9.90'), 'EUR', 'dealers')
    >>> rule.run(Offered({"price": None})), rule.run(Offered({}))
    (Clear(), Keep())
    """
    return Price(_one(amount, currency, tax_included, group, from_quantity, valid_from, valid_until))


def price_list(
    line: type[LineT],
    *,
    amount: Rule[LineT, Decimal | int, Shippable],
    currency: str | Rule[LineT, str, Shippable],
    tax_included: bool | Rule[LineT, bool, Shippable] = False,
    group: Rule[LineT, str | None, Shippable] | None = None,
    from_quantity: Rule[LineT, Decimal | int | None, Shippable] | None = None,
    valid_from: Rule[LineT, datetime | None, Shippable] | None = None,
    valid_until: Rule[LineT, datetime | None, Shippable] | None = None,
) -> PriceLines[LineT]:
    """All prices of an item, made of the lines that the ERP nests in it; the columns are those of `price`.

    No line at all, as null, withdraws the prices; a line without an amount is a problem, and so are two prices for the
    same group, currency, quantity and time. The order of the lines makes no difference.

    >>> from akeneo_erp_bridge.erp import hot
    >>> class Break(ErpItem):
    ...     amount = hot(Decimal, "amount")
    ...     pieces = hot(int, "pieces")
    >>> rule = price_list(Break, amount=Break.amount, currency="EUR", from_quantity=Break.pieces)
    >>> found = rule.run(Lines([{"amount": "9.90"}, {"amount": "8.50", "pieces": 10}])).value
    >>> [(one.amount, one.from_quantity) for one in found.prices]
    [(Decimal('9.90'), Decimal('1')), (Decimal('8.50'), Decimal('10'))]
    >>> print(rule.run(Lines([{"amount": "9.90"}, {"amount": "cheap", "pieces": 10}])))
    line 2 > amount: holds 'cheap', which is not a number of at most 100 digits; declare the field as str and parse it, or clean it
    """
    return PriceLines(line, _one(amount, currency, tax_included, group, from_quantity, valid_from, valid_until))


def _one(
    amount: Rule[S, Decimal | int, Shippable],
    currency: str | Rule[S, str, Shippable],
    tax_included: bool | Rule[S, bool, Shippable],  # noqa: FBT001 - handed on from a keyword
    group: Rule[S, str | None, Shippable] | None,
    from_quantity: Rule[S, Decimal | int | None, Shippable] | None,
    valid_from: Rule[S, datetime | None, Shippable] | None,
    valid_until: Rule[S, datetime | None, Shippable] | None,
) -> OnePrice[S]:
    fixed = Constant[S, str, Shippable](currency) if isinstance(currency, str) else currency
    taxed = Constant[S, bool, Shippable](tax_included) if isinstance(tax_included, bool) else tax_included
    return OnePrice(amount, fixed, taxed, group, from_quantity, valid_from, valid_until)

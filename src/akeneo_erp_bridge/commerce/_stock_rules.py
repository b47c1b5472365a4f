"""Rules that make stock by location, and one number to sell of it."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Generic, Literal, Never, TypeAlias, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.classification import Shippable
from akeneo_erp_bridge.commerce._columns import Constant, Wrong, amount, needed, optional
from akeneo_erp_bridge.commerce._values import Stock, StockLevel
from akeneo_erp_bridge.erp import ErpItem, Lines
from akeneo_erp_bridge.erp._over_lines import OverLines
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.rules import Outcome, Problem, Put, Rule, Step

S = TypeVar("S")
LineT = TypeVar("LineT", bound=ErpItem)

SamePlace: TypeAlias = Literal["sum", "refuse"]
"""What becomes of two lines of one place: they are counted together, or are a problem."""


@frozen
class OneLevel(Rule[S, StockLevel, Shippable], Generic[S]):
    """The stock in one place, of one record."""

    on_hand: Rule[S, Decimal | int, Shippable]
    location: Rule[S, str, Shippable]
    reserved: Rule[S, Decimal | int | None, Shippable] | None
    incoming: Rule[S, Decimal | int | None, Shippable] | None

    def run(self, source: S) -> Outcome[StockLevel]:
        outcome = self.on_hand.run(source)
        if not isinstance(outcome, Put):
            return outcome  # absent and null are for the whole stock
        try:
            level = StockLevel(
                needed(self.location, source, "location", "location").strip(),
                amount(outcome.value, "on_hand"),
                reserved=_count(self.reserved, source, "reserved"),
                incoming=_count(self.incoming, source, "incoming"),
            )
        except Wrong as error:
            return error.problem
        if not level.location:
            return Problem("no_location", "location", "the name of the location is blank; fill it in the ERP")
        return Put(level, outcome.notes)

    @property
    def label(self) -> str:
        return f"stock_level({', '.join(one.label for one in self.parts)})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.on_hand, self.location, *(one for one in (self.reserved, self.incoming) if one is not None))


@frozen
class StockOfColumns(Rule[S, Stock, Shippable], Generic[S]):
    """See `stock_level`."""

    one: OneLevel[S]

    def run(self, source: S) -> Outcome[Stock]:
        outcome = self.one.run(source)
        return Put(Stock((outcome.value,)), outcome.notes) if isinstance(outcome, Put) else outcome

    @property
    def label(self) -> str:
        return self.one.label

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.one,)


@frozen
class StockLines(OverLines[LineT], Rule[Lines, Stock, Shippable]):
    """See `stock_levels`."""

    line: type[LineT]
    one: OneLevel[LineT]
    same_place: SamePlace

    def run(self, source: Lines) -> Outcome[Stock]:
        levels: dict[str, StockLevel] = {}
        for number, line in self.each(source):
            outcome = self.one.run(line)
            if isinstance(outcome, Problem):
                return outcome.at(f"line {number}")
            if not isinstance(outcome, Put):
                detail = "the line does not say how much there is; fill it in the ERP (0 is a stock)"
                return Problem("no_on_hand", "on_hand", detail).at(f"line {number}")
            level = outcome.value
            known = levels.get(level.location)
            if known is not None and self.same_place == "refuse":
                detail = f"'{level.location}' stands there twice; join the lines in the ERP, or give same_place='sum'"
                return Problem("twice", "location", detail).at(f"line {number}")
            levels[level.location] = level if known is None else _together(known, level)
        return Put(Stock(tuple(levels.values())))

    @property
    def label(self) -> str:
        same = "" if self.same_place == "refuse" else f", same_place={self.same_place!r}"
        return f"stock_levels({self.line.__name__}, {', '.join(one.label for one in self.one.parts)}{same})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.one,)


def _count(rule: Rule[S, Decimal | int | None, Shippable] | None, source: S, name: str) -> Decimal:
    found = optional(rule, source)
    return Decimal(0) if found is None else amount(found, name)


def _together(one: StockLevel, other: StockLevel) -> StockLevel:
    return evolve(
        one,
        on_hand=one.on_hand + other.on_hand,
        reserved=one.reserved + other.reserved,
        incoming=one.incoming + other.incoming,
    )


@frozen
class Sellable(Rule[Stock, Decimal, Never]):
    """See `sellable`."""

    locations: frozenset[str] | None
    keep_back: Decimal
    count_incoming: bool

    def run(self, source: Stock) -> Outcome[Decimal]:
        return Put(
            source.sellable(locations=self.locations, keep_back=self.keep_back, count_incoming=self.count_incoming)
        )

    @property
    def label(self) -> str:
        told = [] if self.locations is None else [f"locations={sorted(self.locations)}"]
        told += [f"keep_back={self.keep_back}"] if self.keep_back else []
        told += ["count_incoming=True"] if self.count_incoming else []
        return f"sellable({', '.join(told)})"


def stock_level(
    on_hand: Rule[S, Decimal | int, Shippable],
    *,
    location: str | Rule[S, str, Shippable],
    reserved: Rule[S, Decimal | int | None, Shippable] | None = None,
    incoming: Rule[S, Decimal | int | None, Shippable] | None = None,
) -> StockOfColumns[S]:
    """The stock of an item that lies in one place, made of columns; the place has the same name for all, or a column too.

    Where the ERP says nothing of `on_hand`, the shop keeps what it has; null takes the stock away; 0 is a stock.

    >>> from akeneo_erp_bridge.erp import hot
    >>> class Offered(ErpItem):
    ...     stock = hot(int, "stock")
    ...     promised = hot(int, "promised")
    >>> rule = stock_level(Offered.stock, location="MAIN", reserved=Offered.promised) >> sellable()
    >>> rule.run(Offered({"stock": 7, "promised": 2})).value
    Decimal('5')
    """
    return StockOfColumns(_one(on_hand, location, reserved, incoming))


def stock_levels(
    line: type[LineT],
    *,
    on_hand: Rule[LineT, Decimal | int, Shippable],
    location: str | Rule[LineT, str, Shippable],
    reserved: Rule[LineT, Decimal | int | None, Shippable] | None = None,
    incoming: Rule[LineT, Decimal | int | None, Shippable] | None = None,
    same_place: SamePlace = "refuse",
) -> StockLines[LineT]:
    """The stock of an item by location, made of the lines that the ERP nests in it.

    No line at all is a stock of nothing, while null takes the stock away. A line without `on_hand` is a problem, and so is a
    place that stands there twice, unless ``same_place="sum"`` counts the two together.

    >>> from akeneo_erp_bridge.erp import hot
    >>> class Place(ErpItem):
    ...     name = hot(str, "place")
    ...     pieces = hot(int, "pieces")
    >>> rule = stock_levels(Place, location=Place.name, on_hand=Place.pieces)
    >>> stock = rule.run(Lines([{"place": "MAIN", "pieces": 7}, {"place": "SHOP", "pieces": 1}])).value
    >>> [(one.location, one.available) for one in stock.levels]
    [('MAIN', Decimal('7')), ('SHOP', Decimal('1'))]
    >>> (rule >> sellable(locations={"MAIN"})).run(Lines([])).value
    Decimal('0')
    """
    return StockLines(line, _one(on_hand, location, reserved, incoming), same_place)


def sellable(
    *, locations: Collection[str] | None = None, keep_back: Decimal | int = 0, count_incoming: bool = False
) -> Sellable:
    """One number to sell out of stock by location: what is available, in some `locations` or in all, never below zero.

    *keep_back* pieces are not offered. With *count_incoming* what is on order counts too. Raises `MappingError` for a
    *keep_back* below zero, and for a single text as *locations*.

    >>> stock = Stock((StockLevel("MAIN", Decimal(7), reserved=Decimal(2)), StockLevel("SHOP", Decimal(1))))
    >>> sellable(keep_back=1).run(stock)
    Put(value=Decimal('5'), notes=())
    """
    if isinstance(locations, str):
        raise MappingError(f"sellable(locations={locations!r}): give a set of names, e.g. locations={{{locations!r}}}")
    if not Decimal(keep_back).is_finite() or keep_back < 0:
        raise MappingError(f"sellable(keep_back={keep_back}): a number of pieces, 0 or more, is kept back")
    return Sellable(None if locations is None else frozenset(locations), Decimal(keep_back), count_incoming)


def _one(
    on_hand: Rule[S, Decimal | int, Shippable],
    location: str | Rule[S, str, Shippable],
    reserved: Rule[S, Decimal | int | None, Shippable] | None,
    incoming: Rule[S, Decimal | int | None, Shippable] | None,
) -> OneLevel[S]:
    place = Constant[S, str, Shippable](location) if isinstance(location, str) else location
    return OneLevel(on_hand, place, reserved, incoming)

"""From an item of the ERP to what is to be offered of it, or to the reason why nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, Generic, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from akeneo_erp_bridge.catalog import is_whole
from akeneo_erp_bridge.classification import SHIPPABLE, Shippable, may_reach, names
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.commerce import OfferValue, PriceList, Stock
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping._checks._declared import hidden_in_lines
from akeneo_erp_bridge.rules import Clear, HotBinding, Problem, Put, Rule, shown, taint_of
from akeneo_erp_bridge.sync._state import ParkedItem
from akeneo_erp_bridge.sync._words import no_key

ItemT = TypeVar("ItemT", bound=ErpItem)

Stamp: TypeAlias = datetime | int
"""Which of two values of one key is newer: a moment, or a number that counts up."""

_KINDS: Final = (Decimal, int, str, PriceList, Stock)
_AHEAD: Final = timedelta(days=1)  # beyond it a moment is a slip: it would keep all that comes later from the shop


@frozen
class Made:
    """What became of an item: values by feed, or a problem.

    `skipped` are the feeds that were given up by `.catch()`. `since` is when the page was read, by a clock that counts
    seconds. `is_gone`: the ERP has deleted the item, and each feed is withdrawn.
    """

    key: ErpKey
    since: float
    values: Mapping[str, OfferValue] = field(factory=dict[str, OfferValue])
    problem: ParkedItem | None = None
    skipped: Sequence[ParkedItem] = ()
    stamp: Stamp | None = None
    is_gone: bool = False

    def over(self, earlier: Made) -> Made:
        """Both in one: of each feed the value of this one, and where it names none, that of the earlier."""
        if self.problem is not None or earlier.problem is not None:
            return self
        return evolve(self, values={**earlier.values, **self.values}, stamp=newest(self.stamp, earlier.stamp))


def is_older(one: Stamp | None, other: Stamp | None) -> bool:
    """Whether a value is older than another; of those that do not compare, the one that was read later is newer.

    >>> is_older(1, 2), is_older(2, 2), is_older(None, 2), is_older(1, datetime.now(UTC))
    (True, False, False, False)
    """
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return isinstance(one, int) and isinstance(other, int) and one < other


def newest(one: Stamp | None, other: Stamp | None) -> Stamp | None:
    """The newer of two stamps; the first where they do not compare."""
    return other if one is None or is_older(one, other) else one


class OfferMaker(Generic[ItemT]):
    """Runs the feeds of a relay on items. Raises nothing for data, whatever the rules of a user do."""

    def __init__(self, feeds: Sequence[HotBinding[ItemT]], stamp: Rule[ItemT, Stamp | None, Shippable] | None) -> None:
        _check(feeds, stamp)
        self.feeds = tuple(feeds)
        rules = [feed.rule for feed in feeds]
        self._stamp = stamp
        read = {path for rule in rules for path in rule.sources}
        self.paths = tuple(sorted(read | (stamp.sources if stamp is not None else frozenset())))
        self._hidden = hidden_in_lines(rules)

    def make(self, item: ItemT, since: float) -> Made:
        """What is to be offered of an item."""
        if not item.key:
            return Made(ErpKey(""), since, problem=no_key(item, item.fingerprint(self.paths)))
        try:
            return self._made(item, since)
        except Exception as error:  # noqa: BLE001 - a rule of a user's own may raise anything; the item is parked with the reason
            seen = f"raised {type(error).__name__} ({shown(str(error), longest=200)})"
            detail = f"a rule {seen}; mend it, it should give a Problem"
            return Made(item.key, since, problem=ParkedItem(item.key, "rule_failed", "", detail))

    def withdraw(self, key: ErpKey, since: float) -> Made:
        """Nothing is offered any more of an item that the ERP has deleted."""
        return Made(key, since, {feed.name: None for feed in self.feeds}, is_gone=True)

    def _made(self, item: ItemT, since: float) -> Made:
        seen = item.shippable(self._hidden)
        stamp = self._stamped(seen)
        if isinstance(stamp, Problem):
            return Made(item.key, since, problem=ParkedItem(item.key, stamp.code, "stamp", str(stamp)))
        values: dict[str, OfferValue] = {}
        skipped: list[ParkedItem] = []
        for feed in self.feeds:
            outcome = feed.rule.run(seen)
            wrong = outcome if isinstance(outcome, Problem) else None
            if isinstance(outcome, Clear):
                values[feed.name] = None
            elif isinstance(outcome, Put):
                value = outcome.value
                wrong = _wrong(value)
                # the check is made by `_wrong`, which a checker does not follow
                if wrong is None and (value is None or isinstance(value, _KINDS)):
                    values[feed.name] = value
            if wrong is not None:
                parked = ParkedItem(item.key, wrong.code, feed.name, str(wrong))
                if wrong.severity != "skip_cell":
                    return Made(item.key, since, problem=parked, stamp=stamp)
                skipped.append(parked)
        return Made(item.key, since, values, skipped=skipped, stamp=stamp)

    def _stamped(self, item: ItemT) -> Stamp | Problem | None:
        outcome = None if self._stamp is None else self._stamp.run(item)
        if isinstance(outcome, Problem):
            return outcome
        stamp = outcome.value if isinstance(outcome, Put) else None
        if isinstance(stamp, datetime):
            if stamp.tzinfo is None:
                return Problem("no_zone", "", f"{stamp} names no time zone; read it with moment(..., zone=...)")
            return stamp.astimezone(UTC) if stamp <= datetime.now(UTC) + _AHEAD else None
        return stamp


def _wrong(value: object) -> Problem | None:
    """Why a value is none of an offer."""
    if value is not None and not isinstance(value, _KINDS):
        kinds = "a number, text, boolean, PriceList or Stock"
        return Problem("wrong_type", "", f"a feed takes {kinds}, seen {shown(value)}")
    if isinstance(value, str) and not is_whole(value):
        return Problem(
            "broken_text", "", f"the text {shown(value)} holds half a character; correct it, or the encoding"
        )
    if isinstance(value, Decimal) and not value.is_finite():
        return Problem("not_a_number", "", f"{value} is no number to count with; correct it in the ERP")
    return None


def _check(feeds: Sequence[HotBinding[ItemT]], stamp: Rule[ItemT, Stamp | None, Shippable] | None) -> None:
    twice = {one.name for one in feeds if [other.name for other in feeds].count(one.name) > 1}
    if twice:
        raise MappingError(f"feed names are given twice: {', '.join(sorted(twice))}")
    for feed in feeds:
        taint = taint_of(feed.rule)
        if not may_reach(taint, SHIPPABLE):
            raise TemperatureRefused(f"feed '{feed.name}' is {names(taint)}: it leaves the ERP for nowhere")
    if stamp is not None and not may_reach(taint_of(stamp), SHIPPABLE):
        raise TemperatureRefused(f"the stamp is {names(taint_of(stamp))}: what is internal decides nothing at the shop")

"""The one audited door for a hot price into the PIM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Generic, TypeAlias, TypeVar, cast

from attrs import evolve, frozen

from akeneo_erp_bridge.catalog import Attribute, AttributeType, PimStructure, Price
from akeneo_erp_bridge.classification import SHIPPABLE, Hot, Reference, Temperature, may_reach, names
from akeneo_erp_bridge.codes import AttributeCode, CurrencyCode
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping._checks._misfit import Misfit, at_cell
from akeneo_erp_bridge.mapping._values._rounding import not_finite
from akeneo_erp_bridge.rules import Binding, Kinds, Outcome, Problem, Put, Rule, Step, taint_of

S = TypeVar("S")
Prices: TypeAlias = tuple[Price, ...]


@frozen
class Downgrade:
    """The terms on which a hot price passes: see `reference`."""

    reason: str
    min_age: timedelta
    min_change: Decimal
    group: str | None = None

    def __attrs_post_init__(self) -> None:
        if not self.reason.strip():
            raise MappingError("reference(...): say why the price is needed in the PIM, e.g. reason='margin check'")
        if not self.min_change.is_finite() or self.min_age < timedelta(0) or self.min_change < 0:
            raise MappingError("reference(...): min_age and min_change are finite, and cannot be negative")
        if not self.min_age and not self.min_change:
            raise MappingError(
                "reference(...): min_age and min_change are both zero, with which every price passes as it moves; "
                "give one of them, e.g. min_change=Decimal('0.02')"
            )


@frozen
class ReferenceRule(Rule[S, Prices, Reference], Generic[S]):
    """See `reference`."""

    rule: Rule[S, Prices, Hot]
    terms: Downgrade

    def __attrs_post_init__(self) -> None:
        # here, not in `reference`: a copy with another rule in it comes by as well
        taint = taint_of(self.rule)
        if not may_reach(taint, SHIPPABLE):
            raise TemperatureRefused(
                f"reference(...): rule '{self.rule.label}' is {names(taint)}: it leaves the ERP for nowhere"
            )
        kinds = self.rule.gives()
        if kinds is not None and not all(issubclass(one, tuple) for one in kinds):
            seen = " or ".join(sorted(one.__name__ for one in kinds))
            raise TemperatureRefused(
                f"reference(...): rule '{self.rule.label}' gives {seen}; prices pass and nothing else, such as those "
                "that price_in('EUR') makes"
            )

    def run(self, source: S) -> Outcome[Prices]:
        try:
            outcome = self.rule.run(source)
        except Exception as error:  # noqa: BLE001 - a rule of a user's own may raise anything, a hot value in its words
            return self.withheld(Problem("rule_failed", "", ""), f"it raised {type(error).__name__}")
        if isinstance(outcome, Problem):
            return self.withheld(outcome)
        if isinstance(outcome, Put) and not _are_prices(outcome.value):
            return self.withheld(Problem("not_a_price", "", ""), f"it gave a {type(outcome.value).__name__}")
        if isinstance(outcome, Put) and outcome.notes:
            return Put(outcome.value, ("what was done to it on the way may quote hot values, and is not shown",))
        return outcome

    def withheld(self, problem: Problem, what: str = "") -> Problem:
        """A problem without its words, which may quote a price that is not to be read in reports."""
        told = what or f"it is a problem of the kind '{problem.code}'"
        detail = f"no price came of '{self.rule.label}': {told}; the value is hot and not shown, look at it in the ERP"
        return evolve(problem, detail=detail)

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return self.rule.possible(before)

    def gives(self) -> Kinds:
        return self.rule.gives()

    def known(self, before: Sequence[S] = ()) -> tuple[Prices, ...]:
        return self.rule.known(before)

    @property
    def label(self) -> str:
        age = str(self.terms.min_age).removesuffix(", 0:00:00")
        terms = [f"min_age={age}"] if self.terms.min_age else []
        terms += [f"min_change={self.terms.min_change}"] if self.terms.min_change else []
        return f"reference({', '.join([self.rule.label, repr(self.terms.reason), *terms])})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)

    @property
    def heads(self) -> tuple[Step, ...]:
        return ()  # what undeclared things the rule reads counted as hot when it was let in

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Reference})


def _are_prices(value: object) -> bool:
    # the cast: of what, isinstance cannot tell
    return isinstance(value, tuple) and all(isinstance(one, Price) for one in cast("tuple[object, ...]", value))


def reference(
    rule: Rule[S, tuple[Price, ...], Hot],
    *,
    reason: str,
    min_age: timedelta,
    min_change: Decimal,
    group: str | None = None,
) -> ReferenceRule[S]:
    """Let a hot price into the PIM as a reference that helps its users and is not exported. Nothing else passes.

    *rule* gives prices, as `price_in` makes them, and the attribute is a price collection: preflight refuses any other.

    A new price is written only when the one in the PIM is older than `min_age` *and* differs by at least
    `min_change` (a fraction: ``Decimal("0.02")`` is two percent). One that waits for its age passes with a later
    run that reads the item; an ERP that tells only what changed shows it when it changes again, or when everything
    is read. Each passage is in the report, with the reason. `group` is the PIM's attribute group for what the ERP
    decides, which people may read and not edit: preflight refuses an attribute that is in another.

    Source: Akeneo's ERP guide, on reference prices and on attributes of the ERP. Raises `MappingError` without a
    reason and where both terms are zero, and `TemperatureRefused` for an internal value and for what is no price,
    should the type checker have been silenced. What is wrong with a price is told without the price.

    >>> from akeneo_erp_bridge.erp import ErpItem, hot
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Article(ErpItem):
    ...     price = hot(Decimal, "price")
    >>> a_month, two_percent = timedelta(days=30), Decimal("0.02")
    >>> price = reference(
    ...     Article.price >> price_in("EUR"), reason="margin check", min_age=a_month, min_change=two_percent
    ... )
    >>> MSRP: Cell[tuple[Price, ...]] = Cell("msrp")
    >>> str(price.to(MSRP).cell)
    'msrp'
    """
    return ReferenceRule(rule, Downgrade(reason, min_age, min_change, group))


def find_reference(step: Step) -> Downgrade | None:
    """The terms of the reference inside a rule, however deep; `None` where there is none."""
    if isinstance(step, ReferenceRule):
        return step.terms  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # its source and value do not matter here
    return next((found for part in step.parts if (found := find_reference(part)) is not None), None)


def misplaced(binding: Binding[S], attribute: Attribute | None) -> str | None:
    """Why a reference price may not be in this cell; `None` where it may, and for other rules."""
    is_priced = attribute is not None and attribute.type == AttributeType.PRICE_COLLECTION
    if is_priced or find_reference(binding.rule) is None:
        return None
    what = f"is {attribute.type}" if attribute is not None else "is no attribute of the PIM"
    return f"reference(...) is for prices, and '{binding.cell.attribute}' {what}; bind it to a price collection"


def check_groups(bindings: Sequence[Binding[S]], structure: PimStructure) -> Iterator[Misfit]:
    """For preflight: reference prices whose attribute is not in the group they are declared for.

    The API tells no rights, so that people may not edit the group is for somebody to set up in the PIM.
    """
    for binding in bindings:
        terms = find_reference(binding.rule)
        attribute = structure.attributes.get(AttributeCode(binding.cell.attribute))
        if terms is None or terms.group is None or attribute is None or attribute.group == terms.group:
            continue
        detail = (
            f"attribute '{attribute.code}' is in group '{attribute.group}', and its reference price is declared for "
            f"group '{terms.group}', which people may not edit; move the attribute in the PIM"
        )
        yield at_cell(binding.cell.key, "wrong_group", detail)


@frozen
class InCurrency(Rule[Decimal, tuple[Price, ...], Hot]):
    """See `price_in`."""

    currency: CurrencyCode

    def run(self, source: Decimal) -> Outcome[tuple[Price, ...]]:
        if not source.is_finite():
            return not_finite(source)
        if source <= 0:
            return Problem("no_price", "", f"a price of {source} is no price; correct it in the ERP, or add .catch()")
        return Put((Price(amount=source, currency=self.currency),))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return frozenset({self.currency})

    @property
    def label(self) -> str:
        return f"price_in({self.currency})"

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset({Hot})


def price_in(currency: str) -> InCurrency:
    """A price collection of one currency. A price is hot whatever it was made from.

    >>> price_in("EUR").run(Decimal("9.90")).value
    (Price(amount=Decimal('9.90'), currency='EUR'),)
    """
    return InCurrency(CurrencyCode(currency))

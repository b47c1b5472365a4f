"""An amount and an ERP unit become a measurement of the PIM."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Never

from attrs import frozen

from akeneo_erp_bridge.catalog import Metric
from akeneo_erp_bridge.codes import UnitCode
from akeneo_erp_bridge.mapping._freeze import FrozenTable
from akeneo_erp_bridge.mapping._labels import call, rows_told
from akeneo_erp_bridge.mapping._values._rounding import not_finite
from akeneo_erp_bridge.mapping._values._tables import fold, folded_table
from akeneo_erp_bridge.rules import Outcome, Problem, Put, Rule, shown


@frozen
class Measured(Rule[tuple[Decimal, str], Metric, Never]):
    """See `measured`."""

    units: FrozenTable[str]

    def run(self, source: tuple[Decimal, str]) -> Outcome[Metric]:
        number, word = source
        amount = Decimal(number)  # an item class of one's own may give an int
        if not amount.is_finite():
            return not_finite(amount)
        unit = self.units.get(fold(word))
        if unit is None:
            known = ", ".join(sorted(self.units))
            return Problem("unknown_unit", "", f"unit {shown(word)} is not in the table ({known}); add it there")
        return Put(Metric(amount=amount, unit=UnitCode(unit)))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return frozenset(self.units.values())

    @property
    def label(self) -> str:
        return call("measured", rows_told(self.units))


def measured(units: Mapping[str, str]) -> Measured:
    """Join an amount with the ERP's own unit word; `units` maps words (any case) to unit codes of the PIM.

    The amount is not converted: the PIM keeps amount and unit as given; `converted_to` converts. Raises
    `ConfigurationError` for two spellings of one word that mean two units.

    >>> rule = measured({"KG": "KILOGRAM", "G": "GRAM"})
    >>> rule.run((Decimal("1.5"), "kg"))
    Put(value=Metric(amount=Decimal('1.5'), unit='KILOGRAM'), notes=())
    >>> rule.run((Decimal("1.5"), "Stk")).code
    'unknown_unit'
    """
    return Measured(folded_table(units, "measured(...)"))


@frozen
class InUnit(Rule[Decimal, Metric, Never]):
    """See `in_unit`."""

    unit: UnitCode

    def run(self, source: Decimal) -> Outcome[Metric]:
        amount = Decimal(source)  # as above
        return Put(Metric(amount=amount, unit=self.unit)) if amount.is_finite() else not_finite(amount)

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return frozenset({self.unit})

    @property
    def label(self) -> str:
        return f"in_unit({self.unit})"


def in_unit(unit: str) -> InUnit:
    """A measurement in one fixed unit, given by its code in the PIM.

    >>> in_unit("MILLIMETER").run(Decimal("120"))
    Put(value=Metric(amount=Decimal('120'), unit='MILLIMETER'), notes=())
    """
    return InUnit(UnitCode(unit))

"""Measurement families: units, and exact conversion between them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.codes import LocaleCode, MeasurementFamilyCode, UnitCode

__all__ = ["MeasurementFamily", "Operation", "Unit"]

Operator = Literal["mul", "div", "add", "sub"]


@frozen(kw_only=True)
class Operation:
    """One step from a unit to the standard unit.

    Source: Akeneo's documentation of the measurement family resource.

    >>> grams = Operation(operator="mul", value=Decimal("0.001"))
    >>> grams.forward(Decimal(500)), grams.back(Decimal("0.500"))
    (Decimal('0.500'), Decimal('500'))
    """

    operator: Operator
    value: Decimal

    def forward(self, amount: Decimal) -> Decimal:
        """Apply the step."""
        match self.operator:
            case "mul":
                return amount * self.value
            case "div":
                return amount / self.value
            case "add":
                return amount + self.value
            case "sub":
                return amount - self.value

    def back(self, amount: Decimal) -> Decimal:
        """Undo the step."""
        match self.operator:
            case "mul":
                return amount / self.value
            case "div":
                return amount * self.value
            case "add":
                return amount - self.value
            case "sub":
                return amount + self.value


@frozen(kw_only=True)
class Unit(Entity):
    """A unit; `convert_from_standard` leads, despite its name in the PIM, from this unit to the standard unit.

    Source: Akeneo's documentation of the measurement family resource.

    >>> gram = Unit(code=UnitCode("GRAM"), convert_from_standard=(Operation(operator="mul", value=Decimal("0.001")),))
    >>> gram.convert_from_standard[0].forward(Decimal(500))  # in kilograms
    Decimal('0.500')
    """

    code: UnitCode
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    convert_from_standard: tuple[Operation, ...] = ()
    symbol: str | None = None


@frozen(kw_only=True)
class MeasurementFamily(Entity):
    """Units that convert into each other, such as those of length.

    Source: Akeneo's documentation of the measurement family resource.

    >>> gram, kilogram = UnitCode("GRAM"), UnitCode("KILOGRAM")
    >>> thousandth = (Operation(operator="mul", value=Decimal("0.001")),)
    >>> weight = MeasurementFamily(
    ...     code=MeasurementFamilyCode("Weight"),
    ...     standard_unit_code=kilogram,
    ...     units={gram: Unit(code=gram, convert_from_standard=thousandth), kilogram: Unit(code=kilogram)},
    ... )
    >>> weight.convert(Decimal(1500), source=gram, target=kilogram)
    Decimal('1.500')
    """

    code: MeasurementFamilyCode
    standard_unit_code: UnitCode
    units: Mapping[UnitCode, Unit] = field(factory=dict[UnitCode, Unit])
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])

    def convert(self, amount: Decimal, *, source: UnitCode, target: UnitCode) -> Decimal:
        """Convert *amount* by the PIM's own steps, in decimal arithmetic.

        Raises `ValueError` for a unit this family does not have.
        """
        for step in self._unit(source).convert_from_standard:
            amount = step.forward(amount)
        for step in reversed(self._unit(target).convert_from_standard):
            amount = step.back(amount)
        return amount

    def _unit(self, code: UnitCode) -> Unit:
        unit = self.units.get(code)
        if unit is None:
            known = ", ".join(sorted(self.units))
            raise ValueError(f"measurement family {self.code!r} has no unit {code!r}; it has {known}")
        return unit

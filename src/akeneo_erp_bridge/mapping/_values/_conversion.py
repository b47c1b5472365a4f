"""From one unit to another by exact fractions: the PIM's own factors, or yours."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Never, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.catalog import MeasurementFamily, Metric, Operation
from akeneo_erp_bridge.codes import UnitCode
from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.mapping._freeze import FrozenTable, frozen_table
from akeneo_erp_bridge.mapping._values._rounding import Limits, Rounding, limits, senseless
from akeneo_erp_bridge.mapping._values._units import measured
from akeneo_erp_bridge.rules import Iso, Outcome, Problem, Put, Rule


def _fraction(number: Fraction | Decimal | int | str) -> Fraction:
    try:
        return Fraction(number)
    except (ValueError, OverflowError, ZeroDivisionError):
        raise ConfigurationError(f"{number!r} is not a number to convert with") from None


@frozen
class UnitFactor:
    """How a unit becomes the standard unit of its family: ``amount * factor + offset``.

    Both are kept as exact fractions. Raises `ConfigurationError` for a factor of zero.

    >>> UnitFactor("1000").factor
    Fraction(1000, 1)
    >>> UnitFactor("5/9", "459.67").offset  # degrees Fahrenheit, in kelvins
    Fraction(45967, 100)
    """

    factor: Fraction = field(converter=_fraction)
    offset: Fraction = field(default=Fraction(0), converter=_fraction)

    def __attrs_post_init__(self) -> None:
        if not self.factor:
            raise ConfigurationError("a unit with the factor 0 cannot be converted back")

    def then(self, step: Operation) -> UnitFactor:
        """Followed by one more step of the PIM's."""
        if senseless(step.value) or (step.operator in ("mul", "div") and not step.value):
            raise ConfigurationError(f"the PIM converts a unit by '{step.operator} {step.value}'; correct it there")
        value = Fraction(step.value)
        match step.operator:
            case "mul":
                return UnitFactor(self.factor * value, self.offset * value)
            case "div":
                return UnitFactor(self.factor / value, self.offset / value)
            case "add":
                return UnitFactor(self.factor, self.offset + value)
            case "sub":
                return UnitFactor(self.factor, self.offset - value)


def unit_factors(family: MeasurementFamily) -> Mapping[str, UnitFactor]:
    """The factor and offset of each unit of a measurement family, from the PIM's own steps.

    Source: Akeneo's documentation of the measurement family resource; a unit's `convert_from_standard` leads,
    despite its name, to the standard unit. Raises `ConfigurationError` for steps that lead nowhere, such as
    "multiply by 0".

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> weights = PimSimulator(sample=True).client().structure().measurement_families["Weight"]
    >>> factors = unit_factors(weights)
    >>> factors["TON"].factor / factors["KILOGRAM"].factor
    Fraction(1000, 1)
    """
    factors: dict[str, UnitFactor] = {}
    for code, unit in family.units.items():
        factor = UnitFactor(1)
        for step in unit.convert_from_standard:
            factor = factor.then(step)
        factors[code] = factor
    return factors


def convert(amount: Decimal | Fraction, source: UnitFactor, target: UnitFactor) -> Fraction:
    """The amount in another unit, exactly.

    >>> convert(Decimal("1.5"), UnitFactor(1000), UnitFactor(1))
    Fraction(1500, 1)
    """
    return (Fraction(amount) * source.factor + source.offset - target.offset) / target.factor


Factors: TypeAlias = MeasurementFamily | Mapping[str, UnitFactor]


@frozen
class ToUnit(Rule[Metric, Metric, Never]):
    """See `to_unit`."""

    target: UnitCode
    factors: FrozenTable[UnitFactor]
    limits: Limits

    def run(self, source: Metric) -> Outcome[Metric]:
        problem = senseless(source.amount)
        if problem is not None:
            return problem
        factor = self.factors.get(source.unit)
        if factor is None:
            known = ", ".join(sorted(self.factors))
            return Problem(
                "wrong_unit",
                "",
                f"{source.unit} does not convert into {self.target}; these do: {known}; correct it in the ERP",
            )
        outcome = self.limits.fit_exactly(convert(source.amount, factor, self.factors[self.target]))
        if isinstance(outcome, Put):
            return Put(Metric(amount=outcome.value, unit=self.target), outcome.notes)
        return outcome

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return frozenset({self.target})

    @property
    def label(self) -> str:
        return f"to_unit({', '.join(filter(None, (self.target, self.limits.label)))})"


def to_unit(target: str, *, family: Factors, scale: int | None = None, rounding: Rounding = "problem") -> ToUnit:
    """A measurement in another unit of its family.

    `family` is the PIM's measurement family, or factors of your own. The computation is exact; a result that
    has no end in decimals, or more than `scale` of them, is a problem, or rounded half up with a note where
    `rounding` says so. Preflight finds a target that is no unit of the attribute's family. Raises
    `ConfigurationError` for a target that is not in `family`.

    >>> inches = {"INCH": UnitFactor("2.54"), "CENTIMETER": UnitFactor(1)}
    >>> to_unit("CENTIMETER", family=inches).run(Metric(Decimal(3), UnitCode("INCH"))).value
    Metric(amount=Decimal('7.62'), unit='CENTIMETER')
    >>> to_unit("INCH", family=inches).run(Metric(Decimal(1), UnitCode("CENTIMETER"))).code
    'not_exact'
    >>> to_unit("INCH", family=inches, scale=3, rounding="half_up").run(Metric(Decimal(1), UnitCode("CENTIMETER"))).notes
    ('rounded from 0.393701…',)
    """
    factors = unit_factors(family) if isinstance(family, MeasurementFamily) else family
    if target not in factors:
        raise ConfigurationError(f"to_unit({target!r}): not among the units, which are {', '.join(sorted(factors))}")
    return ToUnit(UnitCode(target), frozen_table(factors), limits(f"to_unit({target!r})", scale, rounding, None, None))


def converted_to(
    target: str, units: Mapping[str, str], *, family: Factors, scale: int | None = None, rounding: Rounding = "problem"
) -> Rule[tuple[Decimal, str], Metric, Never]:
    """An amount and the ERP's unit word as a measurement in one unit: `measured`, then `to_unit`.

    `units` maps words to unit codes, and may be one of `unit_synonyms`. Raises `ConfigurationError` as those do, and
    where none of the words means a unit of the family.

    >>> grams = {"GRAM": UnitFactor(1), "KILOGRAM": UnitFactor(1000)}
    >>> converted_to("GRAM", {"kg": "KILOGRAM"}, family=grams).run((Decimal("1.25"), "KG")).value
    Metric(amount=Decimal('1250'), unit='GRAM')
    """
    step = to_unit(target, family=family, scale=scale, rounding=rounding)
    if not any(code in step.factors for code in units.values()):
        raise ConfigurationError(
            f"converted_to({target!r}): no word means one of {', '.join(sorted(step.factors))}; "
            "is it the table of another measurement family?"
        )
    return measured(units) >> step


def unit_iso(erp_unit: str, pim_unit: str, *, family: Factors) -> Iso[Decimal, Metric]:
    """A number in the ERP's unit and a measurement in the PIM's, both ways and exactly, for `two_way`.

    On the way back the measurement may be in any unit of the family. Raises `ConfigurationError` for units that
    are not in `family`.

    >>> grams = {"GRAM": UnitFactor(1), "KILOGRAM": UnitFactor(1000)}
    >>> pair = unit_iso("KILOGRAM", "GRAM", family=grams)
    >>> pair.there(Decimal("0.5"))
    Metric(amount=Decimal('500'), unit='GRAM')
    >>> pair.back(Metric(Decimal(750), UnitCode("GRAM")))
    Decimal('0.75')
    """
    there, back = to_unit(pim_unit, family=family), to_unit(erp_unit, family=family)
    return Iso(MetricOf(back.target, there), AmountOf(back))


@frozen
class MetricOf:
    """The way there of `unit_iso`."""

    unit: UnitCode
    step: ToUnit

    def __call__(self, amount: Decimal) -> Metric:
        return _exactly(self.step, Metric(amount=amount, unit=self.unit))


@frozen
class AmountOf:
    """The way back of `unit_iso`."""

    step: ToUnit

    def __call__(self, metric: Metric) -> Decimal:
        return _exactly(self.step, metric).amount


def _exactly(step: ToUnit, metric: Metric) -> Metric:
    outcome = step.run(metric)
    if isinstance(outcome, Put):
        return outcome.value
    detail = outcome.detail if isinstance(outcome, Problem) else "no value"
    raise MappingError(f"{metric.amount} {metric.unit} does not pass both ways: {detail}")

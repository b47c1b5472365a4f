"""How many digits, and between which bounds: rounding only where somebody asked for it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Final, Literal, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.rules import Outcome, Problem, Put, shown

Rounding: TypeAlias = Literal["problem", "half_up"]
"""What becomes of a number with more decimals than its attribute takes."""
Number: TypeAlias = Decimal | int
"""A number without error: no float."""

LARGEST: Final = 100
"""Beyond so many digits before or after the point, a number is a slip of the pen."""

_EXACT: Final = Context(prec=3 * LARGEST, rounding=ROUND_HALF_UP)


@frozen
class Limits:
    """What a number must fit into; `scale` is the number of decimals."""

    scale: int | None = None
    rounding: Rounding = "problem"
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def fit(self, number: Decimal) -> Outcome[Decimal]:
        """The number as the limits have it, or the reason why it does not fit."""
        problem = senseless(number)
        if problem is not None:
            return problem
        scale = self.scale
        notes: tuple[str, ...] = ()
        if scale is not None and _decimals(number) > scale:
            rounded = number.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
            if rounded != number:
                if self.rounding == "problem":
                    return _too_precise(written(number), scale)
                notes = (f"rounded from {written(number)}",)
            number = rounded or abs(rounded)  # nobody wants to read -0.00
        return self._within(number, notes)

    def fit_exactly(self, number: Fraction) -> Outcome[Decimal]:
        """As `fit`, for a number that may have no end in decimals, such as a third."""
        exact = ended(number)
        if exact is not None:
            return self.fit(exact)
        about = _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))
        problem = senseless(Decimal(1).scaleb(about.adjusted()))
        if problem is not None:
            return problem
        sample = f"{about:.6g}…"
        if self.scale is None:
            return Problem(
                "not_exact", "", f"{sample} has no end in decimals; state scale=... and rounding='half_up' to round it"
            )
        if self.rounding == "problem":
            return _too_precise(sample, self.scale)
        digits = _half_up(number * 10**self.scale)
        return self._within(Decimal(digits).scaleb(-self.scale, _EXACT), (f"rounded from {sample}",))

    def _within(self, number: Decimal, notes: tuple[str, ...]) -> Outcome[Decimal]:
        if self.minimum is not None and number < self.minimum:
            return Problem("too_small", "", f"{written(number)} is below {self.minimum}; correct it in the ERP")
        if self.maximum is not None and number > self.maximum:
            return Problem("too_large", "", f"{written(number)} is above {self.maximum}; correct it in the ERP")
        return Put(number, notes)

    @property
    def label(self) -> str:
        """The limits that are set, as arguments."""
        scale = "" if self.scale is None else f"scale={self.scale}"
        return ", ".join(filter(None, (scale, self.bounds)))

    @property
    def bounds(self) -> str:
        """The same without the number of decimals, for whole numbers."""
        rounding = "" if self.rounding == "problem" else f"rounding={self.rounding!r}"
        given = (("minimum", self.minimum), ("maximum", self.maximum))
        return ", ".join(filter(None, (rounding, *(f"{name}={value}" for name, value in given if value is not None))))


def limits(where: str, scale: int | None, rounding: Rounding, minimum: Number | None, maximum: Number | None) -> Limits:
    """The limits as checked arguments; raises `ConfigurationError` naming *where* they were given."""
    if scale is not None and not 0 <= scale <= LARGEST:
        raise ConfigurationError(f"{where}: scale={scale} is not between 0 and {LARGEST} decimals")
    if rounding not in ("problem", "half_up"):
        raise ConfigurationError(f"{where}: rounding={rounding!r}; it is 'problem' or 'half_up'")
    if rounding == "half_up" and scale is None:
        raise ConfigurationError(f"{where}: rounding to how many decimals? Add scale=...")
    low, high = (None if one is None else Decimal(one) for one in (minimum, maximum))
    if low is not None and high is not None and low > high:
        raise ConfigurationError(f"{where}: the minimum {low} is above the maximum {high}")
    return Limits(scale, rounding, low, high)


def senseless(number: Decimal) -> Problem | None:
    """What no amount is: infinite, or of hundreds of digits."""
    if not number.is_finite():
        return not_finite(number)
    if number.adjusted() >= LARGEST or _decimals(number) > LARGEST:
        return Problem("not_a_number", "", f"{shown(number)} has more than {LARGEST} digits; correct it in the ERP")
    return None


def not_finite(number: Decimal) -> Problem:
    """What to say of NaN and the infinities."""
    return Problem("not_a_number", "", f"{number} is not a number; correct it in the ERP")


def ended(number: Fraction) -> Decimal | None:
    """The fraction as a decimal number; `None` where its decimals never end, or not within sense."""
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return None
    scale = max(twos, fives)
    if scale > LARGEST:
        return None
    digits = number.numerator * 10**scale // number.denominator
    # as a text: arithmetic would round to the precision of some context
    return Decimal(digits) if scale == 0 else Decimal(f"{digits}E-{scale}")


def written(number: Decimal) -> str:
    """Digits without an exponent; only for numbers that are not `senseless`."""
    return format(number, "f")


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _half_up(number: Fraction) -> int:
    size = (abs(number) + Fraction(1, 2)).__floor__()
    return size if number >= 0 else -size


def _too_precise(sample: str, scale: int) -> Problem:
    if scale == 0:
        return Problem(
            "not_an_integer",
            "",
            f"{sample} is not a whole number; correct it in the ERP, or ask for rounding='half_up'",
        )
    return Problem(
        "too_precise",
        "",
        f"{sample} has more than {scale} decimals; correct it in the ERP, or ask for rounding='half_up'",
    )

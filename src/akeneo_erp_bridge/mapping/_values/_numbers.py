"""Numbers as people and ERPs write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, Never

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.mapping._labels import call
from akeneo_erp_bridge.mapping._values._rounding import LARGEST, Limits, Number, Rounding, limits, senseless, written
from akeneo_erp_bridge.mapping._values._strictly import Strictly
from akeneo_erp_bridge.rules import CLEAR, Iso, Outcome, Problem, Put, Rule, shown

# (characters that group thousands, decimal mark), from the Unicode CLDR number symbols
_SYMBOLS: Final = {
    "de_AT": (" \u00a0\u202f", ","),
    "de_CH": ("'’", "."),
    "de_DE": (".", ","),
    "en_GB": (",", "."),
    "en_US": (",", "."),
    "es_ES": (".", ","),
    "fr_FR": (" \u00a0\u202f", ","),
    "it_IT": (".", ","),
    "nl_NL": (".", ","),
    "pl_PL": (" \u00a0", ","),
    "sv_SE": (" \u00a0", ","),
}


@frozen
class DecimalText(Rule[str, Decimal, Never]):
    """See `decimal`."""

    locale: str
    pattern: str
    limits: Limits | None = None

    def run(self, source: str) -> Outcome[Decimal]:
        text = source.strip().strip("\u00a0\u202f")
        if not text:
            return CLEAR
        if len(text) > LARGEST or not re.fullmatch(self.pattern, text):
            return Problem(
                "not_a_number",
                "",
                f"{shown(source)} is not a number as written in {self.locale}; correct it in the ERP, "
                "or name the right locale in decimal(...)",
            )
        group, mark = _SYMBOLS[self.locale]
        number = Decimal(text.translate({ord(one): None for one in group}).replace(mark, "."))
        return Put(number) if self.limits is None else self.limits.fit(number)

    def iso(self) -> Iso[str, Decimal]:
        """Both ways, for `two_way`; numbers go back without groups of thousands.

        >>> german = decimal("de_DE").iso()
        >>> german.back(Decimal("1234.50"))
        '1234,50'
        """
        return Iso(Strictly(self), DecimalWriter(self.locale))

    @property
    def label(self) -> str:
        return f"decimal({', '.join(filter(None, (self.locale, self.limits.label if self.limits else '')))})"


@frozen
class DecimalWriter:
    """A number as a locale writes it, without groups."""

    locale: str

    def __call__(self, number: Decimal) -> str:
        problem = senseless(number)
        if problem is not None:
            raise MappingError(problem.detail)
        return written(number).replace(".", _SYMBOLS[self.locale][1])


def decimal(
    locale: str,
    *,
    scale: int | None = None,
    rounding: Rounding = "problem",
    minimum: Number | None = None,
    maximum: Number | None = None,
) -> DecimalText:
    """Parse a number written the way of a locale: "1.234,5" is 1234.5 in ``de_DE``, and a problem in ``en_US``.

    Grouping must be by thousands; NaN and infinity are refused; a blank text means "no value". `scale` is the
    largest number of decimals: more are a problem, or are rounded half up with a note where `rounding` says so.
    Raises `ConfigurationError` for a locale that is not known, and for limits that make no sense.

    >>> decimal("de_DE").run("1.234,50")
    Put(value=Decimal('1234.50'), notes=())
    >>> decimal("de_DE").run("12,,5").code
    'not_a_number'
    >>> decimal("de_DE", scale=2, rounding="half_up").run("0,125")
    Put(value=Decimal('0.13'), notes=('rounded from 0.125',))
    """
    if locale not in _SYMBOLS:
        raise ConfigurationError(f"decimal({locale!r}): unknown locale; known are {', '.join(sorted(_SYMBOLS))}")
    fitting = limits(f"decimal({locale!r})", scale, rounding, minimum, maximum)
    return DecimalText(locale, _pattern(locale), None if fitting == Limits() else fitting)


def _pattern(locale: str) -> str:
    group, mark = (re.escape(part) for part in _SYMBOLS[locale])
    return rf"[+-]?([0-9]{{1,3}}([{group}][0-9]{{3}})+|[0-9]+)({mark}[0-9]+)?"


@frozen
class IntegerText(Rule[str, int, Never]):
    """See `integer`."""

    parser: DecimalText | None
    limits: Limits

    def run(self, source: str) -> Outcome[int]:
        outcome = _undeclared(source) if self.parser is None else self.parser.run(source)
        return whole(self.limits.fit(outcome.value)) if isinstance(outcome, Put) else outcome

    def iso(self) -> Iso[str, int]:
        """Both ways, for `two_way`.

        >>> integer().iso().back(12)
        '12'
        """
        return Iso(Strictly(self), str)

    @property
    def label(self) -> str:
        return call("integer", self.parser.locale if self.parser else "", self.limits.bounds)


def integer(
    locale: str | None = None,
    *,
    rounding: Rounding = "problem",
    minimum: Number | None = None,
    maximum: Number | None = None,
) -> IntegerText:
    """Parse a whole number; "5.0" is five, "5.5" is a problem, a blank text means "no value".

    "1.000" is a thousand in ``de_DE`` and one in ``en_US``: without a locale it is a problem.
    Raises `ConfigurationError` as `decimal` does.

    >>> integer().run("5.0")
    Put(value=5, notes=())
    >>> integer().run("1.000").code
    'ambiguous_number'
    >>> integer("de_DE").run("1.000")
    Put(value=1000, notes=())
    """
    parser = None if locale is None else decimal(locale)
    return IntegerText(parser, limits("integer(...)", 0, rounding, minimum, maximum))


def _undeclared(source: str) -> Outcome[Decimal]:
    """A number of which nobody said whether its mark groups thousands or begins the decimals."""
    text = source.strip()
    if not text:
        return CLEAR
    if re.fullmatch(r"[+-]?[1-9][0-9]{0,2}([.,][0-9]{3})+", text):
        detail = (
            f"{shown(source)} is in the thousands in one country and not in the next; name the locale in integer(...)"
        )
        return Problem("ambiguous_number", "", detail)
    if len(text) > LARGEST or not re.fullmatch(r"[+-]?[0-9]+([.,][0-9]+)?", text):
        return Problem("not_an_integer", "", f"{shown(source)} is not a whole number; correct it in the ERP")
    return Put(Decimal(text.replace(",", ".")))


def whole(outcome: Outcome[Decimal]) -> Outcome[int]:
    """A number of no decimals as an `int`."""
    return Put(int(outcome.value), outcome.notes) if isinstance(outcome, Put) else outcome


@frozen
class Rounded(Rule[Number, Decimal, Never]):
    """See `rounded`."""

    limits: Limits

    def run(self, source: Number) -> Outcome[Decimal]:
        return self.limits.fit(Decimal(source))

    @property
    def label(self) -> str:
        return f"rounded({self.limits.label})"


def rounded(
    scale: int, *, rounding: Rounding = "half_up", minimum: Number | None = None, maximum: Number | None = None
) -> Rounded:
    """A number of at most `scale` decimals, rounded half up with a note; NaN and infinity are problems.

    With ``rounding="problem"`` a number of more decimals is refused, which makes this a check. Raises
    `ConfigurationError` for limits that make no sense.

    >>> rounded(1).run(Decimal("2.25"))
    Put(value=Decimal('2.3'), notes=('rounded from 2.25',))
    """
    return Rounded(limits("rounded(...)", scale, rounding, minimum, maximum))


@frozen
class WholeNumber(Rule[Number, int, Never]):
    """See `whole_number`."""

    limits: Limits

    def run(self, source: Number) -> Outcome[int]:
        return whole(self.limits.fit(Decimal(source)))

    @property
    def label(self) -> str:
        return call("whole_number", self.limits.bounds)


def whole_number(
    *, rounding: Rounding = "problem", minimum: Number | None = None, maximum: Number | None = None
) -> WholeNumber:
    """A number without decimals, for attributes that allow none: 5.0 is five, 5.5 is a problem unless told to round.

    Raises `ConfigurationError` for limits that make no sense.

    >>> whole_number().run(Decimal("5.0"))
    Put(value=5, notes=())
    """
    return WholeNumber(limits("whole_number(...)", 0, rounding, minimum, maximum))

"""Numbers as people and ERPs write them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, Never

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.rules import CLEAR, Outcome, Problem, Put, Rule, shown

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

    def run(self, source: str) -> Outcome[Decimal]:
        text = source.strip().strip("\u00a0\u202f")
        if not text:
            return CLEAR
        if not re.fullmatch(self.pattern, text):
            return Problem(
                "not_a_number",
                "",
                f"{shown(source)} is not a number as written in {self.locale}; correct it in the ERP, "
                "or name the right locale in decimal(...)",
            )
        group, mark = _SYMBOLS[self.locale]
        return Put(Decimal(text.translate({ord(one): None for one in group}).replace(mark, ".")))

    @property
    def label(self) -> str:
        return f"decimal({self.locale})"


def decimal(locale: str) -> DecimalText:
    """Parse a number written the way of a locale: "1.234,5" is 1234.5 in ``de_DE``.

    Grouping must be by thousands; NaN and infinity are refused; a blank text means "no value".

    >>> decimal("de_DE").run("1.234,50")
    Put(value=Decimal('1234.50'), notes=())
    >>> decimal("de_DE").run("12,,5").code
    'not_a_number'
    """
    if locale not in _SYMBOLS:
        raise ConfigurationError(f"decimal({locale!r}): unknown locale; known are {', '.join(sorted(_SYMBOLS))}")
    group, mark = (re.escape(part) for part in _SYMBOLS[locale])
    return DecimalText(locale, rf"[+-]?([0-9]{{1,3}}([{group}][0-9]{{3}})+|[0-9]+)({mark}[0-9]+)?")


@frozen
class IntegerText(Rule[str, int, Never]):
    """See `integer`."""

    def run(self, source: str) -> Outcome[int]:
        text = source.strip()
        if not text:
            return CLEAR
        if not re.fullmatch(r"[+-]?[0-9]+([.,]0+)?", text):
            return Problem("not_an_integer", "", f"{shown(source)} is not a whole number; correct it in the ERP")
        return Put(int(re.split(r"[.,]", text)[0]))

    @property
    def label(self) -> str:
        return "integer()"


def integer() -> IntegerText:
    """Parse a whole number; "5.0" is five, "5.5" is a problem, a blank text means "no value".

    >>> integer().run("5.0")
    Put(value=5, notes=())
    """
    return IntegerText()

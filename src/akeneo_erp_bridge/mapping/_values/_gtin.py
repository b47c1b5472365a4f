"""GTINs and check digits."""

from __future__ import annotations

import re
from typing import Final, Literal, Never, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.rules import CLEAR, Outcome, Problem, Put, Rule, shown

CheckDigit: TypeAlias = Literal["gtin", "luhn"]

GTIN_LENGTHS: Final = (8, 12, 13, 14)
"""GTIN-8 (EAN-8), GTIN-12 (UPC-A), GTIN-13 (EAN-13), GTIN-14."""

_SPACES: Final = re.compile(r"[\s\u00a0\u202f-]+")


def check_digit(digits: str, kind: CheckDigit = "gtin") -> str:
    """The check digit that follows these digits: GTIN modulo 10, or Luhn's.

    Source: GS1 General Specifications, section 7.9; ISO/IEC 7812-1, annex B. Raises `ConfigurationError` for anything
    but the digits 0 to 9.

    >>> check_digit("400638133393"), check_digit("7992739871", "luhn")
    ('1', '3')
    """
    if not re.fullmatch(r"[0-9]+", digits):
        raise ConfigurationError(f"check_digit({digits!r}): only the digits 0 to 9 have a check digit")
    from_right = [int(one) for one in reversed(digits)]
    heavy, light = from_right[0::2], from_right[1::2]
    if kind == "gtin":
        total = 3 * sum(heavy) + sum(light)
    else:
        total = sum(sum(divmod(2 * one, 10)) for one in heavy) + sum(light)
    return str(-total % 10)


@frozen
class Gtin(Rule[str, str, Never]):
    """See `gtin`."""

    lengths: tuple[int, ...] = field(default=GTIN_LENGTHS)

    def run(self, source: str) -> Outcome[str]:
        digits = _SPACES.sub("", source)
        if not digits:
            return CLEAR
        if not re.fullmatch(r"[0-9]+", digits):
            return self._wrong(source, "it holds more than digits")
        if len(digits) not in self.lengths:
            allowed = " or ".join(str(one) for one in self.lengths)
            return self._wrong(source, f"it has {len(digits)} digits, not {allowed}; leading zeros count")
        wanted = check_digit(digits[:-1])
        if digits[-1] != wanted:
            return self._wrong(source, f"its last digit is {digits[-1]}, by the others it should be {wanted}")
        return Put(digits) if digits == source else Put(digits, (f"spaces and hyphens taken out of {shown(source)}",))

    def _wrong(self, source: str, why: str) -> Problem:
        return Problem("bad_gtin", "", f"{shown(source)} is no GTIN: {why}; correct it in the ERP")

    @property
    def label(self) -> str:
        return "gtin()" if self.lengths == GTIN_LENGTHS else f"gtin({', '.join(str(one) for one in self.lengths)})"


def gtin(*lengths: int) -> Gtin:
    """A GTIN (EAN, UPC) with a right check digit; leading zeros stay, a blank text means "no value".

    `lengths` are those allowed, of 8, 12, 13 and 14 digits; all four when none is named. Spaces and hyphens are taken
    out, with a note. Raises `ConfigurationError` for another length. Source: GS1 General Specifications, section 7.9.

    >>> gtin().run("4006381333931")
    Put(value='4006381333931', notes=())
    >>> gtin().run("4006381333932").detail
    "'4006381333932' is no GTIN: its last digit is 2, by the others it should be 1; correct it in the ERP"
    """
    strange = [one for one in lengths if one not in GTIN_LENGTHS]
    if strange:
        raise ConfigurationError(f"gtin({strange[0]}): a GTIN has 8, 12, 13 or 14 digits")
    return Gtin(tuple(sorted(set(lengths))) or GTIN_LENGTHS)

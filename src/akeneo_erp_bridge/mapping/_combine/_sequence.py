"""New SKUs by a pattern, for products that are born in the PIM.

A pattern is data and gives the same text for the same number. Who takes the numbers, remembers the SKUs that are
there and tries the next one is the job that writes; gaps are allowed, since a number that was taken is never given back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping._values._gtin import GTIN_LENGTHS, CheckDigit, check_digit
from akeneo_erp_bridge.rules import Outcome, Problem, Put, shown

SEQUENCE: Final = "sequence"
LONGEST: Final = 255
"""In characters; what an identifier attribute of Akeneo holds."""

_PART: Final = re.compile(r"\{([a-z_]+)(?::([0-9]{1,3}))?\}")
_REFUSED: Final = re.compile(r"[,;\r\n{}]")


class NumberSequence(Protocol):
    """Whoever gives each number once, as a sequence of a database does.

    >>> class Counter:
    ...     number = 17
    ...     def take(self, name):
    ...         self.number += 1
    ...         return self.number
    >>> skus = sku_pattern("DR-{sequence:04}").candidates(Counter())
    >>> next(skus).value, next(skus).value
    ('DR-0018', 'DR-0019')
    """

    def take(self, name: str) -> int:
        """The next number of the sequence of this name."""
        ...


@frozen
class _Piece:
    """A literal text, or a part by its name and width."""

    literal: str
    name: str
    width: int | None


@frozen
class SkuFormat:
    """SKUs as a format says them; made by `sku_pattern`, and told there.

    For SKUs of products born in the PIM, made of what the product holds, see `sync.pim_first.SkuPattern`.
    """

    pattern: str
    check: CheckDigit | None = None

    @property
    def part_names(self) -> frozenset[str]:
        """What `sku` must be given, beside the number."""
        return frozenset(one.name for one in _pieces(self.pattern) if one.name) - {SEQUENCE}

    def sku(self, number: int, parts: Mapping[str, str] | None = None) -> Outcome[str]:
        """The SKU of one number; a problem where a part is missing or too short, or the numbers are used up.

        >>> sku_pattern("{family:3}-{sequence:06}").sku(17, {"family": "drills"})
        Put(value='dri-000017', notes=())
        """
        texts: list[str] = []
        for piece in _pieces(self.pattern):
            text = self._text(piece, number, parts or {})
            if isinstance(text, Problem):
                return text
            texts.append(text)
        return self._checked("".join(texts))

    def candidates(self, sequence: NumberSequence, parts: Mapping[str, str] | None = None) -> Iterator[Outcome[str]]:
        """SKUs one after the other, each with a number of its own, for whoever looks for one that is free.

        The sequence is named by the pattern, so that two patterns do not share one. The first problem is the last.
        """
        while True:
            outcome = self.sku(sequence.take(self.pattern), parts)
            yield outcome
            if isinstance(outcome, Problem):
                return

    def number_of(self, sku: str) -> int | None:
        """The number in a SKU of this pattern, for a sequence that goes on where a catalogue is; `None` for others.

        >>> sku_pattern("{family:3}-{sequence:06}").number_of("dri-000017")
        17
        """
        pieces = _pieces(self.pattern)
        found = re.fullmatch("".join(_expression(one) for one in pieces) + ("([0-9])" if self.check else ""), sku)
        if found is None or (self.check and self._checked(sku[:-1]) != Put(sku)):
            return None
        return int(found[SEQUENCE])

    def _text(self, piece: _Piece, number: int, parts: Mapping[str, str]) -> str | Problem:
        if not piece.name:
            return piece.literal
        if piece.name == SEQUENCE:
            return self._number(piece, number)
        text = parts.get(piece.name, "").strip()
        if len(text) < (piece.width or 1):
            return _wrong(f"part '{piece.name}' is {shown(text)}, {piece.width or 1} characters are needed; fill it")
        if _REFUSED.search(text):
            return _wrong(f"part '{piece.name}' is {shown(text)}, which holds what no SKU may; take another part")
        return text[: piece.width]

    def _number(self, piece: _Piece, number: int) -> str | Problem:
        text = str(number).zfill(piece.width or 1)
        if number < 0 or (piece.width is not None and len(text) > piece.width):
            return _wrong(
                f"number {number} does not fit into {piece.width or 'any number of'} digits; widen '{self.pattern}'"
            )
        return text

    def _checked(self, text: str) -> Outcome[str]:
        if self.check == "gtin" and (not text.isdecimal() or len(text) + 1 not in GTIN_LENGTHS):
            return _wrong(
                f"{shown(text)} and a check digit are no GTIN of 8, 12, 13 or 14 digits; mend '{self.pattern}'"
            )
        digits = re.sub(r"[^0-9]", "", text)
        whole = text + (check_digit(digits, self.check) if self.check else "")
        return Put(whole) if len(whole) <= LONGEST else _wrong(f"{shown(whole)} is longer than {LONGEST} characters")


def _wrong(detail: str) -> Problem:
    return Problem("no_sku", "", detail)


def _pieces(pattern: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    end = 0
    for found in _PART.finditer(pattern):
        pieces.append(_Piece(pattern[end : found.start()], "", None))
        pieces.append(_Piece("", found[1], int(found[2]) if found[2] else None))
        end = found.end()
    return [one for one in [*pieces, _Piece(pattern[end:], "", None)] if one.name or one.literal]


def _expression(piece: _Piece) -> str:
    if not piece.name:
        return re.escape(piece.literal)
    if piece.name == SEQUENCE:
        return rf"(?P<{SEQUENCE}>[0-9]{{{piece.width}}})" if piece.width else rf"(?P<{SEQUENCE}>[0-9]+)"
    return rf".{{{piece.width}}}" if piece.width else ".+?"


def sku_pattern(pattern: str, *, check: CheckDigit | None = None) -> SkuFormat:
    """A pattern for new SKUs: texts, parts by name with their width, and one number.

    ``{family:3}`` is the first three characters of the part called family, ``{sequence:06}`` the number in six digits.
    `check` puts a check digit at the end: "luhn" over the digits of the whole, "gtin" for a SKU that is a GTIN of
    digits alone. Raises `ConfigurationError` for a pattern without ``{sequence}`` or with two, and for characters that
    Akeneo refuses in an identifier. Source: Akeneo's documentation of product values.

    >>> sku_pattern("4012345{sequence:05}", check="gtin").sku(1).value
    '4012345000016'
    """
    names = [one.name for one in _pieces(pattern) if one.name]
    literal = "".join(one.literal for one in _pieces(pattern))
    if names.count(SEQUENCE) != 1:
        raise ConfigurationError(f"sku_pattern({pattern!r}): one {{sequence}} is needed, e.g. 'DR-{{sequence:06}}'")
    if _REFUSED.search(literal) or literal != literal.strip():
        raise ConfigurationError(
            f"sku_pattern({pattern!r}): no comma, semicolon, line break, outer space, or brace that names no part"
        )
    if any(one.width == 0 for one in _pieces(pattern)):
        raise ConfigurationError(f"sku_pattern({pattern!r}): a part has at least one character")
    if check == "gtin" and not re.fullmatch(r"[0-9]*", literal):
        raise ConfigurationError(f"sku_pattern({pattern!r}, check='gtin'): a GTIN is made of digits alone")
    return SkuFormat(pattern, check)

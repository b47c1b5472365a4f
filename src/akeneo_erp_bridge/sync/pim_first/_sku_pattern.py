"""What a new SKU looks like: parts of the product, a number that counts, and a check digit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final, Literal, Protocol, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.mapping import check_digit, sku
from akeneo_erp_bridge.mapping._values._codes import transliterated
from akeneo_erp_bridge.rules import Cell, Problem, shown

__all__ = [
    "CheckPart",
    "FamilyPrefix",
    "OptionPart",
    "OwnPart",
    "Sequence",
    "SkuCheck",
    "SkuPart",
    "SkuPattern",
    "TextPart",
]

SkuCheck: TypeAlias = Literal["gtin", "luhn", "mod97"]
"""How a check digit is reckoned: GTIN's modulo 10, Luhn's, or the two digits of ISO 7064 modulo 97-10."""

_LETTERS: Final = re.compile(r"[^A-Za-z0-9]+")
_SKU: Final = sku()


class SkuPart(Protocol):
    """A piece of a SKU that the product tells. A part of your own has this method."""

    def text(self, product: Product) -> str:
        """Its letters. Raises `MappingError`, in words for the product's user, where the product does not tell."""
        ...


@frozen
class FamilyPrefix(SkuPart):
    """What stands for the product's family.

    >>> FamilyPrefix({"drills": "DR"}).text(Product(family="drills"))
    'DR'
    >>> FamilyPrefix({"drills": "DR"}).text(Product(family="saws"))
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.MappingError: family 'saws' has no prefix for SKUs; choose another family, or add it to FamilyPrefix
    """

    prefixes: Mapping[str, str]
    otherwise: str | None = None

    def text(self, product: Product) -> str:
        found = self.prefixes.get(product.family or "", self.otherwise)
        if found is not None:
            return found
        if product.family is None:
            raise MappingError("the product has no family, with which its SKU begins; give it one in the PIM")
        raise MappingError(
            f"family '{product.family}' has no prefix for SKUs; choose another family, or add it to FamilyPrefix"
        )


@frozen
class TextPart(SkuPart):
    """The letters and digits of a text, such as a name: in plain capitals, and no more than *longest*.

    >>> from akeneo_erp_bridge.catalog import decode_product
    >>> named = decode_product({"values": {"name": [{"locale": "de_DE", "scope": None, "data": "Schläger 5"}]}})
    >>> TextPart(Cell("name", locale="de_DE"), longest=6).text(named)
    'SCHLAE'
    """

    cell: Cell[str]
    longest: int = field(kw_only=True)

    def text(self, product: Product) -> str:
        place = self.cell
        said = product.values.text(place.attribute, locale=place.locale, channel=place.channel)
        plain = _LETTERS.sub("", transliterated(unicodedata.normalize("NFC", said or ""))).upper()[: self.longest]
        if not plain:
            raise MappingError(f"'{place}' holds no letters or digits, of which the SKU is made; fill it in the PIM")
        return plain


@frozen
class OptionPart(SkuPart):
    """What stands for an option of a simple select.

    >>> from akeneo_erp_bridge.catalog import decode_product
    >>> red = decode_product({"values": {"colour": [{"locale": None, "scope": None, "data": "red"}]}})
    >>> OptionPart("colour", {"red": "R", "blue": "B"}).text(red)
    'R'
    """

    attribute: str
    letters: Mapping[str, str]

    def text(self, product: Product) -> str:
        option = product.values.option(self.attribute)
        found = self.letters.get(option or "")
        if found is None:
            seen = f"is '{option}', which has no letters for SKUs" if option else "is empty, and the SKU is made of it"
            raise MappingError(f"'{self.attribute}' {seen}; choose another option in the PIM")
        return found


@frozen
class OwnPart(SkuPart):
    """What a function of your own makes of the product. It may raise `MappingError` with words for the user.

    >>> OwnPart(lambda product: "X" if product.parent else "S").text(Product())
    'S'
    """

    make: Callable[[Product], str]

    def text(self, product: Product) -> str:
        return self.make(product)


@frozen
class Sequence:
    """A number that counts up, with leading zeros. Each text that stands before it counts by itself, unless *shared*.

    A number of more digits than *digits* is refused, unless it *may_grow*.

    >>> SkuPattern("T-", Sequence(2, start=10, may_grow=True)).sku(Product(), 100)
    'T-100'
    """

    digits: int
    start: int = field(default=1, kw_only=True)
    shared: bool = field(default=False, kw_only=True)
    may_grow: bool = field(default=False, kw_only=True)


@frozen
class CheckPart:
    """A digit, or two, by which a slip of the pen is found: of all that stands before it.

    Letters count as in an IBAN: A is 10, Z is 35; what is neither letter nor digit does not count.
    Source: ISO/IEC 7064 (mod 97-10), ISO/IEC 7812-1 annex B (Luhn), GS1 General Specifications section 7.9 (GTIN).

    >>> CheckPart("mod97").digits("DR-00018")
    '72'
    """

    kind: SkuCheck

    def digits(self, text: str) -> str:
        """The check digits that belong behind this text."""
        numbers = "".join(str(int(one, 36)) for one in text if one.isascii() and one.isalnum())
        if not numbers:
            raise ConfigurationError(f"a check digit needs letters or digits before it, seen {text!r}")
        if self.kind == "mod97":
            return f"{98 - int(numbers) * 100 % 97:02}"
        return check_digit(numbers, self.kind)


@frozen(init=False)
class SkuPattern:
    """The parts of a SKU, in their order: texts, parts of the product, one `Sequence`, and a `CheckPart`.

    >>> pattern = SkuPattern(FamilyPrefix({"drills": "DR"}), "-", Sequence(5), CheckPart("luhn"))
    >>> drill = Product(family="drills")
    >>> pattern.scope(drill), pattern.sku(drill, 18)
    ('DR-', 'DR-000186')

    Raises `ConfigurationError` for a pattern without a sequence, or with two of them.
    """

    parts: tuple[str | SkuPart | Sequence | CheckPart, ...]

    def __init__(self, *parts: str | SkuPart | Sequence | CheckPart) -> None:
        if sum(isinstance(one, Sequence) for one in parts) != 1:
            raise ConfigurationError("a pattern for SKUs has one Sequence: without it two products would have one SKU")
        object.__setattr__(self, "parts", parts)

    @property
    def sequence(self) -> Sequence:
        """The part that counts."""
        return next(one for one in self.parts if isinstance(one, Sequence))

    def scope(self, product: Product) -> str:
        """What its number is counted by: what stands before it, or nothing where all products count together."""
        return "" if self.sequence.shared else self._before(product)

    def sku(self, product: Product, number: int) -> str:
        """The SKU with this number. Raises `MappingError` where it cannot be made, or the PIM would refuse it."""
        made = ""
        for one in self.parts:
            if isinstance(one, Sequence):
                made += self._number(one, number)
            elif isinstance(one, CheckPart):
                made += one.digits(made)
            else:
                made += one if isinstance(one, str) else one.text(product)
        checked = _SKU.run(made)
        if isinstance(checked, Problem) or made != made.strip():
            raise MappingError(f"the SKU {shown(made)} that was made for the product is none that the PIM takes")
        return made

    def _before(self, product: Product) -> str:
        made = ""
        for one in self.parts:
            if isinstance(one, Sequence):
                break
            if isinstance(one, CheckPart):
                made += one.digits(made)
            else:
                made += one if isinstance(one, str) else one.text(product)
        return made

    def _number(self, part: Sequence, number: int) -> str:
        text = f"{number:0{part.digits}}"
        if len(text) > part.digits and not part.may_grow:
            raise MappingError(
                f"the numbers of {part.digits} digits for SKUs are used up; give Sequence more digits, or may_grow=True"
            )
        return text

"""Packs: twelve in a carton, forty cartons on a pallet."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal, Never

from attrs import evolve, frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping._freeze import FrozenTable
from akeneo_erp_bridge.mapping._labels import call, rows_told
from akeneo_erp_bridge.mapping._values._rounding import Limits, Number, Rounding, limits, senseless
from akeneo_erp_bridge.mapping._values._strictly import OfPack
from akeneo_erp_bridge.mapping._values._tables import fold, folded_table
from akeneo_erp_bridge.rules import Iso, Outcome, Problem, Rule, shown


@frozen
class PerPack(Rule[tuple[Number, str], Decimal, Never]):
    """See `per_pack`."""

    packs: FrozenTable[Decimal]
    of: Literal["quantity", "price"]
    limits: Limits

    def run(self, source: tuple[Number, str]) -> Outcome[Decimal]:
        number, word = Decimal(source[0]), source[1]
        problem = senseless(number)
        if problem is not None:
            return problem
        size = self.packs.get(fold(word))
        if size is None:
            known = ", ".join(sorted(self.packs))
            return Problem("unknown_pack", "", f"pack {shown(word)} is not in the table ({known}); add it there")
        exact = Fraction(number) * Fraction(size) if self.of == "quantity" else Fraction(number) / Fraction(size)
        return self.limits.fit_exactly(exact)

    def iso(self, pack: str) -> Iso[Decimal, Decimal]:
        """Numbers of one pack both ways, for `two_way`: what is no whole way back raises, and parks the item.

        >>> cartons = per_pack({"CTN": 12}, base="PCE").iso("CTN")
        >>> cartons.back(cartons.there(Decimal(3)))
        Decimal('3')

        Raises `ConfigurationError` for a pack that is not in the table.
        """
        if fold(pack) not in self.packs:
            raise ConfigurationError(f"per_pack(...).iso({pack!r}): the table has {', '.join(sorted(self.packs))}")
        exact = evolve(self, limits=limits("per_pack(...)", None, "problem", None, None))
        other = evolve(exact, of="price" if self.of == "quantity" else "quantity")
        return Iso(OfPack(exact, pack), OfPack(other, pack))

    @property
    def label(self) -> str:
        return call("per_pack", rows_told(self.packs), self.limits.label, of=(self.of, "quantity"))


def per_pack(
    packs: Mapping[str, Number],
    *,
    base: str,
    of: Literal["quantity", "price"] = "quantity",
    scale: int | None = None,
    rounding: Rounding = "problem",
) -> PerPack:
    """A number per pack as one per base unit, by a table of how many base units a pack holds.

    A quantity is multiplied: 3 cartons of 12 are 36 pieces. A price is divided: 6.00 a carton is 0.50 a piece; what
    has no end in decimals is a problem, or rounded half up with a note where `scale` and `rounding` say so. The
    rule taints nothing: a price stays as hot as it was. `base` is the ERP's word for the base unit. Raises
    `ConfigurationError` for a pack of nothing, and for a base that is a pack of several.

    >>> per_pack({"CTN": 12}, base="PCE").run((Decimal(3), "ctn")).value
    Decimal('36')
    >>> per_pack({"CTN": 12}, base="PCE", of="price").run((Decimal("6.00"), "CTN")).value
    Decimal('0.5')
    >>> per_pack({"CTN": 12}, base="PCE", of="price").run((Decimal(1), "CTN")).code
    'not_exact'
    """
    sizes = folded_table({word: Decimal(size) for word, size in packs.items()}, "per_pack(...)")
    for word, size in sizes.items():
        if senseless(size) or size <= 0:
            raise ConfigurationError(f"per_pack(...): a pack {word!r} of {size} is none; give how many it holds")
    size_of_base = sizes.get(fold(base))
    if size_of_base is not None and size_of_base != 1:
        raise ConfigurationError(f"per_pack(...): the base unit {base!r} cannot be a pack of {size_of_base}")
    sizes = folded_table({**sizes, fold(base): Decimal(1)}, "per_pack(...)")
    return PerPack(sizes, of, limits("per_pack(...)", scale, rounding, None, None))

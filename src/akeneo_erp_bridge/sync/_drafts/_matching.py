"""Which product of the PIM an item is, where its SKU does not tell: rules for the first run on a PIM that has products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Never, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import AttributeType, JsonValue, PimStructure
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping import ItemMapping
from akeneo_erp_bridge.mapping._reference import find_reference
from akeneo_erp_bridge.mapping._values._gtin import GTIN_LENGTHS
from akeneo_erp_bridge.rules import Cell

__all__ = ["Adopt", "Match", "Search", "any_gtin", "match", "search"]

ItemT = TypeVar("ItemT", bound=ErpItem)

Where: TypeAlias = Mapping[str, Sequence[Mapping[str, JsonValue]]]
"""Conditions of the PIM's lists, by property."""

IN_LOTS: Final = frozenset({AttributeType.IDENTIFIER, AttributeType.TEXT, AttributeType.TEXTAREA})
"""What the PIM finds a hundred values of in one request; numbers one by one."""
_SEARCHED: Final = IN_LOTS | {AttributeType.NUMBER}


@frozen
class Match:
    """A rule of adoption: see `match`.

    >>> EAN: Cell[str] = Cell("ean")
    >>> rule = match(EAN, spelled=any_gtin)
    >>> rule.label, rule.spellings("4006381333931")
    ('ean', ['4006381333931', '04006381333931'])
    """

    cell: Cell[Never]
    spelled: Callable[[str], Iterable[str]] | None = None

    @property
    def label(self) -> str:
        """What is compared, for people."""
        return self.cell.key

    def spellings(self, value: str) -> list[str]:
        """The texts to look for, each once."""
        found = [value] if self.spelled is None else list(self.spelled(value))
        return list(dict.fromkeys(one for one in found if one.strip()))


@frozen
class Search:
    """A rule of adoption: see `search`.

    >>> rule = search(lambda cells: {"ean": [{"operator": "=", "value": cells["ean"]}]} if "ean" in cells else None, name="EAN")
    >>> rule.label, rule.where({"ean": "4006381333931"}), rule.where({})
    ('EAN', {'ean': [{'operator': '=', 'value': '4006381333931'}]}, None)
    """

    where: Callable[[Mapping[str, JsonValue]], Where | None]
    name: str

    @property
    def label(self) -> str:
        """What is compared, for people."""
        return self.name


def match(cell: Cell[Never], *, spelled: Callable[[str], Iterable[str]] | None = None) -> Match:
    """Adopt the product whose `cell` holds what the item's rule for that cell gives.

    The rule is the one that the mapping binds to the cell, whoever owns it: with `owner=Owner.PIM` the cell is compared
    and never written. So numbers are compared as the rule converts them. `spelled` gives all texts under which the PIM may
    hold the value, such as `any_gtin`; texts are compared without their case. An item without a value is not found.

    >>> EAN: Cell[str] = Cell("ean")
    >>> match(EAN, spelled=any_gtin).spellings("4006381333931")
    ['4006381333931', '04006381333931']
    """
    return Match(cell, spelled)


def search(where: Callable[[Mapping[str, JsonValue]], Where | None], *, name: str) -> Search:
    """Adopt the product that a search of your own finds; one request for each item that is new.

    `where` gets the item's cells by key, as they would travel to the PIM, without reference prices, files and links, and gives
    the conditions for the PIM's list of products, or nothing where the item cannot be searched for. An item for which it
    raises is parked as ``match_failed``. `name` says in a parked item what was searched.

    Two new items with the same conditions are taken for one product. To know what was sent, `where` is called for known items
    that change as well, and with numbers and dates as the ledger holds them; so it should be quick, and ask nobody.
    Source: Akeneo's documentation of filters.

    >>> by_supplier = search(
    ...     lambda cells: {"supplier_sku": [{"operator": "=", "value": cells["supplier_sku"]}]}
    ...     if "supplier_sku" in cells
    ...     else None,
    ...     name="supplier's number",
    ... )
    >>> by_supplier.where({"supplier_sku": "77-1"})
    {'supplier_sku': [{'operator': '=', 'value': '77-1'}]}
    """
    return Search(where, name)


def any_gtin(value: str) -> list[str]:
    """A GTIN in all its lengths: with and without its leading zeros, in 8, 12, 13 and 14 digits.

    The first is the value itself; what is no GTIN stays as it is. Source: GS1 General Specifications, section 1.4.

    >>> any_gtin("00012345678905")
    ['00012345678905', '012345678905', '0012345678905']
    """
    if not value.isascii() or not value.isdigit():
        return [value]
    bare = value.lstrip("0")
    lengths = [length for length in GTIN_LENGTHS if length >= len(bare)]
    return list(dict.fromkeys([value, *(bare.zfill(length) for length in lengths)]))


@frozen
class Adopt:
    """How items find the products that are in the PIM before the first run; the identifier comes first, always.

    Then the rules `by`, in order, until one finds something. Several products for an item, a product for several items, and
    a product that is another item's already are no finds: the item is parked as ``ambiguous_match``, and nothing is written of it. So is an item
    for which a rule raises, or asks what the PIM refuses, as ``match_failed``. What no rule finds is new.

    >>> EAN: Cell[str] = Cell("ean")
    >>> Adopt(by=[match(EAN)]).by[0].label
    'ean'
    """

    by: Sequence[Match | Search] = ()

    def check(self, mapping: ItemMapping[ItemT], structure: PimStructure) -> None:
        """Raise `ConfigurationError` for a rule that could find nothing, or might show what is not to be shown."""
        if not self.by:
            return
        if mapping.resource != "product":
            raise ConfigurationError(
                f"Adopt(...) is for products; of the resource '{mapping.resource}' a thing is known by its code"
            )
        for rule in self.by:
            if isinstance(rule, Match):
                _check_cell(rule.cell, mapping, structure)


def _check_cell(cell: Cell[Never], mapping: ItemMapping[ItemT], structure: PimStructure) -> None:
    binding = next((one for one in mapping.bindings if one.cell.key == cell.key), None)
    if binding is None:
        raise ConfigurationError(
            f"match({cell.key}): no rule of the mapping gives this cell; bind one, with owner=Owner.PIM if it is not to be written"
        )
    if find_reference(binding.rule) is not None:
        raise ConfigurationError(
            f"match({cell.key}): a reference price is told when it passes, and a search tells nothing"
        )
    attribute = structure.attributes.get(AttributeCode(cell.attribute))
    if attribute is None or attribute.type not in _SEARCHED:
        kind = attribute.type if attribute is not None else "no attribute of the PIM"
        raise ConfigurationError(
            f"match({cell.key}): it is {kind}; a text, an identifier or a number can be matched, for others there is search(...)"
        )

"""Links between products: which field of a product a cell stands for, and what may be in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, cast

from attrs import frozen

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.rules import shown

_PLAIN: Final = "associations"
_QUANTIFIED: Final = "quantified_associations"
KINDS: Final[Mapping[bool, tuple[str, ...]]] = {
    False: ("products", "product_models", "groups"),
    True: ("products", "product_models"),
}
LARGEST_QUANTITY: Final = 2_147_483_647
MOST_LINKS: Final = 100
"""In one quantified type. Source: Akeneo's documentation of product associations."""


@frozen
class LinkField:
    """A list of links of one type and kind, with or without quantities."""

    type: str
    kind: str
    is_quantified: bool = False

    @property
    def attribute(self) -> str:
        """The field in a cell's place for an attribute; the dots tell the two apart, for no code has one."""
        return f"{_QUANTIFIED if self.is_quantified else _PLAIN}.{self.type}.{self.kind}"

    @classmethod
    def of(cls, attribute: str) -> LinkField | None:
        """The field a cell stands for; `None` where it is an attribute.

        >>> LinkField.of("associations.UPSELL.products")
        LinkField(type='UPSELL', kind='products', is_quantified=False)
        >>> LinkField.of("name") is None
        True
        """
        if "." not in attribute:  # each cell of each product is asked
            return None
        head, _, rest = attribute.partition(".")
        kind, _, target = rest.partition(".")
        return cls(kind, target, head == _QUANTIFIED) if target and head in (_PLAIN, _QUANTIFIED) else None


@frozen
class Links:
    """What the ERP wants linked, found in the PIM: `there` as it travels, `missing` by the ERP's name.

    `wanted` is all of it by the ERP's names, to be looked up again later.

    >>> bits = Links(there=("BIT-6",), wanted={"bit-6": None, "bit-9": None}, missing=("bit-9",))
    >>> bits.there, bits.missing  # `bit-9` is looked for again by the next run
    (('BIT-6',), ('bit-9',))
    """

    there: tuple[JsonValue, ...]
    wanted: Mapping[str, JsonValue]
    missing: tuple[str, ...] = ()


def wanted_links(value: object, link: LinkField) -> dict[str, JsonValue]:
    """The targets by the ERP's names, each with its quantity, or `None`; raises `ValueError` for what is no link.

    >>> wanted_links({"BIT-6": 2}, LinkField("PACK", "products", is_quantified=True))
    {'BIT-6': 2}
    """
    if link.is_quantified:
        return _quantities(value, link)
    if isinstance(value, frozenset | set | list | tuple):
        # the cast: what a rule gave is untyped by now; `_name` checks each
        names = sorted(_name(one, link) for one in cast("Iterable[object]", value))
        return dict[str, JsonValue].fromkeys({name.lower(): name for name in names}.values())
    raise ValueError(f"links of type '{link.type}' are a set of identifiers, seen {shown(value)}")


def _quantities(value: object, link: LinkField) -> dict[str, JsonValue]:
    if not isinstance(value, Mapping):
        raise ValueError(f"links of type '{link.type}' are a mapping of identifiers to quantities, seen {shown(value)}")
    wanted: dict[str, JsonValue] = {}
    for name, quantity in cast("Mapping[object, object]", value).items():  # as above
        if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= LARGEST_QUANTITY:
            raise ValueError(
                f"the quantity of {shown(name)} in '{link.type}' is {shown(quantity)}; it must be a whole number of at least 1"
            )
        wanted[_name(name, link)] = quantity
    if len({name.lower() for name in wanted}) < len(wanted):
        raise ValueError(f"links of type '{link.type}' name one product twice, in different case; join the two")
    if len(wanted) > MOST_LINKS:
        raise ValueError(f"links of type '{link.type}' are {len(wanted)}; the PIM takes at most {MOST_LINKS}")
    return wanted


def _name(name: object, link: LinkField) -> str:
    if isinstance(name, str) and name.strip():
        return name
    raise ValueError(f"a link of type '{link.type}' needs an identifier, seen {shown(name)}")


def canonical_links(value: JsonValue) -> JsonValue:
    """One form for equal lists of quantified links: by target, in lower case."""
    found: dict[str, JsonValue] = {}
    for one in value if isinstance(value, list | tuple) else ():
        if isinstance(one, Mapping):
            found[str(one.get("target")).lower()] = one.get("quantity")
    return [{"target": target, "quantity": found[target]} for target in sorted(found)]

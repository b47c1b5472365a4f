"""What the PIM has of the kinds a blueprint speaks of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from attrs import field, frozen

from akeneo_erp_bridge.akeneo import AkeneoClient, ListResource
from akeneo_erp_bridge.catalog import AttributeType, Entity, JsonObject, PimStructure, encode
from akeneo_erp_bridge.sync.setup._json import fold
from akeneo_erp_bridge.sync.setup._kinds import KINDS, Kind, Ref, needs

__all__ = ["Inventory", "Wanted", "inventory_of", "read_inventory"]

E = TypeVar("E", bound=Entity)

Place: TypeAlias = "tuple[str, tuple[str, ...]]"
"""A kind, and the codes of what it lies within in lower case."""

Things: TypeAlias = Mapping[str, JsonObject]
"""Things by their codes in lower case."""

Wanted: TypeAlias = "tuple[Kind, tuple[str, ...], JsonObject]"
"""A kind, what it lies within, and the thing as the PIM takes it."""


@frozen
class Inventory:
    """What the PIM has, as JSON by place. What was not looked at counts as absent: `apply` looks again.

    `unoffered` are the kinds that this PIM does not have at all.

    >>> from akeneo_erp_bridge.catalog import Attribute
    >>> from akeneo_erp_bridge.codes import AttributeCode
    >>> ean = Attribute(code=AttributeCode("ean"), type="pim_catalog_text")
    >>> found = inventory_of(PimStructure(attributes={ean.code: ean}))
    >>> found.find(Ref("attribute", "EAN"))["type"], found.find(Ref("attribute", "colour"))
    ('pim_catalog_text', None)
    """

    things: Mapping[Place, Things] = field(repr=False)
    unoffered: frozenset[str] = frozenset()

    def find(self, ref: Ref) -> JsonObject | None:
        """One thing, whatever the case of its code."""
        return self.things.get(ref.place, {}).get(fold(ref.code))


def inventory_of(structure: PimStructure) -> Inventory:
    """What a structure tells; of attribute groups only those that have attributes, of categories not their labels."""
    groups = {one.group for one in structure.attributes.values() if one.group is not None}
    things: dict[Place, Things] = {
        ("attribute", ()): _encoded(structure.attributes.values()),
        ("family", ()): _encoded(structure.families.values()),
        ("channel", ()): _encoded(structure.channels.values()),
        ("measurement family", ()): _encoded(structure.measurement_families.values()),
        ("attribute group", ()): {fold(code): {"code": code} for code in groups},
        ("category", ()): {
            fold(code): {"code": code, "parent": parent} for code, parent in (structure.categories or {}).items()
        },
    }
    for family, variants in structure.family_variants.items():
        things["family variant", (fold(family),)] = _encoded(variants.values())
    for attribute, options in structure.options.items():
        things["option", (fold(attribute),)] = {fold(code): {"code": code} for code in options}
    return Inventory(things)


def read_inventory(pim: AkeneoClient, wanted: Iterable[Wanted]) -> Inventory:
    """Read from the PIM what *wanted* speaks of, and what that needs; nothing else."""
    refs: dict[Place, Ref] = {}
    codes: dict[Place, list[str]] = {}
    for kind, within, body in wanted:
        codes.setdefault(Ref(kind, "", within).place, []).append(str(body.get("code")))
        for ref in (Ref(kind, "", within), *needs(kind, within, body)):
            refs.setdefault(ref.place, ref)
    order = {kind: place for place, kind in enumerate(_READERS)}
    things: dict[Place, Things] = {}
    unoffered: set[str] = set()
    for ref in sorted(refs.values(), key=lambda one: order[one.kind]):
        route = _route(ref.kind)
        if route and not pim.features.offers(route):
            unoffered.add(ref.kind)
        elif _is_there(ref, things):
            things[ref.place] = _encoded(_READERS[ref.kind](pim, ref.within, codes.get(ref.place, [])))
    return Inventory(things, frozenset(unoffered))


def _encoded(entities: Iterable[Entity]) -> Things:
    bodies = (encode(one, whole=True) for one in entities)
    return {fold(str(body["code"])): body for body in bodies}


def _route(kind: str) -> str:
    """The client's method that a PIM must have for this kind; every PIM has those of the other kinds."""
    for known, traits in KINDS.items():
        if known == kind:
            return KINDS[traits.owners[0]].route if traits.owners else traits.route
    return ""


def _is_there(ref: Ref, things: Mapping[Place, Things]) -> bool:
    """Whether there is anything to read: the owner exists, and can have such things."""
    for depth, owner in enumerate(_owners(ref.kind)):
        place = Ref(owner, ref.within[depth], ref.within[:depth])
        found = things.get(place.place, {}).get(fold(place.code))
        if found is None:
            return False
        if ref.kind == "option" and found.get("type") not in _SELECTS:
            return False
        if owner.endswith(" attribute") and not str(found.get("type")).endswith(("_option", "_options")):
            return False
    return True


def _owners(kind: str) -> tuple[Kind, ...]:
    return next((traits.owners for known, traits in KINDS.items() if known == kind), ())


def _named(pim: AkeneoClient, resource: ListResource[E], codes: Sequence[str]) -> Iterator[E]:
    """Records and assets may be very many, so only those with these codes, where the PIM can filter them (7.0)."""
    if not pim.features.has_product_uuids:
        yield from resource.list()
        return
    for start in range(0, len(codes), _CODES_A_QUERY):
        yield from resource.list({"code": [{"operator": "IN", "value": codes[start : start + _CODES_A_QUERY]}]})


# a URL with so many codes of the greatest length is still taken by every server
_CODES_A_QUERY: Final = 20
_SELECTS: Final = (AttributeType.SIMPLE_SELECT, AttributeType.MULTI_SELECT)
_Reader: TypeAlias = "Callable[[AkeneoClient, tuple[str, ...], Sequence[str]], Iterable[Entity]]"
_READERS: Mapping[str, _Reader] = {
    "channel": lambda pim, _at, _: pim.channels.list(),
    "measurement family": lambda pim, _at, _: pim.measurement_families.list(),
    "category": lambda pim, _at, _: pim.categories.list(),
    "attribute group": lambda pim, _at, _: pim.attribute_groups.list(),
    "association type": lambda pim, _at, _: pim.association_types.list(),
    "reference entity": lambda pim, _at, _: pim.reference_entities.list(),
    "reference entity attribute": lambda pim, at, _: pim.reference_entities.attributes(at[0]).list(),
    "reference entity option": lambda pim, at, _: pim.reference_entities.attribute_options(at[0], at[1]).list(),
    "record": lambda pim, at, codes: _named(pim, pim.reference_entities.records(at[0]), codes),
    "asset family": lambda pim, _at, _: pim.asset_families.list(),
    "asset attribute": lambda pim, at, _: pim.asset_families.attributes(at[0]).list(),
    "asset option": lambda pim, at, _: pim.asset_families.attribute_options(at[0], at[1]).list(),
    "asset": lambda pim, at, codes: _named(pim, pim.asset_families.assets(at[0]), codes),
    "attribute": lambda pim, _at, _: pim.attributes.list(),
    "option": lambda pim, at, _: pim.attribute_options(at[0]).list(),
    "family": lambda pim, _at, _: pim.families.list(),
    "family variant": lambda pim, at, _: pim.family_variants(at[0]).list(),
}

"""What set-up can make, in the order in which a PIM accepts it, and what is peculiar to each kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.catalog import (
    AssetFamilyPatch,
    AssetPatch,
    AssociationTypePatch,
    AttributeGroupPatch,
    AttributeOptionPatch,
    AttributePatch,
    AttributeType,
    CategoryPatch,
    EntityAttributePatch,
    EntityOptionPatch,
    FamilyPatch,
    FamilyVariantPatch,
    JsonObject,
    MeasurementFamilyPatch,
    RecordPatch,
    ReferenceEntityPatch,
)
from akeneo_erp_bridge.sync.setup._json import codes_in, fold, object_in, objects_in, shown_json

__all__ = [
    "BY_NAME",
    "KINDS",
    "ORDER",
    "Kind",
    "Ref",
    "Traits",
    "kind_of",
    "needs",
    "wrong_code",
]

Kind: TypeAlias = Literal[
    "measurement family",
    "category",
    "attribute group",
    "association type",
    "reference entity",
    "reference entity attribute",
    "reference entity option",
    "record",
    "asset family",
    "asset attribute",
    "asset option",
    "asset",
    "attribute",
    "option",
    "family",
    "family variant",
]
"""What set-up can make. Channels and locales must be there: they decide what a PIM user sees, so people make them."""

CODE: Final = re.compile(r"[a-zA-Z0-9_]+")
RESERVED: Final = frozenset(
    {
        "id", "associationtypes", "categories", "categoryid", "completeness", "enabled", "family", "groups",
        "associations", "products", "scope", "treeid", "values", "category", "parent", "label", "entity_type",
        "attributes",
    }
)  # fmt: skip
"""Words that no attribute can have for a code. Source: Akeneo's documentation of the attribute resource."""


@frozen(kw_only=True)
class Traits:
    """What is peculiar to one kind.

    `owners` are the kinds of what it lies within. `fixed` fields never change after creation, `sets` are lists that
    we only add to, `codes` hold codes, whose case does not count. `route` is the client's method that lists it.
    """

    patch: type
    owners: tuple[Kind, ...] = ()
    fixed: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    route: str = ""
    longest: int = 100


_ENTITY_ATTRIBUTE: Final = frozenset(
    {"type", "value_per_locale", "value_per_channel", "reference_entity_code", "asset_family_identifier"}
)
KINDS: Final[Mapping[Kind, Traits]] = {
    "measurement family": Traits(
        patch=MeasurementFamilyPatch, fixed=frozenset({"standard_unit_code"}), codes=frozenset({"standard_unit_code"})
    ),
    # a category that moves takes products and the work of PIM users along
    "category": Traits(patch=CategoryPatch, fixed=frozenset({"parent"}), codes=frozenset({"parent"})),
    "attribute group": Traits(patch=AttributeGroupPatch),
    "association type": Traits(patch=AssociationTypePatch, fixed=frozenset({"is_two_way", "is_quantified"})),
    "reference entity": Traits(patch=ReferenceEntityPatch, route="reference_entities.list", longest=255),
    "reference entity attribute": Traits(
        patch=EntityAttributePatch, owners=("reference entity",), fixed=_ENTITY_ATTRIBUTE, longest=255
    ),
    "reference entity option": Traits(
        patch=EntityOptionPatch, owners=("reference entity", "reference entity attribute"), longest=255
    ),
    "record": Traits(patch=RecordPatch, owners=("reference entity",), longest=255),
    "asset family": Traits(
        patch=AssetFamilyPatch, codes=frozenset({"attribute_as_main_media"}), route="asset_families.list", longest=255
    ),
    "asset attribute": Traits(
        patch=EntityAttributePatch, owners=("asset family",), fixed=_ENTITY_ATTRIBUTE, longest=255
    ),
    "asset option": Traits(patch=EntityOptionPatch, owners=("asset family", "asset attribute"), longest=255),
    "asset": Traits(patch=AssetPatch, owners=("asset family",), longest=255),
    "attribute": Traits(
        patch=AttributePatch,
        fixed=frozenset({"type", "localizable", "scopable", "unique", "metric_family", "reference_data_name"}),
        codes=frozenset({"group", "metric_family", "default_metric_unit", "reference_data_name"}),
        longest=255,
    ),
    "option": Traits(patch=AttributeOptionPatch, owners=("attribute",)),
    "family": Traits(
        patch=FamilyPatch,
        sets=frozenset({"attributes"}),
        codes=frozenset({"attribute_as_label", "attribute_as_image"}),
    ),
    "family variant": Traits(patch=FamilyVariantPatch, owners=("family",)),
}
"""All kinds in the order in which they are made: nothing comes before what it needs."""

ORDER: Final[tuple[Kind, ...]] = tuple(KINDS)
BY_NAME: Final[Mapping[str, Kind]] = {kind: kind for kind in ORDER}
_OF_PATCHES: Final[Mapping[type, Kind]] = {KINDS[kind].patch: kind for kind in ORDER if not KINDS[kind].owners}


@frozen
class Ref:
    """One thing: its kind, its code, and the codes of what it lies within.

    >>> print(Ref("option", "red", ("colour",)))
    option 'red' of 'colour'
    >>> Ref("attribute", "EAN").key == Ref("attribute", "ean").key
    True
    """

    kind: str
    code: str
    within: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, tuple[str, ...], str]:
        """What two spellings of the same thing have in common."""
        return self.kind, tuple(fold(one) for one in self.within), fold(self.code)

    @property
    def place(self) -> tuple[str, tuple[str, ...]]:
        """Where the PIM keeps it."""
        return self.key[:2]

    def __str__(self) -> str:
        inside = "".join(f" of '{shown_json(one)}'" for one in reversed(self.within))
        return f"{self.kind} '{shown_json(self.code)}'{inside}"


def kind_of(patch: type) -> Kind | None:
    """The kind that a patch says by itself; `None` for one that needs to be told what it lies within."""
    return _OF_PATCHES.get(patch)


def wrong_code(kind: Kind, code: str) -> str | None:
    """Why the PIM would refuse to make something with this code; `None`: it would not.

    >>> wrong_code("option", "dark-blue")
    "code 'dark-blue' has characters other than letters, digits and underscores"
    """
    if not CODE.fullmatch(code):
        return f"code {code!r} has characters other than letters, digits and underscores" if code else "code is empty"
    longest = KINDS[kind].longest
    if len(code) > longest:
        return f"code '{code[:20]}...' has {len(code)} characters, more than {longest}"
    if kind == "attribute" and (fold(code) in RESERVED or fold(code).endswith(("_products", "_groups"))):
        return f"code '{code}' is a word that Akeneo reserves"
    return None


# ---- what must be there first ----
_RECORDS: Final = (AttributeType.REFERENCE_ENTITY, AttributeType.REFERENCE_ENTITY_COLLECTION)


def needs(kind: Kind, within: tuple[str, ...], body: JsonObject) -> Iterator[Ref]:
    """What must be in the PIM before this can be written."""
    for depth, owner in enumerate(KINDS[kind].owners):
        yield Ref(owner, within[depth], within[:depth])
    match kind:
        case "attribute":
            yield from _of_attribute(body)
        case "category":
            yield from _named("category", body, "parent")
        case "family":
            yield from _of_family(body)
        case "family variant":
            for level in objects_in(body.get("variant_attribute_sets")):
                for code in (*codes_in(level.get("axes")), *codes_in(level.get("attributes"))):
                    yield Ref("attribute", code)
        case "reference entity attribute" | "asset attribute":
            yield from _named("reference entity", body, "reference_entity_code")
            yield from _named("asset family", body, "asset_family_identifier")
        case "record" | "asset":
            owner = "reference entity attribute" if kind == "record" else "asset attribute"
            yield from (Ref(owner, code, within) for code in object_in(body.get("values")))
        case _:
            pass


def _of_attribute(body: JsonObject) -> Iterator[Ref]:
    yield from _named("attribute group", body, "group")
    yield from _named("measurement family", body, "metric_family")
    if body.get("type") in _RECORDS:
        yield from _named("reference entity", body, "reference_data_name")
    if body.get("type") == AttributeType.ASSET_COLLECTION:
        yield from _named("asset family", body, "reference_data_name")


def _of_family(body: JsonObject) -> Iterator[Ref]:
    for code in codes_in(body.get("attributes")):
        yield Ref("attribute", code)
    for name in ("attribute_as_label", "attribute_as_image"):
        yield from _named("attribute", body, name)
    required = body.get("attribute_requirements")
    for channel, codes in required.items() if isinstance(required, Mapping) else ():
        yield Ref("channel", channel)
        yield from (Ref("attribute", code) for code in codes_in(codes))


def _named(kind: str, body: JsonObject, name: str) -> Iterator[Ref]:
    code = body.get(name)
    if isinstance(code, str):
        yield Ref(kind, code)

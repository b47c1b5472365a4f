"""Small blueprints of one thing each, in few words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.catalog import (
    AssetFamilyPatch,
    AssociationTypePatch,
    AttributeGroupPatch,
    AttributeOptionPatch,
    AttributePatch,
    AttributeType,
    CategoryPatch,
    EntityAttributePatch,
    EntityValue,
    FamilyPatch,
    FamilyVariantPatch,
    MeasurementFamilyPatch,
    Operation,
    Patch,
    RecordPatch,
    ReferenceEntityPatch,
    Unit,
    VariantAttributeSet,
)
from akeneo_erp_bridge.codes import (
    AssetFamilyCode,
    AssociationTypeCode,
    AttributeCode,
    AttributeGroupCode,
    CategoryCode,
    ChannelCode,
    FamilyCode,
    FamilyVariantCode,
    LocaleCode,
    MeasurementFamilyCode,
    OptionCode,
    RecordCode,
    ReferenceEntityCode,
    UnitCode,
)
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync.setup._blueprint import Blueprint, Piece

__all__ = [
    "Labels",
    "Tree",
    "asset_family",
    "association_type",
    "attribute",
    "attribute_group",
    "attribute_with",
    "category_tree",
    "family",
    "family_variant",
    "measurement_family",
    "metric",
    "options_of",
    "reference_entity",
    "select",
]

Labels: TypeAlias = Mapping[str, str]
"""Texts by locale, such as ``{"en_US": "Colour", "de_DE": "Farbe"}``."""

Tree: TypeAlias = "Mapping[str, Tree]"
"""Codes of categories, and below each the same again."""

_NONE: Mapping[str, str] = {}


def _said(labels: Labels) -> dict[LocaleCode, str | None]:
    return {LocaleCode(locale): label for locale, label in labels.items()}


def attribute_group(code: str, *, labels: Labels = _NONE) -> Blueprint:
    """A group of attributes; the ERP's own are in a dedicated one.

    Source: Akeneo's ERP guide, and its documentation of the attribute group resource.

    >>> attribute_group("erp", labels={"de_DE": "Aus dem ERP"}).pieces[0].body
    {'code': 'erp', 'labels': {'de_DE': 'Aus dem ERP'}}
    """
    return Blueprint.of(AttributeGroupPatch(code=AttributeGroupCode(code), labels=_said(labels)))


def attribute(
    code: str,
    kind: str,
    *,
    labels: Labels = _NONE,
    localizable: bool = False,
    scopable: bool = False,
    unique: bool = False,
    **settings: object,
) -> Blueprint:
    """An attribute of a type of `AttributeType`; *settings* are further fields, such as ``max_characters=80``.

    Its group is the one given to `Blueprint.of`, unless *settings* have one.

    >>> from akeneo_erp_bridge.sync import setup
    >>> attribute("ean", AttributeType.TEXT, max_characters=13, group="erp").pieces[0].body["max_characters"]
    13
    """
    flags = {"localizable": localizable, "scopable": scopable, "unique": unique or kind == AttributeType.IDENTIFIER}
    return attribute_with(code, kind, flags | settings, labels)


def attribute_with(code: str, kind: str, settings: Mapping[str, object], labels: Labels = _NONE) -> Blueprint:
    """An attribute whose fields come as a mapping."""
    fields = {"localizable": False, "scopable": False, "unique": False, **_numbers(kind), **settings}
    patch = AttributePatch(code=AttributeCode(code), type=kind, labels=_said(labels), extra=fields)
    # its group may come from the blueprint that it is joined with, so the piece is not checked yet
    return Blueprint((Piece.of(patch),))


def _numbers(kind: str) -> dict[str, object]:
    """What the PIM wants to be told of numbers; amounts of ERPs have decimals."""
    if kind in (AttributeType.NUMBER, AttributeType.METRIC):
        return {"decimals_allowed": True, "negative_allowed": False}
    return {"decimals_allowed": True} if kind == AttributeType.PRICE_COLLECTION else {}


def metric(code: str, family: str, unit: str, *, labels: Labels = _NONE, **settings: object) -> Blueprint:
    """A measurement: *family* and default *unit* by their codes in the PIM, such as "Weight" and "KILOGRAM".

    Unless *settings* say otherwise it takes decimals and nothing below zero. Source: Akeneo's documentation of the attribute
    resource.

    >>> weight = metric("weight", "Weight", "KILOGRAM", group="erp").pieces[0].body
    >>> weight["default_metric_unit"], weight["decimals_allowed"], weight["negative_allowed"]
    ('KILOGRAM', True, False)
    """
    extra = {"metric_family": family, "default_metric_unit": unit, **settings}
    return attribute_with(code, AttributeType.METRIC, extra, labels)


def select(
    code: str,
    options: Mapping[str, Labels] | Sequence[str] = (),
    *,
    many: bool = False,
    labels: Labels = _NONE,
    **settings: object,
) -> Blueprint:
    """A select with its options: codes, or codes with their labels. *many* makes it a multi-select.

    >>> [str(one.ref) for one in select("size", ["s", "m"], group="erp").pieces]
    ["attribute 'size'", "option 's' of 'size'", "option 'm' of 'size'"]
    """
    kind = AttributeType.MULTI_SELECT if many else AttributeType.SIMPLE_SELECT
    return Blueprint(attribute_with(code, kind, settings, labels).pieces + options_of(code, options).pieces)


def options_of(code: str, options: Mapping[str, Labels] | Sequence[str]) -> Blueprint:
    """The options of a select, in their order."""
    named = options if isinstance(options, Mapping) else dict.fromkeys(options, _NONE)
    patches = (
        AttributeOptionPatch(code=OptionCode(one), labels=_said(texts), sort_order=place)
        for place, (one, texts) in enumerate(named.items(), start=1)
    )
    return Blueprint(tuple(Piece.of(one, code) for one in patches))


def family(
    code: str,
    attributes: Sequence[str],
    *,
    label: str | None = None,
    required: Mapping[str, Sequence[str]] | None = None,
    labels: Labels = _NONE,
) -> Blueprint:
    """A family with *attributes*, those *required* for completeness on each channel, and the one shown as its *label*.

    The family may have more: what PIM users added to it stays. Source: Akeneo's documentation of the family resource.

    >>> drills = family("drills", ["sku", "name", "weight"], label="name", required={"ecommerce": ["name"]}).pieces[0].body
    >>> drills["attributes"], drills["attribute_requirements"]
    (['sku', 'name', 'weight'], {'ecommerce': ['name']})
    """
    patch = FamilyPatch(
        code=FamilyCode(code),
        labels=_said(labels),
        attributes=[AttributeCode(one) for one in attributes],
        attribute_as_label=UNSET if label is None else AttributeCode(label),
        attribute_requirements={
            ChannelCode(channel): [AttributeCode(one) for one in codes] for channel, codes in (required or {}).items()
        },
    )
    return Blueprint.of(patch)


def family_variant(
    code: str, family: str, *levels: tuple[Sequence[str], Sequence[str]], labels: Labels = _NONE
) -> Blueprint:
    """A family variant: for each of one or two levels its axes, and the other attributes that vary there.

    >>> by_size = family_variant("clothing_by_colour_size", "clothing", (["colour"], ["picture"]), (["size"], ["ean"]))
    >>> by_size.pieces[0].body["variant_attribute_sets"][1]["axes"]
    ['size']

    Raises `ConfigurationError` for another number of levels, which no PIM takes. Source: Akeneo's documentation of the family
    variant resource.
    """
    if not 1 <= len(levels) <= 2:
        raise ConfigurationError(f"blueprint: family variant '{code}' has {len(levels)} levels; give one or two")
    sets = [
        VariantAttributeSet(
            level=number,
            axes=tuple(AttributeCode(one) for one in axes),
            attributes=tuple(AttributeCode(one) for one in attributes),
        )
        for number, (axes, attributes) in enumerate(levels, start=1)
    ]
    patch = FamilyVariantPatch(code=FamilyVariantCode(code), labels=_said(labels), variant_attribute_sets=sets)
    return Blueprint.of(Piece.of(patch, family))


def category_tree(code: str, below: Tree, *, labels: Mapping[str, Labels] | None = None) -> Blueprint:
    """A tree of categories of its own, as Akeneo advises for ERPs, so that the connection's rights stay narrow.

    *labels* are those of each category by its code. Source: Akeneo's documentation of permissions.

    >>> tree = category_tree("erp", {"tools": {"drills": {}, "saws": {}}})
    >>> [(one.body["code"], one.body["parent"]) for one in tree.pieces]
    [('erp', None), ('tools', 'erp'), ('drills', 'tools'), ('saws', 'tools')]
    """
    texts = labels or {}

    def branch(one: str, parent: str | None, tree: Tree) -> Iterator[Patch]:
        above = None if parent is None else CategoryCode(parent)
        yield CategoryPatch(code=CategoryCode(one), parent=above, labels=_said(texts.get(one, _NONE)))
        for child, rest in tree.items():
            yield from branch(child, one, rest)

    return Blueprint.of(*branch(code, None, below))


def association_type(
    code: str, *, labels: Labels = _NONE, is_quantified: bool = False, is_two_way: bool = False
) -> Blueprint:
    """A kind of link between products: with quantities, or one that goes both ways.

    Source: Akeneo's documentation of the association type resource.

    >>> kit = association_type("KIT", labels={"en_US": "Parts of the kit"}, is_quantified=True)
    >>> str(kit.pieces[0].ref), kit.pieces[0].body["is_quantified"]
    ("association type 'KIT'", True)
    """
    patch = AssociationTypePatch(
        code=AssociationTypeCode(code), labels=_said(labels), is_quantified=is_quantified, is_two_way=is_two_way
    )
    return Blueprint.of(patch)


def measurement_family(code: str, standard: str, units: Mapping[str, Decimal], *, labels: Labels = _NONE) -> Blueprint:
    """A measurement family: *units* by their codes, with the factor that leads from each to the *standard* unit.

    The PIM has families for all common quantities already; this is for a merchant's own, such as boxes of twelve.
    Source: Akeneo's documentation of the measurement family resource.

    >>> packs = measurement_family("Pack", "PIECE", {"PIECE": Decimal(1), "BOX": Decimal(12)})
    >>> packs.pieces[0].body["units"]["BOX"]["convert_from_standard"]
    [{'operator': 'mul', 'value': '12'}]
    """
    made = {
        UnitCode(unit): Unit(
            code=UnitCode(unit), symbol=unit, convert_from_standard=(Operation(operator="mul", value=factor),)
        )
        for unit, factor in units.items()
    }
    patch = MeasurementFamilyPatch(
        code=MeasurementFamilyCode(code), standard_unit_code=UnitCode(standard), units=made, labels=_said(labels)
    )
    return Blueprint.of(patch)


def reference_entity(
    code: str,
    records: Mapping[str, Labels] | None = None,
    *,
    attributes: Sequence[EntityAttributePatch] = (),
    labels: Labels = _NONE,
) -> Blueprint:
    """A reference entity with *attributes* beside label and image, and with *records*: codes and their labels.

    Records with more values: ``Piece.of(RecordPatch(...), "brands")``. Enterprise Edition.
    Source: Akeneo's documentation of the reference entity resource.

    >>> [str(one.ref) for one in reference_entity("brands", {"acme": {"en_US": "ACME"}}).pieces]
    ["reference entity 'brands'", "record 'acme' of 'brands'"]
    """
    pieces = [
        Piece.of(ReferenceEntityPatch(code=ReferenceEntityCode(code), labels=_said(labels))),
        *(Piece.of(one, code) for one in attributes),
        *(
            Piece.of(RecordPatch(code=RecordCode(one), values=_label_values(texts)), code)
            for one, texts in (records or {}).items()
        ),
    ]
    return Blueprint.of(*pieces)


def _label_values(texts: Labels) -> dict[AttributeCode, list[EntityValue]]:
    values = [EntityValue(data=text, locale=LocaleCode(locale)) for locale, text in texts.items()]
    return {AttributeCode("label"): values} if values else {}


def asset_family(code: str, *, attributes: Sequence[EntityAttributePatch] = (), labels: Labels = _NONE) -> Blueprint:
    """An asset family with *attributes* beside label and media. Its assets: ``Piece.of(AssetPatch(...), "packshots")``.

    Enterprise Edition. Source: Akeneo's documentation of the asset family resource.

    >>> from akeneo_erp_bridge.catalog import AssetPatch
    >>> from akeneo_erp_bridge.codes import AssetCode
    >>> front = Piece.of(AssetPatch(code=AssetCode("dr_18_front")), "packshots")
    >>> [str(one.ref) for one in Blueprint.of(asset_family("packshots"), front).pieces]
    ["asset family 'packshots'", "asset 'dr_18_front' of 'packshots'"]
    """
    pieces = (Piece.of(one, code, kind="asset attribute") for one in attributes)
    return Blueprint.of(AssetFamilyPatch(code=AssetFamilyCode(code), labels=_said(labels)), *pieces)

"""Each kind, and the client's method that writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from akeneo_erp_bridge.akeneo import AkeneoClient, EditableResource, UpsertResult
from akeneo_erp_bridge.catalog import (
    AssetFamilyPatch,
    AssetPatch,
    AssociationTypePatch,
    AttributeGroupPatch,
    AttributeOptionPatch,
    AttributePatch,
    CategoryPatch,
    Entity,
    EntityAttributePatch,
    EntityOptionPatch,
    FamilyPatch,
    FamilyVariantPatch,
    JsonObject,
    MeasurementFamilyPatch,
    Patch,
    RecordPatch,
    ReferenceEntityPatch,
)
from akeneo_erp_bridge.codes import (
    AssetCode,
    AssetFamilyCode,
    AssociationTypeCode,
    AttributeCode,
    AttributeGroupCode,
    CategoryCode,
    FamilyCode,
    FamilyVariantCode,
    MeasurementFamilyCode,
    OptionCode,
    RecordCode,
    ReferenceEntityCode,
)
from akeneo_erp_bridge.errors import PimBroken, PimRefused, PimUnreachable, SignInRefused, Violation
from akeneo_erp_bridge.sync.setup._kinds import Kind

__all__ = ["write_things"]

E = TypeVar("E", bound=Entity)
P = TypeVar("P", bound=Patch)

Body: TypeAlias = "tuple[str, JsonObject]"
"""A code, and the fields to send beside it."""

Results: TypeAlias = "Iterable[UpsertResult[object]]"


def write_things(
    pim: AkeneoClient, kind: Kind, within: tuple[str, ...], bodies: Sequence[Body]
) -> Iterator[UpsertResult[object]]:
    """Write things of one place; one result for each, in their order. Raises `SignInRefused`."""
    yield from _WRITERS[kind](pim, within, bodies)


def _one_by_one(resource: EditableResource[E, P], patches: Iterable[P]) -> Results:
    """Kinds that the PIM takes one at a time; a refused one is a result, as in a batch."""
    for patch in patches:
        try:
            yield resource.upsert(patch)
        except SignInRefused:
            raise
        except PimRefused as error:
            yield UpsertResult(patch, error.status, None, error.violations or (Violation(message=str(error)),))
        except (PimUnreachable, PimBroken) as error:
            yield UpsertResult(patch, 0, None, (Violation(message=str(error)),), error)


def _options_of_entities(pim: AkeneoClient, at: tuple[str, ...], bodies: Sequence[Body]) -> Results:
    patches = (EntityOptionPatch(code=OptionCode(code), extra=rest) for code, rest in bodies)
    return _one_by_one(pim.reference_entities.attribute_options(at[0], at[1]), patches)


def _options_of_assets(pim: AkeneoClient, at: tuple[str, ...], bodies: Sequence[Body]) -> Results:
    patches = (EntityOptionPatch(code=OptionCode(code), extra=rest) for code, rest in bodies)
    return _one_by_one(pim.asset_families.attribute_options(at[0], at[1]), patches)


def _entity_attributes(bodies: Sequence[Body]) -> Iterator[EntityAttributePatch]:
    return (EntityAttributePatch(code=AttributeCode(code), extra=rest) for code, rest in bodies)


_Writer: TypeAlias = "Callable[[AkeneoClient, tuple[str, ...], Sequence[Body]], Results]"
_WRITERS: Final[Mapping[Kind, _Writer]] = {
    "measurement family": lambda pim, _, bodies: pim.measurement_families.upsert_many(
        MeasurementFamilyPatch(code=MeasurementFamilyCode(code), extra=rest) for code, rest in bodies
    ),
    "category": lambda pim, _, bodies: pim.categories.upsert_many(
        CategoryPatch(code=CategoryCode(code), extra=rest) for code, rest in bodies
    ),
    "attribute group": lambda pim, _, bodies: pim.attribute_groups.upsert_many(
        AttributeGroupPatch(code=AttributeGroupCode(code), extra=rest) for code, rest in bodies
    ),
    "association type": lambda pim, _, bodies: pim.association_types.upsert_many(
        AssociationTypePatch(code=AssociationTypeCode(code), extra=rest) for code, rest in bodies
    ),
    "reference entity": lambda pim, _, bodies: _one_by_one(
        pim.reference_entities,
        (ReferenceEntityPatch(code=ReferenceEntityCode(code), extra=rest) for code, rest in bodies),
    ),
    "reference entity attribute": lambda pim, at, bodies: _one_by_one(
        pim.reference_entities.attributes(at[0]), _entity_attributes(bodies)
    ),
    "reference entity option": _options_of_entities,
    "record": lambda pim, at, bodies: pim.reference_entities.records(at[0]).upsert_many(
        RecordPatch(code=RecordCode(code), extra=rest) for code, rest in bodies
    ),
    "asset family": lambda pim, _, bodies: _one_by_one(
        pim.asset_families, (AssetFamilyPatch(code=AssetFamilyCode(code), extra=rest) for code, rest in bodies)
    ),
    "asset attribute": lambda pim, at, bodies: _one_by_one(
        pim.asset_families.attributes(at[0]), _entity_attributes(bodies)
    ),
    "asset option": _options_of_assets,
    "asset": lambda pim, at, bodies: pim.asset_families.assets(at[0]).upsert_many(
        AssetPatch(code=AssetCode(code), extra=rest) for code, rest in bodies
    ),
    "attribute": lambda pim, _, bodies: pim.attributes.upsert_many(
        AttributePatch(code=AttributeCode(code), extra=rest) for code, rest in bodies
    ),
    "option": lambda pim, at, bodies: pim.attribute_options(at[0]).upsert_many(
        AttributeOptionPatch(code=OptionCode(code), extra=rest) for code, rest in bodies
    ),
    "family": lambda pim, _, bodies: pim.families.upsert_many(
        FamilyPatch(code=FamilyCode(code), extra=rest) for code, rest in bodies
    ),
    "family variant": lambda pim, at, bodies: pim.family_variants(at[0]).upsert_many(
        FamilyVariantPatch(code=FamilyVariantCode(code), extra=rest) for code, rest in bodies
    ),
}

"""`PimStructure`: what products may look like in one PIM, frozen at one moment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from attrs import field, frozen

from akeneo_erp_bridge.catalog._attributes import Attribute
from akeneo_erp_bridge.catalog._data import codes
from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.catalog._families import Family, FamilyVariant
from akeneo_erp_bridge.catalog._json import JsonObject, JsonValue, as_object, as_text
from akeneo_erp_bridge.catalog._measurements import MeasurementFamily
from akeneo_erp_bridge.catalog._reading import decode
from akeneo_erp_bridge.catalog._settings import Channel
from akeneo_erp_bridge.catalog._stored_file import OtherFile, stored_object, text_of
from akeneo_erp_bridge.catalog._types import AttributeType
from akeneo_erp_bridge.catalog._writing import encode, plain
from akeneo_erp_bridge.codes import (
    AttributeCode,
    CategoryCode,
    ChannelCode,
    CurrencyCode,
    FamilyCode,
    FamilyVariantCode,
    LocaleCode,
    MeasurementFamilyCode,
    OptionCode,
)
from akeneo_erp_bridge.errors import ConfigurationError

__all__ = ["PimStructure"]

E = TypeVar("E", bound=Entity)
K = TypeVar("K", bound=str)
_FORMAT: Final = 1


@frozen(kw_only=True)
class PimStructure:
    """Families, attributes, channels and units of one PIM; can be stored, compared and shared.

    `locales` and `currencies` are the active ones. `categories` maps each code to its parent, or is `None`
    when nobody asked for them. `options` holds the codes of the selects somebody asked for, no others; of an attribute
    that holds records of a reference entity, the codes of the records.

    >>> name = AttributeCode("name")
    >>> structure = PimStructure(attributes={name: Attribute(code=name, type=AttributeType.TEXT)})
    >>> structure.attribute_types
    {'name': 'pim_catalog_text'}
    >>> PimStructure.from_json(structure.to_json()) == structure
    True
    """

    attributes: Mapping[AttributeCode, Attribute]
    families: Mapping[FamilyCode, Family] = field(factory=dict[FamilyCode, Family])
    family_variants: Mapping[FamilyCode, Mapping[FamilyVariantCode, FamilyVariant]] = field(
        factory=dict[FamilyCode, Mapping[FamilyVariantCode, FamilyVariant]]
    )
    channels: Mapping[ChannelCode, Channel] = field(factory=dict[ChannelCode, Channel])
    locales: frozenset[LocaleCode] = frozenset()
    currencies: frozenset[CurrencyCode] = frozenset()
    measurement_families: Mapping[MeasurementFamilyCode, MeasurementFamily] = field(
        factory=dict[MeasurementFamilyCode, MeasurementFamily]
    )
    categories: Mapping[CategoryCode, CategoryCode | None] | None = None
    options: Mapping[AttributeCode, frozenset[OptionCode]] = field(factory=dict[AttributeCode, frozenset[OptionCode]])

    @property
    def identifier_attribute(self) -> AttributeCode:
        """The attribute that holds the main identifier, the SKU.

        Raises `ValueError` when no attribute, or more than one and none marked as main, is an identifier.
        """
        identifiers = [each for each in self.attributes.values() if each.type == AttributeType.IDENTIFIER]
        main = [each for each in identifiers if each.is_main_identifier] or identifiers
        if len(main) != 1:
            codes = ", ".join(sorted(each.code for each in main)) or "none"
            raise ValueError(f"cannot tell the main identifier attribute; candidates: {codes}")
        return main[0].code

    @property
    def attribute_types(self) -> Mapping[AttributeCode, str]:
        """The type of every attribute, as `ValueSet.with_types` takes it."""
        return {code: attribute.type for code, attribute in self.attributes.items()}

    @property
    def hash(self) -> str:
        """A SHA-256 in hex: equal for equal structures, whatever the order the PIM listed them in."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Write the structure as a JSON text with sorted keys, for storing; `from_json` reads it."""
        body: dict[str, JsonValue] = {
            "format": _FORMAT,
            "attributes": _all(self.attributes),
            "families": _all(self.families),
            "family_variants": {family: _all(variants) for family, variants in self.family_variants.items()},
            "channels": _all(self.channels),
            "locales": sorted(self.locales),
            "currencies": sorted(self.currencies),
            "measurement_families": _all(self.measurement_families),
            "categories": plain(self.categories),
            "options": {attribute: sorted(found) for attribute, found in self.options.items()},
        }
        return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def save(self, path: str | Path) -> None:
        """Write the structure to a file, a line for each setting, so that a version control system shows what changed."""
        text = json.dumps(json.loads(self.to_json()), indent=1, sort_keys=True, ensure_ascii=False)
        Path(path).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> PimStructure:
        """Read a file that `save` or `to_json` wrote.

        Raises `ConfigurationError` with the path where there is none, or where it holds something else.
        """
        name = f"structure file {str(path)!r}"
        try:
            return cls._read(text_of(path, name, ", or pull it from the PIM again"))
        except OtherFile as error:
            raise ConfigurationError(
                f"{name}: it is no structure file; name one that `structure pull` or `save` wrote, or pull it from the "
                "PIM again"
            ) from error
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"{name}: {error}; pull it from the PIM again") from error

    @classmethod
    def from_json(cls, text: str) -> PimStructure:
        """Read what `to_json` wrote; raises `ConfigurationError` naming what does not fit."""
        try:
            return cls._read(text)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError(f"this is no structure: {error}; pull it from the PIM again") from error

    @classmethod
    def _read(cls, text: str) -> PimStructure:
        body = stored_object(text, ("format", "attributes", "families"))
        if body.get("format") != _FORMAT:
            raise ValueError(f"structure: format {body.get('format')!r} is not {_FORMAT}")
        variants = _section(body, "family_variants")
        categories = body.get("categories")
        return cls(
            attributes=_read(body, "attributes", AttributeCode, Attribute),
            families=_read(body, "families", FamilyCode, Family),
            family_variants={
                FamilyCode(family): _read(variants, family, FamilyVariantCode, FamilyVariant) for family in variants
            },
            channels=_read(body, "channels", ChannelCode, Channel),
            locales=frozenset(LocaleCode(code) for code in codes(body.get("locales"), "locales")),
            currencies=frozenset(CurrencyCode(code) for code in codes(body.get("currencies"), "currencies")),
            measurement_families=_read(body, "measurement_families", MeasurementFamilyCode, MeasurementFamily),
            categories=None if categories is None else _parents(as_object(categories, "categories")),
            options={
                AttributeCode(attribute): frozenset(OptionCode(code) for code in codes(found, attribute))
                for attribute, found in _section(body, "options").items()
            },
        )


def _all(entities: Mapping[K, Entity]) -> dict[str, JsonValue]:
    return {code: encode(entity, whole=True) for code, entity in entities.items()}


def _section(body: JsonObject, name: str) -> JsonObject:
    return as_object(body.get(name), f"structure.{name}")


def _read(body: JsonObject, name: str, key: Callable[[str], K], kind: type[E]) -> dict[K, E]:
    return {key(code): decode(kind, raw) for code, raw in _section(body, name).items()}


def _parents(raw: JsonObject) -> dict[CategoryCode, CategoryCode | None]:
    return {
        CategoryCode(code): None if parent is None else CategoryCode(as_text(parent, f"categories.{code}"))
        for code, parent in raw.items()
    }

"""Reference entities: the things products refer to, such as brands, with attributes and values of their own."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.catalog._entity import ALWAYS_SENT, Entity
from akeneo_erp_bridge.catalog._json import describe
from akeneo_erp_bridge.catalog._patches import Labels, Patch
from akeneo_erp_bridge.codes import (
    AttributeCode,
    ChannelCode,
    LocaleCode,
    MediaFileCode,
    OptionCode,
    RecordCode,
    ReferenceEntityCode,
)

__all__ = [
    "EntityAttribute",
    "EntityAttributePatch",
    "EntityOption",
    "EntityOptionPatch",
    "EntityValue",
    "Record",
    "RecordPatch",
    "ReferenceEntity",
    "ReferenceEntityPatch",
    "ValuedEntity",
]


@frozen(kw_only=True)
class ReferenceEntity(Entity):
    """A kind of thing, such as brands. Source: Akeneo's documentation of the reference entity resource.

    >>> ReferenceEntity(code=ReferenceEntityCode("brands"), labels={LocaleCode("de_DE"): "Marken"}).labels
    {'de_DE': 'Marken'}
    """

    code: ReferenceEntityCode
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    image: MediaFileCode | None = None


@frozen(kw_only=True)
class EntityAttribute(Entity):
    """An attribute of the records of a reference entity, or of the assets of an asset family.

    What only some types have (`max_characters`, `allowed_extensions`, `media_type`, ...) is in `extra`.
    Source: Akeneo's documentation of reference entity attributes, and of asset attributes.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> motto = decode(EntityAttribute, {"code": "motto", "type": "text", "max_characters": 50})
    >>> motto.type, motto.extra
    ('text', {'max_characters': 50})
    """

    code: AttributeCode
    type: str
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    value_per_locale: bool = False
    value_per_channel: bool = False
    is_required_for_completeness: bool = False
    is_read_only: bool = False


@frozen(kw_only=True)
class EntityOption(Entity):
    """An option of such an attribute.

    Source: Akeneo's documentation of reference entity attribute options, and of asset attribute options.

    >>> EntityOption(code=OptionCode("de"), labels={LocaleCode("en_US"): "Germany"}).labels["en_US"]
    'Germany'
    """

    code: OptionCode
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])


@frozen(kw_only=True)
class EntityValue(Entity):
    """One value of a record or an asset: its data as JSON, and where it applies; `data=None` erases it.

    Source: Akeneo's documentation of reference entity record values, and of asset values.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(EntityValue(data="Piano, forte.", locale=LocaleCode("en_US")))
    {'data': 'Piano, forte.', 'locale': 'en_US', 'channel': None}
    """

    # the PIM refuses a value that lacks one of the three
    data: object = field(default=None, metadata=ALWAYS_SENT)
    locale: LocaleCode | None = field(default=None, metadata=ALWAYS_SENT)
    channel: ChannelCode | None = field(default=None, metadata=ALWAYS_SENT)


@frozen(kw_only=True)
class ValuedEntity(Entity):
    """What records and assets have in common: values by attribute.

    >>> country = {AttributeCode("country"): (EntityValue(data="it"),)}
    >>> ValuedEntity(values=country).text("country")
    'it'
    """

    values: Mapping[AttributeCode, tuple[EntityValue, ...]] = field(
        factory=dict[AttributeCode, tuple[EntityValue, ...]]
    )
    created: datetime.datetime | None = None
    updated: datetime.datetime | None = None

    def text(self, attribute: str, *, locale: str | None = None, channel: str | None = None) -> str | None:
        """Return a value that is a text or a code; `None` where there is none. Raises `ValueError` for another."""
        for one in self.values.get(AttributeCode(attribute), ()):
            if (one.locale, one.channel) == (locale, channel) and one.data is not None:
                if not isinstance(one.data, str):
                    raise ValueError(f"values.{attribute}: expected a text, got {describe(one.data)}")
                return one.data
        return None


@frozen(kw_only=True)
class Record(ValuedEntity):
    """One thing of a reference entity, such as a brand. Source: Akeneo's documentation of the record resource.

    >>> kartell = Record(
    ...     code=RecordCode("kartell"),
    ...     values={AttributeCode("label"): (EntityValue(data="Kartell", locale=LocaleCode("en_US")),)},
    ... )
    >>> kartell.text("label", locale="en_US")
    'Kartell'
    """

    code: RecordCode


@frozen(kw_only=True)
class ReferenceEntityPatch(Patch):
    """Changes to one reference entity.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(ReferenceEntityPatch(code=ReferenceEntityCode("brands"), image=None))
    {'code': 'brands', 'image': None}
    """

    code: ReferenceEntityCode
    labels: Labels | UnsetType = UNSET
    image: MediaFileCode | UnsetType | None = UNSET


@frozen(kw_only=True)
class EntityAttributePatch(Patch):
    """Changes to one attribute of an entity or asset family; `type` is needed at creation, the rarer rest goes into `extra`.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(EntityAttributePatch(code=AttributeCode("motto"), type="text", extra={"max_characters": 50}))
    {'code': 'motto', 'type': 'text', 'max_characters': 50}
    """

    code: AttributeCode
    type: str | UnsetType = UNSET
    labels: Labels | UnsetType = UNSET
    value_per_locale: bool | UnsetType = UNSET
    value_per_channel: bool | UnsetType = UNSET
    is_required_for_completeness: bool | UnsetType = UNSET


@frozen(kw_only=True)
class EntityOptionPatch(Patch):
    """Changes to one option of such an attribute.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(EntityOptionPatch(code=OptionCode("de"), labels={LocaleCode("en_US"): "Germany"}))
    {'code': 'de', 'labels': {'en_US': 'Germany'}}
    """

    code: OptionCode
    labels: Labels | UnsetType = UNSET


@frozen(kw_only=True)
class RecordPatch(Patch):
    """Changes to one record; each value that is named is replaced, the others stay.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> patch = RecordPatch(code=RecordCode("forte"), values={AttributeCode("country"): [EntityValue(data="it")]})
    >>> encode(patch)["values"]
    {'country': [{'data': 'it', 'locale': None, 'channel': None}]}
    """

    code: RecordCode
    values: Mapping[AttributeCode, Sequence[EntityValue]] | UnsetType = UNSET

"""`RecordMapping` and `AssetMapping`: what products refer to, made before them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import ClassVar, Final, TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import Attribute, AttributeType, EntityAttribute, PimStructure
from akeneo_erp_bridge.codes import AttributeCode, OptionCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping._checks._cell_checks import RECORD_FIELDS
from akeneo_erp_bridge.mapping._mapping import ItemMapping
from akeneo_erp_bridge.rules import Binding

ItemT = TypeVar("ItemT", bound=ErpItem)

_TYPES: Final[Mapping[str, str]] = {
    "text": AttributeType.TEXT,
    "text_area": AttributeType.TEXTAREA,
    "media_link": AttributeType.TEXT,
    "image": AttributeType.IMAGE,
    "media_file": AttributeType.IMAGE,
    "number": AttributeType.NUMBER,
    "boolean": AttributeType.BOOLEAN,
    "yes_no": AttributeType.BOOLEAN,
    "date": AttributeType.DATE,
    "single_option": AttributeType.SIMPLE_SELECT,
    "multiple_options": AttributeType.MULTI_SELECT,
    "reference_entity_single_link": AttributeType.REFERENCE_ENTITY,
    "reference_entity_multiple_links": AttributeType.REFERENCE_ENTITY_COLLECTION,
    "asset_collection": AttributeType.ASSET_COLLECTION,
}
"""Types of attributes of records and assets, and the types of product attributes that hold the same."""


class EntityMapping(ItemMapping[ItemT]):
    """The part that mappings to records and to assets share; `owner` is the reference entity or the asset family."""

    fields: ClassVar[frozenset[str]] = RECORD_FIELDS
    word: ClassVar[str] = "things"

    def __init__(self, owner: str, source: type[ItemT], *bindings: Binding[ItemT], group: str | None = None) -> None:
        if not owner.strip():
            raise MappingError(f"{type(self).__name__}: name the entity or family first, e.g. 'brands'")
        self.owner = owner
        super().__init__(source, *bindings, group=group)

    def _before(self) -> tuple[object, ...]:
        return (self.owner,)

    @property
    def stream(self) -> str:
        """The name of its memory in the state: each entity and family has one of its own."""
        return f"{self.word} of {self.owner}"


class RecordMapping(EntityMapping[ItemT]):
    """From ERP items to the records of one reference entity: bind `CODE`, and cells of the entity's attributes.

    Run it before the products that name the records: to them a record is a code like an option.
    Source: Akeneo's documentation of reference entities. Enterprise Edition.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.mapping import CODE
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Brand(ErpItem):
    ...     code = cold(str, "code", key=True)
    ...     name = cold(str, "name")
    >>> LABEL: Cell[str] = Cell("label", locale="en_US")
    >>> RecordMapping("brands", Brand, Brand.code.to(CODE), Brand.name.to(LABEL)).stream
    'records of brands'
    """

    resource = "reference_entity_record"
    word = "records"


class AssetMapping(EntityMapping[ItemT]):
    """From ERP items to the assets of one family: bind `CODE`, and cells of the family's attributes.

    A file of an asset is a cell of its media attribute. The code of an asset family is case-sensitive.
    Source: Akeneo's documentation of the asset manager. Enterprise Edition.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.mapping import CODE, MediaSource, file_in, slug
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Photo(ErpItem):
    ...     name = cold(str, "name", key=True)
    >>> FILE: Cell[MediaSource] = Cell("media")
    >>> photos = AssetMapping("packshots", Photo, (Photo.name >> slug()).to(CODE), (Photo.name >> file_in("p")).to(FILE))
    >>> photos.stream
    'assets of packshots'
    """

    resource = "asset"
    word = "assets"


def entity_structure(
    around: PimStructure,
    attributes: Iterable[EntityAttribute],
    options: Mapping[AttributeCode, frozenset[OptionCode]],
) -> PimStructure:
    """The attributes of an entity or family as a structure of their own; locales and channels are those *around*.

    A run makes one to check a `RecordMapping` or `AssetMapping`; in CI it is made by hand.

    >>> from akeneo_erp_bridge.catalog import EntityAttribute
    >>> label = EntityAttribute(code=AttributeCode("label"), type="text")
    >>> list(entity_structure(PimStructure(attributes={}), [label], {}).attributes)
    ['label']
    """
    return PimStructure(
        attributes={one.code: _as_product_attribute(one) for one in attributes},
        channels=around.channels,
        locales=around.locales,
        options=options,
    )


def _as_product_attribute(one: EntityAttribute) -> Attribute:
    extensions, size = one.extra.get("allowed_extensions"), one.extra.get("max_file_size")
    kind = one.type
    attribute = Attribute(
        code=one.code,
        type=_TYPES.get(kind, kind),
        localizable=one.value_per_locale,
        scopable=one.value_per_channel,
        # numbers of records travel as texts, whole ones too
        decimals_allowed=True if kind == "number" else None,
        max_file_size=Decimal(str(size)) if isinstance(size, str | int | float | Decimal) else None,
    )
    if isinstance(extensions, list | tuple):
        names = tuple(str(each) for each in extensions)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  # str() takes whatever the PIM sent
        return evolve(attribute, allowed_extensions=names)
    return attribute

"""The asset manager: families of assets, the assets, and the files of all kinds that the PIM keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.catalog._patches import Labels, Patch
from akeneo_erp_bridge.catalog._reference_entities import EntityValue, ValuedEntity
from akeneo_erp_bridge.codes import AssetCode, AssetFamilyCode, AttributeCode, LocaleCode, MediaFileCode

__all__ = ["Asset", "AssetFamily", "AssetFamilyPatch", "AssetPatch", "MediaFile"]


@frozen(kw_only=True)
class AssetFamily(Entity):
    """A kind of asset, such as packshots. Source: Akeneo's documentation of the asset family resource.

    `naming_convention`, `product_link_rules` and `transformations` are JSON as the PIM keeps it.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> packshots = decode(AssetFamily, {"code": "packshots", "attribute_as_main_media": "media"})
    >>> packshots.attribute_as_main_media, packshots.transformations
    ('media', ())
    """

    code: AssetFamilyCode
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])
    attribute_as_main_media: AttributeCode | None = None
    naming_convention: Mapping[str, object] = field(factory=dict[str, object])
    product_link_rules: tuple[Mapping[str, object], ...] = ()
    transformations: tuple[Mapping[str, object], ...] = ()


@frozen(kw_only=True)
class Asset(ValuedEntity):
    """One asset with its values. Source: Akeneo's documentation of the asset resource.

    >>> front = Asset(code=AssetCode("hm_500_front"), values={AttributeCode("view"): (EntityValue(data="front"),)})
    >>> front.text("view")
    'front'
    """

    code: AssetCode


@frozen(kw_only=True)
class AssetFamilyPatch(Patch):
    """Changes to one asset family.

    Source: Akeneo's documentation of the asset family resource.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(AssetFamilyPatch(code=AssetFamilyCode("packshots"), labels={LocaleCode("de_DE"): "Freisteller"}))
    {'code': 'packshots', 'labels': {'de_DE': 'Freisteller'}}
    """

    code: AssetFamilyCode
    labels: Labels | UnsetType = UNSET
    attribute_as_main_media: AttributeCode | UnsetType = UNSET
    naming_convention: Mapping[str, object] | UnsetType = UNSET
    product_link_rules: Sequence[Mapping[str, object]] | UnsetType = UNSET
    transformations: Sequence[Mapping[str, object]] | UnsetType = UNSET


@frozen(kw_only=True)
class AssetPatch(Patch):
    """Changes to one asset; each value that is named is replaced, the others stay.

    Source: Akeneo's documentation of the asset resource.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> view = {AttributeCode("view"): [EntityValue(data="front")]}
    >>> encode(AssetPatch(code=AssetCode("hm_500_front"), values=view))["values"]
    {'view': [{'data': 'front', 'locale': None, 'channel': None}]}
    """

    code: AssetCode
    values: Mapping[AttributeCode, Sequence[EntityValue]] | UnsetType = UNSET


@frozen(kw_only=True)
class MediaFile(Entity):
    """What the PIM knows of a file of a product or model; `size` in bytes. Its content is downloaded by `code`.

    Source: Akeneo's documentation of the media file resource.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> file = decode(MediaFile, {"code": "7/5/8/e/758e_hammer.png", "original_filename": "hammer.png", "size": 20480})
    >>> file.original_filename, file.size
    ('hammer.png', 20480)
    """

    code: MediaFileCode
    original_filename: str | None = None
    mime_type: str | None = None
    size: int | None = None
    extension: str | None = None

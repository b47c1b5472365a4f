"""What Akeneo has given up, and old PIMs still have: the asset manager before 4.0, and measure families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from akeneo_erp_bridge._unset import UNSET, UnsetType
from akeneo_erp_bridge.catalog._entity import Entity
from akeneo_erp_bridge.catalog._patches import Labels, Patch
from akeneo_erp_bridge.codes import AssetCode, CategoryCode, ChannelCode, LocaleCode, MeasurementFamilyCode, UnitCode

__all__ = [
    "PamAsset",
    "PamAssetCategory",
    "PamAssetCategoryPatch",
    "PamAssetPatch",
    "PamAssetTag",
    "PamAssetTagPatch",
    "PamFile",
    "PamMeasureFamily",
]


@frozen(kw_only=True)
class PamFile(Entity):
    """A reference file or variation of an old asset.

    Source: Akeneo's documentation of the product asset manager.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> decode(PamFile, {"code": "a/b/drill.jpg", "locale": None}).code
    'a/b/drill.jpg'
    """

    code: str | None = None
    locale: LocaleCode | None = None
    scope: ChannelCode | None = None


@frozen(kw_only=True)
class PamAsset(Entity):
    """An asset of the product asset manager of 2.1 to 3.x.

    Source: Akeneo's documentation of the product asset manager.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> manual = decode(PamAsset, {"code": "manual", "tags": ["drills"], "reference_files": [{"code": "a/b/manual.pdf"}]})
    >>> manual.reference_files[0].code
    'a/b/manual.pdf'
    """

    code: AssetCode
    categories: tuple[CategoryCode, ...] = ()
    description: str | None = None
    localizable: bool = False
    tags: tuple[str, ...] = ()
    end_of_use: str | None = None
    variation_files: tuple[PamFile, ...] = ()
    reference_files: tuple[PamFile, ...] = ()


@frozen(kw_only=True)
class PamAssetPatch(Patch):
    """Changes to one old asset.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(PamAssetPatch(code=AssetCode("manual"), tags=["drills"], end_of_use=None))
    {'code': 'manual', 'tags': ['drills'], 'end_of_use': None}
    """

    code: AssetCode
    categories: Sequence[CategoryCode] | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    localizable: bool | UnsetType = UNSET
    tags: Sequence[str] | UnsetType = UNSET
    end_of_use: str | UnsetType | None = UNSET


@frozen(kw_only=True)
class PamAssetCategory(Entity):
    """A category of old assets.

    Source: Akeneo's documentation of the product asset manager.

    >>> PamAssetCategory(code=CategoryCode("manuals"), parent=CategoryCode("files")).parent
    'files'
    """

    code: CategoryCode
    parent: CategoryCode | None = None
    labels: Mapping[LocaleCode, str | None] = field(factory=dict[LocaleCode, str | None])


@frozen(kw_only=True)
class PamAssetCategoryPatch(Patch):
    """Changes to one category of old assets.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(PamAssetCategoryPatch(code=CategoryCode("manuals"), parent=None))
    {'code': 'manuals', 'parent': None}
    """

    code: CategoryCode
    parent: CategoryCode | UnsetType | None = UNSET
    labels: Labels | UnsetType = UNSET


@frozen(kw_only=True)
class PamAssetTag(Entity):
    """A tag of old assets.

    Source: Akeneo's documentation of the product asset manager.

    >>> PamAssetTag(code="drills").code
    'drills'
    """

    code: str


@frozen(kw_only=True)
class PamAssetTagPatch(Patch):
    """A tag to be.

    >>> from akeneo_erp_bridge.catalog import encode
    >>> encode(PamAssetTagPatch(code="drills"))
    {'code': 'drills'}
    """

    code: str


@frozen(kw_only=True)
class PamMeasureFamily(Entity):
    """A measurement family as PIMs before 5.0 tell it; `units` hold `code`, `convert` and `symbol`.

    Source: Akeneo's documentation of the measure family resource.

    >>> from akeneo_erp_bridge.catalog import decode
    >>> gram = {"code": "GRAM", "convert": {"mul": "0.001"}, "symbol": "g"}
    >>> decode(PamMeasureFamily, {"code": "Weight", "standard": "KILOGRAM", "units": [gram]}).standard
    'KILOGRAM'
    """

    code: MeasurementFamilyCode
    standard: UnitCode | None = None
    units: tuple[Mapping[str, object], ...] = ()

"""Every documented operation of the PIM's API, and the method that carries it out."""

from __future__ import annotations

import re
from typing import Final, Literal

from attrs import frozen

__all__ = ["Operation", "operations"]

Edition = Literal["all", "enterprise"]


@frozen
class Operation:
    """One operation: its HTTP verb, its path, and the client's method, such as ``products.upsert_many``.

    `since` is the first version that has it; `7.0+` includes the cloud, `SaaS` is the cloud alone, `2.1-3.x` is gone
    from newer ones. `is_experimental`: seen in one client alone, and nowhere described by Akeneo.
    Source: Akeneo's API reference.
    """

    verb: str
    path: str
    method: str
    since: str
    edition: Edition = "all"
    is_deprecated: bool = False
    is_experimental: bool = False

    def is_at(self, path: str) -> bool:
        """Whether a request to this path is the operation.

        >>> operations()[4].path, operations()[4].is_at("/api/rest/v1/products-uuid/7e0c")
        ('/api/rest/v1/products-uuid/{uuid}', True)
        """
        # the codes of media files are paths themselves
        part = r".+(?<!/download)" if "media-files/" in self.path else "[^/]+"
        pattern = re.sub(r"\\{[^}]*\\}", lambda _: part, re.escape(self.path))
        return re.fullmatch(pattern, path) is not None


def operations() -> tuple[Operation, ...]:
    """All operations, in the order of Akeneo's API reference.

    >>> [one.method for one in operations() if one.path == "/api/rest/v1/products-uuid/{uuid}"]
    ['products.get', 'products.upsert', 'products.delete']
    """
    return _OPERATIONS


def _read(line: str) -> Operation:
    verb, path, method, since, edition, mark = line.split()
    return Operation(
        verb,
        path.replace("~", "/api/rest/v1"),
        method,
        since,
        "enterprise" if edition == "EE" else "all",
        is_deprecated=mark == "deprecated",
        is_experimental=mark == "experimental",
    )


# verb, path (~ is /api/rest/v1), method, since, edition, mark
_TABLE: Final = """
GET ~/products-uuid products.list 7.0+ - -
POST ~/products-uuid products.create 7.0+ - -
PATCH ~/products-uuid products.upsert_many 7.0+ - -
POST ~/products-uuid/search products.search SaaS - -
GET ~/products-uuid/{uuid} products.get 7.0+ - -
PATCH ~/products-uuid/{uuid} products.upsert 7.0+ - -
DELETE ~/products-uuid/{uuid} products.delete 7.0+ - -
POST ~/products-uuid/{uuid}/proposal products.propose 7.0+ EE -
GET ~/products-uuid/{uuid}/draft products.draft 7.0+ EE -
GET ~/products products_by_identifier.list 1.7+ - -
POST ~/products products_by_identifier.create 1.7+ - -
PATCH ~/products products_by_identifier.upsert_many 1.7+ - -
GET ~/products/{code} products_by_identifier.get 1.7+ - -
PATCH ~/products/{code} products_by_identifier.upsert 1.7+ - -
DELETE ~/products/{code} products_by_identifier.delete 1.7+ - -
POST ~/products/{code}/proposal products_by_identifier.propose 2.x+ EE -
GET ~/products/{code}/draft products_by_identifier.draft 2.x+ EE -
GET ~/product-models product_models.list 2.x+ - -
POST ~/product-models product_models.create 2.x+ - -
PATCH ~/product-models product_models.upsert_many 2.x+ - -
GET ~/product-models/{code} product_models.get 2.x+ - -
PATCH ~/product-models/{code} product_models.upsert 2.x+ - -
DELETE ~/product-models/{code} product_models.delete 6.0+ - -
POST ~/product-models/{code}/proposal product_models.propose 2.3+ EE -
GET ~/product-models/{code}/draft product_models.draft 2.3+ EE -
GET ~/published-products published_products.list 2.x+ EE deprecated
GET ~/published-products/{code} published_products.get 2.x+ EE deprecated
GET ~/media-files media_files.list 1.7+ - -
POST ~/media-files media_files.upload 1.7+ - -
GET ~/media-files/{code} media_files.get 1.7+ - -
GET ~/media-files/{code}/download media_files.download 1.7+ - -
GET ~/families families.list 1.7+ - -
POST ~/families families.create 1.7+ - -
PATCH ~/families families.upsert_many 1.7+ - -
GET ~/families/{code} families.get 1.7+ - -
PATCH ~/families/{code} families.upsert 1.7+ - -
DELETE ~/families/{code} families.delete SaaS - -
GET ~/families/{family_code}/variants family_variants.list 2.x+ - -
POST ~/families/{family_code}/variants family_variants.create 2.x+ - -
PATCH ~/families/{family_code}/variants family_variants.upsert_many 2.x+ - -
GET ~/families/{family_code}/variants/{code} family_variants.get 2.x+ - -
PATCH ~/families/{family_code}/variants/{code} family_variants.upsert 2.x+ - -
GET ~/attributes attributes.list 1.7+ - -
POST ~/attributes attributes.create 1.7+ - -
PATCH ~/attributes attributes.upsert_many 1.7+ - -
GET ~/attributes/{code} attributes.get 1.7+ - -
PATCH ~/attributes/{code} attributes.upsert 1.7+ - -
GET ~/attributes/{attribute_code}/options attribute_options.list 1.7+ - -
POST ~/attributes/{attribute_code}/options attribute_options.create 1.7+ - -
PATCH ~/attributes/{attribute_code}/options attribute_options.upsert_many 2.1+ - -
GET ~/attributes/{attribute_code}/options/{code} attribute_options.get 1.7+ - -
PATCH ~/attributes/{attribute_code}/options/{code} attribute_options.upsert 1.7+ - -
GET ~/attribute-groups attribute_groups.list 2.x+ - -
POST ~/attribute-groups attribute_groups.create 2.x+ - -
PATCH ~/attribute-groups attribute_groups.upsert_many 2.x+ - -
GET ~/attribute-groups/{code} attribute_groups.get 2.x+ - -
PATCH ~/attribute-groups/{code} attribute_groups.upsert 2.x+ - -
GET ~/association-types association_types.list 2.x+ - -
POST ~/association-types association_types.create 2.x+ - -
PATCH ~/association-types association_types.upsert_many 2.x+ - -
GET ~/association-types/{code} association_types.get 2.x+ - -
PATCH ~/association-types/{code} association_types.upsert 2.x+ - -
GET ~/categories categories.list 1.7+ - -
POST ~/categories categories.create 1.7+ - -
PATCH ~/categories categories.upsert_many 1.7+ - -
GET ~/categories/{code} categories.get 1.7+ - -
PATCH ~/categories/{code} categories.upsert 1.7+ - -
POST ~/category-media-files category_media.upload SaaS - -
GET ~/category-media-files/{file_path}/download category_media.download SaaS - -
GET ~/channels channels.list 1.7+ - -
POST ~/channels channels.create 2.x+ - -
PATCH ~/channels channels.upsert_many 2.x+ - -
GET ~/channels/{code} channels.get 1.7+ - -
PATCH ~/channels/{code} channels.upsert 2.x+ - -
GET ~/locales locales.list 1.7+ - -
GET ~/locales/{code} locales.get 1.7+ - -
GET ~/currencies currencies.list 2.x+ - -
GET ~/currencies/{code} currencies.get 2.x+ - -
GET ~/measure-families legacy.measure_families.list 2.x+ - deprecated
GET ~/measure-families/{code} legacy.measure_families.get 2.x+ - deprecated
GET ~/measurement-families measurement_families.list 5.0+ - -
PATCH ~/measurement-families measurement_families.upsert_many 5.0+ - -
GET ~/reference-entities reference_entities.list 3.x+ EE -
GET ~/reference-entities/{code} reference_entities.get 3.x+ EE -
PATCH ~/reference-entities/{code} reference_entities.upsert 3.x+ EE -
GET ~/reference-entities/{reference_entity_code}/attributes reference_entities.attributes.list 3.x+ EE -
GET ~/reference-entities/{reference_entity_code}/attributes/{code} reference_entities.attributes.get 3.x+ EE -
PATCH ~/reference-entities/{reference_entity_code}/attributes/{code} reference_entities.attributes.upsert 3.x+ EE -
GET ~/reference-entities/{reference_entity_code}/attributes/{attribute_code}/options reference_entities.attribute_options.list 3.x+ EE -
GET ~/reference-entities/{reference_entity_code}/attributes/{attribute_code}/options/{code} reference_entities.attribute_options.get 3.x+ EE -
PATCH ~/reference-entities/{reference_entity_code}/attributes/{attribute_code}/options/{code} reference_entities.attribute_options.upsert 3.x+ EE -
GET ~/reference-entities/{reference_entity_code}/records reference_entities.records.list 3.x+ EE -
PATCH ~/reference-entities/{reference_entity_code}/records reference_entities.records.upsert_many 3.x+ EE -
GET ~/reference-entities/{reference_entity_code}/records/{code} reference_entities.records.get 3.x+ EE -
PATCH ~/reference-entities/{reference_entity_code}/records/{code} reference_entities.records.upsert 3.x+ EE -
POST ~/reference-entities-media-files reference_entity_media.upload 3.x+ EE -
GET ~/reference-entities-media-files/{code} reference_entity_media.download 3.x+ EE -
GET ~/asset-families asset_families.list 3.2+ EE -
GET ~/asset-families/{code} asset_families.get 3.2+ EE -
PATCH ~/asset-families/{code} asset_families.upsert 3.2+ EE -
GET ~/asset-families/{asset_family_code}/attributes asset_families.attributes.list 3.2+ EE -
GET ~/asset-families/{asset_family_code}/attributes/{code} asset_families.attributes.get 3.2+ EE -
PATCH ~/asset-families/{asset_family_code}/attributes/{code} asset_families.attributes.upsert 3.2+ EE -
GET ~/asset-families/{asset_family_code}/attributes/{attribute_code}/options asset_families.attribute_options.list 3.2+ EE -
GET ~/asset-families/{asset_family_code}/attributes/{attribute_code}/options/{code} asset_families.attribute_options.get 3.2+ EE -
PATCH ~/asset-families/{asset_family_code}/attributes/{attribute_code}/options/{code} asset_families.attribute_options.upsert 3.2+ EE -
POST ~/asset-media-files asset_media.upload 3.2+ EE -
GET ~/asset-media-files/{code} asset_media.download 3.2+ EE -
GET ~/asset-families/{asset_family_code}/assets asset_families.assets.list 3.2+ EE -
PATCH ~/asset-families/{asset_family_code}/assets asset_families.assets.upsert_many 3.2+ EE -
GET ~/asset-families/{asset_family_code}/assets/{code} asset_families.assets.get 3.2+ EE -
PATCH ~/asset-families/{asset_family_code}/assets/{code} asset_families.assets.upsert 3.2+ EE -
DELETE ~/asset-families/{asset_family_code}/assets/{code} asset_families.assets.delete 3.2+ EE -
POST ~/jobs/export/{code} jobs.start_export SaaS - -
POST ~/jobs/import/{code} jobs.start_import SaaS - -
GET ~/permissions/{user_uuid}/locales permissions.locales SaaS - -
GET ~/permissions/{user_uuid}/channels permissions.channels SaaS - -
GET ~/catalogs catalogs.list SaaS - -
POST ~/catalogs catalogs.create SaaS - -
GET ~/catalogs/{id} catalogs.get SaaS - -
PATCH ~/catalogs/{id} catalogs.update SaaS - -
DELETE ~/catalogs/{id} catalogs.delete SaaS - -
POST ~/catalogs/{id}/duplicate catalogs.duplicate SaaS - -
GET ~/catalogs/{id}/product-uuids catalogs.product_uuids.list SaaS - -
GET ~/catalogs/{id}/products catalogs.products.list SaaS - -
GET ~/catalogs/{id}/products/{uuid} catalogs.products.get SaaS - -
PUT ~/catalogs/{id}/mapping-schemas/product catalogs.set_mapping_schema SaaS - -
GET ~/catalogs/{id}/mapping-schemas/product catalogs.mapping_schema SaaS - -
DELETE ~/catalogs/{id}/mapping-schemas/product catalogs.delete_mapping_schema SaaS - -
GET ~/catalogs/{id}/mapped-products catalogs.mapped_products.list SaaS - -
GET ~/catalogs/{id}/mapped-models catalogs.mapped_models.list SaaS - -
GET ~/catalogs/{id}/mapped-models/{model_code}/variants catalogs.mapped_variants.list SaaS - -
GET ~/workflows workflows.list SaaS EE -
GET ~/workflows/{uuid} workflows.get SaaS EE -
POST ~/workflows/executions workflows.start SaaS EE -
GET ~/workflows/steps/{uuid}/assignees workflows.assignees.list SaaS EE -
GET ~/workflows/tasks workflows.tasks.list SaaS EE -
PATCH ~/workflows/tasks/{uuid} workflows.decide SaaS EE -
GET ~/ui-extensions ui_extensions.list SaaS EE -
POST ~/ui-extensions ui_extensions.create SaaS EE -
PATCH ~/ui-extensions/{uuid} ui_extensions.update SaaS EE -
POST ~/ui-extensions/{uuid} ui_extensions.update_with_file SaaS EE -
DELETE ~/ui-extensions/{uuid} ui_extensions.delete SaaS EE -
GET ~ system.routes 1.7+ - -
POST /api/oauth/v1/token sign_in 1.7+ - -
GET ~/system-information system.information 6.0+ - -
GET ~/assets legacy.assets.list 2.1-3.x EE deprecated
POST ~/assets legacy.assets.create 2.1-3.x EE deprecated
PATCH ~/assets legacy.assets.upsert_many 2.1-3.x EE deprecated
GET ~/assets/{code} legacy.assets.get 2.1-3.x EE deprecated
PATCH ~/assets/{code} legacy.assets.upsert 2.1-3.x EE deprecated
GET ~/assets/{asset_code}/reference-files/{locale_code} legacy.reference_file 2.1-3.x EE deprecated
POST ~/assets/{asset_code}/reference-files/{locale_code} legacy.upload_reference_file 2.1-3.x EE deprecated
GET ~/assets/{asset_code}/reference-files/{locale_code}/download legacy.download_reference_file 2.1-3.x EE deprecated
GET ~/assets/{asset_code}/variation-files/{channel_code}/{locale_code} legacy.variation_file 2.1-3.x EE deprecated
POST ~/assets/{asset_code}/variation-files/{channel_code}/{locale_code} legacy.upload_variation_file 2.1-3.x EE deprecated
GET ~/assets/{asset_code}/variation-files/{channel_code}/{locale_code}/download legacy.download_variation_file 2.1-3.x EE deprecated
GET ~/asset-categories legacy.asset_categories.list 2.1-3.x EE deprecated
POST ~/asset-categories legacy.asset_categories.create 2.1-3.x EE deprecated
PATCH ~/asset-categories legacy.asset_categories.upsert_many 2.1-3.x EE deprecated
GET ~/asset-categories/{code} legacy.asset_categories.get 2.1-3.x EE deprecated
PATCH ~/asset-categories/{code} legacy.asset_categories.upsert 2.1-3.x EE deprecated
GET ~/asset-tags legacy.asset_tags.list 2.1-3.x EE deprecated
GET ~/asset-tags/{code} legacy.asset_tags.get 2.1-3.x EE deprecated
PATCH ~/asset-tags/{code} legacy.asset_tags.upsert 2.1-3.x EE deprecated
GET ~/rule-definitions rules.list SaaS EE experimental
GET ~/rule-definitions/{code} rules.get SaaS EE experimental
PUT ~/rule-definitions/{code} rules.replace SaaS EE experimental
GET ~/reference-entities/records reference_entities.all_records.list SaaS - experimental
GET ~/workflows/tasks/{uuid} workflows.tasks.get SaaS - experimental
GET ~/data-model-designer/modelization-suggestions data_model.list SaaS - experimental
GET ~/data-model-designer/modelization-suggestion/{uuid} data_model.get SaaS - experimental
POST ~/data-model-designer/modelization-suggestion/attribute data_model.suggest_attribute SaaS - experimental
POST ~/data-model-designer/modelization-suggestion/{uuid}/approve data_model.approve SaaS - experimental
POST ~/data-model-designer/modelization-suggestion/{uuid}/decline data_model.decline SaaS - experimental
"""

_OPERATIONS: Final = tuple(_read(line) for line in _TABLE.strip().splitlines())

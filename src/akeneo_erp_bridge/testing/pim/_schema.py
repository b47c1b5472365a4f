"""The properties of the simple resources: kind, default, and what may never change."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from akeneo_erp_bridge.testing.pim._json import JsonValue


@frozen
class Property:
    """One property of a resource. *kind* is Akeneo's word for it in messages."""

    kind: str
    default: JsonValue = None
    nullable: bool = True
    immutable: bool = False
    read_only: bool = False


def _text(*, immutable: bool = False) -> Property:
    return Property("string", immutable=immutable)


def _bool(*, default: bool | None = False, immutable: bool = False, nullable: bool = True) -> Property:
    return Property("boolean", default, nullable=nullable, immutable=immutable)


CODE: Final = Property("string", nullable=False, immutable=True)
LABELS: Final = Property("object", None, nullable=False)
LIST: Final = Property("array", None, nullable=False)
READ_ONLY: Final = Property("string", read_only=True)

SCHEMAS: Final[dict[str, dict[str, Property]]] = {
    "family": {
        "code": CODE,
        "attributes": LIST,
        "attribute_as_label": _text(),
        "attribute_as_image": _text(),
        "attribute_requirements": Property("object", None, nullable=False),
        "parent": _text(),
        "labels": LABELS,
    },
    "family_variant": {
        "code": CODE,
        "variant_attribute_sets": LIST,
        "common_attributes": Property("array", read_only=True),
        "labels": LABELS,
    },
    "attribute": {
        "code": CODE,
        "type": Property("string", nullable=False, immutable=True),
        "group": Property("string", nullable=False),
        "unique": _bool(immutable=True),
        "useable_as_grid_filter": _bool(),
        "allowed_extensions": Property("array"),
        "metric_family": _text(immutable=True),
        "default_metric_unit": _text(),
        "reference_data_name": _text(immutable=True),
        "available_locales": Property("array"),
        "max_characters": Property("integer"),
        "validation_rule": _text(),
        "validation_regexp": _text(),
        "wysiwyg_enabled": _bool(default=None),
        "number_min": Property("numeric"),
        "number_max": Property("numeric"),
        "decimals_allowed": _bool(default=None),
        "negative_allowed": _bool(default=None),
        "date_min": _text(),
        "date_max": _text(),
        "max_file_size": Property("numeric"),
        "minimum_input_length": Property("integer"),
        "sort_order": Property("integer", 0),
        "localizable": _bool(immutable=True),
        "scopable": _bool(immutable=True),
        "labels": LABELS,
        "guidelines": Property("object", None, nullable=False),
        "auto_option_sorting": _bool(default=None),
        "default_value": _bool(default=None),
        "group_labels": Property("object", read_only=True),
        "table_configuration": Property("array"),
        "is_main_identifier": _bool(),
        "is_mandatory": _bool(),
        "is_read_only": _bool(),
        "decimal_places_strategy": _text(),
        "decimal_places": Property("integer"),
        "enable_option_creation_during_import": _bool(),
        "max_items_count": Property("integer"),
    },
    "option": {
        "code": CODE,
        "attribute": Property("string", nullable=False, immutable=True),
        "sort_order": Property("integer", 0),
        "labels": LABELS,
    },
    "attribute_group": {
        "code": CODE,
        "sort_order": Property("integer", 0),
        "attributes": LIST,
        "labels": LABELS,
    },
    "association_type": {
        "code": CODE,
        "labels": LABELS,
        "is_quantified": _bool(immutable=True),
        "is_two_way": _bool(immutable=True),
    },
    "category": {
        "code": CODE,
        "parent": _text(),
        "updated": READ_ONLY,
        "position": Property("integer", read_only=True),
        "labels": LABELS,
        "values": Property("array"),
        "validations": Property("object"),
        "channel_requirements": Property("array"),
    },
    "channel": {
        "code": CODE,
        "currencies": LIST,
        "locales": LIST,
        "category_tree": _text(),
        "conversion_units": Property("object", None, nullable=False),
        "labels": LABELS,
    },
}

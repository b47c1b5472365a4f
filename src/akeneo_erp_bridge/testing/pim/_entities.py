"""Everything that is not a product: attributes, families, categories, channels and so on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.testing.pim._message import Json, JsonObject, Refused, invalid, structure
from akeneo_erp_bridge.testing.pim._store import Store

_CODE: Final = re.compile(r"[a-zA-Z0-9_]+\n?")


@frozen
class Kind:
    """One resource: its fields with their defaults, what creation needs, and what never changes."""

    name: str
    defaults: Mapping[str, Json]
    required: frozenset[str] = frozenset()
    frozen: frozenset[str] = frozenset()


KINDS: Final = {
    one.name: one
    for one in (
        Kind("attribute-groups", {"sort_order": 0, "attributes": [], "labels": {}}),
        Kind(
            "attributes",
            {
                "type": None, "group": None, "labels": {}, "localizable": False, "scopable": False, "unique": False,
                "useable_as_grid_filter": False, "max_characters": None, "validation_rule": None, "validation_regexp": None,
                "wysiwyg_enabled": None, "number_min": None, "number_max": None, "decimals_allowed": None,
                "negative_allowed": None, "metric_family": None, "default_metric_unit": None, "max_file_size": None,
                "allowed_extensions": [], "sort_order": 0, "available_locales": [], "date_min": None, "date_max": None,
                "reference_data_name": None, "default_value": None,
            },
            frozenset({"type", "group"}),
            frozenset({"type", "localizable", "scopable", "unique", "metric_family"}),
        ),
        Kind(
            "families",
            {"attributes": [], "attribute_as_label": "sku", "attribute_as_image": None, "attribute_requirements": {}, "labels": {}},
        ),
        Kind("categories", {"parent": None, "labels": {}, "updated": None}),
        Kind(
            "channels",
            {"category_tree": None, "locales": [], "currencies": [], "conversion_units": {}, "labels": {}},
            frozenset({"category_tree", "locales", "currencies"}),
        ),
        Kind("association-types", {"labels": {}, "is_two_way": False, "is_quantified": False}),
        Kind(
            "measurement-families",
            {"labels": {}, "standard_unit_code": None, "units": {}},
            frozenset({"standard_unit_code", "units"}),
            frozenset({"standard_unit_code"}),
        ),
        Kind("options", {"attribute": None, "sort_order": 0, "labels": {}}),
    )
}  # fmt: skip


class Entities:
    """Creates and merges them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def upsert(self, name: str, code: str, sent: JsonObject, *, parent: str | None = None) -> int:
        """Create or merge one: 201 or 204. `parent` is the attribute of an option."""
        kind = KINDS[name]
        shelf = name if parent is None else f"{name}/{parent.lower()}"
        if parent is not None and self._store.get("attributes", parent) is None:
            raise Refused(404, f'Attribute "{parent}" does not exist.')
        stored = self._store.get(shelf, code)
        merged = self._merge(kind, code, stored, sent)
        if parent is not None:
            merged["attribute"] = parent
        if stored is None:
            self._check_new(kind, code, merged)
        self._check_links(name, merged)
        if merged != stored:
            self._store.put(shelf, code, merged)
        return 201 if stored is None else 204

    def _merge(self, kind: Kind, code: str, stored: JsonObject | None, sent: JsonObject) -> JsonObject:
        merged: JsonObject = dict(stored) if stored else {"code": code, **kind.defaults}
        for field, given in sent.items():
            if field in ("_links", "code", "updated", "attribute"):
                continue
            if field not in kind.defaults and not (kind.name == "attributes" and field in _LATER):
                raise structure(f'Property "{field}" does not exist.')
            value = _shaped(field, given, kind.defaults.get(field))
            if stored and field in kind.frozen and stored[field] != value:
                raise invalid({"property": field, "message": "This property cannot be changed."})
            here = merged.get(field)
            merged[field] = {**here, **value} if isinstance(here, dict) and isinstance(value, dict) else value
            if field == "labels" and isinstance(merged[field], dict):
                merged[field] = {locale: text for locale, text in dict(merged[field]).items() if text}  # type: ignore[arg-type]  # narrowed one line above
        return merged

    def _check_new(self, kind: Kind, code: str, merged: JsonObject) -> None:
        if not code or len(code) > 255 or not _CODE.fullmatch(code):
            message = f"{kind.name} code may contain only letters, numbers and underscores"
            raise invalid({"property": "code", "message": message})
        missing = [field for field in sorted(kind.required) if merged.get(field) in (None, [], {})]
        if missing:
            errors: list[Json] = [
                {"property": field, "message": "This value should not be blank."} for field in missing
            ]
            raise invalid(*errors)

    def _check_links(self, name: str, merged: JsonObject) -> None:
        wanted: list[tuple[str, str, Json]] = []
        if name == "attributes":
            wanted.append(("group", "attribute-groups", merged["group"]))
        elif name == "families":
            attributes = merged["attributes"] if isinstance(merged["attributes"], list) else []
            wanted += [("attributes", "attributes", one) for one in attributes]
        elif name == "categories" and merged["parent"] is not None:
            wanted.append(("parent", "categories", merged["parent"]))
        elif name == "channels":
            wanted.append(("category_tree", "categories", merged["category_tree"]))
        for field, kind, code in wanted:
            if self._store.get(kind, str(code)) is None:
                raise structure(f'Property "{field}" expects a valid code. "{code}" does not exist.')


_LATER: Final = frozenset(
    {
        "group_labels", "auto_option_sorting", "is_main_identifier", "is_mandatory", "decimal_places_strategy",
        "decimal_places", "enable_option_creation_during_import", "table_configuration", "max_items_count",
    }
)  # fmt: skip


def _shaped(field: str, value: Json, default: Json) -> Json:
    """Maps must be maps; the empty list of PHP counts as an empty one."""
    if isinstance(default, dict) and not isinstance(value, dict):
        if value != []:
            raise structure(f'Property "{field}" expects an array as data.')
        return {}
    return value

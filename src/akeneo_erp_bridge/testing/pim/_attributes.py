"""The rules of attributes."""

from __future__ import annotations

import re

from akeneo_erp_bridge.testing.pim._columns import ColumnRules
from akeneo_erp_bridge.testing.pim._json import JsonObject, as_list, child, flag, maybe_text, text, texts, whole
from akeneo_erp_bridge.testing.pim._refusal import Violation, structure
from akeneo_erp_bridge.testing.pim._world import IDENTIFIER, World

TABLE = "pim_catalog_table"
TYPES = frozenset(
    {
        IDENTIFIER,
        "pim_catalog_text",
        "pim_catalog_textarea",
        "pim_catalog_simpleselect",
        "pim_catalog_multiselect",
        "pim_catalog_boolean",
        "pim_catalog_date",
        "pim_catalog_number",
        "pim_catalog_metric",
        "pim_catalog_price_collection",
        "pim_catalog_image",
        "pim_catalog_file",
        "akeneo_reference_entity",
        "akeneo_reference_entity_collection",
        "pim_catalog_asset_collection",
        TABLE,
        "pim_catalog_product_link",
        "pim_reference_data_simpleselect",
        "pim_reference_data_multiselect",
    }
)
SELECTS = ("pim_catalog_simpleselect", "pim_catalog_multiselect")
NAMED_DATA = ("akeneo_reference_entity", "akeneo_reference_entity_collection", "pim_catalog_asset_collection")
RESERVED = frozenset(
    {
        "id",
        "associationtypes",
        "categories",
        "categoryid",
        "completeness",
        "enabled",
        "family",
        "groups",
        "associations",
        "products",
        "scope",
        "treeid",
        "values",
        "category",
        "parent",
        "label",
        "entity_type",
        "attributes",
    }
)
NEVER_UNIQUE = frozenset(
    TYPES - {IDENTIFIER, "pim_catalog_text", "pim_catalog_number", "pim_catalog_date", "pim_catalog_textarea"}
)
MOST_IDENTIFIERS = 10


class AttributeRules:
    """Checks attributes, and completes new ones."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._columns = ColumnRules(world)

    def check(self, new: JsonObject, old: JsonObject | None) -> list[Violation]:
        """The broken rules of an attribute."""
        kind = maybe_text(new, "type")
        if kind is None:
            return [Violation("type", "This value should not be blank.")]
        if kind not in TYPES:
            raise structure(
                f'Property "type" expects a valid attribute type. The attribute type does not exist, "{kind}" given.'
            )
        self._check_group(new)
        found = [*self._code(new, old), *self._exclusive(new), *self._locales(new)]
        if kind == IDENTIFIER:
            found += self._identifier(new, old)
        if kind == "pim_catalog_metric":
            found += self._metric(new)
        if kind in NAMED_DATA and not maybe_text(new, "reference_data_name"):
            found.append(Violation("reference_data_name", "You need to define a reference data name."))
        if kind == TABLE:
            found += self._columns.check(new, old)
        elif new.get("table_configuration"):
            found.append(Violation("table_configuration", f'The type "{kind}" does not allow a table configuration.'))
        _complete(new, kind)
        return found + _limits(new, kind)

    def _check_group(self, new: JsonObject) -> None:
        group = maybe_text(new, "group")
        found = self._world.find("attribute_group", group) if group is not None else None
        if found is None:
            raise structure(
                'Property "group" expects a valid attribute group code.'
                f' The attribute group does not exist, "{group or ""}" given.'
            )
        new["group"] = text(found, "code")

    def _code(self, new: JsonObject, old: JsonObject | None) -> list[Violation]:
        code = text(new, "code").lower()
        if old is None and (code in RESERVED or re.search(r"(_products|_groups)$", code)):
            return [Violation("code", f'This code is not available: "{text(new, "code")}" is reserved.')]
        return []

    def _exclusive(self, new: JsonObject) -> list[Violation]:
        if not flag(new, "unique"):
            return []
        found: list[Violation] = []
        if flag(new, "localizable") or flag(new, "scopable"):
            found.append(Violation("unique", "Unique attribute should not be localizable or scopable."))
        if text(new, "type") in NEVER_UNIQUE:
            found.append(Violation("unique", "This attribute type can't have unique value."))
        return found

    def _locales(self, new: JsonObject) -> list[Violation]:
        return [
            Violation("available_locales", f'The locale "{code}" does not exist.')
            for code in texts(new.get("available_locales"))
            if self._world.find("locale", code) is None
        ]

    def _identifier(self, new: JsonObject, old: JsonObject | None) -> list[Violation]:
        new["unique"] = True
        found: list[Violation] = []
        if flag(new, "localizable") or flag(new, "scopable"):
            found.append(Violation("localizable", "An identifier attribute is neither localizable nor scopable."))
        others = [one for one in self._world.tables["attribute"].values() if text(one, "type") == IDENTIFIER]
        if old is None:
            if len(others) >= MOST_IDENTIFIERS:
                found.append(Violation("type", f"Limit of {MOST_IDENTIFIERS} identifier attributes is reached."))
            # the main identifier is chosen in the user interface; the first one is it
            new["is_main_identifier"] = not others
        else:
            new["is_main_identifier"] = flag(old, "is_main_identifier")
        return found

    def _metric(self, new: JsonObject) -> list[Violation]:
        name = maybe_text(new, "metric_family")
        family = self._world.find("measurement_family", name) if name is not None else None
        if family is None:
            return [Violation("metric_family", "Please specify a valid metric family")]
        new["metric_family"] = text(family, "code")
        wanted = text(new, "default_metric_unit").lower()
        units = {code.lower(): code for code in child(family, "units")}
        if wanted not in units:
            return [Violation("default_metric_unit", "Please specify a valid metric unit")]
        new["default_metric_unit"] = units[wanted]
        return []


def _complete(new: JsonObject, kind: str) -> None:
    if kind in ("pim_catalog_number", "pim_catalog_metric", "pim_catalog_price_collection"):
        new["decimals_allowed"] = flag(new, "decimals_allowed")
    if kind in ("pim_catalog_number", "pim_catalog_metric"):
        new["negative_allowed"] = flag(new, "negative_allowed")
    new["available_locales"] = as_list(sorted(texts(new.get("available_locales"))))
    new["allowed_extensions"] = new.get("allowed_extensions") or []


def _limits(new: JsonObject, kind: str) -> list[Violation]:
    found: list[Violation] = []
    longest = {"pim_catalog_textarea": 65_535}.get(kind, 255)
    if whole(new, "max_characters") > longest:
        found.append(Violation("max_characters", f"This value should be less than or equal to {longest}."))
    rule = maybe_text(new, "validation_rule")
    if rule is not None and rule not in ("email", "url", "regexp"):
        found.append(Violation("validation_rule", "The value you selected is not a valid choice."))
    if rule == "regexp" and not maybe_text(new, "validation_regexp"):
        found.append(Violation("validation_regexp", "This value should not be blank."))
    return found

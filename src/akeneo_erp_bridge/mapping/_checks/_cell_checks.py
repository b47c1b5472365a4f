"""One cell against the PIM's structure: is it there, does it take what the rule gives?"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Final, TypeAlias, TypeVar

from akeneo_erp_bridge.catalog import (
    Attribute,
    AttributeType,
    Metric,
    PimStructure,
    Price,
    encode_data,
    table_columns,
)
from akeneo_erp_bridge.classification import Cold, Temperature
from akeneo_erp_bridge.codes import AttributeCode, ChannelCode, MeasurementFamilyCode
from akeneo_erp_bridge.mapping._checks._as_data import as_data
from akeneo_erp_bridge.mapping._checks._limits import beyond
from akeneo_erp_bridge.mapping._checks._misfit import Misfit, at_cell, listed
from akeneo_erp_bridge.mapping._reference import ReferenceRule, misplaced
from akeneo_erp_bridge.mapping._shapes._lines import columns_of
from akeneo_erp_bridge.mapping._shapes._links import LinkField
from akeneo_erp_bridge.mapping._shapes._media import MediaSource, names_of_blobs, not_taken, size_of
from akeneo_erp_bridge.mapping._values._unit_words import units_meant
from akeneo_erp_bridge.rules import Binding, Owner, Step, shown

S = TypeVar("S")
Kinds: TypeAlias = "tuple[type[object], ...]"

PRODUCT_FIELDS: Final = frozenset({"family", "categories", "groups", "enabled", "parent"})
MODEL_FIELDS: Final = frozenset({"code", "parent", "family_variant", "categories"})
CATEGORY_FIELDS: Final = frozenset({"code", "parent", "labels"})
RECORD_FIELDS: Final = frozenset({"code"})
ESSENTIAL: Final = frozenset({"code", "family", "family_variant", "parent"})
"""Fields without which a product, model or category would be half made."""
_CLOSE: Final = 5
_LEAST: Final = 0.6  # of the letters of two codes that are alike

_FIELDS_OF: Final = {"product": PRODUCT_FIELDS, "product_model": MODEL_FIELDS}

_TEXT: Final[Kinds] = (str,)
_SEVERAL: Final[Kinds] = (list, tuple, set, frozenset)
_FIELD_TAKES: Final[Mapping[str, Kinds]] = {
    **dict.fromkeys(("family", "family_variant", "parent", "code", "labels"), _TEXT),
    **dict.fromkeys(("categories", "groups"), _SEVERAL),
    "enabled": (bool,),
}
_TAKES: Final[Mapping[str, Kinds]] = {
    AttributeType.IDENTIFIER: _TEXT,
    AttributeType.TEXT: _TEXT,
    AttributeType.TEXTAREA: _TEXT,
    AttributeType.IMAGE: (str, MediaSource),
    AttributeType.FILE: (str, MediaSource),
    AttributeType.SIMPLE_SELECT: _TEXT,
    AttributeType.REFERENCE_ENTITY: _TEXT,
    AttributeType.REFERENCE_DATA: _TEXT,
    AttributeType.MULTI_SELECT: _SEVERAL,
    AttributeType.REFERENCE_ENTITY_COLLECTION: _SEVERAL,
    AttributeType.REFERENCE_DATA_COLLECTION: _SEVERAL,
    AttributeType.ASSET_COLLECTION: _SEVERAL,
    AttributeType.BOOLEAN: (bool,),
    AttributeType.DATE: (datetime.date, str),
    AttributeType.NUMBER: (int, Decimal),
    AttributeType.METRIC: (Metric,),
    AttributeType.PRICE_COLLECTION: (Price, *_SEVERAL),
}
"""What `encode_data` takes for each type; a type that is not here takes whatever is JSON."""
_COLUMN_TAKES: Final[Mapping[str, Kinds]] = {
    "number": (int, Decimal),
    "boolean": (bool,),
    "measurement": (Metric,),
    "date": (datetime.date, str),
    **dict.fromkeys(("text", "select", "reference_entity", "product_link"), _TEXT),
}
_FILES: Final = (AttributeType.IMAGE, AttributeType.FILE)
_RECORDS: Final = (AttributeType.REFERENCE_ENTITY, AttributeType.REFERENCE_ENTITY_COLLECTION)


def check_cell(resource: str, binding: Binding[S], structure: PimStructure, group: str | None) -> Iterator[Misfit]:
    """What is wrong with one binding."""
    cell = binding.cell
    yield from _check_door(binding, structure)
    if resource == "category":
        yield from _check_category_cell(binding, structure)
    elif LinkField.of(cell.attribute) is not None:
        if resource != "product":  # whether the PIM has the type is asked by the run, which has the PIM
            detail = f"a {word_of(resource)} has no links '{cell.attribute}'"
            yield at_cell(cell.key, "no_field", detail, severity="abort")
    elif cell.attribute in _FIELDS_OF.get(resource, RECORD_FIELDS):
        yield from _check_kind(binding, _FIELD_TAKES[cell.attribute], f"field '{cell.attribute}'")
        yield from _check_field_codes(binding, structure)
    elif (attribute := structure.attributes.get(AttributeCode(cell.attribute))) is None:
        close = _alike(cell.attribute, map(str, structure.attributes))
        mend = f"make it there, by hand or with `setup`, or correct the cell of rule '{binding.rule.label}'"
        yield at_cell(cell.key, "no_attribute", f"attribute '{cell.attribute}' is not in the PIM{close}; {mend}")
    else:
        yield from _check_place(binding, attribute, structure)
        yield from _check_type(binding, attribute)
        yield from _check_values(binding, attribute)
        yield from _check_codes(binding, attribute, structure)
        yield from _check_price(binding, attribute, structure)
        yield from _check_owner(binding, attribute)
        yield from _check_group(binding, attribute, group)
        yield from _check_table(binding, attribute)
        yield from _check_files(binding, attribute)


def word_of(resource: str) -> str:
    """What a resource's things are called in messages."""
    return resource.rpartition("_")[2]


def _alike(code: str, known: Iterable[str]) -> str:
    found = get_close_matches(code.lower(), sorted(known), n=_CLOSE, cutoff=_LEAST)
    return f" (alike: {', '.join(found)})" if found else ""


# ---- fields ----
def _check_category_cell(binding: Binding[S], structure: PimStructure) -> Iterator[Misfit]:
    cell, active = binding.cell, structure.locales
    if cell.attribute not in CATEGORY_FIELDS:
        detail = f"a category has no field '{cell.attribute}'; use CODE, PARENT and label(locale)"
        yield at_cell(cell.key, "no_field", detail, severity="abort")
        return
    yield from _check_kind(binding, _FIELD_TAKES[cell.attribute], f"field '{cell.attribute}'")
    if cell.attribute == "labels" and cell.locale not in active:
        detail = f"locale '{cell.locale}' is not active in the PIM ({listed(active)})"
        yield at_cell(cell.key, "no_locale", detail)
    # a parent from a table may be one of the ERP's own categories, which the run creates before its children
    if cell.attribute == "parent" and not binding.rule.sources:
        missing = _missing(binding, structure.categories)
        if missing:
            detail = f"not in the PIM: {listed(missing)}; create it there, or write the code of a category that is"
            yield at_cell(cell.key, "no_code", detail, severity="skip_item", codes=missing)


def _check_field_codes(binding: Binding[S], structure: PimStructure) -> Iterator[Misfit]:
    field = binding.cell.attribute
    known = {
        "family": structure.families,
        "categories": structure.categories,
        "family_variant": [code for some in structure.family_variants.values() for code in some],
    }.get(field)
    missing = _missing(binding, known)
    if missing:
        detail = f"not in the PIM: {listed(missing)}; create them there or mend the table"
        yield at_cell(
            field, "no_code", detail, severity="skip_item" if field in ESSENTIAL else "skip_cell", codes=missing
        )


def _missing(binding: Binding[S], there: Collection[str] | None) -> list[str]:
    """The codes that the rule can give and the PIM does not have; it does not tell lower case from upper."""
    possible = binding.rule.possible()
    if there is None or possible is None:
        return []
    lower = {code.lower() for code in there}
    return sorted(code for code in possible if code.lower() not in lower)


# ---- attributes ----
def _check_place(binding: Binding[S], attribute: Attribute, structure: PimStructure) -> Iterator[Misfit]:
    cell, key = binding.cell, binding.cell.key
    for given, wanted, what in (
        (cell.locale, attribute.localizable, "locale"),
        (cell.channel, attribute.scopable, "channel"),
    ):
        if wanted and given is None:
            detail = f"attribute '{attribute.code}' needs a {what}; write Cell(..., {what}=...)"
            yield at_cell(key, f"{what}_missing", detail)
        if given is not None and not wanted:
            detail = f"attribute '{attribute.code}' takes no {what}, seen {given!r}"
            yield at_cell(key, f"{what}_not_wanted", detail)
    if cell.locale is not None:
        yield from _check_locale(key, cell.locale, attribute, structure)
    if cell.channel is not None:
        yield from _check_channel(key, cell.channel, cell.locale, structure)


def _check_locale(key: str, locale: str, attribute: Attribute, structure: PimStructure) -> Iterator[Misfit]:
    if locale not in structure.locales:
        detail = f"locale '{locale}' is not active in the PIM ({listed(structure.locales)})"
        yield at_cell(key, "no_locale", detail)
    elif attribute.available_locales and locale not in attribute.available_locales:
        detail = f"attribute '{attribute.code}' exists in {listed(attribute.available_locales)} only, not in '{locale}'"
        yield at_cell(key, "locale_not_available", detail)


def _check_channel(key: str, code: str, locale: str | None, structure: PimStructure) -> Iterator[Misfit]:
    channel = structure.channels.get(ChannelCode(code))
    if channel is None:
        yield at_cell(key, "no_channel", f"channel '{code}' is not in the PIM ({listed(structure.channels)})")
    elif locale in structure.locales and locale not in channel.locales:
        yield at_cell(key, "locale_not_on_channel", f"locale '{locale}' is not active on channel '{code}'")


def _check_type(binding: Binding[S], attribute: Attribute) -> Iterator[Misfit]:
    takes = _TAKES.get(attribute.type)
    if takes is not None:
        yield from _check_kind(binding, takes, f"attribute '{attribute.code}' ({attribute.type})")


def _check_kind(binding: Binding[S], takes: Kinds, what: str) -> Iterator[Misfit]:
    kinds = binding.rule.gives() or frozenset[type[object]]()
    wrong = [kind.__name__ for kind in kinds if kind is not type(None) and not _fits(kind, takes)]
    if wrong:
        wanted = " or ".join(kind.__name__ for kind in takes)
        detail = f"{what} takes {wanted}; rule '{binding.rule.label}' gives {listed(wrong)}"
        yield at_cell(binding.cell.key, "wrong_type", detail)


def _fits(kind: type[object], takes: Kinds) -> bool:
    # for Python a boolean is a number; for the PIM it is not
    return bool in takes or object in takes if kind is bool else issubclass(kind, takes)


def _check_values(binding: Binding[S], attribute: Attribute) -> Iterator[Misfit]:
    """Constants, defaults and table entries, which every one of their items would be parked for."""
    takes = _TAKES.get(attribute.type)
    for value in binding.rule.known():
        if value is None or (takes is not None and not _fits(type(value), takes)):
            continue  # told by its type
        wrong = _refusal(value, attribute)
        if wrong is not None:
            detail = f"the rule gives {shown(value)}: {wrong}; mend the constant or the table"
            yield at_cell(binding.cell.key, "wrong_value", detail)
    if (attribute.unique or attribute.type == AttributeType.IDENTIFIER) and not binding.rule.sources:
        detail = f"attribute '{attribute.code}' is unique, and the rule gives all items the same value"
        yield at_cell(binding.cell.key, "not_unique", detail)


def _refusal(value: object, attribute: Attribute) -> str | None:
    if isinstance(value, MediaSource):
        return not_taken(value.name, size_of(value), attribute)
    try:
        encode_data(as_data(value), attribute)
    except ValueError as error:
        return str(error)
    return beyond(value, attribute)


def _check_codes(binding: Binding[S], attribute: Attribute, structure: PimStructure) -> Iterator[Misfit]:
    meant = ""
    if attribute.type == AttributeType.METRIC:
        family = structure.measurement_families.get(MeasurementFamilyCode(attribute.metric_family or ""))
        missing = _missing(binding, family.units if family else ())
        code, what = "no_unit", f"a unit of '{attribute.metric_family}'"
        meant = units_meant(attribute.metric_family or "", missing)
    elif attribute.type == AttributeType.PRICE_COLLECTION:
        channel = structure.channels.get(ChannelCode(binding.cell.channel or ""))
        missing = _missing(binding, channel.currencies if channel else structure.currencies)
        code, what = "no_currency", f"active on channel '{channel.code}'" if channel else "an active currency"
    elif attribute.type in _RECORDS:
        missing = _missing(binding, structure.options.get(attribute.code))
        code, what = "no_record", f"a record of '{attribute.reference_data_name}'"
    else:
        missing = _missing(binding, structure.options.get(attribute.code))
        code, what = "no_option", f"an option of '{attribute.code}'"
    if missing:
        detail = f"not {what}: {listed(missing)}{meant}; create it in the PIM or mend the table"
        yield at_cell(binding.cell.key, code, detail, codes=missing)


def _check_price(binding: Binding[S], attribute: Attribute, structure: PimStructure) -> Iterator[Misfit]:
    if attribute.type != AttributeType.PRICE_COLLECTION:
        return
    made_of = _made_of(binding.rule)
    if Cold in made_of or not made_of:
        detail = "a price attribute is fed by a rule declared cold; prices enter by reference(...) only"
        yield at_cell(binding.cell.key, "cold_price", detail)
    for family in structure.families.values():
        for channel, required in family.attribute_requirements.items():
            if attribute.code in required:
                detail = (
                    f"family '{family.code}' requires '{attribute.code}' on channel '{channel}'; "
                    "a reference price may not be needed for completeness"
                )
                yield at_cell(binding.cell.key, "price_required", detail)


def _check_door(binding: Binding[S], structure: PimStructure) -> Iterator[Misfit]:
    """A reference price in a cell that holds no prices."""
    detail = misplaced(binding, structure.attributes.get(AttributeCode(binding.cell.attribute)))
    if detail is not None:
        yield at_cell(binding.cell.key, "not_a_price", detail, severity="abort")


def _made_of(step: Step) -> frozenset[Temperature]:
    """The temperatures of what becomes the value; a cold condition makes no price cold."""
    if type(step) is ReferenceRule or not step.passed_on:
        return step.temperatures
    return frozenset(one for part in step.passed_on for one in _made_of(part))


def _check_owner(binding: Binding[S], attribute: Attribute) -> Iterator[Misfit]:
    """An attribute that is read-only in the PIM's pages is right for the ERP's values, and wrong for all others."""
    if attribute.extra.get("is_read_only") is True and binding.owner is not Owner.ERP:
        detail = (
            f"attribute '{attribute.code}' is read-only for PIM users, and owner={binding.owner} leaves its value to "
            "them; let the ERP own it, or make the attribute writable"
        )
        yield at_cell(binding.cell.key, "owner_conflict", detail)


def _check_group(binding: Binding[S], attribute: Attribute, group: str | None) -> Iterator[Misfit]:
    is_ours = binding.owner is Owner.ERP and attribute.type != AttributeType.IDENTIFIER
    if group is not None and is_ours and attribute.group != group:
        detail = (
            f"attribute '{attribute.code}' is in group '{attribute.group}'; the ERP's attributes belong to '{group}', "
            "where PIM users expect values that are not theirs to change"
        )
        yield at_cell(binding.cell.key, "wrong_group", detail)


def _check_table(binding: Binding[S], attribute: Attribute) -> Iterator[Misfit]:
    if attribute.type != AttributeType.TABLE:
        return
    types = {column.code: column.data_type for column in table_columns(attribute)}
    there = list(types)
    for mapped in columns_of(binding.rule):
        unknown = [code for code in mapped if code not in types]
        first = next(iter(mapped))
        if unknown:
            detail = f"table '{attribute.code}' has no column {', '.join(unknown)}; it has {', '.join(there)}"
            yield at_cell(binding.cell.key, "no_column", detail)
        elif first != there[0]:
            detail = (
                f"rows of table '{attribute.code}' are named by its column '{there[0]}', so it comes first, not "
                f"'{first}'"
            )
            yield at_cell(binding.cell.key, "wrong_column", detail)
        for code, kinds in mapped.items():
            takes = _COLUMN_TAKES.get(types.get(code, ""), (object,))
            wrong = [kind.__name__ for kind in kinds or () if kind is not type(None) and not _fits(kind, takes)]
            if wrong:
                wanted = " or ".join(kind.__name__ for kind in takes)
                detail = (
                    f"column '{code}' of table '{attribute.code}' ({types[code]}) takes {wanted}; its rule gives "
                    f"{listed(wrong)}"
                )
                yield at_cell(binding.cell.key, "wrong_column", detail)


def _check_files(binding: Binding[S], attribute: Attribute) -> Iterator[Misfit]:
    """Files whose name is declared once for all items; constants are looked at with the other values."""
    for name in names_of_blobs(binding.rule):
        wrong = not_taken(name, None, attribute) if attribute.type in _FILES else None
        if wrong is not None:
            yield at_cell(binding.cell.key, "wrong_value", f"{wrong}; name the file as it is")

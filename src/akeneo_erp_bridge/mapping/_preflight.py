"""Does the mapping fit? Asked of the PIM's structure and the ERP's schema, before any write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Never, TypeVar

from akeneo_erp_bridge.catalog import Attribute, AttributeType, PimStructure, table_columns
from akeneo_erp_bridge.classification import Cold
from akeneo_erp_bridge.codes import AttributeCode, ChannelCode, MeasurementFamilyCode
from akeneo_erp_bridge.erp import ErpSchema
from akeneo_erp_bridge.mapping._lines import columns_of
from akeneo_erp_bridge.mapping._links import LinkField
from akeneo_erp_bridge.rules import Binding, Cell, Problem

S = TypeVar("S")

PRODUCT_FIELDS: Final = frozenset({"family", "categories", "groups", "enabled", "parent"})
MODEL_FIELDS: Final = frozenset({"code", "parent", "family_variant", "categories"})
CATEGORY_FIELDS: Final = frozenset({"code", "parent", "labels"})
RECORD_FIELDS: Final = frozenset({"code"})
_FIELDS_OF: Final = {"product": PRODUCT_FIELDS, "product_model": MODEL_FIELDS}


def check_bindings(
    resource: str, key_path: str, bindings: Sequence[Binding[S]], structure: PimStructure, schema: ErpSchema | None
) -> list[Problem]:
    """Every problem of every binding; an empty list means that the mapping fits."""
    problems: list[Problem] = []
    for binding in bindings:
        problems += (one.at(str(binding.cell)) for one in _check_cell(resource, binding, structure))
    if resource == "product":
        problems += _check_identifier(bindings, structure)
        problems += _check_families(bindings, structure)
    elif not any(one.cell.attribute == "code" for one in bindings):
        problems.append(_wrong("no_code", f"no binding fills the code of the {_word(resource)}; bind CODE"))
    if schema is not None and schema.fields:
        problems += _check_schema(key_path, bindings, schema)
    return problems


def _word(resource: str) -> str:
    return resource.rpartition("_")[2]


def _wrong(code: str, detail: str) -> Problem:
    return Problem(code, "", detail, "abort")


# ---- one cell ----
def _check_cell(resource: str, binding: Binding[S], structure: PimStructure) -> Iterator[Problem]:
    cell = binding.cell
    if resource == "category":
        yield from _check_category_cell(cell, structure)
    elif cell.attribute in _FIELDS_OF.get(resource, ()):
        yield from _check_field(binding, structure)
    elif LinkField.of(cell.attribute) is not None:
        if resource != "product":  # whether the PIM has the type is asked by the run, which has the PIM
            yield _wrong("no_field", f"a {_word(resource)} has no links '{cell.attribute}'")
    elif resource != "product" and cell.attribute in RECORD_FIELDS:
        return
    else:
        attribute = structure.attributes.get(AttributeCode(cell.attribute))
        if attribute is None:
            known = ", ".join(_alike(cell.attribute, structure)) or "none alike"
            yield _wrong("no_attribute", f"attribute '{cell.attribute}' is not in the PIM (alike: {known})")
        else:
            yield from _check_place(cell, attribute, structure)
            yield from _check_codes(binding, attribute, structure)
            yield from _check_price(binding, attribute, structure)
            yield from _check_table(binding, attribute)


def _alike(code: str, structure: PimStructure) -> list[str]:
    return sorted(str(one) for one in structure.attributes if one[:3].casefold() == code[:3].casefold())[:5]


def _check_category_cell(cell: Cell[Never], structure: PimStructure) -> Iterator[Problem]:
    if cell.attribute not in CATEGORY_FIELDS:
        yield _wrong("no_field", f"a category has no field '{cell.attribute}'; use CODE, PARENT and label(locale)")
    elif cell.attribute == "labels" and cell.locale not in structure.locales:
        yield _wrong("no_locale", f"locale '{cell.locale}' is not active in the PIM ({_listed(structure.locales)})")


def _check_field(binding: Binding[S], structure: PimStructure) -> Iterator[Problem]:
    known = {
        "family": structure.families,
        "categories": structure.categories,
        "family_variant": [code for some in structure.family_variants.values() for code in some],
    }.get(binding.cell.attribute)
    possible = binding.rule.possible()
    if known is None or possible is None:
        return
    there = {str(code).lower() for code in known}
    missing = sorted(code for code in possible if code.lower() not in there)
    if missing:
        yield _wrong("no_code", f"not in the PIM: {', '.join(missing)}; create them there or mend the table")


def _check_place(cell: Cell[Never], attribute: Attribute, structure: PimStructure) -> Iterator[Problem]:
    for given, wanted, what in (
        (cell.locale, attribute.localizable, "locale"),
        (cell.channel, attribute.scopable, "channel"),
    ):
        if wanted and given is None:
            yield _wrong(f"{what}_missing", f"attribute '{attribute.code}' needs a {what}; write Cell(..., {what}=...)")
        if given is not None and not wanted:
            yield _wrong(f"{what}_not_wanted", f"attribute '{attribute.code}' takes no {what}, seen {given!r}")
    if cell.locale is not None and cell.locale not in structure.locales:
        yield _wrong("no_locale", f"locale '{cell.locale}' is not active in the PIM ({_listed(structure.locales)})")
    if cell.channel is not None:
        channel = structure.channels.get(ChannelCode(cell.channel))
        if channel is None:
            yield _wrong("no_channel", f"channel '{cell.channel}' is not in the PIM ({_listed(structure.channels)})")
        elif cell.locale is not None and cell.locale not in channel.locales:
            yield _wrong("locale_not_on_channel", f"locale '{cell.locale}' is not active on channel '{cell.channel}'")


def _check_codes(binding: Binding[S], attribute: Attribute, structure: PimStructure) -> Iterator[Problem]:
    possible = binding.rule.possible()
    if possible is None:
        return
    if attribute.type == AttributeType.METRIC:
        family = structure.measurement_families.get(MeasurementFamilyCode(attribute.metric_family or ""))
        units = {unit.lower() for unit in family.units} if family else set[str]()
        missing = sorted(code for code in possible if code.lower() not in units)
        what = f"a unit of '{attribute.metric_family}'"
    elif attribute.code in structure.options:
        options = {option.lower() for option in structure.options[attribute.code]}
        missing = sorted(code for code in possible if code.lower() not in options)
        what = f"an option of '{attribute.code}'"
    else:
        return
    if missing:
        yield _wrong("no_option", f"not {what}: {', '.join(missing)}; create it in the PIM or mend the table")


def _check_price(binding: Binding[S], attribute: Attribute, structure: PimStructure) -> Iterator[Problem]:
    if attribute.type != AttributeType.PRICE_COLLECTION:
        return
    if Cold in binding.rule.temperatures or not binding.rule.temperatures:
        yield _wrong(
            "cold_price", "a price attribute is fed by a rule declared cold; prices enter by reference(...) only"
        )
    for family in structure.families.values():
        for channel, required in family.attribute_requirements.items():
            if attribute.code in required:
                yield _wrong(
                    "price_required",
                    f"family '{family.code}' requires '{attribute.code}' on channel '{channel}'; "
                    "a reference price may not be needed for completeness",
                )


def _check_table(binding: Binding[S], attribute: Attribute) -> Iterator[Problem]:
    if attribute.type != AttributeType.TABLE:
        return
    there = [column.code for column in table_columns(attribute)]
    for mapped in columns_of(binding.rule):
        unknown = [code for code in mapped if code not in there]
        if unknown:
            yield _wrong(
                "no_column", f"table '{attribute.code}' has no column {', '.join(unknown)}; it has {', '.join(there)}"
            )
        elif mapped[0] != there[0]:
            yield _wrong(
                "wrong_column",
                f"rows of table '{attribute.code}' are named by its column '{there[0]}', so it comes first, not '{mapped[0]}'",
            )


# ---- the mapping as a whole ----
def _check_identifier(bindings: Sequence[Binding[S]], structure: PimStructure) -> Iterator[Problem]:
    code = structure.identifier_attribute
    if not any(one.cell.attribute == code for one in bindings):
        yield _wrong(
            "no_identifier", f"no binding fills the identifier attribute '{code}'; bind it to the ERP's number"
        )


def _check_families(bindings: Sequence[Binding[S]], structure: PimStructure) -> Iterator[Problem]:
    """A mapped attribute that no family has would be written, but never shown to a PIM user."""
    rule = next((one.rule for one in bindings if one.cell.attribute == "family"), None)
    possible = rule.possible() if rule is not None else None
    if possible is None:
        return
    wanted = {code.lower() for code in possible}
    families = [family for code, family in structure.families.items() if code.lower() in wanted]
    within = {str(code) for family in families for code in family.attributes}
    for binding in bindings:
        code = binding.cell.attribute
        if families and code in structure.attributes and code not in within:
            yield _wrong("not_in_family", f"no family in use ({_listed(possible)}) has attribute '{code}'").at(
                str(binding.cell)
            )


def _check_schema(key_path: str, bindings: Sequence[Binding[S]], schema: ErpSchema) -> Iterator[Problem]:
    wanted = {key_path: "the key"}
    for binding in bindings:
        for source in binding.rule.sources:
            wanted.setdefault(source, str(binding.cell))
    for path, place in sorted(wanted.items()):
        if path not in schema.field_names:
            yield _wrong(
                "no_erp_field", f"field '{path}' is not in {schema.name}; it has {_listed(schema.field_names)}"
            ).at(place)


def _listed(codes: Iterable[str], longest: int = 12) -> str:
    words = sorted(codes)
    return ", ".join(words[:longest]) + (", ..." if len(words) > longest else "")

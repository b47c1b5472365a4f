"""Does the mapping fit? Asked of the PIM's structure and the ERP's schema, before any write."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from attrs import evolve

from akeneo_erp_bridge.catalog import PimStructure
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpSchema, FieldSpec
from akeneo_erp_bridge.mapping._checks._cell_checks import ESSENTIAL, check_cell, word_of
from akeneo_erp_bridge.mapping._checks._erp_checks import check_pairs, check_schema
from akeneo_erp_bridge.mapping._checks._misfit import Misfit, at_cell, listed, of_mapping
from akeneo_erp_bridge.mapping._checks._variant_preflight import check_levels
from akeneo_erp_bridge.rules import Binding

S = TypeVar("S")


def check_bindings(
    resource: str,
    key: FieldSpec,
    specs: Mapping[str, FieldSpec],
    bindings: Sequence[Binding[S]],
    structure: PimStructure,
    schema: ErpSchema | None,
    group: str | None,
) -> list[Misfit]:
    """Every problem of every binding; an empty list means that the mapping fits."""
    found = [one for binding in bindings for one in check_cell(resource, binding, structure, group)]
    identifier: AttributeCode | None = None
    if resource == "product":
        try:
            identifier = structure.identifier_attribute
        except ValueError as error:
            found.append(of_mapping("no_main_identifier", f"{error}; mark one of them as main in the PIM"))
        else:
            found += _check_identifier(bindings, identifier)
        found += _check_families(bindings, structure)
    elif not any(one.cell.attribute == "code" for one in bindings):
        found.append(of_mapping("no_code", f"no binding fills the code of the {word_of(resource)}; bind CODE"))
    found += check_levels(resource, bindings, structure)
    found += check_pairs(bindings)
    if schema is not None and schema.fields:
        found += check_schema(key, specs.values(), bindings, schema)
    essential = {one.cell.key for one in bindings if one.cell.attribute in {*ESSENTIAL, identifier}}
    return [_weighed(one, essential) for one in found]


def _weighed(one: Misfit, essential: Collection[str]) -> Misfit:
    """Without an identifier, a code or a family nothing is worth writing."""
    return evolve(one, severity="abort") if one.cell in essential and one.severity == "skip_cell" else one


def _check_identifier(bindings: Sequence[Binding[S]], code: AttributeCode) -> Iterator[Misfit]:
    if not any(one.cell.attribute == code for one in bindings):
        detail = f"no binding fills the identifier attribute '{code}'; bind it to the ERP's number"
        yield of_mapping("no_identifier", detail)


def _check_families(bindings: Sequence[Binding[S]], structure: PimStructure) -> Iterator[Misfit]:
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
            detail = f"no family in use ({listed(possible)}) has attribute '{code}'"
            yield at_cell(binding.cell.key, "not_in_family", detail)

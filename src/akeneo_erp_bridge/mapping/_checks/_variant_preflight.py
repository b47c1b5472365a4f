"""Does the grouping of flat rows fit the PIM's family variants? Asked before any write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from akeneo_erp_bridge.catalog import FamilyVariant, PimStructure
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpSchema
from akeneo_erp_bridge.mapping._checks._misfit import Misfit, at_cell, listed, of_mapping
from akeneo_erp_bridge.mapping._shapes._levels import family_variants, level_of
from akeneo_erp_bridge.rules import Binding, Owner, Rule, Step

S = TypeVar("S")


def check_variants(
    bindings: Sequence[Binding[S]],
    variant_rule: Rule[S, str, object],
    sub_model: Rule[S, str, object] | None,
    structure: PimStructure,
) -> list[Misfit]:
    """Every problem of the levels; an empty list means that they fit."""
    known = family_variants(structure)
    possible = variant_rule.possible()
    wanted = sorted(known if possible is None else possible)
    problems = [
        of_mapping(
            "no_family_variant",
            f"family variant '{code}' is not in the PIM ({listed(known) or 'it has none'})",
            place="models",
        )
        for code in wanted
        if code not in known
    ]
    used = [(code, known[code]) for code in wanted if code in known]
    deep = [code for code, one in used if one.levels == 2]
    if deep and sub_model is None:
        what = (
            f"family variant '{deep[0]}' has two levels; say with Variants(sub_model=...) which rows share a sub model"
        )
        problems.append(of_mapping("no_sub_model", what, place="models"))
    if used and not deep and sub_model is not None:
        what = f"Variants(sub_model=...) is given, and {listed(code for code, _ in used)} has one level; leave it out"
        problems.append(of_mapping("sub_model_not_wanted", what, place="models"))
    if possible is None:
        return problems  # which of the PIM's family variants are meant, only the rows tell
    for code, one in used:
        problems += _check_axes(code, one, bindings)
        problems += _check_family(code, bindings, structure)
    return problems


def check_sources(rules: Iterable[Step], schema: ErpSchema | None) -> Iterator[Misfit]:
    """The fields that group, asked of the ERP."""
    if schema is None or not schema.fields:
        return
    for path in sorted({path for rule in rules for path in rule.sources}):
        if not schema.has(path):
            detail = f"field '{path}' is not in {schema.name}; it has {listed(schema.field_names)}"
            yield of_mapping("no_erp_field", detail, place="models")


def check_levels(resource: str, bindings: Sequence[Binding[S]], structure: PimStructure) -> Iterator[Misfit]:
    """Attributes that another level holds: the PIM would drop their values without a word.

    A mapping of products is one of variants where it binds `PARENT`, and `FAMILY` not, which simple products need.
    """
    bound = {one.cell.attribute: one.rule for one in bindings}
    if resource != "product_model" and (resource != "product" or "parent" not in bound or "family" in bound):
        return
    named = bound["family_variant"].possible() if "family_variant" in bound else None
    wanted = None if named is None else {code.lower() for code in named}
    for binding in bindings:
        attribute = AttributeCode(binding.cell.attribute)
        if attribute not in structure.attributes:
            continue
        places = {
            str(code): (level_of(attribute, one, structure, categories=0), one.levels)
            for family, some in structure.family_variants.items()
            if family in structure.families and attribute in structure.families[family].attributes
            for code, one in some.items()
            if wanted is None or code.lower() in wanted
        }
        if resource == "product":
            fits, own = any(level == deepest for level, deepest in places.values()), "the variants' level"
        elif "parent" in bound:
            fits, own = any(level != deepest for level, deepest in places.values()), "the models' levels"
        else:
            fits, own = any(level == 0 for level, _ in places.values()), "the root models' level"
        if places and not fits:
            detail = (
                f"attribute '{attribute}' is not on {own} in {listed(places)}, so the PIM would drop its value; bind it "
                "in the mapping of the level that holds it"
            )
            yield at_cell(binding.cell.key, "wrong_level", detail)


def _check_axes(code: str, variant: FamilyVariant, bindings: Sequence[Binding[S]]) -> Iterator[Misfit]:
    for axis in variant.axes:
        found = [one for one in bindings if one.cell.attribute == axis]
        if not found:
            detail = f"family variant '{code}' tells its variants apart by '{axis}', which no binding fills"
            yield of_mapping("axis_not_bound", detail, place=axis)
        elif found[0].owner is Owner.PIM:
            detail = f"'{axis}' tells variants apart, so the ERP must fill it, not the PIM"
            yield of_mapping("axis_owner", detail, place=axis)


def _check_family(code: str, bindings: Sequence[Binding[S]], structure: PimStructure) -> Iterator[Misfit]:
    family = next(one for one, some in structure.family_variants.items() if code in some)
    there = structure.families[family].attributes if family in structure.families else ()
    for binding in bindings:
        attribute = AttributeCode(binding.cell.attribute)
        if there and attribute in structure.attributes and attribute not in there:
            detail = f"family '{family}' of family variant '{code}' has no attribute '{attribute}'"
            yield at_cell(binding.cell.key, "not_in_family", detail)

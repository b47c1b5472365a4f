"""Which rules may fill cells of the PIM: what the rules say of themselves, and what the item class says of its fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from akeneo_erp_bridge.classification import (
    PIM_SAFE,
    SHIPPABLE,
    Cold,
    Reference,
    may_reach,
    names,
)
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import MappingError, TemperatureRefused
from akeneo_erp_bridge.mapping._checks._declared import DeclaredPlace, PlaceRead, declared_places, places_read
from akeneo_erp_bridge.mapping._checks._misfit import Misfit, of_mapping
from akeneo_erp_bridge.mapping._reference import ReferenceRule
from akeneo_erp_bridge.mapping._shapes._lines import line_of
from akeneo_erp_bridge.rules import Binding, Step, shown, taint_of

S = TypeVar("S")


def admit(source: type[ErpItem], bindings: Sequence[Binding[S]]) -> None:
    """Raise `TemperatureRefused` for the first binding that could carry what is hot or internal.

    Raises `MappingError` for what is no binding.
    """
    for one in bindings:
        if not isinstance(one, Binding):  # pyright: ignore[reportUnnecessaryIsInstance]  # nobody's checker has to run
            name = getattr(one, "label", None) or shown(one)
            raise MappingError(f"a mapping of {source.__name__}: '{name}' fills no cell; end it with .to(Cell(...))")
    declared = declared_places(source, (binding.rule for binding in bindings))
    for binding in bindings:
        for reason in refusals(declared, binding.rule):
            raise TemperatureRefused(f"cell '{binding.cell}': {reason}")


def admit_grouping(source: type[ErpItem], rules: Sequence[Step]) -> None:
    """The same for the rules that say which rows are one model: the code of a model has no terms, so it is cold."""
    declared = declared_places(source, rules)
    for rule in rules:
        refuse_warm_grouping(rule)
        for reason in refusals(declared, rule):
            raise TemperatureRefused(f"models: {reason}")


def admit_words(source: type[ErpItem], rule: Step) -> None:
    """The same for a rule whose words become options: an option has no terms either."""
    taint = taint_of(rule)
    if not may_reach(taint, frozenset({Cold})):
        raise TemperatureRefused(f"rule '{rule.label}' is {names(taint)}; only what is cold becomes an option")
    for reason in refusals(declared_places(source, (rule,)), rule):
        raise TemperatureRefused(f"options: {reason}")


def refuse_warm_grouping(rule: Step) -> None:
    """Raise `TemperatureRefused` for a rule that is not cold."""
    taint = taint_of(rule)
    if not may_reach(taint, frozenset({Cold})):
        raise TemperatureRefused(
            f"rule '{rule.label}' is {names(taint)} and cannot group products; group by a cold field"
        )


def check_temperatures(source: type[ErpItem], bindings: Sequence[Binding[S]]) -> list[Misfit]:
    """The same for preflight: every binding, each with its first reason."""
    declared = declared_places(source, (binding.rule for binding in bindings))
    refused = [(binding, next(refusals(declared, binding.rule), None)) for binding in bindings]
    return [of_mapping("temperature", why, place=str(one.cell)) for one, why in refused if why is not None]


def refusals(declared: Sequence[DeclaredPlace], rule: Step) -> Iterator[str]:
    """Why this rule may not reach the PIM; nothing where it may."""
    taint = taint_of(rule)
    if not may_reach(taint, PIM_SAFE):
        yield (
            f"rule '{rule.label}' is {names(taint)}; only cold values and reference(...) prices may reach the PIM; "
            "send it to commerce with .feed(...)"
        )
    yield from _false_references(rule)
    yield from _disowned(declared, rule)


# ---- what says it is a reference, is one ----
def _false_references(rule: Step) -> Iterator[str]:
    claims = list(_claims(rule))
    for claim in claims:
        # the very class: a subclass could run another rule than the one whose passage the report tells of
        if type(claim) is not ReferenceRule:
            yield f"'{claim.label}' says it is a reference; only reference(...) makes one, so that its passage is told"
    if len(claims) > 1:
        yield f"rule '{rule.label}' holds {len(claims)} reference(...) with terms of their own; a cell takes one"
    if claims and _prices_lines(rule):
        yield f"rule '{rule.label}' holds a reference(...) beside other rules over its lines; write it around all of it"


def _claims(step: Step) -> Iterator[Step]:
    """The steps that make a reference of something that was none."""
    below = [claim for part in step.parts for claim in _claims(part)]
    if below:
        yield from below
    elif Reference in step.temperatures:
        yield step


def _prices_lines(step: Step) -> bool:
    """Whether rules over lines have a reference among them, so that the others would see its price."""
    if line_of(step) is not None:
        return any(True for part in step.parts for _ in _claims(part))
    return any(_prices_lines(part) for part in step.parts)


# ---- what the item classes declare, whatever a rule declares of itself ----
def _disowned(declared: Sequence[DeclaredPlace], rule: Step) -> Iterator[str]:
    for read in places_read(rule):
        # a reference may read what is hot, and nothing that is internal
        allowed = SHIPPABLE if read.is_referenced else PIM_SAFE
        met = [one for one in declared if one.concerns(read) and not may_reach(frozenset({one.temperature}), allowed)]
        for owner in dict.fromkeys(one.owner for one in met):
            yield _told(read, [one for one in met if one.owner == owner])


def _told(read: PlaceRead, met: Sequence[DeclaredPlace]) -> str:
    owner, path, told = met[0].owner, read.place[-1], names(frozenset(one.temperature for one in met))
    if len(met[0].place) == len(read.place):
        return f"'{read.step.label}' reads '{path}', which {owner} declares {told}"
    inside = ", ".join(dict.fromkeys(f"'{one.place[-1]}'" for one in met))
    return (
        f"'{read.step.label}' reads '{path}', and {owner} declares {inside} in it {told}; "
        f"read what is needed of the lines, such as '{path}[*].code' with .many()"
    )

"""Which rules may fill cells of the PIM: what the rules say of themselves, and what the item class says of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from akeneo_erp_bridge.classification import (
    PIM_SAFE,
    SHIPPABLE,
    Reference,
    Temperature,
    may_reach,
    names,
)
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import TemperatureRefused
from akeneo_erp_bridge.mapping._misfit import Misfit, of_mapping
from akeneo_erp_bridge.mapping._reference import ReferenceRule
from akeneo_erp_bridge.rules import Binding, Step, taint_of

S = TypeVar("S")


def admit(source: type[ErpItem], bindings: Sequence[Binding[S]]) -> None:
    """Raise `TemperatureRefused` for the first binding that could carry what is hot or internal."""
    for binding in bindings:
        for reason in refusals(source, binding.rule):
            raise TemperatureRefused(f"cell '{binding.cell}': {reason}")


def check_temperatures(source: type[ErpItem], bindings: Sequence[Binding[S]]) -> list[Misfit]:
    """The same for preflight: every binding, each with its first reason."""
    refused = [(binding, next(refusals(source, binding.rule), None)) for binding in bindings]
    return [of_mapping("temperature", why, place=str(one.cell)) for one, why in refused if why is not None]


def refusals(source: type[ErpItem], rule: Step) -> Iterator[str]:
    """Why this rule may not reach the PIM; nothing where it may."""
    taint = taint_of(rule)
    if not may_reach(taint, PIM_SAFE):
        yield (
            f"rule '{rule.label}' is {names(taint)}; only cold values and reference(...) prices may reach the PIM; "
            "send it to commerce with .feed(...)"
        )
    yield from _false_references(rule)
    yield from _disowned(source, rule)


# ---- what says it is a reference, is one ----
def _false_references(rule: Step) -> Iterator[str]:
    claims = list(_claims(rule))
    for claim in claims:
        # the very class: a subclass could run another rule than the one whose passage the report tells of
        if type(claim) is not ReferenceRule:
            yield f"'{claim.label}' says it is a reference; only reference(...) makes one, so that its passage is told"
    if len(claims) > 1:
        yield f"rule '{rule.label}' holds {len(claims)} reference(...) with terms of their own; a cell takes one"


def _claims(step: Step) -> Iterator[Step]:
    """The steps that make a reference of something that was none."""
    below = [claim for part in step.parts for claim in _claims(part)]
    if below:
        yield from below
    elif Reference in step.temperatures:
        yield step


# ---- what the item class declares, whatever a rule declares of itself ----
def _disowned(source: type[ErpItem], rule: Step) -> Iterator[str]:
    for step, allowed in _readers(rule, PIM_SAFE):
        for path in sorted(step.sources):
            declared = frozenset(spec.temperature for spec in source.declared_at(path))
            if not may_reach(declared, allowed):
                yield f"'{step.label}' reads '{path}', which {source.__name__} declares {names(declared)}"


def _readers(step: Step, allowed: frozenset[Temperature]) -> Iterator[tuple[Step, frozenset[Temperature]]]:
    """The steps that read the record themselves, with the temperatures each may read."""
    inner = SHIPPABLE if type(step) is ReferenceRule else allowed
    if step.sources - _sources(step.parts):
        yield step, inner
    for part in step.parts:
        yield from _readers(part, inner)


def _sources(steps: Iterable[Step]) -> frozenset[str]:
    return frozenset(one for step in steps for one in step.sources)

"""What each rule of a mapping is given to read: the columns that its like say they read, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from akeneo_erp_bridge.classification import PIM_SAFE, may_reach
from akeneo_erp_bridge.erp import ErpItem, overlap
from akeneo_erp_bridge.mapping._checks._declared import Place, line_places
from akeneo_erp_bridge.mapping._reference import find_reference
from akeneo_erp_bridge.rules import Binding, Outcome, Problem, Rule, Step, shown

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")


class Cuts(Generic[ItemT]):
    """Bindings and their cuts: one for all rules whose columns hold nothing hot, and one for each of the others.

    Those are the rules of reference prices, and rules over lines of which a column is hot or internal. A rule that lies
    about what it reads finds no price in its row, though another rule of the mapping may be given it.
    """

    def __init__(self, source: type[ItemT], bindings: Sequence[Binding[ItemT]]) -> None:
        key = source.key_spec().path
        rules = [one.rule for one in bindings]
        warm = _warm_places(rules)
        alone = [find_reference(rule) is not None or _reads_any(rule, warm) for rule in rules]
        self._plain = _cut(key, (rule for rule, is_alone in zip(rules, alone, strict=True) if not is_alone))
        self._rules = tuple(
            (one.cell.key, one.rule, _cut(key, [one.rule]) if is_alone else None)
            for one, is_alone in zip(bindings, alone, strict=True)
        )

    def outcomes(self, item: ItemT) -> dict[str, Outcome[object]]:
        """What the rules say of one item, by the key of the cell. Never raises for data."""
        seen = item.narrowed(self._plain)
        try:
            return {cell: rule.run(seen if own is None else item.narrowed(own)) for cell, rule, own in self._rules}
        except Exception:  # noqa: BLE001 - a rule of a user's own may raise anything; see `run_one`
            return {cell: run_one(rule, seen if own is None else item.narrowed(own)) for cell, rule, own in self._rules}


def cut_of(key: str, rules: Iterable[Step]) -> tuple[str, ...]:
    """The columns that rules may see together: those that they say they read, but none that is read for a reference."""
    return _cut(key, (rule for rule in rules if find_reference(rule) is None))


def _cut(key: str, rules: Iterable[Step]) -> tuple[str, ...]:
    return (key, *sorted({path for rule in rules for path in rule.sources} - {key}))


def _warm_places(rules: Iterable[Step]) -> frozenset[Place]:
    """The places in lines whose classes declare them hot or internal."""
    declared = (one for rule in rules for one in line_places(rule))
    return frozenset(one.place for one in declared if not may_reach(frozenset({one.temperature}), PIM_SAFE))


def _reads_any(rule: Step, places: frozenset[Place]) -> bool:
    return any(overlap(place, path) for place in places for path in rule.sources)


def run_one(rule: Rule[S, object, object], item: S) -> Outcome[object]:
    """The outcome of a rule; an exception becomes a problem with which the item is parked."""
    try:
        return rule.run(item)
    except Exception as error:  # noqa: BLE001 - the item is parked with the reason
        seen = f"raised {type(error).__name__} ({shown(str(error), longest=200)})"
        return Problem("rule_failed", "", f"rule '{rule.label}' {seen}; mend the rule, it should give a Problem")

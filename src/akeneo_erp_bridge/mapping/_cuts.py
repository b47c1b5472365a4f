"""What each rule of a mapping is given to read: the columns that its like say they read, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping._reference import find_reference
from akeneo_erp_bridge.rules import Binding, Outcome, Problem, Rule, Step, shown

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")


class Cuts(Generic[ItemT]):
    """Bindings and their cuts: one for all rules without a reference price, and one for each rule with one.

    A rule that lies about what it reads finds no price in its row, though another rule of the mapping may read it.
    """

    def __init__(self, source: type[ItemT], bindings: Sequence[Binding[ItemT]]) -> None:
        key = source.key_spec().path
        self._plain = cut_of(key, (one.rule for one in bindings))
        self._rules = tuple((one.cell.key, one.rule, _own_cut(key, one.rule)) for one in bindings)

    def outcomes(self, item: ItemT) -> dict[str, Outcome[object]]:
        """What the rules say of one item, by the key of the cell. Never raises for data."""
        seen = item.narrowed(self._plain)
        try:
            return {cell: rule.run(seen if own is None else item.narrowed(own)) for cell, rule, own in self._rules}
        except Exception:  # noqa: BLE001 - a rule of a user's own may raise anything; see `run_one`
            return {cell: run_one(rule, seen if own is None else item.narrowed(own)) for cell, rule, own in self._rules}


def cut_of(key: str, rules: Iterable[Step]) -> tuple[str, ...]:
    """The columns that rules may see together: those that they say they read, but none that is read for a reference."""
    read = {path for rule in rules if find_reference(rule) is None for path in rule.sources}
    return (key, *sorted(read - {key}))


def _own_cut(key: str, rule: Step) -> tuple[str, ...] | None:
    """What the rule of a reference price sees and no other does; `None` for any other rule."""
    return None if find_reference(rule) is None else (key, *sorted(rule.sources - {key}))


def run_one(rule: Rule[S, object, object], item: S) -> Outcome[object]:
    """The outcome of a rule; an exception becomes a problem with which the item is parked."""
    try:
        return rule.run(item)
    except Exception as error:  # noqa: BLE001 - the item is parked with the reason
        seen = f"raised {type(error).__name__} ({shown(str(error), longest=200)})"
        return Problem("rule_failed", "", f"rule '{rule.label}' {seen}; mend the rule, it should give a Problem")

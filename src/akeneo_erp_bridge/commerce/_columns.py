"""What rules over several columns of one record share: each column gives its value, or says what is wrong with it."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from attrs import frozen

from akeneo_erp_bridge.classification import Temperature
from akeneo_erp_bridge.rules import Outcome, Problem, Put, Rule, shown

S = TypeVar("S")
S_contra = TypeVar("S_contra", contravariant=True)
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
K_co = TypeVar("K_co", covariant=True)


class Wrong(Exception):
    """A column whose value is wrong, or lacks. It never leaves this room: the rule that catches it gives the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@frozen
class Constant(Rule[S_contra, T_co, K_co]):
    """The same value for each record."""

    value: T_co

    def run(self, source: S_contra) -> Outcome[T_co]:
        return Put(self.value)

    @property
    def label(self) -> str:
        return shown(self.value)

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset()


def optional(rule: Rule[S, T, K] | None, source: S) -> T | None:
    """The value of a column that may be absent or empty. Raises `Wrong`."""
    outcome = None if rule is None else rule.run(source)
    if isinstance(outcome, Problem):
        raise Wrong(outcome)
    return outcome.value if isinstance(outcome, Put) else None


def needed(rule: Rule[S, T, K], source: S, name: str, wanted: str) -> T:
    """The value of a column that must be there. Raises `Wrong`."""
    value = optional(rule, source)
    if value is None:
        raise Wrong(Problem(f"no_{name}", name, f"there is no {wanted}; fill it in the ERP, or name the right column"))
    return value


def amount(value: Decimal | int, name: str) -> Decimal:
    """A number that can be counted with. Raises `Wrong`."""
    number = Decimal(value)
    if not number.is_finite():
        raise Wrong(Problem("not_a_number", name, f"{shown(value)} is no number to count with; correct it in the ERP"))
    return number

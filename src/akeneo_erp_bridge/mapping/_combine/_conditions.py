"""Conditions are rules as well: they know three answers, yes, no, and that the ERP says nothing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, Never, TypeVar

from attrs import evolve, field, frozen

from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.rules import KEEP, Outcome, Problem, Put, Rule, Step, shown

S = TypeVar("S")
T = TypeVar("T")
K = TypeVar("K")
K2 = TypeVar("K2")
V = TypeVar("V", bound=Hashable)


@frozen
class IsIn(Rule[T, bool, Never], Generic[T]):
    """See `equals` and `is_in`."""

    values: tuple[T, ...]

    def run(self, source: T) -> Outcome[bool]:
        try:
            return Put(source in self.values)
        except Exception as error:  # noqa: BLE001 - an object may compare as it likes
            seen = f"{shown(source)} cannot be compared ({type(error).__name__})"
            return Problem("not_comparable", "", f"{seen} with {_listed(self.values)}; convert it first")

    @property
    def label(self) -> str:
        return f"equals({shown(self.values[0])})" if len(self.values) == 1 else f"is_in({_listed(self.values)})"


def _listed(values: Iterable[object]) -> str:
    return ", ".join(shown(one) for one in values)


def equals(value: T) -> IsIn[T]:
    """Whether the value is this one, to the letter.

    >>> equals("KG").run("KG")
    Put(value=True, notes=())
    """
    return IsIn((value,))


def is_in(*values: T) -> IsIn[T]:
    """Whether the value is one of these. Raises `MappingError` for none.

    >>> is_in("KG", "G").run("Stk")
    Put(value=False, notes=())
    """
    if not values:
        raise MappingError("is_in(): name the values, e.g. is_in('KG', 'G')")
    return IsIn(values)


@frozen
class Present(Rule[S, bool, K], Generic[S, K]):
    """See `present`."""

    rule: Rule[S, object, K]

    def run(self, source: S) -> Outcome[bool]:
        outcome = self.rule.run(source)
        if isinstance(outcome, Problem):
            return outcome
        return Put(isinstance(outcome, Put) and outcome.value is not None)

    @property
    def label(self) -> str:
        return f"present({self.rule.label})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)


def present(rule: Rule[S, object, K]) -> Present[S, K]:
    """Whether the rule has a value; 0, False and "" are values, absent and null are none.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     stock_unit = cold(str, "unit")
    >>> present(Article.stock_unit).run(Article({"unit": None}))
    Put(value=False, notes=())
    """
    return Present(rule)


@frozen
class Decided(Rule[S, bool, K], Generic[S, K]):
    """See `all_of` and `any_of`: the first answer that decides is the answer."""

    rules: tuple[Rule[S, bool, K], ...]
    deciding: bool

    def run(self, source: S) -> Outcome[bool]:
        is_known = True
        for rule in self.rules:
            outcome = rule.run(source)
            if isinstance(outcome, Problem):
                return outcome
            if not isinstance(outcome, Put):
                is_known = False
            elif bool(outcome.value) is self.deciding:
                return Put(self.deciding)
        return Put(not self.deciding) if is_known else KEEP

    @property
    def label(self) -> str:
        return f"{'any_of' if self.deciding else 'all_of'}({', '.join(rule.label for rule in self.rules)})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return self.rules


def all_of(*conditions: Rule[S, bool, K]) -> Decided[S, K]:
    """Whether all hold: asked in order until one says no, so that an earlier one can guard a later one.

    Where none says no and one says nothing, this says nothing. Raises `MappingError` for no condition.

    >>> all_of(equals("KG"), is_in("KG", "G")).run("KG")
    Put(value=True, notes=())
    """
    return Decided(_some("all_of", conditions), deciding=False)


def any_of(*conditions: Rule[S, bool, K]) -> Decided[S, K]:
    """Whether one holds: asked in order until one says yes.

    Where none says yes and one says nothing, this says nothing. Raises `MappingError` for no condition.

    >>> any_of(equals("KG"), equals("G")).run("G")
    Put(value=True, notes=())
    """
    return Decided(_some("any_of", conditions), deciding=True)


def _some(name: str, conditions: tuple[T, ...]) -> tuple[T, ...]:
    if not conditions:
        raise MappingError(f"{name}(): name the conditions, e.g. {name}(Article.active, Article.unit >> equals('KG'))")
    return conditions


@frozen
class Not(Rule[S, bool, K], Generic[S, K]):
    """See `not_`."""

    rule: Rule[S, bool, K]

    def run(self, source: S) -> Outcome[bool]:
        outcome = self.rule.run(source)
        return Put(not outcome.value, outcome.notes) if isinstance(outcome, Put) else outcome

    @property
    def label(self) -> str:
        return f"not_({self.rule.label})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)


def not_(condition: Rule[S, bool, K]) -> Not[S, K]:
    """Whether the condition does not hold; where the ERP says nothing, this says nothing.

    >>> not_(equals("KG")).run("G")
    Put(value=True, notes=())
    """
    return Not(condition)


@frozen
class Switch(Rule[S, T, K | K2], Generic[S, V, T, K, K2]):
    """See `switch`."""

    rule: Rule[S, V, K]
    cases: tuple[tuple[V, Rule[S, T, K2]], ...]
    otherwise: Rule[S, T, K2] | None
    _by_value: Mapping[V, Rule[S, T, K2]] = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_by_value", dict(self.cases))

    def run(self, source: S) -> Outcome[T]:
        found = self.rule.run(source)
        if isinstance(found, Problem):
            return found
        branch = self.otherwise
        notes: tuple[str, ...] = ()
        if isinstance(found, Put):
            notes = found.notes
            try:
                branch = self._by_value.get(found.value, self.otherwise)
            except TypeError:
                return Problem("no_case", "", f"{shown(found.value)} can be no case; convert it to a text or a number")
        if branch is None:
            return KEEP
        outcome = branch.run(source)
        return evolve(outcome, notes=notes + outcome.notes) if notes and isinstance(outcome, Put) else outcome

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        known: frozenset[str] = frozenset()
        for branch in self._branches:
            texts = branch.possible(before)
            if texts is None:
                return None
            known |= texts
        return known

    @property
    def _branches(self) -> tuple[Rule[S, T, K2], ...]:
        named = tuple(rule for _, rule in self.cases)
        return named if self.otherwise is None else (*named, self.otherwise)

    @property
    def label(self) -> str:
        cases = [f"{shown(value)}: {rule.label}" for value, rule in self.cases]
        rest = [] if self.otherwise is None else [f"otherwise: {self.otherwise.label}"]
        return f"switch({self.rule.label}, {', '.join([*cases, *rest])})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule, *self._branches)

    @property
    def passed_on(self) -> tuple[Step, ...]:
        return self._branches


def switch(
    rule: Rule[S, V, K], cases: Mapping[V, Rule[S, T, K2]], *, otherwise: Rule[S, T, K2] | None = None
) -> Switch[S, V, T, K, K2]:
    """The rule that a value chooses; for a value that is no case, or none, `otherwise`, and without one the PIM's
    value is kept.

    Every case is a rule over the same item; where one of them is a `constant`, mypy wants to be told the type of the
    table: ``cases: dict[str, Rule[Article, str, Cold]] = {...}``. Raises `MappingError` for no case.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     kind = cold(str, "kind")
    ...     length = cold(str, "length")
    ...     volume = cold(str, "volume")
    >>> size = switch(Article.kind, {"cable": Article.length, "paint": Article.volume})
    >>> size.run(Article({"kind": "paint", "length": "2", "volume": "5"}))
    Put(value='5', notes=())
    >>> size.run(Article({"kind": "drill", "length": "2"}))
    Keep()
    """
    if not cases:
        raise MappingError("switch(...): name the cases, e.g. {'cable': Article.length}")
    # in one order, so that the same cases make the same rule
    return Switch(rule, tuple(sorted(cases.items(), key=lambda case: repr(case[0]))), otherwise)

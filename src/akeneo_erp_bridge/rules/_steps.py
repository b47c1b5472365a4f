"""The combinators behind `Rule`'s methods: small frozen nodes, picklable, one law each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.rules._kinds import Kinds, either, returned
from akeneo_erp_bridge.rules._outcomes import CLEAR, KEEP, SEVERITIES, Clear, Keep, Outcome, Problem, Put, shown
from akeneo_erp_bridge.rules._rule import Rule, Step

S = TypeVar("S")
T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")
K2 = TypeVar("K2")


def function_name(f: Callable[[T], U]) -> str:
    """How a function is called in plans and problems."""
    return getattr(f, "__qualname__", None) or type(f).__qualname__


def _result(f: Callable[[T], U], value: T) -> tuple[U, ...]:
    try:
        return (f(value),)
    except Exception:  # noqa: BLE001 - a user's function may raise anything; a run would park the item
        return ()


def _one(rule: Step) -> str:
    """A rule in front of a method: one of several steps in brackets, since the method is of all of them."""
    return f"({rule.label})" if isinstance(rule, Then) else rule.label


def _never_none(kinds: Kinds) -> Kinds:
    return kinds if kinds is None else kinds - {type(None)}


@frozen
class Then(Rule[S, U, K | K2], Generic[S, T, U, K, K2]):
    """`first >> second`: what is no value passes by.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> from akeneo_erp_bridge.mapping import decimal
    >>> class Drill(ErpItem):
    ...     kilograms = cold(str, "weight")
    >>> weight = Drill.kilograms >> decimal("de_DE")
    >>> weight.run(Drill({"weight": "1,5"})).value, weight.run(Drill({})), weight.label
    (Decimal('1.5'), Keep(), 'kilograms >> decimal(de_DE)')
    """

    first: Rule[S, T, K]
    second: Rule[T, U, K2]

    def run(self, source: S) -> Outcome[U]:
        outcome = self.first.run(source)
        if not isinstance(outcome, Put):
            return outcome
        result = self.second.run(outcome.value)
        if outcome.notes and isinstance(result, Put):
            return Put(result.value, outcome.notes + result.notes)
        return result

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        """The texts that the second can give, given those of the first."""
        return self.second.possible(self.first.possible(before))

    def gives(self) -> Kinds:
        """The classes of the second's values."""
        return self.second.gives()

    def known(self, before: Sequence[S] = ()) -> tuple[U, ...]:
        """The values of the second that are known in advance, given those of the first."""
        return self.second.known(self.first.known(before))

    @property
    def label(self) -> str:
        return f"{self.first.label} >> {self.second.label}"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.first, self.second)

    @property
    def heads(self) -> tuple[Step, ...]:
        return (self.first,)


@frozen
class Mapped(Rule[S, U, K], Generic[S, T, U, K]):
    """`rule.map(f)`: an exception of `f` becomes a problem that names it."""

    rule: Rule[S, T, K]
    function: Callable[[T], U]

    def run(self, source: S) -> Outcome[U]:
        outcome = self.rule.run(source)
        if not isinstance(outcome, Put):
            return outcome
        try:
            return Put(self.function(outcome.value), outcome.notes)
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything; the item is parked with the reason
            name = function_name(self.function)
            return Problem(
                "function_failed",
                "",
                f"function '{name}' raised {type(error).__name__} ({shown(str(error), longest=200)}) for {shown(outcome.value)}; "
                "mend the function or the value in the ERP",
            )

    def gives(self) -> Kinds:
        return returned(self.function)

    def known(self, before: Sequence[S] = ()) -> tuple[U, ...]:
        return tuple(one for value in self.rule.known(before) for one in _result(self.function, value))

    @property
    def label(self) -> str:
        return f"{_one(self.rule)}.map({function_name(self.function)})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)


@frozen
class Coalesce(Rule[S, T | U, K | K2], Generic[S, T, U, K, K2]):
    """`a | b`: the first value wins; what happened in a skipped arm stays as a note.

    Where neither has a value, a problem tells of both arms, and weighs as much as the heavier of them.
    """

    first: Rule[S, T, K]
    second: Rule[S, U, K2]

    def run(self, source: S) -> Outcome[T | U]:
        one = self.first.run(source)
        if isinstance(one, Put) and one.value is not None:
            return one
        two = self.second.run(source)
        if isinstance(two, Put):
            skipped = (f"instead of: {one}",) if isinstance(one, Problem) else one.notes if isinstance(one, Put) else ()
            return evolve(two, notes=skipped + two.notes) if skipped else two
        if isinstance(one, Problem) and isinstance(two, Problem):
            severity = max(one.severity, two.severity, key=SEVERITIES.index)
            return evolve(one, detail=f"{one.detail}; and instead, {two}", severity=severity)
        ranked = sorted((one, two), key=lambda kind: (not isinstance(kind, Problem), not isinstance(kind, Clear)))
        return ranked[0]

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        one, two = self.first.possible(before), self.second.possible(before)
        return None if one is None or two is None else one | two

    def gives(self) -> Kinds:
        return either(self.first.gives(), self.second.gives())

    def known(self, before: Sequence[S] = ()) -> tuple[T | U, ...]:
        return (*self.first.known(before), *self.second.known(before))

    @property
    def label(self) -> str:
        return f"({self.first.label} | {self.second.label})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.first, self.second)


@frozen
class Both(Rule[S, tuple[T, U], K | K2], Generic[S, T, U, K, K2]):
    """`a & b`: a pair, when both have a value; a problem of either is a problem of both."""

    first: Rule[S, T, K]
    second: Rule[S, U, K2]

    def run(self, source: S) -> Outcome[tuple[T, U]]:
        one, two = self.first.run(source), self.second.run(source)
        if isinstance(one, Put) and isinstance(two, Put):
            return Put((one.value, two.value), one.notes + two.notes)
        if isinstance(one, Problem):
            return one
        if isinstance(two, Problem):
            return two
        return KEEP if isinstance(one, Keep) or isinstance(two, Keep) else CLEAR

    @property
    def label(self) -> str:
        return f"({self.first.label} & {self.second.label})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.first, self.second)


@frozen
class Required(Rule[S, T, K], Generic[S, T, K]):
    """`rule.required()`: absent and null are problems; 0, False and "" are values."""

    rule: Rule[S, T | None, K]

    def run(self, source: S) -> Outcome[T]:
        outcome = self.rule.run(source)
        if isinstance(outcome, Put):
            if outcome.value is not None:
                return Put(outcome.value, outcome.notes)
        elif isinstance(outcome, Problem):
            return outcome
        seen = "absent" if isinstance(outcome, Keep) else "empty (null)"
        return Problem("required", "", f"the value is {seen} but required; fill it in the ERP or add .default(...)")

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return self.rule.possible(before)

    def gives(self) -> Kinds:
        return _never_none(self.rule.gives())

    def known(self, before: Sequence[S] = ()) -> tuple[T, ...]:
        return tuple(value for value in self.rule.known(before) if value is not None)

    @property
    def label(self) -> str:
        return f"{_one(self.rule)}.required()"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)


@frozen
class Default(Rule[S, T, K], Generic[S, T, K]):
    """`rule.default(value)`: on absent and null only."""

    rule: Rule[S, T | None, K]
    value: T

    def run(self, source: S) -> Outcome[T]:
        outcome = self.rule.run(source)
        if isinstance(outcome, Problem):
            return outcome
        if isinstance(outcome, Put):
            return Put(self.value if outcome.value is None else outcome.value, outcome.notes)
        return Put(self.value)

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        known = self.rule.possible(before)
        return known | {self.value} if known is not None and isinstance(self.value, str) else None

    def gives(self) -> Kinds:
        return either(_never_none(self.rule.gives()), frozenset({type(self.value)}))

    def known(self, before: Sequence[S] = ()) -> tuple[T, ...]:
        return (*(value for value in self.rule.known(before) if value is not None), self.value)

    @property
    def label(self) -> str:
        return f"{_one(self.rule)}.default({shown(self.value)})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)


@frozen
class When(Rule[S, T, K | K2], Generic[S, T, K, K2]):
    """`rule.when(condition)`: kept where the condition is false or says nothing."""

    rule: Rule[S, T, K]
    condition: Rule[S, bool, K2]

    def run(self, source: S) -> Outcome[T]:
        verdict = self.condition.run(source)
        if isinstance(verdict, Problem):
            return verdict
        if isinstance(verdict, Put) and verdict.value:
            outcome = self.rule.run(source)
            notes = verdict.notes
            return evolve(outcome, notes=notes + outcome.notes) if notes and isinstance(outcome, Put) else outcome
        return KEEP

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return self.rule.possible(before)

    def gives(self) -> Kinds:
        return self.rule.gives()

    def known(self, before: Sequence[S] = ()) -> tuple[T, ...]:
        return self.rule.known(before)

    @property
    def label(self) -> str:
        return f"{_one(self.rule)}.when({self.condition.label})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule, self.condition)

    @property
    def passed_on(self) -> tuple[Step, ...]:
        return (self.rule,)


@frozen
class Catch(Rule[S, T, K], Generic[S, T, K]):
    """`rule.catch()`: the cell is left alone, the item goes on, the problem stays in the report.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Drill(ErpItem):
    ...     pieces = cold(int, "pieces")
    >>> (Drill.pieces.catch() | Drill.pieces).run(Drill({"pieces": "many"})).severity  # the heavier of two counts
    'skip_item'
    """

    rule: Rule[S, T, K]

    def run(self, source: S) -> Outcome[T]:
        outcome = self.rule.run(source)
        return evolve(outcome, severity="skip_cell") if isinstance(outcome, Problem) else outcome

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        """The texts that the rule can give."""
        return self.rule.possible(before)

    def gives(self) -> Kinds:
        """The classes of the rule's values."""
        return self.rule.gives()

    def known(self, before: Sequence[S] = ()) -> tuple[T, ...]:
        """The values of the rule that are known in advance."""
        return self.rule.known(before)

    @property
    def label(self) -> str:
        return f"{_one(self.rule)}.catch()"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)

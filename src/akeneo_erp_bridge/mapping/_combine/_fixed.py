"""Values that do not come from one field alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Never, TypeVar

from attrs import frozen

from akeneo_erp_bridge.classification import Temperature
from akeneo_erp_bridge.rules import KEEP, Kinds, Outcome, Problem, Put, Rule, Step, shown

S = TypeVar("S")
T = TypeVar("T")
K = TypeVar("K")


@frozen
class Constant(Rule[object, T, Never], Generic[T]):
    """See `constant`."""

    value: T

    def run(self, source: object) -> Outcome[T]:
        return Put(self.value)

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return frozenset({self.value}) if isinstance(self.value, str) else None

    def gives(self) -> Kinds:
        return frozenset({type(self.value)})

    def known(self, before: Sequence[object] = ()) -> tuple[T, ...]:
        return (self.value,)

    @property
    def label(self) -> str:
        return f"constant({shown(self.value)})"

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return frozenset()  # it gets the record and does not look at it


def constant(value: T) -> Constant[T]:
    """The same value for every item.

    >>> constant("clothing").run("whatever")
    Put(value='clothing', notes=())
    """
    return Constant(value)


@frozen
class Joined(Rule[S, str, K], Generic[S, K]):
    """See `joined`."""

    rules: tuple[Rule[S, str, K], ...]
    separator: str

    def run(self, source: S) -> Outcome[str]:
        words: list[str] = []
        notes: tuple[str, ...] = ()
        for rule in self.rules:
            outcome = rule.run(source)
            if isinstance(outcome, Problem):
                return outcome
            if isinstance(outcome, Put) and outcome.value:
                words.append(outcome.value)
                notes += outcome.notes
        return Put(self.separator.join(words), notes) if words else KEEP

    @property
    def label(self) -> str:
        between = "" if self.separator == " " else f", separator={self.separator!r}"
        return f"joined({', '.join(rule.label for rule in self.rules)}{between})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return self.rules


def joined(*rules: Rule[S, str, K], separator: str = " ") -> Joined[S, K]:
    """The texts one after the other; one that is missing or empty leaves out its separator too.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     brand = cold(str, "brand")
    ...     name = cold(str, "name")
    >>> joined(Article.brand, Article.name).run(Article({"brand": None, "name": "Drill"}))
    Put(value='Drill', notes=())
    """
    return Joined(rules, separator)

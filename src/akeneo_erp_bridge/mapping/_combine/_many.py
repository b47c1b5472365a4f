"""Several values of one item, such as those of its lines, become one."""

from __future__ import annotations

from typing import Any, Generic, Never, Protocol, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.rules import KEEP, SEVERITIES, Outcome, Problem, Put, Rule, Step, shown

S = TypeVar("S")
T = TypeVar("T")
T2 = TypeVar("T2")
K = TypeVar("K")


class Ordered(Protocol):
    """What can be compared with its own kind."""

    def __lt__(self, other: Any, /) -> bool: ...  # `Any`: numbers, texts and dates each name another kind here


OrderedT = TypeVar("OrderedT", bound=Ordered)


@frozen
class AtEnd(Rule[tuple[T, ...], T, Never], Generic[T]):
    """See `first` and `last`."""

    place: int

    def run(self, source: tuple[T, ...]) -> Outcome[T]:
        return Put(source[self.place]) if source else KEEP

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return before

    @property
    def label(self) -> str:
        return "last()" if self.place else "first()"


def first(rule: Rule[S, tuple[T, ...], K]) -> Rule[S, T, K]:
    """The first of several values, in the ERP's order; of none, the PIM's value is kept.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Order(ErpItem):
    ...     texts = cold(str, "lines[*].text").many()
    >>> first(Order.texts).run(Order({"lines": [{"text": "drill"}, {"text": "saw"}]}))
    Put(value='drill', notes=())
    >>> first(Order.texts).run(Order({"lines": []}))
    Keep()
    """
    return rule >> AtEnd[T](0)


def last(rule: Rule[S, tuple[T, ...], K]) -> Rule[S, T, K]:
    """The last of several values, in the ERP's order; of none, the PIM's value is kept.

    >>> from akeneo_erp_bridge.mapping import constant
    >>> last(constant(("drill", "saw"))).run("any item")
    Put(value='saw', notes=())
    """
    return rule >> AtEnd[T](-1)


@frozen
class Extreme(Rule[tuple[OrderedT, ...], OrderedT, Never], Generic[OrderedT]):
    """See `smallest` and `largest`."""

    is_largest: bool

    def run(self, source: tuple[OrderedT, ...]) -> Outcome[OrderedT]:
        if not source:
            return KEEP
        try:
            strays = [one for one in source if one != one]  # such as NaN
            if not strays:
                return Put(max(source) if self.is_largest else min(source))
        except Exception:  # noqa: BLE001 - an object may compare as it likes
            strays = list(source)
        seen = ", ".join(shown(one) for one in strays[:3])
        return Problem("not_comparable", "", f"no largest or smallest among {seen}; convert each with every(...) first")

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return before

    @property
    def label(self) -> str:
        return "largest()" if self.is_largest else "smallest()"


def smallest(rule: Rule[S, tuple[OrderedT, ...], K]) -> Rule[S, OrderedT, K]:
    """The smallest of several values; of none, the PIM's value is kept, and what has no order is a problem.

    >>> from akeneo_erp_bridge.mapping import constant
    >>> smallest(constant((3, 1, 2))).run("any item")
    Put(value=1, notes=())
    """
    return rule >> Extreme[OrderedT](is_largest=False)


def largest(rule: Rule[S, tuple[OrderedT, ...], K]) -> Rule[S, OrderedT, K]:
    """The largest of several values; of none, the PIM's value is kept, and what has no order is a problem.

    >>> from akeneo_erp_bridge.mapping import constant
    >>> largest(constant((3, 1, 2))).run("any item")
    Put(value=3, notes=())
    """
    return rule >> Extreme[OrderedT](is_largest=True)


@frozen
class Vote(Rule[tuple[bool, ...], bool, Never]):
    """See `any_true` and `all_true`."""

    is_unanimous: bool

    def run(self, source: tuple[bool, ...]) -> Outcome[bool]:
        if not source:
            return KEEP
        return Put(all(source) if self.is_unanimous else any(source))

    @property
    def label(self) -> str:
        return "all_true()" if self.is_unanimous else "any_true()"


def any_true(rule: Rule[S, tuple[bool, ...], K]) -> Rule[S, bool, K]:
    """Whether one of several is true; of none, the PIM's value is kept.

    >>> from akeneo_erp_bridge.mapping import constant
    >>> any_true(constant((False, True))).run("any item")
    Put(value=True, notes=())
    """
    return rule >> Vote(is_unanimous=False)


def all_true(rule: Rule[S, tuple[bool, ...], K]) -> Rule[S, bool, K]:
    """Whether all of several are true; of none, the PIM's value is kept.

    >>> from akeneo_erp_bridge.mapping import constant
    >>> all_true(constant((False, True))).run("any item")
    Put(value=False, notes=())
    """
    return rule >> Vote(is_unanimous=True)


@frozen
class Count(Rule[tuple[object, ...], int, Never]):
    """See `count_of`."""

    def run(self, source: tuple[object, ...]) -> Outcome[int]:
        return Put(len(source))

    @property
    def label(self) -> str:
        return "count_of()"


def count_of(rule: Rule[S, tuple[object, ...], K]) -> Rule[S, int, K]:
    """How many there are. An empty list has 0, which is a value; a list that is absent has no count.

    >>> from akeneo_erp_bridge.mapping import constant
    >>> count_of(constant(())).run("any item")
    Put(value=0, notes=())
    """
    return rule >> Count()


@frozen
class Distinct(Rule[tuple[T, ...], tuple[T, ...], Never], Generic[T]):
    """See `distinct`."""

    def run(self, source: tuple[T, ...]) -> Outcome[tuple[T, ...]]:
        try:
            return Put(tuple(dict.fromkeys(source)))
        except TypeError:  # not every value can be a key
            return self._by_comparing(source)

    def _by_comparing(self, source: tuple[T, ...]) -> Outcome[tuple[T, ...]]:
        kept: list[T] = []
        try:
            for one in source:
                if one not in kept:
                    kept.append(one)
        except Exception:  # noqa: BLE001 - an object may compare as it likes
            seen = f"{shown(source)}: not all can be compared"
            return Problem("not_comparable", "", f"{seen}; convert each with every(...) first")
        return Put(tuple(kept))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return before

    @property
    def label(self) -> str:
        return "distinct()"


def distinct(rule: Rule[S, tuple[T, ...], K]) -> Rule[S, tuple[T, ...], K]:
    """Each value once, where it stood first. A multi-select takes them with ``.map(frozenset)``.

    >>> from akeneo_erp_bridge.mapping import constant
    >>> distinct(constant(("red", "blue", "red"))).run("any item").value
    ('red', 'blue')
    """
    return rule >> Distinct[T]()


@frozen
class Concat(Rule[tuple[str, ...], str, Never]):
    """See `concat`."""

    separator: str

    def run(self, source: tuple[str, ...]) -> Outcome[str]:
        text = self.separator.join(one for one in source if one)
        return Put(text) if text else KEEP

    @property
    def label(self) -> str:
        return f"concat({shown(self.separator)})"


def concat(rule: Rule[S, tuple[str, ...], K], *, separator: str = ", ") -> Rule[S, str, K]:
    """The texts one after the other, without the empty ones; of none, the PIM's value is kept.

    >>> from akeneo_erp_bridge.mapping import constant
    >>> concat(constant(("red", "", "blue")), separator=" / ").run("any item")
    Put(value='red / blue', notes=())
    """
    return rule >> Concat(separator)


@frozen
class Every(Rule[tuple[T, ...], tuple[T2, ...], Never], Generic[T, T2]):
    """See `every`."""

    rule: Rule[T, T2, Never]

    def run(self, source: tuple[T, ...]) -> Outcome[tuple[T2, ...]]:
        outcomes = [self.rule.run(one) for one in source]
        problems = [one for one in outcomes if isinstance(one, Problem)]
        if problems:
            worst = max(problems, key=lambda one: SEVERITIES.index(one.severity))
            return evolve(worst, detail="; ".join(dict.fromkeys(one.detail for one in problems)))
        values = [one for one in outcomes if isinstance(one, Put)]
        return Put(tuple(one.value for one in values), tuple(note for one in values for note in one.notes))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return self.rule.possible(before)

    @property
    def label(self) -> str:
        return f"every({self.rule.label})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)

    @property
    def heads(self) -> tuple[Step, ...]:
        return ()  # the rule gets the members


def every(rule: Rule[T, T2, Never]) -> Every[T, T2]:
    """Apply a converter to each of several values, in order.

    Those without a value are left out; one that is wrong makes a problem that tells all that are.

    >>> from akeneo_erp_bridge.mapping import decimal
    >>> every(decimal("de_DE")).run(("1,5", " ", "2")).value
    (Decimal('1.5'), Decimal('2'))
    """
    return Every(rule)

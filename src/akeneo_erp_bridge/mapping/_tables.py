"""Words of the ERP become codes of the PIM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Literal, Never, TypeAlias, TypeVar

from attrs import evolve, field, frozen

from akeneo_erp_bridge.mapping._freeze import frozen_table
from akeneo_erp_bridge.rules import CLEAR, KEEP, Kinds, Outcome, Problem, Put, Rule, Step, shown

T = TypeVar("T")
T2 = TypeVar("T2")
Unknown: TypeAlias = Literal["problem", "keep", "clear"]


@frozen
class Lookup(Rule[str, T, Never], Generic[T]):
    """See `lookup`."""

    table: Mapping[str, T] = field(converter=frozen_table)
    unknown: Unknown
    name: str

    def run(self, source: str) -> Outcome[T]:
        word = source.strip().casefold()
        if not word:
            return CLEAR
        found = self.table.get(word)
        if found is not None:
            return Put(found)
        if self.unknown == "keep":
            return KEEP
        if self.unknown == "clear":
            return CLEAR
        return Problem(
            "unknown_word",
            "",
            f"{shown(source)} is not in the table '{self.name}' ({len(self.table)} entries); add it there or correct the ERP",
        )

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        values = frozenset(value for value in self.table.values() if isinstance(value, str))
        return values if len(values) == len(set(self.table.values())) else None

    def gives(self) -> Kinds:
        return frozenset(type(value) for value in self.table.values()) or None

    def known(self, before: Sequence[str] = ()) -> tuple[T, ...]:
        return super().known(before) if before else tuple(self.table.values())

    @property
    def label(self) -> str:
        return f"lookup({self.name})"


def lookup(table: Mapping[str, T], *, unknown: Unknown = "problem", name: str = "table") -> Lookup[T]:
    """Replace a word by its entry in a table; the case of the word does not matter, a blank means "no value".

    `unknown` says what a word outside the table does: park the item, keep the PIM's value, or clear it.

    >>> colours = lookup({"rot": "red", "RED": "red"}, name="colours")
    >>> colours.run("Rot")
    Put(value='red', notes=())
    >>> colours.run("mauve").detail
    "'mauve' is not in the table 'colours' (2 entries); add it there or correct the ERP"
    """
    return Lookup({word.strip().casefold(): value for word, value in table.items()}, unknown, name)


@frozen
class Words(Rule[str, bool, Never]):
    """See `boolean`."""

    true: frozenset[str]
    false: frozenset[str]

    def run(self, source: str) -> Outcome[bool]:
        word = source.strip().casefold()
        if word in self.true or word in self.false:
            return Put(word in self.true)
        if not word:
            return CLEAR
        known = ", ".join(sorted(self.true | self.false))
        return Problem("not_a_boolean", "", f"{shown(source)} is none of {known}")

    @property
    def label(self) -> str:
        return f"boolean({'/'.join(sorted(self.true))}, {'/'.join(sorted(self.false))})"


def boolean(*, true: Iterable[str], false: Iterable[str]) -> Words:
    """Words for yes and no, in any case; any other word is a problem, never "no".

    >>> boolean(true={"J", "Y"}, false={"N"}).run("j")
    Put(value=True, notes=())
    """
    return Words(frozenset(word.casefold() for word in true), frozenset(word.casefold() for word in false))


@frozen
class OneOf(Rule[T, frozenset[T], Never], Generic[T]):
    """See `as_set`."""

    def run(self, source: T) -> Outcome[frozenset[T]]:
        return Put(frozenset({source}))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return before

    @property
    def label(self) -> str:
        return "as_set()"


def as_set() -> OneOf[str]:
    """One code as a set of one, for categories and multi-selects.

    >>> as_set().run("drills").value
    frozenset({'drills'})
    """
    return OneOf()


@frozen
class Single(Rule[frozenset[str], str, Never]):
    """See `single`."""

    def run(self, source: frozenset[str]) -> Outcome[str]:
        if len(source) > 1:
            return Problem("several", "", f"expected one value, seen {len(source)}: {', '.join(sorted(source))}")
        return Put(next(iter(source))) if source else CLEAR

    @property
    def label(self) -> str:
        return "single()"


def single() -> Single:
    """The only member of a set; an empty set means "no value", several members are a problem.

    >>> single().run(frozenset({"drills"}))
    Put(value='drills', notes=())
    >>> single().run(frozenset({"drills", "saws"})).detail
    'expected one value, seen 2: drills, saws'
    """
    return Single()


@frozen
class Each(Rule[frozenset[T], frozenset[T2], Never], Generic[T, T2]):
    """See `each`."""

    rule: Rule[T, T2, Never]

    def run(self, source: frozenset[T]) -> Outcome[frozenset[T2]]:
        outcomes = [self.rule.run(one) for one in source]
        problems = [one for one in outcomes if isinstance(one, Problem)]
        if problems:
            return evolve(problems[0], detail="; ".join(sorted(one.detail for one in problems)))
        return Put(frozenset(one.value for one in outcomes if isinstance(one, Put)))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return self.rule.possible(before)

    @property
    def label(self) -> str:
        return f"each({self.rule.label})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)

    @property
    def heads(self) -> tuple[Step, ...]:
        return ()  # the rule gets the members


def each(rule: Rule[T, T2, Never]) -> Each[T, T2]:
    """Apply a converter to every member of a set; members without a value are left out, one wrong member is a problem.

    >>> sorted(each(lookup({"10": "drills", "20": "saws"})).run(frozenset({"10", "20"})).value)
    ['drills', 'saws']
    """
    return Each(rule)

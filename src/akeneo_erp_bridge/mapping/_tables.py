"""Words of the ERP become codes of the PIM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, Literal, Never, TypeAlias, TypeVar

from attrs import field, frozen

from akeneo_erp_bridge.mapping._freeze import frozen_table
from akeneo_erp_bridge.rules import CLEAR, KEEP, Outcome, Problem, Put, Rule, shown

T = TypeVar("T")
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

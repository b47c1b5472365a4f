"""The halves of a lossless pair: rules as functions, and tables read backwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Generic, Never, TypeVar

from attrs import field, frozen

from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.rules import Problem, Put, Rule, shown

T = TypeVar("T")
U = TypeVar("U")


@frozen
class Strictly(Generic[T, U]):
    """A converter as a function of an `Iso`: what has no value, or loses something on the way, raises `MappingError`."""

    rule: Rule[T, U, Never]

    def __call__(self, value: T) -> U:
        outcome = self.rule.run(value)
        if isinstance(outcome, Put) and not outcome.notes:
            return outcome.value
        if isinstance(outcome, Put):
            why = ", ".join(outcome.notes)
        else:
            why = outcome.detail if isinstance(outcome, Problem) else "it is no value"
        raise MappingError(f"{shown(value)} does not pass both ways: {why}")


@frozen
class WithPrefix:
    """A prefix put back, where one was taken away."""

    prefix: str

    def __call__(self, value: str) -> str:
        return self.prefix + value


@frozen
class Unchanged:
    """A converter of texts as a function of an `Iso`: what the way back would write otherwise raises `MappingError`."""

    there: Strictly[str, str]
    back: WithPrefix

    def __call__(self, value: str) -> str:
        text = self.there(value)
        if self.back(text) != value:
            raise MappingError(
                f"{shown(value)} does not pass both ways: it would come back as {shown(self.back(text))}"
            )
        return text


@frozen
class OfPack:
    """A rule of a number and its pack as a function of the number alone."""

    rule: Rule[tuple[Decimal, str], Decimal, Never]
    pack: str

    def __call__(self, value: Decimal) -> Decimal:
        return Strictly(self.rule)((value, self.pack))


@frozen
class WordOf(Generic[T]):
    """A table read backwards: from the value to the word as the table spells it."""

    words: Mapping[T, str] = field(hash=False)
    name: str

    def __call__(self, value: T) -> str:
        word = self.words.get(value)
        if word is None:
            raise MappingError(f"no word of {self.name} means {shown(value)}; add one, or correct the value in the PIM")
        return word


def backwards(rows: Iterable[tuple[str, T]], name: str) -> WordOf[T]:
    """The inverse of a table.

    Raises `ConfigurationError` naming the words that clash, or a value that no table can look up.
    """
    found: dict[T, str] = {}
    for word, value in rows:
        try:
            other = found.setdefault(value, word)
        except TypeError:
            raise ConfigurationError(f"{name} has no inverse: {shown(value)} cannot be looked up") from None
        if other != word:
            raise ConfigurationError(
                f"{name} has no inverse: {other!r} and {word!r} both mean {shown(value)}; leave one of them out"
            )
    return WordOf(found, name)

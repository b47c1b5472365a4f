"""Several words in one text, and back."""

from __future__ import annotations

from typing import Generic, Literal, Never, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.mapping._labels import call
from akeneo_erp_bridge.mapping._values._strictly import Strictly
from akeneo_erp_bridge.rules import CLEAR, KEEP, Iso, Outcome, Problem, Put, Rule, shown

T = TypeVar("T")
Empty: TypeAlias = Literal["clear", "keep"]


@frozen
class Split(Rule[str, frozenset[str], Never]):
    """See `split`."""

    separator: str
    empty: Empty

    def run(self, source: str) -> Outcome[frozenset[str]]:
        words = frozenset(word for part in source.split(self.separator) if (word := part.strip()))
        if words:
            return Put(words)
        return CLEAR if self.empty == "clear" else KEEP

    def iso(self) -> Iso[str, frozenset[str]]:
        """Both ways, for `two_way`: the words go back sorted, each once.

        >>> words = split(";").iso()
        >>> words.back(words.there("steel;wood"))
        'steel;wood'
        """
        return Iso(Strictly(self), Strictly(Join(self.separator)))

    @property
    def label(self) -> str:
        return call("split", repr(self.separator), empty=(self.empty, "clear"))


def split(separator: str, *, empty: Empty = "clear") -> Split:
    """The words between the separators, trimmed, each once: "steel; wood" is a set of two, for multi-selects.

    A text without words clears the value, or keeps it where `empty` says so. Raises `ConfigurationError` for a
    separator of nothing.

    >>> sorted(split(";").run("wood; steel;;wood").value)
    ['steel', 'wood']
    """
    return Split(_separator("split", separator), empty)


@frozen
class Join(Rule[frozenset[str], str, Never]):
    """See `join`."""

    separator: str

    def run(self, source: frozenset[str]) -> Outcome[str]:
        for word in sorted(source):
            if self.separator in word or not word.strip() or word != word.strip():
                return Problem(
                    "not_joinable",
                    "",
                    f"{shown(word)} would not be found again between {self.separator!r}; choose another separator",
                )
        text = self.separator.join(sorted(source))
        if source and frozenset(text.split(self.separator)) != source:
            # "a-" and "b" between "--"
            return Problem(
                "not_joinable",
                "",
                f"the words of {shown(text)} end as {self.separator!r} begins; choose another separator",
            )
        return Put(text) if source else CLEAR

    @property
    def label(self) -> str:
        return f"join({self.separator!r})"


def join(separator: str) -> Join:
    """The words of a set as one text, sorted; a word that holds the separator is a problem.

    >>> join(";").run(frozenset({"wood", "steel"}))
    Put(value='steel;wood', notes=())
    >>> join(",").run(frozenset({"steel, coated"})).code
    'not_joinable'
    """
    return Join(_separator("join", separator))


def _separator(where: str, separator: str) -> str:
    if not separator:
        raise ConfigurationError(f"{where}(...): a separator has at least one character")
    return separator


@frozen
class AtMost(Rule[frozenset[T], frozenset[T], Never], Generic[T]):
    """See `at_most`."""

    count: int

    def run(self, source: frozenset[T]) -> Outcome[frozenset[T]]:
        if len(source) <= self.count:
            return Put(source)
        seen = ", ".join(sorted(map(str, source)))
        return Problem(
            "too_many",
            "",
            f"{len(source)} values, at most {self.count} allowed: {shown(seen)}; leave some out in the ERP",
        )

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return before

    @property
    def label(self) -> str:
        return f"at_most({self.count})"


def at_most(count: int) -> AtMost[str]:
    """A set of no more than `count` words; a larger one is a problem, because nobody can say which to leave out.

    >>> at_most(1).run(frozenset({"steel", "wood"})).detail
    "2 values, at most 1 allowed: 'steel, wood'; leave some out in the ERP"
    """
    if count < 1:
        raise ConfigurationError(f"at_most({count}): allow at least one")
    return AtMost(count)


@frozen
class Parts:
    """The way there of `split_iso`."""

    separator: str
    count: int | None

    def __call__(self, text: str) -> tuple[str, ...]:
        parts = tuple(text.split(self.separator))
        if self.count is not None and len(parts) != self.count:
            raise MappingError(f"{shown(text)} has {len(parts)} parts between {self.separator!r}, not {self.count}")
        return parts


@frozen
class Parted:
    """The way back of `split_iso`."""

    separator: str
    count: int | None

    def __call__(self, parts: tuple[str, ...]) -> str:
        text = self.separator.join(parts)
        if not parts or Parts(self.separator, self.count)(text) != parts:
            raise MappingError(f"{shown(parts)} cannot be told apart again between {self.separator!r}")
        return text


def split_iso(separator: str, *, count: int | None = None) -> Iso[str, tuple[str, ...]]:
    """The parts of a text in their order, untouched, and back: lossless for every text.

    Parts that hold the separator, and texts of another number of parts than `count`, raise `MappingError`,
    which a rule tells as a problem. Raises `ConfigurationError` for a separator of nothing.

    >>> pair = split_iso("-", count=2)
    >>> pair.there("DR-18")
    ('DR', '18')
    >>> pair.back(("DR", "18"))
    'DR-18'
    """
    _separator("split_iso", separator)
    return Iso(Parts(separator, count), Parted(separator, count))

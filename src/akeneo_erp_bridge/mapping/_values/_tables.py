"""Words of the ERP become codes of the PIM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, Literal, Never, TypeAlias, TypeVar, get_args, overload
from unicodedata import normalize

from attrs import evolve, frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping._freeze import FrozenTable, frozen_table
from akeneo_erp_bridge.mapping._labels import call, rows_told
from akeneo_erp_bridge.mapping._values._strictly import Strictly, backwards
from akeneo_erp_bridge.rules import CLEAR, KEEP, SEVERITIES, Iso, Kinds, Outcome, Problem, Put, Rule, Step, shown

T = TypeVar("T")
T2 = TypeVar("T2")
Unknown: TypeAlias = Literal["problem", "keep", "clear", "review"]
_SHOWN: Final = 5
UNNAMED: Final = "table"


def fold(word: str) -> str:
    """A word as it is looked up: neither case nor outer spaces matter, nor how an umlaut is composed.

    >>> fold("Gru\N{COMBINING DIAERESIS}n\N{NO-BREAK SPACE}") == fold("gr\N{LATIN SMALL LETTER U WITH DIAERESIS}n")
    True
    """
    composed = word if word.isascii() else normalize("NFC", word).replace("\N{NO-BREAK SPACE}", " ")
    return composed.strip().casefold()


def folded_table(rows: Mapping[str, T], name: str) -> FrozenTable[T]:
    """The rows by folded word; raises `ConfigurationError` where two spellings of one word mean two things."""
    table: dict[str, T] = {}
    spelled: dict[str, str] = {}
    for word, value in rows.items():
        folded = fold(word)
        if not folded:
            raise ConfigurationError(f'{name}: a blank word means "no value" and is not looked up; use .default(...)')
        other = spelled.setdefault(folded, word)
        if other != word and table[folded] != value:
            raise ConfigurationError(
                f"{name}: {other!r} and {word!r} are one word and mean {shown(table[folded])} and {shown(value)}; "
                "leave one of them out"
            )
        table[folded] = value
    return frozen_table(table)


@frozen
class Lookup(Rule[str, T, Never], Generic[T]):
    """See `lookup`."""

    rows: FrozenTable[T]
    """As they were given."""
    table: FrozenTable[T]
    """By folded word."""
    unknown: Unknown
    name: str

    def run(self, source: str) -> Outcome[T]:
        word = fold(source)
        if not word:
            return CLEAR
        found = self.table.get(word)
        if found is not None:
            return Put(found)
        return Put(self.table[word]) if word in self.table else self._unknown(source)

    def _unknown(self, source: str) -> Outcome[T]:
        if self.unknown == "keep":
            return KEEP
        if self.unknown == "clear":
            return CLEAR
        entries = "1 entry" if len(self.table) == 1 else f"{len(self.table)} entries"
        table = "the table" if self.name == UNNAMED else f"the table '{self.name}'"
        seen = f"{shown(source)} is not in {table} ({entries})"
        if self.unknown == "review":
            return Problem("for_review", "", f"{seen}; the PIM's value is kept until the word is added", "skip_cell")
        return Problem("unknown_word", "", f"{seen}; add it there or correct the ERP")

    def iso(self) -> Iso[str, T]:
        """The table both ways, for `two_way`; words go back as the table spells them.

        Raises `ConfigurationError` when two words have one value, naming them.

        >>> colours = lookup({"Rot": "red", "Blau": "blue"}).iso()
        >>> colours.back(colours.there("Rot"))
        'Rot'
        """
        return Iso(Strictly(self), backwards(self.rows.items(), f"table '{self.name}'"))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        values = [value for value in self.table.values() if isinstance(value, str)]
        return frozenset(values) if len(values) == len(self.table) else None

    def gives(self) -> Kinds:
        return frozenset(type(value) for value in self.table.values()) or None

    def known(self, before: Sequence[str] = ()) -> tuple[T, ...]:
        return super().known(before) if before else tuple(self.table.values())

    @property
    def label(self) -> str:
        return call("lookup", self._told, unknown=(self.unknown, "problem"))

    @property
    def _told(self) -> str:
        return rows_told(self.rows) if self.name == UNNAMED else self.name


@frozen
class LookupOrPass(Rule[str, str, Never]):
    """See `lookup`, with ``unknown="pass"``."""

    table: FrozenTable[str]
    """By folded word."""
    name: str

    def run(self, source: str) -> Outcome[str]:
        word = source.strip()
        return Put(self._meaning(word)) if word else CLEAR

    def _meaning(self, word: str) -> str:
        found = self.table.get(fold(word))
        return word.strip() if found is None else found

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return None if before is None else frozenset(map(self._meaning, before))

    @property
    def label(self) -> str:
        told = rows_told(self.table) if self.name == UNNAMED else self.name
        return call("lookup", told, unknown=("pass", ""))


@overload
def lookup(table: Mapping[str, str], *, unknown: Literal["pass"], name: str = UNNAMED) -> LookupOrPass: ...
@overload
def lookup(table: Mapping[str, T], *, unknown: Unknown = "problem", name: str = UNNAMED) -> Lookup[T]: ...
def lookup(
    table: Mapping[str, T], *, unknown: Unknown | Literal["pass"] = "problem", name: str = UNNAMED
) -> Lookup[T] | LookupOrPass:
    """Replace a word by its entry in a table; the case of the word does not matter, a blank means "no value".

    `unknown` says what a word outside the table does: ``"problem"`` parks the item, ``"keep"`` keeps the PIM's
    value, ``"clear"`` clears it, ``"review"`` keeps it and tells the word in the report, ``"pass"`` passes the word on
    as it is (in tables of texts). Raises `ConfigurationError` for a blank word, for two spellings of one word that mean two
    things, and for another `unknown`.

    >>> colours = lookup({"rot": "red", "RED": "red"}, name="colours")
    >>> colours.run("Rot")
    Put(value='red', notes=())
    >>> colours.run("mauve").detail
    "'mauve' is not in the table 'colours' (2 entries); add it there or correct the ERP"
    >>> lookup({"rot": "red"}, unknown="review").run("mauve").severity
    'skip_cell'
    >>> lookup({"rot": "red"}, unknown="pass").run("mauve")
    Put(value='mauve', notes=())
    """
    if unknown not in (*get_args(Unknown), "pass"):
        known = ", ".join(map(repr, (*get_args(Unknown), "pass")))
        raise ConfigurationError(f"table '{name}': unknown is one of {known}, not {unknown!r}")
    if unknown != "pass":
        return Lookup(frozen_table(table), folded_table(table, f"table '{name}'"), unknown, name)
    texts = {word: value for word, value in table.items() if isinstance(value, str)}
    if len(texts) < len(table):
        raise ConfigurationError(f"table '{name}': unknown='pass' gives texts, so its values must be texts too")
    return LookupOrPass(folded_table(texts, f"table '{name}'"), name)


@frozen
class OneOf(Rule[str, frozenset[str], Never]):
    """See `as_set`."""

    def run(self, source: str) -> Outcome[frozenset[str]]:
        return Put(frozenset({source}))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return before

    @property
    def label(self) -> str:
        return "as_set()"


def as_set() -> OneOf:
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
            seen = ", ".join(shown(one) for one in sorted(source)[:_SHOWN])
            more = ", ..." if len(source) > _SHOWN else ""
            return Problem("several", "", f"expected one value, seen {len(source)}: {seen}{more}; keep one in the ERP")
        return Put(next(iter(source))) if source else CLEAR

    @property
    def label(self) -> str:
        return "single()"


def single() -> Single:
    """The only member of a set; an empty set means "no value", several members are a problem.

    >>> single().run(frozenset({"drills"}))
    Put(value='drills', notes=())
    >>> single().run(frozenset({"drills", "saws"})).detail
    "expected one value, seen 2: 'drills', 'saws'; keep one in the ERP"
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
            worst = max(problems, key=lambda one: (SEVERITIES.index(one.severity), one.code))
            return evolve(worst, detail="; ".join(sorted(one.detail for one in problems)))
        values = [one.value for one in outcomes if isinstance(one, Put)]
        try:
            return Put(frozenset(values))
        except TypeError:
            return Problem("no_member", "", f"{shown(values)}: not all can be members of a set; convert them to texts")

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

"""Texts put together of values, and values taken out of texts."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Generic, Literal, Never, TypeAlias, TypeVar, overload

from attrs import frozen

from akeneo_erp_bridge.classification import Cold, PimSafe, Shippable
from akeneo_erp_bridge.errors import ConfigurationError, MappingError
from akeneo_erp_bridge.mapping._labels import call
from akeneo_erp_bridge.rules import CLEAR, KEEP, Clear, Outcome, Problem, Put, Rule, Step, shown

S = TypeVar("S")
K = TypeVar("K")
Part: TypeAlias = str | int | Decimal | date
Missing: TypeAlias = Literal["keep", "drop", "problem"]
NoMatch: TypeAlias = Literal["problem", "keep", "clear"]


@frozen
class Template(Rule[S, str, K], Generic[S, K]):
    """See `template`."""

    text: str
    literals: tuple[str, ...]
    """What stands before each part."""
    rules: tuple[Rule[S, Part, K], ...]
    names: tuple[str, ...]
    end: str
    missing: Missing

    def run(self, source: S) -> Outcome[str]:
        words: list[tuple[str, str]] = []
        notes: tuple[str, ...] = ()
        empty: list[tuple[str, Outcome[Part]]] = []
        for name, literal, rule in zip(self.names, self.literals, self.rules, strict=True):
            outcome = rule.run(source)
            if isinstance(outcome, Problem):
                return outcome.at(name)
            if isinstance(outcome, Put):
                word = _word(outcome.value)
                if word is None:
                    seen = f"{shown(outcome.value)} is no text or number"
                    return Problem("bad_part", name, f"{seen}; use .map(...) to write it")
                if word:
                    words.append((literal if words else self.literals[0], word))
                    notes += outcome.notes
                    continue
            empty.append((name, outcome))
        if words and (self.missing == "drop" or not empty):
            return Put("".join(literal + word for literal, word in words) + self.end, notes)
        return self._without(empty)

    def _without(self, empty: list[tuple[str, Outcome[Part]]]) -> Outcome[str]:
        if self.missing == "problem":
            return Problem(
                "missing_part", empty[0][0], "the part has no value; fill it in the ERP, or give missing='drop'"
            )
        return CLEAR if all(isinstance(outcome, Clear) for _, outcome in empty) else KEEP

    @property
    def label(self) -> str:
        return call("template", repr(self.text), missing=(self.missing, "keep"))

    @property
    def parts(self) -> tuple[Step, ...]:
        return self.rules


# one step for each place a text may go to: left alone, a checker joins the temperatures of several rules to `object`
@overload
def template(text: str, /, *, missing: Missing = "keep", **rules: Rule[S, Part, Cold]) -> Rule[S, str, Cold]: ...
@overload
def template(text: str, /, *, missing: Missing = "keep", **rules: Rule[S, Part, PimSafe]) -> Rule[S, str, PimSafe]: ...
@overload
def template(
    text: str, /, *, missing: Missing = "keep", **rules: Rule[S, Part, Shippable]
) -> Rule[S, str, Shippable]: ...
@overload
def template(text: str, /, *, missing: Missing = "keep", **rules: Rule[S, Part, object]) -> Rule[S, str, object]: ...
def template(text: str, /, *, missing: Missing = "keep", **rules: Rule[S, Part, K]) -> Rule[S, str, K]:
    """A text put together of values: ``template("{brand} {name}", brand=Article.brand, name=Article.name)``.

    Numbers are written with a point and without an exponent, days as YYYY-MM-DD. Where a part has no value (a blank
    text is none), `missing` decides: ``"keep"`` keeps the PIM's text, or clears it where all such parts say so; ``"drop"`` leaves out the part and the text between it and the part before; ``"problem"`` parks the item.
    The result is as hot as its hottest part. Raises `MappingError` for a name without a rule, a rule that
    is not named, and format specifications.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     brand = cold(str, "brand")
    ...     name = cold(str, "name")
    >>> title = template("{brand} - {name}", brand=Article.brand, name=Article.name, missing="drop")
    >>> title.run(Article({"brand": "Bosch", "name": "Drill"}))
    Put(value='Bosch - Drill', notes=())
    >>> title.run(Article({"brand": None, "name": "Drill"}))
    Put(value='Drill', notes=())
    """
    literals, names, end = _parsed(text)
    unknown, idle = sorted(set(names) - set(rules)), sorted(set(rules) - set(names))
    if unknown or idle or not names:
        seen = f"no rule for {', '.join(unknown)}" if unknown else f"no place for {', '.join(idle) or 'any rule'}"
        raise MappingError(f"template({text!r}): {seen}; each name in braces has one rule")
    return Template(text, literals, tuple(rules[name] for name in names), names, end, missing)


def _parsed(text: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    try:
        pieces = list(Formatter().parse(text))
    except ValueError as error:
        raise MappingError(f"template({text!r}): {error}; write {{{{ for a brace") from None
    literals: list[str] = []
    names: list[str] = []
    before = ""
    for literal, name, spec, conversion in pieces:
        before += literal
        if name is None:
            continue
        if spec or conversion or not name.isidentifier():
            raise MappingError(f"template({text!r}): a name alone stands in braces; format a value in its own rule")
        literals.append(before)
        names.append(name)
        before = ""
    return tuple(literals), tuple(names), before


def _word(value: Part | None) -> str | None:
    """The value as text; blank where there is none, `None` where nobody can tell how to write it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() and -200 < value.adjusted() < 200 else None
    return None if isinstance(value, bool) else str(value)


@frozen
class Extract(Rule[str, str, Never]):
    """See `extract`."""

    pattern: str
    group: int | str
    no_match: NoMatch

    def run(self, source: str) -> Outcome[str]:
        found = {one for match in re.finditer(self.pattern, source) if (one := match.group(self.group))}
        if len(found) == 1:
            return Put(found.pop())
        if len(found) > 1:
            seen = ", ".join(sorted(map(repr, found)))
            return Problem("several", "", f"{shown(source)} holds several: {shown(seen)}; make the pattern narrower")
        if self.no_match == "problem":
            return Problem("no_match", "", f"{shown(source)} does not hold {self.pattern!r}; correct it in the ERP")
        return KEEP if self.no_match == "keep" else CLEAR

    @property
    def label(self) -> str:
        return call("extract", repr(self.pattern), no_match=(self.no_match, "problem"))


def extract(pattern: str, *, group: int | str | None = None, no_match: NoMatch = "problem") -> Extract:
    """The part of a text that a regular expression finds; several different ones are a problem.

    `group` is a number or name; by default the only group, or the whole match where there is none. What a text without
    a match does, `no_match` says. Raises `ConfigurationError` for a wrong pattern, and for a group it has not.

    >>> extract(r"([0-9]+) ?mm").run("Bohrer HSS 12 mm")
    Put(value='12', notes=())
    >>> extract(r"([0-9]+) ?mm").run("12 mm x 80 mm").code
    'several'
    """
    made = compiled("extract", pattern)
    if group is None and made.groups > 1:
        raise ConfigurationError(f"extract({pattern!r}): {made.groups} groups; say which with group=...")
    wanted = made.groups if group is None else group
    if wanted not in made.groupindex and wanted not in range(made.groups + 1):
        raise ConfigurationError(f"extract({pattern!r}): there is no group {group!r}")
    return Extract(pattern, wanted, no_match)


@frozen
class Matching(Rule[str, str, Never]):
    """See `matching`."""

    pattern: str
    expected: str

    def run(self, source: str) -> Outcome[str]:
        if re.fullmatch(self.pattern, source):
            return Put(source)
        return Problem("no_match", "", f"{shown(source)} is not {self.expected}; correct it in the ERP")

    @property
    def label(self) -> str:
        return f"matching({self.pattern!r})"


def matching(pattern: str, *, expected: str | None = None) -> Matching:
    """Let only texts pass that a regular expression matches from beginning to end, such as an attribute's own.

    `expected` says in a few words what the text should be. Raises `ConfigurationError` for a wrong pattern.

    >>> ean = matching("[0-9]{13}", expected="an EAN of 13 digits")
    >>> ean.run("4006381333931")
    Put(value='4006381333931', notes=())
    >>> ean.run("400638133393").detail
    "'400638133393' is not an EAN of 13 digits; correct it in the ERP"
    """
    compiled("matching", pattern)
    return Matching(pattern, expected or f"as {pattern!r} says")


def compiled(where: str, pattern: str) -> re.Pattern[str]:
    """The pattern, checked."""
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ConfigurationError(f"{where}({pattern!r}): not a regular expression ({error})") from None

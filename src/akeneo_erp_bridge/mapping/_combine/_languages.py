"""The ERP's languages and the PIM's locales: one table for all texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Never, TypeVar

from attrs import frozen

from akeneo_erp_bridge.erp import Translations
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.rules import CLEAR, KEEP, Outcome, Problem, Put, Rule, Step

S = TypeVar("S")
T = TypeVar("T")
K = TypeVar("K")


@frozen
class InLanguage(Rule[Translations, str, Never]):
    """See `in_language`."""

    language: str

    def run(self, source: Translations) -> Outcome[str]:
        if self.language not in source:
            return KEEP
        text = source[self.language]
        return CLEAR if text is None else Put(text)

    @property
    def label(self) -> str:
        return f"in_language({self.language})"


def in_language(language: str) -> InLanguage:
    """The text in one language of the ERP; one that is not there is kept in the PIM, a null clears it.

    >>> in_language("D").run(Translations((("E", "Drill"),)))
    Keep()
    """
    return InLanguage(language)


@frozen
class FallenBack(Rule[S, T, K], Generic[S, T, K]):
    """A locale's own value, and where there is none another locale's, with a note."""

    own: Rule[S, T, K] | None
    locale: str
    other: Rule[S, T, K]
    other_locale: str

    def run(self, source: S) -> Outcome[T]:
        if self.own is not None:
            outcome = self.own.run(source)
            if isinstance(outcome, Problem) or (isinstance(outcome, Put) and outcome.value is not None):
                return outcome  # a wrong value is mended, not hidden behind another language
        outcome = self.other.run(source)
        if not isinstance(outcome, Put):
            return outcome
        return Put(outcome.value, (*outcome.notes, f"{self.locale}: taken from {self.other_locale}"))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        own = frozenset[str]() if self.own is None else self.own.possible(before)
        other = self.other.possible(before)
        return None if own is None or other is None else own | other

    @property
    def label(self) -> str:
        own = self.locale if self.own is None else f"{self.locale}: {self.own.label}"
        return f"({own}, else {self.other_locale}: {self.other.label})"

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.other,) if self.own is None else (self.own, self.other)


@frozen
class Languages:
    """See `languages`."""

    table: tuple[tuple[str, tuple[str, ...]], ...]
    fallback: tuple[tuple[str, str], ...] = ()

    @property
    def locales(self) -> tuple[str, ...]:
        """The PIM's locales that get texts, those of a fallback last."""
        own = [locale for _, locales in self.table for locale in locales]
        return tuple(dict.fromkeys([*own, *(locale for locale, _ in self.fallback)]))

    def columns(self, rules: Mapping[str, Rule[S, T, K]]) -> Mapping[str, Rule[S, T, K]]:
        """From a rule for each language to a rule for each locale, for an ERP with a column for each language.

        A language of the table that has no rule here leaves its locales alone. Raises `MappingError` for a language
        that is not in the table.

        >>> from akeneo_erp_bridge.erp import ErpItem, cold
        >>> class Article(ErpItem):
        ...     english = cold(str, "name_e")
        >>> table = languages({"E": ("en_US", "en_GB"), "D": "de_DE"})
        >>> sorted(table.columns({"E": Article.english}))
        ['en_GB', 'en_US']
        """
        known = {language for language, _ in self.table}
        strange = sorted(set(rules) - known)
        if strange:
            raise MappingError(f"language {', '.join(strange)} is not in the table ({', '.join(sorted(known))})")
        own = {locale: rules[code] for code, locales in self.table if code in rules for locale in locales}
        found = {locale: self._rule(locale, own) for locale in self.locales}
        return {locale: rule for locale, rule in found.items() if rule is not None}

    def texts(self, rule: Rule[S, Translations, K]) -> Mapping[str, Rule[S, str, K]]:
        """From a field of `translations` to a rule for each locale.

        >>> from akeneo_erp_bridge.erp import ErpItem, translations
        >>> class Article(ErpItem):
        ...     names = translations("names")
        >>> rules = languages({"en": "en_US", "de": "de_DE"}, fallback={"de_AT": "de_DE"}).texts(Article.names)
        >>> rules["de_AT"].run(Article({"names": {"de": "Bohrer"}}))
        Put(value='Bohrer', notes=('de_AT: taken from de_DE',))
        >>> rules["en_US"].run(Article({"names": {"de": "Bohrer"}}))
        Keep()
        """
        return self.columns({language: rule >> InLanguage(language) for language, _ in self.table})

    def _rule(self, locale: str, own: Mapping[str, Rule[S, T, K]]) -> Rule[S, T, K] | None:
        other_locale = dict(self.fallback).get(locale)
        other = None if other_locale is None else self._rule(other_locale, own)
        if other is None or other_locale is None:
            return own.get(locale)
        return FallenBack(own.get(locale), locale, other, other_locale)


def languages(table: Mapping[str, str | tuple[str, ...]], *, fallback: Mapping[str, str] | None = None) -> Languages:
    """Which locales of the PIM get the texts of which language of the ERP.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> from akeneo_erp_bridge.mapping import localized
    >>> class Article(ErpItem):
    ...     english = cold(str, "name_e")
    ...     german = cold(str, "name_d")
    >>> table = languages({"E": "en_US", "D": ("de_DE", "de_CH")}, fallback={"de_AT": "de_DE"})
    >>> names = localized("name", table.columns({"E": Article.english, "D": Article.german}))
    >>> [str(one.cell) for one in names]
    ['name[de_DE]', 'name[de_CH]', 'name[en_US]', 'name[de_AT]']

    A text that is missing in its language is kept in the PIM; it is never copied from another one, but for the
    locales in `fallback`, and there with a note. A wrong value is a problem, with or without a fallback. Raises
    `MappingError` for a locale of two languages, and for a fallback to nowhere or round in a circle.
    """
    rows = tuple((code, (found,) if isinstance(found, str) else tuple(found)) for code, found in sorted(table.items()))
    own = [locale for _, locales in rows for locale in locales]
    twice = sorted({locale for locale in own if own.count(locale) > 1})
    if twice:
        raise MappingError(f"languages(...): locale {', '.join(twice)} is named twice; each has one language")
    chain = dict(fallback or {})
    for locale in chain:
        _refuse_circle(locale, chain, own)
    return Languages(rows, tuple(sorted(chain.items())))


def _refuse_circle(locale: str, chain: Mapping[str, str], own: list[str]) -> None:
    passed = [locale]
    while passed[-1] in chain:
        passed.append(chain[passed[-1]])
        if passed.count(passed[-1]) > 1:
            raise MappingError(f"languages(...): the fallback goes round in a circle: {' -> '.join(passed)}")
    if passed[-1] not in own:
        raise MappingError(f"languages(...): the fallback {' -> '.join(passed)} ends at a locale that has no language")

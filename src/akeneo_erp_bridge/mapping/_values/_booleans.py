"""Words for yes and no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal, Never, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping._values._strictly import Strictly, backwards
from akeneo_erp_bridge.mapping._values._tables import fold
from akeneo_erp_bridge.rules import CLEAR, Iso, Outcome, Problem, Put, Rule, shown

Language: TypeAlias = Literal["de", "en", "fr"]

# (yes, no); "1" and "0" are the same everywhere
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "de": ("j ja wahr 1", "n nein falsch 0"),
    "en": ("y yes true 1", "n no false 0"),
    "fr": ("o oui vrai 1", "n non faux 0"),
}


def _words(words: str | Iterable[str]) -> frozenset[str]:
    return frozenset(fold(word) for word in ([words] if isinstance(words, str) else words))


@frozen
class Words(Rule[str, bool, Never]):
    """See `boolean`."""

    true: frozenset[str] = field(converter=_words)
    false: frozenset[str] = field(converter=_words)

    def __attrs_post_init__(self) -> None:
        both = ", ".join(sorted(map(repr, self.true & self.false)))
        if both:
            raise ConfigurationError(f"boolean(...): {both} cannot mean yes and no; leave it out of one")
        if not self.true or not self.false:
            raise ConfigurationError("boolean(...): give at least one word for yes and one for no")

    def run(self, source: str) -> Outcome[bool]:
        word = fold(source)
        if word in self.true or word in self.false:
            return Put(word in self.true)
        if not word:
            return CLEAR
        known = ", ".join(sorted(self.true | self.false))
        return Problem("not_a_boolean", "", f"{shown(source)} is none of {known}; add the word or correct the ERP")

    def iso(self, *, true: str, false: str) -> Iso[str, bool]:
        """Both ways, for `two_way`: the ERP is given these two words.

        Raises `ConfigurationError` for a word that does not mean this here.

        >>> words = yes_no("de").iso(true="Ja", false="Nein")
        >>> words.back(words.there("Nein"))
        'Nein'
        """
        for word, known, meaning in ((true, self.true, "yes"), (false, self.false, "no")):
            if fold(word) not in known:
                raise ConfigurationError(f"{self.label}: {word!r} does not mean {meaning}")
        return Iso(Strictly(self), backwards([(true, True), (false, False)], self.label))

    @property
    def label(self) -> str:
        return f"boolean({'/'.join(sorted(self.true))}, {'/'.join(sorted(self.false))})"


def boolean(*, true: str | Iterable[str], false: str | Iterable[str]) -> Words:
    """Words for yes and no, in any case; any other word is a problem, never "no".

    A blank means "no value" unless it is one of the words: ``boolean(true="X", false="")`` reads SAP's flags.
    Raises `ConfigurationError` for a word on both sides, and for a side without words.

    >>> boolean(true={"J", "Y"}, false={"N"}).run("j")
    Put(value=True, notes=())
    """
    return Words(true, false)


def yes_no(*languages: Language) -> Words:
    """The usual words for yes and no of English, German and French, and 1 and 0.

    Raises `ConfigurationError` for a language that is not among them.

    >>> yes_no("de", "fr").run("Oui")
    Put(value=True, notes=())
    >>> yes_no("de").run("vielleicht").detail
    "'vielleicht' is none of 0, 1, falsch, j, ja, n, nein, wahr; add the word or correct the ERP"
    """
    unknown = sorted(set(languages) - set(_WORDS))
    if unknown or not languages:
        asked = ", ".join(map(repr, unknown)) or "no language"
        raise ConfigurationError(f"yes_no(...): {asked} asked for; there are {', '.join(sorted(_WORDS))}")
    return Words(
        [word for one in languages for word in _WORDS[one][0].split()],
        [word for one in languages for word in _WORDS[one][1].split()],
    )

"""Words of the ERP that no option has: found by reading, proposed as options, each once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from attrs import define, field, frozen

from akeneo_erp_bridge.catalog import AttributeOption, AttributeOptionPatch, is_whole
from akeneo_erp_bridge.classification import Cold
from akeneo_erp_bridge.codes import LocaleCode, OptionCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import TemperatureRefused
from akeneo_erp_bridge.mapping._checks._admission import admit_words
from akeneo_erp_bridge.rules import Problem, Put, Rule, shown
from akeneo_erp_bridge.sync.setup._blueprint import Blueprint, Piece
from akeneo_erp_bridge.sync.setup._json import fold
from akeneo_erp_bridge.sync.setup._kinds import wrong_code

__all__ = ["OptionProposal", "Words", "propose_options", "unknown_words"]

ItemT = TypeVar("ItemT", bound=ErpItem)
T = TypeVar("T")
K = TypeVar("K")

Label: TypeAlias = str | Mapping[str, str]


@frozen
class Words:
    """Words that may become options: read by a cold rule, see `unknown_words`, or written by a person.

    A list of texts says nothing of where it comes from, and a cost is a text as any other; so `propose_options` takes
    words alone.

    >>> list(Words.written("Rot", {"de_DE": "Blau", "en_US": "Blue"}))
    ['Rot', {'de_DE': 'Blau', 'en_US': 'Blue'}]
    """

    labels: tuple[Label, ...]

    @classmethod
    def written(cls, *labels: Label) -> Words:
        """Words that a person wrote, into a program or a file. A label is a text, or texts by locale."""
        return cls(labels)

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)


@frozen
class OptionProposal:
    """Options that would be new, and the codes of all words.

    `codes` has a code for each word, of an option that is there or one that is proposed: add it to the table of a
    `lookup`. `blueprint` has the new options, for `propose`. `problems` are the words that got no code, and why.

    >>> from akeneo_erp_bridge.mapping import lookup
    >>> proposal = propose_options("colour", Words.written("Dunkelgrün", "???"), locale="de_DE")
    >>> lookup(proposal.codes).run("Dunkelgrün").value
    'dunkelgrun'
    >>> [one.code for one in proposal.problems]
    ['no_option_code']
    """

    attribute: str
    blueprint: Blueprint
    codes: Mapping[str, str]
    problems: Sequence[Problem]


def propose_options(
    attribute: str,
    labels: Words,
    existing: Iterable[AttributeOption] = (),
    *,
    locale: str = "en_US",
    code_of: Callable[[str], str] | None = None,
) -> OptionProposal:
    """Propose an option for each label that no option of *attribute* has yet.

    A label is a text in *locale*, or texts by locale, of which the first is the word. Labels that differ in case or
    blanks are one, and an option that has the label in any locale is taken as it is: no code is ever renamed.
    *code_of* makes a code of a word; two words of one code are problems, both, and so is a word without letters.
    Raises `TemperatureRefused` for labels that are no `Words`, should the type checker have been silenced.

    >>> red = AttributeOption(code=OptionCode("red"), labels={LocaleCode("de_DE"): "Rot"})
    >>> words = Words.written("rot", "Dunkelgrün", "DUNKELGRÜN ")
    >>> proposal = propose_options("colour", words, [red], locale="de_DE")
    >>> proposal.codes
    {'rot': 'red', 'Dunkelgrün': 'dunkelgrun', 'DUNKELGRÜN ': 'dunkelgrun'}
    >>> [str(one.ref) for one in proposal.blueprint.pieces]
    ["option 'dunkelgrun' of 'colour'"]
    """
    if type(labels) is not Words:
        raise TemperatureRefused(
            f"options of '{attribute}': a {type(labels).__name__} does not say where its words come from; read them "
            "with unknown_words(...), or say Words.written(...)"
        )
    desk = _Desk(code_of or _plain_code, list(existing))
    for label in labels:
        desk.take({locale: label} if isinstance(label, str) else label)
    pieces = (
        Piece.of(AttributeOptionPatch(code=OptionCode(code), labels=texts), attribute)
        for code, texts in desk.new.items()
    )
    blueprint = Blueprint.of(*(Piece(one.kind, one.patch, one.within, "words of the ERP") for one in pieces))
    return OptionProposal(attribute, blueprint, desk.codes, tuple(desk.problems))


@define
class _Desk:
    """Takes one label after the other."""

    code_of: Callable[[str], str]
    existing: list[AttributeOption]
    new: dict[str, dict[LocaleCode, str | None]] = field(factory=dict[str, dict[LocaleCode, str | None]])
    codes: dict[str, str] = field(factory=dict[str, str])
    problems: list[Problem] = field(factory=list[Problem])
    _words: dict[str, str] = field(init=False, factory=dict[str, str])
    """Words as they are compared, and their codes; the empty code is that of a word with a problem."""
    _owners: dict[str, str] = field(init=False, factory=dict[str, str])
    """Codes in lower case, and the word of each."""

    def __attrs_post_init__(self) -> None:
        for option in self.existing:
            self._owners[fold(option.code)] = next((text for text in option.labels.values() if text), option.code)
            self._words.setdefault(_compared(option.code), option.code)
        for option in self.existing:
            self._words |= {_compared(text): option.code for text in option.labels.values() if text}

    def take(self, texts: Mapping[str, str]) -> None:
        word = next(iter(texts.values()), "")
        compared = _compared(word)
        if compared not in self._words:
            self._words[compared] = self._coded(word, texts)
        if self._words[compared]:
            self.codes[word] = self._words[compared]

    def _coded(self, word: str, texts: Mapping[str, str]) -> str:
        reason = "it holds characters that no file can hold" if not all(map(is_whole, texts.values())) else ""
        code = "" if reason else self.code_of(word)
        reason = reason or wrong_code("option", code) or self._clash(code)
        if reason:
            self.problems.append(
                Problem(
                    "no_option_code",
                    "",
                    f"{shown(word)}: {reason}; make the option by hand, and add the word to the table",
                )
            )
            return ""
        self._owners[fold(code)] = word
        self.new[code] = {LocaleCode(locale): text.strip() for locale, text in texts.items()}
        return code

    def _clash(self, code: str) -> str:
        other = self._owners.get(fold(code))
        if other is None:
            return ""
        if code in self.new:
            # neither of the two has a better right to the code
            del self.new[code]
            self._words[_compared(other)] = ""
            for word in [one for one, known in self.codes.items() if known == code]:
                del self.codes[word]
            text = f"{shown(other)}: its code '{code}' would be that of another word too"
            self.problems.append(
                Problem("no_option_code", "", f"{text}; make the option by hand, and add the word to the table")
            )
        return f"its code '{code}' is that of {shown(other)}"


def unknown_words(words: Rule[ItemT, str, Cold], known: Rule[str, T, K], items: Iterable[ItemT]) -> Words:
    """The words of *items* that a table gives nothing for, in the order in which they are met, each once.

    *words* gives the word of an item, *known* is the table, such as a `lookup`, whatever it does with unknown words;
    memory grows with the words alone. Problems of *words* itself are for the run to report, and blanks are no words.
    As they become options of the PIM, *words* is a cold rule, and sees of an item what it says that it reads. Raises
    `TemperatureRefused` for another, should the type checker have been silenced.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.mapping import clean, lookup
    >>> class Article(ErpItem):
    ...     colour = cold(str, "colour")
    >>> items = [Article({"colour": word}) for word in ("Rot", "mauve", "rot", "Mauve")]
    >>> list(unknown_words(Article.colour >> clean(), lookup({"rot": "red"}), items))
    ['mauve']
    """
    paths = words.sources
    admitted: set[type[ErpItem]] = set()
    seen: dict[str, str] = {}
    admit_words(ErpItem, words)
    for item in items:
        if type(item) not in admitted:
            admit_words(type(item), words)
            admitted.add(type(item))
        outcome = words.run(item.narrowed(paths))
        if isinstance(outcome, Put) and outcome.value.strip() and not isinstance(known.run(outcome.value), Put):
            seen.setdefault(_compared(outcome.value), outcome.value)
    return Words(tuple(seen.values()))


_GAP: Final = re.compile(r"[^a-z0-9]+")


def _plain_code(word: str) -> str:
    """A code that can be read: letters lose their accents, all else becomes one underscore."""
    letters = unicodedata.normalize("NFKD", word.strip().casefold()).encode("ascii", "ignore").decode()
    return _GAP.sub("_", letters).strip("_")


def _compared(word: str) -> str:
    return " ".join(unicodedata.normalize("NFC", word).casefold().split())

"""Codes made of labels: letters, digits and underscores, told apart over the whole table."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final, Literal, Never, TypeAlias

from attrs import frozen

from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping._freeze import FrozenTable, frozen_table
from akeneo_erp_bridge.mapping._labels import call
from akeneo_erp_bridge.mapping._values._strictly import Strictly, backwards
from akeneo_erp_bridge.mapping._values._tables import fold
from akeneo_erp_bridge.rules import CLEAR, Iso, Outcome, Problem, Put, Rule, shown

Case: TypeAlias = Literal["lower", "keep"]
Clash: TypeAlias = Literal["problem", "hash"]
"""What two texts become that give one code, or a text that is too long for one."""

LONGEST_CODE: Final = 100
"""In characters: what options, categories and families of Akeneo take."""

_HASH: Final = 6  # hexadecimal digits, which tell labels of one code apart; where they do not, the labels are a problem

# what NFKD does not take apart, or not as its readers write it without their own letters
_LETTERS: Final = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ẞ": "SS",
    "å": "aa", "æ": "ae", "ø": "oe", "Å": "Aa", "Æ": "Ae", "Ø": "Oe", "œ": "oe", "Œ": "Oe",
    "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "µ": "u",
})  # fmt: skip


@frozen
class Slug(Rule[str, str, Never]):
    """See `slug`."""

    max_length: int
    case: Case
    too_long: Clash

    def run(self, source: str) -> Outcome[str]:
        text = source.strip()
        if not text:
            return CLEAR
        if len(text.splitlines()) > 1 or "\n" in text:
            return Problem(
                "bad_code", "", f"{shown(source)} has a line break, which no code has; correct it in the ERP"
            )
        plain = transliterated(text)
        strange = next((one for one in plain if one.isalnum() and not one.isascii()), None)
        if strange is not None:
            return Problem(
                "bad_code", "", f"{shown(source)}: no code letter for {strange!r}; give its code in a lookup(...)"
            )
        code = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")
        if self.case == "lower":
            code = code.lower()
        if not code:
            return Problem(
                "bad_code", "", f"{shown(source)} has no letter or digit to make a code of; use a lookup(...)"
            )
        return Put(code) if len(code) <= self.max_length else self._shortened(code, text)

    def _shortened(self, code: str, text: str) -> Outcome[str]:
        if self.too_long == "problem":
            return Problem(
                "too_long", "", f"the code has {len(code)} characters, {self.max_length} are allowed: {shown(code)}"
            )
        return Put(with_hash(code, text, self.max_length), (f"shortened from {len(code)} characters",))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        if before is None:
            return None
        outcomes = map(self.run, before)
        return frozenset(one.value for one in outcomes if isinstance(one, Put))

    @property
    def label(self) -> str:
        return call(
            "slug",
            max_length=(self.max_length, LONGEST_CODE),
            case=(self.case, "lower"),
            too_long=(self.too_long, "problem"),
        )


def slug(*, max_length: int = LONGEST_CODE, case: Case = "lower", too_long: Clash = "problem") -> Slug:
    """A code made of a label: letters, digits and underscores; leading zeros stay, a blank means "no value".

    Letters of German, Nordic, Polish and other Latin alphabets are written without accents ("ü" is "ue"); of other
    scripts nothing is guessed. Line breaks are refused. A longer code than `max_length` is a problem, or is cut and
    ends in a hash of its label. Two labels may have one code: `code_table` finds that. Raises
    `ConfigurationError` for a `max_length` that leaves no room.

    >>> slug().run("Größe: 007, rot/weiß")
    Put(value='groesse_007_rot_weiss', notes=())
    >>> slug().run("Шина").code
    'bad_code'
    """
    if max_length <= _HASH + 1:
        raise ConfigurationError(f"slug(max_length={max_length}): leave room for more than {_HASH + 1} characters")
    return Slug(max_length, case, too_long)


def transliterated(text: str) -> str:
    composed = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return "".join(one for one in unicodedata.normalize("NFKD", composed) if not unicodedata.combining(one))


def with_hash(code: str, label: str, max_length: int) -> str:
    """The code, cut where needed, with a hash of the label it was made of; the same on every machine."""
    digest = blake2b(fold(unicodedata.normalize("NFC", label)).encode("utf-8", "backslashreplace"), digest_size=16)
    return f"{code[: max_length - _HASH - 1].rstrip('_')}_{digest.hexdigest()[:_HASH]}"


@frozen
class CodeTable(Rule[str, str, Never]):
    """See `code_table`: a rule from label to code, and what is wrong with the labels.

    >>> colours = code_table(["Rot", "Grün", "gruen"], name="colours")
    >>> dict(colours.codes), list(colours.faults)
    ({'Rot': 'rot'}, ['Grün', 'gruen'])
    >>> print(colours.run("blau"))
    'blau' is not in the table 'colours' (3 labels); add it there
    """

    codes: FrozenTable[str]
    """The code of each label, as it was spelled."""
    faults: FrozenTable[Problem]
    """The labels that have no code, with the reason."""
    outcomes: FrozenTable[Put[str] | Problem]
    """Both of them, by folded label."""
    name: str

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong with the table, at once; empty where each label has a code of its own."""
        return tuple(self.faults.values())

    def run(self, source: str) -> Outcome[str]:
        """The code of a label in any case; an empty one clears, one that is not in the table is a problem."""
        word = fold(source)
        if not word:
            return CLEAR
        found = self.outcomes.get(word)
        if found is not None:
            return found
        return Problem(
            "unknown_word",
            "",
            f"{shown(source)} is not in the table '{self.name}' ({len(self.outcomes)} labels); add it there",
        )

    def iso(self) -> Iso[str, str]:
        """From label to code and back, for `two_way`: no two labels have one code."""
        return Iso(Strictly(self), backwards(self.codes.items(), f"table '{self.name}'"))

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        """All its codes."""
        return frozenset(self.codes.values())

    @property
    def label(self) -> str:
        return f"code_table({self.name}, {len(self.outcomes)} labels)"


def code_table(
    labels: Iterable[str],
    *,
    existing: Mapping[str, str] | None = None,
    clash: Clash = "problem",
    rule: Slug | None = None,
    name: str = "codes",
) -> CodeTable:
    """A code for each of the ERP's labels, no two the same, whatever the case.

    Labels that would share a code are problems, each naming the other; with ``clash="hash"`` all of them end in a
    hash of their label instead, so that their order does not matter. `existing` holds labels that have a code in the
    PIM already: those stay as they are, because a code cannot be renamed. `rule` makes the codes; `slug` by default.

    >>> colours = code_table(["Rot", "Grün", "gruen"])
    >>> colours.run("rot")
    Put(value='rot', notes=())
    >>> [str(one) for one in colours.problems]
    ["'Grün' and 'gruen' would both be 'gruen'; rename one, or give clash='hash'", "'Grün' and 'gruen' would both be 'gruen'; rename one, or give clash='hash'"]
    >>> code_table(["Rot", "Grün", "gruen"], clash="hash").run("Grün").value
    'gruen_...'
    """
    made = rule or slug()
    fixed = {label: code for label, code in (existing or {}).items() if fold(label)}
    known = {fold(label) for label in fixed}
    outcomes: dict[str, Outcome[str]] = {}
    for label in map(str.strip, labels):
        if fold(label) and fold(label) not in known:
            known.add(fold(label))
            outcomes[label] = made.run(label)
    faults = {label: one for label, one in outcomes.items() if isinstance(one, Problem)}
    wanted = {label: one.value for label, one in outcomes.items() if isinstance(one, Put)}
    codes, clashes = _told_apart(wanted, fixed, clash, made.max_length)
    known_codes = {**codes, **fixed}
    all_faults = {**faults, **clashes}
    folded: dict[str, Put[str] | Problem] = {fold(label): Put(code) for label, code in known_codes.items()}
    folded |= {fold(label): fault for label, fault in all_faults.items()}
    return CodeTable(frozen_table(known_codes), frozen_table(all_faults), frozen_table(folded), name)


def _told_apart(
    wanted: Mapping[str, str], fixed: Mapping[str, str], clash: Clash, max_length: int
) -> tuple[dict[str, str], dict[str, Problem]]:
    codes: dict[str, str] = {}
    for labels in _by_code({**wanted, **fixed}).values():
        is_alone = len(labels) == 1
        for label in labels:
            if label in wanted and (is_alone or clash == "hash"):
                codes[label] = wanted[label] if is_alone else with_hash(wanted[label], label, max_length)
    faults: dict[str, Problem] = {}
    left = {label: codes.get(label, code) for label, code in wanted.items()}
    for code, labels in _by_code({**left, **fixed}).items():
        if len(labels) > 1:
            shared = " and ".join(map(repr, sorted(labels)))
            detail = f"{shared} would both be {code!r}; rename one, or give clash='hash'"
            faults |= {label: Problem("code_clash", "", detail) for label in labels if label in wanted}
    return {label: code for label, code in codes.items() if label not in faults}, faults


def _by_code(codes: Mapping[str, str]) -> Mapping[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for label, code in codes.items():
        found[code.lower()].append(label)
    return found

"""From the name of a field to its words."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from akeneo_erp_bridge.classification._vocabulary import (
    HEADS,
    JOINTS,
    MEANINGS,
    NEUTRAL,
    PER,
    SMALL,
    UNITS,
    UNITS_FIRST,
)

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_KNOWN: Final = frozenset(word for phrase in MEANINGS for word in phrase) | UNITS | UNITS_FIRST | NEUTRAL | PER | SMALL
_SHORT: Final = frozenset({"ek", "vk"})
"""The words of two letters that a compound may begin with; others would be found everywhere."""


def words_of(name: str) -> tuple[str, ...]:
    """The words of a field's name, without accents, in lower case; compounds in their parts.

    >>> words_of("unit_price"), words_of("PrixDeVente"), words_of("Einkaufspreis"), words_of("STOCKQTY")
    (('unit', 'price'), ('prix', 'de', 'vente'), ('einkauf', 'preis'), ('stock', 'qty'))
    >>> words_of("costume"), words_of("prefix"), words_of("Bestandteil")
    (('costume',), ('prefix',), ('bestandteil',))
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    found = [word.casefold() for word in _WORDS.findall(plain.replace("ß", "ss"))]
    return tuple(part for word in found for part in _parts(word))


def _parts(word: str) -> tuple[str, ...]:
    if word in _KNOWN:
        return (word,)
    if word.endswith("s") and len(word) > 4 and word[:-1] in _KNOWN:
        return (word[:-1],)
    return _covered(word) or _german(word) or (word,)


def _covered(word: str) -> tuple[str, ...]:
    """The known words that a compound consists of, to the last letter; none where something is left over."""
    for end in range(len(word) - 2, 1, -1):
        first = word[:end]
        if first not in _KNOWN or (end < 3 and first not in _SHORT):
            continue
        for joint in JOINTS:
            rest = word[end:].removeprefix(joint)
            if joint and not word[end:].startswith(joint):
                continue
            if len(rest) > 2:
                below = (rest,) if rest in _KNOWN else _covered(rest)
                if below:
                    return (first, *below)
    return ()


def _german(word: str) -> tuple[str, ...]:
    for head in HEADS:
        if word.endswith(head) and len(word) >= len(head) + 3:
            return (word[: -len(head)], head)
    return ()

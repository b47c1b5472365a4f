"""The starter policy: what common names of fields suggest. It is a help for declaring, and declares nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from akeneo_erp_bridge.classification._names import words_of
from akeneo_erp_bridge.classification._policy import Declaration, by_name
from akeneo_erp_bridge.classification._schema import Schema, SchemaField
from akeneo_erp_bridge.classification._temperatures import Cold, Hot, Internal, Temperature
from akeneo_erp_bridge.classification._vocabulary import MEANINGS, MONEY, PER, SMALL, UNITS, UNITS_FIRST, Meaning
from akeneo_erp_bridge.errors import ConfigurationError

_STRICTEST_FIRST: Final = (Internal, Hot, Cold)
_LONGEST: Final = max(map(len, MEANINGS))
_PRICE: Final = "a current price"


@frozen
class Suggestion:
    """What the name, or the type, of a field suggests, and why. Nothing follows from it: see `accept`.

    >>> from akeneo_erp_bridge.erp import ErpField, ErpSchema
    >>> [gross] = suggest(ErpSchema("articles", (ErpField("Bruttogewicht"),)))
    >>> gross.field, gross.temperature.__name__, gross.reason
    ('Bruttogewicht', 'Cold', "'gewicht' means a weight")
    """

    field: str
    temperature: Temperature
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.temperature.__name__.lower()}? {self.reason}"


def suggest(schema: Schema) -> list[Suggestion]:
    """What the names of the fields suggest, in English, French and German; nothing for names that say nothing.

    Where a name says two things, the stricter counts: internal before hot before cold.

    >>> from akeneo_erp_bridge.erp import ErpField, ErpSchema
    >>> fields = [ErpField("Bezeichnung"), ErpField("unit_price"), ErpField("PrixAchat"), ErpField("zz_17")]
    >>> for one in suggest(ErpSchema("articles", tuple(fields))):
    ...     print(one)
    Bezeichnung: cold? 'bezeichnung' means a name or a text
    unit_price: hot? 'unit price' means a current price
    PrixAchat: internal? 'prix achat' means what the merchant pays
    """
    return [found for one in schema.fields if (found := suggest_field(one)) is not None]


def accept(suggestions: Sequence[Suggestion], *fields: str) -> tuple[Declaration, ...]:
    """Declare the named fields as suggested, and no others: `Policy([*accept(suggest(schema), "price", "stock"), ...])`.

    There is no way to accept all of them unseen. Raises `ConfigurationError` for no name at all, and for one that
    nothing was suggested for.

    >>> from akeneo_erp_bridge.erp import ErpField, ErpSchema
    >>> suggested = suggest(ErpSchema("articles", (ErpField("unit_price"), ErpField("stock"), ErpField("colour"))))
    >>> print(*accept(suggested, "unit_price", "stock"))
    by_name('unit_price', Hot) by_name('stock', Hot)
    """
    known = {one.field: one for one in suggestions}
    if not fields:
        raise ConfigurationError("accept(...): name the fields whose suggestions you have looked at")
    unknown = [name for name in fields if name not in known]
    if unknown:
        raise ConfigurationError(
            f"accept(...): nothing was suggested for {', '.join(unknown)}; declare them with by_name(...)"
        )
    return tuple(by_name(name, known[name].temperature) for name in fields)


def suggest_field(one: SchemaField) -> Suggestion | None:
    """The suggestion for one field."""
    words = words_of(one.name)
    if _is_unit(words):
        return _unit(one.name, words)
    found = list(_meanings(words))
    if one.kind.casefold().partition("(")[0].strip() in MONEY:
        found.append((f"type {one.kind}", Meaning("an amount of money", Hot)))
    for temperature in _STRICTEST_FIRST:
        for said, meaning in found:
            if meaning.temperature is temperature:
                return Suggestion(one.name, temperature, f"'{said}' means {meaning.what}")
    return None


def _meanings(words: tuple[str, ...]) -> Iterator[tuple[str, Meaning]]:
    telling = tuple(word for word in words if word not in SMALL)
    at = 0
    while at < len(telling):
        for length in range(min(_LONGEST, len(telling) - at), 0, -1):
            phrase = telling[at : at + length]
            if phrase in MEANINGS:
                yield " ".join(phrase), MEANINGS[phrase]
                break
        else:
            length = 1
        at += length


# ---- units ----
def _is_unit(words: tuple[str, ...]) -> bool:
    return bool(words) and not PER & set(words) and (words[-1] in UNITS or words[0] in UNITS_FIRST)


def _unit(name: str, words: tuple[str, ...]) -> Suggestion:
    rest = tuple(word for word in words if word not in UNITS | UNITS_FIRST)
    inner = [meaning for _, meaning in _meanings(rest)]
    if any(meaning.temperature is Internal for meaning in inner):
        return Suggestion(name, Internal, "it is, or belongs to, what is internal; look at its values")
    if words[-2:] == ("price", "unit") and any(meaning.what == _PRICE for meaning in inner):
        return Suggestion(
            name, Hot, "in some ERPs (Odoo) this is a price, in others (SAP) the quantity it is for; look at its values"
        )
    return Suggestion(name, Cold, f"'{' '.join(words)}' means a unit")

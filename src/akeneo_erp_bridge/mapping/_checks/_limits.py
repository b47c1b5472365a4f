"""Whether an attribute takes a value that is known before any item is read: a constant, a default, a table's entry."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from akeneo_erp_bridge.catalog import Attribute, AttributeType, Metric, Price

_MARKUP: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
_TEXTS: Final = {AttributeType.IDENTIFIER: 255, AttributeType.TEXT: 255, AttributeType.TEXTAREA: 65_535}


def beyond(value: object, attribute: Attribute) -> str | None:
    """What is wrong with *value* by the attribute's own limits; `None` where nothing is.

    Its type is not looked at. Source: Akeneo's documentation of the attribute resource.
    """
    if isinstance(value, str) and attribute.type in _TEXTS:
        return _text(value, attribute)
    if isinstance(value, str | datetime.date) and attribute.type == AttributeType.DATE:
        return _day(value, attribute)
    return next((wrong for amount in _amounts(value) if (wrong := _amount(amount, attribute))), None)


def _text(text: str, attribute: Attribute) -> str | None:
    longest = attribute.max_characters or _TEXTS[attribute.type]
    if len(text) > longest:
        return f"{len(text)} characters, {longest} are allowed"
    is_rich = attribute.type == AttributeType.TEXTAREA and attribute.wysiwyg_enabled
    if not is_rich and _MARKUP.search(text):
        return "holds markup, which only a text area with the rich text editor shows; use plain_text()"
    wanted = _pattern(attribute)
    if wanted is not None and not wanted.search(text):
        return f"does not pass the attribute's validation rule '{attribute.validation_rule}'"
    return None


def _pattern(attribute: Attribute) -> re.Pattern[str] | None:
    """The validation rule, as far as Python can read it: the PIM's expressions are PHP's."""
    match attribute.validation_rule:
        case "url":
            return re.compile(r"^[a-z][a-z0-9+.-]*://\S+$", re.IGNORECASE)
        case "email":
            return re.compile(r"^\S+@\S+$")
        case "regexp":
            return _php(attribute.validation_regexp or "")
        case _:
            return None


def _php(expression: str) -> re.Pattern[str] | None:
    delimited = re.fullmatch(r"([/#~|!@])(.*)\1([imsux]*)", expression, re.DOTALL)
    if delimited is None:
        return None
    flags = re.IGNORECASE if "i" in delimited[3] else re.NOFLAG
    try:
        return re.compile(delimited[2], flags)
    except re.error:
        return None


def _day(day: str | datetime.date, attribute: Attribute) -> str | None:
    text = str(day)[:10]
    for limit, is_out, word in (
        (attribute.date_min, text < (attribute.date_min or "")[:10], "before"),
        (attribute.date_max, text > (attribute.date_max or "9999-12-31")[:10], "after"),
    ):
        if limit and is_out:
            return f"is {word} {limit[:10]}, the attribute's limit"
    return None


def _amounts(value: object) -> Iterator[Decimal]:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        yield Decimal(value)
    elif isinstance(value, Metric | Price):
        yield from () if value.amount is None else (value.amount,)
    elif isinstance(value, tuple | list):
        for one in value:  # pyright: ignore[reportUnknownVariableType]  # looked at one by one, which is the point
            yield from _amounts(one)  # pyright: ignore[reportUnknownArgumentType]  # as above


def _amount(amount: Decimal, attribute: Attribute) -> str | None:
    if attribute.number_min is not None and amount < attribute.number_min:
        return f"is less than {attribute.number_min}, the attribute's minimum"
    if attribute.number_max is not None and amount > attribute.number_max:
        return f"is more than {attribute.number_max}, the attribute's maximum"
    return None

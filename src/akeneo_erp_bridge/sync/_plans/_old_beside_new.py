"""Old beside new as HTML: everything escaped, and what differs marked."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from difflib import SequenceMatcher
from html import escape
from typing import Final

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.sync._changes import number_text
from akeneo_erp_bridge.sync._pages._plain import plain

_WORDS: Final = re.compile(r"\d[\d.,]*\d|\w+|\s+|[^\w\s]")
_MOST_WORDS: Final = 400  # longer ones are marked from the first difference to the last


def safe(text: str) -> str:
    """A text for a page, of which nothing is markup and nothing is hidden.

    >>> safe('<b onclick="x">\u202e')
    '&lt;b onclick=&quot;x&quot;&gt;[U+202E]'
    """
    return escape(plain(text))


def value_html(value: JsonValue) -> str:
    """A value by itself."""
    return _listed(_lines(value)) if _is_list(value) and value else _plain(value)


def both_html(old: JsonValue, new: JsonValue, marks: tuple[str, str] = ("del", "ins")) -> tuple[str, str]:
    """Two values with their differences marked, the members of lists one by one.

    *marks* are the elements: others than by default where what differs neither goes nor comes.
    """
    if _is_nothing(old) or _is_nothing(new):
        return value_html(old), value_html(new)
    if _is_list(old) or _is_list(new):
        before, after = _lines(old), _lines(new)
        kept = {one.lower() for one in before} & {one.lower() for one in after}
        return _listed(before, kept, marks[0]), _listed(after, kept, marks[1])
    return _marked(value_text(_spelled(old, new)), value_text(new), marks)


def _spelled(old: JsonValue, new: JsonValue) -> JsonValue:
    """An old measurement with the unit as the new one spells it: canonical codes are in lower case."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return {
            key: same if isinstance(same := new.get(key), str) and same.lower() == one else one
            for key, one in old.items()
        }
    return old


def _plain(value: JsonValue) -> str:
    return '<span class="none">nothing</span>' if _is_nothing(value) else safe(value_text(value))


def _listed(members: Sequence[str], kept: Collection[str] = (), mark: str = "") -> str:
    """The members of a list, with a mark at those that are not kept."""
    return (
        "<ul>" + "".join(f"<li>{_span(mark if one.lower() not in kept else '', one)}</li>" for one in members) + "</ul>"
    )


def _marked(old: str, new: str, marks: tuple[str, str]) -> tuple[str, str]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    middle, other = before[start : len(before) - end], after[start : len(after) - end]
    if len(middle) + len(other) > _MOST_WORDS:
        spans = [("replace", 0, len(middle), 0, len(other))]
    else:
        spans = list(SequenceMatcher(None, middle, other, autojunk=False).get_opcodes())
    head, tail = safe("".join(before[:start])), safe("".join(before[len(before) - end :]))
    left = "".join(_span("" if kind == "equal" else marks[0], "".join(middle[i:j])) for kind, i, j, _, _ in spans)
    right = "".join(_span("" if kind == "equal" else marks[1], "".join(other[i:j])) for kind, _, _, i, j in spans)
    return head + left + tail, head + right + tail


def _span(mark: str, text: str) -> str:
    return f"<{mark}>{safe(text)}</{mark}>" if mark and text else safe(text)


def _common(some: Sequence[str], others: Sequence[str]) -> int:
    pairs = zip(some, others, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(some), len(others)))


# ---- values as texts ----
def _lines(value: JsonValue) -> list[str]:
    return [value_text(one) for one in value] if isinstance(value, list | tuple) else [value_text(value)]


def _is_list(value: JsonValue) -> bool:
    return isinstance(value, list | tuple)


def _is_nothing(value: JsonValue) -> bool:
    return value is None or (isinstance(value, str | list | tuple) and not value)


def value_text(value: JsonValue) -> str:
    """A value in words: an amount with its unit, yes and no, all else as JSON.

    >>> value_text({"amount": "1.5", "unit": "KILOGRAM"})
    '1.5 KILOGRAM'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return number_text(value)
    if isinstance(value, Mapping):
        amount, unit = value.get("amount"), value.get("unit", value.get("currency"))
        if len(value) == 2 and amount is not None and isinstance(unit, str):
            return f"{value_text(amount)} {unit}"
        return ", ".join(f"{key}: {value_text(one)}" for key, one in value.items())
    return json.dumps(value, ensure_ascii=False, default=str)

"""Two versions of a value, and what sets them apart, for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

from akeneo_erp_bridge.catalog import JsonValue

_LONGEST: Final = 2_000  # words of a text that are compared; matching takes the square of them
_WORDS: Final = re.compile(r"\s+|[^\s]+")


def difference(old: JsonValue, new: JsonValue) -> str:
    """How *new* differs from *old*: words, members or entries that go are ``[-so-]`` and those that come ``{+so+}``.

    >>> difference("Cordless drill 18 V", "Cordless hammer drill 18 V")
    'Cordless{+ hammer+} drill 18 V'
    >>> difference({"amount": "1.5", "unit": "kilogram"}, {"amount": "1.4", "unit": "kilogram"})
    'amount: [-1.5-]{+1.4+}, unit: kilogram'
    >>> difference(["ce", "eco"], ["ce", "gs"])
    'ce, [-eco-], {+gs+}'
    >>> difference(None, "red")
    '{+red+}'
    """
    if isinstance(old, str) and isinstance(new, str):
        return _of_texts(old, new)
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        keys = dict.fromkeys([*old, *new])
        return ", ".join(f"{key}: {difference(old.get(key), new.get(key))}" for key in keys)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return _of_lists(old, new)
    if old == new:
        return _said(new)
    return _gone(_said(old)) + _come(_said(new))


def _of_texts(old: str, new: str) -> str:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    if len(before) > _LONGEST or len(after) > _LONGEST:
        return old if old == new else f"[-{len(before)} words-]{{+{len(after)} words+}}"
    told: list[str] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            told += before[i:j]
        else:
            told += [_gone("".join(before[i:j])), _come("".join(after[k:m]))]
    return "".join(told)


def _of_lists(old: Sequence[JsonValue], new: Sequence[JsonValue]) -> str:
    before, after = [_said(one) for one in old], [_said(one) for one in new]
    kept = [one for one in before if one in after]
    gone = [_gone(one) for one in before if one not in after]
    come = [_come(one) for one in after if one not in before]
    return ", ".join([*kept, *gone, *come])


def _said(value: JsonValue) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _gone(text: str) -> str:
    return f"[-{text}-]" if text else ""


def _come(text: str) -> str:
    return f"{{+{text}+}}" if text else ""

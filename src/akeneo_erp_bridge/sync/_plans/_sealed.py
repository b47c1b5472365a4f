"""The text of a plan file: laid out for people, sealed by a check sum, and of one of three kinds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.catalog._stored_file import OtherFile, stored_object, text_of
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.sync._changes import number_text

T = TypeVar("T")

PlanKind: TypeAlias = Literal["changes", "parts", "waves"]
"""The member that a file has for what it holds: the changes of one plan, the parts of one job, the waves of several."""

FORMAT: Final = 1
_KINDS: Final[Mapping[PlanKind, str]] = {"waves": "WavesPlan", "parts": "VariantPlan", "changes": "Plan"}
_FAST: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_ODD: Final = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
"""What some programs take for the end of a line, and half characters, which no file can hold."""
_SEAL: Final = ',\n"check_sum": "'
_END: Final = '"\n}\n'
_ANOTHER: Final = "name one that `plan make` or `save` wrote, or make a new plan"


# ---- writing ----
def sealed(body: JsonObject) -> str:
    """The text, with its check sum at the end."""
    text = _laid_out(body)
    return f"{text}{_SEAL}{check_sum(text)}{_END}"


def check_sum(text: str) -> str:
    """What shows that a text was altered."""
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _laid_out(body: JsonObject) -> str:
    """A member a line, and of a list an item a line, so that people can compare two files; not closed."""
    members: list[str] = []
    for name, value in body.items():
        if isinstance(value, list) and value:
            has_plans = name in ("waves", "parts")
            items = [
                f"{_laid_out(one)}\n}}" if has_plans and isinstance(one, Mapping) else written(one) for one in value
            ]
            members.append(f"{written(name)}: [\n" + ",\n".join(items) + "\n]")
        else:
            members.append(f"{written(name)}: {written(value)}")
    return "{\n" + ",\n".join(members)


def written(value: JsonValue) -> str:
    """JSON on one line, with the digits of its numbers."""
    try:
        text = _FAST.encode(value)
    except TypeError:  # a Decimal, or a mapping that is no dictionary
        text = _slowly(value)
    return text if text.isascii() else _ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _slowly(value: JsonValue) -> str:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return number_text(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_slowly(str(key))}: {_slowly(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_slowly, value)) + "]"
    return _FAST.encode(value)


# ---- reading ----
def read_plan_file(path: str | Path) -> str:
    """The text of a file; raises `ConfigurationError` where there is none."""
    name = f"plan file {str(path)!r}"
    try:
        return text_of(path, name)
    except OtherFile as error:
        raise ConfigurationError(f"{name} cannot be read (it is no text); {_ANOTHER}") from error


def kind_of(text: str) -> PlanKind:
    """What a file holds; where it is no plan at all, `opened` tells."""
    try:
        found: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return "changes"
    return _kind(found) if isinstance(found, Mapping) else "changes"


def opened(text: str, name: str, read: Callable[[JsonObject], T], kind: PlanKind) -> T:
    """What is in a sealed text; raises `ConfigurationError` that begins with the name of the plan."""
    try:
        return read(_body(text, kind))
    except OtherFile as error:
        raise ConfigurationError(f"{name}: it is no plan file; {_ANOTHER}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{name}: {error}; make a new plan") from error


def _body(text: str, kind: PlanKind) -> JsonObject:
    body = stored_object(text, ("format",), parse_float=Decimal)
    if not any(one in body for one in _KINDS):
        raise OtherFile
    if body["format"] != FORMAT:
        raise ValueError(f"it is of format {body['format']!r}, and this version reads {FORMAT}")
    if _kind(body) != kind:
        raise ValueError(f"it is a {_KINDS[_kind(body)]}, which has a load of its own")
    told, _, seal = text.rpartition(_SEAL)
    if seal != check_sum(told) + _END:
        raise ValueError("it was altered after it was made")
    return body


def _kind(body: JsonObject) -> PlanKind:
    if "waves" in body:
        return "waves"
    return "parts" if "parts" in body else "changes"

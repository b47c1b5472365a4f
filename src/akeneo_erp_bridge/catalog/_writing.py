"""Models as the PIM takes them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final, cast

import attrs

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.catalog._data import decimal_text
from akeneo_erp_bridge.catalog._entity import OWN_FIELDS, Entity
from akeneo_erp_bridge.catalog._json import JsonValue, describe
from akeneo_erp_bridge.catalog._patches import Patch

__all__ = ["READ_ONLY", "encode", "plain"]

READ_ONLY: Final = frozenset(
    {
        "_links",
        "common_attributes",
        "completenesses",
        "created",
        "group_labels",
        "linked_data",
        "metadata",
        "position",
        "quality_scores",
        "readiness",
        "root_parent",
        "updated",
        "workflow_execution_statuses",
    }
)
"""Fields the PIM sends and refuses, or ignores, when they come back."""


def encode(thing: Entity | Patch, *, whole: bool = False) -> dict[str, JsonValue]:
    """Write one thing as the PIM takes it.

    A patch leaves out what is `UNSET`. A model leaves out what the PIM only reads, and what it never sent;
    with *whole* it keeps the former, for storing.

    >>> from akeneo_erp_bridge.catalog import CategoryPatch
    >>> from akeneo_erp_bridge.codes import CategoryCode
    >>> encode(CategoryPatch(code=CategoryCode("drills")))
    {'code': 'drills'}
    >>> encode(CategoryPatch(code=CategoryCode("drills"), parent=None))
    {'code': 'drills', 'parent': None}
    """
    body: dict[str, JsonValue] = {}
    received = thing.received if isinstance(thing, Entity) else frozenset[str]()
    for spec in attrs.fields(type(thing)):
        name = spec.name
        value = getattr(thing, name)
        # a patch has no field that cannot be written: `position` is a category's to read, and a UI extension's to set
        is_told = name not in READ_ONLY or whole or isinstance(thing, Patch)
        if name in OWN_FIELDS or value is UNSET or not is_told:
            continue
        is_sent = isinstance(thing, Patch) or name in received or "always_sent" in spec.metadata
        if not is_sent and value == _default(spec):
            continue
        body[name] = plain(value, whole=whole)
    for name, value in thing.extra.items():
        if whole or isinstance(thing, Patch) or name not in READ_ONLY:
            body[name] = plain(value, whole=whole)
    return body


def plain(value: object, *, whole: bool = False) -> JsonValue:
    """Return *value* as JSON; raises `ValueError` for what has no JSON form here."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Entity | Patch):
        return encode(value, whole=whole)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    kind = type(value)
    if attrs.has(kind):
        return {spec.name: plain(getattr(value, spec.name), whole=whole) for spec in attrs.fields(kind)}
    # The casts: of an `object` that is a mapping or a sequence, a checker cannot know what is inside.
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value)  # of what, isinstance cannot tell
        return {str(key): plain(item, whole=whole) for key, item in pairs.items()}
    if isinstance(value, Sequence | frozenset | set):
        return [plain(item, whole=whole) for item in cast("Sequence[object]", value)]  # of what, isinstance cannot tell
    raise ValueError(f"cannot write {describe(value)} as JSON")


def _default(spec: attrs.Attribute[object]) -> object:
    default = spec.default
    # attrs types Factory as a function for the sake of class bodies, so a checker cannot see the instance.
    factory: Callable[[], object] | None = getattr(default, "factory", None)
    return factory() if factory is not None else default

"""Values as they stand in an address: literals, key predicates, filters (OASIS "OData URL Conventions", 4.3 and 5.1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from akeneo_erp_bridge.erp._odata._edm import EdmProperty, EdmType
from akeneo_erp_bridge.errors import ErpRefused
from akeneo_erp_bridge.rules import shown

WHOLE: Final = frozenset({"Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64"})
GUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_LONGEST: Final = 1500
"""Of a filter in an address, in characters: some servers take no more than 2000 for the whole."""
_MOST: Final = 50
"""Comparisons in one filter; some services count them."""


def literal(value: object, kind: str) -> str:
    """A value as the type's literal, not yet encoded for an address.

    >>> literal("O'Neil", "Edm.String"), literal("7", "Edm.Int32")
    ("'O''Neil'", '7')

    Raises `ErpRefused` for what no literal of the type is.
    """
    text = _plain(value)
    fits = True
    if kind == "Edm.Guid":
        fits = GUID.fullmatch(text) is not None
    elif kind in WHOLE:
        fits = re.fullmatch(r"-?[0-9]+", text) is not None
    elif kind in ("Edm.Decimal", "Edm.Double", "Edm.Single"):
        fits = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", text) is not None
    elif kind in ("Edm.DateTimeOffset", "Edm.Date", "Edm.Boolean"):
        fits = "'" not in text and " " not in text
    else:
        return "'" + text.replace("'", "''") + "'"
    if not fits:
        raise ErpRefused(f"{shown(value)} is no value of {kind}")
    return text


def _plain(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)


def key_predicate(kind: EdmType, values: Mapping[str, object]) -> str:
    """The key of one entity as it follows a set's name, encoded: ``('A%2FB')`` or ``(Plant='1',Product='A')``.

    Quotes are doubled first and then all is percent-encoded, so that a slash inside a key is no step of the path.
    """
    parts = {name: quote(literal(values.get(name), _property(kind, name).kind), safe="'") for name in kind.keys}
    if len(parts) == 1:
        return f"({next(iter(parts.values()))})"
    return "(" + ",".join(f"{name}={value}" for name, value in parts.items()) + ")"


def _property(kind: EdmType, name: str) -> EdmProperty:
    found = kind.properties.get(name)
    if found is None:
        raise ErpRefused(f"$metadata says that '{name}' is a key of {kind.name}, and does not describe it")
    return found


def one_of(path: str, kind: str, values: Sequence[object]) -> Iterator[str]:
    """Filters that hold for one of the values, as few of them as addresses have room for.

    ``or`` between comparisons of one property, for `in` is not in OData 4.0, and Business Central takes no ``or`` between
    different ones.
    """
    yield from any_of([f"{path} eq {literal(one, kind)}" for one in values])


def any_of(conditions: Sequence[str]) -> Iterator[str]:
    """Conditions joined by ``or``, in lots."""
    lot: list[str] = []
    size = 0
    for one in conditions:
        weight = len(quote(one)) + 8
        if lot and (size + weight > _LONGEST or len(lot) >= _MOST):
            yield " or ".join(lot)
            lot, size = [], 0
        lot.append(one)
        size += weight
    if lot:
        yield " or ".join(lot)


def query_of(options: Mapping[str, str]) -> str:
    """The options as a query: a space is ``%20``, for a plus sign is one only in forms.

    >>> query_of({"$filter": "name eq 'A&B'", "$top": "5"})
    '?$filter=name%20eq%20%27A%26B%27&$top=5'
    """
    said = "&".join(f"{name}={quote(value, safe='$(),;*/:')}" for name, value in options.items() if value)
    return f"?{said}" if said else ""

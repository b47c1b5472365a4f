"""A row of the ERP as a text, and back: what JSON has no word for is told by its kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final, cast
from uuid import UUID

from akeneo_erp_bridge.erp import Defect, Misplaced

__all__ = ["read_row", "write_row"]


def write_row(row: Mapping[str, object]) -> str:
    """The row as JSON; raises `ValueError` for a value of a kind that no row of data holds.

    >>> read_row(write_row({"net": Decimal("1.50"), "since": date(2026, 1, 2)}))
    {'net': Decimal('1.50'), 'since': datetime.date(2026, 1, 2)}
    """
    return json.dumps({path: _told(value) for path, value in row.items()}, separators=(",", ":"), ensure_ascii=True)


def read_row(text: str) -> dict[str, object]:
    """The row that `write_row` wrote."""
    row: dict[str, object] = json.loads(text, object_hook=_meant)
    return row


def _told(value: object) -> object:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    # the kinds with a word of their own; a datetime is a date too, so it comes first
    for kind, name in ((Decimal, "decimal"), (datetime, "moment"), (date, "day"), (UUID, "uuid")):
        if isinstance(value, kind):
            return {"$": name, "of": value.isoformat() if isinstance(value, date) else str(value)}
    if isinstance(value, bytes):
        return {"$": "bytes", "of": value.hex()}
    # the casts: what is inside is looked at one by one
    if isinstance(value, Misplaced):
        return {"$": "misplaced", "of": [value.at, value.step, value.seen]}
    if isinstance(value, Defect):
        return {"$": "defect", "of": value.reason}
    if isinstance(value, frozenset | set):
        members = [_told(one) for one in cast("Iterable[object]", value)]  # of what, isinstance cannot tell
        return {"$": "set", "of": sorted(members, key=repr)}
    if isinstance(value, list | tuple):
        return [_told(one) for one in cast("Iterable[object]", value)]  # of what, isinstance cannot tell
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()  # of what, isinstance cannot tell
        return {"$": "map", "of": [[str(name), _told(one)] for name, one in pairs]}
    raise ValueError(
        f"a {type(value).__name__} cannot be kept with the rows; give texts, numbers, dates, lists and maps"
    )


def _meant(told: dict[str, object]) -> object:
    kind, value = told.get("$"), told.get("of")
    if kind in ("map", "set") and isinstance(value, list):
        inside = cast("list[object]", value)  # as `_told` wrote it
        return (  # pairs, as above
            frozenset(inside) if kind == "set" else {str(name): one for name, one in cast("list[list[object]]", inside)}
        )
    if kind == "misplaced" and isinstance(value, list):
        return Misplaced(*map(str, cast("list[object]", value)))  # as above
    reader = _READERS.get(str(kind)) if isinstance(value, str) and len(told) == 2 else None
    return told if reader is None else reader(str(value))


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "decimal": Decimal,
    "defect": Defect,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "uuid": UUID,
    "bytes": bytes.fromhex,
}

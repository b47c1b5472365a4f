"""Files before they are sent: read once, hashed, and held against what their attribute takes."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, TypeVar

from akeneo_erp_bridge.catalog import Attribute
from akeneo_erp_bridge.mapping import CompiledCell, MediaFound, MediaSource
from akeneo_erp_bridge.rules import Outcome, Problem, Put, shown

S = TypeVar("S")

_MEGABYTE: Final = 1_048_576  # the larger of the two that go by the name: what is between them, the PIM judges


def examined(outcome: Outcome[object], cell: CompiledCell[S]) -> Outcome[object]:
    """The file of a rule with its hash in its place; one that cannot be read or taken gives up the cell, not the item."""
    if not isinstance(outcome, Put) or not isinstance(outcome.value, MediaSource):
        return outcome
    source = outcome.value
    try:
        found = MediaFound.of(source)
    except Exception as error:  # noqa: BLE001 - a fetcher is the user's own and may raise anything; the cell tells the reason
        seen = f"{type(error).__name__} ({shown(str(error), longest=200)})"
        return _given_up("unreadable_file", f"the file {shown(source.name)} cannot be read: {seen}")
    reason = _refusal(found, cell.attribute) if cell.attribute is not None else None
    if reason is not None:
        return _given_up("wrong_file", reason)
    return Put(found, (*outcome.notes, f"{source.name}, {found.size} bytes"))


def _given_up(code: str, detail: str) -> Problem:
    return Problem(code, "", detail, "skip_cell")


def _refusal(found: MediaFound, attribute: Attribute) -> str | None:
    """Why the PIM would not take it. Sizes are in megabytes there."""
    name = found.source.name
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    allowed = {one.lower().lstrip(".") for one in attribute.allowed_extensions}
    if allowed and extension not in allowed:
        return f"the file {shown(name)} is none of {', '.join(sorted(allowed))}, which is all '{attribute.code}' takes"
    if found.size == 0:
        return f"the file {shown(name)} is empty"
    most = attribute.max_file_size
    if most is not None and found.size > most * Decimal(_MEGABYTE):
        return f"the file {shown(name)} has {found.size} bytes; '{attribute.code}' takes at most {most} megabytes"
    return None

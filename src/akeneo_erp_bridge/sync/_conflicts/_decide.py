"""What a person decides about a held cell."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Literal, Never

from attrs import evolve

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.errors import StateError
from akeneo_erp_bridge.rules import Cell, shown
from akeneo_erp_bridge.sync._conflicts._policy import with_taken
from akeneo_erp_bridge.sync._occupied import occupied
from akeneo_erp_bridge.sync._state import HeldCell, LedgerEntry, Settled, SyncState

__all__ = ["resolve"]


def resolve(
    state: SyncState,
    key: ErpKey | str,
    cell: Cell[Never] | str,
    *,
    take: Literal["erp", "pim"],
    stream: str = "products",
) -> HeldCell:
    """Decide a held cell, between two runs; the decision is in the state when this returns. Gives what was decided.

    ``"erp"``: the next run writes the ERP's version, as it is then. Where a PIM user changes the cell once more before
    that, it is held again. ``"pim"``: the PIM's version stands, and what PIM users make of it later, until the ERP says
    something new. Nothing is sent here. An item that is parked as well stays so until it is written, and with it the
    ERP's version of the cell.

    Raises `StateError` where nothing is held for that item and cell, and `StateInUse` while a run of this program has the
    stream.

    >>> from akeneo_erp_bridge.sync import SqliteState
    >>> held = HeldCell(ErpKey("DR-18"), "name[en_US]", base="Drill", erp="Cordless drill", pim="Hammer drill")
    >>> with SqliteState(":memory:") as state:
    ...     state.settle("products", Settled(entries=[LedgerEntry(held.key, "f1", "c1", ref="drill")], held=[held]))
    ...     print(resolve(state, "DR-18", "name[en_US]", take="pim").pim, list(state.held("products")))
    Hammer drill []
    """
    with occupied(state, stream, uuid.uuid4().hex):  # a run may have the entry in its hands
        return _resolved(state, ErpKey(key), cell if isinstance(cell, str) else cell.key, take, stream)


def _resolved(state: SyncState, key: ErpKey, name: str, take: Literal["erp", "pim"], stream: str) -> HeldCell:
    held = state.held_among(stream, [key])
    one = next((each for each in held if each.cell == name), None)
    entry = state.entries(stream, [key]).get(key)
    if one is None or entry is None:
        raise StateError(
            f"nothing is held for item {shown(str(key))} and cell {shown(name)} of stream {shown(stream)}; "
            "state.held(stream) lists what is"
        )
    rest = [each for each in held if each is not one]
    if take == "erp":
        # as if the PIM's version were what we had left there: so the ERP's is news, and nobody's edit is in its way
        cells, stamps = _with(entry, name, one.pim), entry.stamps
        rest.append(evolve(one, base=one.pim))
    else:
        cells = _with(entry, name, one.erp)
        stamps = with_taken(entry.stamps, name, cells.get(name), one.pim)
    after = evolve(entry, fingerprint="", cells=cells, stamps=stamps)
    # what is parked is not mended by this; the next run that meets it tries it again, as another cell would be sent
    parked = [evolve(each, fingerprint="") for each in state.parked_among(stream, [after.key]).values()]
    state.settle(stream, Settled(entries=[after], parked=parked, held=rest))
    return one


def _with(entry: LedgerEntry, cell: str, value: JsonValue) -> Mapping[str, JsonValue]:
    cells = {key: each for key, each in entry.cells.items() if key != cell}
    return cells if value is None else {**cells, cell: value}

"""What the PIM holds in the cells of a plan, in the form in which plans compare it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledMapping
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._drafts._diff import ENABLED

ItemT = TypeVar("ItemT", bound=ErpItem)


def cells_of(compiled: CompiledMapping[ItemT]) -> dict[str, Cell[str]]:
    """The cells of a mapping as a target needs them, with the one that deletions switch."""
    bound = ((key, one.binding.cell) for key, one in compiled.cells.items())
    cells = {key: Cell[str](cell.attribute, cell.locale, cell.channel) for key, cell in bound}
    return {ENABLED: Cell[str](ENABLED), **cells} if compiled.mapping.resource == "product" else cells


def found_in(cells: Mapping[str, JsonValue], key: str, compiled: CompiledMapping[ItemT]) -> JsonValue:
    """What raw cells hold in one of them, in canonical form; of a file that is its code in the PIM."""
    raw, cell = cells.get(key), compiled.cells.get(key)
    return raw if cell is None else cell.found(raw)


def is_same(one: JsonValue, other: JsonValue) -> bool:
    """Whether two canonical values are equal; the PIM stores neither null nor an empty list.

    >>> is_same(None, []), is_same("red", "blue")
    (True, False)
    """
    return one == other or (is_nothing(one) and is_nothing(other))


def is_nothing(value: JsonValue) -> bool:
    """Whether the PIM would store nothing for it."""
    return value is None or (isinstance(value, list | tuple | str) and not value)

"""What the PIM holds in the cells of a plan, in the form in which plans compare it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from akeneo_erp_bridge.catalog import JsonValue
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledMapping
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._drafts._diff import ENABLED
from akeneo_erp_bridge.sync._stream import Stream

ItemT = TypeVar("ItemT", bound=ErpItem)


def cells_of(stream: Stream[ItemT]) -> Mapping[str, Cell[str]]:
    """The stream's cells, with the one that deletions switch."""
    is_product = stream.compiled.mapping.resource == "product"
    return {ENABLED: Cell[str](ENABLED), **stream.cells} if is_product else stream.cells


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

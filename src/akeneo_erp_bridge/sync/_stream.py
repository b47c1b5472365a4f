"""What all that is done for one path of data rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from attrs import Factory, field, frozen

from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledMapping
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._drafts._files import Files
from akeneo_erp_bridge.sync._state import SyncState
from akeneo_erp_bridge.sync._targets._target import Target

ItemT = TypeVar("ItemT", bound=ErpItem)


def _cells_of(stream: Stream[ItemT]) -> Mapping[str, Cell[str]]:
    bound = ((key, one.binding.cell) for key, one in stream.compiled.cells.items())
    return {key: Cell[str](cell.attribute, cell.locale, cell.channel) for key, cell in bound}


def _files_of(stream: Stream[ItemT]) -> Files[ItemT]:
    return Files(stream.compiled, stream.target)


@frozen
class Stream(Generic[ItemT]):
    """One path of data at work: its name in the state, the mapping as the PIM's structure makes it, and both ends.

    `cells` are the mapping's, as a target needs them to read products; `files` are those that hold some.
    """

    name: str
    compiled: CompiledMapping[ItemT]
    target: Target
    state: SyncState
    cells: Mapping[str, Cell[str]] = field(init=False, default=Factory(_cells_of, takes_self=True))
    files: Files[ItemT] = field(init=False, default=Factory(_files_of, takes_self=True))

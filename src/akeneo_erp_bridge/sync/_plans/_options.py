"""Options that a plan would write and the PIM does not have: it would refuse the item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final, TypeVar

from attrs import evolve

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import AttributeType, JsonValue
from akeneo_erp_bridge.codes import AttributeCode, OptionCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import NotFound
from akeneo_erp_bridge.mapping import CompiledMapping, EntityMapping
from akeneo_erp_bridge.sync._changes import CellChange, ItemChange
from akeneo_erp_bridge.sync._drafts._members import listed
from akeneo_erp_bridge.sync._plans._refused import option_note
from akeneo_erp_bridge.sync._words import names

ItemT = TypeVar("ItemT", bound=ErpItem)

_SELECTS: Final = frozenset({AttributeType.SIMPLE_SELECT, AttributeType.MULTI_SELECT})
_ONE_BY_ONE: Final = 10  # so few codes are asked for by name; of more, the options are listed


def with_option_notes(
    changes: Sequence[ItemChange], compiled: CompiledMapping[ItemT], pim: AkeneoClient
) -> list[ItemChange]:
    """The changes, with a note at each cell whose option has to be created first."""
    selects = {
        key: cell.attribute.code
        for key, cell in compiled.cells.items()
        if cell.attribute is not None and cell.attribute.type in _SELECTS
    }
    wanted: dict[AttributeCode, dict[str, str]] = {}
    for change in changes:
        for key in selects.keys() & change.cells.keys():
            wanted.setdefault(selects[key], {}).update((code.lower(), code) for code in _codes(change.cells[key].new))
    absent = {code: _absent(code, codes, compiled, pim) for code, codes in wanted.items()}
    if not any(absent.values()):
        return list(changes)
    return [
        evolve(
            one,
            cells={
                key: _noted(cell, absent.get(selects.get(key, AttributeCode("")), set()))
                for key, cell in one.cells.items()
            },
        )
        for one in changes
    ]


def _noted(cell: CellChange, absent: set[str]) -> CellChange:
    missing = [code for code in _codes(cell.new) if code.lower() in absent] if absent else []
    if not missing:
        return cell
    return evolve(cell, notes=(*cell.notes, option_note(names(missing))))


def _codes(value: JsonValue) -> list[str]:
    return [value] if isinstance(value, str) else [one for one in listed(value) if isinstance(one, str)]


def _absent(
    attribute: AttributeCode, wanted: dict[str, str], compiled: CompiledMapping[ItemT], pim: AkeneoClient
) -> set[str]:
    """Which of the codes are no options, in lower case."""
    known = compiled.structure.options.get(attribute)
    if known is None and not isinstance(compiled.mapping, EntityMapping):
        known = frozenset(_existing(attribute, wanted.values(), pim))
    return set() if known is None else wanted.keys() - {code.lower() for code in known}


def _existing(attribute: AttributeCode, wanted: Iterable[str], pim: AkeneoClient) -> Iterable[OptionCode]:
    options = pim.attribute_options(attribute)
    codes = list(wanted)
    if len(codes) > _ONE_BY_ONE:
        yield from (one.code for one in options.list())
        return
    for code in codes:
        with suppress(NotFound):
            yield options.get(code).code

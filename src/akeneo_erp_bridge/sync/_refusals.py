"""What the PIM refused, in the words of those who look after the ERP: which field it came from, and what to do."""

from __future__ import annotations

from typing import Final, TypeVar

from akeneo_erp_bridge.catalog import AttributeType
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CompiledCell, CompiledMapping
from akeneo_erp_bridge.sync._targets._target import Verdict
from akeneo_erp_bridge.sync._words import names

ItemT = TypeVar("ItemT", bound=ErpItem)

_SELECTS: Final = frozenset({AttributeType.SIMPLE_SELECT, AttributeType.MULTI_SELECT})


def refusal_of(verdict: Verdict, compiled: CompiledMapping[ItemT]) -> tuple[str, str]:
    """The place of a refusal, and its reason with what to do; as the PIM has them where it names no cell of ours."""
    cell = _cell_at(verdict.path, compiled)
    if cell is None:
        return verdict.path, verdict.reason
    fields = sorted(cell.binding.rule.sources)
    is_option = cell.attribute is not None and cell.attribute.type in _SELECTS and "option" in verdict.reason.lower()
    make = "make the option in the PIM, by hand or with `setup`, or " if is_option else ""
    mend = f"correct {names(fields)} in the ERP" if fields else f"correct rule '{cell.label}'"
    where = ", ".join(fields) or cell.label
    return f"{where} -> {verdict.path}", f"{verdict.reason.removesuffix('.')}; {make}{mend}"


def _cell_at(path: str, compiled: CompiledMapping[ItemT]) -> CompiledCell[ItemT] | None:
    """The cell that the PIM names by attribute, locale and channel, as far as it does; none where several may be meant."""
    _, _, place = path.partition("values/")
    code, *parts = place.split("/")
    found = [
        one
        for one in compiled.cells.values()
        if one.attribute is not None
        and one.attribute.code == code
        and {*parts} <= {one.binding.cell.locale, one.binding.cell.channel}
    ]
    return found[0] if len(found) == 1 else None

"""What the way back knows of the things that items are bound to: the codes of models, and the cells of other levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from attrs import evolve, frozen

from akeneo_erp_bridge.classification import Cold, Temperature
from akeneo_erp_bridge.codes import ErpKey
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.mapping import CODE, ProductMapping, ProductModelMapping
from akeneo_erp_bridge.rules import KEEP, Binding, Catch, Outcome, Owner, Put, Rule, Step

ItemT = TypeVar("ItemT", bound=ErpItem)
T = TypeVar("T")
K = TypeVar("K")


class Known:
    """Of items, as the pages come: the codes of their models, and the cells that another level of the PIM holds."""

    def __init__(self) -> None:
        self.codes: dict[ErpKey, str] = {}
        self.elsewhere: dict[ErpKey, frozenset[str]] = {}

    def __repr__(self) -> str:
        return "what is known of bound items"  # of the same rules, whatever it holds: see `identity`


@frozen
class _OwnCell(Rule[ItemT, T, K], Generic[ItemT, T, K]):
    """A rule that says nothing where the PIM would drop the value: where another level than that of the thing holds it."""

    rule: Rule[ItemT, T, K]
    cell: str
    bound: Known

    def run(self, source: ItemT) -> Outcome[T]:
        return KEEP if self.cell in self.bound.elsewhere.get(source.key, ()) else self.rule.run(source)

    def possible(self, before: frozenset[str] | None = None) -> frozenset[str] | None:
        return self.rule.possible(before)

    @property
    def label(self) -> str:
        return self.rule.label

    @property
    def parts(self) -> tuple[Step, ...]:
        return (self.rule,)


@frozen
class _ModelCode(Rule[ItemT, str, Cold], Generic[ItemT]):
    """The code of the model that an item is bound to, whatever the ERP calls it."""

    bound: Known

    def run(self, source: ItemT) -> Outcome[str]:
        code = self.bound.codes.get(source.key)
        return KEEP if code is None else Put(code)

    @property
    def label(self) -> str:
        return "the code of its model"

    @property
    def temperatures(self) -> frozenset[Temperature]:
        return _COLD


_COLD: Final[frozenset[Temperature]] = frozenset({Cold})


def own_of_products(mapping: ProductMapping[ItemT], known: Known) -> ProductMapping[ItemT]:
    """The same mapping, in which variants are given their own cells alone."""
    return ProductMapping[ItemT](mapping.source, *_own(mapping.bindings, known), group=mapping.group)


def own_of_models(mapping: ProductModelMapping[ItemT], known: Known) -> ProductModelMapping[ItemT]:
    """The same for models, whose codes are known: they are in the PIM already."""
    bindings = [one for one in mapping.bindings if one.cell.key != CODE.key]
    return with_code(_with(mapping, _own(bindings, known)), known)


def with_code(mapping: ProductModelMapping[ItemT], known: Known) -> ProductModelMapping[ItemT]:
    """The same mapping, which has the code of the model where it has none of its own."""
    if any(one.cell.key == CODE.key for one in mapping.bindings):
        return mapping
    return _with(mapping, [*mapping.bindings, _ModelCode[ItemT](known).to(CODE, owner=Owner.PIM)])


def _with(mapping: ProductModelMapping[ItemT], bindings: Sequence[Binding[ItemT]]) -> ProductModelMapping[ItemT]:
    """Another one with these bindings."""
    return ProductModelMapping[ItemT](mapping.source, *bindings, group=mapping.group)


def _own(bindings: Sequence[Binding[ItemT]], known: Known) -> list[Binding[ItemT]]:
    found: list[Binding[ItemT]] = []
    for one in bindings:
        rule = one.rule
        # giving up the cell stays the outermost step
        wrapped = (
            Catch(_OwnCell(rule.rule, one.cell.key, known))
            if isinstance(rule, Catch)
            else _OwnCell(rule, one.cell.key, known)
        )
        found.append(evolve(one, rule=wrapped))
    return found

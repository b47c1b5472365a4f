"""One declaration for both directions."""

from __future__ import annotations

from typing import TypeVar, cast

from attrs import evolve

from akeneo_erp_bridge.classification import Cold
from akeneo_erp_bridge.erp._item import Column
from akeneo_erp_bridge.rules import Binding, Cell, Iso, Owner

S = TypeVar("S")
T = TypeVar("T")
U = TypeVar("U")


def two_way(column: Column[S, T, Cold], iso: Iso[T, U], cell: Cell[U], *, owner: Owner) -> Binding[S]:
    """Bind a field and a cell both ways, by a lossless pair. `owner` decides where the two disagree.

    Only a field itself can be written back, so a rule made from one does not type-check here. The binding keeps the
    pair as `Binding.iso`; `akeneo_erp_bridge.testing.round_trips` checks it on items of yours. Raises
    `TemperatureRefused` for a field that is not cold, should the type checker have been silenced.

    >>> from akeneo_erp_bridge.erp import ErpItem, cold
    >>> class Article(ErpItem):
    ...     metres = cold(int, "length_m")
    >>> centimetres = Iso(lambda metres: metres * 100, lambda length: length // 100)
    >>> length = two_way(Article.metres, centimetres, Cell("length_cm"), owner=Owner.PIM)
    >>> length.rule.run(Article({"length_m": 5})).value, length.iso.back(500)
    (500, 5)
    """
    there = (column >> iso.as_rule()).to(cell, owner=owner)
    # the cast: its types are those of the column and the cell, which were checked here; nobody asks for them later
    return evolve(there, iso=cast("Iso[object, object]", iso))

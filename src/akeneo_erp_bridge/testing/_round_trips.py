"""Two-way bindings, checked on items: what goes to the PIM and comes back is what it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.mapping import ItemMapping
from akeneo_erp_bridge.rules import Binding, Iso, Problem, Put, Rule, shown

ItemT = TypeVar("ItemT", bound=ErpItem)
S = TypeVar("S")


def round_trips(mapping: ItemMapping[ItemT], samples: Iterable[ItemT]) -> list[Problem]:
    """Run each two-way binding of a mapping there and back on each item; an empty list means that all came back.

    The value in the field, sent to the cell and read back, must be the same, and so must the cell's value when it is
    sent again. An item without a value, or with a wrong one, shows nothing; a binding for which no item shows anything
    is a problem too. Raises `MappingError` when the mapping has no two-way binding.

    >>> from akeneo_erp_bridge.erp import cold, two_way
    >>> from akeneo_erp_bridge.mapping import ProductMapping
    >>> from akeneo_erp_bridge.rules import Cell, Iso, Owner
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    ...     pieces = cold(str, "pieces")
    >>> mapping = ProductMapping(Article, two_way(Article.pieces, Iso(int, str), Cell[int]("pieces"), owner=Owner.ERP))
    >>> round_trips(mapping, [Article({"number": "1", "pieces": "12"})])
    []
    >>> print(round_trips(mapping, [Article({"number": "1", "pieces": "012"})])[0])
    pieces > Article('1'): '012' became 12 and came back as '12'; the pair loses something, mend it or bind one way
    """
    pairs = [(one, one.iso) for one in mapping.bindings if one.iso is not None]
    if not pairs:
        raise MappingError(
            f"{mapping!r} has no two-way binding; bind with two_way(...), or do without round_trips(...)"
        )
    items = list(samples)
    return [problem for binding, iso in pairs for problem in _check(binding, iso, items)]


def _check(binding: Binding[S], iso: Iso[object, object], items: list[S]) -> Iterator[Problem]:
    field = binding.rule.parts[0]
    is_shown = False
    for item in items:
        before = field.run(item) if isinstance(field, Rule) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # of which types, only the binding knew
        if isinstance(before, Put):
            is_shown = True
            yield from (one.at(repr(item)).at(str(binding.cell)) for one in _there_and_back(iso, before.value))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  # as above
    if not is_shown:
        yield Problem("not_shown", str(binding.cell), "no item has a value for it; add one that has")


def _there_and_back(iso: Iso[object, object], value: object) -> Iterator[Problem]:
    there = iso.as_rule().run(value)
    if not isinstance(there, Put):
        if isinstance(there, Problem):
            yield there
        return
    back = iso.inverse().as_rule().run(there.value)
    if isinstance(back, Problem):
        yield back
    elif isinstance(back, Put):
        again = iso.as_rule().run(back.value)
        if back.value != value or type(back.value) is not type(value):
            seen = f"{shown(value)} became {shown(there.value)} and came back as {shown(back.value)}"
            yield Problem("not_the_same", "", f"{seen}; the pair loses something, mend it or bind one way")
        elif again != there:
            seen = f"{shown(value)} became {shown(there.value)}, and {shown(again)} when it was sent again"
            yield Problem("not_the_same", "", f"{seen}; the pair must give the same each time")

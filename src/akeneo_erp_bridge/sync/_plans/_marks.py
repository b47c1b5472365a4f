"""What a product holds, place by place as check sums: to see whether somebody changed it before it is deleted.

The PIM's `updated` would not do: it counts whole seconds, some products come without it, and it also moves when
nothing that a person wrote has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from attrs import define, field

from akeneo_erp_bridge.catalog import JsonValue, Product, ProductModel
from akeneo_erp_bridge.codes import ProductModelCode
from akeneo_erp_bridge.errors import NotFound
from akeneo_erp_bridge.rules import Cell
from akeneo_erp_bridge.sync._changes import check_sum

T = TypeVar("T")

_LINK: Final = ""
"""The mark of a link, which is known by its name. It goes with its target: only one that is new tells that somebody was here."""


@define
class Marks:
    """Reads the marks of products, and of each model above them once."""

    model: Callable[[ProductModelCode], ProductModel]
    _above: dict[str, Mapping[str, str]] = field(factory=dict[str, Mapping[str, str]], init=False)

    def of(self, product: Product) -> Mapping[str, str]:
        """The marks of what the product itself holds; what its models hold is nothing of its own."""
        inherited = self._of_model(product.parent)
        found = {"enabled": check_sum(product.enabled), "family": check_sum(product.family)}
        found |= {"parent": check_sum(product.parent)} if product.parent is not None else {}
        found |= {f"group {one}": check_sum(one) for one in product.groups}
        found |= _content(product)
        return {place: mark for place, mark in found.items() if inherited.get(place) != mark}

    def _of_model(self, code: ProductModelCode | None) -> Mapping[str, str]:
        if code is None:
            return {}
        if code not in self._above:
            try:
                model = self.model(code)
            except NotFound:
                return {}
            self._above[code] = {**self._of_model(model.parent), **_content(model)}
        return self._above[code]


def moved(seen: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The places in which a product is not as it was seen, in order of their names.

    >>> moved({"name[en_US]": "5f", "PACK products 7a": ""}, {"name[en_US]": "60"})
    ['name[en_US]']
    """
    changed = {place for place, mark in now.items() if seen.get(place) != mark}
    gone = {place for place, mark in seen.items() if mark != _LINK and place not in now}
    return sorted(changed | gone)


def _content(one: Product | ProductModel) -> dict[str, str]:
    """What products and models have alike: categories, values and links."""
    found = {f"category {code}": check_sum(code) for code in one.categories}
    for attribute, entries in one.values.source.items():
        for entry in entries:
            place = Cell[str](attribute, _text(entry.get("locale")), _text(entry.get("scope")))
            found[place.key] = check_sum(entry.get("data"))
    return found | dict.fromkeys(_links(one), _LINK)


def _links(one: Product | ProductModel) -> Iterator[str]:
    for code, kinds in one.associations.items():
        for kind, names in _named(kinds):
            yield from (f"{code} {kind} {name}" for name in names)
    for code, quantified in one.quantified_associations.items():
        for kind, targets in _named(quantified):
            for target in targets:
                yield f"{code} {kind} {target.get('uuid') or target.get('identifier')} x {target.get('quantity')}"


def _named(kinds: Mapping[str, T] | None) -> Iterator[tuple[str, T]]:
    # a type without links comes as an empty list from some versions
    yield from kinds.items() if isinstance(kinds, Mapping) else ()


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None

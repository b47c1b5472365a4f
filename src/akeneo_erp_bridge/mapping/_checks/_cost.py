"""What a first run will ask of the PIM, before it is started."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import ceil
from typing import Final, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import AttributeType, PimStructure
from akeneo_erp_bridge.codes import AttributeCode
from akeneo_erp_bridge.erp import ErpItem
from akeneo_erp_bridge.errors import ConfigurationError
from akeneo_erp_bridge.mapping._mapping import ItemMapping

ItemT = TypeVar("ItemT", bound=ErpItem)

_BATCH: Final = 100  # resources in a request, and codes in a condition: Akeneo's limit for both
_PAGE: Final = 100
_AT_A_TIME: Final = 4  # requests in flight, for one connection
_OPTIONS_PER_SECOND: Final = 3
_SELECTS: Final = frozenset({AttributeType.SIMPLE_SELECT, AttributeType.MULTI_SELECT})
_MEDIA: Final = frozenset({AttributeType.IMAGE, AttributeType.FILE})


@frozen(kw_only=True)
class Cost:
    """What a first run of so many items asks for; later runs send what changed alone.

    `requests` are all that are sent, those for options and files among them. `options` are those that the rules can
    give and the PIM does not have. `uncounted` are selects whose options nobody can tell in advance, or that the
    structure does not hold.

    >>> cost = Cost(items=20_000, requests=408, options=0, media=0, took=timedelta(seconds=102), uncounted=("colour",))
    >>> cost.minutes
    1.7
    >>> print(cost)
    items: 20000; requests: about 408; minutes: 2; options to create: 0; files to send: 0
    not counted: new options of colour
    """

    items: int
    requests: int
    options: int
    media: int
    took: timedelta
    uncounted: tuple[str, ...] = ()

    @property
    def minutes(self) -> float:
        """The estimated time."""
        return self.took / timedelta(minutes=1)

    def __str__(self) -> str:
        lines = [
            f"items: {self.items}; requests: about {self.requests}; minutes: {self.minutes:.0f}; "
            f"options to create: {self.options}; files to send: {self.media}"
        ]
        if self.uncounted:
            lines.append(f"not counted: new options of {', '.join(self.uncounted)}")
        return "\n".join(lines)


def estimate(
    mapping: ItemMapping[ItemT],
    structure: PimStructure,
    *,
    items: int,
    per_request: timedelta = timedelta(seconds=1),
) -> Cost:
    """Estimate a first run of *items* items, each of them new.

    *per_request* is what the PIM needs for a request, measured on yours: a batch of a hundred products takes seconds
    on a small one. Four requests go at a time, options three a second (Akeneo's limits); each file is sent alone.
    Source: Akeneo's documentation of rate limits, and of the update of several resources.
    Raises `ConfigurationError` for a negative number of items.

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.mapping import ProductMapping
    >>> from akeneo_erp_bridge.rules import Cell
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> mapping = ProductMapping(Article, Article.number.to(Cell("sku")))
    >>> print(estimate(mapping, PimStructure(attributes={}), items=20_000))
    items: 20000; requests: about 408; minutes: 2; options to create: 0; files to send: 0
    """
    if items < 0:
        raise ConfigurationError(f"estimate(items={items}): there is no negative number of items")
    batches = ceil(items / _BATCH)
    files = items * sum(_type(structure, code) in _MEDIA for code in _attributes(mapping))
    counted = dict(_new_options(mapping, structure))
    options = sum(len(codes) for codes in counted.values() if codes is not None)
    # the structure, then for each batch a look whether it is there, and the write
    plain = _reading(structure) + 2 * batches
    took = (plain + files) * per_request / _AT_A_TIME + timedelta(seconds=options / _OPTIONS_PER_SECOND)
    return Cost(
        items=items,
        requests=plain + files + options,
        options=options,
        media=files,
        took=took,
        uncounted=tuple(sorted(code for code, codes in counted.items() if codes is None)),
    )


def _attributes(mapping: ItemMapping[ItemT]) -> Iterator[str]:
    yield from (one.cell.attribute for one in mapping.bindings)


def _type(structure: PimStructure, code: str) -> str:
    attribute = structure.attributes.get(AttributeCode(code))
    return "" if attribute is None else attribute.type


def _reading(structure: PimStructure) -> int:
    """Pages of the structure itself, and one request for the variants of each family."""
    categories = structure.categories or {}
    lists = (structure.attributes, structure.families, structure.channels, categories)
    others = 4  # locales, currencies, measurement families, and the sign-in
    return others + sum(max(1, ceil(len(one) / _PAGE)) for one in lists) + len(structure.families)


def _new_options(mapping: ItemMapping[ItemT], structure: PimStructure) -> Iterator[tuple[str, set[str] | None]]:
    """By select: the codes that are not in the PIM; `None` where that is not known."""
    found: dict[str, set[str] | None] = {}
    for binding in mapping.bindings:
        code = binding.cell.attribute
        if _type(structure, code) not in _SELECTS:
            continue
        there, possible = structure.options.get(AttributeCode(code)), binding.rule.possible()
        if there is None or possible is None:
            found[code] = None
            continue
        known = {option.lower() for option in there}
        new = {option.lower() for option in possible} - known
        before = found.get(code, set())
        found[code] = None if before is None else before | new
    yield from found.items()

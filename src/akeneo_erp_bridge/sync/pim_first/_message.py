"""The ERP's words in the product that it refused, where the PIM's users read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge.catalog import Product, Value
from akeneo_erp_bridge.classification import PIM_SAFE, may_reach
from akeneo_erp_bridge.codes import AttributeCode, ChannelCode, LocaleCode
from akeneo_erp_bridge.erp import ErpItem, Given
from akeneo_erp_bridge.rules import Cell

ItemT = TypeVar("ItemT", bound=ErpItem)

Wording: TypeAlias = Callable[[str], str]
"""Makes of what the ERP said the text that goes into the product."""


@frozen
class Message:
    """A text of the product, and what of the ERP's words it may hold."""

    cell: Cell[str]
    words: Wording | None
    hidden: tuple[str, ...]
    """Values that were given to new items in fields which are hot or internal."""

    @classmethod
    def of(cls, cell: Cell[str], words: Wording | None, source: type[ItemT], given: Iterable[Given[ItemT]]) -> Message:
        """For items of a class that are created with some values."""
        warm = [
            str(one.value)
            for one in given
            if any(not may_reach(frozenset({spec.temperature}), PIM_SAFE) for spec in source.declared_at(one.path))
        ]
        return cls(cell, words, tuple(sorted(filter(None, warm), key=len, reverse=True)))

    def said(self, product: Product, reason: str) -> Iterator[Value]:
        """What is to be written into a product; nothing where it stands there already, and empty for no reason."""
        cell, text = self.cell, self._worded(reason) if reason else ""
        place = {"locale": cell.locale, "channel": cell.channel}
        if (product.values.text(cell.attribute, **place) or "") != text:
            yield Value(
                AttributeCode(cell.attribute),
                text or None,
                LocaleCode(cell.locale) if cell.locale else None,
                ChannelCode(cell.channel) if cell.channel else None,
            )

    def _worded(self, reason: str) -> str:
        for value in self.hidden:
            reason = re.sub(rf"(?<![\w.,]){re.escape(value)}(?!\w|[.,]\w)", "(not shown)", reason)
        if self.words is None:
            return reason
        try:
            return self.words(reason)
        except Exception as error:  # noqa: BLE001 - a function of a user's own may raise anything; the others go on
            return f"the ERP refused it; its words cannot be shown ({type(error).__name__})"

"""New SKUs for products that have none, taken neither in the PIM nor in the ERP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol, TypeAlias

from attrs import field, frozen

from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import Product
from akeneo_erp_bridge.erp import Choice, ChoiceReader, ErpItem
from akeneo_erp_bridge.errors import MappingError
from akeneo_erp_bridge.sync._targets._products import IdentifierTarget, ProductTarget
from akeneo_erp_bridge.sync.pim_first._shelf import ref_of
from akeneo_erp_bridge.sync.pim_first._sku_book import Reservation, SkuBook
from akeneo_erp_bridge.sync.pim_first._sku_pattern import SkuPattern

__all__ = ["NewSkus", "SkuMaker", "TakenSkus", "in_erp", "in_pim"]

TakenSkus: TypeAlias = "Callable[[Sequence[str]], Sequence[str]]"
"""Of these SKUs, those that are taken somewhere; their case does not count."""

_AHEAD: Final = (
    100  # numbers that are looked at together where one was taken: a book that was lost is caught up with soon
)


class SkuMaker(Protocol):
    """Gives SKUs to products."""

    def skus_for(self, products: Sequence[Product]) -> Mapping[str, str | MappingError]:
        """By the name of the product in the PIM: its SKU, or why it gets none. Asked again, it gives the same."""
        ...


@frozen
class NewSkus:
    """SKUs made by a pattern, reserved in a book, and looked up in the PIM and in the ERP before they are used.

    ::

        pattern = SkuPattern(FamilyPrefix({"drills": "DR"}), "-", Sequence(5), CheckPart("luhn"))
        skus = NewSkus(pattern, SqliteSkuBook("skus.db"), taken=[in_pim(pim), in_erp(erp, "code")])
        PimFirst(..., skus=skus)

    A SKU that is taken is skipped; the book tells which, but for those directly behind it. Where the PIM makes identifiers by
    itself, as Akeneo's identifier generator does for families and conditions that are set up in it, leave *skus* out: the
    products have one then. Source: Akeneo's ERP guide, App workflows: SKUs are to be made easily.

    >>> import tempfile
    >>> from akeneo_erp_bridge.sync.pim_first import Sequence, SqliteSkuBook
    >>> with tempfile.TemporaryDirectory() as folder, SqliteSkuBook(f"{folder}/skus.db") as book:
    ...     skus = NewSkus(SkuPattern("DR-", Sequence(3)), book, taken=[lambda asked: ["dr-001"]])
    ...     skus.skus_for([Product(uuid="7e0c")])
    {'7e0c': 'DR-002'}
    """

    pattern: SkuPattern
    book: SkuBook
    taken: Sequence[TakenSkus] = field(default=(), kw_only=True)

    def skus_for(self, products: Sequence[Product]) -> Mapping[str, str | MappingError]:
        """See `SkuMaker`. Raises what keeps the PIM or the ERP from telling what is taken."""
        given: dict[str, str | MappingError] = {}
        open_ones: dict[str, tuple[Product, Reservation]] = {}
        for product in products:
            owner = ref_of(product)
            try:
                scope = self.pattern.scope(product)
                made = self.book.reserve(owner, scope, self.pattern.sequence.start, self._made(product))
            except MappingError as error:
                given[owner] = error
            else:
                open_ones[owner] = (product, made)
        while open_ones:
            taken = self._taken([one.sku for _, one in open_ones.values()])
            for owner, (product, one) in list(open_ones.items()):
                if one.sku.lower() not in taken:
                    given[owner] = one.sku
                    del open_ones[owner]
                    continue
                try:
                    open_ones[owner] = (product, self._another(product, one))
                except MappingError as error:
                    given[owner] = error
                    del open_ones[owner]
        return given

    def _made(self, product: Product) -> Callable[[int], str]:
        return lambda number: self.pattern.sku(product, number)

    def _another(self, product: Product, one: Reservation) -> Reservation:
        """The next one: not directly behind what is taken, where what follows is taken as well."""
        following: dict[str, int] = {}
        with suppress(MappingError):  # the last number may be near
            for number in range(one.number + 1, one.number + _AHEAD):
                following[self.pattern.sku(product, number).lower()] = number
        taken = self._taken(list(following))
        last = one.number
        while last + 1 in {following[sku] for sku in taken if sku in following}:
            last += 1
        return self.book.replace(one, "it is taken in the PIM or in the ERP", last, self._made(product))

    def _taken(self, skus: Sequence[str]) -> set[str]:
        return {sku.lower() for look in self.taken for sku in look(skus)}


def in_pim(pim: AkeneoClient) -> TakenSkus:
    """Looks SKUs up in the PIM, in whatever case.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> with PimSimulator(sample=True).client() as pim:
    ...     in_pim(pim)(["A-SKU-OF-NOBODY"])
    []
    """
    known: list[str] = []

    def taken(skus: Sequence[str]) -> Sequence[str]:
        if not known:
            known.append(pim.structure(with_categories=False).identifier_attribute)
        kind = ProductTarget if pim.features.has_product_uuids else IdentifierTarget
        return list(kind(pim, known[0]).find(skus, {}))

    return taken


def in_erp(erp: ChoiceReader[ErpItem], path: str) -> TakenSkus:
    """Looks SKUs up in the ERP, by the field at this path, in the case that the ERP itself compares them by.

    ::

        skus = NewSkus(pattern, book, taken=[in_pim(pim), in_erp(erp, "code")])

    >>> from akeneo_erp_bridge.erp import cold
    >>> from akeneo_erp_bridge.testing import ErpSimulator
    >>> class Article(ErpItem):
    ...     number = cold(str, "number", key=True)
    >>> erp = ErpSimulator(Article, [{"number": "DR-18"}])
    >>> in_erp(erp.adapter(), "number")(["DR-18", "DR-19"])
    ['DR-18']
    """

    def taken(skus: Sequence[str]) -> Sequence[str]:
        wanted = {sku.lower() for sku in skus}
        found: list[str] = []
        for page in erp.read_some(Choice(path, tuple(skus)), fields=frozenset({path}), limit=500):
            seen = (str(item.row.get(path, "")) for item in page.items)
            found += [sku for sku in seen if sku.lower() in wanted]
        return found

    return taken

"""Products of the PIM by the name that it gives them: a UUID, or before 7.0 the identifier."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Final, Protocol, TypeAlias, TypeVar

from attrs import frozen

from akeneo_erp_bridge._unset import UNSET
from akeneo_erp_bridge.akeneo import AkeneoClient
from akeneo_erp_bridge.catalog import JsonValue, Product, ProductPatch, Value
from akeneo_erp_bridge.codes import CategoryCode, ProductUuid, Sku
from akeneo_erp_bridge.errors import NotFound
from akeneo_erp_bridge.sync._targets._target import slices

Asked: TypeAlias = Mapping[str, "str | int | bool"]
"""Parameters of a request."""

T = TypeVar("T")

_NO_PARAMS: Final[Asked] = {}
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def ref_of(product: Product) -> str:
    """The name under which the PIM knows a product."""
    return str(product.uuid if product.uuid is not None else product.identifier)


def search(
    pim: AkeneoClient, where: Mapping[str, JsonValue], params: Asked = _NO_PARAMS, attributes: Sequence[str] = ()
) -> Iterator[Product]:
    """The products that match, with the values of these attributes; with all, where none is named."""
    shelf = pim.products if pim.features.has_product_uuids else pim.products_by_identifier
    yield from shelf.list(where, params=params, attributes=attributes or None)


def lots(some: Iterable[T], size: int) -> Iterator[list[T]]:
    """So many at a time, read no further than that."""
    left = iter(some)
    while lot := list(islice(left, size)):
        yield lot


class ByName(Protocol):
    """What reads things of the PIM by name, in the form of products."""

    def read(self, refs: Sequence[str]) -> dict[str, Product]:
        """Those that are there."""
        ...


@frozen
class Change:
    """What is to be changed of one product."""

    ref: str
    values: tuple[Value, ...] = ()
    categories: tuple[CategoryCode, ...] | None = None


class Changes(ByName, Protocol):
    """The same, which also changes them."""

    def change(self, changes: Sequence[Change]) -> dict[str, str]:
        """Change them; the reasons in the PIM's words, by name, for those it refused."""
        ...


@frozen
class Shelf:
    """Reads and changes products by name. `params` and `attributes` are what they are read with."""

    pim: AkeneoClient
    identifier: str
    params: Asked = _NO_PARAMS
    attributes: tuple[str, ...] = ()

    def read(self, refs: Sequence[str]) -> dict[str, Product]:
        """Those of the products that are there, by the names that were asked for: events may tell an identifier alone."""
        found: dict[str, Product] = {}
        if self.pim.features.has_product_uuids:
            uuids = {ref.lower(): ref for ref in refs if _UUID.fullmatch(ref)}
            for product in self._named("uuid", list(uuids)):
                found[uuids.get(ref_of(product).lower(), "")] = product
            named = {ref.lower(): ref for ref in refs if not _UUID.fullmatch(ref)}
            for product in self._named(self.identifier, list(named.values())):
                found[named.get((product.values.text(self.identifier) or "").lower(), "")] = product
            return {ref: found[ref] for ref in refs if ref in found}
        for ref in refs:  # no filter of theirs takes a list of identifiers
            with suppress(NotFound):
                found[ref] = self.pim.products_by_identifier.get(ref, params=self.params)
        return found

    def _named(self, field: str, names: Sequence[str]) -> Iterator[Product]:
        for some in slices(names):
            where: Mapping[str, JsonValue] = {field: [{"operator": "IN", "value": [*some]}]}
            yield from search(self.pim, where, self.params, self.attributes)

    def change(self, changes: Sequence[Change]) -> dict[str, str]:
        """Change products; the reasons in the PIM's words, by name, for those it refused.

        Raises what kept a whole request from being judged.
        """
        refused: dict[str, str] = {}
        by_uuid = self.pim.features.has_product_uuids
        shelf = self.pim.products if by_uuid else self.pim.products_by_identifier
        patches = [
            ProductPatch(
                uuid=ProductUuid(one.ref) if by_uuid else None,
                identifier=None if by_uuid else Sku(one.ref),
                values=one.values or UNSET,
                categories=UNSET if one.categories is None else one.categories,
            )
            for one in changes
        ]
        for one, result in zip(changes, shelf.upsert_many(patches), strict=True):
            if result.cause is not None:
                raise result.cause
            if not result.ok:
                refused[one.ref] = "; ".join(str(error) for error in result.errors) or f"status {result.status}"
        return refused

"""Products and product models: lists that can be trimmed to the values somebody reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from akeneo_erp_bridge.akeneo._pages import Listing, Parameter
from akeneo_erp_bridge.akeneo._resource import DeletableResource
from akeneo_erp_bridge.akeneo._verbs import Where
from akeneo_erp_bridge.catalog import Entity, Patch

__all__ = ["ProductResource", "trimmed"]

T = TypeVar("T", bound=Entity)
P = TypeVar("P", bound=Patch)


class ProductResource(DeletableResource[T, P], Generic[T, P]):
    """Products or product models."""

    def list(
        self,
        where: Where | None = None,
        *,
        params: Mapping[str, Parameter] | None = None,
        limit: int | None = None,
        attributes: Iterable[str] | None = None,
        locales: Iterable[str] | None = None,
    ) -> Listing[T]:
        """As for every resource; *attributes* and *locales* trim the values the PIM sends, and so its work.

        A model read with trimmed values may be written back: values that are not sent stay.
        Do not trim by channel (`params={"scope": ...}`) in a synchronisation: it also leaves out every product
        outside the channel's category tree. Source: Akeneo's documentation of filters.
        """
        return super().list(where, params=trimmed(params, attributes, locales), limit=limit)


def trimmed(
    params: Mapping[str, Parameter] | None, attributes: Iterable[str] | None, locales: Iterable[str] | None
) -> Mapping[str, Parameter]:
    """The parameters, with those that trim the values a product comes with."""
    all_of_them = dict(params or {})
    if attributes is not None:
        all_of_them["attributes"] = ",".join(attributes)
    if locales is not None:
        all_of_them["locales"] = ",".join(locales)
    return all_of_them

"""Products and product models: lists that can be trimmed to the values somebody reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from attrs import frozen

from akeneo_erp_bridge.akeneo._calls import Calls
from akeneo_erp_bridge.akeneo._flow import Call, Flow
from akeneo_erp_bridge.akeneo._json import dumps
from akeneo_erp_bridge.akeneo._kinds import Kind, WriteKind
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import Listing, Parameter, ResourcePage, list_call, read_page, size_of
from akeneo_erp_bridge.akeneo._resource import DeletableResource
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._verbs import Where
from akeneo_erp_bridge.catalog import Entity, JsonObject, Patch, Product, ProductPatch
from akeneo_erp_bridge.errors import ConfigurationError

__all__ = ["DraftVerbs", "ProductResource", "Products", "SearchBody", "cursor_of", "trimmed"]

E = TypeVar("E", bound=Entity)
P = TypeVar("P", bound=Patch)


class ProductResource(DeletableResource[E, P], Generic[E, P]):
    """Products or product models.

    Source: Akeneo's documentation of the product resources, and of the product model resource.

    >>> from akeneo_erp_bridge.catalog import ProductPatch, Value
    >>> from akeneo_erp_bridge.codes import AttributeCode, Sku
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> products = PimSimulator(sample=True).client().products_by_identifier
    >>> values = [Value(AttributeCode("ean"), "4001234567890"), Value(AttributeCode("supplier_note"), "new")]
    >>> products.upsert(ProductPatch(identifier=Sku("HM-500"), values=values)).created
    True
    >>> [[value.attribute for value in product.values] for product in products.list(attributes=["ean"])]
    [['ean']]
    """

    def __init__(self, kind: WriteKind[E, P], session: Session, options: Options) -> None:
        super().__init__(kind, session, options)
        self._drafts = DraftVerbs(kind, Calls(session.keeper, options))

    def list(
        self,
        where: Where | None = None,
        *,
        params: Mapping[str, Parameter] | None = None,
        page_size: int | None = None,
        attributes: Iterable[str] | None = None,
        locales: Iterable[str] | None = None,
    ) -> Listing[E]:
        """As for every resource; *attributes* and *locales* trim the values the PIM sends, and so its work.

        A model read with trimmed values may be written back: values that are not sent stay.
        Do not trim by channel (`params={"scope": ...}`) in a synchronisation: it also leaves out every product
        outside the channel's category tree. Source: Akeneo's documentation of filters.
        """
        return super().list(where, params=trimmed(params, attributes, locales), page_size=page_size)

    def pages(
        self,
        where: Where | None = None,
        *,
        params: Mapping[str, Parameter] | None = None,
        page_size: int | None = None,
        start: str | None = None,
        attributes: Iterable[str] | None = None,
        locales: Iterable[str] | None = None,
    ) -> Iterator[ResourcePage[E]]:
        """As for every resource; *attributes* and *locales* as for `list`."""
        return super().pages(where, params=trimmed(params, attributes, locales), page_size=page_size, start=start)

    def draft(self, code: str) -> E:
        """Return this user's draft of a product it may not change at once; Enterprise Edition.

        Raises `NotFound` where there is none.
        """
        return self._session.run(self._drafts.draft(code), self._options)

    def propose(self, code: str) -> None:
        """Send this user's draft for approval; Enterprise Edition. Raises `PimRefused` where there is none to send."""
        return self._session.run(self._drafts.propose(code), self._options)


class Products(ProductResource[Product, ProductPatch]):
    """Products by UUID.

    Source: Akeneo's documentation of the product resource.

    >>> from akeneo_erp_bridge.akeneo.filters import Product as Having
    >>> from akeneo_erp_bridge.codes import FamilyCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> products = PimSimulator(sample=True).client().products
    >>> made = products.create(ProductPatch(family=FamilyCode("hand_tools")))  # the PIM chooses its UUID
    >>> [product.uuid == made.key for product in products.search(Having.family.in_("hand_tools"))]
    [True]
    """

    def search(
        self,
        where: Where,
        *,
        params: Mapping[str, Parameter] | None = None,
        page_size: int | None = None,
        start: str | None = None,
        attributes: Iterable[str] | None = None,
        locales: Iterable[str] | None = None,
    ) -> Listing[Product]:
        """As `list`, with filters and parameters in the body of the request: for those too long for an address. Cloud PIMs.

        Goes on behind *start*, the `next` of a page of ``search(...).pages()``, with the same filters: no address holds them.
        """
        asked = SearchBody(where, trimmed(params, attributes, locales), page_size)
        return Listing(lambda: self._searched(asked, start), self._kind.plural)

    def _searched(self, asked: SearchBody, start: str | None) -> Iterator[ResourcePage[Product]]:
        after = self._drafts.cursor(start)
        while True:
            page = self._session.run(self._drafts.search(asked, after), self._options)
            yield page
            after = cursor_of(page.next)
            if after is None:
                return


@frozen
class SearchBody:
    """What a search asks for."""

    where: Where
    params: Mapping[str, Parameter]
    page_size: int | None


class DraftVerbs(Generic[E]):
    """What products can do beside being read and written, as flows."""

    def __init__(self, kind: Kind[E], calls: Calls) -> None:
        self._kind = kind
        self._calls = calls

    def draft(self, code: str) -> Flow[E]:
        target = f"{self._kind.at(code)}/draft"
        return self._calls.ask("GET", target, f"the draft of {self._kind.named(code)}", self._kind.decode)

    def propose(self, code: str) -> Flow[None]:
        target = f"{self._kind.at(code)}/proposal"
        what = f"the draft of {self._kind.named(code)}"
        return self._calls.tell("POST", target, what, body={}, repeatable=False)

    def cursor(self, start: str | None) -> str | None:
        """What to go on after; raises `ConfigurationError` for a cursor of another list."""
        if start is None:
            return None
        list_call(self._kind, start)
        after = cursor_of(start)
        if after is None:
            raise ConfigurationError(f"{start!r} is not a page of a search; give a `next` from its own pages")
        return after

    def search(self, asked: SearchBody, after: str | None) -> Flow[ResourcePage[E]]:
        size = size_of(self._kind, asked.page_size, self._calls.options.page_size)
        params: dict[str, Parameter] = {"pagination_type": "search_after", **({} if size is None else {"limit": size})}
        if after is not None:
            params["search_after"] = after
        target = f"{self._kind.path}/search"
        body: JsonObject = {**asked.params, "search": dumps({**asked.where}).decode()}
        answer = yield from self._calls.send("POST", target, self._kind.plural, body=body, params=params)
        return read_page(self._kind, Call(method="POST", target=target, what=self._kind.plural), answer)


def cursor_of(following: str | None) -> str | None:
    """What to go on after, from the link to the next page."""
    found = parse_qs(urlsplit(following or "").query).get("search_after")
    return found[0] if found else None


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

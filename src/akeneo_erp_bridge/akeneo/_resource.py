"""The verbs of a resource, carried out by threads that wait: one line each over decisions made elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final, Generic, TypeVar, overload

from akeneo_erp_bridge.akeneo._ahead import pages_ahead
from akeneo_erp_bridge.akeneo._kinds import Kind, WriteKind
from akeneo_erp_bridge.akeneo._lines import UpsertResult
from akeneo_erp_bridge.akeneo._options import Options
from akeneo_erp_bridge.akeneo._pages import Listing, Parameter, ResourcePage, next_target
from akeneo_erp_bridge.akeneo._session import Session
from akeneo_erp_bridge.akeneo._upload import upload
from akeneo_erp_bridge.akeneo._verbs import ReadVerbs, Where, WriteVerbs
from akeneo_erp_bridge.catalog import Entity, Patch

__all__ = [
    "BatchResource",
    "DeletableResource",
    "EditableResource",
    "ErasableResource",
    "ListResource",
    "ReadResource",
    "Resource",
]

T = TypeVar("T")
E = TypeVar("E", bound=Entity)
P = TypeVar("P", bound=Patch)

_NO_PARAMS: Final[Mapping[str, Parameter]] = {}


class ListResource(Generic[T]):
    """Things of the PIM that can be listed. All methods raise the errors of `akeneo_erp_bridge.errors.PimError`.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> pim = PimSimulator(sample=True).client()
    >>> pim.families.list().first().code, pim.families.count()
    ('clothing', 4)
    """

    def __init__(self, kind: Kind[T], session: Session, options: Options) -> None:
        self._kind = kind
        self._session = session
        self._options = options
        self._verbs: ReadVerbs[T] = ReadVerbs(kind, session.keeper, options)

    def list(
        self, where: Where | None = None, *, params: Mapping[str, Parameter] = _NO_PARAMS, page_size: int | None = None
    ) -> Listing[T]:
        """Return an iterable over all things, or those that match *where*; fetches while you iterate.

        *where* is Akeneo's `search`: `{"family": [{"operator": "IN", "value": ["drills"]}]}`. *params* are further
        query parameters, such as `{"with_completenesses": True}`. *page_size* is how many things a page asks for, 1 to 100
        (1000 in some lists of `catalogs`); all pages are read, whatever their size. Raises `ConfigurationError` for another
        size, or for any where the PIM chooses it, as for records and assets.
        Source: Akeneo's documentation of filters and pagination.
        """
        return Listing(lambda: self.pages(where, params=params, page_size=page_size), self._kind.plural)

    def pages(
        self,
        where: Where | None = None,
        *,
        params: Mapping[str, Parameter] = _NO_PARAMS,
        page_size: int | None = None,
        start: str | None = None,
    ) -> Iterator[ResourcePage[T]]:
        """Yield the pages of a list, one request each; *start* is the `next` of an earlier page, to go on there.

        A `next` holds the filters, parameters and page size of its list: raises `ConfigurationError` for others beside it.
        """
        begin = self._verbs.first(where, params, page_size, start)
        if self._options.read_ahead:
            yield from pages_ahead(self._page, partial(next_target, self._kind), begin)
            return
        target: str | None = begin
        while target:
            page = self._page(target)
            target = page.next
            yield page
            del page  # before the next one is read, as in `Listing`

    def _page(self, target: str, arrived: Callable[[bytes], None] | None = None) -> ResourcePage[T]:
        return self._session.run(self._verbs.page(target, arrived), self._options)

    def count(self, where: Where | None = None) -> int:
        """Count all things, or those that match *where*; slow in a big catalogue.

        Raises `UnexpectedAnswer` for lists that do not count.
        """
        return self._session.run(self._verbs.count(where), self._options)

    def __repr__(self) -> str:
        return f"<{self._kind.plural} of {self._session.url}>"


class ReadResource(ListResource[T], Generic[T]):
    """Things of the PIM that can be listed and read one by one.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> pim = PimSimulator(sample=True).client()
    >>> pim.locales.get("de_DE").enabled
    True
    >>> pim.locales.get("de_XX")
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.NotFound: GET locale 'de_XX': the PIM says 404: Locale "de_XX" does not exist. (unknown, or hidden from this user)
    """

    def get(self, code: str, *, params: Mapping[str, Parameter] = _NO_PARAMS) -> T:
        """Return one thing by its code (`uuid` or `identifier` for products).

        Raises `NotFound` for one that is unknown, or hidden from this user.
        """
        return self._session.run(self._verbs.get(code, params), self._options)


class EditableResource(ReadResource[E], Generic[E, P]):
    """Things that can be read, and created or changed one at a time.

    >>> from akeneo_erp_bridge.catalog import ReferenceEntityPatch
    >>> from akeneo_erp_bridge.codes import ReferenceEntityCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> entities = PimSimulator().client().reference_entities
    >>> entities.upsert(ReferenceEntityPatch(code=ReferenceEntityCode("designers"))).created
    True
    """

    _kind: WriteKind[E, P]

    def __init__(self, kind: WriteKind[E, P], session: Session, options: Options) -> None:
        super().__init__(kind, session, options)
        self._kind = kind
        self._writes = WriteVerbs(kind, session.keeper, options)

    def upsert(self, thing: P | E) -> UpsertResult[P | E]:
        """Create or change one thing; what is not named stays as it is.

        Raises `PimRefused` with its violations, `ConfigurationError` for what cannot be written.
        """
        return self._session.run(self._writes.upsert(thing), self._options)


class BatchResource(EditableResource[E, P], Generic[E, P]):
    """Things that can be read, and created or changed many at a time.

    >>> from akeneo_erp_bridge.catalog import RecordPatch
    >>> from akeneo_erp_bridge.codes import RecordCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> brands = PimSimulator(sample=True).client().reference_entities.records("brands")
    >>> [result.status for result in brands.upsert_many([RecordPatch(code=RecordCode(code)) for code in ("forte", "alpin")])]
    [204, 201]
    """

    @overload
    def upsert_many(self, things: Iterable[P]) -> Iterator[UpsertResult[P]]: ...
    @overload
    def upsert_many(self, things: Iterable[E]) -> Iterator[UpsertResult[E]]: ...
    def upsert_many(self, things: Iterable[P | E]) -> Iterator[UpsertResult[P | E]]:
        """Create or change many things, a hundred a request and several requests at a time.

        Yields one result for each thing, in order, while it reads *things* lazily; iterate to the end, or nothing is
        written. A refused thing is a result whose `ok` is false, not an error. Raises `SignInRefused`,
        `UnexpectedAnswer` or `ConfigurationError` when no write can succeed, after a result for each thing it read.
        Source: Akeneo's documentation of the update of several resources.
        """
        return upload(self._session, self._options, self._kind, things, self._kind.split_one)


class ErasableResource(BatchResource[E, P], Generic[E, P]):
    """Things that are made by `upsert` alone, and can be deleted.

    >>> from akeneo_erp_bridge.catalog import AssetPatch
    >>> from akeneo_erp_bridge.codes import AssetCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> packshots = PimSimulator(sample=True).client().asset_families.assets("packshots")
    >>> packshots.upsert(AssetPatch(code=AssetCode("hm_500_front"))).created
    True
    >>> packshots.delete("hm_500_front"), packshots.delete("hm_500_front")
    (True, False)
    """

    def delete(self, code: str) -> bool:
        """Delete one thing; return whether it was there."""
        return self._session.run(self._writes.delete(code), self._options)


class Resource(BatchResource[E, P], Generic[E, P]):
    """Things that can be read, created and changed.

    >>> from akeneo_erp_bridge.catalog import CategoryPatch
    >>> from akeneo_erp_bridge.codes import CategoryCode
    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> categories = PimSimulator(sample=True).client().categories
    >>> ladders = CategoryPatch(code=CategoryCode("ladders"), parent=CategoryCode("master"))
    >>> categories.create(ladders).created
    True
    >>> categories.create(ladders)
    Traceback (most recent call last):
        ...
    akeneo_erp_bridge.errors.PimRefused: POST category 'ladders': the PIM says 422: Validation failed. code: This value is already used.
    """

    def create(self, thing: P | E) -> UpsertResult[P | E]:
        """Create one thing; never repeated blindly.

        After `PimUnreachable` or `PimBroken` (a time-out, a 5xx) it may be there all the same: look before you create it
        again. A product without `uuid` gets one from the PIM; the result's `key` tells it.
        Raises `PimRefused` with its violations, also for a key that is taken.
        """
        return self._session.run(self._writes.create(thing), self._options)


class DeletableResource(Resource[E, P], Generic[E, P]):
    """Things that can be deleted too.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> families = PimSimulator(sample=True).client().families
    >>> families.delete("consumables"), families.delete("consumables")
    (True, False)
    """

    def delete(self, code: str) -> bool:
        """Delete one thing; return whether it was there.

        `False`: unknown, hidden from this user, or deleted by a first try whose answer was lost. It is gone either way.
        Deleting a product model deletes its sub models and variants. Raises `Forbidden` where a right is missing.
        """
        return self._session.run(self._writes.delete(code), self._options)

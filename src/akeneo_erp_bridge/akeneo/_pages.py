"""Lists: an iterable that also knows its pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Generic, TypeAlias, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from attrs import frozen

from akeneo_erp_bridge.akeneo._bounds import check_within
from akeneo_erp_bridge.akeneo._errors import read_body, unexpected
from akeneo_erp_bridge.akeneo._flow import Answer, Call
from akeneo_erp_bridge.akeneo._json import dumps, loads
from akeneo_erp_bridge.akeneo._kinds import Kind
from akeneo_erp_bridge.catalog import JsonObject, JsonValue
from akeneo_erp_bridge.errors import ConfigurationError, PimRefused, UnexpectedAnswer

__all__ = [
    "Listing",
    "Parameter",
    "ResourcePage",
    "check_alone",
    "first_target",
    "list_call",
    "next_target",
    "read_page",
    "size_of",
]

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
Parameter: TypeAlias = str | int | bool
"""What a query parameter may be; `True` is sent as the text `true`."""
_API: Final = "/api/rest/"
# What the PIM puts on a page when it is not told.
_USUAL_LIMIT: Final = 10
# The links come first, and take a few hundred bytes.
_HEAD: Final = 8192


@frozen(kw_only=True)
class ResourcePage(Generic[T_co]):
    """Some things of a list. Store `next` and give it to `pages(start=...)` to go on later; `None` is the end.

    `count` is the number of things in all, where it was asked for.
    Source: Akeneo's documentation of pagination.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> pim = PimSimulator(sample=True).client()
    >>> first = next(pim.families.pages(page_size=2))
    >>> [family.code for family in first], len(first)
    (['clothing', 'consumables'], 2)
    >>> [family.code for page in pim.families.pages(start=first.next) for family in page]
    ['hand_tools', 'power_tools']
    """

    items: Sequence[T_co]
    next: str | None = None
    count: int | None = None

    def __iter__(self) -> Iterator[T_co]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Listing(Generic[T_co]):
    """The things of a list, fetched page by page while you iterate; each iteration asks the PIM anew.

    >>> from akeneo_erp_bridge.testing import PimSimulator
    >>> families = PimSimulator(sample=True).client().families.list()
    >>> families
    <listing of families>
    >>> families.first().code, sum(1 for _ in families)
    ('clothing', 4)
    """

    def __init__(self, fetch: Callable[[], Iterator[ResourcePage[T_co]]], name: str) -> None:
        self._fetch = fetch
        self._name = name

    def __iter__(self) -> Iterator[T_co]:
        for page in self._fetch():
            yield from page.items
            del page  # before the next one is read: two at once take twice the memory, and the processor's caches

    def pages(self) -> Iterator[ResourcePage[T_co]]:
        """Yield the pages, each with the cursor to resume after it."""
        return self._fetch()

    def first(self) -> T_co | None:
        """Return the first thing, or `None` when the list is empty."""
        return next(iter(self), None)

    def __repr__(self) -> str:
        return f"<listing of {self._name}>"


def first_target(
    kind: Kind[T],
    *,
    where: Mapping[str, JsonValue] | None,
    params: Mapping[str, Parameter],
    page_size: int | None,
) -> str:
    """Return path and query of a list's first page."""
    query: dict[str, str] = {} if page_size is None else {"limit": str(page_size)}
    if kind.paging == "search_after":
        query["pagination_type"] = "search_after"
    if where:
        query["search"] = dumps({**where}).decode()
    for name, value in params.items():
        query[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return f"{kind.path}?{urlencode(query)}" if query else kind.path


def size_of(kind: Kind[T], asked: int | None, usual: int) -> int | None:
    """How many things a page asks for; `None` where the PIM chooses. Raises `ConfigurationError` for what it does not take."""
    if kind.largest_page is None:
        if asked is not None:
            raise ConfigurationError(f"the PIM chooses the size of a page of {kind.plural}; leave page_size out")
        return None
    if asked is not None:
        check_within("page_size", asked, 1, kind.largest_page)
    return usual if asked is None else asked


def check_alone(
    start: str, where: Mapping[str, JsonValue] | None, params: Mapping[str, Parameter], page_size: int | None
) -> None:
    """Raise `ConfigurationError` for what is asked for beside a cursor, which would not count."""
    beside = {"where": bool(where), "params (or attributes, locales)": bool(params), "page_size": page_size is not None}
    given = [name for name, is_given in beside.items() if is_given]
    if given:
        raise ConfigurationError(
            f"start={start[:80]!r} goes on with a list as it was asked for; leave out {' and '.join(given)}"
        )


def list_call(kind: Kind[T], target: str, arrived: Callable[[bytes], None] | None = None) -> Call:
    """Return the call for one page; raises `ConfigurationError` for a cursor of another list."""
    if target.partition("?")[0] != kind.path:
        raise ConfigurationError(f"{target!r} is not a page of {kind.plural}; give a `next` from their own pages")
    return Call(method="GET", target=target, what=kind.plural, arrived=arrived)


def read_page(kind: Kind[T], call: Call, answer: Answer) -> ResourcePage[T]:
    """Read one page.

    Raises `UnexpectedAnswer` for an answer of another shape, or a link that leads round in a circle.
    """
    body = read_body(call, answer)
    found = body if kind.paging == "whole" and isinstance(body, list) else _items(body, call, answer)
    decode = kind.decode
    try:
        items = [decode(item) for item in found]
    except ValueError as error:
        raise UnexpectedAnswer(f"{call}: the PIM sent something this package cannot read: {error}") from error
    if not isinstance(body, Mapping):
        return ResourcePage(items=items)
    if "_links" not in body and kind.paging in ("page", "search_after") and len(items) >= _limit(call):
        raise UnexpectedAnswer(f"{call}: a full page without `_links` does not tell whether it is the last")
    count = body.get("items_count")
    return ResourcePage(items=items, next=_next(kind, call, body), count=count if isinstance(count, int) else None)


_NEXT: Final = re.compile(rb'"next"\s*:\s*\{\s*"href"\s*:\s*("(?:[^"\\]|\\.)*")')


def next_target(kind: Kind[T], content: bytes) -> str | None:
    """Guess the target of the next page from the beginning of this one, which is not read yet; `None` for no guess."""
    head, found, _ = content[:_HEAD].partition(b'"_embedded"')
    link = _NEXT.search(head) if found else None
    if link is None:
        return None
    try:
        href = loads(link.group(1))
    except ValueError:
        return None
    return f"{kind.path}?{urlsplit(href).query}" if isinstance(href, str) else None


def _items(body: JsonValue, call: Call, answer: Answer) -> Sequence[JsonValue]:
    embedded = body.get("_embedded") if isinstance(body, Mapping) else None
    if isinstance(embedded, Mapping):
        # Akeneo documents `items`; its asset pages were seen with `_items`.
        items = embedded.get("items", embedded.get("_items"))
        if isinstance(items, Sequence) and not isinstance(items, str):
            return items
    said = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(said, str):
        # A catalog that is switched off answers 200.
        raise PimRefused(f"{call}: the PIM says: {said}", status=answer.status)
    raise unexpected(str(call), answer)


def _limit(call: Call) -> int:
    asked = parse_qs(urlsplit(call.target).query).get("limit", [""])[0]
    return int(asked) if asked.isdigit() else _USUAL_LIMIT


def _next(kind: Kind[T], call: Call, body: JsonObject) -> str | None:
    links = body.get("_links")
    link = links.get("next") if isinstance(links, Mapping) else None
    href = link.get("href") if isinstance(link, Mapping) else None
    if not isinstance(href, str):
        return None
    # The host of a link is the address the PIM believes to have; only ours gets the token.
    query = urlsplit(href).query
    if _API not in href or not query:
        raise UnexpectedAnswer(f"{call}: the link to the next page leads elsewhere: {href[:200]!r}")
    target = f"{kind.path}?{query}"
    if target == call.target:
        raise UnexpectedAnswer(f"{call}: the link to the next page leads back to the same page")
    return target

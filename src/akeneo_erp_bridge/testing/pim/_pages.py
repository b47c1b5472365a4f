"""Lists: page and cursor, the envelope, and its absolute links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar
from urllib.parse import quote, urlencode

from attrs import frozen

from akeneo_erp_bridge.testing.pim._http import Answer, Request
from akeneo_erp_bridge.testing.pim._json import JsonObject, JsonValue
from akeneo_erp_bridge.testing.pim._refusal import Refusal

T = TypeVar("T")


@frozen
class Size:
    """How many things a page has, unless the caller wants another number."""

    usual: int = 10
    most: int = 100


USUAL = Size()
DEPTH = (
    'You have reached the maximum number of pages you can retrieve with the "page" pagination type.'
    " Please use the search after pagination type instead"
)


def page(
    request: Request,
    found: Iterable[T],
    show: Callable[[T], JsonObject],
    *,
    depth: int | None = None,
    path: str | None = None,
) -> Answer:
    """One page by number. With *depth* the list ends in a 422 behind that many items."""
    limit = _limit(request)
    number = _number(request, "page", "page")
    counts = _with_count(request)
    if depth is not None and number * limit > depth:
        raise Refusal(422, DEPTH, documented=True)
    start = (number - 1) * limit
    iterator = iter(found)
    skipped = sum(1 for _ in islice(iterator, start))
    items = list(islice(iterator, limit))
    link = _Links(request, path, limit)
    links: JsonObject = {"self": link.page(number), "first": link.page(1)}
    if number > 1:
        links["previous"] = link.page(number - 1)
    if len(items) == limit:
        links["next"] = link.page(number + 1)
    answer: JsonObject = {"_links": links, "current_page": number}
    if counts:
        answer["items_count"] = skipped + len(items) + sum(1 for _ in iterator)
    return _envelope(answer, items, show)


def cursor(
    request: Request,
    found_after: Callable[[str | None], Iterator[T]],
    key: Callable[[T], str],
    show: Callable[[T], JsonValue],
    *,
    path: str | None = None,
    size: Size = USUAL,
    count: Callable[[], int] | None = None,
) -> Answer:
    """One page behind a key; *found_after* gives everything behind it, *count* how much there is in all."""
    limit = _limit(request, size)
    after = request.argument("search_after") or None
    items = list(islice(found_after(after), limit))
    link = _Links(request, path, limit)
    links: JsonObject = {"self": link.cursor(after), "first": link.cursor(None)}
    if len(items) == limit:
        links["next"] = link.cursor(key(items[-1]))
    answer: JsonObject = {"_links": links}
    if count is not None and _with_count(request):
        answer["items_count"] = count()
    return _envelope(answer, items, show)


def pagination_type(request: Request, allowed: Sequence[str]) -> str:
    """Which of the two the caller wants."""
    wanted = request.argument("pagination_type")
    if wanted is None:
        return "page"
    if wanted not in ("page", "search_after"):
        raise Refusal(422, "Pagination type does not exist.")
    if wanted not in allowed:
        raise Refusal(422, "Pagination type is not supported.")
    return wanted


def _limit(request: Request, size: Size = USUAL) -> int:
    limit = _number(request, "limit", "limit", default=size.usual)
    if limit > size.most:
        raise Refusal(422, f"You cannot request more than {size.most} items.")
    return limit


def _number(request: Request, name: str, word: str, default: int = 1) -> int:
    given = request.argument(name)
    if given is None:
        return default
    if not given.isascii() or not given.isdigit() or int(given) < 1:
        raise Refusal(422, f'"{given}" is not a valid {word} number.')
    return int(given)


def _with_count(request: Request) -> bool:
    given = request.argument("with_count")
    if given not in (None, "true", "false"):
        raise Refusal(
            422, f'Parameter "with_count" has to be a boolean. Only "true" or "false" allowed, "{given}" given.'
        )
    return given == "true"


def _envelope(answer: JsonObject, items: Sequence[T], show: Callable[[T], JsonValue]) -> Answer:
    shown: list[JsonValue] = [show(item) for item in items]
    answer["_embedded"] = {"items": shown}
    return Answer.json(answer)


class _Links:
    """Repeats every parameter the caller sent, and replaces the ones that move."""

    def __init__(self, request: Request, path: str | None, limit: int) -> None:
        self._url = request.base + (path or quote(request.path, safe="/%"))
        moving = ("page", "search_after", "limit")
        self._kept = [(key, value) for key, value in request.query if key not in moving]
        self._limit = limit

    def page(self, number: int) -> JsonObject:
        return self._link([("page", str(number)), ("limit", str(self._limit)), *self._kept])

    def cursor(self, after: str | None) -> JsonObject:
        moved = [("limit", str(self._limit)), *self._kept]
        return self._link(moved if after is None else [("search_after", after), *moved])

    def _link(self, query: Sequence[tuple[str, str]]) -> JsonObject:
        return {"href": f"{self._url}?{urlencode(query, quote_via=quote)}"}
